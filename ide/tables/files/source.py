"""Data files as tables, for the window: `DataFiles` opens them, `FileTableSource` is one that is open.

Owns what must be done again when the process that reads was started anew: the file is opened and its view is made
again before anything else is asked, so that an open viewer never notices more than a pause. No data library here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from ide.core.events import Signal
from ide.core.ports import After, Cancel, Post
from ide.core.record import dataclass
from ide.core.table import (
    CellDetail,
    CellEdit,
    Cells,
    Code,
    Column,
    ColumnProfile,
    Done,
    Failed,
    Filter,
    FilterGroup,
    FilterProblem,
    FoundCell,
    MissingPicture,
    OnProgress,
    Page,
    TableError,
    TableInfo,
    ValueCount,
    ValueCounts,
    ViewSpec,
    ViewState,
)
from ide.tables.files.options import FileOptions, FilePart, Limits
from ide.tables.files.process import (
    ORDER_LIMIT_S,
    QUICK_LIMIT_S,
    SLOW_LIMIT_S,
    FileGoneError,
    FileProcess,
    ReaderEndedError,
)

T = TypeVar("T")

_DIALECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "csv": ("pandas", "polars", "sql", "base_r"),
    "parquet": ("pandas", "polars", "sql"),
    "arrow": ("pandas", "polars"),
    "json": ("pandas", "polars", "sql"),
}


@dataclass(frozen=True, slots=True)
class OrderCost:
    """What the whole order of a sorted view would take, about."""

    seconds: float
    size_bytes: int
    free_bytes: int


class DataFiles:
    """Opens data files. UI thread; every call returns at once."""

    def __init__(
        self,
        post: Post,
        after: After,
        *,
        temp_folder: Path | None = None,
        limits: Limits = Limits(),  # noqa: B008 - immutable
    ) -> None:
        self.process = FileProcess(post, after, temp_folder=temp_folder, limits=limits)
        self._numbers = itertools.count(1)

    def open_file(
        self, path: Path, options: FileOptions, done: Done[FileTableSource], failed: Failed,
        progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """Open a file as a table; the caller closes it. Its first rows are there then, maybe not all."""
        path = path.absolute()  # the process has another working folder
        name = self._new_name()
        is_cancelled = False

        def answered(result: Any, buffers: list[bytes]) -> None:
            source = FileTableSource(self.process, path, options, name, result["info"], self._new_name)
            if is_cancelled:
                source.close()
            else:
                done(source)

        def refused(error: TableError) -> None:
            if not is_cancelled:
                failed(error)

        params = {"table": name, "path": str(path), "options": asdict(options)}
        self.process.ask("open", params, answered, refused, progress=progress, limit_s=SLOW_LIMIT_S)

        def cancel() -> None:
            nonlocal is_cancelled
            is_cancelled = True

        return cancel

    def parts(self, path: Path, done: Done[tuple[FilePart, ...]], failed: Failed) -> Cancel:
        """Sheets or tables of a file; none where it holds a single table."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(tuple(FilePart(*one) for one in result))

        params = {"path": str(path.absolute()), "options": asdict(FileOptions())}
        return self.process.ask("parts", params, answered, failed)

    def close(self) -> None:
        """End the process that reads."""
        self.process.close()

    def _new_name(self) -> str:
        return f"t{next(self._numbers)}"


@dataclass(slots=True, eq=False)
class _Call:
    """A request of the window that must outlive the process."""

    method: str
    params: Mapping[str, object]
    answered: Callable[[Any, list[bytes]], None]
    failed: Failed
    progress: OnProgress | None
    limit_s: float
    is_cancelled: bool = False
    attempts: int = 0
    cancel_asked: Cancel = lambda: None


class FileTableSource:
    """One table of a data file. Fulfils `ide.core.table.TableSource`.

    `options` tells what was found out about the file. While a file is still being read `is_growing` holds, `share_read`
    says how far it has come and `info.row_count` counts the rows so far: `changed` emits "data" as they become more.
    """

    changed = Signal(str)

    def __init__(
        self, process: FileProcess, path: Path, options: FileOptions, name: str, info: Mapping[str, Any],
        new_name: Callable[[], str],
    ) -> None:  # fmt: skip
        self.path = path
        self.is_busy = False
        self.is_gone = False
        self.is_growing = False
        self.share_read = 1.0
        self.options = options
        self._process, self._asked_options, self._new_name = process, options, new_name
        self._name = name
        self._run = process.run
        self._fingerprint = ""
        self._version = 0
        self._view: tuple[int, ViewSpec] | None = None
        self._is_opening = False
        self._is_closed = False
        self._queue: list[_Call] = []
        self._under_way: list[_Call] = []
        self.info = self._taken(info)
        process.listen(name, self._on_changed)

    # ---- TableSource

    def columns(self, first: int, end: int, done: Done[tuple[Column, ...]], failed: Failed) -> Cancel:
        """As the protocol says."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(tuple(Column(**one) for one in result))

        return self._ask("columns", {"first": first, "end": end}, answered, failed)

    def page(self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed) -> Cancel:
        """As the protocol says."""
        return self._page(view, first, end, columns, done, failed, is_whole=False)

    def whole_page(
        self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed
    ) -> Cancel:
        """As `page`, with long texts whole: for exports."""
        return self._page(view, first, end, columns, done, failed, is_whole=True)

    def _page(
        self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed, *,
        is_whole: bool,
    ) -> Cancel:  # fmt: skip
        wanted = tuple(dict.fromkeys(columns))

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(Page(view, first, result["end"], _cells(wanted, result["layout"], buffers), self._version))

        params = {"view": view, "first": first, "end": end, "columns": wanted, "is_whole": is_whole}
        return self._ask("page", params, answered, failed)

    def view(
        self, view: int, spec: ViewSpec, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        """As the protocol says. Of large files only the first rows of a sort are in order: see `order_fully`."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(_state(result))

        self._view = (view, spec)
        return self._ask("view", _view_params(view, spec), answered, failed, progress, SLOW_LIMIT_S)

    def order_fully(
        self, view: int, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        """Put all rows of a sorted view in their order, in a temporary file. Say the cost (`order_cost`) before."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(_state(result))

        return self._ask("order", {"view": view}, answered, failed, progress, ORDER_LIMIT_S)

    def order_cost(self, view: int, done: Done[OrderCost], failed: Failed) -> Cancel:
        """What `order_fully` would take."""
        return self._ask("cost", {"view": view}, lambda result, _: done(OrderCost(**result)), failed)

    def slice(
        self, row_axis: int, column_axis: int, fixed: Sequence[int], done: Done[TableInfo], failed: Failed
    ) -> Cancel:
        """Not of files: they have two axes."""
        return self._never("Tables of files have rows and columns only.", failed)

    def profile(
        self, view: int, column: int, done: Done[ColumnProfile], failed: Failed, *, is_exact: bool = False,
        bins: int = 20, progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(
                ColumnProfile(
                    result["column"],
                    result["row_count"],
                    result["rows_looked_at"],
                    _counts(result["missing"]),
                    tuple((name, text) for name, text in result["statistics"]),
                    tuple(result["edges"]),
                    tuple(result["counts"]),
                    _counts(result["top"]),
                )
            )

        params = {"view": view, "column": column, "is_exact": is_exact, "bins": bins}
        return self._ask("profile", params, answered, failed, progress, ORDER_LIMIT_S if is_exact else SLOW_LIMIT_S)

    def missing(
        self, view: int, columns: Sequence[int], done: Done[MissingPicture], failed: Failed, *, buckets: int = 200,
        is_exact: bool = False, progress: OnProgress | None = None,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(
                MissingPicture(
                    tuple(result["columns"]),
                    result["buckets"],
                    buffers[0],
                    tuple(result["counts"]),
                    result["row_count"],
                    result["rows_looked_at"],
                    tuple((tuple(together), count) for together, count in result["patterns"]),
                )
            )

        params = {"view": view, "columns": tuple(columns), "buckets": buckets, "is_exact": is_exact}
        return self._ask("missing", params, answered, failed, progress, ORDER_LIMIT_S if is_exact else SLOW_LIMIT_S)

    def values(self, column: int, search: str, limit: int, done: Done[ValueCounts], failed: Failed) -> Cancel:
        """As the protocol says."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(ValueCounts(_counts(result["values"]), result["total"], result["rows_looked_at"]))

        params = {"column": column, "search": search, "limit": limit}
        return self._ask("values", params, answered, failed, None, SLOW_LIMIT_S)

    def find(
        self, view: int, text: str, row: int, column: int, done: Done[FoundCell], failed: Failed, *,
        is_case_sensitive: bool = False, is_regex: bool = False,
    ) -> Cancel:  # fmt: skip
        """As the protocol says."""
        params = {
            "view": view, "text": text, "row": row, "column": column,
            "is_case_sensitive": is_case_sensitive, "is_regex": is_regex,
        }  # fmt: skip
        return self._ask("find", params, lambda result, _: done(FoundCell(**result)), failed, None, SLOW_LIMIT_S)

    def cell(self, view: int, row: int, column: int, done: Done[CellDetail], failed: Failed) -> Cancel:
        """As the protocol says."""

        def answered(result: Any, buffers: list[bytes]) -> None:
            done(CellDetail(**{**result, "code": Code(result.get("code", 0))}))

        return self._ask("cell", {"view": view, "row": row, "column": column}, answered, failed)

    def edit(
        self, view: int, row: int, column: int, text: str, done: Done[CellEdit], failed: Failed, *,
        is_missing: bool = False,
    ) -> Cancel:  # fmt: skip
        """Files are only read."""
        return self._never("Data files are only read here, never changed.", failed)

    def undo(self, token: str, done: Done[CellEdit], failed: Failed) -> Cancel:
        """Files are only read."""
        return self._never("Data files are only read here, never changed.", failed)

    def close(self) -> None:
        """Forget the file."""
        self._is_closed = True
        for call in (*self._queue, *self._under_way):
            self._drop(call)
        self._process.forget(self._name)

    # ---- asking

    def _ask(
        self, method: str, params: Mapping[str, object], answered: Callable[[Any, list[bytes]], None], failed: Failed,
        progress: OnProgress | None = None, limit_s: float = QUICK_LIMIT_S,
    ) -> Cancel:  # fmt: skip
        call = _Call(method, params, answered, failed, progress, limit_s)
        if not self._is_closed:
            self._send(call)
        return lambda: self._drop(call)

    def _send(self, call: _Call) -> None:
        if self._is_opening:
            self._queue.append(call)
        elif self._run != self._process.run or not self._process.is_running:
            self._queue.append(call)
            self._reopen()
        else:
            self._send_now(call)

    def _send_now(self, call: _Call) -> None:
        def answered(result: Any, buffers: list[bytes]) -> None:
            self._under_way.remove(call)
            call.answered(result, buffers)

        self._under_way.append(call)
        params = {**call.params, "table": self._name}
        call.cancel_asked = self._process.ask(
            call.method, params, answered, partial(self._on_refused, call), progress=call.progress,
            limit_s=call.limit_s,
        )  # fmt: skip

    def _on_refused(self, call: _Call, error: TableError) -> None:
        self._under_way.remove(call)
        if isinstance(error, ReaderEndedError) and not error.is_culprit and not call.attempts:
            # Another request may have brought the reader down: this one is asked once more.
            call.attempts += 1
            self._send(call)
            return
        if isinstance(error, FileGoneError):
            self._lose()
        call.failed(error)

    def _drop(self, call: _Call) -> None:
        call.is_cancelled = True
        if call in self._queue:
            self._queue.remove(call)
        if call in self._under_way:
            self._under_way.remove(call)
            call.cancel_asked()

    def _never(self, words: str, failed: Failed) -> Cancel:
        """A refusal comes later too, as every answer does."""
        call = _Call(
            "columns", {"first": 0, "end": 0}, lambda *_: failed(TableError(words)), failed, None, QUICK_LIMIT_S
        )
        self._send(call)
        return lambda: self._drop(call)

    # ---- opening again

    def _reopen(self) -> None:
        """After the process was started anew, or the file became another one."""
        self._is_opening = True
        self._process.forget(self._name)
        self._name = self._new_name()
        self._version += 1
        params = {
            "table": self._name, "path": str(self.path), "options": asdict(self._asked_options),
            "version": self._version,
        }  # fmt: skip
        self._process.listen(self._name, self._on_changed)
        self._process.ask("open", params, self._on_opened, self._on_not_opened, limit_s=SLOW_LIMIT_S)

    def _on_opened(self, result: Any, buffers: list[bytes]) -> None:
        if self._is_closed:
            return
        self._run = self._process.run
        before = self._fingerprint, self.info.row_count, self.is_gone
        self.is_gone = False
        self.info = self._taken(result["info"])
        change = "schema" if before[0] != self._fingerprint else "data"
        if self._view is None:
            self._go_on(change)
            return
        view, spec = self._view
        made = lambda *_: self._go_on(change)  # noqa: E731 - one word for both ends
        self._process.ask("view", {**_view_params(view, spec), "table": self._name}, made, made, limit_s=SLOW_LIMIT_S)

    def _go_on(self, change: str) -> None:
        self._is_opening = False
        waiting, self._queue = self._queue, []
        for call in waiting:
            self._send(call)
        if not self._is_closed:
            self.changed.emit(change)

    def _on_not_opened(self, error: TableError) -> None:
        if self._is_closed:
            return
        self._is_opening = False
        self._run = self._process.run
        waiting, self._queue = self._queue, []
        for call in waiting:
            call.failed(error)
        if isinstance(error, FileGoneError):
            self._lose()

    # ---- what the process tells

    def _on_changed(self, change: str, info: Mapping[str, Any] | None) -> None:
        if change == "gone":
            self._lose()
        elif change == "other":
            if not self._is_opening:
                self._reopen()
        elif info is not None and not self._is_opening:
            before = self._fingerprint
            self.info = self._taken(info)
            self.changed.emit("schema" if before != self._fingerprint else "data")

    def _lose(self) -> None:
        if not self.is_gone:
            self.is_gone = True
            self.changed.emit("gone")

    def _taken(self, told: Mapping[str, Any]) -> TableInfo:
        self._fingerprint = told["fingerprint"]
        self.is_growing = not told["is_whole"]
        self.share_read = told["share"]
        self.options = FileOptions(**told["options"])
        return TableInfo(
            title=told["title"],
            row_count=told["row_count"],
            column_count=told["column_count"],
            type_name=told["type_name"],
            library="file",
            dialects=_DIALECTS.get(self.options.format, ()),
            expression=told["expression"],
            features=frozenset(told["features"]),
            version=self._version,
            note=self._note(told["note"]),
        )

    def _note(self, said: str) -> str:
        if self.is_growing:
            return f"Still reading the file ({self.share_read:.0%}): there will be more rows. {said}".strip()
        return said


def _cells(columns: Sequence[int], layout: Sequence[tuple[str, bool]], buffers: Sequence[bytes]) -> Mapping[int, Cells]:
    found: dict[int, Cells] = {}
    left = iter(buffers)
    for column, (encoding, has_codes) in zip(columns, layout, strict=True):
        codes = next(left) if has_codes else b""
        data = next(left)
        found[column] = Cells(encoding, data, codes, next(left) if encoding == "text" else b"")  # type: ignore[arg-type]  # one of the literals, as our own process says it
    return found


def _state(result: Mapping[str, Any]) -> ViewState:
    problems = tuple(FilterProblem(number, message) for number, message in result["problems"])
    return ViewState(result["view"], result["row_count"], result["ready_rows"], problems)


def _counts(told: Sequence[tuple[str, int, int]]) -> tuple[ValueCount, ...]:
    return tuple(ValueCount(text, count, Code(code)) for text, count, code in told)


def _view_params(view: int, spec: ViewSpec) -> dict[str, object]:
    sort = [(key.column, key.is_descending) for key in spec.sort]
    return {"view": view, "sort": sort, "filter": _group(spec.filter)}


def _group(group: FilterGroup) -> dict[str, object]:
    return {
        "is_all": group.is_all,
        "members": [_group(one) if isinstance(one, FilterGroup) else _filter(one) for one in group.members],
    }


def _filter(one: Filter) -> dict[str, object]:
    return {
        "column": one.column, "operator": one.operator, "values": one.values,
        "is_case_sensitive": one.is_case_sensitive,
    }  # fmt: skip
