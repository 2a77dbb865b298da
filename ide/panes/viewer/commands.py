"""Commands of the Viewer pane."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_OUTPUT: Final = "viewer.has_output"
HAS_PAGE: Final = "viewer.has_page"

COMMANDS: Final[tuple[Command, ...]] = (
    Command("viewer.previous", "Output before", icon="caret-left", when=HAS_OUTPUT),
    Command("viewer.next", "Next output", icon="caret-right", when=HAS_OUTPUT),
    Command(
        "viewer.open_large",
        "Open output in a tab of the editor",
        help="Show the output in view large, beside the documents.",
        icon="corners-out",
        when=HAS_OUTPUT,
    ),
    Command(
        "viewer.open_in_browser",
        "Open output in the browser",
        help="Write the output in view to a page of its own and give it to the browser, outside of the program's wall.",
        icon="arrow-square-out",
        when=HAS_PAGE,
    ),
    Command(
        "viewer.copy",
        "Copy output as picture",
        help="Put what is in sight of the output on the clipboard.",
        icon="copy",
        when=HAS_OUTPUT,
    ),
    Command(
        "viewer.save",
        "Save output as page...",
        help="Write the output in view to an HTML file that works by itself.",
        icon="floppy-disk",
        when=HAS_PAGE,
    ),
    Command("viewer.reload", "Load output again", icon="arrows-clockwise", when=HAS_PAGE),
    Command("viewer.delete", "Delete output", icon="trash", when=HAS_OUTPUT),
    Command("viewer.delete_all", "Delete all outputs of the viewer", when=HAS_OUTPUT),
)


class ViewerActions(Protocol):
    """What the pane can be told to do with the output in view."""

    def previous(self) -> None: ...
    def next(self) -> None: ...
    def open_large(self) -> None: ...
    def open_in_browser(self) -> None: ...
    def copy(self) -> None: ...
    def save(self, path: str = "") -> None: ...
    def reload(self) -> None: ...
    def delete(self) -> None: ...
    def delete_all(self) -> None: ...


def add_commands(commands: Commands, pane: ViewerActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in ((HAS_OUTPUT, "an output in the viewer"), (HAS_PAGE, "a page in the viewer")):
        commands.context.declare(key, False, meaning, "Viewer pane")
    for command in COMMANDS:
        commands.add(command, getattr(pane, command.id.removeprefix("viewer.")))
