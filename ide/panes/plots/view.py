"""The Plots pane's widgets: the plot in view over a strip of small ones. Everything is drawn in the pool."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from ide.core.ports import Cancel, RunInPool
from ide.panes.plots.model import SVG, Plot, PlotsModel
from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures, Room
from ide.panes.plots.picture_view import EDGE_PX, PictureView
from ide.panes.plots.thumbnails import Thumbnails
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState

RESIZE_PAUSE_MS: Final = 150
SLOW_MS: Final = 300
LEAST_HEIGHT_PX: Final = 220
"""A lower pane has no strip: the plot needs the room."""
LEAST_PLOT_PX: Final = (320, 240)
"""A plot is never asked to be smaller (R: "figure margins too large"); a smaller pane shows it smaller."""

Answer = tuple[Plot, Drawn | str]


class PlotsView(QWidget):
    """Follows a PlotsModel. `room_changed` tells that new plots may take another size, after resizing has ended."""

    room_changed = Signal()
    save_asked = Signal()

    def __init__(
        self,
        plots: PlotsModel,
        pictures: Pictures,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        empty: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plots = plots
        self._drawing = pictures
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._shown: Plot | None = None
        self._cancel: Cancel | None = None
        self._wanted = QSize()
        self._is_sharpening = False
        self._to_drawn = tied(self, self.on_drawn)
        self._to_sharpened = tied(self, self.on_sharpened)
        self._to_failed = tied(self, self.on_failed)
        self.picture = PictureView(theme)
        self.broken = EmptyState(theme, icons, "", [("plot.save", "Save its data...")], icon="warning")
        self.broken.chosen.connect(self._on_save_asked)
        self.waiting = EmptyState(theme, icons, "Drawing the plot.", icon="image")
        self.thumbnails = Thumbnails(plots, pictures, theme, icons, run_in_pool)
        self._page = QStackedLayout()
        for page in (self.picture, self.broken, self.waiting):
            self._page.addWidget(page)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._page, 1)
        column.addWidget(self.thumbnails)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(filled)
        self._pause = self._timer(RESIZE_PAUSE_MS, self._tell_room)
        self._slow = self._timer(SLOW_MS, self._on_slow)
        self.picture.size_wanted.connect(self._on_size_wanted)
        connect(self, plots.chosen, self.on_chosen)
        connect(self, plots.replaced, self.on_replaced)
        connect(self, theme.changed, self._on_theme_changed)
        self.on_chosen(plots.current)

    def room(self) -> QSize:
        """Logical pixels that a plot may take without being scaled."""
        px = self._theme.px
        strip = self.thumbnails.strip_height() if self._has_strip() else 0
        edge = 2 * px(EDGE_PX)
        width, height = LEAST_PLOT_PX
        return QSize(max(px(width), self.width() - edge), max(px(height), self.height() - strip - edge))

    def focus(self) -> None:
        """The keyboard goes to what is shown."""
        page = self._page.currentWidget() if self._stack.currentIndex() else self._stack.currentWidget()
        if page is not None:
            page.setFocus()

    def on_chosen(self, plot: Plot | None) -> None:
        """Bring another plot into view; the former one stays for a moment, until the new one is drawn."""
        if plot is not None and plot is self._shown:
            return
        self._stack.setCurrentIndex(0 if plot is None else 1)
        self._draw(plot)

    def on_replaced(self, position: int) -> None:
        """The plot in view was drawn anew (an animation)."""
        if position == self._plots.position:
            self._draw(self._plots.current)

    def on_drawn(self, answer: Answer) -> None:
        """The plot in view is ready to be painted, or will not be."""
        plot, drawn = answer
        if plot is not self._shown:
            return
        self._slow.stop()
        if isinstance(drawn, Drawn):
            self._wanted = QSize()
            keeps_zoom = self._page.currentWidget() is self.picture and plot.version > 0
            self.picture.show_picture(drawn, is_vector=plot.mime == SVG, keeps_zoom=keeps_zoom)
            self._turn_to(self.picture)
        else:
            self.picture.show_picture(None)
            self.broken.set_text(f"This plot can't be shown. {drawn}\nIts data are kept.")
            self._turn_to(self.broken)

    def on_sharpened(self, answer: tuple[Plot, Drawn | str, QSize]) -> None:
        """The plot in view was drawn at the size that it has on the screen."""
        plot, drawn, size = answer
        self._is_sharpening = False
        if plot is self._shown and isinstance(drawn, Drawn) and size == self._wanted:
            self.picture.sharpen(drawn.image)
        elif plot is not self._shown or size != self._wanted:
            self._sharpen()

    def on_failed(self, error: Exception) -> None:
        """A mistake of ours: it goes to the log like any other."""
        self._is_sharpening = False
        raise error

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the sessions the new size once the pane has stopped moving."""
        super().resizeEvent(event)
        self.thumbnails.setVisible(self._has_strip())
        self._pause.start()

    def _timer(self, interval_ms: int, method: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(method)
        return timer

    def _has_strip(self) -> bool:
        return self.height() >= self._theme.px(LEAST_HEIGHT_PX)

    def _draw(self, plot: Plot | None) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._shown = plot
        self._slow.stop()
        if plot is None:
            self.picture.show_picture(None)
            return
        self.picture.setAccessibleName(plot.words)
        self._slow.start()
        work = partial(_draw_in_room, self._drawing, plot, self.picture.room())
        self._cancel = self._run_in_pool(work, self._to_drawn, self._to_failed)

    def _turn_to(self, page: QWidget) -> None:
        before = self._page.currentWidget()
        had_focus = before is not None and before.hasFocus()
        self._page.setCurrentWidget(page)
        if had_focus:
            page.setFocus()

    def _on_size_wanted(self, size: QSize) -> None:
        if size != self._wanted:
            self._wanted = size
            self._sharpen()

    def _sharpen(self) -> None:
        """Draw the plot at the size wanted now, one after the other: sizes between that were passed are left out."""
        plot, image = self._shown, self.picture.image
        if plot is None or image is None or self._is_sharpening or self._wanted.isEmpty():
            return
        is_whole = plot.mime != SVG and image.size() == self.picture.own_size
        if image.size() == self._wanted or (is_whole and self._wanted.width() >= image.width()):
            return
        self._is_sharpening = True
        work = partial(_draw_at, self._drawing, plot, self._wanted)
        self._run_in_pool(work, self._to_sharpened, self._to_failed)

    def _tell_room(self) -> None:
        self.room_changed.emit()

    def _on_slow(self) -> None:
        self._turn_to(self.waiting)

    def _on_save_asked(self, _key: str) -> None:
        self.save_asked.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.thumbnails.setVisible(self._has_strip())
        self._pause.start()
        self.update()


def _draw_in_room(pictures: Pictures, plot: Plot, room: Room) -> Answer:
    """In a pool thread: the plot fitted into the pane, or why there is none."""
    try:
        return plot, pictures.draw(plot.mime, plot.data, room)
    except BrokenPicture as broken:
        return plot, str(broken)


def _draw_at(pictures: Pictures, plot: Plot, size: QSize) -> tuple[Plot, Drawn | str, QSize]:
    """In a pool thread: the plot at a size, or why there is none."""
    try:
        return plot, pictures.draw_at(plot.mime, plot.data, size), size
    except BrokenPicture as broken:
        return plot, str(broken), size
