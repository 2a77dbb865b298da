"""Selections against sets of cells as the oracle, and their cost on large tables."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from ide.tables.selection import END, Area, Selection, merged

ROWS, COLUMNS = 9, 7
Set = set[tuple[int, int]]


@st.composite
def areas(draw: st.DrawFn) -> Area:
    kind = draw(st.sampled_from(("between", "rows", "columns", "everything")))
    rows = draw(st.integers(0, ROWS - 1)), draw(st.integers(0, ROWS - 1))
    columns = draw(st.integers(0, COLUMNS - 1)), draw(st.integers(0, COLUMNS - 1))
    if kind == "between":
        return Area.between(rows[0], columns[0], rows[1], columns[1])
    if kind == "rows":
        return Area.of_rows(*rows)
    return Area.of_columns(*columns) if kind == "columns" else Area.everything()


def cells(area: Area) -> Set:
    return {(row, column) for row in range(ROWS) for column in range(COLUMNS) if area.contains(row, column)}


def check_against(selection: Selection, expected: Set) -> None:
    assert {(r, c) for r in range(ROWS) for c in range(COLUMNS) if selection.contains(r, c)} == expected
    assert selection.count(ROWS, COLUMNS) == len(expected)
    assert [row for rows in selection.rows(ROWS, COLUMNS) for row in rows] == sorted({row for row, _ in expected})
    assert [c for found in selection.columns(COLUMNS, ROWS) for c in found] == sorted({c for _, c in expected})
    parts = [{(r, c) for r in rows for c in columns} for rows, columns in selection.rectangles(ROWS, COLUMNS)]
    assert sum(map(len, parts)) == len(expected)
    assert set().union(*parts) == expected
    for row in range(ROWS):
        in_row = {c for found in selection.columns_of_row(row) for c in range(COLUMNS) if c in found}
        assert in_row == {c for r, c in expected if r == row}
        assert selection.touches_row(row) or not in_row


@given(st.lists(areas(), max_size=5), areas(), areas())
def test_selection_is_the_union_of_its_areas(made: list[Area], taken: Area, asked: Area) -> None:
    selection = Selection()
    for area in made:
        selection = selection.with_area(area)
    union: Set = set().union(*(cells(area) for area in made))
    check_against(selection, union)
    check_against(selection.without(taken), union - cells(taken))
    if selection.covers(asked):
        assert cells(asked) <= union


def test_last_area_is_the_one_that_is_dragged() -> None:
    selection = Selection().with_area(Area.between(0, 0, 1, 1)).with_area(Area.between(5, 5, 5, 5))
    dragged = selection.with_last(Area.between(5, 5, 3, 4))
    assert dragged.areas == (Area(0, 2, 0, 2), Area(3, 6, 4, 6))
    assert dragged.with_area(Area.everything()).areas == (Area.everything(),)


def test_whole_rows_and_columns_stay_whole_while_a_table_grows() -> None:
    selection = Selection((Area.of_columns(2, 2),))
    assert selection.count(1_000, 5) == 1_000
    assert selection.count(2_000, 5) == 2_000
    assert Area.of_columns(2, 3).is_whole_columns
    assert not Area.of_columns(2, 3).is_whole_rows
    assert Area.of_rows(2, 3).is_whole_rows
    assert Selection((Area.everything(),)).is_everything
    assert not selection.is_everything
    halves = Selection((Area(0, 50, 0, END), Area(50, END, 0, END)))
    assert halves.is_everything


def test_nothing_is_slower_for_fifty_million_rows() -> None:
    rows, columns = 50_000_000, 20_000
    started_s = time.perf_counter()
    selection = Selection((Area.everything(),)).without(Area.of_rows(7, 7)).without(Area.of_columns(3, 5))
    assert selection.count(rows, columns) == (rows - 1) * (columns - 3)
    assert selection.rows(rows) == (range(7), range(8, rows))
    assert selection.columns(columns) == (range(3), range(6, columns))
    assert not selection.contains(7, 0)
    assert selection.contains(rows - 1, columns - 1)
    assert time.perf_counter() - started_s < 0.1


def test_ranges_that_touch_are_one() -> None:
    assert merged([range(5, 7), range(2), range(2, 4), range(9, 9)]) == (range(4), range(5, 7))
