"""Decoding of plots into images. Runs in a pool thread: QImage and QSvgRenderer may be used there, QPixmap may not."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from ide.panes.plots.model import SVG
from ide.widgets.safe_markup import MarkupRefused, safe_svg

MAX_SIDE_PX: Final = 12_000
"""A picture with a longer side is read smaller: 12,000 squared already takes 576 MB."""


class BrokenPicture(Exception):
    """The bytes are not a picture of the type that they claim."""


def natural_size(mime: str, data: bytes) -> QSize:
    """The picture's own size in pixels, read from its header."""
    if mime == SVG:
        return _svg(data).defaultSize()
    reader, buffer = _reader(data)
    size = reader.size()
    buffer.close()
    return size


def decode(mime: str, data: bytes, fit: QSize | None = None) -> QImage:
    """The picture as an image, scaled to lie within `fit` (device pixels) where that is given.

    An SVG is drawn at exactly that size; a bitmap is only ever made smaller here. Raises BrokenPicture.
    """
    return _draw_svg(data, fit) if mime == SVG else _read_bitmap(data, fit)


def _svg(data: bytes) -> QSvgRenderer:
    """A renderer that loads nothing from outside the picture."""
    try:
        renderer = QSvgRenderer(QByteArray(safe_svg(data.decode("utf-8", "replace"))))
    except MarkupRefused as refused:
        raise BrokenPicture(f"It is {refused}.") from refused
    if not renderer.isValid():
        raise BrokenPicture("It is not a whole SVG picture.")
    return renderer


def _draw_svg(data: bytes, fit: QSize | None) -> QImage:
    renderer = _svg(data)
    size = renderer.defaultSize()
    size.scale(fit or size, Qt.AspectRatioMode.KeepAspectRatio)
    size = size.boundedTo(QSize(MAX_SIDE_PX, MAX_SIDE_PX)).expandedTo(QSize(1, 1))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return image


def _reader(data: bytes) -> tuple[QImageReader, QBuffer]:
    """A reader and its device, which must live as long as the reader does."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return QImageReader(buffer), buffer


def _read_bitmap(data: bytes, fit: QSize | None) -> QImage:
    reader, buffer = _reader(data)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise BrokenPicture("It is not a whole picture.")
    limit = (fit or size).boundedTo(QSize(MAX_SIDE_PX, MAX_SIDE_PX))
    wanted = QSize(size)
    if size.width() > limit.width() or size.height() > limit.height():
        wanted.scale(limit, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(wanted.expandedTo(QSize(1, 1)))
    image = reader.read()
    buffer.close()
    if image.isNull():
        raise BrokenPicture(f"The decoder says: {reader.errorString()}.")
    return image
