"""What columns hold: figures, histograms, frequent values, missing ones. From a sample, or exactly by streaming.

Exact figures come from the values in order: sorted in memory where they fit, by DuckDB on disk where they do not.
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
from ide.tables.files.filters import absent, sort_key, text_array
from ide.tables.files.table import Table
from ide.tables.files.views import Rows

SAMPLE_ROWS: Final = 100_000
_CLUSTERS: Final = 12
_MEMORY_SHARE: Final = 0.12
_VALUES_MOST: Final = 200_000
"""Distinct values that are counted; where there are more, not all are known."""
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
    values: _Sorted = _Sorted(table, job)
    for (array,) in _arrays(table, rows, (column,), job, _CLUSTERS if is_sample else 0):
        looked_at += len(array)
        present = figures.add(array)
        if shown.can_sort and present is not None:
            values.add(present)
    figures.finish(values)
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
        self._most_value: Any = None
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
            return present
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
        self._most_value = found["max"] if self._most_value is None else max(self._most_value, found["max"])
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

    def finish(self, values: _Sorted) -> None:
        """Put the figures together."""
        kind = self._column.kind
        if not self._present or not self._column.can_sort:
            return
        if kind in ("number", *_TIMES):
            self._set_edges()
        found = values.runs(self._present, self.edges, self._most)
        self.counts = found.counts
        word = str if kind == "number" else self._word
        tell = self.statistics.append
        if kind == "number":
            tell(("minimum", word(self._least)))
            tell(("maximum", word(self._most_value)))
            tell(("mean", repr(self._mean)))
            if self._present > 1:
                tell(("sd", repr(math.sqrt(self._squares / (self._present - 1)))))
            for name, value in zip(("q25", "median", "q75"), found.quartiles, strict=True):
                tell((name, word(value)))
        elif kind in _TIMES:
            first, last = ("minimum", "maximum") if kind in ("duration", "time") else ("earliest", "latest")
            tell((first, word(self._least)))
            tell((last, word(self._most_value)))
        if kind == "boolean":
            counts = {text: count for text, count, _ in found.top}
            self.statistics += [(name, str(counts.get(name, 0))) for name in ("true", "false")]
        else:
            tell(("distinct", str(found.distinct)))
        names = ("zeros", "negative", "infinite") if kind == "number" else ("empty", "shortest", "longest")
        self.statistics += [(name, str(self._extra[name])) for name in names if name in self._extra]
        self.top = found.top if kind in ("text", "category", "boolean") else []

    def _set_edges(self) -> None:
        low, high = float(self._least), float(self._most_value)
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


class _Runs:
    """What the values in order tell."""

    def __init__(self) -> None:
        self.distinct = 0
        self.quartiles: list[Any] = [None, None, None]
        self.counts: list[int] = []
        self.top: list[tuple[str, int, int]] = []


class _Sorted:
    """Values that come in any order, to be gone through in ascending order."""

    def __init__(self, table: Table, job: Job) -> None:
        self._table, self._job = table, job
        self._parts: list[pa.Array] = []
        self._size = 0
        self._spilled: Any = None
        self._connection: Any = None

    def add(self, values: pa.Array) -> None:
        """Some of them. Past the share of memory they go to disk."""
        self._parts.append(values)
        self._size += values.nbytes
        if self._size > self._table.memory_bytes * _MEMORY_SHARE:
            self._spill()

    def runs(self, count: int, edges: Sequence[float], top: int) -> _Runs:
        """Distinct values, quartiles, counts between edges and the most frequent ones."""
        found = _Runs()
        wanted = _places(count)
        at: dict[int, Any] = {}
        below = [0] * len(edges)
        best = _Best(top)
        last: Any = None
        run = done = 0
        for values in self._ordered():
            for place in wanted:
                if done <= place < done + len(values):
                    at[place] = values[place - done].as_py()
            for number, edge in enumerate(edges):
                below[number] += pc.sum(pc.less(values.cast(pa.float64(), safe=False), edge)).as_py() or 0
            distinct, lengths = _run_lengths(values)
            if not len(distinct):
                continue
            if found.distinct and distinct[0].as_py() == last:
                lengths = _with_first(lengths, run)
            else:
                best.put(last, run)
                found.distinct += 1
            found.distinct += len(distinct) - 1
            best.put_many(distinct.slice(0, len(distinct) - 1), lengths.slice(0, len(lengths) - 1))
            last, run = distinct[-1].as_py(), lengths[-1].as_py()
            done += len(values)
        best.put(last, run)
        self._close()
        found.top = best.found()
        found.quartiles = [_between(at, count, share) for share in (0.25, 0.5, 0.75)]
        if edges:
            below[-1] = count
            found.counts = [below[place + 1] - below[place] for place in range(len(edges) - 1)]
        return found

    def _ordered(self) -> Iterator[pa.Array]:
        if self._spilled is not None:
            from ide.tables.files.tight import arrow_reader

            self._spill()
            for batch in arrow_reader(self._connection, "SELECT value FROM spilled ORDER BY value"):
                self._job.check()
                yield batch.column(0)
        elif self._parts:
            joined = pa.concat_arrays(self._parts)
            yield joined.take(pc.sort_indices(joined))

    def _spill(self) -> None:
        from ide.tables.files.tight import connect_duckdb

        table = pa.table({"value": pa.chunked_array(self._parts)}) if self._parts else None
        if self._connection is None:
            path = self._table.folder / f"profile-{id(self)}.duckdb"
            self._connection = connect_duckdb(memory_bytes=self._table.memory_bytes // 4, folder=self._table.folder)
            self._connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS disk; USE disk")
            self._spilled = path
            self._connection.register("part", table)
            self._connection.execute("CREATE TABLE spilled AS SELECT value FROM part")
        elif table is not None:
            self._connection.register("part", table)
            self._connection.execute("INSERT INTO spilled SELECT value FROM part")
        self._parts, self._size = [], 0

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._spilled.unlink(missing_ok=True)


class _Best:
    """The most frequent values so far."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[int, str]] = []

    def put(self, value: Any, count: int) -> None:
        if count:
            self._held.append((count, ("true" if value else "false") if isinstance(value, bool) else str(value)))
            self._cut()

    def put_many(self, values: pa.Array, counts: pa.Array) -> None:
        if len(values):
            for place in pc.select_k_unstable(counts, self._most, sort_keys=[("", "descending")]).to_pylist():
                self.put(values[place].as_py(), counts[place].as_py())

    def found(self) -> list[tuple[str, int, int]]:
        self._held.sort(key=lambda one: (-one[0], one[1]))
        return [(text, count, int(Code.VALUE)) for count, text in self._held[: self._most]]

    def _cut(self) -> None:
        if len(self._held) > 50 * self._most:
            self._held.sort(key=lambda one: (-one[0], one[1]))
            del self._held[self._most :]


def _run_lengths(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Distinct values of sorted ones, and how often each is there."""
    found = pc.run_end_encode(values, run_end_type=pa.int64())
    ends = found.run_ends
    if len(ends) < 2:
        return found.values, ends
    before = pa.concat_arrays([pa.array([0], pa.int64()), ends.slice(0, len(ends) - 1)])
    return found.values, pc.subtract(ends, before)


def _with_first(lengths: pa.Array, more: int) -> pa.Array:
    return pa.concat_arrays([pa.array([lengths[0].as_py() + more], pa.int64()), lengths.slice(1)])


def _places(count: int) -> set[int]:
    return {
        place
        for share in (0.25, 0.5, 0.75)
        for place in (math.floor(share * (count - 1)), math.ceil(share * (count - 1)))
    }


def _between(at: dict[int, Any], count: int, share: float) -> Any:
    """A quantile, linear between the two values that it lies between."""
    place = share * (count - 1)
    low, high = at.get(math.floor(place)), at.get(math.ceil(place))
    if low is None or high is None or not isinstance(low, int | float) or low == high:
        return float(low) if isinstance(low, int | float) and not isinstance(low, bool) else low
    return low + (high - low) * (place - math.floor(place))


# ---- distinct values


def values(table: Table, column: int, search: str, limit: int, job: Job) -> dict[str, Any]:
    """The fields of `ValueCounts`."""
    table.blocks.wait_whole(job)
    shown = table.blocks.columns[column]
    counts: dict[str | None, int] = {}
    nans = rows = 0
    is_full = False
    for _, (array,) in table.blocks.scan((column,), job, "Counting"):
        rows += len(array)
        gone = pc.sum(absent(array)).as_py() or 0
        nans += gone - array.null_count
        if gone:
            counts[None] = counts.get(None, 0) + array.null_count
            array = array.filter(pc.invert(absent(array)))
        found = pc.value_counts(texts(array, shown))
        if search:
            found = found.filter(pc.match_substring(pc.utf8_lower(found.field("values")), search.lower()))
        for value, count in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True):
            if value in counts:
                counts[value] += count
            elif len(counts) < _VALUES_MOST:
                counts[value] = count
            else:
                is_full = True
    nulls = counts.pop(None, 0)
    ordered: list[tuple[str, int, int]] = [(str(text), count, 0) for text, count in counts.items()]
    ordered.sort(key=lambda one: (-one[1], one[0]))
    if not search:
        gone_ones = [("", nulls, int(shown.missing)), ("", nans, int(Code.NAN))]
        ordered = sorted([*ordered, *(one for one in gone_ones if one[1])], key=lambda one: -one[1])
    return {"values": ordered[:limit], "total": -1 if is_full else len(ordered), "rows_looked_at": rows}


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
        round(255 * number / total) if total else 0
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
