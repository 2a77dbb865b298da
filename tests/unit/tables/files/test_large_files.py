"""Files larger than the reader may hold: shown at once, filtered, sorted, profiled, within the limit of memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import csv as arrow_csv

from ide.core.table import Filter, FilterGroup, SortKey
from ide.tables.files.options import Limits
from ide.tables.files.source import FileTableSource, OrderCost
from tests.unit.tables.files.kit import Desk, values

PIECE_ROWS = 200_000
_MULTIPLIER = 2_654_435_761


def piece(first: int, rows: int) -> pa.Table:
    """Rows that can be foretold: `key` is a permutation, so that the true order is known without sorting."""
    row = pa.array(range(first, first + rows), pa.int64())
    key = pa.array([(number * _MULTIPLIER) % (1 << 32) for number in range(first, first + rows)], pa.int64())
    real = pc.divide(key.cast(pa.float64()), 7.0)
    group = pa.array([number % 1000 for number in range(first, first + rows)], pa.int64())
    text = pa.array([f"text of row {number} with some words to fill" for number in range(first, first + rows)])
    gap = pa.array([None if number % 10 == 0 else number % 97 for number in range(first, first + rows)], pa.int64())
    return pa.table({"row": row, "key": key, "real": real, "group": group, "text": text, "gap": gap})


def make(path: Path, pieces: int) -> int:
    """Write so many pieces; they repeat after the first ones, only `row` goes on, as making them takes long."""
    made = piece(0, PIECE_ROWS)
    with path.open("wb") as file:
        writer: Any = pq.ParquetWriter(file, made.schema) if path.suffix == ".parquet" else None
        for number in range(pieces):
            row = pa.array(range(number * PIECE_ROWS, (number + 1) * PIECE_ROWS), pa.int64())
            table = made.set_column(0, "row", row)
            if writer is not None:
                writer.write_table(table)
            else:
                arrow_csv.write_csv(table, file, arrow_csv.WriteOptions(include_header=number == 0))
        if writer is not None:
            writer.close()
    return pieces * PIECE_ROWS


class Watch:
    """Looks at the memory of the reader while a test works with it."""

    def __init__(self, desk: Desk) -> None:
        self.peak_bytes = 0
        self._desk = desk
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory-watch")
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.wait(0.02):
            pid = self._desk.files.process.pid
            try:
                self.peak_bytes = max(self.peak_bytes, own_bytes(pid) if pid is not None else 0)
            except (psutil.Error, OSError):
                continue

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()


def own_bytes(pid: int) -> int:
    """Memory that is the process's alone: pages of mapped files are the system's to take back."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return int(psutil.Process(pid).memory_info().rss)
    return sum(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("RssAnon:"))


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[[int], tuple[Desk, Watch]]]:
    """Makes desks with a limit of memory, and watches them."""
    made: list[tuple[Desk, Watch]] = []

    def make_desk(memory_bytes: int) -> tuple[Desk, Watch]:
        folder = tmp_path / f"reader{len(made)}"
        folder.mkdir()
        desk = Desk(folder, Limits(memory_bytes, 100_000, 20_000_000))
        desk.wait_s = 1_500.0
        made.append((desk, Watch(desk)))
        return made[-1]

    yield make_desk
    for desk, watch in made:
        watch.close()
        desk.close()


def work_through(desk: Desk, path: Path, count: int) -> None:
    """What a user does with a large file, each answer looked at."""
    started_s = time.monotonic()
    source = desk.open(path, is_whole=False)
    assert [values(cells)[0] for cells in desk.page(source, 0, 100, range(2)).cells.values()] == [0, 0]
    first_s = time.monotonic() - started_s
    if path.suffix == ".csv" and count > 5_000_000:
        assert source.is_growing, "the first rows do not wait for the last ones"
    desk.ui.pump_until(lambda: not source.is_growing, desk.wait_s)
    assert source.info.row_count == count
    assert first_s < 20
    last = desk.page(source, count - 5, count, [0, 4])
    assert values(last.cells[0]) == list(range(count - 5, count))
    sample = desk.profile(source, 3)
    assert not sample.is_exact
    assert 450 < float(dict(sample.statistics)["mean"]) < 550

    state = desk.make_view(source, (), FilterGroup((Filter(3, "eq", ("17",)), Filter(4, "contains", ("ROW 1",)))))
    fitting = [row for row in range(PIECE_ROWS) if row % 1000 == 17 and str(row).startswith("1")]
    assert state.row_count == len(fitting) * (count // PIECE_ROWS)
    assert values(desk.page(source, 0, 20, [0], desk.view).cells[0]) == fitting[:20]
    exact = desk.profile(source, 5, is_exact=True)
    assert sum(one.count for one in exact.missing) == count // 10
    assert dict(exact.statistics)["distinct"] == "97"

    sort_and_order(desk, source, count)


def sort_and_order(desk: Desk, source: FileTableSource, count: int) -> None:
    """The true first thousand of the whole, then the whole order."""
    keys = [(number * _MULTIPLIER) % (1 << 32) for number in range(PIECE_ROWS)]
    repeats = count // PIECE_ROWS
    order = sorted(range(PIECE_ROWS), key=keys.__getitem__, reverse=True)
    state = desk.make_view(source, [SortKey(2, is_descending=True)])
    assert (state.row_count, state.ready_rows) == (count, 1_000)
    top = [order[place // repeats] + PIECE_ROWS * (place % repeats) for place in range(1_000)]
    assert values(desk.page(source, 0, 1_000, [0], desk.view).cells[0]) == top
    number = desk.view
    cost: OrderCost = desk.wait(lambda done, failed: source.order_cost(number, done, failed))
    assert cost.size_bytes == 8 * count
    assert desk.wait(lambda done, failed: source.order_fully(number, done, failed)).is_ready
    middle = count // 2
    expected = [order[place // repeats] + PIECE_ROWS * (place % repeats) for place in range(middle, middle + 50)]
    assert values(desk.page(source, middle, middle + 50, [0], desk.view).cells[0]) == expected


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_hundred_megabytes_under_a_small_limit(
    open_desk: Callable[[int], tuple[Desk, Watch]], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"large.{suffix}"
    count = make(path, 6)
    limit_bytes = 260_000_000
    desk, watch = open_desk(limit_bytes)
    work_through(desk, path, count)
    assert 0 < watch.peak_bytes < limit_bytes
    assert desk.files.process.run == 1, "the reader kept within its limit by itself"


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_three_gigabytes_under_a_limit_of_one(
    open_desk: Callable[[int], tuple[Desk, Watch]], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"large.{suffix}"
    pieces = 180 if suffix == "csv" else 570
    count = make(path, pieces)
    assert path.stat().st_size > 2_900_000_000
    limit_bytes = 1 << 30
    desk, watch = open_desk(limit_bytes)
    work_through(desk, path, count)
    assert 0 < watch.peak_bytes < limit_bytes
    assert desk.files.process.run == 1
