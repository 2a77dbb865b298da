"""The environment that clusters are reached from: dask and dask-gateway, beside the program's own, which has neither.

uv makes it at the first use, from the lock that travels with the program. It is named after that lock and its Python,
so that a new version of the program makes a new one and two windows share one. Blocks: for a pool thread.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ide._paths import resources_dir
from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.uv import Uv

_HAPPENED: Final = "What reaches clusters could not be set up."
_READY: Final = "fourpane.ready"


@dataclass(frozen=True, slots=True)
class SideEnvironment:
    """Where it is kept, and with what it is made. `folder` is private to the program. Any thread."""

    folder: Path
    uv: Uv

    @property
    def python(self) -> Path:
        """Its interpreter, whether or not it is there yet."""
        return _python_of(self._place())

    @property
    def is_ready(self) -> bool:
        """Whether nothing must be fetched. Looks at two files."""
        return (self._place() / _READY).is_file() and self.python.exists()

    def ensure(self, work: Work) -> Path:
        """Its interpreter; the environment is made where it is missing, told in steps.

        Raises CancelledError where the user ended it, PackageError in plain words where uv failed or the disk
        does not take it. What was half made is removed.
        """
        if self.is_ready:
            return self.python
        place = self._place()
        work.report("Setting up what reaches clusters, about 15 MB")
        part = place.with_name(f"{place.name}.{os.getpid()}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Moved into place when whole: we start none of its scripts, which name the folder they were made in.
            self.uv.run(["venv", "--clear", "--no-project", "--python", sys.executable, str(part)], work, _HAPPENED)
            arguments = ["pip", "sync", "--require-hashes", "--python", str(_python_of(part)), str(lock_file())]
            self.uv.run(arguments, work, _HAPPENED)
            (part / _READY).touch()
            if not self.is_ready:
                shutil.rmtree(place, ignore_errors=True)
                part.rename(place)
        except OSError as error:
            if not self.is_ready:  # else another window was quicker
                raise PackageError(_HAPPENED, f"The system says: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return self.python

    def _place(self) -> Path:
        version = ".".join(map(str, sys.version_info[:3]))
        digest = hashlib.sha256(lock_file().read_bytes() + sys.executable.encode("utf-8", "surrogateescape"))
        return self.folder / f"{version}-{digest.hexdigest()[:16]}"


def lock_file() -> Path:
    """The lock: names, versions and hashes, no address."""
    return resources_dir() / "cluster" / "requirements.txt"


def locked_versions() -> Mapping[str, str]:
    """Versions by name, as a target's are compared with ours."""
    found = {}
    for line in lock_file().read_text("utf-8").splitlines():
        name, equals, rest = line.partition("==")
        if equals and not line.startswith((" ", "#")):
            found[name] = rest.split()[0]
    return found


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
