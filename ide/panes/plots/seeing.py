"""How a picture is looked at without being changed: on dark paper, or as somebody with a colour deficiency sees it.

For pool threads. The work is Qt's: a colour space whose primaries are what the simulation makes of red, green and blue
turns into sRGB by just that matrix, in linear light, quickly, and without a number library in the window.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QColorSpace, QImage, QPainter

from ide.panes.plots.look import PLAIN, Look

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

MATRICES: Final[dict[str, Matrix]] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
"""Severity 1.0 of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15 (6), 2009; for linear RGB."""

_LUMA: Final = (0.2126, 0.7152, 0.0722)
_TURN: Final[Matrix] = tuple(  # type: ignore[assignment]  # three rows of three
    tuple(2 * weight - (row == column) for column, weight in enumerate(_LUMA)) for row in range(3)
)
"""Half a turn of the hue around grey: undoes what inverting did to colours, and leaves light and dark exchanged."""
_SRGB_TO_D50: Final[Matrix] = (
    (0.4360747, 0.3850649, 0.1430804), (0.2225045, 0.7168786, 0.0606169), (0.0139322, 0.0971045, 0.7141733),
)  # fmt: skip
"""Linear sRGB to XYZ, white adapted to D50 as ICC profiles have it (Bradford)."""
_D50: Final = (0.9642, 1.0, 0.8249)
BAND_PIXELS: Final = 100_000
"""Converted at a time: a conversion holds Python's lock, and the window must not wait for it."""


def seen(image: QImage, look: Look, ground: QColor) -> QImage:
    """The image in that look; `ground` is what white paper becomes on dark. The image itself stays as it is."""
    if look == PLAIN or image.isNull():
        return image
    seen = on_paper(image)
    if look.is_dark:
        seen = _darkened(seen, ground)
    if look.vision:
        seen = _converted(seen, _space(look.vision), QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return seen


def on_paper(image: QImage) -> QImage:
    """The image on white, for formats and looks without transparency."""
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor(255, 255, 255))
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    return paper


def _darkened(image: QImage, ground: QColor) -> QImage:
    """Light and dark exchanged, hues kept; then lifted so that black becomes the ground."""
    image.invertPixels()
    dark = _converted(image, _space("turn"), _space("plain"))
    painter = QPainter(dark)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Screen)
    painter.fillRect(dark.rect(), ground)
    painter.end()
    return dark


def _converted(image: QImage, space: QColorSpace, to: QColorSpace) -> QImage:
    """The image read as one space, written as another; a band at a time."""
    made = QImage(image.size(), QImage.Format.Format_RGB32)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    rows = max(1, BAND_PIXELS // image.width())
    for top in range(0, image.height(), rows):
        band = image.copy(0, top, image.width(), min(rows, image.height() - top))
        band.setColorSpace(space)
        band.convertToColorSpace(to)
        band.setColorSpace(QColorSpace())
        painter.drawImage(0, top, band)
    painter.end()
    return made


@cache
def _space(name: str) -> QColorSpace:
    identity: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    if name in MATRICES:
        return QColorSpace.fromIccProfile(QByteArray(_icc_profile(MATRICES[name], _SRGB_CURVE)))
    return QColorSpace.fromIccProfile(QByteArray(_icc_profile(_TURN if name == "turn" else identity, _NO_CURVE)))


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


_NO_CURVE: Final = b"curv" + bytes(4) + struct.pack(">I", 0)
_SRGB_CURVE: Final = (
    b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
)


def _icc_profile(matrix: Matrix, curve: bytes) -> bytes:
    """A monitor profile of ICC.1:2010 that says: these numbers, through `curve`, then `matrix`, are linear sRGB."""
    columns = [
        [sum(_SRGB_TO_D50[row][inner] * matrix[inner][column] for inner in range(3)) for row in range(3)]
        for column in range(3)
    ]
    tags = [(b"wtpt", b"XYZ " + bytes(4) + _fixed(*_D50))]
    tags += [
        (name, b"XYZ " + bytes(4) + _fixed(*xyz))
        for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    ]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags:
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    head = struct.pack(">I", size) + bytes(4) + b"\x04\x30\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + _fixed(*_D50)).ljust(128, b"\0") + table + body
