"""Pictures of widgets at the device pixels of their screen. Owns nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget


def grab(widget: QWidget) -> QImage:
    """What `widget` shows now; its `devicePixelRatio` is that of the screen."""
    return widget.grab().toImage()


def save(widget: QWidget, path: Path) -> Path:
    """Write a PNG, making its folder. OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not grab(widget).save(str(path), "PNG"):  # type: ignore[call-overload]  # the stub wants bytes; Qt takes the name
        raise OSError(f"the picture could not be written: {path}")
    return path
