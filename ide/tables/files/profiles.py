"""What columns hold: figures, histograms, frequent values, missing ones. From a sample, or exactly by streaming.

Part of the process that reads files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ide.core.table import Code
from ide.tables.files.blocks import FileColumn, Job
from ide.tables.files.cells import texts
from ide.tables.files.counts import Counts, Ordered
from ide.tables.files.filters import absent, sort_key, text_array
from ide.tables.files.table import Table
from ide.tables.files.views import Rows

SAMPLE_ROWS: Final = 100_000
_CLUSTERS: Final = 12
_PATTERNS_MOST: Final = 30
_TIMES: Final = ("timestamp", "date", "time", "duration")


def profile(table: Table, view: int, column: int, job: Job, *, is_exact: bool, bins: int, top: int) -> dict[str, Any]:
    """The fields of `ColumnProfile`."""
    if is_exact:
        table.blocks.wait_whole(job)
    rows = table.view(view).base
    shown = table.blocks.columns[column]
    is_sample = not is_exact and rows.count > SAMPLE_ROWS
    figures = _Figures(shown, bins, top)
    looked_at = 0
    is_counted = shown.kind in ("text", "category", "boolean")
    counts, ordered = Counts(table.folder, table.limits), Ordered(table.folder, table.limits, job)
    try:
        for (array,) in _arrays(table, rows, (column,), job, _CLUSTERS if is_sample else 0):
            looked_at += len(array)
            present = figures.add(array)
            if present is not None:
                (counts if is_counted else ordered).add(present)
        figures.finish(counts, ordered)
    finally:
        counts.close()
        ordered.close()
    return {
        "column": column,
        "row_count": rows.count,
        "rows_looked_at": looked_at,
        "missing": figures.missing(),
        "statistics": figures.statistics,
        "edges": figures.edges,
        "counts": figures.counts,
        "top": figures.top,
    }


def _arrays(table: Table, rows: Rows, columns: Sequence[int], job: Job, clusters: int) -> Iterator[list[pa.Array]]:
    """All rows, or those of some clusters that lie evenly over them."""
    if not clusters:
        yield from table.maker.parts(rows, columns, job, "Reading")
        return
    for place, (first, end) in enumerate(_stretches(rows.count, clusters)):
        job.progress("Sampling", place, clusters)
        yield table.gather(rows.rows(first, end), columns)


def _stretches(count: int, clusters: int) -> Iterator[tuple[int, int]]:
    size = max(1, min(SAMPLE_ROWS, count) // clusters)
    for place in range(clusters):
        first = place * (count - size) // max(1, clusters - 1)
        yield first, first + size


class _Figures:
    """Gathers what needs no order while arrays go by, then the rest from the values in order."""

    def __init__(self, column: FileColumn, bins: int, top: int) -> None:
        self._column = column
        self._bins, self._most = bins, top
        self.statistics: list[tuple[str, str]] = []
        self.edges: list[float] = []
        self.counts: list[int] = []
        self.top: list[tuple[str, int, int]] = []
        self._nulls = self._nans = self._present = 0
        self._mean = self._squares = 0.0
        self._least: Any = None
        self._greatest: Any = None
        self._extra: dict[str, int] = {}

    def missing(self) -> list[tuple[str, int, int]]:
        """By kind of missing value."""
        found = [("", self._nulls, int(self._column.missing)), ("", self._nans, int(Code.NAN))]
        return [one for one in found if one[1]]

    def add(self, array: pa.Array) -> pa.Array | None:
        """Count, and give back the values that are there, comparable."""
        self._nulls += array.null_count
        gone = pc.sum(absent(array)).as_py() or 0
        self._nans += gone - array.null_count
        self._present += len(array) - gone
        if not self._column.can_sort:
            return None
        present = array.filter(pc.invert(absent(array)))
        kind = self._column.kind
        if kind in ("text", "category"):
            values = text_array(present)
            if kind == "text":
                self._lengths(values)
            return values
        if kind == "boolean":
            return present.cast(pa.string())
        values = sort_key(present, self._column, ())
        if len(values):
            self._numbers(values)
        return values

    def _lengths(self, values: pa.Array) -> None:
        if not len(values):
            return
        found = pc.min_max(pc.utf8_length(values)).as_py()
        self._extra["shortest"] = min(self._extra.get("shortest", found["min"]), found["min"])
        self._extra["longest"] = max(self._extra.get("longest", 0), found["max"])
        self._count("empty", pc.equal(pc.binary_length(values), 0))

    def _numbers(self, values: pa.Array) -> None:
        found = pc.min_max(values).as_py()
        self._least = found["min"] if self._least is None else min(self._least, found["min"])
        self._greatest = found["max"] if self._greatest is None else max(self._greatest, found["max"])
        if self._column.kind != "number":
            return
        self._count("zeros", pc.equal(values, pa.scalar(0, values.type) if pa.types.is_integer(values.type) else 0))
        self._count("negative", pc.less(values, pa.scalar(0, values.type) if pa.types.is_integer(values.type) else 0))
        floats = values.cast(pa.float64(), safe=False)
        self._count("infinite", pc.is_inf(floats))
        # Means and squares of parts put together (Chan, Golub and LeVeque 1979): sums of squares would lose digits.
        count = len(floats)
        before = self._extra.get("counted", 0)
        mean = pc.mean(floats).as_py()
        squares = pc.variance(floats, ddof=0).as_py() * count
        shift = mean - self._mean
        both = before + count
        self._mean += shift * count / both
        self._squares += squares + shift * shift * before * count / both
        self._extra["counted"] = both

    def _count(self, name: str, which: pa.Array) -> None:
        self._extra[name] = self._extra.get(name, 0) + (pc.sum(which).as_py() or 0)

    def finish(self, counts: Counts, ordered: Ordered) -> None:
        """Put the figures together."""
        kind = self._column.kind
        if not self._present or not self._column.can_sort:
            return
        if kind in ("text", "category", "boolean"):
            self._finish_words(counts)
            return
        self._set_edges()
        ordered.finish(self._present, self.edges)
        self.counts = ordered.counts
        tell = self.statistics.append
        if kind == "number":
            tell(("minimum", str(self._least)))
            tell(("maximum", str(self._greatest)))
            tell(("mean", repr(self._mean)))
            if self._present > 1:
                tell(("sd", repr(math.sqrt(self._squares / (self._present - 1)))))
            self.statistics += [
                (name, str(value)) for name, value in zip(("q25", "median", "q75"), ordered.quartiles, strict=True)
            ]
        else:
            first, last = ("minimum", "maximum") if kind in ("duration", "time") else ("earliest", "latest")
            tell((first, self._word(self._least)))
            tell((last, self._word(self._greatest)))
        tell(("distinct", str(ordered.distinct)))
        self._tell_extra("zeros", "negative", "infinite")

    def _finish_words(self, counts: Counts) -> None:
        distinct, top = counts.result(self._most)
        if self._column.kind == "boolean":
            found = dict(top)
            self.statistics += [(name, str(found.get(name, 0))) for name in ("true", "false")]
        else:
            self.statistics.append(("distinct", str(distinct)))
        self._tell_extra("empty", "shortest", "longest")
        self.top = [(text, count, int(Code.VALUE)) for text, count in top]

    def _tell_extra(self, *names: str) -> None:
        self.statistics += [(name, str(self._extra[name])) for name in names if name in self._extra]

    def _set_edges(self) -> None:
        low, high = float(self._least), float(self._greatest)
        if not (math.isfinite(low) and math.isfinite(high) and math.isfinite(high - low)):
            return
        width = (high - low) / self._bins or 1.0 / self._bins
        self.edges = [low + width * place for place in range(self._bins)] + [max(high, low + width * self._bins)]

    def _word(self, value: int) -> str:
        """A date, time or duration that was compared as a whole number."""
        column = self._column
        whole = pa.array([value], pa.int64())
        kind = column.type
        if pa.types.is_date(kind):
            return str(texts(whole.cast(pa.int32()).cast(pa.date32()), column)[0].as_py())
        if pa.types.is_time32(kind):
            whole = whole.cast(pa.int32())
        return str(texts(whole.cast(kind), column)[0].as_py())


# ---- distinct values


def values(table: Table, column: int, search: str, limit: int, job: Job) -> dict[str, Any]:
    """The fields of `ValueCounts`."""
    table.blocks.wait_whole(job)
    shown = table.blocks.columns[column]
    counts = Counts(table.folder, table.limits)
    nulls = nans = rows = 0
    try:
        for _, (array,) in table.blocks.scan((column,), job, "Counting"):
            rows += len(array)
            is_gone = absent(array)
            nulls += array.null_count
            nans += is_gone.true_count - array.null_count
            found = texts(array.filter(pc.invert(is_gone)), shown)
            counts.add(found.filter(pc.match_substring(pc.utf8_lower(found), search.lower())) if search else found)
        total, top = counts.result(limit)
    finally:
        counts.close()
    ordered = [(text, count, int(Code.VALUE)) for text, count in top]
    if not search:
        gone = [one for one in (("", nulls, int(shown.missing)), ("", nans, int(Code.NAN))) if one[1]]
        ordered = sorted([*ordered, *gone], key=lambda one: -one[1])[:limit]
        total += len(gone)
    return {"values": ordered, "total": total, "rows_looked_at": rows}


# ---- the picture of missing values


def missing(
    table: Table, view: int, columns: Sequence[int], buckets: int, job: Job, *, is_exact: bool
) -> tuple[dict[str, Any], bytes]:
    """The fields of `MissingPicture`, and its shares."""
    if is_exact:
        table.blocks.wait_whole(job)
    rows = table.view(view).base
    count = rows.count
    buckets = max(1, min(buckets, count))
    is_sample = not is_exact and count > SAMPLE_ROWS
    gone = [[0] * buckets for _ in columns]
    seen = [0] * buckets
    patterns: dict[tuple[int, ...], int] = {}
    looked_at = 0
    for first, arrays in _positioned(table, rows, columns, job, buckets if is_sample else 0):
        masks = [absent(array) for array in arrays]
        looked_at += len(masks[0])
        for start, stop, bucket in _in_buckets(first, first + len(masks[0]), count, buckets):
            seen[bucket] += stop - start
            for place, mask in enumerate(masks):
                gone[place][bucket] += mask.slice(start - first, stop - start).true_count
        _add_patterns(patterns, masks, columns)
    shares = bytes(
        max(round(255 * number / total), number > 0) if total else 0
        for numbers in gone
        for number, total in zip(numbers, seen, strict=True)
    )
    told = sorted(patterns.items(), key=lambda one: -one[1])[:_PATTERNS_MOST]
    result = {
        "columns": list(columns), "buckets": buckets, "counts": [sum(numbers) for numbers in gone],
        "row_count": count, "rows_looked_at": looked_at, "patterns": told,
    }  # fmt: skip
    return result, shares


def _positioned(
    table: Table, rows: Rows, columns: Sequence[int], job: Job, clusters: int
) -> Iterator[tuple[int, list[pa.Array]]]:
    if not columns:
        return
    if not clusters:
        first = 0
        for arrays in table.maker.parts(rows, columns, job, "Reading"):
            yield first, arrays
            first += len(arrays[0])
        return
    size = max(1, SAMPLE_ROWS // clusters)
    for place in range(clusters):
        job.progress("Sampling", place, clusters)
        first = place * rows.count // clusters
        yield first, table.gather(rows.rows(first, min(first + size, rows.count)), columns)


def _in_buckets(first: int, end: int, count: int, buckets: int) -> Iterator[tuple[int, int, int]]:
    """Pieces of a stretch of rows by bucket; bucket b holds rows b*count//buckets on."""
    row = first
    while row < end:
        bucket = min(buckets - 1, ((row + 1) * buckets - 1) // count)
        stop = min(end, (bucket + 1) * count // buckets)
        yield row, max(stop, row + 1), bucket
        row = max(stop, row + 1)


def _add_patterns(patterns: dict[tuple[int, ...], int], masks: Sequence[pa.Array], columns: Sequence[int]) -> None:
    """Which columns are missing together, by counting words of bits."""
    words = []
    for start in range(0, len(masks), 32):
        parts = [pc.multiply(mask.cast(pa.int64()), 1 << bit) for bit, mask in enumerate(masks[start : start + 32])]
        word = reduce(pc.add, parts)
        words.append(word.cast(pa.string()) if len(masks) > 32 else word)
    joined = words[0] if len(words) == 1 else pc.binary_join_element_wise(*words, " ")
    for one in pc.value_counts(joined).to_pylist():
        bits = 0
        for place, word in enumerate(str(one["values"]).split()):
            bits |= int(word) << 32 * place
        if bits:
            key = tuple(column for place, column in enumerate(columns) if bits >> place & 1)
            patterns[key] = patterns.get(key, 0) + one["counts"]
