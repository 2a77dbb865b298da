"""The strip at the left of a code view: line numbers, marks of problems and runs, arrows of folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.code_view_marks import Marks
from ide.widgets.code_view_paint import PROBLEM_ROLES, RUN_ROLES, Row

PROBLEM_ICONS = {"error": "x-circle", "warning": "warning", "hint": "info"}
RUN_ICONS = {
    "queued": "circle",
    "running": "spinner-gap",
    "ok": "check-circle",
    "error": "x-circle",
    "interrupted": "prohibit",
    "died": "warning-circle",
}


class GutterSource(Protocol):
    """What a gutter asks of the view beside it."""

    def rows(self, area: QRectF) -> Sequence[Row]:
        """Visible blocks with their places."""

    def marks(self) -> Marks:
        """What is to be drawn."""

    def line_total(self) -> int:
        """How many lines there are, those that are still loading included."""

    def is_folded(self, line: int) -> bool:
        """Whether the fold that begins there is closed."""


class Gutter(QWidget):
    """Draws beside the rows of its view; pressing it is told by signals."""

    run_pressed = Signal(int)
    fold_pressed = Signal(int)
    line_pressed = Signal(int, bool)
    """Line; whether to extend the selection."""

    def __init__(self, view: QPlainTextEdit, source: GutterSource, theme: Theme, icons: Icons) -> None:
        super().__init__(view)
        self._view = view
        self._source = source
        self._theme = theme
        self._icons = icons
        self._hovered = -1
        self.shows_numbers = True
        self.setMouseTracking(True)
        self.setAccessibleName("Line numbers and marks")

    def wanted_width(self) -> int:
        """Pixels for the marks, the numbers and the arrows."""
        digits = max(3, len(str(self._source.line_total()))) if self.shows_numbers else 0
        numbers = digits * self._metrics().horizontalAdvance("9")
        return self._mark_width() + numbers + self._arrow_width() + self._theme.px(4)

    def sizeHint(self) -> QSize:
        """As wide as it needs."""
        return QSize(self.wanted_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Only the rows that are asked for."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("pane"))
        marks = self._source.marks()
        caret = self._view.textCursor().blockNumber()
        cell = marks.cell_at(caret)
        font = self._theme.font("code")
        font.setPixelSize(max(8, font.pixelSize() - 1))
        painter.setFont(font)
        for block, rect in self._source.rows(QRectF(event.rect())):
            line = block.blockNumber()
            if cell is not None and line in cell.lines and cell.kind == "code":
                bar = QRectF(0, rect.top(), self._theme.px(3), rect.height())
                painter.fillRect(bar, self._theme.color("accent"))
            self._draw_mark(painter, rect, line, marks)
            if self.shows_numbers:
                painter.setPen(self._theme.color("text" if line == caret else "line_number"))
                right = self.width() - self._arrow_width() - self._theme.px(4)
                room = QRectF(0, rect.top(), right, self._row_height())
                painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line + 1))
            if marks.folds.at(line) is not None:
                self._draw_arrow(painter, rect, line)
        painter.end()

    def tip_at(self, line: int) -> str:
        """What the marks of a line say."""
        marks = self._source.marks()
        words = [f"{problem.severity.capitalize()}: {problem.message}" for problem in marks.problems_at(line)]
        if run := marks.run_at(line):
            words.append(run.words)
        cell = marks.cell_starting(line)
        if not words and cell is not None and cell.kind == "code":
            words.append("Run this cell")
        return "\n".join(words)

    # --- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Marks run, arrows fold, numbers select."""
        line = self._line_at(event.position().toPoint())
        if line < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        cell = self._source.marks().cell_starting(line)
        if x < self._mark_width() and cell is not None and cell.kind == "code":
            self.run_pressed.emit(line)
        elif x >= self.width() - self._arrow_width() and self._source.marks().folds.at(line) is not None:
            self.fold_pressed.emit(line)
        else:
            self.line_pressed.emit(line, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select lines by dragging; show what a mark says."""
        line = self._line_at(event.position().toPoint())
        if event.buttons() & Qt.MouseButton.LeftButton and line >= 0:
            self.line_pressed.emit(line, True)
        if line != self._hovered:
            self._hovered = line
            self.setToolTip(plain_tip(self.tip_at(line)) if line >= 0 else "")
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Belongs to the press."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls the text."""
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() - round(event.angleDelta().y() / 120 * 3))

    def leaveEvent(self, _event: object) -> None:
        """Nothing is hovered."""
        self._hovered = -1
        self.update()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _draw_mark(self, painter: QPainter, rect: QRectF, line: int, marks: Marks) -> None:
        run = marks.run_at(line)
        problems = marks.problems_at(line) if marks.problems else ()
        cell = marks.cell_starting(line)
        is_runnable = cell is not None and cell.kind == "code"
        if is_runnable and line == self._hovered:
            self._draw_icon(painter, rect, "play", "accent")
        elif run is not None:
            self._draw_icon(painter, rect, RUN_ICONS[run.state], RUN_ROLES[run.state])
        elif problems:
            severity = problems[0].severity
            self._draw_icon(painter, rect, PROBLEM_ICONS[severity], PROBLEM_ROLES[severity])
        elif is_runnable:
            self._draw_icon(painter, rect, "play", "muted")

    def _draw_icon(self, painter: QPainter, rect: QRectF, name: str, role: str) -> None:
        side = self._theme.px(14)
        top = round(rect.top() + (self._row_height() - side) / 2)
        self._icons.icon(name, role).paint(painter, QRect(self._theme.px(5), top, side, side))

    def _draw_arrow(self, painter: QPainter, rect: QRectF, line: int) -> None:
        side = self._theme.px(12)
        left = self.width() - self._arrow_width() + self._theme.px(1)
        top = round(rect.top() + (self._row_height() - side) / 2)
        is_folded = self._source.is_folded(line)
        role = "text" if is_folded or line == self._hovered else "muted"
        self._icons.icon("caret-right" if is_folded else "caret-down", role).paint(
            painter, QRect(left, top, side, side)
        )

    def _line_at(self, point: QPoint) -> int:
        for block, rect in self._source.rows(QRectF(0, point.y(), self.width(), 1)):
            if rect.top() <= point.y() < rect.bottom():
                return block.blockNumber()
        return -1

    def _row_height(self) -> float:
        return round(self._theme.font("code").pixelSize() * 1.45)

    def _mark_width(self) -> int:
        return self._theme.px(22)

    def _arrow_width(self) -> int:
        return self._theme.px(16)

    def _metrics(self) -> QFontMetrics:
        return self._view.fontMetrics()


def plain_tip(text: str) -> str:
    """Plain text for a tooltip, which would take text with tags in it for markup."""
    from html import escape

    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>" if text else ""
