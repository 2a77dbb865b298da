"""What a tree draws under and before the text of a row: tint of selection and pointer, the arrow. Knows no rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize
from PySide6.QtGui import QHoverEvent, QPainter
from PySide6.QtWidgets import QTreeView

from ide.qt.icons import Icons
from ide.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QPoint(-1, -1)


class RowGround:
    """Belongs to one tree, which calls it from `viewportEvent`, `drawRow` and `drawBranches`."""

    def __init__(self, view: QTreeView, theme: Theme, icons: Icons) -> None:
        self._view = view
        self._theme = theme
        self._icons = icons
        self._pointer = _NOWHERE

    def note(self, event: QEvent) -> None:
        """Follow the pointer."""
        if isinstance(event, QHoverEvent):
            is_over = event.type() != QEvent.Type.HoverLeave
            self._pointer = event.position().toPoint() if is_over else _NOWHERE

    def paint(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """The ground of a row over its whole width."""
        if self._view.selectionModel().isSelected(index):
            role = "selection" if self._view.hasFocus() else "selection_inactive"
            painter.fillRect(rect, self._theme.color(role))
        elif rect.contains(self._pointer):
            painter.fillRect(rect, self._theme.color("hover"))

    def paint_arrow(self, painter: QPainter, rect: QRect, *, is_open: bool) -> None:
        """The arrow of a row that can be opened, at the right of its indentation."""
        side = self._theme.px(12)
        name = "caret-down" if is_open else "caret-right"
        pixmap = self._icons.pixmap(name, "muted", QSize(side, side), self._view.devicePixelRatioF())
        painter.drawPixmap(rect.right() - side + 1, rect.center().y() - side // 2 + 1, pixmap)
