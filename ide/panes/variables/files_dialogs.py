"""Asks where to save variables and what to load, and warns of files that run code. Owns no rule for files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

WARNING = "Loading this file can run any code that its maker put into it."
ADVICE = "Load it only if you trust where it comes from."


class FilesDialogs:
    """The dialogs block nothing but the window; `chosen` is not called when the user gives up."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    def ask_new_folder(self, parent: QWidget, chosen: Callable[[str], None]) -> None:
        """A name for a folder that is not there yet."""
        proposal = str(self._folder() / "saved variables")
        path, _filter = QFileDialog.getSaveFileName(parent, "Save variables in a new folder", proposal)
        if path:
            chosen(path)

    def ask_file(self, parent: QWidget, chosen: Callable[[str], None]) -> None:
        """The list in a folder that was saved, or one file."""
        kinds = "Saved variables (manifest.json);;All files (*)"
        path, _filter = QFileDialog.getOpenFileName(parent, "Load variables", str(self._folder()), kinds)
        if path:
            chosen(path)

    def warn(self, parent: QWidget, agreed: Callable[[str], None], path: str) -> None:
        """Say what loading can do; `agreed` is called with the path only by the button that says so."""
        box = QMessageBox(QMessageBox.Icon.Warning, "Load variables that can run code", WARNING, parent=parent)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setInformativeText(f"{ADVICE}\n{Path(path).name}")
        load = box.addButton("Load and run", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        load.clicked.connect(lambda: agreed(path))
        box.open()
