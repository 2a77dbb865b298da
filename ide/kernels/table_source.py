"""A table in a kernel as `ide.core.table.TableSource`: what the viewer asks, asked of the session's agent.

UI thread. Owns the open table's number in the kernel and what is under way; which road a request takes is the
session's business, what records look like `table_records`'.

Every call waits until the kernel can answer it: for a kernel of one thread at work that is when it is idle again, and
`is_busy` says so. A table does not outlive the kernel's process: after a restart it is "gone" for good.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from ide.core.errors import ContractError
from ide.core.events import Signal, SignalInstance
from ide.core.ports import After, Cancel
from ide.core.record import replace
from ide.core.table import (
    CellDetail,
    CellEdit,
    Column,
    ColumnProfile,
    Done,
    Failed,
    FoundCell,
    MissingPicture,
    OnProgress,
    OutOfDateError,
    Page,
    TableError,
    TableInfo,
    ValueCounts,
    ViewSpec,
    ViewState,
)
from ide.kernels import contract, table_records
from ide.kernels.records import Answer, SessionState
from ide.kernels.table_records import Buffers

logger = logging.getLogger(__name__)

T = TypeVar("T")
WAIT_S = 24 * 3600.0
_LOST = ("The session has ended or was restarted.", "The table that it held cannot be read any more.")
_OUT_OF_DATE = "The table has changed meanwhile."
_ENDED_STATES = ("starting", "restarting", "dead")


class TableSession(Protocol):
    """What is needed of a session."""

    agent_event: SignalInstance
    state_changed: SignalInstance

    @property
    def state(self) -> SessionState:
        """What the kernel is doing."""

    @property
    def is_answering(self) -> bool:
        """Whether requests about tables are answered now."""

    @property
    def after(self) -> After:
        """Runs things later on the UI thread."""

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Ask the agent."""


class KernelTableSource:
    """One open table of a session; made by `open_table`."""

    changed = Signal(str)

    def __init__(self, session: TableSession, opened: contract.TableInfo, path: Sequence[str] = ()) -> None:
        self._session = session
        self._path = tuple(path)
        self._table = opened.table
        self.info: TableInfo = table_records.info_of(opened)
        self.is_busy = not session.is_answering
        self._is_lost = self._is_closed = False
        self._shape = 0
        """Grows with each change of columns or axes: answers from before it are about another table."""
        self._under_way: dict[int, Cancel] = {}
        self._numbers = itertools.count(1)
        self._unready: tuple[int, Done[ViewState]] | None = None
        self._early_ready: dict[int, ViewState] = {}
        session.agent_event.connect(self._on_event)
        session.state_changed.connect(self._on_state)

    @classmethod
    def open_table(
        cls, session: TableSession, path: Sequence[str], done: Done[KernelTableSource], failed: Failed
    ) -> Cancel:
        """Open the value at `path` (a name, then tokens of `variables.children`); `done` gets the source, to be closed.

        Exactly one of `done` and `failed` is called later, unless cancelled.
        """
        is_given_up = False

        def take(answer: Answer) -> None:
            try:
                opened = _record(contract.TableInfo, "table.open", answer)
            except TableError as error:
                if not is_given_up:
                    failed(error)
                return
            source = cls(session, opened, path)
            if is_given_up:
                source.close()
            else:
                done(source)

        def give_up() -> None:
            nonlocal is_given_up
            is_given_up = True  # the answer is waited for all the same: what was opened must be closed

        session.ask("table.open", {"path": list(path)}, take, WAIT_S)
        return give_up

    # ---- TableSource

    def columns(self, first: int, end: int, done: Done[tuple[Column, ...]], failed: Failed) -> Cancel:
        """Columns `first` to `end`."""
        params = {"first": first, "end": end}
        return self._ask("table.columns", params, contract.TableColumns, table_records.columns_of, done, failed)

    def page(self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed) -> Cancel:
        """Cells; negative columns are row labels. A page from before the last change of the data is out of date."""
        params = {"view": view, "first": first, "end": end, "columns": list(columns)}

        version = self.info.version

        def check(page: Page) -> None:
            if self.info.version != version and page.version < self.info.version:
                failed(OutOfDateError(_OUT_OF_DATE))
            else:
                done(page)

        return self._ask("table.page", params, contract.TablePage, table_records.page_of, check, failed)

    def view(
        self, view: int, spec: ViewSpec, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        """Sort and filter; `done` is called again when the rest is in its order."""
        self._unready = None
        self._early_ready.clear()

        def take(state: ViewState) -> None:
            if not state.is_ready:
                whole = self._early_ready.pop(view, None)
                self._unready = None if whole is not None else (view, done)
                done(state)
                if whole is not None:
                    done(whole)
            else:
                done(state)

        params = {"view": view, **table_records.spec_to_json(spec)}
        cancel = self._ask("table.view", params, contract.TableView, table_records.view_of, take, failed, progress)

        def give_up() -> None:
            cancel()
            if self._unready is not None and self._unready[0] == view:
                self._unready = None

        return give_up

    def slice(
        self, row_axis: int, column_axis: int, fixed: Sequence[int], done: Done[TableInfo], failed: Failed
    ) -> Cancel:
        """Show other axes of an array, or other places on the fixed ones."""

        def take(opened: contract.TableInfo) -> None:
            self._shape += 1
            self.info = table_records.info_of(opened)
            done(self.info)

        params = {"row_axis": row_axis, "column_axis": column_axis, "fixed": list(fixed)}
        return self._ask("table.slice", params, contract.TableInfo, lambda read, _: read, take, failed)

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
        params = {"view": view, "column": column, "is_exact": is_exact, "bins": bins}
        return self._ask(
            "table.profile", params, contract.ColumnProfile, table_records.profile_of, done, failed, progress
        )

    def missing(
        self, view: int, columns: Sequence[int], done: Done[MissingPicture], failed: Failed, *, buckets: int = 200,
        is_exact: bool = False, progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """Where values are missing."""
        params = {"view": view, "columns": list(columns), "buckets": buckets, "is_exact": is_exact}
        return self._ask(
            "table.missing", params, contract.MissingPicture, table_records.missing_of, done, failed, progress
        )

    def values(self, column: int, search: str, limit: int, done: Done[ValueCounts], failed: Failed) -> Cancel:
        """Distinct values that contain `search`, with counts."""
        params = {"column": column, "search": search, "limit": limit}
        return self._ask("table.values", params, contract.ValueCounts, table_records.values_of, done, failed)

    def find(
        self, view: int, text: str, row: int, column: int, done: Done[FoundCell], failed: Failed, *,
        is_case_sensitive: bool = False, is_regex: bool = False,
    ) -> Cancel:  # fmt: skip
        """The first cell from (row, column) on, row by row, that contains `text`."""
        params = {
            "view": view,
            "text": text,
            "row": row,
            "column": column,
            "is_case_sensitive": is_case_sensitive,
            "is_regex": is_regex,
        }
        return self._ask("table.find", params, contract.FoundCell, table_records.found_of, done, failed)

    def cell(self, view: int, row: int, column: int, done: Done[CellDetail], failed: Failed) -> Cancel:
        """One cell whole."""
        params = {"view": view, "row": row, "column": column}
        return self._ask("table.cell", params, contract.CellDetail, table_records.cell_of, done, failed)

    def edit(
        self, view: int, row: int, column: int, text: str, done: Done[CellEdit], failed: Failed, *,
        is_missing: bool = False,
    ) -> Cancel:  # fmt: skip
        """Put a value, typed as text, into the object itself."""
        params = {"view": view, "row": row, "column": column, "text": text, "is_missing": is_missing}
        return self._ask("table.edit", params, contract.CellEdit, table_records.edit_of, done, failed)

    def undo(self, token: str, done: Done[CellEdit], failed: Failed) -> Cancel:
        """Take an edit back."""
        return self._ask("table.undo", {"undo": token}, contract.CellEdit, table_records.edit_of, done, failed)

    # ---- beyond TableSource

    def audit(self, done: Done[contract.FrameFindings], failed: Failed) -> Cancel:
        """What is suspicious in the frame; fails where the table is none."""
        params = {"path": list(self._path)}
        return self._ask_about(
            "frames.audit", params, contract.FrameFindings, lambda read, _: read, done, failed, progress=None
        )

    def close(self) -> None:
        """Forget the table; everything under way is dropped."""
        if self._is_closed:
            return
        self._is_closed = True
        self._session.agent_event.disconnect(self._on_event)
        self._session.state_changed.disconnect(self._on_state)
        for cancel in list(self._under_way.values()):
            cancel()
        self._under_way.clear()
        self._unready = None
        if not self._is_lost:
            self._session.ask("table.close", {"table": self._table}, _ignore, WAIT_S)

    # ---- asking

    def _ask(
        self,
        method: str,
        params: dict[str, Any],
        record: type[R],
        read: Callable[[R, Buffers], T],
        done: Done[T],
        failed: Failed,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Ask about this table."""
        return self._ask_about(method, {"table": self._table, **params}, record, read, done, failed, progress)

    def _ask_about(
        self,
        method: str,
        params: dict[str, Any],
        record: type[R],
        read: Callable[[R, Buffers], T],
        done: Done[T],
        failed: Failed,
        progress: OnProgress | None,
    ) -> Cancel:
        number, shape = next(self._numbers), self._shape

        def take(answer: Answer) -> None:
            if self._under_way.pop(number, None) is None:
                return
            try:
                if shape != self._shape:
                    raise OutOfDateError(_OUT_OF_DATE)
                result = _read(lambda: read(_record(record, method, answer), answer.buffers), method)
            except TableError as error:
                failed(error)
            else:
                done(result)

        if self._is_lost or self._is_closed:
            cancel = self._session.after(0.0, lambda: take(Answer(None, error="gone", code="gone")))
        else:
            cancel = self._session.ask(method, params, take, WAIT_S, progress)
        self._under_way[number] = cancel
        return lambda: self._give_up(number)

    def _give_up(self, number: int) -> None:
        cancel = self._under_way.pop(number, None)
        if cancel is not None:
            cancel()

    # ---- what the session tells

    def _on_event(self, event: str, params: dict[str, Any]) -> None:
        if params.get("table") != self._table or self._is_lost:
            return
        try:
            if event == "table.changed":
                self._on_changed(contract.TableChange.from_json(params))
            elif event == "table.view_ready":
                self._on_view_ready(table_records.view_of(contract.TableView.from_json(params)))
        except ContractError as error:
            logger.info("what an agent said of a table was refused: %s", error.text)

    def _on_changed(self, change: contract.TableChange) -> None:
        if change.info is not None:
            self.info = table_records.info_of(change.info)
        elif change.change == "data":
            self.info = replace(self.info, version=change.version)
        if change.change == "schema":
            self._shape += 1
        if change.change != "gone":
            self._unready = None
        self.changed.emit(change.change)

    def _on_view_ready(self, state: ViewState) -> None:
        if self._unready is not None and self._unready[0] == state.view:
            done = self._unready[1]
            self._unready = None
            done(state)
        else:  # it overtook the answer that it completes
            self._early_ready = {state.view: state}

    def _on_state(self) -> None:
        if self._is_lost:
            return
        if self._session.state in _ENDED_STATES:
            self._is_lost, self.is_busy, self._unready = True, False, None
            self.changed.emit("gone")
            return
        is_busy = not self._session.is_answering
        if is_busy != self.is_busy:
            self.is_busy = is_busy
            self.changed.emit("busy" if is_busy else "free")


class _Record(Protocol):
    @classmethod
    def from_json(cls, value: object) -> Any: ...


R = TypeVar("R", bound=_Record)


def _record(record: type[R], method: str, answer: Answer) -> R:
    """The checked record of an answer; raises TableError for an error."""
    if answer.result is None:
        raise _error_of(answer, method)
    result = answer.result
    read: R = _read(lambda: record.from_json(result), method)
    return read


def _read(read: Callable[[], T], method: str) -> T:
    try:
        return read()
    except ContractError as error:
        logger.info("the answer to %s was refused: %s", method, error.text)
        raise TableError("The table could not be read.", error.happened, error.advice) from error


def _error_of(answer: Answer, method: str) -> TableError:
    match answer.code:
        case "gone":
            return TableError(*_LOST, "Run the code again and open the table anew.")
        case "out_of_date" | "cancelled":
            return OutOfDateError(_OUT_OF_DATE)
        case "not_possible":
            return TableError(answer.error)
        case "timeout":
            return TableError("The kernel has not answered.", "It may be busy with one long step.", "Try again.")
    logger.info("%s failed in the kernel: %s (%s)", method, answer.error, answer.code)
    return TableError("The table could not be read.", f"The kernel's helper says: {answer.error}")


def _ignore(_answer: Answer) -> None:
    """Nobody waits for it."""
