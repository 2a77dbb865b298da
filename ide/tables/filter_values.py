"""Values as a user types them, made canonical (docs/reference/filters.md): numbers, days, times, durations.

Owns no operator. A day or a time that is typed with less than it could have is a period: `2024-01` is the whole month.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from ide.core.errors import FourpaneError
from ide.core.record import dataclass
from ide.core.table import Column, ColumnKind

_SPACES: Final = re.compile(r"[\s\u00a0\u2009\u202f'_’]+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_INFINITE: Final = {"inf": "inf", "infinity": "inf", "∞": "inf"}
_DAY: Final = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_DOTTED_DAY: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?")
_OFFSET: Final = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_PART: Final = re.compile(r"([+-]?[\d.,]+)\s*([a-zµ]+)", re.IGNORECASE)
_UNITS: Final = {
    "d": 86400, "day": 86400, "days": 86400, "h": 3600, "hour": 3600, "hours": 3600, "min": 60, "m": 60, "minute": 60,
    "minutes": 60, "s": 1, "sec": 1, "second": 1, "seconds": 1, "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_SMALL_UNITS: Final = {"ms": Decimal("1e-3"), "us": Decimal("1e-6"), "µs": Decimal("1e-6"), "ns": Decimal("1e-9")}
# Digits that a number is written out with before it gets an exponent.
_WRITTEN_OUT: Final = 40
EXAMPLES: Final[dict[ColumnKind, str]] = {
    "number": "3, >= 2.5 or 3..5",
    "boolean": "true or false",
    "timestamp": "2024-01-31, >= 2024-01-31 12:30 or 2024-01..2024-03",
    "date": "2024-01-31, >= 2024-01 or 2024-01..2024-03",
    "time": "12:30, >= 08:00 or 08:00..12:00",
    "duration": "90, > 1:30:00 or 2 h..3 h",
}


class FilterTextError(FourpaneError):
    """What was typed cannot be a filter of this column. The text says what can."""


@dataclass(frozen=True, slots=True)
class Span:
    """A canonical value and, where it stands for a period, the first value after it (empty: nothing comes after)."""

    start: str
    end: str | None = None

    @property
    def is_period(self) -> bool:
        """Whether more than one value is meant."""
        return self.end is not None


def span(text: str, column: Column, decimal: str = ".") -> Span:
    """What a typed value means in that column. Raises FilterTextError."""
    try:
        match column.kind:
            case "number":
                return Span(_number(text, decimal))
            case "duration":
                return Span(_duration(text, decimal))
            case "boolean":
                return Span(_boolean(text))
            case "date":
                return _days(text)
            case "timestamp":
                return _moment(text, bool(column.zone))
            case "time":
                return _time(text)
            case _:
                return Span(text)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise FilterTextError(*_unreadable(text, column.kind, str(error))) from error


def canonical_problem(text: str, column: Column) -> str:
    """Why a text is not canonical in that column, in one sentence; empty where it is."""
    if column.kind == "number" and "," in text:
        return f"“{text}” is not a number."
    try:
        span(text, column)
    except FilterTextError as error:
        return error.happened
    return ""


def _unreadable(text: str, kind: ColumnKind, reason: str) -> tuple[str, str, str]:
    words: dict[ColumnKind, str] = {
        "number": "a number", "duration": "a duration", "boolean": "true or false", "date": "a date",
        "timestamp": "a date or time", "time": "a time of day",
    }  # fmt: skip
    happened = f"“{text}” is not {words[kind]}." if text else "A value is missing."
    return happened, reason if reason.endswith(".") else "", f"Type for example {EXAMPLES[kind]}."


def _plain(number: Decimal) -> str:
    """A number in canonical form: whole ones without a dot, huge and tiny ones with an exponent."""
    if not number:
        return "0"
    if abs(number.adjusted()) < _WRITTEN_OUT:
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{'-' if number < 0 else ''}{mantissa}e{number.adjusted()}"


def _decimal(text: str, decimal: str) -> Decimal:
    """A number with a dot or a comma, thousands apart or not. One comma alone is a decimal one, unless it can only be
    one between thousands (1,234) and the user's locale has the dot."""
    bare = _SPACES.sub("", text).replace("−", "-")
    if "," in bare and "." in bare:
        thousands = "," if bare.rindex(".") > bare.rindex(",") else "."
        bare = bare.replace(thousands, "").replace(",", ".")
    elif "," in bare:
        is_thousands = _THOUSANDS.fullmatch(bare) and (decimal != "," or bare.count(",") > 1)
        bare = bare.replace(",", "" if is_thousands else ".")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(text)
    return Decimal(bare)


def _number(text: str, decimal: str) -> str:
    bare = _SPACES.sub("", text).lower()
    sign, rest = ("-", bare[1:]) if bare[:1] in ("-", "−") else ("", bare.removeprefix("+"))
    if rest in _INFINITE:
        return sign + _INFINITE[rest]
    return _plain(_decimal(text, decimal))


def _boolean(text: str) -> str:
    word = text.strip().lower()
    if word in ("true", "t", "yes", "1"):
        return "true"
    if word in ("false", "f", "no", "0"):
        return "false"
    raise ValueError(text)


def _duration(text: str, decimal: str) -> str:
    """Seconds, `1:30:00`, or numbers with units."""
    bare = text.strip().lower()
    sign = -1 if bare[:1] in ("-", "−") else 1
    if ":" in bare:
        parts = [_decimal(part, decimal) for part in bare.lstrip("+-−").split(":")]
        if len(parts) != 3 or any(part < 0 for part in parts):
            raise ValueError(text)
        return _plain(sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]))
    found = _PART.findall(bare)
    if not found:
        return _plain(_decimal(bare, decimal))
    if _PART.sub("", bare).strip(" ,"):
        raise ValueError(text)
    total = sum((_decimal(amount, decimal) * _unit(unit) for amount, unit in found), Decimal(0))
    return _plain(total)


def _unit(word: str) -> Decimal:
    return _SMALL_UNITS[word] if word in _SMALL_UNITS else Decimal(_unit_s(word))


def _unit_s(word: str) -> int:
    if word not in _UNITS:
        raise ValueError(f"“{word}” is not a unit of time.")
    return _UNITS[word]


def _days(text: str) -> Span:
    """A day, a month or a year."""
    dotted = _DOTTED_DAY.fullmatch(text.strip())
    if dotted:
        return Span(date(int(dotted[3]), int(dotted[2]), int(dotted[1])).isoformat())
    found = _DAY.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    year, month, day = (int(part) if part else None for part in found.groups())
    start = date(year or 1, month or 1, day or 1)
    if day:
        return Span(start.isoformat())
    if month:
        return Span(start.isoformat(), _iso(start.year + (start.month == 12), start.month % 12 + 1))
    return Span(start.isoformat(), _iso(start.year + 1, 1))


def _iso(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-01"


def _moment(text: str, has_zone: bool) -> Span:
    """A date, or a date and time. What is left out makes a period: a day, a minute, a second."""
    bare = text.strip()
    offset = ""
    marked = _OFFSET.search(bare) if ":" in bare else None
    if marked:
        offset, bare = marked[0].upper(), bare[: marked.start()].strip()
        if not has_zone:
            raise ValueError("The column has no time zone.")
        offset = "+00:00" if offset == "Z" else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
    day_text, _, clock_text = bare.replace("T", " ").partition(" ")
    days = _days(day_text)
    if not clock_text.strip():
        after = days.end or (date.fromisoformat(days.start) + timedelta(days=1)).isoformat()
        return Span(days.start, after)
    if days.is_period:
        raise ValueError(text)
    clock, step = _clock(clock_text.strip())
    start = f"{days.start}T{clock}"
    if step is None:
        return Span(start + offset)
    end = datetime.fromisoformat(start) + step
    return Span(start + offset, end.isoformat() + offset)


def _time(text: str) -> Span:
    clock, step = _clock(text.strip())
    if step is None:
        return Span(clock)
    end = datetime.fromisoformat(f"2000-01-01T{clock}") + step
    return Span(clock, end.time().isoformat() if end.day == 1 else "")


def _clock(text: str) -> tuple[str, timedelta | None]:
    """A time of day, and how long a period it is; None where it is exact to the part of a second."""
    found = _CLOCK.fullmatch(text)
    if not found or found[2] is None:
        raise ValueError(text)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    clock = datetime(2000, 1, 1, hour, minute, second).time().isoformat()
    if found[4]:
        return f"{clock}.{found[4]}", None
    return clock, timedelta(seconds=1) if found[3] else timedelta(minutes=1)
