"""Runs one small program to its end: with a time limit, cancellable, never in the folder that it was called from."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ide.core.record import dataclass
from ide.environments.platform import NO_WINDOW

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a program. `stopped` is "" or "cancelled" or "late"; then the program was ended by us."""

    return_code: int
    output: str
    errors: str
    stopped: str = ""


def run(argv: Sequence[str], folder: Path, time_limit_s: float, is_cancelled: Callable[[], bool]) -> Ended:
    """Blocks: for a pool thread. Raises OSError where the program cannot be started."""
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean_variables(os.environ),
        creationflags=NO_WINDOW,
    )
    deadline_s = time.monotonic() + time_limit_s
    stopped = ""
    with process:
        while True:
            try:
                output, errors = process.communicate(timeout=_POLL_S)
                break
            except subprocess.TimeoutExpired:
                stopped = "cancelled" if is_cancelled() else "late" if time.monotonic() > deadline_s else ""
                if stopped:
                    process.kill()
                    output, errors = _rest(process)
                    break
    return Ended(process.returncode, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace"), stopped)


def _rest(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What a killed program left; a child of it may hold its pipes open, which is not waited for."""
    try:
        return process.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        return b"", b""


def clean_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for asking a Python: nothing of this program's own Python, nothing from the current folder."""
    dropped = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV")
    kept = {name: value for name, value in variables.items() if name not in dropped}
    return {**kept, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
