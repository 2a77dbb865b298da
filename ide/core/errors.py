"""Errors that are meant for the user.

    FourpaneError
      CommandError        a command could not do its work
      DocumentError       a file could not be read or written
      KernelError         a kernel could not be started or reached
      PackageError        packages or an environment could not be made, changed or read
      DeployError         a job could not be prepared, sent, watched or brought back
      ContractError       a message of an agent does not fit the contract
      SettingsError       a setting has a value that it cannot have

The text of an error says what happened, what it means and what to do next. The technical cause is chained
(`raise ... from`) and goes to the log.
"""

from __future__ import annotations


class FourpaneError(Exception):
    """An error that can be shown to the user as it is.

    `action` is the id of one command that helps, or empty; `action_arguments` are passed to it.
    """

    def __init__(
        self,
        happened: str,
        meaning: str = "",
        advice: str = "",
        *,
        action: str = "",
        action_title: str = "",
        action_arguments: dict[str, object] | None = None,
    ) -> None:
        super().__init__(happened)
        self.happened = happened
        self.meaning = meaning
        self.advice = advice
        self.action = action
        self.action_title = action_title
        self.action_arguments = dict(action_arguments or {})

    @property
    def text(self) -> str:
        """At most three lines: what happened, what it means, what to do."""
        return "\n".join(line for line in (self.happened, self.meaning, self.advice) if line)


class CommandError(FourpaneError):
    """A command could not do its work."""


class DocumentError(FourpaneError):
    """A file could not be read or written; the text in the window is untouched."""


class KernelError(FourpaneError):
    """A kernel could not be started, reached or told something."""


class PackageError(FourpaneError):
    """An environment or the packages in it could not be made, changed, locked or read."""


class DeployError(FourpaneError):
    """A job could not be prepared, sent, watched or stopped, or its results not be taken over."""


class ContractError(FourpaneError):
    """A message between window and agent does not fit the contract."""


class SettingsError(FourpaneError):
    """A setting was given a value that it cannot have."""
