"""Which rows a view has, in which order: numbers of rows on disk, found by streaming through the file.

A sort of a large table gives the true first rows at once and the whole order only on request, as that takes a file as
large as eight bytes for each row and as long as several readings. Part of the process that reads files.
"""

from __future__ import annotations

import time
from array import array as flat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.table import FilterGroup, SortKey, ViewSpec
from ide.tables.files.blocks import Blocks, FileColumn, Job, Refused
from ide.tables.files.filters import Mask, mask_of, sort_key, text_array
from ide.tables.files.options import Limits

TOP_ROWS: Final = 1_000


class Rows(Protocol):
    """Rows of a view by their place in it."""

    @property
    def count(self) -> int:
        """How many."""

    def rows(self, first: int, end: int) -> Sequence[int]:
        """Numbers of rows of the table."""


class AllRows:
    """The table as it is."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    @property
    def count(self) -> int:
        """As many as are known."""
        return self._blocks.row_count

    def rows(self, first: int, end: int) -> Sequence[int]:
        """Their own places."""
        return range(first, min(end, self.count))


class RowFile:
    """Numbers of rows in a file of 64-bit numbers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._sink = path.open("wb")

    def append(self, numbers: pa.Array) -> None:
        """More of them."""
        if len(numbers):
            self._sink.write(memoryview(numbers.buffers()[1])[8 * numbers.offset : 8 * (numbers.offset + len(numbers))])
            self.count += len(numbers)

    def finish(self) -> None:
        """There are no more."""
        self._sink.close()

    def rows(self, first: int, end: int) -> Sequence[int]:
        """A piece of the file."""
        found = flat("q")
        with self.path.open("rb") as file:
            file.seek(8 * first)
            found.frombytes(file.read(8 * max(0, min(end, self.count) - first)))
        return found

    def close(self) -> None:
        """Remove the file."""
        self._sink.close()
        self.path.unlink(missing_ok=True)


class TopRows:
    """The true first rows, then all others of `base` as they come. `top` holds places in `base`."""

    def __init__(self, base: Rows, top: Sequence[int]) -> None:
        self.base = base
        self.top = list(top)
        self._sorted = sorted(top)
        self.count = base.count

    def rows(self, first: int, end: int) -> Sequence[int]:
        """Rows of the table."""
        end = min(end, self.count)
        places = [*self.top[first:end], *self._others(max(0, first - len(self.top)), end - len(self.top))]
        return [self.base.rows(place, place + 1)[0] for place in places] if places else []

    def _others(self, first: int, end: int) -> Iterator[int]:
        """Places in `base` of the rows after the top ones."""
        skipped = 0
        for number in range(first, end):
            while skipped < len(self._sorted) and self._sorted[skipped] <= number + skipped:
                skipped += 1
            yield number + skipped


class View:
    """One view at work: its rows, how far they are in order, what the whole order would cost."""

    def __init__(self, number: int, rows: Rows, base: Rows, ready_rows: int = -1) -> None:
        self.number, self.rows, self.base, self.ready_rows = number, rows, base, ready_rows
        self.problems: list[tuple[int, str]] = []
        self.sort: tuple[SortKey, ...] = ()
        self.seconds = 0.0
        """What one reading of the sort's columns took."""

    @property
    def is_sorted(self) -> bool:
        """Whether rows that stand together may lie far apart in the file."""
        return bool(self.sort)

    def close(self) -> None:
        """Remove its files."""
        for one in {id(part): part for part in (self.rows, self.base)}.values():
            if isinstance(one, RowFile):
                one.close()


class ViewMaker:
    """Makes views of one table."""

    def __init__(self, blocks: Blocks, folder: Path, limits: Limits) -> None:
        self._blocks = blocks
        self._folder = folder
        self._limits = limits
        self._levels: dict[int, tuple[str, ...]] = {}

    def make(self, number: int, spec: ViewSpec, job: Job) -> View:
        """Filter, then sort: all of it for tables of ordinary size, the first rows of large ones."""
        self._blocks.wait_whole(job)
        base, problems = self._filtered(number, spec.filter, job)
        view = View(number, base, base)
        view.problems = problems
        view.sort = tuple(key for key in spec.sort if self._can_sort(key))
        if view.sort:
            started_s = time.monotonic()
            try:
                self._sort(view, job)
            except BaseException:
                view.close()
                raise
            view.seconds = time.monotonic() - started_s
        return view

    def order_fully(self, view: View, job: Job) -> None:
        """Put all rows of a view into their order, on disk."""
        if view.ready_rows < 0:
            return
        found = RowFile(self._folder / f"order-{view.number}")
        try:
            self._external(view, found, job)
        except BaseException:
            found.close()
            raise
        view.rows, view.ready_rows = found, -1

    def levels(self, column: int, job: Job) -> tuple[str, ...]:
        """Levels of a category in their order: as they come in the file's own lists of levels."""
        if column not in self._levels:
            found: dict[str, None] = {}
            for _, (array,) in self._blocks.scan((column,), job, "Looking at the levels"):
                known = array.dictionary if pa.types.is_dictionary(array.type) else pc.unique(text_array(array))
                found.update(dict.fromkeys(level for level in known.to_pylist() if level is not None))
            self._levels[column] = tuple(found)
        return self._levels[column]

    def parts(self, base: Rows, columns: Sequence[int], job: Job, step: str) -> Iterator[list[pa.Array]]:
        """These columns of the rows of `base`, in the order of the file."""
        for _, arrays in self._placed(base, columns, job, step):
            yield arrays

    # ---- filters

    def _filtered(self, number: int, group: FilterGroup, job: Job) -> tuple[Rows, list[tuple[int, str]]]:
        columns = self._blocks.columns
        mask, needed, problems = mask_of(group, columns, lambda column: self.levels(column, job))
        if mask is None:
            return AllRows(self._blocks), problems
        found = RowFile(self._folder / f"rows-{number}")
        try:
            for first, arrays in self._blocks.scan(needed, job, "Filtering"):
                found.append(_fitting(mask, dict(zip(needed, arrays, strict=True)), first))
        except BaseException:
            found.close()
            raise
        found.finish()
        return found, problems

    # ---- sorts

    def _can_sort(self, key: SortKey) -> bool:
        return 0 <= key.column < len(self._blocks.columns) and self._blocks.columns[key.column].can_sort

    def _sort(self, view: View, job: Job) -> None:
        if view.base.count > self._limits.ordered_at_once:
            top = self._top(view, job)
            view.rows, view.ready_rows = TopRows(view.base, top), min(TOP_ROWS, view.base.count)
            return
        table = pa.concat_tables([pa.table(part) for part in self._keys(view, job)] or [self._no_keys(view)])
        places = pc.take(table.column("place"), _order(table, view.sort)).combine_chunks()
        found = RowFile(self._folder / f"order-{view.number}")
        found.append(_row_numbers(view.base, places))
        found.finish()
        view.rows = found

    def _no_keys(self, view: View) -> pa.Table:
        names = [f"key{place}" for place in range(len(view.sort))]
        return pa.table({**{name: pa.array([], pa.int64()) for name in names}, "place": pa.array([], pa.int64())})

    def _top(self, view: View, job: Job) -> list[int]:
        """Places in the base of the first rows: no more than those, and one block, are in memory."""
        best: pa.Table | None = None
        for part in self._keys(view, job):
            table = pa.table(part)
            if best is not None and best.num_rows == TOP_ROWS:
                table = _promising(table, best.column("key0")[-1], view.sort[0].is_descending)
                table = pa.concat_tables([best, table])
            elif best is not None:
                table = pa.concat_tables([best, table])
            best = table.take(_order(table, view.sort).slice(0, TOP_ROWS)).combine_chunks()
        return [] if best is None else [int(place) for place in best.column("place").to_pylist()]

    def _external(self, view: View, found: RowFile, job: Job) -> None:
        """By DuckDB, which sorts on disk what does not fit into memory."""
        from ide.tables.files.tight import arrow_reader, connect_duckdb

        parts = self._keys(view, job)
        first = next(parts, None)
        if first is None:
            found.finish()
            return
        schema = pa.table(first).schema

        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.record_batch(list(first.values()), schema=schema)
            for part in parts:
                yield pa.record_batch(list(part.values()), schema=schema)

        order = ", ".join(
            f"key{place} {'DESC' if key.is_descending else 'ASC'} NULLS LAST" for place, key in enumerate(view.sort)
        )
        with connect_duckdb(memory_bytes=self._limits.memory_bytes, folder=self._folder) as connection:
            connection.register("keys", pa.RecordBatchReader.from_batches(schema, batches()))
            for batch in arrow_reader(connection, f"SELECT place FROM keys ORDER BY {order}, place"):
                job.progress("Writing the order", found.count, view.base.count)
                found.append(_row_numbers(view.base, batch.column(0)))
        found.finish()

    def _keys(self, view: View, job: Job) -> Iterator[dict[str, pa.Array]]:
        """What is sorted by, and the place in the base, block by block."""
        wanted = [key.column for key in view.sort]
        columns: list[FileColumn] = [self._blocks.columns[column] for column in wanted]
        for column in dict.fromkeys(wanted):
            if self._blocks.columns[column].kind == "category":
                self.levels(column, job)
        for first, arrays in self._placed(view.base, wanted, job, "Sorting"):
            keys = [
                sort_key(array, column, self._levels.get(number, ()))
                for array, column, number in zip(arrays, columns, wanted, strict=True)
            ]
            named = {f"key{place}": key for place, key in enumerate(keys)}
            yield {**named, "place": _counting(first, len(arrays[0]))}

    def _placed(self, base: Rows, columns: Sequence[int], job: Job, step: str) -> Iterator[tuple[int, list[pa.Array]]]:
        """Parts of a base in the order of the file, with the place of the first row in the base."""
        done = 0
        cursor = _Cursor(base) if isinstance(base, RowFile) else None
        for first, arrays in self._blocks.scan(columns, job, step):
            if cursor is not None:
                places = cursor.until(first, first + len(arrays[0]))
                if not len(places):
                    continue
                arrays = [array.take(places) for array in arrays]
            if len(arrays[0]):
                yield done, arrays
                done += len(arrays[0])


class _Cursor:
    """Goes through ascending numbers of rows block by block."""

    def __init__(self, base: RowFile) -> None:
        self._base = base
        self._place = 0

    def until(self, first: int, end: int) -> pa.Array:
        """Those from `first` to `end`, counted from `first`."""
        found = self._base.rows(self._place, self._place + end - first)
        numbers = pa.Array.from_buffers(pa.int64(), len(found), [None, pa.py_buffer(found)])
        inside = pc.sum(pc.less(numbers, end)).as_py() or 0
        self._place += inside
        return pc.subtract(numbers.slice(0, inside), first)


def _fitting(mask: Mask, arrays: dict[int, pa.Array], first: int) -> pa.Array:
    places = pc.indices_nonzero(mask(arrays)).cast(pa.int64())
    return pc.add(places, first)


def _order(table: pa.Table, sort: Sequence[SortKey]) -> pa.Array:
    keys = [(f"key{place}", "descending" if key.is_descending else "ascending") for place, key in enumerate(sort)]
    return pc.sort_indices(table, sort_keys=[*keys, ("place", "ascending")])  # nulls come last of themselves


def _promising(table: pa.Table, worst: pa.Scalar, is_descending: bool) -> pa.Table:
    """Rows that can still be among the first ones."""
    if not worst.is_valid:
        return table
    compare = pc.greater_equal if is_descending else pc.less_equal
    return table.filter(compare(table.column("key0"), worst))


def _row_numbers(base: Rows, places: pa.Array) -> pa.Array:
    """Rows of the table for places in the base."""
    if not isinstance(base, RowFile):
        return places
    if not base.count:
        return places.slice(0, 0)
    with pa.memory_map(str(base.path)) as mapped:
        return pa.Array.from_buffers(pa.int64(), base.count, [None, mapped.read_buffer()]).take(places)


def _counting(first: int, count: int) -> pa.Array:
    numbers = flat("q", range(first, first + count))
    return pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)])


def no_such_view() -> Refused:
    """The caller asks for a view that a newer one took the place of."""
    return Refused("The table is sorted or filtered in another way by now.", kind="out_of_date")
