"""Values in order, and how often each is there: in memory as far as they fit, by DuckDB on disk from there on.

Part of the process that reads files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ide.tables.files.blocks import Job
from ide.tables.files.options import Limits

_MERGE_ROWS: Final = 400_000
_QUARTERS: Final = (0.25, 0.5, 0.75)

Counted = tuple[str, int]


class _Disk:
    """A table on disk that is written in parts. Made at first use."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._memory_bytes = folder, limits.memory_bytes
        self._path = folder / f"values-{id(self)}.duckdb"
        self._connection: Any = None

    @property
    def is_used(self) -> bool:
        return self._connection is not None

    def add(self, part: pa.Table) -> None:
        from ide.tables.files.tight import connect_duckdb

        if self._connection is None:
            self._connection = connect_duckdb(memory_bytes=self._memory_bytes, folder=self._folder)
            path = str(self._path).replace("'", "''")
            self._connection.execute(f"ATTACH '{path}' AS disk; USE disk")
            self._connection.register("part", part)
            self._connection.execute("CREATE TABLE held AS SELECT * FROM part")
        else:
            self._connection.register("part", part)
            self._connection.execute("INSERT INTO held SELECT * FROM part")

    def batches(self, select: str) -> Iterator[pa.RecordBatch]:
        from ide.tables.files.tight import arrow_reader

        yield from arrow_reader(self._connection, select)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._path.unlink(missing_ok=True)


class Counts:
    """Distinct texts and how often each is there."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._limit_bytes = limits.values_bytes
        self._disk = _Disk(folder, limits)
        self._parts: list[pa.Table] = []
        self._rows = 0

    def add(self, values: pa.Array) -> None:
        """Some values, without missing ones."""
        found = pc.value_counts(values)
        if len(found):
            self._parts.append(pa.table({"value": found.field("values"), "count": found.field("counts")}))
            self._rows += len(found)
        if self._rows > _MERGE_ROWS:
            self._merge()

    def result(self, most: int) -> tuple[int, list[Counted]]:
        """How many distinct values there are, and the most frequent ones."""
        self._merge()
        if self._disk.is_used:
            self._spill()
            (counted,) = self._disk.batches("SELECT count(DISTINCT value) AS total FROM held")
            select = f'SELECT value, sum("count")::BIGINT FROM held GROUP BY value ORDER BY 2 DESC, 1 LIMIT {most}'
            top = [pair for batch in self._disk.batches(select) for pair in _pairs(batch)]
            return counted.column(0)[0].as_py(), top
        if not self._parts:
            return 0, []
        (table,) = self._parts
        order = [("count", "descending"), ("value", "ascending")]
        return table.num_rows, _pairs(table.take(pc.sort_indices(table, sort_keys=order).slice(0, most)))

    def close(self) -> None:
        """Remove what is on disk."""
        self._disk.close()

    def _merge(self) -> None:
        if not self._parts:
            return
        grouped = pa.concat_tables(self._parts).group_by("value").aggregate([("count", "sum")])
        merged = pa.table({"value": grouped.column("value"), "count": grouped.column("count_sum")})
        self._parts, self._rows = [merged], merged.num_rows // 2
        if merged.nbytes > self._limit_bytes:
            self._spill()

    def _spill(self) -> None:
        for part in self._parts:
            self._disk.add(part)
        self._parts, self._rows = [], 0


def _pairs(table: pa.Table | pa.RecordBatch) -> list[Counted]:
    return list(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))


class Ordered:
    """Numbers that come in any order, to be gone through in ascending order."""

    def __init__(self, folder: Path, limits: Limits, job: Job) -> None:
        self._limit_bytes = limits.values_bytes
        self._disk = _Disk(folder, limits)
        self._job = job
        self._parts: list[pa.Array] = []
        self._size_bytes = 0
        self.distinct = 0
        self.quartiles: list[Any] = [None, None, None]
        self.counts: list[int] = []

    def add(self, values: pa.Array) -> None:
        """Some of them, without missing ones."""
        self._parts.append(values)
        self._size_bytes += values.nbytes
        if self._size_bytes > self._limit_bytes:
            self._spill()

    def finish(self, count: int, edges: Sequence[float]) -> None:
        """Find the distinct values, the quartiles and the counts between edges; `count` values were added."""
        wanted = {int(rounded(share * (count - 1))) for share in _QUARTERS for rounded in (math.floor, math.ceil)}
        at: dict[int, Any] = {}
        below = [0] * len(edges)
        last: Any = None
        done = 0
        for values in self._in_order():
            self._job.check()
            at.update({one: values[one - done].as_py() for one in wanted if done <= one < done + len(values)})
            floats = values.cast(pa.float64(), safe=False)
            for number, edge in enumerate(edges):
                below[number] += pc.less(floats, edge).true_count
            if len(values):
                self.distinct += len(pc.run_end_encode(values, run_end_type=pa.int64()).run_ends)
                self.distinct -= done > 0 and values[0].as_py() == last
                last = values[-1].as_py()
            done += len(values)
        self.quartiles = [_between(at, count, share) for share in _QUARTERS]
        if edges:
            below[-1] = count
            self.counts = [below[number + 1] - below[number] for number in range(len(edges) - 1)]

    def close(self) -> None:
        """Remove what is on disk."""
        self._disk.close()

    def _in_order(self) -> Iterator[pa.Array]:
        if self._disk.is_used:
            self._spill()
            for batch in self._disk.batches("SELECT value FROM held ORDER BY value"):
                yield batch.column(0)
        elif self._parts:
            joined = pa.concat_arrays(self._parts)
            self._parts = []
            yield joined.take(pc.sort_indices(joined))

    def _spill(self) -> None:
        if self._parts:
            self._disk.add(pa.table({"value": pa.chunked_array(self._parts)}))
        self._parts, self._size_bytes = [], 0


def _between(at: dict[int, Any], count: int, share: float) -> Any:
    """A quantile, linear between the two values that it lies between."""
    where = share * (count - 1)
    low, high = at.get(math.floor(where)), at.get(math.ceil(where))
    if low is None or high is None:
        return None
    return float(low) + float(high - low) * (where - math.floor(where))
