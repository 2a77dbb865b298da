"""Commands that deploy a script. They are there where the program has a way to targets."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_SCRIPT: Final = "editor.has_file"
HAS_LATEST: Final = "deploy.has_latest"
HAS_SHEET: Final = "deploy.has_sheet"

_NAMED: Final = {"view.jobs": "show_jobs", "deploy.targets": "edit_targets"}

COMMANDS: Final[tuple[Command, ...]] = (
    Command("deploy.start", "Deploy", "Run the script in front elsewhere: asked about the first time, one click then.",
            icon="lightning", when=HAS_SCRIPT, menu="run/5_deploy", toolbar="9_deploy"),
    Command("deploy.sheet", "Deploy with options...", "What is sent, where, with how much.", when=HAS_SCRIPT,
            menu="run/5_deploy_sheet"),
    Command("deploy.again", "Deploy the latest again", "As the project is now, with the options of the last time.",
            icon="arrow-clockwise", when=HAS_LATEST, menu="run/5_deploy_again"),
    Command("deploy.targets", "Targets...", "Where scripts are deployed to: add, change, test, remove.",
            menu="run/5_deploy_targets"),
    Command("view.jobs", "Go to jobs", menu="view/1_files"),
    Command("deploy.exclude_file", "Leave a file out of the deploy", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.include_file", "Send a file with the deploy", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.accept", "Accept a problem of the deploy", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.name_secret", "Give a secret of the deploy", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.edit_resources", "Change what the deploy asks for", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.lock", "Lock the packages for the deploy", when=HAS_SHEET, is_in_palette=False),
    Command("deploy.edit_target", "Change the target of the deploy", when=HAS_SHEET, is_in_palette=False),
)  # fmt: skip


class DeployActions(Protocol):
    """What can be asked for."""

    def start(self, path: str = "") -> None: ...
    def sheet(self, path: str = "") -> None: ...
    def again(self) -> None: ...
    def edit_targets(self) -> None: ...
    def show_jobs(self) -> None: ...
    def exclude_file(self, file: str = "") -> None: ...
    def include_file(self, file: str = "") -> None: ...
    def accept(self, concern: str = "") -> None: ...
    def name_secret(self, name: str = "") -> None: ...
    def edit_resources(self) -> None: ...
    def lock(self) -> None: ...
    def edit_target(self) -> None: ...


def add_commands(commands: Commands, desk: DeployActions) -> None:
    """Declare the context keys and add the commands; `desk` does the work."""
    for key, meaning in (
        (HAS_LATEST, "an earlier deploy"),
        (HAS_SHEET, "an open deploy sheet"),
    ):
        commands.context.declare(key, False, meaning, "Deploy")
    for command in COMMANDS:
        commands.add(command, getattr(desk, _NAMED.get(command.id, command.id.removeprefix("deploy."))))
