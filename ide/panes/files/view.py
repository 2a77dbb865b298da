"""The tree of the open folder: names with the icon of their kind, links with where they lead."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ide.core.text import with_unseen_shown
from ide.panes.files.model import Entry, FilesModel
from ide.panes.files.rows import FileRows, icon_of
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.row_ground import RowGround

Index = QModelIndex | QPersistentModelIndex

ROW_PX: Final = 24
ICON_PX: Final = 16


class FilePainter(QStyledItemDelegate):
    """Icon, name, and for a link its target in muted."""

    def __init__(self, rows: FileRows, theme: Theme, icons: Icons, parent: QTreeView) -> None:
        super().__init__(parent)
        self._rows = rows
        self._theme = theme
        self._icons = icons

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Rows are as high as the grid's, more only for a larger font."""
        height = QFontMetrics(self._theme.font("ui")).height() + self._theme.px(4)
        return QSize(self._theme.px(80), max(self._theme.px(ROW_PX), height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        entry = self._rows.entry_at(index)
        rect = option.rect.adjusted(self._theme.px(4), 0, -self._theme.px(4), 0)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setFont(self._theme.font("ui"))
        if entry is None:
            self._draw(painter, rect, str(self._rows.data(index) or ""), "muted")
        else:
            self._draw_entry(painter, rect, entry, is_selected=is_selected)
        painter.restore()

    def _draw_entry(self, painter: QPainter, rect: QRect, entry: Entry, *, is_selected: bool) -> None:
        side = self._theme.px(ICON_PX)
        top = rect.top() + (rect.height() - side) // 2
        pixmap = self._icons.pixmap(icon_of(entry), "muted", QSize(side, side), painter.device().devicePixelRatio())
        painter.drawPixmap(rect.left(), top, pixmap)
        rect = rect.adjusted(side + self._theme.px(6), 0, 0, 0)
        is_faint = entry.is_special or entry.is_broken or entry.is_hidden
        end = self._draw(
            painter, rect, with_unseen_shown(entry.name), "muted" if is_faint and not is_selected else "text"
        )
        if entry.is_link:
            rest = rect.adjusted(end - rect.left() + self._theme.px(8), 0, 0, 0)
            words = f"→ {with_unseen_shown(entry.target)}" + (" (not there)" if entry.is_broken else "")
            self._draw(painter, rest, words, "text" if is_selected else "muted")

    def _draw(self, painter: QPainter, rect: QRect, text: str, role: str) -> int:
        """Draw on one line, cut with dots; returns where it ends."""
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, rect.width()))
        painter.setPen(self._theme.color(role))
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        return rect.left() + painter.fontMetrics().horizontalAdvance(shown)


class FilesView(QTreeView):
    """The open folder. `opened` carries the path of a file that was double-clicked or entered."""

    opened = Signal(object)
    selection_moved = Signal()

    def __init__(self, files: FilesModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._theme = theme
        self._wanted: Path | None = None
        self.rows = FileRows(files, self)
        self._ground = RowGround(self, theme, icons)
        self.setAccessibleName("Files")
        self.setModel(self.rows)
        self._painter = FilePainter(self.rows, theme, icons, self)
        self.setItemDelegate(self._painter)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        connect(self, theme.changed, self._on_theme_changed)
        connect(self, files.listed, self.on_listed)
        connect(self, files.rooted, self.on_rooted)
        self._on_theme_changed()

    def selected(self) -> Path | None:
        """The file or folder that is selected."""
        index = self.currentIndex()
        is_selected = index.isValid() and self.selectionModel().isSelected(index)
        return self.rows.path_at(index) if is_selected else None

    def select(self, path: Path) -> None:
        """Select and show a file or folder, as soon as it is listed."""
        index = self.rows.index_of(path)
        self._wanted = None if index.isValid() else path
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def on_rooted(self) -> None:
        """Another folder is shown."""
        self._wanted = None
        self.rows.reset()
        self.selection_moved.emit()

    def on_listed(self, folder: Path) -> None:
        """Names came or went. What is selected stays so; a name that is gone leaves no other one selected."""
        selected = self.selected()
        is_anew = self.rows.sync(folder)
        if is_anew:
            self._open_again(folder)
        if selected is not None and self.selected() != selected:
            index = self.rows.index_of(selected)
            self.setCurrentIndex(index) if index.isValid() else self.clearSelection()
        if self._wanted is not None:
            self.select(self._wanted)
        self.selection_moved.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer."""
        self._ground.note(event)
        return super().viewportEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row's ground over the whole width, then the row."""
        self._ground.paint(painter, option.rect, index)
        super().drawRow(painter, option, index)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A folder's arrow."""
        entry = self.rows.entry_at(index)
        if entry is not None and entry.is_folder:
            path = self.rows.path_at(index)
            self._ground.paint_arrow(painter, rect, is_open=path is not None and self._files.is_open(path))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is under the pointer."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton and not self._is_on_arrow(event, index):
            self._enter(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._enter(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _is_on_arrow(self, event: QMouseEvent, index: QModelIndex) -> bool:
        return event.position().x() < self.visualRect(index).left()

    def _enter(self, index: QModelIndex) -> None:
        entry, path = self.rows.entry_at(index), self.rows.path_at(index)
        if entry is None or path is None:
            return
        if entry.is_folder:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.opened.emit(path)

    def _open_again(self, folder: Path) -> None:
        """Folders below that were open, after all rows were made anew."""
        for inner in self._files.open_folders:
            if inner != folder and inner.is_relative_to(folder):
                index = self.rows.index_of(inner)
                if index.isValid():
                    self.rows.sync(inner)
                    self.setExpanded(index, True)

    def _on_expanded(self, index: QModelIndex) -> None:
        path = self.rows.path_at(index)
        if path is not None and not self._files.is_open(path):
            if self._files.entries(path) is not None:
                self.rows.sync(path)  # as it was when it was shut, until it is read anew
            self._files.open(path)

    def _on_collapsed(self, index: QModelIndex) -> None:
        path = self.rows.path_at(index)
        if path is not None:
            self._files.shut(path)

    def _on_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.selection_moved.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setIndentation(self._theme.px(16))
        self.scheduleDelayedItemsLayout()
