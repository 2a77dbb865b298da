"""Which folders may run their own code: none, until the user says so (PROMISES D3).

Trust belongs to one folder (its real path and its identity on the disk) and what lies in it. A link to it, or another
folder in its place, does not inherit. A start-up file that is new or changed asks again. UI thread; the file is 0600
and outside every project.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from ide.core.events import Signal
from ide.core.ports import RunInPool
from ide.core.record import dataclass, field, replace
from ide.documents.state_file import Change, StateFile, Values

STARTUP_FILES = (".Rprofile", ".Renviron", "sitecustomize.py", "usercustomize.py")
_READ_LIMIT_BYTES = 1 << 20
_ENTRIES_LOOKED_AT = 2000
_NAMES_TOLD = 5
_HASHES_KEPT = 50


class Standing(StrEnum):
    """Why a folder is trusted or not."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    CHANGED = "changed"  # trusted once, but a start-up file is new or another one


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is off while the folder is not trusted. `name` is what it is about."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One decision. `given` is the path as the user named it; `accepted` are start-up files seen at or after it."""

    given: str
    real: str
    device: int
    inode: int
    is_denied: bool = False
    since_s: float = 0.0
    accepted: dict[str, list[str]] = field(default_factory=dict)


class Trust:
    """The decisions of the user, over all windows."""

    changed = Signal(Path)

    def __init__(self, trust_file: Path, run_in_pool: RunInPool) -> None:
        self._file = StateFile(trust_file, run_in_pool)
        self._seen: tuple[int, int, int] | None = None
        self._entries: dict[str, _Entry] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read or written."""
        return tuple(self._file.problems)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder that the user trusts, to be shown and revoked."""
        self._refresh()
        return tuple(sorted(Path(entry.real) for entry in self._entries.values() if not entry.is_denied))

    def is_trusted(self, folder: Path) -> bool:
        """Whether code of this folder may run. Reads a few small files at most."""
        return self.standing(folder) is Standing.TRUSTED

    def standing(self, folder: Path) -> Standing:
        """Whether, and why not. The nearest decision above the folder counts."""
        self._refresh()
        given, real = _names(folder)
        entry = self._covering(given, real)
        if entry is None:
            return Standing.UNKNOWN
        if entry.is_denied:
            return Standing.REVOKED
        return self._check_startup(entry, real)

    def trust(self, folder: Path) -> None:
        """The user says yes, or the program made the folder itself. Raises OSError where there is no such folder."""
        given, real = _names(folder)
        found = Path(real).stat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(real)
        accepted = {real: sorted(set(_startup_hashes(Path(real))))}
        self._keep(_Entry(given, real, found.st_dev, found.st_ino, since_s=time.time(), accepted=accepted))
        self.changed.emit(folder)

    def revoke(self, folder: Path) -> None:
        """Take it back; also for a folder that only a parent covered."""
        given, real = _names(folder)
        self._refresh()
        try:
            found = Path(real).stat()
            identity = (found.st_dev, found.st_ino)
        except OSError:
            identity = (0, 0)
        self._entries.pop(real, None)
        if self._covering(given, real) is not None:
            self._keep(_Entry(given, real, *identity, is_denied=True, since_s=time.time()))
        else:
            self._change(lambda values: _without(values, real))
        self.changed.emit(folder)

    def findings(self, folder: Path) -> tuple[Finding, ...]:
        """What is off in this folder while it is not trusted; looks at names only, at most 2,000."""
        return tuple(_findings(_entry_names(folder)))

    def close(self) -> None:
        """Write what is not written yet."""
        self._file.flush()

    # -- decisions ------------------------------------------------------------------------------------------------

    def _covering(self, given: str, real: str) -> _Entry | None:
        """The nearest decision at or above the folder whose folder is still the same one on disk."""
        for above in (Path(real), *Path(real).parents):
            entry = self._entries.get(str(above))
            if entry is not None and (entry.is_denied or (_is_same_way(entry, given, real) and _is_same_folder(entry))):
                return entry
        return None

    def _check_startup(self, entry: _Entry, real: str) -> Standing:
        """Start-up files of a folder that a parent covers are taken as they are first seen; later ones ask."""
        now = set(_startup_hashes(Path(real)))
        known = entry.accepted.get(real)
        if known is None:
            fresh = {**entry.accepted, real: sorted(now)}
            self._keep(replace(entry, accepted=fresh))
            return Standing.TRUSTED
        return Standing.TRUSTED if now <= set(known) else Standing.CHANGED

    def _keep(self, entry: _Entry) -> None:
        """Earlier accepted start-up files stay accepted: going back to an old branch does not ask."""
        before = self._entries.get(entry.real)
        accepted = dict(before.accepted) if before is not None and not before.is_denied else {}
        for folder, hashes in entry.accepted.items():
            accepted[folder] = sorted({*accepted.get(folder, []), *hashes})[-_HASHES_KEPT:]
        kept = replace(entry, accepted=accepted)
        self._entries[kept.real] = kept
        self._change(lambda values: _with(values, kept))

    def _change(self, change: Change) -> None:
        self._file.change(change)
        self._seen = None

    def _refresh(self) -> None:
        """Another window may have written. While a change of ours is under way, memory is the truth."""
        if self._file.is_busy:
            return
        seen = _file_identity(self._file.path)
        if seen != self._seen or seen is None:
            self._entries = {entry.real: entry for entry in _entries(self._file.read())}
            self._seen = _file_identity(self._file.path)


# -- the file -----------------------------------------------------------------------------------------------------


def _entries(values: Values) -> Iterator[_Entry]:
    """Decisions of whatever the file holds; one that is not understood is no decision."""
    listed = values.get("folders")
    for item in listed if isinstance(listed, list) else []:
        match item:
            case {"given": str(given), "real": str(real), "device": int(device), "inode": int(inode)}:
                denied, since, accepted = item.get("is_denied"), item.get("since_s"), item.get("accepted")
                yield _Entry(
                    given,
                    real,
                    device,
                    inode,
                    is_denied=bool(denied),
                    since_s=float(since) if isinstance(since, int | float) else 0.0,
                    accepted=_accepted(accepted),
                )


def _accepted(value: object) -> dict[str, list[str]]:
    pairs = value.items() if isinstance(value, dict) else []
    return {
        str(folder): [digest for digest in digests if isinstance(digest, str)]
        for folder, digests in pairs
        if isinstance(digests, list)
    }


def _fields(entry: _Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _Entry.__slots__}


def _with(values: Values, entry: _Entry) -> Values:
    others = [_fields(each) for each in _entries(values) if each.real != entry.real]
    return {**values, "folders": [*others, _fields(entry)]}


def _without(values: Values, real: str) -> Values:
    return {**values, "folders": [_fields(each) for each in _entries(values) if each.real != real]}


def _file_identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


# -- folders ------------------------------------------------------------------------------------------------------


def _names(folder: Path) -> tuple[str, str]:
    """The path as given, made absolute, and with its links followed."""
    given = os.path.abspath(folder)
    return given, os.path.realpath(given)


def _is_same_way(entry: _Entry, given: str, real: str) -> bool:
    """Whether the folder was reached by the road that was trusted, or by its own: a link somewhere else is neither."""
    below = os.path.relpath(real, entry.real)
    roads = {entry.real, entry.given} if below == "." else {str(Path(top) / below) for top in (entry.real, entry.given)}
    return os.path.normcase(given) in {os.path.normcase(road) for road in roads}


def _is_same_folder(entry: _Entry) -> bool:
    try:
        found = Path(entry.real).stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (entry.device, entry.inode)


def _startup_hashes(folder: Path) -> Iterator[str]:
    """One word for each start-up file: name and content. A pipe or a device is never opened."""
    for name in STARTUP_FILES:
        path = folder / name
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                yield f"{name}:special"
                continue
            with path.open("rb") as file:
                digest = hashlib.blake2b(file.read(_READ_LIMIT_BYTES), digest_size=16)
            digest.update(str(found.st_size).encode())
            yield f"{name}:{digest.hexdigest()}"
        except FileNotFoundError:
            continue
        except OSError:
            yield f"{name}:unreadable"


# -- findings -----------------------------------------------------------------------------------------------------


def _entry_names(folder: Path) -> frozenset[str]:
    names: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(_ENTRIES_LOOKED_AT), strict=False):
                names.add(entry.name)
    except OSError:
        return frozenset()
    return frozenset(names)


_OFF = {
    ".Rprofile": ".Rprofile is not run.",
    ".Renviron": ".Renviron is not read.",
    ".RData": ".RData is not loaded.",
    "sitecustomize.py": "sitecustomize.py is not run.",
    "usercustomize.py": "usercustomize.py is not run.",
}


def _findings(names: frozenset[str]) -> Iterator[Finding]:
    for name, sentence in _OFF.items():
        if name in names:
            yield Finding(name, sentence)
    modules = sorted(name for name in names if name.endswith(".py") and name not in _OFF)
    if modules:
        yield Finding("modules", "Modules next to the script are not imported at start.")
    shadows = [name for name in modules if name.removesuffix(".py") in sys.stdlib_module_names]
    if shadows:
        told = ", ".join(shadows[:_NAMES_TOLD]) + (" and others" if len(shadows) > _NAMES_TOLD else "")
        yield Finding("shadows", f"{told}: named like parts of Python, and not taken for them at start.")
    environments = sorted(names & {".venv", "venv", "env", ".conda"})
    if environments:
        yield Finding("environment", f"Programs in {environments[0]} are not run.")
