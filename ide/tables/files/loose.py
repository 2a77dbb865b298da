"""Formats whose values have types of their own: JSON, spreadsheets, SQLite. Values of Python become columns here.

They can only be read from their beginning, so what was read is kept in blocks (`ConvertedBlocks`).
"""

from __future__ import annotations

import codecs
import datetime
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import python_calamine

from ide.core.record import replace
from ide.tables.files.blocks import COLUMNS_MOST, JSON_MARK, ConvertedBlocks, Refused, column_of
from ide.tables.files.columnar import too_many_columns
from ide.tables.files.delimited import guess_encoding
from ide.tables.files.failures import DAMAGED, OTHER_COPY
from ide.tables.files.options import FileOptions, FilePart
from ide.tables.files.packed import check_zip, unpacked

_EXACT: Final = 1 << 53
_BATCH_CELLS: Final = 400_000
_RECORD_MOST: Final = 64 << 20
_SPACE: Final = re.compile(r"[\s,]*")
_TYPES: Final[dict[frozenset[type], pa.DataType]] = {
    frozenset({bool}): pa.bool_(),
    frozenset({int}): pa.int64(),
    frozenset({float}): pa.float64(),
    frozenset({float, int}): pa.float64(),
    frozenset({str}): pa.string(),
    frozenset({bytes}): pa.binary(),
    frozenset({datetime.date}): pa.date32(),
    frozenset({datetime.datetime}): pa.timestamp("us"),
    frozenset({datetime.date, datetime.datetime}): pa.timestamp("us"),
    frozenset({datetime.time}): pa.time64("us"),
    frozenset({datetime.timedelta}): pa.duration("us"),
}


def array_of(values: Sequence[Any]) -> tuple[pa.Array, bool]:
    """Values as one column, and whether they are nested (then JSON). What has no common type is text."""
    kinds = frozenset({type(value) for value in values} - {type(None)})
    if not kinds:
        return pa.nulls(len(values)), False
    if dict in kinds or list in kinds:
        return pa.array([None if one is None else _json(one) for one in values], pa.string()), True
    found = _TYPES.get(kinds)
    if found is not None and not (len(kinds) == 2 and int in kinds and _is_inexact(values)):
        try:
            return pa.array(_midnights(values) if datetime.datetime in kinds else values, found), False
        except (pa.ArrowInvalid, OverflowError):
            pass  # a whole number of more than 64 bits, a text with half a character
    return pa.array([None if one is None else text_of(one) for one in values], pa.string()), False


def batch_of(names: Sequence[str], arrays: Sequence[tuple[pa.Array, bool]]) -> pa.RecordBatch:
    """Columns as a batch."""
    fields = [
        pa.field(name, array.type, metadata={JSON_MARK: b"1"} if is_json else None)
        for name, (array, is_json) in zip(names, arrays, strict=True)
    ]
    return pa.RecordBatch.from_arrays([array for array, _ in arrays], schema=pa.schema(fields))


def text_of(value: Any) -> str:
    """A value of a column of mixed types, as text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _midnights(values: Sequence[Any]) -> list[Any]:
    """Days among points in time are their midnights."""
    return [
        datetime.datetime(value.year, value.month, value.day) if type(value) is datetime.date else value
        for value in values
    ]


def _is_inexact(values: Sequence[Any]) -> bool:
    return any(type(one) is int and abs(one) > _EXACT for one in values)


# ---- JSON


class JsonBlocks(ConvertedBlocks):
    """Records one after the other, one on each line or in a list."""

    def __init__(self, path: Path, options: FileOptions, packing: str, folder: Path) -> None:
        super().__init__(replace(options, format="json"), folder, ())
        self._file = path
        self._packing = packing
        self._size = max(1, path.stat().st_size)

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Columns are the keys in the order in which they first come."""
        names: dict[str, int] = {}
        held: list[dict[str, Any]] = []
        limit = 500  # the first rows come soon
        with unpacked(self._file, self._packing) as stream:
            source = _JsonText(stream)
            for record in source.records():
                held.append(record)
                if len(held) >= limit:
                    yield _record_batch(held, names), self._share_of(source)
                    held = []
                    limit = max(1_000, min(20_000, _BATCH_CELLS // max(1, len(names))))
            if held:
                yield _record_batch(held, names), 1.0

    def _share_of(self, source: _JsonText) -> float:
        return 0.5 if self._packing else min(1.0, source.read_bytes / self._size)


def _record_batch(records: Sequence[dict[str, Any]], names: dict[str, int]) -> pa.RecordBatch:
    for record in records:
        for name in record:
            names.setdefault(name, len(names))
    if len(names) > COLUMNS_MOST:
        raise too_many_columns(len(names))
    return batch_of(list(names), [array_of([record.get(name) for record in records]) for name in names])


class _JsonText:
    """Cuts a stream of JSON into records without holding more than one that is not whole yet."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._place = 0
        self.read_bytes = 0
        head = stream.read(65_536)
        self.read_bytes += len(head)
        encoding, skip = guess_encoding(head, "")
        self._incremental = codecs.getincrementaldecoder(encoding)("replace")
        self._text = self._incremental.decode(head[skip:])

    def records(self) -> Iterator[dict[str, Any]]:
        """Objects; lists have numbers for names, other values the name `value`."""
        self._skip_space()
        is_list = self._text.startswith("[", self._place)
        if is_list:
            self._place += 1
        while True:
            if not self._skip_space():
                if is_list:
                    raise EOFError
                return
            if is_list and self._text[self._place] == "]":
                return
            value = self._value()
            if not isinstance(value, dict | list) and self._text[self._place : self._place + 1].strip(" \t\r\n,]"):
                raise _no_records()
            if isinstance(value, dict):
                yield value
            elif isinstance(value, list):
                yield {str(place): item for place, item in enumerate(value)}
            else:
                yield {"value": value}

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._text) - 16
                if not is_cut:
                    raise _no_records() from error
                if not self._more():
                    raise EOFError from error
                continue
            # A number at the very end of the text may go on in what was not read yet.
            if end == len(self._text) and isinstance(value, int | float) and self._more():
                continue
            self._place = end
            return value

    def _skip_space(self) -> bool:
        while True:
            found = _SPACE.match(self._text, self._place)
            self._place = found.end() if found is not None else self._place
            if self._place < len(self._text):
                return True
            if not self._more():
                return False

    def _more(self) -> bool:
        left = len(self._text) - self._place
        if left > _RECORD_MOST:
            raise Refused("A record of this file is larger than can be shown.", DAMAGED)
        data = self._stream.read(max(1 << 20, left))
        self.read_bytes += len(data)
        self._text = self._text[self._place :] + self._incremental.decode(data, final=not data)
        self._place = 0
        return bool(data)


def _no_records() -> Refused:
    return Refused("This is not JSON that can be shown as a table.", DAMAGED)


# ---- spreadsheets


def sheet_parts(path: Path) -> list[FilePart]:
    """The sheets of a workbook."""
    return [FilePart(name) for name in _workbook(path).sheet_names]


def _workbook(path: Path) -> python_calamine.CalamineWorkbook:
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    if is_zip:
        check_zip(path)
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError as error:
        raise Refused("The workbook is protected by a password.", "", "Save a copy without one.") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Refused("This is no spreadsheet that can be read.", DAMAGED, OTHER_COPY) from error


class SheetBlocks(ConvertedBlocks):
    """One sheet. Its rows are gone through twice: a type that fits all cells of a column comes first."""

    def __init__(self, path: Path, options: FileOptions, folder: Path) -> None:
        workbook = _workbook(path)
        names = workbook.sheet_names
        if not names:
            raise Refused("The workbook has no sheets.")
        part = options.part or names[0]
        if part not in names:
            raise Refused(f"The workbook has no sheet “{part}”.", f"It has: {', '.join(names[:20])}.")
        try:
            self._sheet = workbook.get_sheet_by_name(part)
        except (python_calamine.CalamineError, ValueError, OSError) as error:
            raise Refused(f"The sheet “{part}” cannot be read.", DAMAGED, OTHER_COPY) from error
        first = next(iter(self._sheet.iter_rows()), [])
        has_header = options.has_header
        if has_header is None:
            has_header = bool(first) and all(isinstance(cell, str) for cell in first) and any(first)
        headings = [text_of(cell) for cell in first] if has_header else [f"column {n + 1}" for n in range(len(first))]
        self._kinds = self._all_kinds(len(first), has_header)
        columns = [
            replace(column_of(name, kind), type_name=f"mixed: {words}" if words else str(kind))
            for name, (kind, words) in zip(headings, self._kinds, strict=True)
        ]
        super().__init__(replace(options, format="sheets", part=part, has_header=has_header), folder, columns)

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Empty cells are missing: a spreadsheet tells them from nothing else."""
        rows = max(500, min(20_000, _BATCH_CELLS // max(1, len(self.columns))))
        names = [column.name for column in self.columns]
        held: list[list[Any]] = []
        total = max(1, self._sheet.height)
        done = 0
        for row in self._rows(bool(self.options.has_header)):
            held.append(row)
            if len(held) >= rows:
                done += len(held)
                yield self._batch(names, held), done / total
                held = []
        if held:
            yield self._batch(names, held), 1.0

    def _batch(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
        arrays = []
        for place, (kind, _) in enumerate(self._kinds):
            values = [row[place] if row[place] != "" else None for row in rows]
            if pa.types.is_string(kind):
                values = [None if value is None else text_of(value) for value in values]
            elif pa.types.is_timestamp(kind):
                values = _midnights(values)
            elif pa.types.is_int64(kind):
                values = [None if value is None else int(value) for value in values]
            arrays.append((pa.array(values, kind), False))
        return batch_of(names, arrays)

    def _rows(self, has_header: bool) -> Iterator[list[Any]]:
        rows = iter(self._sheet.iter_rows())
        if has_header:
            next(rows, None)
        yield from rows

    def _all_kinds(self, width: int, has_header: bool) -> list[tuple[pa.DataType, str]]:
        seen: list[set[type]] = [set() for _ in range(width)]
        for row in self._rows(has_header):
            for kinds, cell in zip(seen, row, strict=False):
                if cell != "":
                    kinds.add(int if type(cell) is float and _is_whole(cell) else type(cell))
        return [_sheet_kind(frozenset(kinds)) for kinds in seen]


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) < _EXACT


def _sheet_kind(kinds: frozenset[type]) -> tuple[pa.DataType, str]:
    if not kinds:
        return pa.string(), ""
    found = _TYPES.get(kinds)
    if found is not None:
        return found, ""
    words = {bool: "boolean", int: "number", float: "number", str: "text"}
    return pa.string(), ", ".join(sorted({words.get(kind, "date or time") for kind in kinds}))


# ---- SQLite


def sqlite_parts(path: Path) -> list[FilePart]:
    """Tables and views."""
    connection = _connect(path)
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " ORDER BY type, name"
        ).fetchall()
    except sqlite3.Error as error:
        raise _no_database() from error
    finally:
        connection.close()
    return [FilePart(name) for (name,) in names]


class SqliteBlocks(ConvertedBlocks):
    """One table, as SQLite gives its rows. Opened for reading only."""

    is_query = True

    def __init__(self, path: Path, options: FileOptions, folder: Path) -> None:
        parts = [part.name for part in sqlite_parts(path)]
        if not parts:
            raise Refused("The database has no tables.")
        part = options.part or parts[0]
        if part not in parts:
            raise Refused(f"The database has no table “{part}”.", f"It has: {', '.join(parts[:20])}.")
        self._file = path
        self._select = 'SELECT * FROM "' + part.replace('"', '""') + '"'
        connection = _connect(path)
        try:
            cursor = connection.execute(self._select + " LIMIT 0")
            columns = [column_of(str(one[0]), pa.null()) for one in cursor.description]
        except sqlite3.Error as error:
            raise _no_database() from error
        finally:
            connection.close()
        super().__init__(replace(options, format="sqlite", part=part), folder, columns)

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """A column holds whatever was put into it: types are those of the values."""
        names = [column.name for column in self.columns]
        rows = max(500, min(20_000, _BATCH_CELLS // max(1, len(names))))
        connection = _connect(self._file)
        connection.set_progress_handler(lambda: int(self._is_closed), 100_000)
        try:
            total = connection.execute(f"SELECT count(*) FROM ({self._select})").fetchone()[0]
            cursor = connection.execute(self._select)
            done = 0
            while found := cursor.fetchmany(rows):
                done += len(found)
                yield batch_of(names, [array_of(column) for column in zip(*found, strict=True)]), done / max(1, total)
        except sqlite3.Error as error:
            raise _no_database() from error
        finally:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise _no_database() from error
    return connection


def _no_database() -> Refused:
    return Refused("The database cannot be read.", DAMAGED, "Perhaps another program has it open: close it there.")
