"""A script goes elsewhere by a button: asked about once, one click then; its log, figure and table come back.

The cluster is beside the test: its jobs are processes that outlive the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QMessageBox

from ide.api.testing import open_workbench
from ide.app.workbench import Workbench
from ide.core.deploy import ClusterState, JobState, TargetOption
from ide.core.errors import DeployError
from ide.deploy.key_store import KeyStore
from ide.deploy.targets import KindFacts
from ide.extensions import Extensions
from tests.fakes.target import FakeCluster, FakeDoor

ANALYSIS = (
    "import os, pathlib\n"
    "rows = pathlib.Path('data.csv').read_text()\n"
    "print('read', len(rows), len(os.environ['LABEL']))\n"
    "pathlib.Path('outputs/t.csv').write_text(rows)\n"
    'pathlib.Path(\'outputs/p.svg\').write_text(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\')\n'
)
LOCK = 'lock-version = "1.0"\nrequires-python = "==3.11.*"\ncreated-by = "test"\npackages = []\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "project"
    folder.mkdir(parents=True)
    (folder / "analysis.py").write_text(ANALYSIS)
    (folder / "data.csv").write_text("a,b\n1,2\n")
    (folder / "pylock.toml").write_text(LOCK)
    return folder


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[FakeCluster]:
    made = FakeCluster(tmp_path / "cluster")
    made.folder.mkdir()
    yield made
    made.end()


def ready(wb: Workbench) -> None:
    wb.wait_until(lambda: hasattr(wb.program, "deploying"), what="The Jobs pane")


def test_deployed_once_by_the_sheet_then_by_one_click(tmp_path: Path, project: Path, cluster: FakeCluster) -> None:
    with open_workbench(
        profile_dir=tmp_path / "profile", project_dir=project, is_trusted=True, door=FakeDoor(cluster)
    ) as wb:
        ready(wb)
        desk = wb.program.deploying
        wb.open(project / "analysis.py")
        wb.run_command("deploy.start")
        sheet = desk.dialog
        assert sheet is not None
        wb.wait_until(lambda: bool(sheet.problems), what="What is against it")
        assert [one.text() for one in sheet.problems] == ["Give value", "Accept"]
        assert not sheet.confirm.isEnabled()
        sheet.problems[0].click()
        sheet.secrets["LABEL"].setText("hush")
        sheet.secrets["LABEL"].editingFinished.emit()
        wb.wait_until(sheet.confirm.isEnabled, what="Nothing against it")
        sheet.confirm.click()
        wb.wait_until(lambda: bool(desk.deployments.jobs), what="The job")
        first = next(iter(desk.deployments.jobs.values()))
        wb.wait_until(lambda: first.record.state.is_final, 60, "Its end")
        assert (first.record.state, first.log) == (JobState.SUCCEEDED, "read 8 4\n")
        wb.wait_until(lambda: len(wb.plots) == 1, what="The figure")
        assert wb.plots[0].session_name == "Job analysis.py"
        wb.wait_until(lambda: len(wb.program.tables.pane.pages) == 1, what="The table")
        wb.wait_until(lambda: wb.program.commands.is_enabled("deploy.start"), what="The script in front again")
        wb.run_command("deploy.start")
        assert desk.dialog is None
        wb.wait_until(lambda: len(desk.deployments.jobs) == 2 and not desk.deployments.running, 60, "The second")
        assert desk.dialog is None
        sums = {tuple(one.sha256 for one in job.record.outputs) for job in desk.deployments.jobs.values()}
        assert len(sums) == 1
        assert not any(b"hush" in path.read_bytes() for path in (tmp_path / "profile").rglob("*") if path.is_file())


def test_a_script_follows_its_job_through_a_closed_window(tmp_path: Path, project: Path, cluster: FakeCluster) -> None:
    go_on = tmp_path / "go-on"
    (project / "analysis.py").unlink()
    (project / "wait.py").write_text(
        "import pathlib, sys, time\nprint('begun', flush=True)\n"
        "while not pathlib.Path(sys.argv[0]).resolve().parents[3].joinpath('go-on').exists():\n"
        "    time.sleep(0.01)\nprint('over')\n"
    )
    with open_workbench(
        profile_dir=tmp_path / "profile", project_dir=project, is_trusted=True, door=FakeDoor(cluster)
    ) as wb:
        ready(wb)
        job = wb.deploy(project / "wait.py", target="this computer")
        wb.wait_until(lambda: "begun" in job.log, what="Its log")
    go_on.touch()
    with open_workbench(
        profile_dir=tmp_path / "profile", project_dir=project, is_trusted=True, door=FakeDoor(cluster)
    ) as wb:
        ready(wb)
        found = wb.program.deploying.deployments
        wb.wait_until(lambda: job.id in found.jobs and found.jobs[job.id].record.state.is_final, what="Its end")
        assert found.jobs[job.id].record.state is JobState.SUCCEEDED
        assert found.jobs[job.id].log == "begun\nover\n"


def test_what_is_against_it_is_told_and_nothing_goes(tmp_path: Path, project: Path, cluster: FakeCluster) -> None:
    (project / "data.csv").unlink()
    with open_workbench(
        profile_dir=tmp_path / "profile", project_dir=project, is_trusted=True, door=FakeDoor(cluster)
    ) as wb:
        ready(wb)
        with pytest.raises(DeployError, match=r"no file data\.csv|LABEL"):
            wb.deploy(project / "analysis.py")
        with pytest.raises(DeployError, match="There is no target “moon”"):
            wb.deploy(project / "analysis.py", target="moon")
        assert cluster.submits == 0


def test_target_is_set_up_and_a_window_under_which_it_costs_money_asks(
    tmp_path: Path, project: Path, cluster: FakeCluster
) -> None:
    with open_workbench(
        profile_dir=tmp_path / "profile", project_dir=project, is_trusted=True, door=FakeDoor(cluster)
    ) as wb:
        ready(wb)
        desk, window = wb.program.deploying, wb.program.shell.window
        wb.run_command("deploy.targets")
        dialog = desk.targets_dialog
        assert dialog is not None
        dialog.begin("local")
        dialog.name.setText("Team")
        dialog.price.setValue(1.5)
        dialog.currency.setText("EUR")
        dialog.test.click()
        wb.wait_until(lambda: dialog.told.text().startswith("It works"), what="The answer")
        dialog.save.click()
        dialog.closing.click()
        team = desk.targets.named("team")
        assert not desk._hold_close()  # nothing is up
        cluster.up = [ClusterState("c", team.id, 0.0, 2, 2, 1_000_000_000)]
        desk.clusters.look((team.id,))
        wb.wait_until(lambda: bool(desk.clusters.all), what="What is up")
        window.close()
        assert window.isVisible()
        question = desk.question
        assert question is not None
        assert question.text() == "A cluster that costs 3.00 EUR per hour is up."
        question.button(QMessageBox.StandardButton.Cancel).click()
        wb.wait_until(lambda: desk.question is None, what="The question's end")
        window.close()
        assert desk.question is not None
        end = next(one for one in desk.question.buttons() if one.text() == "End them and close")
        end.click()
        wb.wait_until(lambda: not window.isVisible(), what="The window's end")
        assert cluster.up == []


TEAM = KindFacts("team", "Team cluster", "A cluster with a login.", (TargetOption("password", "Password", "secret"),))


def test_login_of_a_target_is_in_the_key_store_from_its_first_saving_on(
    tmp_path: Path, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: dict[str, dict[str, str]] = {}

    def keep(_self: KeyStore, target: str, secrets: dict[str, str]) -> bool:
        store[target] = secrets
        return True

    monkeypatch.setattr(KeyStore, "keep", keep)
    monkeypatch.setattr(KeyStore, "read", lambda _self, target, _names: dict(store.get(target, {})))
    monkeypatch.setattr(KeyStore, "forget", lambda _self, target, _names: store.pop(target))
    with open_workbench(profile_dir=tmp_path / "profile", door=FakeDoor(cluster, TEAM)) as wb:
        ready(wb)
        wb.run_command("deploy.targets")
        dialog = wb.program.deploying.targets_dialog
        assert dialog is not None
        dialog.begin("team")
        assert dialog.form is not None
        password = dialog.form.control("password")
        assert isinstance(password, QLineEdit)
        password.setText("planted")
        dialog.save.click()
        wb.wait_until(lambda: "key store" in dialog.told.text(), what="Where the login is")
        assert list(store.values()) == [{"password": "planted"}]

    door = FakeDoor(cluster, TEAM)
    with open_workbench(profile_dir=tmp_path / "profile", door=door) as wb:
        ready(wb)
        wb.run_command("deploy.targets")
        again = wb.program.deploying.targets_dialog
        assert again is not None
        again.list.setCurrentRow(1)
        again.test.click()
        wb.wait_until(lambda: again.told.text().startswith("It works"), what="The answer")
        assert door.opened[-1] == ("Team cluster", {"password": "planted"})
        assert not any(b"planted" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        again.remove.click()
        wb.wait_until(lambda: not store, what="The end of the login")


def test_without_any_kind_of_target_there_is_no_jobs_pane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Extensions, "targets", lambda _self: ())
    with open_workbench(profile_dir=tmp_path / "profile") as wb:
        assert "deploy.start" not in wb.program.commands
        assert "jobs" not in wb.program.later.frames
