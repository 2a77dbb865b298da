"""Shows one MIME bundle: picture, table, text; a type that cannot be shown says what it is. Runs and loads nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Literal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent, QTextDocument
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from ide.qt.theme import Theme
from ide.widgets.safe_markup import MarkupRefused, is_active_html, safe_html, safe_svg

Form = Literal["svg", "raster", "html", "text", "none"]

PIXELS_LIMIT = 64_000_000
TEXT_LIMIT = 200_000
_RASTER = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
_TEXT = ("text/plain", "text/markdown", "text/latex", "application/json")
_ANSI = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


class PictureError(ValueError):
    """A picture that cannot be drawn; the message says why, for the user."""


def choose(bundle: Mapping[str, Any]) -> tuple[Form, str]:
    """Which of a bundle's types to show and how: pictures first, then HTML that says something without scripts."""
    if "image/svg+xml" in bundle:
        return "svg", "image/svg+xml"
    if raster := next((mime for mime in _RASTER if mime in bundle), ""):
        return "raster", raster
    if "text/html" in bundle and not is_active_html(as_text(bundle["text/html"])):
        return "html", "text/html"
    if text := next((mime for mime in _TEXT if mime in bundle), ""):
        return "text", text
    return "none", next(iter(bundle), "")


def as_text(value: object) -> str:
    """Jupyter writes text as one string or as a list of lines; JSON comes as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def raster_image(base64_text: str) -> QImage:
    """Decode a picture. Any thread. Raises PictureError; a picture of absurd size is refused before it is decoded."""
    try:
        data = QByteArray(base64.b64decode(base64_text))
    except (binascii.Error, ValueError) as error:
        raise PictureError("the picture's data are damaged") from error
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > PIXELS_LIMIT:
        raise PictureError(f"the picture has {size.width()} × {size.height()} pixels")
    image = reader.read()
    if image.isNull():
        raise PictureError("the picture's data are damaged")
    return image


def svg_image(text: str, width: int, scale: float = 1.0) -> QImage:
    """Draw an SVG so that it is `width` wide (its own width where 0), at `scale` device pixels. Any thread.

    Raises PictureError.
    """
    from PySide6.QtSvg import QSvgRenderer

    try:
        renderer = QSvgRenderer(QByteArray(safe_svg(text)))
    except MarkupRefused as error:
        raise PictureError(f"it is {error}") from error
    natural = renderer.defaultSize()
    if not renderer.isValid() or natural.isEmpty():
        raise PictureError("the picture's data are damaged")
    wide = width or natural.width()
    pixels = QSize(round(wide * scale), max(1, round(wide * scale * natural.height() / natural.width())))
    if pixels.width() * pixels.height() > PIXELS_LIMIT:
        raise PictureError(f"the picture has {pixels.width()} × {pixels.height()} pixels")
    image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels.width(), pixels.height()))
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


class RichOutput(QWidget):
    """One output. Its height follows what it shows, up to `most_px` (then it scrolls)."""

    link_asked = Signal(str)
    """A link was clicked: its true target. Nothing is opened here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, most_px: int = 480) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most_px = most_px
        self._bundle: Mapping[str, Any] = {}
        self._shown: QWidget | None = None
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._note)
        self.form: Form = "none"
        theme.changed.connect(self._on_theme_changed)

    @property
    def note(self) -> str:
        """What is said beside the output ("Interactive HTML: ..."), or empty."""
        return "" if self._note.isHidden() else self._note.text()

    @property
    def shown(self) -> QWidget | None:
        """The widget that shows it."""
        return self._shown

    def show_bundle(self, bundle: Mapping[str, Any]) -> None:
        """Show `bundle` in place of what was there."""
        self._bundle = dict(bundle)
        form, mime = choose(bundle)
        note = ""
        if form in ("text", "none") and "text/html" in bundle:
            note = "Interactive HTML: shown as text here, since its scripts are not run."
        try:
            shown = self._make(form, mime)
        except (PictureError, MarkupRefused) as error:
            note = f"This output is not drawn: {error}."
            form = "text" if "text/plain" in bundle else "none"
            shown = self._make(form, "text/plain") if form == "text" else None
        if form == "none" and not note:
            note = f"This output has the type {mime}, which cannot be shown here." if mime else "This output is empty."
        self.form = form
        self._replace(shown, note)

    def _make(self, form: Form, mime: str) -> QWidget | None:
        value = self._bundle.get(mime, "")
        if form == "svg":
            return _Picture(svg_image(as_text(value), 0, self.devicePixelRatioF()), as_text(value), self._alt())
        if form == "raster":
            return _Picture(raster_image(as_text(value)), "", self._alt())
        if form == "html":
            page = _Page(safe_html(as_text(value)), self._theme, self._most_px)
            page.anchorClicked.connect(self._on_anchor)
            return page
        return _Text(as_text(value), self._theme, self._most_px) if form == "text" else None

    def _alt(self) -> str:
        plain = as_text(self._bundle.get("text/plain", "")).strip()
        return f"Picture: {plain[:120]}" if plain else "Picture"

    def _replace(self, shown: QWidget | None, note: str) -> None:
        if self._shown is not None:
            self._column.removeWidget(self._shown)
            self._shown.deleteLater()
        self._shown = shown
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._note.setFont(self._theme.font("small"))
        if shown is not None:
            self._column.addWidget(shown)

    @Slot(QUrl)
    def _on_anchor(self, url: QUrl) -> None:
        self.link_asked.emit(url.toString())

    @Slot()
    def _on_theme_changed(self) -> None:
        if self._bundle:
            self.show_bundle(self._bundle)


class _Picture(QWidget):
    """A picture at its own size, smaller where there is no room; an SVG is drawn anew at each size."""

    def __init__(self, image: QImage, svg: str, alt: str) -> None:
        super().__init__()
        self._image = image
        self._svg = svg
        self._natural = image.deviceIndependentSize().toSize() if svg else image.size()
        self.setAccessibleName(alt)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """The picture's own size."""
        return self._natural

    def hasHeightForWidth(self) -> bool:
        """Proportions are kept."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height at `width`, the picture never being enlarged."""
        if width >= self._natural.width():
            return self._natural.height()
        return max(1, round(width * self._natural.height() / max(1, self._natural.width())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, at the left."""
        width = min(self.width(), self._natural.width())
        scale = self.devicePixelRatioF()
        if self._svg and self._image.width() != round(width * scale):
            self._image = svg_image(self._svg, width, scale)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, width, self.heightForWidth(width)), self._image)
        painter.end()


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
            return raster_image(QUrl.fromPercentEncoding(data.encode("ascii")))
        except PictureError:
            return QImage()


class _Page(QTextBrowser):
    """Clean HTML. Links are only told."""

    def __init__(self, clean: str, theme: Theme, most_px: int) -> None:
        super().__init__()
        self._most_px = most_px
        document = InertDocument(self)
        document.setDefaultFont(theme.font("ui"))
        document.setDefaultStyleSheet(
            f"table {{ border-collapse: collapse; border-color: {theme.color('line').name()}; }}"
            f"td, th {{ padding: {theme.px(2)}px {theme.px(6)}px; }}"
            f"a {{ color: {theme.color('link').name()}; }}"
        )
        document.setHtml(clean)
        self.setDocument(document)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Output")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as the page, up to the limit."""
        self.document().setTextWidth(max(200, self.viewport().width()))
        return QSize(400, min(self._most_px, round(self.document().size().height()) + 4))


class _Text(QPlainTextEdit):
    """Plain text in the code font, without control sequences."""

    def __init__(self, text: str, theme: Theme, most_px: int) -> None:
        super().__init__()
        text = _ANSI.sub("", text)
        if len(text) > TEXT_LIMIT:
            text = f"{text[:TEXT_LIMIT]}\n… {len(text) - TEXT_LIMIT} more characters are not shown"
        self.setReadOnly(True)
        self.setFont(theme.font("code"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlainText(text)
        self.setAccessibleName("Output")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        lines = text.count("\n") + 1
        height = lines * self.fontMetrics().lineSpacing() + round(2 * self.document().documentMargin()) + 2
        has_wide = max(map(len, text.split("\n"))) * self.fontMetrics().averageCharWidth() > 600
        self.setFixedHeight(min(most_px, height + (self.horizontalScrollBar().sizeHint().height() if has_wide else 0)))
