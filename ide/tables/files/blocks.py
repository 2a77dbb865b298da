"""Rows of a file in blocks: what formats give and what pages, views and profiles are made from.

Owns the protocol of a block reader, the waiting for a file that is still being read, the store of converted blocks and
the types that columns come to have. Part of the process that reads files.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.record import dataclass
from ide.core.table import Code, ColumnKind
from ide.tables.files.options import FileOptions

BLOCK_ROWS: Final = 65_536
COLUMNS_MOST: Final = 100_000
CACHE_BYTES: Final = 64_000_000
JSON_MARK: Final = b"json"
"""Key in the metadata of a field whose texts are nested values."""
_WAIT_S: Final = 0.1


class Refused(Exception):
    """Why something cannot be done, in words for the user. `kind`: refused, cancelled, out_of_date, memory, gone."""

    def __init__(self, happened: str, meaning: str = "", advice: str = "", kind: str = "refused") -> None:
        super().__init__(happened)
        self.happened, self.meaning, self.advice, self.kind = happened, meaning, advice, kind


class Job:
    """One request at work: whether it was given up, and how far it has come. Called in the thread that works on it."""

    def __init__(self, report: Callable[[str, int, int], None] | None = None) -> None:
        self._is_cancelled = threading.Event()
        self._report = report

    def cancel(self) -> None:
        """Give it up; from any thread."""
        self._is_cancelled.set()

    def check(self) -> None:
        """Raise where it was given up."""
        if self._is_cancelled.is_set():
            raise Refused("It was given up.", kind="cancelled")

    def hello(self, step: str, size_bytes: int) -> None:
        """Say that work begins, on a file of this size."""
        if self._report is not None:
            self._report(step, 0, size_bytes)

    def progress(self, step: str, done: int, total: int) -> None:
        """Say how far it has come, and look whether it was given up."""
        self.check()
        if self._report is not None:
            self._report(step, done, total)


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column as it is shown. `type` is what arrays of it have; `missing` what its nulls are called."""

    name: str
    type: pa.DataType
    kind: ColumnKind
    type_name: str
    missing: Code = Code.NULL
    label: str = ""
    unit: str = ""
    zone: str = ""
    level_count: int = 0
    is_ordered: bool = False

    @property
    def can_sort(self) -> bool:
        """Whether there is an order of its values."""
        return self.kind not in ("nested", "binary", "object")


def column_of(
    name: str, arrow_type: pa.DataType, missing: Code = Code.NULL, label: str = "", *, is_json: bool = False
) -> FileColumn:
    """How a column of that Arrow type is shown. `is_json`: its texts are nested values."""
    if is_json:
        return FileColumn(name, pa.string(), "nested", "json", missing, label)
    kind, unit, zone = _kind(arrow_type)
    is_ordered = pa.types.is_dictionary(arrow_type) and bool(arrow_type.ordered)
    return FileColumn(name, arrow_type, kind, str(arrow_type), missing, label, unit, zone, is_ordered=is_ordered)


def _kind(arrow_type: pa.DataType) -> tuple[ColumnKind, str, str]:
    types = pa.types
    if types.is_boolean(arrow_type):
        return "boolean", "", ""
    if types.is_integer(arrow_type) or types.is_floating(arrow_type) or types.is_decimal(arrow_type):
        return "number", "", ""
    if types.is_string(arrow_type) or types.is_large_string(arrow_type) or types.is_string_view(arrow_type):
        return "text", "", ""
    if types.is_timestamp(arrow_type):
        return "timestamp", arrow_type.unit, arrow_type.tz or ""
    if types.is_date(arrow_type):
        return "date", "", ""
    if types.is_time(arrow_type):
        return "time", arrow_type.unit, ""
    if types.is_duration(arrow_type):
        return "duration", arrow_type.unit, ""
    if types.is_dictionary(arrow_type):
        inner = _kind(arrow_type.value_type)
        return ("category", "", "") if inner[0] == "text" else inner
    if types.is_run_end_encoded(arrow_type):
        return _kind(arrow_type.value_type)
    if isinstance(arrow_type, pa.BaseExtensionType):
        return _kind(arrow_type.storage_type)
    if types.is_nested(arrow_type):
        return "nested", "", ""
    if _is_binary(arrow_type):
        return "binary", "", ""
    return "object", "", ""


def _is_binary(arrow_type: pa.DataType) -> bool:
    types = pa.types
    checks = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
    return any(check(arrow_type) for check in checks)


def plain(array: pa.Array) -> pa.Array:
    """The array without wrappings that only save space: extension types, runs, dictionaries of other than text."""
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_dictionary(array.type) and _kind(array.type.value_type)[0] != "text":
        array = array.dictionary_decode()
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    return array


def one_array(chunks: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A chunked array as one."""
    if isinstance(chunks, pa.Array):
        return chunks
    if chunks.num_chunks == 1:
        return chunks.chunk(0)
    if chunks.num_chunks == 0:
        return pa.nulls(0, chunks.type) if not pa.types.is_dictionary(chunks.type) else pa.array([], chunks.type)
    if pa.types.is_dictionary(chunks.type):
        chunks = chunks.unify_dictionaries()
    joined = chunks.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)


def joined(parts: Sequence[pa.Array]) -> pa.Array:
    """Arrays one after the other."""
    if len(parts) == 1:
        return parts[0]
    if pa.types.is_dictionary(parts[0].type):
        return one_array(pa.chunked_array(parts))
    return pa.concat_arrays(parts)


# ---- types that grow wider as more of a file is seen


def wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds both exactly; text where there is no other."""
    types = pa.types
    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if types.is_integer(one) and types.is_integer(other):
        return pa.int64() if pa.uint64() not in (one, other) else pa.string()
    if {one, other} <= {pa.int64(), pa.int32(), pa.int16(), pa.int8(), pa.float32(), pa.float64()}:
        return pa.float64()
    moments = (types.is_date, types.is_timestamp)
    if all(any(check(kind) for check in moments) for kind in (one, other)):
        stamps = [kind for kind in (one, other) if types.is_timestamp(kind)]
        zones = {kind.tz for kind in stamps} | ({None} if len(stamps) < 2 else set())
        if len(zones) == 1:
            return max(stamps, key=lambda kind: ("s", "ms", "us", "ns").index(kind.unit))
    return pa.string()


def as_type(array: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """The array in a wider type. Whole numbers that a float cannot hold: ArrowInvalid."""
    if array.type == arrow_type:
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), arrow_type)
    if pa.types.is_string(arrow_type) and pa.types.is_dictionary(array.type):
        return array.dictionary_decode().cast(arrow_type)
    return array.cast(arrow_type)


# ---- readers


class Blocks:
    """A table of a file in blocks of rows. `read` may be called by several threads at once."""

    def __init__(self, options: FileOptions) -> None:
        self.options = options
        self.columns: list[FileColumn] = []
        self.starts: list[int] = [0]
        """First row of each block, and at last the number of rows known so far."""
        self.note = ""
        self.schema = 0
        """Grows when a column was found to be of another type than thought."""
        self._cache = _Cache(CACHE_BYTES)

    @property
    def row_count(self) -> int:
        """Rows known so far."""
        return self.starts[-1]

    @property
    def block_count(self) -> int:
        """Blocks known so far."""
        return len(self.starts) - 1

    @property
    def is_whole(self) -> bool:
        """Whether all rows are known."""
        return True

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return 1.0

    def wait_whole(self, job: Job) -> None:
        """Come back when all rows are known."""

    def close(self) -> None:
        """Forget everything."""

    def load(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """Read these columns of a block from the file. For formats to fill in."""
        raise NotImplementedError

    def load_rows(self, block: int, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        """A few rows of a block, counted within it. Formats that can do so cheaper than by the whole block do."""
        places = pa.array(rows, pa.int64())
        return [array.take(places) for array in self.read(block, columns)]

    def take(self, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        """Any rows, in ascending order."""
        parts: list[list[pa.Array]] = []
        place = 0
        while place < len(rows):
            block = self.block_of(rows[place])
            stop = bisect_left(rows, self.starts[block + 1], place)
            parts.append(self.load_rows(block, [row - self.starts[block] for row in rows[place:stop]], columns))
            place = stop
        return [joined([part[column] for part in parts]) for column in range(len(columns))]

    def read(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """These columns of a block, of the types that the columns have now."""
        schema = self.schema
        found = {column: self._cache.get((schema, block, column)) for column in columns}
        absent = [column for column, array in found.items() if array is None]
        if absent:
            for column, array in zip(absent, self.load(block, absent), strict=True):
                found[column] = array
                self._cache.put((schema, block, column), array)
        return [found[column] for column in columns]

    def scan(self, columns: Sequence[int], job: Job, step: str = "") -> Iterator[tuple[int, list[pa.Array]]]:
        """All rows in order: the first row of each part, and the arrays. Tells `job` how far it has come."""
        for block in range(self.block_count):
            job.progress(step, self.starts[block], self.row_count)
            yield self.starts[block], self.load(block, columns)

    def block_of(self, row: int) -> int:
        """Where a row is."""
        return bisect_right(self.starts, row) - 1


class Growing(Blocks):
    """A reader whose blocks are found one after the other, by a thread of its own."""

    is_query = False
    """Whether the rows are computed, so that even the first ones may take long."""

    def __init__(self, options: FileOptions) -> None:
        super().__init__(options)
        self.failure: Refused | None = None
        self._news = threading.Condition()
        self._is_whole = False
        self._is_closed = False
        self._share = 0.0
        self._thread: threading.Thread | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the thread has come to the end."""
        return self._is_whole

    @property
    def share_read(self) -> float:
        """How much of the file was read."""
        return 1.0 if self._is_whole else self._share

    def produce(self) -> Iterator[float]:
        """Find one block after the other (`add`); yields the share that was read. For formats to fill in."""
        raise NotImplementedError

    def begin(self, told: Callable[[], None]) -> None:
        """Start to read. `told` is called in the thread, after each block and at the end."""
        self._thread = threading.Thread(target=self._run, args=(told,), name="grow", daemon=True)
        self._thread.start()

    def add(self, rows: int) -> None:
        """Another block is there."""
        with self._news:
            self.starts.append(self.starts[-1] + rows)
            self._news.notify_all()

    def wait(self, seconds: float) -> None:
        """Until all is there or the time is over. Raises the failure where not even a first row came."""
        with self._news:
            self._news.wait_for(lambda: self._is_whole, seconds)
        if self.failure is not None and not self.row_count:
            raise self.failure

    def wait_first(self, job: Job) -> None:
        """Until the first block is there."""
        while not self._is_whole and not self.row_count:
            if self.is_query:
                job.progress("Waiting for the first rows", 1, 0)  # a view of a database may take its time
            job.check()
            with self._news:
                self._news.wait_for(lambda: self._is_whole or self.row_count > 0, _WAIT_S)
        if self.failure is not None and not self.row_count:
            raise self.failure

    def wait_whole(self, job: Job) -> None:
        """Until all is there."""
        while not self._is_whole:
            job.progress("Reading the file", int(self._share * 1000), 1000)
            with self._news:
                self._news.wait_for(lambda: self._is_whole, _WAIT_S)

    def close(self) -> None:
        """Stop reading."""
        self._is_closed = True

    def _run(self, told: Callable[[], None]) -> None:
        from ide.tables.files.failures import said

        try:
            for share in self.produce():
                self._share = share
                if self._is_closed:
                    return
                told()
        except Exception as error:  # noqa: BLE001 - told to the user in words, whatever a library raised
            self.failure = said(error)
            self.note = f"Only the first {self.row_count:,} rows could be read. {self.failure.happened}"
        finally:
            with self._news:
                self._is_whole = True
                self._news.notify_all()
            told()


class ConvertedBlocks(Growing):
    """A format that can only be read from its beginning: blocks are kept in a file of Arrow messages as they come."""

    def __init__(self, options: FileOptions, folder: Path, columns: Sequence[FileColumn]) -> None:
        super().__init__(options)
        self.columns = list(columns)
        self._path = folder / "blocks.arrow"
        self._places: list[tuple[int, int]] = []

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Rows, at most some `BLOCK_ROWS` at a time, and the share that was read. For formats to fill in."""
        raise NotImplementedError

    def produce(self) -> Iterator[float]:
        """Keep every batch."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("wb") as sink:
            for batch, share in self.batches():
                for first in range(0, batch.num_rows, BLOCK_ROWS):
                    part = batch.slice(first, BLOCK_ROWS)
                    self._widen(part)
                    self._keep(sink, part)
                    yield share

    def load(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """As it was kept, in the types of now."""
        first, size = self._places[block]
        with pa.OSFile(str(self._path)) as file:
            file.seek(first)
            data = file.read_buffer(size)
        batch = pa.ipc.open_stream(data).read_next_batch()
        rows = batch.num_rows
        return [
            as_type(batch.column(one), self.columns[one].type)
            if one < batch.num_columns
            else pa.nulls(rows, self.columns[one].type)
            for one in columns
        ]

    def _keep(self, sink: Any, batch: pa.RecordBatch) -> None:
        first = sink.tell()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        sink.flush()
        self._places.append((first, sink.tell() - first))
        self.add(batch.num_rows)

    def _widen(self, batch: pa.RecordBatch) -> None:
        """Columns are at least as wide as what comes now; new ones are added at the end."""
        for place, field in enumerate(batch.schema):
            is_json = JSON_MARK in (field.metadata or {})
            if place >= len(self.columns):
                missing = self.columns[0].missing if self.columns else Code.NULL
                self.columns.append(column_of(field.name, field.type, missing, is_json=is_json))
                self.schema += 1
                continue
            column = self.columns[place]
            kind = wider(column.type, field.type)
            if kind == pa.float64() and not self._fits_float(place, batch.column(place)):
                kind = pa.string()
            is_new_json = is_json and column.kind != "nested"
            if kind != column.type or is_new_json:
                is_json = is_json or (column.kind == "nested" and pa.types.is_string(column.type))
                self.columns[place] = column_of(column.name, kind, column.missing, column.label, is_json=is_json)
                self.schema += 1

    def _fits_float(self, place: int, array: pa.Array) -> bool:
        """Whether all whole numbers so far, and these, are exact as floats."""
        try:
            array.cast(pa.float64())
            if pa.types.is_integer(self.columns[place].type):
                for block in range(self.block_count):
                    self.load(block, (place,))[0].cast(pa.float64())
        except pa.ArrowInvalid:
            return False
        return True


class _Cache:
    """Arrays that were read last, up to a number of bytes. Any thread."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[int, int, int], pa.Array] = OrderedDict()
        self._size_bytes = 0

    def get(self, key: tuple[int, int, int]) -> pa.Array | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: tuple[int, int, int], array: pa.Array) -> None:
        size = array.nbytes
        if size > self._limit_bytes // 4:
            return
        with self._lock:
            if key in self._held:
                return
            self._held[key] = array
            self._size_bytes += size
            while self._size_bytes > self._limit_bytes:
                self._size_bytes -= self._held.popitem(last=False)[1].nbytes
