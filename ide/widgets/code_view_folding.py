"""Closes and opens folds by hiding blocks. Hidden blocks belong to the text, so all of its views fold alike."""

from __future__ import annotations

from collections.abc import Callable

from ide.core.text import LineRange
from ide.widgets.code_view_marks import Folds
from ide.widgets.code_view_text import CodeText


class Folding:
    """What is folded in one text."""

    def __init__(self, text: CodeText, folds: Callable[[], Folds]) -> None:
        self._text = text
        self._folds = folds

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
        for span in hidden:
            self._set_visible(span, False)
        self._announce(LineRange(0, count))

    def unfold_all(self) -> None:
        """Show everything."""
        self._show(LineRange(0, len(self._text.lines)), True)

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
