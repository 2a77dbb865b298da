"""An HTML table as a table of the program: only the visible cells are drawn, however many there are. Read only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ide.qt.theme import Theme
from ide.widgets.rich.tables import MISSING, HtmlTable

Index = QModelIndex | QPersistentModelIndex
WIDTH_SAMPLE = 60
MOST_WIDTH_PX = 360


class TableModel(QAbstractTableModel):
    """Rows of text. Several rows of a head stand in one header cell, one below the other."""

    def __init__(self, table: HtmlTable, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.table = table
        self.numeric = [table.is_numeric(column) for column in range(table.width)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Rows of the body."""
        return 0 if parent.isValid() else len(self.table.body)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Label columns included."""
        return 0 if parent.isValid() else self.table.width

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The head above, nothing at the left: labels are columns."""
        if way != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(row[section] for row in self.table.head)
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.table.body[row][column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            is_muted = column < self.table.labels or self.table.body[row][column] in MISSING
            return self._theme.color("muted" if is_muted else "text")
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        is_right = self.numeric[column] and column >= self.table.labels
        return (Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


class TableView(QTableView):
    """The table, banded; Mod+C copies the selection as text with tabs."""

    def __init__(self, table: HtmlTable, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.model_of = TableModel(table, theme, self)
        self.setModel(self.model_of)
        self.setAccessibleName("Table")
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected cells on the clipboard."""
        places = sorted(self.selectedIndexes(), key=lambda place: (place.row(), place.column()))
        rows: dict[int, list[str]] = {}
        for place in places:
            rows.setdefault(place.row(), []).append(self.model_of.table.body[place.row()][place.column()])
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setStyleSheet(f"QTableView::item {{ padding: 0 {self._theme.px(8)}px; }}")
        self.setFont(self._theme.font("code"))
        bold = self._theme.font("ui")
        bold.setWeight(bold.Weight.DemiBold)
        self.horizontalHeader().setFont(bold)
        self.verticalHeader().setDefaultSectionSize(self._theme.px(24))
        metrics, head = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        table = self.model_of.table
        for column in range(table.width):
            wide = max((metrics.horizontalAdvance(row[column]) for row in table.body[:WIDTH_SAMPLE]), default=0)
            wide = max(wide, *(head.horizontalAdvance(row[column]) for row in table.head), 0)
            self.setColumnWidth(column, min(self._theme.px(MOST_WIDTH_PX), wide + self._theme.px(24)))
