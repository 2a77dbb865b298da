"""A process that draws SVG pictures. It reads requests on stdin and answers on stdout; it ends when nobody asks.

Drawing an SVG holds Python's lock for as long as it takes, and a small one can be made to take for ever: so it happens
where it stalls nobody and can be ended. Nothing else of the program is loaded here.

    request   is_exact (1 byte), width, height, length: unsigned numbers of 4 bytes, little-endian; then the SVG.
              It is drawn at exactly that size, or as it fits into it; 0 x 0 is its own size
    answer    is_drawn (1 byte), own width, own height, width, height, length; then the pixels (ARGB32, premultiplied,
              without padding), or a sentence why there are none
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from typing import IO, Final

REQUEST: Final = struct.Struct("<?III")
ANSWER: Final = struct.Struct("<?IIIII")
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
        is_exact, width, height, length = REQUEST.unpack(header)
        answers.write(_answer(requests.read(length), width, height, is_exact))
        answers.flush()
        watch.end()
    del application


def _answer(data: bytes, width: int, height: int, is_exact: bool) -> bytes:
    try:
        own, size, pixels = draw(data, width, height, is_exact=is_exact)
    except Refused as refused:
        words = str(refused).encode()
        return ANSWER.pack(False, 0, 0, 0, 0, len(words)) + words
    return ANSWER.pack(True, *own, *size, len(pixels)) + pixels


def draw(
    data: bytes, width: int, height: int, *, is_exact: bool = False
) -> tuple[tuple[int, int], tuple[int, int], bytes]:
    """Own size, drawn size and pixels of an SVG, as large as fits into `width` x `height`. Raises Refused."""
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
    size = QSize(own)
    if is_exact:
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


def write_request(stream: IO[bytes], data: bytes, width: int, height: int, *, is_exact: bool) -> None:
    """The other side: ask. OSError where the process is gone."""
    stream.write(REQUEST.pack(is_exact, width, height, len(data)))
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
