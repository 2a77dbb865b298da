"""Which columns a grid shows, in which order, how wide: arithmetic of places and pixels. No Qt, no cells.

A column's `index` is its number in the table, its `place` the number in which it stands on the screen, pinned ones
first. With 20,000 columns a change costs one pass over them; finding a place costs a binary search.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate

WIDTH = 112
NARROWEST = 40
WIDEST = 1_200
"""Of a column, in pixels at 100 %."""


class GridColumns:
    """Order, pins, hidden columns and widths of one grid."""

    def __init__(self, px: Callable[[float], int]) -> None:
        """`px` turns pixels at 100 % to those in force; call `rescale` when it answers otherwise."""
        self._px = px
        self._order: list[int] = []
        self._pinned: list[int] = []
        self._hidden: set[int] = set()
        self._widths: dict[int, float] = {}
        self._by_hand: set[int] = set()
        self._shown: list[int] = []
        self._places: dict[int, int] = {}
        self._edges: list[int] = [0]
        self._pinned_count = 0
        self.version = 0
        """Grows with every change of what is where."""

    def reset(self, count: int) -> None:
        """All columns of a table in their own order, none pinned or hidden; widths are forgotten."""
        self._order = list(range(count))
        self._pinned.clear()
        self._hidden.clear()
        self._widths.clear()
        self._by_hand.clear()
        self._arrange()

    @property
    def shown(self) -> tuple[int, ...]:
        """Indexes by place."""
        return tuple(self._shown)

    @property
    def count(self) -> int:
        """Places."""
        return len(self._shown)

    @property
    def pinned_count(self) -> int:
        """Places that stay at the left."""
        return self._pinned_count

    @property
    def pinned(self) -> tuple[int, ...]:
        """Indexes of columns that stay at the left."""
        return tuple(self._pinned)

    @property
    def hidden(self) -> frozenset[int]:
        """Indexes of columns that are not shown."""
        return frozenset(self._hidden)

    @property
    def order(self) -> tuple[int, ...]:
        """All indexes in the order that the user gave, hidden ones too."""
        return tuple(self._order)

    def index_at(self, place: int) -> int:
        """The column at a place. IndexError where there is none."""
        if place < 0:
            raise IndexError(place)
        return self._shown[place]

    def place_of(self, index: int) -> int:
        """Where a column stands, -1 where it is hidden or unknown."""
        return self._places.get(index, -1)

    def width(self, index: int) -> int:
        """Pixels in force."""
        return self._px(self._widths.get(index, WIDTH))

    def is_sized(self, index: int) -> bool:
        """Whether a width was set, by hand or by what the column holds."""
        return index in self._widths

    def is_sized_by_hand(self, index: int) -> bool:
        """Whether the user set the width."""
        return index in self._by_hand

    def set_width(self, index: int, width: float, *, by_hand: bool = False) -> None:
        """`width` at 100 %, kept within bounds."""
        wanted = min(max(width, NARROWEST), WIDEST)
        if by_hand:
            self._by_hand.add(index)
        if self._widths.get(index) != wanted:
            self._widths[index] = wanted
            self._measure()

    def set_widths(self, widths: Iterable[tuple[int, float]]) -> None:
        """Many at once, none of them by hand."""
        for index, width in widths:
            self._widths[index] = min(max(width, NARROWEST), WIDEST)
        self._measure()

    def hide(self, indexes: Iterable[int]) -> None:
        """Show these no more. One column is always left."""
        hidden = self._hidden | set(indexes)
        if len(hidden) < len(self._order):
            self._hidden = hidden
            self._arrange()

    def show(self, indexes: Iterable[int] | None = None) -> None:
        """Show these again, or all."""
        self._hidden = self._hidden - set(indexes) if indexes is not None else set()
        self._arrange()

    def pin(self, index: int, is_pinned: bool = True) -> None:
        """Keep a column at the left, after those that are there already; or let it go back to its place."""
        if is_pinned == (index in self._pinned) or not 0 <= index < len(self._order):
            return
        if is_pinned:
            self._pinned.append(index)
        else:
            self._pinned.remove(index)
        self._arrange()

    def move(self, place: int, target: int) -> None:
        """Put the column at `place` before the one that is at `target` now. Pinned ones move among themselves."""
        pinned = self.pinned_count
        if not 0 <= place < self.count:
            return
        low, high = (0, pinned) if place < pinned else (pinned, self.count)
        target = min(max(target, low), high)
        if target in (place, place + 1):
            return
        index = self._shown[place]
        before = self._shown[target] if target < high else None
        members = self._pinned if place < pinned else self._order
        members.remove(index)
        if before is None:
            # After the last one that is shown; hidden ones may follow.
            last = self._shown[high - 1]
            members.insert(members.index(last) + 1, index)
        else:
            members.insert(members.index(before), index)
        self._arrange()

    def rescale(self) -> None:
        """The zoom changed."""
        self._measure()

    # ---- pixels

    @property
    def pinned_px(self) -> int:
        """What the pinned columns take."""
        return self._edges[self.pinned_count]

    @property
    def scrolled_px(self) -> int:
        """What the other columns take."""
        return self._edges[-1] - self.pinned_px

    def left_of(self, place: int) -> int:
        """Pixels from the first place; pinned ones count like others."""
        return self._edges[place]

    def place_at(self, x: int) -> int:
        """The place at so many pixels from the first one's left edge; may be -1 or `count`."""
        return bisect_right(self._edges, x) - 1 if x >= 0 else -1

    def in_sight(self, offset: int, width: int) -> range:
        """Places that are not pinned and show in `width` pixels when so many are scrolled away."""
        if width <= 0 or self.count == self.pinned_count:
            return range(self.pinned_count, self.pinned_count)
        start = self.pinned_px + offset
        first = max(self.place_at(start), self.pinned_count)
        last = min(self.place_at(start + width - 1), self.count - 1)
        return range(first, max(first, last + 1))

    def _arrange(self) -> None:
        pinned = [index for index in self._pinned if index not in self._hidden]
        self._pinned_count = len(pinned)
        away = self._hidden.union(pinned)
        self._shown = pinned + [index for index in self._order if index not in away]
        self._places = {index: place for place, index in enumerate(self._shown)}
        self._measure()

    def _measure(self) -> None:
        usual = self._px(WIDTH)
        widths, px = self._widths, self._px
        each = (px(widths[index]) if index in widths else usual for index in self._shown)
        self._edges = [0, *accumulate(each)]
        self.version += 1
