"""What jobs cost on each of the last days, as bars with their amounts. UI thread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ide.deploy.cost import money
from ide.qt.theme import Theme
from ide.qt.ties import connect


class CostChart(QWidget):
    """A line for each day: the day, a bar, the amount. Nothing is told by the bar alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._days: Mapping[str, float] = {}
        self._currency = ""
        self.setAccessibleName("Cost by day")
        connect(self, theme.changed, self._on_theme_changed)

    def show_days(self, days: Mapping[str, float], currency: str) -> None:
        """Show other days (UTC), the oldest first."""
        if (days, currency) != (self._days, self._currency):
            self._days, self._currency = days, currency
            told = "; ".join(f"{day} {money(amount, currency)}" for day, amount in days.items())
            self.setAccessibleDescription(told)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Qt asks."""
        px = self._theme.px
        return QSize(px(200), px(8) + px(24) * max(len(self._days), 1) + px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks."""
        px, color = self._theme.px, self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("ui"))
        metrics = painter.fontMetrics()
        amounts = [money(amount, self._currency) for amount in self._days.values()]
        words_width = metrics.horizontalAdvance("2026-00-00") + px(12)
        amount_width = max((metrics.horizontalAdvance(one) for one in amounts), default=0) + px(12)
        room = max(self.width() - words_width - amount_width - px(16), px(16))
        most = max(self._days.values(), default=0.0)
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, ((day, amount), told) in enumerate(zip(self._days.items(), amounts, strict=True)):
            top, height = px(8) + place * px(24), px(24)
            painter.setPen(color("muted"))
            painter.drawText(QRectF(px(8), top, words_width, height), middle | Qt.AlignmentFlag.AlignLeft, day)
            width = max(room * amount / most, px(2)) if most else 0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            bar = QRectF(px(8) + words_width, top + px(6), width, height - px(12))
            painter.drawRoundedRect(bar, px(2), px(2))
            painter.setPen(color("text"))
            beside = QRectF(bar.right() + px(8), top, amount_width, height)
            painter.drawText(beside, middle | Qt.AlignmentFlag.AlignLeft, told)
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
