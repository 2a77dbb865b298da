"""Clean HTML as a page that loads nothing, and plain text. Links are only told."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextBrowser

from ide.qt.theme import Theme
from ide.widgets.rich.pictures import PictureError, raster_image

TEXT_LIMIT: Final = 200_000
_ANSI = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


class InertDocument(QTextDocument):
    """A document that loads nothing but pictures whose data are in it."""

    def loadResource(self, kind: int, url: QUrl | str) -> Any:
        """Qt asks here for everything that a document refers to."""
        address = url if isinstance(url, str) else url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        head, _comma, data = address.partition(";base64,")
        if kind != QTextDocument.ResourceType.ImageResource.value or head not in (
            "data:image/png",
            "data:image/jpeg",
            "data:image/gif",
        ):
            return QImage()
        try:
            return raster_image(base64.b64decode(QUrl.fromPercentEncoding(data.encode("ascii"))))
        except (PictureError, binascii.Error, ValueError):
            return QImage()


class PageView(QTextBrowser):
    """A document to read."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__()
        document.setParent(self)
        self.setDocument(document)
        document.setDocumentMargin(theme.px(16))
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Output")


def html_document(clean: str, theme: Theme) -> InertDocument:
    """A document of HTML that `safe_html` made."""
    document = InertDocument()
    document.setDefaultFont(theme.font("ui"))
    document.setDefaultStyleSheet(
        f"table {{ border-collapse: collapse; border-color: {theme.color('line').name()}; }}"
        f"td, th {{ padding: {theme.px(2)}px {theme.px(6)}px; }}"
        f"a {{ color: {theme.color('link').name()}; }}"
    )
    document.setHtml(clean)
    return document


class TextView(QPlainTextEdit):
    """Plain text in the code font, without control sequences."""

    def __init__(self, text: str, theme: Theme) -> None:
        super().__init__()
        text = _ANSI.sub("", text)
        if len(text) > TEXT_LIMIT:
            text = f"{text[:TEXT_LIMIT]}\n… {len(text) - TEXT_LIMIT} more characters are not shown"
        self.setReadOnly(True)
        self.setFont(theme.font("code"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(theme.px(12))
        self.setPlainText(text)
        self.setAccessibleName("Output")
        flags = self.textInteractionFlags()
        self.setTextInteractionFlags(flags | flags.TextSelectableByKeyboard)
