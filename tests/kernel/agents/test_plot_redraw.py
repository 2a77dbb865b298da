"""Plots that were shown are drawn again by their kernel, at any size, as they were; nothing of the user's changes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ide.kernels.contract import ShownPlot
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.pictures import pixel_lines, size_of

STARTS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "pdf": b"%PDF", "svg": b"<?xml", "tiff": b"II*\x00"}


@pytest.fixture(scope="module")
def py(python: AgentKernel) -> AgentKernel:
    """Told the size of the pane."""
    python.ask("plots.configure", width_px=640, height_px=480, dpi=96.0, formats=["png"])
    python.run("import matplotlib.pyplot as plt, numpy as np, random, warnings")
    return python


@pytest.fixture(scope="module")
def rr(r: AgentKernel) -> AgentKernel:
    """Told the size of the pane; the first plot comes before that, as where code waited for the kernel."""
    (plot,) = shown(r, "plot(1:3)")
    assert size_of(drawn(r, plot)) == (640, 480)
    r.ask("plots.configure", width_px=640, height_px=480, dpi=96.0, formats=["png"])
    return r


def shown(kernel: AgentKernel, code: str) -> list[ShownPlot]:
    """What is said of the plots that the code shows."""
    reply = kernel.run(code)
    assert reply.status == "ok", reply.content
    found = []
    for content in [*reply.of("display_data"), *reply.of("execute_result"), *reply.of("update_display_data")]:
        if "image/png" in content["data"]:
            found.append(ShownPlot.from_json(content["metadata"]["image/png"]["fourpane"]))
    return found


def drawn(kernel: AgentKernel, plot: ShownPlot, width_px: int = 640, height_px: int = 480, **more: Any) -> bytes:
    """The picture's bytes."""
    params = {"plot": plot.plot, "width_px": width_px, "height_px": height_px, "dpi": 96.0, **more}
    kernel.ask("plots.render", **params)
    (data,) = kernel.buffers
    return data


def refused(kernel: AgentKernel, plot: str, **more: Any) -> tuple[str, str]:
    """Code and words of the refusal."""
    answer = kernel.ask_raw(
        {"method": "plots.render", "params": {"plot": plot, "width_px": 640, "height_px": 480, **more}}
    )
    return answer["error"]["code"], answer["error"]["message"]


def refused_code(kernel: AgentKernel, plot: ShownPlot) -> str:
    """Empty where it is drawn."""
    request = {"method": "plots.render", "params": {"plot": plot.plot, "width_px": 640, "height_px": 480}}
    return str(kernel.ask_raw(request).get("error", {}).get("code", ""))


SIZES = [
    (640, 480, 96.0),
    (641, 479, 96.0),
    (1280, 960, 192.0),
    (1999, 333, 144.0),
    (320, 240, 96.0),
    (333, 999, 120.5),
]


@pytest.mark.parametrize("size", SIZES)
def test_python_picture_has_the_size_asked_for(py: AgentKernel, size: tuple[int, int, float]) -> None:
    code = "plt.plot([1, 3, 2], label='a label'); plt.legend(bbox_to_anchor=(1.1, 1)); plt.title('title');"
    (plot,) = shown(py, code)
    assert (plot.width_px, plot.height_px, plot.dpi, plot.is_sized) == (640, 480, 96.0, False)
    assert size_of(drawn(py, plot, size[0], size[1], dpi=size[2])) == size[:2]


@pytest.mark.parametrize("size", SIZES)
def test_r_picture_has_the_size_asked_for(rr: AgentKernel, size: tuple[int, int, float]) -> None:
    (plot,) = shown(rr, "plot(1:10, main = 'title'); legend('top', 'a label', lty = 1)")
    assert (plot.width_px, plot.height_px, plot.dpi, plot.is_sized) == (640, 480, 96.0, False)
    assert size_of(drawn(rr, plot, size[0], size[1], dpi=size[2])) == size[:2]


def test_r_picture_of_the_same_size_is_the_same(rr: AgentKernel) -> None:
    for code in ("plot(cars)", "library(lattice); xyplot(dist ~ speed, cars)", "library(ggplot2); qplot(1:3, 3:1)"):
        before = rr.run(code).of("display_data")[0]["data"]["image/png"]
        (plot,) = shown(rr, code)
        assert drawn(rr, plot) == base64.b64decode(before)


@pytest.mark.parametrize("format_", STARTS)
def test_every_format_of_both_languages(py: AgentKernel, rr: AgentKernel, format_: str) -> None:
    for kernel, code in ((py, "plt.plot([1, 2]);"), (rr, "plot(1:3)")):
        (plot,) = shown(kernel, code)
        assert drawn(kernel, plot, format=format_).startswith(STARTS[format_])


def test_python_picture_depends_on_its_size_alone(py: AgentKernel) -> None:
    for code in (
        "plt.plot([1, 2], label='long'); plt.legend(bbox_to_anchor=(1.5, 1));",
        "plt.figure(layout='constrained').subplots(2, 2); plt.title('title');",
        "plt.figure().add_subplot(projection='3d').set_zlabel('z');",
    ):
        (plot,) = shown(py, code)
        first = drawn(py, plot, 700, 400)
        drawn(py, plot, 1500, 1200)
        drawn(py, plot, 320, 240)
        assert drawn(py, plot, 700, 400) == first


def test_python_background_can_be_left_out(py: AgentKernel) -> None:
    (plot,) = shown(py, "plt.plot([1, 2]);")
    opaque, clear = (drawn(py, plot, is_transparent=is_transparent) for is_transparent in (False, True))
    assert pixel_lines(opaque)[0][1:5] == b"\xff\xff\xff\xff"
    assert pixel_lines(clear)[0][4] == 0


def test_python_figure_of_the_users_size_keeps_its_proportions(py: AgentKernel) -> None:
    (plot,) = shown(py, "plt.figure(figsize=(8, 2)); plt.plot([1, 2]);")
    assert plot.is_sized
    width, height = size_of(drawn(py, plot, 2000, 2000))
    assert width == 2000
    assert 3 < width / height < 4.5  # with the words around the axes
    width, height = size_of(drawn(py, plot, 2000, 2000, can_enlarge=False))
    assert 650 < width <= 8 * 96


def test_r_figure_of_the_users_size_keeps_its_proportions(rr: AgentKernel) -> None:
    (plot,) = shown(rr, "old <- options(repr.plot.width = 8, repr.plot.height = 2); plot(1); options(old)")
    assert plot.is_sized
    assert size_of(drawn(rr, plot, 2000, 2000)) == (2000, 500)
    assert size_of(drawn(rr, plot, 2000, 2000, can_enlarge=False)) == (768, 192)


def test_r_margins_that_do_not_fit_are_drawn_smaller(rr: AgentKernel) -> None:
    (plot,) = shown(rr, "layout(1:3); plot(1); plot(2); plot(3)")
    assert size_of(drawn(rr, plot, 500, 300)) == (500, 300)


STATE = """
import warnings as w, sys as s, hashlib, pickle, logging
print(plt.get_fignums(), plt.gcf().number if plt.get_fignums() else None, plt.rcParams["font.size"],
      hashlib.md5(repr(sorted(map(repr, plt.rcParams.items()))).encode()).hexdigest(), random.getstate()[1][-1],
      np.random.get_state()[2], hashlib.md5(np.random.get_state()[1].tobytes()).hexdigest(),
      len(w.filters), __import__("signal").getsignal(2), fig.get_size_inches(), fig.dpi, id(fig.canvas), Changes.count)
"""


def test_python_state_is_untouched_and_the_plot_is_what_it_was(py: AgentKernel) -> None:
    (plot,) = shown(
        py,
        "from IPython.display import display\n"
        "class Changes(plt.Line2D):\n"
        "    count = 0\n"
        "    def draw(self, renderer):\n"
        "        random.random(); np.random.rand(); print('drawn'); warnings.warn('drawn')\n"
        "        plt.rcParams['font.size'] = 30\n"
        "        super().draw(renderer)\n"
        "fig, ax = plt.subplots(); ax.plot([1, 2]); plt.close(fig); display(fig)",
    )
    first = drawn(py, plot)
    (noisy,) = shown(
        py,
        "with plt.rc_context(), warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore'); print_ = print; print = lambda *a: None\n"
        "    other = plt.figure(); other.add_artist(Changes([0, 1], [0, 1])); other.add_subplot()\n"
        "    plt.close(other); display(other)\n"
        "    print = print_",
    )
    py.run("%matplotlib inline\nget_ipython().run_line_magic('config', 'InlineBackend.close_figures = False')")
    py.run("ax.plot([9, 1, 7]); ax.set_title('later'); random.seed(1); np.random.seed(1)")
    before = py.run(STATE).text
    assert drawn(py, plot) == first
    for _ in range(2):
        drawn(py, noisy, 800, 500)
    assert py.run(STATE).text == before
    py.run("del fig, ax, other; plt.close('all')")
    py.run("get_ipython().run_line_magic('config', 'InlineBackend.close_figures = True')")
    assert drawn(py, plot) == first


R_STATE = """
cat(dev.cur(), deparse(dev.list()), digest_seed(), par("mfrow", "mar")[[1]], "\n")
"""


def test_r_state_is_untouched_and_the_plot_is_what_it_was(rr: AgentKernel) -> None:
    rr.run(
        "digest_seed <- function() if (exists('.Random.seed', globalenv())) sum(.Random.seed / 7) else 'none'\n"
        "library(grid)\n"
        "makeContent.noisy <- function(x) {\n"
        "  runif(1); print('drawn'); message('drawn'); warning('drawn')\n"
        "  setChildren(x, gList(rectGrob()))\n"
        "}"
    )
    (noisy,) = shown(rr, "suppressWarnings(suppressMessages({ grid.newpage(); grid.draw(gTree(cl = 'noisy')) }))")
    (plot,) = shown(rr, "x <- 1:10; par(mfrow = c(1, 2)); plot(x); plot(rev(x))")
    first = drawn(rr, plot)
    path = rr.run("path <- tempfile(); pdf(path); par(mfrow = c(3, 1)); x <- 0; set.seed(3); cat(path)")
    assert path.status == "ok"
    before = rr.run(R_STATE).text
    assert "pdf" in before or "2" in before
    for _ in range(2):
        drawn(rr, noisy, 800, 500)
    assert drawn(rr, plot) == first
    assert rr.run(R_STATE).text == before
    rr.run("dev.off(); rm(x)")
    rr.run("rm(.Random.seed)")
    drawn(rr, noisy)
    assert rr.run("cat(digest_seed())").text == "none"


def test_python_drawing_that_raises_or_hangs_is_told_and_ends(py: AgentKernel) -> None:
    (plot,) = shown(
        py,
        "mood = 'well'\n"
        "class Moody(plt.Line2D):\n"
        "    def draw(self, renderer):\n"
        "        import time\n"
        "        if mood == 'raises': raise ValueError('moody')\n"
        "        while mood == 'hangs': pass\n"
        "        if mood == 'sleeps': time.sleep(1000)\n"
        "plt.gca().add_artist(Moody([0, 1], [0, 1]));",
    )
    drawn(py, plot)
    py.run("mood = 'raises'")
    assert refused(py, plot.plot) == ("failed", "ValueError: moody")
    for mood in ("hangs", "sleeps"):
        py.run(f"mood = {mood!r}")
        code, words = refused(py, plot.plot, limit_s=0.5)
        assert (code, "0.5 s" in words) == ("failed", True)
    py.run("mood = 'well'")
    drawn(py, plot)
    assert py.run("1 + 1").status == "ok"


def test_r_drawing_that_raises_is_told(rr: AgentKernel) -> None:
    (plot,) = shown(
        rr,
        "library(grid); mood <- 'well'\n"
        "makeContent.moody <- function(x) {\n"
        "  if (mood == 'raises') stop('moody')\n"
        "  setChildren(x, gList(rectGrob()))\n"
        "}\n"
        "grid.newpage(); grid.draw(gTree(cl = 'moody'))",
    )
    drawn(rr, plot)
    before = rr.run(R_STATE).text
    rr.run("mood <- 'raises'")
    assert refused(rr, plot.plot) == ("failed", "moody")
    rr.run("mood <- 'well'")
    drawn(rr, plot)
    assert rr.run(R_STATE).text == before


def test_figure_that_cannot_be_copied_is_shown_and_says_so(py: AgentKernel) -> None:
    (plot,) = shown(
        py,
        "class Stubborn(plt.Line2D):\n"
        "    def __getstate__(self): raise RuntimeError('mine alone')\n"
        "    def __reduce_ex__(self, protocol): return 'Stubborn'\n"
        "plt.gca().add_artist(Stubborn([0, 1], [0, 1]));",
    )
    assert plot.plot == ""
    assert "cannot be drawn at another size" in plot.problem
    assert refused(py, "")[0] == "not_possible"


def test_what_pickle_refuses_is_shared(py: AgentKernel) -> None:
    (plot,) = shown(
        py,
        "import threading\nfig = plt.figure(); fig.lock = threading.Lock(); fig.rows = (n for n in 'abc')\n"
        "fig.again = lambda: fig; plt.plot([1, 2]); del fig",
    )
    assert plot.plot
    drawn(py, plot)


def test_two_hundred_open_figures_can_all_be_redrawn(py: AgentKernel) -> None:
    plots = shown(
        py,
        "plt.rcParams['figure.max_open_warning'] = 0\n"
        "for n in range(200):\n    plt.figure(figsize=(1, 1)); plt.plot([n, 1]); plt.axis('off')",
    )
    assert len({plot.plot for plot in plots}) == 200
    assert drawn(py, plots[0], 320, 240) != drawn(py, plots[199], 320, 240)
    assert py.run("print(plt.get_fignums())").text == "[]\n"


def test_kept_figures_are_bounded_by_count_and_size(py: AgentKernel, rr: AgentKernel) -> None:
    store = "__import__('sys').modules['fourpane_plugins.lang_python.agent.figure_store']"
    py.run(f"store = {store}; limits = store.MOST, store.MOST_BYTES, store.ONE_MOST_BYTES; store.MOST = 3")
    plots = shown(py, "for n in range(5):\n    plt.figure(); plt.plot([n, 1])")
    assert [py.run(f"print({plot.plot!r} in store._kept)").text for plot in plots] == ["False\n"] * 2 + ["True\n"] * 3
    py.run("store.MOST_BYTES = max(len(one.data) for one in store._kept.values()) + 10")
    plots = shown(py, "for n in range(2):\n    plt.figure(); plt.plot([n, 1])")
    assert refused(py, plots[0].plot)[0] == "not_possible"
    drawn(py, plots[1])
    py.run("store.ONE_MOST_BYTES = 5000")
    (plot,) = shown(py, "plt.plot([n, 1]);")
    assert (plot.plot, "too large" in plot.problem) == ("", True)
    py.run("store.MOST, store.MOST_BYTES, store.ONE_MOST_BYTES = limits; del store, limits")
    rr.run("agent <- parent.env(environment(getOption('device'))); agent$plots_most <- 3L")
    plots = shown(rr, "for (n in 1:5) plot(n)")
    assert [refused_code(rr, plot) for plot in plots] == ["not_possible"] * 2 + [""] * 3
    rr.run("agent$plot_most_bytes <- 5000")
    (plot,) = shown(rr, "plot(runif(5000), axes = FALSE)")
    assert (plot.plot, "too large" in plot.problem) == ("", True)
    rr.run("agent$plots_most <- 1000L; agent$plot_most_bytes <- 128e6; rm(agent)")


def test_forgotten_and_unknown_plots_and_senseless_sizes_are_refused(py: AgentKernel, rr: AgentKernel) -> None:
    for kernel, code in ((py, "plt.plot([1, 2]);"), (rr, "plot(1)")):
        (plot,) = shown(kernel, code)
        for size in ({"width_px": 0}, {"width_px": 50_000, "height_px": 50_000}, {"height_px": -3}, {"dpi": 0}):
            assert refused(kernel, plot.plot, **size)[0] == "not_possible"
        assert refused(kernel, plot.plot, format="gif")[0] == "bad_params"
        kernel.ask("plots.forget", plots=[plot.plot, "nothing"])
        assert refused(kernel, plot.plot)[0] == "not_possible"
        assert refused(kernel, "nothing")[0] == "not_possible"


def test_plots_of_another_process_are_not_mistaken(start: StartKernel, py: AgentKernel, tmp_path: Any) -> None:
    (plot,) = shown(py, "plt.plot([1, 2]);")
    other = start("python", tmp_path)
    other.ask("plots.configure", width_px=640, height_px=480, dpi=96.0)
    (twin,) = shown(other, "import matplotlib.pyplot as plt; plt.plot([1, 2]);")
    assert twin.plot != plot.plot
    assert refused(other, plot.plot)[0] == "not_possible"
