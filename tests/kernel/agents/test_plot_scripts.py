"""Ordinary plotting scripts give the pictures that a kernel without our agent gives, in order, and each can be redrawn.

`tests/scripts/plots` holds the scripts. The window asks for the sizes that a bare kernel draws anyway, so that every
picture must be the same to the byte.
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


class Pair:
    """A bare kernel and one with the agent."""

    def __init__(self, language: str, home: Path) -> None:
        which, program = (PYTHON, SAMPLE_PYTHON) if language == "python" else (R, r_program())
        variables = home_variables(home)
        self.bare = AgentKernel(which, program, home, variables=variables, with_agent=False)
        self.ours = AgentKernel(which, program, home, variables=variables)
        self.ours.ask("plots.configure", formats=["png"], **SIZES[language])
        if language == "r":
            self.bare.run(SAME_DEVICE)

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
            if "image/png" in content["data"]:
                found.append(ShownPlot.from_json(content["metadata"]["image/png"]["fourpane"]))
    return found


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_python_scripts_give_the_pictures_of_a_bare_kernel(python_pair: Pair, script: Path) -> None:
    check_pictures(python_pair, script)


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.R")), ids=lambda path: path.name)
def test_r_scripts_give_the_pictures_of_a_bare_kernel(r_pair: Pair, script: Path) -> None:
    check_pictures(r_pair, script)


def check_pictures(pair: Pair, script: Path) -> None:
    """Whole and by cell; what came last is redrawn."""
    code = script.read_text(encoding="utf-8")
    cells = [cell for cell in re.split(r"(?m)^# %%", code) if cell.strip()]
    for parts in ([code], ["# %%" + cell for cell in cells]):
        expected = [pair.bare.run(part) for part in parts]
        shown = [pair.ours.run(part) for part in parts]
        assert [reply.status for reply in shown] == ["ok"] * len(parts), [reply.content for reply in shown]
        assert [events(reply) for reply in shown] == [events(reply) for reply in expected]
        assert any(map(events, shown))
    for mark in (mark for reply in shown for mark in marks(reply)):
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
