"""Words about a name in a console's code, under the mouse and at the caret; the session is a fake."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton

from ide.kernels.records import Answer
from ide.panes.console.hover import Pointed
from ide.settings import declared
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession, stream

MERGE = {"title": "merge(left)", "type_name": "function", "text": "Merge.", "package": "pandas", "version": "2.1"}


def point_at(rig: ConsoleRig, words: str) -> None:
    """Rest the mouse on the last of some words in the console."""
    control = rig.view.control
    cursor = control.textCursor()
    cursor.setPosition(control.toPlainText().rindex(words))
    at = control.cursorRect(cursor).center() + QPoint(3, 0)
    QApplication.sendEvent(control.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, control.viewport().mapToGlobal(at)))


def pointed(rig: ConsoleRig) -> Pointed | None:
    """What the card is about; None without one."""
    hover = rig.page.hover
    assert hover is not None
    return hover.pointed


def test_names_in_code_are_told_and_those_in_output_are_not(rig: ConsoleRig, session: FakeSession) -> None:
    session.answers["hover"] = Answer(MERGE)
    run = session.execute("x")
    session.run_through(run, stream(run.id, "the word plain\n"))
    rig.settle()
    point_at(rig, "plain")
    rig.type("a = pd.merge(b)")
    assert pointed(rig) is None
    point_at(rig, "erge")
    hover = rig.page.hover
    assert hover is not None
    assert hover.card.is_shown
    assert hover.card.words.plain == "merge(left)\nfunction · pandas 2.1\nMerge."
    assert pointed(rig) in (Pointed("a = pd.merge(b)", 8), Pointed("a = pd.merge(b)", 9))
    assert rig.view.control.hasFocus()
    rig.key(Qt.Key.Key_Escape)
    assert pointed(rig) is None
    assert rig.view.input_code == "a = pd.merge(b)"


def test_card_leads_to_the_page_and_the_key_gives_it_where_the_mouse_does_not(
    rig: ConsoleRig, session: FakeSession
) -> None:
    session.answers["hover"] = Answer(MERGE)
    rig.settings.set(declared.COMPLETION_HOVER, False)
    rig.type("merge")
    point_at(rig, "erge")
    assert pointed(rig) is None
    rig.commands.run("console.show_help")
    assert pointed(rig) == Pointed("merge", 5)
    asked: list[object] = []
    hover = rig.page.hover
    assert hover is not None
    rig.pane.help_wanted.connect(lambda _page, found: asked.append(found))
    hover.card.findChildren(QPushButton)[0].click()
    assert asked == [Pointed("merge", 5)]
    assert not hover.card.is_shown
