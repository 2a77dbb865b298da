"""Arrow arrays as the cells that travel, and back. Part of the process that reads files.

What `ide/core/table.py` says of `Cells` is made here: little-endian buffers, a code for each cell that is no value.
"""

from __future__ import annotations

import json
import sys
from array import array as flat
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.table import Code, Encoding
from ide.tables.files.blocks import FileColumn, plain

TEXT_MOST: Final = 200
"""Characters of a text that travel with a page; `Code.CUT` says that there are more."""

Encoded = tuple[Encoding, bytes, bytes, bytes]
"""Encoding, data, codes, ends."""
_BIG_ENDIAN: Final = sys.byteorder == "big"


def encode(array: pa.Array, column: FileColumn, *, is_whole: bool = False) -> Encoded:
    """One column of a page. `is_whole`: texts are not cut."""
    array = plain(array)
    kind = array.type
    types = pa.types
    if types.is_boolean(kind):
        return "bool", _data(pc.fill_null(array, False).cast(pa.uint8()), 1), _codes(array, column), b""
    if types.is_floating(kind):
        return "float64", _data(_filled(array.cast(pa.float64()), 0.0), 8), _codes(array, column), b""
    if types.is_uint64(kind):
        return "uint64", _data(_filled(array, 0), 8), _codes(array, column), b""
    if types.is_integer(kind):
        is_small = kind.bit_width < 32 or types.is_int32(kind)
        whole = array.cast(pa.int32() if is_small else pa.int64())
        return (
            ("int32" if is_small else "int64"),
            _data(_filled(whole, 0), 4 if is_small else 8),
            _codes(array, column),
            b"",
        )
    if types.is_date(kind):
        return "int32", _data(_filled(array.cast(pa.date32()).cast(pa.int32()), 0), 4), _codes(array, column), b""
    if types.is_timestamp(kind) or types.is_time(kind) or types.is_duration(kind):
        return "int64", _data(_filled(whole_numbers(array), 0), 8), _codes(array, column), b""
    return _text(array, column, is_whole)


def whole_numbers(array: pa.Array) -> pa.Array:
    """Dates, times and durations as 64-bit numbers of their unit."""
    kind = array.type
    if pa.types.is_date32(kind) or pa.types.is_time32(kind):
        return array.cast(pa.int32()).cast(pa.int64())
    if pa.types.is_date64(kind):
        return array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    return array.cast(pa.int64())


def texts(array: pa.Array, column: FileColumn) -> pa.Array:
    """Every value as text in full; null where there is none. Nested values as JSON."""
    array = plain(array)
    kind = array.type
    types = pa.types
    if types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if types.is_string(kind):
        return array
    if types.is_large_string(kind) or types.is_string_view(kind) or types.is_decimal(kind):
        return array.cast(pa.string())
    if column.kind == "binary":
        return pa.array([None if value is None else "0x" + value.hex() for value in array.to_pylist()], pa.string())
    if types.is_nested(kind):
        return pa.array([None if value is None else _json(value) for value in array.to_pylist()], pa.string())
    if types.is_timestamp(kind):
        # Without the database of time zones: instants are told in UTC.
        moments = array.cast(pa.timestamp(kind.unit)) if kind.tz else array
        written = pc.replace_substring(moments.cast(pa.string()), " ", "T", max_replacements=1)
        return pc.binary_join_element_wise(written, "Z", "") if kind.tz else written
    if types.is_duration(kind):
        return pa.array([None if v is None else _seconds(v, kind.unit) for v in whole_numbers(array).to_pylist()])
    try:
        return array.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([None if value is None else str(value) for value in array.to_pylist()], pa.string())


def tree(array: pa.Array) -> str:
    """The one nested value of an array, as JSON."""
    value = plain(array).to_pylist()[0]
    return value if isinstance(value, str) else _json(value)


def decode(encoding: str, data: bytes, codes: bytes, ends: bytes, rows: int) -> pa.Array:
    """The other way: an array of the encoding's own type, null where there is no value (NaN stays)."""
    valid = _valid(codes, rows)
    buffer = pa.py_buffer(data)
    if encoding == "text":
        offsets = flat("i", [0])
        offsets.frombytes(ends)
        return pa.Array.from_buffers(pa.string(), rows, [valid, pa.py_buffer(offsets), buffer])
    if encoding == "bool":
        bits = pa.Array.from_buffers(pa.uint8(), rows, [None, buffer]).cast(pa.bool_())
        return pa.Array.from_buffers(pa.bool_(), rows, [valid, bits.buffers()[1]])
    kinds = {"int32": pa.int32(), "int64": pa.int64(), "uint64": pa.uint64(), "float64": pa.float64()}
    array = pa.Array.from_buffers(kinds[encoding], rows, [None, buffer])
    if encoding == "float64" and codes:
        marks = pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(codes)])
        array = pc.if_else(pc.equal(marks, int(Code.NAN)), float("nan"), array)
        marks = pc.if_else(pc.equal(marks, int(Code.NAN)), pa.scalar(0, pa.uint8()), marks)
        return pc.if_else(_is_missing(marks), pa.scalar(None, pa.float64()), array)
    return pa.Array.from_buffers(kinds[encoding], rows, [valid, buffer])


def _valid(codes: bytes, rows: int) -> pa.Buffer | None:
    """The bits that say which cells hold a value."""
    if not codes:
        return None
    marks = pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(codes)])
    return pc.invert(_is_missing(marks)).buffers()[1]


def _is_missing(marks: pa.Array) -> pa.Array:
    return pc.and_(
        pc.greater_equal(marks, pa.scalar(int(Code.NA), pa.uint8())),
        pc.less_equal(marks, pa.scalar(int(Code.NULL), pa.uint8())),
    )


def _text(array: pa.Array, column: FileColumn, is_whole: bool) -> Encoded:
    written = texts(array, column)
    codes = _codes(array, column)
    if column.kind in ("nested", "object"):
        codes = _marked(codes, pc.is_valid(array), Code.OBJECT, len(array))
    # Counting characters can mostly be left out, as there are no more of them than bytes.
    if not is_whole and pc.any(pc.greater(pc.binary_length(written), TEXT_MOST)).as_py():
        is_long = pc.fill_null(pc.greater(pc.utf8_length(written), TEXT_MOST), False)
        written = pc.utf8_slice_codeunits(written, 0, TEXT_MOST)
        if column.kind not in ("nested", "object"):
            codes = _marked(codes, is_long, Code.CUT, len(array))
    data, ends = _text_buffers(pc.fill_null(written, ""))
    return "text", data, codes, ends


def _text_buffers(array: pa.Array) -> tuple[bytes, bytes]:
    _, offsets, data = array.buffers()
    places = flat("i")
    if offsets is not None:
        places.frombytes(memoryview(offsets)[4 * array.offset : 4 * (array.offset + len(array) + 1)])
    if not len(array):
        return b"", b""
    first, last = places[0], places[-1]
    ends = flat("i", [place - first for place in places[1:]] if first else places[1:])
    if _BIG_ENDIAN:
        ends.byteswap()
    return (bytes(memoryview(data)[first:last]) if data is not None else b""), ends.tobytes()


def _codes(array: pa.Array, column: FileColumn) -> bytes:
    """A byte for each cell, or nothing where all are values."""
    is_float = pa.types.is_floating(array.type)
    marks = None
    if array.null_count:
        marks = pc.if_else(pc.is_null(array), int(column.missing), 0).cast(pa.uint8())
    if is_float:
        is_nan = pc.fill_null(pc.is_nan(array), False)
        if pc.any(is_nan).as_py():
            marks = pc.if_else(
                is_nan, pa.scalar(int(Code.NAN), pa.uint8()), marks if marks is not None else _zeros(array)
            )
    return _data(marks, 1) if marks is not None else b""


def _marked(codes: bytes, which: pa.Array, code: Code, rows: int) -> bytes:
    if not pc.any(which).as_py():
        return codes
    marks = pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(codes or bytes(rows))])
    return _data(pc.if_else(which, pa.scalar(int(code), pa.uint8()), marks), 1)


def _zeros(array: pa.Array) -> pa.Array:
    return pa.Array.from_buffers(pa.uint8(), len(array), [None, pa.py_buffer(bytes(len(array)))])


def _filled(array: pa.Array, value: Any) -> pa.Array:
    return pc.fill_null(array, pa.scalar(value, array.type)) if array.null_count else array


def _data(array: pa.Array, width: int) -> bytes:
    """The values of a primitive array without nulls."""
    buffer = array.buffers()[1]
    if buffer is None:
        return b""
    found = bytes(memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width])
    if _BIG_ENDIAN and width > 1:
        swapped = flat({4: "i", 8: "q"}[width], found)
        swapped.byteswap()
        return swapped.tobytes()
    return found


def _json(value: object) -> str:
    return json.dumps(_pairs(value), ensure_ascii=False, default=str)


def _pairs(value: object) -> object:
    """Maps come as lists of pairs, bytes have no JSON."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return {str(key): _pairs(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_pairs(item) for item in value]
    return value


def _seconds(value: int, unit: str) -> str:
    """A duration as exact seconds."""
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
    whole, part = divmod(abs(value), 10**digits)
    fraction = f".{part:0{digits}d}".rstrip("0").rstrip(".") if digits else ""
    return f"{'-' if value < 0 else ''}{whole}{fraction}"
