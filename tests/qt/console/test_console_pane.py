"""Tabs, notices, commands, find, history and completion of the pane."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from ide.core.environment import Environment
from ide.core.errors import KernelError
from ide.kernels.records import Answer, CompleteReply, DeathCause
from ide.panes.console.history_popup import HistoryPopup
from ide.panes.console.text_viewer import TextViewer, slices
from ide.panes.console.typing_frame import TypingFrame
from ide.widgets.empty_state import EmptyState
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession, stream


def keys(rig: ConsoleRig) -> list[str]:
    """The tabs that are there."""
    return [tab.key for tab in rig.pane.tabs.tabs]


def test_typing_before_the_first_session_is_kept_for_it(empty_rig: ConsoleRig) -> None:
    empty_rig.window.show()
    pane = empty_rig.pane
    pane.expect("python")
    assert pane.widget.findChildren(EmptyState)[0].isHidden()
    frame = pane.widget.findChildren(TypingFrame)[0]
    pane.focus()
    QTest.keyClicks(frame, "1 + 1")
    QTest.keyClick(frame, Qt.Key.Key_Return)
    QTest.keyClicks(frame, "and th")
    session = empty_rig.kernels.add(FakeSession())
    page = pane.page
    assert page is not None
    assert page.frame is frame
    assert frame.code == "and th"
    assert [run.code for run in session.runs] == ["1 + 1"]
    QTest.keyClicks(frame, "en")
    assert frame.code == "and then"


def test_typing_place_goes_where_no_session_comes(empty_rig: ConsoleRig) -> None:
    empty_rig.window.show()
    empty_rig.pane.expect("python")
    empty_rig.pane.expect("")
    assert empty_rig.pane.widget.findChildren(EmptyState)[0].isVisible()


def test_empty_pane_offers_each_language(empty_rig: ConsoleRig) -> None:
    empty_rig.window.show()
    (empty,) = empty_rig.pane.widget.findChildren(EmptyState)
    buttons = empty.buttons
    assert [button.text() for button in buttons] == ["Start Python", "Start R"]
    buttons[1].click()
    assert empty_rig.started == ["r"]


def test_new_console_is_like_the_one_in_use(rig: ConsoleRig) -> None:
    rig.kernels.add(FakeSession("r", "R"))
    rig.commands.run("session.start")
    rig.environments.append(Environment("e1", "My env", "python", "venv"))
    rig.commands.run("session.start", environment="e1")
    assert rig.started == ["r", rig.environments[0]]


def test_two_sessions_have_their_own_text_and_tab(rig: ConsoleRig, session: FakeSession) -> None:
    other = rig.kernels.add(FakeSession("r", "R 4.2"))
    rig.wait(lambda: rig.page.view is not None and rig.view.has_prompt)
    run = other.execute("y")
    other.run_through(run, stream(run.id, "from R\n"))
    first = session.execute("x")
    session.run_through(first, stream(first.id, "from Python\n"))
    rig.settle()
    assert "from R" in rig.text
    assert "from Python" not in rig.text
    rig.commands.run("console.next")
    rig.settle()
    assert "from Python" in rig.text
    assert "from R" not in rig.text
    assert [tab.badge for tab in rig.pane.tabs.tabs] == ["Py", "R"]


def test_rename_shows_on_the_tab(rig: ConsoleRig, session: FakeSession) -> None:
    rig.commands.run("session.rename", session=session.id, name="  model  fit ")
    assert session.name == "model fit"
    assert rig.pane.tabs.tabs[0].text == "model fit"


def test_closed_console_can_be_brought_back(rig: ConsoleRig, session: FakeSession) -> None:
    rig.commands.run("session.shut_down")
    assert keys(rig) == []
    assert rig.commands.is_enabled("session.bring_back")
    bar = rig.pane.notices.bars[0]
    bar.buttons[0].click()
    assert keys(rig) == [session.id]
    assert ("shut_down", ()) not in session.asked
    assert rig.view.has_prompt


def test_closed_console_ends_with_the_pane(rig: ConsoleRig, session: FakeSession) -> None:
    rig.commands.run("session.shut_down")
    rig.pane.close()
    assert ("shut_down", ()) in session.asked


def test_busy_console_asks_in_a_bar(rig: ConsoleRig, session: FakeSession) -> None:
    session.set_state("busy")
    rig.commands.run("session.shut_down")
    assert len(rig.pane.tabs.tabs) == 1
    assert ("shut_down", ()) not in session.asked
    rig.pane.notices.bars[0].buttons[0].click()
    assert ("shut_down", ()) in session.asked


def test_death_has_a_bar_with_restart_until_it_is_over(rig: ConsoleRig, session: FakeSession) -> None:
    session.set_state("dead", DeathCause("signal", "It was killed (SIGKILL).", None, "SIGKILL", stderr_lines=("why",)))
    rig.settle()
    bar = rig.pane.notices.bars[0]
    assert "SIGKILL" in bar.notice.text
    assert "why" in rig.text
    bar.buttons[0].click()
    assert ("restart", ()) in session.asked
    session.set_state("restarting")
    assert rig.pane.notices.bars == ()


def test_ignored_interrupt_has_a_bar_until_it_is_over(rig: ConsoleRig, session: FakeSession) -> None:
    session.set_state("interrupting")
    session.troubled.emit(KernelError("It has not stopped for 4 s."))
    assert rig.pane.notices.bars[0].notice.action == "session.kill"
    session.troubled.emit(None)
    assert rig.pane.notices.bars == ()


def test_kernel_of_an_earlier_window_is_announced(empty_rig: ConsoleRig) -> None:
    session = FakeSession(name="old one")
    session.is_attached = True
    empty_rig.kernels.add(session)
    assert "left behind by a window that ended" in empty_rig.pane.notices.bars[0].notice.text


def test_session_that_goes_takes_its_page_and_notices(rig: ConsoleRig, session: FakeSession) -> None:
    session.set_state("dead", DeathCause("exit", "It ended.", 1))
    rig.kernels.remove(session)
    assert rig.pane.page is None
    assert rig.pane.notices.bars == ()
    assert not rig.commands.is_enabled("console.clear")


def test_working_folder_is_shown_and_changed_by_code(rig: ConsoleRig, session: FakeSession) -> None:
    assert "project" in rig.page.folder.button.text()
    rig.commands.run("session.set_folder", folder="/data/new")
    assert "/data/new" in session.runs[-1].code


def test_find_counts_and_steps(rig: ConsoleRig, session: FakeSession) -> None:
    run = session.execute("x")
    session.run_through(run, stream(run.id, "needle\nhay\nNeedle\n"))
    rig.settle()
    rig.commands.run("console.find")
    rig.type("needle\n")
    assert rig.page.find_bar.count_text == "1 of 2"
    assert rig.view.control.textCursor().selectedText() == "needle"
    rig.key(Qt.Key.Key_Return)
    assert rig.view.control.textCursor().selectedText() == "Needle"
    rig.key(Qt.Key.Key_Escape)
    assert not rig.page.find_bar.isVisible()
    assert rig.view.control.extraSelections() == []


def test_history_search_puts_the_entry_at_the_prompt(rig: ConsoleRig) -> None:
    history = rig.pane._histories.of("python")
    for code in ("import pandas", "x = 1", "df.plot()\ndf"):
        history.add(code)
    rig.commands.run("console.history_search")
    popup = rig.page.findChild(HistoryPopup)
    assert popup is not None
    popup.box.setText("plot")
    assert popup.entries.count() == 1
    popup._choose()
    assert rig.view.input_code == "df.plot()\ndf"


def completion(text: str, first: int, end: int, *, kind: str = "column") -> dict[str, object]:
    return {"text": text, "label": text, "kind": kind, "detail": "", "replace_first": first, "replace_end": end}


def test_tab_completes_with_live_names(rig: ConsoleRig, session: FakeSession) -> None:
    items = [completion("species", 3, 5), completion("spread", 3, 5)]
    session.answers["complete"] = None
    session.answers["complete"] = Answer({"items": items, "is_exhaustive": True})
    rig.type("df.sp")
    rig.key(Qt.Key.Key_Tab)
    assert rig.page.completion is not None
    assert [item.label for item in rig.page.completion.items] == ["species", "spread"]
    rig.key(Qt.Key.Key_Down)
    rig.key(Qt.Key.Key_Return)
    assert rig.view.input_code == "df.spread"
    assert session.runs == ()


def test_single_completion_is_put_in_at_once(rig: ConsoleRig, session: FakeSession) -> None:
    session.answers["complete"] = Answer({"items": [completion("species", 3, 5)], "is_exhaustive": True})
    rig.type("df.sp")
    rig.key(Qt.Key.Key_Tab)
    assert rig.view.input_code == "df.species"


def test_kernel_completes_where_no_agent_answers(rig: ConsoleRig, session: FakeSession) -> None:
    class Kernel:
        """Answers only the kernel's own question."""

        def __init__(self) -> None:
            self.asked = 0

    reply = CompleteReply(("upper", "update"), 2, 4)
    kernel = Kernel()

    def complete(code: str, offset: int, done: object) -> object:
        kernel.asked += 1
        assert (code, offset) == ("x.up", 4)
        done(reply)  # type: ignore[operator]  # the console's own callback
        return lambda: None

    session.complete = complete  # type: ignore[method-assign, assignment]  # the fake answers by table otherwise
    rig.type("x.up")
    rig.key(Qt.Key.Key_Tab)
    assert rig.page.completion is not None
    assert kernel.asked == 1
    assert [item.label for item in rig.page.completion.items] == ["upper", "update"]
    rig.key(Qt.Key.Key_Escape)
    assert rig.page.completion.items == ()
    assert rig.view.input_code == "x.up"


def test_full_output_opens_in_a_window(rig: ConsoleRig, session: FakeSession, tmp_path: Path) -> None:
    file = tmp_path / "full.txt"
    file.write_text("all of it\n" + "z" * 5000)
    session.full_outputs["run9"] = file
    rig.view.open_anchor("full:run9")
    rig.wait(lambda: bool(rig.window.findChildren(TextViewer)))
    viewer = rig.window.findChildren(TextViewer)[0]
    rig.wait(lambda: viewer.is_complete)
    assert viewer.control.toPlainText().replace("\n", "") == "all of it" + "z" * 5000


def test_full_output_that_is_gone_is_said(rig: ConsoleRig) -> None:
    rig.view.open_anchor("full:unknown")
    rig.wait(lambda: bool(rig.errors))
    assert "not kept" in rig.errors[0].happened


def test_viewer_breaks_long_lines_and_loses_nothing() -> None:
    text = "a\n" + "b" * 5001 + "\n\nc"
    joined = "".join(slices(text))
    assert joined.replace("\n", "") == text.replace("\n", "")
    assert max(map(len, joined.split("\n"))) <= 2000


def test_every_control_has_a_name(rig: ConsoleRig) -> None:
    rig.commands.run("console.find")
    rig.page.answer.ask("Password:")
    widgets = [rig.view.control, rig.page.frame, rig.page.find_bar.box, rig.page.answer.box, rig.page.folder.button]
    for widget in widgets:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name), widget


def test_caret_of_completion_is_on_the_screen(rig: ConsoleRig) -> None:
    rig.type("abc")
    assert rig.view.control.rect().contains(
        QRect(rig.view.control.cursorRect().topLeft(), rig.view.control.cursorRect().size())
    )
