"""The grid over the real pager and a table in memory: what it asks for, keys, mouse, columns, editing, words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ide.core.table import Code, Filter, FilterGroup, SortKey, ViewSpec
from ide.tables.pager import Pager
from ide.tables.selection import Area, Selection
from ide.widgets.grid import Grid
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.fakes.window_parts import Parts
from tests.qt.accessible import name, unnamed

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
MILLION = 10**6


class Desk:
    """A shown grid with its pager and source."""

    def __init__(self, parts: Parts, qtbot: QtBot, columns: Any, **more: Any) -> None:
        self.source = FakeTableSource(columns, **more)
        self.pager = Pager(self.source, parts.ui.after)
        self.grid = Grid(parts.theme, parts.icons, "Table penguins")
        qtbot.addWidget(self.grid)
        self.grid.resize(700, 400)
        self.grid.set_data(self.pager)
        self.grid.show()
        self.grid.activateWindow()
        self.grid.setFocus()
        qtbot.waitUntil(self.grid.hasFocus)
        self.paint()

    def paint(self) -> None:
        self.grid.viewport().repaint()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.grid, key, modifiers)

    def cell(self, row: int, column: int) -> QPoint:
        return self.grid.frame.cell_rect(row, self.grid.columns.place_of(column)).center()

    def head(self, column: int) -> QPoint:
        """A place on a head that sorts and filters nothing."""
        rect = self.grid.frame.head_rect(self.grid.columns.place_of(column))
        return QPoint(rect.left() + 12, rect.bottom() - 6)

    def divider(self, column: int) -> QPoint:
        rect = self.grid.frame.head_rect(self.grid.columns.place_of(column))
        return QPoint(rect.right(), rect.center().y())

    def click(self, point: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.grid.viewport(), LEFT, modifiers, point)

    def drag(self, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.grid.viewport(), LEFT, modifiers, start)
        for share in (0.5, 1.0):
            point = start + (end - start) * share
            self._send(QEvent.Type.MouseMove, point, Qt.MouseButton.NoButton, LEFT)
        QTest.mouseRelease(self.grid.viewport(), LEFT, modifiers, end)

    def hover(self, point: QPoint) -> None:
        self._send(QEvent.Type.MouseMove, point, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)

    def _send(self, kind: QEvent.Type, point: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        place = self.grid.viewport().mapToGlobal(point)
        event = QMouseEvent(kind, QPointF(point), QPointF(place), button, buttons, NONE)
        QApplication.sendEvent(self.grid.viewport(), event)

    def wheel(self, y: int = 0, modifiers: Qt.KeyboardModifier = NONE, pixels: QPoint | None = None) -> None:
        center = QPointF(self.grid.viewport().rect().center())
        event = QWheelEvent(
            center, center, pixels or QPoint(), QPoint(0, y), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.grid.viewport(), event)

    def close(self) -> None:
        self.grid.set_data(None)
        self.pager.close()
        self.source.close()


Open = Callable[..., Desk]


@pytest.fixture
def open_desk(parts: Parts, qtbot: QtBot) -> Iterator[Open]:
    """Opens desks and closes them."""
    made: list[Desk] = []

    def open_one(columns: Any = None, **more: Any) -> Desk:
        made.append(Desk(parts, qtbot, columns if columns is not None else small(), **more))
        return made[-1]

    yield open_one
    for desk in made:
        desk.close()


def small(rows: int = 100) -> dict[str, Sequence[Any]]:
    return {
        "id": range(rows),
        "name": [f"person {row}" for row in range(rows)],
        "age": [20.5 + row for row in range(rows)],
        "note": ["" if row % 2 else None for row in range(rows)],
        "score": [row / 7 for row in range(rows)],
    }


def numbers(rows: int, columns: int = 5) -> dict[str, range]:
    return {f"c{number}": range(number, number + rows) for number in range(columns)}


def areas(desk: Desk) -> tuple[Area, ...]:
    return desk.grid.selection.areas


# ---- size ------------------------------------------------------------------------------------------------------------


def test_ten_million_rows_ask_for_what_is_in_sight_only(open_desk: Open) -> None:
    desk = open_desk(numbers(10 * MILLION), features=frozenset())
    before = desk.source.count("page")
    desk.key(Qt.Key.Key_End, CTRL)
    desk.paint()
    assert desk.grid.current == (10 * MILLION - 1, 4)
    assert desk.grid.cells.shown(10 * MILLION - 1, 0) is not None
    assert desk.source.count("page") - before <= 4
    rows = desk.grid.frame.rows_in_sight()
    assert rows.stop == 10 * MILLION
    assert len(rows) < 20


def test_selecting_everything_takes_no_time_at_any_size(open_desk: Open) -> None:
    desk = open_desk(numbers(50 * MILLION), features=frozenset())
    started_s = time.thread_time()
    desk.key(Qt.Key.Key_A, CTRL)
    desk.paint()
    desk.click(desk.head(1))
    desk.paint()
    desk.key(Qt.Key.Key_Space, SHIFT)
    assert time.thread_time() - started_s < 1.0
    desk.grid.select_all()
    assert desk.grid.selection.count(50 * MILLION, 5) == 250 * MILLION
    assert desk.grid.selected_parts() == ((range(50 * MILLION), (0, 1, 2, 3, 4)),)


def test_scroll_bar_reaches_every_row_past_32_bits(open_desk: Open, parts: Parts) -> None:
    parts.theme.set_zoom(3.0)
    rows = 50 * MILLION
    desk = open_desk(numbers(rows), features=frozenset())
    assert desk.grid.frame.rows.content > 2**31
    bar = desk.grid.verticalScrollBar()
    assert bar.maximum() < 2**31
    bar.setValue(bar.maximum())
    assert desk.grid.frame.rows_in_sight().stop == rows
    bar.setValue(bar.maximum() // 2)
    middle = desk.grid.frame.rows_in_sight().start
    assert abs(middle - rows // 2) < 10
    offset = desk.grid.frame.rows.offset
    desk.wheel(-120)
    assert desk.grid.frame.rows.offset - offset == 3 * desk.grid.frame.row_px
    desk.wheel(pixels=QPoint(0, -1))
    assert desk.grid.frame.rows.offset - offset == 3 * desk.grid.frame.row_px + 1
    bar.setValue(0)
    assert desk.grid.frame.rows.offset == 0


def test_twenty_thousand_columns_are_scrolled_moved_and_hidden_at_once(open_desk: Open) -> None:
    columns = [FakeColumn(f"c{number}", range(number, number + 1_000), "number") for number in range(20_000)]
    desk = open_desk(columns, features=frozenset())
    started_s = time.thread_time()
    desk.grid.go_to(5, 19_999)
    desk.grid.move_column(19_999, 0)
    desk.grid.hide_columns(range(1, 5_000))
    desk.grid.pin_column(7_000)
    desk.grid.go_to(5, 12_000)
    desk.paint()
    assert time.thread_time() - started_s < 2.0
    assert desk.grid.current == (5, 12_000)
    assert desk.grid.columns.shown[:3] == (7_000, 19_999, 0)
    assert desk.grid.cells.shown(5, 12_000) == "12\u2009005"
    asked = [one.arguments[3] for one in desk.source.asked if one.method == "page"]
    assert max(map(len, asked)) < 40


def test_wheel_scrolls_sideways_with_shift_and_leaves_ctrl_to_the_window(open_desk: Open) -> None:
    desk = open_desk(numbers(1_000, 50), features=frozenset())
    desk.wheel(-120, SHIFT)
    assert desk.grid.frame.across.offset > 0
    assert desk.grid.frame.rows.offset == 0
    desk.wheel(-120, CTRL)
    assert desk.grid.frame.rows.offset == 0


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_keys_move_by_cell_page_and_edge(open_desk: Open) -> None:
    desk = open_desk()
    page = desk.grid.frame.whole_rows()
    steps: list[tuple[Qt.Key, Qt.KeyboardModifier, tuple[int, int]]] = [
        (Qt.Key.Key_Down, NONE, (1, 0)),
        (Qt.Key.Key_Right, NONE, (1, 1)),
        (Qt.Key.Key_Up, NONE, (0, 1)),
        (Qt.Key.Key_Left, NONE, (0, 0)),
        (Qt.Key.Key_Left, NONE, (0, 0)),
        (Qt.Key.Key_End, NONE, (0, 4)),
        (Qt.Key.Key_Home, NONE, (0, 0)),
        (Qt.Key.Key_PageDown, NONE, (page, 0)),
        (Qt.Key.Key_PageUp, NONE, (0, 0)),
        (Qt.Key.Key_Down, CTRL, (99, 0)),
        (Qt.Key.Key_Right, CTRL, (99, 4)),
        (Qt.Key.Key_Home, CTRL, (0, 0)),
        (Qt.Key.Key_End, CTRL, (99, 4)),
    ]
    for key, modifiers, expected in steps:
        desk.key(key, modifiers)
        assert desk.grid.current == expected
        assert desk.grid.frame.cell_rect(*expected).intersects(desk.grid.viewport().rect())
    assert areas(desk) == (Area.between(99, 4, 99, 4),)


def test_shift_reaches_and_can_go_back_over_where_it_began(open_desk: Open) -> None:
    desk = open_desk()
    desk.grid.go_to(5, 2)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        desk.key(key, SHIFT)
    assert areas(desk) == (Area.between(5, 2, 7, 3),)
    for _ in range(4):
        desk.key(Qt.Key.Key_Up, SHIFT)
    assert areas(desk) == (Area.between(5, 2, 3, 3),)
    assert desk.grid.current == (5, 2)
    desk.key(Qt.Key.Key_End, CTRL | SHIFT)
    assert areas(desk) == (Area.between(5, 2, 99, 4),)
    desk.key(Qt.Key.Key_Escape)
    assert areas(desk) == (Area.between(5, 2, 5, 2),)


def test_space_selects_rows_and_columns(open_desk: Open) -> None:
    desk = open_desk()
    desk.grid.go_to(5, 2)
    desk.key(Qt.Key.Key_Space, SHIFT)
    desk.key(Qt.Key.Key_Down, SHIFT)
    assert areas(desk) == (Area.of_rows(5, 6),)
    desk.key(Qt.Key.Key_Space, CTRL)
    desk.key(Qt.Key.Key_Right, SHIFT)
    assert areas(desk) == (Area.of_columns(2, 3),)


def test_tab_walks_along_a_row_and_leaves_at_its_end(parts: Parts, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box = QVBoxLayout(window)
    first, last = QLineEdit(), QLineEdit()
    source = FakeTableSource(small())
    pager = Pager(source, parts.ui.after)
    grid = Grid(parts.theme, parts.icons, "Table")
    for widget in (first, grid, last):
        box.addWidget(widget)
    grid.set_data(pager)
    window.show()
    window.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    for column in range(1, 5):
        QTest.keyClick(grid, Qt.Key.Key_Tab)
        assert grid.current == (0, column)
    QTest.keyClick(grid, Qt.Key.Key_Tab)
    assert last.hasFocus()
    QTest.keyClick(last, Qt.Key.Key_Backtab)
    assert grid.hasFocus()
    for _ in range(5):
        QTest.keyClick(grid, Qt.Key.Key_Backtab)
    assert first.hasFocus()
    grid.set_data(None)
    pager.close()


def test_enter_activates_and_menu_keys_ask_for_menus(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk()
    desk.grid.go_to(3, 1)
    with qtbot.waitSignal(desk.grid.cell_activated) as opened:
        desk.key(Qt.Key.Key_Return)
    assert opened.args == [3, 1]
    with qtbot.waitSignal(desk.grid.menu_asked) as asked:
        desk.key(Qt.Key.Key_Down, ALT)
    assert asked.args is not None
    assert asked.args[1:] == [3, 1, "column"]
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    with qtbot.waitSignal(desk.grid.menu_asked) as asked:
        QApplication.sendEvent(desk.grid, event)
    assert asked.args is not None
    assert asked.args[1:] == [3, 1, "cell"]


# ---- mouse -----------------------------------------------------------------------------------------------------------


def test_drags_select_rectangles_and_ctrl_adds_and_takes_away(open_desk: Open) -> None:
    desk = open_desk()
    desk.drag(desk.cell(1, 0), desk.cell(3, 2))
    assert areas(desk) == (Area.between(1, 0, 3, 2),)
    desk.click(desk.cell(6, 1), CTRL)
    assert areas(desk) == (Area.between(1, 0, 3, 2), Area.between(6, 1, 6, 1))
    desk.click(desk.cell(2, 1), CTRL)
    assert not desk.grid.selection.contains(2, 1)
    assert desk.grid.selection.count(100, 5) == 9
    desk.click(desk.cell(2, 1))
    desk.click(desk.cell(4, 2), SHIFT)
    assert areas(desk) == (Area.between(2, 1, 4, 2),)


def test_heads_row_numbers_and_corner_select_whole_lines(open_desk: Open) -> None:
    desk = open_desk()
    desk.click(desk.head(1))
    assert areas(desk) == (Area.of_columns(1, 1),)
    desk.click(desk.head(2), SHIFT)
    assert areas(desk) == (Area.of_columns(1, 2),)
    desk.click(desk.head(0), CTRL)
    assert desk.grid.selected_columns() == (0, 1, 2)
    number = QPoint(5, desk.cell(3, 0).y())
    desk.drag(number, QPoint(5, desk.cell(6, 0).y()))
    assert areas(desk) == (Area.of_rows(3, 6),)
    desk.click(QPoint(5, 5))
    assert desk.grid.selection.is_everything


def test_a_drag_past_the_edge_scrolls_on(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(numbers(MILLION), features=frozenset())
    start = desk.cell(2, 1)
    QTest.mousePress(desk.grid.viewport(), LEFT, NONE, start)
    below = QPoint(start.x(), desk.grid.viewport().height() + 200)
    desk._send(QEvent.Type.MouseMove, below, Qt.MouseButton.NoButton, LEFT)
    qtbot.waitUntil(lambda: desk.grid.frame.rows.offset > 400)
    QTest.mouseRelease(desk.grid.viewport(), LEFT, NONE, below)
    assert areas(desk)[-1].top == 2
    assert areas(desk)[-1].bottom > 30


def test_dividers_resize_and_fit(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk({"text": ["a much longer text than the head", "b"], "n": [1, 2]})
    desk.drag(desk.divider(0), desk.divider(0) + QPoint(60 - desk.grid.columns.width(0), 0))
    assert desk.grid.columns.width(0) == 60
    with qtbot.waitSignal(desk.grid.columns_changed):
        QTest.mouseDClick(desk.grid.viewport(), LEFT, NONE, desk.divider(0))
    needed = desk.grid.cells.width(0, 0)
    assert needed < desk.grid.columns.width(0) < needed + 40


def test_heads_are_dragged_to_other_places_and_what_is_pinned_stays_apart(open_desk: Open) -> None:
    desk = open_desk()
    desk.drag(desk.head(0), QPoint(desk.grid.frame.head_rect(2).right() - 20, 50))
    assert desk.grid.columns.shown == (1, 2, 0, 3, 4)
    assert desk.grid.current == (0, 0)
    desk.grid.pin_column(3)
    desk.drag(desk.head(4), QPoint(2, 50))
    assert desk.grid.columns.shown == (3, 4, 1, 2, 0)
    assert desk.grid.columns.pinned == (3,)


def test_head_buttons_ask_for_sort_and_filter(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk()
    desk.grid.columns.set_width(1, 200)
    desk.hover(desk.head(1))
    rect = desk.grid.frame.head_rect(1)
    sort, filters = QPoint(rect.right() - 14, 14), QPoint(rect.right() - 40, 14)
    with qtbot.waitSignal(desk.grid.sort_asked) as asked:
        desk.click(sort)
    assert asked.args == [1, False]
    with qtbot.waitSignal(desk.grid.sort_asked) as asked:
        desk.click(sort, CTRL)
    assert asked.args == [1, True]
    with qtbot.waitSignal(desk.grid.filter_asked) as asked:
        desk.click(filters)
    assert asked.args == [1]
    assert areas(desk) == (Area.between(0, 0, 0, 0),)


def test_menu_by_mouse_tells_the_part_and_keeps_a_selection_under_it(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(labels={"row": [f"r{row}" for row in range(100)]})
    desk.drag(desk.cell(1, 0), desk.cell(3, 2))
    for point, expected, selected in (
        (desk.cell(2, 1), [2, 1, "cell"], Area.between(1, 0, 3, 2)),
        (desk.cell(8, 2), [8, 2, "cell"], Area.between(8, 2, 8, 2)),
        (desk.head(1), [-1, 1, "column"], Area.of_columns(1, 1)),
        (QPoint(5, desk.cell(4, 0).y()), [4, -1, "row"], Area.of_rows(4, 4)),
        (QPoint(5, 5), [-1, -1, "corner"], Area.of_rows(4, 4)),
    ):
        QTest.mousePress(desk.grid.viewport(), RIGHT, NONE, point)
        place = desk.grid.viewport().mapToGlobal(point)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, place)
        with qtbot.waitSignal(desk.grid.menu_asked) as asked:
            QApplication.sendEvent(desk.grid.viewport(), event)
        assert asked.args is not None
        assert asked.args[1:] == expected
        assert areas(desk) == (selected,)


# ---- columns and rows ------------------------------------------------------------------------------------------------


def shown(desk: Desk) -> list[int]:
    return list(desk.grid.columns.shown)


def test_hidden_columns_are_passed_over_and_come_back(open_desk: Open) -> None:
    desk = open_desk()
    desk.grid.go_to(4, 2)
    desk.grid.hide_columns([1, 2])
    assert shown(desk) == [0, 3, 4]
    assert desk.grid.current is not None
    assert desk.grid.current[0] == 4
    desk.grid.go_to(4, 0)
    desk.key(Qt.Key.Key_Right)
    assert desk.grid.current == (4, 3)
    desk.grid.go_to(1, 2)
    assert desk.grid.current == (1, 2)
    assert shown(desk) == [0, 2, 3, 4]
    desk.grid.hide_columns(range(5))
    assert desk.grid.columns.count == 4
    desk.grid.show_columns()
    assert desk.grid.columns.hidden == frozenset()


def test_selected_parts_name_columns_in_the_order_of_the_screen(open_desk: Open) -> None:
    desk = open_desk()
    desk.grid.move_column(4, 0)
    desk.grid.hide_columns([1])
    desk.grid.set_selection(Selection((Area.between(2, 0, 5, 2),)))
    assert desk.grid.selected_parts() == ((range(2, 6), (4, 0, 2)),)
    assert desk.grid.selected_columns() == (4, 0, 2)


def test_pinned_columns_stay_while_others_scroll(open_desk: Open) -> None:
    desk = open_desk(numbers(100, 40), features=frozenset())
    desk.grid.pin_column(3)
    desk.grid.go_to(0, 39)
    desk.paint()
    assert desk.grid.frame.cell_rect(0, 0).left() == desk.grid.frame.side_px
    assert 3 in desk.grid.frame.indexes_in_sight()
    desk.grid.pin_column(3, False)
    assert desk.grid.columns.place_of(3) == 3


def test_pinned_rows_stay_and_keep_their_cells_far_away(open_desk: Open) -> None:
    desk = open_desk(numbers(MILLION, 60), features=frozenset())
    desk.grid.pin_rows((0, 2))
    desk.grid.go_to(900_000, 50)
    desk.paint()
    assert desk.grid.frame.row_at(desk.grid.frame.head_px + 2) == 0
    assert desk.grid.frame.row_at(desk.grid.frame.head_px + desk.grid.frame.row_px + 2) == 2
    in_sight = desk.grid.frame.indexes_in_sight()
    assert [desk.grid.cells.shown(2, index) for index in in_sight] == [str(index + 2) for index in in_sight]
    assert desk.grid.cells.shown(900_000, 50) is not None
    desk.grid.go_to(2, 50)
    assert desk.grid.current == (2, 50)
    desk.grid.pin_rows(())
    assert desk.grid.frame.top == desk.grid.frame.head_px


def test_columns_of_numbers_grow_for_larger_ones_unless_sized_by_hand(open_desk: Open) -> None:
    rows = 100_000
    desk = open_desk({"a": [row**3 for row in range(rows)], "b": [row**3 for row in range(rows)]}, features=frozenset())
    before = desk.grid.columns.width(0)
    desk.drag(desk.divider(1), desk.divider(1) + QPoint(50 - desk.grid.columns.width(1), 0))
    desk.grid.go_to(rows - 1, 0)
    desk.paint()
    assert desk.grid.columns.width(0) > before
    assert desk.grid.cells.width(rows - 1, 0) < desk.grid.columns.width(0)
    assert desk.grid.columns.width(1) == 50


# ---- what arrives ----------------------------------------------------------------------------------------------------


def test_cells_are_painted_when_they_come_and_old_ones_stay_until_then(open_desk: Open) -> None:
    desk = open_desk({"a": list(range(100))}, is_stepwise=True)
    desk.source.step_all()
    desk.paint()
    assert desk.grid.cells.shown(0, 0) == "0"
    desk.source.change_data({"a": list(range(500, 600))})
    desk.paint()
    assert desk.grid.cells.shown(0, 0) == "0"
    desk.source.step_all()
    desk.paint()
    assert desk.grid.cells.shown(0, 0) == "500"


def test_a_new_view_keeps_columns_and_lets_pins_of_rows_go(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk()
    desk.grid.pin_rows((1,))
    desk.grid.hide_columns([1])
    desk.grid.go_to(60, 2)
    desk.grid.set_selection(Selection((Area.between(50, 1, 60, 2),)))
    condition = FilterGroup((Filter(0, "lt", ("10",)),))
    desk.pager.set_view(ViewSpec((SortKey(0, is_descending=True),), condition))
    qtbot.waitUntil(lambda: desk.grid.frame.row_count == 10)
    desk.paint()
    assert desk.grid.frame.pinned_rows == ()
    assert desk.grid.columns.shown == (0, 2, 3, 4)
    assert desk.grid.current == (9, 2)
    assert areas(desk) == (Area.between(9, 1, 9, 1),)
    assert desk.grid.cells.shown(0, 0) == "9"


def test_a_table_without_rows_or_columns_is_shown(open_desk: Open) -> None:
    tables: tuple[dict[str, list[int]], ...] = ({}, {"a": [], "b": []})
    for columns in tables:
        desk = open_desk(columns)
        assert desk.grid.current is None
        for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_F2, Qt.Key.Key_Return):
            desk.key(key)
        desk.key(Qt.Key.Key_A, CTRL)
        assert desk.grid.selection.count(0, 2) == 0
        assert desk.grid.spoken == "no cells"


def test_other_columns_begin_anew(open_desk: Open) -> None:
    desk = open_desk()
    desk.grid.hide_columns([0])
    desk.source.change_schema({"x": [1, 2, 3], "y": ["a", "b", "c"]})
    desk.paint()
    assert desk.grid.columns.shown == (0, 1)
    assert desk.grid.cells.shown(2, 1) == "c"


def test_every_kind_of_cell_is_painted_in_its_style(open_desk: Open) -> None:
    values = [Code.NA, Code.NAN, Code.NAT, None, Code.NULL, "", "x", "🎉"]
    desk = open_desk([FakeColumn("a", values, "text")])
    tile = desk.grid.cells.tile(0, 0, 8, desk.grid.columns.width(0))
    assert [(piece.row, piece.style) for piece in tile.pieces] == [
        (0, "missing"), (1, "missing"), (2, "missing"), (3, "missing"), (4, "missing"), (5, "faint"), (7, ""),
    ]  # fmt: skip
    assert tile.ordinary is not None
    shown = [desk.grid.cells.shown(row, 0) for row in range(8)]
    assert shown == ["NA", "NaN", "NaT", "None", "NULL", "·", "x", "🎉"]


# ---- editing ---------------------------------------------------------------------------------------------------------


def editable(**more: Any) -> list[FakeColumn]:
    return [
        FakeColumn("a", ["one", "two", None, "two\nlines"], "text", {"can_edit": True}),
        FakeColumn("b", [1, 2, 3, 4], "number", {"can_edit": False}),
        FakeColumn("c", [1.5, 0.1 + 0.2, 3.0, 4.0], "number", {"can_edit": True} | more),
    ]


def box(desk: Desk) -> QLineEdit:
    found = desk.grid.viewport().findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def type_into(desk: Desk, text: str) -> None:
    """The first key opens the box, which has the keyboard from then on."""
    QTest.keyClicks(desk.grid, text[0])
    assert box(desk).hasFocus()
    QTest.keyClicks(box(desk), text[1:])


def test_f2_edits_at_full_precision_and_enter_commits(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(editable())
    desk.grid.go_to(1, 2)
    desk.key(Qt.Key.Key_F2)
    assert box(desk).text() == "0.30000000000000004"
    assert name(box(desk)) == "Edit row 2, c"
    box(desk).setText("7")
    with qtbot.waitSignal(desk.grid.edit_asked) as asked:
        QTest.keyClick(box(desk), Qt.Key.Key_Return)
    assert asked.args == [1, 2, "7"]
    assert desk.grid.current == (2, 2)
    assert desk.grid.hasFocus()


def test_typing_begins_with_what_was_typed_and_escape_gives_up(open_desk: Open) -> None:
    desk = open_desk(editable())
    edits: list[object] = []
    desk.grid.edit_asked.connect(lambda *arguments: edits.append(arguments))
    QTest.keyClicks(desk.grid, "x")
    assert box(desk).text() == "x"
    QTest.keyClick(box(desk), Qt.Key.Key_Escape)
    assert not box(desk).isVisible()
    assert desk.grid.hasFocus()
    desk.key(Qt.Key.Key_F2)
    QTest.keyClick(box(desk), Qt.Key.Key_Return)
    assert edits == []
    desk.grid.go_to(0, 1)
    QTest.keyClicks(desk.grid, "5")
    assert not box(desk).isVisible()


def test_tab_commits_and_goes_on_to_the_right(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(editable())
    desk.key(Qt.Key.Key_Down)
    type_into(desk, "new")
    with qtbot.waitSignal(desk.grid.edit_asked) as asked:
        QTest.keyClick(box(desk), Qt.Key.Key_Tab)
    assert asked.args == [1, 0, "new"]
    assert desk.grid.current == (1, 1)


def test_a_press_elsewhere_commits_what_was_typed_to_the_cell_it_was_typed_in(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(editable())
    type_into(desk, "kept")
    with qtbot.waitSignal(desk.grid.edit_asked) as asked:
        desk.click(desk.cell(3, 1))
    assert asked.args == [0, 0, "kept"]
    assert desk.grid.current == (3, 1)


def test_missing_cells_begin_empty_and_long_ones_go_to_the_inspector(open_desk: Open, qtbot: QtBot) -> None:
    desk = open_desk(editable())
    desk.grid.go_to(2, 0)
    desk.key(Qt.Key.Key_F2)
    assert box(desk).text() == ""
    QTest.keyClick(box(desk), Qt.Key.Key_Escape)
    desk.grid.go_to(3, 0)
    with qtbot.waitSignal(desk.grid.cell_activated) as opened:
        desk.key(Qt.Key.Key_F2)
    assert opened.args == [3, 0]
    assert not box(desk).isVisible()


# ---- words -----------------------------------------------------------------------------------------------------------


def test_screen_readers_are_told_the_current_cell(open_desk: Open) -> None:
    desk = open_desk()
    assert name(desk.grid) == "Table penguins"
    assert unnamed(desk.grid) == []
    desk.grid.go_to(2, 2)
    assert desk.grid.accessibleDescription() == "row 3, age, 22.5"
    desk.grid.go_to(2, 3)
    assert desk.grid.accessibleDescription() == "row 3, note, missing, None"
    desk.grid.go_to(1, 3)
    assert desk.grid.accessibleDescription() == "row 2, note, empty text"


def test_tips_tell_of_columns_and_of_cells_that_are_cut_off(open_desk: Open) -> None:
    text = "<b>long</b> " * 100
    more = {"label": "Where <it> was", "unit": "ms", "zone": "Mars/Olympus"}
    desk = open_desk([FakeColumn("a", [text, "short"], "text"), FakeColumn("t\u202e", [1, 2], "number", more)])
    assert "&lt;b&gt;long" in desk.grid.tip_at(desk.cell(0, 0))
    assert desk.grid.tip_at(desk.cell(1, 0)) == ""
    tip = desk.grid.tip_at(desk.head(1))
    for words in ("t\\u202e", "Where &lt;it&gt; was", "milliseconds", "Mars/Olympus, not known here: shown in UTC"):
        assert words in tip
