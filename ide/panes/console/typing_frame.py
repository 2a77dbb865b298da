"""Where typing goes while there is no prompt: before qtconsole's widget is there, and while code runs.

Owns text and caret until they are handed over; knows no session.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ide.qt.theme import Theme

MOST_ROWS = 6


class TypingFrame(QPlainTextEdit):
    """A small editor. Enter on whole code asks to run it; Shift+Enter makes a new line."""

    submitted = Signal(str)
    """Whole code and Enter. The frame is empty again."""
    interrupt_wanted = Signal()
    emptied = Signal()
    """The last character was deleted by the user."""

    def __init__(self, theme: Theme, is_complete: Callable[[str], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_complete = is_complete
        self.is_strip = False
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName("Type ahead: runs or moves to the prompt when the console is ready")
        self.setTabChangesFocus(False)
        self.document().blockCountChanged.connect(self._fit)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def code(self) -> str:
        """What was typed."""
        return self.toPlainText()

    def take(self) -> tuple[str, int]:
        """Text and caret (code points before it), given away for good; an open input method is asked to finish."""
        if self.hasFocus():
            QGuiApplication.inputMethod().commit()
        code = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(0, cursor.MoveMode.KeepAnchor)
        caret = len(cursor.selection().toPlainText())
        self.clear()
        return code, caret

    def make_strip(self, is_strip: bool) -> None:
        """One to six rows below the output, or all of the pane."""
        self.is_strip = is_strip
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, interrupt; the rest is the editor's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            code = self.code
            is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if code.strip() and not is_shifted and self._is_complete(code):
                self.clear()
                self.submitted.emit(code)
            else:
                self.insertPlainText("\n")
            return
        is_copy = event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape or (is_copy and not self.textCursor().hasSelection()):
            self.interrupt_wanted.emit()
            return
        super().keyPressEvent(event)
        if self.document().isEmpty():
            self.emptied.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet mark at the left shows that this is the place to type."""
        super().paintEvent(event)
        if self.is_strip:
            painter = QPainter(self.viewport())
            painter.fillRect(0, 0, self.viewport().width(), 1, self._theme.color("line"))
            painter.end()

    @Slot()
    def _fit(self) -> None:
        if not self.is_strip:
            self.setMinimumHeight(0)
            self.setMaximumHeight(16_777_215)
            return
        rows = min(max(1, self.document().blockCount()), MOST_ROWS)
        height = rows * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin()) + 2
        self.setFixedHeight(height)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setFont(self._theme.font("code"))
        self.document().setDocumentMargin(self._theme.px(8))
        self._fit()
