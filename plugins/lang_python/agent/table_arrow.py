"""Columns over Arrow's arrays (also those inside pandas frames), and tables over pyarrow's own objects.

Rows are cut out chunk by chunk: `take` of a chunked array may join all its chunks first, and then a page would cost
what the whole column does. Long texts and nested values are cut by Arrow before they become Python's.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from importlib import import_module
from typing import Any, Callable

from fourpane_plugins.lang_python.agent import look, table_cells
from fourpane_plugins.lang_python.agent.table_cells import NAN, NULL, OBJECT, VALUE, Cells
from fourpane_plugins.lang_python.agent.table_columns import Block, Column, Frame

_PARTS_SHOWN = 40
MANY_ROWS = 10_000
"""More than any page has: then joining the chunks costs no more than the rows do."""


def arrow() -> Any:
    """pyarrow, as the user (or pandas) has imported it."""
    return sys.modules["pyarrow"]


def compute() -> Any:
    """`pyarrow.compute`, which pyarrow itself loads with the first call of most of its methods."""
    return import_module(arrow().__name__ + ".compute")


class ArrowColumn(Column):
    """One column; `missing_code` is what its nulls are called (NULL, in pandas NA or NaN)."""

    def __init__(self, values: Any, missing_code: int = NULL, type_name: str = "") -> None:
        self.values = _stored(values)
        self.missing_code = missing_code
        kind = self.values.type
        self.type_name = type_name or str(values.type)[:200]
        self.kind, self.unit, self.zone = kind_of(kind)
        types = arrow().types
        self.is_dictionary = types.is_dictionary(kind)
        self.is_ordered = self.is_dictionary and bool(kind.ordered)
        self.is_decimal = types.is_decimal(kind)
        self.can_sort = self.can_filter = self.kind not in ("object", "nested", "binary")

    # ---- rows

    def part(self, rows: Any) -> Any:
        """These rows as one array."""
        if type(rows) is slice:
            return joined(self.values[rows] if rows.stop > rows.start else self.values[:0])
        if len(rows) > MANY_ROWS:
            return joined(self.values.take(arrow().array(rows)))
        places = rows if type(rows) is list else rows.tolist()
        return picked(self.values, places)

    # ---- as they travel

    def cells(self, rows: Any) -> Cells:
        part = self.part(rows)
        if self.is_dictionary:
            part = part.cast(part.type.value_type) if len(part) else part.dictionary_decode()
            return ArrowColumn(part, self.missing_code).as_text(part)
        kind = part.type
        types = arrow().types
        if types.is_boolean(kind):
            return self._numbers(part, "bool")
        if self.kind == "number" and not self.is_decimal:
            encoding = "uint64" if types.is_uint64(kind) else "int64" if types.is_integer(kind) else "float64"
            return self._numbers(part, encoding)
        if self.kind in ("timestamp", "time", "duration", "date"):
            return self._numbers(self._whole_numbers(part), "int64")
        return self.as_text(part)

    def _whole_numbers(self, part: Any) -> Any:
        """Times as 64-bit integers of the column's unit."""
        pa = arrow()
        if pa.types.is_date64(part.type):
            part = part.cast(pa.date32())
        narrow = pa.int32() if part.type.bit_width == 32 else pa.int64()
        return part.cast(narrow).cast(pa.int64())

    def _numbers(self, part: Any, encoding: str) -> Cells:
        values = part.to_pylist()
        codes = bytearray(self.missing_code if value is None else VALUE for value in values)
        if encoding == "float64":
            for row, value in enumerate(values):
                if value is not None and value != value:
                    codes[row] = NAN
        return table_cells.number_cells(encoding, values, codes)

    def as_text(self, part: Any) -> Cells:
        """Anything else as exact text."""
        texts, codes = self._texts(part, table_cells.TEXT_LENGTH + 1)
        return table_cells.text_cells(texts, codes)

    def _texts(self, part: Any, length: int) -> tuple[list[str], bytearray]:
        types = arrow().types
        if is_text(part.type):
            part = part if length < 0 else compute().utf8_slice_codeunits(_plain_text(part), 0, length)
            values = part.to_pylist()
            codes = bytearray(self.missing_code if value is None else VALUE for value in values)
            return ["" if value is None else value for value in values], codes
        if types.is_nested(part.type):
            return self._nested(part)
        if types.is_integer(part.type) or types.is_floating(part.type) or types.is_temporal(part.type):
            return ArrowColumn(part, self.missing_code).texts(slice(0, len(part)))
        found = [table_cells.cell_of(_scalar(value)) for value in part]
        codes = bytearray(self.missing_code if code == table_cells.NONE else code for _, code in found)
        return [text for text, _ in found], codes

    def _nested(self, part: Any) -> tuple[list[str], bytearray]:
        texts, codes = [], bytearray()
        for value in part:
            texts.append(nested_text(value, table_cells.TEXT_LENGTH) if value.is_valid else "")
            codes.append(OBJECT if value.is_valid else self.missing_code)
        return texts, codes

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        if self.kind in ("text", "category", "object", "nested", "binary") or self.is_decimal:
            part = self.part(rows)
            if self.is_dictionary:
                part = part.cast(part.type.value_type) if len(part) else part.dictionary_decode()
            return self._texts(part, -1)
        return super().texts(rows)

    # ---- for engines

    def block(self, rows: Any) -> Block:
        part = self.part(rows)
        if self.is_dictionary:
            return self._codes(part)
        missing = _mask(part)
        if self.kind == "text":
            return Block("arrow", _plain_text(part), missing)
        if self.is_decimal:
            return Block("arrow_numbers", part, missing)
        if not self.can_filter:
            return Block("other", None, missing)
        numbers = part if self.kind in ("number", "boolean") else self._whole_numbers(part)
        if missing is not None:
            numbers = numbers.fill_null(False if self.kind == "boolean" else 0)
        return Block("numbers", numbers.to_numpy(zero_copy_only=False), missing)

    def _codes(self, part: Any) -> Block:
        """Places of levels; every chunk may have its own dictionary, so they are looked up in the column's levels."""
        places = {text: place for place, text in enumerate(self.level_texts())}
        words = ArrowColumn(part.dictionary).texts(slice(0, len(part.dictionary)))
        np = sys.modules["numpy"]
        table = np.array([-1 if code else places[text] for text, code in zip(*words)] + [-1], "i4")
        codes = table[part.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)]
        return Block("codes", codes, codes < 0)

    def level_texts(self) -> list[str]:
        found: dict[str, None] = {}
        chunks = self.values.chunks if hasattr(self.values, "chunks") else [self.values]
        seen: list[Any] = []
        for chunk in chunks if self.is_dictionary else []:
            if any(chunk.dictionary is other or chunk.dictionary.equals(other) for other in seen[:4]):
                continue
            seen.append(chunk.dictionary)
            texts, codes = ArrowColumn(chunk.dictionary).texts(slice(0, len(chunk.dictionary)))
            found.update((text, None) for text, code in zip(texts, codes) if not code)
        return list(found)

    def objects(self, rows: Any) -> tuple[list[Any], list[int]]:
        """The cells as Python's numbers and texts (None where there is none), for an engine without numpy."""
        if self.kind in ("text", "category"):
            texts, codes = self.texts(rows)
            return [None if code else text for text, code in zip(texts, codes)], list(codes)
        part = self.part(rows)
        if self.kind in ("timestamp", "time", "duration", "date"):
            part = self._whole_numbers(part)
        values = part.to_pylist() if self.can_filter else [True if ok.as_py() else None for ok in part.is_valid()]
        codes_found = [self.missing_code if value is None else NAN if value != value else VALUE for value in values]
        return [None if code else value for value, code in zip(values, codes_found)], codes_found

    def whole(self, row: int) -> Any:
        value = self.part(slice(row, row + 1))[0]
        return value.as_py() if value.is_valid else None


# ---- arrays ---------------------------------------------------------------------------------------------------------


def _stored(values: Any) -> Any:
    """The plain array under an extension type."""
    pa = arrow()
    if isinstance(values.type, pa.BaseExtensionType):
        if isinstance(values, pa.ChunkedArray):
            return pa.chunked_array([chunk.storage for chunk in values.chunks], values.type.storage_type)
        return values.storage
    return values


def joined(values: Any) -> Any:
    """One array of a few rows."""
    pa = arrow()
    if not isinstance(values, pa.ChunkedArray):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    if pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries()
    return values.combine_chunks() if values.num_chunks else pa.array([], values.type)


def picked(values: Any, places: list[int]) -> Any:
    """Rows in the order given."""
    pa = arrow()
    if not isinstance(values, pa.ChunkedArray):
        return values.take(pa.array(places, pa.int64()))
    if values.num_chunks == 1:
        return values.chunk(0).take(pa.array(places, pa.int64()))
    ends, total = [], 0
    for number in range(values.num_chunks):
        total += len(values.chunk(number))
        ends.append(total)
    by_chunk: dict[int, list[int]] = {}
    for at, place in enumerate(places):
        by_chunk.setdefault(bisect_right(ends, place), []).append(at)
    parts, order = [], [0] * len(places)
    for number, positions in by_chunk.items():
        start = ends[number - 1] if number else 0
        parts.append(values.chunk(number).take(pa.array([places[at] - start for at in positions], pa.int64())))
    for found, at in enumerate(at for positions in by_chunk.values() for at in positions):
        order[at] = found
    return joined(pa.chunked_array(parts, values.type)).take(pa.array(order, pa.int64()))


def _mask(part: Any) -> Any:
    return part.is_null().to_numpy(zero_copy_only=False) if part.null_count else None


def is_text(kind: Any) -> bool:
    """Whether it is one of Arrow's types for text."""
    types = arrow().types
    is_view = getattr(types, "is_string_view", None)
    return bool(types.is_string(kind) or types.is_large_string(kind) or (is_view is not None and is_view(kind)))


def _plain_text(part: Any) -> Any:
    """Not every function knows views of text."""
    pa = arrow()
    is_view = getattr(pa.types, "is_string_view", None)
    return part.cast(pa.large_string()) if is_view is not None and is_view(part.type) else part


def kind_of(kind: Any) -> tuple[str, str, str]:
    """Kind, unit and zone of a type."""
    types = arrow().types
    for test, name in _KINDS:
        found: Callable[[Any], bool] | None = getattr(types, test, None)
        if found is not None and found(kind):
            unit = "" if name == "date" else getattr(kind, "unit", "")
            return name, unit if name in ("timestamp", "time", "duration") else "", getattr(kind, "tz", None) or ""
    return ("text" if is_text(kind) else "object"), "", ""


_KINDS = (
    ("is_boolean", "boolean"), ("is_integer", "number"), ("is_floating", "number"), ("is_decimal", "number"),
    ("is_timestamp", "timestamp"), ("is_date", "date"), ("is_time", "time"), ("is_duration", "duration"),
    ("is_dictionary", "category"), ("is_nested", "nested"), ("is_binary", "binary"), ("is_large_binary", "binary"),
    ("is_fixed_size_binary", "binary"), ("is_binary_view", "binary"),
)  # fmt: skip


def _scalar(value: Any) -> Any:
    return value.as_py() if value.is_valid else None


def nested_text(value: Any, room: int, depth: int = 0) -> str:
    """The beginning of a list, map or structure, without making all of it Python's."""
    types = arrow().types
    if not value.is_valid:
        return "null"
    if depth > 6 or room <= 0:
        return "…"
    if types.is_struct(value.type):
        parts = [
            f"{field.name}: {nested_text(value[field.name], room, depth + 1)}"
            for field in list(value.type)[:_PARTS_SHOWN]
        ]
        return "{" + ", ".join(parts) + "}"
    if types.is_nested(value.type):
        return _list_text(value, room, depth)
    plain = value.as_py()
    if type(plain) is str:
        return json.dumps(plain[: table_cells.TEXT_LENGTH], ensure_ascii=False)
    return table_cells.cell_of(plain)[0] or str(plain)


def _list_text(value: Any, room: int, depth: int) -> str:
    inner = getattr(value, "values", None)
    if inner is None:  # a union or something newer
        return look.preview(value.as_py()) or "…"
    parts: list[str] = []
    length = 0
    for item in inner[:_PARTS_SHOWN]:
        parts.append(nested_text(item, room - length, depth + 1))
        length += len(parts[-1]) + 2
        if length > room:
            break
    rest = ["…"] if len(parts) < len(inner) else []
    return "[" + ", ".join(parts + rest) + "]"


# ---- tables ---------------------------------------------------------------------------------------------------------


def is_arrow(value: Any) -> bool:
    """Whether it is a table, a batch or an array of pyarrow's own."""
    cls = type(value)
    if look.module_name(cls).split(".")[0] != "pyarrow" or look.known_type(value) is None:
        return False
    name = look.type_name(cls)
    return name in ("Table", "RecordBatch") or name.endswith("Array")


class ArrowFrame(Frame):
    """A table or batch; an array is a table of one column."""

    library = "arrow"

    def __init__(self, value: Any) -> None:
        self.engine = "numpy" if "numpy" in sys.modules else "plain"
        self.value = value
        self.type_name = look.type_name(type(value))
        self.is_table = self.type_name in ("Table", "RecordBatch")
        self.row_count = value.num_rows if self.is_table else len(value)
        self.column_count = value.num_columns if self.is_table else 1
        self.dialects = ("sql",) if self.type_name == "Table" else ()

    def make_column(self, index: int) -> Column:
        return ArrowColumn(self.value.column(index) if self.is_table else self.value)

    def name(self, index: int) -> tuple[str, str]:
        return (self.value.schema.field(index).name if self.is_table else "value"), ""

    def stamp(self) -> Any:
        return id(self.value), self.row_count, self.column_count
