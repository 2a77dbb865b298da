"""Text of cells, against Python's own datetime and float as the oracle, and by hand where those end."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.table import Cells, Code, Column, ColumnKind, Encoding
from ide.tables.cell_text import (
    PLAIN,
    SHOWN_CHARACTERS,
    THIN_SPACE,
    Alignment,
    Look,
    alignment,
    civil,
    date_text,
    display,
    display_rows,
    full,
    is_right_aligned,
    is_zone_known,
)

_FORMS: dict[Encoding, str] = {"bool": "?", "int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}


def cells(encoding: Encoding, values: Sequence[object], codes: bytes = b"") -> Cells:
    if encoding == "text":
        parts = [str(value).encode() for value in values]
        ends = [sum(map(len, parts[: place + 1])) for place in range(len(parts))]
        return Cells("text", b"".join(parts), codes, struct.pack(f"<{len(ends)}I", *ends))
    return Cells(encoding, struct.pack(f"<{len(values)}{_FORMS[encoding]}", *values), codes)


def column(kind: ColumnKind, type_name: str = "", **more: str) -> Column:
    return Column(0, "x", kind, type_name, **more)  # type: ignore[arg-type]  # unit and zone are text


NUMBER = column("number")
TEXT = column("text")


def shown(block: Cells, of: Column, rows: int, look: Look = PLAIN) -> list[str]:
    """As a grid shows them: the look grows over all cells in sight first."""
    for row in range(rows):
        look = look.widened(block, row, of)
    return [display(block, row, of, look) for row in range(rows)]


# ---- numbers ---------------------------------------------------------------------------------------------------------


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_keep_all_digits(value: int) -> None:
    block = cells("int64", [value])
    assert full(block, 0, NUMBER) == str(value)
    assert shown(block, NUMBER, 1)[0].replace(THIN_SPACE, "") == str(value)


def test_largest_unsigned_integer_is_exact() -> None:
    assert full(cells("uint64", [2**64 - 1]), 0, NUMBER) == "18446744073709551615"
    assert full(cells("int64", [2**53 + 1]), 0, NUMBER) == "9007199254740993"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_full_float_is_the_same_number_again(value: float) -> None:
    text = full(cells("float64", [value]), 0, NUMBER)
    assert struct.pack("d", float(text)) == struct.pack("d", value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_narrow_floats_have_digits_of_their_own_width(value: float) -> None:
    text = full(cells("float64", [value]), 0, column("number", "float32"))
    assert struct.pack("f", float(text)) == struct.pack("f", value)
    assert len(text.strip("-0.").partition("e")[0].replace(".", "")) <= 16


def test_a_float32_of_a_tenth_is_a_tenth_only_in_its_own_type() -> None:
    narrow = struct.unpack("f", struct.pack("f", 0.1))[0]
    assert full(cells("float64", [narrow]), 0, column("number", "float32")) == "0.1"
    assert full(cells("float64", [narrow]), 0, column("number", "float64")) == "0.10000000149011612"
    # "float" is a double where the number needs it.
    assert full(cells("float64", [0.1]), 0, column("number", "float")) == "0.1"
    assert full(cells("float64", [0.1 + 0.2]), 0, column("number", "float")) == "0.30000000000000004"


def test_decimals_of_a_column_are_aligned() -> None:
    block = cells("float64", [1.5, 22.25, -3.0, 0.1 + 0.2])
    assert shown(block, NUMBER, 4) == ["1.50", "22.25", "-3.00", "0.30"]
    assert {alignment(text).decimals for text in shown(block, NUMBER, 4)} == {2}
    assert full(block, 3, NUMBER) == "0.30000000000000004"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0], ["1.0", "2.0"]),
        ([1 / 3], ["0.333333"]),
        ([123456.78], ["123 456.78"]),
        ([1234.5], ["1234.5"]),
        ([0.000123456], ["0.000123"]),
        ([1.5e-9, 0.5], ["1.5e-09", "0.5"]),
        ([6.02214076e23], ["6.02214e+23"]),
        ([0.0, -0.0], ["0.0", "-0.0"]),
        ([float("inf"), float("-inf"), float("nan")], ["inf", "-inf", "NaN"]),
        ([1e15, 1e14], ["1e+15", "100 000 000 000 000.0"]),
    ],
)
def test_floats_on_the_screen(values: list[float], expected: list[str]) -> None:
    found = shown(cells("float64", values), NUMBER, len(values))
    assert [text.replace(THIN_SPACE, " ") for text in found] == expected


def test_years_stay_whole_and_large_columns_are_grouped() -> None:
    assert shown(cells("int64", [1999, 2024]), NUMBER, 2) == ["1999", "2024"]
    assert shown(cells("int64", [1999, 12024]), NUMBER, 2) == [f"1{THIN_SPACE}999", f"12{THIN_SPACE}024"]
    assert shown(cells("int64", [-1234567]), NUMBER, 1) == [f"-1{THIN_SPACE}234{THIN_SPACE}567"]


def test_marks_of_the_locale_hold_on_the_screen_only() -> None:
    german = Look(decimal_mark=",", group_mark=".")
    block = cells("float64", [1234567.25])
    assert shown(block, NUMBER, 1, german) == ["1.234.567,25"]
    assert full(block, 0, NUMBER) == "1234567.25"
    assert alignment("1.234,25", german) == Alignment(5, 2)


def test_numbers_that_travel_as_text_are_shown_as_numbers() -> None:
    block = cells("text", ["170141183460469231731687303715884105727", "1.50", "(1+2j)"])
    assert shown(block, NUMBER, 3)[1:] == ["1.50", "(1+2j)"]
    assert shown(block, NUMBER, 3)[0].replace(THIN_SPACE, "") == "170141183460469231731687303715884105727"
    assert full(block, 1, NUMBER) == "1.50"
    assert alignment("1.50") == Alignment(1, 2)
    assert alignment("(1.5+2j)") == Alignment(8, 0)


NUMBERS = st.lists(
    st.tuples(
        st.one_of(st.floats(), st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), st.integers(-9, 9).map(float)),
        st.sampled_from((Code.VALUE, Code.VALUE, Code.NA, Code.NAN)),
    ),
    min_size=1,
    max_size=8,
)


@given(NUMBERS, st.sampled_from((PLAIN, Look(decimal_mark=",", group_mark="."))))
def test_rows_at_once_are_the_same_as_one_by_one(made: list[tuple[float, Code]], look: Look) -> None:
    for block in (
        cells("float64", [value for value, _ in made], bytes(code for _, code in made)),
        cells("int64", [int(value) if abs(value) < 1e15 else 7 for value, _ in made]),
        cells("text", [str(value) for value, _ in made], bytes(code for _, code in made)),
    ):
        texts, found = display_rows(block, 0, len(made), NUMBER, look)
        assert texts == shown(block, NUMBER, len(made), look)
        assert texts == [display(block, row, NUMBER, found) for row in range(len(made))]


def test_endless_numbers_are_cut_like_text() -> None:
    block = cells("text", ["7" * 2_000_000])
    assert shown(block, NUMBER, 1) == ["7" * SHOWN_CHARACTERS + "…"]
    assert len(full(block, 0, NUMBER)) == 2_000_000


def test_look_stays_the_same_object_while_nothing_grows() -> None:
    block = cells("float64", [1.25, 1.5])
    look = PLAIN.widened(block, 0, NUMBER)
    assert look.widened(block, 1, NUMBER) is look


# ---- missing values, words, text -------------------------------------------------------------------------------------


def test_kinds_of_missing_values_differ_and_none_is_empty_text() -> None:
    codes = bytes((Code.NA, Code.NAN, Code.NAT, Code.NONE, Code.NULL, Code.VALUE))
    block = cells("text", ["", "", "", "", "", ""], codes)
    assert [display(block, row, TEXT) for row in range(6)] == ["NA", "NaN", "NaT", "None", "NULL", "·"]
    assert full(block, 5, TEXT) == ""


def test_truth_is_words() -> None:
    block = cells("bool", [True, False])
    assert shown(block, column("boolean"), 2) == ["true", "false"]
    assert full(block, 0, column("boolean")) == "true"


def test_one_line_shows_what_the_eye_would_miss() -> None:
    block = cells("text", ["a\nb", "a\r\nb\tc", " a  b ", "a\u202eb", "a\xa0b", "été 🎉", "עברית"])
    found = shown(block, TEXT, 7)
    assert found == ["a↵b", "a↵b⇥c", "␣a  b␣", "a\\u202eb", "a\\xa0b", "été 🎉", "עברית"]
    assert full(block, 3, TEXT) == "a\u202eb"


def test_long_text_is_cut_and_never_within_a_character() -> None:
    block = cells("text", ["x" * 3_000_000, "é🎉" * 1_000_000, "y" * SHOWN_CHARACTERS, "short"])
    found = shown(block, TEXT, 4)
    assert found[0] == "x" * SHOWN_CHARACTERS + "…"
    assert found[1] == "é🎉" * (SHOWN_CHARACTERS // 2) + "…"
    assert found[2] == "y" * SHOWN_CHARACTERS
    assert found[3] == "short"
    assert len(full(block, 1, TEXT)) == 2_000_000


def test_cut_text_says_so_and_broken_text_is_shown() -> None:
    block = Cells("text", b"begin\xff\xfe", bytes((Code.CUT, Code.VALUE)), struct.pack("<2I", 5, 7))
    assert display(block, 0, TEXT) == "begin…"
    assert display(block, 1, TEXT) == "\ufffd\ufffd"


# ---- dates and times -------------------------------------------------------------------------------------------------


@given(st.dates())
def test_dates_are_those_of_the_calendar(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert civil(days) == (day.year, day.month, day.day)
    assert full(cells("int32", [days]), 0, column("date")) == day.isoformat()


@given(st.integers(-(10**9), 10**9))
def test_days_count_on_beyond_the_calendar_of_python(days: int) -> None:
    year, month, day = civil(days)
    assert (year, month, day) < civil(days + 1)
    # 400 years have the same days again.
    assert civil(days + 146_097) == (year + 400, month, day)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2932897, "10000-01-01"), (-719529, "-0001-12-31"), (-719528, "0000-01-01"), (-719163, "0000-12-31")],
)
def test_years_before_1_and_past_9999(days: int, expected: str) -> None:
    assert date_text(days) == expected


def test_dates_of_r_may_have_parts_of_days() -> None:
    block = cells("float64", [19_000.0, 19_000.5])
    assert [full(block, row, column("date")) for row in range(2)] == ["2022-01-08", "2022-01-08 12:00:00"]


@given(st.datetimes(), st.sampled_from(("Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "UTC")))
def test_instants_are_shown_in_their_zone(moment: datetime, zone: str) -> None:
    instant = min(max(moment, datetime(1, 1, 4)), datetime(9999, 12, 28)).replace(tzinfo=UTC)
    micros = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    found = full(cells("int64", [micros]), 0, column("timestamp", unit="us", zone=zone))
    assert datetime.fromisoformat(found) == instant
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert datetime.fromisoformat(found).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("value", "unit", "zone", "expected"),
    [
        (1, "ns", "", "1970-01-01T00:00:00.000000001"),
        (-1, "ns", "", "1969-12-31T23:59:59.999999999"),
        (2**63 - 1, "s", "", "292277026596-12-04T15:30:07"),
        (-(2**63) + 1, "ms", "", "-292275055-05-16T16:47:04.193"),
        (0, "s", "+05:30", "1970-01-01T05:30:00+05:30"),
        (0, "s", "UTC-03:00", "1969-12-31T21:00:00-03:00"),
        (0, "s", "Mars/Olympus", "1970-01-01T00:00:00+00:00"),
        (10**12, "s", "Europe/Paris", "33658-09-27T03:46:40+02:00"),
        (-(10**12), "s", "Europe/Paris", "-29719-04-05T22:22:41+00:09:21"),
    ],
)
def test_timestamps_are_exact_for_any_year(value: int, unit: str, zone: str, expected: str) -> None:
    assert full(cells("int64", [value]), 0, column("timestamp", unit=unit, zone=zone)) == expected


def test_unknown_zone_is_told() -> None:
    assert is_zone_known("Europe/Paris")
    assert is_zone_known("+05:30")
    assert not is_zone_known("Mars/Olympus")


@pytest.mark.parametrize("kind", ["date", "timestamp", "time", "duration"])
def test_infinite_moments_are_words(kind: ColumnKind) -> None:
    of = column(kind, unit="s", zone="UTC")
    block = cells("float64", [float("inf"), float("-inf"), float("nan")])
    assert shown(block, of, 3) == ["inf", "-inf", "NaN"]
    assert [full(block, row, of) for row in range(3)] == ["inf", "-inf", "NaN"]
    assert display_rows(block, 0, 3, of, PLAIN)[0] == ["inf", "-inf", "NaN"]


def test_float_seconds_of_r_show_the_digits_that_were_written() -> None:
    block = cells("float64", [1700000000.123, -0.5, 0.1 + 0.2])
    found = [full(block, row, column("timestamp", unit="s")) for row in range(3)]
    assert found == [
        "2023-11-14T22:13:20.123",
        "1969-12-31T23:59:59.5",
        "1970-01-01T00:00:00.30000000000000004",
    ]
    assert shown(block, column("timestamp", unit="s"), 2)[0] == "2023-11-14 22:13:20.123"


def test_time_is_shown_where_a_column_has_one() -> None:
    day = 86_400_000
    of = column("timestamp", unit="ms")
    assert shown(cells("int64", [0, day]), of, 2) == ["1970-01-01", "1970-01-02"]
    assert shown(cells("int64", [0, day + 1000]), of, 2) == ["1970-01-01 00:00:00", "1970-01-02 00:00:01"]
    assert shown(cells("int64", [0, day + 5]), of, 2) == ["1970-01-01 00:00:00.000", "1970-01-02 00:00:00.005"]


def test_times_of_day() -> None:
    of = column("time", unit="ns")
    assert full(cells("int64", [3_723_000_000_001]), 0, of) == "01:02:03.000000001"
    assert shown(cells("int64", [3_723_000_000_000]), of, 1) == ["01:02:03"]


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_durations_say_the_same_length(value: int) -> None:
    found = full(cells("int64", [value]), 0, column("duration", unit="ns"))
    sign = -1 if found.startswith("-") else 1
    days, _, clock = found.lstrip("-").rpartition(" ")
    hours, minutes, seconds = clock.split(":")
    whole, _, fraction = seconds.partition(".")
    total_s = int(days.partition(" ")[0] or 0) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(whole)
    assert sign * (total_s * 10**9 + int(fraction.ljust(9, "0"))) == value


def test_durations_on_the_screen() -> None:
    of = column("duration", unit="ms")
    assert shown(cells("int64", [90_061_000, -1500]), of, 2) == ["1 d 01:01:01.000", "-00:00:01.500"]
    assert full(cells("int64", [90_061_000]), 0, of) == "1 day 01:01:01"
    assert is_right_aligned(of)
