"""Writes exported rows to CSV, Parquet, XLSX and JSON lines. Part of the process that reads files.

Rows arrive as the cells that travel (`ide/core/table.py`), whatever table they come from, so that this is written once.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter

from ide.core.record import dataclass, field
from ide.core.table import Code
from ide.tables.files.blocks import Refused
from ide.tables.files.cells import decode, texts, whole_numbers

SHEET_ROWS_MOST: Final = 1_048_576
SHEET_COLUMNS_MOST: Final = 16_384
SHEET_TEXT_MOST: Final = 32_767
_EXACT: Final = 1 << 53
_RISKY: Final = r"^[=+\-@\t\r]"
_GROUP_ROWS: Final = 65_536
_GROUP_BYTES: Final = 64_000_000
_DECIMAL: Final = re.compile(r"decimal(?:128|256)?\((\d+), ?(-?\d+)\)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_UNITS: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as it is written. `type_name` is the library's own word."""

    name: str
    kind: str
    type_name: str = ""
    unit: str = ""
    zone: str = ""
    label: str = ""


@dataclass(slots=True)
class Notes:
    """What the user should know of the result."""

    risky: int = 0
    """Texts that a spreadsheet would take for a formula."""
    counts: Counter[str] = field(default_factory=Counter)


class Writer(Protocol):
    """One file being written."""

    def write(self, arrays: Sequence[pa.Array], codes: Sequence[bytes]) -> None:
        """Some rows, column after column, with the codes of their cells."""

    def finish(self) -> None:
        """The last row was written."""

    def close(self) -> None:
        """Let go of the file, finished or not."""


class Export:
    """A file written under a name beside its own, which it gets at the end."""

    def __init__(self, target: Path, format_name: str, headings: Sequence[Heading], how: Mapping[str, Any]) -> None:
        self._target = target
        self._is_replacing = bool(how.get("replaces"))
        self._headings = headings
        if not self._is_replacing and target.exists():
            raise _is_there(target)
        if target.is_dir():
            raise Refused(f"“{target.name}” is a folder.", "", "Choose another name.")
        self.temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        self.notes = Notes()
        self.rows = 0
        makers: dict[str, Callable[..., Writer]] = {
            "csv": CsvWriter,
            "parquet": ParquetWriter,
            "xlsx": XlsxWriter,
            "jsonl": JsonWriter,
        }
        try:
            self._writer = makers[format_name](self.temporary, headings, how, self.notes)
        except BaseException:
            self.temporary.unlink(missing_ok=True)
            raise

    def write(self, rows: int, layout: Sequence[tuple[str, bool]], buffers: Sequence[bytes]) -> None:
        """Some rows as they travel: of each column its encoding and whether it has codes."""
        arrays, codes = [], []
        left = iter(buffers)
        for heading, (encoding, has_codes) in zip(self._headings, layout, strict=True):
            marks = next(left) if has_codes else b""
            data = next(left)
            ends = next(left) if encoding == "text" else b""
            arrays.append(typed(decode(encoding, data, marks, ends, rows), heading))
            codes.append(marks)
        self._writer.write(arrays, codes)
        self.rows += rows

    def finish(self) -> dict[str, Any]:
        """Give the file its name."""
        self._writer.finish()
        self._writer.close()
        _sync(self.temporary)
        if self._is_replacing:
            self.temporary.replace(self._target)
        else:
            _name(self.temporary, self._target)
        return {
            "rows": self.rows,
            "size_bytes": self._target.stat().st_size,
            "risky": self.notes.risky,
            "notes": [f"{count:,} {words}" for words, count in self.notes.counts.items() if count],
        }

    def drop(self) -> None:
        """Leave nothing."""
        try:
            self._writer.close()
        finally:
            self.temporary.unlink(missing_ok=True)


def _name(temporary: Path, target: Path) -> None:
    """Where a link can be made, nobody's file is written over even if it came meanwhile."""
    try:
        os.link(temporary, target)
    except FileExistsError as error:
        raise _is_there(target) from error
    except OSError:
        if target.exists():
            raise _is_there(target) from None
        temporary.replace(target)
    else:
        temporary.unlink()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _is_there(target: Path) -> Refused:
    return Refused(f"“{target.name}” is there already.", "It was left as it is.", "Choose another name, or replace it.")


def typed(array: pa.Array, heading: Heading) -> pa.Array:
    """What the encoding carries, as what it means."""
    kind = heading.kind
    if kind == "number" and pa.types.is_string(array.type):
        return _decimals(array, heading.type_name)
    if kind == "date":
        return _floored(array).cast(pa.int32()).cast(pa.date32())
    if kind in ("timestamp", "time", "duration"):
        return _moments(array, heading)
    return array


def _decimals(array: pa.Array, type_name: str) -> pa.Array:
    found = _DECIMAL.search(type_name)
    if found:
        precision, scale = int(found[1]), int(found[2])
        try:
            return array.cast(pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return array
    return array


def _moments(array: pa.Array, heading: Heading) -> pa.Array:
    unit = heading.unit or "s"
    if pa.types.is_floating(array.type):
        # Seconds of R: to microseconds, which is what its own numbers can tell apart.
        array = _floored(pc.add(pc.multiply(array, 1e6 / _UNITS[unit]), 0.5))
        unit = "us"
    array = array.cast(pa.int64())
    if heading.kind == "timestamp":
        return array.cast(pa.timestamp(unit, heading.zone or None))
    if heading.kind == "duration":
        return array.cast(pa.duration(unit))
    return array.cast(pa.int32()).cast(pa.time32(unit)) if unit in ("s", "ms") else array.cast(pa.time64(unit))


def _floored(array: pa.Array) -> pa.Array:
    if not pa.types.is_floating(array.type):
        return array
    clean = pc.if_else(pc.is_finite(array), array, pa.scalar(None, array.type))
    return pc.floor(clean).cast(pa.int64())


def unique_names(headings: Sequence[Heading], notes: Notes) -> list[str]:
    """Names that do not repeat, for formats where they are keys."""
    found: dict[str, None] = {}
    for heading in headings:
        name, number = heading.name, 2
        while name in found:
            name, number = f"{heading.name}_{number}", number + 1
        notes.counts["columns got other names, as names repeat."] += name != heading.name
        found[name] = None
    return list(found)


def _seconds(array: pa.Array) -> list[str | None]:
    from ide.tables.files.blocks import column_of

    found: list[str | None] = texts(array, column_of("", array.type)).to_pylist()
    return found


# ---- CSV


class CsvWriter:
    """Delimited text in UTF-8: text in quotation marks, a missing value as nothing, so that "" stays another thing."""

    def __init__(self, path: Path, headings: Sequence[Heading], how: Mapping[str, Any], notes: Notes) -> None:
        self._separator = str(how.get("separator") or ",")
        self._is_guarded = bool(how.get("guards"))
        self._headings = headings
        self._notes = notes
        self._file = path.open("xb")
        if how.get("has_header", True):
            names = [self._guarded_name(heading.name) for heading in headings]
            sink = io.StringIO()
            csv.writer(sink, delimiter=self._separator, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerow(names)
            self._file.write(sink.getvalue().encode())

    def _guarded_name(self, name: str) -> str:
        if not re.match(_RISKY, name):
            return name
        self._notes.risky += 1
        return "'" + name if self._is_guarded else name

    def write(self, arrays: Sequence[pa.Array], codes: Sequence[bytes]) -> None:
        """Through Arrow's writer, page by page."""
        from pyarrow import csv as arrow_csv

        columns = [self._shown(array, heading) for array, heading in zip(arrays, self._headings, strict=True)]
        batch = pa.RecordBatch.from_arrays(columns, [f"f{place}" for place in range(len(columns))])
        arrow_csv.write_csv(batch, self._file, arrow_csv.WriteOptions(include_header=False, delimiter=self._separator))

    def finish(self) -> None:
        """Nothing more comes."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _shown(self, array: pa.Array, heading: Heading) -> pa.Array:
        kind = array.type
        if pa.types.is_string(kind):
            return self._guarded(array) if heading.kind != "number" else array
        if pa.types.is_duration(kind):
            return pa.array(_seconds(array), pa.string())
        return _without_zeros(array) if pa.types.is_timestamp(kind) or pa.types.is_time64(kind) else array

    def _guarded(self, array: pa.Array) -> pa.Array:
        is_risky = pc.fill_null(pc.match_substring_regex(array, _RISKY), False)
        count = is_risky.true_count
        if not count:
            return array
        self._notes.risky += count
        return pc.if_else(is_risky, pc.binary_join_element_wise("'", array, ""), array) if self._is_guarded else array


def _without_zeros(array: pa.Array) -> pa.Array:
    """Times of whole seconds as such: programs know 10:30:00 better than 10:30:00.000000."""
    kind = array.type
    if pc.any(pc.not_equal(_remainder(whole_numbers(array), _UNITS[kind.unit]), 0)).as_py():
        return array
    return array.cast(pa.timestamp("s", kind.tz) if pa.types.is_timestamp(kind) else pa.time32("s"))


def _remainder(array: pa.Array, unit: int) -> pa.Array:
    return pc.subtract(array, pc.multiply(pc.divide(array, unit), unit))


# ---- Parquet


class ParquetWriter:
    """Types as they are; categories as dictionaries; a label of a column in the metadata of its field."""

    def __init__(self, path: Path, headings: Sequence[Heading], how: Mapping[str, Any], notes: Notes) -> None:
        self._path, self._headings = path, headings
        self._names = unique_names(headings, notes)
        self._writer: Any = None
        self._held: list[pa.RecordBatch] = []
        path.open("xb").close()

    def write(self, arrays: Sequence[pa.Array], codes: Sequence[bytes]) -> None:
        """Rows are gathered into groups."""
        columns = [
            array.dictionary_encode() if heading.kind == "category" and pa.types.is_string(array.type) else array
            for array, heading in zip(arrays, self._headings, strict=True)
        ]
        fields = [
            pa.field(name, column.type, metadata={b"label": heading.label.encode()} if heading.label else None)
            for name, column, heading in zip(self._names, columns, self._headings, strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, batch.schema, compression="zstd")
        elif batch.schema != self._writer.schema:
            batch = batch.cast(self._writer.schema)
        self._held.append(batch)
        if (
            sum(one.num_rows for one in self._held) >= _GROUP_ROWS
            or sum(one.nbytes for one in self._held) > _GROUP_BYTES
        ):
            self._flush()

    def finish(self) -> None:
        """The last group, and the table of contents."""
        if self._writer is None:
            self.write([pa.array([], _kind_without_rows(one)) for one in self._headings], [b""] * len(self._headings))
        self._flush()
        self._writer.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if self._held:
            table = pa.Table.from_batches(self._held).unify_dictionaries()
            self._writer.write_table(table, row_group_size=_GROUP_ROWS)
            self._held = []


def _kind_without_rows(heading: Heading) -> pa.DataType:
    """What a column would be, where no cell tells it."""
    unit = heading.unit or "us"
    kinds = {
        "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "duration": pa.duration(unit),
        "timestamp": pa.timestamp(unit, heading.zone or None), "time": pa.time64("us"),
    }  # fmt: skip
    return kinds.get(heading.kind, pa.string())


# ---- XLSX


class XlsxWriter:
    """A workbook written row by row. What looks like a formula or an address stays text."""

    def __init__(self, path: Path, headings: Sequence[Heading], how: Mapping[str, Any], notes: Notes) -> None:
        if int(how.get("rows", 0)) >= SHEET_ROWS_MOST:
            raise _too_many_rows()
        if len(headings) > SHEET_COLUMNS_MOST:
            raise Refused(f"A sheet holds {SHEET_COLUMNS_MOST:,} columns; these are {len(headings):,}.")
        self._headings, self._notes = headings, notes
        path.open("xb").close()
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "tmpdir": how.get("folder"),
            },
        )
        self._sheet = self._book.add_worksheet(_sheet_name(str(how.get("sheet") or "Table")))
        looks = {
            "date": "yyyy-mm-dd",
            "timestamp": "yyyy-mm-dd hh:mm:ss.000",
            "time": "hh:mm:ss",
            "duration": "[h]:mm:ss",
        }
        self._looks = {kind: self._book.add_format({"num_format": look}) for kind, look in looks.items()}
        self._row = 0
        self._is_closed = False
        if how.get("has_header", True):
            for place, heading in enumerate(headings):
                self._sheet.write_string(0, place, heading.name)
            self._row = 1

    def write(self, arrays: Sequence[pa.Array], codes: Sequence[bytes]) -> None:
        """Row by row, as constant memory asks for."""
        columns = [self._cells(array, heading) for array, heading in zip(arrays, self._headings, strict=True)]
        for values in zip(*columns, strict=True):
            if self._row >= SHEET_ROWS_MOST:
                raise _too_many_rows()
            for place, value in enumerate(values):
                if value is not None:
                    self._put(place, value)
            self._row += 1

    def finish(self) -> None:
        """Pack the parts together."""
        self._is_closed = True
        self._book.close()

    def close(self) -> None:
        """Let go of the files; an unfinished workbook is packed for nothing, as there is no other way to end it."""
        if not self._is_closed:
            self._is_closed = True
            self._book.close()

    def _cells(self, array: pa.Array, heading: Heading) -> list[Any]:
        kind = array.type
        if pa.types.is_duration(kind):
            seconds = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            look = self._looks["duration"]
            return [None if v is None else (v / seconds / 86_400, look) for v in whole_numbers(array).to_pylist()]
        if pa.types.is_timestamp(kind):
            return self._stamps(array)
        if pa.types.is_time(kind):
            look = self._looks["time"]
            unit = _UNITS[kind.unit] * 86_400
            return [None if v is None else (v / unit, look) for v in whole_numbers(array).to_pylist()]
        if pa.types.is_date(kind):
            return [self._date(value) for value in array.to_pylist()]
        if pa.types.is_decimal(kind):
            return [None if value is None else str(value) for value in array.to_pylist()]
        return list(array.to_pylist())

    def _date(self, value: datetime.date | None) -> Any:
        if value is None or value.year >= 1900:
            return (
                value if value is None else (datetime.datetime(value.year, value.month, value.day), self._looks["date"])
            )
        self._notes.counts["dates before 1900 are written as text, as Excel has none."] += 1
        return value.isoformat()

    def _stamps(self, array: pa.Array) -> list[Any]:
        """Excel's own where it can hold them: to the millisecond, from 1900 on, without a time zone."""
        from ide.tables.files.blocks import column_of

        column = column_of("", array.type)
        written = texts(array, column).to_pylist()
        if array.type.tz:
            self._notes.counts["times with a time zone are written as text in UTC."] += len(array) - array.null_count
            return list(written)
        unit = _UNITS[array.type.unit]
        found: list[Any] = []
        for value, text in zip(whole_numbers(array).to_pylist(), written, strict=True):
            if value is None:
                found.append(None)
            elif value * 1_000 % unit == 0 and -2_203_891_200 <= value // unit < 253_402_300_800:
                milliseconds = value * 1_000 // unit
                moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
                found.append((moment, self._looks["timestamp"]))
            else:
                self._notes.counts["times that Excel cannot hold exactly are written as text."] += 1
                found.append(text)
        return found

    def _put(self, place: int, value: Any) -> None:
        sheet, row = self._sheet, self._row
        if isinstance(value, tuple):
            if isinstance(value[0], float):
                sheet.write_number(row, place, value[0], value[1])
            else:
                sheet.write_datetime(row, place, value[0], value[1])
        elif isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, int | float):
            self._put_number(place, value)
        else:
            if re.match(_RISKY, value):
                self._notes.risky += 1
            if len(value) > SHEET_TEXT_MOST:
                self._notes.counts[
                    f"texts were cut after {SHEET_TEXT_MOST:,} characters, which is all a cell holds."
                ] += 1
            sheet.write_string(row, place, value[:SHEET_TEXT_MOST])

    def _put_number(self, place: int, value: float) -> None:
        if isinstance(value, int) and abs(value) > _EXACT:
            self._notes.counts["whole numbers are written as text, as Excel would round them."] += 1
            self._sheet.write_string(self._row, place, str(value))
        elif value != value or value in (float("inf"), float("-inf")):
            if value == value:
                self._notes.counts["infinite numbers are written as text."] += 1
                self._sheet.write_string(self._row, place, str(value))
        else:
            self._sheet.write_number(self._row, place, value)


def _too_many_rows() -> Refused:
    return Refused(
        f"A sheet holds {SHEET_ROWS_MOST:,} rows, and there are more.",
        "Excel cannot hold this table.",
        "Filter the table, or choose CSV or Parquet.",
    )


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31].strip("' ") or "Table"


# ---- JSON lines


class JsonWriter:
    """One object on each line. Missing values are null; nested values are JSON themselves."""

    def __init__(self, path: Path, headings: Sequence[Heading], how: Mapping[str, Any], notes: Notes) -> None:
        self._headings, self._notes = headings, notes
        self._names = unique_names(headings, notes)
        self._file = path.open("x", encoding="utf-8", newline="\n")

    def write(self, arrays: Sequence[pa.Array], codes: Sequence[bytes]) -> None:
        """A line after the other."""
        columns = [
            self._values(array, heading, marks)
            for array, heading, marks in zip(arrays, self._headings, codes, strict=True)
        ]
        for values in zip(*columns, strict=True):
            self._file.write(json.dumps(dict(zip(self._names, values, strict=True)), ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """Nothing more comes."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _values(self, array: pa.Array, heading: Heading, marks: bytes) -> list[Any]:
        kind = array.type
        if pa.types.is_floating(kind):
            return [self._float(value) for value in array.to_pylist()]
        if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return list(array.to_pylist())
        from ide.tables.files.blocks import column_of

        found = texts(array, column_of("", kind)).to_pylist()
        if heading.kind == "nested" and marks:
            return [_parsed(value) if mark == Code.OBJECT else value for value, mark in zip(found, marks, strict=True)]
        return list(found)

    def _float(self, value: float | None) -> Any:
        if value is None or value != value:
            return None
        if value in (float("inf"), float("-inf")):
            self._notes.counts["infinite numbers are written as text, as JSON has none."] += 1
            return str(value)
        return value


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text
