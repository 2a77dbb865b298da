"""The first page of a PDF file as a picture. Imported on the UI thread when the first such file comes."""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument

from ide.widgets.rich.pictures import PictureError

MOST_HEIGHT_PX: Final = 2_000
WHY: Final = {
    QPdfDocument.Error.IncorrectPassword: "it is locked by a password",
    QPdfDocument.Error.UnsupportedSecurityScheme: "it is locked in a way that is not known here",
}
_lock = threading.Lock()


def first_page(data: bytes, width_px: int, scale: float) -> QImage:
    """Any thread. Raises PictureError."""
    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    with _lock:
        document = QPdfDocument(None)  # type: ignore[call-overload]  # it may do without a parent
        document.load(buffer)
        if document.error() != QPdfDocument.Error.None_ or document.pageCount() < 1:
            raise PictureError(WHY.get(document.error(), "its data are damaged"))
        size = document.pagePointSize(0)
        height = min(MOST_HEIGHT_PX, round(width_px * size.height() / max(size.width(), 1.0)))
        drawn = document.render(0, QSize(round(width_px * scale), max(1, round(height * scale))))
        document.close()
    page = QImage(drawn.size(), QImage.Format.Format_RGB32)
    page.fill(0xFFFFFF)
    painter = QPainter(page)
    painter.drawImage(0, 0, drawn)
    painter.setPen(0xB9C3CF)
    painter.drawRect(page.rect().adjusted(0, 0, -1, -1))
    painter.end()
    page.setDevicePixelRatio(scale)
    return page
