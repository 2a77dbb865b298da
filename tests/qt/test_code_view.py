"""Typing into a `CodeView`: indentation, pairs, lines, several carets, folds, keys, clipboard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide._paths import plugins_dir
from ide.core.cells import Cell
from ide.core.ports import Cancel
from ide.core.text import LineRange, Place
from ide.extensions.extensions import Extensions
from ide.widgets.code_view import CodeView
from ide.widgets.code_view_gutter import Gutter
from ide.widgets.code_view_highlight import Highlighter, LexerShelf
from ide.widgets.code_view_marks import Folds, Marks, RunMark
from ide.widgets.code_view_text import CodeText, real_text
from tests.fakes.window_parts import Parts

Make = Callable[..., CodeView]
_KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def at_once(work: Callable[[], object], done: Callable[[object], None], _failed: object) -> Cancel:
    done(work())
    return lambda: None


@pytest.fixture
def make(parts: Parts, qtbot: QtBot) -> Iterator[Make]:
    extensions = Extensions(plugins_dir())
    shelf = LexerShelf(at_once)  # type: ignore[arg-type]  # not generic, as a test needs no more
    texts: list[CodeText] = []

    def view(source: str, language: str = "python", *, loads: bool = True) -> CodeView:
        """`|` in the source is where the caret goes."""
        found = extensions.language(language)
        text = CodeText(parts.theme, parts.theme)
        highlighter = Highlighter(text, parts.theme, shelf)
        highlighter.set_lexer(found.lexer if found else "")
        made = CodeView(text, parts.theme, parts.icons, highlighter, language_at=lambda _line: found)
        qtbot.addWidget(made)
        made.resize(600, 400)
        made.show()
        before, _bar, after = source.partition("|")
        text.load(before + after)
        if loads:
            text.finish_loading()
            made.set_place(text.place_of_offset(len(before)))
        made.setFocus()
        texts.append(text)
        return made

    yield view
    for text in texts:
        text.deleteLater()


def shown(view: CodeView) -> str:
    """The text with `|` at each caret."""
    text = view.code.text
    offsets = [view.code.offset(view.code.place(cursor.position())) for cursor in view.carets.all()]
    for offset in sorted(offsets, reverse=True):
        text = text[:offset] + "|" + text[offset:]
    return text


def press(view: CodeView, *keys: str | Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(view, key, modifiers)
        else:
            QTest.keyClick(view, key, modifiers)


@pytest.mark.parametrize(
    ("language", "before", "keys", "after"),
    [
        ("python", "if x:|", [_KEY.Key_Return], "if x:\n    |"),
        ("python", "f(|)", [_KEY.Key_Return], "f(\n    |\n)"),
        ("python", "    x = 1|", [_KEY.Key_Return], "    x = 1\n    |"),
        ("r", "f <- function(x) {|}", [_KEY.Key_Return], "f <- function(x) {\n  |\n}"),
        ("python", "    |", [_KEY.Key_Backspace], "|"),
        ("python", "      |x", [_KEY.Key_Backspace], "    |x"),
        ("python", "x|", [_KEY.Key_Tab], "x   |"),
        ("python", "|", ["("], "(|)"),
        ("python", "(|)", [")"], "()|"),
        ("python", "(|)", [_KEY.Key_Backspace], "|"),
        ("python", "|x", ["("], "(|x"),
        ("python", "it|", ["'"], "it'|"),
        ("python", "|", ['"'], '"|"'),
        ("python", '"|"', ['"'], '""|'),
        ("python", '""|', ['"'], '"""|'),
        ("python", "x = f|", ['"'], 'x = f"|"'),
        ("r", "|", ["`"], "`|`"),
        ("r", "x|", [_KEY.Key_Tab], "x |"),
    ],
)
def test_typing_does_what_the_language_says(
    make: Make, language: str, before: str, keys: list[str | Qt.Key], after: str
) -> None:
    view = make(before, language)
    press(view, *keys)
    assert shown(view) == after


def test_pair_key_wraps_a_selection(make: Make) -> None:
    view = make("|name")
    view.set_place(Place(0, 4), anchor=Place(0, 0))
    press(view, "[")
    assert view.code.text == "[name]"
    assert view.selected_text == "name"


def test_tab_indents_selected_lines_and_backtab_takes_it_back(make: Make) -> None:
    view = make("a\n\nb|")
    view.set_place(Place(2, 1), anchor=Place(0, 0))
    press(view, _KEY.Key_Tab)
    assert view.code.text == "    a\n\n    b"
    press(view, _KEY.Key_Backtab)
    assert view.code.text == "a\n\nb"


def test_comment_toggles_over_a_selection_and_is_one_undo(make: Make) -> None:
    view = make("def f():\n    a\n\n    b|")
    view.set_place(Place(3, 0), anchor=Place(1, 0))
    view.toggle_comment()
    assert view.code.text == "def f():\n    # a\n\n    b"
    view.set_place(Place(3, 5), anchor=Place(1, 0))
    view.toggle_comment()
    view.toggle_comment()
    assert view.code.text == "def f():\n    # a\n\n    b"
    view.undo()
    view.undo()
    view.undo()
    assert view.code.text == "def f():\n    a\n\n    b"


@pytest.mark.parametrize(
    ("act", "after"),
    [
        (lambda view: view.move_lines(-1), "b|\na\nc"),
        (lambda view: view.move_lines(1), "a\nc\nb|"),
        (lambda view: view.duplicate_lines(), "a\nb\nb|\nc"),
        (lambda view: view.delete_lines(), "a\n|c"),
        (lambda view: view.join_lines(), "a\nb c|"),
    ],
)
def test_line_commands_change_whole_lines(make: Make, act: Callable[[CodeView], None], after: str) -> None:
    view = make("a\nb|\nc")
    act(view)
    assert shown(view) == after
    view.undo()
    assert view.code.text == "a\nb\nc"


def test_line_commands_at_the_ends_lose_nothing(make: Make) -> None:
    view = make("a\nb|")
    view.move_lines(1)
    assert shown(view) == "a\nb|"
    view.move_lines(-1)
    assert shown(view) == "b|\na"
    view.move_lines(-1)
    view.delete_lines()
    view.delete_lines()
    assert view.code.text == ""


def test_carets_type_delete_and_undo_together(make: Make) -> None:
    view = make("a|\nb\nc")
    view.carets.add_vertical(1)
    view.carets.add_vertical(1)
    assert shown(view) == "a|\nb|\nc|"
    press(view, "(x")
    assert shown(view) == "a(x|)\nb(x|)\nc(x|)"
    press(view, _KEY.Key_Backspace)
    press(view, _KEY.Key_Return)
    assert view.code.text == "a(\n    \n)\nb(\n    \n)\nc(\n    \n)"
    for _ in range(4):
        view.undo()
    assert view.code.text == "a\nb\nc"


def test_carets_at_one_place_become_one(make: Make) -> None:
    view = make("ab|\nab")
    view.carets.add_vertical(1)
    press(view, _KEY.Key_Home)
    assert len(view.carets.all()) == 2
    press(view, _KEY.Key_Up)
    assert shown(view) == "|ab\nab"


def test_next_occurrence_is_added_around_the_end(make: Make) -> None:
    view = make("one x\none|\none")
    view.carets.add_next_occurrence()
    view.carets.add_next_occurrence()
    view.carets.add_next_occurrence()
    press(view, "two")
    assert view.code.text == "two x\ntwo\ntwo"


def test_all_occurrences_are_selected_at_once(make: Make) -> None:
    view = make("one x\none|\n" + "one " * 400)
    view.carets.add_all_occurrences()
    count = view.code.text.count("one")
    assert len(view.carets.all()) == count
    press(view, "z")
    assert view.code.text.count("z") == count
    view.undo()
    assert view.code.text.count("one") == count


def test_alt_click_adds_and_takes_away_a_caret(make: Make, qtbot: QtBot) -> None:
    view = make("|a\nb")
    at = view.cursorRect(view.textCursor()).center() + QPoint(0, int(view.code.line_height()))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, ALT, at)
    assert len(view.carets.all()) == 2
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, ALT, at)
    assert len(view.carets.all()) == 1


def test_paste_gives_each_caret_its_line(make: Make) -> None:
    view = make("|\n\n")
    view.carets.add_vertical(1)
    data = QMimeData()
    data.setText("one\ntwo")
    view.insertFromMimeData(data)
    assert view.code.text == "one\ntwo\n"
    view.undo()
    assert view.code.text == "\n\n"


def test_escape_leaves_one_caret(make: Make) -> None:
    view = make("|a\nb")
    view.carets.add_vertical(1)
    press(view, _KEY.Key_Escape)
    assert len(view.carets.all()) == 1


def test_input_method_text_goes_to_all_carets(make: Make) -> None:
    view = make("|a\nb")
    view.carets.add_vertical(1)
    event = QInputMethodEvent()
    event.setCommitString("漢")
    QApplication.sendEvent(view, event)
    assert view.code.text == "漢a\n漢b"


def test_input_method_preedit_is_no_edit(make: Make) -> None:
    view = make("|a")
    edits: list[object] = []
    view.code.edited.connect(edits.append)
    QApplication.sendEvent(view, QInputMethodEvent("漢", []))
    assert edits == []
    event = QInputMethodEvent()
    event.setCommitString("字")
    QApplication.sendEvent(view, event)
    assert view.code.text == "字a"
    assert len(edits) == 1


def test_home_goes_to_the_first_character_and_then_to_the_start(make: Make) -> None:
    view = make("    abc|")
    press(view, _KEY.Key_Home)
    assert shown(view) == "    |abc"
    press(view, _KEY.Key_Home)
    assert shown(view) == "|    abc"


def test_enter_with_a_modifier_is_left_to_commands(make: Make) -> None:
    view = make("x|")
    for modifiers in (CONTROL, Qt.KeyboardModifier.ShiftModifier, ALT):
        event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, _KEY.Key_Return, modifiers)
        event.accept()
        QApplication.sendEvent(view, event)
        assert not event.isAccepted()
    press(view, _KEY.Key_Return, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.code.text == "x"


def test_keys_pressed_while_loading_are_kept(make: Make, qtbot: QtBot) -> None:
    view = make("x = 1\n" * 20_000, loads=False)
    assert view.code.is_loading
    press(view, "ab")
    qtbot.waitUntil(lambda: not view.code.is_loading)
    assert view.code.lines[0] == "abx = 1"


def test_a_place_asked_for_while_loading_is_reached(make: Make, qtbot: QtBot) -> None:
    view = make("x = 1\n" * 20_000, loads=False)
    view.go_to(Place(15_000, 2))
    qtbot.waitUntil(lambda: view.place == Place(15_000, 2))


# --- folds ----------------------------------------------------------------------------------------------------------


def test_fold_hides_lines_and_the_caret_opens_them(make: Make) -> None:
    view = make("def f():\n    a\n    b\nc|")
    view.set_marks(Marks(folds=Folds.of([LineRange(0, 3)])))
    view.toggle_fold_at(0)
    document = view.document()
    assert [document.findBlockByNumber(line).isVisible() for line in range(4)] == [True, False, False, True]
    assert [block.blockNumber() for block, _rect in view.rows(view.viewport().rect().toRectF())] == [0, 3]
    view.set_place(Place(1, 0))
    assert document.findBlockByNumber(2).isVisible()


def test_folding_with_the_caret_inside_moves_it_out(make: Make) -> None:
    view = make("def f():\n    a|\n    b\nc")
    view.set_marks(Marks(folds=Folds.of([LineRange(0, 3)])))
    view.fold_at_caret()
    assert view.place == Place(0, 8)
    assert view.is_folded(0)
    view.unfold_at_caret()
    assert not view.is_folded(0)


def test_fold_all_and_back(make: Make) -> None:
    view = make("a:\n  1\nb:\n  2\nc|")
    view.set_marks(Marks(folds=Folds.of([LineRange(0, 2), LineRange(2, 4)])))
    view.folding.fold_all()
    assert view.is_folded(0)
    assert view.is_folded(2)
    view.folding.unfold_all()
    assert not view.is_folded(0)


def test_folds_follow_edits_above_them(make: Make) -> None:
    view = make("|x\ndef f():\n    a\n    b")
    view.set_marks(Marks(folds=Folds.of([LineRange(1, 4)])))
    press(view, _KEY.Key_Return, _KEY.Key_Return)
    assert view.marks().folds.at(3) == LineRange(3, 6)


# --- gutter, clipboard, marks ---------------------------------------------------------------------------------------


def test_gutter_says_what_its_marks_mean(make: Make, qtbot: QtBot) -> None:
    view = make("# %% a\nx\n|")
    marks = Marks((Cell(LineRange(0, 3), 1, 3, "python", "a"),), runs=(RunMark(0, "ok", "ok, 0.4 s"),))
    view.set_marks(marks)
    gutter = view.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    assert gutter.tip_at(0) == "ok, 0.4 s"
    with qtbot.waitSignal(view.cell_run_pressed) as pressed:
        QTest.mouseClick(gutter, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(8, 8))
    assert pressed.args == [0]


def test_copy_takes_hidden_text_along(make: Make) -> None:
    line = "x" * 50_000
    view = make(f"{line}\u202e|")
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == line + "\u202e"


def test_pasting_five_megabytes_keeps_every_character(make: Make, qtbot: QtBot) -> None:
    view = make("a|b")
    block = "".join(f"line {n}\n" for n in range(350_000))
    data = QMimeData()
    data.setText(block)
    view.insertFromMimeData(data)
    press(view, "x")
    qtbot.waitUntil(lambda: not view.code.is_busy, timeout=30_000)
    assert view.code.text == "a" + block + "xb"
    view.undo()
    view.undo()
    qtbot.waitUntil(lambda: not view.code.is_busy, timeout=30_000)
    assert view.code.text == "ab"
    view.redo()
    qtbot.waitUntil(lambda: not view.code.is_busy, timeout=30_000)
    assert view.code.text == "a" + block + "b"


def test_typing_over_a_long_selection_is_taken_back_in_two_steps(make: Make, qtbot: QtBot) -> None:
    source = "line of text\n" * 20_000
    view = make(source)
    view.selectAll()
    press(view, "x")
    qtbot.waitUntil(lambda: not view.code.is_busy)
    assert view.code.text == "x"
    view.undo()
    view.undo()
    qtbot.waitUntil(lambda: not view.code.is_busy)
    assert view.code.text == source


def test_a_change_after_a_long_undo_ends_the_redo(make: Make, qtbot: QtBot) -> None:
    view = make("|")
    data = QMimeData()
    data.setText("x\n" * 60_000)
    view.insertFromMimeData(data)
    view.undo()
    view.code.finish_loading()
    press(view, "a")
    view.redo()
    view.code.finish_loading()
    assert view.code.text == "a"
    view.undo()
    view.code.finish_loading()
    assert view.code.text == ""


def test_selecting_in_the_gutter_selects_whole_lines(make: Make, qtbot: QtBot) -> None:
    view = make("a\nb\nc|")
    gutter = view.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    y = int(view.code.line_height() * 1.5)
    QTest.mouseClick(gutter, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(gutter.width() // 2, y))
    assert view.selected_text == "b\n"


def test_everything_paints_in_every_state(make: Make) -> None:
    view = make("# %% a\nif (x):\n    y = '😀 שלום'\n\n    z\n|")
    view.set_marks(Marks((Cell(LineRange(0, 6), 1, 6, "python", "a"),), Folds.of([LineRange(1, 5)])))
    view.carets.add_vertical(-1)
    view.set_found({2: [(4, 3)]}, (2, 4, 3))
    assert not view.grab().isNull()
    view.set_place(Place(4, 2), anchor=Place(1, 1))
    assert not view.grab().isNull()
    view.toggle_fold_at(1)
    assert not view.grab().isNull()


def test_dropped_files_are_left_to_the_window(make: Make) -> None:
    view = make("a|")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/x.py")])
    data.setText("/somewhere/x.py")
    assert not view.canInsertFromMimeData(data)


KEYS = [
    *"ab ()[]{}'\"#:",
    _KEY.Key_Return, _KEY.Key_Tab, _KEY.Key_Backtab, _KEY.Key_Backspace, _KEY.Key_Delete, _KEY.Key_Left,
    _KEY.Key_Right, _KEY.Key_Up, _KEY.Key_Down, _KEY.Key_Home, _KEY.Key_End, _KEY.Key_PageDown, _KEY.Key_Escape,
]  # fmt: skip
ACTS: list[Callable[[CodeView], object]] = [
    lambda view: view.toggle_comment(),
    lambda view: view.move_lines(1),
    lambda view: view.move_lines(-1),
    lambda view: view.duplicate_lines(),
    lambda view: view.delete_lines(),
    lambda view: view.join_lines(),
    lambda view: view.indent(1),
    lambda view: view.indent(-1),
    lambda view: view.carets.add_vertical(1),
    lambda view: view.carets.add_next_occurrence(),
    lambda view: view.select_line(),
    lambda view: view.selectAll(),
    lambda view: view.undo(),
    lambda view: view.redo(),
    lambda view: view.insert("😀\n"),
    lambda view: view.insert("x" * 12_000),
    lambda view: view.fold_at_caret(),
    lambda view: view.folding.unfold_all(),
    lambda view: view.set_marks(Marks(folds=Folds.of([LineRange(0, len(view.code.lines))]))),
]


@pytest.mark.parametrize("seed", [*range(12), 166])
def test_a_monkey_never_parts_text_lines_and_announced_edits(make: Make, seed: int) -> None:
    randomly = random.Random(seed)
    view = make("def f(a):\n    return [a, 'b']\n\n# %% c\nx = 1\n", randomly.choice(("python", "r")))
    mirror = [view.code.text]
    view.code.edited.connect(lambda edit: mirror.append(edit.apply(mirror.pop())))
    for _ in range(150):
        if randomly.random() < 0.7:
            press(view, randomly.choice(KEYS))
        else:
            randomly.choice(ACTS)(view)
        assert view.code.text == mirror[0]
        assert view.document().blockCount() == len(view.code.lines)
    QApplication.processEvents()
    assert view.code.text == mirror[0]
    assert "\n".join(real_text(view.document().findBlockByNumber(n)) for n in range(len(view.code.lines))) == mirror[0]
