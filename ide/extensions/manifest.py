"""What a plugin says about itself in `plugin.toml`: read without importing it. Loading is `extensions.py`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ide.core.deploy import TargetOption
from ide.core.errors import FourpaneError
from ide.core.record import dataclass

FILE_NAME = "plugin.toml"
FIELD_KINDS: Final = frozenset({"text", "secret", "bool", "int", "float", "choice", "mapping"})
_LOAD = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """What the program must know of a language before its plugin is loaded. The words are those of `Language`."""

    id: str
    name: str
    load: str
    """Where the object is: `module.path:name`."""
    badge: str
    badge_role: str
    lexer: str
    aliases: frozenset[str]
    suffixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A kind of target: what its form needs, and where the cluster process finds its code."""

    id: str
    name: str
    about: str
    load: str
    """Where its `TargetKind` is: `module.path:name`."""
    fields: tuple[TargetOption, ...] = ()
    console_packages: tuple[str, ...] = ()
    """What a console needs beside Dask to connect to its clusters, by names in an index."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One plugin as its manifest describes it."""

    id: str
    name: str
    version: str
    folder: Path
    languages: tuple[LanguageFacts, ...] = ()
    targets: tuple[TargetFacts, ...] = ()


def read_manifest(path: Path) -> Manifest:
    """The manifest in the file `path`. Raises FourpaneError where it cannot be read or lacks something."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        contributes = table.get("contributes", {})
        languages = tuple(_language(entry) for entry in contributes.get("languages", ()))
        targets = tuple(_target(entry) for entry in contributes.get("targets", ()))
        named = (_text(table, "id"), _text(table, "name"), _text(table, "version"))
        return Manifest(*named, path.parent, languages, targets)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FourpaneError(
            f"The plugin in “{path.parent.name}” has a manifest that cannot be read ({error}).",
            "What it brings is not there; everything else works.",
            f"Mend or remove {path}.",
        ) from error


def _language(entry: Mapping[str, object]) -> LanguageFacts:
    return LanguageFacts(
        id=_text(entry, "id"),
        name=_text(entry, "name"),
        load=_load(entry),
        badge=_text(entry, "badge"),
        badge_role=_text(entry, "badge_role"),
        lexer=_text(entry, "lexer"),
        aliases=frozenset(_texts(entry, "aliases")),
        suffixes=_texts(entry, "suffixes"),
    )


def _target(entry: Mapping[str, Any]) -> TargetFacts:
    fields = tuple(
        TargetOption(**{**field, "choices": tuple(map(str, field.get("choices", ())))})
        for field in entry.get("fields", ())
    )
    for field in fields:
        if field.kind not in FIELD_KINDS:
            raise ValueError(f"kind = {field.kind!r} is none of a field")
    id, name, about = _text(entry, "id"), _text(entry, "name"), _text(entry, "about")
    return TargetFacts(id, name, about, _load(entry), fields, _texts(entry, "console_packages"))


def _load(entry: Mapping[str, object]) -> str:
    load = _text(entry, "load")
    if not _LOAD.match(load):
        raise ValueError(f"load = {load!r} is not of the form module:name")
    return load


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing or is not text")
    return value


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key} is not a list of texts")
    return tuple(item.lower() for item in value)
