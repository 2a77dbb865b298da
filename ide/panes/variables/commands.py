"""Commands of the Variables pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

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
        when="variables.has_selection",
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

    def refresh(self) -> None:
        """List all names anew."""


def add_commands(commands: Commands, pane: VariablesActions) -> None:
    """Add the pane's commands; `pane` does the work."""
    handlers: tuple[Callable[[], object], ...] = (pane.focus_filter, pane.copy_name, pane.refresh)
    for command, handler in zip(COMMANDS, handlers, strict=True):
        commands.add(command, handler)
