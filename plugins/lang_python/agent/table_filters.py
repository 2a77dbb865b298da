"""Filters as the window sends them, read into tests with exact values. Owns the rules of `docs/reference/filters.md`:
which operators fit a kind, what a value means, what is done about one that cannot be read.

How rows are found that pass a test is up to the engine of the table (`rows_numpy`, `rows_polars`, `rows_plain`).
Missing cells pass `is_missing` and `in` with None and nothing else; NaN is missing everywhere.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any, Callable, NamedTuple, Union

from fourpane_plugins.lang_python.agent import table_times
from fourpane_plugins.lang_python.agent.refusal import Refusal

COMPARISONS = frozenset(["eq", "ne", "lt", "le", "gt", "ge", "between"])
LISTS = frozenset(["in", "not_in"])
TEXTS = frozenset(["contains", "not_contains", "starts", "ends", "regex", "is_empty"])
PRESENCE = frozenset(["is_missing", "is_present"])
TIMES = frozenset(["timestamp", "date", "time", "duration"])
_EQUAL = frozenset(["eq", "ne"])
OPERATORS: dict[str, frozenset[str]] = {
    "number": COMPARISONS | LISTS,
    **dict.fromkeys(TIMES, COMPARISONS | LISTS),
    "text": COMPARISONS | LISTS | TEXTS,
    "category": _EQUAL | LISTS | TEXTS,
    "boolean": _EQUAL | LISTS | {"is_true", "is_false"},
}
_WORDS = {
    "number": "a number, such as 12 or -0.5",
    "boolean": "true or false",
    "timestamp": "a date and time, such as 2024-01-31T12:30",
    "date": "a date, such as 2024-01-31",
    "time": "a time, such as 12:30",
    "duration": "a number of seconds, such as 90",
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DIGITS_MOST = 1_000


class Test(NamedTuple):
    """One condition on one column. `values` are exact: int, Fraction or an infinite float for numbers and times (in
    the column's unit), text, True or False; for ordered categories `lt` and so on have texts of levels."""

    column: int
    operator: str
    values: tuple[Any, ...] = ()
    takes_missing: bool = False
    is_case_sensitive: bool = False


class Group(NamedTuple):
    """All or any of the members; there is at least one."""

    is_all: bool
    members: tuple[Any, ...]

    def columns(self) -> set[int]:
        """The columns that are looked at."""
        found: set[int] = set()
        for member in self.members:
            found |= member.columns() if type(member) is Group else {member.column}
        return found


Condition = Union[Test, Group]


class Unfit(Exception):
    """A filter that cannot be applied; the text is for the user."""


def read(
    raw: Any, column_of: Callable[[int], Any], check: Callable[[Test], None]
) -> tuple[Group | None, list[dict[str, Any]]]:
    """The condition (None: every row fits) and the contract's problems. `check` may raise Unfit for what only the
    engine can tell, such as a pattern that it does not understand."""
    reader = _Reader(column_of, check)
    group = reader.group(raw, 0) if raw else None
    return group, reader.problems


class _Reader:
    """Counts the filters as it goes through the groups, depth first."""

    def __init__(self, column_of: Callable[[int], Any], check: Callable[[Test], None]) -> None:
        self.column_of = column_of
        self.check = check
        self.count = 0
        self.problems: list[dict[str, Any]] = []

    def group(self, raw: dict[str, Any], depth: int) -> Group | None:
        members = raw.get("members", [])
        is_all = raw.get("all", True)
        if type(members) is not list or type(is_all) is not bool or depth > 50:
            raise Refusal("bad_params", "filter is not a group")
        found = [self.member(member, depth) for member in members]
        kept = tuple(member for member in found if member is not None)
        return Group(is_all, kept) if kept else None

    def member(self, raw: Any, depth: int) -> Condition | None:
        if type(raw) is not dict:
            raise Refusal("bad_params", "a member of a filter is no object")
        if "members" in raw:
            return self.group(raw, depth + 1)
        number = self.count
        self.count += 1
        try:
            test = self.test(raw)
            self.check(test)
            return test
        except Unfit as problem:
            self.problems.append({"filter": number, "message": str(problem)})
            return None

    def test(self, raw: dict[str, Any]) -> Test:
        index, operator, values = raw.get("column"), raw.get("operator"), raw.get("values", [])
        is_sensitive = raw.get("is_case_sensitive", False)
        if type(index) is not int or type(operator) is not str or type(values) is not list:
            raise Refusal("bad_params", "a filter lacks column, operator or values")
        try:
            column = self.column_of(index)
        except Refusal as refusal:
            raise Unfit("That column is not there any more.") from refusal
        return test_of(column, index, operator, values, is_sensitive is True)


def test_of(column: Any, index: int, operator: str, values: list[Any], is_case_sensitive: bool) -> Test:
    """A filter on `column`; raises Unfit."""
    if operator in PRESENCE:
        return Test(index, operator)
    allowed = OPERATORS.get(column.kind, frozenset())
    if column.kind == "category" and column.is_ordered:
        allowed = allowed | COMPARISONS
    if operator not in allowed or not column.can_filter:
        raise Unfit("This filter does not fit a column of this type.")
    if operator in ("is_empty", "is_true", "is_false"):
        return Test(index, operator)
    texts = [value for value in values if value is not None]
    if any(type(text) is not str for text in texts):
        raise Refusal("bad_params", "the values of a filter are not text")
    if operator in LISTS:
        read_values = tuple(_value(text, column) for text in texts)
        return Test(index, operator, read_values, operator == "in" and len(texts) < len(values))
    if len(texts) != len(values) or len(texts) != (2 if operator == "between" else 1):
        raise Unfit("A value is missing.")
    if operator in TEXTS:
        return Test(index, operator, (texts[0],), False, is_case_sensitive)
    if column.kind == "category" and operator not in _EQUAL:
        levels = column.level_texts()
        for text in texts:
            if text not in levels:
                raise Unfit(f"“{text}” is not one of the levels.")
    return Test(index, operator, tuple(_value(text, column) for text in texts))


def _value(text: str, column: Any) -> Any:
    kind = column.kind
    if kind in ("text", "category"):
        return text
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        return number(text) if kind == "number" else table_times.parse(text, kind, column.unit, column.zone)
    except (ValueError, KeyError) as error:
        raise Unfit(_unreadable(text, column)) from error


def _unreadable(text: str, column: Any) -> str:
    shown = text if len(text) <= 60 else text[:59] + "…"
    if column.kind == "timestamp" and not column.zone and re.search(r"\d([+-]\d{2}:?\d{2}|Z)$", text[10:]):
        return f"“{shown}” has an offset, but this column has no time zone."
    return f"“{shown}” is not {_WORDS[column.kind]}."


def number(text: str) -> Any:
    """An int where it is whole, a Fraction, or an infinite float; raises ValueError."""
    if text.lower() in ("inf", "+inf", "-inf"):
        return float(text)
    if not _NUMBER.fullmatch(text) or len(text) > DIGITS_MOST:
        raise ValueError(text)
    if math.isinf(float(text)):
        return float(text)
    exact = Fraction(text) if abs(_exponent(text)) <= DIGITS_MOST else Fraction(0)
    return exact.numerator if exact.denominator == 1 else exact


def _exponent(text: str) -> int:
    digits = text.lower().partition("e")[2]
    return int(digits[:9]) if digits else 0


class WholeTest(NamedTuple):
    """A comparison of whole numbers: `low` <= cell <= `high`, or the opposite of it."""

    low: Any
    high: Any
    is_opposite: bool = False


def whole_test(operator: str, values: tuple[Any, ...], least: int, most: int) -> WholeTest:
    """The comparison `operator` for cells from `least` to `most`, so that no value is outside of them: exact also
    for values with a fraction and values that the cells' type cannot hold."""
    first, last = values[0], values[-1]
    low, high = {
        "lt": (least, _below(first)), "le": (least, _floor(first)),
        "gt": (_above(first), most), "ge": (_ceiling(first), most),
    }.get(operator, (_ceiling(first), _floor(last)))  # fmt: skip
    low, high = max(low, least), min(high, most)
    if low > high:  # no cell is between
        return WholeTest(most, least, operator == "ne")
    return WholeTest(int(low), int(high), operator == "ne")


def _floor(value: Any) -> Any:
    return value if type(value) is float else math.floor(value)


def _ceiling(value: Any) -> Any:
    return value if type(value) is float else math.ceil(value)


def _below(value: Any) -> Any:
    return value if value == -math.inf else math.inf if value == math.inf else math.ceil(value) - 1


def _above(value: Any) -> Any:
    return value if value == math.inf else -math.inf if value == -math.inf else math.floor(value) + 1


# ---- conditions on single values -----------------------------------------------------------------------------------


def pattern(test: Test) -> Any:
    """The compiled pattern of a filter."""
    try:
        return re.compile(test.values[0], 0 if test.is_case_sensitive else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise Unfit(f"The pattern cannot be read: {error}.") from error


def compares(operator: str, value: Any, wanted: tuple[Any, ...]) -> bool:
    """Whether the comparison holds."""
    first, last = wanted[0], wanted[-1]
    return bool(
        {
            "eq": lambda: value == first,
            "ne": lambda: value != first,
            "lt": lambda: value < first,
            "le": lambda: value <= first,
            "gt": lambda: value > first,
            "ge": lambda: value >= first,
            "between": lambda: first <= value <= last,
        }[operator]()
    )


def text_fits(test: Test) -> Callable[[str], bool]:
    """The condition for one text that is there."""
    operator = test.operator
    if operator in COMPARISONS:
        return lambda text: compares(operator, text, test.values)
    if operator in LISTS:
        wanted = frozenset(test.values)
        return lambda text: (text in wanted) == (operator == "in")
    if operator == "is_empty":
        return lambda text: not text
    if operator == "regex":
        search = pattern(test).search
        return lambda text: search(text) is not None
    lowered: Callable[[str], str] = str if test.is_case_sensitive else str.lower
    part = lowered(test.values[0])
    return {
        "contains": lambda text: part in lowered(text),
        "not_contains": lambda text: part not in lowered(text),
        "starts": lambda text: lowered(text).startswith(part),
        "ends": lambda text: lowered(text).endswith(part),
    }[operator]
