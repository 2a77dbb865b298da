"""Notices what changes on disk: the files of open documents, and names in the folders that are shown.

It asks for sizes and times every two seconds, in a pool thread, and reads a file only where they differ. That costs
less than a notification service for whole trees, and works on network drives, where such services are silent. A drive
that does not answer delays the next look, nothing else. UI thread.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ide.core.errors import DocumentError
from ide.core.events import Signal
from ide.core.ports import After, Cancel, RunInPool
from ide.documents.document import DiskState, Document
from ide.documents.documents import Documents
from ide.documents.reading import read_bytes
from ide.documents.signature import Signature

INTERVAL_S = 2.0


class _Asked(NamedTuple):
    """One document as it was when the look began; `known` is what the last look saw of its file."""

    key: str
    path: Path
    signature: Signature
    state: DiskState
    known: tuple[int, ...]


class _Verdict(NamedTuple):
    """What became of a document's file. `seen` is its size and times: while they stay, nothing is read again."""

    asked: _Asked
    state: DiskState
    signature: Signature | None
    seen: tuple[int, ...]


class _Seen(NamedTuple):
    """What a look found. `files` names only documents of which there is something new to tell."""

    files: tuple[_Verdict, ...]
    folders: dict[Path, tuple[int, int]]


class Watch:
    """Looks again and again until `close`. Clean documents follow their file; the others are marked "newer"."""

    folders_changed = Signal(tuple)
    """Folders (tuple[Path, ...]) in which a name came, went or changed, or which are gone."""

    def __init__(
        self, documents: Documents, after: After, run_in_pool: RunInPool, *, interval_s: float = INTERVAL_S
    ) -> None:
        self._documents = documents
        self._after = after
        self._run_in_pool = run_in_pool
        self._interval_s = interval_s
        self._folders: tuple[Path, ...] = ()
        self._known: dict[Path, tuple[int, int]] = {}
        self._looked: dict[str, tuple[int, ...]] = {}
        self._is_looking = False
        self._is_closed = False
        self._timer: Cancel | None = after(interval_s, self.look_now)

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Watch exactly these folders (each alone, not what is below).

        The first look at a folder tells of it too: it may have changed between the caller's own look and ours.
        """
        self._folders = tuple(dict.fromkeys(folders))
        self._known = {folder: seen for folder, seen in self._known.items() if folder in set(self._folders)}

    def look_now(self) -> None:
        """Look at once (the window came to the front, a run ended); a look that is under way is enough."""
        if self._is_looking or self._is_closed:
            return
        self._stop_timer()
        self._is_looking = True
        asked = tuple(
            _Asked(
                document.key,
                document.path,
                document.signature,
                document.disk_state,
                self._looked.get(document.key, ()),
            )
            for document in self._documents.all
            if document.path is not None and document.signature is not None and not document.is_saving
        )
        folders = self._folders
        self._run_in_pool(lambda: _look(asked, folders), self._on_seen, self._on_failed)

    def close(self) -> None:
        """Look no more."""
        self._is_closed = True
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    def _on_seen(self, seen: _Seen) -> None:
        self._is_looking = False
        if self._is_closed:
            return
        self._timer = self._after(self._interval_s, self.look_now)
        for verdict in seen.files:
            document = self._documents.get(verdict.asked.key)
            if document is not None and document.signature == verdict.asked.signature and not document.is_saving:
                self._looked[document.key] = verdict.seen
                self._take(document, verdict.state, verdict.signature)
        self._tell_folders(seen.folders)

    def _on_failed(self, error: Exception) -> None:
        self._is_looking = False
        if not self._is_closed:
            self._timer = self._after(self._interval_s, self.look_now)
        raise error

    def _take(self, document: Document, state: DiskState, signature: Signature | None) -> None:
        is_following = state == "newer" and not document.is_edited
        if is_following:
            document.reload(_nothing, lambda error: self._documents.found_on_disk(document, "newer", None))
        else:
            self._documents.found_on_disk(document, state, signature)

    def _tell_folders(self, found: dict[Path, tuple[int, int]]) -> None:
        changed = tuple(
            folder for folder in self._folders if folder in found and found[folder] != self._known.get(folder)
        )
        self._known = {folder: found[folder] for folder in self._folders if folder in found}
        if changed:
            self.folders_changed.emit(changed)


def _look(asked: tuple[_Asked, ...], folders: tuple[Path, ...]) -> _Seen:
    """In a pool thread."""
    files = tuple(verdict for one in asked if (verdict := _look_at(one)) is not None)
    return _Seen(files, {folder: _folder_state(folder) for folder in folders})


def _look_at(asked: _Asked) -> _Verdict | None:
    """None where there is nothing new to tell, or the file cannot be asked just now."""
    try:
        found = asked.path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _Verdict(asked, "gone", None, ()) if asked.state != "gone" else None
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return _Verdict(asked, "gone", None, ()) if asked.state != "gone" else None
    seen = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
    if asked.signature.fits(found):
        return _Verdict(asked, "same", None, seen) if asked.state != "same" else None
    if seen == asked.known and asked.state == "newer":
        return None
    try:
        _, signature = read_bytes(asked.path, allow_huge=True)
    except DocumentError:
        return None
    is_same = signature.digest == asked.signature.digest
    return _Verdict(asked, "same" if is_same else "newer", signature if is_same else None, seen)


def _folder_state(folder: Path) -> tuple[int, int]:
    """A folder's time changes when a name in it comes, goes or changes; (0, 0) where there is no folder."""
    try:
        found = folder.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


def _nothing() -> None:
    return None
