"""From the double click on a frame of 1e7 x 20 to its painted cells, and what the open table takes in memory.

The first table of a program (its parts may still have to be imported), the next one, and the next one at 1e5 rows;
`stall` is the longest gap of the event loop meanwhile, `window_mb` and `kernel_mb` what the processes have more after
the next table than before it. `r_*`: the same over a data.frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

NEEDS_MEMORY_GB: Final = 8.0
ROWS: Final = 10_000_000
SMALL_ROWS: Final = 100_000
NEXT: Final = 3


def measure(runs: int) -> dict[str, Result]:
    """One start of the program per language and run; at most three."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    parts: dict[str, list[float]] = {}
    for _ in range(min(runs, 3)):
        for language, environment in tables.ENVIRONMENTS.items():
            prefix = "" if language == "python" else "r_"
            with program_with_agent(environment) as workbench:
                for name, values in _one(workbench, language).items():
                    parts.setdefault(f"{prefix}{name}".strip("_"), []).extend(values)
    units = {"mb": "MB"}
    return {name: Result.of(values, units.get(name.rpartition("_")[2], "ms")) for name, values in parts.items()}


def _one(workbench: Workbench, language: str) -> dict[str, list[float]]:
    from bench import _tables as tables

    tables.make_frame(workbench, language, "large", ROWS)
    tables.make_frame(workbench, language, "small", SMALL_ROWS)
    kernel = tables.kernel_of(workbench, language)
    tables.collect(workbench, language)
    tables.rest_until_quiet(workbench)
    first = tables.double_click(workbench, "large")
    tables.rest_until_quiet(workbench)
    tables.close_page(workbench, first.page)
    found: dict[str, list[float]] = {"": [first.painted_ms], "stall": [first.stall_ms]}
    for name, key in (("large", "next"), ("small", "next_1e5")):
        for turn in range(NEXT):
            tables.collect(workbench, language)
            tables.rest_until_quiet(workbench)
            window_mb, kernel_mb = tables.own_mb(), tables.own_mb(kernel)
            opened = tables.double_click(workbench, name)
            tables.rest_until_quiet(workbench)
            found.setdefault(key, []).append(opened.painted_ms)
            found.setdefault(f"{key}_stall", []).append(opened.stall_ms)
            if turn == 0:
                tables.collect(workbench, language)
                found[f"{key}_window_mb"] = [tables.own_mb() - window_mb]
                found[f"{key}_kernel_mb"] = [tables.own_mb(kernel) - kernel_mb]
            tables.close_page(workbench, opened.page)
    return found
