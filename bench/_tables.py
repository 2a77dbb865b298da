"""What the measurements of tables share: frames in real kernels, a double click on one, and when its cells are painted.

The frame: 20 columns (numbers, whole numbers with gaps, times, categories, text), the same in Python and in R.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import psutil

from bench._program import SAMPLE_PYTHON
from bench.measure import MeasurementError

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.table import ViewSpec
    from ide.panes.tables.page import TablePage

ENVIRONMENTS: Final = {"python": str(SAMPLE_PYTHON), "r": "ir"}
FRAME_TIMEOUT_S: Final = 300.0
_FRAME: Final = {
    "python": """
import numpy as np, pandas as pd
def make_frame(rows, floats=12):
    rng = np.random.default_rng(1)
    made = {f"float_{i}": rng.normal(size=rows) for i in range(floats)}
    for i in range(4):
        made[f"whole_{i}"] = rng.integers(0, 10 ** (i + 2), rows)
    made["float_0"][::50] = np.nan
    made["time_0"] = np.datetime64("2020-01-01", "s") + rng.integers(0, 10 ** 8, rows).astype("m8[s]")
    made["flag"] = rng.random(rows) < 0.5
    words = pd.Categorical.from_codes(rng.integers(0, 50, rows), [f"name {i}" for i in range(50)])
    made["group"] = words
    made["word"] = words.astype("str")
    return pd.DataFrame(made)
{name} = make_frame({rows}, {floats})
""",
    "r": """
make_frame <- function(rows, floats = 12) {
  set.seed(1)
  made <- lapply(seq_len(floats), function(i) rnorm(rows))
  names(made) <- paste0("float_", seq_len(floats) - 1)
  for (i in 0:3) made[[paste0("whole_", i)]] <- sample.int(10^(i + 2), rows, TRUE)
  made$float_0[seq(1, rows, 50)] <- NA
  made$time_0 <- as.POSIXct("2020-01-01", tz = "UTC") + sample.int(10^8, rows, TRUE)
  made$flag <- made$float_1 < 0
  words <- paste("name", 0:49)
  codes <- sample.int(50, rows, TRUE)
  made$group <- factor(words[codes], words)
  made$word <- words[codes]
  as.data.frame(made)
}
{name} <- make_frame({rows}, {floats})
""",
}
_PROCESS: Final = {"python": "import os; print(os.getpid())", "r": "cat(Sys.getpid())"}
_COLLECT: Final = {"python": "import gc; gc.collect(); None", "r": "invisible(gc())"}


def make_frame(workbench: Workbench, language: str, name: str, rows: int, floats: int = 12) -> None:
    """Make a frame in the kernel and wait until Variables lists it. It has eight columns beside those of floats."""
    code = _FRAME[language].replace("{name}", name).replace("{rows}", str(rows)).replace("{floats}", str(floats))
    run = workbench.run(code, language=language).wait(FRAME_TIMEOUT_S)
    if run.status != "ok":
        raise MeasurementError(f"the frame could not be made: {run.error} {run.text[-300:]}")
    model = workbench.program.variables.model
    workbench.wait_until(lambda: name in model.names.variables, 60, f"{name} in Variables")


def kernel_of(workbench: Workbench, language: str) -> psutil.Process:
    """The process of the kernel in use."""
    text = workbench.run(_PROCESS[language], language=language).wait(30).text
    return psutil.Process(int(text.split()[-1]))


def own_mb(process: psutil.Process | None = None) -> float:
    """Memory that only this process has; the window's own where none is named."""
    if process is None:
        gc.collect()
    return float((process or psutil.Process()).memory_full_info().uss) / 1e6


class PeakMb:
    """The most memory that a process had on top, looked at every few milliseconds while the window waits."""

    def __init__(self, process: psutil.Process) -> None:
        from PySide6.QtCore import QTimer

        self._process = process
        self._first = self._most = process.memory_info().rss
        self._timer = QTimer()
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def added_mb(self) -> float:
        """End it: what came on top at most."""
        self._timer.stop()
        self._look()
        return (self._most - self._first) / 1e6

    def _look(self) -> None:
        self._most = max(self._most, self._process.memory_info().rss)


def collect(workbench: Workbench, language: str) -> None:
    """Let the kernel throw away what it holds no more."""
    workbench.run(_COLLECT[language], language=language).wait(60)


@dataclass(frozen=True)
class Opened:
    """A table that was opened by a double click: milliseconds to its first painted cells, longest stall till then."""

    page: TablePage
    painted_ms: float
    stall_ms: float


def double_click(workbench: Workbench, name: str) -> Opened:
    """Double-click a frame in Variables that was not selected before, and wait until the cells in sight are painted."""
    from PySide6.QtCore import QModelIndex, Qt
    from PySide6.QtTest import QTest

    from bench._panes import PaintWatch

    program = workbench.program
    view = program.variables.view
    view.setCurrentIndex(QModelIndex())
    view.scrollTo(view.rows.index_of(name))
    rest_until_quiet(workbench)
    place = view.visualRect(view.rows.index_of(name)).center()
    watches: list[PaintWatch] = []
    pages: list[TablePage] = []

    def watch_page(_document: object) -> None:
        for page in program.tables.pane.pages.values():
            if page.model.origin.name == name and not pages:
                pages.append(page)
                watches.append(PaintWatch(page.grid.viewport(), partial(is_filled, page)))

    program.editor.document_shown.connect(watch_page)
    program.stalls.start()
    clicked_s = time.time()
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    workbench.wait_until(lambda: bool(watches) and watches[0].painted_s is not None, 60, f"The first cells of {name}")
    stall_ms = workbench.stall_max_ms()
    program.editor.document_shown.disconnect(watch_page)
    painted_s = watches[0].painted_s
    assert painted_s is not None
    watches[0].close()
    return Opened(pages[0], (painted_s - clicked_s) * 1000, stall_ms)


def is_filled(page: TablePage) -> bool:
    """Whether every cell in sight is here."""
    frame, pager = page.grid.frame, page.model.pager
    rows = frame.rows_in_sight()
    columns = frame.indexes_in_sight()
    corners = (rows.start, min(rows.stop, pager.row_count) - 1)
    return bool(columns) and all(pager.cells(row, column) is not None for row in corners for column in columns)


def close_page(workbench: Workbench, page: TablePage) -> None:
    """Close its tab."""
    workbench.program.editor.remove_guest(page.key)
    rest_until_quiet(workbench)


def rest_until_quiet(workbench: Workbench) -> None:
    """Let what was begun end: pages, profiles, deferred deletes."""
    from bench._panes import rest

    rest(workbench, 0.5)
    workbench.wait_until(lambda: all(session.state == "idle" for session in workbench.sessions), 120, "Rest")


class Shown:
    """Notes when other rows are shown for the first time."""

    def __init__(self, page: TablePage) -> None:
        self._pager = page.model.pager
        self._began_s = time.perf_counter()
        self._after_s: float | None = None
        self._pager.view_changed.connect(self._on_view_changed)

    def after_s(self) -> float:
        """End it: seconds from its making to the first rows."""
        self._pager.view_changed.disconnect(self._on_view_changed)
        if self._after_s is None:
            raise MeasurementError("no other rows were shown")
        return self._after_s

    def _on_view_changed(self) -> None:
        if self._after_s is None:
            self._after_s = time.perf_counter() - self._began_s


def seconds_to_show(workbench: Workbench, page: TablePage, spec: ViewSpec, timeout_s: float = 120.0) -> float:
    """Ask for a view and wait until its rows are shown and all in their order."""
    pager = page.model.pager
    problems: list[object] = []
    pager.failed.connect(problems.append)
    started_s = time.perf_counter()
    pager.set_view(spec)
    ended_s: list[float] = []

    def look() -> None:
        if not ended_s and pager.shown_spec == spec and pager.state.is_ready:
            ended_s.append(time.perf_counter())

    for signal in (pager.view_changed, pager.changed):
        signal.connect(look)
    look()
    workbench.wait_until(lambda: bool(ended_s or problems), timeout_s, "The view")
    for signal in (pager.view_changed, pager.changed):
        signal.disconnect(look)
    pager.failed.disconnect(problems.append)
    if problems:
        raise MeasurementError(f"the view could not be made: {problems[0]}")
    return ended_s[0] - started_s


def seconds_in_kernel(workbench: Workbench, language: str, code: str, runs: int) -> list[float]:
    """What `code` takes in the kernel by its own clock, as often as `runs`. `code` is one expression of a function."""
    if language == "python":
        text = (
            f"import time\ndef _timed():\n    started = time.perf_counter()\n    {code}\n"
            f"    return time.perf_counter() - started\nfor _ in range({runs}): print(_timed())\ndel _timed"
        )
    else:
        text = (
            f"for (i in seq_len({runs})) {{ started <- proc.time()[[3]]; local({{ {code} }}); "
            "cat(sprintf('%.4f\\n', proc.time()[[3]] - started)) }"
        )
    run = workbench.run(text, language=language).wait(FRAME_TIMEOUT_S)
    if run.status != "ok":
        raise MeasurementError(f"the baseline did not run: {run.error} {run.text[-300:]}")
    return [float(line) for line in run.text.split()]
