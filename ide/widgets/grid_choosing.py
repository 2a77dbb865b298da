"""Which cells are chosen and from where a selection goes on. Owns the anchor; what is seen belongs to the grid.

The current cell has the ring; the anchor is where the selection under way began, its opposite corner is what Shift
moves. Counts are those of the frame.
"""

from __future__ import annotations

from ide.tables.selection import Area, Selection
from ide.widgets.grid_frame import Frame
from ide.widgets.grid_paint import Seen

Spot = tuple[int, int]
"""Row and place."""


class Chooser:
    """Changes the selection and the current cell of `seen`."""

    def __init__(self, seen: Seen, frame: Frame) -> None:
        self._seen = seen
        self._frame = frame
        self._anchor: Spot = (0, 0)

    def put(self, row: int, place: int) -> None:
        """A cell is the current one, and selections go on from it; what is selected stays."""
        self._seen.current = self._anchor = (row, place)

    def only(self, row: int, place: int) -> None:
        """A cell is the current and only selected one."""
        self.put(row, place)
        self._seen.selection = self.current_cell()

    def current_cell(self) -> Selection:
        """The current cell as a selection."""
        if self._seen.current is None:
            return Selection()
        return Selection((Area.between(*self._seen.current, *self._seen.current),))

    def begin(self, area: Area, *, adds: bool) -> None:
        """A press begins a selection; with Ctrl it is added, or taken away where it was selected already."""
        before = self._seen.selection
        if not adds:
            self._seen.selection = Selection((area,))
        elif before.covers(area) and before.areas != (area,):
            self._seen.selection = before.without(area)
        else:
            self._seen.selection = before.with_area(area)

    def line(self, *, is_row: bool) -> Selection:
        """The row or the column of the current cell."""
        if self._seen.current is None:
            return Selection()
        row, place = self._anchor = self._seen.current
        return Selection((Area.of_rows(row, row) if is_row else Area.of_columns(place, place),))

    def reached(self, row: int | None, place: int | None) -> Selection:
        """The selection when it goes from the anchor to here; None stands for all rows, or all columns."""
        return self._seen.selection.with_last(self._area_to(row, place))

    def reached_by_key(self, row: int, place: int) -> Selection:
        """Like `reached`; whole rows and columns stay whole."""
        area = self._seen.selection.areas[-1] if self._seen.selection.areas else None
        all_columns = area is not None and area.is_whole_rows
        all_rows = area is not None and area.is_whole_columns
        return self.reached(None if all_rows else row, None if all_columns else place)

    def corner(self) -> Spot:
        """Where Shift and a key go on from: the corner opposite of the anchor."""
        assert self._seen.current is not None
        if not self._seen.selection.areas:
            return self._seen.current
        whole = self._seen.selection.areas[-1]
        area = whole.clipped(self._frame.row_count, self._frame.columns.count)
        row, place = self._anchor
        far_row = area.bottom - 1 if row == area.top else area.top
        far_place = area.right - 1 if place == area.left else area.left
        return row if whole.is_whole_columns else far_row, place if whole.is_whole_rows else far_place

    def hold(self) -> None:
        """The current cell is one that there is."""
        row_count, count = self._frame.row_count, self._frame.columns.count
        if not row_count or not count:
            self._seen.current = None
        elif self._seen.current is None:
            self.put(0, 0)
        else:
            row, place = self._seen.current
            held = min(row, row_count - 1), min(place, count - 1)
            if held != self._seen.current:
                self.put(*held)

    def keep_columns(self) -> None:
        """Other rows are shown: rows that were selected by number are others now, whole columns are not."""
        if not all(area.is_whole_columns for area in self._seen.selection.areas):
            self._seen.selection = self.current_cell()

    def _area_to(self, row: int | None, place: int | None) -> Area:
        first_row, first_place = self._anchor
        if row is None and place is None:
            return Area.everything()
        if row is None:
            assert place is not None
            return Area.of_columns(first_place, place)
        if place is None:
            return Area.of_rows(first_row, row)
        return Area.between(first_row, first_place, row, place)
