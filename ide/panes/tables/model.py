"""One open table of the viewer: its pager, what the user asked of it, its edits and its search. No Qt.

Owns the source (closed with it), the pager, the edits that can be taken back and the matches found. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from ide.core.events import Signal
from ide.core.ports import After, Cancel
from ide.core.record import dataclass, replace
from ide.core.table import (
    CellDetail,
    CellEdit,
    Column,
    Done,
    Failed,
    Filter,
    FilterGroup,
    FoundCell,
    OnProgress,
    Operator,
    Progress,
    SortKey,
    TableError,
    TableSource,
    ViewSpec,
    ViewState,
)
from ide.panes.tables import words
from ide.panes.tables.words import Chip, Origin
from ide.tables.pager import Pager

if TYPE_CHECKING:
    from ide.kernels.contract import FrameFinding

Predicate = Filter | FilterGroup


class Cost(Protocol):
    """What putting every row in its order would take."""

    @property
    def seconds(self) -> float: ...
    @property
    def size_bytes(self) -> int: ...


@runtime_checkable
class OrdersOnDemand(Protocol):
    """A source that puts only the first rows of a sort in order until it is asked for all."""

    def order_fully(
        self, view: int, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel: ...
    def order_cost(self, view: int, done: Done[Cost], failed: Failed) -> Cancel: ...


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for in the cells."""

    text: str
    is_case_sensitive: bool = False
    is_regex: bool = False


class TableModel:
    """UI thread. `changed`: anything that is said about the table. `failed(TableError)`: to be told.

    `found(row, column)`: a cell that was searched for; `find_changed`: what is said of the search. `edited(CellEdit)`:
    the object was changed, or an edit was taken back.
    """

    changed = Signal()
    failed = Signal(object)
    found = Signal(object, int)
    find_changed = Signal()
    edited = Signal(object)

    def __init__(self, source: TableSource, after: After, origin: Origin) -> None:
        self.source = source
        self.origin = origin
        self.pager = Pager(source, after)
        self.moment = origin.moment()
        self.edits: list[CellEdit] = []
        self.last_code = ""
        """Code of the newest edit, empty where there is none to show."""
        self.task_text = ""
        """A slow thing beside the view that is under way: an export, a copy."""
        self._task_cancel: Cancel | None = None
        self._waiting_columns: list[tuple[frozenset[int], Callable[[], None]]] = []
        self._finding: Cancel | None = None
        self._query = Query("")
        self._matches: list[tuple[int, int]] = []
        self._match_at = -1
        self.find_text = ""
        self._order_cost: Cost | None = None
        self._cost_asked = 0
        self._is_closed = False
        self.pager.changed.connect(self._on_pager_changed)
        self.pager.view_changed.connect(self._on_view_changed)
        self.pager.progressed.connect(self._on_pager_changed)
        self.pager.columns_arrived.connect(self._on_columns_arrived)
        self.pager.failed.connect(self.failed.emit)
        source.changed.connect(self._on_source_changed)

    def close(self) -> None:
        """End everything under way and the source."""
        if self._is_closed:
            return
        self._is_closed = True
        self.stop_finding()
        self.cancel_task()
        self._waiting_columns.clear()
        self.source.changed.disconnect(self._on_source_changed)
        self.pager.close()
        self.source.close()

    # ---- words

    @property
    def columns(self) -> Mapping[int, Column]:
        """Those that are here, row labels too."""
        return {one.index: one for one in (*self.pager.label_columns, *self.pager.known_columns())}

    @property
    def title(self) -> str:
        """`df  344 × 8`."""
        return f"{self.origin.name}  {words.size_text(self.pager.info, max(self.pager.info.row_count, 0))}"

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Sort keys and filters."""
        return words.chips(self.pager.spec, self.columns, self.pager.problems, self.pager.shown_spec)

    @property
    def footer(self) -> tuple[str, ...]:
        """Parts of the line below the grid."""
        pager, columns = self.pager, self.columns
        parts = (
            words.rows_text(pager.info, pager.row_count, pager.shown_spec),
            words.filter_text(pager.shown_spec),
            words.sort_text(pager.shown_spec, columns),
            words.origin_text(self.origin, self.moment),
            pager.info.note,
        )
        return tuple(part for part in parts if part)

    @property
    def progress_text(self) -> str:
        """What is being worked at; empty for nothing."""
        if self.task_text:
            return self.task_text
        if not self.pager.is_working or self.pager.is_gone or self.waits_for_order:
            return ""
        step = words.view_step(self.pager.spec, self.pager.shown_spec)
        return words.progress_text(self.pager.progress, step)

    # ---- the whole order of a large file

    @property
    def waits_for_order(self) -> bool:
        """Whether only the first rows are in order, and the others are put there when the user says so."""
        pager = self.pager
        is_shown = pager.shown_spec == pager.spec and pager.view != 0
        return isinstance(self.source, OrdersOnDemand) and is_shown and not pager.state.is_ready

    @property
    def order_text(self) -> str:
        """What is said of it; empty where every row is in its place."""
        if not self.waits_for_order or self.task_text:
            return ""
        text = f"The first {words.number(self.pager.state.ready_rows)} rows are in order."
        if self._order_cost is None:
            return text
        size = self._order_cost.size_bytes / 1e6
        return f"{text} All of them take about {self._order_cost.seconds:,.0f} s and {size:,.0f} MB on disk."

    def order_all(self) -> None:
        """Put every row in its order."""
        source, view = self.source, self.pager.view
        if not self.waits_for_order or not isinstance(source, OrdersOnDemand):
            return

        def done(state: ViewState) -> None:
            self.end_task()
            self.pager.take_order(state)

        def failed(error: TableError) -> None:
            self.end_task()
            self.failed.emit(error)

        self.cancel_task()
        self.begin_task("Sorting all rows", lambda: None)
        cancel = source.order_fully(view, done, failed, partial(self.task_progressed, "Sorting all rows"))
        if self.task_text:
            self._task_cancel = cancel

    def _ask_cost(self) -> None:
        view = self.pager.view
        if self.waits_for_order and self._cost_asked != view and isinstance(self.source, OrdersOnDemand):
            self._cost_asked, self._order_cost = view, None
            self.source.order_cost(view, self._on_cost, lambda _error: None)

    def _on_cost(self, cost: Cost) -> None:
        self._order_cost = cost
        self.changed.emit()

    # ---- order of rows

    def sort(self, column: int, is_descending: bool, *, adds: bool = False) -> None:
        """By one column, or by it after those that are there."""
        kept = tuple(key for key in self.pager.spec.sort if key.column != column) if adds else ()
        if adds and any(key.column == column for key in self.pager.spec.sort):
            keys = [SortKey(column, is_descending) if key.column == column else key for key in self.pager.spec.sort]
            self._set(sort=tuple(keys))
        else:
            self._set(sort=(*kept, SortKey(column, is_descending)))

    def turn_sort(self, column: int, *, adds: bool = False) -> None:
        """A click on a head's arrow: ascending, descending, not at all."""
        key = next((one for one in self.pager.spec.sort if one.column == column), None)
        if key is not None and key.is_descending:
            self.unsort(column)
        else:
            self.sort(column, key is not None, adds=adds)

    def unsort(self, column: int) -> None:
        """By this column no more."""
        self._set(sort=tuple(key for key in self.pager.spec.sort if key.column != column))

    def clear_view(self) -> None:
        """The table as it is."""
        self.pager.set_view(ViewSpec())

    # ---- which rows

    def filter_of(self, column: int) -> Predicate | None:
        """The filter that is this column's alone."""
        return next((one for one in self.pager.spec.filter.members if _is_of(one, column)), None)

    def set_filter(self, column: int, predicate: Predicate | None) -> None:
        """Another filter for a column, or none; the others stay."""
        group = self.pager.spec.filter
        members = list(group.members)
        place = next((at for at, one in enumerate(members) if _is_of(one, column)), len(members))
        members[place : place + 1] = [] if predicate is None else [predicate]
        self._set(filter=FilterGroup(tuple(members), group.is_all))

    def add_filter(self, predicate: Predicate) -> None:
        """One more filter; a group that says more than one column stays a group. A column's own one is replaced."""
        columns = {one.column for one in _filters(predicate)}
        if len(columns) == 1:
            self.set_filter(columns.pop(), predicate)
        elif columns:
            group = self.pager.spec.filter
            self._set(filter=FilterGroup((*group.members, predicate), group.is_all))

    def turn_filter(self, predicate: Predicate) -> None:
        """Apply it; where it is applied already, take it away."""
        group = self.pager.spec.filter
        if predicate in group.members:
            kept = tuple(one for one in group.members if one != predicate)
            self._set(filter=FilterGroup(kept, group.is_all or len(kept) < 2))
        else:
            self.add_filter(predicate)

    def show_rows_of(self, finding: FrameFinding) -> None:
        """Only the rows in which a finding shows, and those of one key side by side."""
        members = tuple(Filter(one.column, cast(Operator, one.operator), tuple(one.values)) for one in finding.filters)
        keys = (SortKey(members[0].column),) if members and members[0].operator in ("in", "eq") else ()
        known = self.pager.column(keys[0].column) if keys else None
        can_sort = "sort" in self.pager.info.features and (known is None or known.can_sort)
        self.pager.set_view(ViewSpec(keys if can_sort else (), FilterGroup(members, finding.is_all)))

    def remove_chip(self, chip: Chip) -> None:
        """Without that sort key or filter."""
        spec = self.pager.spec
        if chip.kind == "sort":
            self._set(sort=spec.sort[: chip.place] + spec.sort[chip.place + 1 :])
        else:
            members = spec.filter.members
            kept = members[: chip.place] + members[chip.place + 1 :]
            self._set(filter=FilterGroup(kept, spec.filter.is_all or len(kept) < 2))

    def set_is_all(self, is_all: bool) -> None:
        """Whether every filter must hold, or one of them."""
        self._set(filter=replace(self.pager.spec.filter, is_all=is_all))

    def filter_to_cell(self, row: int, column: int) -> None:
        """Only rows that hold the same value in this column."""

        def take(detail: CellDetail) -> None:
            known = self.pager.column(column)
            if known is None:
                return
            if detail.code.is_missing:
                self.set_filter(column, Filter(column, "is_missing"))
            elif known.kind == "boolean":
                is_true = detail.text.lower() == "true"
                self.set_filter(column, Filter(column, "is_true" if is_true else "is_false"))
            elif known.kind in ("text", "category"):
                one = Filter(column, "eq", (detail.text,)) if detail.text else Filter(column, "is_empty")
                self.set_filter(column, one)
            else:
                self._filter_to_exact(row, known)

        self.source.cell(self.pager.view, row, column, take, self.failed.emit)

    def _filter_to_exact(self, row: int, column: Column) -> None:
        from ide.tables.cell_text import full
        from ide.tables.filters import FilterTextError, parse

        found = self.pager.cells(row, column.index)
        if found is None:
            return
        try:
            predicate = parse("=" + full(*found, column), column)
        except FilterTextError as error:
            self.failed.emit(TableError(error.happened, error.meaning, error.advice))
        else:
            self.set_filter(column.index, predicate)

    def _set(self, *, sort: tuple[SortKey, ...] | None = None, filter: FilterGroup | None = None) -> None:
        before = self.pager.spec
        spec = ViewSpec(before.sort if sort is None else sort, before.filter if filter is None else filter)
        if spec != before:
            self.pager.set_view(spec)

    # ---- columns that are not here yet

    def with_columns(self, indexes: Sequence[int], done: Callable[[], None]) -> None:
        """Call `done` when these columns are known: at once, or when they arrive."""
        missing = frozenset(index for index in indexes if self.pager.column(index) is None)
        if missing:
            self._waiting_columns.append((missing, done))
        else:
            done()

    def known(self, indexes: Sequence[int]) -> tuple[Column, ...]:
        """The columns, those that are not here left out."""
        found = (self.pager.column(index) for index in indexes)
        return tuple(column for column in found if column is not None)

    # ---- edits

    def edit(self, row: int, column: int, text: str, *, is_missing: bool = False) -> None:
        """Put a value into the object; `edited` follows, or `failed`."""
        self.source.edit(
            self.pager.view, row, column, text, self._on_edited, self._on_edit_failed, is_missing=is_missing
        )

    def undo(self) -> None:
        """Take the newest edit back."""
        if not self.edits:
            return
        edit = self.edits.pop()

        def failed(error: TableError) -> None:
            self.failed.emit(error)
            self.changed.emit()

        self.source.undo(edit.undo, self._on_undone, failed)

    def _on_edited(self, edit: CellEdit) -> None:
        if edit.undo:
            self.edits.append(edit)
        self._after_edit(edit)

    def _on_undone(self, edit: CellEdit) -> None:
        self._after_edit(edit)

    def _after_edit(self, edit: CellEdit) -> None:
        self.last_code = edit.code
        self.moment = self.origin.moment()
        self.pager.refresh()
        self.edited.emit(edit)
        self.changed.emit()

    def _on_edit_failed(self, error: TableError) -> None:
        self.failed.emit(error)

    # ---- search

    @property
    def is_finding(self) -> bool:
        """Whether a search is under way."""
        return self._finding is not None

    def find(self, query: Query, row: int, column: int) -> None:
        """The first cell from here on that contains the text; the next call of `find_next` goes on after it."""
        self.stop_finding()
        if query != self._query:
            self._query, self._matches, self._match_at = query, [], -1
        if not query.text:
            self._say("")
            return
        self._look(row, column, has_wrapped=False, stop=(row, column))

    def find_next(self, row: int, column: int) -> None:
        """The match after this cell; from the top again after the last."""
        if self._match_at + 1 < len(self._matches) and self._match_at >= 0:
            self._match_at += 1
            self._show_match()
            return
        start = (row, column + 1)
        self.find(self._query, *start)

    def find_previous(self) -> None:
        """The match found before the one that is shown: tables are searched downwards only."""
        if self._match_at > 0:
            self._match_at -= 1
            self._show_match()
        elif self._matches:
            self._say("This is the first match that was found. Search goes downwards.")

    def stop_finding(self) -> None:
        """Give the search up."""
        finding, self._finding = self._finding, None
        if finding is not None:
            finding()
            self._say("")

    def _look(self, row: int, column: int, *, has_wrapped: bool, stop: tuple[int, int]) -> None:
        def take(found: FoundCell) -> None:
            self._finding = None
            if found.row >= 0:
                self._on_match(found, has_wrapped)
            elif found.next_row >= 0:
                total = max(self.pager.row_count, 1)
                self._look(found.next_row, 0, has_wrapped=has_wrapped, stop=stop)
                self._say(f"Searched {words.number(found.next_row)} of {words.number(total)} rows")
            elif not has_wrapped and stop != (0, 0):
                self._look(0, 0, has_wrapped=True, stop=stop)
            else:
                self._say("No match")

        def failed(error: TableError) -> None:
            self._finding = None
            self._say(error.happened)

        is_over = False

        def done(found: FoundCell) -> None:
            nonlocal is_over
            is_over = True
            take(found)

        def refused(error: TableError) -> None:
            nonlocal is_over
            is_over = True
            failed(error)

        query = self._query
        self._say("Searching")
        cancel = self.source.find(
            self.pager.view, query.text, row, column, done, refused,
            is_case_sensitive=query.is_case_sensitive, is_regex=query.is_regex,
        )  # fmt: skip
        if not is_over:
            self._finding = cancel
            self.find_changed.emit()

    def _on_match(self, found: FoundCell, has_wrapped: bool) -> None:
        place = (found.row, found.column)
        if place in self._matches:
            self._match_at = self._matches.index(place)
        else:
            self._matches.append(place)
            self._match_at = len(self._matches) - 1
        self._show_match(" (from the top)" if has_wrapped else "")

    def _show_match(self, note: str = "") -> None:
        row, column = self._matches[self._match_at]
        self._say(f"Row {words.number(row + 1)}{note}")
        self.found.emit(row, column)

    def _say(self, text: str) -> None:
        self.find_text = text
        self.find_changed.emit()

    # ---- slow tasks beside the view

    def begin_task(self, text: str, cancel: Cancel) -> None:
        """An export or a copy: shown in the footer, where it can be cancelled."""
        self.task_text, self._task_cancel = text, cancel
        self.changed.emit()

    def task_progressed(self, text: str, progress: Progress) -> None:
        """How far it is."""
        if self.task_text:
            share = f", {min(100, round(100 * progress.done / progress.total))}\u2009%" if progress.total else ""
            self.task_text = f"{text}{share}"
            self.changed.emit()

    def end_task(self) -> None:
        """It is done."""
        self.task_text, self._task_cancel = "", None
        self.changed.emit()

    def cancel_task(self) -> None:
        """Give it up."""
        cancel, self._task_cancel, self.task_text = self._task_cancel, None, ""
        if cancel is not None:
            cancel()

    def cancel(self) -> None:
        """What the button beside the progress does: the task beside the view first, else the view."""
        if self._task_cancel is not None:
            self.cancel_task()
        else:
            self.pager.cancel_view()
        self.changed.emit()

    # ---- what happens

    def _on_pager_changed(self, *_what: object) -> None:
        self._ask_cost()
        self.changed.emit()

    def _on_view_changed(self) -> None:
        self._matches, self._match_at = [], -1
        self.stop_finding()
        self.changed.emit()

    def _on_columns_arrived(self, _first: int, _end: int) -> None:
        waiting, self._waiting_columns = self._waiting_columns, []
        for missing, done in waiting:
            self.with_columns(tuple(missing), done)
        self.changed.emit()

    def _on_source_changed(self, what: str) -> None:
        if what in ("data", "schema"):
            self.moment = self.origin.moment()
            self.changed.emit()
        if what in ("schema", "gone"):
            self.edits.clear()
            self._matches, self._match_at = [], -1


def _filters(predicate: Predicate) -> tuple[Filter, ...]:
    return (predicate,) if isinstance(predicate, Filter) else predicate.filters()


def _is_of(member: Predicate, column: int) -> bool:
    return {one.column for one in _filters(member)} == {column}
