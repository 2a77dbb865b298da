"""Finds a column by name or type; says which are shown and pinned. Owns the popup; the grid owns the columns."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QLineEdit, QPushButton, QTreeView, QVBoxLayout, QWidget

from ide.panes.tables.model import TableModel
from ide.panes.tables.popup import Popup
from ide.panes.tables.words import column_fits, column_name, counted, number
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.grid import Grid

Index = QModelIndex | QPersistentModelIndex
NO_PARENT: Final = QModelIndex()


class ColumnRows(QAbstractTableModel):
    """The columns that fit the search, in the order of the grid."""

    def __init__(self, model: TableModel, grid: Grid, muted: QColor, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._grid = grid
        self._muted = muted
        self.indexes: list[int] = []
        self.search("")

    def search(self, text: str) -> None:
        """Only columns whose name or type contains `text`."""
        order, pager = self._grid.columns.order, self._model.pager
        self.beginResetModel()
        self.indexes = [index for index in order if column_fits(pager.column(index), text)] if text else list(order)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Columns that fit."""
        return 0 if parent.isValid() else len(self.indexes)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """Name; type and whether it is pinned."""
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be ticked."""
        flag = Qt.ItemFlag
        ticked = flag.ItemIsUserCheckable if index.column() == 0 else flag.NoItemFlags
        return flag.ItemIsEnabled | flag.ItemIsSelectable | ticked

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name and type; ticked where it is shown."""
        at = self.indexes[index.row()]
        columns = self._grid.columns
        is_name = index.column() == 0
        if role == Qt.ItemDataRole.CheckStateRole and is_name:
            return Qt.CheckState.Unchecked if at in columns.hidden else Qt.CheckState.Checked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            column = self._model.pager.column(at)
            if is_name:
                return column_name(column, at)
            kind = column.type_name if column is not None else ""
            return f"pinned   {kind}" if at in columns.pinned else kind
        if role == Qt.ItemDataRole.ForegroundRole and not is_name:
            return self._muted
        if role == Qt.ItemDataRole.TextAlignmentRole and not is_name:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ticks show and hide."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        at = self.indexes[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._grid.show_columns([at])
        else:
            self._grid.hide_columns([at])
        self.dataChanged.emit(index, index)
        return True


class ColumnPicker(Popup):
    """A popup: type to search, tick to show, Enter to go there."""

    def __init__(self, model: TableModel, grid: Grid, theme: Theme, parent: QWidget) -> None:
        super().__init__("Columns", theme, parent)
        self._model = model
        self._grid = grid
        self.rows = ColumnRows(model, grid, theme.color("muted"), self)
        self.box = QLineEdit()
        self.box.setPlaceholderText("Search by name or type")
        self.box.setAccessibleName("Search columns")
        self.view = QTreeView()
        self.view.setAccessibleName("Columns")
        self.view.setUniformRowHeights(True)
        self.view.setHeaderHidden(True)
        self.view.setRootIsDecorated(False)
        self.view.setModel(self.rows)
        self.view.header().setStretchLastSection(False)
        self.view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.view.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        self.pin_button = QPushButton("Pin")
        self.only_button = QPushButton("Show only these")
        self.all_button = QPushButton("Show all")
        self.box.textChanged.connect(self._on_search)
        self.view.doubleClicked.connect(self._go)
        self.pin_button.clicked.connect(self._pin)
        self.only_button.clicked.connect(self._only)
        self.all_button.clicked.connect(self._all)
        connect(self, model.pager.columns_arrived, self._on_columns_arrived)
        px = theme.px
        self.view.setFont(theme.font("code"))
        self.count.setFont(theme.font("small"))
        self.view.setMinimumHeight(px(240))
        buttons = QHBoxLayout()
        buttons.addWidget(self.pin_button)
        buttons.addStretch(1)
        buttons.addWidget(self.only_button)
        buttons.addWidget(self.all_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(12), px(12), px(12))
        column.setSpacing(px(8))
        for widget in (self.box, self.view, self.count):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setFixedWidth(px(360))
        self._say_count()

    def take_keyboard(self) -> None:
        """The search."""
        self.box.setFocus()

    def enter(self) -> None:
        """To the column."""
        self._go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes into the list."""
        if event.key() == Qt.Key.Key_Down and self.box.hasFocus() and self.rows.indexes:
            self.view.setFocus()
            self.view.setCurrentIndex(self.rows.index(0, 0))
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_search(self) -> None:
        self.rows.search(self.box.text())
        self._say_count()

    def _on_columns_arrived(self, _first: int, _end: int) -> None:
        self.rows.search(self.box.text())
        self._say_count()

    def _say_count(self) -> None:
        grid = self._grid.columns
        hidden = len(grid.hidden)
        words = counted(len(self.rows.indexes), "column")
        self.count.setText(f"{words}, {number(hidden)} hidden" if hidden else words)
        self.all_button.setEnabled(bool(hidden))
        self.only_button.setEnabled(bool(self.rows.indexes) and len(self.rows.indexes) < len(grid.order))

    def _current(self) -> int | None:
        index = self.view.currentIndex()
        if index.isValid():
            return self.rows.indexes[index.row()]
        return self.rows.indexes[0] if self.rows.indexes else None

    @Slot()
    def _go(self) -> None:
        at = self._current()
        if at is not None:
            self.close()
            self._grid.go_to_column(at)
            self._grid.setFocus()

    @Slot()
    def _pin(self) -> None:
        at = self._current()
        if at is not None:
            self._grid.pin_column(at, at not in self._grid.columns.pinned)
            self._refresh()

    @Slot()
    def _only(self) -> None:
        wanted = set(self.rows.indexes)
        self._grid.show_columns(wanted)
        self._grid.hide_columns([index for index in self._grid.columns.order if index not in wanted])
        self._refresh()

    @Slot()
    def _all(self) -> None:
        self._grid.show_columns()
        self._refresh()

    def _refresh(self) -> None:
        if self.rows.indexes:
            self.rows.dataChanged.emit(self.rows.index(0, 0), self.rows.index(len(self.rows.indexes) - 1, 1))
        self._say_count()
