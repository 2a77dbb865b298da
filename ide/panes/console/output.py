"""The way of output onto the screen: waits in the feed, becomes lines in the terminal, is painted by the writer.

Owns the order and the budget: one turn of the event loop shows output for `SLICE_S`, a progress bar is redrawn at most
20 times a second, a flood is cut to what the scrollback holds. Knows no kernel message.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.ports import RunInPool
from ide.core.record import replace
from ide.panes.console.feed import Feed, Shown, Skipped, Text
from ide.panes.console.lines import (
    PLAIN,
    Line,
    Style,
    link_style,
    link_to_full_output,
)
from ide.panes.console.looks import Looks
from ide.panes.console.render import TraceLinks, kept_note, skipped_note, with_places, with_urls
from ide.panes.console.terminal import Folded, Paint, Terminal
from ide.panes.console.writer import Writer
from ide.qt.theme import Theme

SLICE_S = 0.010
SLICE_LINES = 1_000
FLOOD_LINES_PER_S = 10_000
FLOOD_SLICE_LINES = 300
FLOOD_EVERY_S = 0.05
FLOOD_PAUSE_S = 0.25
"""In a flood, painting everything would only take time from the kernel: some lines are shown 20 times a second, what
does not fit the scrollback is skipped, and the rest is shown at once when the flood is over."""
REDRAW_EVERY_S = 0.05
FOLDED_KEPT_CHARACTERS = 32_000_000

# How the session says that it left text out before it came here (ide/kernels/floods.py).
_LEFT_OUT = re.compile(r" \.\.\. [\d,]+ more characters\Z|\.\.\. [\d,]+ characters are not shown \.\.\.\Z")


class Output(QObject):
    """All output of one console. `open_section` is called before text comes while no section is open.

    `say` gets the text that was painted, for screen readers, while one listens.
    """

    def __init__(
        self,
        control: QPlainTextEdit,
        looks: Looks,
        open_section: Callable[[], None],
        *,
        scrollback_lines: int,
        fold_characters: int,
        trace_links: TraceLinks | None,
        theme: Theme,
        run_in_pool: RunInPool,
    ) -> None:
        super().__init__(control)
        self.say: Callable[[str], None] | None = None
        self._control = control
        self._open_section = open_section
        self._trace_links = trace_links
        self.writer = Writer(control, looks, scrollback_lines, theme, run_in_pool)
        self._terminal = Terminal(self._keep_folded, fold_characters)
        self._feed = Feed(scrollback_lines)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._drain)
        self._is_open = False
        self._is_drawing = False
        self._last_redraw_s = 0.0
        self._rate = _Rate()
        self._is_paced = False
        self._run_id = ""
        self._breaks = 0
        self._folded: dict[int, Folded] = {}
        self._folded_of: dict[int, str] = {}
        self._next_folded = 1

    @property
    def is_settled(self) -> bool:
        """Whether all that came is shown."""
        return not self._feed and not self._terminal.is_dirty and self.writer.is_settled

    @property
    def waiting_lines(self) -> int:
        """Lines that wait to be shown; never more than the scrollback holds."""
        return self._feed.waiting_lines

    def set_limits(self, scrollback_lines: int, fold_characters: int) -> None:
        """Holds from the next output on."""
        self._feed.limit_lines = scrollback_lines
        self.writer.scrollback_lines = scrollback_lines
        self._terminal.fold_characters = fold_characters

    def add_text(self, run_id: str, text: str, style: Style) -> None:
        """Printed text, after all that waits."""
        self._feed.add_text(run_id, text, style)
        self._rate.add(text.count("\n"))

    def add(self, act: Callable[[], None]) -> None:
        """Do something once all before it is shown."""
        self._feed.add(act)
        self._rate.reset()

    def add_shown(self, run_id: str, act: Callable[[], None]) -> None:
        """Show something of a run once all before it is shown; a clear that comes sooner takes it away unseen."""
        self._feed.add_shown(run_id, act)
        self._rate.reset()

    def drop_output(self, run_id: str) -> None:
        """Forget what a run shows and waits."""
        self._feed.drop_output(run_id)

    def begin(self, position: int) -> None:
        """A new section, in the empty block at `position` of the document."""
        self._terminal.begin()
        self.writer.begin(position)
        self._is_open = True

    def end(self) -> None:
        """The section is over: a prompt follows. Later output asks for a new one."""
        if self._breaks > self._feed.limit_lines and self._is_open:
            self._terminal.put((kept_note(self._run_id, self._breaks, self._feed.limit_lines),))
        self._breaks = 0
        self.show_all()
        self._terminal.reset()
        self._is_open = False

    def clear_section(self) -> None:
        """clear_output."""
        if self._is_open:
            self._terminal.clear()

    def clear_all(self) -> None:
        """The document was cleared: one empty block is left."""
        self.writer.forget()
        self._terminal.begin()
        self.writer.begin(0)
        self._is_open = True

    def put(self, lines: Iterable[Line]) -> None:
        """Whole lines, at once and after all text shown so far."""
        self._ensure_open()
        self._terminal.put(lines)
        self.show_all()

    def start_line(self) -> None:
        """What follows begins on a line of its own."""
        self._ensure_open()
        self._terminal.put(())

    def print_now(self, text: str, style: Style = PLAIN) -> None:
        """Text at once, such as the prompt of an input request."""
        self._ensure_open()
        self._terminal.feed(text, style)
        self.show_all()

    def replace_display(self, display: str, lines: tuple[Line, ...]) -> None:
        """A shown object has another look now, wherever it was shown; nothing where it has scrolled out."""
        bar = self._control.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 1
        open_lines = 0
        if self._is_open:
            if self._terminal.replace_display(display, lines):
                self.show_all()
            open_lines = self._terminal.known_lines
        self.writer.replace_display(display, lines, open_lines)
        if is_at_end:
            bar.setValue(bar.maximum())

    def show_all(self) -> None:
        """Paint what the terminal holds. The feed keeps waiting."""
        while self._terminal.is_dirty:
            self._paint(SLICE_LINES)

    @Slot()
    def schedule(self) -> None:
        """Show what waits, soon."""
        if not self._timer.isActive() or (self._is_paced and not self._rate.is_flood):
            self._timer.start(0)

    def folded_text(self, key: int) -> tuple[str | None, str]:
        """The whole of a folded line as far as it came here (None where it is no longer kept), and its run."""
        folded = self._folded.get(key)
        run_id = self._folded_of.get(key, "")
        if folded is None or _LEFT_OUT.search(folded.parts[-1][-80:] if folded.parts else ""):
            return None, run_id
        return folded.text, run_id

    def recolor(self) -> None:
        """The theme changed."""
        self.writer.recolor()

    def close(self) -> None:
        """Show nothing more."""
        self._timer.stop()
        self._feed.clear()
        self.writer.close()

    def _ensure_open(self) -> None:
        if not self._is_open:
            self._open_section()

    @Slot()
    def _drain(self) -> None:
        """Show what waits, for a slice of a frame; the rest has its turn after the event loop had its own."""
        if self._is_drawing:
            return
        self._is_paced = self._rate.is_flood
        self._is_drawing = True
        try:
            self._drain_slice(time.perf_counter() + SLICE_S, FLOOD_SLICE_LINES if self._is_paced else 1 << 30)
        finally:
            self._is_drawing = False
        if self._is_paced:
            self._timer.start(round(1000 * FLOOD_EVERY_S))
        elif self._feed or (self._terminal.is_dirty and not self._terminal.only_redraws):
            self._timer.start(0)
        elif self._terminal.is_dirty:
            self._timer.start(max(1, round(1000 * (self._last_redraw_s + REDRAW_EVERY_S - time.perf_counter()))))

    def _drain_slice(self, deadline_s: float, most_lines: int) -> None:
        # A section that was just cleared is not painted empty while what comes in its place is here: it would flicker.
        while (
            most_lines > 0
            and (time.perf_counter() < deadline_s or self._terminal.is_emptied)
            and (item := self._feed.next(most_lines)) is not None
        ):
            if isinstance(item, Text):
                most_lines -= item.breaks + 1
                self._run_id = item.run_id
                self._breaks += item.breaks
                self._ensure_open()
                self._terminal.feed(item.text, item.style)
                is_much = item.breaks > SLICE_LINES // 4 or len(item.text) > 16_000
                if is_much and not self._terminal.only_redraws:
                    self._paint(SLICE_LINES)
            elif isinstance(item, Skipped):
                self._breaks += item.lines
                self._ensure_open()
                self._terminal.put((skipped_note(item.run_id, item.lines),))
            else:
                if not self._terminal.is_emptied:
                    self.show_all()
                act = item.act if isinstance(item, Shown) else item
                act()
        now_s = time.perf_counter()
        is_redraw = self._terminal.only_redraws
        if is_redraw and now_s - self._last_redraw_s < REDRAW_EVERY_S:
            return
        if is_redraw:
            self._last_redraw_s = now_s
        self._paint(SLICE_LINES)

    def _paint(self, most_lines: int) -> None:
        if not self._terminal.is_dirty:
            return
        paint = self._terminal.take(most_lines)
        bar = self._control.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 1
        if any(not isinstance(each, str) or "://" in each or each.endswith(_ENDS) for each in paint.lines):
            paint = Paint(paint.is_cleared, paint.rewind, tuple(self._linked(each) for each in paint.lines))
        self.writer.paint(paint)
        if self.say is not None and QAccessible.isActive():
            self.say("\n".join(each if isinstance(each, str) else each.text for each in paint.lines[-20:]))
        if is_at_end:
            bar.setValue(bar.maximum())

    def _linked(self, each: str | Line) -> str | Line:
        each = with_urls(each)
        if isinstance(each, Line) and self._trace_links is not None and each.spans and each.spans[0][1].role == "error":
            each = with_places((each,), self._trace_links)[0]
        text = each if isinstance(each, str) else each.text
        if text.endswith(_ENDS) and _LEFT_OUT.search(text):
            spans = ((text, PLAIN),) if isinstance(each, str) else each.spans
            whole = Line(spans) if isinstance(each, str) else each
            return replace(whole, spans=(*spans, (" Show all", link_style(link_to_full_output(self._run_id)))))
        return each

    def _keep_folded(self, folded: Folded) -> int:
        key = self._next_folded
        self._next_folded += 1
        self._folded[key] = folded
        self._folded_of[key] = self._run_id
        while len(self._folded) > 1 and sum(each.length for each in self._folded.values()) > FOLDED_KEPT_CHARACTERS:
            del self._folded[next(iter(self._folded))]
        if len(self._folded_of) > 10_000:
            del self._folded_of[next(iter(self._folded_of))]
        return key


class _Rate:
    """How fast lines come. Kernels send in bursts (ipykernel every 0.2 s), so that a flood has pauses."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """No flood: something else came."""
        self._since_s = 0.0
        self._lines = 0
        self._until_s = 0.0

    def add(self, lines: int) -> None:
        """So many lines came."""
        now_s = time.perf_counter()
        if now_s - self._since_s > FLOOD_EVERY_S:
            self._since_s, self._lines = now_s, 0
        self._lines += lines
        if self._lines > FLOOD_LINES_PER_S * FLOOD_EVERY_S:
            self._until_s = now_s + FLOOD_PAUSE_S

    @property
    def is_flood(self) -> bool:
        """Whether it is one now."""
        return time.perf_counter() < self._until_s


_ENDS = (" more characters", " characters are not shown ...")
