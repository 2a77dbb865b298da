"""All commands of the program and the one way to run them: menus, keys, palette, plugins and scripts come here.

Owns no keys (`keys.py`) and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from ide.commands import when
from ide.commands.command import Command
from ide.commands.context import Context
from ide.core.errors import CommandError, FourpaneError
from ide.core.events import Signal

Handler = Callable[..., object]


class Commands:
    """Used on the UI thread. Handlers run at once in the caller's turn and must return quickly."""

    added = Signal(str)
    ran = Signal(str)
    """Id of a command whose handler returned without an error."""

    def __init__(self, context: Context, on_error: Callable[[FourpaneError], None]) -> None:
        self.context = context
        self._on_error = on_error
        self._commands: dict[str, Command] = {}
        self._handlers: dict[str, Handler] = {}

    def add(self, command: Command, handler: Handler) -> None:
        """Make a command known. Raises ValueError for a second of that id, WhenError for a bad condition."""
        if command.id in self._commands:
            raise ValueError(f"command {command.id!r} is added twice")
        self.context.parsed(command.when)
        self.context.parsed(command.checked)
        self._commands[command.id] = command
        self._handlers[command.id] = handler
        self.added.emit(command.id)

    def run(self, id: str, /, **arguments: object) -> object:
        """Run a command and return what its handler returns.

        An error meant for the user goes to `on_error`, and None comes back: also where there is no such command or it
        cannot run now. Any other error is a bug and goes to the caller.
        """
        try:
            return self.perform(id, **arguments)
        except FourpaneError as error:
            self._on_error(error)
            return None

    def perform(self, id: str, /, **arguments: object) -> object:
        """As `run`, but an error meant for the user is raised: for scripts."""
        command = self.get(id)
        if not self.is_enabled(id):
            raise CommandError(f"“{self.title(id)}” is not possible now.", self._sentence(self.reason(id)))
        result = self._handlers[command.id](**arguments)
        self.ran.emit(id)
        return result

    def report(self, error: FourpaneError) -> None:
        """Show an error of work that a command began and that ended later, where all errors are shown."""
        self._on_error(error)

    def get(self, id: str) -> Command:
        """The command's record; raises CommandError where there is none."""
        if id not in self._commands:
            raise CommandError(f"There is no command “{id}”.")
        return self._commands[id]

    def __contains__(self, id: str) -> bool:
        return id in self._commands

    def all(self) -> tuple[Command, ...]:
        """Every command in the order of adding."""
        return tuple(self._commands.values())

    def is_enabled(self, id: str) -> bool:
        """Whether the command can run now; False for an unknown one."""
        command = self._commands.get(id)
        return command is not None and self.context.matches(command.when)

    def is_checked(self, id: str) -> bool:
        """Whether a checkable command is on."""
        command = self.get(id)
        return command.is_checkable and bool(command.checked) and self.context.matches(command.checked)

    def title(self, id: str) -> str:
        """The title as it is now."""
        command = self.get(id)
        live = self.context.get(command.live_title) if command.live_title else None
        return str(live) if live else command.title

    def reason(self, id: str) -> str:
        """In words why the command cannot run now; empty where it can."""
        return self.context.reason(self.get(id).when)

    def keys_looked_at(self, id: str) -> frozenset[str]:
        """Context keys on which the command's state or title hangs: what a view has to watch."""
        command = self.get(id)
        conditions = (self.context.parsed(command.when), self.context.parsed(command.checked))
        live = frozenset({command.live_title} if command.live_title else ())
        return frozenset().union(live, *(when.keys(condition) for condition in conditions))

    @staticmethod
    def _sentence(reason: str) -> str:
        return f"It {reason}." if reason.startswith("needs") else (f"{reason.capitalize()}." if reason else "")
