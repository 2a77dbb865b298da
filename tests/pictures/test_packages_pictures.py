"""Pictures of the Packages pane (listed, planned, in trouble) and of the card of a first start, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ide.app.first_run import TITLE, WORDS
from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Plan
from ide.core.policy import PolicyVerdict, Standing
from ide.shell.setup_card import SetupCard
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.window_parts import Parts
from tests.pictures.conftest import LOOKS
from tests.pictures.harness import check
from tests.qt.packages.test_packages_pane import Bench
from tests.unit.environments.packages.test_installed import write_dist

WIDTHS = {"narrow": 300, "usual": 520, "wide": 900}
LINES = ("Summary: Draws charts of what is in a table", "License: MIT", "Requires-Dist: axes", "Requires-Dist: gone")
RECORD = "charts/__init__.py,sha256=x,120400\n"
LIBRARY = Path("~/R/x86_64-pc-linux-gnu-library/4.4")
NOTE = "It is compiled here. Debian has it built: whoever runs this computer gets it by “apt install r-cran-charts”."


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def desk(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    """A desk in one theme at one zoom."""
    theme, zoom = request.param
    made = PaneDesk(tmp_path, theme)
    made.theme.set_zoom(zoom)
    yield made
    made.close()


def take(name: str, desk: PaneDesk, widget: QWidget, width: int, height: int = 420) -> None:
    """A picture of it at a width; it stays, for the desk puts it away."""
    px = desk.theme.px

    def sized(_parts: Parts) -> QWidget:
        widget.resize(px(width), px(height))
        return widget

    check(name, cast(Parts, desk), sized, destroys=False)


def test_packages(desk: PaneDesk, tmp_path: Path, qtbot: QtBot) -> None:
    bench = Bench(desk, tmp_path)
    write_dist(bench.site, "charts", "1.0", *LINES, record=RECORD, requested=True)
    write_dist(bench.site, "axes", "0.5", "License-Expression: GPL-3.0-only", "Home-page: https://axes.example")
    write_dist(bench.site, "a_rather_long_name_of_a_package", "2026.11.28.dev1", "License: BSD-3-Clause")
    write_dist(bench.site, "broken", "3.0")
    (bench.site / "broken-3.0.dist-info" / "METADATA").unlink()
    bench.show(qtbot)
    bench.pane.model.select("charts")
    for name, width in WIDTHS.items():
        take(f"packages-{name}", desk, bench.pane.widget, width)

    changes = (Change("charts", "", "2.0", 1_204_000, is_asked=True), Change("axes", "0.5", "0.6", 80_000))
    bench.pane.model.propose(bench.environment, Plan(Act.INSTALL, ("charts",), changes, notes=(NOTE,), library=LIBRARY))
    for name, width in WIDTHS.items():
        take(f"packages-plan-{name}", desk, bench.pane.widget, width)
    denied = PolicyVerdict("axes", "0.6", Standing.DENIED, ("The licence GPL-3.0-only is denied by the project.",))
    warnings = ("maps 1.0 needs axes<0.6, and gets 0.6.",)
    bench.pane.model.propose(bench.environment, Plan(Act.INSTALL, ("charts",), changes, warnings, verdicts=(denied,)))
    take("packages-denied", desk, bench.pane.widget, WIDTHS["usual"])

    bench.pane.model.reject()
    bench.pane.model.problem = PackageError(
        "“charts” cannot be installed.",
        "The index of Python packages does not answer.",
        action="app.settings",
        action_title="Network settings",
    )
    bench.pane.model.changed.emit()
    for name, width in WIDTHS.items():
        take(f"packages-problem-{name}", desk, bench.pane.widget, width)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_card_of_a_first_start(desk: PaneDesk, width: int) -> None:
    told = " (about 90\N{NO-BREAK SPACE}MB of packages)"
    ways = [
        ("python", f"Set up Python{told}"),
        ("r", f"Set up R{told}"),
        ("browse", "I have one…"),
        ("keep", "Not now"),
    ]
    around = QWidget()
    column = QVBoxLayout(around)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(SetupCard(TITLE, WORDS, ways, desk.theme, desk.icons))
    column.addStretch(1)
    desk.widgets.append(around)
    take(f"first-run-{width}", desk, around, width, 300)
