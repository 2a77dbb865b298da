"""Completions from asking until they are painted: what the session knows, and what only the code says.

`live`: members of numpy and of a frame, and a column's name, from the session. `chained`: what follows a call, and a
signature, from the helper process. `cold` is the first time each is asked, `warm` the 95th percentile of later times.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench._editor import page_of, program_with_project, rest
from bench._program import SAMPLE_PYTHON
from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.language import CompletionItem

WARM = 20
HEAD = "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame({'alpha': [1, 2], 'beta': [3.0, 4.0]})\n"


@dataclass(frozen=True, slots=True)
class Case:
    """Code before the caret, a label that must be offered, or a word that the call tip must have."""

    code: str
    label: str = ""
    tip: str = ""


LIVE = (Case("np.", "array"), Case("df.", "groupby"), Case('df["', "alpha"))
CHAINED = (Case('df.groupby("alpha").', "mean"), Case("pd.read_csv(", tip="filepath_or_buffer"))


def measure(runs: int) -> dict[str, Result]:
    """One start of the program per run; at most three."""
    parts: dict[str, list[float]] = {f"{kind}_{heat}": [] for kind in ("live", "chained") for heat in ("cold", "warm")}
    for _ in range(min(runs, 3)):
        with program_with_project(str(SAMPLE_PYTHON)) as (workbench, project):
            _prepare(workbench, project)
            for kind, cases in (("live", LIVE), ("chained", CHAINED)):
                cold = [_ask(workbench, case) for case in cases]
                warm = sorted(_ask(workbench, case) for _turn in range(WARM) for case in cases)
                parts[f"{kind}_cold"].append(max(cold))
                parts[f"{kind}_warm"].append(warm[int(len(warm) * 0.95)])
    return {name: Result.of(values, "ms") for name, values in parts.items()}


def _prepare(workbench: Workbench, project: Path) -> None:
    path = project / "code.py"
    path.write_text(HEAD, encoding="utf-8")
    document = workbench.open(path)
    workbench.run(document).wait(120)
    rest(workbench, 1.0)
    page_of(workbench).view.insert(" ")  # the first edit starts the helper, as when somebody types
    rest(workbench, 5.0)


def _ask(workbench: Workbench, case: Case) -> float:
    """Milliseconds until what the case wants is shown."""
    from ide.core.text import Place

    page = page_of(workbench)
    view, assist = page.view, page.assist
    last = len(page.buffer.text.lines) - 1
    view.set_place(Place(last, len(page.buffer.text.lines[last])), anchor=Place(last, 0))
    view.setFocus()
    view.insert(case.code)
    rest(workbench, 0.05)
    assist.close_popups()
    started_s = time.perf_counter()
    if case.tip:
        view.typed.emit("(")
        workbench.wait_until(lambda: assist.is_tipping and case.tip in assist.tip.plain, 60)
    else:
        assist.complete()
        workbench.wait_until(lambda: any(case.label in item.label for item in _items(workbench)), 60)
    milliseconds = 1000 * (time.perf_counter() - started_s)
    assist.close_popups()
    return milliseconds


def _items(workbench: Workbench) -> tuple[CompletionItem, ...]:
    assist = page_of(workbench).assist
    return tuple(assist.popup.items) if assist.is_listing else ()
