"""Changes that the user asks of the disk: make, rename, move to the bin. In pool threads; nothing is deleted here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFile

from ide.core.errors import CommandError
from ide.core.text import with_unseen_shown


def make_file(path: Path) -> Path:
    """An empty file. Raises CommandError."""
    try:
        path.touch(exist_ok=False)
    except OSError as error:
        raise _refused(path, "made", error) from error
    return path


def make_folder(path: Path) -> Path:
    """An empty folder. Raises CommandError."""
    try:
        path.mkdir()
    except OSError as error:
        raise _refused(path, "made", error) from error
    return path


def rename(path: Path, target: Path) -> tuple[Path, Path]:
    """Give a file or folder another name; the caller has checked that it is free. Both names. Raises CommandError."""
    try:
        path.rename(target)
    except OSError as error:
        raise _refused(path, "renamed", error) from error
    return path, target


def move_to_bin(path: Path) -> Path:
    """To the system's bin, never straight away; a link goes there itself, not what it leads to. Raises CommandError."""
    if not QFile.moveToTrash(str(path)):
        raise CommandError(
            f"“{with_unseen_shown(path.name)}” was not moved to the bin.",
            "The system has no bin here, or the file may not be changed. It was not deleted.",
            "Delete it in the system's file window.",
            action="files.reveal",
            action_title="Show it there",
        )
    return path


def _refused(path: Path, done: str, error: OSError) -> CommandError:
    return CommandError(
        f"“{with_unseen_shown(path.name)}” can't be {done}.",
        f"The system says: {error.strerror or error}.",
        "Choose another name or folder.",
    )
