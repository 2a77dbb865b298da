"""From what a profile shows to the rows that hold it: the filter of a bar, of a frequent value, of columns that are
missing together. Owns nothing; what filters mean is in docs/reference/filters.md.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection
from typing import Final

from ide.core.table import Cells, Column, ColumnProfile, Filter, FilterGroup, Operator, ValueCount
from ide.tables import filters
from ide.tables.cell_text import UNITS_PER_SECOND, full

Predicate = Filter | FilterGroup
_WHOLE_TYPES: Final = ("int", "uint", "bigint", "long", "short", "tinyint", "smallint", "hugeint")
# Bars at least so many units wide begin at whole ones: what lies between two whole ones is in one bar all the same.
_WIDE_UNITS: Final = 100
_PARTS_OF_SECOND: Final = 1_000_000
# Agents send so many characters of a frequent value at most.
_CUT_CHARACTERS: Final = 200


def edge_text(column: Column, edge: float, *, width: float = 0.0) -> str:
    """An edge of a histogram as a filter's value. `width` of its bars; edges are in the column's own unit."""
    match column.kind:
        case "number":
            if _is_whole(column):
                return str(math.ceil(edge))
            return str(int(edge)) if edge.is_integer() and abs(edge) < 2**53 else repr(edge)
        case "duration":
            seconds = edge / UNITS_PER_SECOND.get(column.unit, 1)
            return str(int(seconds)) if seconds.is_integer() else repr(seconds)
        case "date":
            return full(Cells("int64", struct.pack("<q", math.ceil(edge))), 0, column)
    if column.unit != "s" or width >= _WIDE_UNITS:
        return full(Cells("int64", struct.pack("<q", math.ceil(edge))), 0, column)
    rounded = math.ceil(edge * _PARTS_OF_SECOND) / _PARTS_OF_SECOND
    return full(Cells("float64", struct.pack("<d", rounded)), 0, column)


def _is_whole(column: Column) -> bool:
    return column.type_name.lower().startswith(_WHOLE_TYPES)


def of_bar(column: Column, profile: ColumnProfile, place: int) -> Predicate | None:
    """Values from one edge to before the next; the last bar holds its upper edge too.

    The first and the last bar are open, lest the least or the greatest value be missed: edges are floats where values
    may be none, and may have been rounded on their way. Infinities are in no bar.
    """
    if not column.can_filter or not 0 <= place < len(profile.counts):
        return None
    if column.kind == "date" and not (2 * profile.edges[0]).is_integer():
        return None  # R's dates may have parts of days, which no filter can name
    is_first, is_last = place == 0, place == len(profile.counts) - 1
    width = profile.edges[place + 1] - profile.edges[place]
    low, high = (edge_text(column, edge, width=width) for edge in profile.edges[place : place + 2])
    has_infinities = any(name == "infinite" and text != "0" for name, text in profile.statistics)
    members: list[Filter] = []
    if not is_first:
        members.append(Filter(column.index, "ge", (low,)))
    elif has_infinities:
        members.append(Filter(column.index, "gt", ("-inf",)))
    if not is_last:
        members.append(Filter(column.index, "lt", (high,)))
    elif has_infinities:
        members.append(Filter(column.index, "lt", ("inf",)))
    if not members:
        return Filter(column.index, "is_present")
    return members[0] if len(members) == 1 else FilterGroup(tuple(members))


def of_value(column: Column, value: ValueCount) -> Filter | None:
    """Rows that hold a value; a long one may be only the beginning of a text."""
    if column.kind == "boolean":
        operator: Operator = "is_true" if value.text.lower() == "true" else "is_false"
        found = Filter(column.index, operator)
    elif not value.text:
        found = Filter(column.index, "is_empty")
    elif len(value.text) >= _CUT_CHARACTERS:
        found = Filter(column.index, "starts", (value.text,), is_case_sensitive=True)
    else:
        found = Filter(column.index, "eq", (value.text,))
    return None if filters.check(found, column) else found


def of_pattern(together: Collection[int], others: Collection[int]) -> FilterGroup:
    """Rows in which exactly these of the columns with missing values have none."""
    absent = tuple(Filter(column, "is_missing") for column in together)
    present = tuple(Filter(column, "is_present") for column in others if column not in together)
    return FilterGroup((*absent, *present))
