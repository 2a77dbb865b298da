"""A selection of cells as text for the clipboard: TSV, CSV, Markdown, literals of R and Python.

Owns the forms and how a selection is read: page by page, at most so many cells, one page under way. The source is only
asked; nothing is kept. UI thread; a large page is written in parts, so that the window stays quick.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from ide.core.ports import After, Cancel
from ide.core.record import dataclass
from ide.core.table import (
    PAGE_CELLS_MOST,
    PAGE_ROWS_MOST,
    Cells,
    Code,
    Column,
    OnProgress,
    Page,
    Progress,
    TableError,
    TableSource,
)
from ide.tables.cell_text import full

Form = Literal["tsv", "csv", "markdown", "r", "python"]
FORM_NAMES: Final[Mapping[Form, str]] = {
    "tsv": "Text with tabs", "csv": "CSV", "markdown": "Markdown table", "r": "R code", "python": "Python code",
}  # fmt: skip
CELLS_MOST: Final = 1_000_000
# Cells that are written in one go; about 20 ms.
_CELLS_AT_ONCE: Final = 5_000
_PAGE_CELLS: Final = 20_000
_COLUMNS_MOST: Final = 500
_NAME_IN_R: Final = re.compile(r"(?:[A-Za-z]|\.(?!\d))[\w.]*", re.ASCII)
_MISSING_IN_R: Final = {Code.NAN: "NaN", Code.NULL: "NA"}
_R_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_R_WHOLE_MOST: Final = 2**31
_R_EXACT_MOST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Copied:
    """The text, and whether it holds all: `rows` of `rows_wanted` rows were taken, `cut` cells are only a beginning."""

    text: str
    rows: int
    rows_wanted: int
    columns: int
    cut: int = 0

    @property
    def note(self) -> str:
        """What the user must know; empty where nothing is left out."""
        parts = []
        if self.rows < self.rows_wanted:
            parts.append(
                f"Only the first {self.rows:,} of {self.rows_wanted:,} rows were copied: the clipboard takes at most "
                f"{CELLS_MOST:,} cells. Export the table to have all of it."
            )
        if self.cut:
            parts.append(f"{self.cut:,} long texts were copied only as far as the table shows them.")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Request:
    """What to copy: rows of the view (ranges in order, ends exclusive) and columns in the order to write them (row
    labels by negative indexes)."""

    view: int
    rows: Sequence[range]
    columns: Sequence[Column]
    form: Form = "tsv"
    has_headings: bool = True


def copy(
    source: TableSource,
    request: Request,
    after: After,
    done: Callable[[Copied], None],
    failed: Callable[[TableError], None],
    progress: OnProgress | None = None,
) -> Cancel:
    """Read the cells and give their text to `done`, or an error to `failed`; neither once cancelled."""
    copying = _Copying(source, request, after, done, failed, progress)
    copying.start()
    return copying.cancel


def rows_within_limit(rows: Sequence[range], column_count: int) -> tuple[range, ...]:
    """The first of the rows, as many as may be copied."""
    left = CELLS_MOST // max(1, column_count)
    kept: list[range] = []
    for part in rows:
        taken = range(part.start, min(part.stop, part.start + left))
        left -= len(taken)
        kept.extend((taken,) if taken else ())
    return tuple(kept)


class _Copying:
    """One copy on its way. Rows come in blocks; the columns of a block may take several pages."""

    def __init__(
        self,
        source: TableSource,
        request: Request,
        after: After,
        done: Callable[[Copied], None],
        failed: Callable[[TableError], None],
        progress: OnProgress | None,
    ) -> None:
        self._source, self._request, self._after = source, request, after
        self._done, self._failed, self._progress = done, failed, progress
        self._rows = rows_within_limit(request.rows, len(request.columns))
        self._row_count = sum(map(len, self._rows))
        self._table = _WRITERS[request.form](request.columns, request.has_headings)
        self._blocks = self._all_blocks()
        self._cells: dict[int, Cells] = {}
        self._read = self._cut = 0
        self._under_way: Cancel | None = None
        self._is_over = False

    def start(self) -> None:
        """Always answers later, also where there is nothing to read."""
        self._under_way = self._after(0.0, self._next_block)

    def cancel(self) -> None:
        """Nothing is called any more."""
        self._is_over = True
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way()

    def _all_blocks(self) -> Iterator[range]:
        height = max(1, min(PAGE_ROWS_MOST, _PAGE_CELLS // max(1, min(len(self._request.columns), _COLUMNS_MOST))))
        for part in self._rows:
            for first in range(part.start, part.stop, height):
                yield range(first, min(first + height, part.stop))

    def _next_block(self) -> None:
        if self._is_over:
            return
        rows = next(self._blocks, None)
        if rows is None or not self._request.columns:
            self._finish()
            return
        self._cells = {}
        self._ask(rows, 0)

    def _ask(self, rows: range, first: int) -> None:
        """One page of the block: some of its columns."""
        columns = [column.index for column in self._request.columns][first : first + _COLUMNS_MOST]
        assert len(rows) * len(columns) <= PAGE_CELLS_MOST

        def arrived(page: Page) -> None:
            if self._is_over:
                return
            self._cells.update(page.cells)
            end = first + _COLUMNS_MOST
            if end < len(self._request.columns):
                self._ask(rows, end)
            else:
                self._write(rows, page, 0)

        def failed(error: TableError) -> None:
            if not self._is_over:
                self.cancel()
                self._failed(error)

        request = self._request
        self._under_way = self._source.page(request.view, rows.start, rows.stop, columns, arrived, failed)

    def _write(self, rows: range, page: Page, first: int) -> None:
        """Some rows of the block, then the others in a later turn of the loop."""
        if self._is_over:
            return
        here = min(len(rows), page.end - rows.start)
        end = min(here, first + max(1, _CELLS_AT_ONCE // len(self._request.columns)))
        columns = self._request.columns
        for row in range(first, end):
            self._table.add([self._cell(column, row) for column in columns])
        self._read += end - first
        if self._progress is not None:
            self._progress(Progress("copy", self._read, self._row_count))
        if end < here:
            self._under_way = self._after(0.0, lambda: self._write(rows, page, end))
        else:
            self._under_way = self._after(0.0, self._next_block)

    def _cell(self, column: Column, row: int) -> _Cell:
        cells = self._cells[column.index]
        code = cells.code(row)
        self._cut += code is Code.CUT
        return _Cell(full(cells, row, column), code)

    def _finish(self) -> None:
        self._is_over = True
        wanted = sum(map(len, self._request.rows))
        columns = self._request.columns
        self._done(Copied(self._table.text(), self._read, wanted, len(columns), self._cut))


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    code: Code


# ---- forms -----------------------------------------------------------------------------------------------------------


class _Table:
    """Takes rows one by one and makes the text at the end."""

    def __init__(self, columns: Sequence[Column], has_headings: bool) -> None:
        self.columns, self.has_headings = columns, has_headings

    def add(self, row: Sequence[_Cell]) -> None:
        """One more row."""
        raise NotImplementedError

    def text(self) -> str:
        """All of it."""
        raise NotImplementedError


class _Lines(_Table):
    """One line for each row. What holds a separator, a quotation mark or a line break is quoted, as spreadsheets read
    it. Missing cells are empty, and so empty text is quoted."""

    separator = "\t"
    quotes_empty = False

    def __init__(self, columns: Sequence[Column], has_headings: bool) -> None:
        super().__init__(columns, has_headings)
        self._out = io.StringIO()
        self._needs_quotes = re.compile(f'[{self.separator}"\\r\\n]')
        if has_headings:
            self._put([self.quoted(column.name) for column in columns])

    def add(self, row: Sequence[_Cell]) -> None:
        self._put(["" if cell.code.is_missing else self.quoted(cell.text) for cell in row])

    def quoted(self, text: str) -> str:
        if self._needs_quotes.search(text) or (not text and self.quotes_empty):
            return '"' + text.replace('"', '""') + '"'
        return text

    def _put(self, texts: Sequence[str]) -> None:
        self._out.write(self.separator.join(texts) + "\n")

    def text(self) -> str:
        return self._out.getvalue()


class _Tabs(_Lines):
    """A single cell is copied as it is, without quotation marks and line end."""

    def __init__(self, columns: Sequence[Column], has_headings: bool) -> None:
        super().__init__(columns, has_headings)
        self._only: str | None = None
        self._rows = 0

    def add(self, row: Sequence[_Cell]) -> None:
        self._rows += 1
        self._only = None if row[0].code.is_missing else row[0].text
        super().add(row)

    def text(self) -> str:
        if self._rows == 1 and len(self.columns) == 1 and not self.has_headings:
            return self._only or ""
        return super().text()


class _Commas(_Lines):
    separator = ","
    quotes_empty = True


class _Markdown(_Table):
    """Numbers to the right. Missing values are words in italics, as in the grid."""

    def __init__(self, columns: Sequence[Column], has_headings: bool) -> None:
        super().__init__(columns, has_headings)
        self._rows: list[str] = []

    def add(self, row: Sequence[_Cell]) -> None:
        words = (f"*{cell.text}*" if cell.code.is_missing else _markdown(cell.text) for cell in row)
        self._rows.append(f"| {' | '.join(words)} |")

    def text(self) -> str:
        names = (_markdown(column.name) if self.has_headings else "" for column in self.columns)
        marks = ("---:" if column.kind in ("number", "duration") else "---" for column in self.columns)
        head = [f"| {' | '.join(names)} |", f"|{'|'.join(marks)}|"]
        return "\n".join([*head, *self._rows]) + "\n"


def _markdown(text: str) -> str:
    escaped = re.sub(r"([\\|*_`<\[\]])", r"\\\1", text)
    return escaped.replace("\r\n", "<br>").replace("\n", "<br>").replace("\r", "<br>")


class _Literal(_Table):
    """Columns of literals."""

    def __init__(self, columns: Sequence[Column], has_headings: bool) -> None:
        super().__init__(columns, has_headings)
        self.values: list[list[_Cell]] = [[] for _ in columns]

    def add(self, row: Sequence[_Cell]) -> None:
        for place, cell in enumerate(row):
            self.values[place].append(cell)


class _R(_Literal):
    """`data.frame(...)` of vectors; one column without a heading is a vector."""

    def text(self) -> str:
        vectors = [_r_vector(cells, column) for cells, column in zip(self.values, self.columns, strict=True)]
        if not self.has_headings and len(vectors) == 1:
            return vectors[0] + "\n"
        names = [column.name if self.has_headings else f"V{place + 1}" for place, column in enumerate(self.columns)]
        fields = [f"  {_r_name(name)} = {vector}" for name, vector in zip(names, vectors, strict=True)]
        return "data.frame(\n" + ",\n".join([*fields, "  check.names = FALSE"]) + "\n)\n"


def _r_name(name: str) -> str:
    if _NAME_IN_R.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`" if name else "` `"


def _r_vector(cells: Sequence[_Cell], column: Column) -> str:
    kind = column.kind
    if not cells:
        return {"number": "numeric()", "boolean": "logical()"}.get(kind, "character()")
    if kind == "number":
        return _r_numbers(cells)
    if kind == "boolean":
        return f"c({', '.join('NA' if cell.code.is_missing else cell.text.upper() for cell in cells)})"
    if kind == "duration" and all(cell.code.is_missing or _is_decimal(cell.text) for cell in cells):
        return f'as.difftime(c({", ".join("NA" if c.code.is_missing else c.text for c in cells)}), units = "secs")'
    words = ", ".join("NA" if cell.code.is_missing else _r_text(cell.text) for cell in cells)
    if kind in ("date", "timestamp") and any(cell.text.lower() in ("inf", "-inf") for cell in cells):
        return f"c({words})"  # no text is an infinite date to R
    if kind == "date":
        return f"as.Date(c({words}))"
    if kind == "category":
        return f"factor(c({words}))"
    if kind == "timestamp" and not column.zone:
        clocks = ", ".join("NA" if c.code.is_missing else _r_text(c.text.replace("T", " ")) for c in cells)
        return f'as.POSIXct(c({clocks}), tz = "UTC")'
    return f"c({words})" if any(not cell.code.is_missing for cell in cells) else f"rep(NA_character_, {len(cells)})"


def _r_numbers(cells: Sequence[_Cell]) -> str:
    """Numbers as doubles, or integers where all are small whole ones; those that a double cannot hold are text."""
    present = [cell.text for cell in cells if not cell.code.is_missing]
    is_whole = all(re.fullmatch(r"-?\d+", text) for text in present)
    if is_whole and any(abs(int(text)) > _R_EXACT_MOST for text in present):
        return f"c({', '.join('NA' if cell.code.is_missing else _r_text(cell.text) for cell in cells)})"
    suffix = "L" if is_whole and present and all(abs(int(text)) < _R_WHOLE_MOST for text in present) else ""
    words = [
        _MISSING_IN_R.get(cell.code, "NA") if cell.code.is_missing else _r_number(cell.text) + suffix for cell in cells
    ]
    return f"c({', '.join(words)})" if present else f"rep(NA_real_, {len(words)})"


def _r_number(text: str) -> str:
    return text.replace("inf", "Inf")


def _r_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\ufffd")  # R has no NUL
    return '"' + _R_CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped) + '"'


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


class _Python(_Literal):
    """A list of dicts; a list of lists without headings, or where a name is there twice (the names come first then);
    one column without a heading is a list."""

    def text(self) -> str:
        columns = [
            [_python(cell, column) for cell in cells] for cells, column in zip(self.values, self.columns, strict=True)
        ]
        if not self.has_headings and len(columns) == 1:
            return f"[{', '.join(columns[0])}]\n"
        names = [repr(column.name) for column in self.columns]
        has_keys = self.has_headings and len(set(names)) == len(names)
        rows = [f"    [{', '.join(names)}],\n"] if self.has_headings and not has_keys else []
        for values in zip(*columns, strict=True):
            if has_keys:
                pairs = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
                rows.append(f"    {{{pairs}}},\n")
            else:
                rows.append(f"    [{', '.join(values)}],\n")
        return f"[\n{''.join(rows)}]\n"


def _python(cell: _Cell, column: Column) -> str:
    """Numbers at full precision; times as ISO text, which every library reads."""
    if cell.code.is_missing:
        return 'float("nan")' if cell.code is Code.NAN else "None"
    if column.kind == "boolean":
        return cell.text.capitalize()
    if column.kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell.text):
        return cell.text
    if column.kind == "number" and cell.text in ("inf", "-inf"):
        return f'float("{cell.text}")'
    return repr(cell.text)


_WRITERS: Final[Mapping[Form, type[_Table]]] = {
    "tsv": _Tabs, "csv": _Commas, "markdown": _Markdown, "r": _R, "python": _Python,
}  # fmt: skip
