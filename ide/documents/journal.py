"""Writes down every edit outside the project, within 500 ms of the key, so that no end of the program loses text.

Owns one thread, which alone touches the journal files; the UI thread only puts records in a queue. A record that the
system has taken survives the end of the process; `sync` brings it to the medium, and is called in a pool thread from
time to time, since it may take seconds. What is in the records: journal_format.py.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from ide.core.text import Edit
from ide.documents import journal_format as form
from ide.documents import platform
from ide.documents.atomic_save import write_all
from ide.documents.journal_format import Encoder, Head, View

BATCH_S = 0.05
SUFFIX = ".journal"
FRESH_SUFFIX = ".new"
_COMPACT_ABOVE_BYTES = 256 * 1024

Trouble = Callable[[str, OSError], None]
"""(document key, error): this journal could not be written. Called on the journal's thread."""
Grown = Callable[[str], None]
"""(document key): the journal is much longer than the text; begin it anew. Called on the journal's thread."""


class _Begin(NamedTuple):
    key: str
    head: Head
    pieces: tuple[str, ...] | None
    endings: bytes | None
    view: View | None


class _Note(NamedTuple):
    key: str
    kind: str
    payload: Edit | object


class _End(NamedTuple):
    key: str
    mode: Literal["remove", "leave", "keep"]


class _Barrier(NamedTuple):
    reached: threading.Event


_Order = _Begin | _Note | _End | _Barrier


class Journal:
    """The journals of one window's documents, in `folder`. Orders may come from any thread and return at once."""

    def __init__(self, folder: Path, on_trouble: Trouble, on_grown: Grown) -> None:
        self.folder = folder
        self._on_trouble = on_trouble
        self._on_grown = on_grown
        self._orders: deque[_Order] = deque()
        self._changed = threading.Condition()
        self._is_urgent = False
        self._is_closing = False
        self._thread: threading.Thread | None = None
        self._files: dict[str, _JournalFile] = {}  # the journal's thread only, but for `sync`

    # -- orders ---------------------------------------------------------------------------------------------------

    def begin(
        self,
        head: Head,
        pieces: tuple[str, ...] | None = None,
        endings: bytes | None = None,
        view: View | None = None,
    ) -> None:
        """Start a document's journal, or start it anew in place of the old one, in one step.

        Without `pieces` the text is that of the file on disk.
        """
        self._put(_Begin(head.key, head, pieces, endings, view))

    def edit(self, key: str, edit: Edit) -> None:
        """Note one edit."""
        self._put(_Note(key, form.EDIT, edit))

    def note(self, key: str, kind: str, value: object) -> None:
        """Note a record that holds JSON."""
        self._put(_Note(key, kind, value))

    def end(self, key: str, mode: Literal["remove", "leave", "keep"] = "remove") -> None:
        """The document is closed: its journal is removed, left for the next start, or kept among the closed ones."""
        self._put(_End(key, mode))

    def flush(self, timeout_s: float) -> bool:
        """Wait until the system has taken everything ordered so far. False: it did not within the time."""
        barrier = _Barrier(threading.Event())
        self._put(barrier, is_urgent=True)
        return barrier.reached.wait(timeout_s)

    def sync(self) -> None:
        """Bring everything to the medium; may take long: for a pool thread."""
        for file in tuple(self._files.values()):
            file.sync()

    def close(self, timeout_s: float = 2.0) -> bool:
        """Write what is left and end the thread. The journals stay on disk."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                return False
        for file in self._files.values():
            file.close()
        self._files.clear()
        return True

    def _put(self, order: _Order, *, is_urgent: bool = False) -> None:
        with self._changed:
            self._orders.append(order)
            self._is_urgent |= is_urgent
            if self._thread is None and not self._is_closing:
                self._thread = threading.Thread(target=self._work, name="fourpane-journal", daemon=True)
                self._thread.start()
            self._changed.notify()

    # -- the journal's thread -------------------------------------------------------------------------------------

    def _work(self) -> None:
        while orders := self._next_orders():
            self._carry_out(orders)

    def _next_orders(self) -> list[_Order]:
        """Everything ordered, after a short wait in which more may come. Empty at the end."""
        with self._changed:
            while not self._orders and not self._is_closing:
                self._changed.wait()
            if not self._is_urgent and not self._is_closing:
                self._changed.wait_for(lambda: self._is_urgent or self._is_closing, BATCH_S)
            self._is_urgent = False
            orders = list(self._orders)
            self._orders.clear()
            return orders

    def _carry_out(self, orders: list[_Order]) -> None:
        """Notes of one document that follow each other are written by one call."""
        waiting: dict[str, list[_Note]] = {}
        for order in orders:
            if isinstance(order, _Note):
                waiting.setdefault(order.key, []).append(order)
                continue
            self._write_notes(waiting)
            if isinstance(order, _Begin):
                self._begin(order)
            elif isinstance(order, _End):
                self._end(order)
            else:
                order.reached.set()
        self._write_notes(waiting)

    def _write_notes(self, waiting: dict[str, list[_Note]]) -> None:
        for key, notes in waiting.items():
            file = self._files.get(key)
            if file is None:
                continue
            try:
                file.append(notes)
            except OSError as error:
                self._drop(key, error)
                continue
            if file.is_grown:
                file.is_grown_told = True
                self._on_grown(key)
        waiting.clear()

    def _begin(self, order: _Begin) -> None:
        try:
            old = self._files.pop(order.key, None)
            if old is not None:
                old.close()
            self._files[order.key] = _JournalFile.create(self.folder, order)
        except OSError as error:
            self._drop(order.key, error)

    def _end(self, order: _End) -> None:
        file = self._files.pop(order.key, None)
        if file is not None:
            file.close()
        path = self.folder / f"{order.key}{SUFFIX}"
        with contextlib.suppress(OSError):
            if order.mode == "remove":
                path.unlink()
            elif order.mode == "keep":
                closed = self.folder / "closed"
                closed.mkdir(mode=0o700, exist_ok=True)
                platform.replace(path, closed / path.name)

    def _drop(self, key: str, error: OSError) -> None:
        """The journal may end in half a record: nothing is added any more until it begins anew."""
        if (file := self._files.pop(key, None)) is not None:
            file.close()
        self._on_trouble(key, error)


class _JournalFile:
    """One open journal."""

    def __init__(self, descriptor: int, encoder: Encoder, size_bytes: int) -> None:
        self._descriptor = descriptor
        self._encoder = encoder
        self._limit_bytes = max(_COMPACT_ABOVE_BYTES, 2 * size_bytes)
        self._appended_bytes = 0
        self._lock = threading.Lock()  # between `close` and `sync`
        self._is_synced = False
        self.is_grown_told = False

    @classmethod
    def create(cls, folder: Path, order: _Begin) -> _JournalFile:
        """Write a journal's beginning beside the old one, then put it in its place."""
        encoder = Encoder()
        records = [
            encoder.record(form.HEAD, form.json_payload({"version": form.FORMAT_VERSION, **order.head.fields()}))
        ]
        if order.pieces is not None:
            records.append(encoder.record(form.TEXT, form.text_payload(order.pieces)))
            if order.endings is not None:
                records.append(encoder.record(form.ENDINGS, order.endings))
        if order.view is not None:
            records.append(encoder.record(form.VIEW, form.json_payload(_view(order.view))))
        fresh = folder / f"{order.key}{FRESH_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(fresh, flags, 0o600)
        try:
            for record in records:
                write_all(descriptor, record)
            descriptor = _in_place(descriptor, fresh, folder / f"{order.key}{SUFFIX}")
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(descriptor)
            raise
        return cls(descriptor, encoder, sum(map(len, records)))

    @property
    def is_grown(self) -> bool:
        """Whether it is time to begin anew (told once)."""
        return self._appended_bytes > self._limit_bytes and not self.is_grown_told

    def append(self, notes: list[_Note]) -> None:
        """Write records at the end, by one call if the system takes them so."""
        data = b"".join(self._encoder.record(note.kind, _payload(note)) for note in notes)
        write_all(self._descriptor, data)
        self._appended_bytes += len(data)
        self._is_synced = False

    def sync(self) -> None:
        with self._lock:
            if self._is_synced or self._descriptor < 0:
                return
            self._is_synced = True
            descriptor = os.dup(self._descriptor)
        try:
            os.fsync(descriptor)
        except OSError:
            self._is_synced = False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _in_place(descriptor: int, fresh: Path, journal: Path) -> int:
    """Windows renames no open file: there it is closed and opened again."""
    if os.name != "nt":
        platform.replace(fresh, journal)
        return descriptor
    os.close(descriptor)
    platform.replace(fresh, journal)
    return os.open(journal, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)


def _payload(note: _Note) -> bytes:
    return form.edit_payload(note.payload) if isinstance(note.payload, Edit) else form.json_payload(note.payload)


def _view(view: View) -> list[int]:
    return [view.caret, view.anchor, view.first_line]
