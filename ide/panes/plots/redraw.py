"""Has the plot in sight drawn anew by its kernel when it is shown at another size. Owns what is asked for and when.

Nothing is asked before the size rests, while the kernel is busy, or of a plot that was slow to draw unless the user
wants it; one request at a time, and an answer for a size that nobody wants any more is dropped. Until the new picture
is there the pane shows the old one, scaled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeVar

from ide.core.events import Signal
from ide.core.ports import After, Cancel
from ide.core.record import dataclass
from ide.kernels.records import Answer
from ide.kernels.session import Session
from ide.panes.plots.plot import Plot, too_much
from ide.panes.plots.rendering import GetSessions, picture_in

T = TypeVar("T")

REST_S: Final = 0.15
"""So long a size must stay what it is before a plot is drawn for it."""
SLOW_S: Final = 2.0
"""A plot that took longer is drawn again only when the user asks, where no setting says another limit."""
LIMIT_S: Final = 5.0
ASKED_LIMIT_S: Final = 60.0
"""How long drawing may take; the kernel stops it then."""
MOST_TRIES: Final = 2
"""A request can get lost: a kernel throws away what waits behind an error."""
KNOWN_MOST: Final = 5000
FORGET_S: Final = 2.0
"""Kernels are told what they need not keep at most so often."""

RedrawState = Literal["none", "fresh", "resting", "waiting", "drawing", "slow", "impossible"]
"""Of the plot in sight: nothing in sight; as it should be; its size still changes; its kernel is busy; on its way; only
when asked; not any more. For the last two `Redraw.words` says why."""

Redrawn = Callable[[int, str, bytes], None]
"""Number of a plot, MIME type and bytes of its new picture (`PlotsModel.redrawn`)."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a plot should be drawn for: device pixels, and how many of them an inch of text and lines takes."""

    width_px: int
    height_px: int
    dpi: float

    @property
    def inches(self) -> tuple[float, float]:
        """The same for a vector picture: the resolution does not matter to it."""
        return round(self.width_px / self.dpi, 2), round(self.height_px / self.dpi, 2)


class Redraw:
    """One plot in sight. UI thread, no Qt. `changed` tells of another `state` or other `words`.

    `slow_s` is asked each time how long a plot may take that is redrawn by itself; `offer` names the redrawing of one
    that takes longer, and is empty otherwise.
    """

    changed = Signal()

    def __init__(
        self, sessions: GetSessions, redrawn: Redrawn, after: After, slow_s: Callable[[], float] = lambda: SLOW_S
    ) -> None:
        self._slow_s = slow_s
        self._sessions = sessions
        self._redrawn = redrawn
        self._after = after
        self._plot: Plot | None = None
        self._size: Size | None = None
        self._session: Session | None = None
        self._rest: Cancel | None = None
        self._asked: tuple[Plot, Size] | None = None
        self._give_up: Cancel | None = None
        self._unneeded: dict[str, list[str]] = {}
        self._tell_soon: Cancel | None = None
        # By the agent's name of the figure, the oldest first.
        self._drawn_for: dict[str, Size] = {}
        self._took_ms: dict[str, int] = {}
        self._wanted: dict[str, bool] = {}
        self._problems: dict[str, str] = {}
        self._as_bitmap: dict[str, bool] = {}
        self._lost: dict[str, int] = {}
        self.state: RedrawState = "none"
        self.words = ""
        self.offer = ""

    def see(self, plot: Plot | None, size: Size) -> None:
        """This plot is in sight, with so much room; to be called at every change of either."""
        is_same = plot is not None and self._plot is not None and plot.figure == self._plot.figure
        self._plot = plot
        self._follow(plot)
        if is_same and size == self._size and self.state not in ("none", "resting"):
            self._go_on()
            return
        self._size = size
        self._stop_rest()
        if plot is None:
            self._tell("none")
            return
        self._rest = self._after(REST_S, self._on_rested)
        self._tell("resting")

    def redraw(self) -> None:
        """The user wants the plot in sight drawn at its size now, however long that takes."""
        if self._plot is not None:
            _note(self._wanted, self._plot.figure, True)
            self._problems.pop(self._plot.figure, None)
            self._lost.pop(self._plot.figure, None)
            self._drawn_for.pop(self._plot.figure, None)
            self._stop_rest()
            self._go_on(is_wanted=True)

    def forget(self, plots: Sequence[Plot]) -> None:
        """These will not be shown again: their kernels need not keep their figures."""
        for plot in plots:
            if plot.figure:
                self._unneeded.setdefault(plot.session, []).append(plot.figure)
        if self._unneeded and self._tell_soon is None:
            self._tell_soon = self._after(FORGET_S, self._tell_unneeded)

    def close(self) -> None:
        """Ask for nothing more."""
        self._stop_rest()
        if self._tell_soon is not None:
            self._tell_soon()
            self._tell_soon = None
        self._follow(None)
        if self._give_up is not None:
            self._give_up()
            self._give_up = None
        self._plot = self._asked = None

    # --- when

    def _follow(self, plot: Plot | None) -> None:
        session = None
        if plot is not None:
            session = next((each for each in self._sessions() if each.id == plot.session), None)
        if session is self._session:
            return
        if self._session is not None:
            self._session.state_changed.disconnect(self._on_state_changed)
        self._session = session
        if session is not None:
            session.state_changed.connect(self._on_state_changed)

    def _on_state_changed(self) -> None:
        if self._rest is None:
            self._go_on()

    def _on_rested(self) -> None:
        self._rest = None
        self._go_on()

    def _stop_rest(self) -> None:
        if self._rest is not None:
            self._rest()
            self._rest = None

    def _go_on(self, *, is_wanted: bool = False) -> None:
        """Do what the plot in sight needs now."""
        plot, size, session = self._plot, self._size, self._session
        if plot is None or size is None:
            self._tell("none")
        elif self._is_drawn_for(plot, size) and not is_wanted:
            self._tell("fresh")
        elif not plot.figure:
            self._tell("impossible", plot.problem)
        elif plot.figure in self._problems:
            self._tell("impossible", self._problems[plot.figure])
        elif session is None or session.state == "dead":
            self._tell("impossible", "The kernel that drew this plot has ended, so it is only scaled.")
        elif self._is_slow(plot):
            seconds = max(1, round(self._took_s(plot)))
            self._tell("slow", "Scaled, as drawing it takes long.", f"Redraw (about {seconds} s)")
        elif self._asked is not None:
            self._tell("drawing")
        elif session.state != "idle" or not session.has_agent:
            self._tell("waiting")
        else:
            self._ask(session, plot, size)

    def _is_drawn_for(self, plot: Plot, size: Size) -> bool:
        """Whether the picture has this size already, by us or from the start."""
        known = self._drawn_for.get(plot.figure) if plot.figure else None
        if known is None and plot.width_px and plot.height_px and plot.dpi:
            known = Size(plot.width_px, plot.height_px, plot.dpi)
        return known is not None and (known == size or (plot.is_vector and known.inches == size.inches))

    def _is_slow(self, plot: Plot) -> bool:
        return self._took_s(plot) > self._slow_s() and plot.figure not in self._wanted

    def _took_s(self, plot: Plot) -> float:
        return self._took_ms.get(plot.figure, plot.draw_ms) / 1000

    def _tell_unneeded(self) -> None:
        """Kernels that are busy hear it later, those that have gone not at all."""
        self._tell_soon = None
        told, self._unneeded = self._unneeded, {}
        for session in self._sessions():
            figures = told.get(session.id)
            if figures and session.state == "idle" and session.has_agent:
                session.ask("plots.forget", {"plots": figures}, _ignore)
            elif figures and session.state != "dead":
                self._unneeded[session.id] = figures
        if self._unneeded:
            self._tell_soon = self._after(FORGET_S, self._tell_unneeded)

    # --- asking

    def _ask(self, session: Session, plot: Plot, size: Size) -> None:
        limit_s = ASKED_LIMIT_S if plot.figure in self._wanted else max(LIMIT_S, 2 * self._slow_s())
        # One wish is one drawing: at the next size a slow plot is only scaled again.
        self._wanted.pop(plot.figure, None)
        is_svg = plot.is_vector and plot.figure not in self._as_bitmap
        params = {
            "plot": plot.figure,
            "width_px": size.width_px,
            "height_px": size.height_px,
            "dpi": size.dpi,
            "format": "svg" if is_svg else "png",
            "can_enlarge": False,
            "limit_s": limit_s,
        }
        self._asked = plot, size
        self._tell("drawing")
        self._give_up = session.ask("plots.render", params, self._on_answer, limit_s + 5)

    def _on_answer(self, answer: Answer) -> None:
        if self._asked is None:
            return
        plot, size = self._asked
        self._asked = self._give_up = None
        data = picture_in(answer)
        is_svg = answer.result is not None and answer.result.get("format") == "svg"
        if not data or answer.result is None:
            self._note_failure(plot.figure, answer)
        elif is_svg and too_much(data.decode(errors="replace")):
            _note(self._as_bitmap, plot.figure, True)
        else:
            took_ms = answer.result.get("draw_ms")
            _note(self._took_ms, plot.figure, took_ms if isinstance(took_ms, int) else 0)
            if size == self._size:
                _note(self._drawn_for, plot.figure, size)
                self._redrawn(plot.id, "image/svg+xml" if is_svg else "image/png", data)
        if self._rest is None:
            self._go_on()

    def _note_failure(self, figure: str, answer: Answer) -> None:
        """Why it is not asked for again. A kernel that has gone says so by its state."""
        error = answer.error or "Nothing came back."
        if answer.code == "timeout":
            _note(self._lost, figure, self._lost.get(figure, 0) + 1)
            error = "Its kernel did not answer." if self._lost[figure] >= MOST_TRIES else ""
        if error and answer.code != "gone":
            _note(self._problems, figure, f"This plot could not be redrawn, so it is only scaled. {error}")

    def _tell(self, state: RedrawState, words: str = "", offer: str = "") -> None:
        if (state, words, offer) != (self.state, self.words, self.offer):
            self.state, self.words, self.offer = state, words, offer
            self.changed.emit()


def _ignore(_answer: Answer) -> None:
    """Kernels bound what they keep by themselves, too."""


def _note(known: dict[str, T], figure: str, value: T) -> None:
    """Remember something of a figure, and of so many figures only."""
    known.pop(figure, None)
    known[figure] = value
    if len(known) > KNOWN_MOST:
        del known[next(iter(known))]
