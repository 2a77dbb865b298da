"""One picture large: fitted, or zoomed and moved; SVG is drawn anew for each size, moving pictures move."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QMovie,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich.buttons import ButtonRow
from ide.widgets.rich.pictures import svg_image

ZOOM_STEP: Final = 1.25
MIN_ZOOM: Final = 0.02
MAX_ZOOM: Final = 16.0
EDGE_PX: Final = 12
PAN_PX: Final = 40
SHARPEN_MS: Final = 120
SHARP_SIDE_PX: Final = 6_000
"""Longest side to which an SVG is drawn anew; beyond, its picture is enlarged."""
FRAME_PIXELS: Final = 2_000_000
"""A frame of a moving picture is decoded on the UI thread: larger ones stand still."""


class Picture(QWidget):
    """The picture itself. Zoom 1.0 is one of its pixels on one pixel of the widget."""

    zoom_changed = Signal()

    def __init__(self, theme: Theme, alt: str) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self.own = QSize()
        self._zoom = 1.0
        self._is_fitted = True
        self._offset = QPointF()
        self._from: QPointF | None = None
        self.setAccessibleName(alt)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        theme.changed.connect(self.update)

    @property
    def image(self) -> QImage:
        """What is drawn now."""
        return self._image

    @property
    def zoom(self) -> float:
        """Pixels of the widget per pixel of the picture."""
        if not self._is_fitted or self.own.isEmpty():
            return self._zoom
        edge = 2 * self._theme.px(EDGE_PX)
        across, down = max(16, self.width() - edge), max(16, self.height() - edge)
        return min(1.0, across / self.own.width(), down / self.own.height())

    def put(self, image: QImage, own: QSize | None = None) -> None:
        """Draw `image`; `own` is the size of the picture, in its own pixels, where another one comes."""
        self._image = image
        if own is not None:
            self.own = own
        self.update()

    def fit(self) -> None:
        """Show all of it, never enlarged."""
        self._is_fitted, self._offset = True, QPointF()
        self._tell()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the widget, its middle where none is given."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        at = at or middle
        before = self._place()
        grown = min(MAX_ZOOM, max(MIN_ZOOM, zoom)) / self.zoom
        self._zoom, self._is_fitted = self.zoom * grown, False
        corner = at - (at - before.topLeft()) * grown
        size = before.size() * grown
        self._offset = corner + QPointF(size.width() / 2, size.height() / 2) - middle
        self._tell()

    def _tell(self) -> None:
        self.update()
        self.zoom_changed.emit()

    def _place(self) -> QRectF:
        """Where the picture is; it never leaves the widget whole."""
        wide, high = self.own.width() * self.zoom, self.own.height() * self.zoom
        across, down = max(0.0, (wide - self.width()) / 2 + 32), max(0.0, (high - self.height()) / 2 + 32)
        if wide <= self.width() and high <= self.height():
            across = down = 0.0
        self._offset = QPointF(min(across, max(-across, self._offset.x())), min(down, max(-down, self._offset.y())))
        return QRectF(
            (self.width() - wide) / 2 + self._offset.x(), (self.height() - high) / 2 + self._offset.y(), wide, high
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture on white: what is transparent was meant for paper."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        if not self._image.isNull():
            place = self._place()
            painter.fillRect(place, QColor("white"))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 3)
            painter.drawImage(place, self._image)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted picture changes its zoom."""
        super().resizeEvent(event)
        self.zoom_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Mod it zooms at the pointer, without it moves."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self.zoom * ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        else:
            self._offset += QPointF(event.angleDelta()) / 2
            self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Drag moves."""
        self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move along."""
        if self._from is not None:
            self._offset += event.position() - self._from
            self._from = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of it."""
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """All of it, or its own size."""
        self.fit() if not self._is_fitted else self.zoom_to(1.0, event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+, -, 0 and 1 zoom, arrow keys move."""
        moves = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_to(self.zoom * ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_to(self.zoom / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.zoom_to(1.0)
        elif key in moves:
            self._offset += QPointF(*moves[key]) * self._theme.px(PAN_PX)
            self.update()
        else:
            super().keyPressEvent(event)


class PictureView(QWidget):
    """A picture with its buttons."""

    def __init__(self, theme: Theme, icons: Icons, run_in_pool: RunInPool, alt: str) -> None:
        super().__init__()
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._svg = b""
        self._movie: QMovie | None = None
        self._data: tuple[QByteArray, QBuffer] | None = None
        self._play: QToolButton | None = None
        self.picture = Picture(theme, alt)
        self.buttons = ButtonRow(theme, icons)
        self.buttons.add("magnifying-glass-minus", "Zoom out (-)", self._zoom_out)
        self.buttons.add("magnifying-glass-plus", "Zoom in (+)", self._zoom_in)
        self.buttons.add("corners-out", "Show all of it (0)", self.picture.fit)
        self.buttons.add("image", "Its own size (1)", partial(self.picture.zoom_to, 1.0))
        self.buttons.add("copy", "Copy picture", self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.buttons)
        column.addWidget(self.picture, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SHARPEN_MS)
        self._soon.timeout.connect(self._sharpen)
        self.picture.zoom_changed.connect(self._on_zoom_changed)
        self.setFocusProxy(self.picture)

    def show_image(self, image: QImage) -> None:
        """A picture of pixels."""
        self.picture.put(image, image.size())
        self._on_zoom_changed()

    def show_svg(self, clean: bytes, image: QImage, own: QSize) -> None:
        """An SVG that `clean_svg` gave, a first picture of it, and its size."""
        self._svg = clean
        self.picture.put(image, own)
        self._on_zoom_changed()

    def show_movie(self, data: bytes) -> None:
        """A GIF or WebP that moves; of one that does not, its picture."""
        held = QByteArray(data)
        buffer = QBuffer(held, self)
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        movie = QMovie(self)
        movie.setDevice(buffer)
        movie.setCacheMode(QMovie.CacheMode.CacheNone)
        movie.jumpToFrame(0)
        self._movie, self._data = movie, (held, buffer)
        self.show_image(movie.currentImage())
        size = movie.currentImage().width() * movie.currentImage().height()
        if movie.frameCount() == 1 or size > FRAME_PIXELS:
            return
        movie.frameChanged.connect(self._on_frame)
        self._play = self.buttons.add("play", "Play or pause (Space)", self.toggle)
        if not self._theme.is_motion_reduced:
            movie.start()

    @property
    def is_moving(self) -> bool:
        """Whether it plays."""
        return self._movie is not None and self._movie.state() == QMovie.MovieState.Running

    def toggle(self) -> None:
        """Play, or stand still."""
        if self._movie is not None:
            if self._movie.state() == QMovie.MovieState.NotRunning:
                self._movie.start()
            else:
                self._movie.setPaused(self.is_moving)

    def close_view(self) -> None:
        """Nothing moves any more."""
        self._soon.stop()
        if self._movie is not None:
            self._movie.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays."""
        if event.key() == Qt.Key.Key_Space and self._play is not None:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def _zoom_in(self) -> None:
        self.picture.zoom_to(self.picture.zoom * ZOOM_STEP)

    def _zoom_out(self) -> None:
        self.picture.zoom_to(self.picture.zoom / ZOOM_STEP)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.picture.image)

    @Slot(int)
    def _on_frame(self, _number: int) -> None:
        if self._movie is not None:
            self.picture.put(self._movie.currentImage())

    @Slot()
    def _on_zoom_changed(self) -> None:
        own, zoom = self.picture.own, round(100 * self.picture.zoom)
        self.buttons.say(f"{own.width()} × {own.height()} px · {zoom} %")
        if self._svg:
            self._soon.start()

    @Slot()
    def _sharpen(self) -> None:
        """The SVG at the size that it has now, drawn in the pool."""
        scale = self.devicePixelRatioF()
        wide = self.picture.own.width() * self.picture.zoom
        high = self.picture.own.height() * self.picture.zoom
        shrink = min(1.0, SHARP_SIDE_PX / max(1.0, max(wide, high) * scale))
        width = max(1, round(wide * shrink))
        if round(width * scale) != self.picture.image.width():
            self._run_in_pool(partial(svg_image, self._svg, width, scale), self._on_sharp, self._on_not_sharp)

    def _on_sharp(self, image: QImage) -> None:
        self.picture.put(image)

    def _on_not_sharp(self, _error: Exception) -> None:
        """The picture that is there stays."""
