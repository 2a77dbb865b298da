"""What is installed in an environment, and what a change would do to it, as immutable records."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from ide.core.policy import PolicyVerdict
from ide.core.record import dataclass

_SEPARATORS = re.compile(r"[-_.]+")


def package_key(name: str) -> str:
    """The one form of a package's name that is compared; source: "Names and normalization" of packaging.python.org.

    Used for all languages: no two packages of an R or conda repository differ in their separators or case alone.
    """
    return _SEPARATORS.sub("-", name).lower()


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package, read from its files.

    `licence` is an SPDX expression where `is_spdx`, else the package's own words, "" for none. `needs` holds keys of
    what it asks for here (extras and other systems left out), `requirements` the same as it was written. `modules` are
    the names that `import` knows. `is_direct`: somebody asked for it by name. `is_fixed`: it belongs to the system or
    to the language itself and is not changed here. `problem` says what is wrong with its files.
    """

    name: str
    version: str
    summary: str = ""
    licence: str = ""
    is_spdx: bool = False
    size_bytes: int | None = None
    needs: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    is_direct: bool = True
    is_fixed: bool = False
    installer: str = ""
    source: str = ""
    home_page: str = ""
    folder: Path | None = None
    problem: str = ""

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return package_key(self.name)


@dataclass(frozen=True, slots=True)
class Installed:
    """All packages of one environment, by name. `marks` are its folders with their times: another value, another list.

    `manager` is what changes packages here ("uv", "conda", "R"), "" where nothing can; `reason` says why not, or what
    to mind. `interrupted` names a change that was begun and never ended, "" for none; `undoable` the last whole one.
    """

    packages: tuple[Package, ...] = ()
    folders: tuple[Path, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()
    manager: str = ""
    reason: str = ""
    verdicts: tuple[PolicyVerdict, ...] = ()
    undoable: str = ""
    interrupted: str = ""

    def get(self, name: str) -> Package | None:
        """The package of that name."""
        key = package_key(name)
        return next((one for one in self.packages if one.key == key), None)

    def verdict(self, name: str) -> PolicyVerdict | None:
        """What the policy says of an installed package; None where there is no policy."""
        key = package_key(name)
        return next((one for one in self.verdicts if one.key == key), None)


class Act(StrEnum):
    """What the user asked for."""

    INSTALL = "install"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one package. An empty version means: not there."""

    name: str
    before: str = ""
    after: str = ""
    size_bytes: int | None = None
    """Of what is fetched, where the source tells it."""
    is_asked: bool = False
    """The user named it; others come or go with it."""

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return package_key(self.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change will do, for the user to say yes to. Nothing has been changed yet.

    `asked` is what the user named. `warnings` are sentences: who will no longer fit, who needs what is removed.
    `unneeded` are packages that nothing would need any more. `verdicts` are the policy's, of everything that comes.
    `notes` are sentences that stand against nothing. `library` is where the packages go, where an environment has more
    than one such folder.
    """

    act: Act
    asked: tuple[str, ...]
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()
    unneeded: tuple[str, ...] = ()
    verdicts: tuple[PolicyVerdict, ...] = ()
    notes: tuple[str, ...] = ()
    library: Path | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether no policy stands against it."""
        return all(verdict.is_allowed for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was carried out. `modules` are the imports that existed before and are others now.

    `has_new_library`: it made the plan's library, where a session from before does not look by itself.
    """

    plan: Plan
    modules: tuple[str, ...] = ()
    has_new_library: bool = False
