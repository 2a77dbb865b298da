"""Filters as the user types and reads them: text of a filter box to a filter and back, sentences, checks.

Owns no widget and applies nothing: what a filter means is in docs/reference/filters.md.

    3          equal                    abc      contains            NA     is missing
    >= 3       and > < <= = !=          =abc     equal               !NA    is present
    3..5       between, both included   ^ab      starts with         !x     the opposite
    1; 2; 3    one of                   yz$      ends with           ""     is empty
    2024-01    the whole month          /a.c/    pattern             "NA"   the text NA
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from ide.core.table import Column, ColumnKind, Filter, FilterGroup, FilterProblem, Operator, ViewSpec
from ide.tables.filter_values import EXAMPLES, FilterTextError, Span, canonical_problem, span

__all__ = [
    "FilterTextError", "Predicate", "check", "of_column", "operators", "parse", "sentence", "typed", "with_column",
    "without_problems",
]  # fmt: skip

Predicate = Filter | FilterGroup
ORDER: Final[tuple[Operator, ...]] = ("lt", "le", "gt", "ge", "between")
_EQUAL: Final[tuple[Operator, ...]] = ("eq", "ne", "in", "not_in")
_TEXT: Final[tuple[Operator, ...]] = ("contains", "not_contains", "starts", "ends", "regex", "is_empty")
_ALWAYS: Final[tuple[Operator, ...]] = ("is_missing", "is_present")
_BY_TEXT: Final = ("text", "category")
_BARE: Final = ("binary", "nested", "object")
_NO_VALUE: Final = ("is_missing", "is_present", "is_empty", "is_true", "is_false")
_MISSING_WORDS: Final = ("NA", "NaN", "NaT", "None", "NULL")
_SIGNS: Final[tuple[tuple[str, Operator], ...]] = (
    (">=", "ge"), ("≥", "ge"), ("<=", "le"), ("≤", "le"), ("!=", "ne"), ("<>", "ne"), ("≠", "ne"), ("==", "eq"),
    (">", "gt"), ("<", "lt"), ("=", "eq"),
)  # fmt: skip
_SIGN_OF: Final[dict[Operator, str]] = {"ge": ">= ", "le": "<= ", "ne": "!= ", "gt": "> ", "lt": "< ", "eq": ""}
_OPPOSITE: Final[dict[Operator, Operator]] = {
    "eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "in": "not_in", "not_in": "in",
    "contains": "not_contains", "not_contains": "contains", "is_missing": "is_present", "is_present": "is_missing",
    "is_true": "is_false", "is_false": "is_true",
}  # fmt: skip
_WORDS: Final[dict[Operator, str]] = {
    "eq": "is {}", "ne": "is not {}", "lt": "is less than {}", "le": "is at most {}", "gt": "is more than {}",
    "ge": "is at least {}", "between": "is from {} to {}", "in": "is one of {}", "not_in": "is none of {}",
    "contains": "contains {}", "not_contains": "does not contain {}", "starts": "starts with {}",
    "ends": "ends with {}", "regex": "matches the pattern {}", "is_missing": "is missing", "is_present": "is present",
    "is_empty": "is empty text", "is_true": "is true", "is_false": "is false",
}  # fmt: skip
_TIME_WORDS: Final[dict[Operator, str]] = {
    "lt": "is before {}", "le": "is {} or before", "gt": "is after {}", "ge": "is {} or later",
}  # fmt: skip
KIND_WORDS: Final[dict[ColumnKind, str]] = {
    "number": "numbers", "boolean": "true and false", "text": "text", "category": "categories",
    "timestamp": "dates with times", "date": "dates", "time": "times of day", "duration": "durations",
    "binary": "bytes", "nested": "nested values", "object": "objects",
}  # fmt: skip
_LISTED_MOST: Final = 5
# The last digits of a fraction such as 50.349999999999994 are noise to a reader; the filter keeps them.
_DIGITS_SHOWN: Final = 13


# ---- what fits -------------------------------------------------------------------------------------------------------


def operators(column: Column) -> tuple[Operator, ...]:
    """What can be asked of the column, in the order for a menu; empty where it cannot be filtered."""
    if not column.can_filter:
        return ()
    if column.kind == "boolean":
        return ("is_true", "is_false", *_EQUAL, *_ALWAYS)
    if column.kind in _BARE:
        return _ALWAYS
    ordered = ORDER if column.kind != "category" or column.is_ordered else ()
    return (*_EQUAL, *ordered, *(_TEXT if column.kind in _BY_TEXT else ()), *_ALWAYS)


def check(one: Filter, column: Column) -> str:
    """Why the filter cannot be applied to the column, in plain words; empty where it can."""
    if not column.can_filter:
        return f"The column {column.name} cannot be filtered."
    if one.operator not in operators(column):
        return f"“{_WORDS[one.operator].replace(' {}', '')}” cannot be asked of {KIND_WORDS[column.kind]}."
    if one.operator in _NO_VALUE:
        return ""
    if one.operator not in ("in", "not_in"):
        count = 2 if one.operator == "between" else 1
        if len(one.values) != count or None in one.values:
            return "A value is missing."
    if one.operator in _TEXT:
        return ""
    problems = (canonical_problem(value, column) for value in one.values if value is not None)
    return next((problem for problem in problems if problem), "")


# ---- reading ---------------------------------------------------------------------------------------------------------


def parse(text: str, column: Column, *, decimal: str = ".", is_case_sensitive: bool = False) -> Predicate | None:
    """What the user typed into the box of the column; None where that is nothing. Raises FilterTextError.

    `decimal` is the decimal mark of the user's locale; the other one is understood too.
    """
    bare = text.strip()
    if not bare:
        return None
    found = _Reader(column, decimal, is_case_sensitive).read(bare)
    message = next((told for told in (check(one, column) for one in _filters(found)) if told), "")
    if message:
        raise FilterTextError(message, "", _advice(column))
    return found


def _filters(predicate: Predicate) -> tuple[Filter, ...]:
    return (predicate,) if isinstance(predicate, Filter) else predicate.filters()


def _advice(column: Column) -> str:
    if column.kind in _BARE or not column.can_filter:
        return "Type NA for missing values or !NA for the others." if column.can_filter else ""
    return f"Type for example {EXAMPLES.get(column.kind, 'abc, =abc, ^ab or NA')}."


class _Reader:
    """Reads one text. A period (`2024-01`) becomes comparisons with its start and with what comes after it."""

    def __init__(self, column: Column, decimal: str, is_case_sensitive: bool) -> None:
        self._column, self._decimal, self._is_case_sensitive = column, decimal, is_case_sensitive
        self._is_text = column.kind in _BY_TEXT

    def read(self, text: str) -> Predicate:
        if self._is_missing_word(text):
            return self._filter("is_missing")
        if text.startswith("!") and not text.startswith("!="):
            return self._opposite(text[1:].strip())
        for sign, operator in _SIGNS:
            if text.startswith(sign):
                return self._compared(operator, text[len(sign) :].strip())
        if self._column.kind in _BARE:
            return self._filter("contains", text)  # refused by `check`, in its words
        return self._read_text(text) if self._is_text else self._read_value(text)

    def _filter(self, operator: Operator, *values: str | None) -> Filter:
        is_sensitive = self._is_case_sensitive and operator in _TEXT and operator != "is_empty"
        return Filter(self._column.index, operator, values, is_sensitive)

    def _is_missing_word(self, text: str) -> bool:
        """In text the word is exact, so that `na` can be looked for."""
        if self._is_text:
            return text in _MISSING_WORDS
        return text.lower() in ("missing", *(word.lower() for word in _MISSING_WORDS))

    def _opposite(self, text: str) -> Predicate:
        if not text:
            raise FilterTextError("After “!” comes what is to be left out.", "", _advice(self._column))
        found = self.read(text)
        if isinstance(found, FilterGroup):
            return FilterGroup(tuple(self._turned(one) for one in found.filters()), not found.is_all)
        if found.operator == "between":
            low, high = found.values
            return FilterGroup((self._filter("lt", low), self._filter("gt", high)), is_all=False)
        return self._turned(found)

    def _turned(self, one: Filter) -> Filter:
        if one.operator == "is_empty":
            return self._filter("ne", "")
        if one.operator not in _OPPOSITE:
            raise FilterTextError(
                f"The opposite of “{_WORDS[one.operator].replace(' {}', '')}” cannot be asked.",
                "",
                "Use “!” with a word, a value, a list or NA.",
            )
        return Filter(one.column, _OPPOSITE[one.operator], one.values, one.is_case_sensitive)

    def _compared(self, operator: Operator, text: str) -> Predicate:
        if operator in ("eq", "ne") and self._is_missing_word(text):
            return self._filter("is_missing" if operator == "eq" else "is_present")
        if operator in ("eq", "ne") and ";" in text and not _quoted(text):
            return self._listed("in" if operator == "eq" else "not_in", text)
        if self._column.kind == "boolean" and operator in ("eq", "ne"):
            is_true = (self._span(text).start == "true") is (operator == "eq")
            return self._filter("is_true" if is_true else "is_false")
        if self._is_text:
            word = _quoted(text)
            value = text if word is None else word
            return self._filter("is_empty") if operator == "eq" and not value else self._filter(operator, value)
        return self._spanned(operator, self._span(text))

    def _read_text(self, text: str) -> Predicate:
        word = _quoted(text)
        if word is not None:
            return self._filter("contains", word) if word else self._filter("is_empty")
        if len(text) > 2 and text[0] == text[-1] == "/":
            return self._filter("regex", text[1:-1])
        if text.startswith("^") and len(text) > 1:
            return self._filter("starts", text[1:])
        if text.endswith("$") and len(text) > 1:
            return self._filter("ends", text[:-1])
        return self._filter("contains", text)

    def _read_value(self, text: str) -> Predicate:
        if ".." in text:
            low, _, high = text.partition("..")
            return self._between(low.strip(), high.strip())
        if ";" in text:
            return self._listed("in", text)
        if self._column.kind == "boolean":
            return self._filter("is_true" if self._span(text).start == "true" else "is_false")
        return self._spanned("eq", self._span(text))

    def _span(self, text: str) -> Span:
        return span(text, self._column, self._decimal)

    def _spanned(self, operator: Operator, value: Span) -> Predicate:
        """A comparison with a value or with a whole period."""
        if value.end is None:
            return self._filter(operator, value.start)
        if operator in ("lt", "ge"):
            return self._filter(operator, value.start)
        if not value.end:  # nothing comes after it: the last minute of a day
            if operator in ("le", "gt"):
                return self._filter("is_present") if operator == "le" else self._filter("in")
            return self._filter("ge" if operator == "eq" else "lt", value.start)
        if operator in ("le", "gt"):
            return self._filter("lt" if operator == "le" else "ge", value.end)
        if operator == "ne":
            return FilterGroup((self._filter("lt", value.start), self._filter("ge", value.end)), is_all=False)
        return FilterGroup((self._filter("ge", value.start), self._filter("lt", value.end)))

    def _between(self, low: str, high: str) -> Predicate:
        if not low or not high:
            if not low and not high:
                raise FilterTextError("A value is missing.", "", _advice(self._column))
            return self._spanned("ge" if low else "le", self._span(low or high))
        first, last = self._span(low), self._span(high)
        if last.end is None:
            return self._filter("between", first.start, last.start)
        if not last.end:
            return self._filter("ge", first.start)
        return FilterGroup((self._filter("ge", first.start), self._filter("lt", last.end)))

    def _listed(self, operator: Operator, text: str) -> Predicate:
        words = [part.strip() for part in text.split(";") if part.strip()]
        is_missing_named = any(self._is_missing_word(word) for word in words)
        present = [word for word in words if not self._is_missing_word(word)]
        if self._is_text:
            values = [found if (found := _quoted(word)) is not None else word for word in present]
            return self._filter(operator, *values, *((None,) if is_missing_named else ()))
        spans = [self._span(word) for word in present]
        if not any(one.is_period for one in spans):
            return self._filter(operator, *(one.start for one in spans), *((None,) if is_missing_named else ()))
        members = [self._spanned("eq" if operator == "in" else "ne", one) for one in spans]
        if is_missing_named:
            members.append(self._filter("is_missing" if operator == "in" else "is_present"))
        return FilterGroup(tuple(members), is_all=operator == "not_in")


def _quoted(text: str) -> str | None:
    """What stands between double quotation marks, if the whole text does."""
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"') if is_quoted else None


# ---- writing ---------------------------------------------------------------------------------------------------------


def typed(predicate: Predicate, column: Column) -> str:
    """A text that `parse` reads as the same; empty where none does (made by the list of values, or and/or groups)."""
    for text in _candidates(predicate, column):
        for is_case_sensitive in (False, True):
            try:
                found = parse(text, column, is_case_sensitive=is_case_sensitive)
            except FilterTextError:
                continue
            if found == predicate:
                return text
    return ""


def _candidates(predicate: Predicate, column: Column) -> tuple[str, ...]:
    if isinstance(predicate, FilterGroup):
        return _group_candidates(predicate)
    values = [_value_text(value, column) for value in predicate.values]
    plain = next(iter(values), "")
    match predicate.operator:
        case "between":
            return ("..".join(values),)
        case "in" | "not_in":
            sign = "!" if predicate.operator == "not_in" else "=" if column.kind in _BY_TEXT else ""
            return (f"{'=' if sign == '=' else '!=' if sign else ''}" + "; ".join(values) + (";" * (len(values) == 1)),)
        case "contains" | "not_contains":
            raw = str(predicate.values[0]) if predicate.values else ""
            sign = "!" if predicate.operator == "not_contains" else ""
            return sign + raw, sign + _in_quotes(raw)
        case "starts" | "ends" | "regex":
            raw = str(predicate.values[0]) if predicate.values else ""
            return ({"starts": f"^{raw}", "ends": f"{raw}$", "regex": f"/{raw}/"}[predicate.operator],)
        case "is_missing" | "is_present" | "is_empty" | "is_true" | "is_false":
            words = {"is_missing": "NA", "is_present": "!NA", "is_empty": '""', "is_true": "true", "is_false": "false"}
            return (words[predicate.operator],)
        case operator:
            sign = _SIGN_OF[operator]
            if operator == "eq" and column.kind in _BY_TEXT:
                sign = "="
            raw = str(predicate.values[0]) if predicate.values else ""
            shortened = (sign + short for short in _shortened(raw))
            return (*shortened, sign + plain, sign + _in_quotes(raw))


def _group_candidates(group: FilterGroup) -> tuple[str, ...]:
    """A pair of comparisons may be a period, or a range of periods, or the opposite of one."""
    members = [member for member in group.members if isinstance(member, Filter)]
    if len(members) != 2 or len(group.members) != 2:
        return ()
    first, last = (str(next(iter(one.values), "")) for one in members)
    opposite = "" if group.is_all else "!"
    starts, ends = tuple(_shortened(first)), tuple(_last_periods(last))
    single = (opposite + text for text in starts)
    alike_first = sorted(itertools.product(starts, (*ends, last)), key=lambda pair: len(pair[0]) != len(pair[1]))
    return (*single, *(f"{opposite}{low}..{high}" for low, high in alike_first))


def _shortened(text: str) -> tuple[str, ...]:
    """An ISO text to the year, the month, the day, the minute and whole."""
    if not re.match(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}", text):
        return ()
    lengths = (4, 7, 10, 16, 19) if text[4:5] == "-" else (5, 8)
    return tuple(text[:length].replace("T", " ") for length in (*lengths, len(text)) if length <= len(text))


def _last_periods(end: str) -> tuple[str, ...]:
    """Texts whose period may end right before `end`."""
    try:
        moment = datetime.fromisoformat(end if "-" in end else f"2000-01-01T{end}")
    except ValueError:
        return ()
    before = moment - timedelta(seconds=1)
    text = before.isoformat(" ") if "-" in end else before.time().isoformat()
    return _shortened(text)


def _value_text(value: str | None, column: Column) -> str:
    if value is None:
        return "NA"
    is_plain = column.kind not in _BY_TEXT or (not re.search(r'[;"]|^\s|\s$|^$', value) and value not in _MISSING_WORDS)
    return value if is_plain else _in_quotes(value)


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def sentence(predicate: Predicate, columns: Mapping[int, Column]) -> str:
    """The filter in words: “price is at least 3”."""
    if isinstance(predicate, Filter):
        column = columns.get(predicate.column)
        name = column.name if column is not None else f"column {predicate.column + 1}"
        return f"{name} {_words(predicate, column)}"
    joined = " and " if predicate.is_all else " or "
    parts = []
    for member in predicate.members:
        text = sentence(member, columns)
        is_group = isinstance(member, FilterGroup) and len(member.members) > 1
        parts.append(f"({text})" if is_group else text)
    return joined.join(parts) or "every row"


def _words(one: Filter, column: Column | None) -> str:
    kind = column.kind if column is not None else "text"
    values = [_shown(value, kind) for value in one.values]
    words = _WORDS[one.operator]
    if kind in ("timestamp", "date", "time"):
        words = _TIME_WORDS.get(one.operator, words)
    if one.operator in ("in", "not_in"):
        more = len(values) - _LISTED_MOST
        listed = ", ".join(values[:_LISTED_MOST]) + (f" and {more} more" if more > 0 else "")
        return words.format(listed or "no value")
    places = words.count("{}")
    text = words.format(*[*values, "?", "?"][:places])
    return f"{text} (case counts)" if one.is_case_sensitive else text


def _shown(value: str | None, kind: ColumnKind) -> str:
    if value is None:
        return "missing"
    if kind in ("timestamp",):
        return value.replace("T", " ")
    if kind == "duration":
        return f"{value} s"
    if kind == "number" and len(value) > _DIGITS_SHOWN and "." in value and "e" not in value:
        return f"{float(value):.{_DIGITS_SHOWN - 1}g}"
    return value if kind not in _BY_TEXT else f"“{value}”"


# ---- filters of a view -----------------------------------------------------------------------------------------------


def of_column(group: FilterGroup, column: int) -> Predicate | None:
    """The filter of one column among those that must all hold: what stands in its box."""
    for member in group.members if group.is_all else ():
        if _is_of(member, column):
            return member
    return None


def with_column(group: FilterGroup, column: int, predicate: Predicate | None) -> FilterGroup:
    """The same filters with another one for that column, or none. What it did not have as its own stays."""
    if not group.is_all and group.members:
        group = FilterGroup((group,))
    members = list(group.members)
    place = next((place for place, member in enumerate(members) if _is_of(member, column)), len(members))
    members[place : place + 1] = [predicate] if predicate is not None else []
    return FilterGroup(tuple(members))


def _is_of(member: Predicate, column: int) -> bool:
    return {one.column for one in _filters(member)} == {column}


def changed(group: FilterGroup, change: Callable[[int, Filter], Filter | None]) -> FilterGroup:
    """Every filter by its place, depth first, put through `change`; None takes it out, and groups left empty too."""
    places = iter(range(len(group.filters())))

    def through(part: FilterGroup) -> FilterGroup:
        members: list[Predicate] = []
        for member in part.members:
            if isinstance(member, Filter):
                one = change(next(places), member)
                members.extend(() if one is None else (one,))
            else:
                inner = through(member)
                members.extend((inner,) if inner.members else ())
        return FilterGroup(tuple(members), part.is_all)

    return through(group)


def without_problems(spec: ViewSpec, problems: Sequence[FilterProblem]) -> ViewSpec:
    """What was really applied: the filters that could not be are left out, as every source does."""
    places = {problem.filter for problem in problems}
    return ViewSpec(spec.sort, changed(spec.filter, lambda place, one: None if place in places else one))
