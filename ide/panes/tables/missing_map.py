"""The map of missing values: a line for each column, with its share and a strip of all rows from left to right.

Owns which line has the ring and how far it is scrolled. Only lines in sight are painted, as one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from ide.panes.tables import figures
from ide.panes.tables.model import TableModel
from ide.panes.tables.words import column_name, number
from ide.qt.accessible import announce
from ide.qt.theme import Theme
from ide.tables.missing_survey import ColumnGaps
from ide.widgets.grid_heat import mixed
from ide.widgets.grid_scroll import ScrollAxis
from ide.widgets.viewport import give_viewport

LINE_PX: Final = 24


class MissingMap(QAbstractScrollArea):
    """Lines of columns: name, share, and a strip of all rows. `picked(index)`: the rows that lack it are wanted."""

    picked = Signal(int)

    def __init__(self, model: TableModel, theme: Theme) -> None:
        super().__init__()
        give_viewport(self)
        self._model = model
        self._theme = theme
        self.lines: tuple[ColumnGaps, ...] = ()
        self.row_count = 0
        self.current = 0
        """The line with the ring."""
        self._hovered = -1
        self._picture: tuple[tuple[object, ...], QImage] | None = None
        self._axis = ScrollAxis(self.verticalScrollBar())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Missing values by column")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_lines(self, lines: Sequence[ColumnGaps], row_count: int) -> None:
        """Other columns, or the same in another order."""
        self.lines, self.row_count = tuple(lines), row_count
        self.current = min(self.current, max(len(self.lines) - 1, 0))
        self._picture = None
        self.arrange()

    def arrange(self) -> None:
        """Everything that follows from sizes."""
        line = self._line_px()
        self._axis.resize(len(self.lines) * line, self.viewport().height() - self._head_px(), line)
        self._ask_names()
        self.viewport().update()

    def height_hint(self) -> int:
        """So high that no line is hidden."""
        return self._head_px() + len(self.lines) * self._line_px()

    @property
    def places_in_sight(self) -> range:
        """Of lines of which anything shows."""
        first = self._axis.offset // self._line_px()
        end = -(-(self._axis.offset + self._axis.page) // self._line_px())
        return range(first, min(end, len(self.lines)))

    def line_rect(self, place: int) -> QRect:
        """A line in the viewport."""
        top = self._head_px() + place * self._line_px() - self._axis.offset
        return QRect(0, top, self.viewport().width(), self._line_px())

    def strip_rect(self, line: QRect) -> QRect:
        """The part of a line that stands for the rows."""
        px = self._theme.px
        left = line.left() + px(12) + self._name_px() + px(8) + px(48) + px(8)
        return QRect(left, line.top() + px(3), max(line.right() - px(12) - left, 1), line.height() - px(6))

    def text_of(self, place: int) -> str:
        """A line in words."""
        one = self.lines[place]
        share = figures.share_text(one.count, one.rows_looked_at)
        return f"{self._name(one.column)}: {number(one.count)} missing, {share}"

    def _name(self, column: int) -> str:
        return column_name(self._model.pager.column(column), column)

    def _ask_names(self) -> None:
        for place in self.places_in_sight:
            self._model.pager.column(self.lines[place].column)

    def _line_px(self) -> int:
        return self._theme.px(LINE_PX)

    def _head_px(self) -> int:
        return self._theme.px(20)

    def _name_px(self) -> int:
        return max(self._theme.px(72), self.viewport().width() * 36 // 100)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lines, their strips as one picture, and above them what the strips mean."""
        painter, theme, px = QPainter(self.viewport()), self._theme, self._theme.px
        painter.fillRect(self.viewport().rect(), theme.color("pane"))
        small = theme.font("small")
        places = self.places_in_sight
        for place in places:
            self._paint_line(painter, place, small)
        if places:
            first, strip = self.line_rect(places.start), self.strip_rect(self.line_rect(places.start))
            image = self._image(places, strip.width())
            whole = QRect(strip.left(), first.top(), strip.width(), len(places) * self._line_px())
            painter.drawImage(whole, image)
            gap = px(3)
            for place in places:  # the lines of the picture touch each other: part them
                line = self.line_rect(place)
                for top in (line.top(), line.bottom() + 1 - gap):
                    painter.fillRect(strip.left(), top, strip.width(), gap, self._ground(place))
        head = QRect(0, 0, self.viewport().width(), self._head_px())
        painter.fillRect(head, theme.color("pane"))
        strip = self.strip_rect(head)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        words = f"rows 1 to {number(self.row_count)}"
        has_room = QFontMetrics(small).horizontalAdvance(words) <= strip.width()
        side = Qt.AlignmentFlag.AlignLeft if has_room else Qt.AlignmentFlag.AlignRight
        room = QRect(strip.left() if has_room else strip.left() - px(64), 0, 0, head.height())
        room.setRight(strip.right())
        painter.drawText(room, middle | side, words)
        painter.drawText(
            QRect(px(12), 0, self._name_px(), head.height()), middle | Qt.AlignmentFlag.AlignLeft, "Column"
        )
        painter.fillRect(0, head.bottom(), head.width(), 1, theme.color("line"))
        if self.hasFocus() and self.lines:
            painter.setPen(QPen(theme.color("accent"), px(2)))
            painter.drawRect(self.line_rect(self.current).adjusted(1, 1, -1, -1))
        painter.end()

    def _ground(self, place: int) -> QColor:
        return self._theme.color("hover" if place == self._hovered else "pane")

    def _paint_line(self, painter: QPainter, place: int, font: QFont) -> None:
        theme, px = self._theme, self._theme.px
        one, line = self.lines[place], self.line_rect(place)
        painter.fillRect(line, self._ground(place))
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = QRect(px(12), line.top(), self._name_px(), line.height())
        shown = metrics.elidedText(self._name(one.column), Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, middle | Qt.AlignmentFlag.AlignLeft, shown)
        share = QRect(name.right() + 1 + px(8), line.top() + px(3), px(48), line.height() - px(6))
        bar = QRect(share.left(), share.top(), round(share.width() * one.share), share.height())
        painter.fillRect(bar, mixed(theme.color("pane"), theme.color("accent"), 0.3))
        painter.setPen(theme.color("text" if one.count else "muted"))
        words = figures.share_text(one.count, one.rows_looked_at)
        painter.drawText(share.adjusted(0, 0, -px(4), 0), middle | Qt.AlignmentFlag.AlignRight, words)

    def _image(self, places: range, wide: int) -> QImage:
        """The strips in sight: a byte for each bucket of rows. Where there are more buckets than pixels, the worst of
        those that share one is shown, lest a few missing rows be lost."""
        key = (places, wide, self._theme.name)
        if self._picture is not None and self._picture[0] == key:
            return self._picture[1]
        strips = [_pooled(self.lines[place].shares, wide) for place in places]
        width = max(map(len, strips))
        data = b"".join(strip.ljust(width, b"\0") for strip in strips)
        image = QImage(data, width, len(strips), width, QImage.Format.Format_Indexed8).copy()
        ground, full = mixed(self._theme.color("pane"), self._theme.color("muted"), 0.12), self._theme.color("accent")
        # The least share is well seen: one missing value is what somebody looks for.
        image.setColorTable(
            [ground.rgb(), *(mixed(ground, full, 0.4 + 0.6 * step / 255).rgb() for step in range(1, 256))]
        )
        self._picture = (key, image)
        return image

    # ---- Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines are in sight."""
        super().resizeEvent(event)
        self.arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """The bar was moved."""
        if self._axis.follow_bar():
            self._ask_names()
            self.viewport().update()

    def place_at(self, point: QPoint) -> int:
        """The line at a point of the viewport, or -1."""
        if point.y() < self._head_px():
            return -1
        place = (point.y() - self._head_px() + self._axis.offset) // self._line_px()
        return place if place < len(self.lines) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The line under the pointer."""
        self._set_hovered(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """None."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def _set_hovered(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Its rows are wanted."""
        place = self.place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.current = place
            self.viewport().update()
            self.picked.emit(self.lines[place].column)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of lines, and of places in their strips."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.tip_at(event.pos())
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """What is told of a point."""
        place = self.place_at(point)
        if place < 0:
            return ""
        lines = [self.text_of(place)]
        one, strip = self.lines[place], self.strip_rect(self.line_rect(place))
        if one.shares and strip.left() <= point.x() <= strip.right():
            bucket = (point.x() - strip.left()) * len(one.shares) // strip.width()
            first = bucket * self.row_count // len(one.shares)
            end = max((bucket + 1) * self.row_count // len(one.shares), first + 1)
            share = figures.share_text(one.shares[bucket], 255)
            lines.append(f"Rows {number(first + 1)} to {number(end)}: {share} missing")
        return "\n".join((*lines, "Click: only the rows that lack it"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From line to line; Enter and Space filter."""
        page = max(1, self._axis.page // self._line_px() - 1)
        last = len(self.lines) - 1
        wanted = {
            Qt.Key.Key_Up: self.current - 1,
            Qt.Key.Key_Down: self.current + 1,
            Qt.Key.Key_PageUp: self.current - page,
            Qt.Key.Key_PageDown: self.current + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if wanted is not None and last >= 0:
            self.current = min(max(wanted, 0), last)
            self._axis.show(self.current * self._line_px(), (self.current + 1) * self._line_px())
            self._ask_names()
            self._tell()
            self.viewport().update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.picked.emit(self.lines[self.current].column)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring shows; a screen reader hears the line."""
        super().focusInEvent(event)
        self._tell()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _tell(self) -> None:
        words = self.text_of(self.current) if self.lines else ""
        self.setAccessibleDescription(words)
        if self.hasFocus():
            announce(self, words)


def _pooled(shares: bytes, wide: int) -> bytes:
    """No more than `wide` bytes, each the largest of those that it stands for."""
    count = len(shares)
    if count <= wide:
        return shares
    return bytes(
        max(shares[place * count // wide : max((place + 1) * count // wide, place * count // wide + 1)])
        for place in range(wide)
    )
