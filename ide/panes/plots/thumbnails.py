"""The strip of small pictures under the plot: drawn only when seen, kept up to a bound."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ide.core.ports import RunInPool
from ide.panes.plots.model import PlotsModel
from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures, Room, bytes_of
from ide.panes.plots.plot import Plot
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied

WIDTH_PX: Final = 96
HEIGHT_PX: Final = 64
GAP_PX: Final = 8
KEPT_THUMBNAILS: Final = 200

_log = logging.getLogger(__name__)

Index = QModelIndex | QPersistentModelIndex
Key = tuple[int, int, int, int]
"""Plot, its version, width and height in device pixels."""
Broken = str
Small = tuple[Key, QPixmap | Broken | None]


class ThumbnailModel(QAbstractListModel):
    """Rows are plots, oldest first. A small picture is made in the pool the first time that its row is painted."""

    def __init__(
        self, plots: PlotsModel, pictures: Pictures, run_in_pool: RunInPool, room: Callable[[], Room], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._plots = plots
        self._drawing = pictures
        self._run_in_pool = run_in_pool
        self._room = room
        self._small: OrderedDict[Key, QPixmap | Broken | None] = OrderedDict()
        self._to_made = tied(self, self.on_made)
        self._to_failed = tied(self, self.on_failed)
        connect(parent, plots.inserted, self.on_inserted)
        connect(parent, plots.replaced, self.on_replaced)
        connect(parent, plots.changed, self.on_replaced)
        connect(parent, plots.removed, self.on_removed)
        connect(parent, plots.reset, self.on_reset)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """How many plots there are."""
        return 0 if parent.isValid() else self._plots.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for those who point at it or have it read to them."""
        if index.isValid() and index.row() < self._plots.count:
            plot = self._plots.at(index.row())
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return f"{plot.words}, pinned" if plot.is_pinned else plot.words
            if role == Qt.ItemDataRole.AccessibleDescriptionRole:
                return plot.alt
            if role == Qt.ItemDataRole.ToolTipRole:
                about = (plot.words, plot.alt, plot.session_name, plot.at)
                return "\n".join(part for part in about if part).replace("<", "‹")  # Qt would take it for markup
        return None

    def small(self, row: int) -> QPixmap | Broken | None:
        """The small picture of a row, why there is none, or None while it is being made."""
        plot = self._plots.at(row)
        room = self._room()
        key = (plot.id, plot.version, room.size.width(), room.size.height())
        if key in self._small:
            self._small.move_to_end(key)
            return self._small[key]
        self._small[key] = None
        while len(self._small) > KEPT_THUMBNAILS:
            self._small.popitem(last=False)
        self._run_in_pool(partial(self._make, key, plot, room), self._to_made, self._to_failed)
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

    def on_reset(self) -> None:
        """Many plots came or went."""
        self.beginResetModel()
        self.endResetModel()

    def is_pinned(self, row: int) -> bool:
        """Whether the plot of a row is pinned."""
        return self._plots.at(row).is_pinned

    def on_made(self, answer: tuple[Key, Drawn | Broken]) -> None:
        """A small picture is ready, or there will be none."""
        key, made = answer
        if key not in self._small:
            return
        if isinstance(made, Drawn):
            pixmap = QPixmap.fromImage(made.image)
            pixmap.setDevicePixelRatio(self._room().ratio)
            self._small[key] = pixmap
        else:
            self._small[key] = made
        row = self._plots.position_of(key[0])
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def on_failed(self, error: Exception) -> None:
        """Not a damaged picture, but a mistake of ours."""
        _log.error("a thumbnail was not made", exc_info=error)

    def _make(self, key: Key, plot: Plot, room: Room) -> tuple[Key, Drawn | Broken]:
        """In a pool thread."""
        try:
            return key, self._drawing.draw(plot.mime, bytes_of(plot), room)
        except BrokenPicture as broken:
            return key, str(broken)


class ThumbnailPainter(QStyledItemDelegate):
    """A small picture on white in a thin frame, the one in view in a thick one; a sign where there is no picture."""

    def __init__(self, model: ThumbnailModel, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._icons = icons

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All are equal, with a gap around."""
        px = self._theme.px
        return QSize(px(WIDTH_PX + GAP_PX), px(HEIGHT_PX + GAP_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One of them."""
        px = self._theme.px
        frame = QRect(0, 0, px(WIDTH_PX), px(HEIGHT_PX))
        frame.moveCenter(option.rect.center())
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        small = self._model.small(index.row())
        painter.save()
        if isinstance(small, QPixmap):
            painter.fillRect(frame, Qt.GlobalColor.white)
            painter.drawPixmap(_middle(frame, small.deviceIndependentSize().toSize()), small)
        elif small is not None:
            side = px(24)
            sign = self._icons.pixmap("warning", "warning", QSize(side, side), painter.device().devicePixelRatio())
            painter.drawPixmap(_middle(frame, QSize(side, side)), sign)
        pen = QPen(self._theme.color("accent" if is_current else "border"), px(2) if is_current else 1)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(frame.adjusted(-1, -1, 0, 0))
        if self._model.is_pinned(index.row()):
            self._paint_pin(painter, frame)
        painter.restore()

    def _paint_pin(self, painter: QPainter, frame: QRect) -> None:
        side = self._theme.px(16)
        corner = QRect(frame.right() - side, frame.top(), side, side)
        painter.fillRect(corner, self._theme.color("accent"))
        inner = side - self._theme.px(4)
        size = QSize(inner, inner)
        sign = self._icons.pixmap("push-pin", "on_accent", size, painter.device().devicePixelRatio())
        painter.drawPixmap(_middle(corner, size), sign)


def _middle(frame: QRect, size: QSize) -> QRect:
    place = QRect(frame.topLeft(), size)
    place.moveCenter(frame.center())
    return place


class Thumbnails(QListView):
    """One row of small pictures; choosing one brings its plot into view."""

    def __init__(
        self,
        plots: PlotsModel,
        pictures: Pictures,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plots = plots
        self._theme = theme
        self.setAccessibleName("Plots in order")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.rows = ThumbnailModel(plots, pictures, run_in_pool, self.room, self)
        self.setModel(self.rows)
        self._painter = ThumbnailPainter(self.rows, theme, icons, self)
        self.setItemDelegate(self._painter)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        connect(self, plots.chosen, self.on_chosen)
        connect(self, plots.filtered, self.on_filtered)
        connect(self, plots.reset, self.on_reset)
        connect(self, plots.inserted, self.on_listed)
        connect(self, plots.changed, self.on_listed)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def room(self) -> Room:
        """What a small picture may take: device pixels of this screen."""
        ratio = self.devicePixelRatioF()
        px = self._theme.px
        return Room(QSize(round(px(WIDTH_PX) * ratio), round(px(HEIGHT_PX) * ratio)), ratio)

    def strip_height(self) -> int:
        """Logical pixels; with the scroll bar, whether it is there or not: plots must not change their size for it."""
        return self._theme.px(HEIGHT_PX + GAP_PX + 4 + 12)

    def on_chosen(self, plot: Plot | None) -> None:
        """Follow the plot in view."""
        position = self._plots.position
        if plot is not None and position is not None:
            index = self.rows.index(position, 0)
            if index != self.currentIndex():
                self.setCurrentIndex(index)
            self.scrollTo(index)

    def on_filtered(self) -> None:
        """Show those plots only that the filter lets through."""
        for row in range(self._plots.count):
            self.setRowHidden(row, not self._plots.is_listed(row))
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def on_reset(self) -> None:
        """Qt has forgotten what was hidden."""
        if self._plots.filter:
            self.on_filtered()

    def on_listed(self, position: int) -> None:
        """Whether the filter lets this plot through."""
        self.setRowHidden(position, not self._plots.is_listed(position))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The plot in view stays in sight here too."""
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The strip has one direction only, so either wheel moves along it."""
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self._plots.position:
            self._plots.choose(current.row())

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setFixedHeight(self.strip_height())
        self.setViewportMargins(self._theme.px(4), self._theme.px(4), self._theme.px(4), 0)
        self.scheduleDelayedItemsLayout()
