"""What an environment held when it was locked, as immutable records, and how far another one is from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ide.core.packages import package_key
from ide.core.record import dataclass, field


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package. `hashes` are of the files that it may come from, as "sha256:..." (of others too: "md5:...").

    `url` is where its file lies, "" where an index decides. `licence` is an SPDX expression or the package's own words.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    url: str = ""
    licence: str = ""

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return package_key(self.name)


@dataclass(frozen=True, slots=True)
class LockFile:
    """A file that the lock consists of: its name in the folder, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A package that cannot be locked, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PackageLock:
    """Exactly what an environment holds. `kind` is "python", "conda" or "r", `language_version` that of its language.

    `files` are what is written; the first is the one that others read. `digest` is the same for the same packages.
    """

    kind: str
    language_version: str
    packages: tuple[LockedPackage, ...]
    files: tuple[LockFile, ...] = field(default=())
    left_out: tuple[LeftOut, ...] = ()

    @property
    def digest(self) -> str:
        """sha256 of kind, language and packages."""
        lines = [f"{self.kind} {self.language_version}"]
        lines += [f"{one.key} {one.version} {' '.join(sorted(one.hashes))}" for one in self.packages]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def has_all_hashes(self) -> bool:
        """Whether each package names the files that it may come from."""
        return all(one.hashes for one in self.packages)


@dataclass(frozen=True, slots=True)
class Difference:
    """One package that is not as the lock says. An empty version means: not there."""

    name: str
    locked: str = ""
    installed: str = ""

    @property
    def words(self) -> str:
        """As it is told: "numpy 2.1 is locked, 2.2 installed"."""
        if not self.installed:
            return f"{self.name} {self.locked} is missing"
        if not self.locked:
            return f"{self.name} {self.installed} is not in the lock"
        return f"{self.name} {self.locked} is locked, {self.installed} installed"


def differences(lock: PackageLock, installed: Iterable[tuple[str, str]]) -> tuple[Difference, ...]:
    """How an environment with these (name, version) differs from the lock, by name. Empty: it matches."""
    here = {package_key(name): (name, version) for name, version in installed}
    locked = {one.key: one for one in lock.packages}
    # What could not be locked is no difference: nobody can say what it should be.
    free = {package_key(one.name) for one in lock.left_out}
    found = []
    for key in sorted((here.keys() | locked.keys()) - free):
        name, version = here.get(key, ("", ""))
        wanted = locked[key].version if key in locked else ""
        if version != wanted:
            found.append(Difference(locked[key].name if key in locked else name, wanted, version))
    return tuple(found)
