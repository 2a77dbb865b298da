"""A process that draws SVG pictures. It reads requests on stdin and answers on stdout; it ends when nobody asks.

Drawing an SVG holds Python's lock for as long as it takes, and a small one can be made to take for ever: so it happens
where it stalls nobody and can be ended. Nothing else of the program is loaded here.

    request   kind (1 byte: FIT, EXACT or PDF), width, height, length: unsigned numbers of 4 bytes, little-endian; then
              the SVG. It is drawn as it fits into that size in pixels, 0 x 0 being its own, or at exactly that size, or
              as a page of that size in hundredths of a point
    answer    is_drawn (1 byte), own width, own height, width, height, length; then the pixels (ARGB32, premultiplied,
              without padding) or the file, or a sentence why there is nothing
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

REQUEST: Final = struct.Struct("<BIII")
ANSWER: Final = struct.Struct("<?IIIII")
FIT, EXACT, PDF = range(3)
POINT: Final = 100
"""Hundredths, in which a page is measured."""
IDLE_LIMIT_S: Final = 120.0
MOST_PIXELS: Final = 16_000_000
"""A vector picture is drawn no larger than this; the view enlarges it from there on."""


class Refused(Exception):
    """Why there is no picture, in a sentence for the user."""


def main() -> None:
    """Serve until stdin ends or nobody has asked for a while."""
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a screen is not needed, and there may be none
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication(sys.argv[:1])  # text in pictures needs its fonts
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    watch = _IdleWatch()
    while header := requests.read(REQUEST.size):
        watch.begin()
        kind, width, height, length = REQUEST.unpack(header)
        answers.write(_answer(requests.read(length), width, height, kind))
        answers.flush()
        watch.end()
    del application


def _answer(data: bytes, width: int, height: int, kind: int) -> bytes:
    try:
        own, size, pixels = draw(data, width, height, kind)
    except Refused as refused:
        words = str(refused).encode()
        return ANSWER.pack(False, 0, 0, 0, 0, len(words)) + words
    return ANSWER.pack(True, *own, *size, len(pixels)) + pixels


def draw(data: bytes, width: int, height: int, kind: int = FIT) -> tuple[tuple[int, int], tuple[int, int], bytes]:
    """Own size, drawn size and pixels of an SVG, or the bytes of its PDF. Raises Refused."""
    from PySide6.QtCore import QByteArray, QRectF, QSize, QSizeF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    from ide.widgets.safe_markup import MarkupRefused, safe_svg

    try:
        clean = safe_svg(data.decode("utf-8", "replace"))
    except MarkupRefused as refused:
        raise Refused(f"It is {refused}.") from refused
    renderer = QSvgRenderer()
    renderer.setAnimationEnabled(False)
    own = renderer.defaultSize() if renderer.load(QByteArray(clean)) else QSize()
    if own.isEmpty():
        raise Refused("It is not a whole SVG picture.")
    if kind == PDF:
        return (own.width(), own.height()), (width, height), _pdf(renderer, width / POINT, height / POINT)
    size = QSize(own)
    if kind == EXACT:
        size = QSize(width, height)
    elif width and height:
        size = QSizeF(own).scaled(QSizeF(width, height), Qt.AspectRatioMode.KeepAspectRatio).toSize()
    if size.width() * size.height() > MOST_PIXELS:
        shrink = (MOST_PIXELS / (size.width() * size.height())) ** 0.5
        size = QSize(int(size.width() * shrink), int(size.height() * shrink))
    size = size.expandedTo(QSize(1, 1)).boundedTo(QSize(16_000, 16_000))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return (own.width(), own.height()), (size.width(), size.height()), bytes(image.constBits())


def _pdf(renderer: QSvgRenderer, width_pt: float, height_pt: float) -> bytes:
    from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF
    from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    page = QPageSize(QSizeF(width_pt, height_pt), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageSize(page)
    writer.setPageMargins(QMarginsF())
    painter = QPainter(writer)
    renderer.render(painter, QRectF(0, 0, writer.width(), writer.height()))
    painter.end()
    return bytes(buffer.data().data())


class _IdleWatch:
    """Ends the process when no request came for a while: a child that is not used costs memory for nothing."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()
        self._is_busy = False
        threading.Thread(target=self._look, name="idle-watch", daemon=True).start()

    def begin(self) -> None:
        """A request is being answered."""
        self._is_busy = True

    def end(self) -> None:
        """The answer is out."""
        self._last_s = time.monotonic()
        self._is_busy = False

    def _look(self) -> None:
        while True:
            time.sleep(IDLE_LIMIT_S / 8)
            if not self._is_busy and time.monotonic() - self._last_s > IDLE_LIMIT_S:
                os._exit(0)


def write_request(stream: IO[bytes], data: bytes, width: int, height: int, kind: int) -> None:
    """The other side: ask. OSError where the process is gone."""
    stream.write(REQUEST.pack(kind, width, height, len(data)))
    stream.write(data)
    stream.flush()


def read_answer(stream: IO[bytes]) -> tuple[tuple[int, int], tuple[int, int], bytes]:
    """The other side: what `draw` returned. Raises Refused; EOFError where the process ended over it."""
    header = stream.read(ANSWER.size)
    if len(header) < ANSWER.size:
        raise EOFError
    is_drawn, own_width, own_height, width, height, length = ANSWER.unpack(header)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    if not is_drawn:
        raise Refused(body.decode())
    return (own_width, own_height), (width, height), body


if __name__ == "__main__":
    main()
