"""One open file, or one text that was never saved: its text, how it lies on disk, what was changed.

Owns no widget and reads no file: `Documents` makes, saves and restores it. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from ide.core.cells import Cell
from ide.core.errors import DocumentError
from ide.core.events import Signal
from ide.core.record import dataclass, replace
from ide.core.text import Edit
from ide.documents import line_endings
from ide.documents.chunks import Chunk, LanguageId, chunk_cells, chunks_of
from ide.documents.encoding import Encoding
from ide.documents.journal_format import View
from ide.documents.line_endings import LineEndings
from ide.documents.notebook import Notebook
from ide.documents.reading import Content
from ide.documents.recovery import Conflict
from ide.documents.signature import Signature
from ide.documents.text_buffer import TextBuffer, smallest_edit

Kind = Literal["script", "chunks", "notebook", "text"]
DiskState = Literal["same", "newer", "gone"]
CellsOf = Callable[[str, Sequence[str]], tuple[Cell, ...]]
"""(language id, lines): the cells of a script; empty for a language without a plugin."""

Done = Callable[[], None]
Failed = Callable[[DocumentError], None]


class Store(Protocol):
    """What a document needs of the world. `Documents` is one."""

    def edited(self, document: Document, edit: Edit) -> None:
        """An edit was made; the journal may not have the text yet (`is_text_journaled`)."""

    def looked_at(self, document: Document) -> None:
        """The view moved."""

    def reshaped(self, document: Document) -> None:
        """Encoding, line ending, language or path changed."""

    def save(self, document: Document, done: Done, failed: Failed, *, overwrite: bool) -> None:
        """Write the text to its file."""

    def save_as(self, document: Document, path: Path, done: Done, failed: Failed, *, overwrite: bool) -> None:
        """Write the text to another file, which becomes the document's."""

    def reload(self, document: Document, done: Done, failed: Failed) -> None:
        """Take the text that is on disk."""

    def compare(self, document: Document, done: Callable[[Conflict, str], None], failed: Failed) -> None:
        """Read what is on disk, to be shown beside the text."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What languages and cells a document may ask for."""

    language_of: Callable[[Path], str]
    language_id: LanguageId
    cells_of: CellsOf


class _Saved(NamedTuple):
    """What the file on disk holds as far as we know."""

    text: str
    encoding: Encoding
    endings: LineEndings


class Document:
    """The text of one tab. `key` is its name for life, also over restarts.

    `edited` carries each edit after it was made, whoever made it; `replaced` says that the whole text is another one;
    `state_changed` that something but the text changed (title, dirty, disk state, encoding, language).
    """

    edited = Signal(Edit)
    replaced = Signal()
    state_changed = Signal()

    def __init__(
        self,
        key: str,
        content: Content,
        store: Store,
        rules: Rules,
        *,
        path: Path | None = None,
        title: str = "",
        language: str = "",
        notebook: Notebook | None = None,
    ) -> None:
        self.key = key
        self.path = path
        self.real_path = content.real_path
        self.view = View()
        self.disk_state: DiskState = "same"
        self.is_saving = False
        self.revision = 0
        self._untitled = title
        self._store = store
        self._rules = rules
        self._notebook = notebook
        self._is_journaled = False
        self._language = language
        self._is_dirty = False
        self._cells: tuple[int, str, tuple[Cell, ...]] | None = None
        self._hold(content)

    def _hold(self, content: Content) -> None:
        self._buffer = TextBuffer(content.text if self._notebook is None else self._notebook.text)
        self._encoding = content.encoding
        self._endings = content.endings.copy()
        self.signature: Signature | None = content.signature
        self._saved: _Saved | None = _Saved(self._buffer.text, content.encoding, content.endings.copy())

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """File name, or the name given to a text that was never saved."""
        return self.path.name if self.path else self._untitled

    @property
    def language(self) -> str:
        """Id of the language; empty for plain text."""
        if self._notebook is not None:
            return self._notebook.language
        return self._language or (self._rules.language_of(self.path) if self.path else "")

    @property
    def chosen_language(self) -> str:
        """The language that was chosen against, or without, a file name; empty where the name decides."""
        return self._language

    @property
    def kind(self) -> Kind:
        """What its cells are made from."""
        if self._notebook is not None:
            return "notebook"
        if (self.path or Path(self._untitled)).suffix.lower() in (".rmd", ".qmd"):
            return "chunks"
        return "script" if self.language else "text"

    @property
    def is_read_only(self) -> bool:
        """Whether the text cannot be edited here; `read_only_reason` says why."""
        return self._notebook is not None

    @property
    def encoding(self) -> str:
        """Python's name of the codec."""
        return self._encoding.name

    @property
    def has_bom(self) -> bool:
        """Whether the file begins with a byte order mark, which is kept."""
        return self._encoding.has_bom

    @property
    def line_ending(self) -> str:
        """The ending that new lines get: "\\n", "\\r\\n" or "\\r"."""
        return self._endings.usual

    @property
    def has_mixed_endings(self) -> bool:
        """Whether the file has lines that end otherwise; they keep their endings."""
        return self._endings.is_mixed

    # -- text -----------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The whole text, lines ending in "\\n". Put together when asked for, then kept until the next edit."""
        return self._buffer.text

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text as it is now, in parts: free to take at any time, for another thread to join."""
        return self._buffer.pieces

    @property
    def is_dirty(self) -> bool:
        """Whether the text is in no file as it is. One that was never saved is dirty once it has a character."""
        return self._is_dirty

    @property
    def is_edited(self) -> bool:
        """Whether the text differs from what was last read or written, even if that file is gone meanwhile."""
        if self.is_read_only:
            return False
        if self._saved is None:
            return self.path is not None or len(self._buffer) > 0
        is_same = self._endings == self._saved.endings and self._encoding == self._saved.encoding
        return not (is_same and self._buffer.equals(self._saved.text))

    def _differs(self) -> bool:
        return self.is_edited or (self.disk_state == "gone" and not self.is_read_only)

    def apply(self, edit: Edit) -> None:
        """Make one edit: it is in the text at once and in the journal within half a second.

        Raises DocumentError for a read-only document and ValueError for a range outside the text.
        """
        if self.is_read_only:
            raise DocumentError(f"{self.title} cannot be edited.", "Notebooks open read-only.")
        line = self._buffer.line_at(edit.start) if self._endings.is_mixed else 0
        removed = self._buffer.apply(edit)
        self._endings.follow(edit, removed, line)
        self._count(edit)
        self._store.edited(self, edit)
        self.edited.emit(edit)
        self._tell_dirty()

    def replace_text(self, text: str) -> None:
        """Make the text another one by the smallest single edit (formatting)."""
        if edit := smallest_edit(self.text, text):
            self.apply(edit)

    def _count(self, edit: Edit) -> None:
        self.revision += 1
        end = edit.start + len(edit.inserted)
        self.view = replace(self.view, caret=end, anchor=end)

    def _tell_dirty(self) -> None:
        before, self._is_dirty = self._is_dirty, self._differs()
        if self._is_dirty != before:
            self.state_changed.emit()

    # -- how it is seen and written -------------------------------------------------------------------------------

    def look_at(self, view: View) -> None:
        """The editor tells where caret and scroll bar are; it is noted for the next start."""
        if view != self.view:
            self.view = view
            self._store.looked_at(self)

    def set_line_ending(self, ending: str) -> None:
        """Give every line this ending."""
        if ending not in line_endings.NAMES:
            raise ValueError(ending)
        self._endings.set_usual(ending)
        self._reshape()

    def set_encoding(self, name: str, *, has_bom: bool = False) -> None:
        """Write the file in this encoding from the next save on."""
        self._encoding = Encoding(name, has_bom)
        self._reshape()

    def set_language(self, language: str) -> None:
        """Treat the text as this language, whatever the file is called."""
        self._language = language
        self._reshape()

    def _reshape(self) -> None:
        self._cells = None
        self._store.reshaped(self)
        self._is_dirty = self._differs()
        self.state_changed.emit()

    # -- cells ----------------------------------------------------------------------------------------------------

    def cells(self) -> tuple[Cell, ...]:
        """The runnable parts, in order and without gaps; empty where there are none. Kept until the next edit."""
        if self._cells is None or self._cells[:2] != (self.revision, self.language):
            self._cells = (self.revision, self.language, self._find_cells())
        return self._cells[2]

    def chunks(self) -> tuple[Chunk, ...]:
        """Chunks with label and options, of a document of kind "chunks"."""
        return chunks_of(self.text.split("\n"), self._rules.language_id) if self.kind == "chunks" else ()

    def _find_cells(self) -> tuple[Cell, ...]:
        if self._notebook is not None:
            return self._notebook.cells
        if self.kind == "chunks":
            return chunk_cells(self.text.split("\n"), self._rules.language_id)
        return self._rules.cells_of(self.language, self.text.split("\n")) if self.language else ()

    # -- disk -----------------------------------------------------------------------------------------------------

    def save(self, done: Done, failed: Failed, *, overwrite: bool = False) -> None:
        """Write the file in a pool thread. `failed` leaves the document dirty and the file on disk whole."""
        self._store.save(self, done, failed, overwrite=overwrite)

    def save_as(self, path: Path, done: Done, failed: Failed, *, overwrite: bool = False) -> None:
        """Write to `path` and go on as that file. An existing file needs `overwrite`."""
        self._store.save_as(self, path, done, failed, overwrite=overwrite)

    def reload(self, done: Done, failed: Failed) -> None:
        """Take the text on disk; `replaced` follows. What was not saved is given up."""
        self._store.reload(self, done, failed)

    def compare(self, done: Callable[[Conflict, str], None], failed: Failed) -> None:
        """Read what is on disk; `done` gets both texts and a unified diff."""
        self._store.compare(self, done, failed)

    # -- for Documents alone --------------------------------------------------------------------------------------

    @property
    def form(self) -> tuple[Encoding, LineEndings]:
        """How the text becomes bytes: a copy, safe in another thread."""
        return self._encoding, self._endings.copy()

    @property
    def is_text_journaled(self) -> bool:
        """Whether the journal holds the text."""
        return self._is_journaled

    def mark_journaled(self, is_journaled: bool) -> None:
        """Note whether the journal holds the text."""
        self._is_journaled = is_journaled

    def take_saved(self, text: str, form: tuple[Encoding, LineEndings], signature: Signature) -> None:
        """The file now holds `text`, which may be older than what was typed meanwhile."""
        self._saved = _Saved(text, *form)
        self.take_disk(signature, "same")

    def take_path(self, path: Path, real_path: str) -> None:
        """Become another file, whose name says the language if it can."""
        self.path = path
        self.real_path = real_path
        self._language = "" if self._rules.language_of(path) else self._language
        self._cells = None

    def follow_path(self, path: Path) -> None:
        """The file itself was renamed."""
        self.take_path(path, str(path))
        self.state_changed.emit()

    def take_disk(self, signature: Signature | None, state: DiskState) -> None:
        """What was found on disk: the known version (perhaps with other times), a newer one, or none."""
        if state == "same" and signature is not None:
            self.signature = signature
        before = (self.disk_state, self._is_dirty)
        self.disk_state = state
        self._is_dirty = self._differs()
        if (state, self._is_dirty) != before:
            self.state_changed.emit()

    def take_content(self, content: Content, notebook: Notebook | None = None) -> None:
        """The whole text is another one, as it lies on disk."""
        self._notebook = notebook
        self._hold(content)
        self._is_journaled = False
        self.revision += 1
        self.disk_state, self._is_dirty = "same", False
        limit = len(self._buffer)
        self.view = View(min(self.view.caret, limit), min(self.view.anchor, limit), self.view.first_line)
        self.replaced.emit()
        self.state_changed.emit()

    def restore_text(self, text: str, encoding: Encoding, endings: LineEndings) -> None:
        """Put back what was typed before the program ended; the file's own text stays known as the saved one."""
        self._buffer = TextBuffer(text)
        self._encoding, self._endings = encoding, endings
        self._is_dirty = self._differs()

    def forget_saved(self) -> None:
        """There is no file that holds this text."""
        self._saved = None
        self._is_dirty = self._differs()
