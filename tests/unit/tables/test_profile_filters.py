"""Filters of what profiles show: bars of every kind of column, frequent values, columns that are missing together."""

from __future__ import annotations

import pytest

from ide.core.table import Column, ColumnKind, ColumnProfile, Filter, FilterGroup, ValueCount
from ide.tables import filters
from ide.tables.profile_filters import Predicate, of_bar, of_pattern, of_value


def profile(*edges: float) -> ColumnProfile:
    return ColumnProfile(0, 10, 10, edges=edges, counts=(1,) * (len(edges) - 1))


def between(low: str, high: str) -> Predicate:
    return FilterGroup((Filter(0, "ge", (low,)), Filter(0, "lt", (high,))))


@pytest.mark.parametrize(
    ("kind", "type_name", "unit", "edges", "place", "expected"),
    [
        ("number", "float64", "", (0.0, 0.1, 1.0, 2.0), 1, between("0.1", "1")),
        ("number", "float64", "", (0.0, 0.1, 2.0), 0, Filter(0, "lt", ("0.1",))),
        ("number", "float64", "", (0.0, 0.1, 2.0), 1, Filter(0, "ge", ("0.1",))),
        ("number", "int64", "", (0.0, 3.95, 7.9, 11.85), 1, between("4", "8")),
        ("number", "int64", "", (0.0, 3.95, 7.9), 0, Filter(0, "lt", ("4",))),
        ("number", "integer", "", (0.0, 3.95, 7.9), 1, Filter(0, "ge", ("4",))),
        ("number", "int64", "", (4.5, 5.5), 0, Filter(0, "is_present")),
        ("date", "Date", "", (0.0, 1.5, 3.0, 4.5), 1, between("1970-01-03", "1970-01-04")),
        ("duration", "timedelta64[ms]", "ms", (0.0, 1500.0, 3000.0, 4500.0), 1, between("1.5", "3")),
        ("time", "time", "us", (0.0, 1e6, 2e6, 3e6), 1, between("00:00:01", "00:00:02")),
        ("timestamp", "datetime64[s]", "s", (0.0, 100.5, 201.0, 301.5), 1,
         between("1970-01-01T00:01:41", "1970-01-01T00:03:21")),
        ("timestamp", "POSIXct", "s", (0.0, 0.25, 0.5, 0.75), 1,
         between("1970-01-01T00:00:00.25", "1970-01-01T00:00:00.5")),
    ],
)  # fmt: skip
def test_bar_is_from_its_edge_to_before_the_next(
    kind: ColumnKind, type_name: str, unit: str, edges: tuple[float, ...], place: int, expected: Predicate
) -> None:
    column = Column(0, "x", kind, type_name, unit=unit)
    assert of_bar(column, profile(*edges), place) == expected
    members = (expected,) if isinstance(expected, Filter) else expected.filters()
    assert [filters.check(one, column) for one in members] == [""] * len(members)


@pytest.mark.parametrize("infinite", [0, 2])
def test_every_value_is_in_one_bar_and_infinities_in_none(infinite: int) -> None:
    column = Column(0, "x", "number", "float64")
    edges = [3 * (1 - place / 7) + 9.1 * (place / 7) for place in range(7)] + [9.1]
    values = [3 + 6.1 * place / 500 for place in range(500)] + edges
    shown = ColumnProfile(0, 9, 9, edges=tuple(edges), counts=(1,) * 7, statistics=(("infinite", str(infinite)),))

    def fits(bar: Predicate | None, value: float) -> bool:
        members = (bar,) if isinstance(bar, Filter) else bar.filters() if bar is not None else ()
        bounds = [(one.operator, float(one.values[0] or 0)) for one in members]
        holds = {"ge": value.__ge__, "gt": value.__gt__, "lt": value.__lt__}
        return all(holds[operator](bound) for operator, bound in bounds)

    bars = [of_bar(column, shown, place) for place in range(7)]
    for value in values:
        assert sum(fits(bar, value) for bar in bars) == 1
    if infinite:
        assert not any(fits(bar, value) for bar in bars for value in (float("inf"), float("-inf")))


def test_bar_of_a_column_without_filters_is_nothing() -> None:
    assert of_bar(Column(0, "x", "number", "float64", can_filter=False), profile(0.0, 1.0), 0) is None
    assert of_bar(Column(0, "x", "number", "float64"), profile(0.0, 1.0), 1) is None
    assert of_bar(Column(0, "x", "date", "Date"), profile(0.3, 10.1, 20.7), 0) is None


def test_value_is_equal_empty_true_or_the_beginning() -> None:
    text, truth = Column(0, "x", "text"), Column(0, "x", "boolean")
    assert of_value(text, ValueCount("a", 1)) == Filter(0, "eq", ("a",))
    assert of_value(text, ValueCount("", 1)) == Filter(0, "is_empty")
    assert of_value(text, ValueCount("x" * 200, 1)) == Filter(0, "starts", ("x" * 200,), is_case_sensitive=True)
    assert of_value(truth, ValueCount("True", 1)) == Filter(0, "is_true")
    assert of_value(truth, ValueCount("false", 1)) == Filter(0, "is_false")
    assert of_value(Column(0, "x", "nested"), ValueCount("{}", 1)) is None


def test_pattern_leaves_the_other_columns_present() -> None:
    assert of_pattern((1, 3), (1, 2, 3)) == FilterGroup(
        (Filter(1, "is_missing"), Filter(3, "is_missing"), Filter(2, "is_present"))
    )
