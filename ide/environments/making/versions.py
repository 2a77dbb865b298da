"""Which versions of a language an environment can be made with: those that are here, and those that can be fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from ide.core.environment import Environment, Health
from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.making.wish import LanguageOffer
from ide.environments.uv import CancelledError, Uv

_PLAIN = re.compile(r"cpython-(\d+\.\d+)\.\d+-")
_OLDEST = (3, 9)
BASES = ("system", "pyenv", "uv", "conda", "program")
"""Kinds of environments that others can be made of, in the order in which they are preferred."""


@dataclass(frozen=True, slots=True)
class VersionOffer:
    """One version: `program` is where it is here already, None where it would be fetched."""

    version: str
    program: Path | None = None

    @property
    def key(self) -> str:
        """What tells it from others."""
        return str(self.program or self.version)


def offers_here(offer: LanguageOffer, environments: Iterable[Environment]) -> tuple[VersionOffer, ...]:
    """Those that are on this machine, newest first, one for each version; what is fetched instead comes after them."""
    found: dict[str, VersionOffer] = {}
    if offer.way == "uv":
        usable = [
            one
            for one in environments
            if one.language == offer.id
            and one.kind in BASES
            and one.interpreter is not None
            and one.implementation in ("", "cpython")
            and one.health is not Health.BROKEN
            and short(one.version)
        ]
        for one in sorted(usable, key=lambda one: BASES.index(one.kind)):
            found.setdefault(short(one.version), VersionOffer(one.version, one.interpreter))
    fetched = [VersionOffer(version) for version in offer.versions if version not in found]
    return (*sorted(found.values(), key=lambda one: _number(one.version), reverse=True), *fetched)


def fetchable(uv: Uv, work: Work) -> tuple[str, ...]:
    """Versions of CPython that this uv can fetch, newest first; () where it does not say. Blocks: for a pool thread."""
    try:
        said = uv.run(["python", "list", "--only-downloads", "--output-format", "json"], work, "uv told no versions.")
        keys = [str(one["key"]) for one in json.loads(said)]
    except CancelledError:
        raise
    except (PackageError, ValueError, KeyError, TypeError):
        return ()
    versions = {found[1] for key in keys if (found := _PLAIN.match(key))}
    return tuple(sorted((one for one in versions if _number(one) >= _OLDEST), key=_number, reverse=True))


def short(version: str) -> str:
    """ "3.12" of "3.12.4"; empty where it is no version."""
    found = re.match(r"\d+\.\d+", version)
    return found[0] if found else ""


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
