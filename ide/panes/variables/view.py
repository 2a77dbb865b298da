"""The list of names: a tree widget's look over flat rows, painted from a VariablesModel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ide.core.variables import Variable
from ide.panes.variables.model import Heading, VariablesModel, shape_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect

Index = QModelIndex | QPersistentModelIndex

COLUMNS: Final = ("Name", "Type", "Shape", "Value")
NAME, TYPE, SHAPE, VALUE = range(4)


class VariableRows(QAbstractTableModel):
    """Rows of the model as Qt wants them: 4 columns, headings among the variables."""

    def __init__(self, model: VariablesModel, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._icons = icons
        self._count = len(model.rows)
        connect(parent, model.changed, self.on_changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Headings and variables."""
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Name, type, shape, value."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Column titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Everything is looked up in a prepared row; nothing is computed from the user's objects."""
        row = self._model.rows[index.row()]
        if isinstance(row, Heading):
            return self._heading(row, index.column(), role)
        return self._variable(row, index.column(), role)

    def on_changed(self, names: frozenset[str] | None) -> None:
        """Repaint what changed, or everything where rows came, went or moved."""
        if names is None:
            self.beginResetModel()
            self._count = len(self._model.rows)
            self.endResetModel()
            return
        for name in names:
            row = self._model.row_of(name)
            if row is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _heading(self, row: Heading, column: int, role: int) -> object:
        if column != NAME:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.title}  {row.count:,}".replace(",", "\u2009")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.title}, {row.count} names, {'open' if row.is_open else 'closed'}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons.icon("caret-down" if row.is_open else "caret-right", "muted")
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.font("title")
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color("muted")
        return None

    def _variable(self, row: Variable, column: int, role: int) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            texts = (row.name, row.type_name, shape_text(row.shape), row.preview)
            return texts[column]
        if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
            fresh = ", changed in the last run" if self._model.is_fresh(row.name) else ""
            return f"{row.name}, {row.type_name} {shape_text(row.shape)} {row.preview}{fresh}"
        if role == Qt.ItemDataRole.ForegroundRole and column != NAME:
            return self._theme.color("text" if column == VALUE and row.is_evaluated else "muted")
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.font("code")
        return None


class FreshMark(QStyledItemDelegate):
    """Draws a bar of the accent colour before a name that the last run added or changed."""

    def __init__(self, model: VariablesModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell as usual, then the bar."""
        super().paint(painter, option, index)
        row = self._model.rows[index.row()]
        if isinstance(row, Variable) and self._model.is_fresh(row.name):
            rect = option.rect  # type: ignore[attr-defined]  # PySide6's stubs leave out the members of style options
            painter.fillRect(rect.left(), rect.top() + 4, 3, rect.height() - 8, self._theme.color("accent"))


class VariablesView(QTreeView):
    """The list. `opened` carries the name of a variable that was double-clicked or entered."""

    opened = Signal(str)

    def __init__(self, model: VariablesModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._variables = model
        self.setAccessibleName("Variables")
        self.setModel(VariableRows(model, theme, icons, self))
        self._mark = FreshMark(model, theme, self)
        self.setItemDelegateForColumn(NAME, self._mark)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in ((NAME, 168), (TYPE, 120), (SHAPE, 96)):
            header.resizeSection(column, theme.px(width))
        connect(self, model.changed, self.on_changed)

    def selected_name(self) -> str:
        """The selected variable's name, empty for none."""
        index = self.currentIndex()
        row = self._variables.rows[index.row()] if index.isValid() else None
        return row.name if isinstance(row, Variable) else ""

    def on_changed(self, names: frozenset[str] | None) -> None:
        """Headings span the row."""
        if names is None:
            for at, row in enumerate(self._variables.rows):
                if isinstance(row, Heading):
                    self.setFirstColumnSpanned(at, QModelIndex(), True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a heading opens or closes its group."""
        index = self.indexAt(event.position().toPoint())
        row = self._variables.rows[index.row()] if index.isValid() else None
        if isinstance(row, Heading) and event.button() == Qt.MouseButton.LeftButton:
            self._variables.toggle_group(row.kind)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the variable under the pointer."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._enter(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens a variable, and opens or closes a group."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._enter(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _enter(self, index: QModelIndex) -> None:
        row = self._variables.rows[index.row()]
        if isinstance(row, Heading):
            self._variables.toggle_group(row.kind)
        else:
            self.opened.emit(row.name)
