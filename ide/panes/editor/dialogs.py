"""The system's file dialogs, behind two calls that tests and scripts can answer instead."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget


class FileDialogs(Protocol):
    """Asks for files."""

    def ask_open(self, folder: Path) -> tuple[Path, ...]:
        """Files to open; empty where the user thought better of it."""

    def ask_save(self, suggested: Path) -> Path | None:
        """Where to save."""


class SystemFileDialogs:
    """The real ones."""

    def __init__(self, parent: QWidget, filters: str) -> None:
        """`filters` as Qt writes them ("Scripts (*.py *.R);;All files (*)")."""
        self._parent = parent
        self._filters = filters

    def ask_open(self, folder: Path) -> tuple[Path, ...]:
        """As the protocol says."""
        names, _filter = QFileDialog.getOpenFileNames(self._parent, "Open", str(folder), self._filters)
        return tuple(Path(name) for name in names)

    def ask_save(self, suggested: Path) -> Path | None:
        """As the protocol says. The system asks about overwriting."""
        name, _filter = QFileDialog.getSaveFileName(self._parent, "Save as", str(suggested), self._filters)
        return Path(name) if name else None
