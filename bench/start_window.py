"""Process start to the first paint of the window in its final geometry, against a bare PySide6 window's process.

The window is that of somebody who comes back: what is painted has the toolbar, the editor with the restored text, and a
console that takes typing. `start_window.new` is the same with a new profile, where there is no text to restore.
"""

from __future__ import annotations

from bench._program import BARE_WINDOW, bare_seconds, seconds_to, used_profile
from bench.measure import Result


def measure(runs: int) -> dict[str, Result]:
    """In turns, one warm-up of each: the machine's speed drifts."""
    back: list[float] = []
    new: list[float] = []
    bare: list[float] = []
    with used_profile() as profile:
        for turn in range(runs + 1):
            own, other = seconds_to("first_paint", profile=profile), bare_seconds(BARE_WINDOW, "first_paint")
            first = seconds_to("first_paint")
            if turn:
                back.append(own)
                new.append(first)
                bare.append(other)
    return {"": Result.of(back, "s", bare), "new": Result.of(new, "s", bare)}
