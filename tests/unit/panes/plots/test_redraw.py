"""When a plot is drawn anew by its kernel, for which size, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ide.core.outputs import Display
from ide.core.ports import Cancel
from ide.core.runs import Run
from ide.core.table import OnProgress
from ide.kernels.records import Answer
from ide.panes.plots.model import PlotsModel
from ide.panes.plots.plot import MAX_SVG_BYTES, Picture, Plot
from ide.panes.plots.redraw import ASKED_LIMIT_S, LIMIT_S, Redraw, Size
from tests.fakes.pane_session import PaneSession

SMALL = Size(640, 480, 96)
LARGE = Size(1000, 700, 96)
SHARP = Size(1280, 960, 192)


class Slow(PaneSession):
    """Answers when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: list[str] = []
        self.waiting: list[tuple[dict[str, Any], Callable[[Answer], None], float]] = []

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Kept."""
        if method == "plots.forget":
            self.forgotten.extend(params["plots"])
            return self.forgotten.clear
        assert method == "plots.render"
        self.waiting.append((params, done, timeout_s))
        return self.waiting.clear

    def draw(self, data: bytes = b"new", ms: int = 20) -> None:
        """The answer to the oldest request."""
        params, done, _timeout = self.waiting.pop(0)
        done(Answer({"format": params["format"], "width_px": 1, "height_px": 1, "draw_ms": ms}, (data,)))

    def refuse(self, code: str, words: str) -> None:
        """No picture."""
        self.waiting.pop(0)[1](Answer(None, error=words, code=code))


class Desk:
    """A Redraw, one session, and time that passes when the test says so."""

    def __init__(self) -> None:
        self.session = Slow()
        self.timers: list[Callable[[], None]] = []
        self.shown: list[tuple[int, str, bytes]] = []
        self.told: list[str] = []
        self.slow_s = 2.0
        self.redraw = Redraw(
            lambda: [self.session.as_session], lambda *new: self.shown.append(new), self.after, lambda: self.slow_s
        )
        self.redraw.changed.connect(self._note)

    def _note(self) -> None:
        self.told.append(self.redraw.state)

    def state(self) -> str:
        """Of the plot in sight."""
        return self.redraw.state

    def after(self, _delay_s: float, act: Callable[[], None]) -> Cancel:
        """Kept till `rest`."""
        self.timers.append(act)
        return lambda: self.timers.remove(act) if act in self.timers else None

    def rest(self) -> None:
        """The size does not change any more."""
        timers, self.timers = self.timers, []
        for act in timers:
            act()

    def plot(self, **more: Any) -> Plot:
        """A plot that was drawn for the small size."""
        plot = Plot(
            1, "image/png", Picture(b"old"), self.session.id, "r1", "plot()", None, 0.0, figure="f1", draw_ms=80
        )
        return replace(plot, **{"width_px": 640, "height_px": 480, "dpi": 96.0, **more})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_plot_of_the_right_size_is_left_alone(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), SMALL)
    desk.rest()
    assert (desk.state(), desk.session.waiting) == ("fresh", [])


def test_resized_plot_is_drawn_once_when_the_size_rests(desk: Desk) -> None:
    for width in range(700, 800, 10):
        desk.redraw.see(desk.plot(), Size(width, 480, 96))
    assert desk.session.waiting == []
    desk.rest()
    ((params, _done, timeout_s),) = desk.session.waiting
    assert (params["plot"], params["width_px"], params["height_px"], params["format"]) == ("f1", 790, 480, "png")
    assert params["limit_s"] == LIMIT_S < timeout_s
    desk.session.draw(b"wide")
    assert desk.shown == [(1, "image/png", b"wide")]
    desk.redraw.see(desk.plot(), Size(790, 480, 96))
    assert desk.state() == "fresh"
    assert desk.told == ["resting", "drawing", "fresh"]


def test_other_resolution_is_drawn_anew_but_not_a_vector_picture(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), SHARP)
    desk.rest()
    assert desk.session.waiting[0][0]["dpi"] == 192
    desk.session.draw()
    desk.redraw.see(desk.plot(mime="image/svg+xml", figure="f2"), SHARP)
    desk.rest()
    assert desk.state() == "fresh"
    desk.redraw.see(desk.plot(mime="image/svg+xml", figure="f2"), LARGE)
    desk.rest()
    assert desk.session.waiting[0][0]["format"] == "svg"
    desk.session.draw(b"<svg/>")
    assert desk.shown[-1] == (1, "image/svg+xml", b"<svg/>")


def test_svg_that_is_too_large_is_asked_for_as_a_bitmap(desk: Desk) -> None:
    desk.redraw.see(desk.plot(mime="image/svg+xml"), LARGE)
    desk.rest()
    desk.session.draw(b"<svg>" + b" " * MAX_SVG_BYTES)
    assert desk.session.waiting[0][0]["format"] == "png"
    desk.session.draw()
    assert desk.shown == [(1, "image/png", b"new")]


def test_answer_for_a_size_that_is_past_is_dropped_and_the_present_one_asked_for(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), LARGE)
    desk.rest()
    desk.redraw.see(desk.plot(), SHARP)
    desk.rest()
    assert len(desk.session.waiting) == 1
    desk.session.draw()
    assert desk.shown == []
    assert desk.session.waiting[0][0]["width_px"] == 1280
    desk.session.draw()
    assert len(desk.shown) == 1


def test_another_plot_in_sight_is_drawn_after_the_first(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), LARGE)
    desk.rest()
    desk.redraw.see(desk.plot(id=2, figure="f2"), LARGE)
    desk.rest()
    desk.session.draw(b"one")
    desk.session.draw(b"two")
    assert [(number, data) for number, _mime, data in desk.shown] == [(1, b"one"), (2, b"two")]
    assert desk.session.waiting == []


def test_busy_kernel_is_asked_when_it_is_idle(desk: Desk) -> None:
    desk.session.set_state("busy")
    desk.redraw.see(desk.plot(), LARGE)
    desk.rest()
    assert (desk.state(), desk.session.waiting) == ("waiting", [])
    desk.session.set_state("idle")
    assert desk.state() == "drawing"
    desk.session.draw()
    desk.session.set_state("busy")
    assert desk.state() == "fresh"


def test_slow_plot_is_drawn_only_when_asked_for(desk: Desk) -> None:
    desk.redraw.see(desk.plot(draw_ms=2300), LARGE)
    desk.rest()
    assert (desk.state(), desk.session.waiting) == ("slow", [])
    assert desk.redraw.offer == "Redraw (about 2 s)"
    desk.redraw.redraw()
    assert desk.session.waiting[0][0]["limit_s"] == ASKED_LIMIT_S
    desk.session.draw(ms=2400)
    assert len(desk.shown) == 1
    desk.redraw.see(desk.plot(draw_ms=2300), SHARP)
    desk.rest()
    assert desk.state() == "slow"
    desk.redraw.redraw()
    desk.session.draw(ms=100)
    desk.redraw.see(desk.plot(draw_ms=2300), LARGE)
    desk.rest()
    assert (desk.state(), desk.redraw.offer) == ("drawing", "")  # it is quick by now


def test_how_long_a_plot_may_take_is_asked_each_time(desk: Desk) -> None:
    desk.slow_s = 3.0
    desk.redraw.see(desk.plot(draw_ms=2300), LARGE)
    desk.rest()
    assert desk.state() == "drawing"
    desk.session.draw(ms=2300)
    desk.slow_s = 0.0
    desk.redraw.see(desk.plot(draw_ms=2300), SHARP)
    desk.rest()
    assert desk.state() == "slow"


def test_plot_that_fails_is_not_asked_for_again_unless_the_user_wants_it(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), LARGE)
    desk.rest()
    desk.session.refuse("failed", "ValueError: bad artist")
    assert desk.state() == "impossible"
    assert "bad artist" in desk.redraw.words
    desk.redraw.see(desk.plot(), SHARP)
    desk.rest()
    assert desk.session.waiting == []
    desk.redraw.redraw()
    desk.session.draw()
    assert desk.state() == "fresh"


def test_lost_request_is_sent_once_more(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), LARGE)
    desk.rest()
    desk.session.refuse("timeout", "timeout")
    assert desk.state() == "drawing"
    desk.session.refuse("timeout", "timeout")
    assert desk.state() == "impossible"
    assert "did not answer" in desk.redraw.words


def test_what_cannot_be_redrawn_says_why(desk: Desk) -> None:
    desk.redraw.see(desk.plot(figure="", width_px=0, problem="It cannot be copied."), LARGE)
    desk.rest()
    assert (desk.state(), desk.redraw.words) == ("impossible", "It cannot be copied.")
    desk.redraw.see(desk.plot(session="another", figure="f9"), LARGE)
    desk.rest()
    assert "has ended" in desk.redraw.words
    desk.redraw.see(desk.plot(), LARGE)
    desk.session.set_state("dead")
    desk.rest()
    assert (desk.state(), desk.session.waiting) == ("impossible", [])


def test_nothing_in_sight_asks_nothing_and_closing_leaves_no_timer(desk: Desk) -> None:
    desk.redraw.see(desk.plot(), LARGE)
    desk.redraw.see(None, LARGE)
    desk.rest()
    assert (desk.state(), desk.session.waiting) == ("none", [])
    desk.redraw.see(desk.plot(), LARGE)
    desk.redraw.close()
    assert desk.timers == []
    desk.session.set_state("busy")
    assert desk.session.waiting == []


def test_kernel_is_told_once_what_it_need_not_keep(desk: Desk) -> None:
    model = PlotsModel(2)
    model.forgotten.connect(desk.redraw.forget)
    for number in range(5):
        mark = {"plot": f"f{number}"}
        display = Display({"image/png": "aaaa"}, {"image/png": {"fourpane": mark}}, display_id="d")
        model.take(desk.session.id, Run("r1", desk.session.id, "plot()"), (display,))
    update = Display({"image/png": "aaaa"}, {"image/png": {"fourpane": {"plot": "f5"}}}, "d", is_update=True)
    model.take(desk.session.id, Run("r1", desk.session.id, "plot()"), (update,))
    desk.session.set_state("busy")
    desk.rest()
    assert desk.session.forgotten == []
    desk.session.set_state("idle")
    desk.rest()
    assert desk.session.forgotten == ["f0", "f1", "f2", "f4"]
    assert desk.timers == []


def test_deleted_plot_is_kept_as_long_as_it_can_come_back(desk: Desk) -> None:
    model = PlotsModel(100)
    model.forgotten.connect(desk.redraw.forget)
    display = Display({"image/png": "aaaa"}, {"image/png": {"fourpane": {"plot": "f0"}}})
    model.take(desk.session.id, Run("r1", desk.session.id, "plot()"), (display,))
    model.delete(0)
    desk.rest()
    assert desk.session.forgotten == []
