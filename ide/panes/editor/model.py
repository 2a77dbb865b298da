"""What the editor pane knows of its documents: tabs, what is in front, what runs. No Qt."""

from __future__ import annotations

from pathlib import Path

from ide.core.events import Signal
from ide.core.record import dataclass
from ide.core.runs import Run
from ide.documents.document import Document
from ide.documents.documents import Documents
from ide.extensions.extensions import Extensions


@dataclass(frozen=True, slots=True)
class DocumentTab:
    """One document as its tab shows it."""

    key: str
    text: str
    badge: str
    badge_role: str
    tooltip: str
    is_unsaved: bool
    is_running: bool
    state: str


@dataclass(frozen=True, slots=True)
class EditorStatus:
    """What the status bar shows of the document in front. Line and column count from 0; `selected` code points."""

    line: int = 0
    column: int = 0
    selected: int = 0
    encoding: str = ""
    line_ending: str = ""
    language: str = ""


_ENDINGS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


def line_ending_name(document: Document) -> str:
    """ "LF", "CRLF", "CR", and whether there are others too."""
    name = _ENDINGS.get(document.line_ending, "LF")
    return f"{name}, mixed" if document.has_mixed_endings else name


def encoding_name(document: Document) -> str:
    """ "UTF-8", "UTF-8 with BOM", ..."""
    name = document.encoding.upper().replace("_", "-")
    return f"{name} with BOM" if document.has_bom else name


class EditorModel:
    """Tabs of the documents, in their order. UI thread."""

    tabs_changed = Signal()

    def __init__(self, documents: Documents, extensions: Extensions) -> None:
        self._documents = documents
        self._extensions = extensions
        self._running: dict[str, set[str]] = {}
        for signal in (documents.opened, documents.closed, documents.reordered):
            signal.connect(self._on_documents_changed)

    def close(self) -> None:
        """Follow the documents no more."""
        for signal in (self._documents.opened, self._documents.closed, self._documents.reordered):
            signal.disconnect(self._on_documents_changed)

    def tabs(self) -> tuple[DocumentTab, ...]:
        """One for each document."""
        titles = _titles(self._documents.all)
        return tuple(self._tab(document, titles[document.key]) for document in self._documents.all)

    def take_run(self, run: Run) -> None:
        """News of a run: its document's tab turns while it is open."""
        if run.source is None or not run.source.document:
            return
        open_runs = self._running.setdefault(run.source.document, set())
        before = bool(open_runs)
        if run.status.is_final:
            open_runs.discard(run.id)
        else:
            open_runs.add(run.id)
        if bool(open_runs) != before:
            self.tabs_changed.emit()

    def is_running(self, document: Document) -> bool:
        """Whether code of the document waits or runs."""
        return bool(self._running.get(document.key))

    def _tab(self, document: Document, title: str) -> DocumentTab:
        facts = self._extensions.facts(document.language) if document.language else None
        badge, role = (facts.badge, facts.badge_role) if facts else (document.language[:2].capitalize(), "badge_other")
        state = {"newer": "changed on disk", "gone": "deleted on disk", "same": ""}[document.disk_state]
        if document.is_read_only:
            state = ", ".join(word for word in (state, "read-only") if word)
        tooltip = str(document.path) if document.path is not None else f"{document.title}, never saved"
        return DocumentTab(
            document.key, title, badge, role, tooltip, document.is_dirty, self.is_running(document), state
        )

    def _on_documents_changed(self) -> None:
        keys = {document.key for document in self._documents.all}
        for key in [key for key in self._running if key not in keys and not self._running[key]]:
            del self._running[key]
        self.tabs_changed.emit()


def _titles(documents: tuple[Document, ...]) -> dict[str, str]:
    """File names; those that several files have get the folder with them."""
    names = [document.title for document in documents]
    return {
        document.key: _with_folder(document.path)
        if document.path is not None and names.count(document.title) > 1
        else document.title
        for document in documents
    }


def _with_folder(path: Path) -> str:
    return f"{path.name} ({path.parent.name or path.anchor})"
