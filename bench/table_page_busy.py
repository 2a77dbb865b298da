"""What a page takes while the user's own loop runs in the kernel, and what asking costs that loop.

p95 of the milliseconds from asking for a page of 60 x 15 cells at a place never seen before to its arrival in the
window, while a loop in pure Python runs. `loop`: seconds of a loop of fixed length while a viewer asks for pages as
somebody does who scrolls (20 in a second), beside those of the same loop with nobody asking. `loop_open`: the same
with the table open and left alone. R has one thread, so that there pages wait for the loop: not measured.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.table import Page, TableError
    from ide.panes.tables.page import TablePage

NEEDS_MEMORY_GB: Final = 8.0
ROWS: Final = 10_000_000
PAGE_ROWS, PAGE_COLUMNS = 60, 15
EVERY_S: Final = 0.05
_LOOP: Final = """
import time
def _loop(count):
    started = time.perf_counter()
    total = 0
    for number in range(count):
        total += number % 7
    return time.perf_counter() - started
print(_loop({count}))
"""
_COUNT: Final = 40_000_000


def measure(runs: int) -> dict[str, Result]:
    """One program; each run is a loop with nobody there, one beside an open table, and one with a scrolling viewer."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    alone, opened, asked, pages = [], [], [], []
    with program_with_agent(tables.ENVIRONMENTS["python"]) as workbench:
        tables.make_frame(workbench, "python", "large", ROWS)
        _loop_s(workbench, None)
        for _ in range(runs):
            alone.append(_loop_s(workbench, None))
            page = tables.double_click(workbench, "large").page
            tables.rest_until_quiet(workbench)
            opened.append(_loop_s(workbench, None))
            taken_ms: list[float] = []
            asked.append(_loop_s(workbench, page, taken_ms))
            pages.append(sorted(taken_ms)[int(len(taken_ms) * 0.95)])
            tables.close_page(workbench, page)
    return {
        "": Result.of(pages, "ms"),
        "loop": Result.of(asked, "s", alone),
        "loop_open": Result.of(opened, "s", alone),
    }


def _loop_s(workbench: Workbench, page: TablePage | None, taken_ms: list[float] | None = None) -> float:
    """Seconds of the user's loop by its own clock; meanwhile pages of `page` are asked for, one after the other."""
    from PySide6.QtCore import QTimer

    run = workbench.run(_LOOP.replace("{count}", str(_COUNT)), language="python")
    asking = QTimer()
    asker = None
    if page is not None and taken_ms is not None:
        asker = _Asker(page, taken_ms)
        asking.setInterval(round(EVERY_S * 1000))
        asking.timeout.connect(asker.ask)
        asking.start()
    run.wait(300)
    asking.stop()
    if asker is not None:
        workbench.wait_until(lambda: asker.waits == 0, 30, "The last page")
    if run.status != "ok" or (asker is not None and asker.problems):
        raise MeasurementError(f"the loop or a page failed: {run.error} {asker.problems if asker else ''}")
    return float(run.text.split()[-1])


class _Asker:
    """Asks for pages from all over the table and notes what each took."""

    def __init__(self, page: TablePage, taken_ms: list[float]) -> None:
        self._source = page.model.source
        self._taken_ms = taken_ms
        self._count = 0
        self.waits = 0
        self.problems: list[TableError] = []

    def ask(self) -> None:
        """One page."""
        self._count += 1
        self.waits += 1
        first = self._count * 7_919_003 % (ROWS - PAGE_ROWS)
        asked_s = time.perf_counter()

        def done(_page: Page) -> None:
            self.waits -= 1
            self._taken_ms.append((time.perf_counter() - asked_s) * 1000)

        def failed(error: TableError) -> None:
            self.waits -= 1
            self.problems.append(error)

        self._source.page(0, first, first + PAGE_ROWS, range(PAGE_COLUMNS), done, failed)
