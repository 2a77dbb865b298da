"""The text widget below qtconsole's console: the plain one, whose editing commands keep to the prompt.

Menus and keys of the program call `copy`, `cut`, `paste` and the like on whatever text has the keyboard; here they go
to the console, which leaves prompts out of copies and lets nothing change the output.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QPlainTextEdit


class Owner(Protocol):
    """The console."""

    def copy(self) -> None: ...
    def cut(self) -> None: ...
    def paste(self) -> None: ...
    def select_all_smart(self) -> None: ...
    def insert_code(self, code: str, caret: int = -1) -> None: ...


class ConsoleControl(QPlainTextEdit):
    """Without an owner it is a QPlainTextEdit."""

    def __init__(self) -> None:
        super().__init__()
        self.owner: Owner | None = None

    def setTabStopWidth(self, width: float) -> None:
        """What qtconsole calls it, from the days of Qt 4."""
        self.setTabStopDistance(width)

    def copy(self) -> None:
        """Copy without prompts."""
        self.owner.copy() if self.owner is not None else super().copy()

    def cut(self) -> None:
        """Cut at the prompt; elsewhere copy."""
        self.owner.cut() if self.owner is not None else super().cut()

    def paste(self) -> None:
        """Paste at the prompt."""
        self.owner.paste() if self.owner is not None else super().paste()

    def selectAll(self) -> None:
        """Select what is typed, then everything."""
        self.owner.select_all_smart() if self.owner is not None else super().selectAll()

    def insertPlainText(self, text: str) -> None:
        """Put text in at the prompt."""
        self.owner.insert_code(text) if self.owner is not None else super().insertPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What Qt itself pastes or drops goes to the prompt too."""
        if self.owner is not None and source.hasText():
            self.owner.insert_code(source.text())
        elif self.owner is None:
            super().insertFromMimeData(source)
