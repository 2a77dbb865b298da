"""One picture, crisp at any size: fitted to the pane, or zoomed and moved. Knows no plot list and no session."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ide.qt.theme import Theme

ZOOM_STEP: Final = 1.25
MIN_ZOOM: Final = 0.05
MAX_ZOOM: Final = 16.0
EDGE_PX: Final = 8


class PictureView(QWidget):
    """Shows an image. Zoom 1.0 is one picture pixel on one device pixel; `is_fitted` follows the pane.

    `size_wanted` carries the device pixels that the picture takes now: whoever decodes vector pictures may hand in
    a sharper image with `sharpen`.
    """

    size_wanted = Signal(QSize)
    zoom_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self._natural = QSize()
        self._zoom = 1.0
        self._is_fitted = True
        self._offset = QPointF()
        self._drag_from: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(48, 48)
        self.setAccessibleName("Plot")

    @property
    def zoom(self) -> float:
        """Device pixels per picture pixel."""
        return self._fit_zoom() if self._is_fitted else self._zoom

    @property
    def is_fitted(self) -> bool:
        """Whether the picture follows the size of the pane."""
        return self._is_fitted

    def show_image(self, image: QImage | None, natural: QSize) -> None:
        """Show another picture. `natural` is its own size in pixels; `image` may be smaller or larger."""
        if natural != self._natural:
            self._is_fitted = True
            self._offset = QPointF()
        self._image = image
        self._natural = natural
        self._ask_for_size()
        self.update()

    def sharpen(self, image: QImage) -> None:
        """Put a better image of the same picture in place."""
        self._image = image
        self.update()

    def fit(self) -> None:
        """Show the whole picture."""
        self._is_fitted = True
        self._offset = QPointF()
        self._after_zoom()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the widget, its middle where none is given."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        before = self._target()
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom * factor))
        grown = zoom / self.zoom
        self._is_fitted = False
        self._zoom = zoom
        corner = at - (at - before.topLeft()) * grown
        size = before.size() * grown
        self._offset = corner + QPointF(size.width() / 2, size.height() / 2) - QPointF(self.width(), self.height()) / 2
        self._after_zoom()

    def wanted_size(self) -> QSize:
        """Device pixels that the whole picture takes at the present zoom."""
        return (self._target().size() * self.devicePixelRatioF()).toSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture; smooth when it is made smaller."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 4)
            painter.drawImage(self._target(), self._image, QRectF(self._image.rect()))
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the pane."""
        super().resizeEvent(event)
        self._keep_in_sight()
        self._ask_for_size()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel zooms around the pointer."""
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(ZOOM_STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton and not self._is_fitted:
            self._drag_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture that is held."""
        if self._drag_from is not None:
            self._offset += event.position() - self._drag_from
            self._drag_from = event.position()
            self._keep_in_sight()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._drag_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between the whole picture and its own pixels."""
        if self._is_fitted:
            self.zoom_by(1 / self.zoom, event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move a zoomed picture."""
        moves = {
            Qt.Key.Key_Left: QPointF(32, 0),
            Qt.Key.Key_Right: QPointF(-32, 0),
            Qt.Key.Key_Up: QPointF(0, 32),
            Qt.Key.Key_Down: QPointF(0, -32),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self._is_fitted:
            super().keyPressEvent(event)
            return
        self._offset += move
        self._keep_in_sight()
        self.update()

    def _fit_zoom(self) -> float:
        ratio = self.devicePixelRatioF()
        room = QSizeF(max(1, self.width() - 2 * EDGE_PX), max(1, self.height() - 2 * EDGE_PX)) * ratio
        if self._natural.isEmpty():
            return 1.0
        return min(room.width() / self._natural.width(), room.height() / self._natural.height(), 2.0 * ratio)

    def _target(self) -> QRectF:
        """Where the picture lies, in widget coordinates."""
        scale = self.zoom / self.devicePixelRatioF()
        size = QSizeF(self._natural) * scale
        middle = QPointF(self.width() / 2, self.height() / 2) + self._offset
        return QRectF(middle - QPointF(size.width() / 2, size.height() / 2), size)

    def _keep_in_sight(self) -> None:
        """At least a quarter of the pane keeps showing the picture."""
        if self._is_fitted:
            return
        size = self._target().size()
        limit_x = (size.width() + self.width()) / 2 - self.width() / 4
        limit_y = (size.height() + self.height()) / 2 - self.height() / 4
        self._offset.setX(max(-limit_x, min(limit_x, self._offset.x())))
        self._offset.setY(max(-limit_y, min(limit_y, self._offset.y())))

    def _after_zoom(self) -> None:
        self._keep_in_sight()
        self._ask_for_size()
        self.update()
        self.zoom_changed.emit()

    def _ask_for_size(self) -> None:
        if not self._natural.isEmpty():
            self.size_wanted.emit(self.wanted_size())
