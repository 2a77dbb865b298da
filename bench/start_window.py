"""Process start to the first paint of the window in its final geometry, against a bare PySide6 window's process."""

from __future__ import annotations

from bench._program import BARE_WINDOW, bare_seconds, seconds_to
from bench.measure import Result


def measure(runs: int) -> Result:
    """In turns, one warm-up of each: the machine's speed drifts."""
    ours: list[float] = []
    bare: list[float] = []
    for turn in range(runs + 1):
        own, other = seconds_to("first_paint"), bare_seconds(BARE_WINDOW, "first_paint")
        if turn:
            ours.append(own)
            bare.append(other)
    return Result.of(ours, "s", bare)
