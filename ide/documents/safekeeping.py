"""Keeps the journal of every open document up to date: when it begins, when it is brought to the medium, and what
happens where it cannot be written. UI thread; the writing itself is journal.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.ports import After, Cancel, Post, RunInPool
from ide.core.text import Edit
from ide.documents import journal_format as form
from ide.documents.document import Document
from ide.documents.journal import Journal
from ide.documents.journal_format import Head
from ide.documents.owner import HEARTBEAT_S, WindowFolder

_VIEW_NOTED_AFTER_S = 0.3
_SYNC_S = 5.0
_AGAIN_S = 2.0
_FLUSH_WAIT_S = 30.0


class Safekeeping:
    """One window's journals. `head_of` tells what a document is, `find` gives an open one by key."""

    def __init__(
        self,
        window: WindowFolder,
        post: Post,
        after: After,
        run_in_pool: RunInPool,
        *,
        find: Callable[[str], Document | None],
        head_of: Callable[[Document], Head],
        tell: Callable[[DocumentError], None],
    ) -> None:
        self._window = window
        self._after = after
        self._run_in_pool = run_in_pool
        self._find = find
        self._head_of = head_of
        self._tell = tell
        self._timers: dict[str, Cancel] = {}
        self._troubles: dict[str, int] = {}
        self._is_closed = False
        self.journal = Journal(
            window.path,
            lambda key, error: post(lambda: self._on_trouble(key, error)),
            lambda key: post(lambda: self._begin_again(key)),
        )
        self.schedule("beat", HEARTBEAT_S, self._beat)

    @property
    def is_in_trouble(self) -> bool:
        """Whether a journal could not be written and has not been since."""
        return bool(self._troubles)

    def begin(self, document: Document) -> None:
        """Write the whole journal anew, with the text if there is any that the file lacks."""
        if self._is_closed:
            return
        pieces = document.pieces if document.is_text_journaled else None
        _, endings = document.form
        each = bytes(endings.each) if endings.each is not None and pieces is not None else None
        self.journal.begin(self._head_of(document), pieces, each, document.view)
        self.schedule("sync", _SYNC_S, self._sync, keep=True)

    def begin_with_text(self, document: Document) -> None:
        """The text is in no file from now on: the journal takes all of it."""
        document.mark_journaled(True)
        self.begin(document)

    def edited(self, document: Document, edit: Edit) -> None:
        """Journal one edit, or the whole text the first time."""
        if document.is_text_journaled:
            self.journal.edit(document.key, edit)
        else:
            self.begin_with_text(document)
        self.note_view_soon(document)

    def saved(self, document: Document) -> None:
        """The file holds the text: the journal need not, unless more was typed meanwhile."""
        document.mark_journaled(document.is_dirty)
        if self._find(document.key) is not None:
            self.begin(document)

    def note_view_soon(self, document: Document) -> None:
        """Caret and scroll bar moved."""
        self.schedule(f"view {document.key}", _VIEW_NOTED_AFTER_S, lambda: self.note_view(document), keep=True)
        self.schedule("sync", _SYNC_S, self._sync, keep=True)

    def note_view(self, document: Document) -> None:
        """Note caret and scroll bar at once."""
        self._unschedule(f"view {document.key}")
        if self._find(document.key) is not None:
            view = document.view
            self.journal.note(document.key, form.VIEW, [view.caret, view.anchor, view.first_line])

    def note(self, document: Document, **fields: object) -> None:
        """Fields of the head changed."""
        self.journal.note(document.key, form.CHANGED, fields)

    def is_all_written(self) -> bool:
        """Wait until everything ordered so far is on disk; for a pool thread. False where it could not be."""
        return self.journal.flush(_FLUSH_WAIT_S) and not self._troubles

    def schedule(self, name: str, seconds: float, call: Callable[[], None], *, keep: bool = False) -> None:
        """One timer for each name; with `keep` one that runs already is left alone. All end with `close`."""
        if self._is_closed or (keep and name in self._timers):
            return
        self._unschedule(name)
        self._timers[name] = self._after(seconds, call)

    def close(self, timeout_s: float) -> bool:
        """Write what is left and end. False: not all was written within the time."""
        self._is_closed = True
        for cancel in self._timers.values():
            cancel()
        self._timers.clear()
        is_written = self.journal.close(timeout_s)
        self._window.leave()
        return is_written

    # -- when it fails --------------------------------------------------------------------------------------------

    def _on_trouble(self, key: str, error: OSError) -> None:
        """Tell once, and try again with the whole text until it works."""
        if self._is_closed:
            return
        if not self._troubles:
            self._tell(_no_journal(self._window.path, error))
        self._troubles[key] = self._troubles.get(key, 0) + 1
        self.schedule(f"again {key}", _AGAIN_S, lambda: self._try_again(key))

    def _try_again(self, key: str) -> None:
        self._unschedule(f"again {key}")
        if self._find(key) is None:
            self._troubles.pop(key, None)
            return
        count = self._troubles.get(key)
        self._begin_again(key)

        def on_flushed(is_written: bool) -> None:
            if is_written and self._troubles.get(key) == count:
                self._troubles.pop(key, None)

        self._run_in_pool(lambda: self.journal.flush(_FLUSH_WAIT_S), on_flushed, ignore)

    def _begin_again(self, key: str) -> None:
        if (document := self._find(key)) is not None:
            self.begin(document)

    def _sync(self) -> None:
        self._unschedule("sync")
        self._run_in_pool(self.journal.sync, ignore, ignore)

    def _beat(self) -> None:
        self._unschedule("beat")
        self._run_in_pool(self._window.beat, ignore, ignore)
        self.schedule("beat", HEARTBEAT_S, self._beat)

    def _unschedule(self, name: str) -> None:
        if (cancel := self._timers.pop(name, None)) is not None:
            cancel()


def ignore(_: object) -> None:
    """For work whose answer is nobody's concern."""


def _no_journal(folder: Path, error: OSError) -> DocumentError:
    return DocumentError(
        "What you type cannot be kept safe just now.",
        f"The safety copies in {folder.parent} cannot be written: {error.strerror or error}.",
        "Save your files; free some space. It is tried again by itself.",
        action="file.save_all",
        action_title="Save all",
    )
