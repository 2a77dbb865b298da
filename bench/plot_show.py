"""From the end of a cell that draws a plot to its painted thumbnail, in milliseconds.

`python`, `r`: one plot of 200 points. The cell's end is its last act in Python; in R, which sends plots after the last
line has run, it is the moment when the kernel sends the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench._program import SAMPLE_PYTHON
from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

TURNS: Final = 10
_CODE: Final = {
    "python": (
        "import time\nimport matplotlib.pyplot as plt\n"
        "plt.scatter(range(200), range(200))\nplt.show()\nprint(time.time())"
    ),
    "r": "plot(1:200)",
}


def measure(runs: int) -> dict[str, Result]:
    """One start of the program per language and run; at most three. The first plots of each are not counted."""
    from bench._panes import program_with_agent

    parts: dict[str, list[float]] = {"python": [], "r": []}
    for _ in range(min(runs, 3)):
        for language, environment in (("python", str(SAMPLE_PYTHON)), ("r", "ir")):
            with program_with_agent(environment) as workbench:
                taken = [_shown_ms(workbench, language) for _turn in range(TURNS + 2)]
                parts[language].extend(taken[2:])
    return {name: Result.of(values, "ms") for name, values in parts.items()}


def _shown_ms(workbench: Workbench, language: str) -> float:
    from PySide6.QtGui import QPixmap

    from bench._panes import ms_to_paint, rest

    pane = workbench.program.plots
    row = pane.model.count
    strip = pane.view.thumbnails

    def is_drawn() -> bool:
        return pane.model.count > row and isinstance(strip.rows.small(row), QPixmap)

    taken_ms = ms_to_paint(workbench, _CODE[language], language, strip.viewport(), is_drawn)
    rest(workbench, 0.3)
    return taken_ms
