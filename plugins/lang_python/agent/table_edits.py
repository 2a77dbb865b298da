"""Changing a cell of the user's own object, and taking that back.

Owns what typed text means for a column, the line of code that puts it there, and what lay there before. The line is
run in the user's namespace, in the main thread, as if the user had typed it; it is the only thing here that changes
anything of his.
"""

from __future__ import annotations

import math
from itertools import count
from typing import Any, NamedTuple

from fourpane_plugins.lang_python.agent import table_cells, table_times
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_columns import Column, Frame
from fourpane_plugins.lang_python.agent.table_filters import TIMES, Unfit, number, test_of

EDITS_KEPT = 1_000
_WHOLE = ("int", "Int", "uint", "UInt")


class Edit(NamedTuple):
    """One edit that can be taken back: where, the code for what was there, and how the object looked after it."""

    row: int
    column: int
    text: str
    is_missing: bool
    schema: int
    row_count: int


class Edits:
    """The edits of one table."""

    def __init__(self) -> None:
        self.known: dict[str, Edit] = {}
        self._numbers = count(1)

    def keep(self, edit: Edit) -> str:
        """A token for the edit; the oldest is forgotten when there are many."""
        token = f"edit{next(self._numbers)}"
        self.known[token] = edit
        while len(self.known) > EDITS_KEPT:
            del self.known[next(iter(self.known))]
        return token

    def take(self, token: str) -> Edit:
        """The edit of a token, once."""
        found = self.known.pop(token, None)
        if found is None:
            raise Refusal("not_possible", "This edit cannot be taken back any more.")
        return found


def code_for(
    frame: Frame, name: str, namespace: dict[str, Any], row: int, index: int, text: str, is_missing: bool
) -> str:
    """The line that puts what was typed into a cell; raises Refusal where it does not fit."""
    column = frame.column(index)
    if index < 0 or not column.can_edit:
        raise Refusal("not_possible", "Cells of this column cannot be changed here.")
    literal = missing_literal(frame, column) if is_missing else _literal(frame, column, namespace, text)
    return frame.edit_code(name, row, index, literal)


def missing_literal(frame: Frame, column: Column) -> str:
    """Code for a missing value."""
    if frame.library in ("numpy", "xarray"):
        if column.kind in TIMES:
            return '"NaT"'
        if column.type_name.startswith("float"):
            return 'float("nan")'
        raise Refusal("not_possible", f"A column of the type {column.type_name} cannot hold missing values.")
    is_plain_number = column.type_name.startswith(("int", "uint", "bool")) and "[" not in column.type_name
    if frame.library == "pandas" and is_plain_number:
        raise Refusal("not_possible", f"A column of the type {column.type_name} cannot hold missing values.")
    return "None"


def _literal(frame: Frame, column: Column, namespace: dict[str, Any], text: str) -> str:
    try:
        test = test_of(column, 0, "eq", [text], False)
    except Unfit as problem:
        raise Refusal("not_possible", str(problem)) from problem
    value = test.values[0]
    if column.kind == "boolean":
        return repr(value)
    if column.kind == "text":
        return repr(text)
    if column.kind == "category":
        if text not in column.level_texts():
            raise Refusal("not_possible", f"“{text}” is not one of the categories.")
        return repr(text)
    if column.kind == "number":
        return _number_literal(column, text)
    return _time_literal(frame, column, namespace, text, value)


def _number_literal(column: Column, text: str) -> str:
    value = number(text)
    if column.type_name.startswith(_WHOLE):
        if type(value) is not int:
            raise Refusal("not_possible", f"This column holds whole numbers ({column.type_name}).")
        low, high = _limits(column.type_name)
        if not low <= value <= high:
            raise Refusal(
                "not_possible", f"A column of the type {column.type_name} holds numbers from {low} to {high}."
            )
        return repr(value)
    if column.type_name.lower().startswith("decimal"):
        return f'__import__("decimal").Decimal({text!r})'
    found = float(text)
    return repr(found) if math.isfinite(found) else f'float("{found!r}")'


def _limits(type_name: str) -> tuple[int, int]:
    bits = int("".join(character for character in type_name.partition("[")[0] if character.isdigit()) or 64)
    if type_name.lower().startswith("u"):
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _time_literal(frame: Frame, column: Column, namespace: dict[str, Any], text: str, value: Any) -> str:
    """A date or time; it must fit the column's unit."""
    if type(value) is not int:
        raise Refusal("not_possible", f"The type {column.type_name} cannot hold a time as exact as that.")
    if frame.library == "polars":
        return _polars_time(column, namespace, value)
    if column.kind == "duration":
        unit = column.unit
        if frame.library == "pandas":
            return f'{alias(namespace, "pandas")}.Timedelta({value}, "{unit}")'
        return f'{alias(namespace, "numpy")}.timedelta64({value}, "{unit}")'
    plain = table_times.text_of(value, column.kind, column.unit, "")
    if frame.library == "pandas":
        code = f'{alias(namespace, "pandas")}.Timestamp("{plain}"'
        return code + (f', tz="UTC").tz_convert("{column.zone}")' if column.zone else ")")
    return f'{alias(namespace, "numpy")}.datetime64("{plain}")'


def _polars_time(column: Column, namespace: dict[str, Any], value: int) -> str:
    """As the number it is stored as, given the column's own type."""
    pl = alias(namespace, "polars")
    kind = {"date": f"{pl}.Date", "duration": f'{pl}.Duration("{column.unit}")'}.get(column.kind)
    if kind is None:
        zone = f', "{column.zone}"' if column.zone else ""
        kind = f'{pl}.Datetime("{column.unit}"{zone})'
    base = f"{pl}.Int32" if column.kind == "date" else f"{pl}.Int64"
    return f"{pl}.Series([{value}], dtype={base}).cast({kind})[0]"


def alias(namespace: dict[str, Any], module: str) -> str:
    """The user's own name for a library that he has imported."""
    import sys

    wanted = sys.modules.get(module)
    for name, value in list(namespace.items()):
        if value is wanted and wanted is not None and type(name) is str and name.isidentifier() and name[0] != "_":
            return name
    return f'__import__("{module}")'


def old_text(column: Column, row: int) -> tuple[str, bool]:
    """What a cell holds, as it would have to be typed, and whether it is missing."""
    texts, codes = column.texts(slice(row, row + 1))
    if codes[0] in (table_cells.UNSEEN, table_cells.OBJECT):
        raise Refusal("not_possible", "What this cell holds could not be put back: change it by code.")
    return texts[0], table_cells.is_missing_code(codes[0])
