"""Find and replace, and going to a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ide.core.ports import Cancel
from ide.core.text import Place
from ide.widgets.code_view import CodeView
from ide.widgets.code_view_find_bar import FindBar, GoToLineBar, place_of
from ide.widgets.code_view_highlight import Highlighter, LexerShelf
from ide.widgets.code_view_search import Query
from ide.widgets.code_view_text import CodeText
from tests.fakes.window_parts import Parts


def at_once(work: Callable[[], object], done: Callable[[object], None], _failed: object) -> Cancel:
    done(work())
    return lambda: None


class Desk(QWidget):
    """A view with its bars."""

    def __init__(self, parts: Parts, source: str) -> None:
        super().__init__()
        self.text = CodeText(parts.theme, parts.theme)
        highlighter = Highlighter(self.text, parts.theme, LexerShelf(at_once))  # type: ignore[arg-type]  # not generic
        self.view = CodeView(self.text, parts.theme, parts.icons, highlighter)
        self.bar = FindBar(self.view, parts.theme, parts.icons)
        self.lines = GoToLineBar(self.view, parts.theme)
        column = QVBoxLayout(self)
        for widget in (self.view, self.bar, self.lines):
            column.addWidget(widget)
        self.text.load(source)
        self.text.finish_loading()
        self.resize(600, 400)
        self.show()

    def look_for(self, query: Query, qtbot: QtBot) -> list[tuple[int, int]]:
        self.bar.set_query(query)
        qtbot.waitUntil(lambda: not self.bar.search.is_running, timeout=15_000)
        found = self.bar.search.found
        return [(found[n].start.line, found[n].start.column) for n in range(len(found))]


@pytest.fixture
def desk(parts: Parts, qtbot: QtBot) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def make(source: str) -> Desk:
        one = Desk(parts, source)
        qtbot.addWidget(one)
        qtbot.waitExposed(one)
        made.append(one)
        return one

    yield make
    for one in made:
        one.text.deleteLater()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (Query("cat"), [(0, 0), (0, 6), (1, 3), (2, 0)]),
        (Query("cat", matches_case=True), [(0, 0), (1, 3), (2, 0)]),
        (Query("cat", whole_word=True), [(0, 0), (0, 6), (2, 0)]),
        (Query("c.t", is_regex=True, matches_case=True), [(0, 0), (1, 3), (2, 0)]),
        (Query(r"\d+", is_regex=True), [(2, 4)]),
        (Query(r"Cat\n", is_regex=True, matches_case=True), [(0, 6)]),
        (Query("("), [(3, 0)]),
    ],
)
def test_find_finds(desk: Callable[[str], Desk], qtbot: QtBot, query: Query, wanted: list[tuple[int, int]]) -> None:
    one = desk("cat a Cat\ncon" + "cat\ncat 12\n(x)")
    assert one.look_for(query, qtbot) == wanted


def test_a_pattern_that_is_none_is_told_and_finds_nothing(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("a(b")
    one.bar.open(replaces=False)
    assert one.look_for(Query("a(", is_regex=True), qtbot) == []
    assert one.bar.count_text.startswith("Not a pattern:")


def test_a_pattern_that_takes_for_ever_is_given_up(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk(("a" * 4_000 + "b\n") * 300)
    one.bar.open(replaces=False)
    assert one.look_for(Query("(a+)+$", is_regex=True), qtbot) == []
    assert "too many steps" in one.bar.count_text


def test_a_search_takes_many_turns_in_a_long_text(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("some words here\n" * 60_000)
    one.bar.set_query(Query("words"))
    assert one.bar.search.is_running
    assert len(one.look_for(Query("words"), qtbot)) == 60_000


def test_next_and_previous_go_around_the_ends(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("ab\nab\nab")
    one.bar.open(replaces=False)
    one.look_for(Query("ab"), qtbot)
    places = []
    for _ in range(4):
        one.bar.find_next()
        places.append(one.view.selection[0].line)
    assert places == [0, 1, 2, 0]
    assert one.bar.count_text == "1 of 3"
    one.bar.find_previous()
    assert one.view.selection[0].line == 2


def test_typing_in_the_bar_goes_to_the_first_match_from_the_caret(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("word\nother word\nword")
    one.view.set_place(Place(1, 0))
    one.bar.open(replaces=False)
    QTest.keyClicks(one.bar.find_field, "word")
    qtbot.waitUntil(lambda: one.view.selection == (Place(1, 6), Place(1, 10)))


def test_replace_one_goes_on_to_the_next(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("a1 a2")
    one.bar.open(replaces=True)
    one.look_for(Query(r"a(\d)", is_regex=True), qtbot)
    one.bar.replace_field.setText(r"b\1\1")
    one.bar.find_next()
    one.bar.replace_one()
    assert one.text.text == "b11 a2"
    qtbot.waitUntil(lambda: one.view.selected_text == "a2")


@pytest.mark.parametrize(
    ("source", "query", "replacement", "wanted"),
    [
        ("a a\nba", Query("a"), "xx", "xx xx\nbxx"),
        ("a a", Query("a"), r"\1$1", r"\1$1 \1$1"),
        ("k=v, q=w", Query(r"(\w)=(\w)", is_regex=True), r"\2=$1", "v=k, w=q"),
        ("ab", Query(r"(?<first>a)", is_regex=True), r"${first}\g<first>\n\t", "aa\n\tb"),
        ("a\nb\nc", Query(r"\n", is_regex=True), ", ", "a, b, c"),
        ("😀a😀a", Query("a"), "b", "😀b😀b"),
        ("x" * 20_000 + "needle" + "y" * 5, Query("needle"), "pin", "x" * 20_000 + "pin" + "y" * 5),
    ],
)
def test_replace_all_is_one_undo(
    desk: Callable[[str], Desk], qtbot: QtBot, source: str, query: Query, replacement: str, wanted: str
) -> None:
    one = desk(source)
    one.bar.open(replaces=True)
    one.look_for(query, qtbot)
    one.bar.replace_field.setText(replacement)
    one.bar.replace_all()
    qtbot.waitUntil(lambda: not one.text.is_busy)
    assert one.text.text == wanted
    one.view.undo()
    one.text.finish_loading()
    assert one.text.text == source


def test_replacing_thousands_is_one_undo_over_many_turns(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    source = "word word\n" * 5_000
    one = desk(source)
    one.bar.open(replaces=True)
    one.look_for(Query("word"), qtbot)
    one.bar.replace_field.setText("w")
    one.bar.replace_all()
    assert one.text.is_busy
    qtbot.waitUntil(lambda: not one.text.is_busy, timeout=20_000)
    assert one.text.text == "w w\n" * 5_000
    assert one.bar.count_text == "10000 replaced."
    one.view.undo()
    one.text.finish_loading()
    assert one.text.text == source


def test_escape_gives_the_keyboard_back(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("a")
    one.bar.open(replaces=False)
    QTest.keyClick(one.bar.find_field, Qt.Key.Key_Escape)
    assert one.bar.isHidden()
    qtbot.waitUntil(one.view.hasFocus)


def test_every_control_of_the_bars_has_a_name(desk: Callable[[str], Desk]) -> None:
    one = desk("a")
    for bar in (one.bar, one.lines):
        for child in bar.findChildren(QWidget):
            if child.focusPolicy() != Qt.FocusPolicy.NoFocus and not child.objectName().startswith("qt_"):
                assert child.accessibleName() or getattr(child, "text", str)(), child


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("5", Place(4, 0)), ("5:3", Place(4, 2)), ("+2", Place(4, 0)), ("-9", Place(0, 0)), ("999", Place(9, 0))],
)
def test_place_of_reads_lines(text: str, wanted: Place) -> None:
    assert place_of(text, Place(2, 0), 10) == wanted


def test_place_of_refuses_words() -> None:
    assert place_of("x", Place(0), 10) is None


def test_go_to_line_goes_there_and_escape_goes_back(desk: Callable[[str], Desk], qtbot: QtBot) -> None:
    one = desk("a\n" * 100)
    one.lines.open()
    QTest.keyClicks(one.lines.field, "50")
    assert one.view.place == Place(49, 0)
    QTest.keyClick(one.lines.field, Qt.Key.Key_Escape)
    assert one.view.place == Place(0, 0)
