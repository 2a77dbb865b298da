"""The way of a script from the toolbar's button to its results, in the real window on real clusters, by real clicks.

What the sample project does here, it does on this computer and on a Dask Gateway, in Python and in R.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from ide.api.testing import open_workbench
from ide.app.arguments import Arguments
from ide.app.cluster_door import ClusterDoor
from ide.app.deploying import Deploying
from ide.app.start import begin
from ide.app.workbench import Workbench
from ide.core.deploy import JobState
from ide.deploy.deployments import Job
from ide.environments.uv import uv_command
from ide.panes.jobs.view import LOG, RESULTS
from ide.shell.deploy_sheet import DeploySheet
from tests.deploy.conftest import CLUSTER_PYTHON
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.stories.kit import SAMPLE, USER_PYTHON

pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.timeout(300)]  # half a minute each on a machine at rest

PYTHON_END = """
# %% Keep
import time
from pathlib import Path

by_species.to_csv("outputs/by_species.csv")
print("Kept.", flush=True)
while not (Path.home() / "go-on").exists():
    time.sleep(0.05)
"""
R_END = """
# %% Keep
write.csv(by_species, "outputs/by_species_r.csv", row.names = FALSE)
"""
LAST_WORDS = "One millimetre of flipper goes with 49.7 g of penguin.\n"


class Desk:
    """A window with the sample project, and what a user does with it."""

    def __init__(self, wb: Workbench, project: Path) -> None:
        self.wb = wb
        self.project = project

    @property
    def deploying(self) -> Deploying:
        return self.wb.program.deploying

    @property
    def jobs(self) -> dict[str, Job]:
        return self.deploying.deployments.jobs

    def click(self, widget: QWidget, place: QPoint | None = None, *, also: bool = False) -> None:
        """With the mouse, once it is there and enabled; `also` holds Ctrl."""
        self.wb.wait_until(lambda: widget.isVisible() and widget.isEnabled(), 30, f"{widget} to be clicked")
        modifier = Qt.KeyboardModifier.ControlModifier if also else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, modifier, place or QPoint())

    def click_deploy(self, script: str) -> None:
        """The button in the toolbar, with a script in front."""
        self.wb.open(self.project / script)
        self.click(_button(self, "deploy.start"))

    def looked(self) -> DeploySheet:
        """The sheet, once all was looked at."""
        sheet = self.deploying.dialog
        assert sheet is not None
        self.wb.wait_until(sheet.step.isHidden, 60, f"The look at the project ({sheet.step.text()})")
        return sheet

    def lock(self) -> DeploySheet:
        """Click away the one thing that is against the first deploy of a project."""
        sheet = self.looked()
        assert [one.text() for one in sheet.problems] == ["Lock"]
        assert not sheet.confirm.isEnabled()
        self.click(sheet.problems[0])
        sheet = self.looked()
        assert sheet.problems == [], [one.property("concern") for one in sheet.problems]
        return sheet

    def next_job(self, known: set[str]) -> Job:
        """The job that was not known before."""
        self.wb.wait_until(lambda: len(self.jobs) > len(known), 30, "The job")
        return next(job for id, job in self.jobs.items() if id not in known)

    def ended(self, job: Job) -> Job:
        """A job once it is over, as it should be."""
        self.wb.wait_until(lambda: job.record.state.is_final, 90, f"The end of the job ({job.step})")
        assert (job.record.state, job.record.exit_code) == (JobState.SUCCEEDED, 0), (job.record.reason, job.log)
        assert LAST_WORDS in job.log
        return job

    def row(self, job: Job, *, also: bool = False) -> None:
        """Choose a job in the list."""
        view = self.deploying.pane.view.list
        index = view.rows.index(view.rows.row_of(job.record.id), 0)
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center(), also=also)

    def about(self) -> str:
        """What the pane says of what is selected."""
        return self.deploying.pane.view.about.toPlainText()

    def end_cluster(self) -> None:
        """By the button in the strip."""
        self.wb.run_command("view.jobs")
        strip = self.deploying.pane.view.clusters
        self.wb.wait_until(lambda: bool(strip.rows), 30, "The cluster in the strip")
        self.click(strip.rows[0].end)
        self.wb.wait_until(lambda: not self.deploying.clusters.all, 30, "The cluster's end")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The sample project, which also leaves a table."""
    folder = tmp_path / "work" / "penguins"
    shutil.copytree(SAMPLE, folder)
    with (folder / "analysis.py").open("a", encoding="utf-8") as stream:
        stream.write(PYTHON_END)
    with (folder / "analysis.R").open("a", encoding="utf-8") as stream:
        stream.write(R_END)
    (folder / ".venv").symlink_to(USER_PYTHON.parents[1], target_is_directory=True)
    return folder


@pytest.fixture(autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both targets make the environment of a lock in one place: the second one has it already."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches-of-workers"))
    monkeypatch.setenv("FOURPANE_UV", uv_command()[0])


@pytest.fixture
def desk(tmp_path: Path, project: Path) -> Iterator[Desk]:
    """The real program, with the tests' environment in place of what uv would fetch."""
    profile = tmp_path / "profile"
    started = begin(Arguments(profile=profile), opens_window=False)
    door = ClusterDoor(started, lambda _work: CLUSTER_PYTHON)
    try:
        with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, door=door) as wb:
            wb.wait_until(lambda: hasattr(wb.program, "deploying"), what="The Jobs pane")
            wb.environments(timeout_s=60)
            yield Desk(wb, project)
    finally:
        for place in (started.paths.state_folder / "targets").glob("*/connection.json"):  # a test that failed
            with suppress(psutil.NoSuchProcess):
                cluster = psutil.Process(json.loads(place.read_bytes())["pid"])
                cluster.terminate()
                cluster.wait(20)


def test_sample_on_this_computer(desk: Desk) -> None:
    wb, pane = desk.wb, desk.deploying.pane
    desk.click_deploy("analysis.py")
    desk.click(desk.lock().confirm)
    first = desk.next_job(set())
    shown = pane.view
    wb.wait_until(lambda: "Kept." in shown.log.toPlainText(), 90, "The log while it runs")
    assert first.record.state is JobState.RUNNING
    assert shown.isVisible()
    assert shown.tabs.current == LOG
    (Path.home() / "go-on").touch()
    desk.ended(first)
    assert [one.path for one in first.record.outputs] == [
        "outputs/by_species.csv", "outputs/figure-1.png", "outputs/figure-2.png",
    ]  # fmt: skip
    wb.wait_until(lambda: len(wb.plots) == 2, what="The figures")
    assert {one.session_name for one in wb.plots} == {"Job analysis.py"}
    wb.wait_until(lambda: len(wb.program.tables.pane.pages) == 1, what="The table")

    wb.run_command("view.jobs")
    known = set(desk.jobs)
    desk.click(_button(desk, "job.run_again"))
    again = desk.ended(desk.next_job(known))
    assert again.record.outputs == first.record.outputs
    assert again.record.bundle_sha256 == first.record.bundle_sha256
    wb.run_command("view.jobs")
    desk.row(again)
    assert "Its results are the same." in desk.about()

    with (desk.project / "penguins.csv").open("a", encoding="utf-8") as stream:
        stream.write("Gentoo,Biscoe,50.0,15.0,220.0,5000.0,male,2009\n")
    desk.row(first)
    wb.run_command("job.verify")
    wb.wait_until(lambda: "Changed since it ran" in desk.about(), what="What changed")
    assert "penguins.csv" in desk.about()

    known = set(desk.jobs)
    desk.click_deploy("analysis.py")
    second = desk.next_job(known)
    assert desk.deploying.dialog is None
    wb.wait_until(lambda: second.record.state.is_final, 60, "The end of the second")
    assert second.record.state is JobState.SUCCEEDED
    wb.run_command("view.jobs")
    desk.row(first)
    desk.row(second, also=True)
    wb.run_command("job.compare")
    assert "penguins.csv" in desk.about()
    assert "Code: the same." in desk.about()

    shutil.copy(SAMPLE / "penguins.csv", desk.project)
    _run_r(desk)
    desk.end_cluster()


def test_sample_on_a_gateway_that_is_set_up_in_the_window(desk: Desk, tmp_path: Path) -> None:
    wb = desk.wb
    server = GatewayServer(CLUSTER_PYTHON, tmp_path / "gateway")
    try:
        (tmp_path / "gateway" / "go-on").touch()  # the home of its workers
        _set_up(desk, server)
        desk.click_deploy("analysis.py")
        sheet = desk.looked()
        sheet.where.setCurrentIndex(sheet.where.findText("Team"))
        sheet = desk.lock()
        assert sheet.options is not None
        assert "worker_cores" in sheet.options.values  # asked for by the gateway
        desk.click(sheet.confirm)
        job = desk.ended(desk.next_job(set()))
        assert job.record.target_name == "Team"
        wb.wait_until(lambda: len(wb.plots) == 2, what="The figures")
        wb.wait_until(lambda: len(wb.program.tables.pane.pages) == 1, what="The table")
        _run_r(desk, target="Team")
        desk.end_cluster()
    finally:
        left = server.close()
    assert left == []


def _run_r(desk: Desk, target: str = "") -> None:
    """R's turn: its lock is made in the sheet, its log, figures and table come back."""
    wb, known = desk.wb, set(desk.jobs)
    pages = wb.program.tables.pane.pages
    desk.click_deploy("analysis.R")
    if target:
        sheet = desk.looked()
        sheet.where.setCurrentIndex(sheet.where.findText(target))
    desk.click(desk.lock().confirm)
    job = desk.ended(desk.next_job(known))
    assert "Adelie" in job.log
    assert [one.path for one in job.record.outputs] == [
        "outputs/by_species_r.csv", "outputs/figure-1.png", "outputs/figure-2.png",
    ]  # fmt: skip
    assert job.record.packages["dplyr"]
    wb.wait_until(lambda: [one.session_name for one in wb.plots].count("Job analysis.R") == 2, what="R's figures")
    wb.wait_until(lambda: any(one.tab.text.startswith("by_species_r.csv") for one in pages.values()), what="R's table")
    wb.run_command("view.jobs")
    desk.row(job)
    view = desk.deploying.pane.view
    view.show_part(RESULTS)
    assert view.results.rows.rowCount() == 3


def _set_up(desk: Desk, server: GatewayServer) -> None:
    """Fill in the form, test it, save it."""
    desk.wb.run_command("deploy.targets")
    dialog = desk.deploying.targets_dialog
    assert dialog is not None
    menu = dialog.add.menu()
    next(one for one in menu.actions() if one.text() == "Dask Gateway").trigger()
    assert dialog.form is not None
    QTest.keyClicks(dialog.name, "Team")
    for name, text in (
        ("address", server.address), ("user", "ann"), ("password", PASSWORD), ("proxy_address", server.scheduler_proxy)
    ):  # fmt: skip
        line = dialog.form.control(name)
        assert isinstance(line, QLineEdit)
        desk.click(line)
        QTest.keyClicks(line, text)
    login = dialog.form.control("login")
    login.setFocus()
    QTest.keyClicks(login, "Name and password")
    desk.click(dialog.test)
    desk.wb.wait_until(lambda: bool(dialog.told.text()) and dialog.test.isEnabled(), 60, "The gateway's answer")
    assert dialog.told.text().startswith("It works")
    desk.click(dialog.save)
    desk.click(dialog.closing)


def _button(desk: Desk, command: str) -> QWidget:
    """The button of a command that is in sight."""
    action, window = desk.wb.program.actions.action(command), desk.wb.program.shell.window

    def found() -> list[QToolButton]:
        buttons = window.findChildren(QToolButton)
        return [one for one in buttons if one.defaultAction() is action and one.isVisible()]

    desk.wb.wait_until(lambda: bool(found()), what=f"A button for {command}")
    return found()[0]
