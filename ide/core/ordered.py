"""Differences between two ordered lists, as few steps as a view needs to follow. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence


def steps_between(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """What turns one list into another: (row, rows that come there; negative: that go), to be taken one by one.

    Both hold no entry twice, and what is in both stands in the same order in both.
    """
    kept = set(after)
    end = len(before)
    while end > 0:
        first = end
        while first > 0 and before[first - 1] not in kept:
            first -= 1
        if first < end:
            yield first, first - end
        end = first - 1
    known = set(before)
    row = 0
    while row < len(after):
        first = row
        while row < len(after) and after[row] not in known:
            row += 1
        if row > first:
            yield first, row - first
        row += 1
