"""Percent of one core that the whole process tree takes while nobody touches it for 15 s."""

from __future__ import annotations

import contextlib
import time

import psutil

from bench._program import family, program, wait_for_mark
from bench.measure import Result

SETTLE_S = 10
REST_S = 15


def measure(runs: int) -> Result:
    """Each run is a start of its own; at most three."""
    shares: list[float] = []
    for _ in range(min(runs, 3)):
        with program() as (process, started_s, path):
            wait_for_mark(path, "prompt")
            time.sleep(SETTLE_S)
            processes = family(process, started_s)
            before_s, at_s = _cpu_s(processes), time.monotonic()
            time.sleep(REST_S)
            shares.append(100 * (_cpu_s(processes) - before_s) / (time.monotonic() - at_s))
    return Result.of(shares, "%")


def _cpu_s(processes: list[psutil.Process]) -> float:
    total_s = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total_s += times.user + times.system
    return total_s
