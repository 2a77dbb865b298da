"""Names for new and renamed files: what all three systems allow, and what is free. Changes nothing on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ide.core.errors import CommandError
from ide.core.text import with_unseen_shown

FORBIDDEN: Final = frozenset('/\\:*?"<>|')
RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
MOST_BYTES: Final = 255


def check_name(name: str, folder: Path) -> str:
    """The name for a new file, trimmed. Raises CommandError where it can't be one, or is taken in `folder`."""
    name = _possible(name)
    if os.path.lexists(folder / name):  # a link that leads nowhere is there too
        raise _taken(name)
    return name


def check_new_name(name: str, path: Path) -> str:
    """Another name for `path`, trimmed. Raises CommandError. Another letter case of its own name is another name."""
    name = _possible(name)
    if name.casefold() != path.name.casefold():
        return check_name(name, path.parent)
    # Where letter case does not count the old name answers for the new one, so the list of names is asked.
    if name != path.name and any(each.name == name for each in path.parent.iterdir()):
        raise _taken(name)
    return name


def free_name(folder: Path, stem: str, suffix: str) -> str:
    """`stem` + `suffix`, numbered from 2 where it is taken."""
    name, number = f"{stem}{suffix}", 2
    while os.path.lexists(folder / name):
        name, number = f"{stem} {number}{suffix}", number + 1
    return name


def _possible(name: str) -> str:
    name = name.strip()
    if not name or name in {".", ".."}:
        raise CommandError("A file needs a name.", "Nothing was changed.", "Type a name such as notes.py.")
    shown = with_unseen_shown(name)
    bad = sorted({character for character in name if character in FORBIDDEN or not character.isprintable()})
    if bad or name.endswith("."):
        which = " ".join(with_unseen_shown(character) for character in bad) or "a full stop at the end"
        raise CommandError(f"The name “{shown}” can't be used.", f"It holds {which}.", "Choose a name without it.")
    if name.split(".")[0].casefold() in RESERVED:
        raise CommandError(f"The name “{shown}” can't be used.", "Windows keeps it for itself.", "Choose another name.")
    if len(name.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise CommandError("The name is too long.", f"{MOST_BYTES} letters are possible.", "Choose a shorter one.")
    return name


def _taken(name: str) -> CommandError:
    return CommandError(
        f"“{with_unseen_shown(name)}” is there already.", "Nothing was changed.", "Choose another name."
    )
