"""What every kind of table has in common: columns, frames of columns, names, and the engine that finds rows.

A frame is made anew for each request from the object that the path names at that moment, in a time that depends
neither on rows nor on columns, and is forgotten with the answer: so nothing of the user's is kept alive.
"""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple, Sequence

from fourpane_plugins.lang_python.agent import look, table_cells, table_times
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_cells import NAN, UNSEEN, VALUE, Cells, is_missing_code
from fourpane_plugins.lang_python.agent.table_filters import TIMES


class Block(NamedTuple):
    """Cells of one column for an engine that works with numpy.

    `form` says what `values` are: "numbers" (an array of numbers, booleans, or times as whole numbers), "codes" (an
    array of places of levels), "texts" (a list of text), "arrow" (an arrow array of text), "arrow_numbers" (an arrow
    array of decimals), "other" (nothing that could be compared). `masked` is an array of booleans, or None: what is
    missing beside the NaN among floats, which are only looked for where they matter.
    """

    form: str
    values: Any
    masked: Any = None

    @property
    def missing(self) -> Any:
        """What is missing as an array of booleans, or None where nothing is."""
        if self.form != "numbers" or self.values.dtype.kind != "f":
            return self.masked
        blank = self.values != self.values
        if not blank.any():
            return self.masked
        return blank if self.masked is None else blank | self.masked

    def hidden(self, mask: Any) -> Block:
        """The same block where `mask` is missing too."""
        return self._replace(masked=mask if self.masked is None else mask | self.masked)


class Column:
    """One column. `rows` of the methods is a slice with both ends, or a sequence of row numbers."""

    kind = "object"
    type_name = ""
    unit = ""
    zone = ""
    level_count = 0
    is_ordered = False
    can_sort = True
    can_filter = True
    can_edit = False

    def cells(self, rows: Any) -> Cells:
        """The cells as they travel."""
        raise NotImplementedError

    def block(self, rows: Any) -> Block:
        """The cells for the numpy engine."""
        raise NotImplementedError

    def texts(self, rows: Any) -> tuple[list[str], bytearray]:
        """The cells as canonical text, whole, and their codes."""
        return canonical(self, self.cells(rows))

    def level_texts(self) -> list[str]:
        """The levels of a category, in their order."""
        return []

    def whole(self, row: int) -> Any:
        """The value of one cell as an object of Python's or of the library's, for the inspector and for undoing."""
        raise NotImplementedError


def canonical(column: Column, cells: Cells) -> tuple[list[str], bytearray]:
    """Cells as text in the form that filters use, and their codes."""
    if cells.encoding == "text":
        texts = text_list(cells)
        codes = bytearray(cells.codes) if cells.codes else bytearray(len(texts))
        return texts, codes
    form = {"bool": "B", "int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}[cells.encoding]
    numbers = array(form)
    numbers.frombytes(cells.data)
    codes = bytearray(cells.codes) if cells.codes else bytearray(len(numbers))
    return [
        "" if is_missing_code(code) else number_text(column, cells.encoding, value)
        for value, code in zip(numbers, codes)
    ], codes


def number_text(column: Column, encoding: str, value: Any) -> str:
    """One number, boolean or time as canonical text."""
    if encoding == "bool":
        return "true" if value else "false"
    if column.kind in TIMES:
        return table_times.text_of(int(value), column.kind, column.unit, column.zone)
    return repr(value)


def text_list(cells: Cells) -> list[str]:
    """The texts of cells that travel as text."""
    ends = array("I")
    ends.frombytes(cells.ends)
    starts = [0, *ends[:-1]]
    return [cells.data[first:end].decode("utf-8", "replace") for first, end in zip(starts, ends)]


def with_missing(cells: Cells, missing: Sequence[bool], code: int) -> Cells:
    """The same cells with this code where `missing` says so."""
    count = len(missing)
    codes = bytearray(cells.codes) if cells.codes else bytearray(count)
    for row, is_missing in enumerate(missing):
        if is_missing:
            codes[row] = code
    return cells._replace(codes=table_cells.kept_codes(codes))


def row_count_of(rows: Any) -> int:
    """How many rows `rows` are."""
    return rows.stop - rows.start if type(rows) is slice else len(rows)


class OpaqueColumn(Column):
    """Cells that only code of the user's could show."""

    can_sort = False
    can_filter = False

    def __init__(self, name: str) -> None:
        self.type_name = name

    def cells(self, rows: Any) -> Cells:
        return table_cells.unseen_cells(row_count_of(rows), self.type_name)

    def block(self, rows: Any) -> Block:
        return Block("other", None)

    def whole(self, row: int) -> Any:
        raise Refusal("not_possible", f"Only its own code could show a value of the type {self.type_name}.")


# ---- names ----------------------------------------------------------------------------------------------------------


def name_of(label: Any) -> tuple[str, str]:
    """How a column's name is shown, and a literal for it where it is not plain text."""
    if type(label) is str:
        return label, ""
    code = literal(label)
    if type(label) is tuple:
        return ", ".join(name_of(part)[0] for part in label[:20]), code
    text, kind = table_cells.cell_of(label)
    if is_missing_code(kind):
        text = {table_cells.NA: "NA", NAN: "nan", table_cells.NAT: "NaT"}.get(kind, "None")
    return (f"<{text}>" if kind == UNSEEN else text), code


def literal(value: Any) -> str:
    """Python code for a plain value; empty where there is none."""
    kind = type(value)
    if kind is tuple:
        parts = [literal(part) for part in value[:100]]
        return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")" if all(parts) else ""
    if kind is float:
        return repr(value) if abs(value) < float("inf") else f'float("{value!r}")'
    if kind in (str, int, bool, bytes) or value is None:
        return repr(value)
    return _library_literal(value, kind)


def _library_literal(value: Any, kind: type) -> str:
    text, code = table_cells.cell_of(value)
    name = look.type_name(kind)
    if look.is_genuine(kind, "pandas") or kind is type((look.library("pandas") or {}).get("NaT")):
        if code in (table_cells.NAT, table_cells.NA):
            return "pandas.NaT" if code == table_cells.NAT else "pandas.NA"
        if code == VALUE and name in ("Timestamp", "Timedelta"):
            return f'pandas.{name}("{text}")'
    if look.is_genuine(kind, "datetime") and code == VALUE and name in ("date", "datetime", "time", "timedelta"):
        return repr(value) if getattr(value, "tzinfo", None) is None else ""
    if look.is_genuine(kind, "numpy") and code == VALUE and hasattr(kind, "item"):
        return literal(value.item()) if type(value.item()) is not kind else ""
    return ""


# ---- frames ---------------------------------------------------------------------------------------------------------


def _sendable(text: str) -> str:
    """Half surrogates cannot travel."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class Frame:
    """A table over one object. Holds the object only as long as a request is being answered."""

    library = ""
    type_name = ""
    dialects: tuple[str, ...] = ()
    features: tuple[str, ...] = ("sort", "filter", "profile", "missing", "values", "find")
    note = ""
    row_count = 0
    column_count = 0
    label_count = 0
    dims: tuple[int, ...] = ()
    row_axis = -1
    column_axis = -1
    fixed: tuple[int, ...] = ()
    engine = "plain"
    """What filters, sorts and sums up: numpy, polars or plain, as in `rows_numpy` and `profiles_numpy`."""

    def prepare(self, indexes: list[int], rows: slice) -> int:
        """Fetch what the columns of a page need, where it has to be computed; how many of the rows there are."""
        return int(rows.stop - rows.start)

    def make_column(self, index: int) -> Column:
        """Column `index`, which is there; -1 is the first level of the labels."""
        raise NotImplementedError

    def name(self, index: int) -> tuple[str, str]:
        """Its name as shown, and the literal."""
        raise NotImplementedError

    def stamp(self) -> Any:
        """Something small that differs when the object is another one, or its columns lie elsewhere."""
        raise NotImplementedError

    def expression(self, name: str) -> str:
        """Code for this table, where `name` is code for the object."""
        return name

    def edit_code(self, name: str, row: int, index: int, literal_text: str) -> str:
        """Code that puts a value into a cell."""
        raise Refusal("not_possible", "Cells of this kind of table cannot be changed here.")

    def column(self, index: int) -> Column:
        """Column `index`; raises Refusal where there is none."""
        if not -self.label_count <= index < self.column_count:
            raise Refusal("bad_params", f"there is no column {index}")
        return self.make_column(index)

    def column_json(self, index: int) -> dict[str, Any]:
        """The contract's `TableColumn`."""
        column = self.column(index)
        name, code = self.name(index)
        found: dict[str, Any] = {
            "index": index,
            "name": _sendable(name),
            "kind": column.kind,
            "type_name": column.type_name[:200],
        }
        if code:
            found["name_code"] = _sendable(code)
        for key in ("unit", "zone", "level_count", "is_ordered"):
            value = getattr(column, key)
            if value:
                found[key] = value
        if column.can_edit and index >= 0:
            found["can_edit"] = True
        if not (column.can_sort and "sort" in self.features):
            found["can_sort"] = False
        if "filter" not in self.features or type(column) is OpaqueColumn:  # else at least what is missing can be told
            found["can_filter"] = False
        return found

    def schema(self) -> int:
        """A hash over names and types: another one means other columns."""
        parts = []
        for index in range(-self.label_count, self.column_count):
            column = self.make_column(index)
            parts.append((*self.name(index), column.type_name, column.kind))
        return hash((tuple(parts), self.library, self.dims[:0] if not self.dims else len(self.dims)))

    def info_json(self, table: str, title: str, expression: str, version: int) -> dict[str, Any]:
        """The contract's `TableInfo`."""
        return {
            "table": table,
            "title": title,
            "type_name": self.type_name,
            "library": self.library,
            "dialects": list(self.dialects),
            "expression": self.expression(expression) if expression else "",
            "row_count": self.row_count,
            "column_count": self.column_count,
            "labels": [self.column_json(-level - 1) for level in range(self.label_count)],
            "dims": list(self.dims),
            "row_axis": self.row_axis,
            "column_axis": self.column_axis,
            "fixed": list(self.fixed),
            "features": list(self.features),
            "version": version,
            "note": self.note,
        }
