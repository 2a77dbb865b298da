"""Output that changes after it was shown: updates of shown objects, cleared output, bars in place."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QTextCursor

from ide.core.outputs import Stream
from ide.core.runs import RunStatus
from ide.kernels.wire import Message
from ide.panes.console import output
from ide.panes.console.terminal import REACHABLE_LINES, Paint
from ide.panes.console.writer import Writer
from tests.fakes.console import ConsoleRig
from tests.fakes.pictures import png, png_display
from tests.fakes.session import FakeSession, message, stream


def body(rig: ConsoleRig) -> str:
    """The text below the banner."""
    return rig.text.split("\n\n", 1)[1]


def enter(rig: ConsoleRig, session: FakeSession, code: str) -> str:
    """Type code and play that the kernel takes it up; returns the run's id."""
    rig.type(code + "\n")
    session.execution_count += 1
    session.set_state("busy")
    session.say(session.input_of(session.runs[-1]))
    rig.settle()
    return session.runs[-1].id


def finish(rig: ConsoleRig, session: FakeSession) -> None:
    """Play the end of the last run."""
    session.say(*session.end_of(session.runs[-1]))
    session.set_run(session.runs[-1], RunStatus.OK)
    session.set_state("idle")
    rig.settle()


def shown(run: str, text: str, display: str = "d", *, is_update: bool = False, **data: str) -> Message:
    """An object that is shown, or its update."""
    kind = "update_display_data" if is_update else "display_data"
    bundle = {"text/plain": text, **{name.replace("_", "/"): value for name, value in data.items()}}
    return message(kind, run, {"data": bundle, "metadata": {}, "transient": {"display_id": display}})


@pytest.fixture
def paints(monkeypatch: pytest.MonkeyPatch) -> list[Paint]:
    """What is written into the console's document."""
    found: list[Paint] = []
    paint = Writer.paint

    def noting(writer: Writer, what: Paint) -> None:
        found.append(what)
        paint(writer, what)

    monkeypatch.setattr(Writer, "paint", noting)
    return found


def test_every_place_of_a_display_is_updated(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "old"), stream(run, "between\n"), shown(run, "old"), stream(run, "after\n"))
    rig.settle()
    session.say(shown(run, "new\nsecond", is_update=True))
    rig.settle()
    assert body(rig) == "In [1]: x\nnew\nsecond\nbetween\nnew\nsecond\nafter\n"
    session.say(shown(run, "third", is_update=True), stream(run, "end\n"))
    finish(rig, session)
    assert body(rig) == "In [1]: x\nthird\nbetween\nthird\nafter\nend\n\nIn [2]: "


def test_display_out_of_reach_of_the_section_is_updated(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "first"), stream(run, "row\n" * (2 * REACHABLE_LINES)), shown(run, "first"))
    rig.settle()
    session.say(stream(run, "bar 1%"), shown(run, "a\nb", is_update=True), stream(run, "\rbar 2%"))
    finish(rig, session)
    rows = "row\n" * (2 * REACHABLE_LINES)
    assert body(rig) == f"In [1]: x\na\nb\n{rows}a\nb\nbar 2%\n\nIn [2]: "


def test_update_of_a_display_that_scrolled_out_changes_nothing(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.set_limits(500, 4_000)
    run = enter(rig, session, "x")
    session.say(shown(run, "gone"), stream(run, "".join(f"{number}\n" for number in range(2_000))))
    rig.settle()
    before = rig.text
    session.say(shown(run, "back", is_update=True))
    rig.settle()
    assert rig.text == before


def test_update_after_a_clear_does_not_bring_it_back(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "old"))
    rig.settle()
    session.say(message("clear_output", run, {"wait": False}), stream(run, "kept\n"))
    rig.settle()
    session.say(shown(run, "new", is_update=True))
    finish(rig, session)
    assert body(rig) == "In [1]: x\nkept\n\nIn [2]: "


def test_empty_display_can_be_filled(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, ""), stream(run, "after\n"))
    finish(rig, session)
    session.say(shown(run, "filled", is_update=True))
    rig.settle()
    assert body(rig) == "In [1]: x\nfilled\nafter\n\nIn [2]: "


def test_update_is_not_undone_at_the_prompt(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "old"))
    finish(rig, session)
    session.say(shown(run, "new", is_update=True))
    rig.settle()
    rig.view.control.undo()
    assert "new\n" in rig.text


def test_table_is_updated_as_a_table(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "", text_html="<table><tr><td>one</td></tr></table>"))
    rig.settle()
    session.say(shown(run, "", is_update=True, text_html="<table><tr><td>two</td></tr></table>"))
    finish(rig, session)
    assert "two" in body(rig)
    assert "one" not in body(rig)


def test_of_many_updates_that_wait_one_is_painted(rig: ConsoleRig, session: FakeSession, paints: list[Paint]) -> None:
    run = enter(rig, session, "x")
    session.say(shown(run, "start"))
    rig.settle()
    paints.clear()
    session.say(*(shown(run, f"step {number}", is_update=True) for number in range(1_000)))
    rig.settle()
    assert "step 999\n" in rig.text
    assert len(paints) <= 2


def test_cleared_frames_that_wait_are_never_painted(rig: ConsoleRig, session: FakeSession, paints: list[Paint]) -> None:
    run = enter(rig, session, "x")
    paints.clear()
    frames: list[Message] = []
    for number in range(1_000):
        frames += [message("clear_output", run, {"wait": True}), shown(run, f"frame {number}", ""), stream(run, "p\n")]
    session.say(*frames)
    rig.settle()
    assert body(rig) == "In [1]: x\nframe 999\np\n"
    assert len(paints) <= 2


@pytest.mark.parametrize("frame", [lambda run: stream(run, "next\n"), lambda run: shown(run, "next", "")])
def test_clear_and_what_follows_are_one_change(
    rig: ConsoleRig,
    session: FakeSession,
    paints: list[Paint],
    monkeypatch: pytest.MonkeyPatch,
    frame: Callable[[str], Message],
) -> None:
    run = enter(rig, session, "x")
    session.say(stream(run, "before\n"))
    rig.settle()
    paints.clear()
    ticks = itertools.count(step=0.6 * output.SLICE_S)
    monkeypatch.setattr(output, "time", SimpleNamespace(perf_counter=ticks.__next__))  # time for one thing each turn
    session.say(message("clear_output", run, {"wait": True}), frame(run))
    rig.settle()
    assert body(rig) == "In [1]: x\nnext\n"
    assert [len(paint.lines) > 1 for paint in paints if paint.is_cleared] == [True]


def test_frames_of_an_animation_are_one_figure(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    for _ in range(5):
        picture = png_display(png(1, 1)).data
        session.say(
            message("display_data", run, {"data": picture, "metadata": {}}),
            message("clear_output", run, {"wait": True}),
        )
        rig.settle()
    finish(rig, session)
    assert body(rig) == "In [1]: x\nFigure 1 is in Plots\n\nIn [2]: "


def test_text_may_become_a_picture_and_text_again(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    data = png_display(png(1, 1)).data
    picture = {"data": data, "metadata": {}, "transient": {"display_id": "d"}}
    session.say(shown(run, "waiting"), message("display_data", run, {"data": data, "metadata": {}}))
    rig.settle()
    for _ in range(3):
        session.say(message("update_display_data", run, picture))
        rig.settle()
    assert body(rig) == "In [1]: x\nFigure 2 is in Plots\nFigure 1 is in Plots\n"
    session.say(shown(run, "done", is_update=True))
    rig.settle()
    assert body(rig) == "In [1]: x\ndone\nFigure 1 is in Plots\n"


def test_picture_in_the_console_is_updated(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.shows_pictures = True
    run = enter(rig, session, "x")
    for kind, rgb in (("display_data", (255, 0, 0)), ("update_display_data", (0, 0, 255))):
        picture = png_display(png(40, 40, rgb)).data
        session.say(message(kind, run, {"data": picture, "metadata": {}, "transient": {"display_id": "d"}}))
        rig.settle()
    shot = rig.view.control.grab().toImage()
    ratio = shot.devicePixelRatio()
    places = [(x, y) for x in range(0, int(shot.width() / ratio), 4) for y in range(0, int(shot.height() / ratio), 4)]
    colours = {shot.pixelColor(int(x * ratio), int(y * ratio)).name() for x, y in places}
    assert "#0000ff" in colours
    assert "#ff0000" not in colours


def test_bar_is_no_error_but_a_warning_beside_it_is_one(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(stream(run, "\r 10%|bar\nwarning\n", "stderr"), stream(run, "\r 20%|second", "stderr"))
    rig.settle()

    def color(text: str) -> str:
        cursor = rig.view.control.document().find(text)
        return cursor.charFormat().foreground().color().name()

    assert color("bar") == color("second") != color("warning")
    assert color("warning") == rig.theme.color("error").name()


def test_end_stays_in_sight_whatever_changes_above_it(rig: ConsoleRig, session: FakeSession) -> None:
    run = enter(rig, session, "x")
    session.say(stream(run, "".join(f"{number}\n" for number in range(100))))
    rig.settle()
    bar = rig.view.control.verticalScrollBar()
    rig.window.resize(700, 260)
    rig.wait(lambda: bar.value() == bar.maximum())
    session.say(stream(run, "more\n" * 5))
    rig.settle()
    assert bar.value() == bar.maximum()
    QTextCursor(rig.view.control.document()).insertText("\n" * 10)
    rig.settle()
    assert bar.value() == bar.maximum()
    bar.setValue(20)
    rig.window.resize(700, 200)
    rig.settle()
    session.say(stream(run, "more\n" * 5))
    rig.settle()
    assert bar.value() == 20


def test_bar_is_drawn_twenty_times_a_second_at_most(
    rig: ConsoleRig, session: FakeSession, paints: list[Paint], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = enter(rig, session, "x")
    session.say(stream(run, "0%"))
    rig.settle()
    paints.clear()
    now_s = time.perf_counter()
    monkeypatch.setattr(output, "time", SimpleNamespace(perf_counter=lambda: now_s))  # goes on as the test says
    for number in range(100_000):
        session.say(stream(run, f"\r{number}"))
        if not number % 1_000:
            now_s += 0.01
            rig.spin()
    # 100 frames of 10 ms: one second.
    assert len(paints) <= 21
    now_s += 1
    rig.settle()
    assert body(rig) == "In [1]: x\n99999"


def test_progress_is_on_the_tab_also_of_a_console_in_the_back(rig: ConsoleRig, session: FakeSession) -> None:
    rig.kernels.add(FakeSession())
    run = session.execute("x")
    session.run_changed.emit(run)
    session.output_arrived.emit(run, (Stream("stderr", "\r 40%|"),))
    assert [tab.share for tab in rig.pane.tabs.tabs] == [0.4, None]
    session.set_run(run, RunStatus.OK)
    assert [tab.share for tab in rig.pane.tabs.tabs] == [None, None]
