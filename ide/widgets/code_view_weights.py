"""How many code points lie before a line of a `QTextDocument`, which counts UTF-16 units.

Nearly every line has as many code points as units. Only the others are held, in a gap buffer: those before the gap by
line number, those after it by their distance from the last line, so that typing anywhere costs nothing for them.
"""

from __future__ import annotations

from collections.abc import Iterable


class LineWeights:
    """Lines whose number of code points differs from the units that Qt holds for them, and by how much."""

    def __init__(self) -> None:
        self._before: list[tuple[int, int]] = []
        self._before_sum = 0
        self._after: list[tuple[int, int]] = []  # last is nearest to the gap
        self._count = 0

    def clear(self) -> None:
        """No lines."""
        self._before.clear()
        self._after.clear()
        self._before_sum = 0
        self._count = 0

    def before(self, line: int) -> int:
        """Code points less units in all lines before `line`."""
        if not self._before and not self._after:
            return 0
        self._move_gap(line)
        return self._before_sum

    def splice(self, first: int, removed: int, weights: Iterable[int]) -> None:
        """Replace `removed` lines from `first` on by lines with `weights`."""
        added = list(weights)
        self._move_gap(first)
        while self._after and self._count - self._after[-1][0] < first + removed:
            self._after.pop()
        for line, weight in enumerate(added, first):
            if weight:
                self._before.append((line, weight))
                self._before_sum += weight
        self._count += len(added) - removed

    def _move_gap(self, line: int) -> None:
        while self._before and self._before[-1][0] >= line:
            at, weight = self._before.pop()
            self._before_sum -= weight
            self._after.append((self._count - at, weight))
        while self._after and self._count - self._after[-1][0] < line:
            distance, weight = self._after.pop()
            self._before.append((self._count - distance, weight))
            self._before_sum += weight
