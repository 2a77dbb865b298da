"""What is said of profiles: figures in their order, shares, missing values, bars, how much was looked at."""

from __future__ import annotations

import pytest

from ide.core.table import Code, Column, ColumnProfile, Progress, ValueCount
from ide.panes.tables import figures

NUMBERS = Column(0, "x", "number", "float64")


def said(column: Column, profile: ColumnProfile) -> list[tuple[str, str]]:
    return [(one.label, one.text) for one in figures.figures(column, profile)]


def test_figures_stand_in_reading_order_with_shares_of_present_values() -> None:
    profile = ColumnProfile(
        0, 12, 12, missing=(ValueCount("", 2, Code.NAN),),
        statistics=(
            ("minimum", "-1.5"), ("maximum", "12345678.25"), ("mean", "0.1234567891"), ("zeros", "5"),
            ("negative", "0"), ("distinct", "12345"), ("skewness", "0.5"),
        ),
    )  # fmt: skip
    assert said(NUMBERS, profile) == [
        ("Mean", "0.123457"),
        ("Minimum", "-1.5"),
        ("Maximum", "12\u2009345\u2009678.25"),
        ("Distinct", "12\u2009345"),
        ("Zeros", "5 (50\u2009%)"),
        ("Negative", "0"),
        ("Skewness", "0.5"),
    ]
    assert figures.figures(NUMBERS, profile)[0].exact == "0.1234567891"


def test_lengths_moments_and_durations_have_their_words() -> None:
    text = Column(0, "x", "text")
    words = ColumnProfile(0, 3, 3, statistics=(("shortest", "1"), ("longest", "20"), ("empty", "1")))
    assert said(text, words) == [
        ("Shortest", "1 character"),
        ("Longest", "20 characters"),
        ("Empty", "1 (33\u2009%)"),
    ]
    moments = ColumnProfile(0, 3, 3, statistics=(("earliest", "2024-01-31T12:30:00"), ("median", "2024-02-01")))
    assert said(Column(0, "x", "timestamp"), moments) == [
        ("Earliest", "2024-01-31 12:30:00"),
        ("Median", "2024-02-01"),
    ]
    seconds = ColumnProfile(0, 3, 3, statistics=(("mean", "90.5"), ("maximum", "1 day 00:00:01"), ("distinct", "3")))
    assert said(Column(0, "x", "duration"), seconds) == [
        ("Mean", "90.5\u2009s"),
        ("Maximum", "1 day 00:00:01"),
        ("Distinct", "3"),
    ]


def test_true_and_false_are_said_by_their_counts_only() -> None:
    assert said(Column(0, "x", "boolean"), ColumnProfile(0, 3, 3, statistics=(("true", "1"), ("false", "2")))) == []


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [(0, 9, "0 %"), (1, 1_000, "<1 %"), (999, 1_000, ">99 %"), (1, 3, "33 %"), (3, 3, "100 %"), (0, 0, "0 %")],
)
def test_share_never_rounds_to_nothing_or_everything(count: int, total: int, expected: str) -> None:
    assert figures.share_text(count, total).replace("\u2009", " ") == expected


def test_missing_values_tell_their_kinds() -> None:
    one = ColumnProfile(0, 10, 10, missing=(ValueCount("", 1, Code.NA),))
    both = ColumnProfile(0, 10, 10, missing=(ValueCount("", 1, Code.NA), ValueCount("", 2, Code.NAN)))
    assert figures.missing_text(ColumnProfile(0, 10, 10)) == ("No missing values", "")
    assert figures.missing_text(one) == ("1 missing (10\u2009%)", "NA")
    assert figures.missing_text(both) == ("3 missing (30\u2009%)", "NA 1, NaN 2")


def test_bars_are_said_in_the_words_of_their_column() -> None:
    profile = ColumnProfile(0, 4, 4, edges=(0.0, 86_400_000.0, 172_800_000.0), counts=(1, 3))
    moments = Column(0, "x", "timestamp", unit="ms")
    assert figures.bar_text(moments, profile, 1) == "1970-01-02 00:00:00 to 1970-01-03 00:00:00: 3 rows (75\u2009%)"
    assert figures.ends_text(NUMBERS, ColumnProfile(0, 4, 4, edges=(0.5, 1.5), counts=(4,)), ",") == ("0,5", "1,5")


def test_rows_and_progress_are_said() -> None:
    assert figures.rows_text(344, 344) == "All 344 rows"
    assert figures.rows_text(1, 1) == "The only row"
    assert figures.rows_text(100_000, 1_000_000) == "From 100\u2009000 of 1\u2009000\u2009000 rows"
    assert figures.exact_progress_text(None) == "Reading all rows"
    assert figures.exact_progress_text(Progress("read", 2, 5)) == "Reading all rows, 40\u2009%"
