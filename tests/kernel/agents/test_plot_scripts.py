"""Ordinary plotting scripts give the pictures that a kernel without our agent gives, in order, and each can be redrawn.

`tests/scripts/plots` holds the scripts. The window asks for the sizes that a bare kernel draws anyway, so that every
picture of a whole file must be the same to the byte. By cell, and of all in `gallery`, it is looked at which figures
come, in which order: they are told by what is in them and not drawn. Of `gallery` the last figure alone is redrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.kernels.contract import ShownPlot
from tests.kernel.agents.conftest import home_variables, r_program
from tests.kernel.agents.harness import SAMPLE_PYTHON, AgentKernel, Reply
from tests.kernel.agents.pictures import size_of
from tests.unit.plugins.languages import PYTHON, R

FOLDER = Path(__file__).parents[2] / "scripts" / "plots"
SIZES: dict[str, dict[str, Any]] = {
    "python": {"width_px": 640, "height_px": 480, "dpi": 100.0},
    "r": {"width_px": 840, "height_px": 840, "dpi": 120.0},
}
# Base graphics place a legend while they are recorded, on a device whose size IRkernel leaves to chance.
SAME_DEVICE = "options(device = function(...) grDevices::png('/dev/null', 7, 7, units = 'in', res = 72))"
WIDTH_PX, HEIGHT_PX = 701, 403
# Below all that makes a picture of a figure, in both kernels: a dot and words in its place, while `is_told` is set.
TELL = {
    "python": """exec('''
import base64, builtins, io
from matplotlib.backend_bases import FigureCanvasBase
def tell(canvas, file, *args, print_figure=FigureCanvasBase.print_figure, **more):
    if not builtins.is_told or type(file) is not io.BytesIO or (args or (more.get("format"),))[0] not in (None, "png"):
        return print_figure(canvas, file, *args, **more)
    axes = [(a.get_title(), a.get_xlabel(), len(a.get_children()), *a.get_xlim()) for a in canvas.figure.axes]
    words = repr((type(canvas.figure).__name__, *canvas.figure.get_size_inches(), axes))
    file.write(base64.b64decode(DOT) + words.encode())
FigureCanvasBase.print_figure = tell
builtins.is_told = False
''', {'DOT': 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='})
""",
    "r": """
local({
  imports <- parent.env(asNamespace("IRkernel"))
  table <- get("mime2repr", imports)
  draw <- table[["image/png"]]
  table[["image/png"]] <- function(obj, ...) {
    if (!isTRUE(getOption("is_told")) || !inherits(obj, "recordedplot")) return(draw(obj, ...))
    calls <- lapply(obj[[1]], function(one) list(one[[2]][[1]]$name, nchar(deparse(one[[2]][-1]))))
    charToRaw(paste(deparse(calls), collapse = ""))
  }
  unlockBinding("mime2repr", imports)
  assign("mime2repr", table, imports)
  lockBinding("mime2repr", imports)
})
""",
}
TOLD = {
    "python": "import builtins; builtins.is_told = {0}",
    "r": "options(is_told = {0})",
}
FRESH = {
    "python": "get_ipython().run_line_magic('reset', '-sf')",
    "r": "rm(list = ls(all.names = TRUE))",
}


class Pair:
    """A bare kernel and one with the agent."""

    def __init__(self, language: str, home: Path) -> None:
        which, program = (PYTHON, SAMPLE_PYTHON) if language == "python" else (R, r_program())
        variables = home_variables(home)
        self.bare = AgentKernel(which, program, home, variables=variables, with_agent=False)
        self.ours = AgentKernel(which, program, home, variables=variables)
        self._language = language
        assert [reply.status for reply in self.run(TELL[language])] == ["ok", "ok"]
        self.ours.ask("plots.configure", formats=["png"], **SIZES[language])
        if language == "r":
            self.bare.run(SAME_DEVICE)

    def run(self, code: str) -> tuple[Reply, Reply]:
        """In both at once: what the bare one gives, and ours."""
        bare, ours = self.bare.begin(code), self.ours.begin(code)
        return self.bare.end(bare), self.ours.end(ours)

    def tell(self, *, is_told: bool) -> None:
        """Whether figures are told or drawn from now on."""
        self.run(TOLD[self._language].format(str(is_told) if self._language == "python" else str(is_told).upper()))

    def run_parts(self, parts: list[str], *, is_told: bool) -> tuple[list[Reply], list[Reply]]:
        """One after the other, without the names of what ran before."""
        self.run(FRESH[self._language])
        self.tell(is_told=is_told)
        bare, ours = zip(*map(self.run, parts), strict=True)
        return list(bare), list(ours)

    def close(self) -> None:
        """End both."""
        self.bare.close()
        self.ours.close()


@pytest.fixture(scope="module")
def python_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two Python kernels."""
    pair = Pair("python", tmp_path_factory.mktemp("python"))
    yield pair
    pair.close()


@pytest.fixture(scope="module")
def r_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two R kernels."""
    pair = Pair("r", tmp_path_factory.mktemp("r"))
    yield pair
    pair.close()


def events(reply: Reply) -> list[tuple[str, Any]]:
    """What was shown, in order: pictures with their bytes, and that something was cleared or replaced."""
    found: list[tuple[str, Any]] = []
    for message in reply.messages:
        kind, content = message["msg_type"], message["content"]
        if kind in ("display_data", "update_display_data", "execute_result"):
            picture = content["data"].get("image/png")
            if picture is not None or "image/svg+xml" in content["data"]:
                found.append((kind, picture))
        elif kind == "clear_output":
            found.append((kind, content["wait"]))
    return found


def marks(reply: Reply) -> list[ShownPlot]:
    """What the agent says of each picture."""
    found = []
    for kind in ("display_data", "update_display_data", "execute_result"):
        for content in reply.of(kind):
            said = content["metadata"].get("image/png", {})
            if "fourpane" in said:
                found.append(ShownPlot.from_json(said["fourpane"]))
    return found


@pytest.mark.parametrize("script", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.name)
def test_python_scripts_give_the_pictures_of_a_bare_kernel(python_pair: Pair, script: Path) -> None:
    check_pictures(python_pair, script)


@pytest.mark.parametrize("script", sorted(FOLDER.rglob("*.R")), ids=lambda path: path.name)
def test_r_scripts_give_the_pictures_of_a_bare_kernel(r_pair: Pair, script: Path) -> None:
    check_pictures(r_pair, script)


def check_pictures(pair: Pair, script: Path) -> None:
    """Whole and by cell; what came of the whole is redrawn."""
    code = script.read_text(encoding="utf-8")
    cells = ["# %%" + cell for cell in re.split(r"(?m)^# %%", code) if cell.strip()]
    check_same(*pair.run_parts(cells, is_told=True))
    is_told = script.parent != FOLDER
    expected, shown = pair.run_parts([code], is_told=is_told)
    check_same(expected, shown)
    kept = marks(shown[0])
    pair.tell(is_told=False)
    for mark in kept[-1:] if is_told else kept:
        assert mark.plot, mark.problem
        assert not mark.problem
        drawn = pair.ours.ask("plots.render", plot=mark.plot, width_px=WIDTH_PX, height_px=HEIGHT_PX, dpi=96.0)
        size = size_of(pair.ours.buffers[0])
        assert size == (drawn.width_px, drawn.height_px)
        if mark.is_sized:
            assert size[0] == WIDTH_PX or size[1] == HEIGHT_PX
            assert size[0] <= WIDTH_PX
            assert size[1] <= HEIGHT_PX
        else:
            assert size == (WIDTH_PX, HEIGHT_PX)


def check_same(expected: list[Reply], shown: list[Reply]) -> None:
    """The pictures of both, in order; at least one."""
    assert [reply.status for reply in shown] == ["ok"] * len(shown), [reply.content for reply in shown]
    assert [events(reply) for reply in shown] == [events(reply) for reply in expected]
    assert any(map(events, shown))
