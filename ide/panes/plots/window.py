"""Plots outside the pane: one in a window of its own, or all of them, one after the other, on the full screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.panes.plots.look import Look
from ide.panes.plots.model import PlotsModel
from ide.panes.plots.page import PlotPage
from ide.panes.plots.picture import Pictures
from ide.panes.plots.picture_view import ZOOM_STEP
from ide.panes.plots.plot import Plot
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect

SIZE_PX: Final = (720, 560)


class PlotWindow(QDialog):
    """Shows `plot` until it is deleted or the window closed; with `follows_choice` whichever plot is in view.

    Arrow keys step, where it follows; +, - and 0 zoom, F11 turns the full screen on and off, Esc closes.
    """

    closed = Signal(object)

    def __init__(
        self,
        plot: Plot,
        plots: PlotsModel,
        pictures: Pictures,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        parent: QWidget,
        *,
        follows_choice: bool = False,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._plots = plots
        self._id = plot.id
        self._follows = follows_choice
        self.page = PlotPage(pictures, theme, icons, run_in_pool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.resize(QSize(*(theme.px(side) for side in SIZE_PX)))
        connect(self, plots.chosen, self._on_chosen)
        connect(self, plots.replaced, self._on_replaced)
        connect(self, plots.changed, self._on_changed)
        connect(self, plots.removed, self._on_removed)
        connect(self, plots.reset, self._on_removed)
        self._show(plot)
        self.setFocusProxy(self.page.picture)

    def set_look(self, look: Look) -> None:
        """Look at it in another way."""
        self.page.set_look(look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the main window do not reach here."""
        picture = self.page.picture
        match Qt.Key(event.key()):
            case Qt.Key.Key_Escape:
                self.close()
            case Qt.Key.Key_F11:
                self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
            case Qt.Key.Key_Right | Qt.Key.Key_PageDown | Qt.Key.Key_Space if self._follows:
                self._plots.step(1)
            case Qt.Key.Key_Left | Qt.Key.Key_PageUp if self._follows:
                self._plots.step(-1)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                picture.zoom_by(ZOOM_STEP)
            case Qt.Key.Key_Minus:
                picture.zoom_by(1 / ZOOM_STEP)
            case Qt.Key.Key_0:
                picture.fit()
            case _:
                super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell."""
        super().closeEvent(event)
        self.closed.emit(self)

    def _show(self, plot: Plot) -> None:
        self._id = plot.id
        self.setWindowTitle(plot.words)
        self.page.show_plot(plot)

    def _on_chosen(self, plot: Plot | None) -> None:
        if not self._follows:
            return
        if plot is None:
            self.close()
        elif plot is not self.page.plot:
            self._show(plot)

    def _on_replaced(self, position: int) -> None:
        plot = self._plots.at(position)
        if plot.id == self._id:
            self._show(plot)

    def _on_changed(self, position: int) -> None:
        plot = self._plots.at(position)
        if plot.id == self._id:
            self.page.describe(plot)

    def _on_removed(self) -> None:
        if not self._follows and self._plots.position_of(self._id) is None:
            self.close()
