"""A thin line that shows how far something is. Pure painting: owns no state."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ide.qt.theme import Theme

HEIGHT_PX = 2


def paint_share(painter: QPainter, theme: Theme, rect: QRect, share: float) -> None:
    """Fill the lower edge of `rect` from the left, as far as `share` (0 to 1) says, over a track of full width."""
    height = theme.px(HEIGHT_PX)
    track = QRect(rect.left(), rect.bottom() + 1 - height, rect.width(), height)
    painter.fillRect(track, theme.color("border"))
    track.setWidth(round(track.width() * min(max(share, 0.0), 1.0)))
    painter.fillRect(track, theme.color("accent"))
