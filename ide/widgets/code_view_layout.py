"""Layout of code: the theme's line height, which Qt's plain text layout has not, and stand-ins for hidden text.

A stand-in is one object character in the `QTextDocument` for text that must not be laid out: the rest of a very long
line, characters that would end a block, and those that reorder what is shown. `code_view_text` puts them in and takes
them out again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextDocumentLayout

from ide.qt.theme import Theme

LINE_HEIGHT = 1.45
STAND_IN = "\ufffc"
STAND_IN_TYPE = int(QTextFormat.ObjectTypes.UserObject) + 1
HIDDEN = int(QTextFormat.Property.UserProperty) + 1
"""Property of a stand-in's format: its `Hidden`."""
_LABELS = {"\r": "CR", "\u2028": "LS", "\u2029": "PS", "\0": "NUL", "\ufeff": "BOM", "\u00ad": "SHY", "\u200b": "ZWSP"}


class Hidden:
    """Text that a stand-in stands for: an object, so that Qt hands it on without copying megabytes."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _label(form: QTextFormat) -> str:
    hidden = form.property(HIDDEN)
    return stand_in_label(hidden.text) if isinstance(hidden, Hidden) else "?"


def stand_in_label(hidden: str) -> str:
    """What is drawn for hidden text."""
    if len(hidden) > 1:
        return f"… {len(hidden):,} more characters".replace(",", "\u2009")
    if hidden in _LABELS:
        return _LABELS[hidden]
    words = unicodedata.name(hidden, f"U+{ord(hidden):04X}").replace("-", " ").split()
    return "".join(word[0] for word in words) if len(words) > 1 else words[0]


def stand_in_format(hidden: str) -> QTextCharFormat:
    """Format of the object character that stands for `hidden`."""
    form = QTextCharFormat()
    form.setObjectType(STAND_IN_TYPE)
    form.setProperty(HIDDEN, Hidden(hidden))
    return form


class StandIn(QPyTextObject):
    """Draws stand-ins."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme

    def intrinsicSize(self, _document: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        """Room for the label."""
        metrics = QFontMetricsF(self._theme.font("small"))
        width = metrics.horizontalAdvance(_label(form)) + self._theme.px(8)
        return QSizeF(width, metrics.ascent())

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, _document: QTextDocument, _position: int, form: QTextFormat
    ) -> None:
        """A framed label."""
        rect = QRectF(rect)
        painter.save()
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("muted"))
        painter.setBrush(self._theme.color("header"))
        painter.drawRoundedRect(rect.adjusted(1, 0, -1, -1), 3, 3)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _label(form))
        painter.restore()


class CodeLayout(QPlainTextDocumentLayout):
    """Gives every line the same height, its text in the middle."""

    def __init__(self, document: QTextDocument, line_height: Callable[[], float]) -> None:
        super().__init__(document)
        self._line_height = line_height

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """As Qt measures it, with our height of lines."""
        rect = super().blockBoundingRect(block)
        if rect.height() <= 0:
            return rect
        height = self._line_height()
        layout = block.layout()
        count = layout.lineCount()
        for number in range(count):
            line = layout.lineAt(number)
            top = number * height + max(0.0, (height - line.height()) / 2)
            if line.y() != top:
                line.setPosition(QPointF(line.x(), top))
        rect.setHeight(height * max(1, count))
        return rect
