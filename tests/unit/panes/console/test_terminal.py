"""Printed text becomes lines: order, overwriting, colours, folding, and nothing that deceives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.panes.console.lines import PLAIN, Line, Style, line
from ide.panes.console.terminal import REACHABLE_LINES, Folded, Terminal, plain_lines


class Screen:
    """Does what a view does with what the terminal hands out."""

    def __init__(self, fold_characters: int = 4000) -> None:
        self.folded: list[Folded] = []
        self.terminal = Terminal(self._fold, fold_characters)
        self.rows: list[str | Line] = [""]

    def feed(self, *texts: str) -> Screen:
        for text in texts:
            self.terminal.feed(text)
        return self

    def paint(self, most_lines: int = 1000) -> Screen:
        while self.terminal.is_dirty:
            paint = self.terminal.take(most_lines)
            if paint.is_cleared:
                self.rows = []
            elif paint.rewind:
                del self.rows[-paint.rewind :]
            self.rows += paint.lines
        return self

    @property
    def texts(self) -> list[str]:
        return [each if isinstance(each, str) else each.text for each in self.rows]

    def style_of(self, text: str) -> Style:
        spans = [span for row in self.rows if isinstance(row, Line) for span in row.spans]
        return next(style for part, style in spans if text in part)

    def _fold(self, folded: Folded) -> int:
        self.folded.append(folded)
        return len(self.folded)


def shown(*texts: str) -> list[str]:
    return Screen().feed(*texts).paint().texts


def test_plain_text_becomes_lines_with_an_open_last_one() -> None:
    assert shown("a\nb\nc") == ["a", "b", "c"]
    assert shown("a\n") == ["a", ""]


@given(st.lists(st.text(alphabet="ab\n\r\x08 ", max_size=8), max_size=12))
def test_text_cut_anywhere_shows_the_same(pieces: list[str]) -> None:
    whole = "".join(pieces).replace("\r\n", "\n")
    at_once = Screen().feed(whole).paint().texts
    screen = Screen()
    for character in whole:
        screen.feed(character).paint()
    assert screen.texts == at_once


def test_carriage_return_overwrites_and_keeps_what_is_longer() -> None:
    assert shown("100%\r 50") == [" 50%"]
    assert shown("downloading\rdone") == ["doneloading"]


def test_progress_bar_leaves_its_last_state_only() -> None:
    screen = Screen()
    for percent in range(101):
        screen.feed(f"\r{percent:3d}% ").paint()
    assert screen.texts == ["100% "]


def test_windows_line_ends_are_line_ends() -> None:
    assert shown("a\r\nb\r\n") == ["a", "b", ""]


def test_backspace_moves_back() -> None:
    assert shown("abc\x08\x08X") == ["aXc"]


def test_cursor_up_reaches_lines_of_a_double_progress_bar() -> None:
    screen = Screen().feed("one 0%\ntwo 0%\n").paint()
    screen.feed("\x1b[2A\x1b[2Kone 50%\n\x1b[2Ktwo 90%\n").paint()
    assert screen.texts == ["one 50%", "two 90%", ""]


def test_cursor_up_stops_at_the_lines_that_are_kept() -> None:
    screen = Screen().feed("".join(f"{number}\n" for number in range(1000))).paint()
    screen.feed("\x1b[9999AX").paint()
    assert len(screen.texts) == 1001
    assert screen.texts.index("X" + str(1000 - REACHABLE_LINES)[1:]) == 1000 - REACHABLE_LINES


def test_colours_survive_any_cut_of_the_sequence() -> None:
    text = "\x1b[1;38;5;196mred\x1b[0m plain"
    for cut in range(1, len(text)):
        screen = Screen().feed(text[:cut], text[cut:]).paint()
        assert screen.texts == ["red plain"], cut
        assert screen.style_of("red") == Style(foreground=(255, 0, 0), is_bold=True), cut


def test_concealed_text_is_shown() -> None:
    assert shown("\x1b[8mhidden\x1b[0m") == ["hidden"]


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b]52;c;cm0gLXJm\x1b\\", "\x1bc", "\x1b[?1049h", "\x1b[2J",
        "\x1b[?25l", "\x1bP1;2q#0\x1b\\", "\x1b_apc\x1b\\", "\x1b[6n", "\x1b]4;1;rgb:00/00/00\x07", "\x07", "\x1b(0",
    ],
)  # fmt: skip
def test_sequences_that_take_over_a_terminal_show_and_do_nothing(evil: str) -> None:
    assert shown(f"before{evil}after") == ["beforeafter"]
    for cut in range(1, len(evil)):
        assert shown("before" + evil[:cut], evil[cut:] + "after") == ["beforeafter"], repr(evil[:cut])


def test_sequence_without_end_is_dropped_and_later_text_comes_after_its_end() -> None:
    screen = Screen().feed("a\x1b]0;" + "x" * 20_000)
    assert screen.feed("still title\x07b").paint().texts == ["ab"]


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u2028", "\ufffc", "\ud800"])
def test_characters_that_deceive_are_spelled_out(character: str) -> None:
    assert shown(f"a{character}b") == [f"a‹U+{ord(character):04X}›b"]


def test_joiners_are_left_to_scripts_that_need_them() -> None:
    assert shown("می\u200cخواهم") == ["می\u200cخواهم"]
    assert shown("ad\u200dmin") == ["ad‹U+200D›min"]


def test_control_characters_are_drawn_as_pictures() -> None:
    assert shown("a\x00b\x1b") == ["a␀b"]
    assert shown("\x9b31m") == ["‹U+009B›31m"]


def test_link_shows_its_true_target() -> None:
    assert shown("\x1b]8;;https://evil.example\x07bank\x1b]8;;\x07") == ["bank (https://evil.example)"]
    same = "\x1b]8;;https://a.example\x07https://a.example\x1b]8;;\x07"
    assert shown(same) == ["https://a.example"]


def test_long_line_is_folded_and_kept_whole() -> None:
    screen = Screen(fold_characters=100)
    for _ in range(50):
        screen.feed("y" * 1000).paint()
    screen.feed("\nnext\n").paint()
    assert screen.texts[0].startswith("y" * 100 + " … 49\u202f900 more characters")
    assert screen.texts[1:] == ["next", ""]
    assert screen.folded[0].text == "y" * 50_000
    assert len(screen.folded) == 1


def test_overwritten_long_line_is_not_folded_any_more() -> None:
    assert Screen(100).feed("y" * 500 + "\r\x1b[Kshort").paint().texts == ["short"]


def test_clear_takes_everything_of_the_section() -> None:
    screen = Screen().feed("one\ntwo\n").paint()
    screen.terminal.clear()
    assert screen.feed("three").paint().texts == ["three"]


def test_clear_before_anything_was_painted_leaves_what_follows() -> None:
    screen = Screen().feed("one\n")
    screen.terminal.clear()
    assert screen.feed("two\n").paint().texts == ["two", ""]


def test_whole_lines_start_on_a_line_of_their_own() -> None:
    screen = Screen().feed("open")
    screen.terminal.put((line("value"),))
    assert screen.feed("after").paint().texts == ["open", "value", "after"]


def test_shown_object_is_replaced_by_another_number_of_lines() -> None:
    screen = Screen()
    screen.terminal.put((Line((("old", PLAIN),), "d"),))
    screen.feed("later\n").paint()
    assert screen.terminal.replace_display("d", (Line((("new", PLAIN),), "d"), Line((("two", PLAIN),), "d")))
    assert screen.paint().texts == ["new", "two", "later", ""]
    assert not screen.terminal.replace_display("other", ())


def test_painting_in_slices_shows_the_same() -> None:
    text = "".join(f"\x1b[3{n % 8}mline {n}\x1b[0m\n" for n in range(500))
    assert Screen().feed(text).paint(7).texts == Screen().feed(text).paint(1000).texts


def test_traceback_lines_lose_no_text() -> None:
    lines = plain_lines("\x1b[31mFile \x1b[32ma.py:3\x1b[0m\n  x")
    assert [each.text for each in lines] == ["File a.py:3", "  x"]
