"""Filters and sorts of files: the same rows as the fake source in memory finds, in every format, of any size."""

from __future__ import annotations

import datetime
import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv
from pyarrow import feather

from ide.core.table import Filter, FilterGroup, FilterProblem, OutOfDateError, Progress, SortKey, TableError, ViewSpec
from ide.tables.files.source import OrderCost
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.unit.tables.files.kit import Desk, values

ROWS = 400
NUMBERS = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in")
TEXTS = (*NUMBERS, "contains", "not_contains", "starts", "ends", "regex", "is_empty")
ANY = ("is_missing", "is_present")
POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "whole": (NUMBERS, ("0", "3", "-2", "2.5", "9007199254740993", "9007199254740992", "1e30", "-1e30", "inf", "-inf")),
    "real": (NUMBERS, ("0", "0.1", "-2.5", "1e300", "inf", "-inf", "3")),
    "text": (TEXTS, ("", "a", "A", "é", "É", "ab", "zz", "b.", "%")),
    "cat": (("eq", "ne", "in", "not_in", *TEXTS[9:]), ("", "lo", "LO", "mid", "hi")),
    "flag": (("eq", "ne", "in", "not_in", "is_true", "is_false"), ("true", "false")),
    "day": (NUMBERS, ("2024-01-31", "1969-12-31", "0001-01-01")),
    "stamp": (NUMBERS, ("2024-01-31", "2024-01-31T12:30", "2024-01-31T12:30:05.000001", "1900-01-01T00:00:00")),
    "clock": (NUMBERS, ("12:30", "00:00:00", "23:59:59.999999")),
    "span": (NUMBERS, ("0", "-0.5", "5400", "0.000001")),
}
NAMES = tuple(POOLS)


def python_columns(seed: int = 1, count: int = ROWS) -> dict[str, list[Any]]:
    """Values of each kind, some missing, many equal."""
    pick = random.Random(seed)
    day = datetime.date(2024, 1, 31)
    stamp = datetime.datetime(2024, 1, 31, 12, 30)
    pools: dict[str, list[Any]] = {
        "whole": [0, 3, -2, 2**53 + 1, 2**53, -(2**63), 2**63 - 1, None],
        "real": [0.0, 0.1, -2.5, 1e300, math.inf, -math.inf, math.nan, None, 3.0],
        "text": ["", "a", "A", "ab", "é", "É", "Zz", "bb", "b.", "100%", None],
        "cat": ["lo", "hi", "mid", None],
        "flag": [True, False, None],
        "day": [day, datetime.date(1969, 12, 31), datetime.date(1, 1, 1), None],
        "stamp": [stamp, stamp + datetime.timedelta(seconds=5, microseconds=1), datetime.datetime(1900, 1, 1), None],
        "clock": [datetime.time(12, 30), datetime.time(0), datetime.time(23, 59, 59, 999_999), None],
        "span": [datetime.timedelta(0), datetime.timedelta(seconds=-0.5), datetime.timedelta(seconds=5400), None],
    }
    return {name: [pick.choice(pool) for _ in range(count)] for name, pool in pools.items()}


def arrow_table(columns: dict[str, list[Any]]) -> pa.Table:
    kinds = {
        "whole": pa.int64(), "real": pa.float64(), "text": pa.string(), "cat": pa.string(), "flag": pa.bool_(),
        "day": pa.date32(), "stamp": pa.timestamp("us"), "clock": pa.time64("us"), "span": pa.duration("us"),
    }  # fmt: skip
    arrays = {name: pa.array(found, kinds[name], from_pandas=False) for name, found in columns.items()}
    arrays["cat"] = arrays["cat"].dictionary_encode()
    return pa.table({**arrays, "row": pa.array(range(len(columns["whole"])))})


def filters() -> st.SearchStrategy[Filter]:
    def of(name: str) -> st.SearchStrategy[Filter]:
        operators, pool = POOLS[name]

        def with_operator(operator: Any) -> st.SearchStrategy[Filter]:
            count = {"between": (2, 2), "in": (0, 3), "not_in": (0, 3), "is_empty": (0, 0)}.get(operator, (1, 1))
            if operator.startswith("is_"):
                count = (0, 0)
            value: st.SearchStrategy[Any] = st.sampled_from(pool)
            if operator in ("in", "not_in"):
                value = value | st.none()
            several = st.lists(value, min_size=count[0], max_size=count[1]).map(tuple)
            return st.builds(Filter, st.just(NAMES.index(name)), st.just(operator), several, st.booleans())

        return st.sampled_from((*operators, *ANY)).flatmap(with_operator)

    return st.sampled_from(NAMES).flatmap(of)


GROUPS = st.recursive(
    st.builds(FilterGroup, st.lists(filters(), max_size=3).map(tuple), st.booleans()),
    lambda inner: st.builds(FilterGroup, st.lists(filters() | inner, max_size=3).map(tuple), st.booleans()),
    max_leaves=6,
)
SORTS = st.lists(
    st.builds(SortKey, st.sampled_from([n for n in range(9) if NAMES[n] != "cat"]), st.booleans()), max_size=3
)


def rows_of_fake(columns: dict[str, list[Any]], spec: ViewSpec) -> list[int]:
    fields = [FakeColumn(name, found, "category" if name == "cat" else None) for name, found in columns.items()]
    fields.append(FakeColumn("row", range(len(columns["whole"]))))
    source = FakeTableSource(fields)
    found: list[Any] = []
    source.view(1, spec, found.append, found.append)
    if isinstance(found[0], TableError):
        raise found[0]
    assert not found[0].problems, found[0].problems
    pages: list[Any] = []
    source.page(1, 0, found[0].row_count, [9], pages.append, pages.append)
    return [int(value) for value in values(pages[0].cells[9]) if isinstance(value, int)]


@pytest.fixture(params=["parquet", "feather"])
def files_of_views(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, list[Any]]]:
    columns = python_columns()
    path = tmp_path / f"views.{request.param}"
    table = arrow_table(columns)
    if request.param == "parquet":
        pq.write_table(table, path, row_group_size=90)
    else:
        feather.write_feather(table, path, chunksize=90)
    return path, columns


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(group=GROUPS, sort=SORTS)
def test_views_have_the_rows_of_the_fake_in_its_order(
    desk: Desk, files_of_views: tuple[Path, dict[str, list[Any]]], group: FilterGroup, sort: list[SortKey]
) -> None:
    path, columns = files_of_views
    source = next((one for one in desk.sources if one.path == path), None) or desk.open(path)
    state = desk.make_view(source, sort, group)
    assert state.problems == ()
    page = desk.page(source, 0, state.row_count, [9], desk.view)
    assert values(page.cells[9]) == rows_of_fake(columns, ViewSpec(tuple(sort), group))


def test_a_filter_that_cannot_be_is_told_and_the_others_hold(desk: Desk, tmp_path: Path) -> None:
    columns = python_columns()
    pq.write_table(arrow_table(columns), tmp_path / "t.parquet")
    source = desk.open(tmp_path / "t.parquet")
    group = FilterGroup(
        (
            Filter(0, "gt", ("abc",)),
            FilterGroup((Filter(2, "regex", ("(",)), Filter(6, "eq", ("yesterday",))), is_all=False),
            Filter(0, "between", ("1",)),
            Filter(4, "contains", ("t",)),
            Filter(99, "eq", ("1",)),
            Filter(6, "ge", ("2024-01-31T00:00+02:00",)),
            Filter(4, "is_true"),
        )
    )
    state = desk.make_view(source, (), group)
    assert [problem.filter for problem in state.problems] == [0, 1, 2, 3, 4, 5, 6]
    assert isinstance(state.problems[0], FilterProblem)
    assert state.problems[0].message == "“abc” is no number."
    assert state.row_count == sum(value is True for value in columns["flag"])


def test_times_with_a_zone_are_filtered_as_instants_and_wall_clock(desk: Desk, tmp_path: Path) -> None:
    moments = pa.array([0, 3_600_000, 7_200_000], pa.timestamp("ms", "Europe/Berlin"))
    pq.write_table(pa.table({"z": moments}), tmp_path / "t.parquet")
    source = desk.open(tmp_path / "t.parquet")
    for text, count in (("1970-01-01T01:00:00", 1), ("1970-01-01T01:00Z", 1), ("1970-01-01T02:00+01:00", 1)):
        assert desk.make_view(source, (), FilterGroup((Filter(0, "eq", (text,)),))).row_count == count
    assert desk.make_view(source, (), FilterGroup((Filter(0, "ge", ("1970-01-01T01:30Z",)),))).row_count == 1


def test_categories_sort_by_their_levels(desk: Desk, tmp_path: Path) -> None:
    levels = pa.array(["low", "middle", "high"])
    for is_ordered in (True, False):
        kind = pa.dictionary(pa.int8(), pa.string(), is_ordered)
        array = pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 1, 2], pa.int8()), levels, ordered=is_ordered)
        feather.write_feather(pa.table({"c": array.cast(kind), "n": range(5)}), tmp_path / f"{is_ordered}.arrow")
        source = desk.open(tmp_path / f"{is_ordered}.arrow")
        desk.make_view(source, [SortKey(0)])
        assert [row[1] for row in desk.rows(source, desk.view, 5)] == [1, 3, 0, 4, 2]
        desk.make_view(source, [SortKey(0, is_descending=True)])
        assert [row[1] for row in desk.rows(source, desk.view, 5)] == [0, 4, 3, 1, 2]
        state = desk.make_view(source, (), FilterGroup((Filter(0, "ge", ("middle",)),)))
        assert (state.row_count, len(state.problems)) == ((3, 0) if is_ordered else (5, 1))


def large_table(path: Path, count: int) -> tuple[list[int], list[float | None]]:
    """More rows than are put into order at once."""
    pick = random.Random(3)
    keys = [pick.randrange(1_000_000) for _ in range(count)]
    reals = [None if key % 10 == 0 else key / 7 for key in keys]
    table = pa.table({"key": keys, "real": reals, "text": pa.array(map(str, keys)), "row": range(count)})
    if path.suffix == ".csv":
        arrow_csv.write_csv(table, path)
    else:
        pq.write_table(table, path, row_group_size=30_000)
    return keys, reals


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_of_a_large_sort_the_first_rows_come_first_and_the_rest_on_request(
    small_desk: Desk, tmp_path: Path, suffix: str
) -> None:
    desk, count = small_desk, 120_000
    _, reals = large_table(tmp_path / f"large.{suffix}", count)
    source = desk.open(tmp_path / f"large.{suffix}")
    state = desk.make_view(source, [SortKey(1, is_descending=True), SortKey(3)])
    assert (state.row_count, state.ready_rows, state.is_ready) == (count, 1_000, False)
    order = sorted(range(count), key=lambda row: (reals[row] is None, -(reals[row] or 0.0)))
    assert shown_rows(desk, source, 0, 1_000) == order[:1_000]
    rest = shown_rows(desk, source, 1_000, 2_000)
    top = set(order[:1_000])
    assert rest == [row for row in range(3_000) if row not in top][:1_000], "the others stand in the order of the file"

    number = desk.view
    cost: OrderCost = desk.wait(lambda done, failed: source.order_cost(number, done, failed))
    assert cost.size_bytes == 8 * count
    assert cost.seconds > 0
    told: list[Progress] = []
    state = desk.wait(lambda done, failed: source.order_fully(number, done, failed, told.append))
    assert state.is_ready
    assert told
    for first in (0, 999, 50_000, count - 1_000):
        assert shown_rows(desk, source, first, min(count, first + 1_000)) == order[first : first + 1_000]


def shown_rows(desk: Desk, source: Any, first: int, end: int) -> list[object]:
    return values(desk.page(source, first, end, [3], desk.view).cells[3])


def test_a_filtered_large_table_is_sorted_as_far_as_it_was_left(small_desk: Desk, tmp_path: Path) -> None:
    desk, count = small_desk, 130_000
    keys, _ = large_table(tmp_path / "large.parquet", count)
    source = desk.open(tmp_path / "large.parquet")
    few = FilterGroup((Filter(0, "lt", ("10000",)),))
    state = desk.make_view(source, [SortKey(2)], few)
    fitting = sorted((row for row in range(count) if keys[row] < 10_000), key=lambda row: (str(keys[row]), row))
    assert (state.row_count, state.is_ready) == (len(fitting), True)
    assert shown_rows(desk, source, 0, 2_000) == fitting[:2_000]
    many = FilterGroup((Filter(0, "ge", ("100000",)),))
    state = desk.make_view(source, [SortKey(2)], many)
    fitting = sorted((row for row in range(count) if keys[row] >= 100_000), key=lambda row: (str(keys[row]), row))
    assert (state.row_count, state.ready_rows) == (len(fitting), 1_000)
    assert shown_rows(desk, source, 0, 1_000) == fitting[:1_000]
    number = desk.view
    desk.wait(lambda done, failed: source.order_fully(number, done, failed))
    assert shown_rows(desk, source, 60_000, 60_500) == fitting[60_000:60_500]


def test_only_the_newest_view_is_served_and_cancelled_ones_end(desk: Desk, tmp_path: Path) -> None:
    large_table(tmp_path / "large.csv", 400_000)
    source = desk.open(tmp_path / "large.csv")
    desk.make_view(source, [SortKey(0)])
    first = desk.view
    desk.make_view(source, (), FilterGroup((Filter(0, "lt", ("5000",)),)))
    with pytest.raises(OutOfDateError):
        desk.page(source, 0, 10, [0], first)
    answers: list[object] = []
    desk.view += 1
    cancel = source.view(desk.view, ViewSpec((SortKey(2),)), answers.append, answers.append)
    cancel()
    desk.make_view(source, [SortKey(0, is_descending=True)])
    assert answers == []
    assert [path for path in desk.temp_folder.rglob("order-*") if path.name != f"order-{desk.view}"] == []
    assert desk.page(source, 0, 10, [0]).end == 10, "the table as it is can always be asked for"
