"""Rows with a few columns for Qt, as panes' lists have them: what stands where, titles, one height. UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt

from ide.qt.icons import Icons
from ide.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
Row = TypeVar("Row")

ROW_PX: Final = 24
TO_THE_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NO_INDEX = QModelIndex()


class ListRows(QAbstractTableModel, Generic[Row]):
    """Subclasses say what a cell shows (`cell`) and when there are other rows (`take`)."""

    def __init__(self, titles: Sequence[str], theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._titles = tuple(titles)
        self._theme = theme
        self._icons = icons
        self._rows: Sequence[Row] = ()

    def take(self, rows: Sequence[Row]) -> None:
        """Other rows than before."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def cell(self, row: Row, column: int, role: int) -> object:
        """What a cell is under a role; None for nothing."""
        raise NotImplementedError

    def row_at(self, index: Index) -> Row | None:
        """What stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Of the list itself; rows have none."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Always the same."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """One cell."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == Role.SizeHintRole:
            return QSize(0, self._theme.px(ROW_PX))
        return self.cell(row, index.column(), role)
