"""A grid over a table of any size: scrolling, selecting, columns, heads, editing. Owns what is shown, no cell.

The cells come from a `GridData` (`ide.tables.pager.Pager`), which is told what is in sight. The parts: `grid_frame`
knows where everything is, `grid_columns` order and widths, `grid_fitting` which widths, `grid_choosing` selections,
`grid_cells` and `grid_text` what is written; `grid_paint`, `grid_header`, `grid_spark` and `grid_heat` draw;
`grid_mouse` and `grid_keys` know gestures and keys, `grid_tips` tooltips, `grid_edit` is the box over a cell.

What the user asks for beyond looking (sort, filter, menus, edits) is only told by signals. Rows in signals are Python
numbers of any size and columns are indexes of the table, not places on the screen; both count from 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from ide.core.table import Code, TableInfo
from ide.core.text import with_unseen_shown
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.selection import Area, Selection
from ide.widgets.grid_cells import GridCells
from ide.widgets.grid_choosing import Chooser
from ide.widgets.grid_columns import GridColumns
from ide.widgets.grid_data import GridData
from ide.widgets.grid_edit import CellEditor
from ide.widgets.grid_fitting import PAD, Fitting
from ide.widgets.grid_frame import Frame, Hit
from ide.widgets.grid_header import Head, HeaderPainter
from ide.widgets.grid_heat import HeatKind, heat_of
from ide.widgets.grid_keys import Step, step_of
from ide.widgets.grid_mouse import GridMouse
from ide.widgets.grid_paint import GridPainter, Seen
from ide.widgets.grid_scroll import ScrollAxis
from ide.widgets.grid_tips import cell_tip, head_tip

WHEEL_ROWS = 3


class Grid(QAbstractScrollArea):
    """Cells with heads above and labels at the left."""

    sort_asked = Signal(int, bool)
    """Column; whether it is added to the sort keys that are there."""
    filter_asked = Signal(int)
    menu_asked = Signal(QPoint, object, int, str)
    """Place on the screen, row and column (-1 where none is meant, or the index of a row label), and "cell", "column",
    "row", "corner" or "nothing"."""
    cell_activated = Signal(object, int)
    selection_changed = Signal()
    edit_asked = Signal(object, int, str)
    columns_changed = Signal()
    """The user changed order, widths, pins or what is hidden."""

    def __init__(self, theme: Theme, icons: Icons, name: str, parent: QWidget | None = None) -> None:
        """`name` tells screen readers what the table is."""
        super().__init__(parent)
        self._theme = theme
        self._data: GridData | None = None
        self._info: TableInfo | None = None
        self._undo_connections: list[object] = []
        self.columns = GridColumns(theme.px)
        self.seen = Seen()
        self._rows = ScrollAxis(self.verticalScrollBar())
        self._across = ScrollAxis(self.horizontalScrollBar())
        self.frame = Frame(theme, self.columns, self._rows, self._across)
        self.cells = GridCells()
        self._header = HeaderPainter(theme, icons)
        self._painter = GridPainter(theme, self.frame, self.cells, self._header)
        self._mouse = GridMouse(self)
        self._editor = CellEditor(theme, self.viewport())
        self._editor.committed.connect(self._on_committed)
        self._editor.given_up.connect(self._on_given_up)
        self._chooser = Chooser(self.seen, self.frame)
        self._fitting = Fitting(theme, self.frame, self.cells, self._header)
        self._hover = Hit("nothing")
        self._hovered_button = ""
        self._heat_kinds: dict[int, HeatKind] = {}
        self._wheel_rest = [0.0, 0.0]
        self._said = ""
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    # ---- the table

    @property
    def data(self) -> GridData | None:
        """Where the cells come from."""
        return self._data

    def set_data(self, data: GridData | None) -> None:
        """Show another table, or none."""
        for undo in self._undo_connections:
            assert callable(undo)
            undo()
        self._undo_connections.clear()
        self._data, self._info = data, None
        self._heat_kinds.clear()
        self.cells.set_data(data)
        self._editor.close_box()
        self.frame.pinned_rows = ()
        self.frame.labels.clear()
        self.columns.reset(0)
        self._rows.offset = self._across.offset = 0
        if data is not None:
            self._undo_connections = [
                connect(self, data.arrived, self._on_arrived),
                connect(self, data.columns_arrived, self._on_columns_arrived),
                connect(self, data.profile_arrived, self._on_profile_arrived),
                connect(self, data.view_changed, self._on_view_changed),
                connect(self, data.changed, self._on_changed),
            ]
            self._take_info()
        else:
            self.frame.row_count = 0
        self.seen.current = None
        self._chooser.hold()
        self.seen.selection = self._chooser.current_cell()
        self._arrange()
        self.selection_changed.emit()

    def set_compact(self, is_compact: bool) -> None:
        """Rows a little lower."""
        if is_compact != self.frame.is_compact:
            first = self._rows.offset // self.frame.row_px
            self.frame.is_compact = is_compact
            self._on_theme_changed()
            self._rows.move_to(first * self.frame.row_px)
            self._look_around()

    def set_number_marks(self, decimal_mark: str, group_mark: str) -> None:
        """How numbers are written on the screen."""
        self.cells.set_marks(decimal_mark, group_mark)
        self.viewport().update()

    # ---- selection

    @property
    def selection(self) -> Selection:
        """In rows and places. `selected_parts` tells indexes."""
        return self.seen.selection

    @property
    def current(self) -> tuple[int, int] | None:
        """Row and column index of the cell with the ring."""
        if self.seen.current is None or not 0 <= self.seen.current[1] < self.columns.count:
            return None
        return self.seen.current[0], self.columns.index_at(self.seen.current[1])

    def set_selection(self, selection: Selection) -> None:
        """Select these rows and places; the ring stays."""
        if selection != self.seen.selection:
            self.seen.selection = selection
            self._painter.forget_heads()
            self.viewport().update()
            self.selection_changed.emit()

    def select_all(self) -> None:
        """Everything, also rows that nobody has counted yet."""
        self.set_selection(Selection((Area.everything(),)))
        self._say(f"all selected, {self.frame.row_count:,} rows, {self.columns.count:,} columns")

    def selected_parts(self) -> tuple[tuple[range, tuple[int, ...]], ...]:
        """Disjoint rectangles: rows, and column indexes as they stand on the screen."""
        shown = self.columns.shown
        parts = self.seen.selection.rectangles(self.frame.row_count, self.columns.count)
        return tuple((rows, shown[places.start : places.stop]) for rows, places in parts)

    def selected_columns(self) -> tuple[int, ...]:
        """Indexes of columns with a selected cell, as they stand on the screen."""
        shown = self.columns.shown
        found = self.seen.selection.columns(self.columns.count)
        return tuple(index for places in found for index in shown[places.start : places.stop])

    def go_to(self, row: int, column: int) -> None:
        """Make a cell the current one and bring it into sight; hidden columns are shown again."""
        if self.columns.place_of(column) < 0 and column in self.columns.hidden:
            self.show_columns([column])
        place = self.columns.place_of(column)
        if self.frame.row_count and place >= 0:
            self._go(min(max(row, 0), self.frame.row_count - 1), place)

    def go_to_column(self, column: int) -> None:
        """Like `go_to`, in the current row."""
        self.go_to(self.seen.current[0] if self.seen.current else self.frame.rows_in_sight().start, column)

    # ---- columns and rows

    def hide_columns(self, indexes: Iterable[int]) -> None:
        """Show these no more."""
        current = self.current
        self.columns.hide(indexes)
        self._settle_columns(current)

    def show_columns(self, indexes: Iterable[int] | None = None) -> None:
        """Show these again, or all."""
        current = self.current
        self.columns.show(indexes)
        self._settle_columns(current)

    def pin_column(self, index: int, is_pinned: bool = True) -> None:
        """Keep a column at the left, or let it go."""
        current = self.current
        self.columns.pin(index, is_pinned)
        self._settle_columns(current)

    def move_column(self, index: int, target: int) -> None:
        """Put a column before the one at place `target`."""
        current = self.current
        self.columns.move(self.columns.place_of(index), target)
        self._settle_columns(current)

    def pin_rows(self, rows: Iterable[int]) -> None:
        """Keep these rows of the present view at the top; none lets all go."""
        known = sorted({row for row in rows if 0 <= row < self.frame.row_count})
        self.frame.pinned_rows = tuple(known)
        self.cells.hold_rows(known)
        self._arrange()

    def fit_column(self, index: int) -> None:
        """As wide as its head and the cells in sight need."""
        if self._fitting.by_hand(index):
            self._arrange()
            self.columns_changed.emit()

    def set_heat(self, column: int, kind: HeatKind | None) -> None:
        """Colour cells of a column by value, or no more. Nothing happens before its profile is known."""
        if kind is None:
            self._heat_kinds.pop(column, None)
        else:
            self._heat_kinds[column] = kind
        self._take_heats()
        self.viewport().update()

    def heat_kind(self, column: int) -> HeatKind | None:
        """How a column is coloured."""
        return self._heat_kinds.get(column)

    def scroll_by(self, x: int, y: int) -> None:
        """So many pixels to the right and down."""
        moved_x = self._across.move_to(self._across.offset + x)
        moved_y = self._rows.move_to(self._rows.offset + y)
        if moved_x or moved_y:
            self._look_around()

    # ---- editing

    def edit_current(self, typed: str | None = None) -> bool:
        """Open the box over the current cell; False where the cell cannot be edited here.

        What the box would not hold whole (texts that were cut, nested values) is handed to `cell_activated` instead.
        """
        current = self.current
        if current is None or self._data is None:
            return False
        column = self.cells.column(current[1])
        code = self.cells.code(*current)
        text = self.cells.exact(*current)
        if column is None or not column.can_edit or code is None or text is None:
            return False
        if code in (Code.CUT, Code.OBJECT, Code.UNSEEN) or "\n" in text or "\r" in text:
            self.cell_activated.emit(*current)
            return False
        assert self.seen.current is not None
        self._show_place(*self.seen.current)
        name = f"row {current[0] + 1}, {with_unseen_shown(column.name)}"
        rect = self.frame.cell_rect(*self.seen.current)
        self._editor.open(rect, "" if code.is_missing else text, typed, name)
        return True

    @Slot(str, int, int)
    def _on_committed(self, text: str, down: int, right: int) -> None:
        current = self.current
        self.setFocus()
        if current is None:
            return
        before = self.cells.exact(*current)
        code = self.cells.code(*current)
        if text != ("" if code is None or code.is_missing else before):
            self.edit_asked.emit(current[0], current[1], text)
        self._step(Step(down, right), extends=False)

    @Slot()
    def _on_given_up(self) -> None:
        self.setFocus()

    # ---- what gestures ask for

    def choose_cell(self, row: int, place: int, *, adds: bool, extends: bool) -> None:
        """A cell was pressed."""
        self._editor.close_box()
        if extends:
            self.reach(row, place)
            return
        self._chooser.put(row, place)
        self._begin(Area.between(row, place, row, place), adds=adds)

    def choose_row(self, row: int, *, adds: bool, extends: bool) -> None:
        """A row label or number was pressed."""
        if extends:
            self.reach(row, None)
            return
        place = self.frame.places_in_sight().start if self.columns.pinned_count == 0 else 0
        self._chooser.put(row, place)
        self._begin(Area.of_rows(row, row), adds=adds)

    def choose_column(self, place: int, *, adds: bool, extends: bool) -> None:
        """A head was pressed."""
        if extends:
            self.reach(None, place)
            return
        self._chooser.put(self.frame.rows_in_sight().start, place)
        self._begin(Area.of_columns(place, place), adds=adds)

    def reach(self, row: int | None, place: int | None) -> None:
        """The selection goes from where it began to here; None stands for all rows, or all columns."""
        self.set_selection(self._chooser.reached(row, place))

    def drag_width(self, place: int, wide: int) -> None:
        """The line right of a head is dragged."""
        self.columns.set_width(self.columns.index_at(place), wide / self._theme.zoom, by_hand=True)
        self._arrange()
        self.columns_changed.emit()

    def drag_head(self, place: int, x: int) -> None:
        """A head is dragged; a line shows where it would stand."""
        gap = self.frame.gap_at(x)
        pinned = self.columns.pinned_count
        gap = min(gap, pinned) if place < pinned else max(gap, pinned)
        if gap != self.seen.drop_gap:
            self.seen.drop_gap = gap
            self.viewport().update()

    def drop_head(self, place: int) -> None:
        """The dragged head is let go; -1 gives the drag up."""
        gap, self.seen.drop_gap = self.seen.drop_gap, None
        self.viewport().update()
        if gap is not None and place >= 0:
            self.move_column(self.columns.index_at(place), gap)

    def press_head_button(self, place: int, button: str, *, adds: bool) -> None:
        """The arrow or the funnel of a head."""
        index = self.columns.index_at(place)
        if button == "sort":
            self.sort_asked.emit(index, adds)
        else:
            self.filter_asked.emit(index)

    def head_button_at(self, point: QPoint) -> str:
        """ "sort", "filter" or nothing."""
        place = self.frame.place_at(point.x())
        if place < 0 or point.y() >= self.frame.head_px:
            return ""
        column = self.cells.column(self.columns.index_at(place))
        for name, rect in self._header.buttons(self.frame.head_rect(place)).items():
            if column is not None and rect.contains(point):
                return name if (column.can_sort if name == "sort" else column.can_filter) else ""
        return ""

    def activate(self, row: int, place: int) -> None:
        """Enter or a double click on a cell."""
        self.cell_activated.emit(row, self.columns.index_at(place))

    def note_menu_place(self, hit: Hit) -> None:
        """A menu will be asked for here: what is not selected becomes so, what is selected stays."""
        if hit.part == "cell" and not self.seen.selection.contains(hit.row, hit.place):
            self.choose_cell(hit.row, hit.place, adds=False, extends=False)
        elif hit.part == "row" and not self.seen.selection.covers(Area.of_rows(hit.row, hit.row)):
            self.choose_row(hit.row, adds=False, extends=False)
        elif hit.part == "column" and hit.place >= 0:
            place = Area.of_columns(hit.place, hit.place)
            if not self.seen.selection.covers(place):
                self.choose_column(hit.place, adds=False, extends=False)

    def set_hover(self, hit: Hit, button: str) -> None:
        """What is under the pointer."""
        if (hit, button) == (self._hover, self._hovered_button):
            return
        is_head = "column" in (hit.part, self._hover.part)
        self._hover, self._hovered_button = hit, button
        self.seen.hovered_row = hit.row if hit.part in ("cell", "row") else -1
        if is_head:
            self._painter.forget_heads()
        self.viewport().update()

    # ---- Qt's events

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Everything that shows; text is laid out once."""
        is_whole = self._is_current_whole()
        if self._fitting.grow(self._painter.prepare(self.seen)) and is_whole and self.seen.current is not None:
            self._across.show(*self._span(self.seen.current[1]))
        # Whatever is asked of the table may be answered at once: not while something is being drawn.
        ratio = self.viewport().devicePixelRatioF()
        if self._painter.are_heads_old(ratio):
            indexes = (*self.frame.indexes_in_sight(), *self.frame.labels)
            self._painter.make_heads(ratio, {index: self._head(index) for index in indexes})
        painter = QPainter(self.viewport())
        self.seen.has_focus = self.hasFocus() or self._editor.hasFocus()
        self._painter.paint(painter, self.seen)
        if self._data is not None and not self.frame.row_count:
            self._paint_emptiness(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other rows and columns are in sight."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """A bar was moved."""
        moved_x, moved_y = self._across.follow_bar(), self._rows.follow_bar()
        if moved_x or moved_y:
            self._look_around()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """By the pixel where the device says so; Shift turns it sideways. With Ctrl it is the window's (zoom)."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        moved = event.pixelDelta()
        if moved.isNull():
            step = WHEEL_ROWS * self.frame.row_px / 120
            x, y = event.angleDelta().x() * step, event.angleDelta().y() * step
        else:
            x, y = float(moved.x()), float(moved.y())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not x:
            x, y = y, 0.0
        self._wheel_rest[0] += x
        self._wheel_rest[1] += y
        whole_x, whole_y = int(self._wheel_rest[0]), int(self._wheel_rest[1])
        self._wheel_rest[0] -= whole_x
        self._wheel_rest[1] -= whole_y
        self.scroll_by(-whole_x, -whole_y)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, drag, resize, sort."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Done with it."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a cell, fit a column."""
        self._mouse.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._mouse.leave()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """No gesture goes on unseen."""
        self._mouse.stop()
        super().hideEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse at the pointer, by key at the current cell."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            hit = self.frame.hit(event.pos())
            index = self.columns.index_at(hit.place) if hit.place >= 0 else hit.label or -1
            self.menu_asked.emit(event.globalPos(), hit.row, index, hit.part)
        else:
            self._ask_menu_at_current("cell")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring shows where the keys go; a screen reader hears it."""
        super().focusInEvent(event)
        self.viewport().update()
        self._tell_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring becomes thin."""
        super().focusOutEvent(event)
        self.viewport().update()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes from cell to cell, and on to what comes after the grid at a row's end."""
        if self.hasFocus() and self.seen.current is not None:
            row, place = self.seen.current
            wanted = place + (1 if is_next else -1)
            if 0 <= wanted < self.columns.count:
                self._go(row, wanted)
                return True
        return super().focusNextPrevChild(is_next)

    def event(self, event: QEvent) -> bool:
        """Keys that move in the grid are not shortcuts of the window while it has the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            key = event.key()
            is_all = key == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier
            is_ours = is_all or key in (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F2)
            if is_ours and self.seen.current is not None:
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of heads, and of cells that are cut off."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.tip_at(event.pos())
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
                event.ignore()
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, reach, select, open, edit."""
        if self._data is None or not self._press(event):
            super().keyPressEvent(event)

    # ---- keys

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key means something here."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        extends = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        controls = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        sideways = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Down and sideways and not controls:
            self._ask_menu_at_current("column")
            return True
        if (step := step_of(key, controls=controls, sideways=sideways)) is not None:
            self._step(step, extends=extends)
            return True
        if key == Qt.Key.Key_A and controls and not extends:
            self.select_all()
        elif key == Qt.Key.Key_Space and (controls or extends):
            self.select_all() if extends and controls else self.set_selection(self._chooser.line(is_row=extends))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not controls:
            if self.current is not None:
                self.cell_activated.emit(*self.current)
        elif key == Qt.Key.Key_F2:
            self.edit_current()
        elif key == Qt.Key.Key_Escape and self._mouse.gesture:
            self._mouse.stop()
        elif key == Qt.Key.Key_Escape and self.seen.selection != self._chooser.current_cell():
            self.set_selection(self._chooser.current_cell())
        else:
            text = event.text()
            is_typed = bool(text) and text.isprintable() and not controls and not sideways
            return is_typed and text != " " and self.edit_current(text)
        return True

    def _step(self, step: Step, *, extends: bool) -> None:
        """One key's worth; with Shift the far corner of the selection moves, else the current cell."""
        if self.seen.current is None:
            return
        row, place = self._chooser.corner() if extends else self.seen.current
        page = self.frame.whole_rows()
        row = row + step.down + step.pages * page
        place = place + step.right + step.screens * max(1, len(self.frame.places_in_sight()) - 1)
        row = min(max(row, 0), self.frame.row_count - 1)
        place = min(max(place, 0), self.columns.count - 1)
        if not extends:
            self._rows.move_to(self._rows.offset + step.pages * page * self.frame.row_px)
            self._go(row, place)
            return
        self.set_selection(self._chooser.reached_by_key(row, place))
        self._show_place(row, place)
        self._tell_selection()

    # ---- inside

    def _settle_columns(self, current: tuple[int, int] | None) -> None:
        """Other columns are where they were: the current cell stays, or the one in its place; only it is selected."""
        if current is not None and self.seen.current is not None and self.columns.count:
            place = self.columns.place_of(current[1])
            nearest = min(self.seen.current[1], self.columns.count - 1)
            self._chooser.put(current[0], place if place >= 0 else nearest)
        self.seen.selection = self._chooser.current_cell()
        self._painter.forget_heads()
        self._arrange()
        self.columns_changed.emit()
        self.selection_changed.emit()

    def _begin(self, area: Area, *, adds: bool) -> None:
        self._chooser.begin(area, adds=adds)
        self._painter.forget_heads()
        self.viewport().update()
        self.selection_changed.emit()
        self._tell_current()

    def _go(self, row: int, place: int) -> None:
        """Make a cell the current and only selected one, in sight."""
        self._chooser.only(row, place)
        self._show_place(row, place)
        self._painter.forget_heads()
        self.viewport().update()
        self.selection_changed.emit()
        self._tell_current()

    def _show_place(self, row: int, place: int) -> None:
        row_px = self.frame.row_px
        moved = self._rows.show(row * row_px, (row + 1) * row_px) if row not in self.frame.pinned_rows else False
        if place >= self.columns.pinned_count:
            moved = self._across.show(*self._span(place)) or moved
        if moved:
            self._look_around()

    def _ask_menu_at_current(self, part: str) -> None:
        current = self.current
        if current is None or self.seen.current is None:
            return
        self._show_place(*self.seen.current)
        row, place = self.seen.current
        rect = self.frame.head_rect(place) if part == "column" else self.frame.cell_rect(row, place)
        self.menu_asked.emit(self.viewport().mapToGlobal(rect.bottomLeft()), current[0], current[1], part)

    def _head(self, index: int) -> Head:
        """What a head shows."""
        assert self._data is not None
        place = self.columns.place_of(index)
        keys = self._data.spec.sort
        number = next((at + 1 for at, key in enumerate(keys) if key.column == index), 0)
        is_over = self._hover.part == "column" and self._hover.place == place and self._hover.divider is None
        return Head(
            self.cells.column(index),
            self._data.profile(index) if index >= 0 else None,
            sort_order=number,
            is_descending=number > 0 and keys[number - 1].is_descending,
            is_only_sort=len(keys) < 2,
            is_filtered=any(one.column == index for one in self._data.spec.filter.filters()),
            is_touched=place >= 0 and self.seen.selection.touches_column(place),
            hovered=(self._hovered_button or "name") if is_over and index >= 0 else "",
        )

    def _paint_emptiness(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.font("ui"))
        is_filtered = self._data is not None and bool(self._data.spec.filter.filters())
        rect = QRect(0, self.frame.head_px, self.frame.width, max(self.frame.row_px, self.frame.height // 3))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "No row fits the filter" if is_filtered else "No rows")

    def tip_at(self, point: QPoint) -> str:
        """The tooltip at a point of the viewport, as rich text; empty for none."""
        hit = self.frame.hit(point)
        if hit.part in ("column", "corner") and self._data is not None:
            index = self.columns.index_at(hit.place) if hit.place >= 0 else hit.label
            column = self.cells.column(index) if hit.place >= 0 or hit.label else None
            profile = self._data.profile(index) if column is not None and index >= 0 else None
            return head_tip(column, profile) if column is not None else ""
        if hit.part == "cell":
            index = self.columns.index_at(hit.place)
            width = self.frame.head_rect(hit.place).width()
        elif hit.part == "row" and hit.label:
            index, width = hit.label, self.frame.labels[hit.label]
        else:
            return ""
        is_cut = self._fitting.is_cut_off(hit.row, index, width)
        return cell_tip(self.cells.exact(hit.row, index) or "") if is_cut else ""

    # ---- what arrives

    def _on_arrived(self, first: int, end: int) -> None:
        self.cells.forget_rows(first, end)
        is_other = self._fitting.new_columns()
        if self._fitting.labels():
            self._painter.forget_heads()
            is_other = True
        self.viewport().update()
        if self.seen.current is not None and first <= self.seen.current[0] < end:
            self._tell_current()
        if is_other or self.frame.pinned_rows:
            self._want()

    def _on_columns_arrived(self, _first: int, _end: int) -> None:
        self.cells.forget_tiles()
        self._painter.forget_heads()
        self._fitting.new_columns()
        self.viewport().update()

    def _on_profile_arrived(self, column: int) -> None:
        self._painter.forget_heads()
        if column in self._heat_kinds:
            self._take_heats()
        self.viewport().update()

    def _on_view_changed(self) -> None:
        """Other rows: what was selected by number is another thing now, columns stay."""
        self.cells.forget_tiles()
        self.frame.pinned_rows = ()
        self.cells.hold_rows(())
        self._editor.close_box()
        self._take_info()
        self._chooser.keep_columns()
        self._arrange()
        self.selection_changed.emit()

    def _on_changed(self) -> None:
        self._take_info()
        self._painter.forget_heads()
        self._arrange()

    def _take_info(self) -> None:
        """Follow the number of rows and the columns of the table."""
        data = self._data
        if data is None:
            return
        self.frame.row_count = data.row_count
        if data.info != self._info:
            before, self._info = self._info, data.info
            if before is None or before.column_count != data.column_count:
                self.columns.reset(data.column_count)
            if before is None or before.version == data.info.version:
                self.cells.forget()
            else:
                self.cells.forget_tiles()
            self._fitting.begin_labels(data.label_columns)
            self._take_heats()
        self._chooser.hold()

    def _take_heats(self) -> None:
        data = self._data
        found = {index: heat_of(kind, data.profile(index)) for index, kind in self._heat_kinds.items()} if data else {}
        self.seen.heats = {index: heat for index, heat in found.items() if heat is not None}

    # ---- lengths

    def _arrange(self) -> None:
        """Everything that follows from the size, the zoom and the table."""
        frame = self.frame
        frame.width, frame.height = self.viewport().width(), self.viewport().height()
        has_spark = self._data is not None and "profile" in self._data.info.features
        frame.head_px = self._header.height(with_spark=has_spark)
        self._fitting.numbers()
        frame.fit()
        self._look_around()

    def _look_around(self) -> None:
        """Something else is in sight."""
        self._fitting.new_columns()
        self._want()
        if self._editor.is_open and self.seen.current is not None:
            self._editor.place(self.frame.cell_rect(*self.seen.current))
        self.viewport().update()

    def _want(self) -> None:
        """Tell the source what is in sight. Pinned rows that are missing come after the rows in sight are here."""
        data, frame = self._data, self.frame
        if data is None or not frame.width:
            return
        rows, indexes = frame.rows_in_sight(), frame.indexes_in_sight()
        for index in indexes:
            data.column(index)
        for row in frame.pinned_rows:
            is_here = all(self.cells.find(row, index) is not None for index in indexes)
            if not is_here and row not in rows and self._is_all_here(rows, indexes):
                data.want(range(row, row + 1), indexes)
                return
        data.want(rows, indexes)

    def _is_all_here(self, rows: range, indexes: list[int]) -> bool:
        ends = {rows.start, rows.stop - 1} if rows else set()
        return all(self.cells.find(row, index) is not None for row in ends for index in indexes)

    def _is_current_whole(self) -> bool:
        """Whether the current cell is in sight from side to side."""
        if self.seen.current is None or self.seen.current[1] < self.columns.pinned_count:
            return False
        start, end = self._span(self.seen.current[1])
        return self._across.offset <= start and end <= self._across.offset + self._across.page

    def _span(self, place: int) -> tuple[int, int]:
        """Pixels of a scrolled column, from the first scrolled one."""
        pinned = self.columns.pinned_px
        return self.columns.left_of(place) - pinned, self.columns.left_of(place + 1) - pinned

    @Slot()
    def _on_theme_changed(self) -> None:
        self.columns.rescale()
        self.frame.rescale()
        self._header.refresh()
        self.cells.set_font(self._theme.font("code"), self.frame.row_px, self._theme.px(PAD))
        if self._data is not None:
            self._fitting.begin_labels(self._data.label_columns)
        self._painter.refresh()
        self._arrange()

    # ---- words for screen readers

    @property
    def spoken(self) -> str:
        """The current cell as it is read out."""
        current = self.current
        if current is None:
            return "no cells"
        column = self.cells.column(current[1])
        name = with_unseen_shown(column.name) if column is not None else f"column {current[1] + 1}"
        return f"row {current[0] + 1}, {name}, {self.cells.spoken(*current)}"

    def _tell_current(self) -> None:
        words = self.spoken
        if words != self._said:
            self._said = words
            self.setAccessibleDescription(words)
            self._say(words)

    def _tell_selection(self) -> None:
        cells = self.seen.selection.count(self.frame.row_count, self.columns.count)
        self._say(f"{cells:,} cells selected")

    def _say(self, words: str) -> None:
        if self.hasFocus():
            announce(self, words)
