"""Pictures of the Variables, Plots and Files panes: empty, filled, busy, in error, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide.core.outputs import Display
from ide.core.runs import CodeSource, Run
from ide.core.variables import Variable
from ide.kernels.kernels import Kernels
from ide.panes.files.pane import FilesPane
from ide.panes.plots.pane import PlotServices, PlotsPane
from ide.panes.variables.pane import VariablesPane
from ide.settings.settings import Settings
from tests.fakes.folder_watch import FakeFolderWatch
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import FakeKernels, PaneSession, variable
from tests.fakes.pictures import png, png_display, svg, svg_display
from tests.fakes.window_parts import Parts
from tests.pictures.conftest import LOOKS
from tests.pictures.harness import check

WIDTHS = {"narrow": 300, "usual": 520, "wide": 900}
NAMES = (
    variable("df", "data", "DataFrame", "species, island, bill_length_mm, flipper_length_mm", (344, 8)),
    variable("by_year", "data", "DataFrame", "year, n", (3, 2)),
    variable("weights", "data", "ndarray", "[0.12, 0.5, 0.33, …]", (10_000_000,)),
    variable("limit", "value", "int", "42"),
    variable("a_rather_long_name_of_a_variable", "value", "dict", "{'alpha': 1, 'beta': 2}", (12,)),
    variable("fit", "function", "function", "fit(x, y, *, weights=None)"),
    Variable("lazy", "LazyThing", "other", is_evaluated=False),
)
CHART = svg(
    '<rect width="400" height="300" fill="#fff"/><path d="M40 260 L120 150 L200 190 L280 90 L360 60" fill="none" '
    'stroke="#0072B2" stroke-width="3"/><path d="M40 20 V260 H380" fill="none" stroke="#444"/>',
    400,
    300,
)


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def desk(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    """A desk in one theme at one zoom."""
    theme, zoom = request.param
    made = PaneDesk(tmp_path, theme)
    made.theme.set_zoom(zoom)
    yield made
    made.close()


def take(name: str, desk: PaneDesk, pane: QWidget, width: int = 520, height: int = 420) -> None:
    """A picture of the pane; it stays, for the desk puts it away."""
    px = desk.theme.px
    desk.widgets.append(pane)

    def sized(_parts: Parts) -> QWidget:
        pane.resize(px(width), px(height))
        return pane

    check(name, cast(Parts, desk), sized, destroys=False)


def variables_pane(desk: PaneDesk) -> VariablesPane:
    samples = {"python": "ages = [31, 42]"}
    return VariablesPane(
        desk.commands, desk.actions, desk.active, desk.theme, desk.icons, lambda word: samples.get(word, ""), print
    )


def test_variables(desk: PaneDesk) -> None:
    pane = variables_pane(desk)
    session = PaneSession()
    desk.active.choose(session.as_session)
    take("variables-empty", desk, pane.widget)
    session.change(*NAMES)
    session.change(changed=NAMES[:1] + NAMES[3:4])
    pane.view.select("by_year")
    pane.focus()
    for width, pixels in WIDTHS.items():
        take(f"variables-filled-{width}", desk, pane.widget, pixels)
    pane.model.filter("nothing like it")
    take("variables-nothing-found", desk, pane.widget)
    pane.model.filter("")
    session.change(*(variable(f"v{number}", preview=str(number)) for number in range(5000)), total=12_000)
    pane.view.select("v2500")
    take("variables-5000", desk, pane.widget)
    desk.active.choose(PaneSession("bash").as_session)
    take("variables-no-names", desk, pane.widget)
    pane.close()


def test_plots(desk: PaneDesk, qtbot: QtBot) -> None:
    kernels = FakeKernels()
    pane = PlotsPane(
        desk.commands,
        desk.actions,
        cast(Kernels, kernels),
        1000,
        desk.theme,
        desk.icons,
        desk.tasks.run,
        desk.ui.after,
        PlotServices(print, print, lambda *_what: "", lambda _code: False, lambda: ("png",)),
        examples=(("help.sample_project", "Open the sample project"),),
    )
    session = kernels.add(PaneSession())
    take("plots-empty", desk, pane.widget)

    def put(*displays: Display) -> None:
        session.put_out(*displays, run=Run("r", session.id, "plot()", CodeSource(title="analysis.py")))
        settle()

    def settle() -> None:
        qtbot.waitUntil(lambda: not desk.tasks.open and not pane.view.page._slow.isActive(), timeout=20_000)

    put(svg_display(CHART), *(png_display(png(240, 180, (number * 8, 90, 160))) for number in range(28)))
    put(svg_display(CHART))
    for width, pixels in WIDTHS.items():
        pane.widget.resize(desk.theme.px(pixels), desk.theme.px(420))
        take(f"plots-thirty-{width}", desk, pane.widget, pixels)
        settle()
        take(f"plots-thirty-{width}", desk, pane.widget, pixels)
    pane.focus()
    pane.zoom_in()
    settle()
    take("plots-zoomed", desk, pane.widget)
    put(png_display(b"\x89PNG not really"))
    take("plots-broken", desk, pane.widget)
    pane.view.page._on_slow()
    take("plots-busy", desk, pane.widget)
    pane.close()


def test_files(desk: PaneDesk, qtbot: QtBot, tmp_path: Path) -> None:
    root = tmp_path / "penguins"
    (root / "data" / "raw").mkdir(parents=True)
    for name in (
        "analysis.py",
        "analysis.R",
        "report.qmd",
        "data/penguins.csv",
        "a_very_long_name_of_a_file_from_2019.csv",
    ):
        (root / name).write_text("x")
    (root / "shared").symlink_to(tmp_path)
    (root / "lost").symlink_to("nowhere")
    settings = Settings(tmp_path / "settings.toml")
    pane = FilesPane(
        desk.commands,
        desk.actions,
        desk.theme,
        desk.icons,
        settings,
        FakeFolderWatch(),
        desk.tasks.run,
        lambda _before, _after: None,
        print,
        lambda: ".py",
    )
    take("files-empty", desk, pane.widget)

    def show(folder: Path, *opened: str) -> None:
        pane.show_folder(folder)
        for name in ("", *opened):
            qtbot.waitUntil(lambda: not desk.tasks.open)
            if name:
                pane.view.expand(pane.view.rows.index_of(folder / name))
        qtbot.waitUntil(lambda: not desk.tasks.open)

    show(root, "data", "data/raw")
    pane.view.select(root / "data" / "penguins.csv")
    pane.focus()
    for width, pixels in WIDTHS.items():
        take(f"files-filled-{width}", desk, pane.widget, pixels)
    show(root / "gone")
    take("files-unreadable", desk, pane.widget)
    pane.close()
    settings.close()
