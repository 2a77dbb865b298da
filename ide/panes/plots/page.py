"""One plot and the notice in its place: drawn in the pool, sharp at every size, in the look that is asked for.

Knows no list of plots: the pane, the comparison and windows of single plots are made of it.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStackedLayout, QWidget

from ide.core.ports import Cancel, RunInPool
from ide.core.record import dataclass
from ide.panes.plots.look import PLAIN, Look
from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures, Room
from ide.panes.plots.picture_view import PictureView
from ide.panes.plots.plot import Plot
from ide.panes.plots.seeing import seen
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import tied
from ide.widgets.empty_state import EmptyState

SLOW_MS: Final = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be drawn, and how it is looked at."""

    plot: Plot
    look: Look
    ground: QColor


Answer = tuple[Wish, Drawn | str]


class PlotPage(QWidget):
    """Shows one plot, or why there is none to be seen. `save_asked`: the user wants the data of a broken one."""

    save_asked = Signal()

    def __init__(
        self,
        pictures: Pictures,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._drawing = pictures
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._shown: Wish | None = None
        self._look = PLAIN
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
        self._page = QStackedLayout(self)
        for page in (self.picture, self.broken, self.waiting):
            self._page.addWidget(page)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._on_slow)
        self.picture.size_wanted.connect(self._on_size_wanted)
        theme.changed.connect(self._on_theme_changed)

    @property
    def plot(self) -> Plot | None:
        """What is shown."""
        return None if self._shown is None else self._shown.plot

    def focus(self) -> None:
        """The keyboard goes to what is shown."""
        page = self._page.currentWidget()
        if page is not None:
            page.setFocus()

    def show_plot(self, plot: Plot | None) -> None:
        """Show another plot or its new drawing; the former picture stays for a moment, until the new one is drawn."""
        self._draw(plot)

    def describe(self, plot: Plot) -> None:
        """Say what is shown to those who do not see it. Without a new drawing: the picture is the same."""
        self.picture.setAccessibleName(plot.words)
        self.picture.setAccessibleDescription(plot.alt)
        if self._shown is not None and plot.id == self._shown.plot.id and plot.version == self._shown.plot.version:
            self._shown = Wish(plot, self._shown.look, self._shown.ground)

    def set_look(self, look: Look) -> None:
        """Look at it in another way."""
        if look != self._look:
            self._look = look
            self._draw(self.plot)

    def on_drawn(self, answer: Answer) -> None:
        """The plot is ready to be painted, or will not be."""
        wish, drawn = answer
        if self._is_outdated(wish):
            return
        self._slow.stop()
        if isinstance(drawn, Drawn):
            self._wanted = QSize()
            is_same = self.picture.key == wish.plot.id
            self.picture.show_picture(drawn, key=wish.plot.id, is_vector=wish.plot.is_vector, keeps_zoom=is_same)
            self._turn_to(self.picture)
        else:
            self.picture.show_picture(None)
            self.broken.set_text(f"This plot can't be shown. {drawn}\nIts data are kept.")
            self._turn_to(self.broken)

    def on_sharpened(self, answer: tuple[Wish, Drawn | str, QSize]) -> None:
        """The plot was drawn at the size that it has on the screen."""
        wish, drawn, size = answer
        self._is_sharpening = False
        is_outdated = self._is_outdated(wish)
        if not is_outdated and isinstance(drawn, Drawn) and size == self._wanted:
            self.picture.sharpen(drawn.image)
        elif is_outdated or size != self._wanted:
            self._sharpen()

    def on_failed(self, error: Exception) -> None:
        """A mistake of ours: it goes to the log like any other."""
        self._is_sharpening = False
        raise error

    def _is_outdated(self, wish: Wish) -> bool:
        shown = self._shown
        return (
            shown is None
            or (shown.plot.id, shown.plot.version) != (wish.plot.id, wish.plot.version)
            or (shown.look, shown.ground) != (wish.look, wish.ground)
        )

    def _draw(self, plot: Plot | None) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._slow.stop()
        if plot is None:
            self._shown = None
            self.picture.show_picture(None)
            return
        self._shown = Wish(plot, self._look, self._theme.color("pane"))
        self.describe(plot)
        self._slow.start()
        work = partial(_draw_in_room, self._drawing, self._shown, self.picture.room())
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
        wish, image = self._shown, self.picture.image
        if wish is None or image is None or self._is_sharpening or self._wanted.isEmpty() or wish.plot.is_heavy:
            return
        is_whole = not wish.plot.is_vector and image.size().width() >= self.picture.own_size.width()
        if image.size() == self._wanted or (is_whole and self._wanted.width() >= image.width()):
            return
        self._is_sharpening = True
        work = partial(_draw_at, self._drawing, wish, self._wanted)
        self._run_in_pool(work, self._to_sharpened, self._to_failed)

    def _on_slow(self) -> None:
        self._turn_to(self.waiting)

    def _on_save_asked(self, _key: str) -> None:
        self.save_asked.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        if self._look.is_dark and self._shown is not None:
            self._draw(self._shown.plot)


def _draw_in_room(pictures: Pictures, wish: Wish, room: Room) -> Answer:
    """In a pool thread: the plot fitted into the page, or why there is none."""
    try:
        drawn = pictures.draw_plot(wish.plot, room)
    except BrokenPicture as broken:
        return wish, str(broken)
    return wish, Drawn(seen(drawn.image, wish.look, wish.ground), drawn.own_size)


def _draw_at(pictures: Pictures, wish: Wish, size: QSize) -> tuple[Wish, Drawn | str, QSize]:
    """In a pool thread: the plot at a size, or why there is none."""
    try:
        drawn = pictures.draw_plot_at(wish.plot, size)
    except BrokenPicture as broken:
        return wish, str(broken), size
    return wish, Drawn(seen(drawn.image, wish.look, wish.ground), drawn.own_size), size
