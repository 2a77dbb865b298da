"""Tables over Python's own lists and dicts: records, columns, rows, plain values.

Columns are found from some of the items, evenly spaced. Only the built-in part of containers is read, and only items
whose type is known.
"""

from __future__ import annotations

from typing import Any, Callable

from fourpane_plugins.lang_python.agent import look, table_cells
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_cells import VALUE, Cells
from fourpane_plugins.lang_python.agent.table_columns import Column, Frame, name_of

LOOKED_AT = 1_000
COLUMNS_MOST = 20_000
Reader = Callable[[int], Any]
"""Gives the value of a row."""
_KINDS = {int: "number", float: "number", bool: "boolean", str: "text"}


class PlainColumn(Column):
    """Values that `value_at` gives; `kind` is found from some of them."""

    def __init__(self, value_at: Reader, kind_and_type: tuple[str, str]) -> None:
        self.value_at = value_at
        self.kind, self.type_name = kind_and_type
        self.can_sort = self.can_filter = self.kind in ("number", "boolean", "text")

    def values(self, rows: Any) -> list[Any]:
        """The values of these rows."""
        return [self.value_at(row) for row in (range(rows.start, rows.stop) if type(rows) is slice else rows)]

    def cells(self, rows: Any) -> Cells:
        values = self.values(rows)
        codes = bytearray(table_cells.cell_of(value)[1] for value in values)
        wanted: set[type] = {int, float} if self.kind == "number" else {bool} if self.kind == "boolean" else set()
        present = [value for value, code in zip(values, codes) if not table_cells.is_missing_code(code)]
        if not wanted or any(type(value) not in wanted for value in present):
            return table_cells.object_cells(values)
        numbers = [None if table_cells.is_missing_code(code) else value for value, code in zip(values, codes)]
        if self.kind == "boolean":
            return table_cells.number_cells("bool", numbers, codes)
        if any(table_cells.is_missing_code(code) and value is None for value, code in zip(values, codes)) or present:
            return table_cells.best_number_cells(numbers, codes)
        return table_cells.number_cells("float64", numbers, codes)

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        found = [table_cells.cell_of(value) for value in self.values(rows)]
        texts = [text for text, _ in found]
        if self.kind == "boolean":
            texts = [{"True": "true", "False": "false"}.get(text, text) for text in texts]
        return texts, bytearray(code for _, code in found)

    def objects(self, rows: Any) -> tuple[list[Any], list[int]]:
        """For the plain engine: None where there is none; what is no plain value only counts as present."""
        values: list[Any] = []
        codes: list[int] = []
        for value in self.values(rows):
            text, code = table_cells.cell_of(value)
            codes.append(code)
            is_kept = type(value) in _KINDS or code != VALUE
            values.append(None if table_cells.is_missing_code(code) else value if is_kept else text)
        if self.kind == "text":
            values = [value if value is None or type(value) is str else str(_text(value)) for value in values]
        elif not self.can_filter:
            values = [None if value is None else True for value in values]
        return values, codes

    def whole(self, row: int) -> Any:
        return self.value_at(row)


def kind_and_type(values: list[Any]) -> tuple[str, str]:
    """The kind of a column by some of its values, and the types that they have."""
    kinds: set[str] = set()
    types: set[str] = set()
    for value in values:
        if not table_cells.is_missing_code(table_cells.cell_of(value)[1]):
            kinds.add(_kind_of(value))
            types.add(look.type_name(type(value)))
    kind = kinds.pop() if len(kinds) == 1 else "object" if kinds else "text"
    return kind, ", ".join(sorted(types)[:3]) + (", …" if len(types) > 3 else "")


def _text(value: Any) -> str:
    return table_cells.cell_of(value)[0]


def _kind_of(value: Any) -> str:
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    code = table_cells.cell_of(value)[1]
    return "nested" if code == table_cells.OBJECT else "object"


def sample_rows(count: int) -> list[int]:
    """Rows to look at: some of the first, and others evenly spaced."""
    if count <= LOOKED_AT:
        return list(range(count))
    half = LOOKED_AT // 2
    return [*range(half), *(half + (count - half) * place // half for place in range(half))]


# ---- tables ---------------------------------------------------------------------------------------------------------


class PlainFrame(Frame):
    """A table whose columns are names and functions of a row."""

    library = "python"

    def __init__(self, value: Any, columns: list[tuple[Any, Reader]], row_count: int, memory: Any) -> None:
        self.engine = "plain"
        self.identity = id(value)
        self.type_name = look.type_name(type(value))
        self.columns = columns[:COLUMNS_MOST]
        self.row_count, self.column_count = row_count, len(self.columns)
        self.kinds: dict[int, tuple[str, str]] = memory.setdefault("kinds", {})

    def make_column(self, index: int) -> Column:
        value_at = self.columns[index][1]
        found = self.kinds.get(index)
        if found is None:
            found = self.kinds[index] = kind_and_type([value_at(row) for row in sample_rows(self.row_count)])
        return PlainColumn(value_at, found)

    def name(self, index: int) -> tuple[str, str]:
        return name_of(self.columns[index][0])

    def stamp(self) -> Any:
        return self.identity, self.row_count, self.column_count


def base_of(value: Any) -> Any:
    """list, tuple or dict where the class of `value` is or is made from one of them; else None."""
    for cls in look.mro(type(value)):
        if cls is list or cls is tuple or cls is dict:
            return cls
    return None


def plain_frame(value: Any, memory: dict[str, Any]) -> Frame:
    """The table over a list, tuple or dict. `memory` keeps what was found out of the items as long as the container
    seems to be the same: names and types, nothing of the user's."""
    base = base_of(value)
    key = (id(value), base.__len__(value))
    if memory.get("of") != key:
        memory.clear()
        memory["of"] = key
    if base is dict:
        return _of_dict(value, memory)
    items: Any = base.__getitem__
    if "names" not in memory:
        memory["form"], memory["names"] = _form(value, items, key[1])
    names = memory["names"]
    if memory["form"] == "records":
        columns = [(name, _record_reader(value, items, name)) for name in names]
    elif memory["form"] == "rows":
        columns = [(name, _row_reader(value, items, place)) for place, name in enumerate(names)]
    else:
        columns = [("value", lambda row: items(value, row))]
    return PlainFrame(value, columns, key[1], memory)


def _form(value: Any, items: Any, count: int) -> tuple[str, list[Any]]:
    firsts = [item for item in (items(value, row) for row in sample_rows(count)) if item is not None]
    kinds = {base_of(item) for item in firsts}
    if kinds == {dict}:
        return "records", _record_names(firsts)
    if kinds and kinds <= {list, tuple}:
        return "rows", _field_names(firsts, max(base_of(item).__len__(item) for item in firsts))
    return "values", []


def _record_names(firsts: list[Any]) -> list[Any]:
    """The keys of the records that were looked at; only those whose hash and comparison are Python's."""
    keys: dict[Any, None] = {}
    for record in firsts:
        for key in list(dict.keys(record)):
            if _is_safe_key(key) and len(keys) < COLUMNS_MOST:
                keys.setdefault(key)
    return list(keys)


def _record_reader(value: Any, items: Any, key: Any) -> Reader:
    def value_at(row: int) -> Any:
        record = items(value, row)
        return dict.get(record, key) if base_of(record) is dict else None

    return value_at


def _row_reader(value: Any, items: Any, place: int) -> Reader:
    def value_at(row: int) -> Any:
        inner = items(value, row)
        base = base_of(inner)
        if base not in (list, tuple) or place >= base.__len__(inner):
            return None
        return base.__getitem__(inner, place)

    return value_at


def _is_safe_key(key: Any) -> bool:
    kind = type(key)
    if kind is tuple:
        return all(_is_safe_key(part) for part in key)
    return kind in (str, int, float, bool, bytes) or key is None


def _field_names(firsts: list[Any], width: int) -> list[Any]:
    """Those of named tuples, where all are of one class of them; else numbers."""
    classes = {id(type(item)): type(item) for item in firsts}
    if len(classes) == 1:
        fields = look.type_dict(next(iter(classes.values()))).get("_fields")
        if type(fields) is tuple and len(fields) == width and all(type(name) is str for name in fields):
            return list(fields)
    return list(range(width))


def _of_dict(value: Any, memory: dict[str, Any]) -> Frame:
    pairs = list(dict.items(value))
    lengths = [_length(item) for _, item in pairs]
    if pairs and all(length >= 0 for length in lengths):
        columns = [(key, _cell_reader(item)) for key, item in pairs]
        return PlainFrame(value, columns, max(lengths), memory)
    return PlainFrame(
        value, [("key", lambda row: pairs[row][0]), ("value", lambda row: pairs[row][1])], len(pairs), memory
    )


def _length(item: Any) -> int:
    base = base_of(item)
    if base in (list, tuple):
        return int(base.__len__(item))
    known = look.known_type(item)
    if known is not None and getattr(known, "__name__", "") == "_ndarray" and len(item.shape) == 1:
        return int(item.shape[0])
    return -1


def _cell_reader(item: Any) -> Reader:
    base = base_of(item)
    if base is None:
        return lambda row: _number(item[row]) if row < item.shape[0] else None
    return lambda row: base.__getitem__(item, row) if row < base.__len__(item) else None


def _number(value: Any) -> Any:
    """numpy's scalars as Python's."""
    return value.item() if getattr(getattr(value, "dtype", None), "kind", "") in "biuf" else value


def refuse(value: Any) -> Refusal:
    """What is said of objects that are no table."""
    name = look.type_name(type(value))
    return Refusal("not_possible", f"A value of the type {name} cannot be shown as a table.")
