"""A line to type a name or a value into, over its cell in the list. Owns what is typed until it is taken."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from ide.panes.variables.view import VariablesView
from ide.qt.theme import Theme


class LineEditor(QLineEdit):
    """Enter hands the text over; the line stays until `settle(True)`, so that what was refused can be mended. Esc, a
    click elsewhere, scrolling, and a row that goes or moves to another place give it up.
    """

    def __init__(
        self,
        view: VariablesView,
        theme: Theme,
        key: str,
        column: int,
        text: str,
        name: str,
        taken: Callable[[str], None],
    ) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._key = key
        self._column = column
        self._taken = taken
        self._least_px = theme.px(120)
        self._is_over = False
        self.setText(text)
        self.setAccessibleName(name)
        self.setFont(theme.font("code"))
        self.selectAll()
        view.scrollTo(view.rows.index_of(key).siblingAtColumn(column))
        view.viewport().installEventFilter(self)
        view.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.returnPressed.connect(self._on_return)
        self.show()
        self.setFocus()
        self._place()

    @property
    def is_over(self) -> bool:
        """Whether the line has been put away."""
        return self._is_over

    def settle(self, is_done: bool) -> None:
        """What was typed was taken, or refused."""
        if is_done:
            self.put_away()
        elif not self._is_over:
            self.setReadOnly(False)
            self.setFocus()

    def put_away(self) -> None:
        """Put the line away; the list has the keyboard again if the line had it."""
        if self._is_over:
            return
        self._is_over = True
        had_focus = self.hasFocus()
        self._view.viewport().removeEventFilter(self)
        self._view.verticalScrollBar().valueChanged.disconnect(self._on_scrolled)
        self.hide()
        self.deleteLater()
        if had_focus:
            self._view.setFocus()

    def follow(self) -> None:
        """Rows came or went: stay over the cell, or go where it is gone."""
        if not self._is_over:
            self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
            return
        super().keyPressEvent(event)
        event.accept()  # the list must not take what is typed here

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click elsewhere gives up; another window or a menu does not."""
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason):
            self.put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Columns got another width."""
        if event.type() == QEvent.Type.Resize:
            self.follow()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        rect = self._view.cell_rect(self._key, self._column)
        if rect.isEmpty():
            self.put_away()
        else:
            wide = min(max(rect.width(), self._least_px), self._view.viewport().width())
            left = min(rect.left(), self._view.viewport().width() - wide)
            self.setGeometry(left, rect.top(), wide, rect.height())

    def _on_scrolled(self, _place: int) -> None:
        self._place()

    def _on_return(self) -> None:
        if not self.isReadOnly():
            self.setReadOnly(True)
            self._taken(self.text())
