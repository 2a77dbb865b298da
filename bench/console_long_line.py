"""One line of 5,000,000 characters: until it is painted (folded), and the longest stall."""

from __future__ import annotations

from bench._console import program_with_console, time_run
from bench.measure import Result

CODE = "print('x' * 5_000_000)"


def measure(runs: int) -> dict[str, Result]:
    """One warm-up; the goal is absolute."""
    seconds: list[float] = []
    stalls: list[float] = []
    with program_with_console() as workbench:
        for turn in range(runs + 1):
            shown = time_run(workbench, CODE, "Show all")
            if turn:
                seconds.append(shown.seconds)
                stalls.append(shown.stall_ms)
    return {"": Result.of(seconds, "s"), "stall": Result.of(stalls, "ms")}
