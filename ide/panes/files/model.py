"""What the Files pane knows of the open folder: which names are shown, and names for new files. No widget, no disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ide.core.errors import CommandError

HIDDEN_NAMES: Final = frozenset({"__pycache__", ".git", ".ipynb_checkpoints", ".Rproj.user", ".DS_Store", "Thumbs.db"})
"""Names that hold nothing a person would open; everything else is shown, dot files too."""

FORBIDDEN: Final = frozenset('/\\:*?"<>|')
RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


def is_shown(name: str) -> bool:
    """Whether a file or folder of this name is listed."""
    return name not in HIDDEN_NAMES


def check_name(name: str, folder: Path) -> str:
    """The name for a new or renamed file, trimmed.

    Raises CommandError where it can't be one on any of the three systems, or is taken in `folder`.
    """
    name = name.strip()
    if not name or name in {".", ".."}:
        raise CommandError("A file needs a name.", "Nothing was changed.", "Type a name such as notes.py.")
    bad = sorted({character for character in name if character in FORBIDDEN or ord(character) < 32})
    if bad or name.endswith("."):
        shown = " ".join(repr(character).strip("'") for character in bad) or "a full stop at the end"
        raise CommandError(f"The name “{name}” can't be used.", f"It holds {shown}.", "Choose a name without it.")
    if name.split(".")[0].casefold() in RESERVED:
        raise CommandError(f"The name “{name}” can't be used.", "Windows keeps it for itself.", "Choose another name.")
    if (folder / name).exists():
        raise CommandError(f"“{name}” is there already.", "Nothing was changed.", "Choose another name.")
    return name


def free_name(folder: Path, stem: str, suffix: str) -> str:
    """`stem` + `suffix`, numbered from 2 where it is taken."""
    name, number = f"{stem}{suffix}", 2
    while (folder / name).exists():
        name, number = f"{stem} {number}{suffix}", number + 1
    return name
