"""What the user wants made, and what can be offered for it. Owns no environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ide._paths import resources_dir
from ide.core.errors import PackageError
from ide.core.record import dataclass, field
from ide.environments.platform import HALF_MADE

NAME_LIMIT = 100
# Windows names that stand for devices, whatever comes after the dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One environment to make.

    `place` is its folder itself. `way` is "uv" or "conda". `interpreter` is a Python that is here already, else the
    newest of `version` ("3.13", "4.5") is fetched. `source` is a file that says what goes in (requirements, pylock,
    environment.yml, a conda explicit list); `packages` come on top of it.
    """

    place: Path
    language: str
    way: str
    version: str = ""
    interpreter: Path | None = None
    packages: tuple[str, ...] = ()
    source: Path | None = None

    @property
    def name(self) -> str:
        """What it is called: a project's `.venv` after the project."""
        return self.place.parent.name if self.place.name.startswith(".") else self.place.name


@dataclass(frozen=True, slots=True)
class Template:
    """A set of packages to begin with, for each language by its id."""

    id: str
    title: str
    help: str
    packages: Mapping[str, tuple[str, ...]]
    download_mb: Mapping[str, int] = field(default_factory=dict)
    """How much its packages are, for languages where that was measured."""


@dataclass(frozen=True, slots=True)
class LanguageOffer:
    """A language that environments can be made for. `needs` is the package that is the language, in conda's words."""

    id: str
    way: str
    needs: str
    versions: tuple[str, ...] = field(default_factory=tuple)


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    return tuple(
        Template(
            one["id"],
            one["title"],
            one["help"],
            {key: tuple(names) for key, names in one.get("packages", {}).items()},
            one.get("download_mb", {}),
        )
        for one in _file()["template"]
    )


@cache
def languages() -> tuple[LanguageOffer, ...]:
    """All languages that environments can be made for."""
    return tuple(
        LanguageOffer(one["id"], one["way"], one["needs"], tuple(one["versions"])) for one in _file()["language"]
    )


def language_offer(id: str) -> LanguageOffer | None:
    """The offer for a language; None where none can be made."""
    return next((one for one in languages() if one.id == id), None)


def _file() -> dict[str, Any]:
    return tomllib.loads((resources_dir() / "environments" / "templates.toml").read_text("utf-8"))


def name_problem(name: str) -> str:
    """Why an environment cannot be called that; empty where it can. The same on every system."""
    if not name.strip():
        return "Give it a name."
    if len(name) > NAME_LIMIT:
        return f"A name can have {NAME_LIMIT} characters."
    if re.search(r'[<>:"/\\|?*\x00-\x1f]', name) or name != name.strip() or name.endswith("."):
        return 'A name cannot have < > : " / \\ | ? * in it, nor begin or end with a space, nor end with a dot.'
    if _DEVICES.fullmatch(name) or name.startswith("-"):
        return f"“{name}” is a name that systems keep for themselves."
    return ""


def place_problem(place: Path) -> str:
    """Why nothing can be made in that folder; empty where it can. Looks at the disk."""
    if is_half_made(place):
        return ""
    try:
        if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
            return f"There is something called “{place.name}” already."
    except OSError as error:
        return f"{place} cannot be looked at: {error.strerror or error}."
    return ""


def is_half_made(place: Path) -> bool:
    """Whether a crash left this environment unfinished."""
    return (place / HALF_MADE).is_file()


def checked(wish: Wish) -> None:
    """Raises PackageError where the wish cannot come true."""
    if not wish.place.name.startswith(".") and (problem := name_problem(wish.place.name)):
        raise PackageError(f"An environment cannot be called “{wish.place.name}”.", problem)
    if problem := place_problem(wish.place):
        raise PackageError(f"“{wish.name}” could not be made.", problem, "Choose another name or place.")
    if wish.source is not None and not wish.source.is_file():
        raise PackageError(f"“{wish.name}” could not be made.", f"{wish.source} is not there.", "Choose another file.")
