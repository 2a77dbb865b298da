"""Pictures of the grid: kinds of cells, heads, selections, pins, heat, what is not here yet, nothing at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QWidget

from ide.core.table import Code, Filter, FilterGroup, SortKey, ViewSpec
from ide.tables.pager import Pager
from ide.tables.selection import Area, Selection
from ide.widgets.grid import Grid
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.fakes.window_parts import Parts
from tests.pictures.harness import check

ROWS = 344
SPECIES = ("Adelie", "Gentoo", "Chinstrap")


def penguins() -> list[FakeColumn]:
    """What people look at: numbers with decimals, words, dates, some of them missing."""
    rows = range(ROWS)
    start = datetime(2007, 11, 11, 8, 30, tzinfo=UTC)
    columns: dict[str, list[Any]] = {
        "species": [SPECIES[(row * 7) % 11 % 3] for row in rows],
        "bill_length_mm": [None if row % 9 == 3 else round(43.9 + 5 * math.sin(row) + row % 5, 1) for row in rows],
        "body_mass_g": [3_200 + (row * 53) % 3_100 for row in rows],
        "z_score": [math.sin(row) * 2.5 for row in rows],
        "seen": [start + timedelta(hours=7 * row) for row in rows],
        "hatched": [date(2007, 1, 1) + timedelta(days=row) for row in rows],
        "is_ringed": [row % 3 == 0 for row in rows],
        "note": ["" if row % 4 == 0 else f"line {row}\nsecond" if row % 4 == 1 else None for row in rows],
        "income": [1_234_567.5 * row for row in rows],
    }
    more = {"label": "Length of the bill, ridge to tip", "can_edit": True}
    return [FakeColumn(name, values, None, more if name[0] == "b" else {}) for name, values in columns.items()]


def odd() -> list[FakeColumn]:
    """What others forget."""
    return [
        FakeColumn("missing", [Code.NA, float("nan"), Code.NAT, None, Code.NULL, ""], "text"),
        FakeColumn("words", ["hello", " padded ", "tab\tand\nbreak", "a\u202eb", "x" * 300, "naïve Ångström"], "text"),
        FakeColumn("scripts", ["שלום עולם", "مرحبا", "日本語", "🎉 emoji", "e\u0301", "Ω ж"], "text"),
        FakeColumn("large", [2**53 + 1, -(2**62), 7, 1_000, 12, 0], "number"),
        FakeColumn("floats", [1e-9, 6.02e23, 0.1 + 0.2, float("inf"), -0.0, 1.0], "number"),
        FakeColumn("a name that is far too long for its column, surely", [1, 2, 3, 4, 5, 6], "number"),
    ]


def grid_of(parts: Parts, columns: list[FakeColumn], **more: Any) -> tuple[Grid, Pager, FakeTableSource]:
    source = FakeTableSource(columns, **more)
    pager = Pager(source, parts.ui.after)
    made = Grid(parts.theme, parts.icons, "Table penguins")
    made.resize(parts.theme.px(960), parts.theme.px(420))
    made.set_data(pager)
    return made, pager, source


def filled(grid: Grid, pager: Pager) -> None:
    """A selection, a sort and a filter."""
    keys = (SortKey(0), SortKey(2, is_descending=True))
    pager.set_view(ViewSpec(keys, FilterGroup((Filter(1, "gt", ("40",)),))))
    grid.go_to(3, 2)
    grid.set_selection(Selection((Area.between(2, 1, 6, 3), Area.between(8, 0, 8, 0))))


def pinned(grid: Grid, _pager: Pager) -> None:
    """Pinned column and rows, a hidden column, scrolled in both directions."""
    grid.pin_column(0)
    grid.hide_columns([3])
    grid.pin_rows((0, 5))
    QCoreApplication.processEvents()
    grid.go_to(200, 8)


def heat(grid: Grid, _pager: Pager) -> None:
    """Both scales, with a selection over them."""
    grid.set_heat(2, "sequential")
    grid.set_heat(1, "sequential")
    grid.set_heat(3, "diverging")
    grid.go_to(4, 2)
    grid.set_selection(Selection((Area.between(4, 2, 6, 3),)))


def compact(grid: Grid, _pager: Pager) -> None:
    """Lower rows, a whole column."""
    grid.set_compact(True)
    grid.set_selection(Selection((Area.of_columns(4, 4), Area.of_rows(7, 9))))


def hover(grid: Grid, _pager: Pager) -> None:
    """The pointer is on the arrow of a head; another is dragged; a row is under the pointer."""
    point = grid.frame.head_rect(1).topRight() + QPoint(-grid.frame.theme.px(14), grid.frame.theme.px(14))
    grid.set_hover(grid.frame.hit(point), grid.head_button_at(point))
    grid.seen.hovered_row = 4
    grid.drag_head(3, grid.frame.head_rect(5).right())


def editing(grid: Grid, _pager: Pager) -> None:
    """The box over a cell."""
    grid.setFocus()
    grid.go_to(2, 1)
    assert grid.edit_current()


STATES: dict[str, Callable[[Grid, Pager], None]] = {
    "filled": filled,
    "pinned": pinned,
    "heat": heat,
    "compact": compact,
    "hover": hover,
    "editing": editing,
}


def show(name: str, parts: Parts, grid: Grid, pager: Pager) -> None:
    def build(_parts: Parts) -> QWidget:
        return grid

    try:
        grid.show()
        grid.activateWindow()
        if name != "grid-editing":
            grid.setFocus()
        check(name, parts, build)
    finally:
        pager.close()


@pytest.mark.parametrize("name", STATES)
def test_grid(name: str, parts: Parts) -> None:
    grid, pager, _source = grid_of(parts, penguins())
    grid.show()
    QCoreApplication.processEvents()
    STATES[name](grid, pager)
    show(f"grid-{name}", parts, grid, pager)


def test_grid_with_labels_and_odd_cells(parts: Parts) -> None:
    labels = {"site": ["north", "north", "south", "south", "east", None], "year": [2019, 2020, 2019, 2020, 2019, 2020]}
    grid, pager, _source = grid_of(parts, odd(), labels=labels, features=frozenset())
    show("grid-odd", parts, grid, pager)


def test_grid_while_cells_are_on_the_way(parts: Parts) -> None:
    grid, pager, source = grid_of(parts, penguins(), is_stepwise=True)
    grid.show()
    QCoreApplication.processEvents()
    source.step_all()
    grid.go_to(300, 0)
    show("grid-waiting", parts, grid, pager)
    source.close()


def test_grid_without_rows(parts: Parts) -> None:
    grid, pager, _source = grid_of(parts, [FakeColumn(one.name, [], "number") for one in penguins()])
    show("grid-empty", parts, grid, pager)
