"""Where values are missing in a whole table: asked for in blocks of columns, put together as they come. No Qt.

Owns the request under way; one at a time. Another view, other data or other columns begin it anew: the rows of the
picture are those of the view, in its order. Which columns are missing together is told by the block where there is
only one, else asked for at the end, of the columns that lack most. UI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.core.table import MissingPicture, OutOfDateError, Progress, TableError, TableSource
from ide.tables.pager import Pager

BLOCK_COLUMNS: Final = 200
PATTERN_COLUMNS: Final = 64
BUCKETS: Final = 200
# The least number of patterns that a source may stop at.
PATTERNS_WHOLE: Final = 20


@dataclass(frozen=True, slots=True)
class ColumnGaps:
    """Missing values of one column, among the rows looked at; `shares` has a byte for each bucket of rows."""

    column: int
    count: int
    rows_looked_at: int
    shares: bytes

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.count / self.rows_looked_at if self.rows_looked_at else 0.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Columns that are missing together in `count` rows, in which none of the others looked at is."""

    columns: tuple[int, ...]
    count: int


class MissingSurvey:
    """`changed`: more is known, or something is being worked at."""

    changed = Signal()

    def __init__(self, source: TableSource, pager: Pager) -> None:
        self._source, self._pager = source, pager
        self.columns: dict[int, ColumnGaps] = {}
        self.patterns: tuple[Pattern, ...] = ()
        self.pattern_columns: tuple[int, ...] = ()
        """The columns that patterns speak of."""
        self.row_count = self.rows_looked_at = 0
        self.problem = ""
        self.progress: Progress | None = None
        self.is_exact_asked = False
        self._asked: tuple[int, int] | None = None
        self._cancel: Cancel | None = None
        self._token = 0
        pager.changed.connect(self._follow)
        pager.view_changed.connect(self._follow)
        self._follow()

    @property
    def is_under_way(self) -> bool:
        """Whether more is to come."""
        return self._cancel is not None

    @property
    def is_exact(self) -> bool:
        """Whether every row was looked at, as far as it goes."""
        return self.rows_looked_at >= self.row_count

    @property
    def is_whole(self) -> bool:
        """Whether every column was looked at."""
        return len(self.columns) >= self._pager.column_count

    @property
    def gaps(self) -> tuple[ColumnGaps, ...]:
        """The columns with missing values, in the order of the table."""
        return tuple(one for one in self.columns.values() if one.count)

    @property
    def complete_rows(self) -> int | None:
        """Rows without any missing value among those looked at; None where the patterns do not tell."""
        is_told = self.is_whole and not self.is_under_way and len(self.patterns) < PATTERNS_WHOLE
        if not is_told or any(one.column not in self.pattern_columns for one in self.gaps):
            return None
        return self.rows_looked_at - sum(one.count for one in self.patterns)

    def ask_exact(self) -> None:
        """Look at every row."""
        self._begin(is_exact=True)

    def cancel(self) -> None:
        """Give up what is under way; what is here stays."""
        self._stop()
        self.changed.emit()

    def close(self) -> None:
        """Give it up and follow the table no more."""
        self._pager.changed.disconnect(self._follow)
        self._pager.view_changed.disconnect(self._follow)
        self._stop()

    def _follow(self) -> None:
        if self._pager.is_gone:
            if self._cancel is not None:
                self.cancel()
        elif self._asked != (self._pager.view, self._pager.profile_generation):
            self._begin(is_exact=False)

    def _begin(self, *, is_exact: bool) -> None:
        self._stop()
        self._asked = (self._pager.view, self._pager.profile_generation)
        self.is_exact_asked = is_exact
        self.problem, self.progress = "", None
        self._ask(0, {})

    def _stop(self) -> None:
        self._token += 1
        cancel, self._cancel = self._cancel, None
        self.progress = None
        if cancel is not None:
            cancel()

    def _ask(self, first: int, found: dict[int, ColumnGaps]) -> None:
        """The next block; what is shown is replaced with the first one."""
        end = min(first + BLOCK_COLUMNS, self._pager.column_count)
        columns = tuple(range(first, end))
        if not columns and not first:
            self.columns, self.patterns, self.pattern_columns = {}, (), ()
            self.changed.emit()
            return
        self._send(columns, BUCKETS, partial(self._on_block, first, end, found))

    def _send(self, columns: tuple[int, ...], buckets: int, take: Callable[[MissingPicture], None]) -> None:
        token = self._token
        assert self._asked is not None

        def done(picture: MissingPicture) -> None:
            if token == self._token:
                self._cancel = None
                take(picture)

        def failed(error: TableError) -> None:
            if token != self._token:
                return
            self._cancel = None
            if isinstance(error, OutOfDateError):  # asked for anew when the view that is being made is here
                self._asked = None
            else:
                self.problem = error.happened
            self.changed.emit()

        def progressed(progress: Progress) -> None:
            if token == self._token:
                self.progress = progress
                self.changed.emit()

        self._cancel = _nothing
        cancel = self._source.missing(
            self._asked[0], columns, done, failed, buckets=buckets, is_exact=self.is_exact_asked, progress=progressed
        )
        if token == self._token and self._cancel is _nothing:
            self._cancel = cancel
            self.changed.emit()

    def _on_block(self, first: int, end: int, found: dict[int, ColumnGaps], picture: MissingPicture) -> None:
        for place, column in enumerate(picture.columns):
            shares = picture.shares[place * picture.buckets : (place + 1) * picture.buckets]
            found[column] = ColumnGaps(column, picture.counts[place], picture.rows_looked_at, shares)
        self.columns, self.row_count, self.rows_looked_at = found, picture.row_count, picture.rows_looked_at
        if first == 0:
            self._take_patterns(picture)
        if end < self._pager.column_count:
            self._ask(end, found)
        elif first > 0:
            lacking = sorted(self.gaps, key=lambda one: -one.share)[:PATTERN_COLUMNS]
            if lacking:
                self._send(tuple(sorted(one.column for one in lacking)), 1, self._on_patterns)
        self.changed.emit()

    def _on_patterns(self, picture: MissingPicture) -> None:
        self._take_patterns(picture)
        self.changed.emit()

    def _take_patterns(self, picture: MissingPicture) -> None:
        lacking = {column for column, count in zip(picture.columns, picture.counts, strict=True) if count}
        self.pattern_columns = tuple(column for column in picture.columns if column in lacking)
        self.patterns = tuple(Pattern(tuple(columns), count) for columns, count in picture.patterns)


def _nothing() -> None:
    """Stands for the way to give up a request that is being sent."""
