"""What the console shows for what a kernel says, and what it sends for what is typed."""

from __future__ import annotations

import base64
import sys

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPixmap, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication

from ide.core.runs import RunStatus
from ide.panes.console.lines import parse_link
from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession, message, stream


def body(rig: ConsoleRig) -> str:
    """The text below the banner."""
    return rig.text.split("\n\n", 1)[1]


def enter(rig: ConsoleRig, session: FakeSession, code: str) -> None:
    """Type code and play that the kernel takes it up."""
    rig.type(code + "\n")
    run = session.runs[-1]
    assert run.code == code
    session.execution_count += 1
    session.set_state("busy")
    session.say(session.input_of(run))
    rig.settle()


def finish(rig: ConsoleRig, session: FakeSession, status: str = "ok") -> None:
    """Play the end of the last run."""
    run = session.runs[-1]
    session.say(*session.end_of(run, status))
    session.set_run(run, RunStatus.OK)
    session.set_state("idle")
    rig.settle()


def test_no_client_of_qtconsole_is_ever_imported(rig: ConsoleRig) -> None:
    assert "qtconsole.rich_jupyter_widget" in sys.modules
    assert not {"qtconsole.client", "qtconsole.manager", "qtconsole.inprocess"} & set(sys.modules)


def test_typed_code_runs_and_its_output_stands_between_prompts(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    assert rig.view.is_executing
    value = {"execution_count": 1, "data": {"text/plain": "42"}, "metadata": {}}
    session.say(stream(session.runs[-1].id, "printed\n"), message("execute_result", session.runs[-1].id, value))
    finish(rig, session)
    assert body(rig) == "In [1]: x\nprinted\nOut[1]: 42\n\nIn [2]: "


def test_prompt_waits_for_reply_and_end_of_output_in_either_order(rig: ConsoleRig, session: FakeSession) -> None:
    for order in (0, 1):
        enter(rig, session, "x")
        run = session.runs[-1]
        reply, idle = session.end_of(run)
        first, second = (reply, idle) if order else (idle, reply)
        session.say(first)
        rig.settle()
        assert rig.view.is_executing
        session.say(stream(run.id, "late\n"), second)
        session.set_run(run, RunStatus.OK)
        rig.settle()
        assert rig.view.has_prompt
        assert "late\n" in rig.text


def test_incomplete_code_gets_a_line_with_indentation(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("for i in x:\nprint(i)")
    assert rig.view.input_code == "for i in x:\n    print(i)"
    assert session.runs == ()


def test_shift_enter_makes_a_line_in_whole_code(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("x = 1")
    rig.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    rig.type("y = 2")
    assert rig.view.input_code == "x = 1\ny = 2"
    rig.type("\n")
    assert session.runs[-1].code == "x = 1\ny = 2"


def test_kernel_decides_where_no_language_is_known(empty_rig: ConsoleRig) -> None:
    from ide.kernels.records import IsCompleteReply

    session = empty_rig.kernels.add(FakeSession("bash", "Bash"))
    empty_rig.show()
    empty_rig.wait(lambda: empty_rig.view.has_prompt)
    empty_rig.pane.focus()
    session.answers["is_complete"] = IsCompleteReply("incomplete", "  ")
    empty_rig.type("if true\n")
    empty_rig.wait(lambda: "\n" in empty_rig.view.input_code)
    assert empty_rig.view.input_code == "if true\n  "
    session.answers["is_complete"] = IsCompleteReply("complete")
    empty_rig.type("fi\n")
    empty_rig.wait(lambda: bool(session.runs))


def test_code_sent_from_the_editor_appears_in_order_as_if_typed(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("half")
    runs = [session.execute(f"cell_{number}\nsecond") for number in range(3)]
    for number, run in enumerate(runs):
        session.execution_count = number + 1
        session.say(session.input_of(run), stream(run.id, f"output {number}\n"), *session.end_of(run))
        session.set_run(run, RunStatus.OK)
    rig.settle()
    expected = "".join(f"In [{number + 1}]: cell_{number}\n   ...: second\noutput {number}\n\n" for number in range(3))
    assert body(rig) == expected + "In [4]: half"
    assert rig.view.input_code == "half"
    assert rig.view.caret_offset() == 4
    entries = rig.pane._histories.of("python").entries
    assert entries == tuple(f"cell_{number}\nsecond" for number in range(3))


def test_code_typed_behind_queued_code_appears_when_its_turn_comes(rig: ConsoleRig, session: FakeSession) -> None:
    queued = session.execute("queued")
    rig.type("typed\n")
    assert rig.view.input_code == ""
    typed = session.runs[-1]
    session.run_through(queued, stream(queued.id, "one\n"))
    session.run_through(typed, stream(typed.id, "two\n"))
    rig.settle()
    assert body(rig) == "In [1]: queued\none\n\nIn [2]: typed\ntwo\n\nIn [3]: "


def test_mixed_streams_keep_their_order(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    for number in range(50):
        session.say(stream(run, f"o{number}\n"), stream(run, f"e{number}\n", "stderr"))
    finish(rig, session)
    assert "".join(f"o{number}\ne{number}\n" for number in range(50)) in rig.text


def test_output_after_the_prompt_stands_above_it_and_typing_goes_on(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("half")
    session.say(stream("old", "late one\n"))
    rig.settle()
    rig.type(" done")
    session.say(stream("old", "late two\n"))
    rig.settle()
    assert rig.view.input_code == "half done"
    assert rig.text.index("late one") < rig.text.index("late two") < rig.text.index("In [1]:")


def test_flood_is_bounded_and_says_so(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.set_limits(500, 4000)
    enter(rig, session, "x")
    run = session.runs[-1].id
    for start in range(0, 100_000, 10_000):
        session.say(stream(run, "".join(f"line {number}\n" for number in range(start, start + 10_000))))
    finish(rig, session)
    assert rig.view.control.document().blockCount() <= 500 + 3
    assert "line 99999\n" in rig.text
    assert "100\u202f000 lines were printed; the console keeps the last 500." in rig.text


def test_long_line_is_folded_and_can_be_shown_whole(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    for _ in range(100):
        session.say(stream(run, "y" * 50_000))
    finish(rig, session)
    longest = max(map(len, rig.text.split("\n")))
    assert longest < 4400
    assert "more characters Show all" in rig.text
    text, found = rig.view.folded_text(1)
    assert found == run
    assert text == "y" * 5_000_000


def test_long_value_is_shown_in_slices_and_bounded(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    text = "\n".join(f"row {number}" for number in range(50_000))
    session.say(
        stream(run, "open"), message("execute_result", run, {"execution_count": 1, "data": {"text/plain": text}})
    )
    finish(rig, session)
    assert "row 49999\n" in rig.text
    assert rig.view.control.document().blockCount() <= 10_003
    assert "50\u202f001 lines were printed" in rig.text or "50\u202f000 lines were printed" in rig.text
    enter(rig, session, "y")
    data = {"data": {"text/plain": "z" * 30_000}, "metadata": {}}
    session.say(stream(run, "open"), message("display_data", session.runs[-1].id, data))
    finish(rig, session)
    assert "open\nzzz" in rig.text


def test_clear_output_leaves_only_what_follows(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    session.say(stream(run, "one\n"), message("clear_output", run, {"wait": False}), stream(run, "two\n"))
    rig.settle()
    assert "one" not in rig.text
    session.say(message("clear_output", run, {"wait": True}))
    rig.settle()
    assert "two" in rig.text
    session.say(stream(run, "three\n"))
    finish(rig, session)
    assert body(rig) == "In [1]: x\nthree\n\nIn [2]: "


def test_display_is_updated_in_place_also_later(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id

    def shown(text: str) -> dict[str, object]:
        return {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "d1"}}

    session.say(message("display_data", run, shown("old")), stream(run, "after\n"))
    finish(rig, session)
    session.say(message("update_display_data", "other", shown("new\nsecond")))
    rig.settle()
    assert body(rig) == "In [1]: x\nnew\nsecond\nafter\n\nIn [2]: "
    session.say(message("update_display_data", "other", shown("third")))
    rig.settle()
    assert body(rig) == "In [1]: x\nthird\nafter\n\nIn [2]: "


def test_progress_in_place_counts_one_line(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    for number in range(500):
        session.say(stream(run, f"\r{number}", "stderr"))
    rig.wait(lambda: "499" in rig.text)
    finish(rig, session)
    assert body(rig) == "In [1]: x\n499\n\nIn [2]: "


def test_input_is_answered_in_place_and_kept_out_of_history(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "name = input()")
    run = session.runs[-1].id
    session.say(message("input_request", run, {"prompt": "Who? ", "password": False}, channel="stdin"))
    rig.wait(lambda: rig.view.is_reading)
    rig.type("Ada\n")
    assert session.asked[-1] == ("answer_input", ("Ada",))
    session.say(stream(run, "hello\n"))
    finish(rig, session)
    assert body(rig) == "In [1]: name = input()\nWho? Ada\nhello\n\nIn [2]: "
    assert rig.pane._histories.of("python").entries == ("name = input()",)


def test_empty_question_is_answered_too(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "input()")
    run = session.runs[-1].id
    session.say(message("input_request", run, {"prompt": "", "password": False}, channel="stdin"))
    rig.wait(lambda: rig.view.is_reading)
    rig.type("ab")
    rig.key(Qt.Key.Key_Backspace)
    rig.type("c\n")
    assert session.asked[-1] == ("answer_input", ("ac",))


def test_password_is_masked_and_nowhere(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "getpass()")
    run = session.runs[-1].id
    session.say(message("input_request", run, {"prompt": "Password: ", "password": True}, channel="stdin"))
    session.set_state("waiting")
    rig.wait(rig.page.answer.isVisible)
    assert rig.page.answer.box.echoMode() == rig.page.answer.box.EchoMode.Password
    rig.page.answer.setFocus()
    rig.type("hunter2\n")
    assert session.asked[-1] == ("answer_input", ("hunter2",))
    finish(rig, session)
    assert "hunter2" not in rig.text
    assert "Password: ········" in rig.text
    assert rig.page.answer.box.text() == ""
    rig.pane.close()
    kept = (rig.folder / "history" / "python.jsonl").read_text()
    assert "hunter2" not in kept
    assert "getpass()" in kept


def test_error_has_links_that_open_the_editor(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    traceback = [
        "\x1b[31mKeyError\x1b[39m  Traceback",
        "\x1b[36mFile \x1b[39m\x1b[32m/tmp/analysis.py:7\x1b[39m",
        "KeyError: 'a'",
    ]
    session.say(message("error", run, {"ename": "KeyError", "evalue": "'a'", "traceback": traceback}))
    finish(rig, session, "error")
    anchors = set()
    block = rig.view.control.document().begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            if anchor := iterator.fragment().charFormat().anchorHref():
                anchors.add(anchor)
            iterator += 1
        block = block.next()
    assert {parse_link(anchor) for anchor in anchors} == {("place", "/tmp/analysis.py", 6)}
    rig.view.open_anchor(anchors.pop())
    assert rig.ran == [("file.open", {"path": "/tmp/analysis.py", "line": 6})]


def test_web_address_asks_before_it_opens(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.open_anchor("url:https://a.example/")
    assert [bar.notice.text for bar in rig.pane.notices.bars] == [
        "Open this address in the browser?\nhttps://a.example/"
    ]
    assert rig.ran == []


def test_picture_is_named_and_drawn_only_where_the_setting_says(rig: ConsoleRig, session: FakeSession) -> None:
    pixmap = QPixmap(30, 20)
    pixmap.fill(Qt.GlobalColor.red)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    shown = {"data": {"image/png": base64.b64encode(data.data()).decode(), "text/plain": "<Figure>"}, "metadata": {}}
    enter(rig, session, "x")
    session.say(message("display_data", session.runs[-1].id, shown))
    finish(rig, session)
    assert "Figure 1 is in Plots" in rig.text
    rig.view.shows_pictures = True
    enter(rig, session, "y")
    session.say(message("display_data", session.runs[-1].id, shown))
    finish(rig, session)
    assert "\N{OBJECT REPLACEMENT CHARACTER}" in rig.text
    assert not rig.window.grab().isNull()


def test_broken_picture_takes_nothing_down(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.shows_pictures = True
    enter(rig, session, "x")
    for mime, data in (("image/png", base64.b64encode(b"no").decode()), ("image/svg+xml", "<svg><rect")):
        session.say(message("display_data", session.runs[-1].id, {"data": {mime: data}, "metadata": {}}))
    finish(rig, session)
    rig.settle()
    assert rig.text.count("A picture that cannot be shown") == 2


def test_thousands_of_displays_are_all_there_in_order(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    run = session.runs[-1].id
    for number in range(2000):
        session.say(message("display_data", run, {"data": {"text/plain": f"object {number}"}, "metadata": {}}))
    finish(rig, session)
    rows = [row for row in rig.text.split("\n") if row.startswith("object ")]
    assert rows == [f"object {number}" for number in range(2000)]


def test_help_page_opens_beside_the_console(rig: ConsoleRig, session: FakeSession) -> None:
    from ide.panes.console.text_viewer import TextViewer

    enter(rig, session, "?mean")
    page = {"source": "page", "data": {"text/plain": "mean: Arithmetic Mean", "text/html": "<script>x</script>"}}
    session.say(*session.end_of(session.runs[-1], payload=(page,)))
    rig.settle()
    viewers = rig.window.findChildren(TextViewer)
    rig.wait(lambda: viewers[0].is_complete)
    assert [viewer.control.toPlainText() for viewer in viewers] == ["mean: Arithmetic Mean"]


def test_interrupt_by_escape_and_by_copy_key_without_selection(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    rig.key(Qt.Key.Key_Escape)
    rig.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert [what for what, _ in session.asked].count("interrupt") == 2


def test_aborted_code_says_that_it_was_not_run(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    session.say(message("execute_reply", session.runs[-1].id, {"status": "aborted"}, channel="shell"))
    session.say(message("status", session.runs[-1].id, {"execution_state": "idle"}))
    rig.settle()
    assert "was not run" in rig.text
    assert rig.view.has_prompt


def test_clear_keeps_what_is_being_typed(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    finish(rig, session)
    rig.type("half")
    rig.commands.run("console.clear")
    assert rig.text == "In [2]: half"
    rig.type(" more")
    assert rig.view.input_code == "half more"


def test_copy_code_leaves_prompts_and_output_out(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("def f():\nreturn 1\n\n")
    run = session.runs[-1]
    session.execution_count = 1
    session.say(session.input_of(run), stream(run.id, "In between\n"), *session.end_of(run))
    rig.settle()
    rig.commands.run("console.copy_code")
    assert QGuiApplication.clipboard().text().rstrip() == "def f():\n    return 1"


def test_copy_leaves_prompts_out_and_cut_leaves_output_alone(rig: ConsoleRig, session: FakeSession) -> None:
    run = session.execute("a = 1\nb = 2")
    session.run_through(run, stream(run.id, "printed\n"))
    rig.settle()
    before = rig.text
    rig.view.select_document()
    rig.view.control.cut()
    assert rig.text == before
    copied = QGuiApplication.clipboard().text()
    assert "a = 1\nb = 2\nprinted\n" in copied
    assert "In [" not in copied
    rig.view.copy_raw()
    assert "In [1]: a = 1\n   ...: b = 2" in QGuiApplication.clipboard().text()


def test_paste_goes_to_the_prompt_wherever_the_caret_is(rig: ConsoleRig, session: FakeSession) -> None:
    rig.type("x = ")
    rig.view.control.moveCursor(QTextCursor.MoveOperation.Start)
    QGuiApplication.clipboard().setText("[1,\n2]")
    rig.view.control.paste()
    assert rig.view.input_code == "x = [1,\n2]"
    rig.view.control.insertPlainText(" + y")
    assert rig.view.input_code == "x = [1,\n2] + y"


def test_copy_key_copies_a_selection_while_code_runs_and_interrupts_without_one(
    rig: ConsoleRig, session: FakeSession
) -> None:
    enter(rig, session, "slow")
    rig.view.control.setFocus()
    rig.view.select_document()
    rig.commands.run("console.copy_or_interrupt")
    assert ("interrupt", ()) not in session.asked
    assert "slow" in QGuiApplication.clipboard().text()
    rig.view.control.moveCursor(QTextCursor.MoveOperation.End)
    rig.commands.run("console.copy_or_interrupt")
    assert ("interrupt", ()) in session.asked


def test_language_of_the_console_is_known_to_keys(rig: ConsoleRig) -> None:
    assert rig.commands.context.get("console.language") == "python"
    rig.kernels.add(FakeSession("r", "R"))
    assert rig.commands.context.get("console.language") == "r"


def test_up_brings_back_what_was_entered_in_earlier_days(empty_rig: ConsoleRig) -> None:
    empty_rig.pane._histories.of("python").add("old = 1")
    empty_rig.kernels.add(FakeSession())
    empty_rig.show()
    empty_rig.wait(lambda: empty_rig.view.has_prompt)
    empty_rig.pane.focus()
    empty_rig.key(Qt.Key.Key_Up)
    assert empty_rig.view.input_code == "old = 1"


def test_typed_text_does_not_look_like_the_prompt(rig: ConsoleRig) -> None:
    rig.type("value")
    cursor = rig.view.control.document().find("value")
    assert not cursor.charFormat().fontWeight() > QFont.Weight.Normal
    assert cursor.charFormat().foreground().color() == QTextCharFormat().foreground().color()


def test_code_with_hidden_characters_says_so_when_it_runs(rig: ConsoleRig, session: FakeSession) -> None:
    run = session.execute("is_admin = 'user\u202e'")
    session.run_through(run)
    rig.settle()
    assert "characters that cannot be seen: U+202E." in rig.text
    assert session.runs[-1].code == "is_admin = 'user\u202e'"


def test_colours_follow_the_theme(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    session.say(stream(session.runs[-1].id, "\x1b[31mred\x1b[0m\n"))
    finish(rig, session)

    def color_of(text: str) -> str:
        cursor = rig.view.control.document().find(text)
        cursor.setPosition(cursor.selectionStart())
        cursor.movePosition(QTextCursor.MoveOperation.Right)
        return cursor.charFormat().foreground().color().name()

    light = color_of("red")
    assert light == rig.theme.color("ansi_red").name()
    rig.theme.set_choice("dark")
    rig.wait(lambda: color_of("red") == rig.theme.color("ansi_red").name())
    assert color_of("red") != light
    assert color_of("In [1]") == rig.theme.color("accent").name()


def test_code_that_ran_follows_the_theme(rig: ConsoleRig, session: FakeSession) -> None:
    run = session.execute("import os")
    session.run_through(run)
    rig.settle()

    def keyword_color() -> str:
        block = rig.view.control.document().find("import").block()
        ranges = block.layout().formats()
        return ranges[0].format.foreground().color().name()

    rig.wait(lambda: keyword_color() == rig.theme.color("keyword").name())
    rig.theme.set_choice("dark")
    rig.wait(lambda: keyword_color() == rig.theme.color("keyword").name())


def test_code_keeps_its_font_when_the_whole_window_is_zoomed(rig: ConsoleRig) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    font, sheet = application.font(), application.styleSheet()
    rig.theme.apply(application)
    try:
        rig.theme.set_zoom(1.5)
        QApplication.processEvents()
        assert rig.view.control.document().defaultFont().family() == rig.theme.font("code").family()
    finally:
        application.setStyleSheet(sheet)
        application.setFont(font)


def test_zoom_changes_the_font(rig: ConsoleRig) -> None:
    before = rig.view.control.document().defaultFont().pixelSize()
    rig.theme.set_zoom(2.0)
    assert rig.view.control.document().defaultFont().pixelSize() == 2 * before


def test_refused_code_stays_at_the_prompt(rig: ConsoleRig, session: FakeSession) -> None:
    session.refuses = True
    rig.type("x = 1\n")
    assert rig.view.input_code == "x = 1"
    assert len(rig.errors) == 1


def test_restart_is_told_and_counts_anew(rig: ConsoleRig, session: FakeSession) -> None:
    enter(rig, session, "x")
    session.set_state("restarting")
    rig.settle()
    session.execution_count = 0
    session.set_state("idle")
    rig.settle()
    assert "Python was restarted at" in rig.text
    assert rig.text.endswith("In [1]: ")
    assert rig.view.has_prompt
