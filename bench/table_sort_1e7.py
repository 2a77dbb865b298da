"""From asking for a sort of one float column of 1e7 rows to all rows in order / numpy's argsort of it, or R's order.

`first`: to the first sorted rows on the screen. `stall`: the longest gap of the event loop. `memory_mb`: what the
kernel has more while the table is sorted (goal: 4 bytes a row and 64 MB), `peak_mb` what it needed while it sorted;
`kept_mb`: what is left when the table is closed. `text`: a column of words / the library's own stable order. `r_*`: the
same over a data.frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

NEEDS_MEMORY_GB: Final = 8.0
ROWS: Final = 10_000_000
FLOAT, WORD = 1, 19
_OWN: Final = {
    ("python", FLOAT): "np.argsort(large['float_1'].to_numpy())",
    ("python", WORD): "large['word'].argsort(kind='stable')",
    ("r", FLOAT): "order(large$float_1)",
    ("r", WORD): "order(large$word, method = 'radix')",
}


def measure(runs: int) -> dict[str, Result]:
    """One program for each language; each run opens the table anew, so that nothing is known of it."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    parts: dict[str, Result] = {}
    for language, environment in tables.ENVIRONMENTS.items():
        with program_with_agent(environment) as workbench:
            tables.make_frame(workbench, language, "large", ROWS)
            found: dict[str, list[float]] = {}
            for _ in range(runs):
                _one(workbench, language, found)
        prefix = "" if language == "python" else "r_"
        own = {"": found.pop("own"), "text": found.pop("own_text")}
        for name, values in found.items():
            unit = "ms" if name == "stall" else "MB" if name.endswith("_mb") else "s"
            parts[f"{prefix}{name}".strip("_")] = Result.of(values, unit, own.get(name, ()))
    return parts


def _one(workbench: Workbench, language: str, found: dict[str, list[float]]) -> None:
    from bench import _tables as tables
    from ide.core.table import SortKey, ViewSpec

    kernel = tables.kernel_of(workbench, language)
    tables.collect(workbench, language)
    bare_mb = tables.own_mb(kernel)
    page = tables.double_click(workbench, "large").page
    tables.rest_until_quiet(workbench)
    peak = tables.PeakMb(kernel)
    workbench.program.stalls.start()
    shown = tables.Shown(page)
    found.setdefault("", []).append(tables.seconds_to_show(workbench, page, ViewSpec((SortKey(FLOAT),))))
    found.setdefault("first", []).append(shown.after_s())
    found.setdefault("stall", []).append(workbench.stall_max_ms())
    tables.rest_until_quiet(workbench)
    found.setdefault("peak_mb", []).append(peak.added_mb())
    tables.collect(workbench, language)
    found.setdefault("memory_mb", []).append(tables.own_mb(kernel) - bare_mb)
    found.setdefault("text", []).append(tables.seconds_to_show(workbench, page, ViewSpec((SortKey(WORD),))))
    tables.rest_until_quiet(workbench)
    tables.close_page(workbench, page)
    tables.collect(workbench, language)
    found.setdefault("kept_mb", []).append(tables.own_mb(kernel) - bare_mb)
    for key, column in (("own", FLOAT), ("own_text", WORD)):
        found.setdefault(key, []).extend(tables.seconds_in_kernel(workbench, language, _OWN[language, column], 1))
