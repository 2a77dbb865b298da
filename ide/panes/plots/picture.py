"""Decoding of plots into images, in pool threads: QImage may be used there, QPixmap may not. Knows no plot list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageReader

from ide.core.record import dataclass
from ide.panes.plots.plot import SVG, Plot
from ide.panes.plots.svg_child import EXACT, FIT, PDF, POINT, Refused
from ide.panes.plots.svg_process import SvgProcess

MOST_READ_PIXELS: Final = 64_000_000
"""A bitmap with more pixels is not read: it would take 256 MB for a moment."""
MOST_SHOWN_PIXELS: Final = 32_000_000
"""A bitmap with more pixels is shown smaller."""


class BrokenPicture(Exception):
    """Why a picture can't be shown, in a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image and the picture's own size in pixels, which may be another one."""

    image: QImage
    own_size: QSize


@dataclass(frozen=True, slots=True)
class Room:
    """What a picture may take on the screen: device pixels, and how many of them make one logical pixel."""

    size: QSize
    ratio: float = 1.0


class Pictures:
    """Makes images of plots. `draw` may be called in any thread."""

    def __init__(self) -> None:
        self._svg = SvgProcess()

    def draw(self, mime: str, data: bytes, room: Room | None = None) -> Drawn:
        """The picture as it fits into `room`, or as large as it is. Raises BrokenPicture."""
        if mime == SVG:
            return self._draw_svg(data, room.size if room is not None else QSize(0, 0))
        return _read_bitmap(data, lambda own: own if room is None else fitting_size(own, room, is_vector=False))

    def draw_at(self, mime: str, data: bytes, size: QSize) -> Drawn:
        """The picture at a size in device pixels; a bitmap never larger than it is. Raises BrokenPicture."""
        if mime == SVG:
            return self._draw_svg(data, size, EXACT)
        return _read_bitmap(data, lambda own: size if size.width() < own.width() else own)

    def draw_plot(self, plot: Plot, room: Room | None = None) -> Drawn:
        """As `draw`; one that is heavy to draw is drawn as large as it is, once. Raises BrokenPicture."""
        return self.draw(plot.mime, bytes_of(plot), None if plot.is_heavy else room)

    def draw_plot_at(self, plot: Plot, size: QSize) -> Drawn:
        """As `draw_at`. Raises BrokenPicture."""
        return self.draw_at(plot.mime, bytes_of(plot), size)

    def close(self) -> None:
        """End what draws."""
        self._svg.close()

    def enlarged(self, data: bytes, size: QSize) -> Drawn:
        """A bitmap at that size, also beyond its own. Raises BrokenPicture."""
        return _read_bitmap(data, lambda _own: size, may_grow=True)

    def pdf(self, data: bytes, width_pt: float, height_pt: float) -> bytes:
        """An SVG as a page of that size in points. Raises BrokenPicture."""
        try:
            return self._svg.draw(data, round(width_pt * POINT), round(height_pt * POINT), PDF)[2]
        except Refused as refused:
            raise BrokenPicture(str(refused)) from refused

    def _draw_svg(self, data: bytes, size: QSize, kind: int = FIT) -> Drawn:
        try:
            own, drawn, pixels = self._svg.draw(data, size.width(), size.height(), kind)
        except Refused as refused:
            raise BrokenPicture(str(refused)) from refused
        width, height = drawn
        image = QImage(pixels, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
        return Drawn(image.copy(), QSize(*own))  # the copy owns its pixels


def bytes_of(plot: Plot) -> bytes:
    """The plot's data, from memory or disk. Raises BrokenPicture."""
    try:
        return plot.data
    except OSError as error:
        raise BrokenPicture(f"{error.strerror or error}.") from error


def fitting_size(own: QSize, room: Room, *, is_vector: bool) -> QSize:
    """Device pixels of a picture shown whole: a bitmap is enlarged to one logical pixel for each of its own at most."""
    if own.isEmpty():
        return QSize()
    size = QSizeF(own).scaled(QSizeF(room.size), Qt.AspectRatioMode.KeepAspectRatio)
    most = QSizeF(own) * room.ratio
    if not is_vector and size.width() > most.width():
        size = most
    return size.toSize().expandedTo(QSize(1, 1))


def _read_bitmap(data: bytes, size_of: Callable[[QSize], QSize], *, may_grow: bool = False) -> Drawn:
    """`size_of` tells for the picture's own size how large it is wanted."""
    buffer = QBuffer()  # it must live as long as the reader does
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    own = reader.size()
    if own.isEmpty():
        raise BrokenPicture("It has no data." if not data else "It is not a whole picture.")
    if own.width() * own.height() > MOST_READ_PIXELS:
        counts = f"{own.width():,} × {own.height():,}".replace(",", "\u2009")
        raise BrokenPicture(f"It has {counts} pixels; pictures of up to {MOST_READ_PIXELS // 10**6} million are shown.")
    wanted = size_of(own)
    if wanted.width() * wanted.height() > MOST_SHOWN_PIXELS:
        shrink = (MOST_SHOWN_PIXELS / (wanted.width() * wanted.height())) ** 0.5
        wanted = QSize(int(wanted.width() * shrink), int(wanted.height() * shrink)).expandedTo(QSize(1, 1))
    if wanted != own and (may_grow or wanted.width() <= own.width()):
        reader.setScaledSize(wanted)  # the reader scales without Python's lock; QImage.scaled would hold it
    image = reader.read()
    buffer.close()
    if image.isNull():
        raise BrokenPicture(f"Its data are damaged ({reader.errorString().rstrip('.')}).")
    return Drawn(image, own)
