"""The list of names: groups that open and close, four columns, a mark on what the last run changed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from ide.panes.variables.model import VariablesModel
from ide.panes.variables.row_painter import RowPainter
from ide.panes.variables.rows import NAME, SHAPE, TYPE, VALUE, VariableRows
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.row_ground import RowGround

Index = QModelIndex | QPersistentModelIndex

NARROW_PX: Final = 400
"""A narrower list has no column for the shape; the value's column tells it."""
SHARES: Final = {NAME: (0.30, 96, 220), TYPE: (0.21, 84, 160), SHAPE: (0.18, 72, 128)}
"""Column -> share of the width, and its least and largest in pixels; the rest is the value's."""


class VariablesView(QTreeView):
    """The list. `opened` carries the name of a variable that was double-clicked or entered."""

    opened = Signal(str)
    selection_moved = Signal()

    def __init__(self, model: VariablesModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._variables = model
        self._theme = theme
        self._ground = RowGround(self, theme, icons)
        self._is_sized_by_hand = False
        self._is_arranging = False
        self.rows = VariableRows(model, theme, self)
        self.setAccessibleName("Variables")
        self.setModel(self.rows)
        self._painter = RowPainter(model, self.rows, theme, self)
        self.setItemDelegate(self._painter)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        header.sectionResized.connect(self._on_section_resized)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        connect(self, theme.changed, self._on_theme_changed)
        connect(self, model.changed, self.on_changed)
        self._on_theme_changed()
        self.on_changed(None)

    def selected_name(self) -> str:
        """The selected variable's name, empty for none."""
        index = self.currentIndex()
        variable = self.rows.variable_at(index) if index.isValid() else None
        return variable.name if variable is not None and self.selectionModel().isSelected(index) else ""

    def select(self, name: str) -> None:
        """Select a name and bring it into sight; nothing where it is not listed."""
        index = self.rows.index_of(name)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def on_changed(self, names: frozenset[str] | None) -> None:
        """Bring the rows up to the model; selection and what is in sight stay as they are."""
        if names is None:
            self._take_rows()
        else:
            self.rows.update(names)
        self.viewport().update()  # marks of the run before go, wherever they are

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns follow the width until the user has set one by hand."""
        super().resizeEvent(event)
        self._arrange_columns()

    def viewportEvent(self, event: QEvent) -> bool:
        """Note where the pointer is, for the tint under it."""
        self._ground.note(event)
        return super().viewportEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row's ground over the whole width, then its cells."""
        self._ground.paint(painter, option.rect, index)
        super().drawRow(painter, option, index)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A heading's arrow, in the program's own icons."""
        group = self.rows.group_at(index)
        if group is not None:
            self._ground.paint_arrow(painter, rect, is_open=self.isExpanded(self.rows.group_index(group.kind)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on a heading opens or closes its group."""
        index = self.indexAt(event.position().toPoint()).siblingAtColumn(NAME)
        if event.button() == Qt.MouseButton.LeftButton and self.rows.group_at(index) is not None:
            self.setCurrentIndex(index)
            self.setExpanded(index, not self.isExpanded(index))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the variable under the pointer; on a heading it counts as a click."""
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        variable = self.rows.variable_at(index)
        if variable is not None:
            self.opened.emit(variable.name)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens a variable, and opens or closes a group."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            variable = self.rows.variable_at(index)
            if variable is not None:
                self.opened.emit(variable.name)
            else:
                self.setExpanded(index, not self.isExpanded(index))
            return
        super().keyPressEvent(event)

    def _take_rows(self) -> None:
        """Insert and remove rows. Where the selected name moves to another group, the selection goes with it."""
        selected = self.selected_name()
        top = self.indexAt(self.viewport().rect().topLeft())
        anchor, offset = self.rows.variable_at(top), self.visualRect(top).top()
        was_scrolled = self.verticalScrollBar().value() > 0
        selection = self.selectionModel()
        selection.currentChanged.disconnect(self._on_current_changed)
        for kind in self.rows.sync():
            self.setFirstColumnSpanned(self.rows.group_index(kind).row(), QModelIndex(), True)
        self._open_groups()
        if selected and self.selected_name() != selected:
            index = self.rows.index_of(selected)
            # A name that is gone leaves no other one selected: a command must not meet a name that nobody chose.
            self.setCurrentIndex(index) if index.isValid() else self.clearSelection()
        selection.currentChanged.connect(self._on_current_changed)
        if anchor is not None and was_scrolled:
            self._scroll_back(anchor.name, offset)
        self.selection_moved.emit()

    def _scroll_back(self, name: str, offset: int) -> None:
        """Keep a name where it was on the screen, whatever came or went above it."""
        self.executeDelayedItemsLayout()
        index = self.rows.index_of(name)
        if index.isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(index).top() - offset)

    def _open_groups(self) -> None:
        for group in self._variables.groups:
            index = self.rows.group_index(group.kind)
            is_open = self._variables.is_open(group.kind)
            if self.isExpanded(index) != is_open:
                self.setExpanded(index, is_open)

    def _arrange_columns(self) -> None:
        if self._is_arranging:
            return
        self._is_arranging = True
        width = self.viewport().width()
        is_narrow = width < self._theme.px(NARROW_PX)
        self.setColumnHidden(SHAPE, is_narrow)
        self.rows.set_value_with_shape(is_narrow)
        if not self._is_sized_by_hand:
            for column, (share, least_px, most_px) in SHARES.items():
                wanted = round(width * share)
                self.header().resizeSection(column, min(self._theme.px(most_px), max(self._theme.px(least_px), wanted)))
        self._is_arranging = False

    def _on_section_resized(self, column: int, _old: int, _new: int) -> None:
        if not self._is_arranging and column != VALUE:
            self._is_sized_by_hand = True

    def _on_expanded(self, index: QModelIndex) -> None:
        self._note_open(index, is_open=True)

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._note_open(index, is_open=False)

    def _note_open(self, index: QModelIndex, *, is_open: bool) -> None:
        group = self.rows.group_at(index)
        if group is not None:
            self._variables.set_open(group.kind, is_open)

    def _on_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.selection_moved.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setIndentation(self._theme.px(16))
        self.header().setMinimumSectionSize(self._theme.px(40))
        self.header().setFixedHeight(self._theme.px(28))
        self.header().setFont(self._theme.font("small"))
        self._is_sized_by_hand = False
        self._arrange_columns()
        self.scheduleDelayedItemsLayout()
