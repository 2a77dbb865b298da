"""Dates, times and durations as whole numbers of a unit, and as the text that filters and figures use.

Years beyond 9999 and before 1 are as good as others: nothing here goes through `datetime`, but for time zones.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY_S = 86_400
_DATE = r"(?P<year>[+-]?\d{1,7})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,12}))?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_STAMP_PATTERN = re.compile(f"{_DATE}(?:[T ]{_TIME})?{_ZONE}")
_TIME_PATTERN = re.compile(_TIME)

Number = Any
"""An int, or a Fraction where the unit is too coarse for it."""


def days_of(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 of a date of the Gregorian calendar, without end on either side (Hinnant, chrono)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day of a count of days."""
    days += 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def date_text(days: int) -> str:
    year, month, day = date_of(days)
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


def time_text(value: int, unit: str) -> str:
    """A time of day."""
    seconds, rest = divmod(value, PER_SECOND[unit])
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return text + (_fraction_text(rest, unit) if rest else "")


def _fraction_text(rest: int, unit: str) -> str:
    return "." + str(rest).zfill(len(str(PER_SECOND[unit])) - 1).rstrip("0")


def stamp_text(value: int, unit: str, zone: str) -> str:
    """An instant; in a column with a zone as UTC, which says so."""
    days, rest = divmod(value, DAY_S * PER_SECOND[unit])
    return date_text(days) + "T" + time_text(rest, unit) + ("Z" if zone else "")


def duration_text(value: int, unit: str) -> str:
    """Seconds."""
    seconds, rest = divmod(abs(value), PER_SECOND[unit])
    return ("-" if value < 0 else "") + str(seconds) + (_fraction_text(rest, unit) if rest else "")


def text_of(value: int, kind: str, unit: str, zone: str) -> str:
    """A whole number of a column of this kind as canonical text."""
    if kind == "date":
        return date_text(value)
    if kind == "time":
        return time_text(value, unit)
    return stamp_text(value, unit, zone) if kind == "timestamp" else duration_text(value, unit)


def parse(text: str, kind: str, unit: str, zone: str) -> Number:
    """The number that a canonical text stands for; raises ValueError where it cannot be read."""
    if kind == "duration":
        return _whole(_exact(text) * PER_SECOND[unit])
    if kind == "time":
        match = _TIME_PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return _whole(_seconds(match) * PER_SECOND[unit])
    match = _STAMP_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    days, seconds = _parts(match)
    if kind == "date":
        return _whole(days + Fraction(seconds, DAY_S))
    offset = _offset(match, days, seconds, zone)
    return _whole((days * DAY_S + seconds - offset) * PER_SECOND[unit])


def _exact(text: str) -> Fraction:
    if not re.fullmatch(r"[+-]?\d{1,30}(\.\d{0,30})?", text):
        raise ValueError(text)
    return Fraction(text)


def _parts(match: re.Match[str]) -> tuple[int, Fraction]:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    days = days_of(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else 0
    if date_of(days) != (year, month, day):
        raise ValueError("no such day")
    return days, _seconds(match) if match["hour"] else Fraction(0)


def _seconds(match: re.Match[str]) -> Fraction:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time")
    fraction = match["fraction"] or "0"
    return Fraction(hour * 3600 + minute * 60 + second) + Fraction(int(fraction), 10 ** len(fraction))


def _offset(match: re.Match[str], days: int, seconds: Fraction, zone: str) -> int:
    """Seconds east of Greenwich."""
    given = match["zone"]
    if given and not zone:
        raise ValueError("the column has no zone")
    if not zone or given == "Z":
        return 0
    return _fixed_offset(given) if given else zone_offset(zone, days * DAY_S + int(seconds))


def _fixed_offset(text: str) -> int:
    digits = text[1:].replace(":", "")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)


def zone_offset(zone: str, wall_s: int) -> int:
    """How far a zone is ahead at a wall-clock time, in seconds; raises ValueError for a zone that nobody knows."""
    if re.fullmatch(r"[+-]\d{2}:?\d{2}", zone):
        return _fixed_offset(zone)
    if zone in ("UTC", "Z"):
        return 0
    import datetime

    try:
        from zoneinfo import ZoneInfo

        # Zones repeat themselves every 400 years: so those out of the range of `datetime` are known too.
        cycle = 146_097 * DAY_S
        wall = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=(wall_s - 946_684_800) % cycle)
        if 0 <= wall_s + 62_135_596_800 < 315_537_897_600:
            wall = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=wall_s)
        offset = wall.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    except Exception as error:
        raise ValueError(f"the zone {zone} is not known") from error
    return int(offset.total_seconds()) if offset is not None else 0


def _whole(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value
