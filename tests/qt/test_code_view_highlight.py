"""Colours: what a lexer with kept state says line by line, and that only what is visible costs anything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from ide.core.ports import Cancel
from ide.core.text import Place
from ide.widgets.code_view_highlight import ROLE, Highlighter, LexerShelf
from ide.widgets.code_view_lexing import FencedLexer, LineLexer, MarkedLexer, load_lexer
from ide.widgets.code_view_text import CodeText
from tests.fakes.window_parts import Parts

_lexers: dict[str, LineLexer | None] = {}


def lexer(alias: str) -> LineLexer:
    if alias not in _lexers:
        _lexers[alias] = load_lexer(alias)
    found = _lexers[alias]
    assert found is not None
    return found


def coloured(code: str, with_lexer: LineLexer) -> list[str]:
    """A letter per character: the first of its role, "." for none."""
    state = with_lexer.start
    lines = []
    for line in code.split("\n"):
        spans, state = with_lexer.line(line, state)
        letters = ["."] * len(line)
        for first, length, role in spans:
            letters[first : first + length] = role[0] * length
        lines.append("".join(letters))
    return lines


@pytest.mark.parametrize(
    ("alias", "code", "line", "wanted"),
    [
        ("python", 's = """a\nb # c\n"""\nx = 1', 1, "sssss"),
        ("python", 's = """a\nb # c\n"""\nx = 1', 3, "..o.n"),
        (
            "python",
            "def f(x):  # why",
            0,
            "kkk.f....",
        ),
        ("r", 'x <- "a\nb" # c', 1, "ss.ccc"),
        ("r", 'x <- r"(a " b\n) c)" + 1', 1, "sssss.o.n"),
        ("r", 'x <- r"--[a]-\n]--" # c', 1, "ssss.ccc"),
        ("javascript", "a /* b\n c */ 1", 1, "ccccc.n"),
        ("c", "int a; /* b\n c */ 1;", 1, "ccccc.n"),
    ],
)
def test_lexer_keeps_its_state_over_lines(alias: str, code: str, line: int, wanted: str) -> None:
    found = coloured(code, lexer(alias))[line]
    assert found[: len(wanted)].replace("b", "f") == wanted


def test_fenced_code_has_the_colours_of_its_language() -> None:
    fenced = FencedLexer(lexer("markdown"), lambda alias: lexer(alias) if alias in ("r", "python") else None)
    lines = coloured('# T\n```{r, echo=FALSE}\nx <- "a"\n```\n```python\ndef f(): 1\n```\n```nope\nx\n```\n*e*', fenced)
    assert lines[2].endswith("sss")
    assert lines[5].startswith("kkk")
    assert lines[8] == "."
    assert lines[10] == "fff"


def test_marked_prose_is_not_code() -> None:
    marked = MarkedLexer(lexer("python"), lexer)
    lines = coloured("# %% [markdown]\nit's \"open\n# %%\ndef f(): 'a'", marked)
    assert lines[3].startswith("kkk")


def test_a_very_long_line_is_passed_over() -> None:
    python = lexer("python")
    assert python.line("x = 1 " * 2_000, python.start) == ([], python.start)


@settings(max_examples=80, deadline=None)
@given(
    st.text(alphabet="ab\"'`#\\()[]{}/*\n r-<%=", max_size=200), st.sampled_from(["python", "r", "javascript", "bash"])
)
def test_lexers_end_on_any_text(code: str, alias: str) -> None:
    lines = code.split("\n")
    assert [len(line) for line in coloured(code, lexer(alias))] == [len(line) for line in lines]


# --- the highlighter ------------------------------------------------------------------------------------------------


def at_once(work: Callable[[], object], done: Callable[[object], None], _failed: object) -> Cancel:
    done(work())
    return lambda: None


@pytest.fixture
def made(parts: Parts) -> Iterator[Callable[[str], tuple[CodeText, Highlighter]]]:
    shelf = LexerShelf(at_once)  # type: ignore[arg-type]  # not generic, as a test needs no more
    texts: list[CodeText] = []

    def make(source: str) -> tuple[CodeText, Highlighter]:
        text = CodeText(parts.theme, parts.theme)
        highlighter = Highlighter(text, parts.theme, shelf)
        highlighter.set_lexer("python")
        text.load(source)
        text.finish_loading()
        texts.append(text)
        return text, highlighter

    yield make
    for text in texts:
        text.deleteLater()


def roles(text: CodeText, line: int) -> list[tuple[int, int, str]]:
    spans = text.document.findBlockByNumber(line).layout().formats()
    return [(span.start, span.length, str(span.format.property(ROLE))) for span in spans]


def wanted_roles(text: CodeText, line: int) -> list[tuple[int, int, str]]:
    python = lexer("python")
    state = python.start
    spans: list[tuple[int, int, str]] = []
    for number in range(line + 1):
        spans, state = python.line(text.lines[number], state)
    return spans


def done_with(highlighter: Highlighter, text: CodeText, first: int, end: int) -> Callable[[], bool]:
    return lambda: all(roles(text, line) == wanted_roles(text, line) for line in range(first, end))


PIECES = ['"""', "x = 1", "\n", "# c\n", "def f():\n", "'", "  pass\n"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.lists(st.sampled_from(PIECES), max_size=20), seed=st.integers(0, 2**32))
def test_colours_after_random_edits_are_those_of_a_fresh_start(
    made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot, start: list[str], seed: int
) -> None:
    text, highlighter = made("".join(start))
    randomly = random.Random(seed)
    highlighter.cover(text, 0, 40)
    for _ in range(8):
        cursor = QTextCursor(text.document)
        cursor.setPosition(randomly.randrange(text.document.characterCount()))
        cursor.movePosition(
            QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, randomly.choice((0, 0, 1, 4))
        )
        text.insert(cursor, randomly.choice([*PIECES, ""]))
        count = len(text.lines)
        qtbot.waitUntil(done_with(highlighter, text, 0, min(count, 40)), timeout=3_000)


def test_only_visible_lines_are_lexed(made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot) -> None:
    text, highlighter = made("x = 1  # c\n" * 20_000)
    highlighter.cover(text, 0, 50)
    qtbot.waitUntil(done_with(highlighter, text, 0, 50))
    assert highlighter.lines_lexed <= 60


def test_a_key_in_a_long_file_lexes_a_few_lines(
    made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot
) -> None:
    text, highlighter = made("x = 1  # c\n" * 5_000)
    highlighter.cover(text, 0, 50)
    qtbot.waitUntil(done_with(highlighter, text, 0, 50))
    before = highlighter.lines_lexed
    cursor = QTextCursor(text.document)
    cursor.setPosition(text.position(Place(20, 0)))
    cursor.insertText("y")
    assert highlighter.lines_lexed - before <= 3


def test_a_jump_to_the_end_is_coloured_by_a_guess_and_then_put_right(
    made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot
) -> None:
    text, highlighter = made('s = """open\n' + "x = 1\n" * 3_000)
    highlighter.cover(text, 2_900, 2_950)
    qtbot.waitUntil(lambda: bool(roles(text, 2_910)))
    assert roles(text, 2_910)[-1][2] in ("number", "string")
    qtbot.waitUntil(lambda: roles(text, 2_910) == [(0, 5, "string")], timeout=10_000)


def test_a_key_in_guessed_lines_lexes_a_few_lines(
    made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot
) -> None:
    text, highlighter = made("x = 1  # c\n" * 50_000)
    highlighter.cover(text, 40_000, 40_040)
    qtbot.waitUntil(lambda: all(roles(text, line) for line in range(40_000, 40_040)))
    cursor = QTextCursor(text.document)
    cursor.setPosition(text.position(Place(40_010, 0)))
    for _ in range(5):
        before = highlighter.lines_lexed
        cursor.insertText("y")
        assert highlighter.lines_lexed - before <= 3


def test_offsets_of_colours_count_units_after_emoji(
    made: Callable[[str], tuple[CodeText, Highlighter]], qtbot: QtBot
) -> None:
    text, highlighter = made("x = '😀' # c")
    highlighter.cover(text, 0, 1)
    assert roles(text, 0)[-1] == (9, 3, "comment")


def test_a_new_theme_changes_the_colours(
    made: Callable[[str], tuple[CodeText, Highlighter]], parts: Parts, qtbot: QtBot
) -> None:
    text, highlighter = made("def f(): pass")
    highlighter.cover(text, 0, 1)
    before = first_colour(text)
    parts.theme.set_choice("dark" if parts.theme.name == "light" else "light")
    assert first_colour(text) != before


def first_colour(text: CodeText) -> str:
    spans = text.document.firstBlock().layout().formats()
    return str(spans[0].format.foreground().color().name())
