"""Until a plot that was shown is drawn again at another size, in milliseconds: asked for by the window, in its hands.

`python`: a scatter of matplotlib, `r`: one of ggplot2, of 1e3 to 1e6 points, as PNG of 1,000 x 700 pixels. The baseline
is what the same kernel takes for the first drawing, before it has sent the picture. A kernel may refuse to keep a plot
that is too large or takes too long to copy; then there is no figure for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench._program import SAMPLE_PYTHON
from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.kernels.records import Answer
    from ide.kernels.session import Session
    from ide.panes.plots.plot import Plot

COUNTS: Final = {"1e3": 1_000, "1e4": 10_000, "1e5": 100_000, "1e6": 1_000_000}
TURNS: Final = 3
LIMIT_S: Final = 300.0
_BEGIN: Final = {
    "python": "import matplotlib.pyplot as plt\nimport numpy as np\nplt.plot([1]); plt.show()",
    "r": "library(ggplot2)\nggplot(cars, aes(speed, dist)) + geom_point()",
}
_CODE: Final = {
    "python": "x = np.random.default_rng(1).random((2, {count})); plt.scatter(x[0], x[1]); plt.show()",
    "r": "set.seed(1); ggplot(data.frame(x = runif({count}), y = runif({count})), aes(x, y)) + geom_point()",
}


def measure(runs: int) -> dict[str, Result]:
    """One start of the program per language; three drawings of each size."""
    from bench._panes import program_with_agent

    found: dict[str, Result] = {}
    for language, environment in (("python", str(SAMPLE_PYTHON)), ("r", "ir")):
        with program_with_agent(environment) as workbench:
            _plot(workbench, language, _BEGIN[language])
            for name, count in COUNTS.items():
                plot = _plot(workbench, language, _CODE[language].format(count=count))
                if plot.figure:
                    taken = [_drawn_ms(workbench, plot, 1000 + turn) for turn in range(min(runs, TURNS))]
                    found[f"{language}_{name}"] = Result.of(taken, "ms", [float(plot.draw_ms)])
    return found


def _plot(workbench: Workbench, language: str, code: str) -> Plot:
    pane = workbench.program.plots
    before = pane.model.count
    workbench.run(code, language=language).wait(LIMIT_S)
    workbench.wait_until(lambda: pane.model.count > before, LIMIT_S, "The plot")
    session = _session(workbench, pane.model.at(before))
    workbench.wait_until(lambda: session.state == "idle" and pane._redraw.state != "drawing", LIMIT_S, "An idle kernel")
    return pane.model.at(before)


def _session(workbench: Workbench, plot: Plot) -> Session:
    return next(session for session in workbench.program.kernels.sessions if session.id == plot.session)


def _drawn_ms(workbench: Workbench, plot: Plot, width_px: int) -> float:
    import time

    params: dict[str, Any] = {
        "plot": plot.figure,
        "width_px": width_px,
        "height_px": 700,
        "dpi": 96,
        "limit_s": LIMIT_S,
    }
    answers: list[tuple[float, Answer]] = []
    start_s = time.perf_counter()
    session = _session(workbench, plot)
    session.ask("plots.render", params, lambda answer: answers.append((time.perf_counter(), answer)), LIMIT_S)
    workbench.wait_until(lambda: bool(answers), LIMIT_S, "The new drawing")
    end_s, answer = answers[0]
    if answer.result is None:
        raise MeasurementError(f"a plot could not be drawn again: {answer.error}")
    return (end_s - start_s) * 1000
