"""One line about a plot: which it is, where it comes from, and what is to be known about the way it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme

HEIGHT_PX = 22
PAD_PX = 8
BETWEEN = " · "


class PlotLine(QWidget):
    """Muted parts, the last of which go where there is no room; before them a pin, behind them a remark.

    At the right it can offer something to do: `offer_taken` when the user does.
    """

    offer_taken = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._parts: tuple[str, ...] = ()
        self._remark = ""
        self._is_pinned = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.offer = QPushButton(self)
        self.offer.setProperty("link", "true")
        self.offer.setCursor(Qt.CursorShape.PointingHandCursor)
        self.offer.hide()
        self.offer.clicked.connect(self._on_offer_clicked)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def text(self) -> str:
        """What it says, the remark too."""
        return BETWEEN.join(part for part in (*self._parts, self._remark) if part)

    def say(self, parts: Sequence[str] = (), remark: str = "", *, is_pinned: bool = False, offer: str = "") -> None:
        """Say something else; the parts that matter most come first."""
        self._parts, self._remark, self._is_pinned = tuple(part for part in parts if part), remark, is_pinned
        self.setAccessibleName(f"{self.text}{', pinned' if is_pinned else ''}")
        self.setToolTip(self.text.replace("<", "‹"))  # Qt would take it for markup
        had_focus = self.offer.hasFocus()
        self.offer.setText(offer)
        self.offer.setVisible(bool(offer))
        if had_focus and not offer:
            self.setFocus()
        self._place_offer()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is offered stays at the right."""
        super().resizeEvent(event)
        self._place_offer()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Pin, text, sign, remark."""
        px = self._theme.px
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        painter.setFont(self._theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        left, right = float(px(PAD_PX)), float(self.width() - px(PAD_PX))
        if not self.offer.isHidden():
            right = float(self.offer.x() - px(PAD_PX))
        if self._is_pinned:
            self._sign(painter, "push-pin", "accent", left)
            left += px(20)
        remark_width = 0.0
        if self._remark:
            remark_width = min(metrics.horizontalAdvance(self._remark) + px(20), max(0.0, (right - left) * 0.6))
        room = right - left - remark_width - (px(12) if self._remark else 0)
        text = metrics.elidedText(self._fitting(metrics, room), Qt.TextElideMode.ElideRight, room)
        painter.setPen(self._theme.color("muted"))
        self._write(painter, text, left, room)
        if self._remark:
            start = left + min(room, metrics.horizontalAdvance(text)) + px(12)
            self._sign(painter, "info", "accent", start)
            words = metrics.elidedText(self._remark, Qt.TextElideMode.ElideRight, remark_width - px(20))
            painter.setPen(self._theme.color("text"))
            self._write(painter, words, start + px(20), remark_width)
        painter.end()

    def _fitting(self, metrics: QFontMetricsF, room: float) -> str:
        """As many of the parts as fit, but at least the first."""
        parts = list(self._parts)
        while len(parts) > 1 and metrics.horizontalAdvance(BETWEEN.join(parts)) > room:
            parts.pop()
        return BETWEEN.join(parts)

    def _write(self, painter: QPainter, text: str, left: float, room: float) -> None:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.drawText(round(left), 0, round(room) + 1, self.height(), flags, text)

    def _sign(self, painter: QPainter, name: str, role: str, left: float) -> None:
        side = self._theme.px(16)
        pixmap = self._icons.pixmap(name, role, QSize(side, side), self.devicePixelRatioF())
        painter.drawPixmap(round(left), (self.height() - side) // 2, pixmap)

    def _place_offer(self) -> None:
        width = min(self.offer.sizeHint().width(), self.width() // 2)
        self.offer.setGeometry(self.width() - width - self._theme.px(PAD_PX), 0, width, self.height())

    @Slot()
    def _on_offer_clicked(self) -> None:
        self.offer_taken.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT_PX))
        self.offer.setFont(self._theme.font("small"))
        self._place_offer()
        self.update()
