"""Frame time p99 while a grid of 40 x 15 cells scrolls over ten million rows; beside it bare drawing of the same texts.

The frame is what the UI thread does: layout of new cells and the whole repaint. What a source takes to make its pages
is not counted. `step` scrolls as a wheel does, `drag` by odd pixels, `jump` to rows never seen before.
"""

from __future__ import annotations

import array
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.measure import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ide.core.table import Cells, Column, ColumnProfile, TableInfo, ViewSpec
    from ide.widgets.grid import Grid

ROWS, COLUMNS = 10_000_000, 15
SHOWN_ROWS = 40
FRAMES = 300
BLOCK = 128


def measure(runs: int) -> dict[str, Result]:
    """Each run scrolls `FRAMES` frames in three ways over one grid."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtWidgets import QApplication

    from ide._paths import resources_dir
    from ide.qt.icons import Icons
    from ide.qt.theme import Theme
    from ide.widgets.grid import Grid

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme = Theme(resources_dir() / "themes", "light")
    theme.apply(application)
    data = _Numbers()
    grid = Grid(theme, Icons(resources_dir() / "icons", theme), "Table")
    grid.set_data(data)
    grid.resize(1600, grid.frame.head_px + SHOWN_ROWS * grid.frame.row_px + 16)
    grid.show()
    while not _is_exposed(grid) or data.asked == 0:
        QCoreApplication.processEvents()
    row_px = grid.frame.row_px
    ways: dict[str, Callable[[int], int]] = {
        "": lambda frame: 3 * row_px,
        "drag": lambda frame: 7 + frame % 31,
        "jump": lambda frame: (frame * 7_919 % 100 - 40) * 91_000 * row_px // 10,
    }
    _frames(grid, data, ways[""])
    results = {}
    for name, way in ways.items():
        slowest = [_p99(_frames(grid, data, way)) for _ in range(runs)]
        results[name] = Result.of(slowest, "ms", [_p99(_bare(grid)) for _ in range(runs)])
    grid.set_data(None)
    grid.deleteLater()
    theme.close()
    return results


def _is_exposed(grid: Grid) -> bool:
    """Before that a repaint paints nothing."""
    window = grid.windowHandle()
    return bool(window) and window.isExposed()


def _frames(grid: Grid, data: _Numbers, way: Callable[[int], int]) -> list[float]:
    """Milliseconds of each frame."""
    from bench._editor import Paints
    from bench.measure import MeasurementError

    paints = Paints()
    paints.watch(grid.viewport())
    taken = []
    for frame in range(FRAMES):
        made_s = data.took_s
        started_s = time.perf_counter()
        grid.scroll_by(0, way(frame))
        grid.viewport().repaint()
        taken.append(1000 * (time.perf_counter() - started_s - (data.took_s - made_s)))
    if paints.count < FRAMES:
        raise MeasurementError(f"Only {paints.count} of {FRAMES} frames were painted.")
    return taken


def _bare(grid: Grid) -> list[float]:
    """The same number of texts by `QPainter.drawText`, without lines, heads or looking anything up."""
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QPainter, QPixmap

    texts = [f"{row * column * 1.37:.2f}" for row in range(SHOWN_ROWS) for column in range(COLUMNS)]
    pixmap = QPixmap(grid.viewport().size())
    taken = []
    for _ in range(FRAMES // 3):
        started_s = time.perf_counter()
        pixmap.fill(Qt.GlobalColor.white)
        painter = QPainter(pixmap)
        painter.setFont(grid.cells.maker.plain.font)
        for number, text in enumerate(texts):
            painter.drawText(QPointF(number % COLUMNS * 100, 20 + number // COLUMNS * 24), text)
        painter.end()
        taken.append(1000 * (time.perf_counter() - started_s))
    return taken


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


class _Numbers:
    """`GridData` of numbers, dates and words that are made when they are asked for."""

    def __init__(self) -> None:
        from ide.core.events import Signal
        from ide.core.table import Column, TableInfo, ViewSpec

        class Events:
            arrived = Signal(int, int)
            columns_arrived = Signal(int, int)
            profile_arrived = Signal(int)
            view_changed = Signal()
            changed = Signal()

        self._events = Events()
        self.arrived, self.columns_arrived = self._events.arrived, self._events.columns_arrived
        self.profile_arrived, self.view_changed = self._events.profile_arrived, self._events.view_changed
        self.changed = self._events.changed
        self.info: TableInfo = TableInfo("numbers", ROWS, COLUMNS)
        self.spec: ViewSpec = ViewSpec()
        self.row_count, self.column_count = ROWS, COLUMNS
        self.label_columns: tuple[Column, ...] = ()
        self.asked = 0
        self.took_s = 0.0
        self._columns = [
            Column(place, f"column_{place}", "text" if place % 5 == 4 else "number", "float64")
            for place in range(COLUMNS)
        ]
        self._blocks: dict[tuple[int, int], Cells] = {}

    def column(self, index: int) -> Column | None:
        return self._columns[index]

    def profile(self, _column: int) -> ColumnProfile | None:
        return None

    def cells(self, row: int, column: int) -> tuple[Cells, int] | None:
        found = self._blocks.get((row // BLOCK, column))
        return None if found is None else (found, row % BLOCK)

    def want(self, rows: range, columns: Sequence[int]) -> None:
        started_s = time.perf_counter()
        self.asked += 1
        for block in range(rows.start // BLOCK, (rows.stop - 1) // BLOCK + 1):
            for column in columns:
                if (block, column) not in self._blocks:
                    self._blocks[block, column] = self._make(block, column)
        self.took_s += time.perf_counter() - started_s

    def _make(self, block: int, column: int) -> Cells:
        from ide.core.table import Cells

        rows = range(block * BLOCK, (block + 1) * BLOCK)
        if column % 5 == 4:
            parts = [f"name {row * 7 % 1000}".encode() for row in rows]
            ends, end = array.array("I"), 0
            for part in parts:
                end += len(part)
                ends.append(end)
            return Cells("text", b"".join(parts), ends=ends.tobytes())
        values = array.array("d", [row * (column + 1) * 0.01 for row in rows])
        return Cells("float64", values.tobytes(), bytes(2 if row % 50 == 0 else 0 for row in rows))
