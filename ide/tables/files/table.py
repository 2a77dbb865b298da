"""One open file at work: pages, cells, searches; `views.py` and `profiles.py` do the rest. In the reading process."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.table import PAGE_CELLS_MOST, PAGE_ROWS_MOST, Code, ViewSpec
from ide.tables.files.blocks import Blocks, Job, Refused, joined
from ide.tables.files.cells import Encoded, encode, texts, tree
from ide.tables.files.filters import absent
from ide.tables.files.options import FORMAT_NAMES, Limits
from ide.tables.files.views import TOP_ROWS, AllRows, Rows, View, ViewMaker, no_such_view

CELL_MOST: Final = 1_000_000
FIND_S: Final = 1.0
_FEATURES: Final = ("sort", "filter", "profile", "missing", "values", "find")


class Table:
    """An open file. Any thread; a view is made by one at a time."""

    def __init__(self, blocks: Blocks, path: Path, folder: Path, limits: Limits) -> None:
        self.blocks = blocks
        self.path = path
        self.folder = folder
        self.version = 0
        self.maker = ViewMaker(blocks, folder, limits)
        self.limits = limits
        self._plain = View(0, AllRows(blocks), AllRows(blocks))
        self._view: View | None = None
        self._newest = 0
        self._lock = threading.Lock()
        self._prints = (-1, "")
        self._gathered: dict[tuple[int, int, int], pa.Array] = {}

    # ---- what it is

    def info(self) -> dict[str, Any]:
        """The fields of `TableInfo`, the options that were found out, and how far the file was read."""
        blocks = self.blocks
        options = blocks.options
        part = f" · {options.part}" if options.part else ""
        return {
            "title": self.path.name + part,
            "row_count": blocks.row_count,
            "column_count": len(blocks.columns),
            "type_name": FORMAT_NAMES[options.format] if options.format else "",
            "library": "file",
            "expression": str(self.path),
            "features": _FEATURES,
            "version": self.version,
            "note": blocks.note,
            "schema": blocks.schema,
            "fingerprint": self._fingerprint(),
            "share": blocks.share_read,
            "is_whole": blocks.is_whole,
            "options": {
                "format": options.format, "part": options.part, "separator": options.separator,
                "quote": options.quote, "decimal": options.decimal, "encoding": options.encoding,
                "has_header": options.has_header,
            },
        }  # fmt: skip

    def _fingerprint(self) -> str:
        """Another one for other columns."""
        if self._prints[0] != self.blocks.schema:
            words = "\x00".join(f"{one.name}\x01{one.type}\x01{one.kind}\x01{one.label}" for one in self.blocks.columns)
            self._prints = (self.blocks.schema, hashlib.sha256(words.encode("utf-8", "replace")).hexdigest())
        return self._prints[1]

    def columns(self, first: int, end: int) -> list[dict[str, Any]]:
        """The fields of `Column`."""
        return [
            {
                "index": first + place, "name": one.name, "kind": one.kind, "type_name": one.type_name,
                "unit": one.unit, "zone": one.zone, "label": one.label, "level_count": one.level_count,
                "is_ordered": one.is_ordered, "can_sort": one.can_sort,
                "can_filter": True,
            }
            for place, one in enumerate(self.blocks.columns[first:end])
        ]  # fmt: skip

    def close(self) -> None:
        """Forget everything; files of it go with its folder."""
        self.blocks.close()
        with self._lock:
            if self._view is not None:
                self._view.close()

    # ---- views

    def make_view(self, number: int, spec: ViewSpec, job: Job) -> View:
        """The newest one is kept. Raises Refused where a newer one was asked for meanwhile."""
        with self._lock:
            if number <= self._newest:
                raise no_such_view()
            self._newest = number
        view = self.maker.make(number, spec, job)
        with self._lock:
            if number < self._newest:
                view.close()
                raise no_such_view()
            old, self._view = self._view, view
            self._gathered.clear()
        if old is not None:
            old.close()
        return view

    def order_fully(self, number: int, job: Job) -> View:
        """All rows of the newest view in their order."""
        view = self.view(number)
        self.maker.order_fully(view, job)
        self._gathered.clear()
        return view

    def view(self, number: int) -> View:
        """The view of that number: the plain one or the newest."""
        if number == 0:
            return self._plain
        view = self._view
        if view is None or view.number != number:
            raise no_such_view()
        return view

    # ---- cells

    def page(
        self, number: int, first: int, end: int, columns: Sequence[int], *, is_whole: bool = False
    ) -> tuple[int, list[Encoded]]:
        """The end that there is, and a column's cells after the other."""
        if end - first > PAGE_ROWS_MOST or (end - first) * len(columns) > PAGE_CELLS_MOST:
            raise Refused("That is more than a page.")
        shown = self.blocks.columns
        if any(not 0 <= column < len(shown) for column in columns):
            raise Refused("The file has no such column.", kind="out_of_date")
        view = self.view(number)
        end = max(first, min(end, view.rows.count))
        arrays = self._window(view, first, end, columns)
        return end, [
            encode(array, shown[column], is_whole=is_whole) for array, column in zip(arrays, columns, strict=True)
        ]

    def _window(self, view: View, first: int, end: int, columns: Sequence[int]) -> list[pa.Array]:
        """Rows of a sorted view lie all over the file: a thousand are fetched at a time, and kept."""
        if not view.is_sorted or end <= first:
            return self.gather(view.rows.rows(first, end), columns)
        parts = []
        for window in range(first // TOP_ROWS, (end - 1) // TOP_ROWS + 1):
            wanted = [
                column for column in dict.fromkeys(columns) if (view.number, window, column) not in self._gathered
            ]
            if wanted:
                rows = view.rows.rows(window * TOP_ROWS, (window + 1) * TOP_ROWS)
                if len(self._gathered) > 2_000:
                    self._gathered.clear()
                    wanted = list(dict.fromkeys(columns))
                for column, array in zip(wanted, self.gather(rows, wanted), strict=True):
                    self._gathered[(view.number, window, column)] = array
            low, high = max(0, first - window * TOP_ROWS), end - window * TOP_ROWS
            held = [self._gathered[(view.number, window, column)] for column in columns]
            parts.append([array.slice(low, high - low) for array in held])
        return [joined([part[place] for part in parts]) for place in range(len(columns))]

    def gather(self, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        """Cells of any rows, in that order."""
        blocks = self.blocks
        if not len(rows) or not columns:
            return [pa.array([], blocks.columns[column].type) for column in columns]
        if isinstance(rows, range):
            return self._stretch(rows.start, rows.stop, columns)
        order = sorted(range(len(rows)), key=rows.__getitem__)
        found = blocks.take([rows[place] for place in order], columns)
        back = [0] * len(order)
        for place, one in enumerate(order):
            back[one] = place
        places = pa.array(back, pa.int64())
        return [array.take(places) for array in found]

    def _stretch(self, first: int, end: int, columns: Sequence[int]) -> list[pa.Array]:
        blocks = self.blocks
        parts = []
        row = first
        while row < end:
            block = blocks.block_of(row)
            stop = min(end, blocks.starts[block + 1])
            start = blocks.starts[block]
            parts.append([array.slice(row - start, stop - row) for array in blocks.read(block, columns)])
            row = stop
        return [joined([part[place] for part in parts]) for place in range(len(columns))]

    def cell(self, number: int, row: int, column: int) -> dict[str, Any]:
        """The fields of `CellDetail`."""
        rows = self.view(number).rows.rows(row, row + 1)
        if not len(rows) or not 0 <= column < len(self.blocks.columns):
            raise Refused("There is no such cell.", kind="out_of_date")
        shown = self.blocks.columns[column]
        (array,) = self.gather(list(rows), (column,))
        if absent(array)[0].as_py():
            code = shown.missing if not array[0].is_valid else Code.NAN
            return {"text": "", "type_name": shown.type_name, "code": int(code)}
        text = texts(array, shown)[0].as_py()
        detail: dict[str, Any] = {
            "text": text[:CELL_MOST], "type_name": shown.type_name, "length": len(text),
            "is_cut": len(text) > CELL_MOST,
        }  # fmt: skip
        if shown.kind == "nested":
            detail |= {"tree": tree(array) if len(text) <= CELL_MOST else "", "code": int(Code.OBJECT)}
        return detail

    def find(
        self, number: int, text: str, row: int, column: int, job: Job, *, is_case_sensitive: bool, is_regex: bool
    ) -> dict[str, int]:
        """The fields of `FoundCell`: the first cell from there on, row by row."""
        pattern = text if is_regex else re.escape(text)
        try:
            pc.match_substring_regex(pa.array([""]), pattern)
        except pa.ArrowInvalid as error:
            raise Refused(f"“{text}” is no regular expression that can be used here.") from error
        rows = self.view(number).rows
        limit_s = time.monotonic() + FIND_S
        for first, end in _steps(row, rows.count, max(1, min(20_000, 2_000_000 // max(1, len(self.blocks.columns))))):
            found = self._find(rows, first, end, column if first == row else 0, pattern, is_case_sensitive)
            if found is not None:
                return {"row": found[0], "column": found[1]}
            job.check()
            if time.monotonic() > limit_s and end < rows.count:
                return {"row": -1, "next_row": end}
        return {"row": -1}

    def _find(
        self, rows: Rows, first: int, end: int, column: int, pattern: str, is_case_sensitive: bool
    ) -> tuple[int, int] | None:
        shown = self.blocks.columns
        columns = range(len(shown))
        best: tuple[int, int] | None = None
        for index, array in zip(columns, self.gather(rows.rows(first, end), columns), strict=True):
            fits = pc.match_substring_regex(texts(array, shown[index]), pattern, ignore_case=not is_case_sensitive)
            places = pc.indices_nonzero(pc.fill_null(fits, False))
            if index < column and len(places) and places[0].as_py() == 0:
                places = places.slice(1)  # before the place to start from
            if len(places) and (best is None or places[0].as_py() < best[0]):
                best = (places[0].as_py(), index)
        return (first + best[0], best[1]) if best is not None else None


def _steps(first: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    """Short steps at first: what is looked for is often near."""
    size = min(step, 500)
    while first < end:
        yield first, min(end, first + size)
        first += size
        size = step
