"""Draws pictures inside a plain text document, each in a line of its own, never wider than the pane."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QByteArray, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPyTextObject, QTextDocument, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit

from ide.panes.console.lines import Picture

OBJECT_TYPE = QTextFormat.ObjectTypes.UserObject + 1
KEY_PROPERTY = QTextFormat.Property.UserProperty + 2
KEPT_BYTES = 60_000_000
LONGEST_SIDE_PX = 4000
PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"


class Pictures(QPyTextObject):
    """Pictures by key; the oldest go when they take too much memory, and leave an empty frame."""

    def __init__(self, control: QPlainTextEdit) -> None:
        super().__init__(control)
        self._control = control
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._next_key = 1
        control.document().documentLayout().registerHandler(OBJECT_TYPE, self)

    def add(self, image: QImage) -> int:
        """Keep `image`; returns its key."""
        key = self._next_key
        self._next_key += 1
        self._images[key] = image
        while len(self._images) > 1 and sum(each.sizeInBytes() for each in self._images.values()) > KEPT_BYTES:
            self._images.popitem(last=False)
        return key

    def intrinsicSize(self, document: QTextDocument, position: int, text_format: QTextFormat) -> QSizeF:
        """Size in the document: that of the picture, or less where the pane is narrow."""
        image = self._images.get(int(text_format.property(KEY_PROPERTY) or 0))
        if image is None or image.isNull():
            return QSizeF(160, 40)
        width = image.width() / image.devicePixelRatio()
        height = image.height() / image.devicePixelRatio()
        room = max(80.0, self._control.viewport().width() - 2 * document.documentMargin() - 4)
        factor = min(1.0, room / width, 600 / height)
        return QSizeF(width * factor, height * factor)

    def drawObject(
        self,
        painter: QPainter,
        rectangle: QRectF | QRect,
        document: QTextDocument,
        position: int,
        text_format: QTextFormat,
    ) -> None:
        """Draw one picture."""
        image = self._images.get(int(text_format.property(KEY_PROPERTY) or 0))
        if image is None or image.isNull():
            painter.drawRect(rectangle)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rectangle, image)


def decode(picture: Picture) -> QImage:
    """The picture's pixels, null where it cannot be read. Any thread; nothing is loaded from elsewhere."""
    if picture.mime == "image/svg+xml":
        return _decode_svg(picture.data)
    image = QImage.fromData(QByteArray(picture.data))
    if max(image.width(), image.height()) > LONGEST_SIDE_PX:
        image = image.scaled(
            LONGEST_SIDE_PX,
            LONGEST_SIDE_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image


def _decode_svg(data: bytes) -> QImage:
    from PySide6.QtSvg import QSvgRenderer

    # QtSvg runs no script; a picture that names others from outside is not drawn at all.
    if b"<image" in data or b'xlink:href="http' in data or b"file:" in data:
        return QImage()
    renderer = QSvgRenderer(QByteArray(data))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        return QImage()
    size = size.scaled(min(size.width(), 1600), min(size.height(), 1600), Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
