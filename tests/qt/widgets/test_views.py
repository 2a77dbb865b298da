"""Empty state and difference view."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ide.widgets.diff_view import DiffView
from ide.widgets.empty_state import EmptyState
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed


def test_empty_state_says_what_comes_and_runs_the_example(parts: Parts, qtbot: QtBot) -> None:
    state = EmptyState(parts.theme, parts.icons, "Names appear here.", [("run", "ages = [31, 42] & more")], code=True)
    qtbot.addWidget(state)
    state.show()
    assert state.text == "Names appear here."
    assert state.buttons[0].accessibleName() == "ages = [31, 42] & more"
    assert unnamed(state) == []
    with qtbot.waitSignal(state.chosen) as heard:
        state.buttons[0].click()
    assert heard.args == ["run"]


def test_empty_state_with_focus_gives_it_to_the_example(parts: Parts, qtbot: QtBot) -> None:
    state = EmptyState(parts.theme, parts.icons, "Nothing.", [("a", "One"), ("b", "Two")])
    qtbot.addWidget(state)
    state.show()
    state.activateWindow()
    state.setFocus()
    qtbot.waitUntil(state.buttons[0].hasFocus)


def test_diff_view_compares_in_the_pool_and_sums_up(parts: Parts, qtbot: QtBot) -> None:
    view = DiffView(parts.theme, parts.tasks.run)
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show()
    view.compare("a\nb\nc", "a\nB\nc\nd", "On disk", "In the window")
    assert view.summary == "Comparing…"
    qtbot.waitUntil(lambda: view.summary == "1 line changed, 1 line added")
    assert view._old_text.toPlainText().split("\n")[1] == "2 ~ b"
    assert view._new_text.toPlainText().split("\n")[3] == "4 + d"
    assert unnamed(view) == []


def test_diff_view_in_one_column_marks_each_line(parts: Parts, qtbot: QtBot) -> None:
    view = DiffView(parts.theme, parts.tasks.run)
    qtbot.addWidget(view)
    view.show()
    view.compare("a\nb", "a\nB", "On disk", "In the window")
    qtbot.waitUntil(lambda: bool(view.rows))
    view._unified.click()
    assert view._new_text.toPlainText().split("\n") == ["1   a", "2 − b", "2 + B"]
    assert not view._old_half.isVisible()


def test_diff_view_shows_the_newer_comparison_only(parts: Parts, qtbot: QtBot) -> None:
    view = DiffView(parts.theme, parts.tasks.run)
    qtbot.addWidget(view)
    view.compare("a", "b", "Old", "New")
    view.compare("same", "same", "Old", "New")
    qtbot.waitUntil(lambda: view.summary == "The texts are the same.")
    qtbot.waitUntil(lambda: parts.tasks.open == ())
    assert view.summary == "The texts are the same."
