"""The documents of one window: opening, making, closing and restoring them, and the journal of what is typed.

UI thread only; files are read and written in pool threads. Whoever makes it calls `shut_down`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.events import Signal
from ide.core.ports import After, Cancel, Post, RunInPool
from ide.core.record import dataclass
from ide.core.text import Edit
from ide.documents import recovery
from ide.documents.document import DiskState, Document, Done, Failed, Rules
from ide.documents.encoding import Encoding
from ide.documents.journal_format import Head, View
from ide.documents.line_endings import LineEndings
from ide.documents.notebook import Notebook, read_notebook
from ide.documents.owner import HEARTBEAT_S, Owner, WindowFolder
from ide.documents.reading import Content
from ide.documents.recovery import Conflict, Found, Recovered
from ide.documents.safekeeping import Safekeeping, ignore
from ide.documents.saving import Saver, read_document
from ide.documents.signature import Signature

_LOOK_AGAIN_S = 4 * HEARTBEAT_S

_CLOSED_KEPT = 20

Opened = Callable[[Document], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `conflicts` are documents whose file is newer on disk: both texts are kept.

    `problems` are sentences for the notice list.
    """

    documents: tuple[Document, ...]
    active: Document | None = None
    conflicts: tuple[tuple[Document, Conflict], ...] = ()
    problems: tuple[str, ...] = ()


class Documents:
    """All documents of this window, in the order of their tabs."""

    opened = Signal(Document)
    closed = Signal(Document)
    reordered = Signal()
    told = Signal(DocumentError)
    """Something that the user should hear though no call failed: a slow save, a journal that cannot be written."""

    def __init__(
        self,
        journal_folder: Path,
        post: Post,
        after: After,
        run_in_pool: RunInPool,
        rules: Rules,
        *,
        project: str = "",
        owner: Owner | None = None,
    ) -> None:
        """`journal_folder` is outside every project; where it cannot be used, a temporary one is. `project`: folder."""
        self._window, self._start_problems = _window_folder(journal_folder, owner)
        self._kept = journal_folder / "kept"
        self._post = post
        self._run_in_pool = run_in_pool
        self._rules = rules
        self._project = project
        self._documents: list[Document] = []
        self._active = ""
        self._restored_folders: set[Path] = set()
        self._is_shut = False
        self._keeping = Safekeeping(
            self._window, post, after, run_in_pool, find=self.get, head_of=self._head, tell=self.told.emit
        )
        self.journal = self._keeping.journal
        self._saver = Saver(self.journal, after, run_in_pool, self.told.emit, self._keeping.saved)

    @property
    def all(self) -> tuple[Document, ...]:
        """In the order of the tabs."""
        return tuple(self._documents)

    def get(self, key: str) -> Document | None:
        """The open document with this key."""
        return next((document for document in self._documents if document.key == key), None)

    def at(self, path: Path) -> Document | None:
        """The open document of this file; the disk is not asked, so another way to the same file is not seen here."""
        path = _absolute(path)
        return next((d for d in self._documents if d.path == path or d.real_path == str(path)), None)

    def _by_real_path(self, real_path: str) -> Document | None:
        return next((d for d in self._documents if real_path and d.real_path == real_path), None)

    @property
    def active(self) -> Document | None:
        """The tab in front."""
        return self.get(self._active)

    @property
    def unsaved(self) -> tuple[Document, ...]:
        """Documents with text that is in no file."""
        return tuple(document for document in self._documents if document.is_dirty)

    # -- open, new, close -----------------------------------------------------------------------------------------

    def open(
        self,
        path: Path,
        done: Opened,
        failed: Failed,
        *,
        encoding: str = "",
        allow_huge: bool = False,
        as_text: bool = False,
    ) -> Cancel:
        """Open a file, read in a pool thread. One that is open already is given as it is."""
        path = _absolute(path)
        if (there := self.at(path)) is not None and not encoding and not as_text:
            self._post(lambda: done(there))
            return _nothing_to_cancel

        def on_read(answer: tuple[Content, Notebook | None]) -> None:
            late = self.at(path) or self._by_real_path(answer[0].real_path)
            if late is not None:
                self._open_again(late, answer, is_wanted=bool(encoding) or as_text)
                done(late)
                return
            document = self._make(_new_key(), answer[0], path=path, notebook=answer[1])
            self._add(document)
            done(document)

        return self._run_in_pool(
            lambda: read_document(
                path, self._rules.language_id, encoding=encoding, allow_huge=allow_huge, as_text=as_text
            ),
            on_read,
            lambda error: failed(_document_error(error)),
        )

    def new(self, language: str = "", *, text: str = "", title: str = "") -> Document:
        """A text without a file. It is in the journal from its first character."""
        document = self._make(_new_key(), Content(""), title=title or self._free_title(), language=language)
        document.forget_saved()
        self._add(document)
        if text:
            document.apply(Edit(0, 0, text))
        return document

    def close(self, document: Document) -> None:
        """Close a tab. Text that is in no file is kept, for `reopen_closed`."""
        if document not in self._documents:
            return
        self._keeping.note_view(document)
        self._documents.remove(document)
        has_text = document.is_dirty and len(document) > 0
        self.journal.end(document.key, "keep" if has_text else "remove")
        if has_text:
            self._run_in_pool(self._prune_closed, ignore, ignore)
        self._note_places()
        self.closed.emit(document)

    def _prune_closed(self) -> None:
        self.journal.flush(5.0)
        recovery.prune(self._window.path / "closed", _CLOSED_KEPT)

    def reopen_closed(self, done: Callable[[Document | None], None]) -> None:
        """Bring back the document closed last with unsaved text; None where there is none."""
        folder = self._window.path / "closed"

        def work() -> tuple[Path, Recovered] | None:
            self.journal.flush(1.0)
            kept = sorted(folder.glob("*.journal"), key=lambda path: path.stat().st_mtime, reverse=True)
            return next(((path, found) for path in kept if (found := recovery.read_kept(path))), None)

        def on_found(answer: tuple[Path, Recovered] | None) -> None:
            if answer is None:
                done(None)
                return
            document = self._restore_one(answer[1])
            self._run_in_pool(lambda: self._forget((answer[0],)), ignore, ignore)
            done(document)

        self._run_in_pool(work, on_found, lambda error: done(None))

    def move(self, document: Document, place: int) -> None:
        """Put a tab at another place."""
        self._documents.remove(document)
        self._documents.insert(place, document)
        self._note_places()
        self.reordered.emit()

    def moved(self, before: Path, after: Path) -> None:
        """A file or folder was renamed here: its documents follow, unsaved text and all."""
        before, after = _absolute(before), _absolute(after)
        for document in self._documents:
            if document.path is not None and document.path.is_relative_to(before):
                document.follow_path(after / document.path.relative_to(before))
                self._keeping.begin(document)

    def set_active(self, document: Document | None) -> None:
        """The tab in front, to be in front again after a restart."""
        before, self._active = self.active, document.key if document else ""
        for each in (before, document):
            if each is not None:
                self._keeping.note(each, is_active=each is document)

    def set_project(self, folder: Path | None) -> None:
        """The folder that is open; clean documents come back with it."""
        self._project = str(folder) if folder else ""
        for document in self._documents:
            self._keeping.note(document, project=self._project)

    # -- restore --------------------------------------------------------------------------------------------------

    def restore(self, done: Callable[[Restored], None], *, any_project: bool = False) -> None:
        """Bring back what windows that are gone had open, as it was: text, caret, order. Asks nothing.

        Unsaved text comes back whatever the project; clean documents come with their project, or with `any_project`.
        """
        project = None if any_project else self._project

        def work() -> tuple[Found, bool]:
            adopted = self._window.adopt()
            fresh = tuple(folder for folder in adopted.folders if folder not in self._restored_folders)
            return recovery.find_left_behind(fresh, project), adopted.is_undecided

        def on_found(answer: tuple[Found, bool]) -> None:
            found, is_undecided = answer
            self._restored_folders.update(found.folders)
            restored = self._restore_all(found)
            self._run_in_pool(lambda: self._clear_when_safe(found), ignore, ignore)
            if is_undecided:
                self._keeping.schedule("look again", _LOOK_AGAIN_S, lambda: self.restore(done, any_project=any_project))
            done(restored)

        def on_failed(error: Exception) -> None:
            done(Restored((), problems=(f"Unsaved text of earlier windows could not be read: {error}.",)))

        self._run_in_pool(work, on_found, on_failed)

    def _restore_all(self, found: Found) -> Restored:
        documents: list[Document] = []
        conflicts: list[tuple[Document, Conflict]] = []
        problems = [*self._start_problems, *found.problems]
        self._start_problems = ()
        active = None
        for recovered in found.documents:
            if recovered.text is None and self._is_useless(recovered):
                problems += _gone(recovered)
                continue
            document = self._restore_one(recovered)
            documents.append(document)
            if recovered.head.is_active:
                active = document
            if document.disk_state == "newer" and recovered.content is not None and document.path is not None:
                conflicts.append((document, Conflict(document.path, document.text, recovered.content.text)))
        return Restored(tuple(documents), active, tuple(conflicts), tuple(problems))

    def _open_again(self, document: Document, answer: tuple[Content, Notebook | None], *, is_wanted: bool) -> None:
        """The user chose another encoding, or text instead of cells, for an open file without unsaved text."""
        if is_wanted and not document.is_dirty:
            document.take_content(*answer)
            self._keeping.begin(document)

    def _is_useless(self, recovered: Recovered) -> bool:
        """A clean document whose file is gone, or open already."""
        path = recovered.path
        return path is None or recovered.content is None or self.at(path) is not None

    def _restore_one(self, recovered: Recovered) -> Document:
        """Make the document as it was typed; the disk's version stays known beside it."""
        head, text, content = recovered.head, recovered.text, recovered.content
        notebook = None
        if content is not None and text is None and recovered.path and recovered.path.suffix.lower() == ".ipynb":
            notebook = _notebook_or_none(content.text, self._rules)
        document = self._make(
            head.key if self.get(head.key) is None else _new_key(),
            content or Content(""),
            path=recovered.path,
            title=head.title,
            language=head.language,
            notebook=notebook,
        )
        if text is not None:
            encoding = Encoding(head.encoding, head.has_bom, head.is_declared)
            document.restore_text(text, encoding, _endings(recovered, text))
            if content is None:
                document.forget_saved()
                document.signature = head.signature
                document.take_disk(None, "gone" if recovered.path else "same")
            elif content.signature and (head.signature is None or content.signature.digest != head.signature.digest):
                document.signature = head.signature
                document.take_disk(None, "newer")
        limit = len(document)
        if (view := recovered.view) is not None:
            document.view = View(min(view.caret, limit), min(view.anchor, limit), view.first_line)
        self._add(document)
        return document

    def _clear_when_safe(self, found: Found) -> None:
        """In a pool thread: the old journals go once ours are written."""
        if self._keeping.is_all_written():
            recovery.clear(found, self._kept)

    def _forget(self, paths: tuple[Path, ...]) -> None:
        if self._keeping.is_all_written():
            for path in paths:
                path.unlink(missing_ok=True)

    # -- the world of a document (Store) --------------------------------------------------------------------------

    def edited(self, document: Document, edit: Edit) -> None:
        """Journal one edit, or the whole text the first time."""
        self._keeping.edited(document, edit)

    def looked_at(self, document: Document) -> None:
        """Note the view soon."""
        self._keeping.note_view_soon(document)

    def reshaped(self, document: Document) -> None:
        """Begin the journal anew: its head is another one."""
        self._keeping.begin_with_text(document)

    def save(self, document: Document, done: Done, failed: Failed, *, overwrite: bool) -> None:
        """See Document.save."""
        self._saver.save(document, None, done, failed, overwrite=overwrite)

    def save_as(self, document: Document, path: Path, done: Done, failed: Failed, *, overwrite: bool) -> None:
        """See Document.save_as."""
        path = _absolute(path)
        other = self.at(path)
        if other is not None and other is not document:
            failed(_open_elsewhere(path, other))
            return
        self._saver.save(document, path, done, failed, overwrite=overwrite)

    def reload(self, document: Document, done: Done, failed: Failed) -> None:
        """See Document.reload. Text that was in no file is kept, for `reopen_closed`."""

        def on_done() -> None:
            if had_text:
                self.journal.end(document.key, "keep")
            self._keeping.begin(document)
            done()

        had_text = document.is_dirty and document.is_text_journaled
        self._saver.reload(document, self._rules.language_id, on_done, failed)

    def compare(self, document: Document, done: Callable[[Conflict, str], None], failed: Failed) -> None:
        """See Document.compare."""
        self._saver.compare(document, done, failed)

    def found_on_disk(self, document: Document, state: DiskState, signature: Signature | None) -> None:
        """What `Watch` found. A text whose file is gone is in no file any more, so the journal takes it."""
        document.take_disk(signature, state)
        if state == "gone" and not document.is_text_journaled and not document.is_read_only:
            self._keeping.begin_with_text(document)

    # -- end ------------------------------------------------------------------------------------------------------

    def shut_down(self, timeout_s: float = 1.5) -> bool:
        """Write what is left and end. Everything open comes back with the next `restore`.

        False tells that not all was written within the time.
        """
        if self._is_shut:
            return True
        self._is_shut = True
        for document in self._documents:
            self._keeping.note_view(document)
        is_written = self._keeping.close(timeout_s)
        if not self._documents:
            self._window.remove()
        return is_written

    # -- parts --------------------------------------------------------------------------------------------------

    def _make(
        self,
        key: str,
        content: Content,
        *,
        path: Path | None = None,
        title: str = "",
        language: str = "",
        notebook: Notebook | None = None,
    ) -> Document:
        return Document(key, content, self, self._rules, path=path, title=title, language=language, notebook=notebook)

    def _add(self, document: Document) -> None:
        self._documents.append(document)
        document.mark_journaled(document.is_dirty or document.path is None)
        self._keeping.begin(document)
        self.opened.emit(document)

    def _head(self, document: Document) -> Head:
        encoding, endings = document.form
        return Head(
            document.key,
            path=str(document.path) if document.path else "",
            title=document.title,
            language=document.chosen_language,
            project=self._project,
            order=self._documents.index(document),
            encoding=encoding.name,
            has_bom=encoding.has_bom,
            is_declared=encoding.is_declared,
            line_ending=endings.usual,
            signature=document.signature,
            is_active=document.key == self._active,
        )

    def _note_places(self) -> None:
        for place, document in enumerate(self._documents):
            self._keeping.note(document, order=place)

    def _free_title(self) -> str:
        taken = {document.title for document in self._documents}
        number = 1
        while f"Untitled {number}" in taken:
            number += 1
        return f"Untitled {number}"


def _new_key() -> str:
    return os.urandom(8).hex()


def _nothing_to_cancel() -> None:
    return None


def _window_folder(journals: Path, owner: Owner | None) -> tuple[WindowFolder, tuple[str, ...]]:
    try:
        return WindowFolder(journals, owner), ()
    except OSError as error:
        import tempfile

        spare = Path(tempfile.mkdtemp(prefix="fourpane-journal-"))
        problem = (
            f"Safety copies cannot be kept in {journals} ({error.strerror or error}). For now they are in {spare}."
        )
        return WindowFolder(spare), (problem,)


def _absolute(path: Path) -> Path:
    """Without following links: the user's own name of the file is kept."""
    return Path(os.path.abspath(path))


def _document_error(error: Exception) -> DocumentError:
    if isinstance(error, DocumentError):
        return error
    raise error


def _notebook_or_none(text: str, rules: Rules) -> Notebook | None:
    try:
        return read_notebook(text, rules.language_id)
    except DocumentError:
        return None


def _endings(recovered: Recovered, text: str) -> LineEndings:
    """The endings as journaled; the usual one for all where the list does not fit the text any more."""
    each = bytearray(recovered.endings) if recovered.endings is not None else None
    if each is not None and len(each) != text.count("\n"):
        each = None
    return LineEndings(recovered.head.line_ending, each)


def _gone(recovered: Recovered) -> list[str]:
    return (
        [] if recovered.content is not None or recovered.path is None else [f"{recovered.path} was open and is gone."]
    )


def _open_elsewhere(path: Path, other: Document) -> DocumentError:
    return DocumentError(
        f"{path.name} is open in another tab.",
        "Two tabs of one file would overwrite each other.",
        "Choose another name, or close that tab first.",
        action="document.show",
        action_title="Show it",
        action_arguments={"document": other.key},
    )
