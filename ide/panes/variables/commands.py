"""Commands of the Variables pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_SELECTION: Final = "variables.has_selection"
SHOWS_MODULES: Final = "variables.shows_modules"

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "variables.filter",
        "Filter variables",
        help="Put the caret into the filter box of the Variables pane.",
        icon="magnifying-glass",
        menu="view/7_variables",
    ),
    Command(
        "variables.copy_name",
        "Copy name",
        help="Copy the name of the selected variable.",
        icon="copy",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.copy_value",
        "Copy value",
        help="Copy the value of the selected variable as it is written in the list.",
        when=HAS_SELECTION,
    ),
    Command(
        "variables.show_modules",
        "Show modules",
        help="List imported modules and packages among the variables.",
        is_checkable=True,
        checked=SHOWS_MODULES,
    ),
    Command(
        "variables.refresh",
        "List variables again",
        help="Ask the session for all of its names anew.",
        icon="arrows-clockwise",
        when="session.exists",
    ),
)


class VariablesActions(Protocol):
    """What the pane can be told to do."""

    def focus_filter(self) -> None:
        """Put the caret into the filter box."""

    def copy_name(self) -> None:
        """Copy the selected name."""

    def copy_value(self) -> None:
        """Copy the selected variable's preview."""

    def show_modules(self) -> None:
        """List modules, or hide them again."""

    def refresh(self) -> None:
        """List all names anew."""


def add_commands(commands: Commands, pane: VariablesActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    commands.context.declare(HAS_SELECTION, False, "a selected variable", "Variables pane")
    commands.context.declare(SHOWS_MODULES, False, "modules in the list of variables", "Variables pane")
    handlers: tuple[Callable[[], object], ...] = (
        pane.focus_filter,
        pane.copy_name,
        pane.copy_value,
        pane.show_modules,
        pane.refresh,
    )
    for command, handler in zip(COMMANDS, handlers, strict=True):
        commands.add(command, handler)
