"""First profiles of all 20 columns of a frame with 1e7 rows, from a sample / an exact profile of one column.

Milliseconds from asking for the 20 profiles (as an opened table does for its heads) to the last one; `column` is one
of them alone. `exact`: seconds of an exact profile of a float column / what pandas takes for the same figures by hand
(count, mean, deviation, quantiles, distinct values and a histogram), or R; `exact_rows` is the share of rows that it
looked at. `r_*`: the same over a data.frame.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ide.app.workbench import Workbench
    from ide.core.table import ColumnProfile, TableError
    from ide.panes.tables.page import TablePage

NEEDS_MEMORY_GB: Final = 8.0
ROWS: Final = 10_000_000
COLUMNS: Final = 20
EXACT: Final = 1
_OWN: Final = {
    "python": (
        "x = large['float_1']; x.describe(); x.nunique(); np.histogram(x, bins=20); (x == 0).sum(); (x < 0).sum(); "
        "x.isna().sum()"
    ),
    "r": (
        "x <- large$float_1; summary(x); sd(x); length(unique(x)); hist(x, 20, plot = FALSE); sum(x == 0); "
        "sum(x < 0); sum(is.na(x))"
    ),
}


def measure(runs: int) -> dict[str, Result]:
    """One program for each language."""
    from bench import _tables as tables
    from bench._panes import program_with_agent

    parts: dict[str, Result] = {}
    for language, environment in tables.ENVIRONMENTS.items():
        prefix = "" if language == "python" else "r_"
        with program_with_agent(environment) as workbench:
            tables.make_frame(workbench, language, "large", ROWS)
            page = tables.double_click(workbench, "large").page
            tables.rest_until_quiet(workbench)
            sampled = [1000 * _profiles_s(workbench, page, range(COLUMNS)) for _ in range(runs)]
            one = [1000 * _profiles_s(workbench, page, (EXACT,)) for _ in range(runs)]
            looked: list[float] = []
            exact = [_profiles_s(workbench, page, (EXACT,), looked) for _ in range(runs)]
            tables.close_page(workbench, page)
            own = tables.seconds_in_kernel(workbench, language, _OWN[language], runs)
        parts[prefix.strip("_")] = Result.of(sampled, "ms")
        parts[f"{prefix}column"] = Result.of(one, "ms")
        parts[f"{prefix}exact"] = Result.of(exact, "s", own)
        parts[f"{prefix}exact_rows"] = Result.of(looked, "%")
    return parts


def _profiles_s(
    workbench: Workbench, page: TablePage, columns: Sequence[int], looked: list[float] | None = None
) -> float:
    """Seconds until the last of these profiles is in the window; all are asked for at once.

    With `looked` they are exact, and the share of rows that were looked at is put there.
    """
    source, view = page.model.source, page.model.pager.view
    found: list[ColumnProfile] = []
    problems: list[TableError] = []
    started_s = time.perf_counter()
    ended_s: list[float] = []

    def done(profile: ColumnProfile) -> None:
        found.append(profile)
        if len(found) == len(columns):
            ended_s.append(time.perf_counter())

    for column in columns:
        source.profile(view, column, done, problems.append, is_exact=looked is not None)
    workbench.wait_until(lambda: bool(ended_s or problems), 120, "The profiles")
    if problems or any(one.problem for one in found):
        raise MeasurementError(f"a profile failed: {problems or [one.problem for one in found]}")
    if looked is not None:
        looked.append(100 * found[0].rows_looked_at / ROWS)
    return ended_s[0] - started_s
