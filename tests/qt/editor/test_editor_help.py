"""Completion, call tips, definitions, problems and formatting, with the real helper of Python and fake sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from ide.core.ports import Cancel
from ide.core.table import Progress
from ide.core.text import Place
from ide.kernels.records import Answer, CompleteReply
from ide.panes.editor.analysis import Analysis
from ide.settings import declared
from tests.fakes.session import FakeSession
from tests.qt.editor.workplace import Workplace


def live(work: Workplace, language: str, method: str, result: dict[str, Any]) -> FakeSession:
    session = FakeSession(language)
    session.answers[method] = Answer(result)
    return work.kernels.add(session)


class WithoutAgent(FakeSession):
    """A session whose language has no agent."""

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: Callable[[Progress], None] | None = None,
    ) -> Cancel:
        done(Answer(None, error="gone"))
        return lambda: None


def column(name: str, first: int, end: int) -> dict[str, Any]:
    return {
        "text": name,
        "label": name,
        "kind": "column",
        "detail": "float64",
        "replace_first": first,
        "replace_end": end,
    }


def labels(work: Workplace) -> list[str]:
    return [item.label for item in work.page.assist.popup.items]


def test_live_names_come_before_static_ones_and_enter_accepts(work: Workplace) -> None:
    live(work, "python", "complete", {"items": [column("body_mass", 3, 3), column("bill", 3, 3)]})
    work.open("a.py", "df.\n")
    work.view.set_place(Place(0, 3))
    QTest.keyClicks(work.view, "b")
    work.until(lambda: labels(work) == ["body_mass", "bill"])
    QTest.keyClicks(work.view, "i")
    assert labels(work) == ["bill"]
    QTest.keyClick(work.view, Qt.Key.Key_Return)
    assert work.text == "df.bill\n"
    assert work.page.assist.popup.isHidden()


def test_escape_closes_the_list_and_keys_go_on(work: Workplace) -> None:
    live(work, "python", "complete", {"items": [column("alpha", 0, 1)]})
    work.open("a.py", "")
    QTest.keyClicks(work.view, "a")
    work.until(lambda: labels(work)[:1] == ["alpha"])  # static ones may follow at any time
    QTest.keyClick(work.view, Qt.Key.Key_Escape)
    QTest.keyClick(work.view, Qt.Key.Key_Return)
    assert work.text == "a\n"


def test_the_list_never_takes_the_keyboard(work: Workplace) -> None:
    live(work, "python", "complete", {"items": [column("alpha", 0, 1)]})
    work.open("a.py", "")
    work.view.setFocus()
    QTest.keyClicks(work.view, "a")
    work.until(lambda: bool(labels(work)))
    assert work.view.hasFocus()


def test_nothing_is_offered_in_comments_and_strings(work: Workplace) -> None:
    session = live(work, "python", "complete", {"items": [column("alpha", 2, 3)]})
    work.open("a.py", "# \n''")
    work.until(lambda: bool(work.view.document().firstBlock().layout().formats()))
    work.view.set_place(Place(0, 2))
    QTest.keyClicks(work.view, "a")
    work.qtbot.wait(200)
    assert ("ask", ("complete",)) not in [(kind, what[:1]) for kind, what in session.asked]
    assert labels(work) == []


def test_kernel_of_a_language_without_helper_completes(work: Workplace) -> None:
    session = WithoutAgent("r")
    session.answers["complete"] = cast(Any, CompleteReply(("mean", "median"), 0, 2))
    work.kernels.add(session)
    work.open("a.R", "")
    QTest.keyClicks(work.view, "me")
    work.until(lambda: labels(work) == ["mean", "median"])


def test_real_helper_completes_without_a_session(work: Workplace) -> None:
    work.open("a.py", "import collections\n\n")
    work.view.set_place(Place(1, 0))
    QTest.keyClicks(work.view, "collections.Ordered")
    work.until(lambda: "OrderedDict" in labels(work))
    QTest.keyClick(work.view, Qt.Key.Key_Tab)
    assert work.text == "import collections\ncollections.OrderedDict\n"


def test_real_helper_shows_the_call(work: Workplace) -> None:
    work.open("a.py", "def f(first, second=1):\n    pass\n\n")
    work.view.set_place(Place(2, 0))
    QTest.keyClicks(work.view, "f(1, ")
    tip = work.page.assist.tip
    work.until(lambda: not tip.isHidden() and "second=1" in tip.plain)
    QTest.keyClick(work.view, Qt.Key.Key_Down)
    work.until(tip.isHidden)


def test_definition_is_found_by_the_helper_and_without_one(work: Workplace) -> None:
    work.open("a.py", "x = 1\n\ndef f():\n    pass\n\nf()\n")
    work.view.set_place(Place(5, 0))
    work.run("edit.go_to_definition")
    work.until(lambda: work.view.place.line == 2)
    work.open("b.R", "f <- function(x) x\n\ny <- f(1)\n")
    work.view.set_place(Place(2, 5))
    work.run("edit.go_to_definition")
    assert work.view.place.line == 0


def test_definition_in_another_file_opens_it(work: Workplace) -> None:
    work.file("other.py", "x = 1\n\ndef helper():\n    pass\n")
    work.open("a.py", "from other import helper\nhelper()\n")
    work.view.set_place(Place(1, 2))
    work.run("edit.go_to_definition")
    work.until(lambda: work.page.document.title == "other.py")
    assert work.view.place.line == 2


def test_problems_are_marked_after_a_pause(work: Workplace) -> None:
    work.open("a.py", "")
    QTest.keyClicks(work.view, "import os")
    work.until(lambda: bool(work.view.marks().problems))
    assert "os" in work.view.marks().problems[0].message
    work.settings.set(declared.EDITOR_PROBLEMS_AS_YOU_TYPE, False)
    assert work.view.marks().problems == ()


def test_problems_of_r_come_from_its_session(work: Workplace) -> None:
    problem = {"start_line": 0, "start_column": 5, "end_line": 0, "end_column": 6, "message": "unexpected ')'"}
    live(work, "r", "parse", {"problems": [problem]})
    work.open("a.R", "x <- ")
    work.view.set_place(Place(0, 5))
    work.view.insert(")")
    work.until(lambda: bool(work.view.marks().problems))
    (found,) = work.view.marks().problems
    assert found.severity == "error"


def test_format_changes_only_what_it_must_and_is_one_undo(work: Workplace) -> None:
    document = work.open("a.py", "x=1\n\n\ny = 2\n")
    work.view.set_place(Place(3, 3))
    work.run("edit.format")
    work.until(lambda: work.text.startswith("x = 1"))
    assert work.view.place.column == 3
    assert document.text == work.text
    work.view.undo()
    assert work.text == "x=1\n\n\ny = 2\n"


def test_format_of_code_with_an_error_changes_nothing(work: Workplace) -> None:
    work.open("a.py", "x = (\n")
    work.run("edit.format")
    work.until(lambda: bool(work.errors))
    assert work.text == "x = (\n"


def test_format_on_save_formats_first(work: Workplace) -> None:
    work.settings.set(declared.EDITOR_FORMAT_ON_SAVE, True)
    document = work.open("a.py", "x=1\n")
    work.view.insert("y=2\n")
    work.run("file.save")
    work.until(lambda: not document.is_dirty)
    assert (work.folder / "a.py").read_text() == "y = 2\nx = 1\n"


def test_helper_starts_at_the_first_edit(work: Workplace) -> None:
    work.open("a.py", "x = 1\n")
    helpers = work.pane.checks.helpers
    assert all(not isinstance(helper, Analysis) or helper.starts == 0 for helper in helpers.values())
    QTest.keyClicks(work.view, "y")
    helper = helpers["python"]
    assert isinstance(helper, Analysis)
    assert helper.starts == 1


def test_inserts_of_r_follow_the_setting_of_the_pipe(work: Workplace) -> None:
    work.open("a.R", "x")
    work.view.set_place(Place(0, 1))
    work.view.setFocus()
    work.run("edit.insert_pipe")
    assert work.text == "x |> "
    work.run("edit.insert_assignment")
    assert work.text == "x |> <- "
    work.settings.set(declared.EDITOR_PIPE, "magrittr")
    work.run("edit.insert_pipe")
    assert work.text == "x |> <- %>% "


def test_hover_words_are_plain_text(work: Workplace) -> None:
    live(work, "python", "hover", {"title": "x", "type_name": "<b>int</b>", "preview": "1", "first": 0, "end": 1})
    work.open("a.py", "x\n")
    work.run("edit.show_help")
    card = work.page.assist.card
    work.until(lambda: card.is_shown)
    assert (card.words.about, card.words.value) == ("<b>int</b>", "1")
    assert "<b>int</b>" in [label.text() for label in card.findChildren(QLabel)]


def point_at(work: Workplace, place: Place) -> None:
    """Rest the mouse on a place, as Qt tells it to the view."""
    view = work.view
    cursor = view.textCursor()
    cursor.setPosition(view.code.position(place))
    at = view.cursorRect(cursor).center() + QPoint(3, 0)
    QTest.mouseMove(view.viewport(), at)
    QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at)))


MERGE = {
    "title": "merge(left, right)", "type_name": "function", "text": "Merge them.",
    "package": "pandas", "version": "2.1",
}  # fmt: skip


def test_name_under_the_mouse_is_told_without_taking_the_keyboard(work: Workplace) -> None:
    session = live(work, "python", "hover", MERGE)
    work.open("a.py", "x = merge(a)\n")
    work.view.setFocus()
    point_at(work, Place(0, 5))
    card = work.page.assist.card
    work.until(lambda: card.is_shown)
    assert card.words.plain == "merge(left, right)\nfunction · pandas 2.1\nMerge them."
    assert card.accessibleName() == card.words.plain
    assert [what[0] for kind, what in session.asked if kind == "ask"] == ["hover"]
    assert work.view.hasFocus()
    QTest.keyClick(work.view, Qt.Key.Key_Escape)
    assert not card.is_shown
    point_at(work, Place(0, 5))
    work.until(lambda: card.is_shown)
    QTest.keyClicks(work.view, "y")
    assert not card.is_shown
    assert work.text.startswith("yx")


def test_link_of_the_card_and_f1_mean_the_name_under_the_mouse(work: Workplace) -> None:
    live(work, "python", "hover", MERGE)
    work.open("a.py", "x = merge(a)\n")
    point_at(work, Place(0, 5))
    card = work.page.assist.card
    work.until(lambda: card.is_shown)
    hovered = work.page.assist.hovered
    assert hovered is not None
    assert hovered.place.column in (5, 6)
    asked: list[Any] = []
    work.pane.help_wanted.connect(asked.append)
    card.findChildren(QPushButton)[0].click()
    work.pane.help_wanted.disconnect(asked.append)
    assert asked == [hovered]
    assert work.page.assist.hovered is None


def test_helper_answers_while_the_session_is_busy(work: Workplace) -> None:
    session = live(work, "python", "hover", MERGE)
    session.state = "busy"
    work.open("a.py", "def func(a):\n    'Do it.'\nfunc\n")
    point_at(work, Place(2, 2))
    card = work.page.assist.card
    work.until(lambda: card.is_shown)
    assert (card.words.title, card.words.text) == ("func(a)", "Do it.")
    assert session.asked == []


def test_words_under_the_mouse_can_be_switched_off_and_the_key_still_gives_them(work: Workplace) -> None:
    session = live(work, "python", "hover", MERGE)
    work.settings.set(declared.COMPLETION_HOVER, False)
    work.open("a.py", "merge\n")
    point_at(work, Place(0, 2))
    assert session.asked == []
    work.view.set_place(Place(0, 2))
    work.run("edit.show_help")
    work.until(lambda: work.page.assist.card.is_shown)
