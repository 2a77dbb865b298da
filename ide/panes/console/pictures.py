"""Draws pictures and formulas inside a plain text document, never wider than the pane. Decoding is the pool's work."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPyTextObject,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.panes.console.lines import Picture
from ide.qt.theme import Theme
from ide.widgets.rich.form import PDF
from ide.widgets.rich.formula import Formula, FormulaError, draw
from ide.widgets.rich.pictures import PictureError, clean_svg, formula_image, raster_image, svg_image, svg_size

OBJECT_TYPE: Final = QTextFormat.ObjectTypes.UserObject + 1
KEY_PROPERTY: Final = QTextFormat.Property.UserProperty + 2
KEPT_BYTES: Final = 60_000_000
LONGEST_SIDE_PX: Final = 4000
SVG_SIDE_PX: Final = 1600
MOST_HEIGHT_PX: Final = 600
PDF_WIDTH_PX: Final = 260
PLACE: Final = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(slots=True)
class _Shown:
    """One picture: what is drawn, once it is there, the text that stands for it in copies, and where it is."""

    text: str = ""
    image: QImage | None = None
    formula: Formula | None = None
    place: QTextCursor | None = None
    look: tuple[int, int, float] = (0, 0, 0.0)


class Pictures(QPyTextObject):
    """Pictures by key; the oldest go when they take too much memory, and leave an empty frame.

    `failed` is told the place of one that cannot be drawn, its text, and why. (Its own signals would reach nobody.)
    """

    def __init__(
        self,
        control: QPlainTextEdit,
        theme: Theme,
        run_in_pool: RunInPool,
        failed: Callable[[QTextCursor, str, str], None],
    ) -> None:
        super().__init__(control)
        self._control = control
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._failed = failed
        self._shown: OrderedDict[int, _Shown] = OrderedDict()
        self._cancel: dict[int, Callable[[], None]] = {}
        self._next_key = 1
        control.document().documentLayout().registerHandler(OBJECT_TYPE, self)

    @property
    def is_waiting(self) -> bool:
        """Whether a picture is still being drawn."""
        return bool(self._cancel)

    def text_of(self, key: int) -> str:
        """What stands for a picture in copied text."""
        shown = self._shown.get(key)
        return shown.text if shown is not None else ""

    def add_picture(self, picture: Picture, place: QTextCursor) -> int:
        """Draw a picture in the pool; it comes to `place`, which holds a place for it. Returns its key."""
        if picture.mime == PDF:
            from ide.widgets.rich.pdf_page import first_page  # its module asks for Qt: on this thread

            work = partial(first_page, picture.data, PDF_WIDTH_PX, self._control.devicePixelRatioF())
        else:
            work = partial(decode, picture, self._control.devicePixelRatioF())
        return self._add(_Shown(place=place), work, self._on_image)

    def add_formula(self, latex: str, text: str, place: QTextCursor) -> int:
        """The same for a formula; `text` is its source as it was written."""
        is_display = latex.startswith(r"\displaystyle")
        work = partial(draw, latex, float(self._size_px()), is_display=is_display)
        return self._add(_Shown(text=text, place=place), work, self._on_formula)

    def close(self) -> None:
        """Nothing that is still being drawn is shown."""
        for cancel in tuple(self._cancel.values()):
            cancel()
        self._cancel.clear()

    def _add(self, shown: _Shown, work: Callable[[], object], done: Callable[[int, object], None]) -> int:
        key = self._next_key
        self._next_key += 1
        self._shown[key] = shown
        self._cancel[key] = self._run_in_pool(work, partial(done, key), partial(self._on_failed, key))
        return key

    def _on_image(self, key: int, image: object) -> None:
        if isinstance(image, QImage) and (shown := self._shown.get(key)) is not None:
            shown.image = image
            while len(self._shown) > 1 and sum(map(_bytes, self._shown.values())) > KEPT_BYTES:
                self._shown.popitem(last=False)
        self._arrive(key)

    def _on_formula(self, key: int, formula: object) -> None:
        if isinstance(formula, Formula) and (shown := self._shown.get(key)) is not None:
            shown.formula = formula
        self._arrive(key)

    def _on_failed(self, key: int, error: Exception) -> None:
        self._cancel.pop(key, None)
        shown = self._shown.pop(key, None)
        if shown is not None and shown.place is not None:
            why = str(error) if isinstance(error, PictureError | FormulaError) else "it cannot be read"
            self._failed(shown.place, shown.text, why)

    def _arrive(self, key: int) -> None:
        """Its size is known now: lay its line out anew."""
        self._cancel.pop(key, None)
        shown = self._shown.get(key)
        if shown is not None and shown.place is not None:
            bar = self._control.verticalScrollBar()
            is_at_end = bar.value() >= bar.maximum() - 1
            blocker = QSignalBlocker(self._control.document())
            self._control.document().markContentsDirty(shown.place.position(), 1)
            blocker.unblock()
            shown.place = None
            if is_at_end:
                bar.setValue(bar.maximum())
        self._control.viewport().update()

    def intrinsicSize(self, document: QTextDocument, position: int, text_format: QTextFormat) -> QSizeF:
        """Size in the document: that of the picture, or less where the pane is narrow."""
        shown = self._shown.get(int(text_format.property(KEY_PROPERTY) or 0))
        room = max(80.0, self._control.viewport().width() - 2 * document.documentMargin() - 4)
        if shown is not None and shown.formula is not None:
            factor = self._factor(shown.formula, room)
            return QSizeF(shown.formula.width * factor, (shown.formula.height - self._below(shown.formula)) * factor)
        if shown is not None and shown.text:
            return QSizeF(40, self._size_px())
        if shown is None or shown.image is None:
            return QSizeF(160, 40)
        width = shown.image.width() / shown.image.devicePixelRatio()
        height = shown.image.height() / shown.image.devicePixelRatio()
        factor = min(1.0, room / width, MOST_HEIGHT_PX / height)
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
        shown = self._shown.get(int(text_format.property(KEY_PROPERTY) or 0))
        place = QRectF(rectangle)
        if shown is not None and shown.formula is not None:
            self._draw_formula(painter, place, shown, shown.formula)
        elif shown is not None and shown.image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, shown.image)
        elif shown is None:
            painter.drawRect(place)

    def _draw_formula(self, painter: QPainter, place: QRectF, shown: _Shown, formula: Formula) -> None:
        """Sharp at device pixels and in the colour of text, whatever theme and zoom are now."""
        color, scale = self._theme.color("text"), self._control.devicePixelRatioF()
        factor = place.width() / formula.width if formula.width else 1.0
        look = (int(color.rgba()), round(place.width() * 16), scale)
        if shown.image is None or shown.look != look:
            shown.image = formula_image(formula, QColor(color), factor, scale)
            shown.look = look
        painter.drawImage(place.topLeft(), shown.image)

    def _factor(self, formula: Formula, room: float) -> float:
        return min(self._size_px() / formula.size_px, room / max(formula.width, 1.0))

    def _below(self, formula: Formula) -> float:
        """What may hang below the line of text, where that has room: the rest stands above."""
        metrics = QFontMetricsF(self._control.document().defaultFont())
        return min(max(formula.depth, 0.0), metrics.descent())

    def _size_px(self) -> float:
        """A little larger than the code around it, whose letters are wide: they look equal then."""
        return 1.15 * QFontMetricsF(self._control.document().defaultFont()).ascent() * 1.1


def decode(picture: Picture, scale: float) -> QImage:
    """The picture's pixels. Any thread; nothing is loaded from elsewhere. Raises PictureError."""
    if picture.mime == "image/svg+xml":
        clean = clean_svg(picture.data.decode("utf-8", "replace"))
        size = svg_size(clean)
        return svg_image(clean, min(size.width(), SVG_SIDE_PX), scale)
    image = raster_image(picture.data)
    if max(image.width(), image.height()) > LONGEST_SIDE_PX:
        image = image.scaled(
            LONGEST_SIDE_PX,
            LONGEST_SIDE_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image


def _bytes(shown: _Shown) -> int:
    return shown.image.sizeInBytes() if shown.image is not None else 1_000
