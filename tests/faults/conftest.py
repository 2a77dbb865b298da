"""The shim is for Linux: elsewhere there is no LD_PRELOAD, and these tests are not collected."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built shim. Needs a C compiler (Debian: gcc and libc6-dev)."""
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    assert compiler, "the fault tests need a C compiler: install gcc and libc6-dev"
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library
