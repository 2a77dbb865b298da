"""How wide columns and row labels become by themselves. Owns no width: `GridColumns` and `Frame` keep them.

A column gets its width when it first comes into sight, from its head and the cells in sight. From then on only columns
of numbers grow, when larger ones come: words may be cut off, numbers not. What the user has sized stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from ide.core.table import Column
from ide.qt.theme import Theme
from ide.widgets.grid_cells import GridCells, row_number
from ide.widgets.grid_frame import Frame
from ide.widgets.grid_header import HeaderPainter

PAD = 8
"""Left and right of a text, in pixels at 100 %, as are the widths below."""
FITTED_MOST = 320
NUMBERS_MOST = 640
BY_HAND_MOST = 800
LABELS_MOST = 240


class Fitting:
    """Fits the columns of one grid."""

    def __init__(self, theme: Theme, frame: Frame, cells: GridCells, header: HeaderPainter) -> None:
        self._theme = theme
        self._frame = frame
        self._columns = frame.columns
        self._cells = cells
        self._header = header

    def new_columns(self) -> bool:
        """Columns that are in sight for the first time; whether any width is another one."""
        fitted = []
        for index in self._frame.indexes_in_sight():
            if not self._columns.is_sized(index) and (wide := self.natural_px(index, FITTED_MOST)):
                fitted.append((index, wide / self._theme.zoom))
        if fitted:
            self._columns.set_widths(fitted)
            self._frame.fit()
        return bool(fitted)

    def grow(self, tight: Iterable[int]) -> bool:
        """Columns in which a number had not enough room; whether any became wider."""
        free = [index for index in tight if not self._columns.is_sized_by_hand(index)]
        wanted = [(index, self.natural_px(index, FITTED_MOST)) for index in free]
        wider = [(index, wide / self._theme.zoom) for index, wide in wanted if wide > self._columns.width(index)]
        if wider:
            self._columns.set_widths(wider)
            self._frame.fit()
        return bool(wider)

    def by_hand(self, index: int) -> bool:
        """The user asked for it; whether anything is known of the column."""
        wide = self.natural_px(index, BY_HAND_MOST)
        if wide:
            self._columns.set_width(index, wide / self._theme.zoom, by_hand=True)
        return bool(wide)

    def begin_labels(self, labels: Iterable[Column]) -> None:
        """Row labels are as wide as their heads at first."""
        most = self._theme.px(LABELS_MOST)
        self._frame.labels = {label.index: min(self._header.width_of(label), most) for label in labels}

    def labels(self) -> bool:
        """Labels further down may be longer; they never become narrower while the user scrolls."""
        before = dict(self._frame.labels)
        for index, kept in before.items():
            self._frame.labels[index] = max(kept, self.natural_px(index, LABELS_MOST))
        if self._frame.labels == before:
            return False
        self._frame.fit()
        return True

    def numbers(self) -> None:
        """Row numbers have room for the last one."""
        last = row_number(max(self._frame.row_count - 1, 999))
        self._frame.numbers_px = round(self._cells.maker.plain.width(last)) + 2 * self._theme.px(PAD)

    def is_cut_off(self, row: int, index: int, width: int) -> bool:
        """Whether a cell's text is longer than its place."""
        return self._cells.width(row, index) > width - 2 * self._theme.px(PAD)

    def natural_px(self, index: int, most: int) -> int:
        """Pixels that head and cells in sight need; 0 where neither is known yet. `most` is at 100 %."""
        column = self._cells.column(index)
        rows = self._frame.rows_in_sight()
        if column is None or (rows and self._cells.find(rows.start, index) is None):
            return 0
        self._cells.look_at(rows, index)
        widest = max((self._cells.width(row, index) for row in rows), default=0.0)
        wide = max(round(widest) + 2 * self._theme.px(PAD) + 2, self._header.width_of(column))
        return min(wide, self._theme.px(NUMBERS_MOST if column.kind == "number" else most))
