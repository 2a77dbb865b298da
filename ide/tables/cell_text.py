"""Text of a cell: for the screen, short and aligned, and in full for copying. Owns no cells, no fonts, no colours.

`full` is exact: the shortest digits that make the same float again, all digits of an integer, ISO dates and times for
any year. `display` shows the same value as its column does: a `Look` says how many decimals and which parts of a time
the column needs, and only grows while one view is shown, so that nothing jumps while the user scrolls.

Timestamps of a column with a zone are instants; without one they are what a clock on the wall showed. Days become
years, months and days by the algorithm of Howard Hinnant ("chrono-compatible low-level date algorithms"), since
`datetime` ends at the years 1 and 9999.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ide.core.record import dataclass, replace
from ide.core.table import MISSING_WORDS, WIDTHS, Cells, Code, Column, Encoding
from ide.core.text import with_unseen_shown

THIN_SPACE = "\u2009"
EMPTY_TEXT = "·"
CUT_MARK = "…"
SHOWN_CHARACTERS = 500
"""More of a text is never laid out for one cell; the rest is in the inspector."""
DIGITS = 6
"""Digits that a float shows where its own are more."""
DECIMALS_MOST = 6
GROUPED_FROM = 10_000
"""Columns with a number as large as this have their thousands apart; years stay whole."""
SCIENTIFIC_FROM = 1e15
SCIENTIFIC_BELOW = 1e-4
SECONDS_PER_DAY = 86_400
UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SHORT_FLOATS = {"float32": "f", "float": "f", "f4": "f", "float16": "e", "halffloat": "e", "f2": "e"}
_PLAIN_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?")
_FIXED_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?(?::?(\d{2}))?")
_ZONES_MOST = 64


@dataclass(frozen=True, slots=True)
class Look:
    """How the cells of one column are written. `marks` of the locale: before decimals, between thousands."""

    decimals: int = 0
    is_grouped: bool = False
    shows_time: bool = False
    fraction_digits: int = 0
    decimal_mark: str = "."
    group_mark: str = THIN_SPACE

    def widened(self, cells: Cells, row: int, column: Column) -> Look:
        """This, or the look that has room for one more cell too."""
        if cells.codes and cells.codes[row] != Code.VALUE:
            return self
        if column.kind == "number":
            return self._for_number(cells, row, column)
        if column.kind in ("timestamp", "time", "duration") and cells.encoding != "text":
            if _endless(cells, row):
                return self
            return self._for_time(_ticks(cells, row, column), is_timestamp=column.kind == "timestamp")
        return self

    def _for_number(self, cells: Cells, row: int, column: Column) -> Look:
        if cells.encoding == "text":
            found = _PLAIN_NUMBER.fullmatch(_beginning(cells, row)[0])
            is_large = found is not None and len(found[2].lstrip("0")) > 4
            return self._with(len(found[3] or "") if found else 0, is_large=is_large)
        value = cells.value(row)
        assert not isinstance(value, str)
        return self._for_value(value, column)

    def _for_value(self, value: int | float, column: Column) -> Look:
        if isinstance(value, float):
            is_large = GROUPED_FROM <= abs(value) < SCIENTIFIC_FROM
            return self._with(_decimals_needed(value, column), is_large=is_large)
        return self._with(0, is_large=abs(value) >= GROUPED_FROM)

    def _with(self, decimals: int, *, is_large: bool) -> Look:
        if decimals <= self.decimals and (self.is_grouped or not is_large):
            return self
        return replace(self, decimals=max(decimals, self.decimals), is_grouped=self.is_grouped or is_large)

    def _for_time(self, moment: tuple[int, str], *, is_timestamp: bool) -> Look:
        seconds, fraction = moment
        shows_time = self.shows_time or not is_timestamp or seconds % SECONDS_PER_DAY != 0 or fraction != ""
        digits = max(self.fraction_digits, _whole_thirds(len(fraction)))
        if (shows_time, digits) == (self.shows_time, self.fraction_digits):
            return self
        return replace(self, shows_time=shows_time, fraction_digits=digits)


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Alignment:
    """How many characters of a number stand before its decimal mark, and how many digits after it."""

    integer_width: int
    decimals: int


def alignment(text: str, look: Look = PLAIN) -> Alignment:
    """Where the decimal mark of a displayed number is. What is no plain number has no decimals."""
    whole, mark, decimals = text.partition(look.decimal_mark)
    if not mark or not decimals.isdigit():
        return Alignment(len(text), 0)
    return Alignment(len(whole), len(decimals))


def is_right_aligned(column: Column) -> bool:
    """Whether cells of the column stand at its right edge."""
    return column.kind in ("number", "duration")


def display(cells: Cells, row: int, column: Column, look: Look = PLAIN) -> str:
    """One line for the screen. Missing values are words, empty text is a dot; who paints sets them apart by colour."""
    code = cells.codes[row] if cells.codes else 0
    if code in MISSING_WORDS:
        return MISSING_WORDS[code]
    if cells.encoding == "text":
        return _display_text(cells, row, column, code, look)
    value = cells.value(row)
    if column.kind in ("timestamp", "date", "time", "duration"):
        return _moment(cells, row, column, look)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _grouped(f"{value:,}", look)
    assert isinstance(value, float)
    return _display_float(value, look)


def display_rows(cells: Cells, first: int, count: int, column: Column, look: Look) -> tuple[list[str], Look]:
    """The texts of some rows below each other, and the look that has room for all of them.

    The same as `Look.widened` and `display` row by row; numbers, which most tables are made of, in a fifth of the time.
    """
    if column.kind == "number" and cells.encoding in _NUMBERS:
        return _display_numbers(cells, first, count, column, look)
    for row in range(first, first + count):
        look = look.widened(cells, row, column)
    return [display(cells, row, column, look) for row in range(first, first + count)], look


_NUMBERS: Mapping[Encoding, str] = {"int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}


def _display_numbers(cells: Cells, first: int, count: int, column: Column, look: Look) -> tuple[list[str], Look]:
    form = _NUMBERS[cells.encoding]
    values = struct.unpack_from(f"<{count}{form}", cells.data, first * WIDTHS[cells.encoding])
    codes = cells.codes[first : first + count] or bytes(count)
    is_float = form == "d"
    for value, code in zip(values, codes, strict=True):
        if code:
            continue
        decimals = look.decimals
        is_long = is_float and (not decimals or (decimals < DECIMALS_MOST and round(value, decimals) != value))
        if is_long or (not look.is_grouped and abs(value) >= GROUPED_FROM):
            look = look._for_value(value, column)
    spec = f",.{look.decimals}f" if is_float else ","
    is_usual = look.decimal_mark == "."
    mark = look.group_mark if look.is_grouped else ""
    texts = []
    for value, code in zip(values, codes, strict=True):
        if code:
            texts.append(MISSING_WORDS.get(code, ""))
        elif is_float and not (value == 0 or SCIENTIFIC_BELOW <= abs(value) < SCIENTIFIC_FROM):
            texts.append(_display_float(value, look))
        elif is_usual:
            texts.append(format(value, spec).replace(",", mark))
        else:
            texts.append(_grouped(format(value, spec), look))
    return texts, look


def full(cells: Cells, row: int, column: Column) -> str:
    """The cell exactly, as copied. Missing values are words here too: the caller knows them by their code."""
    code = cells.code(row)
    if code.is_missing:
        return MISSING_WORDS[code]
    if column.kind in ("timestamp", "date", "time", "duration") and cells.encoding != "text":
        return _moment(cells, row, column, None)
    value = cells.value(row)
    if isinstance(value, bool):
        return "true" if value else "false"
    return shortest(value, column) if isinstance(value, float) else str(value)


def shortest(value: float, column: Column) -> str:
    """The fewest digits that make the same number again in the column's own width."""
    if value != value:
        return "NaN"
    form = _SHORT_FLOATS.get(column.type_name.lower())
    if form is None or value in (float("inf"), float("-inf")) or not _fits(value, form):
        return repr(value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if _packed(float(text), form) == _packed(value, form):
            return repr(float(text))
    return repr(value)


# ---- numbers and text ------------------------------------------------------------------------------------------------


def _packed(value: float, form: str) -> bytes:
    try:
        return struct.pack(form, value)
    except OverflowError:
        return b""


def _fits(value: float, form: str) -> bool:
    """Whether the narrower float is the very same number: else the type's name was no word for its width."""
    packed = _packed(value, form)
    return bool(packed) and struct.unpack(form, packed)[0] == value


def _decimals_needed(value: float, column: Column) -> int:
    """Decimals of the shortest form, but no more digits in all than `DIGITS`; two decimals are kept even then."""
    size = abs(value)
    if not SCIENTIFIC_BELOW <= size < SCIENTIFIC_FROM:
        return 1 if size == 0 else 0
    text = shortest(size, column)
    mantissa, _, exponent = text.partition("e")
    own = len(mantissa.partition(".")[2]) - int(exponent or 0)
    if own <= 2:
        return max(1, own)
    short = f"{size:.{DIGITS}g}"
    rounded = len(short.partition(".")[2]) if "e" not in short else 0
    return max(1, min(max(rounded, 2), DECIMALS_MOST))


def _display_float(value: float, look: Look) -> str:
    if value != value:
        return "NaN"
    if math.isinf(value):
        return _infinity(value)
    if value and not SCIENTIFIC_BELOW <= abs(value) < SCIENTIFIC_FROM:
        short = f"{value:.{DIGITS - 1}e}"
        mantissa, _, exponent = short.partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa.replace('.', look.decimal_mark)}e{exponent}"
    return _grouped(f"{value:,.{look.decimals}f}", look)


def _grouped(text: str, look: Look) -> str:
    """`text` in the form of the format language, with the locale's marks."""
    whole, mark, decimals = text.partition(".")
    whole = whole.replace(",", look.group_mark if look.is_grouped else "")
    return whole + look.decimal_mark + decimals if mark else whole


def _display_text(cells: Cells, row: int, column: Column, code: int, look: Look) -> str:
    text, is_cut = _beginning(cells, row)
    is_number = code == Code.VALUE and column.kind == "number" and not is_cut
    if is_number and (found := _PLAIN_NUMBER.fullmatch(text)):
        decimals = f".{found[3]}" if found[3] else ""
        return found[1] + _grouped(f"{int(found[2]):,}{decimals}", look)
    if not text:
        return EMPTY_TEXT if code in (Code.VALUE, Code.CUT) else ""
    shown = one_line(text)
    return shown + CUT_MARK if is_cut or code == Code.CUT else shown


def _beginning(cells: Cells, row: int) -> tuple[str, bool]:
    """As much of a text as is ever shown in a cell, and whether there is more: a cell of a megabyte costs nothing."""
    first = int.from_bytes(cells.ends[4 * row - 4 : 4 * row], "little") if row else 0
    end = int.from_bytes(cells.ends[4 * row : 4 * row + 4], "little")
    if end - first <= SHOWN_CHARACTERS:
        return cells.data[first:end].decode("utf-8", "replace"), False
    # A character has four bytes at most; one that was cut in two is dropped with "ignore".
    text = cells.data[first : min(end, first + 4 * SHOWN_CHARACTERS)].decode("utf-8", "ignore")
    return text[:SHOWN_CHARACTERS], len(text) > SHOWN_CHARACTERS or end - first > 4 * SHOWN_CHARACTERS


_SEEN = {"\r\n": "↵", "\n": "↵", "\r": "␍", "\t": "⇥", "\xa0": "\\xa0", "\u202f": "\\u202f", "\u3000": "\\u3000"}
_SEEN_PATTERN = re.compile("\\r\\n|[\\n\\r\\t\\xa0\\u202f\\u3000]")


def one_line(text: str) -> str:
    """`text` with everything shown that the eye would miss: breaks, tabs, spaces at its ends, unseen characters."""
    if text.isascii() and text.isprintable() and text[:1] != " " and text[-1:] != " ":
        return text
    text = with_unseen_shown(_SEEN_PATTERN.sub(lambda found: _SEEN[found[0]], text))
    inner = text.lstrip(" ")
    text = "␣" * (len(text) - len(inner)) + inner
    inner = text.rstrip(" ")
    return inner + "␣" * (len(text) - len(inner))


# ---- dates and times -------------------------------------------------------------------------------------------------


def civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of the proleptic Gregorian calendar; day 0 is 1970-01-01, the year before 1 is 0."""
    shifted = days + 719_468
    era, day_of_era = divmod(shifted, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    return year_of_era + 400 * era + (month <= 2), month, day


def date_text(days: int) -> str:
    """ISO date. Years have four digits at least; those before 0 have a minus, those past 9999 no plus (as numpy, R)."""
    year, month, day = civil(days)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}"


def _moment(cells: Cells, row: int, column: Column, look: Look | None) -> str:
    """A date, time or duration; without a look exactly."""
    if endless := _endless(cells, row):
        return endless
    if column.kind == "date":
        return _date(cells, row)
    seconds, fraction = _ticks(cells, row, column)
    if column.kind == "timestamp":
        return _timestamp(seconds, fraction, column.zone, look)
    digits = fraction if look is None else _fitted(fraction, look)
    if column.kind == "time":
        return _clock(seconds, digits)
    return _duration(seconds, fraction, look)


def _infinity(value: float) -> str:
    return "inf" if value > 0 else "-inf"


def _endless(cells: Cells, row: int) -> str:
    """The word for a moment without a place in time, as R has them, which counts days and seconds in floats; empty for
    others."""
    value = cells.value(row) if cells.encoding == "float64" else 0
    if not isinstance(value, float) or math.isfinite(value):
        return ""
    return "NaN" if math.isnan(value) else _infinity(value)


def _date(cells: Cells, row: int) -> str:
    """R counts days in floats, and they may have parts: those are shown as time of day."""
    days = cells.value(row)
    assert not isinstance(days, str)
    if isinstance(days, int) or days.is_integer():
        return date_text(int(days))
    whole = int(days // 1)
    return f"{date_text(whole)} {_clock(round((days - whole) * SECONDS_PER_DAY), '')}"


def _ticks(cells: Cells, row: int, column: Column) -> tuple[int, str]:
    """Whole seconds, rounded down, and the digits of the rest without zeros at their end."""
    value = cells.value(row)
    assert not isinstance(value, str)
    per_second = UNITS_PER_SECOND.get(column.unit, 1)
    if isinstance(value, int):
        seconds, rest = divmod(value, per_second)
        return seconds, f"{rest:0{len(str(per_second)) - 1}d}".rstrip("0") if rest else ""
    # The shortest digits of a float of seconds are what the user wrote; its binary digits go on and on.
    exact = Fraction(Decimal(repr(value))) / per_second
    seconds = exact.numerator // exact.denominator
    rest_of_it = exact - seconds
    digits = ""
    while rest_of_it and len(digits) < 18:
        rest_of_it *= 10
        digit = rest_of_it.numerator // rest_of_it.denominator
        digits += str(digit)
        rest_of_it -= digit
    return seconds, digits.rstrip("0")


def _timestamp(seconds: int, fraction: str, zone: str, look: Look | None) -> str:
    offset_s = _offset_s(zone, seconds) if zone else None
    local = seconds + (offset_s or 0)
    day, of_day = divmod(local, SECONDS_PER_DAY)
    zone_text = "" if offset_s is None else _offset_text(offset_s)
    if look is None:
        return f"{date_text(day)}T{_clock(of_day, fraction)}{zone_text}"
    if not look.shows_time and not of_day and not fraction:
        return date_text(day) + zone_text
    return f"{date_text(day)} {_clock(of_day, _fitted(fraction, look))}{zone_text}"


def _clock(seconds: int, fraction: str) -> str:
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}" + (f".{fraction}" if fraction else "")


def _duration(seconds: int, fraction: str, look: Look | None) -> str:
    """`-3 days 04:05:06` is three days and four hours back: the sign counts for all of it."""
    sign = ""
    if seconds < 0:
        sign = "-"
        if fraction:
            seconds, fraction = -seconds - 1, _rest_to_one(fraction)
        else:
            seconds = -seconds
    days, of_day = divmod(seconds, SECONDS_PER_DAY)
    digits = fraction if look is None else _fitted(fraction, look)
    word = "" if not days else f"{days} d " if look is not None else f"{days} day{'s' if days != 1 else ''} "
    return f"{sign}{word}{_clock(of_day, digits)}"


def _rest_to_one(fraction: str) -> str:
    return f"{10 ** len(fraction) - int(fraction):0{len(fraction)}d}"


def _fitted(fraction: str, look: Look) -> str:
    return fraction.ljust(look.fraction_digits, "0")[:9] if look.fraction_digits or fraction else ""


def _whole_thirds(digits: int) -> int:
    """0, 3, 6 or 9 digits after the second."""
    return min(9, -(-digits // 3) * 3)


def _offset_text(offset_s: int) -> str:
    sign, size = ("-", -offset_s) if offset_s < 0 else ("+", offset_s)
    hours, rest = divmod(size, 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def _offset_s(zone: str, seconds: int) -> int:
    """Seconds east of UTC at an instant. Zones that this machine does not know are shown in UTC, which the `+00:00`
    of every cell says. Years past 9999 follow the rules of those 400 years before, which have the same days; before
    year 1 the zone's first offset holds."""
    fixed = _fixed_offset_s(zone)
    if fixed is not None:
        return fixed
    known = _zone(zone)
    if known is None:
        return 0
    if seconds > _LAST_S:
        seconds -= -(-(seconds - _LAST_S) // _CYCLE_S) * _CYCLE_S
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(seconds, _FIRST_S))
    offset = instant.astimezone(known).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


# Two days inside of what `datetime` holds, so that no offset leads out of it.
_FIRST_S = -62_135_596_800 + 2 * SECONDS_PER_DAY
_LAST_S = 253_402_300_799 - 2 * SECONDS_PER_DAY
_CYCLE_S = 146_097 * SECONDS_PER_DAY


@lru_cache(maxsize=_ZONES_MOST)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=_ZONES_MOST)
def _fixed_offset_s(zone: str) -> int | None:
    if zone in ("UTC", "GMT", "Z", "Etc/UTC"):
        return 0
    found = _FIXED_OFFSET.fullmatch(zone)
    if found is None:
        return None
    size = int(found[2]) * 3600 + int(found[3] or 0) * 60 + int(found[4] or 0)
    return -size if found[1] == "-" else size


def is_zone_known(zone: str) -> bool:
    """Whether times of the zone can be shown in it; else they are shown in UTC."""
    return not zone or _fixed_offset_s(zone) is not None or _zone(zone) is not None
