"""The Plots pane's widgets: the plot in view over a strip of small ones. Decoding happens in the pool."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from ide.core.ports import Cancel, RunInPool
from ide.panes.plots.model import SVG, Plot, PlotsModel
from ide.panes.plots.picture import decode, natural_size
from ide.panes.plots.picture_view import PictureView
from ide.panes.plots.thumbnails import Thumbnails, plot_words
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied

RESIZE_PAUSE_MS = 150


class PlotsView(QWidget):
    """Follows a PlotsModel. `room_changed` carries the logical pixels that a new plot may take, after resizing ends."""

    room_changed = Signal(QSize)

    def __init__(
        self, plots: PlotsModel, theme: Theme, run_in_pool: RunInPool, empty: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._plots = plots
        self._run_in_pool = run_in_pool
        self._shown: Plot | None = None
        self._cancel: Cancel | None = None
        self._asked_size = QSize()
        self.picture = PictureView(theme, self)
        self._broken = QLabel(self)
        self._broken.setWordWrap(True)
        self._broken.setMargin(theme.px(8))
        self._broken.hide()
        filled = QWidget(self)
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._broken)
        column.addWidget(self.picture, 1)
        self.thumbnails = Thumbnails(plots, theme, run_in_pool, filled)
        column.addWidget(self.thumbnails)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(filled)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(RESIZE_PAUSE_MS)
        self._pause.timeout.connect(self._tell_room)
        self.picture.size_wanted.connect(self._on_size_wanted)
        connect(self, plots.chosen, self.on_chosen)
        self.on_chosen(plots.current)

    def room(self) -> QSize:
        """Logical pixels that a plot may take without being scaled."""
        margin = 2 * 8
        return QSize(max(120, self.width() - margin), max(90, self.height() - self.thumbnails.height() - margin))

    def on_chosen(self, plot: Plot | None) -> None:
        """Bring another plot into view; the former one stays until the new one is decoded."""
        self._stack.setCurrentIndex(0 if plot is None else 1)
        self._shown = plot
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        if plot is None:
            self.picture.show_image(None, QSize())
            return
        self.picture.setAccessibleName(plot_words(plot))
        self._cancel = self._run_in_pool(
            lambda: (plot, decode(plot.mime, plot.data), natural_size(plot.mime, plot.data)),
            tied(self, self.on_decoded),
            tied(self, self.on_broken),
        )

    def on_decoded(self, answer: tuple[Plot, QImage, QSize]) -> None:
        """The plot in view is ready to be painted."""
        plot, image, natural = answer
        if plot is not self._shown:
            return
        self._broken.hide()
        self._asked_size = QSize()
        self.picture.show_image(image, natural)
        # A vector picture may have been drawn smaller than the pane wants it.
        self._on_size_wanted(self.picture.wanted_size())

    def on_broken(self, error: Exception) -> None:
        """The plot in view can't be drawn: say so in its place."""
        self.picture.show_image(None, QSize())
        self._broken.setText(
            f"This picture can't be shown. {error}\nIts data are kept: save it to a file to look at it."
        )
        self._broken.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the sessions the new size once the pane has stopped moving."""
        super().resizeEvent(event)
        self._pause.start()

    def _tell_room(self) -> None:
        self.room_changed.emit(self.room())

    def _on_size_wanted(self, size: QSize) -> None:
        plot = self._shown
        if plot is None or plot.mime != SVG or size == self._asked_size or size.isEmpty():
            return
        self._asked_size = size
        self._run_in_pool(
            lambda: (plot, decode(plot.mime, plot.data, size), size),
            tied(self, self.on_sharpened),
            tied(self, self.on_broken),
        )

    def on_sharpened(self, answer: tuple[Plot, QImage, QSize]) -> None:
        """A vector picture was drawn at the size that is on screen."""
        plot, image, size = answer
        if plot is self._shown and size == self._asked_size:
            self.picture.sharpen(image)
