"""`CodeText`: the same text in Qt's document, in `lines` and in whoever applies the announced edits."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from ide.core.text import Edit, Place
from ide.widgets.code_view_layout import STAND_IN
from ide.widgets.code_view_text import LONGEST_SHOWN, CodeText, real_text
from tests.fakes.window_parts import Parts

PIECES = [
    "a",
    "b",
    "\n",
    "\n\n",
    "x = 1\n",
    "😀",
    "é",
    "\u202e",
    "\r",
    "\0",
    "e\u0301",
    "👩‍👩‍👧",
    "\u2028",
    "שלום",
    "long " * 3_000,
]


class Mirror:
    """Applies every announced edit to a text of its own, as a document does."""

    def __init__(self, text: CodeText) -> None:
        self.text = text.text
        self.count = 0
        text.edited.connect(self.apply)

    def apply(self, edit: Edit) -> None:
        assert 0 <= edit.start <= edit.start + edit.removed_length <= len(self.text)
        self.text = edit.apply(self.text)
        self.count += 1


@pytest.fixture
def make(parts: Parts, qtbot: QtBot) -> Callable[[str], CodeText]:
    def loaded(text: str) -> CodeText:
        made = CodeText(parts.theme, parts.theme)
        made.load(text)
        made.finish_loading()
        return made

    return loaded


def same_everywhere(text: CodeText) -> str:
    """The text, after checking that blocks and lines and offsets agree."""
    document = text.document
    assert document.blockCount() == len(text.lines)
    block = document.firstBlock()
    offset = 0
    for line, content in enumerate(text.lines):
        assert real_text(block) == content
        assert text.offset_of_line(line) == offset
        offset += len(content) + 1
        block = block.next()
    return text.text


def test_load_keeps_every_character(make: Callable[[str], CodeText]) -> None:
    source = "".join(PIECES) * 3
    assert same_everywhere(make(source)) == source


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.lists(st.sampled_from(PIECES), max_size=12), seed=st.integers(0, 2**32))
def test_random_editing_is_announced_exactly(make: Callable[[str], CodeText], start: list[str], seed: int) -> None:
    text = make("".join(start))
    mirror = Mirror(text)
    randomly = random.Random(seed)
    for _ in range(12):
        edit_somehow(text, randomly)
        assert mirror.text == same_everywhere(text)
    text.document.undo()
    text.document.undo()
    assert mirror.text == same_everywhere(text)
    text.document.redo()
    assert mirror.text == same_everywhere(text)
    text.deleteLater()


def edit_somehow(text: CodeText, randomly: random.Random) -> None:
    cursor = QTextCursor(text.document)
    cursor.beginEditBlock()
    for _ in range(randomly.choice((1, 1, 1, 3))):
        # Where a caret can be: never inside a surrogate pair.
        block = text.document.findBlockByNumber(randomly.randrange(text.document.blockCount()))
        cursor.setPosition(block.position() + text.units(block, randomly.randrange(len(real_text(block)) + 1)))
        cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, randomly.randrange(6))
        if randomly.random() < 0.7:
            text.insert(cursor, randomly.choice(PIECES))
        else:
            cursor.removeSelectedText()
    cursor.endEditBlock()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=st.lists(st.sampled_from(PIECES), max_size=10),
    new=st.lists(st.sampled_from(PIECES), max_size=10),
)
def test_replace_makes_the_new_text_and_undo_the_old_one(
    make: Callable[[str], CodeText], old: list[str], new: list[str]
) -> None:
    before, after = "".join(old), "".join(new)
    text = make(before)
    mirror = Mirror(text)
    text.replace(after)
    assert same_everywhere(text) == after
    assert mirror.count == 0
    mirror.text = after
    if before != after:
        text.document.undo()
    assert same_everywhere(text) == before
    assert mirror.text == before
    text.deleteLater()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.lists(st.sampled_from(PIECES), max_size=10), data=st.data())
def test_apply_makes_edits_counted_in_the_present_text(
    make: Callable[[str], CodeText], source: list[str], data: st.DataObject
) -> None:
    before = "".join(source)
    text = make(before)
    mirror = Mirror(text)
    first = data.draw(st.integers(0, len(before)))
    second = data.draw(st.integers(first, len(before)))
    third = data.draw(st.integers(second, len(before)))
    edits = [Edit(first, second - first, "one"), Edit(third, 0, "two😀\n")]
    text.apply(edits)
    wanted = before[:first] + "one" + before[second:third] + "two😀\n" + before[third:]
    assert same_everywhere(text) == wanted == mirror.text
    text.deleteLater()


def test_places_and_positions_answer_each_other_around_emoji(make: Callable[[str], CodeText]) -> None:
    text = make("a😀b\n\u202ex😀\nz")
    for line, content in enumerate(text.lines):
        for column in range(len(content) + 1):
            place = Place(line, column)
            assert text.place(text.position(place)) == place
            assert text.place_of_offset(text.offset(place)) == place


def test_typing_around_emoji_costs_one_small_edit(make: Callable[[str], CodeText]) -> None:
    text = make("😀" * 50 + "\n" + "😀" * 50)
    edits: list[Edit] = []
    text.edited.connect(edits.append)
    cursor = QTextCursor(text.document)
    cursor.setPosition(text.position(Place(1, 25)))
    cursor.insertText("x")
    assert edits == [Edit(51 + 25, 0, "x")]


def test_edits_far_apart_in_one_step_are_announced_apart(make: Callable[[str], CodeText]) -> None:
    text = make("\n".join(f"line {n}" for n in range(1_000)))
    edits: list[Edit] = []
    text.edited.connect(edits.append)
    cursor = QTextCursor(text.document)
    cursor.beginEditBlock()
    for line in (3, 900):
        cursor.setPosition(text.position(Place(line, 0)))
        cursor.insertText("x")
    cursor.endEditBlock()
    assert [(edit.inserted, edit.removed_length) for edit in edits] == [("x", 0), ("x", 0)]


def test_a_long_line_is_kept_whole_and_laid_out_in_part(make: Callable[[str], CodeText]) -> None:
    line = "x" * 1_000_000
    text = make(f"a\n{line}\nb")
    assert text.document.findBlockByNumber(1).length() < LONGEST_SHOWN
    assert same_everywhere(text) == f"a\n{line}\nb"


def test_a_line_that_grows_long_is_hidden_without_an_edit(make: Callable[[str], CodeText], qtbot: QtBot) -> None:
    text = make("\n".join("y" * 9_000 for _ in range(5)))
    mirror = Mirror(text)
    cursor = QTextCursor(text.document)
    cursor.beginEditBlock()
    for _ in range(4):
        cursor.setPosition(text.position(Place(0, 10**9)))
        cursor.deleteChar()
    cursor.endEditBlock()
    qtbot.waitUntil(lambda: text.document.firstBlock().length() < LONGEST_SHOWN)
    assert STAND_IN in text.document.firstBlock().text()
    assert same_everywhere(text) == "y" * 45_000 == mirror.text


def test_loading_in_pieces_ends_with_the_whole_text(parts: Parts, qtbot: QtBot) -> None:
    text = CodeText(parts.theme, parts.theme)
    source = "\n".join(f"line {n} 😀" for n in range(20_000))
    text.load(source)
    assert text.is_loading
    assert len(text.lines) < 20_000
    qtbot.waitUntil(lambda: not text.is_loading)
    assert same_everywhere(text) == source
    assert not text.document.isUndoAvailable()


def test_undo_after_load_never_empties_the_text(make: Callable[[str], CodeText]) -> None:
    text = make("kept")
    for _ in range(5):
        text.document.undo()
    assert text.text == "kept"
