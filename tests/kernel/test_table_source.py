"""What every table source does, shown by the fake one and by tables in real Python and R kernels alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from ide.core.table import (
    PAGE_ROWS_MOST,
    Column,
    Filter,
    FilterGroup,
    Operator,
    OutOfDateError,
    Page,
    SortKey,
    TableError,
    TableSource,
    ViewSpec,
    ViewState,
)
from ide.kernels.table_source import KernelTableSource
from ide.tables import profile_filters
from tests.fakes.table_source import FakeTableSource
from tests.kernel.conftest import SharedKernel
from tests.kernel.kit import Watcher, python_launch, r_launch

LIMIT_S = 120.0
NAN = float("nan")
N, X, S, T, OK = range(5)
COLUMNS: dict[str, list[Any]] = {
    "n": [3, 1, 2, 5, 4],
    "x": [1.5, NAN, 2.5, -1.0, 10.0],
    "s": ["b", "A", "é", "a b", ""],
    "t": ["p", None, "q", "p", None],
    "ok": [True, False, True, True, False],
}
TWO_OR_THREE = FilterGroup((Filter(N, "eq", ("2",)), Filter(N, "eq", ("3",))), is_all=False)
PYTHON = """
import pandas as pd, numpy as np
df = pd.DataFrame({"n": [3, 1, 2, 5, 4], "x": [1.5, np.nan, 2.5, -1.0, 10.0], "s": ["b", "A", "é", "a b", ""],
                   "t": ["p", None, "q", "p", None], "ok": [True, False, True, True, False]})
"""
R = """
df <- data.frame(n = c(3L, 1L, 2L, 5L, 4L), x = c(1.5, NaN, 2.5, -1, 10), s = c("b", "A", "\\u00e9", "a b", ""),
                 t = c("p", NA, "q", "p", NA), ok = c(TRUE, FALSE, TRUE, TRUE, FALSE), stringsAsFactors = FALSE)
"""


class Place:
    """A source, and how to wait for what it answers."""

    def __init__(self, source: TableSource, wait: Callable[[Callable[[], object]], None]) -> None:
        self.source = source
        self.wait = wait
        self._views = 0

    def got(self, ask: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What is answered; a failure is raised."""
        done: list[Any] = []
        failed: list[TableError] = []
        ask(*arguments, done.append, failed.append, **options)
        self.wait(lambda: done or failed)
        assert len(done) + len(failed) == 1
        if failed:
            raise failed[0]
        return done[0]

    def new_view(self, *sort: SortKey, where: FilterGroup | None = None) -> ViewState:
        """The next view."""
        self._views += 1
        state = self.got(self.source.view, self._views, ViewSpec(sort, where or FilterGroup()))
        assert isinstance(state, ViewState)
        assert state.view == self._views
        assert state.is_ready
        return state

    def column(self, index: int, view: int = 0, rows: int = 5) -> list[Any]:
        """The cells of a column, None for missing ones."""
        page = self.got(self.source.page, view, 0, rows, [index])
        assert isinstance(page, Page)
        assert (page.view, page.first, page.end, list(page.cells)) == (view, 0, rows, [index])
        cells = page.cells[index]
        return [None if cells.code(row).is_missing else cells.value(row) for row in range(rows)]

    def rows(self, *sort: SortKey, where: FilterGroup | None = None) -> list[int]:
        """Column n of a new view."""
        state = self.new_view(*sort, where=where)
        assert state.problems == ()
        return self.column(N, state.view, state.row_count)


def real_place(watcher: Watcher, code: str) -> Place:
    """A frame that was just made in a real kernel."""
    watcher.execute(code, LIMIT_S)

    def wait(is_done: Callable[[], object]) -> None:
        watcher.wait(is_done, LIMIT_S, "an answer of the source")

    opened: list[KernelTableSource] = []
    failed: list[TableError] = []
    KernelTableSource.open_table(watcher.session, ["df"], opened.append, failed.append)
    wait(lambda: opened or failed)
    assert failed == []
    return Place(opened[0], wait)


@pytest.fixture(scope="module", params=["fake", "python", "r"])
def kernel(request: pytest.FixtureRequest) -> Iterator[SharedKernel | None]:
    """A kernel of each language for all tests, and none for the fake."""
    if request.param == "fake":
        yield None
        return
    shared = SharedKernel(python_launch if request.param == "python" else r_launch)
    yield shared
    shared.close()


@pytest.fixture
def place(kernel: SharedKernel | None) -> Iterator[Place]:
    """The same small table in each of the three."""
    if kernel is None:
        made = Place(FakeTableSource(COLUMNS), _at_once)
    else:
        watcher = kernel.fresh()
        made = real_place(watcher, PYTHON if watcher.session.language == "python" else R)
    yield made
    made.source.close()


def _at_once(is_done: Callable[[], object]) -> None:
    assert is_done(), "the fake answers at once"


def where(operator: Operator, column: int, *values: str | None, case: bool = False) -> FilterGroup:
    """One filter."""
    return FilterGroup((Filter(column, operator, values, is_case_sensitive=case),))


def test_a_table_says_what_it_is(place: Place) -> None:
    info = place.source.info
    assert (info.row_count, info.column_count, info.title) == (5, 5, "df")
    assert {"sort", "filter", "profile", "missing", "values", "find", "edit"} <= info.features
    assert not place.source.is_busy


def test_a_frame_is_audited(place: Place) -> None:
    if not isinstance(place.source, KernelTableSource):
        assert "audit" not in place.source.info.features
        return
    assert "audit" in place.source.info.features
    result = place.got(place.source.audit)
    assert (result.name, result.row_count, result.rows_looked_at, result.columns_looked_at) == ("df", 5, 5, 5)


def test_columns_come_by_index(place: Place) -> None:
    columns: Sequence[Column] = place.got(place.source.columns, 1, 5)
    assert [(one.index, one.name, one.kind) for one in columns] == [
        (1, "x", "number"), (2, "s", "text"), (3, "t", "text"), (4, "ok", "boolean"),
    ]  # fmt: skip
    assert len(place.got(place.source.columns, 3, 100)) == 2


def test_cells_are_exact(place: Place) -> None:
    assert [place.column(index) for index in range(5)] == [
        [3, 1, 2, 5, 4],
        [1.5, None, 2.5, -1.0, 10.0],
        ["b", "A", "é", "a b", ""],
        ["p", None, "q", "p", None],
        [True, False, True, True, False],
    ]


def test_a_page_ends_with_the_table_and_has_a_limit(place: Place) -> None:
    page = place.got(place.source.page, 0, 3, 100, [S, N])
    assert (page.first, page.end, set(page.cells)) == (3, 5, {N, S})
    assert page.cells[N].value(1) == 4
    with pytest.raises(TableError):
        place.got(place.source.page, 0, 0, PAGE_ROWS_MOST + 1, [N])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([SortKey(N)], [1, 2, 3, 4, 5]),
        ([SortKey(N, is_descending=True)], [5, 4, 3, 2, 1]),
        ([SortKey(X)], [5, 3, 2, 4, 1]),
        ([SortKey(X, is_descending=True)], [4, 2, 3, 5, 1]),
        ([SortKey(S)], [4, 1, 5, 3, 2]),
        ([SortKey(T)], [3, 5, 2, 1, 4]),
        ([SortKey(T, is_descending=True)], [2, 3, 5, 1, 4]),
        ([SortKey(T), SortKey(N, is_descending=True)], [5, 3, 2, 4, 1]),
        ([SortKey(OK), SortKey(X)], [4, 1, 5, 3, 2]),
    ],
)
def test_sorts_are_stable_with_missing_last(place: Place, keys: list[SortKey], expected: list[int]) -> None:
    assert place.rows(*keys) == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (where("eq", N, "3"), [3]),
        (where("ne", N, "3"), [1, 2, 5, 4]),
        (where("lt", N, "2.5"), [1, 2]),
        (where("le", X, "1.5"), [3, 5]),
        (where("gt", X, "1.5"), [2, 4]),
        (where("ge", N, "4"), [5, 4]),
        (where("between", N, "2", "4"), [3, 2, 4]),
        (where("between", N, "4", "2"), []),
        (where("in", N, "1", "5"), [1, 5]),
        (where("in", T, "q", None), [1, 2, 4]),
        (where("in", N), []),
        (where("not_in", T, "q"), [3, 5]),
        (where("ne", T, "q"), [3, 5]),
        (where("contains", S, "a"), [1, 5]),
        (where("contains", S, "a", case=True), [5]),
        (where("not_contains", S, "a"), [3, 2, 4]),
        (where("starts", S, "A"), [1, 5]),
        (where("ends", S, "B"), [3, 5]),
        (where("regex", S, "^a.*b$"), [5]),
        (where("eq", S, "É"), []),
        (where("contains", S, "É"), [2]),
        (where("is_empty", S), [4]),
        (where("is_missing", T), [1, 4]),
        (where("is_missing", X), [1]),
        (where("is_present", T), [3, 2, 5]),
        (where("is_true", OK), [3, 2, 5]),
        (where("is_false", OK), [1, 4]),
        (FilterGroup((Filter(N, "gt", ("3",)), Filter(OK, "is_true"))), [5]),
        (FilterGroup((Filter(N, "gt", ("4",)), Filter(T, "is_missing")), is_all=False), [1, 5, 4]),
        (
            FilterGroup(
                (Filter(OK, "is_true"), FilterGroup((Filter(N, "eq", ("2",)), Filter(N, "eq", ("3",))), False))
            ),
            [3, 2],
        ),
    ],
)
def test_filters_mean_the_same_everywhere(place: Place, group: FilterGroup, expected: list[int]) -> None:
    assert place.rows(where=group) == expected


def test_a_filter_and_a_sort_together(place: Place) -> None:
    assert place.rows(SortKey(X, is_descending=True), where=where("is_true", OK)) == [2, 3, 5]


def test_a_filter_that_cannot_be_read_is_told_and_the_others_hold(place: Place) -> None:
    group = FilterGroup((Filter(N, "gt", ("many",)), Filter(OK, "is_true"), Filter(S, "regex", ("(",))))
    state = place.new_view(where=group)
    assert [problem.filter for problem in state.problems] == [0, 2]
    assert all(problem.message for problem in state.problems)
    assert place.column(N, state.view, state.row_count) == [3, 2, 5]


def test_only_the_newest_view_is_served(place: Place) -> None:
    first = place.new_view(SortKey(N))
    second = place.new_view(SortKey(N, is_descending=True))
    with pytest.raises(OutOfDateError):
        place.column(N, first.view)
    assert place.column(N, second.view) == [5, 4, 3, 2, 1]
    assert place.column(N) == [3, 1, 2, 5, 4]


def test_a_profile_counts(place: Place) -> None:
    number = place.got(place.source.profile, 0, X, bins=4)
    assert (number.column, number.row_count, number.rows_looked_at, number.is_exact) == (X, 5, 5, True)
    assert sum(one.count for one in number.missing) == 1
    assert (len(number.edges), sum(number.counts)) == (5, 4)
    statistics = dict(number.statistics)
    assert float(statistics["minimum"]) == -1.0
    assert float(statistics["maximum"]) == 10.0
    assert float(statistics["mean"]) == 3.25
    text = place.got(place.source.profile, 0, T, is_exact=True)
    assert [(one.text, one.count) for one in text.top] == [("p", 2), ("q", 1)]
    assert text.missing_share == 0.4


def test_a_profile_is_that_of_the_view(place: Place) -> None:
    state = place.new_view(where=where("is_true", OK))
    profile = place.got(place.source.profile, state.view, N, is_exact=True)
    assert (profile.row_count, profile.rows_looked_at) == (3, 3)
    assert float(dict(profile.statistics)["maximum"]) == 5


@pytest.mark.parametrize("index", [N, X])
def test_a_bar_of_a_profile_filters_to_the_rows_that_it_counts(place: Place, index: int) -> None:
    (column,) = place.got(place.source.columns, index, index + 1)
    found = place.got(place.source.profile, 0, index, bins=6)
    assert sum(found.counts) == (4 if index == X else 5)
    for bar, count in enumerate(found.counts):
        predicate = profile_filters.of_bar(column, found, bar)
        assert predicate is not None
        assert place.new_view(where=FilterGroup((predicate,))).row_count == count


@pytest.mark.parametrize("index", [S, T, OK])
def test_a_frequent_value_filters_to_the_rows_that_it_counts(place: Place, index: int) -> None:
    (column,) = place.got(place.source.columns, index, index + 1)
    found = place.got(place.source.profile, 0, index)
    assert found.top
    for value in found.top:
        predicate = profile_filters.of_value(column, value)
        assert predicate is not None
        assert place.new_view(where=FilterGroup((predicate,))).row_count == value.count


def test_columns_missing_together_filter_to_the_rows_that_are_counted(place: Place) -> None:
    found = place.got(place.source.missing, 0, [N, X, S, T, OK])
    assert sorted(found.patterns) == [((X, T), 1), ((T,), 1)]
    for columns, count in found.patterns:
        assert place.new_view(where=profile_filters.of_pattern(columns, (X, T))).row_count == count


def test_the_picture_of_missing_values(place: Place) -> None:
    picture = place.got(place.source.missing, 0, [X, T], buckets=5)
    assert (picture.columns, picture.counts, picture.buckets, picture.row_count) == ((X, T), (1, 2), 5, 5)
    assert picture.shares == b"\x00\xff\x00\x00\x00" + b"\x00\xff\x00\x00\xff"
    assert dict(picture.patterns)[(X, T)] == 1


def test_distinct_values_with_counts(place: Place) -> None:
    found = place.got(place.source.values, T, "", 10)
    assert [(one.text, one.count) for one in found.values if not one.code.is_missing] == [("p", 2), ("q", 1)]
    found = place.got(place.source.values, S, "A", 10)
    assert sorted(one.text for one in found.values) == ["A", "a b"]
    assert len(place.got(place.source.values, N, "", 2).values) == 2


def test_text_is_found_row_by_row(place: Place) -> None:
    first = place.got(place.source.find, 0, "a", 0, 0)
    assert (first.row, first.column) == (1, S)
    following = place.got(place.source.find, 0, "a", 1, T)
    assert (following.row, following.column) == (1, OK) or (following.row, following.column) == (3, S)
    state = place.new_view(SortKey(N, is_descending=True))
    there = place.got(place.source.find, state.view, "A B", 0, 0)
    assert (there.row, there.column) == (0, S)
    none = place.got(place.source.find, 0, "A B", 0, 0, is_case_sensitive=True)
    assert none.row == -1
    assert place.got(place.source.find, 0, "^é$", 0, 0, is_regex=True).row == 2


def test_a_cell_whole(place: Place) -> None:
    assert place.got(place.source.cell, 0, 3, S).text == "a b"
    assert place.got(place.source.cell, 0, 1, T).code.is_missing
    state = place.new_view(SortKey(N))
    assert place.got(place.source.cell, state.view, 4, S).text == "a b"


def test_an_edit_can_be_taken_back(place: Place) -> None:
    done = place.got(place.source.edit, 0, 2, N, "77")
    assert "77" in done.code
    assert place.column(N) == [3, 1, 77, 5, 4]
    state = place.new_view(SortKey(N, is_descending=True))
    emptied = place.got(place.source.edit, state.view, 0, T, "", is_missing=True)
    assert place.column(T)[2] is None
    place.got(place.source.undo, emptied.undo)
    assert place.column(T) == ["p", None, "q", "p", None]
    place.got(place.source.undo, done.undo)
    assert place.column(N) == [3, 1, 2, 5, 4]
    with pytest.raises(TableError):
        place.got(place.source.edit, 0, 0, N, "not a number")


def test_a_table_of_two_axes_has_no_slices(place: Place) -> None:
    with pytest.raises(TableError):
        place.got(place.source.slice, 0, 1, [])


def test_what_is_given_up_says_nothing(place: Place) -> None:
    source, heard = place.source, list[object]()
    if isinstance(source, FakeTableSource):
        source.is_stepwise = True
    source.page(0, 0, 5, [N], heard.append, heard.append)()
    source.view(1, ViewSpec((SortKey(N),)), heard.append, heard.append)()
    if isinstance(source, FakeTableSource):
        source.is_stepwise = False
        source.step_all()
    assert place.column(N) == [3, 1, 2, 5, 4]
    assert heard == []
