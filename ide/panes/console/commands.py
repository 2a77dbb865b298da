"""Commands of the console and of sessions."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

EXISTS: Final = "session.exists"
BUSY: Final = "session.is_busy"

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "session.start",
        "New console",
        help="Start the program that runs your code, in the environment in use.",
        icon="terminal-window",
        menu="session/1_start",
    ),
    Command(
        "session.start_in",
        "New console in...",
        help="Choose Python, R or another environment for a new console.",
        icon="plus",
        menu="session/1_start_in",
    ),
    Command(
        "session.interrupt",
        "Stop",
        help="Stop the code that runs; variables stay.",
        icon="stop",
        when=BUSY,
        menu="session/2_interrupt",
        toolbar="1_2stop",
    ),
    Command(
        "session.restart",
        "Restart session",
        help="End the kernel and start it anew. Variables are lost, the text in the console stays.",
        icon="arrow-clockwise",
        when=EXISTS,
        menu="session/2_restart",
    ),
    Command(
        "session.kill",
        "End session at once",
        help="For a kernel that does not answer. Variables are lost.",
        when=EXISTS,
        menu="session/2_restart_kill",
    ),
    Command("session.rename", "Rename console...", icon="pencil-simple", when=EXISTS, menu="session/3_rename"),
    Command(
        "session.shut_down",
        "Close console",
        help="End the kernel and close its tab. For some seconds it can be brought back.",
        icon="x",
        when=EXISTS,
        menu="session/3_shut_down",
    ),
    Command("session.bring_back", "Bring back closed console", when="console.has_closed", menu="session/3_bring_back"),
    Command("session.set_folder", "Change working folder...", icon="folder-open", when=EXISTS, menu="session/4_folder"),
    Command(
        "console.copy_or_interrupt",
        "Copy, or interrupt",
        help="Copy what is selected, without prompts. With nothing selected, stop the code that runs.",
        when=EXISTS,
        is_in_palette=False,
    ),
    Command("console.clear", "Clear console", icon="broom", when=EXISTS, menu="session/5_clear"),
    Command("console.find", "Find in console", icon="magnifying-glass", when=EXISTS, menu="session/5_find"),
    Command(
        "console.copy_code",
        "Copy code of console",
        help="Copy the code that was entered, without prompts and output: the selected part, or all.",
        icon="copy",
        when=EXISTS,
        menu="session/5_copy_code",
    ),
    Command(
        "console.history_search",
        "Search history",
        help="Find what was entered in consoles of this language, also in earlier days.",
        icon="clock-counter-clockwise",
        when=EXISTS,
        menu="session/5_history",
    ),
    Command(
        "console.show_help",
        "Help for this name",
        help="Say what is known of the name at the caret.",
        icon="question",
        when=EXISTS,
        menu="session/5_help",
    ),
    Command("console.next", "Next console", when=EXISTS, menu="session/6_next"),
    Command("console.previous", "Previous console", when=EXISTS, menu="session/6_previous"),
)


class ConsoleActions(Protocol):
    """What the pane can be told to do. `session` is a session's id, empty for the one in use."""

    def start(self, language: str = "", environment: str = "") -> None: ...
    def start_in(self) -> None: ...
    def interrupt(self, session: str = "") -> None: ...
    def restart(self, session: str = "") -> None: ...
    def kill(self, session: str = "") -> None: ...
    def rename(self, session: str = "", name: str = "") -> None: ...
    def shut_down(self, session: str = "", is_sure: bool = False) -> None: ...
    def bring_back(self, session: str = "") -> None: ...
    def set_folder(self, session: str = "", folder: str = "") -> None: ...
    def copy_or_interrupt(self) -> None: ...
    def clear(self) -> None: ...
    def find(self) -> None: ...
    def copy_code(self) -> None: ...
    def search_history(self) -> None: ...
    def show_help(self) -> None: ...
    def next(self) -> None: ...
    def previous(self) -> None: ...


def add_commands(commands: Commands, pane: ConsoleActions) -> None:
    """Add the commands; `pane` does the work."""
    handlers = {
        "session.start": pane.start,
        "session.start_in": pane.start_in,
        "session.interrupt": pane.interrupt,
        "session.restart": pane.restart,
        "session.kill": pane.kill,
        "session.rename": pane.rename,
        "session.shut_down": pane.shut_down,
        "session.bring_back": pane.bring_back,
        "session.set_folder": pane.set_folder,
        "console.copy_or_interrupt": pane.copy_or_interrupt,
        "console.clear": pane.clear,
        "console.find": pane.find,
        "console.copy_code": pane.copy_code,
        "console.history_search": pane.search_history,
        "console.show_help": pane.show_help,
        "console.next": pane.next,
        "console.previous": pane.previous,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
