"""Commands of the Packages pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_ENVIRONMENT: Final = "packages.has_environment"
CAN_CHANGE: Final = "packages.can_change"
HAS_SELECTION: Final = "packages.has_selection"
HAS_NEWER: Final = "packages.has_newer"
HAS_PLAN: Final = "packages.has_plan"
IS_BUSY: Final = "packages.is_busy"
CAN_UNDO: Final = "packages.can_undo"
UNDO_TITLE: Final = "packages.undo_title"
SHOWN: Final = "packages.shown"
_FREE: Final = f"{CAN_CHANGE} and not {IS_BUSY}"

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "packages.install",
        "Install package...",
        help="Type the name of a package; what would change is shown first.",
        icon="plus",
        when=_FREE,
    ),
    Command("packages.update", "Update package", icon="arrow-up", when=f"{_FREE} and {HAS_SELECTION} and {HAS_NEWER}"),
    Command("packages.update_all", "Update all packages", icon="arrow-up", when=f"{_FREE} and {HAS_NEWER}"),
    Command("packages.remove", "Remove package", icon="trash", when=f"{_FREE} and {HAS_SELECTION}"),
    Command(
        "packages.undo",
        "Take back the last change of packages",
        help="Puts every package back as it was, without network.",
        icon="arrow-counter-clockwise",
        when=f"{CAN_UNDO} and not {IS_BUSY}",
        live_title=UNDO_TITLE,
    ),
    Command(
        "packages.check",
        "Look for newer versions",
        help="Asks the index, and the database of known vulnerabilities where the settings allow it.",
        icon="arrows-clockwise",
        when=_FREE,
    ),
    Command("packages.refresh", "List packages anew", icon="arrow-clockwise", when=HAS_ENVIRONMENT),
    Command("packages.accept", "Make the shown change of packages", icon="check", when=f"{HAS_PLAN} and not {IS_BUSY}"),
    Command("packages.reject", "Leave packages as they are", icon="x", when=f"{HAS_PLAN} and not {IS_BUSY}"),
    Command("packages.cancel", "Cancel the change of packages", icon="stop", when=IS_BUSY),
    Command(
        "packages.copy_request",
        "Copy a request for approval",
        help="A text for whoever keeps the policy: what is wanted, and what stands against it.",
        icon="clipboard-text",
        when=HAS_ENVIRONMENT,
    ),
    Command(
        "packages.save_report",
        "Save a report on packages...",
        help="Licences and what policies say, as HTML or CSV.",
        icon="file-text",
        when=HAS_ENVIRONMENT,
    ),
    Command(
        "packages.fetch_names",
        "Fetch the names of all packages",
        help="So that names can be searched while they are typed; some megabytes of a large index, kept on disk.",
        icon="download-simple",
        when=_FREE,
    ),
    *(
        Command(
            f"packages.show_{kind}",
            f"Show packages: {title}",
            when=HAS_ENVIRONMENT,
            is_checkable=True,
            checked=f'{SHOWN} == "{kind}"',
        )
        for kind, title in (
            ("all", "all"),
            ("direct", "asked for by name"),
            ("outdated", "with a newer version"),
            ("refused", "not allowed or damaged"),
        )
    ),
)

# Of the offers in console and editor (`ide.app.missing_packages`).
OFFERS: Final[tuple[Command, ...]] = (
    Command(
        "packages.install_missing",
        "Install missing packages",
        help="Install what the code in front lacks, and run it again where an error asked for it.",
        is_in_palette=False,
    ),
    Command("packages.decline_missing", "Do not offer these packages again", is_in_palette=False),
)


class PackageActions(Protocol):
    """What the pane can be told."""

    def install(self, name: str = "") -> None: ...
    def update(self, name: str = "") -> None: ...
    def update_all(self) -> None: ...
    def remove(self, name: str = "") -> None: ...
    def undo(self) -> None: ...
    def check(self) -> None: ...
    def refresh(self) -> None: ...
    def accept(self) -> None: ...
    def reject(self) -> None: ...
    def cancel(self, environment: str = "") -> None: ...
    def copy_request(self) -> None: ...
    def save_report(self, path: str = "") -> None: ...
    def fetch_names(self) -> None: ...
    def show_kind(self, kind: str) -> None: ...


def add_commands(commands: Commands, pane: PackageActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in (
        (HAS_ENVIRONMENT, "a session in an environment"),
        (CAN_CHANGE, "an environment whose packages can be changed"),
        (HAS_SELECTION, "a selected package"),
        (HAS_NEWER, "a newer version that is known"),
        (HAS_PLAN, "a planned change"),
        (IS_BUSY, "a change of packages under way"),
        (CAN_UNDO, "a change of packages that can be taken back"),
    ):
        commands.context.declare(key, False, meaning, "Packages pane")
    commands.context.declare(UNDO_TITLE, "", "the title of taking the last change back", "Packages pane")
    commands.context.declare(SHOWN, "all", "which packages are listed", "Packages pane")
    handlers: dict[str, Callable[..., object]] = {
        "packages.install": pane.install,
        "packages.update": pane.update,
        "packages.update_all": pane.update_all,
        "packages.remove": pane.remove,
        "packages.undo": pane.undo,
        "packages.check": pane.check,
        "packages.refresh": pane.refresh,
        "packages.accept": pane.accept,
        "packages.reject": pane.reject,
        "packages.cancel": pane.cancel,
        "packages.copy_request": pane.copy_request,
        "packages.save_report": pane.save_report,
        "packages.fetch_names": pane.fetch_names,
        "packages.show_all": lambda: pane.show_kind("all"),
        "packages.show_direct": lambda: pane.show_kind("direct"),
        "packages.show_outdated": lambda: pane.show_kind("outdated"),
        "packages.show_refused": lambda: pane.show_kind("refused"),
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
