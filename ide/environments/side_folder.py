"""Folders with ipykernel for Pythons that lack it: one per (implementation, version, form of compiled modules).

Filled by uv in a pool thread, appended to `sys.path` by `launcher.py`; the user's environment stays as it is. A folder
is filled under another name and renamed when whole, so that a torn download is never used.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ide.core.errors import KernelError, PackageError
from ide.core.record import dataclass
from ide.environments.network import Network
from ide.environments.probe import Probe
from ide.environments.uv import Uv

KERNEL_PACKAGE = "ipykernel"
OLDEST_PYTHON = (3, 8)
TIME_LIMIT_S = 600.0
_NOT_FOR_PYPY = ("psutil", "cffi")
"""Would have to be built on the user's machine: for the one there is a stand-in, the other is a part of PyPy."""
_NEVER = 'python_version < "3"'
_FAILED = "The packages that run Python code could not be fetched."


@dataclass(frozen=True, slots=True)
class SideFolders:
    """The folders below `root`. Any thread."""

    root: Path

    def ready(self, probe: Probe) -> Path | None:
        """The folder for such a Python if it is filled."""
        folder = self.root / side_name(probe)
        return folder if (folder / KERNEL_PACKAGE / "__init__.py").is_file() else None

    def fill(
        self, program: Path, probe: Probe, is_cancelled: Callable[[], bool], network: Network | None = None
    ) -> Path:
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
            _install(program, partial, probe, is_cancelled, network or Network())
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Work that only asks whether it is cancelled."""

    asked: Callable[[], bool]

    @property
    def is_cancelled(self) -> bool:
        return self.asked()

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Nobody looks."""


def _install(program: Path, target: Path, probe: Probe, is_cancelled: Callable[[], bool], network: Network) -> None:
    """Raises KernelError, which says what to do instead."""
    arguments = ["pip", "install", "--target", str(target), "--python", str(program), KERNEL_PACKAGE]
    is_pypy = probe.implementation == "pypy"
    if is_pypy:
        left_out = target.with_name(f"{target.name}.txt")
        left_out.write_text("".join(f"{name} ; {_NEVER}\n" for name in _NOT_FOR_PYPY), "utf-8")
        arguments += ["--override", str(left_out)]
    try:
        Uv(target.parent, network).run(arguments, _Asked(is_cancelled), _FAILED, time_limit_s=TIME_LIMIT_S)
    except PackageError as error:
        advice = error.advice or "Choose an environment that has ipykernel."
        told = KernelError(
            error.happened,
            error.meaning,
            advice,
            action=error.action,
            action_title=error.action_title,
            action_arguments=error.action_arguments,
        )
        raise told from error
    finally:
        if is_pypy:
            left_out.unlink(missing_ok=True)
    if is_pypy:
        shutil.copyfile(Path(__file__).with_name("psutil_of_pypy.py"), target / "psutil.py")
