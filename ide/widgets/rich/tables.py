"""The tables of a piece of HTML as rows of text: spans filled in, tags dropped. Pure; any thread, linear in its length.

Runs nothing, loads nothing, keeps no address. How pandas, IRkernel and others write data frames is what it is made for.
"""

from __future__ import annotations

import html
import re
from typing import Final

from ide.core.record import dataclass

COLUMNS_LIMIT: Final = 1_000
CELL_LIMIT: Final = 2_000
"""Characters of one cell."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HtmlTable:
    """All rows have equally many columns. The first `labels` columns are row labels. `more_rows` were not read."""

    caption: str
    head: tuple[Row, ...]
    body: tuple[Row, ...]
    labels: int
    more_rows: int = 0

    @property
    def width(self) -> int:
        """Columns."""
        return len((self.head or self.body or ((),))[0])

    def is_numeric(self, column: int) -> bool:
        """Whether a column holds numbers and what stands for missing ones, so that it is set to the right."""
        cells = [cell for row in self.body if (cell := row[column])]
        return any(_NUMBER.match(cell) for cell in cells) and all(
            _NUMBER.match(cell) or cell in MISSING or cell in _GAPS for cell in cells
        )


MISSING: Final = frozenset({"NaN", "nan", "NA", "<NA>", "NaT", "None", "NULL", "null"})
_GAPS = frozenset({"...", "…", "⋮", "⋯"})
_NUMBER = re.compile(r"[-+−]?[$€£]?(\d[\d  ,.'’]*|\.\d+)([eE][-+]?\d+)?\s?[%\w]?\Z|[-+−]?inf\Z|[-+−]?Inf\Z")
# Python's own parser is five times slower, and quadratic on stray brackets.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*+)>")
# Nine tags of ten are those of cells that hold nothing but text.
_CELL = re.compile(r"\s*+<(t[dh])([^<>]*+)>([^<]*+)</t[dh]>", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d{1,5})", re.IGNORECASE)
_SKIPPED = frozenset({"script", "style", "template", "noscript", "svg", "math", "head", "title"})
_BREAKS = frozenset({"br", "p", "div", "li"})


def read_tables(source: str, most_rows: int) -> tuple[tuple[HtmlTable, ...], str]:
    """The outer tables of `source`, up to `most_rows` rows of each, and the text that stands outside of them."""
    reader = _Reader(most_rows)
    parts = source.split("<!--")
    source = "".join((parts[0], *(part.partition("-->")[2] for part in parts[1:])))
    place = 0
    while True:
        while reader.is_in_row and (cell := _CELL.match(source, place)):
            reader.cell(cell[1], cell[2], cell[3])
            place = cell.end()
        if (match := _TAG.search(source, place)) is None:
            break
        if match.start() > place:
            reader.text(source[place : match.start()])
        place = match.end()
        name = match[2].lower()
        if name in _SKIPPED and not match[1]:
            end = source.find(f"</{match[2]}", place)  # written as it was opened: as good as always
            place = len(source) if end < 0 else end
        elif match[1]:
            reader.close(name)
        else:
            reader.open(name, match[3])
    reader.text(source[place:])
    reader.finish()
    return tuple(reader.tables), " ".join("".join(reader.outside).split())


class _Reader:
    """One walk through the tags."""

    def __init__(self, most_rows: int) -> None:
        self.tables: list[HtmlTable] = []
        self.outside: list[str] = []
        self._most_rows = most_rows
        self._depth = 0
        self._forget()

    def _forget(self) -> None:
        self._caption: list[str] = []
        self._head: list[Row] = []
        self._body: list[Row] = []
        self._rows = 0
        self._labels: int | None = None
        self._is_head = False
        self._row: list[str] | None = None
        self._row_has_data = False
        self._row_labels = 0
        self._cell: list[str] | None = None
        self._cell_span = (1, 1)
        self._is_caption = False
        self._below: dict[int, int] = {}

    @property
    def is_in_row(self) -> bool:
        """Whether a row of an outer table is open."""
        return self._depth == 1 and self._row is not None

    def cell(self, name: str, attributes: str, text: str) -> None:
        """A whole cell."""
        self._open_cell(name.lower(), attributes)
        self._cell = [text]
        self._end_cell()

    def open(self, name: str, attributes: str) -> None:
        """A tag begins."""
        if name == "table":
            self._depth += 1
        if self._depth != 1:
            return
        if name == "thead":
            self._is_head = True
        elif name in ("tbody", "tfoot"):
            self._end_row()
            self._is_head = False
        elif name == "caption":
            self._is_caption = True
        elif name == "tr":
            self._end_row()
            self._row = []
        elif name in ("td", "th") and self._row is not None:
            self._open_cell(name, attributes)
        elif name in _BREAKS:
            self.text(" ")

    def close(self, name: str) -> None:
        """A tag ends."""
        if name == "table" and self._depth:
            self._depth -= 1
            if not self._depth:
                self._end_table()
        elif self._depth == 1:
            if name == "caption":
                self._is_caption = False
            elif name in ("td", "th"):
                self._end_cell()
            elif name in ("tr", "thead", "tbody"):
                self._end_row()
                self._is_head = self._is_head and name != "thead"

    def text(self, text: str) -> None:
        """Characters between tags."""
        if not self._depth:
            self.outside.append(html.unescape(text))
        elif self._is_caption:
            self._caption.append(text)
        elif self._cell is not None:
            self._cell.append(text)

    def finish(self) -> None:
        """The text is over; a table that was left open ends here."""
        if self._depth:
            self._end_table()

    def _open_cell(self, name: str, attributes: str) -> None:
        self._end_cell()
        spans = {kind.lower(): int(count) for kind, count in _SPAN.findall(attributes)} if attributes else {}
        self._cell, self._cell_span = [], (max(1, spans.get("row", 1)), max(1, spans.get("col", 1)))
        if name == "td":
            self._row_has_data = True
        elif not self._row_has_data:
            self._row_labels += 1

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        text = _plain("".join(self._cell))
        self._cell = None
        self._skip_covered()
        rows, columns = self._cell_span
        for index in range(min(columns, COLUMNS_LIMIT - len(self._row))):
            if rows > 1:
                self._below[len(self._row)] = rows
            self._row.append(text if not index else "")

    def _skip_covered(self) -> None:
        """Cells of rows above reach down to here."""
        assert self._row is not None
        while self._below.get(len(self._row), 0) > 0 and len(self._row) < COLUMNS_LIMIT:
            self._row_labels += not self._row_has_data
            self._row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._skip_covered()
        row, self._row = tuple(self._row), None
        self._below = {column: left - 1 for column, left in self._below.items() if left > 1}
        is_head = self._is_head or (not self._body and not self._row_has_data and bool(row))
        if not row:
            pass
        elif is_head:
            self._head.append(row)
        else:
            self._rows += 1
            self._labels = self._row_labels if self._labels is None else min(self._labels, self._row_labels)
            if len(self._body) < self._most_rows:
                self._body.append(row)
        self._row_has_data, self._row_labels = False, 0

    def _end_table(self) -> None:
        self._end_row()
        width = max(map(len, (*self._head, *self._body)), default=0)
        if width:
            head, body = (tuple(row + ("",) * (width - len(row)) for row in rows) for rows in (self._head, self._body))
            caption = _plain("".join(self._caption))
            more = self._rows - len(self._body)
            self.tables.append(HtmlTable(caption, head, body, min(self._labels or 0, width), more))
        self._forget()


def _plain(text: str) -> str:
    """Characters for entities, one space between words."""
    text = text[: 4 * CELL_LIMIT]
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())[:CELL_LIMIT]
