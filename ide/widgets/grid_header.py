"""Draws the heads of columns: name, type, sparkline, how it is sorted, whether it is filtered. Owns no state."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPolygonF

from ide.core.record import dataclass
from ide.core.table import Column, ColumnProfile
from ide.core.text import with_unseen_shown
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.grid_spark import Sparkline

NAME_LINE, TYPE_LINE, SPARK = 22, 15, 20
"""Heights at 100 %."""
PAD, GAP = 8, 4
BUTTON = 24
"""Width of the places that sort and filter."""


@dataclass(frozen=True, slots=True)
class Head:
    """What one head shows. `sort_order` counts from 1, 0 is not sorted; `hovered` is "", "name", "sort" or "filter"."""

    column: Column | None
    profile: ColumnProfile | None = None
    sort_order: int = 0
    is_descending: bool = False
    is_only_sort: bool = True
    is_filtered: bool = False
    is_touched: bool = False
    hovered: str = ""
    heat: str = ""


def type_text(column: Column) -> str:
    """The type as the library calls it; a category tells how many levels it has."""
    name = with_unseen_shown(column.type_name or column.kind)
    return f"{name} ({column.level_count})" if column.kind == "category" and column.level_count else name


def shown_name(column: Column) -> str:
    """The name on one line; what has no name at all is shown as a dot."""
    return with_unseen_shown(column.name) or "·"


class HeaderPainter:
    """Draws one head after the other."""

    def __init__(self, theme: Theme, icons: Icons, scale: float = 1.0) -> None:
        self._theme = theme
        self._icons = icons
        self._spark = Sparkline(theme)
        self.scale = scale
        self.refresh()

    def refresh(self) -> None:
        """Fonts or colours are other ones."""
        self._name_font = QFont(self._theme.font("ui"))
        self._name_font.setWeight(QFont.Weight.DemiBold)
        self._names = QFontMetrics(self._name_font)
        self._type_font = self._theme.font("small")
        self._types = QFontMetrics(self._type_font)

    def height(self, *, with_spark: bool) -> int:
        """Pixels of the whole header."""
        px = self._theme.px
        return px(GAP) + px(NAME_LINE) + px(TYPE_LINE) + px(GAP) + (px(SPARK) + px(GAP) if with_spark else 0)

    def width_of(self, column: Column) -> int:
        """Pixels that name and type need, with room for the marks beside them."""
        px = self._theme.px
        name = self._names.horizontalAdvance(shown_name(column)) + px(BUTTON)
        return max(name, self._types.horizontalAdvance(type_text(column))) + 2 * px(PAD) + px(2)

    def buttons(self, rect: QRect) -> dict[str, QRect]:
        """Where a click sorts and filters; a narrow head has none."""
        px = self._theme.px
        side = px(BUTTON)
        if rect.width() < 3 * side:
            return {}
        top = rect.top() + px(GAP) // 2
        sort = QRect(rect.right() - side + 1 - px(4), top, side, px(BUTTON))
        return {"sort": sort, "filter": sort.translated(-side, 0)}

    def paint(self, painter: QPainter, rect: QRect, head: Head) -> None:
        """Ground, words and marks within `rect`."""
        theme, px = self._theme, self._theme.px
        painter.fillRect(rect, theme.color("selection_inactive" if head.is_touched else "header"))
        if head.column is None:
            bar = QRect(rect.left() + px(PAD), rect.top() + px(GAP) + px(6), min(px(48), rect.width() - px(PAD)), px(8))
            painter.fillRect(bar, theme.color("line"))
            return
        room = rect.adjusted(px(PAD), 0, -px(PAD), 0)
        name = QRect(room.left(), rect.top() + px(GAP), room.width(), px(NAME_LINE))
        name.setRight(self._marks(painter, rect, head) - px(2))
        self._words(painter, name, shown_name(head.column), self._name_font, self._names, "text")
        types = QRect(room.left(), name.bottom() + 1, room.width(), px(TYPE_LINE))
        role = "text" if head.is_touched else "muted"
        self._words(painter, types, type_text(head.column), self._type_font, self._types, role)
        if head.profile is not None:
            top = types.bottom() + 1 + px(GAP)
            self._spark.paint(painter, QRect(room.left(), top, room.width(), px(SPARK)), head.profile)

    def _words(self, painter: QPainter, rect: QRect, text: str, font: QFont, metrics: QFontMetrics, role: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(role))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _marks(self, painter: QPainter, rect: QRect, head: Head) -> int:
        """Sort arrow and filter mark; returns where the name must end."""
        assert head.column is not None
        buttons = self.buttons(rect)
        end = rect.right() - self._theme.px(PAD)
        is_over = bool(head.hovered)
        if not buttons:
            return self._small_marks(painter, rect, head)
        if head.sort_order or (is_over and head.column.can_sort):
            self._ground(painter, buttons["sort"], is_hit=head.hovered == "sort")
            self._arrow(painter, buttons["sort"], head)
            end = buttons["sort"].left()
        if head.is_filtered or (is_over and head.column.can_filter):
            place = buttons["filter"]
            if end > buttons["sort"].left():
                place = buttons["sort"]
            place = buttons["filter"] if is_over else place
            self._ground(painter, place, is_hit=head.hovered == "filter")
            self._funnel(painter, place.center(), "accent" if head.is_filtered else "muted", is_full=head.is_filtered)
            end = place.left()
        return end

    def _small_marks(self, painter: QPainter, rect: QRect, head: Head) -> int:
        px = self._theme.px
        end = rect.right() - px(2)
        if head.sort_order:
            self._arrow(painter, QRect(end - px(12), rect.top() + px(GAP), px(12), px(NAME_LINE)), head)
            end -= px(12)
        if head.is_filtered:
            center = QPoint(end - px(6), rect.top() + px(GAP) + px(NAME_LINE) // 2)
            self._funnel(painter, center, "accent", is_full=True)
            end -= px(12)
        return end

    def _ground(self, painter: QPainter, rect: QRect, *, is_hit: bool) -> None:
        if is_hit:
            painter.fillRect(rect.adjusted(1, 1, -1, -1), self._theme.color("pressed"))

    def _arrow(self, painter: QPainter, rect: QRect, head: Head) -> None:
        """The order number stands right of the arrow where there are several keys."""
        px = self._theme.px
        size = QSize(px(12), px(12))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(rect.center())
        role = "accent" if head.sort_order else "muted"
        has_number = head.sort_order > 0 and not head.is_only_sort
        if has_number:
            place.translate(-px(4), 0)
        name = "arrow-down" if head.is_descending else "arrow-up"
        painter.drawPixmap(place.topLeft(), self._icons.pixmap(name, role, size, self.scale))
        if has_number:
            painter.setFont(self._type_font)
            painter.setPen(self._theme.color(role))
            number = QRect(place.right(), rect.top(), px(12), rect.height())
            painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(head.sort_order))

    def _funnel(self, painter: QPainter, center: QPoint, role: str, *, is_full: bool) -> None:
        px = self._theme.px
        x, y, w = center.x() + 0.5, center.y() + 0.5, px(10) / 2
        points = ((-w, -w), (w, -w), (w * 0.25, 0.1 * w), (w * 0.25, w), (-w * 0.25, w * 0.7), (-w * 0.25, 0.1 * w))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color(role))
        if is_full:
            painter.setBrush(self._theme.color(role))
        painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in points]))
        painter.restore()
