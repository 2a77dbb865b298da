"""The pager: gives the grid the cells that it looks at, and asks the source for those that are not here yet.

Owns pages, columns, short profiles and the view of one open table, and which requests are under way. UI thread; no Qt.
It does not own the source: whoever opened that closes it after the pager.

    want(rows, columns) -> what is missing, block by block, those in sight first -> at most two requests -> cells()

Traps. A new view is shown only when the cells in sight are here, so that nothing flickers and no row is shown under the
wrong filter; until then the old cells stay. While a view is being made, the old one may be refused by the source. New
columns are taken over at once with the sort keys and filters that still fit, when their names have been looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ide.core.events import Signal
from ide.core.ports import After, Cancel
from ide.core.record import dataclass, field
from ide.core.table import (
    Cells,
    Column,
    ColumnProfile,
    FilterProblem,
    OutOfDateError,
    Page,
    Progress,
    TableError,
    TableInfo,
    TableSource,
    ViewSpec,
    ViewState,
)
from ide.tables.adapting import adapt, moved_columns
from ide.tables.column_list import ColumnList
from ide.tables.page_cache import BLOCK_ROWS, PageCache, blocks_of
from ide.tables.profile_list import ProfileList

REQUESTS_MOST: Final = 2
_COLUMNS_MOST: Final = 256
# Columns at the side that are fetched ahead while the user moves sideways, and with the first cells.
_AHEAD_COLUMNS: Final = 8
# A jump right after a jump waits until the bar has rested so long; a long drag shows rows so often.
_REST_S: Final = 0.05
_FLING_JUMPS_MOST: Final = 8
_RETRY_FIRST_S: Final = 1.0
_RETRY_MOST_S: Final = 30.0
# Rows that can be scrolled to past those seen, where nobody knows how many there are.
_ROWS_AHEAD: Final = BLOCK_ROWS


@dataclass(slots=True)
class _View:
    """A view with the cells of it that are here. `number` is the one that the source knows it by."""

    number: int
    spec: ViewSpec
    state: ViewState
    cache: PageCache = field(default_factory=PageCache)
    seen_rows: int = 0
    is_end_known: bool = True
    is_refused: bool = False
    """The source serves a newer one by now."""

    @property
    def row_count(self) -> int:
        if self.is_end_known:
            return max(self.state.row_count, 0) if self.state.row_count >= 0 else self.seen_rows
        return self.seen_rows + _ROWS_AHEAD

    @property
    def served_rows(self) -> int:
        """Rows that are in their places."""
        return self.row_count if self.state.ready_rows < 0 else min(self.state.ready_rows, self.row_count)


@dataclass(slots=True)
class _Request:
    """Cells under way."""

    view: _View
    block: int
    columns: tuple[int, ...]
    generation: int
    cancel: Cancel | None = None


class Pager:
    """Cells, columns and profiles of one table, as they arrive.

    `arrived(first, end)`: rows of the shown view can be painted anew. `columns_arrived(first, end)`: columns by index.
    `view_changed`: other rows are shown now. `changed`: something else that the viewer shows (busy, gone, number of
    rows, columns, what is being worked at). `failed(TableError)`: for the notice; told once until something succeeds.
    """

    arrived = Signal(int, int)
    columns_arrived = Signal(int, int)
    profile_arrived = Signal(int)
    view_changed = Signal()
    changed = Signal()
    failed = Signal(object)
    progressed = Signal(object)

    def __init__(self, source: TableSource, after: After) -> None:
        self._source, self._after = source, after
        self.info: TableInfo = source.info
        self.spec = ViewSpec()
        """What was asked for last; `shown_spec` is what the rows shown are."""
        self.progress: Progress | None = None
        self.is_gone = False
        self.dropped: tuple[str, ...] = ()
        """Sort keys and filters that did not fit the columns that came, one sentence for each."""
        self.as_of = self.info.version
        """The version of the data that the newest cells are from."""
        self._columns = self._new_columns()
        self._profiles = ProfileList(source, self._on_profile)
        self._numbers = 0
        self._shown = self._plain_view()
        self._coming: _View | None = None
        self._making: Cancel | None = None
        self._is_making = False
        self._making_number = 0
        self._new_schema: ColumnList | None = None
        self._slicing: Cancel | None = None
        self._rows = range(0)
        self._ahead = range(0)
        self._wanted: tuple[int, ...] = ()
        self._ahead_columns: tuple[int, ...] = ()
        self._has_asked = False
        self._requests: list[_Request] = []
        self._resting: Cancel | None = None
        self._jumps = 0
        self._retrying: Cancel | None = None
        self._retry_s = _RETRY_FIRST_S
        self._is_failing = self._was_restored = False
        self._is_pumping = self._is_closed = False
        source.changed.connect(self._on_source_changed)

    # ---- what is here

    @property
    def state(self) -> ViewState:
        """Of the view that is shown."""
        return self._shown.state

    @property
    def shown_spec(self) -> ViewSpec:
        """How the rows shown were chosen and ordered."""
        return self._shown.spec

    @property
    def view(self) -> int:
        """The number by which the source knows the view that is shown."""
        return self._shown.number

    @property
    def row_count(self) -> int:
        """Rows of the view that is shown; grows while nobody knows how many there are."""
        return self._shown.row_count

    @property
    def column_count(self) -> int:
        """Columns, row labels not counted."""
        return self.info.column_count

    @property
    def label_columns(self) -> tuple[Column, ...]:
        """Row labels, the first level first."""
        return self.info.labels

    @property
    def problems(self) -> tuple[FilterProblem, ...]:
        """Filters of `shown_spec` that could not be applied."""
        return self._shown.state.problems

    @property
    def is_working(self) -> bool:
        """Whether another view or other columns are on the way, or rows are not in their order yet."""
        is_coming = self._is_making or self._coming is not None or self._slicing is not None
        return is_coming or self._new_schema is not None or not self._shown.state.is_ready

    @property
    def is_busy(self) -> bool:
        """Whether the source answers nothing now."""
        return self._source.is_busy

    @property
    def requests_under_way(self) -> int:
        """Pages asked for and not answered."""
        return len(self._requests)

    @property
    def size_bytes(self) -> int:
        """What the cells that are kept take."""
        return self._shown.cache.size_bytes + (self._coming.cache.size_bytes if self._coming is not None else 0)

    def column(self, index: int) -> Column | None:
        """A column, or a row label by a negative index. None: it is asked for now, `columns_arrived` follows."""
        return self._columns.get(index)

    def known_columns(self) -> tuple[Column, ...]:
        """Columns that are here, in the order of the table, without row labels."""
        known = self._columns.known
        return tuple(known[index] for index in sorted(known) if index >= 0)

    def cells(self, row: int, column: int) -> tuple[Cells, int] | None:
        """The buffers that hold a cell, and its row in them. None: not here yet; only `want` asks for it."""
        return self._shown.cache.cells(row, column)

    def profile(self, column: int) -> ColumnProfile | None:
        """What a sample says of a column, if it is here; else it is asked for and `profile_arrived` follows."""
        if "profile" not in self.info.features:
            return None
        found = self._profiles.get(column)
        self._pump()
        return found

    def known_profile(self, column: int) -> ColumnProfile | None:
        """The profile that is here; nothing is asked for."""
        return self._profiles.known(column)

    @property
    def profile_generation(self) -> int:
        """Grows when profiles are of other rows or other data: whoever keeps some asks for them anew."""
        return self._profiles.generation

    def is_profile_current(self, column: int) -> bool:
        """Whether the profile that is here is of the rows shown now."""
        return self._profiles.is_current(column)

    # ---- what is asked for

    def want(self, rows: range, columns: Sequence[int]) -> None:
        """These are in sight now: ask for what is missing, give up what is out of sight and not answered.

        Row labels are always among them. Where the rows moved on by less than a screen, the next screen in that
        direction is fetched too; after a jump right upon a jump nothing is, until the bar rests.
        """
        labels = tuple(column.index for column in self.info.labels)
        wanted = (*labels, *(column for column in dict.fromkeys(columns) if 0 <= column < self.info.column_count))
        before, self._rows = self._rows, range(max(0, rows.start), max(0, rows.start, rows.stop))
        self._note_sideways(wanted)
        self._wanted = wanted
        is_jump = bool(before) and (self._rows.start >= before.stop or self._rows.stop <= before.start)
        if is_jump or (before and self._rows.start != before.start):
            self._ahead = range(0) if is_jump else self._next_screen(self._rows.start >= before.start)
        if is_jump:
            self._note_jump()
        self._shown.cache.touch(blocks_of(self._rows), wanted)
        self._pump()

    def set_view(self, spec: ViewSpec) -> None:
        """Sort and filter. What is shown stays until the new rows are here; then `view_changed`."""
        self.dropped = ()
        self._make_view(spec)
        self.changed.emit()

    def take_order(self, state: ViewState) -> None:
        """More rows of the view are in their order than its source put there by itself (`order_fully` of files)."""
        self._on_view(state.view, self.spec, state)

    def cancel_view(self) -> None:
        """Give up the view that is being made: what is shown stays, and `spec` is again that of the rows shown."""
        if self._is_making or self._coming is not None:
            self._stop_making()
            self.spec = self._shown.spec
            self._restore_if_refused()

    def slice(self, row_axis: int, column_axis: int, fixed: Sequence[int]) -> None:
        """Show other axes of an array, or other places on the fixed ones."""
        if self._slicing is not None:
            self._slicing()

        def done(_info: TableInfo) -> None:
            self._slicing = None
            self._begin_schema()

        def failed(error: TableError) -> None:
            self._slicing = None
            self.failed.emit(error)
            self.changed.emit()

        self._slicing = lambda: None
        cancel = self._source.slice(row_axis, column_axis, fixed, done, failed)
        if self._slicing is not None:
            self._slicing = cancel
        self.changed.emit()

    def refresh(self) -> None:
        """The data changed: fetch the cells anew, and replace those shown as they come."""
        self.info = self._source.info
        self._profiles.outdate()
        self._was_restored = self._is_failing = False
        self._drop_retry()
        if self.spec.is_plain:
            self._stop_making()
            shown = self._shown
            self._cancel_requests(lambda _request: True)
            if shown.spec.is_plain and shown.number == 0:
                self._replace_plain(shown)
            else:
                self._coming = self._plain_view()
        else:
            self._make_view(self.spec)
        self.changed.emit()
        self._pump()

    def close(self) -> None:
        """Give up all that is under way. The source is not closed."""
        if self._is_closed:
            return
        self._is_closed = True
        self._source.changed.disconnect(self._on_source_changed)
        self._stop_all()
        self._columns.close()
        self._profiles.close()

    # ---- views

    def _plain_view(self) -> _View:
        count = self.info.row_count
        return _View(0, ViewSpec(), ViewState(0, count), is_end_known=count >= 0)

    def _replace_plain(self, shown: _View) -> None:
        """The rows of the table as it is are others now: those shown are replaced as they come."""
        shown.state = ViewState(0, self.info.row_count)
        shown.is_end_known = self.info.row_count >= 0
        shown.cache.outdate()

    def _make_view(self, spec: ViewSpec) -> None:
        """Ask the source for a view of these rows; the table as it is needs no asking."""
        self._stop_making()
        self.spec = spec
        self._numbers += 1
        number = self._numbers
        self._making_number, self._is_making = number, True

        def done(state: ViewState) -> None:
            self._on_view(number, spec, state)

        def failed(error: TableError) -> None:
            if number == self._making_number:
                self._on_view_failed(error)

        def progressed(progress: Progress) -> None:
            if number == self._making_number:
                self.progress = progress
                self.progressed.emit(progress)

        if spec.is_plain:
            self._is_making = False
            self._coming = self._plain_view()
            if number > 1:  # view 0 is always there; the source is told so that it frees what the old view took
                self._making = self._source.view(number, spec, lambda _state: None, lambda _error: None)
            self._pump()
            return
        cancel = self._source.view(number, spec, done, failed, progressed)
        if number == self._making_number:
            self._making = cancel

    def _on_view(self, number: int, spec: ViewSpec, state: ViewState) -> None:
        """A view is there (`done` may come again, when all rows of it are in their order)."""
        if number != self._making_number or self._is_closed:
            return
        self._is_making = False
        view = next((one for one in (self._coming, self._shown) if one is not None and one.number == number), None)
        if view is None:
            self._cancel_requests(lambda _request: True)
            self._coming = _View(number, spec, state, is_end_known=state.row_count >= 0)
        else:
            ready = view.served_rows
            view.state = state
            view.cache.forget_from(ready)
        if state.is_ready:
            self.progress = None
        self.changed.emit()
        self._pump()

    def _on_view_failed(self, error: TableError) -> None:
        """What is shown stays. The source may refuse the old view: then the next page that fails brings it back."""
        self._stop_making()
        self.spec = self._shown.spec
        self.failed.emit(error)
        self._restore_if_refused()

    def _stop_making(self) -> None:
        if self._making is not None:
            self._making()
        self._making = None
        self._is_making = False
        self._making_number = -1
        self.progress = None
        if self._coming is not None:
            coming, self._coming = self._coming, None
            self._cancel_requests(lambda request: request.view is coming)

    def _show_coming(self) -> None:
        """The cells in sight are here, or cannot be had: change over at once."""
        coming, self._coming = self._coming, None
        if coming is None:
            return
        if coming.spec.filter != self._shown.spec.filter:
            self._profiles.outdate()  # not before: till now the old rows were in sight, and what was said of them
        self._shown = coming
        self._cancel_requests(lambda request: request.view is not coming)
        self._is_failing = False
        self.view_changed.emit()
        self.changed.emit()

    def _restore_if_refused(self) -> None:
        if self._shown.is_refused:
            self._make_again(self._shown)
        self.changed.emit()
        self._pump()

    def _make_again(self, view: _View) -> bool:
        """The source does not know a view any more (it was given up for another that failed): make it anew, once."""
        if self._was_restored:
            return False
        self._was_restored = True
        self._make_view(view.spec)
        self.changed.emit()
        return True

    # ---- columns

    def _new_columns(self) -> ColumnList:
        return ColumnList(self._source, self.info, self._after, self._on_columns, self._tell_failure)

    def _on_columns(self, first: int, end: int) -> None:
        self.columns_arrived.emit(first, end)

    def _begin_schema(self) -> None:
        """Other columns: find those that sort keys and filters speak of by name, then change over at once."""
        self._stop_all()
        info = self._source.info
        self._new_schema = ColumnList(self._source, info, self._after, self._on_columns, self._tell_failure)
        names = [self._columns.known[index].name for index in _columns_of(self.spec) if index in self._columns.known]
        self.changed.emit()
        self._new_schema.search(names, self._wanted, lambda: self._take_schema(info))

    def _take_schema(self, info: TableInfo) -> None:
        """Cells of columns that are there still stay in sight until the new ones are here."""
        columns, self._new_schema = self._new_schema, None
        if columns is None or self._is_closed:
            return
        old, self._columns, self.info = self._columns, columns, info
        shown = self._shown
        spec, self.dropped = adapt(self.spec, old.known, columns.known.values())
        shown.spec, _ = adapt(shown.spec, old.known, columns.known.values())
        shown.cache.renumber(moved_columns(old.known, columns.known.values()))
        old.close()
        self._profiles.forget()
        labels = tuple(column.index for column in info.labels)
        self._wanted = (*labels, *(column for column in self._wanted if 0 <= column < info.column_count))
        self._ahead_columns = ()
        if shown.number == 0 and spec.is_plain:
            self.spec = spec
            self._replace_plain(shown)
        else:
            shown.is_refused = shown.number != 0
            self._make_view(spec)
        self.view_changed.emit()
        self.columns_arrived.emit(0, info.column_count)
        self.changed.emit()
        self._pump()

    # ---- what the source says

    def _on_source_changed(self, what: str) -> None:
        match what:
            case "data":
                self.is_gone = False
                self.refresh()
            case "schema":
                self.is_gone = False
                self._begin_schema()
            case "gone":
                self._stop_all()
                self._profiles.close()
                self.is_gone = True
                self.spec = self._shown.spec
                self.changed.emit()
            case _:
                self.changed.emit()
                self._pump()

    # ---- pages

    def _next_screen(self, is_forward: bool) -> range:
        height = len(self._rows)
        if is_forward:
            return range(self._rows.stop, self._rows.stop + height)
        return range(max(0, self._rows.start - height), self._rows.start)

    def _note_sideways(self, wanted: tuple[int, ...]) -> None:
        """Which columns to fetch ahead. Columns in another order than the table's make this a guess, no more."""
        here, before = [c for c in wanted if c >= 0], [c for c in self._wanted if c >= 0]
        if not here or not before or here == before:
            self._ahead_columns = ()
            return
        if here[-1] > before[-1]:
            ahead = range(here[-1] + 1, min(here[-1] + 1 + _AHEAD_COLUMNS, self.info.column_count))
        else:
            ahead = range(max(0, here[0] - _AHEAD_COLUMNS), here[0])
        self._ahead_columns = tuple(ahead)

    def _note_jump(self) -> None:
        """The first jump is followed at once; those right after it when the bar rests, or from time to time."""
        is_in_fling = self._resting is not None
        self._jumps += 1
        if self._resting is not None:
            self._resting()
        self._resting = self._after(_REST_S, self._on_rest)
        if not is_in_fling:
            self._jumps = 0
            self._pump(is_at_once=True)

    def _on_rest(self) -> None:
        self._resting = None
        self._jumps = 0
        self._pump()

    def _pump(self, *, is_at_once: bool = False) -> None:
        """Start what may be started now."""
        if self._is_pumping or self._is_closed:
            return
        self._is_pumping = True
        try:
            while self._pump_once(is_at_once):
                pass
        finally:
            self._is_pumping = False

    def _pump_once(self, is_at_once: bool) -> bool:
        """Whether something changed, so that it is worth to look again."""
        if self.is_gone or self._new_schema is not None:
            return False
        view = self._coming or self._shown
        if view is self._coming and next(self._needs(view), None) is None:
            self._show_coming()
            return True
        needs = list(self._needs(view))
        ahead = [] if needs or view is self._coming else list(self._needs_ahead(view))
        blocks = {block for block, _ in needs} | set(blocks_of(self._rows)) | set(blocks_of(self._ahead))
        self._cancel_requests(lambda request: request.view is not view or request.block not in blocks)
        if self._resting is not None and not is_at_once and self._jumps % _FLING_JUMPS_MOST != _FLING_JUMPS_MOST - 1:
            return False
        if view.is_refused or self._retrying is not None:
            return False
        if self._start_next(view, needs or ahead):
            return True
        is_at_rest = not needs and not self._requests and not self._is_making and self._coming is None
        if is_at_rest and "profile" in self.info.features:
            self._profiles.go_on(self._shown.number, self._wanted)
        return False

    def _needs(self, view: _View) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Blocks in sight with the columns that are missing there."""
        return self._missing(view, self._clamped(view, self._rows), self._wanted)

    def _needs_ahead(self, view: _View) -> Iterator[tuple[int, tuple[int, ...]]]:
        yield from self._missing(view, self._clamped(view, self._rows), self._ahead_columns)
        if not view.is_end_known and self._ahead and self._ahead.start >= view.seen_rows:
            return
        yield from self._missing(view, range(self._ahead.start, min(self._ahead.stop, view.served_rows)), self._wanted)

    def _clamped(self, view: _View, rows: range) -> range:
        """Rows in sight that there are; the last ones where the view is shorter than the place that is looked at."""
        end = view.served_rows
        if rows.start >= end and view is self._coming:
            return range(max(0, end - len(rows)), end)
        return range(min(rows.start, end), min(rows.stop, end))

    def _missing(self, view: _View, rows: range, columns: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
        for block in blocks_of(rows):
            missing = view.cache.missing(block, columns)
            for first in range(0, len(missing), _COLUMNS_MOST):
                yield block, missing[first : first + _COLUMNS_MOST]

    def _start_next(self, view: _View, needs: Sequence[tuple[int, tuple[int, ...]]]) -> bool:
        """Start the first of them that is not under way; what was fetched ahead makes room for what is in sight."""
        in_sight = set(blocks_of(self._clamped(view, self._rows)))
        for block, columns in needs:
            under_way = {c for request in self._requests if request.block == block for c in request.columns}
            left = tuple(column for column in columns if column not in under_way)
            if not left:
                continue
            if len(self._requests) >= REQUESTS_MOST:
                self._cancel_requests(lambda request: request.block not in in_sight)
            if len(self._requests) >= REQUESTS_MOST:
                return False
            self._ask(view, block, left + self._spare(left))
            return True
        return False

    def _spare(self, columns: tuple[int, ...]) -> tuple[int, ...]:
        """A few columns more in the very first request: how wide columns are is known only with their cells, so that
        more of them may be in sight than it seems."""
        if self._has_asked:
            return ()
        self._has_asked = True
        first, most = max(columns) + 1, min(_AHEAD_COLUMNS, _COLUMNS_MOST - len(columns))
        return tuple(range(first, min(first + most, self.info.column_count)))

    def _ask(self, view: _View, block: int, columns: tuple[int, ...]) -> None:
        first = block * BLOCK_ROWS
        end = min(first + BLOCK_ROWS, view.served_rows) if view.is_end_known else first + BLOCK_ROWS
        request = _Request(view, block, columns, view.cache.generation)
        self._requests.append(request)

        def done(page: Page) -> None:
            if request in self._requests:
                self._requests.remove(request)
                self._on_page(request, page, end)

        def failed(error: TableError) -> None:
            if request in self._requests:
                self._requests.remove(request)
                self._on_page_failed(request, error)

        request.cancel = self._source.page(view.number, first, end, columns, done, failed)

    def _on_page(self, request: _Request, page: Page, end: int) -> None:
        view = request.view
        if request.generation == view.cache.generation and page.view == view.number:
            view.cache.put(request.block, page)
            self.as_of = max(self.as_of, page.version)
            self._note_rows(view, page, end)
        self._is_failing = self._was_restored = False
        self._retry_s = _RETRY_FIRST_S
        if view is self._shown:
            self.arrived.emit(page.first, page.end)
        self._pump()

    def _note_rows(self, view: _View, page: Page, end: int) -> None:
        """Where nobody knows how many rows there are, a short page is the end."""
        if view.is_end_known:
            return
        before = view.row_count
        view.seen_rows = max(view.seen_rows, page.end)
        view.is_end_known = page.end < end
        if view.row_count != before and view is self._shown:
            self.changed.emit()

    def _on_page_failed(self, request: _Request, error: TableError) -> None:
        view, is_out_of_date = request.view, isinstance(error, OutOfDateError)
        if is_out_of_date and view.number:
            # While another view is being made that is as it should be: nothing more is asked of this one.
            view.is_refused = True
            if self._is_making or self._make_again(view):
                self._pump()
                return
        if view is self._coming:
            self._show_coming()
        if view.number or not is_out_of_date:
            self._tell_failure(error)
        self._retry_later()
        self._pump()

    def _retry_later(self) -> None:
        if self._retrying is None:
            self._retrying = self._after(self._retry_s, self._retry)
            self._retry_s = min(self._retry_s * 2, _RETRY_MOST_S)

    def _retry(self) -> None:
        self._retrying = None
        self._pump()

    def _drop_retry(self) -> None:
        if self._retrying is not None:
            self._retrying()
        self._retrying = None
        self._retry_s = _RETRY_FIRST_S

    def _cancel_requests(self, is_meant: Callable[[_Request], bool]) -> None:
        for request in [one for one in self._requests if is_meant(one)]:
            self._requests.remove(request)
            if request.cancel is not None:
                request.cancel()

    def _tell_failure(self, error: TableError) -> None:
        """Once until something succeeds: a source that fails does so for each block."""
        if not self._is_failing:
            self._is_failing = True
            self.failed.emit(error)

    def _on_profile(self, column: int) -> None:
        self.profile_arrived.emit(column)
        self._pump()

    def _stop_all(self) -> None:
        self._stop_making()
        self._cancel_requests(lambda _request: True)
        self._drop_retry()
        if self._new_schema is not None:
            self._new_schema.close()
        self._new_schema = None
        if self._slicing is not None:
            self._slicing()
        self._slicing = None
        if self._resting is not None:
            self._resting()
        self._resting = None


def _columns_of(spec: ViewSpec) -> tuple[int, ...]:
    return (*(key.column for key in spec.sort), *(one.column for one in spec.filter.filters()))
