"""What a measurement is, which ones there are, and how one is run. Owns no measurement itself.

A measurement is a module `bench/<name>.py` with

    def measure(runs: int) -> Result | dict[str, Result]

A dict names parts: `{"": ..., "stall": ...}` of `console_100k` is told as `console_100k` and `console_100k.stall`.
A module that needs much memory says so by `NEEDS_MEMORY_GB = 8.0`. Modules whose name starts with `_` only help others.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

FOLDER = Path(__file__).resolve().parent
_NOT_MEASUREMENTS = {"measure"}
LIMIT_S = 30 * 60.0


class MeasurementError(Exception):
    """A measurement could not be taken; the text says why."""


@dataclass(frozen=True)
class Result:
    """Runs of one measurement in `unit`, their median, and the median of its baseline (None: the goal is absolute)."""

    median: float
    unit: str
    baseline: float | None
    runs: tuple[float, ...]

    @classmethod
    def of(cls, runs: Sequence[float], unit: str, baseline_runs: Sequence[float] = ()) -> Result:
        """From single values: of the program, and of the baseline measured beside it."""
        baseline = statistics.median(baseline_runs) if baseline_runs else None
        return cls(statistics.median(runs), unit, baseline, tuple(runs))

    @property
    def ratio(self) -> float | None:
        return self.median / self.baseline if self.baseline else None

    def as_json(self) -> dict[str, object]:
        digits = {"median": _short(self.median), "unit": self.unit, "baseline": _short(self.baseline)}
        return {**digits, "ratio": _short(self.ratio), "runs": [_short(run) for run in self.runs]}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def names() -> list[str]:
    """Every measurement, found by file name without importing it."""
    stems = (path.stem for path in FOLDER.glob("*.py"))
    return sorted(stem for stem in stems if not stem.startswith("_") and stem not in _NOT_MEASUREMENTS)


def take(name: str, runs: int) -> dict[str, Result]:
    """Take the measurement in this process. Raises MeasurementError where the machine lacks the memory."""
    module = importlib.import_module(f"bench.{name}")
    needed_gb = float(getattr(module, "NEEDS_MEMORY_GB", 0.0))
    free_gb = psutil.virtual_memory().available / 2**30
    if free_gb < needed_gb:
        raise MeasurementError(f"{name} needs {needed_gb:.0f} GB of free memory; this machine has {free_gb:.1f} GB.")
    measured: Result | Mapping[str, Result] = module.measure(runs)
    parts = {"": measured} if isinstance(measured, Result) else measured
    return {f"{name}.{part}" if part else name: result for part, result in parts.items()}


def take_in_child(name: str, runs: int, environment: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Take the measurement in a process of its own, so that none warms or burdens the next."""
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as folder:
        answer = Path(folder) / "answer.json"
        words = [sys.executable, "-m", "bench", name, "--runs", str(runs), "--answer", str(answer)]
        try:
            done = subprocess.run(
                words, cwd=FOLDER.parent, env=dict(environment), stdout=sys.stderr, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise MeasurementError(f"{name} did not end within {LIMIT_S:.0f} s.") from late
        if not answer.exists():
            raise MeasurementError(f"{name} ended with {done.returncode} and no figure; its own words are above.")
        found: dict[str, dict[str, object]] = json.loads(answer.read_text("utf-8"))
    if "error" in found:
        raise MeasurementError(str(found["error"]))
    return found
