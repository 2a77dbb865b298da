"""Runs the real program in a process of its own, driven by a few lines of script, so that a test can kill it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
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

def texts(wb):
    return [notice.text for notice in wb.program.notices.all]

def wait_for_notice(wb, part, timeout_s=20):
    found = lambda: [notice for notice in wb.program.notices.all if part in notice.text]
    wb.wait_until(found, timeout_s, f"A notice with {part!r} besides {texts(wb)}")
    return found()[-1]

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


def run_script(
    script: str,
    folder: Path,
    timeout_s: float = 100,
    *,
    prefix: Sequence[str] = (),
    working_folder: Path | None = None,
    **variables: str,
) -> Outcome:
    """Run a script in `folder` with `profile` and `project` beside it; `tell(name=value)` in it makes a fact.

    `prefix` goes in front of the command (strace). A `working_folder` is not looked into for modules, as it is not for
    the installed `fourpane` command.
    """
    done = subprocess.run(
        [*prefix, *command(script, folder, *(["-P"] if working_folder else []))],
        cwd=working_folder or folder,
        env=program_environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )
    return Outcome(done.returncode, facts_of(done.stdout), done.stderr)


def start_script(script: str, folder: Path, **variables: str) -> subprocess.Popen[str]:
    """As `run_script`, without waiting: for a test that does something to the program from outside."""
    return subprocess.Popen(
        command(script, folder),
        cwd=folder,
        env=program_environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(script: str, folder: Path, *options: str) -> list[str]:
    """The command line that runs a script."""
    places = f"profile = Path({str(folder / 'profile')!r})\nproject = Path({str(folder / 'project')!r})\n"
    places += f"python = {str(USER_PYTHON)!r}\n"
    return [sys.executable, *STRICT, *options, "-c", HEAD + places + textwrap.dedent(script)]


def facts_of(output: str) -> dict[str, Any]:
    """What `tell` told, later facts over earlier ones of the same name."""
    facts: dict[str, Any] = {}
    for line in output.splitlines():
        if line.startswith("FACT "):
            facts |= json.loads(line.removeprefix("FACT "))
    return facts
