"""Paints what lies under and over the text of a code view. Owns no state: it is handed what to draw.

Selections are painted here too, for Qt's own would leave gaps between lines that are higher than their text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.language import Problem
from ide.core.record import dataclass, field
from ide.core.text import Place
from ide.qt.theme import Theme
from ide.widgets.code_view_marks import Marks, RunMark
from ide.widgets.code_view_text import CodeText

Row = tuple[QTextBlock, QRectF]
PROBLEM_ROLES = {"error": "error", "warning": "warning", "hint": "muted"}
RUN_ROLES = {
    "queued": "muted",
    "running": "accent",
    "ok": "done",
    "error": "error",
    "interrupted": "warning",
    "died": "error",
}
_GUIDE_LOOK = 60


@dataclass(slots=True)
class Painted:
    """What a view shows now beyond its text."""

    marks: Marks = field(default_factory=Marks)
    cursors: Sequence[QTextCursor] = ()
    """All carets, the main one first."""
    brackets: Sequence[Place] = ()
    found: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Line -> column and length of what the find bar found."""
    found_current: tuple[int, int, int] | None = None
    shows_guides: bool = True
    indent_columns: int = 4
    tab_width: int = 4
    is_caret_shown: bool = True


class CodePainter:
    """Draws rows of one view."""

    def __init__(self, view: QPlainTextEdit, text: CodeText, theme: Theme) -> None:
        self._view = view
        self._text = text
        self._theme = theme

    def under(self, painter: QPainter, rows: Sequence[Row], painted: Painted) -> None:
        """What lies behind the text."""
        caret = painted.cursors[0]
        width = self._view.viewport().width()
        cell = painted.marks.cell_at(caret.blockNumber())
        for block, rect in rows:
            line = block.blockNumber()
            full = QRectF(0, rect.top(), width, rect.height())
            if cell is not None and line in cell.lines and cell.kind == "code":
                painter.fillRect(full, self._theme.color("cell_current"))
            if line == caret.blockNumber() and not caret.hasSelection():
                painter.fillRect(full, self._theme.color("current_line"))
            if painted.shows_guides:
                self._guides(painter, block, rect, painted)
        self._ranges(painter, rows, painted)
        self._cell_lines(painter, rows, painted.marks)

    def over(self, painter: QPainter, rows: Sequence[Row], painted: Painted) -> None:
        """What lies on top of the text."""
        for block, rect in rows:
            line = block.blockNumber()
            for problem in painted.marks.problems_at(line) if painted.marks.problems else ():
                self._wave(painter, block, rect, problem)
            if run := painted.marks.run_at(line):
                self._run_words(painter, rect, run)
            if block.next().isValid() and not block.next().isVisible():
                self._folded_badge(painter, block, rect)
        if painted.is_caret_shown and rows:
            first, last = rows[0][0].position(), rows[-1][0].position() + rows[-1][0].length()
            for cursor in [one for one in painted.cursors[1:] if first <= one.position() < last]:
                rect = QRectF(self._view.cursorRect(cursor))
                painter.fillRect(
                    QRectF(rect.left(), rect.top(), self._theme.px(2), rect.height()), self._theme.color("accent")
                )

    # --- under -------------------------------------------------------------------------------------------------------

    def _ranges(self, painter: QPainter, rows: Sequence[Row], painted: Painted) -> None:
        role = "selection" if self._view.hasFocus() else "selection_inactive"
        spans = [(c.selectionStart(), c.selectionEnd()) for c in painted.cursors if c.hasSelection()]
        shown = (rows[0][0].position(), rows[-1][0].position() + rows[-1][0].length()) if rows else (0, 0)
        selected = [span for span in spans if span[0] < shown[1] and span[1] >= shown[0]]
        for block, rect in rows:
            line = block.blockNumber()
            for column, length in painted.found.get(line, ()):
                is_current = painted.found_current == (line, column, length)
                self._fill(painter, block, rect, column, length, "found_current" if is_current else "found")
            for start, end in selected:
                first, last = start - block.position(), end - block.position()
                if first < block.length() and last > 0:
                    self._fill_units(painter, block, rect, max(first, 0), last, role)
            for place in painted.brackets:
                if place.line == line:
                    self._fill(painter, block, rect, place.column, 1, "bracket")

    def _fill(self, painter: QPainter, block: QTextBlock, rect: QRectF, column: int, length: int, role: str) -> None:
        first = self._text.units(block, column)
        self._fill_units(painter, block, rect, first, self._text.units(block, column + length), role)

    def _fill_units(self, painter: QPainter, block: QTextBlock, rect: QRectF, first: int, end: int, role: str) -> None:
        color = self._theme.color(role)
        for part in self._parts(block, rect, first, end):
            painter.fillRect(part, color)

    def _parts(self, block: QTextBlock, rect: QRectF, first: int, end: int) -> Iterator[QRectF]:
        """The rectangles of the units `first` to `end` of a block; past its last one there is the line end."""
        layout = block.layout()
        height = self._text.line_height()
        length = block.length() - 1
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            start, stop = line.textStart(), line.textStart() + line.textLength()
            a, b = max(first, start), min(end, stop)
            top = rect.top() + number * height
            if a < b:
                if _is_bidirectional(block.text()):
                    spans = [(line.cursorToX(i), line.cursorToX(i + 1)) for i in range(a, b)]
                else:
                    spans = [(line.cursorToX(a), line.cursorToX(b))]
                for one, other in spans:
                    left, right = sorted((_x(one), _x(other)))
                    yield QRectF(rect.left() + left, top, right - left, height)
            if end > length and stop == length:
                yield QRectF(rect.left() + _x(line.cursorToX(length)), top, self._theme.px(4), height)

    def _guides(self, painter: QPainter, block: QTextBlock, rect: QRectF, painted: Painted) -> None:
        depth = self._depth(block, painted)
        step = painted.indent_columns
        if depth <= step:
            return
        advance = self._view.fontMetrics().horizontalAdvance(" ")
        left = rect.left() + self._view.document().documentMargin()
        painter.setPen(self._theme.color("indent_guide"))
        for column in range(step, depth, step):
            x = round(left + column * advance)
            painter.drawLine(x, int(rect.top()), x, int(rect.bottom()))

    def _depth(self, block: QTextBlock, painted: Painted) -> int:
        """Columns of indentation; a blank line has the lesser of its neighbours'."""
        text = block.text()
        if text.strip():
            return _columns(text, painted.tab_width)
        above, below = block.previous(), block.next()
        for _ in range(_GUIDE_LOOK):
            if above.isValid() and not above.text().strip():
                above = above.previous()
            if below.isValid() and not below.text().strip():
                below = below.next()
        texts = [near.text() for near in (above, below) if near.isValid()]
        return min((_columns(near, painted.tab_width) for near in texts), default=0) + 1

    def _cell_lines(self, painter: QPainter, rows: Sequence[Row], marks: Marks) -> None:
        if not marks.cells:
            return
        starts = {cell.lines.first for cell in marks.cells}
        painter.setPen(self._theme.color("cell_line"))
        for block, rect in rows:
            if block.blockNumber() in starts and block.blockNumber() > 0:
                painter.drawLine(QPointF(0, rect.top()), QPointF(self._view.viewport().width(), rect.top()))

    # --- over --------------------------------------------------------------------------------------------------------

    def _wave(self, painter: QPainter, block: QTextBlock, rect: QRectF, problem: Problem) -> None:
        line = block.blockNumber()
        first = problem.start.column if line == problem.start.line else 0
        end = problem.end.column if line == problem.end.line else len(self._text.lines[line])
        first = min(first, len(self._text.lines[line]))
        units = self._text.units(block, first), self._text.units(block, max(end, first))
        parts = list(self._parts(block, rect, *units)) or [self._point(block, rect, units[0])]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(PROBLEM_ROLES[problem.severity]), max(1.0, self._theme.zoom)))
        for part in parts:
            painter.drawPath(_wave_path(part, self._theme.px(2)))
        painter.restore()

    def _point(self, block: QTextBlock, rect: QRectF, units: int) -> QRectF:
        """Room for a wave where nothing is: at the end of a line."""
        line = block.layout().lineForTextPosition(units)
        x = _x(line.cursorToX(units)) if line.isValid() else 0.0
        return QRectF(rect.left() + x, rect.top(), self._theme.px(8), self._text.line_height())

    def _run_words(self, painter: QPainter, rect: QRectF, run: RunMark) -> None:
        painter.save()
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color(RUN_ROLES[run.state]))
        room = QRectF(0, rect.top(), self._view.viewport().width() - self._theme.px(12), self._text.line_height())
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        # A long line goes on below the words: they stand on the pane's own ground.
        ground = painter.boundingRect(room, end, run.words).adjusted(-self._theme.px(8), 0, self._theme.px(12), 0)
        painter.fillRect(ground, self._theme.color("pane"))
        painter.drawText(room, end, run.words)
        painter.restore()

    def _folded_badge(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        last = block.layout().lineAt(max(0, block.layout().lineCount() - 1))
        x = rect.left() + (_x(last.cursorToX(block.length() - 1)) if last.isValid() else 0) + self._theme.px(8)
        height = self._text.line_height()
        badge = QRectF(x, rect.bottom() - height * 0.8, self._theme.px(24), height * 0.6)
        painter.save()
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("header"))
        painter.drawRoundedRect(badge, self._theme.px(3), self._theme.px(3))
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.font("small"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, "…")
        painter.restore()


def _x(value: object) -> float:
    # PySide6 answers a float or, in some versions, a tuple of it and the cursor position.
    return float(value[0]) if isinstance(value, tuple) else float(value)  # type: ignore[arg-type]  # see above


def _columns(text: str, tab_width: int) -> int:
    lead = text[: len(text) - len(text.lstrip(" \t"))]
    return len(lead.expandtabs(tab_width))


def _is_bidirectional(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


def _wave_path(rect: QRectF, step: int) -> QPainterPath:
    path = QPainterPath()
    bottom = rect.bottom() - step
    x, up = rect.left(), True
    path.moveTo(x, bottom)
    while x < min(rect.right(), rect.left() + 4_000):
        x += step
        path.lineTo(x, bottom - (step if up else 0))
        up = not up
    return path
