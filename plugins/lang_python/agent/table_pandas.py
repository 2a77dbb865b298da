"""Tables over pandas frames, series and indexes.

Column arrays are taken from the frame's block manager: no Series is made, so that copy-on-write of the user's frame
is not set off, and nothing of a subclass is called. Arrays and indexes that are not pandas' or numpy's own are shown
as not evaluated.
"""

from __future__ import annotations

import sys
from typing import Any

from fourpane_plugins.lang_python.agent import look
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_cells import NA, NAN
from fourpane_plugins.lang_python.agent.table_columns import Column, Frame, OpaqueColumn, name_of
from fourpane_plugins.lang_python.agent.table_numpy import (
    DerivedColumn,
    LookupColumn,
    NumberColumn,
    ObjectColumn,
    RangeColumn,
    TimeColumn,
    array_column,
    numpy,
)

_ZONES = ("zoneinfo", "pytz", "dateutil", "datetime", "pandas")


def pandas() -> Any:
    """pandas, as the user has imported it."""
    return sys.modules["pandas"]


def class_of(value: Any) -> str:
    """DataFrame, Series or Index: which of pandas' own classes the class of `value` is or is made from; else ""."""
    names = look.library("pandas")
    if names is None:
        return ""
    for base in look.mro(type(value)):
        if look.module_name(base).split(".")[0] == "pandas":
            for name in ("DataFrame", "Series", "Index"):
                if names.get(name) is base:
                    return name
    return ""


def manager_of(value: Any) -> Any:
    """What holds the arrays of a frame or series."""
    manager = (look.instance_dict(value) or {}).get("_mgr")
    if manager is None or look.module_name(type(manager)).split(".")[0] != "pandas":
        raise Refusal("not_possible", "This version of pandas keeps its data in a way that is not known here.")
    return manager


# ---- columns --------------------------------------------------------------------------------------------------------


def column_of(array: Any) -> Column:
    """The column over what a block or an index holds."""
    kind = type(array)
    if kind is numpy().ndarray:
        return array_column(array)
    if not look.is_genuine(kind, "pandas"):
        return OpaqueColumn(look.type_name(kind))
    maker = _MAKERS.get(look.type_name(kind))
    return OpaqueColumn(look.type_name(kind)) if maker is None else maker(array)


def _masked(array: Any) -> Column:
    return NumberColumn(array._data, str(array.dtype), array._mask, NA)


def _nullable(array: Any) -> Column:
    column = _masked(array)
    column.can_edit = True
    return column


def _stamps(array: Any) -> Column:
    dtype = array.dtype
    zone = getattr(dtype, "tz", None)
    return TimeColumn(array._ndarray, "timestamp", str(dtype) if zone is None or _is_known_zone(zone) else "datetime64",
                      "" if zone is None else zone_name(zone))  # fmt: skip


def _is_known_zone(zone: Any) -> bool:
    return look.module_name(type(zone)).split(".")[0] in _ZONES


def zone_name(zone: Any) -> str:
    """A zone by the name that others know, or by its offset."""
    if not _is_known_zone(zone):
        return "?"
    root, text = look.module_name(type(zone)).split(".")[0], str(zone)
    if root == "dateutil":
        tail = text.partition("zoneinfo/")[2].rstrip("')\"")
        return tail or ("UTC" if "utc" in text.lower() else "?")
    if text.startswith("UTC") and len(text) > 3:
        return text[3:]
    return "UTC" if text in ("pytz.UTC", "utc") else text


def _durations(array: Any) -> Column:
    return TimeColumn(array._ndarray, "duration", str(array.dtype))


def _categories(array: Any) -> Column:
    dtype = array.dtype
    levels = dtype.categories
    base, count = index_column(levels), len(levels)
    column = LookupColumn(base, count, array._ndarray if hasattr(array, "_ndarray") else array._codes, is_category=True)
    column.is_ordered = bool(dtype.ordered)
    column.can_edit = base.kind == "text"
    return column


def _arrow_texts(array: Any) -> Column:
    from fourpane_plugins.lang_python.agent.table_arrow import ArrowColumn

    dtype = array.dtype
    missing = NAN if type(dtype.na_value) is float else NA
    column = ArrowColumn(array._pa_array if hasattr(array, "_pa_array") else array._data, missing, str(dtype)[:200])
    column.can_edit = column.kind in ("text", "number", "boolean") and not column.is_decimal
    return column


def _objects(array: Any) -> Column:
    return array_column(array._ndarray)


def _texts(array: Any) -> Column:
    dtype = array.dtype
    return ObjectColumn(array._ndarray, str(dtype), NAN if type(dtype.na_value) is float else NA)


def _sparse(array: Any) -> Column:
    return SparseColumn(array)


def _periods(array: Any) -> Column:
    return _Boxed(array, str(array.dtype), order=array._ndarray if hasattr(array, "_ndarray") else array.asi8)


def _intervals(array: Any) -> Column:
    return _Boxed(array, str(array.dtype))


class _Boxed(DerivedColumn):
    """Periods and intervals, which pandas makes one by one."""

    def objects(self, rows: Any) -> list[Any]:
        part = self.values[rows] if type(rows) is slice else self.values.take(numpy().asarray(rows, "i8"))
        return list(part.astype(object))


class SparseColumn(Column):
    """A column of which only the unusual values are kept; a part of it is made dense."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.inner = self._dense(slice(0, min(1, len(array))))
        self.type_name = str(array.dtype)
        self.kind, self.unit, self.zone = self.inner.kind, self.inner.unit, self.inner.zone
        self.can_sort, self.can_filter = self.inner.can_sort, self.inner.can_filter

    def _dense(self, rows: Any) -> Column:
        np = numpy()
        part = self.array[rows] if type(rows) is slice else self.array.take(np.asarray(rows, "i8"))
        return array_column(np.asarray(part))

    def cells(self, rows: Any) -> Any:
        dense = self._dense(rows)
        return dense.cells(slice(0, _count(rows)))

    def texts(self, rows: Any) -> Any:
        return self._dense(rows).texts(slice(0, _count(rows)))

    def block(self, rows: Any) -> Any:
        return self._dense(rows).block(slice(0, _count(rows)))

    def whole(self, row: int) -> Any:
        return self._dense(slice(row, row + 1)).whole(0)


def _count(rows: Any) -> int:
    return rows.stop - rows.start if type(rows) is slice else len(rows)


_MAKERS = {
    "IntegerArray": _nullable,
    "FloatingArray": _nullable,
    "BooleanArray": _nullable,
    "DatetimeArray": _stamps,
    "TimedeltaArray": _durations,
    "Categorical": _categories,
    "ArrowStringArray": _arrow_texts,
    "ArrowStringArrayNumpySemantics": _arrow_texts,
    "ArrowExtensionArray": _arrow_texts,
    "StringArray": _texts,
    "StringArrayNumpySemantics": _texts,
    "NumpyExtensionArray": _objects,
    "PandasArray": _objects,
    "SparseArray": _sparse,
    "PeriodArray": _periods,
    "IntervalArray": _intervals,
}


# ---- indexes --------------------------------------------------------------------------------------------------------


def is_index(value: Any) -> bool:
    """Whether it is an index of pandas' own class, not of the user's."""
    return look.is_genuine(type(value), "pandas") and class_of(value) == "Index"


def index_column(index: Any) -> Column:
    """The labels of an index of one level."""
    if not is_index(index):
        return OpaqueColumn(look.type_name(type(index)))
    inside = look.instance_dict(index) or {}
    if type(inside.get("_range")) is range:
        return RangeColumn(inside["_range"])
    if "_codes" in inside:
        return MultiColumn(index)
    data = inside.get("_data")
    return OpaqueColumn(look.type_name(type(index))) if data is None else column_of(data)


def index_columns(index: Any) -> list[Column]:
    """One column for each level."""
    inside = look.instance_dict(index) or {}
    if not is_index(index) or "_codes" not in inside:
        return [index_column(index)]
    return [
        LookupColumn(index_column(levels), len(levels), codes, is_category=False)
        for levels, codes in zip(inside["_levels"], inside["_codes"])
    ]


class MultiColumn(OpaqueColumn):
    """An index of several levels where one is wanted; only as levels of a category, which nobody does."""

    def __init__(self, index: Any) -> None:
        super().__init__("MultiIndex")


def level_names(index: Any) -> list[Any]:
    """The names of the levels of an index."""
    inside = look.instance_dict(index) or {}
    if "_codes" in inside:
        return list(inside.get("_names") or [None] * len(inside["_codes"]))
    return [inside.get("_name")]


def labels_of(index: Any) -> list[Any]:
    """All labels of an index as objects: of columns, of which there are few."""
    inside = look.instance_dict(index) or {}
    if type(inside.get("_range")) is range:
        return list(inside["_range"])
    if "_codes" in inside:
        parts = []
        for levels, codes in zip(inside["_levels"], inside["_codes"]):
            labels = [*(labels_of(levels) if is_index(levels) else [None] * len(levels)), float("nan")]
            parts.append([labels[code] for code in codes.tolist()])
        return list(zip(*parts))
    data: Any = inside.get("_data")
    if type(data) is numpy().ndarray and data.dtype.kind in "Obiuf":
        return list(data.tolist())
    return [index[place] for place in range(len(index))]


def is_only_numbered(index: Any) -> bool:
    """Whether rows have no labels but their numbers."""
    inside = look.instance_dict(index) or {}
    labels = inside.get("_range")
    return type(labels) is range and labels.start == 0 and labels.step == 1 and inside.get("_name") is None


# ---- tables ---------------------------------------------------------------------------------------------------------


def pandas_frame(value: Any) -> Frame:
    """The table over a frame, series or index."""
    kind = class_of(value)
    if kind == "Index":
        if not is_index(value):
            raise Refusal("not_possible", "This index is of a class of its own, whose code would have to run.")
        return IndexFrame(value)
    frame = FrameOfColumns(value) if kind == "DataFrame" else SeriesFrame(value)
    if not is_index(frame.index):
        raise Refusal("not_possible", "The index of this table is of a class of its own, whose code would have to run.")
    return frame


class _Labelled(Frame):
    """A table with an index."""

    library = "pandas"
    index: Any = None
    is_exact = True

    def take_index(self, index: Any) -> None:
        self.engine = "numpy"
        self.index = index
        self.row_count = len(index) if is_index(index) else 0
        self.label_count = 0 if is_only_numbered(index) else len(level_names(index))

    def label_column(self, index: int) -> Column:
        return index_columns(self.index)[-index - 1]

    def label_name(self, index: int) -> tuple[str, str]:
        name = level_names(self.index)[-index - 1]
        return ("", "") if name is None else name_of(name)


def _is_sound_block(block: Any) -> bool:
    """Whether a block's array is of numpy's or pandas' own, so that its type may be asked for its name."""
    kind = type(block.values)
    return kind is numpy().ndarray or look.is_genuine(kind, "pandas")


class FrameOfColumns(_Labelled):
    """A DataFrame, or one of a class made from it."""

    def __init__(self, value: Any) -> None:
        self.value_id = id(value)
        self.manager = manager_of(value)
        columns, index = self.manager.axes
        self.columns = columns
        self._names: list[Any] | None = None
        self.take_index(index)
        self.type_name = look.type_name(type(value))
        self.is_exact = type(value) is pandas().DataFrame
        self.column_count = len(columns) if is_index(columns) else 0
        if not is_index(columns):
            raise Refusal("not_possible", "The columns' names are of a class of its own, whose code would have to run.")
        self.dialects = ("pandas", "sql") if self.is_exact else ("pandas",)
        if self.is_exact:
            self.features = (*self.features, "audit")

    def make_column(self, index: int) -> Column:
        if index < 0:
            return self.label_column(index)
        column = column_of(self.manager.iget_values(index))
        column.can_edit = column.can_edit and self.is_exact
        return column

    def name(self, index: int) -> tuple[str, str]:
        return self.label_name(index) if index < 0 else name_of(self.names()[index])

    def names(self) -> list[Any]:
        """The columns' labels."""
        if self._names is None:
            self._names = labels_of(self.columns)
        return self._names

    def schema(self) -> int:
        """Types come from the blocks, so that thousands of columns take no time."""
        inside = look.instance_dict(self.columns) or {}
        counted = inside.get("_range")
        names: Any = counted if type(counted) is range else tuple(map(name_of, self.names()))
        types = [str(block.dtype) if _is_sound_block(block) else "?" for block in self.manager.blocks]
        by_column = tuple(types[number] for number in self.manager.blknos.tolist())
        rows = [
            (self.label_name(-level - 1), self.label_column(-level - 1).type_name) for level in range(self.label_count)
        ]
        return hash((names, by_column, tuple(rows)))

    def stamp(self) -> Any:
        manager = self.manager
        blocks = manager.blocks
        parts = tuple(id(block.values) for block in blocks[:64])
        return self.value_id, id(manager), len(blocks), parts, id(self.columns), id(self.index), self.row_count

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        return f"{name}.iat[{row}, {index}] = {literal_text}"


class SeriesFrame(_Labelled):
    """A Series as a table of one column."""

    def __init__(self, value: Any) -> None:
        self.value_id = id(value)
        self.manager = manager_of(value)
        self.take_index(self.manager.axes[-1])
        self.label = (look.instance_dict(value) or {}).get("_name")
        self.type_name = look.type_name(type(value))
        self.is_exact = type(value) is pandas().Series
        self.column_count = 1
        self.dialects = ("pandas",) if self.is_exact else ()

    def make_column(self, index: int) -> Column:
        if index < 0:
            return self.label_column(index)
        column = column_of(self.manager.blocks[0].values)
        column.can_edit = column.can_edit and self.is_exact
        return column

    def name(self, index: int) -> tuple[str, str]:
        if index < 0:
            return self.label_name(index)
        return ("value", "") if self.label is None else name_of(self.label)

    def stamp(self) -> Any:
        return self.value_id, id(self.manager), id(self.manager.blocks[0].values), id(self.index), self.row_count

    def expression(self, name: str) -> str:
        return f'{name}.to_frame("value")' if self.label is None else f"{name}.to_frame()"

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        return f"{name}.iat[{row}] = {literal_text}"


class IndexFrame(Frame):
    """An Index; each level is a column."""

    library = "pandas"

    def __init__(self, value: Any) -> None:
        self.engine = "numpy"
        self.value = value
        self.type_name = look.type_name(type(value))
        self.row_count = len(value)
        self.names = level_names(value)
        self.column_count = len(self.names)
        self.dialects = ("pandas",)

    def make_column(self, index: int) -> Column:
        column = index_columns(self.value)[index]
        column.can_edit = False
        return column

    def name(self, index: int) -> tuple[str, str]:
        return name_of(index if self.names[index] is None else self.names[index])

    def stamp(self) -> Any:
        return id(self.value), self.row_count

    def expression(self, name: str) -> str:
        return f"{name}.to_frame(index=False)"
