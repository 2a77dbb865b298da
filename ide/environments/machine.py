"""The machine that environments are looked for on, as a value: tests describe another one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ide.core.record import dataclass

Registry = Callable[[str], Mapping[str, Mapping[str, str]]]
"""Sub-keys of a key below HKEY_CURRENT_USER and HKEY_LOCAL_MACHINE with their values; {} off Windows."""


@dataclass(frozen=True, slots=True)
class Machine:
    """`system` is as in `sys.platform`. `root` stands before absolute places such as /opt. `program` runs Fourpane."""

    system: str
    variables: Mapping[str, str]
    home: Path
    root: Path
    program: Path
    program_prefix: Path
    program_version: str
    registry: Registry
    processor: str = ""
    """As the system names it ("x86_64", "ARM64"); "" where it does not matter."""
    made_here: Path | None = None
    """Folder of the environments that this program makes."""

    @classmethod
    def here(cls) -> Machine:
        """This machine."""
        from ide.environments.registry import read_registry

        version = ".".join(map(str, sys.version_info[:3]))
        root = Path(Path.home().anchor or "/")
        return cls(
            sys.platform,
            dict(os.environ),
            Path.home(),
            root,
            Path(sys.executable),
            Path(sys.prefix),
            version,
            read_registry,
            os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", ""),
        )

    @property
    def is_windows(self) -> bool:
        """Whether programs end in `.exe` and paths are separated by `;`."""
        return self.system == "win32"

    def folder(self, variable: str) -> Path | None:
        """The folder that an environment variable names."""
        text = self.variables.get(variable, "")
        return Path(text) if text else None

    def search_path(self) -> tuple[Path, ...]:
        """Folders of PATH, in order; relative ones are left out, since they mean another folder each time."""
        text = self.variables.get("PATH", "")
        folders = (Path(part.strip('"')) for part in text.split(";" if self.is_windows else ":") if part)
        return tuple(dict.fromkeys(folder for folder in folders if folder.is_absolute()))

    def at(self, place: str) -> Path:
        """An absolute place below the root."""
        return self.root / place.lstrip("/")
