"""Draws the text of a cell of the Variables pane, arrows, indentation and the mark on what the last run changed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from ide.core.variables import Variable
from ide.panes.variables.findings import badge_of
from ide.panes.variables.model import VariablesModel
from ide.panes.variables.rows import NAME, SIZE, VALUE, VariableRows
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.row_ground import RowGround

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

ROW_PX: Final = 24
PAD_PX: Final = 8
MARK_PX: Final = 3
BADGE_PX: Final = 14
STEP_PX: Final = 16
"""How far a part is set in from what it lies in; the arrow stands in the step before the text."""


class RowPainter(QStyledItemDelegate):
    """Text stands where the column's title stands, elided at its end."""

    def __init__(
        self,
        model: VariablesModel,
        rows: VariableRows,
        theme: Theme,
        icons: Icons,
        ground: RowGround,
        parent: QTreeView,
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._ground = ground
        self._model = model
        self._rows = rows
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Rows are as high as the grid's, more only for a larger font."""
        height = QFontMetrics(self._theme.font("code")).height() + self._theme.px(4)
        return QSize(self._theme.px(40), max(self._theme.px(ROW_PX), height))

    def indent_of(self, variable: Variable) -> int:
        """How far right of the column's start the text of a row begins, in pixels, without its padding."""
        part = self._model.part(variable.name)
        return self._theme.px(STEP_PX) * part.depth if part is not None else 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, on whatever is there."""
        rect: QRect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        variable = self._rows.variable_at(index)
        text = self._rows.data(index, Role.DisplayRole)
        painter.save()
        if variable is not None and index.column() == NAME and self._model.is_fresh(variable.name):
            self._draw_mark(painter, rect)
        if variable is not None and index.column() == NAME:
            rect = rect.adjusted(self.indent_of(variable), 0, 0, 0)
            if variable.has_children:
                step = self._theme.px(STEP_PX)
                place = QRect(rect.left() - step, rect.top(), step - self._theme.px(1), rect.height())
                self._ground.paint_arrow(painter, place, is_open=self._model.tree.is_open(variable.name))
        if variable is not None and index.column() == VALUE:
            rect = self._draw_badge(painter, rect, variable.name, is_selected=is_selected)
        if text:
            pad = self._theme.px(4) if index.column() == NAME else self._theme.px(PAD_PX)
            inner = rect.adjusted(pad, 0, -self._theme.px(4), 0)
            align = Qt.AlignmentFlag.AlignRight if index.column() == SIZE else Qt.AlignmentFlag.AlignLeft
            painter.setFont(self._rows.font_of(variable, index.column()))
            painter.setPen(self._theme.color("text" if is_selected else self._rows.role_of(variable, index.column())))
            shown = painter.fontMetrics().elidedText(str(text), Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, align | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def badge_width(self, name: str, most: int) -> int:
        """Pixels that the badge of a name takes at the start of its value's cell, none where nothing was found."""
        words = badge_of(self._model.findings.of(name))
        if not words:
            return 0
        px = self._theme.px
        wanted = px(PAD_PX) + px(BADGE_PX) + px(4) + QFontMetrics(self._theme.font("small")).horizontalAdvance(words)
        return min(wanted, most)

    def _draw_badge(self, painter: QPainter, rect: QRect, name: str, *, is_selected: bool) -> QRect:
        """Icon and few words on what a run did to a frame; what is left of the cell for the value."""
        width = self.badge_width(name, rect.width() - self._theme.px(4))
        if not width:
            return rect
        findings = self._model.findings.of(name)
        is_warning = findings[0].severity == "warning"
        px, side = self._theme.px, self._theme.px(BADGE_PX)
        icon, role = ("warning", "warning") if is_warning else ("info", "link")
        top = rect.top() + (rect.height() - side) // 2
        pixmap = self._icons.pixmap(icon, role, QSize(side, side), painter.device().devicePixelRatio())
        painter.drawPixmap(rect.left() + px(PAD_PX), top, pixmap)
        taken = px(PAD_PX) + side + px(4)
        inner = QRect(rect.left() + taken, rect.top(), width - taken, rect.height())
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text" if is_selected else role))
        words = painter.fontMetrics().elidedText(badge_of(findings), Qt.TextElideMode.ElideRight, inner.width() + 1)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        return rect.adjusted(width, 0, 0, 0)

    def _draw_mark(self, painter: QPainter, rect: QRect) -> None:
        px = self._theme.px
        height = min(rect.height(), px(12))
        top = rect.top() + (rect.height() - height) // 2
        painter.fillRect(rect.left() - px(24), top, px(MARK_PX), height, self._theme.color("accent"))
