"""Plots that plotnine draws itself: their figures are kept like matplotlib's, with words, and nothing else changes."""

from __future__ import annotations

import base64

import pytest

from ide.kernels.contract import ShownPlot
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.pictures import size_of
from tests.kernel.agents.test_plot_redraw import drawn, shown

START = (
    "import pandas as pd, plotnine as p9\n"
    "frame = pd.DataFrame({'x': range(12), 'y': [n % 5 for n in range(12)], 'kind': list('ab') * 6})\n"
    "base = p9.ggplot(frame, p9.aes('x', 'y'))"
)
WORDS = {
    "base + p9.geom_point() + p9.facet_wrap('kind') + p9.labs(title='Panels')": (
        "Points: Panels; x: x; y: y; panels: a, b."
    ),
    "base + p9.geom_point(p9.aes(color='kind')) + p9.geom_smooth(method='lm') + p9.labs(color='Kind of it')": (
        "Points, smoothed line; x: x; y: y; legend: Kind of it."
    ),
    "p9.ggplot(frame, p9.aes('kind')) + p9.geom_bar() + p9.coord_flip()": "Bars; x: count; y: kind.",
    "p9.ggplot(frame, p9.aes('kind', 'y')) + p9.geom_boxplot() + p9.theme(axis_title_x=p9.element_blank())": (
        "Boxes; y: y."
    ),
    "(base + p9.geom_line() + p9.labs(title='One')) | (base + p9.geom_violin())": (
        "Lines: One; x: x; y: y. Violins; x: x; y: y."
    ),
    "p9.ggplot(frame) + p9.theme_void()": "",
}


@pytest.fixture(scope="module")
def py(python: AgentKernel) -> AgentKernel:
    """Told the size of the pane before plotnine is there."""
    python.ask("plots.configure", width_px=640, height_px=480, dpi=96.0, formats=["png"])
    assert python.run(START).status == "ok"
    return python


@pytest.mark.parametrize(("code", "words"), WORDS.items())
def test_plot_is_described_and_drawn_at_any_size(py: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(py, code)
    assert (plot.alt, plot.problem, plot.is_sized) == (words, "", False)
    assert (plot.width_px, plot.height_px, plot.dpi) == (1280, 960, 200.0)
    for width_px, height_px, dpi in ((701, 403, 96.0), (333, 999, 120.5), (1600, 1200, 192.0)):
        assert size_of(drawn(py, plot, width_px, height_px, dpi=dpi)) == (width_px, height_px)


def test_picture_of_the_same_size_is_the_same(py: AgentKernel) -> None:
    """Also after it was drawn at others, and its data and names mean something else."""
    reply = py.run(
        "factor = 1\nbase + p9.geom_point(p9.aes('x * factor', color='kind')) + p9.facet_grid('kind ~ .')"
        " + p9.labs(title='as it was', caption='below')"
    )
    (content,) = reply.of("execute_result")
    said = content["metadata"]["image/png"]
    assert (said["width"], said["height"]) == (640, 480)
    plot = ShownPlot.from_json(said["fourpane"])
    drawn(py, plot, 300, 700)
    py.run("factor = 100; frame_before = frame.copy(); frame['y'] = 0")
    first = base64.b64decode(content["data"]["image/png"])
    try:
        assert drawn(py, plot, 1280, 960, dpi=200.0) == first
    finally:
        py.run("frame['y'] = frame_before['y']; del factor, frame_before")


def test_size_laid_out_anew_is_that_of_a_plot_made_for_it(py: AgentKernel) -> None:
    """Margins, panels and texts stand where plotnine itself puts them at that size."""
    code = "base + p9.geom_point() + p9.facet_wrap('kind') + p9.labs(title='made', tag='t', caption='c')"
    (plot,) = shown(py, code)
    made = py.run(f"({code} + p9.theme(figure_size=(4, 7), dpi=75))").of("execute_result")[0]["data"]["image/png"]
    assert drawn(py, plot, 600, 1050, dpi=150.0) == base64.b64decode(made)


def test_size_of_the_users_own_is_kept(py: AgentKernel) -> None:
    (plot,) = shown(py, "base + p9.geom_point() + p9.theme(figure_size=(4, 2))")
    assert plot.is_sized
    assert size_of(drawn(py, plot, 1000, 1000)) == (1000, 500)
    assert size_of(drawn(py, plot, 1000, 1000, can_enlarge=False)) == (384, 192)


def test_plots_shown_by_code_and_saved_to_files(py: AgentKernel) -> None:
    plots = shown(py, "for kind in 'ab':\n    (base + p9.geom_point() + p9.labs(title=kind)).show()")
    assert [plot.alt.split(";")[0] for plot in plots] == ["Points: a", "Points: b"]
    reply = py.run("import io; (base + p9.geom_point()).save(io.BytesIO(), 'png', verbose=False)")
    assert not reply.of("display_data")


def test_nothing_of_ours_stays_in_matplotlib(py: AgentKernel) -> None:
    code = "import matplotlib.figure as f, matplotlib.pyplot as plt; print(hasattr(f.Figure.savefig, '__wrapped__'))"
    before = py.run(code).text
    assert py.run("base + p9.geom_point(p9.aes(color='missing_one'))").status in ("ok", "error")
    shown(py, "base + p9.geom_point()")
    assert py.run(code).text == before
    assert py.run("print(plt.get_fignums())").text == "[]\n"


def test_data_of_the_user_are_not_copied(py: AgentKernel) -> None:
    store = "__import__('sys').modules['fourpane_plugins.lang_python.agent.figure_store']"
    py.run("import numpy as np; large = pd.DataFrame({'x': np.arange(2_000_000) % 7, 'y': 1.0, 'z': 2.0})")
    (plot,) = shown(py, "p9.ggplot(large, p9.aes('x')) + p9.geom_bar()")
    size = int(py.run(f"print(len({store}._kept[{plot.plot!r}].data))").text)
    py.run("del large")
    assert size < 2_000_000
