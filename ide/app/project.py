"""The open folder: opening and closing it, its trust, and what follows from both. UI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ide.app.commands import HAS_FOLDER, IS_TRUSTED
from ide.commands.context import Context
from ide.core.errors import CommandError
from ide.core.events import Signal
from ide.documents.documents import Documents
from ide.documents.trust import Trust
from ide.documents.workspace import ProjectState, Workspace
from ide.settings.settings import Settings


class Project:
    """Ties workspace, trust, settings and documents to one folder."""

    opened = Signal(object)
    """The folder, or None."""
    trust_changed = Signal(bool)
    """The open folder is trusted now, or is not any more."""

    def __init__(
        self, workspace: Workspace, trust: Trust, settings: Settings, documents: Documents, context: Context
    ) -> None:
        self._workspace = workspace
        self._trust = trust
        self._settings = settings
        self._documents = documents
        self._context = context

    @property
    def folder(self) -> Path | None:
        """The open folder."""
        return self._workspace.folder

    @property
    def is_trusted(self) -> bool:
        """Whether code of the open folder may run by itself; true without a folder."""
        return self.folder is None or self._trust.is_trusted(self.folder)

    @property
    def findings(self) -> list[str]:
        """What is off while the folder is untrusted."""
        return [] if self.folder is None else [finding.sentence for finding in self._trust.findings(self.folder)]

    def open(self, folder: Path | None) -> ProjectState:
        """Make `folder` the project. Raises CommandError where it is no folder or cannot be read."""
        if folder is not None:
            self._check(folder)
        state = self._workspace.open_folder(folder)
        self._documents.set_project(self.folder)
        self._settings.use_project(self.folder if self.folder is not None and self.is_trusted else None)
        self._tell()
        self.opened.emit(self.folder)
        return state

    def trust(self) -> None:
        """The user's yes."""
        self._decide(self._trust.trust)

    def revoke(self) -> None:
        """The user takes it back."""
        self._decide(self._trust.revoke)

    def _decide(self, decide: Callable[[Path], None]) -> None:
        if self.folder is None:
            raise CommandError("No folder is open.", "", "Open one first.", action="file.open_folder")
        try:
            decide(self.folder)
        except OSError as error:
            raise CommandError(
                "The folder's trust was not changed.", f"The system says: {error.strerror or error}.", "Open it again."
            ) from error
        self._settings.use_project(self.folder if self.is_trusted else None)
        self._tell()
        self.trust_changed.emit(self.is_trusted)

    def _tell(self) -> None:
        self._context.set(HAS_FOLDER, self.folder is not None)
        self._context.set(IS_TRUSTED, self.is_trusted)

    @staticmethod
    def _check(folder: Path) -> None:
        try:
            next(folder.iterdir(), None)
        except OSError as error:
            raise CommandError(
                f"The folder “{folder.name}” can't be opened.",
                f"The system says: {error.strerror or error}.",
                "Open another folder.",
                action="file.open_folder",
                action_title="Open folder",
            ) from error
