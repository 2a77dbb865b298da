"""Runs the real program in a process of its own, driven by a few lines of script, so that a test can kill it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample"
USER_PYTHON = ROOT / ".venv-sample" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

# By the command line, not by a variable: the user's kernels must not inherit it.
STRICT = ("-W", "error")

HEAD = """
import json, os, sys, time
from pathlib import Path
from ide.api.testing import open_workbench

def tell(**facts):
    print("FACT " + json.dumps(facts), flush=True)

"""


@dataclass(frozen=True)
class Outcome:
    """How a script ended, and the facts that it told, later ones over earlier ones of the same name."""

    exit_code: int
    facts: dict[str, Any]
    errors: str


def program_environment(**more: str) -> dict[str, str]:
    """Variables for a program of its own; the private home of the test stays in force."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def run_script(script: str, folder: Path, timeout_s: float = 100, **variables: str) -> Outcome:
    """Run a script in `folder` with `profile` and `project` beside it; `tell(name=value)` in it makes a fact."""
    places = f"profile = Path({str(folder / 'profile')!r})\nproject = Path({str(folder / 'project')!r})\n"
    places += f"python = {str(USER_PYTHON)!r}\n"
    done = subprocess.run(
        [sys.executable, *STRICT, "-c", HEAD + places + textwrap.dedent(script)],
        cwd=folder,
        env=program_environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )
    facts: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        if line.startswith("FACT "):
            facts |= json.loads(line.removeprefix("FACT "))
    return Outcome(done.returncode, facts, done.stderr)
