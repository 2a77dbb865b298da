"""The Plots pane's widgets: the plot in view, or two side by side, over a line about it and a strip of small ones."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedLayout, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.panes.plots.line import PlotLine
from ide.panes.plots.look import PLAIN, Look
from ide.panes.plots.model import PlotsModel
from ide.panes.plots.page import PlotPage
from ide.panes.plots.picture import Pictures
from ide.panes.plots.picture_view import EDGE_PX, PictureView
from ide.panes.plots.plot import Plot
from ide.panes.plots.thumbnails import Thumbnails
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect

RESIZE_PAUSE_MS: Final = 150
LEAST_HEIGHT_PX: Final = 220
"""A lower pane has no strip: the plot needs the room."""
LEAST_PLOT_PX: Final = (320, 240)
"""A plot is never asked to be smaller (R: "figure margins too large"); a smaller pane shows it smaller."""


class PlotsView(QWidget):
    """Follows a PlotsModel. `room_changed` tells that new plots may take another size, after resizing has ended."""

    room_changed = Signal()
    save_asked = Signal()
    redraw_asked = Signal()

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
        self._theme = theme
        self._compared: Plot | None = None
        self._redraw_words = ""
        self._redraw_offer = ""
        self._is_zoom_tied = True
        self.look = PLAIN
        self.page = PlotPage(pictures, theme, icons, run_in_pool)
        self.other_page = PlotPage(pictures, theme, icons, run_in_pool)
        self.line = PlotLine(theme, icons)
        self.other_line = PlotLine(theme, icons)
        self.thumbnails = Thumbnails(plots, pictures, theme, icons, run_in_pool)
        self._other_side = _column(self.other_page, self.other_line)
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        self._sides.setChildrenCollapsible(False)
        self._sides.addWidget(self._other_side)
        self._sides.addWidget(_column(self.page, self.line))
        self._other_side.hide()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(_column(self._sides, self.thumbnails))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(RESIZE_PAUSE_MS)
        self._pause.timeout.connect(self._tell_room)
        for page in (self.page, self.other_page):
            page.save_asked.connect(self.save_asked)
        self.page.picture.turned.connect(self._on_turned)
        self.other_page.picture.turned.connect(self._on_other_turned)
        self.line.offer_taken.connect(self.redraw_asked)
        connect(self, plots.chosen, self.on_chosen)
        connect(self, plots.replaced, self.on_replaced)
        connect(self, plots.changed, self.on_changed)
        connect(self, plots.removed, self.on_removed)
        connect(self, plots.filtered, self._show_line)
        connect(self, plots.reset, self.on_removed)
        connect(self, theme.changed, self._on_theme_changed)
        self.on_chosen(plots.current)

    @property
    def picture(self) -> PictureView:
        """The picture of the plot in view."""
        return self.page.picture

    @property
    def compared(self) -> Plot | None:
        """The plot that stands beside the one in view."""
        return self._compared

    def room(self) -> QSize:
        """Logical pixels that a plot may take without being scaled."""
        px = self._theme.px
        below = self.line.height()
        below += self.thumbnails.strip_height() if self._has_strip() else 0
        edge = 2 * px(EDGE_PX)
        width, height = LEAST_PLOT_PX
        return QSize(max(px(width), self.width() - edge), max(px(height), self.height() - below - edge))

    def room_in_sight(self) -> QSize:
        """Logical pixels that the plot in view has now: less beside another one."""
        room = self.room()
        if self._compared is None:
            return room
        least, edge = self._theme.px(LEAST_PLOT_PX[0]), 2 * self._theme.px(EDGE_PX)
        return QSize(max(least, self.page.width() - edge), room.height())

    def set_redraw_words(self, words: str, offer: str = "") -> None:
        """Why the plot in view is not drawn anew at its size, and a button that has it done; empty where it is."""
        if (words, offer) != (self._redraw_words, self._redraw_offer):
            self._redraw_words, self._redraw_offer = words, offer
            self._show_line()

    @property
    def is_zoom_tied(self) -> bool:
        """Whether two plots side by side are zoomed and moved as one."""
        return self._is_zoom_tied

    def set_zoom_tied(self, is_tied: bool) -> None:
        """Tie the zoom of two plots side by side, or let each have its own."""
        self._is_zoom_tied = is_tied
        self._on_turned()

    def focus(self) -> None:
        """The keyboard goes to what is shown."""
        shown = self._stack.currentWidget()
        if self._stack.currentIndex():
            self.page.focus()
        elif shown is not None:
            shown.setFocus()

    def compare(self, plot: Plot | None) -> None:
        """Put a plot beside the one in view, where it stays while another is chosen; None ends it."""
        self._compared = plot
        had_focus = self._other_side.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._other_side.setVisible(plot is not None)
        self.other_page.show_plot(plot)
        if plot is not None:
            self._sides.setSizes([self.width() // 2, self.width() // 2])
        elif had_focus:
            self.page.focus()
        self._show_line()

    def set_look(self, look: Look) -> None:
        """Look at plots in another way; small pictures stay as they are."""
        self.look = look
        self.page.set_look(look)
        self.other_page.set_look(look)
        self._show_line()

    def on_chosen(self, plot: Plot | None) -> None:
        """Bring another plot into view."""
        if plot is None or plot is not self.page.plot:
            self._stack.setCurrentIndex(0 if plot is None else 1)
            self.page.show_plot(plot)
        self._show_line()

    def on_replaced(self, position: int) -> None:
        """A plot was drawn anew (an animation, another size)."""
        plot = self._plots.at(position)
        if position == self._plots.position:
            self.page.show_plot(plot)
        if self._compared is not None and plot.id == self._compared.id:
            self._compared = plot
            self.other_page.show_plot(plot)
        self._show_line()

    def on_changed(self, position: int) -> None:
        """Something else is said of a plot."""
        plot = self._plots.at(position)
        if position == self._plots.position:
            self.page.describe(plot)
        if self._compared is not None and plot.id == self._compared.id:
            self._compared = plot
            self.other_page.describe(plot)
        self._show_line()

    def on_removed(self) -> None:
        """What is compared may be gone."""
        if self._compared is not None and self._plots.position_of(self._compared.id) is None:
            self.compare(None)
        self._show_line()

    def event(self, event: QEvent) -> bool:
        """A screen with other pixels asks for other plots, as another size does."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._pause.start()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the sessions the new size once the pane has stopped moving."""
        super().resizeEvent(event)
        self.thumbnails.setVisible(self._has_strip())
        self._pause.start()

    def _has_strip(self) -> bool:
        return self.height() >= self._theme.px(LEAST_HEIGHT_PX)

    def _show_line(self) -> None:
        plot = self._plots.current
        if plot is None or self._plots.position is None:
            self.line.say()
            return
        count = f"{self._plots.position + 1} of {self._plots.count}"
        if self._plots.filter:
            listed = self._plots.listed_count
            count += f" ({listed} listed)" if listed else " (none listed)"
        remark = _remark(plot, self.look, self._redraw_words)
        self.line.say((count, *_about(plot)), remark, is_pinned=plot.is_pinned, offer=self._redraw_offer)
        other = self._compared
        if other is not None:
            self.other_line.say(
                (f"Plot {other.id}", *_about(other)), _remark(other, self.look), is_pinned=other.is_pinned
            )

    @Slot()
    def _on_turned(self) -> None:
        if self._is_zoom_tied and self._compared is not None:
            self.other_page.picture.follow(self.page.picture)

    @Slot()
    def _on_other_turned(self) -> None:
        if self._is_zoom_tied and self._compared is not None:
            self.page.picture.follow(self.other_page.picture)

    def _tell_room(self) -> None:
        self.room_changed.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.thumbnails.setVisible(self._has_strip())
        self._pause.start()
        self.update()


def _about(plot: Plot) -> tuple[str, ...]:
    return plot.place, plot.session_name, plot.at


def _remark(plot: Plot, look: Look, redraw: str = "") -> str:
    return " · ".join(part for part in (look.words, plot.note, redraw) if part)


def _column(upper: QWidget, lower: QWidget) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(upper, 1)
    column.addWidget(lower)
    return both
