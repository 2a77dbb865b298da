"""Writes the rows of a view to a file: CSV, TSV, Parquet, XLSX, JSON lines. From any table source, page by page.

Owns the order of asking and sending; the file is written by the process that reads data files. UI thread, no Qt.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, Protocol, runtime_checkable

from ide.core.ports import Cancel
from ide.core.record import dataclass, replace
from ide.core.table import (
    PAGE_CELLS_MOST,
    PAGE_ROWS_MOST,
    CellDetail,
    Cells,
    Code,
    Column,
    Done,
    Failed,
    OnProgress,
    Page,
    Progress,
    TableError,
    TableSource,
)
from ide.tables.files.process import SLOW_LIMIT_S, FileProcess, ReaderEndedError

ExportFormat = Literal["csv", "tsv", "parquet", "xlsx", "jsonl"]
FORMATS: Final[Mapping[str, ExportFormat]] = {
    ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
"""What the name of the target says."""
_CELLS_UNDER_WAY: Final = 8


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write. `guards_formulas`: texts that a spreadsheet would take for a formula get an apostrophe in front
    (CSV and TSV; in the other formats they are text anyway). `separator` is for CSV."""

    format: ExportFormat
    replaces: bool = False
    guards_formulas: bool = False
    has_header: bool = True
    separator: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written. `formula_count`: texts that a spreadsheet would take for a formula; with `is_guarded` they have
    an apostrophe in front now. `notes` are sentences on what the format could not hold."""

    path: Path
    row_count: int
    size_bytes: int
    formula_count: int = 0
    is_guarded: bool = False
    notes: tuple[str, ...] = ()


@runtime_checkable
class WholePages(Protocol):
    """A source that can give long texts whole, so that not each has to be asked for."""

    def whole_page(
        self, view: int, first: int, end: int, columns: Sequence[int], done: Done[Page], failed: Failed
    ) -> Cancel:
        """As `TableSource.page`, without cutting anything."""


def export(
    source: TableSource, view: int, row_count: int, columns: Sequence[Column], target: Path, options: ExportOptions,
    process: FileProcess, done: Done[ExportResult], failed: Failed, progress: OnProgress | None = None,
) -> Cancel:  # fmt: skip
    """Write `row_count` rows of a view. The file has its name only when it is whole; cancelled or failed, nothing is
    left. `columns` in the order wanted, row labels (negative indexes) among them."""
    work = _Export(source, view, row_count, columns, target.absolute(), options, process, done, failed, progress)
    work.begin()
    return work.cancel


class _Export:
    """One export at work."""

    def __init__(
        self, source: TableSource, view: int, row_count: int, columns: Sequence[Column], target: Path,
        options: ExportOptions, process: FileProcess, done: Done[ExportResult], failed: Failed,
        progress: OnProgress | None,
    ) -> None:  # fmt: skip
        self._source, self._view, self._row_count = source, view, row_count
        self._columns, self._target, self._options = tuple(columns), target, options
        self._process, self._done, self._failed, self._progress = process, done, failed, progress
        self._run = -1
        """Of the process that has the file; another one knows nothing of it."""
        self._name = f"export-{secrets.token_hex(6)}"
        self._temporary: Path | None = None
        self._first = 0
        self._rows_most = max(1, min(PAGE_ROWS_MOST, PAGE_CELLS_MOST // max(1, len(columns))))
        self._is_over = False
        self._under_way: Cancel = _nothing
        self._long_texts = 0

    def begin(self) -> None:
        """Refuse what cannot be, then have the file made."""
        self._process.listen(self._name, lambda change, info: None)  # it must not end while a kernel is busy
        form = "csv" if self._options.format == "tsv" else self._options.format
        params = {
            "export": self._name,
            "target": str(self._target),
            "format": form,
            "headings": [_heading(column) for column in self._columns],
            "how": {
                "replaces": self._options.replaces,
                "guards": self._options.guards_formulas,
                "has_header": self._options.has_header,
                "separator": "\t" if self._options.format == "tsv" else self._options.separator,
                "sheet": self._options.sheet,
                "rows": self._row_count,
            },
        }
        self._process.ask("export.begin", params, self._on_begun, self._fail, limit_s=SLOW_LIMIT_S)

    def cancel(self) -> None:
        """Stop; nothing is left."""
        if not self._is_over:
            self._under_way()
            self._drop()

    # ---- one band of rows after the other

    def _on_begun(self, result: Any, buffers: list[bytes]) -> None:
        self._run = self._process.run
        self._temporary = Path(result["temporary"])
        if self._is_over:
            self._drop_file()
            return
        self._next()

    def _next(self) -> None:
        if self._is_over:
            return
        if self._progress is not None:
            self._progress(Progress("Writing", self._first, self._row_count))
        if self._first >= self._row_count:
            self._end()
            return
        end = min(self._first + self._rows_most, self._row_count)
        _Band(self._source, self._view, self._first, end, self._columns, self._on_band, self._fail, self._hold)

    def _hold(self, cancel: Cancel) -> None:
        self._under_way = cancel

    def _on_band(self, end: int, cells: Sequence[Cells], cut: int) -> None:
        if self._is_over:
            return
        if end <= self._first:
            self._fail(TableError("The table became shorter while it was exported.", "", "Try again."))
            return
        if not self._is_same_process():
            return
        self._long_texts += cut
        layout = [(one.encoding, bool(one.codes)) for one in cells]
        buffers = [part for one in cells for part in _parts(one)]
        params = {"export": self._name, "rows": end - self._first, "layout": layout}
        self._process.ask(
            "export.rows", params, partial(self._on_written, end), self._fail, buffers=buffers, limit_s=SLOW_LIMIT_S
        )

    def _on_written(self, end: int, result: Any, buffers: list[bytes]) -> None:
        self._first = end
        self._next()

    def _is_same_process(self) -> bool:
        if self._process.is_running and self._process.run == self._run:
            return True
        self._fail(ReaderEndedError("The process ended."))
        return False

    def _end(self) -> None:
        if not self._is_same_process():
            return
        self._process.ask("export.end", {"export": self._name}, self._on_ended, self._fail, limit_s=SLOW_LIMIT_S)

    def _on_ended(self, result: Any, buffers: list[bytes]) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._process.forget(self._name)
        notes = list(result["notes"])
        if self._long_texts:
            notes.append(f"{self._long_texts:,} texts were cut after 1,000,000 characters.")
        is_text = self._options.format in ("csv", "tsv")
        self._done(
            ExportResult(
                self._target,
                result["rows"],
                result["size_bytes"],
                result["risky"],
                is_text and self._options.guards_formulas and result["risky"] > 0,
                tuple(notes),
            )
        )

    # ---- when it does not come to an end

    def _fail(self, error: TableError) -> None:
        if self._is_over:
            return
        if isinstance(error, ReaderEndedError):
            error = TableError(
                "The program that writes the file ended.", "Nothing was written.", "Try again, perhaps with fewer rows."
            )
        self._drop()
        self._failed(error)

    def _drop(self) -> None:
        self._is_over = True
        self._drop_file()
        self._process.forget(self._name)

    def _drop_file(self) -> None:
        temporary = self._temporary
        if temporary is None:
            return  # being made: `_on_begun` comes here again
        if self._process.is_running and self._process.run == self._run:
            self._process.ask("export.drop", {"export": self._name}, lambda *_: None, lambda _: _remove(temporary))
        else:
            _remove(temporary)


class _Band:
    """Some rows in full: pages for groups of columns, then the texts that came cut, each by itself."""

    def __init__(
        self, source: TableSource, view: int, first: int, end: int, columns: Sequence[Column], done: _BandDone,
        failed: Failed, hold: _Hold,
    ) -> None:  # fmt: skip
        self._source, self._view, self._first, self._end = source, view, first, end
        self._indexes = [column.index for column in columns]
        self._done, self._failed = done, failed
        self._found: dict[int, Cells] = {}
        self._groups = list(_groups(list(dict.fromkeys(self._indexes)), max(1, PAGE_CELLS_MOST // (end - first))))
        self._wanted: deque[tuple[int, int]] = deque()
        self._texts: dict[int, dict[int, CellDetail]] = {}
        self._asked = 0
        self._is_over = False
        self._cancels: list[Cancel] = []
        hold(self.cancel)
        self._fetch()

    def cancel(self) -> None:
        """Ask for nothing more."""
        self._is_over = True
        for cancel in self._cancels:
            cancel()

    def _fetch(self) -> None:
        if not self._groups:
            self._look_for_cut()
            return
        group = self._groups.pop(0)
        page = self._source.whole_page if isinstance(self._source, WholePages) else self._source.page
        self._cancels.append(page(self._view, self._first, self._end, group, self._on_page, self._fail))

    def _on_page(self, page: Page) -> None:
        self._end = min(self._end, page.end)
        self._found.update(page.cells)
        self._fetch()

    def _look_for_cut(self) -> None:
        if self._end > self._first and not isinstance(self._source, WholePages):
            for index, cells in self._found.items():
                # A described value (an object's text, a list's) may be shortened too, without saying so.
                self._wanted.extend(
                    (row, index) for row, code in enumerate(cells.codes) if code in (Code.CUT, Code.OBJECT)
                )
        self._ask_cells()

    def _ask_cells(self) -> None:
        while self._wanted and self._asked < _CELLS_UNDER_WAY and not self._is_over:
            row, index = self._wanted.popleft()
            self._asked += 1
            self._source.cell(self._view, self._first + row, index, partial(self._on_cell, row, index), self._fail)
        if not self._wanted and not self._asked and not self._is_over:
            self._is_over = True
            self._tell()

    def _on_cell(self, row: int, index: int, detail: CellDetail) -> None:
        self._asked -= 1
        self._texts.setdefault(index, {})[row] = detail
        self._ask_cells()

    def _tell(self) -> None:
        for index, details in self._texts.items():
            self._found[index] = _with_texts(self._found[index], details)
        cut = sum(detail.is_cut for details in self._texts.values() for detail in details.values())
        self._done(self._end, [self._found[index] for index in self._indexes], cut)

    def _fail(self, error: TableError) -> None:
        if not self._is_over:
            self._is_over = True
            self._failed(error)


class _BandDone(Protocol):
    def __call__(self, end: int, cells: Sequence[Cells], cut: int, /) -> None: ...


class _Hold(Protocol):
    def __call__(self, cancel: Cancel, /) -> None: ...


def _with_texts(cells: Cells, details: Mapping[int, CellDetail]) -> Cells:
    """The same column with some of its texts whole."""
    texts: list[bytes] = []
    codes = bytearray(cells.codes)
    for row in range(len(cells.ends) // 4):
        detail = details.get(row)
        if detail is None:
            texts.append(_text(cells, row))
            continue
        texts.append((detail.tree or detail.text).encode("utf-8", "replace"))
        if codes[row] == Code.CUT:
            codes[row] = Code.VALUE
    ends = bytearray()
    size = 0
    for text in texts:
        size += len(text)
        ends += size.to_bytes(4, "little")
    return replace(cells, data=b"".join(texts), codes=bytes(codes), ends=bytes(ends))


def _text(cells: Cells, row: int) -> bytes:
    first = int.from_bytes(cells.ends[4 * row - 4 : 4 * row], "little") if row else 0
    return cells.data[first : int.from_bytes(cells.ends[4 * row : 4 * row + 4], "little")]


def _parts(cells: Cells) -> list[bytes]:
    """The buffers of a column in the order in which they travel."""
    return [part for part in (cells.codes,) if part] + [cells.data] + ([cells.ends] if cells.encoding == "text" else [])


def _groups(indexes: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for first in range(0, len(indexes), size):
        yield indexes[first : first + size]


def _heading(column: Column) -> dict[str, str]:
    return {
        "name": column.name, "kind": column.kind, "type_name": column.type_name, "unit": column.unit,
        "zone": column.zone, "label": column.label,
    }  # fmt: skip


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _nothing() -> None:
    return None
