"""The box in which a cell is edited. Owns the typed text until it is committed or given up; knows no table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ide.qt.theme import Theme


class CellEditor(QLineEdit):
    """Lies over one cell. Enter and Tab commit, Esc gives up, leaving the box commits what was changed."""

    committed = Signal(str, int, int)
    """Text, and where to go then: rows down, columns to the right."""
    given_up = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._before = ""
        self._is_done = True
        self.setAccessibleName("Edit cell")
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a cell is being edited."""
        return not self._is_done

    def open(self, rect: QRect, text: str, typed: str | None, name: str) -> None:
        """Edit `text` in place; `typed`, the key that began it, replaces all of it."""
        self._before = text
        self._is_done = False
        self.setFont(self._theme.font("code"))
        self.setAccessibleName(f"Edit {name}")
        self.place(rect)
        self.setText(text if typed is None else typed)
        if typed is None:
            self.selectAll()
        self.show()
        self.setFocus()

    def place(self, rect: QRect) -> None:
        """The cell is there now."""
        wide = max(rect.width(), self._theme.px(96))
        self.setGeometry(QRect(rect.left(), rect.top(), wide, rect.height()))

    def close_box(self) -> None:
        """Without a word: the cell is gone."""
        self._is_done = True
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Tab is ours, not the window's; keys of the box are no shortcuts."""
        if not isinstance(event, QKeyEvent):
            return super().event(event)
        is_press, is_override = event.type() == QEvent.Type.KeyPress, event.type() == QEvent.Type.ShortcutOverride
        if is_press and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._commit(0, 1 if event.key() == Qt.Key.Key_Tab else -1)
            return True
        if is_override and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on below, with Shift above."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1, 0)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_box()
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed is not lost because the user looked elsewhere; a menu of the box itself is no leaving."""
        super().focusOutEvent(event)
        if self.is_open and event.reason() != Qt.FocusReason.PopupFocusReason:
            if self.text() != self._before:
                self._commit(0, 0)
            else:
                self.close_box()

    def _commit(self, down: int, right: int) -> None:
        if self.is_open:
            self._is_done = True
            text = self.text()
            self.hide()
            self.committed.emit(text, down, right)
