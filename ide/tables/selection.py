"""What is selected in a grid, as ranges: rectangles, whole rows, whole columns, everything. Owns no cells.

Nothing here takes longer for more rows: the cost follows the number of areas, which are made by hand. Columns are
counted as they stand on the screen, from 0. Ends are exclusive; `END` is beyond every table, so that a whole column
stays whole while a table of unknown length grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

from ide.core.record import dataclass

END = 2**62


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of rows `top` to `bottom` in columns `left` to `right`."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def between(cls, row: int, column: int, other_row: int, other_column: int) -> Area:
        """The rectangle with two cells as corners, both in it."""
        top, last = sorted((row, other_row))
        left, right = sorted((column, other_column))
        return cls(top, last + 1, left, right + 1)

    @classmethod
    def of_rows(cls, row: int, other_row: int) -> Area:
        """Whole rows, both in it."""
        return cls(min(row, other_row), max(row, other_row) + 1, 0, END)

    @classmethod
    def of_columns(cls, column: int, other_column: int) -> Area:
        """Whole columns, both in it."""
        return cls(0, END, min(column, other_column), max(column, other_column) + 1)

    @classmethod
    def everything(cls) -> Area:
        """All rows and columns, also those to come."""
        return cls(0, END, 0, END)

    @property
    def is_whole_rows(self) -> bool:
        """Whether it reaches over all columns."""
        return self.left == 0 and self.right == END

    @property
    def is_whole_columns(self) -> bool:
        """Whether it reaches over all rows."""
        return self.top == 0 and self.bottom == END

    @property
    def is_empty(self) -> bool:
        """Whether no cell is in it."""
        return self.top >= self.bottom or self.left >= self.right

    def contains(self, row: int, column: int) -> bool:
        """Whether the cell is in it."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def covers(self, other: Area) -> bool:
        """Whether all of `other` is in it."""
        is_high_enough = self.top <= other.top and other.bottom <= self.bottom
        return is_high_enough and self.left <= other.left and other.right <= self.right

    def clipped(self, row_count: int, column_count: int) -> Area:
        """The part that a table of this size has."""
        return Area(
            min(self.top, row_count), min(self.bottom, row_count), min(self.left, column_count),
            min(self.right, column_count),
        )  # fmt: skip

    def without(self, other: Area) -> tuple[Area, ...]:
        """What is left when `other` is taken away: four rectangles at most."""
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        left, right = max(self.left, other.left), min(self.right, other.right)
        if top >= bottom or left >= right:
            return (self,)
        parts = (
            Area(self.top, top, self.left, self.right),
            Area(top, bottom, self.left, left),
            Area(top, bottom, right, self.right),
            Area(bottom, self.bottom, self.left, self.right),
        )
        return tuple(part for part in parts if not part.is_empty)


@dataclass(frozen=True)
class Selection:
    """Areas that may overlap. The last one is the one that the user is at; changing makes a new selection."""

    areas: tuple[Area, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.areas)

    def contains(self, row: int, column: int) -> bool:
        """Whether the cell is selected."""
        return any(area.contains(row, column) for area in self.areas)

    def with_area(self, area: Area) -> Selection:
        """One more area; those that lie in it are dropped."""
        return Selection((*(one for one in self.areas if not area.covers(one)), area))

    def with_last(self, area: Area) -> Selection:
        """`area` in place of the last one, as when a mouse is dragged on."""
        return Selection((*self.areas[:-1], area))

    def without(self, area: Area) -> Selection:
        """Without the cells of `area`."""
        return Selection(tuple(part for one in self.areas for part in one.without(area)))

    def covers(self, area: Area) -> bool:
        """Whether every cell of `area` is selected, by one or by several areas."""
        left = [area]
        for one in self.areas:
            left = [part for each in left for part in each.without(one)]
        return not left

    def columns_of_row(self, row: int) -> tuple[range, ...]:
        """Selected columns of one row; a range may reach beyond the table's last column."""
        return merged(range(one.left, one.right) for one in self.areas if one.top <= row < one.bottom)

    def touches_row(self, row: int) -> bool:
        """Whether some cell of the row is selected."""
        return any(area.top <= row < area.bottom for area in self.areas)

    def touches_column(self, column: int) -> bool:
        """Whether some cell of the column is selected."""
        return any(area.left <= column < area.right for area in self.areas)

    def rows(self, row_count: int, column_count: int = END) -> tuple[range, ...]:
        """Rows with a selected cell: disjoint, in order."""
        return merged(range(one.top, one.bottom) for one in self._clipped(row_count, column_count))

    def columns(self, column_count: int, row_count: int = END) -> tuple[range, ...]:
        """Columns with a selected cell: disjoint, in order."""
        return merged(range(one.left, one.right) for one in self._clipped(row_count, column_count))

    def count(self, row_count: int, column_count: int) -> int:
        """Selected cells, each once."""
        return sum(
            len_of(rows) * len_of(columns)
            for columns, all_rows in self.strips(row_count, column_count)
            for rows in all_rows
        )

    def strips(self, row_count: int, column_count: int) -> tuple[tuple[range, tuple[range, ...]], ...]:
        """The selection cut where the selected rows change: columns from left to right, and the rows of each."""
        areas = self._clipped(row_count, column_count)
        edges = sorted({edge for one in areas for edge in (one.left, one.right)})
        found: list[tuple[range, tuple[range, ...]]] = []
        for left, right in pairwise(edges):
            rows = merged(range(one.top, one.bottom) for one in areas if one.left <= left and right <= one.right)
            if not rows:
                continue
            if found and found[-1][1] == rows and found[-1][0].stop == left:
                found[-1] = (range(found[-1][0].start, right), rows)
            else:
                found.append((range(left, right), rows))
        return tuple(found)

    def rectangles(self, row_count: int, column_count: int) -> tuple[tuple[range, range], ...]:
        """Disjoint rectangles (rows, columns) that hold exactly the selected cells, from the top left on."""
        parts = [(rows, columns) for columns, all_rows in self.strips(row_count, column_count) for rows in all_rows]
        return tuple(sorted(parts, key=lambda part: (part[0].start, part[1].start)))

    @cached_property
    def is_everything(self) -> bool:
        """Whether all cells are selected, whatever the table's size."""
        return self.covers(Area.everything())

    def _clipped(self, row_count: int, column_count: int) -> list[Area]:
        clipped = (one.clipped(row_count, column_count) for one in self.areas)
        return [one for one in clipped if not one.is_empty]


def merged(ranges: Iterable[range]) -> tuple[range, ...]:
    """The same numbers as disjoint ranges in order, those that touch made one."""
    found: list[range] = []
    for one in sorted((each for each in ranges if each.start < each.stop), key=lambda each: each.start):
        if found and one.start <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, one.stop))
        else:
            found.append(one)
    return tuple(found)


def len_of(numbers: range) -> int:
    """How many; `len` fails for a range as long as `END` on a machine of 32 bits."""
    return max(0, numbers.stop - numbers.start)
