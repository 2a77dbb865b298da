"""What is typed into a filter box, for each kind; back to text; sentences, checks, other columns, code's names."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.table import Column, ColumnKind, Filter, FilterGroup, FilterProblem, Operator, SortKey, ViewSpec
from ide.tables import filters
from ide.tables.adapting import adapt, moved_columns
from ide.tables.filters import FilterTextError, Predicate, parse, sentence, typed
from ide.tables.view_code import result_name

KINDS: tuple[ColumnKind, ...] = (
    "number", "boolean", "text", "category", "timestamp", "date", "time", "duration", "binary", "nested", "object"
)  # fmt: skip
OPERATORS: tuple[Operator, ...] = (
    "eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "contains", "not_contains", "starts", "ends",
    "regex", "is_missing", "is_present", "is_empty", "is_true", "is_false",
)  # fmt: skip


def column(kind: ColumnKind, name: str = "x", index: int = 0, **options: object) -> Column:
    return Column(index, name, kind, **options)  # type: ignore[arg-type]  # fields of Column


def one(operator: Operator, *values: str | None, is_case_sensitive: bool = False) -> Filter:
    return Filter(0, operator, values, is_case_sensitive)


def both(*members: Predicate) -> FilterGroup:
    return FilterGroup(members)


def either(*members: Predicate) -> FilterGroup:
    return FilterGroup(members, is_all=False)


PARSED: list[tuple[ColumnKind, str, Predicate]] = [
    ("number", "3", one("eq", "3")),
    ("number", " = 3.50 ", one("eq", "3.5")),
    ("number", ">= 3", one("ge", "3")),
    ("number", "≥3", one("ge", "3")),
    ("number", "<-2,5", one("lt", "-2.5")),
    ("number", "<= 1e3", one("le", "1000")),
    ("number", "!= 0", one("ne", "0")),
    ("number", "<> 0", one("ne", "0")),
    ("number", "!3", one("ne", "3")),
    ("number", "!>3", one("le", "3")),
    ("number", "3..5", one("between", "3", "5")),
    ("number", "-3 .. -1", one("between", "-3", "-1")),
    ("number", "3..", one("ge", "3")),
    ("number", "..5", one("le", "5")),
    ("number", "!3..5", either(one("lt", "3"), one("gt", "5"))),
    ("number", "1; 2;3", one("in", "1", "2", "3")),
    ("number", "= 1; NA", one("in", "1", None)),
    ("number", "!= 1; 2", one("not_in", "1", "2")),
    ("number", "!1; 2", one("not_in", "1", "2")),
    ("number", "na", one("is_missing")),
    ("number", "NaN", one("is_missing")),
    ("number", "!missing", one("is_present")),
    ("number", "= NA", one("is_missing")),
    ("number", "!= NULL", one("is_present")),
    ("number", "> inf", one("gt", "inf")),
    ("number", "-∞", one("eq", "-inf")),
    ("number", "9007199254740993", one("eq", "9007199254740993")),
    ("number", "18446744073709551615", one("eq", "18446744073709551615")),
    ("number", "0.1", one("eq", "0.1")),
    ("number", "1e300", one("eq", "1e300")),
    ("number", "1.5e-50", one("eq", "1.5e-50")),
    ("number", "1 234 567", one("eq", "1234567")),
    ("number", "1\u2009234,5", one("eq", "1234.5")),
    ("number", "1,234,567.5", one("eq", "1234567.5")),
    ("number", "1.234.567,5", one("eq", "1234567.5")),
    ("number", "0", one("eq", "0")),
    ("number", "-0.0", one("eq", "0")),
    ("text", "abc", one("contains", "abc")),
    ("text", "=abc", one("eq", "abc")),
    ("text", '=" abc "', one("eq", " abc ")),
    ("text", "^ab", one("starts", "ab")),
    ("text", "yz$", one("ends", "yz")),
    ("text", "/a.c$/", one("regex", "a.c$")),
    ("text", "!abc", one("not_contains", "abc")),
    ("text", "!=abc", one("ne", "abc")),
    ("text", "!!abc", one("contains", "abc")),
    ("text", "NA", one("is_missing")),
    ("text", "!None", one("is_present")),
    ("text", "na", one("contains", "na")),
    ("text", '"NA"', one("contains", "NA")),
    ("text", '"^ab"', one("contains", "^ab")),
    ("text", '"say ""no"""', one("contains", 'say "no"')),
    ("text", '""', one("is_empty")),
    ("text", "=", one("is_empty")),
    ("text", '!""', one("ne", "")),
    ("text", "= a; b; NA", one("in", "a", "b", None)),
    ("text", "!= a; b", one("not_in", "a", "b")),
    ("text", "a; b", one("contains", "a; b")),
    ("text", "3..5", one("contains", "3..5")),
    ("text", ">= m", one("ge", "m")),
    ("text", "/", one("contains", "/")),
    ("text", "//", one("contains", "//")),
    ("text", "^", one("contains", "^")),
    ("category", "lo", one("contains", "lo")),
    ("category", "=low", one("eq", "low")),
    ("boolean", "true", one("is_true")),
    ("boolean", "No", one("is_false")),
    ("boolean", "!true", one("is_false")),
    ("boolean", "= true", one("is_true")),
    ("boolean", "!= true", one("is_false")),
    ("boolean", "true; NA", one("in", "true", None)),
    ("date", "2024-01-31", one("eq", "2024-01-31")),
    ("date", "2024/1/31", one("eq", "2024-01-31")),
    ("date", "31.1.2024", one("eq", "2024-01-31")),
    ("date", "2024-02", both(one("ge", "2024-02-01"), one("lt", "2024-03-01"))),
    ("date", "2024", both(one("ge", "2024-01-01"), one("lt", "2025-01-01"))),
    ("date", "> 2024-12", one("ge", "2025-01-01")),
    ("date", "<= 2024", one("lt", "2025-01-01")),
    ("date", "< 2024", one("lt", "2024-01-01")),
    ("date", "2024-01..2024-03", both(one("ge", "2024-01-01"), one("lt", "2024-04-01"))),
    ("date", "2024-01-05..2024-01-07", one("between", "2024-01-05", "2024-01-07")),
    (
        "date",
        "2024-01-05; 2024-02",
        either(one("eq", "2024-01-05"), both(one("ge", "2024-02-01"), one("lt", "2024-03-01"))),
    ),
    ("timestamp", "2024-01-31", both(one("ge", "2024-01-31"), one("lt", "2024-02-01"))),
    ("timestamp", "!2024-01-31", either(one("lt", "2024-01-31"), one("ge", "2024-02-01"))),
    ("timestamp", "!= 2024-01-31", either(one("lt", "2024-01-31"), one("ge", "2024-02-01"))),
    ("timestamp", "<= 2024-01-31", one("lt", "2024-02-01")),
    ("timestamp", "> 2024-01-31", one("ge", "2024-02-01")),
    ("timestamp", ">= 2024-01-31", one("ge", "2024-01-31")),
    ("timestamp", "2024-01-31 12:30", both(one("ge", "2024-01-31T12:30:00"), one("lt", "2024-01-31T12:31:00"))),
    ("timestamp", "2024-01-31T12:30:05", both(one("ge", "2024-01-31T12:30:05"), one("lt", "2024-01-31T12:30:06"))),
    ("timestamp", "2024-01-31T23:59:59", both(one("ge", "2024-01-31T23:59:59"), one("lt", "2024-02-01T00:00:00"))),
    ("timestamp", "2024-01-31T12:30:05.123456789", one("eq", "2024-01-31T12:30:05.123456789")),
    ("time", "12:30", both(one("ge", "12:30:00"), one("lt", "12:31:00"))),
    ("time", ">= 8:00", one("ge", "08:00:00")),
    ("time", "23:59", one("ge", "23:59:00")),
    ("time", "!23:59", one("lt", "23:59:00")),
    ("time", "> 23:59", one("in")),
    ("time", "8:00..12:00", both(one("ge", "08:00:00"), one("lt", "12:01:00"))),
    ("time", "12:30:05.25", one("eq", "12:30:05.25")),
    ("duration", "> 90", one("gt", "90")),
    ("duration", "1:30:00", one("eq", "5400")),
    ("duration", "-0:00:01.5", one("eq", "-1.5")),
    ("duration", "2 h..3 h", one("between", "7200", "10800")),
    ("duration", "1d 2h 3 min 4,5s", one("eq", "93784.5")),
    ("duration", "250 ms", one("eq", "0.25")),
    ("nested", "NA", one("is_missing")),
    ("object", "!NA", one("is_present")),
]


def test_typed_text_is_read() -> None:
    found = [(kind, text, parse(text, column(kind))) for kind, text, _ in PARSED]
    assert found == PARSED


def test_a_filter_is_written_so_that_it_is_read_as_the_same() -> None:
    for kind, text, expected in PARSED:
        written = typed(expected, column(kind))
        if written:
            assert parse(written, column(kind)) == expected, text
        else:
            assert isinstance(expected, FilterGroup) or expected == one("in"), "only what no text says is left out"


def test_periods_are_written_as_short_as_they_were_typed() -> None:
    for text in ("2024", "2024-02", "2024-01..2024-03", "!2024-01-31", "< 2024-02", "2024-01-31 12:30"):
        found = parse(text, column("timestamp"))
        assert found is not None
        assert typed(found, column("timestamp")) == text


REFUSED: list[tuple[ColumnKind, str, str]] = [
    ("number", "abc", "“abc” is not a number."),
    ("number", ">=", "A value is missing."),
    ("number", "3..x", "“x” is not a number."),
    ("number", "1.2.3,4,5", "is not a number."),
    ("number", "..", "A value is missing."),
    ("boolean", "perhaps", "“perhaps” is not true or false."),
    ("date", "2024-02-30", "“2024-02-30” is not a date."),
    ("date", "01/02/2024", "“01/02/2024” is not a date."),
    ("timestamp", "2024-01-31 25:00", "is not a date or time."),
    ("timestamp", "2024-01-31 12:00Z", "is not a date or time."),
    ("time", "12", "“12” is not a time of day."),
    ("duration", "3 parsecs", "“3 parsecs” is not a duration."),
    ("category", "< low", "“is less than” cannot be asked of categories."),
    ("boolean", "> true", "cannot be asked of true and false."),
    ("text", "!^ab", "The opposite of “starts with” cannot be asked."),
    ("text", "!", "After “!” comes what is to be left out."),
    ("object", "abc", "“contains” cannot be asked of objects."),
    ("nested", "= 3", "cannot be asked of nested values."),
]


def test_what_cannot_be_read_is_said_in_plain_words() -> None:
    for kind, text, words in REFUSED:
        with pytest.raises(FilterTextError) as caught:
            parse(text, column(kind))
        assert words in caught.value.happened, text
        assert caught.value.advice, text


def test_nothing_typed_is_no_filter() -> None:
    assert parse("  ", column("number")) is None


def test_the_locale_decides_about_one_comma_between_thousands() -> None:
    assert parse("1,234", column("number")) == one("eq", "1234")
    assert parse("1,234", column("number"), decimal=",") == one("eq", "1.234")
    assert parse("1,5", column("number")) == one("eq", "1.5")


def test_an_offset_is_kept_in_columns_with_a_zone() -> None:
    there = column("timestamp", zone="Europe/Berlin")
    assert parse(">= 2024-01-31 12:30:00.5+0200", there) == one("ge", "2024-01-31T12:30:00.5+02:00")
    assert parse("< 2024-01-31T12:30Z", there) == one("lt", "2024-01-31T12:30:00+00:00")


def test_case_counts_only_for_words() -> None:
    assert parse("Ab", column("text"), is_case_sensitive=True) == one("contains", "Ab", is_case_sensitive=True)
    assert parse("=Ab", column("text"), is_case_sensitive=True) == one("eq", "Ab")
    found = parse("Ab", column("text"), is_case_sensitive=True)
    assert found is not None
    assert typed(found, column("text")) == "Ab"


@given(st.sampled_from(KINDS), st.text(st.sampled_from(string.printable + "é≥…“"), max_size=12))
def test_any_text_is_read_or_refused_and_what_is_read_is_sound(kind: ColumnKind, text: str) -> None:
    try:
        found = parse(text, column(kind))
    except FilterTextError:
        return
    if found is None:
        return
    for single in (found,) if isinstance(found, Filter) else found.filters():
        assert filters.check(single, column(kind)) == ""
    assert sentence(found, {0: column(kind)})
    written = typed(found, column(kind))
    assert not written or parse(written, column(kind)) == found


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers(-(2**70), 2**70))
def test_numbers_keep_their_value(fraction: object, whole: int) -> None:
    from decimal import Decimal

    assert parse(f"= {whole}", column("number")) == one("eq", str(whole))
    found = parse(f">= {fraction}", column("number"))
    assert isinstance(found, Filter)
    assert Decimal(str(found.values[0])) == fraction


def test_operators_of_a_kind_are_those_that_pass_the_check() -> None:
    samples: dict[str, str] = {
        "number": "1", "boolean": "true", "timestamp": "2024-01-31", "date": "2024-01-31", "time": "12:30",
        "duration": "5",
    }  # fmt: skip
    for kind, operator in itertools.product(KINDS, OPERATORS):
        value = samples.get(kind, "abc")
        count = 2 if operator == "between" else 0 if operator.startswith("is_") else 1
        told = filters.check(one(operator, *[value] * count), column(kind))
        assert (told == "") is (operator in filters.operators(column(kind))), (operator, told)


def test_checks_name_what_is_wrong() -> None:
    assert filters.check(one("ge"), column("number")) == "A value is missing."
    assert filters.check(one("between", "1"), column("number")) == "A value is missing."
    assert filters.check(one("ge", "1,5"), column("number")) == "“1,5” is not a number."
    assert filters.check(one("eq", "a"), column("text", can_filter=False)) == "The column x cannot be filtered."
    assert filters.operators(column("text", can_filter=False)) == ()
    assert "lt" in filters.operators(column("category", is_ordered=True))


SENTENCES: list[tuple[Predicate, ColumnKind, str]] = [
    (one("ge", "3"), "number", "price is at least 3"),
    (one("between", "3", "5"), "number", "price is from 3 to 5"),
    (one("in", "1", "2", None), "number", "price is one of 1, 2, missing"),
    (one("in", *map(str, range(9))), "number", "price is one of 0, 1, 2, 3, 4 and 4 more"),
    (one("contains", "ab"), "text", "price contains “ab”"),
    (one("contains", "ab", is_case_sensitive=True), "text", "price contains “ab” (case counts)"),
    (one("lt", "2024-01-31T12:30"), "timestamp", "price is before 2024-01-31 12:30"),
    (one("gt", "90"), "duration", "price is more than 90 s"),
    (one("is_missing"), "object", "price is missing"),
    (both(one("ge", "3"), one("lt", "5")), "number", "price is at least 3 and price is less than 5"),
    (FilterGroup(), "number", "every row"),
    (
        FilterGroup((one("eq", "1"), either(one("eq", "2"), one("eq", "3")))),
        "number",
        "price is 1 and (price is 2 or price is 3)",
    ),
]


def test_sentences() -> None:
    found = [(predicate, kind, sentence(predicate, {0: column(kind, "price")})) for predicate, kind, _ in SENTENCES]
    assert found == SENTENCES


def test_the_filter_of_one_column_is_put_taken_and_replaced() -> None:
    group = filters.with_column(FilterGroup(), 0, one("ge", "1"))
    group = filters.with_column(group, 1, Filter(1, "is_missing"))
    assert group == FilterGroup((one("ge", "1"), Filter(1, "is_missing")))
    group = filters.with_column(group, 0, both(one("ge", "2"), one("lt", "3")))
    assert filters.of_column(group, 0) == both(one("ge", "2"), one("lt", "3"))
    assert filters.with_column(group, 0, None) == FilterGroup((Filter(1, "is_missing"),))
    mixed = either(one("ge", "1"), Filter(1, "is_missing"))
    assert filters.of_column(mixed, 0) is None
    assert filters.with_column(mixed, 0, one("eq", "5")) == FilterGroup((mixed, one("eq", "5")))


def test_filters_with_a_problem_are_taken_out_with_groups_left_empty() -> None:
    spec = ViewSpec(
        (SortKey(0),), FilterGroup((one("eq", "a"), either(one("eq", "b"), one("eq", "c")), one("eq", "4")))
    )
    problems = [FilterProblem(1, ""), FilterProblem(2, "")]
    assert filters.without_problems(spec, problems) == ViewSpec((SortKey(0),), both(one("eq", "a"), one("eq", "4")))


def test_other_columns_of_the_same_name_and_place_among_their_twins() -> None:
    old = {place: column("number", name, place) for place, name in enumerate(("a", "b", "b"))}
    old[-1] = column("text", "b", -1)
    new = [column("number", name, place) for place, name in enumerate(("b", "x", "b", "a"))]
    assert moved_columns(old, new) == {0: 3, 1: 0, 2: 2}


def test_what_does_not_fit_any_more_is_dropped_and_said() -> None:
    old = {0: column("number", "price", 0), 1: column("text", "name", 1)}
    new = [column("text", "price", 0, can_sort=False)]
    spec = ViewSpec((SortKey(0), SortKey(1)), FilterGroup((one("ge", "3"), either(Filter(1, "eq", ("x",))))))
    adapted, dropped = adapt(spec, old, new)
    assert adapted == ViewSpec()
    assert dropped == (
        "The filter “price is at least 3” was dropped: the column holds text now.",
        "The filter “name is “x”” was dropped: there is no column “name” any more.",
        "The sort by “price” was dropped: the column cannot be sorted now.",
        "The sort by “name” was dropped: there is no column “name” any more.",
    )


def test_results_are_called_after_their_table() -> None:
    named = {"df": "df_view", "data['x']": "data_x_view", "/a/b/sales 2024.csv": "sales_2024_csv_view"}
    assert {expression: result_name(expression) for expression in named} == named
    assert {result_name(expression) for expression in ("_", "", "3d", "x" * 40)} == {"view"}
