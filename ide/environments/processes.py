"""Runs one program to its end: with a time limit, cancellable, never in the folder that it was called from."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import IO

from ide.core.record import dataclass
from ide.environments.platform import NO_WINDOW

_POLL_S = 0.05
_ERRORS_LIMIT_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a program. `stopped` is "" or "cancelled" or "late"; then the program was ended by us."""

    return_code: int
    output: str
    errors: str
    stopped: str = ""


def run(
    argv: Sequence[str],
    folder: Path,
    time_limit_s: float,
    is_cancelled: Callable[[], bool],
    *,
    variables: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    input_file: Path | None = None,
) -> Ended:
    """Blocks: for a pool thread. Raises OSError where the program cannot be started.

    `variables` are all that the program gets; without them our own, cleaned. `on_line` gets each line of its error
    output, in the caller's thread; `input_file` is what it reads. A program that is stopped
    goes with those that it started.
    """
    # Error output goes to a file: reading that needs no thread, and no child that lives on is waited for.
    with (
        tempfile.TemporaryDirectory(prefix="fp-run-", ignore_cleanup_errors=True) as place,
        Path(place, "errors").open("wb") as said,
        Path(place, "errors").open("rb") as heard,
        nullcontext() if input_file is None else input_file.open("rb") as given,
    ):
        process = subprocess.Popen(
            list(argv),
            stdin=given if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd=folder,
            env=clean_variables(os.environ) if variables is None else dict(variables),
            creationflags=NO_WINDOW,
            start_new_session=True,
        )
        lines = _Lines(heard, on_line)
        deadline_s = time.monotonic() + time_limit_s
        stopped = ""
        with process:
            while True:
                try:
                    output, _ = process.communicate(timeout=_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    lines.tell()
                    stopped = "cancelled" if is_cancelled() else "late" if time.monotonic() > deadline_s else ""
                    if stopped:
                        _kill(process)
                        output = _rest(process)
                        break
        lines.tell()
        return Ended(process.returncode, output.decode("utf-8", "replace"), lines.text, stopped)


class _Lines:
    """What a program wrote into `file` so far, told line by line."""

    def __init__(self, file: IO[bytes], on_line: Callable[[str], None] | None) -> None:
        self._file = file
        self._on_line = on_line
        self._all = b""
        self._told = 0

    @property
    def text(self) -> str:
        """All of it."""
        return self._all.decode("utf-8", "replace")

    def tell(self) -> None:
        """Read what is new."""
        self._all += self._file.read(max(0, _ERRORS_LIMIT_BYTES - len(self._all)))
        end = self._all.rfind(b"\n") + 1
        if self._on_line is not None and end > self._told:
            for line in self._all[self._told : end].decode("utf-8", "replace").splitlines():
                self._on_line(line)
        self._told = max(self._told, end)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and those that it started."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _rest(process: subprocess.Popen[bytes]) -> bytes:
    """What a killed program left; a child of it may hold its pipe open, which is not waited for."""
    try:
        return process.communicate(timeout=1)[0]
    except subprocess.TimeoutExpired:
        return b""


def clean_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for asking a Python: nothing of this program's own Python, nothing from the current folder."""
    dropped = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV")
    kept = {name: value for name, value in variables.items() if name not in dropped}
    return {**kept, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
