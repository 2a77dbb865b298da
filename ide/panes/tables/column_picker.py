"""Finds a column by name or type; says which are shown and pinned. Owns the popup; the grid owns the columns."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget

from ide.panes.tables.model import TableModel
from ide.panes.tables.words import column_name, counted, number
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.grid import Grid

Index = QModelIndex | QPersistentModelIndex
NO_PARENT: Final = QModelIndex()


class ColumnRows(QAbstractListModel):
    """The columns that fit the search, in the order of the grid."""

    def __init__(self, model: TableModel, grid: Grid) -> None:
        super().__init__()
        self._model = model
        self._grid = grid
        self._text = ""
        self.indexes: list[int] = []
        self.search("")

    def search(self, text: str) -> None:
        """Only columns whose name or type contains `text`."""
        self._text = text.strip().casefold()
        self.beginResetModel()
        self.indexes = [index for index in self._grid.columns.order if self._fits(index)]
        self.endResetModel()

    def _fits(self, index: int) -> bool:
        if not self._text:
            return True
        column = self._model.pager.column(index)
        return column is not None and (
            self._text in column.name.casefold()
            or self._text in column.type_name.casefold()
            or self._text in column.label.casefold()
        )

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Columns that fit."""
        return 0 if parent.isValid() else len(self.indexes)

    def flags(self, _index: Index) -> Qt.ItemFlag:
        """Every row can be ticked."""
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name and type; ticked where it is shown."""
        at = self.indexes[index.row()]
        columns = self._grid.columns
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Unchecked if at in columns.hidden else Qt.CheckState.Checked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            column = self._model.pager.column(at)
            kind = f"   {column.type_name}" if column is not None and column.type_name else ""
            pinned = "   pinned" if at in columns.pinned else ""
            return f"{column_name(column, at)}{kind}{pinned}"
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


class ColumnPicker(QFrame):
    """A popup: type to search, tick to show, Enter to go there."""

    def __init__(self, model: TableModel, grid: Grid, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.Box)
        self.setAccessibleName("Columns")
        self._model = model
        self._grid = grid
        self.rows = ColumnRows(model, grid)
        self.rows.setParent(self)
        self.box = QLineEdit()
        self.box.setPlaceholderText("Search by name or type")
        self.box.setAccessibleName("Search columns")
        self.view = QListView()
        self.view.setAccessibleName("Columns")
        self.view.setUniformItemSizes(True)
        self.view.setModel(self.rows)
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

    def open_at(self, corner: QPoint) -> None:
        """Show it with its upper right corner here, inside the screen."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(corner.x() - self.width(), screen.right() - self.width()))
        y = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.box.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes into the list, Enter to the column, Esc away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_Down and self.box.hasFocus() and self.rows.indexes:
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
            self.rows.dataChanged.emit(self.rows.index(0, 0), self.rows.index(len(self.rows.indexes) - 1, 0))
        self._say_count()
