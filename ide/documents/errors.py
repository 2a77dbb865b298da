"""Errors of documents that carry more than one way out, or what is known after a half-done save."""

from __future__ import annotations

from ide.core.errors import DocumentError
from ide.core.record import dataclass, field
from ide.documents.signature import Signature


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: a command with its arguments."""

    title: str
    command: str
    arguments: dict[str, object] = field(default_factory=dict)


class DiskChangedError(DocumentError):
    """The file on disk is not the one that was opened: nothing was written, the user chooses.

    `choices` are, in this order: look at the difference, overwrite, reload, save as. The first is also `action`.
    """

    def __init__(self, happened: str, meaning: str, advice: str, choices: tuple[Choice, ...] = ()) -> None:
        first = choices[0] if choices else Choice("Save as", "document.save_as")
        super().__init__(
            happened,
            meaning,
            advice,
            action=first.command,
            action_title=first.title,
            action_arguments=first.arguments,
        )
        self.choices = choices


class SaveFailedError(DocumentError):
    """A file could not be written; on disk is the old version, whole.

    `signature` is set where the new version is already in place, whole, but the system could not promise that it
    survives a power cut.
    """

    signature: Signature | None = None
