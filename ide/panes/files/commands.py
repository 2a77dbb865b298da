"""Commands of the Files pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_SELECTION: Final = "files.has_selection"
HAS_FOLDER: Final = "files.has_folder"
SHOWS_HIDDEN: Final = "files.shows_hidden"

COMMANDS: Final[tuple[Command, ...]] = (
    Command("files.new_file", "New file here...", icon="file-plus", when=HAS_FOLDER),
    Command("files.new_folder", "New folder here...", icon="folder-plus", when=HAS_FOLDER),
    Command("files.rename", "Rename...", icon="pencil-simple", when=HAS_SELECTION),
    Command(
        "files.delete",
        "Move to bin",
        help="Move the selected file or folder to the system's bin, from where it can be brought back.",
        icon="trash",
        when=HAS_SELECTION,
    ),
    Command(
        "files.reveal",
        "Show in the system's file window",
        icon="arrow-square-out",
        when=f"{HAS_SELECTION} or {HAS_FOLDER}",
    ),
    # With a path, for whoever has one: a document's tab, an error about a file.
    Command("file.reveal", "Show file in the system's file window", icon="arrow-square-out", is_in_palette=False),
    Command("files.copy_path", "Copy path", icon="copy", when=HAS_SELECTION),
    Command("files.refresh", "Read the folder again", icon="arrows-clockwise", when=HAS_FOLDER),
    Command(
        "files.show_hidden",
        "Show hidden files",
        help="List names that begin with a dot, caches and the like.",
        is_checkable=True,
        checked=SHOWS_HIDDEN,
    ),
    Command(
        "files.set_working_folder",
        "Work in this folder",
        help="Make the selected folder the working folder of the session in use.",
        icon="folder-open",
        when=f"{HAS_FOLDER} and session.exists",
    ),
)


class FileActions(Protocol):
    """What the pane can be told to do with the selected file or folder."""

    def new_file(self) -> None: ...
    def new_folder(self) -> None: ...
    def rename(self) -> None: ...
    def delete(self) -> None: ...
    def reveal(self) -> None: ...
    def reveal_path(self, path: str) -> None: ...
    def copy_path(self) -> None: ...
    def refresh(self) -> None: ...
    def show_hidden(self) -> None: ...
    def set_working_folder(self) -> None: ...


def add_commands(commands: Commands, pane: FileActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in (
        (HAS_SELECTION, "a selected file or folder"),
        (HAS_FOLDER, "an open folder"),
        (SHOWS_HIDDEN, "hidden files in the list"),
    ):
        commands.context.declare(key, False, meaning, "Files pane")
    handlers: dict[str, Callable[..., object]] = {
        "files.new_file": pane.new_file,
        "files.new_folder": pane.new_folder,
        "files.rename": pane.rename,
        "files.delete": pane.delete,
        "files.reveal": pane.reveal,
        "file.reveal": pane.reveal_path,
        "files.copy_path": pane.copy_path,
        "files.refresh": pane.refresh,
        "files.show_hidden": pane.show_hidden,
        "files.set_working_folder": pane.set_working_folder,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
