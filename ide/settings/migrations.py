"""Steps that bring a settings file of an earlier version to the present form.

A step is numbered by its place: the first makes version 2 from version 1. Steps change the file's content in place,
work on plain dictionaries and on tomlkit's documents alike, and never change once released. The file as it was is kept
beside it (`settings.toml.v1.bak`) before a changed one is first written.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

Step = Callable[[MutableMapping[str, Any]], None]

STEPS: tuple[Step, ...] = ()
"""No version before the first release."""


def version_of(content: MutableMapping[str, Any]) -> int:
    """The version that a file says it has; 1 where it says none or nonsense."""
    version = content.get("version", 1)
    return version if type(version) is int and version >= 1 else 1


def migrate(content: MutableMapping[str, Any], steps: tuple[Step, ...] = STEPS) -> bool:
    """Apply the steps that `content` lacks; True if there were any. A file of a later version is left as it is."""
    version = version_of(content)
    missing = steps[version - 1 :]
    for step in missing:
        step(content)
    if missing:
        content["version"] = len(steps) + 1
    return bool(missing)
