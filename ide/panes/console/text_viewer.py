"""A plain window for text too long for the console: a folded line, all output of a run, a help page.

Long lines are broken, since a text widget lays out a whole line at once; text comes in slices, so that nothing stalls.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.text_find_bar import TextFindBar

BREAK_CHARACTERS = 2_000
SLICE_CHARACTERS = 60_000


class TextViewer(QWidget):
    """A window of its own; Esc closes it, Mod+F finds."""

    def __init__(self, title: str, text: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # It comes beside what the user does: the keyboard stays where it is.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(title)
        self._theme = theme
        self._text = text
        self._slices = slices(text)
        self.control = QPlainTextEdit()
        self.control.setReadOnly(True)
        self.control.setUndoRedoEnabled(False)
        self.control.setFont(theme.font("code"))
        self.control.setAccessibleName(title)
        self.control.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._find = TextFindBar(theme, icons)
        self._find.closed.connect(self.control.setFocus)
        count = f"{len(text):,}".replace(",", "\u202f")
        self._note = QLabel(f"{count} characters; long lines are broken here")
        self._copy = QPushButton("Copy all")
        self._copy.clicked.connect(self._on_copy)
        row = QHBoxLayout()
        row.addWidget(self._note, 1)
        row.addWidget(self._copy)
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._find)
        column.addWidget(self.control, 1)
        column.addLayout(row)
        self.resize(theme.px(800), theme.px(600))
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._append_some)
        self._timer.start()

    @property
    def is_complete(self) -> bool:
        """Whether all text is there."""
        return not self._timer.isActive()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and Mod+F."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._find.open_for(self.control)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _append_some(self) -> None:
        piece = next(self._slices, None)
        if piece is None:
            self._timer.stop()
            return
        cursor = QTextCursor(self.control.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)


def slices(text: str) -> Iterator[str]:
    """`text` in pieces that are quick to insert, with long lines broken."""
    waiting: list[str] = []
    size = 0
    start = 0
    while start < len(text):
        end = text.find("\n", start, start + BREAK_CHARACTERS + 1)
        if end < 0:
            row = text[start : start + BREAK_CHARACTERS]
            start += len(row)
        else:
            row = text[start:end]
            start = end + 1
        waiting.append(row)
        size += len(row) + 1
        if size > SLICE_CHARACTERS:
            yield "\n".join(waiting) + "\n"
            waiting, size = [], 0
    if text.endswith("\n"):
        waiting.append("")
    if waiting:
        yield "\n".join(waiting)
