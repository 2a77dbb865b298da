"""Pictures of widgets at the device pixels of their screen. Owns nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget


def grab(widget: QWidget) -> QImage:
    """What `widget` shows now; its `devicePixelRatio` is that of the screen."""
    return widget.grab().toImage()


def grab_with_popup(widget: QWidget) -> QImage:
    """The same with the popup that is open over it: one of its own, a list to choose from or a menu."""
    image, popup = grab(widget), QApplication.activePopupWidget()
    parent = popup.parentWidget() if popup is not None else None
    if popup is not None and parent is not None and parent.window() is widget:
        painter = QPainter(image)
        painter.drawImage(widget.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0))), grab(popup))
        painter.end()
    return image


def save(widget: QWidget, path: Path) -> Path:
    """Write a PNG of it and of its open popup, making its folder. OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not grab_with_popup(widget).save(str(path), "PNG"):  # type: ignore[call-overload]  # the stub wants bytes; Qt takes the name
        raise OSError(f"the picture could not be written: {path}")
    return path
