"""Commands that give the console in use workers. They are there where the program has a way to targets."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

CAN_SCALE: Final = "console.can_scale"
HAS_WORKERS: Final = "console.has_workers"
HAS_CLUSTER: Final = "console.has_cluster"
HAS_DASHBOARD: Final = "console.has_dashboard"

COMMANDS: Final[tuple[Command, ...]] = (
    Command("deploy.scale_console", "Scale this console",
            help="Give the console workers: a client of a Dask cluster in Python, processes for future in R; then more "
            "or fewer of them.", icon="cube", when=CAN_SCALE, menu="session/7_scale"),
    Command("deploy.connect_console", "Connect this console again",
            help="Run the code that makes the client once more, as after a restart of the kernel.", icon="link",
            when=HAS_CLUSTER, menu="session/7_scale"),
    Command("deploy.open_dashboard", "Open the dashboard of this console",
            help="What its workers do, in the browser. The address opens without a login: keep it to yourself.",
            icon="arrow-square-out", when=HAS_DASHBOARD, menu="session/7_scale"),
    Command("deploy.end_workers", "End the workers of this console",
            help="End them with all that they hold.", icon="stop", when=HAS_WORKERS, menu="session/7_scale"),
    Command("deploy.show_workers", "Workers of this console",
            help="Choose what to do with them.", when=HAS_WORKERS),
)  # fmt: skip


class ScaleActions(Protocol):
    """What can be asked for."""

    def scale_console(self, target: str = "", workers: int = 0, minimum: int = 0, maximum: int = 0) -> None: ...
    def connect_console(self) -> None: ...
    def open_dashboard(self) -> None: ...
    def end_workers(self) -> None: ...
    def show_workers(self) -> None: ...


def add_commands(commands: Commands, desk: ScaleActions) -> None:
    """Declare the context keys and add the commands; `desk` does the work."""
    for key, meaning in (
        (CAN_SCALE, "a console of a language that can have workers"),
        (HAS_WORKERS, "a console with workers"),
        (HAS_CLUSTER, "a console with a cluster that is up"),
        (HAS_DASHBOARD, "a console whose cluster has a dashboard"),
    ):
        commands.context.declare(key, False, meaning, "Deploy")
    for command in COMMANDS:
        commands.add(command, getattr(desk, command.id.removeprefix("deploy.")))
