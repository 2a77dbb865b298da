"""Commands of the Help pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

CAN_GO_BACK: Final = "help.can_go_back"
CAN_GO_FORWARD: Final = "help.can_go_forward"
HAS_PAGE: Final = "help.has_page"

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "help.show",
        "Help for the name at the caret",
        help="Show the documentation of a name in the editor or console, as the session's environment has it.",
        icon="question",
        menu="help/0_show",
    ),
    Command(
        "help.search",
        "Search help...",
        help="Find topics in all installed packages of the languages that run.",
        icon="magnifying-glass",
        menu="help/0_search",
    ),
    Command(
        "help.cheat_sheet",
        "Cheat sheet of keys",
        help="The keys of each pane on one page, as the key map in use has them.",
        icon="book-open",
        menu="help/1_cheat_sheet",
    ),
    Command("help.find", "Find in this help page", icon="magnifying-glass", when=HAS_PAGE),
    Command("help.find_next", "Next match in the help page", when=HAS_PAGE),
    Command("help.find_previous", "Previous match in the help page", when=HAS_PAGE),
    Command("help.back", "Help page before", icon="caret-left", when=CAN_GO_BACK),
    Command("help.forward", "Next help page", icon="caret-right", when=CAN_GO_FORWARD),
    Command("help.reload", "Ask for the help page again", icon="arrows-clockwise", when=HAS_PAGE),
)


class HelpActions(Protocol):
    """What the pane can be told to do. Without a topic `show` takes the name at the caret."""

    def show(self, topic: str = "", language: str = "", package: str = "") -> None: ...
    def search(self, text: str = "") -> None: ...
    def show_cheat_sheet(self) -> None: ...
    def find(self) -> None: ...
    def find_next(self) -> None: ...
    def find_previous(self) -> None: ...
    def back(self) -> None: ...
    def forward(self) -> None: ...
    def reload(self) -> None: ...


def add_commands(commands: Commands, pane: HelpActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in (
        (CAN_GO_BACK, "a help page before this one"),
        (CAN_GO_FORWARD, "a help page that you came back from"),
        (HAS_PAGE, "a help page"),
    ):
        commands.context.declare(key, False, meaning, "Help pane")
    handlers: dict[str, Callable[..., object]] = {
        "help.show": pane.show,
        "help.search": pane.search,
        "help.cheat_sheet": pane.show_cheat_sheet,
        "help.find": pane.find,
        "help.find_next": pane.find_next,
        "help.find_previous": pane.find_previous,
        "help.back": pane.back,
        "help.forward": pane.forward,
        "help.reload": pane.reload,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
