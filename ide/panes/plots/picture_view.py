"""One picture, crisp at any size: fitted to the pane, or zoomed and moved. Knows no plot list and no session."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ide.panes.plots.picture import Drawn, Room, fitting_size
from ide.qt.theme import Theme

ZOOM_STEP: Final = 1.25
MIN_ZOOM: Final = 0.05
MAX_ZOOM: Final = 16.0
EDGE_PX: Final = 8
PAN_PX: Final = 32


class PictureView(QWidget):
    """Shows an image on white. Zoom 1.0 is one picture pixel on one device pixel; `is_fitted` follows the pane.

    `size_wanted` carries the device pixels that the picture takes now: whoever draws may hand in a better image of it
    with `sharpen`. `turned` tells that the user has zoomed or moved it.
    """

    size_wanted = Signal(QSize)
    zoom_changed = Signal()
    turned = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self._own = QSize()
        self._is_vector = False
        self._key = 0
        self._zoom = 1.0
        self._is_fitted = True
        self._offset = QPointF()
        self._drag_from: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(48, 48)
        self.setAccessibleName("Plot")

    @property
    def image(self) -> QImage | None:
        """What is drawn."""
        return self._image

    @property
    def key(self) -> int:
        """Whose picture it is; 0 for none."""
        return self._key

    @property
    def own_size(self) -> QSize:
        """The picture's own size in pixels; empty without a picture."""
        return self._own

    @property
    def zoom(self) -> float:
        """Device pixels per picture pixel."""
        if not self._is_fitted or self._own.isEmpty():
            return self._zoom
        return self.fitted_size().width() / self._own.width()

    @property
    def is_fitted(self) -> bool:
        """Whether the picture follows the size of the pane."""
        return self._is_fitted

    def room(self) -> Room:
        """What a fitted picture may take."""
        ratio = self.devicePixelRatioF()
        edge = 2 * self._theme.px(EDGE_PX)
        width, height = max(16, self.width() - edge), max(16, self.height() - edge)
        return Room(QSize(round(width * ratio), round(height * ratio)), ratio)

    def show_picture(
        self, drawn: Drawn | None, *, key: int = 0, is_vector: bool = False, keeps_zoom: bool = False
    ) -> None:
        """Show another picture, or none.

        With `keeps_zoom` it is a new drawing of the same one: a zoomed one goes on showing the same part as large as
        before, also where the drawing itself has another size.
        """
        if drawn is None or not keeps_zoom:
            self._is_fitted = True
            self._offset = QPointF()
        elif not self._is_fitted and not drawn.own_size.isEmpty() and drawn.own_size != self._own:
            self._take_size(drawn.own_size)
        self._key = key
        self._image = drawn.image if drawn is not None else None
        self._own = drawn.own_size if drawn is not None else QSize()
        self._is_vector = is_vector
        self._ask_for_size()
        self.update()
        self.zoom_changed.emit()

    def _take_size(self, size: QSize) -> None:
        before = self.target().size()
        self._zoom = min(MAX_ZOOM, max(MIN_ZOOM, self._zoom * self._own.width() / size.width()))
        self._own = size
        now = self.target().size()
        across, down = now.width() / before.width(), now.height() / before.height()
        self._offset = QPointF(self._offset.x() * across, self._offset.y() * down)
        self._keep_in_sight()

    def sharpen(self, image: QImage) -> None:
        """Put a better image of the same picture in place."""
        self._image = image
        self.update()

    def fit(self) -> None:
        """Show the whole picture."""
        self._is_fitted = True
        self._offset = QPointF()
        self._after_zoom()
        self.turned.emit()

    def follow(self, other: PictureView) -> None:
        """Show the same part as another view, whatever the sizes of both pictures. Does not tell of it."""
        if self._own.isEmpty() or other.own_size.isEmpty():
            return
        self._is_fitted = other.is_fitted
        self._offset = QPointF()
        if not other.is_fitted:
            grown = other.wanted_size().width() / other.fitted_size().width()
            self._zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.fitted_size().width() / self._own.width() * grown))
            size, others = self.target().size(), other.target().size()
            away = other.offset
            self._offset = QPointF(away.x() / others.width() * size.width(), away.y() / others.height() * size.height())
        self._after_zoom()

    @property
    def offset(self) -> QPointF:
        """How far the picture's middle is from that of the widget."""
        return QPointF(self._offset)

    def fitted_size(self) -> QSize:
        """Device pixels of the whole picture where it is fitted."""
        return fitting_size(self._own, self.room(), is_vector=self._is_vector)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the widget, its middle where none is given."""
        if self._own.isEmpty():
            return
        middle = QPointF(self.width() / 2, self.height() / 2)
        at = at or middle
        before = self.target()
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom * factor))
        grown = zoom / self.zoom
        self._is_fitted = False
        self._zoom = zoom
        corner = at - (at - before.topLeft()) * grown
        size = before.size() * grown
        self._offset = corner + QPointF(size.width() / 2, size.height() / 2) - middle
        self._after_zoom()
        self.turned.emit()

    def wanted_size(self) -> QSize:
        """Device pixels that the whole picture takes at the present zoom."""
        if self._is_fitted:
            return self.fitted_size()
        return (QSizeF(self._own) * self._zoom).toSize().expandedTo(QSize(1, 1))

    def target(self) -> QRectF:
        """Where the picture lies, in widget coordinates; on whole device pixels, or it would be blurred."""
        ratio = self.devicePixelRatioF()
        size = QSizeF(self.wanted_size()) / ratio
        corner = QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2) + self._offset
        return QRectF(QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture on white, since plots are made for paper; a line around the pane that has the keyboard."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        if self._image is not None:
            target = self.target()
            painter.fillRect(target, Qt.GlobalColor.white)
            is_enlarged = self.zoom >= 4 and not self._is_vector
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_enlarged)
            painter.drawImage(target, self._image, QRectF(self._image.rect()))
        if self.hasFocus():
            width = self._theme.px(2)
            painter.setPen(QPen(self._theme.color("accent"), width))
            inset = width / 2
            painter.drawRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))
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
            self._move_by(event.position() - self._drag_from)
            self._drag_from = event.position()

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
        """Arrow keys move a zoomed picture; with Shift where the arrows alone go to the next plot."""
        moves = {
            Qt.Key.Key_Left: QPointF(PAN_PX, 0),
            Qt.Key.Key_Right: QPointF(-PAN_PX, 0),
            Qt.Key.Key_Up: QPointF(0, PAN_PX),
            Qt.Key.Key_Down: QPointF(0, -PAN_PX),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self._is_fitted:
            super().keyPressEvent(event)
            return
        self._move_by(move)

    def _move_by(self, way: QPointF) -> None:
        self._offset += way
        self._keep_in_sight()
        self.update()
        self.turned.emit()

    def _keep_in_sight(self) -> None:
        """At least a quarter of the pane keeps showing the picture."""
        if self._is_fitted:
            return
        size = self.target().size()
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
        if not self._own.isEmpty():
            self.size_wanted.emit(self.wanted_size())
