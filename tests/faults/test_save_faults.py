"""Every k-th failing call during a save, and SIGKILL there: on disk is the old or the new version, whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.saving_child import KINDS, WAYS

ROOT = Path(__file__).parents[2]
FEWEST_CALLS = {"plain": 7, "link": 7, "new": 6, "hard link": 7, "shorter": 8}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_failing_call_leaves_one_whole_version(shim: Path, tmp_path: Path, kind: str, way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.saving_child", str(tmp_path), kind, way],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    if way.startswith(("ENOSPC", "EIO", "SIGKILL")):
        assert report["calls"] >= FEWEST_CALLS[kind]
    if way.startswith(("ENOSPC", "EIO")):
        assert report["failures"] >= 4
