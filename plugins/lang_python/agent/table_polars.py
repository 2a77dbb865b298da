"""Tables over polars' frames and series, without numpy. A lazy frame is computed as far as a page needs it."""

from __future__ import annotations

import sys
from typing import Any

from fourpane_plugins.lang_python.agent import look, table_cells
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_cells import NAN, NULL, OBJECT, VALUE, Cells
from fourpane_plugins.lang_python.agent.table_columns import Column, Frame

_PARTS_SHOWN = 40
_INTEGERS = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")
_KINDS = {
    **dict.fromkeys((*_INTEGERS, "Int128", "UInt128", "Float16", "Float32", "Float64", "Decimal"), "number"),
    "Boolean": "boolean", "String": "text", "Utf8": "text", "Categorical": "category", "Enum": "category",
    "Date": "date", "Datetime": "timestamp", "Duration": "duration", "Time": "time", "Binary": "binary",
    "List": "nested", "Array": "nested", "Struct": "nested", "Null": "text",
}  # fmt: skip


def polars() -> Any:
    """polars, as the user has imported it."""
    return sys.modules["polars"]


def type_of(series: Any) -> str:
    """The name of a series' type."""
    return look.type_name(type(series.dtype)) if not isinstance(series.dtype, type) else look.type_name(series.dtype)


class PolarsColumn(Column):
    """One series of polars' own class."""

    def __init__(self, series: Any) -> None:
        self.series = series.alias("x")  # a name such as "^a.*$" is a pattern to polars' own methods
        self.base = type_of(series)
        dtype = series.dtype
        self.type_name = str(dtype)[:200]
        self.kind = _KINDS.get(self.base, "object")
        if self.kind in ("timestamp", "duration", "time"):
            self.unit = "ns" if self.base == "Time" else dtype.time_unit
        self.zone = (getattr(dtype, "time_zone", None) or "") if self.base == "Datetime" else ""
        self.is_ordered = self.base == "Enum"
        self.can_sort = self.can_filter = self.kind not in ("binary", "nested", "object")
        self.level_count = len(self.level_texts()) if self.base == "Enum" else 0
        self.can_edit = self.kind not in ("binary", "nested", "object", "time") and self.base != "Null"

    def part(self, rows: Any) -> Any:
        """These rows as a series."""
        if type(rows) is slice:
            return self.series.slice(rows.start, max(rows.stop - rows.start, 0))
        return self.series.gather(rows)

    def cells(self, rows: Any) -> Cells:
        part = self.part(rows)
        if self.base in _INTEGERS:
            return self._numbers(part, "uint64" if self.base == "UInt64" else "int64")
        if self.base in ("Int128", "UInt128"):
            values = part.to_list()
            return table_cells.best_number_cells(values, _codes(values))
        if self.base in ("Float16", "Float32", "Float64"):
            return self._numbers(part, "float64")
        if self.kind == "boolean":
            return self._numbers(part, "bool")
        if self.kind in ("date", "timestamp", "duration", "time"):
            return self._numbers(part.to_physical(), "int64")
        texts, codes = self._texts(part, table_cells.TEXT_LENGTH + 1)
        return table_cells.text_cells(texts, codes)

    def _numbers(self, part: Any, encoding: str) -> Cells:
        values = part.to_list()
        codes = _codes(values)
        return table_cells.number_cells(encoding, values, codes)

    def _texts(self, part: Any, length: int) -> tuple[list[str], bytearray]:
        if self.kind == "nested":
            return self._nested(part)
        if self.kind == "category":
            part = part.cast(polars().String)
        elif self.base in ("String", "Utf8") and length > 0:
            part = part.str.slice(0, length)
        elif self.base == "Binary" and length > 0 and hasattr(part.bin, "slice"):
            part = part.bin.slice(0, length)
        found = [table_cells.cell_of(value) for value in part.to_list()]
        return [text for text, _ in found], bytearray(NULL if code == table_cells.NONE else code for _, code in found)

    def _nested(self, part: Any) -> tuple[list[str], bytearray]:
        present = part.is_not_null().to_list()
        texts = [nested_text(part, row, table_cells.TEXT_LENGTH) if ok else "" for row, ok in enumerate(present)]
        return texts, bytearray(OBJECT if ok else NULL for ok in present)

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        if self.kind in ("text", "category", "binary", "nested", "object") or self.base == "Decimal":
            return self._texts(self.part(rows), -1)
        return super().texts(rows)

    def level_texts(self) -> list[str]:
        if self.base == "Enum":
            return list(self.series.dtype.categories.to_list())
        return list(self.series.cast(polars().String).unique().drop_nulls().sort().to_list())

    def whole(self, row: int) -> Any:
        value = self.series[row]
        return value.to_list() if type(value) is polars().Series else value


def _codes(values: list[Any]) -> bytearray:
    return bytearray(NULL if value is None else VALUE if value == value else NAN for value in values)


def nested_text(series: Any, row: int, room: int, depth: int = 0) -> str:
    """The beginning of a list or structure, without making all of it Python's."""
    base = type_of(series)
    if depth > 6 or room <= 0:
        return "…"
    if base == "Struct":
        if series[row] is None:
            return "null"
        names = [field.name for field in series.dtype.fields][:_PARTS_SHOWN]
        part = series.slice(row, 1)
        fields = [part.struct.field(name).alias("x") for name in names]
        texts = [f"{name}: {nested_text(field, 0, room, depth + 1)}" for name, field in zip(names, fields)]
        return "{" + ", ".join(texts) + "}"
    value = series[row]
    if base in ("List", "Array") and value is not None:
        return _list_text(value, room, depth)
    if value is None:
        return "null"
    return f'"{value[: table_cells.TEXT_LENGTH]}"' if type(value) is str else table_cells.cell_of(value)[0]


def _list_text(inner: Any, room: int, depth: int) -> str:
    parts: list[str] = []
    length = 0
    for row in range(min(len(inner), _PARTS_SHOWN)):
        parts.append(nested_text(inner, row, room - length, depth + 1))
        length += len(parts[-1]) + 2
        if length > room:
            break
    rest = ["…"] if len(parts) < len(inner) else []
    return "[" + ", ".join(parts + rest) + "]"


# ---- tables ---------------------------------------------------------------------------------------------------------


def class_of(value: Any) -> str:
    """DataFrame, Series or LazyFrame: which class of polars' own that of `value` is or is made from; else ""."""
    names = look.library("polars")
    if names is None:
        return ""
    for base in look.mro(type(value)):
        if look.module_name(base).split(".")[0] == "polars":
            for name in ("DataFrame", "Series", "LazyFrame"):
                if names.get(name) is base:
                    return name
    return ""


def _inside(value: Any, name: str) -> Any:
    found = (look.instance_dict(value) or {}).get(name)
    if found is None:
        raise Refusal("not_possible", "This version of polars keeps its data in a way that is not known here.")
    return found


def polars_frame(value: Any) -> Frame:
    """The table over a frame, a series or a lazy frame; of subclasses only what is polars' own is used."""
    kind = class_of(value)
    pl = polars()
    if kind == "LazyFrame":
        return LazyTable(pl.LazyFrame._from_pyldf(_inside(value, "_ldf")), id(value), look.type_name(type(value)))
    if kind == "Series":
        series = pl.Series._from_pyseries(_inside(value, "_s"))
        return PolarsFrame(series.to_frame(), id(value), look.type_name(type(value)), is_series=True)
    frame = pl.DataFrame._from_pydf(_inside(value, "_df"))
    return PolarsFrame(frame, id(value), look.type_name(type(value)), is_exact=type(value) is pl.DataFrame)


class PolarsFrame(Frame):
    """A DataFrame, or a Series as one of one column."""

    library = "polars"
    dialects: tuple[str, ...] = ("polars",)

    def __init__(
        self, frame: Any, identity: int, type_name: str, *, is_series: bool = False, is_exact: bool = True
    ) -> None:
        self.engine = "polars"
        self.frame = frame
        self.identity = identity
        self.type_name = type_name
        self.is_series = is_series
        self.is_exact = is_exact
        self.row_count, self.column_count = frame.shape
        if not is_series:
            self.dialects = ("polars", "sql")
        if is_exact and not is_series:
            self.features = (*self.features, "audit")

    def make_column(self, index: int) -> Column:
        column = PolarsColumn(self.frame.to_series(index))
        column.can_edit = column.can_edit and self.is_exact
        return column

    def name(self, index: int) -> tuple[str, str]:
        return self.frame.columns[index], ""

    def stamp(self) -> Any:
        count = min(self.column_count, 64)
        places = tuple(_place(self.frame.to_series(index)) for index in range(count))
        return self.identity, self.row_count, self.column_count, places

    def schema(self) -> int:
        return hash((self.library, tuple(self.frame.columns), tuple(str(dtype) for dtype in self.frame.dtypes)))

    def expression(self, name: str) -> str:
        return f"{name}.to_frame()" if self.is_series else name

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        if self.is_series:
            return f"{name} = {name}.clone().scatter({row}, {literal_text})"
        column = f"{name}[{self.frame.columns[index]!r}]"
        return f"{name} = {name}.with_columns({column}.clone().scatter({row}, {literal_text}))"


def _place(series: Any) -> Any:
    """Where the values of a series lie."""
    base = type_of(series)
    if base in (*_INTEGERS, "Float32", "Float64", "Boolean", "Date", "Datetime", "Duration", "Time") and len(series):
        try:
            return tuple(series.to_physical()._get_buffer_info())
        except Exception:  # noqa: BLE001 - several chunks: then the sizes must do
            return base, series.n_chunks()
    return base, series.n_chunks(), series.null_count()


class LazyTable(Frame):
    """A lazy frame: nothing of it is computed but the first rows of what is asked for."""

    library = "polars"
    dialects = ("polars",)
    features = ()
    row_count = -1
    note = "A lazy frame: the rows in sight are computed when they are asked for, and nobody knows how many there are."

    def __init__(self, lazy: Any, identity: int, type_name: str) -> None:
        plan = lazy.explain(optimized=False).lower()
        if "python" in plan or "map_elements" in plan or "udf" in plan:
            raise Refusal("not_possible", "This lazy frame calls functions of yours: collect it to look at it.")
        self.lazy = lazy
        self.identity = identity
        self.type_name = type_name
        self.types = lazy.collect_schema()
        self.names = self.types.names()
        self.column_count = len(self.names)
        self.part: Any = None
        self.places: dict[int, int] = {}

    def prepare(self, indexes: list[int], rows: slice) -> int:
        pl = polars()
        wanted = list(dict.fromkeys(indexes))
        self.part = self.lazy.slice(rows.start, rows.stop - rows.start).select(pl.nth(wanted)).collect()
        self.places = {index: place for place, index in enumerate(wanted)}
        return len(self.part)

    def make_column(self, index: int) -> Column:
        if index in self.places:
            return PolarsColumn(self.part.to_series(self.places[index]))
        column = PolarsColumn(polars().Series(self.names[index], [], dtype=self.types[self.names[index]]))
        column.can_edit = False
        return column

    def name(self, index: int) -> tuple[str, str]:
        return self.names[index], ""

    def stamp(self) -> Any:
        return (self.identity,)
