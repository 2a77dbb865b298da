"""Paints a grid from its frame, its cells and what is selected. Owns no state but the picture of the heads.

From below: the row under the pointer, heat, selection, lines, text, the ring around the current cell, then side and
heads over what is scrolled below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QGlyphRun, QPainter, QPen, QPixmap

from ide.core.record import dataclass, field
from ide.qt.theme import Theme
from ide.tables.selection import Selection
from ide.widgets.grid_cells import NUMBERS, TILE_ROWS, GridCells
from ide.widgets.grid_frame import Frame
from ide.widgets.grid_header import Head, HeaderPainter
from ide.widgets.grid_heat import Heat, HeatColors
from ide.widgets.grid_text import Tile


@dataclass(slots=True)
class Seen:
    """What a grid shows beyond its cells."""

    selection: Selection = field(default_factory=Selection)
    current: tuple[int, int] | None = None
    hovered_row: int = -1
    has_focus: bool = False
    heats: dict[int, Heat] = field(default_factory=dict)
    drop_gap: int | None = None
    """The place before which the head that is being dragged would come to stand."""


Band = tuple[int, int, int]
"""First row, how many, and the upper edge on the screen."""


class GridPainter:
    """Draws one grid."""

    def __init__(self, theme: Theme, frame: Frame, cells: GridCells, header: HeaderPainter) -> None:
        self._theme = theme
        self._frame = frame
        self._cells = cells
        self._header = header
        self._heat = HeatColors(theme)
        self._heads: QPixmap | None = None
        self._heads_of: object = None
        self._colors: dict[str, QColor] = {}

    def refresh(self) -> None:
        """Colours or fonts are other ones."""
        self._heat.clear()
        self._colors.clear()
        self.forget_heads()

    def forget_heads(self) -> None:
        """Heads show something else now."""
        self._heads = self._heads_of = None

    def paint(self, painter: QPainter, seen: Seen) -> None:
        """The whole grid."""
        frame = self._frame
        painter.fillRect(QRect(0, 0, frame.width, frame.height), self._color("pane"))
        body = QRect(0, frame.top, frame.width, max(0, frame.height - frame.top))
        self._rows(painter, seen, body, list(self._bands()))
        if frame.pinned_rows:
            height = len(frame.pinned_rows) * frame.row_px
            painter.setClipping(False)
            painter.fillRect(QRect(0, frame.head_px, frame.width, height), self._color("current_line"))
            self._rows(painter, seen, QRect(0, frame.head_px, frame.width, height), list(self._pinned_bands()))
        painter.setClipping(False)
        if self._heads is not None:
            painter.drawPixmap(QPoint(0, 0), self._heads)
        self._edges(painter, seen)

    def prepare(self, seen: Seen) -> set[int]:
        """Lay out what is in sight; the columns in which a number has not enough room."""
        frame = self._frame
        tight = set()
        bands = [*self._bands(), *self._pinned_bands()]
        for place in (*range(frame.columns.pinned_count), *frame.places_in_sight()):
            index, width = frame.columns.index_at(place), frame.head_rect(place).width()
            is_single = index in seen.heats
            for first, count, _y in bands:
                if self._cells.tile(index, first, count, width, is_single=is_single).is_tight:
                    tight.add(index)
        return tight

    # ---- rows

    def _bands(self) -> Iterator[Band]:
        rows = self._frame.rows_in_sight()
        for first in range(rows.start // TILE_ROWS * TILE_ROWS, rows.stop, TILE_ROWS):
            count = min(TILE_ROWS, self._frame.row_count - first)
            yield first, count, self._frame.y_of(first)

    def _pinned_bands(self) -> Iterator[Band]:
        for number, row in enumerate(self._frame.pinned_rows):
            yield row, 1, self._frame.head_px + number * self._frame.row_px

    def _rows(self, painter: QPainter, seen: Seen, area: QRect, bands: list[Band]) -> None:
        frame = self._frame
        painter.setClipRect(area)
        self._hover(painter, seen, bands)
        for is_pinned, places in ((False, frame.places_in_sight()), (True, range(frame.columns.pinned_count))):
            if not places:
                continue
            clip = frame.column_clip(is_pinned=is_pinned).intersected(area)
            painter.setClipRect(clip)
            if is_pinned:
                ground = QRect(clip.left(), clip.top(), clip.width(), frame.content_bottom() - clip.top())
                painter.fillRect(ground, self._color("pane"))
                self._hover(painter, seen, bands)
            self._selected(painter, seen, bands, places)
            self._lines(painter, bands, places)
            for place in places:
                self._column(painter, seen, bands, place)
            self._ring(painter, seen, bands, places)
        painter.setClipRect(QRect(0, area.top(), frame.side_px, area.height()))
        self._side(painter, seen, bands)

    def _hover(self, painter: QPainter, seen: Seen, bands: list[Band]) -> None:
        row_px = self._frame.row_px
        for first, count, y in bands:
            if first <= seen.hovered_row < first + count:
                top = y + (seen.hovered_row - first) * row_px
                painter.fillRect(QRect(0, top, self._frame.content_right(), row_px), self._color("hover"))

    def _selected(self, painter: QPainter, seen: Seen, bands: list[Band], places: range) -> None:
        frame = self._frame
        color = self._color("selection" if seen.has_focus else "selection_inactive")
        for area in seen.selection.areas:
            left, right = max(area.left, places.start), min(area.right, places.stop)
            if left >= right:
                continue
            x, end = frame.x_of(left), frame.head_rect(right - 1).right() + 1
            for first, count, y in bands:
                top, bottom = max(area.top, first), min(area.bottom, first + count)
                if top < bottom:
                    place = QRect(x, y + (top - first) * frame.row_px, end - x, (bottom - top) * frame.row_px)
                    painter.fillRect(place, color)

    def _lines(self, painter: QPainter, bands: list[Band], places: range) -> None:
        frame, color = self._frame, self._color("line")
        if not bands:
            return
        right = frame.head_rect(places.stop - 1).right() + 1
        left = frame.x_of(places.start)
        for _first, count, y in bands:
            for row in range(count):
                painter.fillRect(left, y + (row + 1) * frame.row_px - 1, right - left, 1, color)
        top = bands[0][2]
        bottom = bands[-1][2] + bands[-1][1] * frame.row_px
        for place in places:
            painter.fillRect(frame.head_rect(place).right(), top, 1, bottom - top, color)

    def _column(self, painter: QPainter, seen: Seen, bands: list[Band], place: int) -> None:
        frame = self._frame
        index = frame.columns.index_at(place)
        rect = frame.head_rect(place)
        heat = seen.heats.get(index)
        is_selected = seen.selection.touches_column(place)
        for first, count, y in bands:
            tile = self._cells.tile(index, first, count, rect.width(), is_single=heat is not None)
            if tile.ordinary is not None:
                painter.setPen(self._color("text"))
                painter.drawGlyphRun(QPointF(rect.left(), y), tile.ordinary)
            for piece in tile.pieces:
                row = first + piece.row
                is_marked = is_selected and seen.selection.contains(row, place)
                if heat is not None and piece.value is not None and piece.value == piece.value and not is_marked:
                    ground, ink = self._heat.colors(heat.kind, heat.share(piece.value))
                    top = y + piece.row * frame.row_px
                    painter.fillRect(QRect(rect.left(), top, rect.width() - 1, frame.row_px - 1), ground)
                    painter.setPen(ink)
                else:
                    painter.setPen(self._pen(piece.style, is_marked=is_marked))
                self._cells.maker.draw_piece(painter, piece, rect.left(), y)
            if tile.absent:
                self._placeholders(painter, tile, QRect(rect.left(), y, rect.width(), frame.row_px), first)

    def _pen(self, style: str, *, is_marked: bool) -> QColor:
        if is_marked or not style:
            return self._color("text")
        return self._color("disabled" if style == "faint" else "muted")

    def _placeholders(self, painter: QPainter, tile: Tile, rect: QRect, first: int) -> None:
        """Bars of unequal length where text will be, the same ones each time."""
        px = self._theme.px
        for row in tile.absent:
            share = 30 + (first + row) * 7_919 % 41
            wide = max(px(12), (rect.width() - 2 * px(8)) * share // 100)
            top = rect.top() + row * rect.height() + (rect.height() - px(8)) // 2
            painter.fillRect(QRect(rect.left() + px(8), top, wide, px(8)), self._color("line"))

    def _ring(self, painter: QPainter, seen: Seen, bands: list[Band], places: range) -> None:
        if seen.current is None or seen.current[1] not in places:
            return
        row, place = seen.current
        for first, count, y in bands:
            if first <= row < first + count:
                head = self._frame.head_rect(place)
                rect = QRectF(
                    head.left(), y + (row - first) * self._frame.row_px, head.width() - 1, self._frame.row_px - 1
                )
                wide = self._theme.px(2) if seen.has_focus else 1
                painter.setPen(QPen(self._color("accent" if seen.has_focus else "control_border"), wide))
                half = wide / 2
                painter.drawRect(rect.adjusted(half, half, -half, -half))

    # ---- the side

    def _side(self, painter: QPainter, seen: Seen, bands: list[Band]) -> None:
        frame = self._frame
        if not bands:
            return
        top, bottom = bands[0][2], max(frame.height, bands[-1][2] + bands[-1][1] * frame.row_px)
        painter.fillRect(QRect(0, top, frame.side_px, bottom - top), self._color("header"))
        line = self._color("line")
        columns = list(frame.label_lefts()) or [(NUMBERS, 0, frame.side_px)]
        for first, count, y in bands:
            touched = [row for row in range(count) if seen.selection.touches_row(first + row)]
            for row in range(count):
                at = y + row * frame.row_px
                if row in touched or first + row == seen.hovered_row:
                    color = self._color("selection_inactive" if row in touched else "hover")
                    painter.fillRect(0, at, frame.side_px, frame.row_px, color)
                painter.fillRect(0, at + frame.row_px - 1, frame.side_px, 1, line)
            for index, x, width in columns:
                self._label(painter, index, QRect(x, y, width, frame.row_px), first, count, touched)
        for _index, x, _width in columns[1:]:
            painter.fillRect(x - 1, top, 1, bottom - top, line)

    def _label(self, painter: QPainter, index: int, rect: QRect, first: int, count: int, touched: list[int]) -> None:
        tile = self._cells.tile(index, first, count, rect.width())
        if tile.ordinary is not None:
            self._label_run(painter, tile.ordinary, rect, touched, count)
        for piece in tile.pieces:
            painter.setPen(self._color("text" if piece.row in touched else "muted"))
            self._cells.maker.draw_piece(painter, piece, rect.left(), rect.top())
        if tile.absent:
            self._placeholders(painter, tile, rect, first)

    def _label_run(self, painter: QPainter, run: QGlyphRun, rect: QRect, touched: list[int], count: int) -> None:
        """Labels of selected rows are in `text`, the others in `muted`; both are in one run."""
        at = QPointF(rect.left(), rect.top())
        if not touched or len(touched) == count:
            painter.setPen(self._color("text" if touched else "muted"))
            painter.drawGlyphRun(at, run)
            return
        clip = painter.clipBoundingRect()
        for row in range(count):
            line = QRectF(rect.left(), rect.top() + row * rect.height(), rect.width(), rect.height())
            painter.setClipRect(line.intersected(clip))
            painter.setPen(self._color("text" if row in touched else "muted"))
            painter.drawGlyphRun(at, run)
        painter.setClipRect(clip)

    # ---- heads

    def are_heads_old(self, ratio: float) -> bool:
        """Whether their picture has to be made anew; scrolling down leaves it as it is."""
        return self._heads is None or self._heads_of != self._state_of_heads(ratio)

    def make_heads(self, ratio: float, heads: Mapping[int, Head]) -> None:
        """Draw what `heads` (by index) show; `ratio` is device pixels for each of ours."""
        frame = self._frame
        made = QPixmap(max(1, round(frame.width * ratio)), max(1, round(frame.head_px * ratio)))
        made.setDevicePixelRatio(ratio)
        self._header.scale = ratio
        inner = QPainter(made)
        self._draw_heads(inner, heads)
        inner.end()
        self._heads = made
        self._heads_of = self._state_of_heads(ratio)

    def _state_of_heads(self, ratio: float) -> tuple[float, ...]:
        frame = self._frame
        return (frame.width, frame.head_px, frame.side_px, frame.across.offset, frame.columns.version, ratio)

    def _draw_heads(self, painter: QPainter, heads: Mapping[int, Head]) -> None:
        frame = self._frame
        painter.fillRect(QRect(0, 0, frame.width, frame.head_px), self._color("header"))
        for is_pinned, places in ((False, frame.places_in_sight()), (True, range(frame.columns.pinned_count))):
            for place in places:
                painter.setClipRect(frame.column_clip(is_pinned=is_pinned).intersected(frame.head_rect(place)))
                self._header.paint(painter, frame.head_rect(place), heads[frame.columns.index_at(place)])
                painter.fillRect(frame.head_rect(place).right(), 0, 1, frame.head_px, self._color("line"))
        painter.setClipping(False)
        for index, x, width in frame.label_lefts():
            rect = QRect(x, 0, width, frame.head_px)
            painter.setClipRect(rect)
            self._header.paint(painter, rect, heads[index])
            painter.fillRect(rect.right(), 0, 1, frame.head_px, self._color("line"))
        painter.setClipping(False)

    def _edges(self, painter: QPainter, seen: Seen) -> None:
        frame, color = self._frame, self._color("border")
        bottom = frame.content_bottom()
        painter.fillRect(0, frame.head_px - 1, frame.width, 1, color)
        painter.fillRect(frame.side_px - 1, 0, 1, bottom, color)
        if frame.columns.pinned_count:
            painter.fillRect(frame.left - 1, 0, 1, bottom, self._color("control_border"))
        if frame.pinned_rows:
            painter.fillRect(0, frame.top - 1, frame.content_right(), 1, self._color("control_border"))
        if seen.drop_gap is not None:
            gap = seen.drop_gap
            x = frame.x_of(gap) if gap < frame.columns.count else frame.content_right()
            painter.fillRect(x - self._theme.px(1), 0, self._theme.px(2), bottom, self._color("accent"))

    def _color(self, role: str) -> QColor:
        found = self._colors.get(role)
        if found is None:
            found = self._colors[role] = self._theme.color(role)
        return found
