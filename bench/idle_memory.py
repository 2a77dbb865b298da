"""PSS of the whole process tree 30 s after the first prompt, keeper, kernel and spare kernel counted."""

from __future__ import annotations

import sys
import time

from bench._program import program, tree_pss_mb, wait_for_mark
from bench.measure import Result

REST_S = 30


def measure(runs: int) -> Result:
    """Each run is a start of its own; at most three, as a run takes half a minute."""
    sums: list[float] = []
    for _ in range(min(runs, 3)):
        with program() as (process, started_s, path):
            wait_for_mark(path, "prompt")
            time.sleep(REST_S)
            sizes = tree_pss_mb(process, started_s)
            for name, size_mb in sizes.items():
                print(f"  {size_mb:7.1f} MB  {name}", file=sys.stderr)
            sums.append(sum(sizes.values()))
    return Result.of(sums, "MB")
