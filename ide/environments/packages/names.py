"""Names of the packages of a source, kept on disk, and the search among them. Blocks: for pool threads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ide.core.packages import package_key
from ide.core.record import dataclass
from ide.settings.toml_file import replace_file

_MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class NameCache:
    """One file for each source, in `folder`."""

    folder: Path

    def read(self, origin: str) -> tuple[str, ...] | None:
        """The names of a source; None where they were never fetched."""
        try:
            return tuple(self._file(origin).read_text("utf-8").splitlines())
        except OSError:
            return None

    def age_days(self, origin: str) -> float | None:
        """How old they are."""
        try:
            return max(0.0, time.time() - self._file(origin).stat().st_mtime) / 86400
        except OSError:
            return None

    def write(self, origin: str, names: Iterable[str]) -> None:
        """Keep them. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._file(origin), "\n".join(names).encode())

    def _file(self, origin: str) -> Path:
        return self.folder / f"names-{hashlib.sha256(origin.encode()).hexdigest()[:16]}.txt"


def search(names: Sequence[str], text: str, most: int = _MOST_FOUND) -> tuple[str, ...]:
    """Names that fit what was typed: the same first, then those that begin with it, then those that hold it."""
    key = package_key(text.strip())
    if not key:
        return ()
    found: list[tuple[int, int, str]] = []
    for name in names:
        other = package_key(name)
        place = other.find(key)
        if place >= 0:
            found.append((0 if other == key else 1 if place == 0 else 2, len(name), name))
    return tuple(name for _, _, name in sorted(found)[:most])
