"""Everything the user can do, as records; when it can be done; and with which keys."""

from ide.commands.command import Command
from ide.commands.context import Context
from ide.commands.keys import Binding, Conflict, KeyMaps
from ide.commands.registry import Commands
from ide.commands.when import WhenError

__all__ = ["Binding", "Command", "Commands", "Conflict", "Context", "KeyMaps", "WhenError"]
