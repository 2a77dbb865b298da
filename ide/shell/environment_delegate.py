"""Draws the rows of the environment picker. Owns no list."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ide.core.environment import Environment
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.environment_rows import (
    ENTRY_ROLE,
    STANDING,
    Entry,
    Index,
    extent_words,
    health_look,
    is_out_of_order,
)
from ide.widgets.tabs import paint_badge


class EntryDelegate(QStyledItemDelegate):
    """Headings as titles; environments in two lines with their badge at the left and their health at the right."""

    HEADING_PX = 28
    ENTRY_PX = 44

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt asks."""
        entry = index.data(ENTRY_ROLE)
        is_heading = isinstance(entry, Entry) and entry.environment is None
        return QSize(0, self._theme.px(self.HEADING_PX if is_heading else self.ENTRY_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt asks."""
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        place, state = QRect(option.rect), option.state
        painter.save()
        if entry.environment is None:
            painter.setFont(self._theme.font("title"))
            painter.setPen(self._theme.color("muted"))
            words = place.adjusted(self._theme.px(8), 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, entry.title)
        else:
            if state & QStyle.StateFlag.State_Selected:
                painter.fillRect(place, self._theme.color("selection"))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(place, self._theme.color("hover"))
            is_selected = bool(state & QStyle.StateFlag.State_Selected)
            self._paint_environment(painter, entry, entry.environment, place, is_selected)
        painter.restore()

    def _paint_environment(
        self, painter: QPainter, entry: Entry, one: Environment, place: QRect, is_selected: bool
    ) -> None:
        px, color = self._theme.px, self._theme.color
        muted = color("text" if is_selected else "muted")
        badge = QRect(place.left() + px(8), place.top() + px(6), px(24), px(16))
        paint_badge(painter, self._theme, entry.look.letters, entry.look.role, badge)
        left, right = badge.right() + px(8), place.right() - px(8)
        first = QRect(left, place.top() + px(4), right - left, px(20))
        second = QRect(left, place.top() + px(23), right - left, px(18))
        first.setRight(self._paint_state(painter, health_look(entry, one), first, is_selected))
        if entry.verdict is not None:
            standing = entry.verdict.standing
            first.setRight(self._paint_state(painter, (*STANDING[standing], standing.words), first, is_selected))
        painter.setFont(self._theme.font("ui"))
        painter.setPen(color("text") if entry.can_be_chosen else muted)
        name = f"{one.name}  (current)" if entry.is_current else one.name
        used = self._draw(painter, name, first)
        painter.setPen(muted)
        shows_version = one.version and one.version not in one.name
        self._draw(painter, one.version if shows_version else "", first.adjusted(used + px(8), 0, 0, 0))
        painter.setFont(self._theme.font("small"))
        extent = "" if is_out_of_order(one) else extent_words(entry.extent)
        width = painter.fontMetrics().horizontalAdvance(extent)
        painter.drawText(second, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, extent)
        second.setRight(second.right() - width - (px(12) if extent else 0))
        # A reason is read from its beginning; of a path both ends tell.
        cut = Qt.TextElideMode.ElideRight if is_out_of_order(one) else Qt.TextElideMode.ElideMiddle
        self._draw(painter, entry.second_line, second, cut)

    def _paint_state(self, painter: QPainter, state: tuple[str, str, str], line: QRect, is_selected: bool) -> int:
        """An icon, in a role's colour, and a word at the right; returns where they begin."""
        icon, role, word = state
        side = self._theme.px(16)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text" if is_selected else role))
        width = painter.fontMetrics().horizontalAdvance(word)
        words = QRect(line.right() - width, line.top(), width + 1, line.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, word)
        left = words.left() - self._theme.px(4) - side
        box = QRect(left, line.top() + (line.height() - side) // 2, side, side)
        self._icons.icon(icon, role).paint(painter, box)
        return left - self._theme.px(8)

    def _draw(
        self, painter: QPainter, text: str, box: QRect, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> int:
        """Draw `text`, cut where it is too long; returns its width."""
        if not text or box.width() <= 0:
            return 0
        shown = painter.fontMetrics().elidedText(text, cut, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return painter.fontMetrics().horizontalAdvance(shown)
