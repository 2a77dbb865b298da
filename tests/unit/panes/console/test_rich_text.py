"""Shown objects as lines: tables, formulas, JSON, files."""

from __future__ import annotations

from typing import Any

import pytest

from ide.panes.console.html_text import TABLES_LIMIT
from ide.panes.console.kept import MOST, NODES_WEIGHED, Kept, weight
from ide.panes.console.lines import Line
from ide.panes.console.rich import JSON_LINES, JSON_LINES_UNFOLDED, rich_lines
from ide.panes.console.table_text import table_lines, wide
from ide.widgets.rich.tables import HtmlTable
from tests.fakes.rich import JSON, LATEX, PANDAS, R_FRAME, audio_html


def texts(data: dict[str, Any], room: int = 80, **options: bool) -> list[str]:
    return [line.text for line in rich_lines(data, room, 7, **options)]


def links(lines: tuple[Line, ...]) -> list[str]:
    return [style.link for line in lines for _text, style in line.spans if style.link]


def test_frame_of_pandas_is_a_table_with_labels_and_missing_values_in_muted() -> None:
    lines = rich_lines({"text/html": PANDAS, "text/plain": "a long text"}, 80, 7)
    assert [line.text for line in lines] == [
        "    species             mass_g  bill_mm ",
        " 0  Adelie                3750     39.1 ",
        " 1  Gentoo                5000      NaN ",
        " 2  Chinstrap & others    3500     46.5 ",
    ]
    assert lines[0].spans[-1][1].is_bold
    assert {style.role for text, style in lines[2].spans if text.strip() in ("1", "NaN")} == {"muted"}
    assert [line.spans[0][1].background_role for line in lines] == ["header", "", "current_line", ""]
    assert {line.large for line in lines} == {7}


def test_frame_of_r_has_its_caption_and_types() -> None:
    lines = rich_lines({"text/html": R_FRAME, "text/plain": "a long text"}, 80, 7)
    assert [line.text.rstrip() for line in lines[:3]] == [
        "A data.frame: 2 × 3", " species    mass  island", " <fct>     <dbl>  <chr>",
    ]  # fmt: skip
    assert not lines[2].spans[0][1].is_bold


def test_wide_table_loses_columns_in_the_middle_and_counts_them() -> None:
    head = tuple(f"column{number}" for number in range(30))
    table = HtmlTable("", (("", *head),), (("0", *("1.5" for _ in head)),), 1)
    lines = table_lines(table, 60, 60)
    assert max(wide(line.text) for line in lines) <= 60
    assert "column0" in lines[0].text
    assert "column29" in lines[0].text
    shown = lines[0].text.count("column")
    assert lines[-1].text == f"… {30 - shown} more columns"


def test_long_cells_shrink_where_there_is_no_room_and_wide_letters_count_twice() -> None:
    table = HtmlTable("", (("a", "b"),), (("x" * 50, "漢字"), ("y", "z")), 0)
    roomy, narrow = table_lines(table, 90, 60), table_lines(table, 40, 60)
    assert "x" * 50 in roomy[1].text
    assert "…" in narrow[1].text
    assert {wide(line.text) for line in narrow} == {wide(narrow[0].text)}


def test_characters_that_cannot_be_seen_are_spelled_out_in_cells() -> None:
    lines = table_lines(HtmlTable("", (), (("a\u202eb",),), 0), 80, 60)
    assert "‹U+202E›" in lines[0].text


def test_html_without_a_table_gives_way_to_plain_text_that_says_something() -> None:
    assert texts({"text/html": "<ol><li>1</ol>", "text/plain": "[1] 1"}) == []
    assert texts({"text/html": "<b>x</b>", "text/plain": "<a.B object>"}) == ["x"]


def test_html_of_a_hundred_megabytes_is_cut_and_can_be_opened() -> None:
    source = "<table>" + "<tr><td>1</td></tr>" * 20 + "<p>" + "x" * 100_000_000
    lines = rich_lines({"text/html": source}, 80, 7)
    assert sum(len(line.text) for line in lines) < TABLES_LIMIT
    assert links(lines) == ["large:7"]
    assert texts({"text/html": source, "text/plain": "short"}) == [], "the plain text is whole"


def test_formula_stands_beside_words_or_alone() -> None:
    lines = rich_lines({"text/latex": LATEX, "text/plain": "Integral(...)"}, 80, 7)
    assert [[style.formula[:14] for _text, style in line.spans] for line in lines] == [["\\displaystyle "]]
    assert texts({"text/latex": "Let $x$ be one."}) == ["Let $x$ be one."]
    assert texts({"text/latex": r"\begin{tabular}{l}a\end{tabular}", "text/plain": "a"}) == []


def test_json_is_short_and_shows_more_when_asked() -> None:
    data = {"application/json": {"values": [{"x": n, "text": "y" * 40} for n in range(100)]}}
    lines = rich_lines(data, 80, 7)
    assert len(lines) == JSON_LINES + 1
    assert links(lines) == ["unfold:7", "large:7"]
    more = rich_lines(data, 80, 7, is_unfolded=True)
    assert len(more) == JSON_LINES_UNFOLDED + 1
    assert links(more) == ["fold:7", "large:7"]
    assert texts({"application/json": JSON})[3] == '  "islands": ["Biscoe", "Dream", "Torgersen"],'
    assert texts({"application/json": [1, 2]}) == ["[1, 2]"]


class Endless(list[int]):
    """A long list that notes how much of it was looked at."""

    looked = 0

    def __len__(self) -> int:
        return 1_000_000

    def __iter__(self) -> Any:
        for number in range(1_000_000):
            Endless.looked += 1
            yield number


def test_no_more_of_json_is_looked_at_than_is_shown() -> None:
    lines = rich_lines({"application/json": Endless()}, 80, 7)
    assert lines[-1].text.startswith("… 1\u202f000\u202f000 entries")
    assert Endless.looked <= JSON_LINES + 1


def test_json_fifty_deep_and_broken_json_are_shown() -> None:
    value: Any = 1
    for level in range(50):
        value = [value, 2] if level % 2 else {"k": value}
    assert len(texts({"application/json": value}, is_unfolded=True)) > 50
    assert "not JSON that can be read" in texts({"application/json": '{"a": '})[-1]


def test_sound_and_moving_picture_are_lines_with_links() -> None:
    lines = rich_lines({"text/html": audio_html(), "text/plain": "<IPython.lib.display.Audio object>"}, 80, 7)
    assert lines[0].text.startswith("Sound, WAV, about")
    assert links(lines) == ["play:7", "large:7"]
    assert links(rich_lines({"image/gif": "R0lG"}, 80, 7)) == ["large:7"]


def test_pdf_is_its_first_page_and_a_link_and_damage_is_told() -> None:
    lines = rich_lines({"application/pdf": "JVBERg=="}, 80, 7)
    assert lines[0].picture is not None
    assert lines[0].picture.data == b"%PDF"
    assert links(lines) == ["large:7"]
    assert "cannot be shown" in texts({"application/pdf": "a"})[0]


def test_kept_objects_are_bounded_in_number_and_weight() -> None:
    kept = Kept()
    for number in range(MOST + 5):
        assert kept.add({"text/html": "x"}, "a", "d") == number + 1
    assert kept.get(5) is None
    assert kept.get(6) is not None
    for _ in range(5):
        kept.add({"application/json": list(range(NODES_WEIGHED + 1))}, "a", "d")
    assert kept.get(6) is None
    assert kept.get(MOST + 10) is not None


@pytest.mark.parametrize(("value", "least"), [("x" * 1000, 1000), (["x" * 10] * 5, 50), ({"a": ["b" * 7]}, 7)])
def test_weight_counts_text(value: object, least: int) -> None:
    assert least <= weight(value) < least + 1000
