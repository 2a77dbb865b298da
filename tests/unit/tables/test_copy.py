"""Copied cells: each form is read back by what reads such text, and the reading is bounded and can be stopped."""

from __future__ import annotations

import ast
import csv
import io
import itertools
from collections.abc import Callable, Sequence

import pytest

from ide.core.ports import Cancel
from ide.core.table import Code, Column, ColumnKind, Progress, TableError
from ide.tables.copy import Copied, Form, Request, copy, rows_within_limit
from tests.fakes.table_source import FakeColumn, FakeTableSource

NASTY = [
    "plain",
    "tab\there",
    'a "quoted" word',
    "two\nlines",
    "",
    " space ",
    "=1+1",
    "é日本👩‍👩‍👧",
    "pi|pe *b* `c`",
    "a,b",
    None,
    "null",
]


class Turns:
    """`After` whose callbacks wait for `run`."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def after(self, _delay_s: float, callback: Callable[[], None]) -> Cancel:
        self.waiting.append(callback)
        return lambda: self.waiting.remove(callback) if callback in self.waiting else None

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


def never(problem: object = None) -> None:
    raise AssertionError(problem)


def columns_of(source: FakeTableSource) -> list[Column]:
    found: list[Column] = list(source.info.labels)
    source.columns(0, source.info.column_count, found.extend, never)
    return found


def copied(
    source: FakeTableSource,
    form: Form,
    rows: Sequence[range] = (),
    *,
    columns: Sequence[Column] = (),
    has_headings: bool = True,
) -> Copied:
    """All of a table, unless told."""
    turns, found = Turns(), list[Copied]()
    chosen = columns or columns_of(source)
    request = Request(0, rows or (range(source.info.row_count),), chosen, form, has_headings)
    copy(source, request, turns.after, found.append, never)
    assert not found, "the answer comes later"
    turns.run()
    assert len(found) == 1
    return found[0]


def test_tabs_and_commas_are_read_back_by_a_csv_reader() -> None:
    source = FakeTableSource({"text": NASTY, "n\tm": range(len(NASTY))})
    forms: tuple[tuple[Form, str], ...] = (("tsv", "excel-tab"), ("csv", "excel"))
    for form, dialect in forms:
        text = copied(source, form).text
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
        assert rows[0] == ["text", "n\tm"]
        assert [row[0] for row in rows[1:]] == [value or "" for value in NASTY]
        assert [row[1] for row in rows[1:]] == [str(number) for number in range(len(NASTY))]


def test_csv_keeps_empty_text_apart_from_missing() -> None:
    source = FakeTableSource({"a": ["", None], "b": ["x", "y"]})
    assert copied(source, "csv").text == 'a,b\n"",x\n,y\n'


def test_one_cell_is_copied_bare() -> None:
    source = FakeTableSource({"a": ['say "no"\n', "x"]})
    assert copied(source, "tsv", [range(1)], has_headings=False).text == 'say "no"\n'
    assert copied(source, "tsv", [range(1, 2)], has_headings=False).text == "x"


def test_rows_and_columns_in_the_order_asked_for_with_labels() -> None:
    source = FakeTableSource({"a": range(100), "b": range(100, 200)}, labels={"id": [f"r{n}" for n in range(100)]})
    label, a, b = columns_of(source)
    found = copied(source, "tsv", [range(3, 5), range(90, 91)], columns=[b, label, a])
    assert found.text == "b\tid\ta\n103\tr3\t3\n104\tr4\t4\n190\tr90\t90\n"
    assert (found.rows, found.rows_wanted, found.columns, found.note) == (3, 3, 3, "")


def test_numbers_are_copied_with_all_their_digits() -> None:
    values = [0.1 + 0.2, 1e300, 5e-324, float("inf"), -0.0, None, float("nan")]
    source = FakeTableSource({"f": values, "i": [2**53 + 1, -(2**63), 2**63 - 1, 0, 1, 2, 3]})
    lines = copied(source, "tsv", has_headings=False).text.splitlines()
    assert [float(line.split("\t")[0]) for line in lines[:5]] == values[:5]
    assert [line.split("\t")[0] for line in lines[5:]] == ["", ""]
    assert [int(line.split("\t")[1]) for line in lines] == [2**53 + 1, -(2**63), 2**63 - 1, 0, 1, 2, 3]


def test_python_code_evaluates_to_the_values() -> None:
    source = FakeTableSource(
        {"text": NASTY, "flag": [True, False, None] * 4, "f": [0.1 + 0.2, 1e300, None, -2.5] * 3, "i": [2**60] * 12}
    )
    rows = ast.literal_eval(copied(source, "python").text)
    assert [row["text"] for row in rows] == NASTY
    assert [row["flag"] for row in rows] == [True, False, None] * 4
    assert [row["f"] for row in rows] == [0.1 + 0.2, 1e300, None, -2.5] * 3
    assert {row["i"] for row in rows} == {2**60}
    assert ast.literal_eval(copied(source, "python", has_headings=False).text)[1][:2] == [NASTY[1], False]
    text = next(column for column in columns_of(source) if column.name == "text")
    assert ast.literal_eval(copied(source, "python", columns=[text], has_headings=False).text) == NASTY


def test_python_code_keeps_columns_of_one_name_apart() -> None:
    source = FakeTableSource([FakeColumn("a", [1]), FakeColumn("a", [2])])
    assert ast.literal_eval(copied(source, "python").text) == [["a", "a"], [1, 2]]


def test_kinds_of_missing_values_in_code() -> None:
    source = FakeTableSource([FakeColumn("x", [1.5, float("nan"), Code.NA, Code.NULL], "number")])
    assert copied(source, "python", has_headings=False).text == '[1.5, float("nan"), None, None]\n'
    assert copied(source, "r", has_headings=False).text == "c(1.5, NaN, NA, NA)\n"


def test_r_code_has_vectors_of_the_right_type() -> None:
    source = FakeTableSource(
        {"a b": [1, 2, None], "f": [1.0, float("inf"), 0.1], "big": [2**60, 1, 2], "t": ['"', "\\", None]}
    )
    assert copied(source, "r").text == (
        "data.frame(\n"
        "  `a b` = c(1L, 2L, NA),\n"
        "  f = c(1.0, Inf, 0.1),\n"
        '  big = c("1152921504606846976", "1", "2"),\n'
        '  t = c("\\"", "\\\\", NA),\n'
        "  check.names = FALSE\n"
        ")\n"
    )


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_infinite_dates_are_text_in_r_code(kind: ColumnKind) -> None:
    source = FakeTableSource([FakeColumn("x", ["2020-01-01", "Inf", None], kind)])
    assert copied(source, "r", has_headings=False).text == 'c("2020-01-01", "Inf", NA)\n'


def test_markdown_is_one_line_a_row_with_marks_escaped() -> None:
    source = FakeTableSource({"a|b": ["x|y", "two\nlines", None], "n": [1, 2, 3]})
    assert copied(source, "markdown").text == (
        "| a\\|b | n |\n|---|---:|\n| x\\|y | 1 |\n| two<br>lines | 2 |\n| *None* | 3 |\n"
    )


def test_more_than_the_limit_is_cut_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ide.tables.copy.CELLS_MOST", 60_000)
    source = FakeTableSource({"a": range(10**7), "b": range(10**7)})
    turns, found = Turns(), list[Copied]()
    request = Request(0, (range(10**7),), columns_of(source), "tsv")
    reports: list[Progress] = []
    copy(source, request, turns.after, found.append, never, reports.append)
    turns.run()
    assert found[0].rows == 30_000
    assert "first 30,000 of 10,000,000 rows" in found[0].note
    assert found[0].text.count("\n") == 30_001
    assert reports[-1] == Progress("copy", 30_000, 30_000)
    assert all(later.done > earlier.done for earlier, later in itertools.pairwise(reports))


def test_long_texts_are_told_to_be_cut() -> None:
    source = FakeTableSource({"a": ["x" * 5000, "y"]})
    found = copied(source, "tsv")
    assert found.cut == 1
    assert "1 long texts were copied only as far" in found.note


def test_many_columns_take_several_pages_for_the_same_rows() -> None:
    source = FakeTableSource({f"c{number}": range(number, number + 30) for number in range(1200)})
    text = copied(source, "tsv", has_headings=False).text
    assert text.splitlines()[29].split("\t") == [str(number + 29) for number in range(1200)]


def test_nothing_comes_after_cancelling() -> None:
    source = FakeTableSource({"a": range(100_000)}, is_stepwise=True)
    turns, found = Turns(), list[Copied]()
    cancel = copy(source, Request(0, (range(100_000),), columns_of_stepwise(source)), turns.after, found.append, never)
    turns.run()
    source.step()
    cancel()
    assert not source.waiting
    assert not turns.waiting
    turns.run()
    assert not found


def columns_of_stepwise(source: FakeTableSource) -> list[Column]:
    found: list[Column] = []
    source.columns(0, source.info.column_count, found.extend, never)
    source.step_all()
    return found


def test_an_error_ends_the_copy() -> None:
    source = FakeTableSource({"a": range(10)})
    source.failures["page"] = [TableError("Gone.")]
    turns, errors = Turns(), list[TableError]()
    copy(source, Request(0, (range(10),), columns_of(source)), turns.after, never, errors.append)
    turns.run()
    assert [str(error) for error in errors] == ["Gone."]
    assert not turns.waiting


def test_an_empty_selection_gives_the_headings() -> None:
    source = FakeTableSource({"a": [1], "b": [2]})
    assert copied(source, "tsv", [range(0)]).text == "a\tb\n"
    assert (
        copied(source, "r", [range(0)]).text
        == "data.frame(\n  a = numeric(),\n  b = numeric(),\n  check.names = FALSE\n)\n"
    )


def test_limit_counts_cells_over_all_ranges() -> None:
    assert rows_within_limit([range(10), range(50, 10**9)], 100) == (range(10), range(50, 50 + 9_990))
    assert rows_within_limit([range(5)], 10**7) == ()
