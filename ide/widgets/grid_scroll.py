"""One direction of scrolling over a length that may not fit into a scroll bar. Owns the offset, not the bar.

A bar counts in 32 bits, and styles multiply its values; 50 million rows at 200 % take 2.4e9 pixels. Past `BAR_MOST`
the bar counts in larger steps; what wheel and keys move is exact all the same.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QScrollBar

BAR_MOST = 2**26


class ScrollAxis:
    """Offset in pixels within `content` of which `page` are seen."""

    def __init__(self, bar: QScrollBar) -> None:
        self._bar = bar
        self.content = 0
        self.page = 0
        self.offset = 0

    @property
    def most(self) -> int:
        """The largest offset."""
        return max(0, self.content - self.page)

    def resize(self, content: int, page: int, step: int) -> None:
        """Other lengths; the offset stays where that is possible. `step` is one click's worth of pixels."""
        self.content, self.page = content, max(0, page)
        self.offset = min(self.offset, self.most)
        with QSignalBlocker(self._bar):
            scale = self._scale()
            self._bar.setRange(0, round(self.most / scale))
            self._bar.setPageStep(max(1, round(self.page / scale)))
            self._bar.setSingleStep(max(1, round(step / scale)))
            self._bar.setValue(round(self.offset / scale))

    def move_to(self, offset: int) -> bool:
        """Show `offset` first; whether that is another place."""
        wanted = min(max(offset, 0), self.most)
        if wanted == self.offset:
            return False
        self.offset = wanted
        with QSignalBlocker(self._bar):
            self._bar.setValue(round(wanted / self._scale()))
        return True

    def follow_bar(self) -> bool:
        """The bar was moved; whether that is another place."""
        value, end = self._bar.value(), self._bar.maximum()
        wanted = self.most if value == end else min(self.most, round(value * self._scale()))
        is_other = wanted != self.offset
        self.offset = wanted
        return is_other

    def show(self, start: int, end: int) -> bool:
        """Bring pixels `start` to `end` into sight with the least movement; whether anything moved."""
        if start < self.offset or end - start > self.page:
            return self.move_to(start)
        return self.move_to(end - self.page) if end > self.offset + self.page else False

    def _scale(self) -> float:
        return max(1.0, self.most / BAR_MOST)
