"""Closes and opens folds by hiding blocks. Hidden blocks belong to the text, so all of its views fold alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Slot

from ide.core.text import LineRange
from ide.widgets.code_view_long_edits import TURN_S
from ide.widgets.code_view_marks import Folds
from ide.widgets.code_view_text import CodeText

PIECE_LINES = 5_000
"""Lines that are hidden or shown in one turn of the event loop."""


class _Turns(QObject):
    """Does work that yields between pieces: the first pieces at once, the rest in later turns."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def start(self, work: Iterator[None]) -> None:
        """In place of what may still be under way."""
        self._work = work
        self._timer.start()
        self._turn()

    @Slot()
    def _turn(self) -> None:
        until_s = time.perf_counter() + TURN_S
        for _ in self._work:
            if time.perf_counter() > until_s:
                return
        self._timer.stop()


class Folding:
    """What is folded in one text."""

    def __init__(self, text: CodeText, folds: Callable[[], Folds]) -> None:
        self._text = text
        self._folds = folds
        self._turns = _Turns(text)

    def is_folded(self, line: int) -> bool:
        """Whether the line below is hidden while this one is shown."""
        block = self._text.document.findBlockByNumber(line)
        return block.isVisible() and block.next().isValid() and not block.next().isVisible()

    def toggle(self, line: int) -> None:
        """Close the fold that begins at `line`, or open what is hidden below it."""
        if self.is_folded(line):
            self._show(self._hidden_below(line), True)
        elif span := self._folds().at(line):
            self._show(LineRange(span.first + 1, span.end), False)

    def toggle_around(self, line: int) -> int:
        """Close the innermost fold around `line` (or open the one at it); answers the line where it begins."""
        if self.is_folded(line):
            self.toggle(line)
            return line
        folds = self._folds()
        for first in range(line, max(-1, line - 20_000), -1):
            span = folds.at(first)
            if span is not None and line in span:
                self.toggle(first)
                return first
        return line

    def fold_all(self) -> None:
        """Close every outermost fold."""
        line, folds = 0, self._folds()
        hidden: list[LineRange] = []
        count = len(self._text.lines)
        while line < count:
            span = folds.at(line)
            if span is not None:
                hidden.append(LineRange(span.first + 1, min(span.end, count)))
                line = span.end
            else:
                line += 1
        self._turns.start(self._each(hidden, False))

    def unfold_all(self) -> None:
        """Show everything."""
        count = len(self._text.lines)
        pieces = [LineRange(first, min(first + PIECE_LINES, count)) for first in range(0, count, PIECE_LINES)]
        self._turns.start(self._each(pieces, True))

    def _each(self, spans: list[LineRange], is_visible: bool) -> Iterator[None]:
        done = 0
        for span in spans:
            self._set_visible(span, is_visible)
            done += span.end - span.first
            if done >= PIECE_LINES:
                done = 0
                yield
        self._announce(LineRange(0, len(self._text.lines)))

    def reveal(self, line: int) -> None:
        """Open whatever hides `line`."""
        block = self._text.document.findBlockByNumber(line)
        if not block.isValid() or block.isVisible():
            return
        first = line
        while first > 0 and not self._text.document.findBlockByNumber(first - 1).isVisible():
            first -= 1
        self._show(self._hidden_below(first - 1), True)

    def _hidden_below(self, line: int) -> LineRange:
        block = self._text.document.findBlockByNumber(line).next()
        end = line + 1
        while block.isValid() and not block.isVisible():
            block = block.next()
            end += 1
        return LineRange(line + 1, end)

    def _show(self, span: LineRange, is_visible: bool) -> None:
        self._set_visible(span, is_visible)
        self._announce(span)

    def _set_visible(self, span: LineRange, is_visible: bool) -> None:
        block = self._text.document.findBlockByNumber(span.first)
        for _ in range(span.end - span.first):
            if not block.isValid():
                return
            if block.isVisible() != is_visible:
                block.setVisible(is_visible)
                block.setLineCount(max(1, block.layout().lineCount()) if is_visible else 0)
            block = block.next()

    def _announce(self, span: LineRange) -> None:
        document = self._text.document
        first = document.findBlockByNumber(span.first)
        last = document.findBlockByNumber(span.end - 1)
        if first.isValid() and last.isValid():
            document.markContentsDirty(first.position(), last.position() + last.length() - first.position())
        layout = document.documentLayout()
        layout.documentSizeChanged.emit(layout.documentSize())
