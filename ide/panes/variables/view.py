"""The list of names: groups and values that open and close, five columns, a mark on what the last run changed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from ide.core.variables import Variable
from ide.panes.variables.model import VariablesModel
from ide.panes.variables.row_painter import STEP_PX, RowPainter
from ide.panes.variables.rows import NAME, SHAPE, SIZE, TYPE, VALUE, VariableRows
from ide.panes.variables.tree import key_of
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.row_ground import RowGround

Index = QModelIndex | QPersistentModelIndex

NARROW_PX: Final = 400
"""A narrower list has no column for the shape; the value's column tells it."""
SIZE_PX: Final = 560
"""A narrower list has no column for sizes, unless it is in the order of sizes."""
SHARES: Final = {NAME: (0.30, 96, 220), TYPE: (0.19, 84, 160), SHAPE: (0.16, 72, 128), SIZE: (0.10, 76, 88)}
"""Column -> share of the width, and its least and largest in pixels; the rest is the value's."""


REST_MS: Final = 150
"""How long the list rests before sizes are asked for."""


class VariablesView(QTreeView):
    """The list. `opened` carries the name of a variable that was double-clicked or entered. Sizes are asked for only
    for rows in sight, a moment after they have come to rest.
    """

    opened = Signal(str)
    selection_moved = Signal()
    part_opened = Signal(object)
    """Path of a part that holds data and was double-clicked or entered."""
    findings_asked = Signal(str)
    """Name of a frame whose badge was pressed."""
    edit_asked = Signal(int)
    """Column in which the user begins to type into the selected row."""

    def __init__(self, model: VariablesModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._variables = model
        self._theme = theme
        self._ground = RowGround(self, theme, icons)
        self._is_sized_by_hand = False
        self._is_arranging = False
        self.is_editable = False
        """Whether somebody does what `edit_asked` asks for."""
        self.rows = VariableRows(model, theme, self)
        self.setAccessibleName("Variables")
        self.setModel(self.rows)
        self._painter = RowPainter(model, self.rows, theme, icons, self._ground, self)
        self.setItemDelegate(self._painter)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        header.sectionResized.connect(self._on_section_resized)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        # With several rows selected the current one moves first and is selected after that.
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        connect(self, theme.changed, self._on_theme_changed)
        connect(self, model.changed, self.on_changed)
        self._on_theme_changed()
        self.on_changed(None)

    def selected_key(self) -> str:
        """The key of the selected row, be it a variable or a part of one; empty for none."""
        index = self.currentIndex()
        variable = self.rows.variable_at(index) if index.isValid() else None
        return variable.name if variable is not None and self.selectionModel().isSelected(index) else ""

    def selected_name(self) -> str:
        """The selected variable's name, empty for none and where a part is selected."""
        key = self.selected_key()
        return "" if self._variables.part(key) is not None else key

    def selected_names(self) -> tuple[str, ...]:
        """All selected variables, from the top; parts of values are none."""
        names: list[str] = []
        for index in self.selectionModel().selectedRows(NAME):
            variable = self.rows.variable_at(index)
            if variable is not None and self._variables.part(variable.name) is None:
                names.append(variable.name)
        return tuple(names)

    def select(self, name: str) -> None:
        """Select a name and bring it into sight; nothing where it is not listed."""
        index = self.rows.index_of(name)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def on_changed(self, names: frozenset[str] | None) -> None:
        """Bring the rows up to the model; selection and what is in sight stay as they are."""
        if names is None:
            self._arrange_columns()
            self._take_rows()
        else:
            self.rows.update(names)
        self._rest.start()
        self.viewport().update()  # marks of the run before go, wherever they are

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns follow the width until the user has set one by hand."""
        super().resizeEvent(event)
        self._arrange_columns()
        self._rest.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Sizes that nobody could see were not asked for, and nothing was previewed."""
        super().showEvent(event)
        self._rest.start()
        self.selection_moved.emit()

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
        """A click anywhere on a heading opens or closes its group, one on a value's arrow its parts."""
        place = event.position().toPoint()
        index = self.indexAt(place).siblingAtColumn(NAME)
        if event.button() == Qt.MouseButton.LeftButton and self.rows.group_at(index) is not None:
            self.setCurrentIndex(index)
            self.setExpanded(index, not self.isExpanded(index))
            return
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_arrow(index, place):
            self.setCurrentIndex(index)
            self._toggle(index)
            return
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.is_on_badge(place):
            self.findings_asked.emit(self.selected_name())
        part = self._variables.part(self.selected_key())
        if event.button() == Qt.MouseButton.LeftButton and part is not None and part.role == "more":
            self._more(part.path)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the variable under the pointer; on a heading it counts as a click, on a part it opens its parts."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        variable = self.rows.variable_at(index)
        if self.is_on_badge(place):
            return
        if variable is None or self._is_on_arrow(index.siblingAtColumn(NAME), place):
            self.mousePressEvent(event)
        elif self._is_typed_into(variable, index.column()):
            self.edit_asked.emit(VALUE)
        else:
            self._enter(index, variable)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens a variable, and opens or closes a group. Right and Left open and close values."""
        index = self.currentIndex()
        variable = self.rows.variable_at(index) if index.isValid() else None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            if variable is not None:
                self._enter(index, variable)
            else:
                self.setExpanded(index, not self.isExpanded(index))
            return
        if event.key() == Qt.Key.Key_Escape and self._variables.tree.stop():
            return
        if variable is not None and self._walk(event.key(), variable):
            return
        super().keyPressEvent(event)

    def cell_rect(self, key: str, column: int) -> QRect:
        """Where the text of a cell stands on the viewport; empty where the row is not listed."""
        index = self.rows.index_of(key).siblingAtColumn(column)
        variable = self.rows.variable_at(index) if index.isValid() else None
        rect = self.visualRect(index) if variable is not None else QRect()
        indent = self._painter.indent_of(variable) if variable is not None and column == NAME else 0
        return rect.adjusted(indent, 0, 0, 0)

    def is_on_badge(self, place: QPoint) -> bool:
        """Whether a place on the viewport is on what is said of a frame."""
        index = self.indexAt(place)
        variable = self.rows.variable_at(index) if index.isValid() and index.column() == VALUE else None
        if variable is None:
            return False
        rect = self.visualRect(index)
        return place.x() < rect.left() + self._painter.badge_width(variable.name, rect.width())

    def _is_typed_into(self, variable: Variable, column: int) -> bool:
        """Whether a double click begins to change the value: on the value of a number or text, or of another part."""
        is_simple = variable.kind == "value" and not variable.has_children and variable.is_evaluated
        return column == VALUE and is_simple and self.is_editable

    def _enter(self, index: QModelIndex, variable: Variable) -> None:
        part = self._variables.part(variable.name)
        if part is None:
            self.opened.emit(variable.name)
        elif part.role == "more":
            self._more(part.path)
        elif variable.kind == "data":
            self.part_opened.emit(part.path)
        elif variable.has_children:
            self._toggle(index)

    def _walk(self, key: int, variable: Variable) -> bool:
        """What Right and Left do on a row, and whether that was anything of ours."""
        tree = self._variables.tree
        part = self._variables.part(variable.name)
        is_open = tree.is_open(variable.name)
        if key == Qt.Key.Key_Right:
            if variable.has_children and not is_open:
                tree.open(variable.name)
            elif is_open:
                below = self.indexBelow(self.currentIndex())
                self.setCurrentIndex(below) if below.isValid() else None
            return True
        if key == Qt.Key.Key_Left and is_open:
            tree.close(variable.name)
            return True
        if key == Qt.Key.Key_Left and part is not None:
            self.select(key_of(part.path[:-1]))
            return True
        return False

    def _is_on_arrow(self, index: QModelIndex, place: QPoint) -> bool:
        variable = self.rows.variable_at(index) if index.isValid() else None
        if variable is None or not variable.has_children:
            return False
        start = self.visualRect(index).left() + self._painter.indent_of(variable)
        return start - self._theme.px(STEP_PX) <= place.x() < start

    def _toggle(self, index: QModelIndex) -> None:
        variable = self.rows.variable_at(index)
        if variable is not None and variable.has_children:
            tree = self._variables.tree
            (tree.close if tree.is_open(variable.name) else tree.open)(variable.name)

    def _more(self, path: tuple[str, ...]) -> None:
        self._variables.tree.more(key_of(path[:-1]))

    def _on_scrolled(self, _place: int) -> None:
        self._rest.start()

    @Slot()
    def _on_rest(self) -> None:
        """Ask for the sizes of the names in sight."""
        if self.isColumnHidden(SIZE) or not self.isVisible():
            return
        index = self.indexAt(QPoint(0, 0))
        bottom = self.viewport().height()
        names: list[str] = []
        while index.isValid() and self.visualRect(index).top() < bottom:
            variable = self.rows.variable_at(index)
            if variable is not None and self._variables.part(variable.name) is None:
                names.append(variable.name)
            index = self.indexBelow(index)
        self._variables.ask_sizes(names)

    def _take_rows(self) -> None:
        """Insert and remove rows. Where the selected name moves to another group, the selection goes with it."""
        selected = self.selected_key()
        top = self.indexAt(self.viewport().rect().topLeft())
        anchor, offset = self.rows.variable_at(top), self.visualRect(top).top()
        was_scrolled = self.verticalScrollBar().value() > 0
        selection = self.selectionModel()
        selection.currentChanged.disconnect(self._on_current_changed)
        selection.selectionChanged.disconnect(self._on_selection_changed)
        for kind in self.rows.sync():
            self.setFirstColumnSpanned(self.rows.group_index(kind).row(), QModelIndex(), True)
        self._open_groups()
        if selected and self.selected_key() != selected:
            index = self.rows.index_of(selected)
            # A name that is gone leaves no other one selected: a command must not meet a name that nobody chose.
            self.setCurrentIndex(index) if index.isValid() else self.clearSelection()
        selection.currentChanged.connect(self._on_current_changed)
        selection.selectionChanged.connect(self._on_selection_changed)
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
        has_size = width >= self._theme.px(SIZE_PX) or self._variables.look.sort == "size"
        self.setColumnHidden(SIZE, not has_size)
        self.rows.set_value_with_shape(is_narrow)
        if not self._is_sized_by_hand:
            for column, (share, least_px, most_px) in SHARES.items():
                wanted = round(width * share)
                self.header().resizeSection(column, min(self._theme.px(most_px), max(self._theme.px(least_px), wanted)))
        self._is_arranging = False

    def _on_section_resized(self, column: int, old: int, new: int) -> None:
        # A column that is hidden or shown again tells so later, by a width of nothing.
        if not self._is_arranging and column != VALUE and old and new:
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

    def _on_selection_changed(self, _selected: object, _deselected: object) -> None:
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
