"""Columns over numpy arrays, and tables over numpy's own arrays: of any number of axes, structured, masked.

Columns cut the rows asked for out of an array before anything else is done with them, so that a page costs the same
at any length. The arrays are the user's own: they are only read.
"""

from __future__ import annotations

import sys
from typing import Any, Sequence

from fourpane_plugins.lang_python.agent import look, table_cells
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_cells import NA, NAN, NAT, Cells
from fourpane_plugins.lang_python.agent.table_columns import (
    Block,
    Column,
    Frame,
    OpaqueColumn,
    name_of,
    with_missing,
)

LOOKED_AT = 64
_STEPS = {
    "W": ("D", "date"),
    "Y": ("D", "date"),
    "M": ("D", "date"),
    "D": ("D", "date"),
    "h": ("s", ""),
    "m": ("s", ""),
}
_UNITS = ("s", "ms", "us", "ns")


def numpy() -> Any:
    """numpy, as the user has imported it; only called where one of its arrays is at hand."""
    return sys.modules["numpy"]


def taken(values: Any, rows: Any) -> Any:
    """The rows of an array: a view for a slice, else a copy of these rows."""
    return values[rows] if type(rows) is slice else values.take(numpy().asarray(rows), axis=0)


def codes_of(missing: Any, code: int) -> bytearray:
    """Codes from an array of booleans."""
    return bytearray(memoryview((missing * numpy().uint8(code)).astype("u1")))


_NAMES: dict[str, str] = {}


def dtype_name(dtype: Any) -> str:
    """The name of a type of plain numbers; numpy makes it anew each time."""
    found = _NAMES.get(dtype.str)
    if found is None:
        found = _NAMES[dtype.str] = dtype.name
    return found


def sample_places(count: int, most: int = LOOKED_AT) -> list[int]:
    """Evenly spaced places, the first ones among them."""
    if count <= most:
        return list(range(count))
    head = most // 4
    return [*range(head), *(head + (count - head) * place // (most - head) for place in range(most - head))]


class NumberColumn(Column):
    """Numbers or booleans; `mask` is True where there is none."""

    def __init__(self, values: Any, type_name: str = "", mask: Any = None, mask_code: int = NA) -> None:
        self.values = values
        self.mask = mask
        self.mask_code = mask_code
        self.type_name = type_name or dtype_name(values.dtype)
        self.kind = "boolean" if values.dtype.kind == "b" else "number"
        self.can_edit = mask is None

    def cells(self, rows: Any) -> Cells:
        values = taken(self.values, rows)
        form = values.dtype.kind
        missing = None if self.mask is None else taken(self.mask, rows)
        codes = bytearray(len(values)) if missing is None else codes_of(missing, self.mask_code)
        if form == "f":
            return self._float_cells(values, missing, codes)
        encoding = "bool" if form == "b" else "uint64" if form == "u" and values.dtype.itemsize == 8 else "int64"
        wide = values.astype({"bool": "u1", "uint64": "<u8", "int64": "<i8"}[encoding])
        return Cells(encoding, wide.tobytes(), table_cells.kept_codes(codes))

    def _float_cells(self, values: Any, missing: Any, codes: bytearray) -> Cells:
        blank = numpy().isnan(values)
        if blank.any():
            for row in blank.nonzero()[0].tolist():
                codes[row] = codes[row] or NAN
        if values.dtype.itemsize <= 8:
            return Cells("float64", values.astype("<f8").tobytes(), table_cells.kept_codes(codes))
        texts = ["" if code else str(value) for value, code in zip(values, codes)]
        return table_cells.text_cells(texts, codes)

    def block(self, rows: Any) -> Block:
        values = taken(self.values, rows)
        return Block("numbers", values, None if self.mask is None else taken(self.mask, rows))

    def whole(self, row: int) -> Any:
        return None if self.mask is not None and self.mask[row] else self.values[row]


class TimeColumn(Column):
    """Dates, instants and durations of numpy: whole numbers of a unit, NaT where there is none."""

    def __init__(self, values: Any, kind: str, type_name: str = "", zone: str = "") -> None:
        self.kind = kind
        self.type_name = type_name or str(values.dtype)
        self.zone = zone
        self.values = values
        base = numpy().datetime_data(values.dtype)[0]
        target, as_date = _STEPS.get(base, (base, ""))
        if values.dtype.kind == "m":
            target, as_date = ("s" if base in ("W", "D") else target), ""
        self.kind = as_date or kind
        self.unit = "" if as_date else target
        self.target = f"{values.dtype.kind}8[{target}]"
        self.can_edit = not as_date

    def _numbers(self, rows: Any) -> Any:
        return taken(self.values, rows).astype(self.target).view("i8")

    def cells(self, rows: Any) -> Cells:
        numbers = self._numbers(rows)
        codes = codes_of(numbers == numpy().iinfo("i8").min, NAT)
        return Cells("int64", numbers.astype("<i8").tobytes(), table_cells.kept_codes(codes))

    def block(self, rows: Any) -> Block:
        numbers = self._numbers(rows)
        missing = numbers == numpy().iinfo("i8").min
        return Block("numbers", numbers, missing)

    def whole(self, row: int) -> Any:
        return self.values[row]


class ObjectColumn(Column):
    """Python's objects. Where all that were looked at are text, it is a column of text; or of nested values."""

    def __init__(self, values: Any, type_name: str = "object", missing_code: int | None = None) -> None:
        self.values = values
        self.type_name = type_name
        self.missing_code = missing_code
        kinds = {self._kind(values[place]) for place in sample_places(len(values))}
        kinds.discard("")
        self.kind = kinds.pop() if len(kinds) == 1 else "object"
        if type_name != "object":  # a type for text, whatever is in it
            self.kind = "text"
        self.can_sort = self.can_filter = self.kind == "text"
        self.can_edit = self.kind == "text"

    @staticmethod
    def _kind(value: Any) -> str:
        if type(value) is str:
            return "text"
        code = table_cells.cell_of(value)[1]
        return "" if table_cells.is_missing_code(code) else "nested" if code == table_cells.OBJECT else "object"

    def cells(self, rows: Any) -> Cells:
        cells = table_cells.object_cells(taken(self.values, rows).tolist())
        return cells if self.missing_code is None else self._with_code(cells)

    def _with_code(self, cells: Cells) -> Cells:
        if not cells.codes:
            return cells
        is_missing = [table_cells.is_missing_code(code) for code in cells.codes]
        return with_missing(cells, is_missing, self.missing_code or NA)

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        found = [table_cells.cell_of(value) for value in taken(self.values, rows).tolist()]
        return [text for text, _ in found], bytearray(code for _, code in found)

    def block(self, rows: Any) -> Block:
        np = numpy()
        values = taken(self.values, rows).tolist()
        plain = [value if type(value) is str else None for value in values]
        missing = np.zeros(len(values), "?")
        for row, value in enumerate(plain):
            if value is None:
                text, code = table_cells.cell_of(values[row])
                missing[row] = table_cells.is_missing_code(code)
                plain[row] = text
        return Block("texts" if self.kind == "text" else "other", plain, missing)

    def whole(self, row: int) -> Any:
        return self.values[row]


class TextColumn(Column):
    """numpy's own text (fixed or any width) and bytes."""

    can_edit = False

    def __init__(self, values: Any) -> None:
        self.values = values
        self.type_name = str(values.dtype)[:60]
        self.kind = "binary" if values.dtype.kind == "S" else "text"
        self.can_sort = self.can_filter = self.kind == "text"

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        found = [table_cells.cell_of(value) for value in taken(self.values, rows).tolist()]
        return [text for text, _ in found], bytearray(code for _, code in found)

    def cells(self, rows: Any) -> Cells:
        return table_cells.object_cells(taken(self.values, rows).tolist())

    def block(self, rows: Any) -> Block:
        texts, codes = self.texts(rows)
        missing = numpy().frombuffer(bytes(codes), "u1") != 0 if self.kind == "text" and any(codes) else None
        return Block("texts" if self.kind == "text" else "other", texts, missing)

    def whole(self, row: int) -> Any:
        return self.values[row]


class DerivedColumn(Column):
    """Values that have no form but exact text: complex numbers, structures, periods, intervals. `order` are whole
    numbers in the order of the values, where they have one."""

    can_filter = False

    def __init__(self, values: Any, type_name: str, kind: str = "object", order: Any = None) -> None:
        self.values = values
        self.type_name = type_name
        self.kind = kind
        self.order = order
        self.can_sort = order is not None

    def objects(self, rows: Any) -> list[Any]:
        """The values of these rows."""
        found: list[Any] = list(taken(self.values, rows))
        return found

    def cells(self, rows: Any) -> Cells:
        return table_cells.object_cells([_plain(value) for value in self.objects(rows)])

    def block(self, rows: Any) -> Block:
        if self.order is not None:
            order = taken(self.order, rows)
            return Block("numbers", order, order == numpy().iinfo("i8").min)
        codes = self.cells(rows).codes
        missing = None
        if codes:
            found = numpy().frombuffer(codes, "u1")
            missing = (found >= NA) & (found <= table_cells.NULL)
        return Block("other", None, missing)

    def whole(self, row: int) -> Any:
        return _plain(self.objects(slice(row, row + 1))[0])


def _plain(value: Any) -> Any:
    """numpy's structures and complex numbers as Python has them."""
    form = getattr(getattr(value, "dtype", None), "kind", "")
    if form == "V":
        return value.item()
    if form == "c":
        found = complex(value)
        return float("nan") if found != found else found
    return value


class LookupColumn(Column):
    """Values that are picked from a column of levels by their places; a place of -1 is missing. As a category the
    text of the level is shown, else (a level of an index) the level's own kind."""

    def __init__(
        self, levels: Column, level_count: int, places: Any, *, is_category: bool, missing_code: int = NAN
    ) -> None:
        self.levels = levels
        self.places = places
        self.is_category = is_category
        self.missing_code = missing_code
        self.kind = "category" if is_category else levels.kind
        self.type_name = "category" if is_category else levels.type_name
        self.unit, self.zone = ("", "") if is_category else (levels.unit, levels.zone)
        self.level_count = level_count
        self.can_sort = is_category or levels.can_sort
        self.can_filter = is_category or levels.can_filter
        if not is_category:
            self.level_count = 0
        self._count = level_count
        self._level_texts: list[str] | None = None

    def _places(self, rows: Any) -> tuple[Any, Any]:
        places = taken(self.places, rows)
        missing = places < 0
        return places, missing

    def cells(self, rows: Any) -> Cells:
        places, missing = self._places(rows)
        if not self._count:
            return table_cells.text_cells([""] * len(places), bytearray([self.missing_code]) * len(places))
        inside = places.clip(0)
        if self.is_category:
            texts, codes = self.levels.texts(inside)
            cells = table_cells.text_cells(texts, codes)
        else:
            cells = self.levels.cells(inside)
        return with_missing(cells, missing.tolist(), self.missing_code) if missing.any() else cells

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        places, missing = self._places(rows)
        if not self._count:
            return [""] * len(places), bytearray([self.missing_code]) * len(places)
        texts, codes = self.levels.texts(places.clip(0))
        for row in missing.nonzero()[0].tolist():
            texts[row], codes[row] = "", self.missing_code
        return texts, codes

    def block(self, rows: Any) -> Block:
        places, missing = self._places(rows)
        if self.is_category or not self._count:
            return Block("codes", places, missing)
        block = self.levels.block(places.clip(0))
        return block.hidden(missing)

    def level_texts(self) -> list[str]:
        if self._level_texts is None:
            self._level_texts = self.levels.texts(slice(0, self._count))[0] if self._count else []
        return self._level_texts

    def whole(self, row: int) -> Any:
        place = int(self.places[row])
        return None if place < 0 else self.levels.whole(place)


class RangeColumn(Column):
    """Row labels that are counted and lie nowhere."""

    kind = "number"
    type_name = "int64"

    def __init__(self, labels: range) -> None:
        self.labels = labels

    def _numbers(self, rows: Any) -> list[int]:
        places = self.labels[rows] if type(rows) is slice else [self.labels[int(row)] for row in rows]
        return list(places)

    def cells(self, rows: Any) -> Cells:
        numbers = self._numbers(rows)
        return table_cells.number_cells("int64", numbers, bytearray(len(numbers)))

    def block(self, rows: Any) -> Block:
        np = numpy()
        if type(rows) is slice:
            part = self.labels[rows]
            return Block("numbers", np.arange(part.start, part.stop, part.step, dtype="i8"))
        return Block("numbers", np.asarray(rows).astype("i8") * self.labels.step + self.labels.start)

    def whole(self, row: int) -> Any:
        return self.labels[row]


def array_column(values: Any, mask: Any = None) -> Column:
    """The column over a one-dimensional array of numpy's own; `mask` is True where a masked array has no value."""
    column = _bare_column(values)
    return column if mask is None else MaskedColumn(column, mask)


def _bare_column(values: Any) -> Column:
    form, size = values.dtype.kind, values.dtype.itemsize
    if form in "biuf":
        return NumberColumn(values)
    if form in "mM":
        base = numpy().datetime_data(values.dtype)[0]
        if base in _UNITS or (base in _STEPS and not (form == "m" and base in "YM")):
            return TimeColumn(values, "timestamp" if form == "M" else "duration")
        return DerivedColumn(values, str(values.dtype))
    if form == "O":
        return ObjectColumn(values)
    if form in "UST":
        return TextColumn(values)
    if form == "V":
        return DerivedColumn(values, str(values.dtype)[:200], "nested")
    return DerivedColumn(values, values.dtype.name) if size else OpaqueColumn(values.dtype.name)


class MaskedColumn(Column):
    """A column some of whose cells a masked array hides."""

    def __init__(self, column: Column, mask: Any) -> None:
        self.inner = column
        self.mask = mask
        self.kind, self.type_name = column.kind, column.type_name
        self.unit, self.zone = column.unit, column.zone
        self.can_sort, self.can_filter = column.can_sort, column.can_filter

    def cells(self, rows: Any) -> Cells:
        missing = taken(self.mask, rows)
        cells = self.inner.cells(rows)
        return with_missing(cells, missing.tolist(), NA) if missing.any() else cells

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        texts, codes = self.inner.texts(rows)
        for row in taken(self.mask, rows).nonzero()[0].tolist():
            texts[row], codes[row] = "", NA
        return texts, codes

    def block(self, rows: Any) -> Block:
        block, missing = self.inner.block(rows), taken(self.mask, rows)
        return block.hidden(missing)

    def whole(self, row: int) -> Any:
        return None if self.mask[row] else self.inner.whole(row)


# ---- tables over arrays ---------------------------------------------------------------------------------------------


def is_array(value: Any) -> bool:
    """Whether it is an array of numpy or of a class made from it."""
    names = look.library("numpy")
    return names is not None and any(base is names.get("ndarray") for base in look.mro(type(value)))


def bare(value: Any) -> Any:
    """The array itself, without the class that the user may have put around it; shares the memory."""
    return numpy().ndarray.view(value, numpy().ndarray)


def mask_of(value: Any) -> Any:
    """The mask of a masked array, or None."""
    names = look.library("numpy.ma")
    if names is None or not any(base is names.get("MaskedArray") for base in look.mro(type(value))):
        return None
    mask: Any = (look.instance_dict(value) or {}).get("_mask")
    return mask if type(mask) is numpy().ndarray and mask.shape == bare(value).shape else None


def array_frame(value: Any, view: tuple[int, int, tuple[int, ...]] | None) -> Frame:
    """A table over an array; `view` says which axes are shown."""
    array, mask = bare(value), mask_of(value)
    library = "numpy"
    if array.dtype.names and array.ndim <= 1:
        return StructuredFrame(array, mask, look.type_name(type(value)), id(value))
    return ArrayFrame(array, mask, view, library, look.type_name(type(value)), id(value))


class ArrayFrame(Frame):
    """Two axes of an array, all others held at one place. Labels of axes (xarray) are columns beside."""

    def __init__(
        self,
        array: Any,
        mask: Any,
        view: tuple[int, int, tuple[int, ...]] | None,
        library: str,
        type_name: str,
        identity: int,
        axes: Sequence[Any] = (),
    ) -> None:
        self.engine = "numpy"
        self.library, self.type_name = library, type_name
        self.identity = identity
        self.dims = tuple(array.shape)
        self.array = array
        self.axes = axes
        self.row_axis, self.column_axis, self.fixed = view or _default_view(array.ndim)
        _check_view(self.dims, self.row_axis, self.column_axis, self.fixed)
        if array.ndim >= 2:
            self.features = (*self.features, "slice")
        self.plane: Any = self._plane(array)
        self.mask: Any = None if mask is None else self._plane(mask)
        self.row_count, self.column_count = self.plane.shape
        labels = axes[self.row_axis].column if axes and self.row_axis >= 0 else None
        self.labels: Column | None = labels
        self.label_count = 0 if labels is None else 1

    def _plane(self, array: Any) -> Any:
        """The two axes that are shown, as a view."""
        if array.ndim == 0:
            return array.reshape(1, 1)
        others = iter(self.fixed)
        places: list[Any] = [
            slice(None) if axis in (self.row_axis, self.column_axis) else next(others) for axis in range(array.ndim)
        ]
        plane = array[tuple(places)]
        if self.column_axis < 0:
            return plane[:, None]
        return plane if self.row_axis < self.column_axis else plane.T

    def make_column(self, index: int) -> Column:
        if index < 0 and self.labels is not None:
            return self.labels
        column = array_column(self.plane[:, index], None if self.mask is None else self.mask[:, index])
        column.can_edit = column.can_edit and self.library == "numpy" and self.mask is None
        return column

    def name(self, index: int) -> tuple[str, str]:
        if index < 0:
            return self.axes[self.row_axis].name, ""
        if self.column_axis < 0:
            return "value", ""
        labels = self.axes[self.column_axis].column if self.axes else None
        if labels is None:
            return str(index), str(index)
        return labels.texts(slice(index, index + 1))[0][0], ""

    def stamp(self) -> Any:
        return self.identity, self.dims, str(self.array.dtype), self.array.__array_interface__["data"][0]

    def schema(self) -> int:
        """Columns of an array are all alike."""
        return hash((self.library, len(self.dims), self.column_count, str(self.array.dtype), self.label_count))

    def expression(self, name: str) -> str:
        return name

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        others = iter(self.fixed)
        shown = {self.row_axis: str(row), self.column_axis: str(index)}
        places = [shown[axis] if axis in shown else str(next(others)) for axis in range(len(self.dims))]
        return f"{name}[{', '.join(places) if places else '()'}] = {literal_text}"


def _default_view(ndim: int) -> tuple[int, int, tuple[int, ...]]:
    if ndim == 0:
        return -1, -1, ()
    return (0, -1, ()) if ndim == 1 else (0, 1, (0,) * (ndim - 2))


def _check_view(dims: tuple[int, ...], row_axis: int, column_axis: int, fixed: tuple[int, ...]) -> None:
    shown = [axis for axis in (row_axis, column_axis) if axis >= 0]
    others = [size for axis, size in enumerate(dims) if axis not in shown]
    is_sound = all(axis < len(dims) for axis in shown) and len(set(shown)) == len(shown) == min(len(dims), 2)
    if not is_sound or len(others) != len(fixed):
        raise Refusal("bad_params", "these are not the axes of the array")
    if any(not 0 <= place < max(size, 1) for place, size in zip(fixed, others)):
        raise Refusal("bad_params", "a place is outside of its axis")
    if any(size == 0 for size in others):
        raise Refusal("not_possible", "One of the other axes is empty: there is nothing to show.")


class StructuredFrame(Frame):
    """The fields of a structured array as columns."""

    library = "numpy"

    def __init__(self, array: Any, mask: Any, type_name: str, identity: int) -> None:
        self.engine = "numpy"
        self.type_name = type_name
        self.identity = identity
        self.array = array.reshape(-1)
        self.mask = None if mask is None else mask.reshape(-1)
        self.names = tuple(array.dtype.names)
        self.row_count, self.column_count = len(self.array), len(self.names)

    def make_column(self, index: int) -> Column:
        values = self.array[self.names[index]]
        mask = None if self.mask is None else self.mask[self.names[index]]
        if values.ndim > 1 or values.dtype.names:
            return NestedColumn(values, str(self.array.dtype[index])[:200])
        return array_column(values, mask if mask is None or mask.dtype.kind == "b" else None)

    def name(self, index: int) -> tuple[str, str]:
        return name_of(self.names[index])

    def stamp(self) -> Any:
        return self.identity, self.array.shape, str(self.array.dtype), self.array.__array_interface__["data"][0]

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        return f"{name}[{self.names[index]!r}][{row}] = {literal_text}"


class NestedColumn(Column):
    """A field that holds arrays or structures."""

    kind = "nested"
    can_sort = False
    can_filter = False

    def __init__(self, values: Any, type_name: str) -> None:
        self.values = values
        self.type_name = type_name

    def cells(self, rows: Any) -> Cells:
        parts = taken(self.values, rows)
        found = [look.preview(_few(part), 0, look.Budget(look.OBJECT_BUDGET_S)) or "…" for part in parts]
        return table_cells.text_cells(found, bytearray([table_cells.OBJECT]) * len(found))

    def block(self, rows: Any) -> Block:
        return Block("other", None)

    def whole(self, row: int) -> Any:
        return self.values[row].tolist()


def _few(part: Any) -> Any:
    return part.item() if part.dtype.names and part.ndim == 0 else part.reshape(-1)[:40].tolist()
