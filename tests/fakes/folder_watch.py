"""The watch over folders, without a timer: the test says when it looks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ide.core.events import Signal


class FakeFolderWatch:
    """Notes which folders are watched."""

    folders_changed = Signal(tuple)

    def __init__(self) -> None:
        self.folders: tuple[Path, ...] = ()

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Watch exactly these."""
        self.folders = tuple(folders)

    def tell(self, *folders: Path) -> None:
        """Names in these folders changed."""
        self.folders_changed.emit(folders)
