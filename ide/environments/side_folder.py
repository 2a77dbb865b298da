"""Folders with ipykernel for Pythons that lack it: one per (implementation, version, form of compiled modules).

Filled by uv in a pool thread, appended to `sys.path` by `launcher.py`; the user's environment stays as it is. A folder
is filled under another name and renamed when whole, so that a torn download is never used.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ide.core.errors import KernelError
from ide.core.record import dataclass
from ide.environments.probe import Probe
from ide.environments.processes import run

KERNEL_PACKAGE = "ipykernel"
OLDEST_PYTHON = (3, 8)
TIME_LIMIT_S = 600.0
_MESSAGE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class SideFolders:
    """The folders below `root`. Any thread."""

    root: Path

    def ready(self, probe: Probe) -> Path | None:
        """The folder for such a Python if it is filled."""
        folder = self.root / side_name(probe)
        return folder if (folder / KERNEL_PACKAGE / "__init__.py").is_file() else None

    def fill(self, program: Path, probe: Probe, is_cancelled: Callable[[], bool]) -> Path:
        """Get the newest ipykernel that fits `program` and return the folder. Blocks: for a pool thread.

        Raises KernelError in words for the user: without network, without room, cancelled, with a Python too old.
        """
        if ready := self.ready(probe):
            return ready
        if not is_supported(probe.version):
            raise KernelError(too_old(probe.version))
        folder = self.root / side_name(probe)
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.rmtree(partial, ignore_errors=True)
            _install(program, partial, is_cancelled)
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # another window may have been quicker; then its folder serves
                partial.rename(folder)
        except OSError as error:
            raise KernelError(
                "The packages that run Python code could not be stored.",
                f"The system says: {error.strerror or error}.",
                f"Make room in {self.root} and try again.",
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        if (filled := self.ready(probe)) is None:
            raise KernelError("The packages that run Python code did not arrive whole.", "", "Try again.")
        return filled


def side_name(probe: Probe) -> str:
    """Name of the folder for such a Python."""
    version = ".".join(probe.version.split(".")[:2])
    return re.sub(r"[^\w.-]", "_", f"{probe.implementation}-{version}-{probe.tag}")


def is_supported(version: str) -> bool:
    """Whether a kernel can run in a Python of that version."""
    parts = version.split(".")
    return (
        len(parts) < 2 or not all(part.isdigit() for part in parts[:2]) or tuple(map(int, parts[:2])) >= OLDEST_PYTHON
    )


def too_old(version: str) -> str:
    """Why such a Python cannot be used."""
    return f"Python {version} is too old: the oldest that works is {'.'.join(map(str, OLDEST_PYTHON))}."


def uv_command() -> list[str]:
    """How uv is started: the program that came with Fourpane's own environment, else as a module, else from PATH."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    beside = Path(sys.executable).with_name(name)
    if beside.is_file():
        return [str(beside)]
    found = shutil.which("uv")
    return [found] if found else [sys.executable, "-P", "-m", "uv"]


def _install(program: Path, target: Path, is_cancelled: Callable[[], bool]) -> None:
    argv = [*uv_command(), "pip", "install", "--no-progress", "--target", str(target), "--python", str(program)]
    ended = run([*argv, KERNEL_PACKAGE], target.parent, TIME_LIMIT_S, is_cancelled)
    if ended.stopped:
        why = "You cancelled it." if ended.stopped == "cancelled" else f"It took longer than {TIME_LIMIT_S:g} s."
        raise KernelError("The packages that run Python code were not fetched.", why)
    if ended.return_code:
        raise _explained(ended.errors)


def _explained(message: str) -> KernelError:
    """uv's failure in plain words; its own text is chained for the log."""
    text = message.lower()
    marks = (
        "dns",
        "connect",
        "network",
        "timed out",
        "unreachable",
        "certificate",
        "failed to fetch",
        "proxy",
        "offline",
    )
    cause = RuntimeError(message.strip())
    if any(mark in text for mark in marks):
        error = KernelError(
            "The packages that run Python code could not be fetched.",
            "There seems to be no connection to the package index.",
            "Connect to the network and try again, or choose an environment that has ipykernel.",
        )
    elif "no solution" in text or "requires-python" in text:
        error = KernelError(
            "No ipykernel fits this Python.", "It may be too old or of an unusual kind.", "Choose another environment."
        )
    else:
        lines = [line for line in message.strip().splitlines() if line.strip()]
        said = " ".join(line.strip() for line in lines[-3:])[:_MESSAGE_LIMIT]
        error = KernelError("The packages that run Python code could not be installed.", f"uv says: {said}")
    error.__cause__ = cause
    return error
