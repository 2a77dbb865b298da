"""100,000 printed lines until the last is painted, against a bare jupyter_client that receives them; longest stall."""

from __future__ import annotations

from bench._console import bare_client, program_with_console, time_bare, time_run
from bench.measure import Result

LINES = 100_000
CODE = f"for n in range({LINES}): print('line', n, 'of some output')"
CHARACTERS = sum(len(f"line {n} of some output\n") for n in range(LINES))


def measure(runs: int) -> dict[str, Result]:
    """In turns, one warm-up of each; the same kernel environment on both sides."""
    ours: list[float] = []
    bare: list[float] = []
    stalls: list[float] = []
    with program_with_console() as workbench, bare_client() as client:
        for turn in range(runs + 1):
            shown = time_run(workbench, CODE, f"line {LINES - 1} of")
            seconds = time_bare(client, CODE, CHARACTERS)
            if turn:
                ours.append(shown.seconds)
                stalls.append(shown.stall_ms)
                bare.append(seconds)
    return {"": Result.of(ours, "s", bare), "stall": Result.of(stalls, "ms")}
