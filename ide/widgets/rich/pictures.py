"""Pictures from their data, and formulas as pictures. Any thread, but for the import; absurd sizes are refused."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from ide.widgets.rich.formula import Formula
from ide.widgets.safe_markup import MarkupRefused, safe_svg

PIXELS_LIMIT: Final = 64_000_000


class PictureError(ValueError):
    """A picture that cannot be drawn; the message says why, for the user."""


def raster_image(data: bytes) -> QImage:
    """Decode a picture. Raises PictureError; a picture of absurd size is refused before it is decoded."""
    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > PIXELS_LIMIT:
        raise PictureError(f"it has {size.width()} × {size.height()} pixels, which is too many")
    image = reader.read()
    if image.isNull():
        raise PictureError("its data are damaged")
    return image


def svg_size(clean: bytes) -> QSize:
    """An SVG's own size in pixels. Raises PictureError."""
    return _renderer(clean)[1]


def svg_image(clean: bytes, width: int, scale: float = 1.0) -> QImage:
    """Draw an SVG that `clean_svg` gave so that it is `width` wide (its own width where 0), at `scale` device pixels.

    Raises PictureError.
    """
    renderer, natural = _renderer(clean)
    wide = width or natural.width()
    pixels = QSize(round(wide * scale), max(1, round(wide * scale * natural.height() / natural.width())))
    if pixels.width() * pixels.height() > PIXELS_LIMIT:
        raise PictureError(f"it has {pixels.width()} × {pixels.height()} pixels, which is too many")
    image = _drawn(renderer, pixels)
    image.setDevicePixelRatio(scale)
    return image


def clean_svg(text: str) -> bytes:
    """An SVG that loads nothing from outside. Raises PictureError."""
    try:
        return safe_svg(text)
    except MarkupRefused as error:
        raise PictureError(f"it is {error}") from error


def formula_image(formula: Formula, color: QColor, factor: float, scale: float) -> QImage:
    """A formula in one colour, `factor` times as large as it was drawn, at `scale` device pixels."""
    size = QSize(
        max(1, round(formula.width * factor * scale)),
        max(1, round(formula.height * factor * scale)),
    )
    image = _drawn(QSvgRenderer(QByteArray(formula.svg)), size)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), color)
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


def _renderer(clean: bytes) -> tuple[QSvgRenderer, QSize]:
    renderer = QSvgRenderer(QByteArray(clean))
    natural = renderer.defaultSize()
    if not renderer.isValid() or natural.isEmpty():
        raise PictureError("its data are damaged")
    return renderer, natural


def _drawn(renderer: QSvgRenderer, pixels: QSize) -> QImage:
    image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels.width(), pixels.height()))
    painter.end()
    return image
