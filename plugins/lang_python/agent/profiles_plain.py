"""What columns hold, by nothing but Python."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from fourpane_plugins.lang_python.agent import profile_records as records
from fourpane_plugins.lang_python.agent import table_cells
from fourpane_plugins.lang_python.agent.profile_records import SAMPLE_ROWS, Profile
from fourpane_plugins.lang_python.agent.profiles_numpy import counted, picture
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.rows_plain import CHUNK_ROWS, evenly
from fourpane_plugins.lang_python.agent.table_filters import TIMES


def _stop_if_cancelled(job: Any) -> None:
    if job.is_cancelled():
        raise Refusal("cancelled", "")


def _chunks(frame: Any, rows: Any, is_exact: bool) -> tuple[list[Any], int, int]:
    total = frame.row_count if rows is None else len(rows)
    if not is_exact and total > SAMPLE_ROWS:
        return [evenly(rows, frame.row_count, SAMPLE_ROWS)], SAMPLE_ROWS, total
    parts = [slice(first, min(first + CHUNK_ROWS, total)) for first in range(0, max(total, 1), CHUNK_ROWS)]
    return parts if rows is None else [rows[part] for part in parts], total, total


def profile(frame: Any, index: int, rows: Any, is_exact: bool, bins: int, top: int, job: Any) -> dict[str, Any]:
    """The contract's `ColumnProfile`."""
    column = frame.column(index)
    parts, looked_at, total = _chunks(frame, rows, is_exact)
    found = Profile(index, total, looked_at)
    values: list[Any] = []
    for number, part in enumerate(parts):
        _stop_if_cancelled(job)
        job.progress("read", number, len(parts))
        some, codes = column.objects(part)
        for code in codes:
            if table_cells.is_missing_code(code):
                found.missing[code] = found.missing.get(code, 0) + 1
        values.extend(value for value in some if value is not None)
    if column.kind in ("number", *TIMES) and all(type(value) in (int, float) for value in values):
        _numbers(column, values, found, bins)
    elif column.kind == "boolean":
        counts = Counter("true" if value else "false" for value in values)
        found.add("true", counts["true"])
        found.add("false", counts["false"])
        found.top = records.top_counts(counts.most_common(), 2)
    elif column.kind in ("text", "category", "number"):
        _texts([value if type(value) is str else str(value) for value in values], found, top, column.kind)
    return found.as_json()


def _numbers(column: Any, values: list[Any], found: Profile, bins: int) -> None:
    if not values:
        found.add("distinct", 0)
        return
    is_whole = all(type(value) is int for value in values)
    finite = [value for value in values if is_whole or math.isfinite(value)]
    if len(finite) < len(values):
        found.add("infinite", len(values) - len(finite))
    values.sort()
    least, greatest = records.names_of(column.kind)
    found.add(least, records.figure_text(column, values[0]))
    found.add(greatest, records.figure_text(column, values[-1]))
    if column.kind == "number":
        _moments(values, found)
    for name, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
        found.add(name, records.figure_text(column, _quantile(values, share, column.kind)))
    found.add("distinct", len(set(values)))
    if column.kind == "number":
        found.add("zeros", sum(value == 0 for value in values))
        found.add("negative", sum(value < 0 for value in values))
    if finite:
        finite.sort()
        _histogram(finite, found, bins, is_whole)


def _moments(values: list[Any], found: Profile) -> None:
    try:
        mean = math.fsum(values) / len(values)
        sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    except (OverflowError, ValueError, ZeroDivisionError):  # infinities, one value, numbers without end
        mean = values[0] if len(values) == 1 else math.nan
        sd = math.nan
    found.add("mean", float(mean))
    found.add("sd", sd)


def _quantile(values: list[Any], share: float, kind: str) -> Any:
    place = (len(values) - 1) * share
    below = int(place)
    low, high = values[below], values[min(below + 1, len(values) - 1)]
    if low == high or place == below:
        return float(low) if kind == "number" else low
    return low + (high - low) * (place - below) if kind == "number" else low + int((high - low) * (place - below))


def _histogram(finite: list[Any], found: Profile, bins: int, is_whole: bool) -> None:
    from bisect import bisect_left

    try:
        found.edges = [float(edge) for edge in records.edges(finite[0], finite[-1], bins, is_whole)]
    except OverflowError:
        return
    bounds = [0, *(bisect_left(finite, edge) for edge in found.edges[1:-1]), len(finite)]
    found.counts = [end - first for first, end in zip(bounds, bounds[1:])]


def _texts(values: list[str], found: Profile, top: int, kind: str) -> None:
    counts = Counter(values)
    found.add("distinct", len(counts))
    if counts and kind == "text":
        lengths = [len(text) for text in counts]
        found.add("shortest", min(lengths))
        found.add("longest", max(lengths))
        found.add("empty", counts.get("", 0))
    found.top = records.top_counts(counts.most_common(top), top)


def values(frame: Any, index: int, search: str, limit: int, job: Any) -> dict[str, Any]:
    """The contract's `ValueCounts`."""
    column = frame.column(index)
    counts: Counter[str] = Counter()
    missing: Counter[int] = Counter()
    looked_at = 0
    for first in range(0, frame.row_count, CHUNK_ROWS):
        _stop_if_cancelled(job)
        job.progress("count", first, frame.row_count)
        part = slice(first, min(first + CHUNK_ROWS, frame.row_count))
        texts, codes = column.texts(part)
        counts.update(text for text, code in zip(texts, codes) if not table_cells.is_missing_code(code))
        missing.update(code for code in codes if table_cells.is_missing_code(code))
        looked_at = part.stop
        if len(counts) > records.DISTINCT_MOST:
            break
    return counted(list(counts.items()), dict(missing), search, limit, looked_at, looked_at == frame.row_count)


def missing(
    frame: Any, indexes: list[int], rows: Any, buckets: int, is_exact: bool, job: Any
) -> tuple[dict[str, Any], list[bytes]]:
    """The contract's `MissingPicture` and its buffer."""
    parts, looked_at, total = _chunks(frame, rows, is_exact)
    buckets = max(1, min(buckets, looked_at))
    sums = [[0] * buckets for _ in indexes]
    sizes = [0] * buckets
    patterns: Counter[tuple[int, ...]] = Counter()
    columns = [frame.column(index) for index in indexes]
    at = 0
    for part in parts:
        _stop_if_cancelled(job)
        job.progress("missing", at, looked_at)
        flags = [[table_cells.is_missing_code(code) for code in column.objects(part)[1]] for column in columns]
        for row in range(part.stop - part.start if type(part) is slice else len(part)):
            bucket = at * buckets // looked_at
            sizes[bucket] += 1
            absent = tuple(place for place, flag in enumerate(flags) if flag[row])
            for place in absent:
                sums[place][bucket] += 1
            if absent:
                patterns[absent] += 1
            at += 1
    shares = bytes(max(round(255 * count / max(size, 1)), count > 0) for row in sums for count, size in zip(row, sizes))
    told = [
        ([indexes[place] for place in absent], count) for absent, count in patterns.most_common(records.PATTERNS_MOST)
    ]
    return picture(indexes, buckets, [sum(row) for row in sums], total, looked_at, told), [shares]
