"""The contract's records of what columns hold, for all engines: figures as text, counts, histograms of equal bins."""

from __future__ import annotations

import math
from typing import Any, Iterable

from fourpane_plugins.lang_python.agent import table_times
from fourpane_plugins.lang_python.agent.table_cells import TEXT_LENGTH, VALUE
from fourpane_plugins.lang_python.agent.table_filters import TIMES

SAMPLE_ROWS = 100_000
DISTINCT_MOST = 1_000_000
PATTERNS_MOST = 50


def value_count(text: str, count: int, code: int = VALUE) -> dict[str, Any]:
    """The contract's `ValueCount`."""
    found: dict[str, Any] = {"text": text.encode("utf-8", "replace").decode("utf-8"), "count": int(count)}
    if code != VALUE:
        found["code"] = int(code)
    return found


def top_counts(counts: Iterable[tuple[str, int]], top: int) -> list[dict[str, Any]]:
    """Values with their counts, long ones cut."""
    return [value_count(text[:TEXT_LENGTH], count) for text, count in list(counts)[:top]]


def missing_counts(codes: dict[int, int]) -> list[dict[str, Any]]:
    """How often each kind of missing value is there."""
    return [value_count("", count, code) for code, count in sorted(codes.items()) if count]


class Profile:
    """A `ColumnProfile` that is being put together."""

    def __init__(self, column: int, row_count: int, rows_looked_at: int) -> None:
        self.column = column
        self.row_count = row_count
        self.rows_looked_at = rows_looked_at
        self.missing: dict[int, int] = {}
        self.statistics: list[tuple[str, str]] = []
        self.edges: list[float] = []
        self.counts: list[int] = []
        self.top: list[dict[str, Any]] = []

    def add(self, name: str, value: Any) -> None:
        """One figure: a number at full precision, or text."""
        self.statistics.append((name, value if type(value) is str else number_text(value)))

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "row_count": self.row_count,
            "rows_looked_at": self.rows_looked_at,
            "missing": missing_counts(self.missing),
            "statistics": [{"name": name, "text": text[: TEXT_LENGTH * 2]} for name, text in self.statistics],
            "edges": self.edges if all(map(math.isfinite, self.edges)) else [],
            "counts": self.counts if all(map(math.isfinite, self.edges)) else [],
            "top": self.top,
        }


def number_text(value: Any) -> str:
    """A Python number."""
    return repr(value) if type(value) in (int, float) else str(value)


def figure_text(column: Any, value: Any) -> str:
    """A cell's number as it is told for the column: times as dates and so on."""
    if column.kind in TIMES:
        return table_times.text_of(int(value), column.kind, column.unit, column.zone)
    return number_text(value)


def edges(low: float, high: float, bins: int, is_whole: bool) -> list[float]:
    """Edges of bins of equal width; each whole number has its own where there are few of them."""
    if is_whole and high - low < bins:
        return [value - 0.5 for value in range(int(low), int(high) + 2)]
    if low == high:
        return [low - 0.5, high + 0.5] if abs(low) < 1e15 else [float(low), float(high)]
    bins = max(1, min(bins, 1_000))
    return [low * (1 - place / bins) + high * (place / bins) for place in range(bins)] + [float(high)]


def names_of(kind: str) -> tuple[str, str]:
    """What the least and the greatest are called."""
    return ("earliest", "latest") if kind in ("timestamp", "date", "time") else ("minimum", "maximum")
