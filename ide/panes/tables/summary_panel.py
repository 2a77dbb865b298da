"""Summaries of columns at the side of a table: a search over a list of cards; that of the current column is open.

Owns the exact profiles that were asked for. Short profiles are the pager's, which the grid's header shows too: only
columns in sight are asked about, one after the other, and cells go first.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ide.panes.tables.model import TableModel
from ide.panes.tables.side import SideHead
from ide.panes.tables.summary_list import SummaryList
from ide.panes.tables.words import column_fits, counted
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.exact_profiles import ExactProfiles
from ide.widgets.grid import Grid

SEARCH_PAUSE_MS: Final = 120


class SummaryPanel(QWidget):
    """The side panel. `closed`: by its cross or by Esc. Destroying it ends what it asked for."""

    closed = Signal()

    def __init__(self, model: TableModel, grid: Grid, theme: Theme, icons: Icons, decimal_mark: str) -> None:
        super().__init__()
        self._model = model
        self._grid = grid
        self._theme = theme
        self._exact = ExactProfiles(model.source, model.pager)
        self.setAccessibleName("Column summaries")
        self.head = SideHead("Column summaries", theme, icons)
        self.head.closed.connect(self.closed)
        self.box = QLineEdit()
        self.box.setPlaceholderText("Search by name or type")
        self.box.setAccessibleName("Search columns")
        self.box.setClearButtonEnabled(True)
        self.list = SummaryList(model, self._exact, theme, decimal_mark)
        self.list.chosen.connect(self._on_chosen)
        self.list.went.connect(self._on_went)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SEARCH_PAUSE_MS)
        self._soon.timeout.connect(self.search)
        self.box.textChanged.connect(self._search_soon)
        self._bar = QVBoxLayout()
        self._bar.addWidget(self.box)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.head)
        rows.addLayout(self._bar)
        rows.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        QWidget.setTabOrder(self.box, self.list)
        pager = model.pager
        for signal, method in (
            (pager.changed, self._on_table_changed),
            (pager.view_changed, self._on_table_changed),
            (pager.columns_arrived, self._on_columns_arrived),
            (pager.profile_arrived, self.list.follow),
            (self._exact.changed, self.list.follow),
            (theme.changed, self._on_theme_changed),
        ):
            connect(self, signal, method)
        grid.selection_changed.connect(self._follow_grid)
        grid.columns_changed.connect(self.search)
        self.destroyed.connect(self._exact.close)
        self._on_theme_changed()
        self.search()
        self._follow_grid()

    # ---- which columns

    @Slot()
    def search(self) -> None:
        """List the columns whose name or type fits the box."""
        self._soon.stop()
        text, pager = self.box.text().strip(), self._model.pager
        order = self._grid.columns.order
        found = tuple(index for index in order if column_fits(pager.column(index), text)) if text else order
        if found != self.list.indexes:
            self.list.set_indexes(found)
            if text:
                announce(self.box, counted(len(found), "column"))

    @Slot()
    def _search_soon(self) -> None:
        self._soon.start()

    def _on_columns_arrived(self, _first: int, _end: int) -> None:
        if self.box.text():
            self._soon.start()
        self.list.follow()
        self.list.look()

    def _on_table_changed(self) -> None:
        if not self.box.text():
            self.search()
        self.list.arrange()
        self.list.look()

    # ---- beside the grid

    @Slot()
    def _follow_grid(self) -> None:
        current = self._grid.current
        if current is not None and current[1] != self.list.opened:
            self.list.open_column(current[1])

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self._grid.go_to_column(index)

    @Slot(int)
    def _on_went(self, index: int) -> None:
        self._grid.go_to_column(index)
        self._grid.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; Down goes from the search into the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() == Qt.Key.Key_Down and self.box.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers behind the search."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._bar.setContentsMargins(px(8), px(8), px(8), px(8))
        self.box.setFont(self._theme.font("ui"))
        self.setMinimumWidth(px(200))
        self.list.follow_theme()
        self.update()
