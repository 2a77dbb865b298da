"""Pictures of the Jobs pane (empty, filled, with clusters), the sheet of a deploy and the form of a target."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide._paths import plugins_dir
from ide.core.deploy import ClusterState, Concern, TargetSpec
from ide.deploy.targets import THIS_COMPUTER, KindFacts
from ide.deploy.wishes import Wish
from ide.extensions.extensions import Extensions
from ide.panes.jobs.view import ABOUT, RESULTS
from ide.shell.deploy_sheet import DeploySheet
from ide.shell.targets_dialog import TargetsDialog
from tests.fakes.pane_desk import PaneDesk
from tests.pictures.conftest import LOOKS
from tests.pictures.test_packages_pictures import WIDTHS, take
from tests.qt.jobs.test_jobs_pane import FAILS, WRITES, Bench
from tests.qt.shell.test_deploy_sheet import checked

TEAM = TargetSpec("t", "The team's gateway", "gateway", price_per_worker_hour=2.0, currency="EUR")
AGAINST = (
    Concern("lock_missing", "block", "The packages of this project are not locked.",
            "Nobody could say which ones the job had.", "Lock them; it takes a moment.", "", 0, "deploy.lock", "Lock"),
    Concern("absolute_path", "block", "/data/archive/measured-in-2026/all.csv is a place on this computer.",
            "There is no such place where the job runs.",
            "Put the file into the project and name it from the project's folder.", "a.py", 3),
    Concern("over_budget", "warn", "The job may cost 4.00 EUR, the budget is 2.00 EUR.",
            "It is stopped where the budget is spent.", "", "", 0, "deploy.edit_resources", "Change"),
)  # fmt: skip


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def desk(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    """A desk in one theme at one zoom."""
    theme, zoom = request.param
    made = PaneDesk(tmp_path, theme)
    made.theme.set_zoom(zoom)
    yield made
    made.close()


def test_jobs(desk: PaneDesk, tmp_path: Path, qtbot: QtBot) -> None:
    bench = Bench(desk, tmp_path, qtbot)
    try:
        for name, width in WIDTHS.items():
            take(f"jobs-empty-{name}", desk, bench.pane.widget, width)
        bench.finish(FAILS)
        bench.finish(WRITES, price_per_worker_hour=0.5, currency="EUR")
        for name, width in WIDTHS.items():
            take(f"jobs-{name}", desk, bench.pane.widget, width)
        assert bench.pane.view.count.text() == "2 jobs"
        bench.pane.view.show_part(RESULTS)
        take("jobs-results", desk, bench.pane.widget, WIDTHS["usual"])
        bench.pane.view.show_part(ABOUT)
        take("jobs-details", desk, bench.pane.widget, WIDTHS["usual"])
        now_s = time.time()
        bench.cluster.up = [
            ClusterState("one", "team", now_s - 665, 3, 6, 24_000_000_000, jobs=("x",), dashboard="http://127.0.0.1:1/"),
            ClusterState("two", "team", now_s - 30, 2, 2, 4_000_000_000, ends_s=now_s + 1100),
        ]  # fmt: skip
        bench.clusters.look(("team",))
        bench.wait(lambda: len(bench.clusters.all) == 2)
        for name, width in WIDTHS.items():
            take(f"jobs-clusters-{name}", desk, bench.pane.widget, width)
    finally:
        bench.close()


def test_sheet(desk: PaneDesk) -> None:
    owner = desk.show(QWidget())
    for name, against in (("ready", ()), ("against", AGAINST)):
        sheet = DeploySheet(Wish("/p", "a.py", "python"), (THIS_COMPUTER, TEAM), desk.theme, desk.icons, owner)
        sheet.show_checked(sheet.wish, checked(), against, ("LABEL",) if against else ())
        take(f"deploy-sheet-{name}", desk, sheet, 640, 640)
        sheet.reject()


def test_targets(desk: PaneDesk) -> None:
    owner = desk.show(QWidget())
    kinds = [KindFacts(one.id, one.name, one.about, one.fields) for one in Extensions(plugins_dir()).targets()]
    dialog = TargetsDialog((THIS_COMPUTER, TEAM), kinds, desk.theme, desk.icons, owner)
    take("targets-own", desk, dialog, 680, 440)
    dialog.choose("t")
    take("targets-gateway", desk, dialog, 680, 440)
    dialog.show_problem("“https://hub.example.org” does not answer. Look whether it is up, and whether you are online.")
    take("targets-problem", desk, dialog, 680, 440)
    dialog.reject()
