"""What the Files pane knows of the open folder: names in the folders that are open in the tree. Knows no widget.

Folders are read in the pool and followed by the watch; nothing is opened, and links are told, not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, Protocol

from ide.core.events import Signal, SignalInstance
from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.core.text import natural_key

HIDDEN_NAMES: Final = frozenset({"__pycache__", "Thumbs.db", "desktop.ini"})
"""Names that hold nothing a person would open, beside those that begin with a dot."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. `target` is where a link leads, as the link says it; a folder's link counts as a folder.

    `is_special` are pipes, sockets and devices: reading one may never end, so they are never opened.
    """

    name: str
    is_folder: bool = False
    is_link: bool = False
    target: str = ""
    is_broken: bool = False
    is_special: bool = False
    is_hidden: bool = False
    size_bytes: int = 0
    modified_s: float = 0.0

    @property
    def key(self) -> tuple[str, bool]:
        """What makes it the same row: its name and whether it is a folder."""
        return self.name, self.is_folder


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder, in order, or why that can't be told."""

    entries: tuple[Entry, ...] = ()
    problem: str = ""


class FolderWatch(Protocol):
    """As much of `documents.Watch` as this needs."""

    @property
    def folders_changed(self) -> SignalInstance:
        """Folders (tuple[Path, ...]) in which a name came, went or changed."""

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Watch exactly these."""


def list_folder(folder: Path) -> Listing:
    """Read a folder; folders first, then files, each in natural order. In a pool thread."""
    try:
        with os.scandir(folder) as found:
            entries = [_entry_of(each) for each in found]
    except OSError as error:
        return Listing(problem=error.strerror or str(error))
    entries.sort(key=lambda entry: (not entry.is_folder, natural_key(entry.name)))
    return Listing(tuple(entries))


def is_hidden_name(name: str) -> bool:
    """Whether a name is listed only with the hidden ones."""
    return name.startswith(".") or name in HIDDEN_NAMES


def _entry_of(found: os.DirEntry[str]) -> Entry:
    is_link = found.is_symlink()
    try:
        own = found.stat(follow_symlinks=False)
        status = own if not is_link else found.stat()
    except OSError:
        # A link that leads nowhere, or a file that went this moment.
        return Entry(
            found.name, is_link=is_link, target=_target_of(found), is_broken=True, is_hidden=_hides(found.name)
        )
    mode = status.st_mode
    return Entry(
        found.name,
        is_folder=stat.S_ISDIR(mode),
        is_link=is_link,
        target=_target_of(found) if is_link else "",
        is_special=not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)),
        is_hidden=_hides(found.name) or _is_hidden_by_system(own),
        size_bytes=status.st_size,
        modified_s=status.st_mtime,
    )


@lru_cache(maxsize=1)
def _hidden_attribute() -> int:
    return getattr(stat, "FILE_ATTRIBUTE_HIDDEN", 0)


def _is_hidden_by_system(status: os.stat_result) -> bool:
    """Windows keeps a mark for it."""
    return bool(getattr(status, "st_file_attributes", 0) & _hidden_attribute())


def _hides(name: str) -> bool:
    return is_hidden_name(name)


def _target_of(found: os.DirEntry[str]) -> str:
    try:
        return str(Path(found.path).readlink())
    except OSError:
        return ""


class FilesModel:
    """Entries of the root and of every folder open in the tree. UI thread.

    `listed` carries a folder whose entries are other ones now; `rooted` tells that another folder is the root.
    """

    listed = Signal(object)
    rooted = Signal()

    def __init__(self, run_in_pool: RunInPool, watch: FolderWatch, *, shows_hidden: bool = False) -> None:
        self._run_in_pool = run_in_pool
        self._watch = watch
        self._shows_hidden = shows_hidden
        self._text = ""
        self._root: Path | None = None
        self._open: dict[Path, None] = {}
        self._listings: dict[Path, Listing] = {}
        self._asked: dict[Path, int] = {}
        self._turn = 0
        watch.folders_changed.connect(self._on_folders_changed)

    @property
    def root(self) -> Path | None:
        """The folder that is shown."""
        return self._root

    @property
    def open_folders(self) -> tuple[Path, ...]:
        """Folders open in the tree, the root first."""
        return tuple(self._open)

    @property
    def text(self) -> str:
        """The filter."""
        return self._text

    def is_open(self, folder: Path) -> bool:
        """Whether a folder is open in the tree."""
        return folder in self._open

    def show(self, folder: Path | None) -> None:
        """Show another folder, or none."""
        self._root = folder
        self._open.clear()
        self._listings.clear()
        self._asked.clear()
        self.rooted.emit()
        if folder is not None:
            self.open(folder)
        else:
            self._watch.set_folders(())

    def open(self, folder: Path) -> None:
        """Read a folder and follow it from now on."""
        self._open[folder] = None
        self._watch.set_folders(self._open)
        self._read(folder)

    def shut(self, folder: Path) -> None:
        """Follow a folder no more; what is known of it is kept until it is read anew."""
        if self._open.pop(folder, self) is None:
            self._watch.set_folders(self._open)

    def refresh(self, *folders: Path) -> None:
        """Read these folders anew, or all that are open."""
        for folder in folders or self.open_folders:
            if folder in self._open:
                self._read(folder)

    def entries(self, folder: Path) -> tuple[Entry, ...] | None:
        """Names in a folder that fit the filter; None before it was read. Folders fit any filter."""
        listing = self._listings.get(folder)
        return None if listing is None else tuple(entry for entry in listing.entries if self._fits(entry))

    def remark(self, folder: Path) -> str:
        """What stands in place of names where there are none."""
        listing = self._listings.get(folder)
        if listing is None:
            return "Reading..."
        if listing.problem:
            return f"Can't be read: {listing.problem}"
        if listing.entries and self._text:
            return "No name fits the filter"
        return "Only hidden files" if listing.entries else "Empty folder"

    def filter(self, text: str) -> None:
        """Show only files whose names contain `text`, and folders."""
        wanted = text.strip().casefold()
        if wanted != self._text:
            self._text = wanted
            self._tell_all()

    def set_shows_hidden(self, is_on: bool) -> None:
        """List hidden names, or leave them out."""
        if is_on != self._shows_hidden:
            self._shows_hidden = is_on
            self._tell_all()

    def close(self) -> None:
        """Follow the disk no more."""
        self._watch.folders_changed.disconnect(self._on_folders_changed)
        self._root = None
        self._open.clear()
        self._asked.clear()

    def _fits(self, entry: Entry) -> bool:
        if entry.is_hidden and not self._shows_hidden:
            return False
        return not self._text or entry.is_folder or self._text in entry.name.casefold()

    def _tell_all(self) -> None:
        for folder in tuple(self._listings):
            self.listed.emit(folder)

    def _read(self, folder: Path) -> None:
        self._turn += 1
        self._asked[folder] = self._turn
        self._run_in_pool(partial(_read, folder, self._turn), self._on_read, _raise)

    def _on_read(self, answer: tuple[Path, int, Listing]) -> None:
        folder, turn, listing = answer
        if self._asked.get(folder) != turn:
            return  # asked anew since, or another root
        if self._listings.get(folder) != listing:
            self._listings[folder] = listing
            self._forget_gone(folder)
            self.listed.emit(folder)

    def _forget_gone(self, folder: Path) -> None:
        """Folders that were open below and are not there any more."""
        here = {folder / entry.name for entry in self._listings[folder].entries if entry.is_folder}
        gone = [each for each in self._open if each.parent == folder and each not in here]
        below = [each for each in self._open if any(each.is_relative_to(one) for one in gone)]
        for each in below:
            del self._open[each]
            self._listings.pop(each, None)
        if below:
            self._watch.set_folders(self._open)

    def _on_folders_changed(self, folders: tuple[Path, ...]) -> None:
        for folder in folders:
            if folder in self._open:
                self._read(folder)


def _read(folder: Path, turn: int) -> tuple[Path, int, Listing]:
    return folder, turn, list_folder(folder)


def _raise(error: Exception) -> None:
    raise error
