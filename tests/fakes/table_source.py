"""A table in memory that fulfils `ide.core.table.TableSource`, for tests of the pager, the grid and the viewer.

Answers at once, or (with `is_stepwise`) when the test says `step()`; counts what it was asked.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.table import (
    PAGE_CELLS_MOST,
    PAGE_ROWS_MOST,
    CellDetail,
    CellEdit,
    Code,
    Column,
    ColumnKind,
    ColumnProfile,
    Done,
    Failed,
    Filter,
    FilterGroup,
    FilterProblem,
    FoundCell,
    MissingPicture,
    OnProgress,
    OutOfDateError,
    Page,
    Progress,
    TableError,
    TableInfo,
    ValueCount,
    ValueCounts,
    ViewSpec,
    ViewState,
)
from tests.fakes import table_values as cells

T = TypeVar("T")
ALL_FEATURES = frozenset({"sort", "filter", "profile", "missing", "values", "find", "edit"})
SAMPLE_ROWS = 100_000


@dataclass(frozen=True)
class FakeColumn:
    """A column of a fake table. `kind` is found out from the values unless given."""

    name: str
    values: Sequence[Any]
    kind: ColumnKind | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """More fields of `Column`: label, zone, can_sort, ..."""


@dataclass(frozen=True)
class Asked:
    """One call of a source."""

    method: str
    arguments: tuple[Any, ...]


class FakeTableSource:
    """`columns` maps names to values (None, NaN or a missing `Code` where there is none), or is a list of FakeColumn.

    Any sequence will do: `range(10**6)` costs nothing. `asked` notes all calls, `waiting` those that are not answered
    yet, `failures` holds errors by method that the next calls of it answer with. View 0 and the newest one are served.
    """

    changed = Signal(str)

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]] | Sequence[FakeColumn],
        *,
        labels: Mapping[str, Sequence[Any]] | None = None,
        title: str = "df",
        features: frozenset[str] = ALL_FEATURES,
        is_stepwise: bool = False,
        reports_progress: bool = False,
    ) -> None:
        self._fields = _as_columns(columns)
        self._labels = _as_columns(labels or {})
        self._title, self._features = title, features
        self._version = 0
        self._view = 0
        self._rows: Sequence[int] = ()
        self._undo: dict[str, tuple[int, int, Any]] = {}
        self._numbers = itertools.count(1)
        self._reports_progress = reports_progress
        self.is_stepwise = is_stepwise
        self.is_busy = False
        self.is_closed = self.is_gone = False
        self.asked: list[Asked] = []
        self.waiting: list[tuple[int, Asked, Callable[[], None]]] = []
        self.failures: dict[str, list[TableError]] = {}
        self.info = self._new_info()

    # ---- what the test plays

    def step(self, count: int = 1) -> None:
        """Answer the oldest `count` calls that wait."""
        for _ in range(count):
            self.waiting.pop(0)[2]()

    def step_all(self) -> None:
        """Answer until nothing waits."""
        while self.waiting:
            self.step()

    def count(self, method: str) -> int:
        """How often that was asked."""
        return sum(one.method == method for one in self.asked)

    def set_busy(self, is_busy: bool) -> None:
        """The kernel works, or is free again: what was asked meanwhile is answered then."""
        if is_busy != self.is_busy:
            self.is_busy = is_busy
            self.changed.emit("busy" if is_busy else "free")
            if not is_busy and not self.is_stepwise:
                self.step_all()

    def change_data(self, columns: Mapping[str, Sequence[Any]] | Sequence[FakeColumn]) -> None:
        """The same columns hold other values; there may be more or fewer rows."""
        self._replace(columns)
        self.changed.emit("data")

    def change_schema(self, columns: Mapping[str, Sequence[Any]] | Sequence[FakeColumn]) -> None:
        """Other columns."""
        self._replace(columns)
        self.changed.emit("schema")

    def lose(self) -> None:
        """The object is gone."""
        self.is_gone = True
        self.changed.emit("gone")

    # ---- TableSource

    def columns(self, first: int, end: int, done: Done[tuple[Column, ...]], failed: Failed) -> Cancel:
        """As the protocol says."""
        return self._answer("columns", (first, end), lambda: self._columns(first, end), done, failed)

    def page(self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed) -> Cancel:
        """As the protocol says."""
        wanted = tuple(columns)
        return self._answer(
            "page", (view, first, end, wanted), lambda: self._page(view, first, end, wanted), done, failed
        )

    def view(
        self, view: int, spec: ViewSpec, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        """As the protocol says."""

        def work() -> ViewState:
            if progress is not None and self._reports_progress:
                progress(Progress("sort", 1, 2))
            return self._make_view(view, spec)

        return self._answer("view", (view, spec), work, done, failed)

    def slice(
        self, row_axis: int, column_axis: int, fixed: Sequence[int], done: Done[TableInfo], failed: Failed
    ) -> Cancel:
        """Refused: these tables have two axes."""
        return self._answer("slice", (row_axis, column_axis, tuple(fixed)), _no_slices, done, failed)

    def profile(
        self,
        view: int,
        column: int,
        done: Done[ColumnProfile],
        failed: Failed,
        *,
        is_exact: bool = False,
        bins: int = 20,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """As the protocol says."""

        def work() -> ColumnProfile:
            if progress is not None and self._reports_progress:
                progress(Progress("read", 1, 2))
            return self._profile(view, column, is_exact, bins)

        return self._answer("profile", (view, column, is_exact, bins), work, done, failed)

    def missing(
        self, view: int, columns: Sequence[int], done: Done[MissingPicture], failed: Failed, *, buckets: int = 200,
        is_exact: bool = False, progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""
        wanted = tuple(columns)
        arguments = (view, wanted, buckets, is_exact)
        return self._answer("missing", arguments, lambda: self._missing(view, wanted, buckets), done, failed)

    def values(self, column: int, search: str, limit: int, done: Done[ValueCounts], failed: Failed) -> Cancel:
        """As the protocol says."""
        return self._answer(
            "values", (column, search, limit), lambda: self._values(column, search, limit), done, failed
        )

    def find(
        self, view: int, text: str, row: int, column: int, done: Done[FoundCell], failed: Failed, *,
        is_case_sensitive: bool = False, is_regex: bool = False,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""
        one = Filter(0, "regex" if is_regex else "contains", (text,), is_case_sensitive)
        return self._answer("find", (view, text, row, column), lambda: self._find(view, one, row, column), done, failed)

    def cell(self, view: int, row: int, column: int, done: Done[CellDetail], failed: Failed) -> Cancel:
        """As the protocol says."""
        return self._answer("cell", (view, row, column), lambda: self._cell(view, row, column), done, failed)

    def edit(
        self, view: int, row: int, column: int, text: str, done: Done[CellEdit], failed: Failed, *,
        is_missing: bool = False,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""
        work = lambda: self._edit(view, row, column, text, is_missing)  # noqa: E731 - one word for the line below
        return self._answer("edit", (view, row, column, text, is_missing), work, done, failed)

    def undo(self, token: str, done: Done[CellEdit], failed: Failed) -> Cancel:
        """As the protocol says."""
        return self._answer("undo", (token,), lambda: self._take_back(token), done, failed)

    def close(self) -> None:
        """Nothing is answered any more."""
        self.is_closed = True
        self.waiting.clear()

    # ---- answering

    def _answer(
        self, method: str, arguments: tuple[Any, ...], work: Callable[[], T], done: Done[T], failed: Failed
    ) -> Cancel:
        number, asked = next(self._numbers), Asked(method, arguments)
        self.asked.append(asked)

        def answer() -> None:
            if self.failures.get(method):
                failed(self.failures[method].pop(0))
                return
            try:
                if self.is_gone:
                    raise TableError(f"{self._title} is gone.", "The pages that are here stay.")
                result = work()
            except cells.Unfit as error:
                failed(TableError(str(error)))
            except TableError as error:
                failed(error)
            else:
                done(result)

        if not self.is_closed:
            self.waiting.append((number, asked, answer))
            if not self.is_stepwise and not self.is_busy:
                self.step_all()
        return lambda: self._forget(number)

    def _forget(self, number: int) -> None:
        self.waiting = [one for one in self.waiting if one[0] != number]

    # ---- what is answered

    def _new_info(self) -> TableInfo:
        row_count = len(self._fields[0].values) if self._fields else len(self._labels[0].values) if self._labels else 0
        labels = tuple(_column(one, -place - 1) for place, one in enumerate(self._labels))
        return TableInfo(
            title=self._title,
            row_count=row_count,
            column_count=len(self._fields),
            type_name="DataFrame",
            library="fake",
            dialects=("pandas",),
            expression=self._title,
            labels=labels,
            features=self._features,
            version=self._version,
        )

    def _replace(self, columns: Mapping[str, Sequence[Any]] | Sequence[FakeColumn]) -> None:
        self._fields = _as_columns(columns)
        self._version += 1
        self._view, self._rows = 0, ()
        self.info = self._new_info()

    def _field(self, index: int) -> FakeColumn:
        place = -index - 1 if index < 0 else index
        fields = self._labels if index < 0 else self._fields
        if place >= len(fields):
            raise TableError(f"There is no column {index}.")
        return fields[place]

    def _rows_of(self, view: int) -> Sequence[int]:
        if view not in (0, self._view):
            raise OutOfDateError("The table is sorted or filtered in another way by now.")
        return self._rows if view else range(self.info.row_count)

    def _columns(self, first: int, end: int) -> tuple[Column, ...]:
        return tuple(_column(one, first + place) for place, one in enumerate(self._fields[first:end]))

    def _page(self, view: int, first: int, end: int, columns: tuple[int, ...]) -> Page:
        if end - first > PAGE_ROWS_MOST or (end - first) * len(columns) > PAGE_CELLS_MOST:
            raise TableError("That is more than a page.")
        rows = self._rows_of(view)[first:end]
        found = {}
        for index in columns:
            one = self._field(index)
            kind = one.kind or cells.kind_of(one.values)
            found[index] = cells.encoded([one.values[row] for row in rows], kind, cells.encoding_of(one.values, kind))
        return Page(view, first, first + len(rows), found, self._version)

    def _make_view(self, view: int, spec: ViewSpec) -> ViewState:
        if view <= self._view:
            raise OutOfDateError("A newer view is there.")
        problems: dict[int, str] = {}
        rows: Sequence[int] = self._filtered(spec.filter, problems)
        for key in reversed(spec.sort):
            values = self._field(key.column).values
            present = [row for row in rows if cells.code_of(values[row]) is Code.VALUE]
            absent = [row for row in rows if cells.code_of(values[row]) is not Code.VALUE]
            present.sort(key=values.__getitem__, reverse=key.is_descending)
            rows = present + absent
        self._view, self._rows = view, rows
        told = tuple(FilterProblem(number, message) for number, message in sorted(problems.items()))
        return ViewState(view, len(rows), problems=told)

    def _filtered(self, group: FilterGroup, problems: dict[int, str]) -> Sequence[int]:
        predicates: dict[int, tuple[Sequence[Any], Any]] = {}
        for number, one in enumerate(group.filters()):
            column = self._field(one.column)
            try:
                predicates[number] = (column.values, cells.fits(one, column.kind or cells.kind_of(column.values)))
            except cells.Unfit as error:
                problems[number] = str(error)

        if not predicates:
            return range(self.info.row_count)

        def holds(part: FilterGroup, row: int, numbers: itertools.count[int]) -> bool | None:
            results = []
            for member in part.members:
                if isinstance(member, FilterGroup):
                    results.append(holds(member, row, numbers))
                else:
                    found = predicates.get(next(numbers))
                    results.append(found[1](found[0][row]) if found is not None else None)
            known = [result for result in results if result is not None]
            return None if not known else all(known) if part.is_all else any(known)

        return [row for row in range(self.info.row_count) if holds(group, row, itertools.count()) is not False]

    def _profile(self, view: int, column: int, is_exact: bool, bins: int) -> ColumnProfile:
        rows = self._rows_of(view)
        looked_at = rows if is_exact or len(rows) <= SAMPLE_ROWS else rows[:: -(-len(rows) // SAMPLE_ROWS)]
        one = self._field(column)
        values = [one.values[row] for row in looked_at]
        present = [value for value in values if cells.code_of(value) is Code.VALUE]
        missing = Counter(cells.code_of(value) for value in values if cells.code_of(value) is not Code.VALUE)
        told = tuple(ValueCount("", count, code) for code, count in sorted(missing.items()))
        profile = ColumnProfile(column, len(rows), len(looked_at), told)
        if (one.kind or cells.kind_of(one.values)) != "number" or not present:
            top = Counter(map(cells.text_of, present)).most_common(10)
            return replace(profile, top=tuple(ValueCount(text, count) for text, count in top))
        low, high = min(present), max(present)
        width = (high - low) / bins or 1.0
        counts = Counter(min(int((value - low) / width), bins - 1) for value in present)
        return replace(
            profile,
            statistics=(("minimum", repr(low)), ("maximum", repr(high)), ("mean", repr(sum(present) / len(present)))),
            edges=tuple(low + width * place for place in range(bins + 1)),
            counts=tuple(counts[place] for place in range(bins)),
        )

    def _missing(self, view: int, columns: tuple[int, ...], buckets: int) -> MissingPicture:
        rows = self._rows_of(view)
        buckets = max(1, min(buckets, len(rows)))
        fields = [self._field(index) for index in columns]
        absent = [[cells.code_of(one.values[row]).is_missing for row in rows] for one in fields]
        shares = bytearray()
        for flags in absent:
            for place in range(buckets):
                part = flags[place * len(rows) // buckets : (place + 1) * len(rows) // buckets]
                shares.append(round(255 * sum(part) / len(part)) if part else 0)
        rows_missing = zip(*absent, strict=True)
        together = Counter(tuple(itertools.compress(columns, flags)) for flags in rows_missing)
        together.pop((), None)
        counts = tuple(map(sum, absent))
        return MissingPicture(
            columns, buckets, bytes(shares), counts, len(rows), len(rows), tuple(together.most_common(20))
        )

    def _values(self, column: int, search: str, limit: int) -> ValueCounts:
        one = self._field(column)
        found = Counter((cells.text_of(value), cells.code_of(value)) for value in one.values)
        fitting = [(key, count) for key, count in found.most_common() if search.lower() in key[0].lower()]
        told = tuple(ValueCount(text, count, code) for (text, code), count in fitting[:limit])
        return ValueCounts(told, len(fitting), len(one.values))

    def _find(self, view: int, one: Filter, row: int, column: int) -> FoundCell:
        holds = cells.fits(one, "text")
        rows = self._rows_of(view)
        for place in range(row, len(rows)):
            for index in range(column if place == row else 0, len(self._fields)):
                if holds(self._fields[index].values[rows[place]]):
                    return FoundCell(place, index)
        return FoundCell(-1)

    def _cell(self, view: int, row: int, column: int) -> CellDetail:
        value = self._field(column).values[self._rows_of(view)[row]]
        text = cells.text_of(value)
        return CellDetail(text, type(value).__name__, cells.code_of(value), length=len(text))

    def _edit(self, view: int, row: int, column: int, text: str, is_missing: bool) -> CellEdit:
        one, place = self._field(column), self._rows_of(view)[row]
        value = None if is_missing else cells.parsed(text, one.kind or cells.kind_of(one.values))
        token = f"undo{next(self._numbers)}"
        self._undo[token] = (column, place, one.values[place])
        self._put(column, place, value)
        return CellEdit(f"{self._title}.iat[{place}, {column}] = {value!r}", token, cells.text_of(value))

    def _take_back(self, token: str) -> CellEdit:
        if token not in self._undo:
            raise TableError("This edit cannot be taken back any more.")
        column, place, value = self._undo.pop(token)
        self._put(column, place, value)
        return CellEdit(f"{self._title}.iat[{place}, {column}] = {value!r}", "", cells.text_of(value))

    def _put(self, column: int, row: int, value: Any) -> None:
        one = self._field(column)
        values = list(one.values)
        values[row] = value
        self._fields[column] = replace(one, values=values)


def _as_columns(columns: Mapping[str, Sequence[Any]] | Sequence[FakeColumn]) -> list[FakeColumn]:
    if isinstance(columns, Mapping):
        return [FakeColumn(name, values) for name, values in columns.items()]
    return list(columns)


def _column(one: FakeColumn, index: int) -> Column:
    kind = one.kind or cells.kind_of(one.values)
    options = {"unit": cells.UNITS.get(kind, ""), "can_edit": index >= 0, **one.options}
    return Column(index, one.name, kind, kind, **options)


def _no_slices() -> TableInfo:
    raise TableError("This table has only two axes.")
