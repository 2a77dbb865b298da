"""Filters as masks over blocks, and keys to sort by, as `docs/reference/filters.md` says. In the reading process."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import reduce
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.table import Filter, FilterGroup
from ide.tables.files.blocks import FileColumn, plain
from ide.tables.files.cells import whole_numbers

Mask = Callable[[Mapping[int, pa.Array]], pa.Array]
"""Which rows of a block fit, from its arrays by column."""

UNIT_DIGITS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_ORDERED: Final = ("lt", "le", "gt", "ge")
_BY_KIND: Final[dict[str, frozenset[str]]] = {
    "number": frozenset({"eq", "ne", *_ORDERED, "between", "in", "not_in"}),
    "boolean": frozenset({"eq", "ne", "in", "not_in", "is_true", "is_false"}),
    "category": frozenset(
        {"eq", "ne", "in", "not_in", "contains", "not_contains", "starts", "ends", "regex", "is_empty"}
    ),
}
_BY_KIND["text"] = _BY_KIND["number"] | _BY_KIND["category"]
_MOMENT: Final = re.compile(
    r"(\d{1,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$"
)
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$")
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Unfit(Exception):
    """Why a filter cannot be applied."""


def mask_of(
    group: FilterGroup, columns: Sequence[FileColumn], levels: Callable[[int], Sequence[str]]
) -> tuple[Mask | None, tuple[int, ...], list[tuple[int, str]]]:
    """The mask (None: every row fits), the columns that it needs, and the filters that cannot be applied."""
    problems: list[tuple[int, str]] = []
    needed: set[int] = set()
    number = 0

    def of(part: FilterGroup | Filter) -> Mask | None:
        nonlocal number
        if isinstance(part, FilterGroup):
            members = [mask for mask in map(of, part.members) if mask is not None]
            return _together(members, part.is_all) if members else None
        place, number = number, number + 1
        try:
            found = _single(part, columns, levels)
        except Unfit as error:
            problems.append((place, str(error)))
            return None
        needed.add(part.column)
        return found

    mask = of(group)
    return mask, tuple(sorted(needed)), problems


def _together(members: Sequence[Mask], is_all: bool) -> Mask:
    join = pc.and_ if is_all else pc.or_
    return lambda arrays: reduce(join, (member(arrays) for member in members))


def _single(one: Filter, columns: Sequence[FileColumn], levels: Callable[[int], Sequence[str]]) -> Mask:
    if not 0 <= one.column < len(columns):
        raise Unfit("The column is gone.")
    column = columns[one.column]
    if one.operator == "is_missing":
        return lambda arrays: absent(arrays[one.column])
    if one.operator == "is_present":
        return lambda arrays: pc.invert(absent(arrays[one.column]))
    ready = _prepared(one, column, levels)
    test = _test(one, column, ready)
    wants_missing = one.operator == "in" and None in one.values

    def mask(arrays: Mapping[int, pa.Array]) -> pa.Array:
        array = arrays[one.column]
        is_absent = absent(array)
        fits = pc.and_(pc.fill_null(test(ready.values(array)), False), pc.invert(is_absent))
        return pc.or_(fits, is_absent) if wants_missing else fits

    return mask


class _Ready:
    """How values of a column are compared: arrays made comparable, and single values made so."""

    def __init__(self, values: Callable[[pa.Array], pa.Array], parse: Callable[[str], Any]) -> None:
        self.values, self.parse = values, parse


def _prepared(one: Filter, column: FileColumn, levels: Callable[[int], Sequence[str]]) -> _Ready:
    kind = column.kind
    allowed = _BY_KIND.get(
        kind, _BY_KIND["number"] if kind in ("timestamp", "date", "time", "duration") else frozenset()
    )
    is_ordering = one.operator in (*_ORDERED, "between")
    if kind == "category" and column.is_ordered and is_ordering:
        known = list(levels(one.column))
        return _Ready(lambda array: _codes(array, known), lambda text: Fraction(_level(text, known)))
    if one.operator not in allowed:
        raise Unfit(f"“{one.operator}” cannot be asked of a column of this kind ({kind}).")
    if kind in ("text", "category"):
        return _Ready(text_array, str)
    if kind == "boolean":
        return _Ready(plain, _boolean)
    if kind == "number":
        return _numbers(column)
    if kind == "date":
        return _Ready(lambda array: whole_numbers(plain(array)), _days)
    digits = UNIT_DIGITS[column.unit or "s"]
    readers: dict[str, Callable[[str], Fraction]] = {
        "timestamp": lambda text: _moment(text, column.zone),
        "time": _clock,
        "duration": _number,
    }
    return _Ready(lambda array: whole_numbers(plain(array)), lambda text: readers[kind](text) * 10**digits)


def _numbers(column: FileColumn) -> _Ready:
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_floating(kind):
        return _Ready(lambda array: plain(array).cast(pa.float64()), _float)
    return _Ready(plain, _number)


def _test(one: Filter, column: FileColumn, ready: _Ready) -> Callable[[pa.Array], pa.Array]:
    operator = one.operator
    if operator in ("is_true", "is_false"):
        return lambda array: array if operator == "is_true" else pc.invert(array)
    if operator == "is_empty":
        return lambda array: pc.equal(pc.binary_length(array), 0)
    given = [value for value in one.values if value is not None]
    if operator in ("contains", "not_contains", "starts", "ends", "regex"):
        return _text_test(operator, _only(given, 1)[0], one.is_case_sensitive)
    parsed = [
        ready.parse(value)
        for value in (given if operator in ("in", "not_in") else _only(given, 1 + (operator == "between")))
    ]
    if operator in ("in", "not_in"):
        is_in = _is_in(parsed)
        return is_in if operator == "in" else lambda array: pc.invert(pc.fill_null(is_in(array), False))
    if operator == "between":
        return lambda array: pc.and_(compared(array, "ge", parsed[0]), compared(array, "le", parsed[1]))
    if operator == "ne":
        return lambda array: pc.invert(compared(array, "eq", parsed[0]))
    return lambda array: compared(array, operator, parsed[0])


def _only(values: Sequence[str], count: int) -> Sequence[str]:
    if len(values) != count:
        raise Unfit("A value is missing." if len(values) < count else "There are too many values.")
    return values


def _is_in(parsed: Sequence[Any]) -> Callable[[pa.Array], pa.Array]:
    if all(isinstance(value, str) for value in parsed):
        known = pa.array(list(parsed), pa.string())
        return lambda array: pc.is_in(array, known)
    return lambda array: reduce(pc.or_, (compared(array, "eq", value) for value in parsed))


def _text_test(operator: str, value: str, is_case_sensitive: bool) -> Callable[[pa.Array], pa.Array]:
    if operator == "regex":
        try:
            pc.match_substring_regex(pa.array([""]), value, ignore_case=not is_case_sensitive)
        except pa.ArrowInvalid as error:
            raise Unfit(f"“{value}” is no regular expression that can be used here.") from error
        return lambda array: pc.match_substring_regex(array, value, ignore_case=not is_case_sensitive)
    wanted = value if is_case_sensitive else value.lower()
    find = {"starts": pc.starts_with, "ends": pc.ends_with}.get(operator, pc.match_substring)

    def test(array: pa.Array) -> pa.Array:
        found = find(array if is_case_sensitive else pc.utf8_lower(array), wanted)
        return pc.invert(found) if operator == "not_contains" else found

    return test


def compared(array: pa.Array, operator: str, value: Any) -> pa.Array:
    """An array against one value: text, floats and booleans as they are, all else exactly, as whole numbers."""
    functions = {"eq": pc.equal, "lt": pc.less, "le": pc.less_equal, "gt": pc.greater, "ge": pc.greater_equal}
    if not isinstance(value, Fraction | _Endless):
        return functions[operator](array, pa.scalar(value, array.type))
    low, high, scale = _range(array.type)
    if isinstance(value, _Endless):
        return _same(array, operator != "eq" and (operator in ("lt", "le")) == value.is_positive)
    scaled = value * 10**scale
    if operator == "eq" and scaled.denominator != 1:
        return _same(array, False)
    bound = math.ceil(scaled) if operator in ("lt", "ge", "eq") else math.floor(scaled)
    if bound > high:
        return _same(array, operator in ("lt", "le"))
    if bound < low:
        return _same(array, operator in ("gt", "ge"))
    exact = pa.scalar(Decimal(bound).scaleb(-scale) if pa.types.is_decimal(array.type) else bound, array.type)
    return functions[operator](array, exact)


def _same(array: pa.Array, value: bool) -> pa.Array:
    return pa.repeat(pa.scalar(value), len(array))


def _range(kind: pa.DataType) -> tuple[int, int, int]:
    if pa.types.is_decimal(kind):
        most = 10**kind.precision - 1
        return -most, most, kind.scale
    width = kind.bit_width
    return (
        (0, (1 << width) - 1, 0) if pa.types.is_unsigned_integer(kind) else (-(1 << width - 1), (1 << width - 1) - 1, 0)
    )


def absent(array: pa.Array) -> pa.Array:
    """Where there is no value. NaN is none."""
    array = plain(array)
    return pc.is_null(array, nan_is_null=pa.types.is_floating(array.type))


def text_array(array: pa.Array) -> pa.Array:
    """Text and categories as plain text."""
    array = plain(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


def sort_key(array: pa.Array, column: FileColumn, levels: Sequence[str]) -> pa.Array:
    """The column as something that sorts in its order, null where there is no value."""
    if column.kind == "category":
        return _codes(array, list(levels))
    array = plain(array)
    kind = array.type
    if pa.types.is_floating(kind):
        numbers = array.cast(pa.float64())
        return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), pc.add(numbers, 0.0))  # -0.0 is 0.0
    if column.kind in ("date", "time", "timestamp", "duration"):
        return whole_numbers(array)
    if pa.types.is_boolean(kind):
        return array.cast(pa.uint8())
    return text_array(array) if column.kind == "text" else array


def _codes(array: pa.Array, levels: list[str]) -> pa.Array:
    return pc.index_in(text_array(array), pa.array(levels, pa.string()))


# ---- values as text


class _Endless:
    """Infinity, against whole numbers."""

    def __init__(self, is_positive: bool) -> None:
        self.is_positive = is_positive


def _number(text: str) -> Any:
    if text.strip().lower().lstrip("+-") in ("inf", "infinity"):
        return _Endless(not text.strip().startswith("-"))
    try:
        value = Decimal(text.strip())
        if value.is_nan() or abs(value.adjusted()) > 5_000:
            raise Unfit(f"“{text}” is no number.")
        return Fraction(value)
    except (InvalidOperation, ValueError) as error:
        raise Unfit(f"“{text}” is no number.") from error


def _float(text: str) -> float:
    found = _number(text)
    if isinstance(found, _Endless):
        return math.inf if found.is_positive else -math.inf
    return float(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise Unfit(f"“{text}” is neither true nor false.")
    return text == "true"


def _level(text: str, known: Sequence[str]) -> int:
    if text not in known:
        raise Unfit(f"“{text}” is none of the levels.")
    return known.index(text)


def _days(text: str) -> Fraction:
    found = _MOMENT.match(text.strip())
    if found is None or found[4] is not None:
        raise Unfit(f"“{text}” is no date, such as 2024-01-31.")
    return Fraction(_ordinal(found, text))


def _ordinal(found: re.Match[str], text: str) -> int:
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).toordinal() - _EPOCH
    except ValueError as error:
        raise Unfit(f"“{text}” is no day of the calendar.") from error


def _moment(text: str, zone: str) -> Fraction:
    """Seconds since 1970, in UTC where the column has a zone."""
    found = _MOMENT.match(text.strip())
    if found is None:
        raise Unfit(f"“{text}” is no point in time, such as 2024-01-31T12:30.")
    seconds = Fraction(_ordinal(found, text) * 86_400) + _since_midnight(found, 4, text)
    if not zone:
        if found[8] is not None:
            raise Unfit("The column has no time zone, so the value cannot have one.")
        return seconds
    return seconds - _offset(found, zone, seconds)


def _offset(found: re.Match[str], zone: str, seconds: Fraction) -> Fraction:
    mark = found[8]
    if mark is not None:
        if mark == "Z":
            return Fraction(0)
        sign = -1 if mark[0] == "-" else 1
        return Fraction(sign * (int(mark[1:3]) * 3600 + int(mark[-2:]) * 60))
    moment = datetime(1970, 1, 1) + timedelta(seconds=math.floor(seconds))
    shift = moment.replace(tzinfo=_zone(zone)).utcoffset()
    return Fraction(round(shift.total_seconds()) if shift is not None else 0)


def _zone(name: str) -> tzinfo:
    fixed = re.match(r"([+-])(\d\d):?(\d\d)$", name)
    if fixed:
        minutes = int(fixed[2]) * 60 + int(fixed[3])
        return timezone(timedelta(minutes=minutes if fixed[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Unfit(f"The time zone “{name}” is not known here: give the offset, such as +02:00.") from error


def _clock(text: str) -> Fraction:
    found = _CLOCK.match(text.strip())
    if found is None:
        raise Unfit(f"“{text}” is no time of day, such as 12:30.")
    return _since_midnight(found, 1, text)


def _since_midnight(found: re.Match[str], first: int, text: str) -> Fraction:
    hours, minutes, seconds = (int(found[first + place] or 0) for place in range(3))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Unfit(f"“{text}” is no time of day.")
    fraction = found[first + 3] or ""
    return Fraction(hours * 3600 + minutes * 60 + seconds) + (
        Fraction(int(fraction), 10 ** len(fraction)) if fraction else 0
    )
