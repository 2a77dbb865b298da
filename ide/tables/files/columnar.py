"""Parquet and Arrow files: read by row groups and record batches, a few columns at a time. Never loaded whole."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ide.core.table import Code
from ide.tables.files.blocks import (
    BLOCK_ROWS,
    COLUMNS_MOST,
    Blocks,
    ConvertedBlocks,
    FileColumn,
    Job,
    Refused,
    column_of,
    joined,
    one_array,
)
from ide.tables.files.options import FileOptions

_NEAR_BLOCKS: Final = 2
"""So many blocks on either side are kept with the one that is asked for."""


def file_columns(schema: pa.Schema, missing: Code = Code.NULL) -> list[FileColumn]:
    """How the fields of a schema are shown."""
    if len(schema) > COLUMNS_MOST:
        raise too_many_columns(len(schema))
    return [column_of(field.name, field.type, missing, _label(field)) for field in schema]


def too_many_columns(count: int) -> Refused:
    """More than anybody could look at; mostly a file that was taken for what it is not."""
    return Refused(
        f"The file seems to have {count:,} columns.",
        f"At most {COLUMNS_MOST:,} can be shown. Perhaps it is of another format, or its separator is another.",
    )


def _label(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"label", b""), "utf-8", "replace")


class ParquetBlocks(Blocks):
    """Blocks are pieces of row groups. The file is opened for each read: nobody is kept from replacing it."""

    def __init__(self, path: Path, options: FileOptions) -> None:
        super().__init__(options)
        self._path = str(path)
        file = pq.ParquetFile(self._path)
        self._metadata = file.metadata
        schema = file.schema_arrow
        file.close()
        self.columns = file_columns(schema)
        self._names = schema.names
        self._is_unique = len(set(schema.names)) == len(schema.names)
        self._pieces: list[tuple[int, int, int]] = []
        """Of each block: its row group, its first row within that, its rows."""
        self._groups: list[tuple[int, int]] = []
        """First row and end of each row group."""
        for group in range(self._metadata.num_row_groups):
            rows = self._metadata.row_group(group).num_rows
            self._groups.append((self.row_count, self.row_count + rows))
            for first in range(0, rows, BLOCK_ROWS):
                count = min(BLOCK_ROWS, rows - first)
                self._pieces.append((group, first, count))
                self.starts.append(self.starts[-1] + count)

    def load(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """A row group is decoded from its beginning, so the blocks around this one are kept too."""
        group = self._pieces[block][0]
        near = [
            other
            for other in range(max(0, block - _NEAR_BLOCKS), min(len(self._pieces), block + _NEAR_BLOCKS + 1))
            if self._pieces[other][0] == group
        ]
        first = self._pieces[near[0]][1]
        end = self._pieces[near[-1]][1] + self._pieces[near[-1]][2]
        tables = [part for _, part in self._stretch(group, first, end, columns)]
        table = pa.Table.from_batches(tables)
        found: list[pa.Array] = []
        for other in near:
            _, start, rows = self._pieces[other]
            arrays = [one_array(column.slice(start - first, rows)) for column in self._picked(table, columns)]
            for column, array in zip(columns, arrays, strict=True):
                self._cache.put((self.schema, other, column), array)
            if other == block:
                found = arrays
        return found

    def take(self, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        """Where rows lie all over a row group, it is gone through once."""
        parts: list[list[pa.Array]] = []
        place = 0
        while place < len(rows):
            group = self._pieces[self.block_of(rows[place])][0]
            first, end = self._groups[group]
            stop = bisect_left(rows, end, place)
            inside = [row - first for row in rows[place:stop]]
            if inside[-1] - inside[0] <= BLOCK_ROWS * _NEAR_BLOCKS:
                parts.append(super().take(rows[place:stop], columns))
            else:
                parts.append(self._taken(group, inside, columns))
            place = stop
        return [joined([part[column] for part in parts]) for column in range(len(columns))]

    def _taken(self, group: int, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        parts: list[list[pa.Array]] = []
        for start, batch in self._stretch(group, rows[0], rows[-1] + 1, columns):
            inside = rows[bisect_left(rows, start) : bisect_left(rows, start + batch.num_rows)]
            if inside:
                places = pa.array([row - start for row in inside], pa.int64())
                parts.append([array.take(places) for array in self._picked(batch, columns)])
        return [joined([part[column] for part in parts]) for column in range(len(columns))]

    def _stretch(
        self, group: int, first: int, end: int, columns: Sequence[int]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Rows `first` to `end` of a row group, in batches, each with its first row."""
        row = 0
        with self._open() as file:
            for batch in file.iter_batches(BLOCK_ROWS, row_groups=[group], columns=self._wanted(columns)):
                start, stop = max(0, first - row), min(batch.num_rows, end - row)
                if start < stop:
                    yield row + start, batch.slice(start, stop - start)
                row += batch.num_rows
                if row >= end:
                    return

    def scan(self, columns: Sequence[int], job: Job, step: str = "") -> Iterator[tuple[int, list[pa.Array]]]:
        """Once through the file, whatever the size of its row groups."""
        row = 0
        with self._open() as file:
            for batch in file.iter_batches(BLOCK_ROWS, columns=self._wanted(columns)):
                job.progress(step, row, self.row_count)
                yield row, self._picked(batch, columns)
                row += batch.num_rows

    def _open(self) -> Any:
        return pq.ParquetFile(self._path, metadata=self._metadata, pre_buffer=False)

    def _wanted(self, columns: Sequence[int]) -> list[str] | None:
        """Names of columns; all where names repeat."""
        return [self._names[column] for column in columns] if self._is_unique else None

    def _picked(self, table: pa.Table | pa.RecordBatch, columns: Sequence[int]) -> list[pa.Array]:
        if not self._is_unique:
            return [table.column(column) for column in columns]
        place = {name: index for index, name in enumerate(table.schema.names)}
        return [table.column(place[self._names[column]]) for column in columns]


class ArrowBlocks(Blocks):
    """The file form of Arrow: blocks are pieces of record batches of a mapped file."""

    def __init__(self, path: Path, options: FileOptions) -> None:
        super().__init__(options)
        self._path = str(path)
        with _mapped(self._path) as mapped, pa.ipc.open_file(mapped) as reader:
            self.columns = file_columns(reader.schema)
            batches = reader.num_record_batches
        self._pieces: list[tuple[int, int, int]] = []
        with _mapped(self._path) as mapped, self._reader(mapped, (0,)) as reader:
            for place in range(batches):
                rows = reader.get_batch(place).num_rows
                for first in range(0, rows, BLOCK_ROWS):
                    self._pieces.append((place, first, min(BLOCK_ROWS, rows - first)))
                    self.starts.append(self.starts[-1] + self._pieces[-1][2])

    def load(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """Checked before anybody looks into it: offsets of a damaged file can point anywhere."""
        place, first, rows = self._pieces[block]
        with _mapped(self._path) as mapped, self._reader(mapped, columns) as reader:
            batch = reader.get_batch(place)
            ordered = sorted(set(columns))
            arrays = [batch.column(ordered.index(column)).slice(first, rows) for column in columns]
            for array in arrays:
                array.validate(full=True)
            return arrays

    def _reader(self, mapped: Any, columns: Sequence[int]) -> Any:
        fields = sorted(set(columns)) if self.columns else None
        return pa.ipc.open_file(mapped, options=pa.ipc.IpcReadOptions(included_fields=fields))


class ArrowStreamBlocks(ConvertedBlocks):
    """The stream form of Arrow has no table of contents, so it is copied while it is read."""

    def __init__(self, path: Path, options: FileOptions, folder: Path) -> None:
        self._source = str(path)
        self._size = max(1, path.stat().st_size)
        with pa.OSFile(self._source) as file, pa.ipc.open_stream(file) as reader:
            columns = file_columns(reader.schema)
        super().__init__(options, folder, columns)

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """As they come."""
        with pa.OSFile(self._source) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                batch.validate(full=True)
                yield batch, file.tell() / self._size


def arrow_blocks(path: Path, options: FileOptions, folder: Path) -> Blocks:
    """The reader for whichever form it is."""
    with path.open("rb") as file:
        magic = file.read(6)
    if magic == b"ARROW1":
        return ArrowBlocks(path, options)
    if magic.startswith(b"FEA1"):
        raise Refused(
            "This is a Feather file of the first version, which is read no more.",
            "",
            "Write it again with a newer version of the program that made it.",
        )
    return ArrowStreamBlocks(path, options, folder)


def _mapped(path: str) -> Any:
    """Windows lets nobody replace a file that is mapped, so there it is read."""
    return pa.OSFile(path) if sys.platform == "win32" else pa.memory_map(path)
