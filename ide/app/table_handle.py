"""A table for scripts (`Workbench.table`): what the user's clicks in the viewer would do, and its cells as Arrow.

Owns nothing: the page belongs to the viewer. Names are stable; `docs/reference/scripting.md` tells them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ide.core.errors import CommandError, FourpaneError
from ide.core.ports import RunInPool
from ide.core.table import (
    PAGE_CELLS_MOST,
    PAGE_ROWS_MOST,
    Cells,
    Column,
    ColumnProfile,
    Filter,
    FilterGroup,
    Page,
    SortKey,
    ViewSpec,
)

if TYPE_CHECKING:
    import pyarrow

    from ide.panes.tables.page import TablePage

T = TypeVar("T")
Wish = Filter | FilterGroup | tuple[str, str]
Wait = Callable[[Callable[[], bool], float, str], None]
LIMIT_S: Final = 60.0
_ARROW_TYPES: Final[Mapping[str, str]] = {
    "bool": "bool_", "int32": "int32", "int64": "int64", "uint64": "uint64", "float64": "float64"
}  # fmt: skip


class TableHandle:
    """An open table. Calls wait for the answer and keep the program running; errors are those the user would see."""

    def __init__(
        self, page: TablePage, wait: Wait, run_in_pool: RunInPool, code: Callable[[str], str], close: Callable[[], None]
    ) -> None:
        self._page = page
        self._wait = wait
        self._run_in_pool = run_in_pool
        self._code = code
        self._close = close

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of the view and columns."""
        pager = self._page.model.pager
        return pager.row_count, pager.column_count

    @property
    def columns(self) -> list[str]:
        """Names, in the order of the table."""
        return [column.name for column in self._all_columns()]

    def sort(self, keys: Sequence[tuple[str, str]]) -> TableHandle:
        """By name and "asc" or "desc", the first counts most; an empty list for the table's own order."""
        found = []
        for name, order in keys:
            if order not in ("asc", "desc"):
                raise CommandError(f"“{order}” is no order.", "", "Say “asc” or “desc”.")
            found.append(SortKey(self._column(name).index, order == "desc"))
        pager = self._page.model.pager
        return self._show(ViewSpec(tuple(found), pager.spec.filter))

    def filter(self, wishes: Sequence[Wish]) -> TableHandle:
        """All must hold: `("price", ">= 3")` as it is typed into a filter box, or records of `ide.core.table`."""
        from ide.tables import filters

        members = []
        for wish in wishes:
            if not isinstance(wish, tuple):
                members.append(wish)
            elif (predicate := filters.parse(wish[1], self._column(wish[0]))) is not None:
                members.append(predicate)
        return self._show(ViewSpec(self._page.model.pager.spec.sort, FilterGroup(tuple(members))))

    def profile(self, name: str, *, is_exact: bool = False) -> ColumnProfile:
        """What a column holds, over the rows of the view; from a sample where that is enough."""
        model, column = self._page.model, self._column(name)
        profile: ColumnProfile = self._ask(
            lambda done, failed: model.source.profile(model.pager.view, column.index, done, failed, is_exact=is_exact),
            "The profile",
        )
        return profile

    def code(self, dialect: str) -> str:
        """Code for the rows shown: "pandas", "polars", "sql", "base_r" or "dplyr", as far as the table has it."""
        return self._code(dialect)

    def page(self, rows: slice = slice(0, 100), columns: slice = slice(0, 30)) -> pyarrow.Table:
        """Cells of the view as an Arrow table; missing values are null."""
        wanted = self._all_columns()[columns]
        first, end, _step = slice(rows.start, rows.stop).indices(self.shape[0])
        step = max(1, min(PAGE_ROWS_MOST, PAGE_CELLS_MOST // max(1, len(wanted))))
        source, view = self._page.model.source, self._page.model.pager.view
        indexes = [column.index for column in wanted]
        pages: list[Page] = []
        for start in range(first, max(end, first + 1), step):
            ask = functools.partial(source.page, view, start, min(start + step, end), indexes)
            pages.append(self._ask(ask, "A page"))
        found: list[pyarrow.Table] = []
        problems: list[Exception] = []
        # Not on the UI thread: the first import of pyarrow takes long.
        self._run_in_pool(lambda: _table(pages, wanted), found.append, problems.append)
        self._wait(lambda: bool(found or problems), LIMIT_S, "The Arrow table")
        if problems:
            raise problems[0]
        return found[0]

    def close(self) -> None:
        """Close its tab."""
        self._close()

    def _show(self, spec: ViewSpec) -> TableHandle:
        pager = self._page.model.pager
        problems: list[FourpaneError] = []
        pager.failed.connect(problems.append)
        try:
            if spec != pager.spec:
                pager.set_view(spec)
            self._wait(lambda: bool(problems) or (pager.shown_spec == spec and pager.state.is_ready), LIMIT_S, "A view")
        finally:
            pager.failed.disconnect(problems.append)
        if problems:
            raise problems[0]
        return self

    def _all_columns(self) -> tuple[Column, ...]:
        pager = self._page.model.pager
        indexes = tuple(range(pager.column_count))
        arrived: list[None] = []
        self._page.model.with_columns(indexes, lambda: arrived.append(None))
        self._wait(lambda: bool(arrived), LIMIT_S, "The columns")
        return self._page.model.known(indexes)

    def _column(self, name: str) -> Column:
        found = next((column for column in self._all_columns() if column.name == name), None)
        if found is None:
            raise CommandError(f"There is no column “{name}”.", "", f"There are {', '.join(self.columns[:20])}.")
        return found

    def _ask(self, ask: Callable[..., object], what: str) -> Any:
        found: list[Any] = []
        problems: list[FourpaneError] = []
        ask(found.append, problems.append)
        self._wait(lambda: bool(found or problems), LIMIT_S, what)
        if problems:
            raise problems[0]
        return found[0]


def _table(pages: Sequence[Page], columns: Sequence[Column]) -> pyarrow.Table:
    """In a pool thread."""
    import pyarrow

    arrays = [
        pyarrow.chunked_array([_array(page.cells[column.index], page.end - page.first, column) for page in pages])
        for column in columns
    ]
    return pyarrow.table(arrays, names=[column.name for column in columns])


def _array(cells: Cells, count: int, column: Column) -> Any:
    import pyarrow

    missing = [cells.code(row).is_missing for row in range(count)]
    values = [None if missing[row] else cells.value(row) for row in range(count)]
    if cells.encoding == "text":
        return pyarrow.array(values, pyarrow.string())
    plain = pyarrow.array(values, getattr(pyarrow, _ARROW_TYPES[cells.encoding])())
    kind = _moment_type(column)
    if kind is None:
        return plain
    if cells.encoding == "float64":  # days or seconds, as R has them; infinite ones have no place in Arrow
        numbers = [math.nan if value is None else float(value) for value in values]
        is_date = column.kind == "date"
        whole = [None if not math.isfinite(x) else math.floor(x) if is_date else round(x * 1e6) for x in numbers]
        plain, kind = pyarrow.array(whole, "int64"), kind if is_date else _moment_type(column, "us")
    if column.kind == "date":
        return plain.cast(pyarrow.int32()).cast(kind)
    return plain.cast(kind)


def _moment_type(column: Column, unit: str = "") -> Any:
    import pyarrow

    unit = unit or column.unit or "us"
    match column.kind:
        case "date":
            return pyarrow.date32()
        case "timestamp":
            return pyarrow.timestamp(unit, column.zone or None)
        case "duration":
            return pyarrow.duration(unit)
        case "time":
            return pyarrow.time32(unit) if unit in ("s", "ms") else pyarrow.time64(unit)
    return None
