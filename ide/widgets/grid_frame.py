"""Where everything of a grid is on the screen: heads, row numbers, pinned parts, cells. Owns no cells, draws nothing.

+--------+---------+-------------------+
| corner | pinned  | heads             |   head_px
+--------+---------+-------------------+
| labels | pinned  | pinned rows       |   rows that stay
+--------+---------+-------------------+
| labels | columns | cells             |   scrolled by rows.offset and across.offset
+--------+---------+-------------------+
 side_px  columns.pinned_px
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from PySide6.QtCore import QPoint, QRect

from ide.core.record import dataclass, field
from ide.qt.theme import Theme
from ide.widgets.grid_columns import GridColumns
from ide.widgets.grid_scroll import ScrollAxis

Part = Literal["cell", "column", "row", "corner", "nothing"]
ROW, ROW_COMPACT = 24, 20
DIVIDER = 5
"""Reach of the line between two heads to either side, in pixels at 100 %."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies at a point. `place` and `row` are -1 where they mean nothing; `divider` is the place left of a line."""

    part: Part
    row: int = -1
    place: int = -1
    divider: int | None = None
    label: int = 0
    """Index (negative) of the row label whose head or cell it is."""


@dataclass(slots=True)
class Frame:
    """The lengths in force. Whoever owns it sets the fields and calls `fit`."""

    theme: Theme
    columns: GridColumns
    rows: ScrollAxis
    across: ScrollAxis
    width: int = 0
    height: int = 0
    row_count: int = 0
    head_px: int = 0
    is_compact: bool = False
    row_px: int = ROW
    """Height of a row; `rescale` says it anew."""
    numbers_px: int = 0
    labels: dict[int, int] = field(default_factory=dict)
    """Width of each row label by its index; without any, rows are numbered in `numbers_px`."""
    pinned_rows: tuple[int, ...] = ()

    @property
    def side_px(self) -> int:
        """Width of labels or numbers."""
        return sum(self.labels.values()) if self.labels else self.numbers_px

    @property
    def left(self) -> int:
        """Where scrolled columns begin."""
        return self.side_px + self.columns.pinned_px

    @property
    def top(self) -> int:
        """Where scrolled rows begin."""
        return self.head_px + len(self.pinned_rows) * self.row_px

    def rescale(self) -> None:
        """The zoom, or the kind of rows, is another one."""
        self.row_px = self.theme.px(ROW_COMPACT if self.is_compact else ROW)

    def fit(self) -> None:
        """Hand the lengths to the scroll bars."""
        self.rows.resize(self.row_count * self.row_px, self.height - self.top, self.row_px)
        self.across.resize(self.columns.scrolled_px, self.width - self.left, self.theme.px(40))

    # ---- what is in sight

    def rows_in_sight(self) -> range:
        """Scrolled rows of which a part shows."""
        if self.rows.page <= 0:
            return range(0)
        first = self.rows.offset // self.row_px
        end = -(-(self.rows.offset + self.rows.page) // self.row_px)
        return range(min(first, self.row_count), min(end, self.row_count))

    def whole_rows(self) -> int:
        """How many rows fit: one page."""
        return max(1, self.rows.page // self.row_px)

    def places_in_sight(self) -> range:
        """Scrolled columns of which a part shows."""
        return self.columns.in_sight(self.across.offset, self.width - self.left)

    def indexes_in_sight(self) -> list[int]:
        """All columns that show, pinned ones first."""
        places = (*range(self.columns.pinned_count), *self.places_in_sight())
        return [self.columns.index_at(place) for place in places]

    # ---- where it is

    def x_of(self, place: int) -> int:
        """Left edge of a column, which may be outside."""
        at = self.side_px + self.columns.left_of(place)
        return at if place < self.columns.pinned_count else at - self.across.offset

    def y_of(self, row: int) -> int:
        """Upper edge of a scrolled row, which may be outside."""
        return self.top + row * self.row_px - self.rows.offset

    def head_rect(self, place: int) -> QRect:
        """The head of a column."""
        width = self.columns.left_of(place + 1) - self.columns.left_of(place)
        return QRect(self.x_of(place), 0, width, self.head_px)

    def cell_rect(self, row: int, place: int) -> QRect:
        """A cell; of a pinned row the cell among the pinned ones."""
        head = self.head_rect(place)
        is_pinned = row in self.pinned_rows
        y = self.head_px + self.pinned_rows.index(row) * self.row_px if is_pinned else self.y_of(row)
        return QRect(head.left(), y, head.width(), self.row_px)

    def label_lefts(self) -> Iterator[tuple[int, int, int]]:
        """Index, left edge and width of each row label."""
        x = 0
        for index, width in self.labels.items():
            yield index, x, width
            x += width

    def column_clip(self, *, is_pinned: bool) -> QRect:
        """Where pinned, or scrolled, columns may be drawn."""
        if is_pinned:
            return QRect(self.side_px, 0, self.columns.pinned_px, self.height)
        return QRect(self.left, 0, max(0, self.width - self.left), self.height)

    def content_right(self) -> int:
        """Where the last column ends, or the widget."""
        end = self.side_px + self.columns.left_of(self.columns.count)
        return min(self.width, max(self.left, end - self.across.offset))

    def content_bottom(self) -> int:
        """Where the last row ends, or the widget."""
        return min(self.height, max(self.top, self.y_of(self.row_count)))

    # ---- what is there

    def hit(self, point: QPoint) -> Hit:
        """What a point means."""
        row, place = self.row_at(point.y()), self.place_at(point.x())
        label = next((index for index, x, width in self.label_lefts() if x <= point.x() < x + width), 0)
        if point.y() < self.head_px:
            if (divider := self._divider_at(point.x())) is not None:
                return Hit("column", place=place, divider=divider)
            if point.x() < self.side_px:
                return Hit("corner", label=label)
            return Hit("column", place=place) if place >= 0 else Hit("nothing")
        if row < 0:
            return Hit("nothing", place=place)
        if point.x() < self.side_px:
            return Hit("row", row=row, label=label)
        return Hit("cell", row=row, place=place) if place >= 0 else Hit("nothing", row=row)

    def row_at(self, y: int) -> int:
        """The row at a height, -1 for none."""
        if y < self.head_px:
            return -1
        if y < self.top:
            return self.pinned_rows[(y - self.head_px) // self.row_px]
        row = (y - self.top + self.rows.offset) // self.row_px
        return row if row < self.row_count else -1

    def place_at(self, x: int) -> int:
        """The column at a width, -1 for none."""
        if x < self.side_px:
            return -1
        inside = x - self.side_px
        if inside >= self.columns.pinned_px:
            inside += self.across.offset
        place = self.columns.place_at(inside)
        return place if 0 <= place < self.columns.count else -1

    def nearest(self, point: QPoint) -> tuple[int, int]:
        """Row and place next to a point, for drags that lead outside."""
        y = min(max(point.y(), self.top), max(self.top, self.height - 1))
        row = (y - self.top + self.rows.offset) // self.row_px
        x = min(max(point.x(), self.side_px), max(self.side_px, self.width - 1))
        place = self.place_at(x)
        return min(max(row, 0), max(self.row_count - 1, 0)), place if place >= 0 else self.columns.count - 1

    def gap_at(self, x: int) -> int:
        """The place before which a head that is dropped at `x` comes to stand."""
        place = self.place_at(min(max(x, self.side_px), self.width - 1))
        if place < 0:
            return self.columns.count
        rect = self.head_rect(place)
        return place + (x > rect.center().x())

    def _divider_at(self, x: int) -> int | None:
        reach = self.theme.px(DIVIDER)
        for place in {self.place_at(x - reach), self.place_at(x + reach)} - {-1}:
            edge = self.head_rect(place).right()
            if abs(edge - x) <= reach and edge >= self.side_px:
                return place
        return None
