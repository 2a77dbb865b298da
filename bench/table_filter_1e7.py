"""From asking for a filter on one column of 1e7 rows to its rows on the screen / the library's own mask.

A float column, `text` one of words (equal to one of 50), `contains` a part of these words, `group` a category. The
baseline is what finds the same rows by hand: the mask and the places where it is true. `stall`: the longest gap of the
event loop. `r_*`: the same over a data.frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.table import Filter

NEEDS_MEMORY_GB: Final = 8.0
ROWS: Final = 10_000_000
_OWN: Final = {
    "python": {
        "": "np.flatnonzero(large['float_1'] > 1.5)",
        "text": "np.flatnonzero(large['word'] == 'name 7')",
        "contains": "np.flatnonzero(large['word'].str.contains('e 1', regex=False))",
        "group": "np.flatnonzero(large['group'] == 'name 7')",
    },
    "r": {
        "": "which(large$float_1 > 1.5)",
        "text": "which(large$word == 'name 7')",
        "contains": "grep('e 1', large$word, fixed = TRUE)",
        "group": "which(large$group == 'name 7')",
    },
}


def measure(runs: int) -> dict[str, Result]:
    """One program for each language."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    parts: dict[str, Result] = {}
    for language, environment in tables.ENVIRONMENTS.items():
        with program_with_agent(environment) as workbench:
            tables.make_frame(workbench, language, "large", ROWS)
            prefix = "" if language == "python" else "r_"
            for name, result in _all(workbench, language, runs).items():
                parts[f"{prefix}{name}".strip("_")] = result
    return parts


def _wishes() -> dict[str, Filter]:
    from ide.core.table import Filter

    return {
        "": Filter(1, "gt", ("1.5",)),
        "text": Filter(19, "eq", ("name 7",)),
        "contains": Filter(19, "contains", ("e 1",), is_case_sensitive=True),
        "group": Filter(18, "eq", ("name 7",)),
    }


def _all(workbench: Workbench, language: str, runs: int) -> dict[str, Result]:
    from bench import _tables as tables
    from ide.core.table import FilterGroup, ViewSpec

    found: dict[str, list[float]] = {}
    own: dict[str, list[float]] = {}
    stalls: list[float] = []
    for _ in range(runs):
        page = tables.double_click(workbench, "large").page
        tables.rest_until_quiet(workbench)
        workbench.program.stalls.start()
        for name, wish in _wishes().items():
            spec = ViewSpec((), FilterGroup((wish,)))
            found.setdefault(name, []).append(tables.seconds_to_show(workbench, page, spec))
            tables.rest_until_quiet(workbench)
        stalls.append(workbench.stall_max_ms())
        tables.close_page(workbench, page)
        for name, code in _OWN[language].items():  # in each run, so that the machine's drift hits both alike
            own.setdefault(name, []).extend(tables.seconds_in_kernel(workbench, language, code, 1))
    parts = {name: Result.of(values, "s", own[name]) for name, values in found.items()}
    return {**parts, "stall": Result.of(stalls, "ms")}
