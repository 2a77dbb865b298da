"""Columns of every kind with known values, all filters that can be asked of them, and what must come out.

The oracle is written from docs/reference/filters.md alone, over plain Python values: it knows no library.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from ide.core.table import Column, ColumnKind, Filter, FilterGroup, Operator, SortKey, ViewSpec

BERLIN = "Europe/Berlin"
EPOCH = datetime.datetime(1970, 1, 1)
COMPARISONS: tuple[Operator, ...] = ("eq", "ne", "lt", "le", "gt", "ge")
TEXT: tuple[Operator, ...] = ("contains", "not_contains", "starts", "ends", "regex")


@dataclass(frozen=True)
class Known:
    """A column of a test frame: what it holds (None: missing) in comparable form, the texts to filter by, and how
    each library makes it. `levels` is the order of a category."""

    name: str
    kind: ColumnKind
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    code: str
    zone: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    is_ordered: bool = False
    type_name: str = ""
    sorts_by_text: bool = False

    def column(self, index: int, type_name: str = "", name_code: str = "") -> Column:
        return Column(
            index, self.name, self.kind, type_name or self.type_name, name_code, unit=self.unit, zone=self.zone,
            is_ordered=self.is_ordered,
        )  # fmt: skip

    def parsed(self, text: str) -> Any:
        """A canonical text in comparable form."""
        match self.kind:
            case "number" | "duration":
                is_float = any(type(value) is float for value in self.values) or text.lstrip("-") == "inf"
                return float(text) if is_float else Fraction(text)
            case "boolean":
                return text == "true"
            case "date":
                return datetime.date.fromisoformat(text)
            case "time":
                return nanoseconds(datetime.datetime.fromisoformat(f"1970-01-01T{text[:15]}"), text)
            case "timestamp":
                return instant(text, self.zone)
            case _:
                return text


def nanoseconds(moment: datetime.datetime, text: str = "") -> int:
    """Since 1970, with the digits that `datetime` cannot hold."""
    fraction = re.search(r"\.(\d+)", text)
    rest = int(fraction[1].ljust(9, "0")) if fraction else 0
    return (moment.replace(microsecond=0) - EPOCH) // datetime.timedelta(seconds=1) * 10**9 + rest


def instant(text: str, zone: str = "") -> int:
    """A canonical time as nanoseconds since 1970 in UTC."""
    plain = re.sub(r"\.\d+", "", text).replace("Z", "+00:00")
    moment = datetime.datetime.fromisoformat(plain)
    if moment.tzinfo is None and zone:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return nanoseconds(moment, text)


# ---- the oracle ------------------------------------------------------------------------------------------------------


def fits(one: Filter, known: Known) -> Callable[[Any], bool]:
    """Whether a value fits the filter."""
    texts = [text for text in one.values if text is not None]
    match one.operator:
        case "is_missing":
            return lambda value: value is None
        case "is_present":
            return lambda value: value is not None
        case "is_empty":
            return lambda value: value == ""
        case "is_true" | "is_false":
            return lambda value: value is (one.operator == "is_true")
        case "in":
            wanted = [known.parsed(text) for text in texts]
            return lambda value: None in one.values if value is None else value in wanted
        case "not_in":
            unwanted = [known.parsed(text) for text in texts]
            return lambda value: value is not None and value not in unwanted
        case "contains" | "not_contains" | "starts" | "ends" | "regex":
            return text_fits(one, texts[0])
        case _:
            return compared(one, known, texts)


def text_fits(one: Filter, text: str) -> Callable[[Any], bool]:
    if one.operator == "regex":
        pattern = re.compile(text, 0 if one.is_case_sensitive else re.IGNORECASE)
        return lambda value: value is not None and pattern.search(value) is not None
    change = str if one.is_case_sensitive else str.lower
    wanted = change(text)
    tests: dict[str, Callable[[str], bool]] = {
        "contains": lambda value: wanted in value,
        "not_contains": lambda value: wanted not in value,
        "starts": lambda value: value.startswith(wanted),
        "ends": lambda value: value.endswith(wanted),
    }
    return lambda value: value is not None and tests[one.operator](change(value))


def compared(one: Filter, known: Known, texts: Sequence[str]) -> Callable[[Any], bool]:
    rank: Callable[[Any], Any] = lambda value: value  # noqa: E731 - the other one is below
    if known.kind == "category" and one.operator not in ("eq", "ne"):
        rank = known.levels.index
    low, high = rank(known.parsed(texts[0])), rank(known.parsed(texts[-1]))
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda value: value == low,
        "ne": lambda value: value != low,
        "lt": lambda value: value < low,
        "le": lambda value: value <= low,
        "gt": lambda value: value > low,
        "ge": lambda value: value >= low,
        "between": lambda value: low <= value <= high,
    }
    return lambda value: value is not None and tests[one.operator](rank(value))


def holds(group: FilterGroup, row: int, table: Sequence[Known]) -> bool:
    """Whether a row fits the group."""
    results = []
    for member in group.members:
        if isinstance(member, FilterGroup):
            results.append(holds(member, row, table))
        else:
            results.append(fits(member, table[member.column])(table[member.column].values[row]))
    return not results or (all(results) if group.is_all else any(results))


def expected_rows(spec: ViewSpec, table: Sequence[Known]) -> list[int]:
    """The rows of a view in their order."""
    rows = [row for row in range(len(table[0].values)) if holds(spec.filter, row, table)]
    for key in reversed(spec.sort):
        known = table[key.column]
        by_level = known.kind == "category" and not known.sorts_by_text
        rank: dict[Any, Any] = {level: place for place, level in enumerate(known.levels)} if by_level else {}
        present = [row for row in rows if known.values[row] is not None]
        absent = [row for row in rows if known.values[row] is None]
        present.sort(key=lambda row: rank.get(known.values[row], known.values[row]), reverse=key.is_descending)
        rows = present + absent
    return rows


# ---- what is asked ---------------------------------------------------------------------------------------------------


def filters(known: Known, index: int) -> Iterator[Filter]:
    """Every operator that fits the kind, with each of the texts."""
    texts = known.texts
    yield Filter(index, "is_missing")
    yield Filter(index, "is_present")
    if known.kind in ("binary", "nested", "object"):
        return
    if known.kind == "boolean":
        yield Filter(index, "is_true")
        yield Filter(index, "is_false")
    operators = ("eq", "ne") if known.kind == "boolean" or is_unordered(known) else COMPARISONS
    for operator, text in itertools.product(operators, texts):
        yield Filter(index, operator, (text,))
    if known.kind != "boolean" and not is_unordered(known):
        for pair in itertools.product(texts[:4], repeat=2):
            yield Filter(index, "between", pair)
    for operator in ("in", "not_in"):
        for values in ((), texts[:1], texts[:3], (*texts[:2], None), (None,)):
            yield Filter(index, operator, values)
    if known.kind in ("text", "category"):
        yield Filter(index, "is_empty")
        words = (*texts[:4], "B", "é", "É", ".", "b'\"c\\")
        for operator, text, is_sensitive in itertools.product(TEXT[:-1], words, (False, True)):
            yield Filter(index, operator, (text,), is_sensitive)
        for pattern, is_sensitive in itertools.product(
            ("^a", "b$", "[A-C]\\d?", "a.c", "x{2}", "\\.", "'"), (False, True)
        ):
            yield Filter(index, "regex", (pattern,), is_sensitive)


def brief(asked: Sequence[ViewSpec], most: int = 3) -> list[ViewSpec]:
    """No more than some values for each operator of each column; all that sorts or has several filters."""
    seen: dict[tuple[int, str, bool], int] = {}
    kept = []
    for spec in asked:
        single = spec.filter.filters()
        if not spec.sort and len(single) == 1:
            key = (single[0].column, single[0].operator, single[0].is_case_sensitive)
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > most:
                continue
        kept.append(spec)
    return kept


def is_unordered(known: Known) -> bool:
    return known.kind == "category" and not known.is_ordered


def specs(table: Sequence[Known], first: int = 1) -> Iterator[ViewSpec]:
    """All filters one by one, all sorts, and filters and sorts together."""
    places = range(first, len(table))
    for index in places:
        for one in filters(table[index], index):
            yield ViewSpec(filter=FilterGroup((one,)))
    sortable = [index for index in places if table[index].kind not in ("binary", "nested", "object")]
    for index in sortable:
        yield ViewSpec((SortKey(index),))
        yield ViewSpec((SortKey(index, is_descending=True),))
    for left, right in itertools.pairwise(sortable):
        yield ViewSpec((SortKey(left, is_descending=True), SortKey(right)))
        yield ViewSpec((SortKey(right), SortKey(left, is_descending=True)))
    plain = [next(iter(filters(table[index], index))) for index in sortable]
    some = [list(filters(table[index], index))[5] for index in sortable]
    for one_filter, other_filter, index in zip(plain, some[1:], sortable, strict=False):
        for is_all in (True, False):
            inner = FilterGroup((other_filter, FilterGroup((one_filter,))), not is_all)
            yield ViewSpec((SortKey(index, is_descending=True),), FilterGroup((some[0], inner), is_all))
    yield ViewSpec()
