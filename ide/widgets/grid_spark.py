"""What a header shows of a column's values: a histogram or the most frequent value, and how much is missing."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter

from ide.core.table import ColumnProfile
from ide.core.text import with_unseen_shown
from ide.qt.theme import Theme
from ide.widgets.grid_heat import mixed

_STRIP = 3
_SEGMENTS = 5


def percent(share: float) -> str:
    """A share in words that never round to nothing or to everything."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{share:.0%}".replace("%", " %")


class Sparkline:
    """Draws profiles in one theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, rect: QRect, profile: ColumnProfile) -> None:
        """Histogram or top value in `rect`, the missing share as its hatched end."""
        if profile.problem or profile.rows_looked_at <= 0:
            return
        left = self._missing(painter, rect, profile.missing_share)
        if sum(profile.counts) > 0:
            self._histogram(painter, left, profile.counts)
        elif profile.top:
            self._top(painter, left, profile)

    def _missing(self, painter: QPainter, rect: QRect, share: float) -> QRect:
        """What is left of `rect` for the values."""
        if share <= 0:
            return rect
        px = self._theme.px
        font = self._theme.font("small")
        words = percent(share)
        wide = QFontMetrics(font).horizontalAdvance(words)
        hatched = max(px(4), round(rect.width() * share))
        hatched = min(hatched, rect.width())
        end = QRect(rect.right() - hatched + 1, rect.top(), hatched, rect.height())
        muted = self._theme.color("muted")
        painter.fillRect(end, QBrush(mixed(self._theme.color("header"), muted, 0.55), Qt.BrushStyle.BDiagPattern))
        painter.setFont(font)
        painter.setPen(muted)
        if hatched >= wide + px(6):
            place = QRect(end.right() - wide - px(5), end.top() + px(2), wide + px(6), end.height() - px(4))
            painter.fillRect(place, self._theme.color("header"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
            return QRect(rect.left(), rect.top(), max(0, rect.width() - hatched - px(3)), rect.height())
        place = QRect(end.left() - wide - px(3), end.top(), wide, end.height())
        if place.left() < rect.left() + px(8):
            return QRect(rect.left(), rect.top(), max(0, end.left() - rect.left() - px(3)), rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return QRect(rect.left(), rect.top(), max(0, place.left() - rect.left() - px(4)), rect.height())

    def _histogram(self, painter: QPainter, rect: QRect, counts: tuple[int, ...]) -> None:
        color = self._shade(0.6)
        most = max(counts)
        ground = rect.bottom() + 1
        for place, count in enumerate(counts):
            if not count:
                continue
            first = rect.left() + rect.width() * place // len(counts)
            end = rect.left() + rect.width() * (place + 1) // len(counts)
            high = max(1, round(rect.height() * count / most))
            painter.fillRect(first, ground - high, max(1, end - first - 1), high, color)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._shade(0.35))

    def _top(self, painter: QPainter, rect: QRect, profile: ColumnProfile) -> None:
        """The most frequent value in words, and shares of the first ones as a strip below."""
        px = self._theme.px
        present = max(1, profile.rows_looked_at - sum(one.count for one in profile.missing))
        x, high = rect.left(), px(_STRIP)
        for number, one in enumerate(profile.top[:_SEGMENTS]):
            wide = round(rect.width() * one.count / present)
            if wide < 1 or x + wide > rect.right() + 1:
                break
            painter.fillRect(x, rect.bottom() - high + 1, max(1, wide - 1), high, self._shade(0.8 - 0.15 * number))
            x += wide
        if x <= rect.right():
            painter.fillRect(x, rect.bottom(), rect.right() - x + 1, 1, self._shade(0.3))
        place = rect.adjusted(0, 0, 0, -px(_STRIP) - 1)
        first = profile.top[0]
        if first.count == 1 and present > 1:
            self._words(painter, place, "all different" if profile.is_exact else "hardly repeats", "")
        else:
            self._words(painter, place, with_unseen_shown(first.text[:80]) or "·", percent(first.count / present))

    def _words(self, painter: QPainter, rect: QRect, text: str, share: str) -> None:
        """`text` as far as there is room beside `share`."""
        font = self._theme.font("small")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        room = rect.width() - (metrics.horizontalAdvance(share) + self._theme.px(6) if share else 0)
        if room >= self._theme.px(16):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, share)

    def _shade(self, strength: float) -> QColor:
        return mixed(self._theme.color("header"), self._theme.color("accent"), strength)
