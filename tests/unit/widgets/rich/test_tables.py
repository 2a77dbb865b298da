"""HTML tables as rows of text."""

from __future__ import annotations

import sys

import pytest

from ide.widgets.rich.tables import HtmlTable, read_tables

INDEX = (
    "<table><thead><tr><th></th><th></th><th colspan=2>mass</th></tr><tr><th>k</th><th>n</th><th>a</th><th>b</th></tr>"
    "</thead><tbody><tr><th rowspan=2>u</th><th>1</th><td>1.5</td><td>x</td></tr>"
    "<tr><th>2</th><td>NaN</td><td>y &lt;</td></tr></tbody></table>"
)


def only(source: str, most_rows: int = 100) -> HtmlTable:
    tables, _beside = read_tables(source, most_rows)
    assert len(tables) == 1
    return tables[0]


def test_spans_are_filled_and_labels_counted() -> None:
    table = only(INDEX)
    assert table.head == (("", "", "mass", ""), ("k", "n", "a", "b"))
    assert table.body == (("u", "1", "1.5", "x"), ("", "2", "NaN", "y <"))
    assert (table.labels, table.width) == (2, 4)
    assert [table.is_numeric(column) for column in (2, 3)] == [True, False]


def test_caption_text_beside_and_what_is_silent() -> None:
    table = INDEX.replace("<thead>", "<caption>A frame: 2 × 4</caption><thead>")
    source = f"before<style>td {{}}</style><!-- <table> -->{table}"
    tables, beside = read_tables(source + "<p>2 rows</p><script>document.write('<table>')</script>", 100)
    assert [table.caption for table in tables] == ["A frame: 2 × 4"]
    assert beside == "before2 rows"


def test_rows_beyond_the_limit_are_counted() -> None:
    table = only("<table>" + "<tr><td>1</td></tr>" * 50 + "</table>", 10)
    assert (len(table.body), table.more_rows) == (10, 40)


def test_table_in_a_cell_is_text_of_the_cell() -> None:
    table = only("<table><tr><td>a<table><tr><td>inner</td></tr></table></td><td>b</td></tr></table>")
    assert table.body[0][-1] == "b"


@pytest.mark.parametrize("source", ["<table><tr><td>a", "<tr><td>a</td></tr>", "<table></table>", "</table></td>", "<"])
def test_broken_html_is_read_as_far_as_it_goes(source: str) -> None:
    tables, _beside = read_tables(source, 10)
    assert [table.body for table in tables] == ([(("a",),)] if source == "<table><tr><td>a" else [])


@pytest.mark.parametrize("numbers", [("1", "-2.5", "1e-3"), ("1,000", "NA", "..."), ("12%", "5%"), ("inf", "2")])
def test_numbers_are_numeric(numbers: tuple[str, ...]) -> None:
    assert HtmlTable("", (), tuple((each,) for each in numbers), 0).is_numeric(0)


@pytest.mark.parametrize("texts", [("1", "x"), ("NA",), ("2024-01-01",), ("",)])
def test_other_cells_are_not(texts: tuple[str, ...]) -> None:
    assert not HtmlTable("", (), tuple((each,) for each in texts), 0).is_numeric(0)


@pytest.mark.parametrize(
    "piece", ["<!--", "<", "<td", "<table>", "<tr><td>", "<td rowspan=9", "<script>", "<table><tr><td colspan=99999>x"]
)
def test_hostile_html_takes_steps_in_proportion_to_its_length(piece: str) -> None:
    counts = []
    for length in (300, 600):
        steps = 0

        def count(_frame: object, _event: str, _argument: object) -> None:
            nonlocal steps
            steps += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            read_tables("<table><tr>" + piece * length, 100)
        finally:
            sys.setprofile(before)
        counts.append(steps)
    assert counts[1] <= 2.5 * counts[0] + 500
