"""The ground of a strip above or beside a pane's body: that of headers, with a line below."""

from __future__ import annotations

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ide.qt.theme import Theme


def paint_ground(strip: QWidget, theme: Theme) -> None:
    """Called in the strip's `paintEvent`."""
    painter = QPainter(strip)
    painter.fillRect(strip.rect(), theme.color("header"))
    painter.fillRect(0, strip.height() - 1, strip.width(), 1, theme.color("line"))
    painter.end()
