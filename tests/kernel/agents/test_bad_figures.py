"""Figures that cannot be drawn as they are, in real kernels of both languages: each is told, nothing else is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ide.kernels.contract import ShownPlot
from tests.kernel.agents.harness import AgentKernel, Reply
from tests.kernel.agents.pictures import size_of

TIMEOUT_S = 30.0


@pytest.fixture(scope="module", autouse=True)
def configured(python: AgentKernel, r: AgentKernel) -> None:
    """Agents look at figures once they were told how plots are wanted."""
    for kernel in (python, r):
        kernel.ask("plots.configure", width_px=640, height_px=480, dpi=96.0, formats=["png"])
    python.run("import matplotlib.pyplot as plt")


def pictures(reply: Reply) -> list[tuple[tuple[int, int], ShownPlot]]:
    """Sizes, and what is said of each picture."""
    found = []
    for content in reply.of("display_data"):
        if "image/png" in content["data"]:
            said = ShownPlot.from_json(content["metadata"]["image/png"]["fourpane"])
            found.append((size_of(content["data"]["image/png"]), said))
    return found


def check_alive(python: AgentKernel | None = None, r: AgentKernel | None = None) -> None:
    """The next plot is drawn and kept as ever."""
    for kernel, code in ((python, "plt.plot([1, 2]); plt.show()"), (r, "plot(1:2)")):
        if kernel is not None:
            ((size, plot),) = pictures(kernel.run(code))
            assert plot.plot
            assert min(size) > 100


def test_figures_without_anything_in_them(python: AgentKernel, r: AgentKernel) -> None:
    assert not pictures(python.run("plt.figure(); plt.show()"))
    assert len(pictures(python.run("plt.subplots(); plt.show()"))) == 1
    assert len(pictures(r.run("plot.new()"))) == 1
    check_alive(python, r)


def test_python_figure_of_no_size(python: AgentKernel) -> None:
    reply = python.run("plt.figure(figsize=(0, 0)); plt.plot([1]); plt.show()")
    assert reply.status == "ok"
    python.run("plt.close('all')")
    check_alive(python)


@pytest.mark.parametrize("size", ["0", "-1", "NA", "Inf"])
def test_r_plot_of_no_size_does_not_end_the_kernel(r: AgentKernel, size: str) -> None:
    code = f"old <- options(repr.plot.width = {size}, repr.plot.height = {size}); plot(1)"
    ((drawn, plot),) = pictures(r.run(code))
    assert min(drawn) > 100
    assert plot.problem == "Drawn in another size: the one that is set is none."
    r.run("options(old)")
    check_alive(r=r)


def test_huge_figures_are_drawn_smaller_and_say_so(python: AgentKernel, r: AgentKernel) -> None:
    codes: tuple[tuple[AgentKernel, str], ...] = (
        (python, "plt.figure(figsize=(500, 500), dpi=100); plt.plot([1, 2]); plt.title('huge'); plt.show()"),
        (
            r,
            "old <- options(repr.plot.width = 500, repr.plot.height = 500, repr.plot.res = 1e2); plot(1, main='huge')",
        ),
    )
    for kernel, code in codes:
        ((size, plot),) = pictures(kernel.run(code))
        assert 500 < max(size) < 12_000
        assert (plot.plot, plot.problem) == ("", "Drawn smaller: 50,000 x 50,000 pixels are more than can be drawn.")
        assert "huge" in plot.alt
    r.run("options(old)")
    check_alive(python, r)


def test_many_open_figures_come_all(python: AgentKernel, r: AgentKernel) -> None:
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "for n in range(200): plt.figure(figsize=(0.3, 0.3)).add_axes((0, 0, 1, 1)).axis('off')"
    )
    assert len(pictures(python.run(code))) == 200
    assert python.run("print(len(plt.get_fignums()))").text == "0\n"
    code = "old <- options(repr.plot.res = 30); for (n in 1:200) { plot.new(); text(0.5, 0.5, n) }; options(old)"
    drawn = r.run(code)
    assert len(pictures(drawn)) == 200
    check_alive(python, r)


def test_figure_whose_drawing_raises_is_told_and_the_others_come(python: AgentKernel, r: AgentKernel) -> None:
    code = (
        "class Bad(plt.Line2D):\n    def draw(self, renderer): raise OSError('no drawing')\n"
        "plt.subplots()[1].add_line(Bad([1], [1])); plt.figure(); plt.plot([1, 2]); plt.show()"
    )
    reply = python.run(code)
    assert len(pictures(reply)) == 1
    assert any("no drawing" in line for content in reply.of("error") for line in content["traceback"])
    python.run("plt.close('all')")
    code = (
        "plot(1:3); library(grid); makeContent.bad <- function(x) stop('no drawing');"
        "grid.newpage(); grid.draw(gTree(cl = 'bad'))"
    )
    reply = r.run(code)
    assert reply.status == "error"
    assert "no drawing" in reply.content["evalue"]
    assert len(pictures(reply)) == 1
    check_alive(python, r)


def test_figure_whose_drawing_hangs_is_interrupted(python: AgentKernel, r: AgentKernel, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = (
        "import time\nclass Slow(plt.Line2D):\n    def draw(self, renderer):\n"
        f"        open({str(begun)!r}, 'w').close(); time.sleep(600)\n"
        "plt.subplots()[1].add_line(Slow([1], [1])); plt.show()"
    )
    reply = interrupted(python, code, begun.exists)
    assert any("KeyboardInterrupt" in line for content in reply.of("error") for line in content["traceback"])
    python.run("plt.close('all')")
    begun.unlink()
    code = (
        f"library(grid); makeContent.slow <- function(x) {{ file.create({str(begun)!r}); Sys.sleep(600); x }};"
        "grid.newpage(); grid.draw(gTree(cl = 'slow'))"
    )
    interrupted(r, code, begun.exists)
    r.run("rm(makeContent.slow)")
    check_alive(python, r)


def interrupted(kernel: AgentKernel, code: str, is_begun: Callable[[], bool]) -> Reply:
    """Run, interrupt as soon as the drawing has begun, and wait for the end."""
    import time

    message_id = kernel.begin(code)
    end_s = time.monotonic() + TIMEOUT_S
    while not is_begun():
        assert time.monotonic() < end_s
        time.sleep(0.02)
    os.kill(kernel.process.pid, signal.SIGINT)
    return kernel.end(message_id)


def test_what_is_no_picture_is_passed_on(python: AgentKernel, r: AgentKernel) -> None:
    """The window says that it cannot be shown; the kernel has nothing to say of it."""
    reply = python.run("from IPython.display import Image, display; display(Image(data=b'broken', format='png'))")
    assert reply.status == "ok"
    assert len(reply.of("display_data")) == 1
    assert r.run("IRdisplay::display_png(charToRaw('broken'))").status == "ok"
    check_alive(python, r)
