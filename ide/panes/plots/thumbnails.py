"""The strip of small pictures under the plot: decoded only when seen, kept up to a bound."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QListView, QWidget

from ide.core.ports import RunInPool
from ide.panes.plots.model import Plot, PlotsModel
from ide.panes.plots.picture import decode
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied

THUMBNAIL: Final = QSize(96, 64)
KEPT_THUMBNAILS: Final = 200

_log = logging.getLogger(__name__)

Index = QModelIndex | QPersistentModelIndex


class ThumbnailModel(QAbstractListModel):
    """Rows are plots, oldest first. A small picture is made in the pool the first time that its row is painted."""

    def __init__(self, plots: PlotsModel, run_in_pool: RunInPool, ratio: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent)
        self._plots = plots
        self._run_in_pool = run_in_pool
        self._ratio = ratio
        self._pictures: OrderedDict[tuple[int, int], QPixmap | None] = OrderedDict()
        connect(parent, plots.inserted, self.on_inserted)
        connect(parent, plots.replaced, self.on_replaced)
        connect(parent, plots.removed, self.on_removed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """How many plots there are."""
        return 0 if parent.isValid() else self._plots.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Small picture, words for a screen reader, size."""
        if not index.isValid() or index.row() >= self._plots.count:
            return None
        plot = self._plots.at(index.row())
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(plot)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return plot_words(plot)
        return None

    def on_inserted(self, position: int) -> None:
        """A plot came in."""
        self.beginInsertRows(QModelIndex(), position, position)
        self.endInsertRows()

    def on_replaced(self, position: int) -> None:
        """A plot was drawn anew."""
        index = self.index(position)
        self.dataChanged.emit(index, index)

    def on_removed(self, position: int) -> None:
        """A plot went."""
        self.beginRemoveRows(QModelIndex(), position, position)
        self.endRemoveRows()

    def _picture(self, plot: Plot) -> QPixmap | None:
        key = (plot.id, hash(plot.data))
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        self._pictures[key] = None
        while len(self._pictures) > KEPT_THUMBNAILS:
            self._pictures.popitem(last=False)
        ratio = self._ratio()
        self._run_in_pool(
            lambda: (key, decode(plot.mime, plot.data, THUMBNAIL * ratio), ratio),
            tied(self, self.on_decoded),
            tied(self, self.on_broken),
        )
        return None

    def on_broken(self, error: Exception) -> None:
        """A damaged picture keeps its empty place; the pane tells about it when it comes into view."""
        _log.info("a thumbnail could not be drawn: %s", error)

    def on_decoded(self, answer: tuple[tuple[int, int], QImage, float]) -> None:
        """A small picture is ready."""
        key, image, ratio = answer
        if key not in self._pictures:
            return
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self._pictures[key] = pixmap
        row = next((at for at, plot in enumerate(self._plots.plots) if plot.id == key[0]), None)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def plot_words(plot: Plot) -> str:
    """What a thumbnail says: its number and where it comes from."""
    place = plot.source.title if plot.source is not None else ""
    return f"Plot {plot.id}" + (f", {place}" if place else "")


class Thumbnails(QListView):
    """One row of small pictures; choosing one brings its plot into view."""

    def __init__(self, plots: PlotsModel, theme: Theme, run_in_pool: RunInPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plots = plots
        self.setAccessibleName("Plots in order")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(THUMBNAIL)
        self.setGridSize(THUMBNAIL + QSize(12, 12))
        self.setFixedHeight(THUMBNAIL.height() + 12 + theme.px(16))
        self.setModel(ThumbnailModel(plots, run_in_pool, self.devicePixelRatioF, self))
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        connect(self, plots.chosen, self.on_chosen)

    def on_chosen(self, plot: object) -> None:
        """Follow the plot in view."""
        if plot is not None and self._plots.position is not None:
            index = self.model().index(self._plots.position, 0)
            if index != self.currentIndex():
                self.setCurrentIndex(index)
            self.scrollTo(index)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() != self._plots.position:
            self._plots.choose(current.row())
