"""What a session is told of the console's width."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontMetricsF

from ide.kernels.records import Answer
from ide.panes.console.width import ConsoleWidth
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession


def told(session: FakeSession) -> list[int]:
    """Columns, in order."""
    params = [arguments for what, arguments in session.asked if what == "ask"]
    return [asked["columns"] for method, asked in params if method == "console.width" and isinstance(asked, dict)]


def answering(rig: ConsoleRig) -> FakeSession:
    """A session that takes what it is told, at its prompt."""
    session = FakeSession()
    session.answers["console.width"] = Answer({})
    rig.kernels.add(session)
    rig.show()
    rig.wait(lambda: rig.view.has_prompt and bool(told(session)))
    return session


def test_width_is_what_fits_and_follows_the_pane(empty_rig: ConsoleRig) -> None:
    session = answering(empty_rig)
    control = empty_rig.view.control
    (columns,) = told(session)
    character = QFontMetricsF(control.font()).horizontalAdvance("0")
    room = control.viewport().width() - 2 * control.document().documentMargin()
    assert columns * character <= room < (columns + 1) * character
    for width in (500, 480, 460):
        empty_rig.window.resize(width, 420)
    empty_rig.wait(lambda: len(told(session)) > 1)
    assert len(told(session)) == 2
    assert told(session)[1] < columns
    for state in ("busy", "idle"):
        session.set_state(state)
    assert len(told(session)) == 2


def test_larger_text_leaves_room_for_fewer(empty_rig: ConsoleRig) -> None:
    session = answering(empty_rig)
    empty_rig.theme.set_zoom(2.0)
    empty_rig.wait(lambda: len(told(session)) > 1)
    assert told(session)[1] < 0.6 * told(session)[0]


def test_kernel_that_starts_anew_is_told_again(empty_rig: ConsoleRig) -> None:
    session = answering(empty_rig)
    session.set_state("restarting")
    session.set_state("idle")
    assert len(told(session)) == 2


def test_kernel_that_does_not_answer_is_told_when_it_does(empty_rig: ConsoleRig) -> None:
    session = answering(empty_rig)
    session.is_answering = False
    session.set_state("busy")
    empty_rig.window.resize(500, 420)
    width = empty_rig.view.control.findChildren(ConsoleWidth)[0]
    calm = width.findChildren(QTimer)[0]
    empty_rig.wait(calm.isActive)
    empty_rig.wait(lambda: not calm.isActive())
    assert len(told(session)) == 1
    session.is_answering = True
    session.set_state("idle")
    empty_rig.wait(lambda: len(told(session)) == 2)
