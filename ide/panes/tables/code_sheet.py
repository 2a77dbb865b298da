"""Code for the rows that are shown, below the grid: dialect, preview, copy, put into the script.

Owns the sheet; the code is written by the language plugins (`ide.tables.view_code`).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ide.panes.tables.model import TableModel
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.view_code import DIALECT_NAMES
from ide.widgets.notices import close_button

WriteCode = Callable[[str], str]
"""Code in a dialect; raises FourpaneError with what is said instead."""


class CodeSheet(QWidget):
    """Follows the view: another sort or filter is other code."""

    insert_asked = Signal(str)
    closed = Signal()

    def __init__(self, model: TableModel, write: WriteCode, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._write = write
        self._theme = theme
        self.setAccessibleName("Code for what you see")
        self.title = QLabel("Code for what you see")
        self.dialect = QComboBox()
        self.dialect.setAccessibleName("Dialect")
        for dialect in model.pager.info.dialects:
            self.dialect.addItem(DIALECT_NAMES.get(dialect, dialect), dialect)
        self.copy_button = QPushButton("Copy")
        self.insert_button = QPushButton("Put into script")
        self.cross = close_button(icons, "Close")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Code")
        self.problem = ""
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addWidget(self.dialect)
        top.addStretch(1)
        for widget in (self.copy_button, self.insert_button, self.cross):
            top.addWidget(widget)
        self._top = top
        self._column = QVBoxLayout(self)
        self._column.addLayout(top)
        self._column.addWidget(self.text, 1)
        self.dialect.currentIndexChanged.connect(self.refresh)
        self.copy_button.clicked.connect(self._copy)
        self.insert_button.clicked.connect(self._insert)
        self.cross.clicked.connect(self.closed)
        connect(self, model.pager.view_changed, self.refresh)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.refresh()

    @property
    def code(self) -> str:
        """The code that is shown, empty where none can be written."""
        return "" if self.problem else self.text.toPlainText()

    @Slot()
    def refresh(self) -> None:
        """Write it anew."""
        from ide.core.errors import FourpaneError

        try:
            code, self.problem = self._write(str(self.dialect.currentData() or "")), ""
        except FourpaneError as error:
            code, self.problem = error.text, error.text
        if code != self.text.toPlainText():
            self.text.setPlainText(code)
        for button in (self.copy_button, self.insert_button):
            button.setEnabled(not self.problem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        painter.end()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code)
        announce(self, "Code copied")

    @Slot()
    def _insert(self) -> None:
        self.insert_asked.emit(self.code)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(8), px(4) + 1, px(4), 0)
        self._column.setSpacing(px(4))
        self._top.setSpacing(px(8))
        self.title.setFont(self._theme.font("title"))
        self.text.setFont(self._theme.font("code"))
        self.cross.setFixedSize(px(24), px(24))
        self.setFixedHeight(px(190))
