"""How what a table costs grows with its size: 1e4 to 5e7 rows of four columns of numbers, 20 to 5,000 columns.

Parts are named `<language>.<what>.<rows|columns><size>`. Milliseconds of a double click to painted cells (`open`), of a
page of 60 x 4 cells (`page`), of sorting by a column until all rows are in order (`sort`) and filtering it (`filter`)
until that is shown, of a sampled profile (`profile`); `window_mb` and `kernel_mb` are what the open table added.
`tools/growth.py` draws the picture of `docs/reference/growth.md` from it. Sizes that the free memory has no room for
are left out, and said so.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Final

import psutil

from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from ide.app.workbench import Workbench
    from ide.panes.tables.page import TablePage

NEEDS_MEMORY_GB: Final = 2.0
ROWS: Final = (10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
COLUMNS: Final = (20, 100, 500, 2_000, 5_000)
SHORT_ROWS: Final = 10_000
GB_PER_CELL: Final = 8 * 8 / 2**30
"""The frame, what its making takes beside it, and a sort; in R the same."""
_MAKE: Final = {
    "python": (
        "import numpy as np, pandas as pd\n"
        "grown = pd.DataFrame(np.random.default_rng(1).normal(size=({columns}, {rows})).T, "
        "columns=[f'c{{i}}' for i in range({columns})])"
    ),
    "r": (
        "set.seed(1); grown <- lapply(seq_len({columns}), function(i) rnorm({rows})); "
        "names(grown) <- paste0('c', seq_len({columns}) - 1); grown <- as.data.frame(grown)"
    ),
}
_DROP: Final = {"python": "del grown", "r": "rm(grown); invisible(gc())"}


def measure(runs: int) -> dict[str, Result]:
    """One program for each language; every figure is the median of so many calls."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    parts: dict[str, Result] = {}
    sizes = [(rows, 4, f"rows{rows}") for rows in ROWS]
    sizes += [(SHORT_ROWS, columns, f"columns{columns}") for columns in COLUMNS]
    for language, environment in tables.ENVIRONMENTS.items():
        with program_with_agent(environment) as workbench:
            _one(workbench, language, SHORT_ROWS, 4, 1)  # what is made only once
            for rows, columns, name in sizes:
                needed_gb, free_gb = rows * columns * GB_PER_CELL, psutil.virtual_memory().available / 2**30
                if free_gb < needed_gb:
                    print(
                        f"*** NOT MEASURED: {language} {name} needs {needed_gb:.0f} GB of free memory; "
                        f"this machine has {free_gb:.1f} GB.",
                        file=sys.stderr,
                    )
                    continue
                for what, values in _one(workbench, language, rows, columns, runs).items():
                    unit = "MB" if what.endswith("_mb") else "ms"
                    parts[f"{language}.{what}.{name}"] = Result.of(values, unit)
    return parts


def _one(workbench: Workbench, language: str, rows: int, columns: int, runs: int) -> dict[str, list[float]]:
    from bench import _tables as tables
    from ide.core.table import Filter, FilterGroup, SortKey, ViewSpec

    code = _MAKE[language].format(rows=rows, columns=columns)
    run = workbench.run(code, language=language).wait(tables.FRAME_TIMEOUT_S)
    if run.status != "ok":
        raise MeasurementError(f"the frame could not be made: {run.error} {run.text[-300:]}")
    names = workbench.program.variables.model
    workbench.wait_until(lambda: "grown" in names.names.variables, 60, "The frame in Variables")
    kernel = tables.kernel_of(workbench, language)
    found: dict[str, list[float]] = {}
    for turn in range(runs):
        tables.collect(workbench, language)
        window_mb, kernel_mb = tables.own_mb(), tables.own_mb(kernel)
        opened = tables.double_click(workbench, "grown")
        tables.rest_until_quiet(workbench)
        found.setdefault("open", []).append(opened.painted_ms)
        if turn == 0:
            tables.collect(workbench, language)
            found["window_mb"] = [tables.own_mb() - window_mb]
            found["kernel_mb"] = [tables.own_mb(kernel) - kernel_mb]
        found.setdefault("page", []).append(median(_page_ms(workbench, opened.page, rows) for _ in range(5)))
        found.setdefault("profile", []).append(median(_profile_ms(workbench, opened.page) for _ in range(5)))
        over = ViewSpec((), FilterGroup((Filter(1, "gt", ("1.5",)),)))
        for what, spec in (("filter", over), ("sort", ViewSpec((SortKey(1),)))):
            found.setdefault(what, []).append(1000 * tables.seconds_to_show(workbench, opened.page, spec))
            tables.rest_until_quiet(workbench)
        tables.close_page(workbench, opened.page)
    workbench.run(_DROP[language], language=language).wait(60)
    workbench.wait_until(lambda: "grown" not in names.names.variables, 60, "The end of the frame")
    return found


def _page_ms(workbench: Workbench, page: TablePage, rows: int) -> float:
    first = rows // 2 + int(time.monotonic() * 1e6) % (rows // 4)
    source = page.model.source
    return _answer_ms(workbench, lambda done, failed: source.page(0, first, first + 60, range(4), done, failed))


def _profile_ms(workbench: Workbench, page: TablePage) -> float:
    source = page.model.source
    return _answer_ms(workbench, lambda done, failed: source.profile(0, 1, done, failed))


def _answer_ms(workbench: Workbench, ask: Callable[..., object]) -> float:
    """Milliseconds from a request to its answer in the window."""
    ended_s: list[float] = []
    problems: list[object] = []
    began_s = time.perf_counter()
    ask(lambda _answer: ended_s.append(time.perf_counter()), problems.append)
    workbench.wait_until(lambda: bool(ended_s or problems), 60, "The answer")
    if problems:
        raise MeasurementError(f"a request failed: {problems[0]}")
    return (ended_s[0] - began_s) * 1000
