"""Commands that no pane owns: folders, trust, environments, dialogs, help. `ide.app.program` does the work."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_FOLDER: Final = "project.has_folder"
IS_TRUSTED: Final = "project.is_trusted"

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "file.open_folder",
        "Open folder...",
        help="Make a folder the project: its files, its working folder, its open documents.",
        icon="folder-open",
        menu="file/2_open_folder",
    ),
    Command("file.close_folder", "Close folder", when=HAS_FOLDER, menu="file/2_close_folder"),
    Command("app.settings", "Settings...", icon="gear", menu="file/7_settings"),
    Command("app.keys", "Keyboard shortcuts...", icon="keyboard", menu="file/7_keys"),
    Command(
        "app.palette",
        "Search or command...",
        help="Find and run any command, open a file by its name, or go to a line with :42.",
        icon="magnifying-glass",
        menu="view/0_palette",
        is_in_palette=False,
    ),
    Command(
        "session.choose_environment",
        "Choose environment...",
        help="Choose the Python, R or other program that runs your code.",
        icon="package",
        menu="session/1_choose_environment",
    ),
    Command(
        "session.use_environment",
        "Use environment",
        help="Start code in an environment, given by its id, name or path, and remember it for the project.",
        is_in_palette=False,
    ),
    Command(
        "session.attach",
        "Attach to a running kernel...",
        help="Open a console for a kernel that another program started; closing the console leaves the kernel running.",
        icon="link",
        menu="session/1_choose_environment",
    ),
    Command(
        "session.restart_all",
        "Restart all sessions",
        help="End every kernel and start it anew. Variables are lost, the text in the consoles stays.",
        icon="arrow-clockwise",
        when="session.exists",
        menu="session/2_restart_all",
    ),
    Command(
        "trust.trust",
        "Trust this folder",
        help="Let start-up files and modules of the open folder run.",
        icon="shield-check",
        when=f"{HAS_FOLDER} and not {IS_TRUSTED}",
        menu="file/6_trust",
    ),
    Command(
        "trust.revoke",
        "Trust this folder no more",
        icon="shield-warning",
        when=f"{HAS_FOLDER} and {IS_TRUSTED}",
        menu="file/6_trust_revoke",
    ),
    Command("trust.why", "What trusting a folder means", icon="shield", menu="help/3_trust"),
    Command("help.keys", "Keys at a glance", icon="keyboard", menu="help/1_keys"),
    Command("help.sample_project", "Open the sample project", icon="lightning", menu="help/2_sample"),
    Command("help.settings_reference", "Settings reference", icon="book-open", menu="help/1_settings"),
)


class ProgramActions(Protocol):
    """What the program can be told to do."""

    def open_folder(self, path: str = "") -> None: ...
    def close_folder(self) -> None: ...
    def show_settings(self, search: str = "") -> None: ...
    def show_keys(self) -> None: ...
    def show_palette(self, text: str = "") -> None: ...
    def choose_environment(self, language: str = "") -> None: ...
    def use_environment(self, environment: str = "") -> None: ...
    def attach(self, connection_file: str = "") -> None: ...
    def restart_all(self) -> None: ...
    def trust_folder(self) -> None: ...
    def revoke_trust(self) -> None: ...
    def explain_trust(self) -> None: ...
    def open_sample_project(self) -> None: ...
    def show_settings_reference(self) -> None: ...


def add_commands(commands: Commands, program: ProgramActions) -> None:
    """Add the commands; `program` does the work."""
    commands.context.declare(HAS_FOLDER, False, "an open folder", "the program")
    commands.context.declare(IS_TRUSTED, False, "a trusted folder", "the program")
    handlers = {
        "file.open_folder": program.open_folder,
        "file.close_folder": program.close_folder,
        "app.settings": program.show_settings,
        "app.keys": program.show_keys,
        "app.palette": program.show_palette,
        "session.choose_environment": program.choose_environment,
        "session.use_environment": program.use_environment,
        "session.attach": program.attach,
        "session.restart_all": program.restart_all,
        "trust.trust": program.trust_folder,
        "trust.revoke": program.revoke_trust,
        "trust.why": program.explain_trust,
        "help.keys": program.show_keys,
        "help.sample_project": program.open_sample_project,
        "help.settings_reference": program.show_settings_reference,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
