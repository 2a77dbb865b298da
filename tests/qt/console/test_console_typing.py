"""Nothing typed is lost: before qtconsole's widget is there, during the swap, and while code runs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from ide.core.runs import RunStatus
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession


def starting(rig: ConsoleRig) -> FakeSession:
    session: FakeSession = rig.kernels.add(FakeSession())
    session.state = "starting"
    return session


def test_keys_before_during_and_after_the_swap_stand_at_the_prompt(empty_rig: ConsoleRig) -> None:
    session = starting(empty_rig)
    empty_rig.window.show()
    QTest.qWaitForWindowExposed(empty_rig.window)
    empty_rig.pane.focus()
    text = "value = some_function(1, 2)"
    typed = 0
    while empty_rig.page.view is None:
        if typed < 8:
            empty_rig.type(text[typed])
            typed += 1
        empty_rig.spin()
    for character in text[typed : typed + 6]:  # the widget is there, the kernel is not
        empty_rig.type(character)
    typed += 6
    session.set_state("idle")
    empty_rig.type(text[typed])
    typed += 1
    empty_rig.settle()
    empty_rig.wait(lambda: empty_rig.view.has_prompt)
    empty_rig.wait(lambda: not empty_rig.page.frame.isVisible())
    empty_rig.type(text[typed:])
    assert empty_rig.view.input_code == text


def test_caret_in_the_middle_is_handed_over(empty_rig: ConsoleRig) -> None:
    session = starting(empty_rig)
    empty_rig.show()
    empty_rig.pane.focus()
    empty_rig.type("f()")
    empty_rig.key(Qt.Key.Key_Left)
    session.set_state("idle")
    empty_rig.wait(lambda: empty_rig.view.has_prompt)
    empty_rig.wait(lambda: not empty_rig.page.frame.isVisible())
    empty_rig.type("x")
    assert empty_rig.view.input_code == "f(x)"


def test_several_lines_are_handed_over_with_their_caret(empty_rig: ConsoleRig) -> None:
    session = starting(empty_rig)
    empty_rig.show()
    empty_rig.pane.focus()
    empty_rig.type("for i in x:\n    ü(i)")
    empty_rig.key(Qt.Key.Key_Left)
    session.set_state("idle")
    empty_rig.wait(lambda: not empty_rig.page.frame.isVisible())
    empty_rig.type(", 2")
    assert empty_rig.view.input_code == "for i in x:\n    ü(i, 2)"


def test_whole_code_and_enter_runs_once_the_kernel_is_there(empty_rig: ConsoleRig) -> None:
    session = starting(empty_rig)
    empty_rig.window.show()
    empty_rig.pane.focus()
    empty_rig.type("x = 1\ny")
    assert [run.code for run in session.runs] == ["x = 1"]
    empty_rig.show()
    session.set_state("idle")
    session.run_through(session.runs[0])
    empty_rig.settle()
    empty_rig.wait(lambda: not empty_rig.page.frame.isVisible())
    assert "In [1]: x = 1" in empty_rig.text
    assert empty_rig.view.input_code == "y"


def test_keys_while_code_runs_wait_in_the_strip(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("slow\n")
    run = session.runs[-1]
    session.execution_count = 1
    session.set_state("busy")
    session.say(session.input_of(run))
    rig.settle()
    rig.type("next_")
    assert rig.page.frame.isVisible()
    rig.type("thing")
    session.say(*session.end_of(run))
    session.set_run(run, RunStatus.OK)
    session.set_state("idle")
    rig.settle()
    rig.wait(lambda: not rig.page.frame.isVisible())
    rig.type("!")
    assert rig.view.input_code == "next_thing!"


def test_paste_while_code_runs_waits_in_the_strip(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("slow\n")
    session.set_state("busy")
    session.say(session.input_of(session.runs[-1]))
    rig.settle()
    QGuiApplication.clipboard().setText("a = 1\nb = 2\n")
    rig.view.control.paste()
    assert rig.page.frame.code == "a = 1\nb = 2"


def test_typed_text_comes_through_several_queued_runs(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("ha")
    runs = [session.execute(f"cell {number}") for number in range(3)]
    session.set_state("busy")
    for number, run in enumerate(runs):
        session.execution_count = number + 1
        session.say(session.input_of(run))
        rig.settle()
        if number == 1:
            rig.type("lf")
        session.say(*session.end_of(run))
        session.set_run(run, RunStatus.OK)
        rig.settle()
    session.set_state("idle")
    rig.wait(lambda: not rig.page.frame.isVisible())
    assert rig.view.input_code == "half"


def test_death_keeps_what_was_typed(rig: ConsoleRig, session: FakeSession) -> None:
    from ide.kernels.records import DeathCause

    rig.type("keep me")
    session.set_state("dead", DeathCause("exit", "It ended by itself with exit code 3.", 3))
    rig.settle()
    assert "exit code 3" in rig.text
    assert rig.view.input_code == "keep me"
    session.set_state("restarting")
    session.set_state("idle")
    rig.settle()
    assert rig.view.input_code == "keep me"
