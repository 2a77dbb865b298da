"""Python values as cells of a fake table: kinds, buffers, comparisons. The semantics are those of real sources."""

from __future__ import annotations

import datetime
import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

from ide.core.table import Cells, Code, ColumnKind, Encoding, Filter

EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
TEXT_LIMIT = 200
_LOOKED_AT = 1000
_KINDS: dict[type, ColumnKind] = {
    bool: "boolean", int: "number", float: "number", str: "text", datetime.datetime: "timestamp",
    datetime.date: "date", datetime.time: "time", datetime.timedelta: "duration", bytes: "binary",
    list: "nested", dict: "nested", tuple: "nested",
}  # fmt: skip
_WORDS: dict[ColumnKind, str] = {
    "number": "a number", "boolean": "true or false", "timestamp": "a date and time", "date": "a date",
    "time": "a time", "duration": "a number of seconds",
}  # fmt: skip
UNITS: dict[ColumnKind, str] = {"timestamp": "us", "time": "us", "duration": "us"}

Predicate = Callable[[Any], bool]


class Unfit(Exception):
    """A filter that cannot be applied; the text is for the user."""


def kind_of(values: Sequence[object]) -> ColumnKind:
    """The kind of a column, by its first present values; object where they are of several kinds."""
    kinds = {_KINDS.get(type(value), "object") for value in values[:_LOOKED_AT] if code_of(value) is Code.VALUE}
    return kinds.pop() if len(kinds) == 1 else ("object" if kinds else "text")


def code_of(value: object) -> Code:
    """A Code among the values stands for that kind of missing value."""
    if value is None:
        return Code.NONE
    if isinstance(value, Code):
        return value
    return Code.NAN if isinstance(value, float) and math.isnan(value) else Code.VALUE


def text_of(value: object) -> str:
    """A cell as exact text; empty for a missing one."""
    if code_of(value) is not Code.VALUE:
        return ""
    if isinstance(value, datetime.timedelta):
        return repr(value.total_seconds())
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if isinstance(value, str) else repr(value)


def encoded(values: Sequence[object], kind: ColumnKind, encoding: Encoding) -> Cells:
    """The buffers of a block."""
    codes = bytearray(code_of(value) for value in values)
    if encoding == "text":
        data, ends = bytearray(), bytearray()
        for row, value in enumerate(values):
            text = text_of(value)
            if kind in ("nested", "object") and codes[row] == Code.VALUE and not isinstance(value, str):
                codes[row] = Code.OBJECT if kind == "nested" else Code.VALUE
            if len(text) > TEXT_LIMIT:
                text, codes[row] = text[:TEXT_LIMIT], Code.CUT
            data += text.encode("utf-8", "surrogatepass")
            ends += len(data).to_bytes(4, "little")
        return Cells(encoding, bytes(data), bytes(codes) if any(codes) else b"", bytes(ends))
    form = {"bool": "?", "int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}[encoding]
    raw = [
        raw_of(value) if not code else (math.nan if form == "d" else 0)
        for value, code in zip(values, codes, strict=True)
    ]
    return Cells(encoding, struct.pack(f"<{len(raw)}{form}", *raw), bytes(codes) if any(codes) else b"")


def encoding_of(values: Sequence[object], kind: ColumnKind) -> Encoding:
    """How a column travels, by its first present values."""
    present = [value for value in values[:_LOOKED_AT] if code_of(value) is Code.VALUE]
    if kind == "boolean":
        return "bool"
    if any(isinstance(value, str) for value in present):
        return "text"  # as R's infinite dates
    if kind == "date":
        return "int32"
    if kind in UNITS:
        return "int64"
    if kind == "number" and any(type(value) is float for value in present):
        return "float64"
    if kind == "number":
        numbers = [value for value in present if isinstance(value, int)]
        if all(-(1 << 63) <= number < 1 << 63 for number in numbers):
            return "int64"
        return "uint64" if all(0 <= number < 1 << 64 for number in numbers) else "text"
    return "text"


def raw_of(value: Any) -> Any:
    """A present value as the number that travels."""
    if isinstance(value, datetime.datetime):
        plain = value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value
        return (plain - EPOCH) // MICROSECOND
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return seconds * 1_000_000 + value.microsecond
    return value // MICROSECOND if isinstance(value, datetime.timedelta) else value


def parsed(text: str, kind: ColumnKind) -> Any:
    """A canonical text as a value of the kind. Raises Unfit."""
    try:
        match kind:
            case "number":
                return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "timestamp":
                return datetime.datetime.fromisoformat(text)
            case "date":
                return datetime.date.fromisoformat(text)
            case "time":
                return datetime.time.fromisoformat(text)
            case "duration":
                return datetime.timedelta(seconds=float(text))
            case _:
                return text
    except (ValueError, KeyError) as error:
        raise Unfit(f"“{text}” is not {_WORDS.get(kind, 'a value')}.") from error


def fits(one: Filter, kind: ColumnKind) -> Predicate:
    """The predicate of a filter: `fits(filter, kind)(value)`. A missing value fits nothing that does not ask for it.
    Raises Unfit."""
    match one.operator:
        case "is_missing":
            return lambda value: code_of(value).is_missing
        case "is_present":
            return lambda value: not code_of(value).is_missing
        case "is_empty":
            return lambda value: value == ""
        case "is_true" | "is_false":
            return lambda value: value is (one.operator == "is_true")
        case "in" | "not_in":
            return _membership(one, kind)
        case "contains" | "not_contains" | "starts" | "ends" | "regex":
            return _on_text(one)
        case _:
            return _comparison(one, kind)


def _membership(one: Filter, kind: ColumnKind) -> Predicate:
    values = [parsed(text, kind) for text in one.values if text is not None]
    takes_missing, is_in = None in one.values, one.operator == "in"

    def holds(value: object) -> bool:
        if code_of(value).is_missing:
            return takes_missing and is_in
        return (_comparable(value, kind) in values) is is_in

    return holds


def _comparison(one: Filter, kind: ColumnKind) -> Predicate:
    count = 2 if one.operator == "between" else 1
    if len(one.values) != count or None in one.values:
        raise Unfit("A value is missing.")
    values = [parsed(str(text), kind) for text in one.values]
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda value: value == values[0],
        "ne": lambda value: value != values[0],
        "lt": lambda value: value < values[0],
        "le": lambda value: value <= values[0],
        "gt": lambda value: value > values[0],
        "ge": lambda value: value >= values[0],
        "between": lambda value: values[0] <= value <= values[-1],
    }
    test = tests[one.operator]
    return lambda value: not code_of(value).is_missing and test(_comparable(value, kind))


def _on_text(one: Filter) -> Predicate:
    wanted = str(one.values[0]) if one.values else ""
    flags = 0 if one.is_case_sensitive else re.IGNORECASE
    patterns = {"starts": "^" + re.escape(wanted), "ends": re.escape(wanted) + r"\Z", "regex": wanted}
    try:
        pattern = re.compile(patterns.get(one.operator, re.escape(wanted)), flags)
    except re.error as error:
        raise Unfit(f"The pattern cannot be read: {error}.") from error
    is_wanted = one.operator != "not_contains"
    return lambda value: not code_of(value).is_missing and (pattern.search(text_of(value)) is not None) is is_wanted


def _comparable(value: object, kind: ColumnKind) -> object:
    return text_of(value) if kind in ("object", "nested", "binary", "category") else value
