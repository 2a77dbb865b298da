"""Commands about whole environments. `ide.app.making` does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "environment.create",
        "Create environment...",
        help="Make a place of its own for the packages of a project or a class, and open a console in it.",
        icon="plus",
        menu="session/1_create",
    ),
    Command(
        "environment.set_up",
        "Set up a language...",
        help="Make an environment for data analysis; Python or R is fetched where it is not on this machine.",
        is_in_palette=False,
    ),
    Command(
        "environment.duplicate",
        "Duplicate environment...",
        help="Make another environment with exactly the same packages as that of the console in use.",
        icon="copy",
        when="session.exists",
    ),
    Command(
        "environment.rename",
        "Rename environment...",
        help="Give the environment of the console in use another name. It is made anew; the old one goes to the bin.",
        icon="pencil-simple",
        when="session.exists",
    ),
    Command(
        "environment.delete",
        "Delete environment...",
        help="Move the environment of the console in use to the bin.",
        icon="trash",
        when="session.exists",
    ),
    Command(
        "environment.export",
        "Export environment...",
        help="Write what is installed as requirements or as environment.yml.",
        icon="download-simple",
        when="session.exists",
    ),
    Command(
        "environment.lock",
        "Lock environment",
        help="Write exactly what is installed, with hashes, and a bill of materials into the project's folder.",
        icon="file-text",
        when="session.exists",
        menu="session/8_lock",
    ),
    Command(
        "environment.compare",
        "Compare environment with its lock",
        help="Tell which packages are not as the lock in the project's folder says.",
        icon="git-diff",
        when="session.exists",
        menu="session/8_compare",
    ),
    Command(
        "environment.reset",
        "Reset environment to its lock",
        help="Make the environment anew with exactly what the lock in the project's folder says.",
        icon="arrow-counter-clockwise",
        when="session.exists",
    ),
    Command(
        "environment.repair",
        "Repair environment",
        help="Make an environment that does not work anew, with the packages that it lists.",
        icon="arrows-clockwise",
        when="session.exists",
    ),
    Command(
        "environment.install_kernel",
        "Install what runs code into the environment",
        help="Put ipykernel, or R's IRkernel, into it. Without it Python runs by a copy beside the environment.",
        icon="download-simple",
        when="session.exists",
    ),
    Command(
        "environment.install_kernel_from",
        "Install what runs code from a folder...",
        help="The same without network: from a folder of wheels, or one of R packages.",
        icon="folder-open",
        when="session.exists",
    ),
)


class MakingActions(Protocol):
    """What can be done with whole environments. An empty `environment` is that of the console in use."""

    def create(self, language: str = "", source: str = "", in_project: bool = False) -> None: ...
    def set_up(self, language: str) -> None: ...
    def duplicate(self, environment: str = "", name: str = "") -> None: ...
    def rename(self, environment: str = "", name: str = "", ends_sessions: bool = False) -> None: ...
    def delete(self, environment: str = "", ends_sessions: bool = False) -> None: ...
    def export(self, environment: str = "", path: str = "") -> None: ...
    def lock(self, environment: str = "", folder: str = "") -> None: ...
    def compare(self, environment: str = "", lock: str = "") -> None: ...
    def reset(self, environment: str = "", lock: str = "", ends_sessions: bool = False) -> None: ...
    def repair(self, environment: str = "", base: str = "", ends_sessions: bool = False) -> None: ...
    def install_kernel(self, environment: str = "", folder: str = "") -> None: ...
    def install_kernel_from(self, environment: str = "") -> None: ...


def add_commands(commands: Commands, actions: MakingActions) -> None:
    """Add the commands; `actions` does the work."""
    handlers: dict[str, Callable[..., object]] = {
        "environment.create": actions.create,
        "environment.set_up": actions.set_up,
        "environment.duplicate": actions.duplicate,
        "environment.rename": actions.rename,
        "environment.delete": actions.delete,
        "environment.export": actions.export,
        "environment.lock": actions.lock,
        "environment.compare": actions.compare,
        "environment.reset": actions.reset,
        "environment.repair": actions.repair,
        "environment.install_kernel": actions.install_kernel,
        "environment.install_kernel_from": actions.install_kernel_from,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
