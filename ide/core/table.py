"""A table as the viewer sees it, wherever it lives: what it is, a block of its cells, what can be asked of it.

Owns the records that sources, pager, grid and viewer share, and the protocol of a source. No I/O, no thread; the field
names are those of the contract with agents (`docs/reference/contract.md`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Literal, Protocol, TypeVar

from ide.core.errors import FourpaneError
from ide.core.events import SignalInstance
from ide.core.ports import Cancel
from ide.core.record import dataclass

T = TypeVar("T")

ColumnKind = Literal[
    "number", "boolean", "text", "category", "timestamp", "date", "time", "duration", "binary", "nested", "object"
]
Encoding = Literal["bool", "int32", "int64", "uint64", "float64", "text"]
Operator = Literal[
    "eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in",
    "contains", "not_contains", "starts", "ends", "regex",
    "is_missing", "is_present", "is_empty", "is_true", "is_false",
]  # fmt: skip
Feature = Literal["sort", "filter", "profile", "missing", "values", "find", "edit", "slice", "audit"]
PAGE_ROWS_MOST = 2_000
PAGE_CELLS_MOST = 100_000
WIDTHS: Mapping[Encoding, int] = {"bool": 1, "int32": 4, "int64": 8, "uint64": 8, "float64": 8}
_FORMATS: Mapping[Encoding, str] = {"bool": "?", "int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}


class Code(IntEnum):
    """What the byte beside a cell says. The kinds of missing values differ on the screen too."""

    VALUE = 0
    NA = 1
    NAN = 2
    NAT = 3
    NONE = 4
    NULL = 5
    UNSEEN = 6
    """Showing it could run the user's code; the text names the type."""
    CUT = 7
    """The text is only the beginning."""
    OBJECT = 8
    """The text describes a nested value or an object; it is not the value."""

    @property
    def is_missing(self) -> bool:
        """Whether there is no value."""
        return Code.NA <= self <= Code.NULL


MISSING_WORDS: Mapping[int, str] = {
    Code.NA: "NA", Code.NAN: "NaN", Code.NAT: "NaT", Code.NONE: "None", Code.NULL: "NULL"
}  # fmt: skip
MISSING_IN_FILES: tuple[str, ...] = ("", "NA", "N/A", "#N/A", "NULL", "null", "NaT", "<NA>")
"""What stands for no value in delimited text, in columns that are not text. "NaN" is not among them: it is a float of
its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `index` counts from 0 in the object's own order; row labels are -1 (first level), -2, ...

    `unit` (s, ms, us, ns) and `zone` are those of timestamps, times and durations. `name_code` is a literal of the
    language where the name is not plain text.
    """

    index: int
    name: str
    kind: ColumnKind
    type_name: str = ""
    name_code: str = ""
    unit: str = ""
    zone: str = ""
    label: str = ""
    level_count: int = 0
    is_ordered: bool = False
    can_sort: bool = True
    can_filter: bool = True
    can_edit: bool = False


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What a table is. `row_count` is -1 where only computing could tell; `version` grows when the data changed.

    `dims`, `row_axis`, `column_axis`, `fixed` are those of an array of any number of axes (see the contract).
    """

    title: str
    row_count: int
    column_count: int
    type_name: str = ""
    library: str = ""
    dialects: tuple[str, ...] = ()
    expression: str = ""
    labels: tuple[Column, ...] = ()
    dims: tuple[int, ...] = ()
    row_axis: int = -1
    column_axis: int = -1
    fixed: tuple[int, ...] = ()
    features: frozenset[str] = frozenset()
    version: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one column in a block of rows, as they travelled: little-endian, one entry for each row.

    `codes` has a byte for each row, or is empty where every cell is a value. `ends` (text only) holds 32-bit ends, in
    bytes of `data`. Dates are days since 1970-01-01, timestamps, times and durations are in the column's unit; a float
    of seconds is what R has.
    """

    encoding: Encoding
    data: bytes
    codes: bytes = b""
    ends: bytes = b""

    def code(self, row: int) -> Code:
        """What the byte beside the cell says. Sources say NaN by a code too."""
        return Code(self.codes[row]) if self.codes else Code.VALUE

    def value(self, row: int) -> bool | int | float | str:
        """The raw cell; meaningless where the code says that there is none."""
        if self.encoding == "text":
            first = int.from_bytes(self.ends[4 * row - 4 : 4 * row], "little") if row else 0
            return self.data[first : int.from_bytes(self.ends[4 * row : 4 * row + 4], "little")].decode(
                "utf-8", "replace"
            )
        width = WIDTHS[self.encoding]
        found: bool | int | float = struct.unpack_from("<" + _FORMATS[self.encoding], self.data, row * width)[0]
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Rows `first` to `end` (exclusive) of view `view`, for some columns by index."""

    view: int
    first: int
    end: int
    cells: Mapping[int, Cells]
    version: int = 0

    @property
    def size_bytes(self) -> int:
        """What the buffers take."""
        return sum(len(c.data) + len(c.codes) + len(c.ends) for c in self.cells.values())


# ---- views -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SortKey:
    """Missing values come last either way."""

    column: int
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A typed predicate on one column. `values` are text in canonical form: numbers with a dot, ISO dates and times,
    seconds for durations; a value that is None stands for the missing ones (operators `in` and `not_in`).
    """

    column: int
    operator: Operator
    values: tuple[str | None, ...] = ()
    is_case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """All (`is_all`) or any of the members must hold; without members every row fits."""

    members: tuple[Filter | FilterGroup, ...] = ()
    is_all: bool = True

    def filters(self) -> tuple[Filter, ...]:
        """The single filters, depth first: their places are what a `FilterProblem` names."""
        found: list[Filter] = []
        for member in self.members:
            found.extend((member,) if isinstance(member, Filter) else member.filters())
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """How rows are chosen and ordered. The first sort key counts most."""

    sort: tuple[SortKey, ...] = ()
    filter: FilterGroup = FilterGroup()

    @property
    def is_plain(self) -> bool:
        """Whether it is the table as it is."""
        return not self.sort and not self.filter.filters()


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """Filter number `filter` (depth first) cannot be applied; the others were."""

    filter: int
    message: str


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a view came to. Rows below `ready_rows` are in their true order already."""

    view: int
    row_count: int
    ready_rows: int = -1
    problems: tuple[FilterProblem, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether every row is in its place."""
        return self.ready_rows < 0 or self.ready_rows >= self.row_count


# ---- what is known of columns and cells ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value and how often it is there; `code` is not VALUE for missing ones."""

    text: str
    count: int
    code: Code = Code.VALUE


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """Values of a column, most frequent first. `total` counts the distinct ones, -1 where that would take too long."""

    values: tuple[ValueCount, ...] = ()
    total: int = -1
    rows_looked_at: int = 0


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds, over `rows_looked_at` of `row_count` rows. `edges` has one more number than `counts`."""

    column: int
    row_count: int
    rows_looked_at: int
    missing: tuple[ValueCount, ...] = ()
    statistics: tuple[tuple[str, str], ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    top: tuple[ValueCount, ...] = ()
    problem: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether every row was looked at."""
        return self.rows_looked_at >= self.row_count

    @property
    def missing_share(self) -> float:
        """Missing values among the rows looked at, 0 to 1."""
        return sum(one.count for one in self.missing) / self.rows_looked_at if self.rows_looked_at else 0.0


@dataclass(frozen=True, slots=True)
class MissingPicture:
    """Share of missing values (a byte, 0 to 255) for each bucket of rows, column after column; `patterns` are columns
    that are missing together, with the number of such rows."""

    columns: tuple[int, ...]
    buckets: int
    shares: bytes
    counts: tuple[int, ...]
    row_count: int
    rows_looked_at: int
    patterns: tuple[tuple[tuple[int, ...], int], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundCell:
    """The next cell that fits; `row` is -1 where there is none. `next_row` >= 0: time ran out, go on from there."""

    row: int
    column: int = 0
    next_row: int = -1


@dataclass(frozen=True, slots=True)
class CellDetail:
    """One cell whole; `tree` is JSON for nested values."""

    text: str
    type_name: str = ""
    code: Code = Code.VALUE
    tree: str = ""
    is_cut: bool = False
    length: int = 0


@dataclass(frozen=True, slots=True)
class CellEdit:
    """A cell was changed by `code`; `undo` takes it back."""

    code: str
    undo: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a slow request has come; `total` is 0 where nobody knows."""

    step: str
    done: int
    total: int = 0


class TableError(FourpaneError):
    """A table could not be read, or something asked of it could not be done."""


class OutOfDateError(TableError):
    """The answer is about a view or an object that is another by now."""


# ---- where tables come from ------------------------------------------------------------------------------------------

Done = Callable[[T], None]
Failed = Callable[[TableError], None]
OnProgress = Callable[[Progress], None]


class TableSource(Protocol):
    """A table that lives elsewhere: in a kernel, in a file. UI thread; every call returns at once.

    Exactly one of `done` and `failed` is called later, on the UI thread, unless the Cancel that a call returns was
    called before. View 0 is the table as it is; other views are numbers that the caller makes up, each larger than
    the one before. Only the newest view must be served: pages of others fail with OutOfDateError.
    """

    info: TableInfo
    is_busy: bool
    """Whether nothing is answered now (a kernel of one thread at work); requests wait."""
    changed: SignalInstance
    """Emitted with "data", "schema" (`info` is new), "gone", "busy" or "free"."""

    def columns(self, first: int, end: int, done: Done[tuple[Column, ...]], failed: Failed) -> Cancel:
        """Columns `first` to `end`."""

    def page(self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed) -> Cancel:
        """Cells; negative columns are row labels. At most PAGE_ROWS_MOST rows and PAGE_CELLS_MOST cells."""

    def view(
        self, view: int, spec: ViewSpec, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        """Sort and filter. `done` may be called a second time, when all rows are in their order."""

    def slice(
        self, row_axis: int, column_axis: int, fixed: Sequence[int], done: Done[TableInfo], failed: Failed
    ) -> Cancel:
        """Show other axes of an array, or other places on the fixed ones; `info` is new then."""

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
        """What a column holds, from a sample or exactly."""

    def missing(
        self, view: int, columns: Sequence[int], done: Done[MissingPicture], failed: Failed, *, buckets: int = 200,
        is_exact: bool = False, progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """Where values are missing."""

    def values(self, column: int, search: str, limit: int, done: Done[ValueCounts], failed: Failed) -> Cancel:
        """Distinct values that contain `search`, with counts."""

    def find(
        self, view: int, text: str, row: int, column: int, done: Done[FoundCell], failed: Failed, *,
        is_case_sensitive: bool = False, is_regex: bool = False,
    ) -> Cancel:  # fmt: skip
        """The first cell from (row, column) on, row by row, that contains `text`."""

    def cell(self, view: int, row: int, column: int, done: Done[CellDetail], failed: Failed) -> Cancel:
        """One cell whole."""

    def edit(
        self, view: int, row: int, column: int, text: str, done: Done[CellEdit], failed: Failed, *,
        is_missing: bool = False,
    ) -> Cancel:  # fmt: skip
        """Put a value, typed as text, into the object itself."""

    def undo(self, token: str, done: Done[CellEdit], failed: Failed) -> Cancel:
        """Take an edit back."""

    def close(self) -> None:
        """Forget the table; everything under way is dropped."""
