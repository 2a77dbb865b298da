"""The Jobs pane with real widgets, over jobs that run in processes beside the test: watched, stopped, compared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from ide.api.target import JobRequest, JobState
from ide.core.deploy import Artefact, ClusterState, TargetSpec
from ide.deploy.bundle import write_bundle
from ide.deploy.clusters import Clusters
from ide.deploy.deployments import Deployments, Job, new_id
from ide.deploy.history import History
from ide.deploy.preparing import run_again
from ide.deploy.record import RecordedInput, RunRecord
from ide.panes.jobs.cluster_strip import HIGHEST_PX
from ide.panes.jobs.pane import JobsPane, JobsServices
from ide.panes.jobs.view import ABOUT, COSTS, LOG, RESULTS
from tests.fakes.pane_desk import PaneDesk, pane_desk
from tests.fakes.target import FakeCluster, FakeTarget

WRITES = "import pathlib\nprint('hello')\npathlib.Path('outputs/t.csv').write_text('a,b')\n"
WAITS = "import time\nprint('begun', flush=True)\ntime.sleep(100)\n"
FAILS = "import sys\nprint('so far')\nraise ValueError('no such column')\n"


class Bench:
    """A pane over a folder of jobs and a cluster beside the test."""

    def __init__(self, desk: PaneDesk, folder: Path, qtbot: QtBot) -> None:
        self.desk = desk
        self.folder = folder
        self.qtbot = qtbot
        self.project = folder / "project"
        self.project.mkdir(exist_ok=True)
        self.cluster = FakeCluster(folder / "cluster")
        self.cluster.folder.mkdir(exist_ok=True)
        self.deployments = Deployments(folder / "jobs", desk.ui.post, lambda _id: FakeTarget(self.cluster))
        self.results: list[Path] = []
        self.places: list[tuple[Path, int]] = []
        self.folders: list[Path] = []
        self.links: list[str] = []
        self.busy: list[str] = []
        services = JobsServices(
            lambda path, one: self.results.append(path),
            lambda path, line: self.places.append((path, line)),
            self.folders.append,
            self._run_again,
            self.links.append,
            lambda id: TargetSpec(id, "Team", "gateway", price_per_worker_hour=0.5, currency="EUR"),
        )
        self.clusters = Clusters(
            desk.ui.post, desk.ui.after, lambda _id: FakeTarget(self.cluster), lambda: self.busy, poll_s=0.05
        )
        self.pane = JobsPane(
            self.deployments, self.clusters, services, desk.commands, desk.actions, desk.theme, desk.icons,
            desk.ui.after, desk.tasks.run,
        )  # fmt: skip
        desk.show(self.pane.widget, 640, 480)

    def start(self, code: str, **fields: object) -> str:
        """Hand over a job, selected; returns its id."""
        script = self.project / "a.py"
        script.write_text(code)
        id = new_id()
        place = History(self.folder / "jobs").place(id)
        bundle = write_bundle(place / "bundle.zip", {"a.py": script}, entry="a.py", language="python")
        record = RunRecord(
            id, "a.py", str(self.project), "a.py", "python", "fake", "Beside the test", bundle_sha256=bundle.sha256,
            files={one.path: one.sha256 for one in bundle.files}, created_s=time.time(),
        )  # fmt: skip
        record = replace(record, **fields)  # type: ignore[arg-type]  # fields by name
        self.deployments.submit(record, JobRequest(id, "a.py", bundle.path, bundle.sha256, "a.py", "python"))
        self.pane.show(id)
        return id

    def _run_again(self, run: RunRecord) -> None:
        self.deployments.submit(*run_again(History(self.folder / "jobs"), run, {}))

    def job(self, id: str) -> Job:
        return self.deployments.jobs[id]

    def wait(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=20_000)

    def finish(self, code: str, **fields: object) -> str:
        id = self.start(code, **fields)
        self.wait(lambda: self.job(id).record.state.is_final)
        return id

    def run(self, command: str, **arguments: object) -> None:
        self.desk.commands.perform(command, **arguments)

    def close(self) -> None:
        self.clusters.close()
        self.pane.close()
        self.deployments.close()
        assert self.deployments.wait_closed(20)
        self.cluster.end()


@pytest.fixture
def bench(tmp_path: Path, qtbot: QtBot) -> Iterator[Bench]:
    with pane_desk(tmp_path) as desk:
        made = Bench(desk, tmp_path, qtbot)
        try:
            yield made
        finally:
            made.close()


def cells(bench: Bench, row: int = 0) -> list[str]:
    rows = bench.pane.view.list.rows
    return [str(rows.index(row, column).data() or "") for column in range(rows.columnCount())]


def test_an_empty_pane_tells_what_comes(bench: Bench) -> None:
    assert not bench.pane.view.isVisible()
    assert not bench.desk.commands.is_enabled("job.cancel")


def test_a_job_is_followed_to_its_results(bench: Bench) -> None:
    id = bench.finish(WRITES)
    assert cells(bench)[:2] == ["a.py", "Done"]
    assert bench.pane.view.log.toPlainText() == "hello\n"
    assert bench.job(id).record.outputs[0].path == "outputs/t.csv"
    bench.pane.view.show_part(RESULTS)
    results = bench.pane.view.results
    results.setCurrentIndex(results.rows.index(0, 0))
    results.setFocus()
    QTest.keyClick(results, Qt.Key.Key_Return)
    assert [path.read_text() for path in bench.results] == ["a,b"]
    bench.run("job.open_folder")
    assert (bench.folders[0] / "outputs" / "t.csv").is_file()


def test_the_log_comes_while_it_runs_and_stop_ends_it(bench: Bench) -> None:
    id = bench.start(WAITS)
    bench.wait(lambda: "begun" in bench.pane.view.log.toPlainText())
    assert cells(bench)[1] in ("Running", "Sending 100%")
    assert not bench.desk.commands.is_enabled("job.delete")
    bench.run("job.cancel")
    bench.wait(lambda: bench.job(id).record.state is JobState.CANCELLED)
    assert cells(bench)[1] == "Stopped"
    assert not bench.desk.commands.is_enabled("job.cancel")
    bench.run("job.delete")
    assert bench.pane.model.total == 0
    assert not bench.pane.view.isVisible()


def test_an_error_leads_to_its_line(bench: Bench) -> None:
    bench.finish(FAILS)
    bench.pane.view.show_part(ABOUT)
    assert "no such column" in bench.pane.view.about.toPlainText()
    assert "line 3" in bench.pane.view.about.toPlainText()
    bench.pane.view.about.link_asked.emit("error:")
    assert bench.places == [(bench.project / "a.py", 2)]


def test_an_error_leads_nowhere_out_of_the_project(bench: Bench) -> None:
    (bench.folder / "secret.py").write_text("")
    bench.finish(FAILS)
    job = bench.pane.model.job
    assert job is not None
    job.record = replace(job.record, error_file="../secret.py")
    bench.desk.commands.run("job.go_to_error")
    assert bench.places == []
    assert "not in the project" in bench.desk.errors[-1].happened


def test_the_same_run_again_gives_the_same(bench: Bench) -> None:
    first = bench.finish(WRITES)
    bench.run("job.run_again")
    bench.wait(lambda: len(bench.deployments.jobs) == 2 and not bench.deployments.running)
    second = next(id for id in bench.deployments.jobs if id != first)
    bench.pane.model.select((first, second))
    assert bench.desk.commands.is_enabled("job.compare")
    bench.run("job.compare")
    assert bench.pane.view.tabs.current == ABOUT
    assert "are the same" in bench.pane.view.about.toPlainText()


def test_other_code_is_named_by_comparing(bench: Bench) -> None:
    first = bench.finish(WRITES)
    second = bench.finish(WRITES.replace("a,b", "c,d"))
    bench.pane.model.select((second, first))
    bench.run("job.compare")
    text = bench.pane.view.about.toPlainText()
    assert "a.py" in text
    assert "outputs/t.csv" in text
    assert "Packages: the same" in text


def test_changed_data_are_named(bench: Bench) -> None:
    data = bench.folder / "data.csv"
    data.write_text("x")
    bench.finish(WRITES, inputs=(RecordedInput(str(data), 1, "0" * 64),))
    bench.run("job.verify")
    bench.wait(lambda: bench.pane.model.changed_inputs is not None)
    assert "Changed since it ran" in bench.pane.view.about.toPlainText()
    assert "data.csv" in bench.pane.view.about.toPlainText()


def test_the_record_is_saved_in_both_forms(bench: Bench) -> None:
    id = bench.finish(WRITES)
    page, crate = bench.folder / "run.html", bench.folder / "run.json"
    bench.run("job.export", path=str(page))
    bench.run("job.export", path=str(crate))
    bench.wait(lambda: page.exists() and crate.exists())
    assert id in page.read_text()
    assert json.loads(crate.read_text())["@graph"]


def test_the_log_is_found_in_and_cleaned(bench: Bench) -> None:
    bench.finish("print('\\x1b[31mred\\x1b[0m')\nprint('50%\\r100%')\nprint('a\\u202eb')\n")
    text = bench.pane.view.log.toPlainText()
    assert text.startswith("red\n100%\n")
    assert "\u202e" not in text
    bench.run("job.find")
    bench.pane.view.find_bar.box.setText("100")
    bench.wait(lambda: bench.pane.view.find_bar.count_text == "1 found")


def test_a_log_of_an_earlier_window_is_read(tmp_path: Path, qtbot: QtBot) -> None:
    with pane_desk(tmp_path) as desk:
        bench = Bench(desk, tmp_path, qtbot)
        id = bench.finish(WRITES)
        bench.close()
    with pane_desk(tmp_path) as desk:
        again = Bench(desk, tmp_path, qtbot)
        again.deployments.attach()
        again.wait(lambda: id in again.deployments.jobs)
        again.pane.show(id)
        again.wait(lambda: again.pane.view.log.toPlainText() == "hello\n")
        again.close()


def test_jobs_are_filtered_by_words(bench: Bench) -> None:
    bench.finish(WRITES)
    bench.finish(FAILS)
    bench.pane.model.filter("COLUMN value")
    assert bench.pane.view.list.rows.rowCount() == 1
    assert cells(bench)[1] == "Failed"
    assert bench.pane.view.count.text() == "1 of 2 jobs"


def test_what_it_costs_is_told_by_day(bench: Bench) -> None:
    bench.finish(WRITES)
    assert COSTS not in [tab.key for tab in bench.pane.view.tabs.tabs]
    bench.finish(WRITES, price_per_worker_hour=3600.0, currency="EUR", options={"workers": 2})
    assert COSTS in [tab.key for tab in bench.pane.view.tabs.tabs]
    assert cells(bench)[4].endswith("EUR")
    bench.pane.view.show_part(COSTS)
    assert "EUR" in bench.pane.view.chart.accessibleDescription()


def test_a_click_selects_and_two_can_be_chosen(bench: Bench) -> None:
    first = bench.finish(WRITES)
    second = bench.finish(FAILS)
    view = bench.pane.view.list
    assert view.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection
    bench.wait(lambda: view.visualRect(view.rows.index(1, 0)).isValid())
    places = [view.visualRect(view.rows.index(row, 0)).center() for row in (0, 1)]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[1])
    assert list(bench.pane.model.selected) == [first]
    assert bench.pane.view.tabs.current == LOG
    assert bench.pane.view.log.toPlainText() == "hello\n"
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, places[0])
    assert list(bench.pane.model.selected) == [first, second]


def test_a_thousand_jobs_are_listed_without_reading_their_logs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(bench.deployments, "log", lambda job, told: read.append(job))
    for number in range(1_000):
        record = RunRecord(
            f"j{number}", f"job {number}", str(bench.project), "a.py", "python", "fake", created_s=float(number),
            state=JobState.SUCCEEDED, outputs=(Artefact("outputs/a.csv", 1, "0" * 64, "table"),),
        )  # fmt: skip
        bench.deployments.jobs[record.id] = Job(record)
    bench.deployments.changed.emit("")
    assert bench.pane.view.list.rows.rowCount() == 1_000
    assert cells(bench)[0] == "job 999"
    assert read == []


def plain(text: str) -> str:
    """With spaces that break where the line has some that do not."""
    return text.replace("\u00a0", " ")


def test_clusters_that_are_up_are_told_with_their_cost_scaled_and_ended(bench: Bench) -> None:
    strip = bench.pane.view.clusters
    assert not strip.isVisible()
    bench.cluster.up = [
        ClusterState("one", "t", time.time() - 65, 2, 4, 8_000_000_000, dashboard="http://127.0.0.1/secret", cost=0.25),
        ClusterState("two", "t", time.time(), 1, 1, 1_000_000_000, ends_s=time.time() + 600),
    ]
    bench.clusters.look(["t"])
    bench.wait(lambda: len(strip.rows) == 2)
    assert strip.isVisible()
    assert bench.pane.view.isVisible()  # also without any job
    first = plain(strip.rows[0].words.text())
    assert first.startswith("Team: 2 workers, 4 cores, 8.0 GB · 1.00 EUR per hour · 0.25 EUR so far · up for 1 min")
    assert "idle: ends in " in plain(strip.rows[1].words.text())
    assert "secret" not in first
    strip.rows[0].dashboard.click()
    assert bench.links == ["http://127.0.0.1/secret"]
    assert not strip.rows[1].dashboard.isVisible()
    strip.rows[0].workers.setValue(3)
    bench.wait(lambda: plain(strip.rows[0].words.text()).startswith("Team: 3 workers"))
    strip.rows[1].end.click()
    bench.wait(lambda: [row.shown.state.id for row in strip.rows] == ["one"])
    bench.run("job.end_clusters")
    bench.wait(lambda: not strip.isVisible())
    assert bench.cluster.up == []


def test_target_that_does_not_answer_is_told_beside_what_was_up(bench: Bench) -> None:
    bench.cluster.up = [ClusterState("one", "t", time.time(), 2, 4, 8_000_000_000)]
    bench.clusters.look(["t"])
    strip = bench.pane.view.clusters
    bench.wait(lambda: len(strip.rows) == 1)
    bench.cluster.unreachable = "The cluster does not answer."
    bench.wait(lambda: strip.trouble.text().startswith("The cluster does not answer."))
    assert len(strip.rows) == 1


def test_clusters_with_jobs_are_not_ended_before_it_was_asked(bench: Bench) -> None:
    jobs = ClusterState("busy", "t", time.time(), 2, 4, 8_000_000_000, jobs=("a", "b"))
    bench.cluster.up = [jobs, ClusterState("idle", "t", time.time(), 1, 1, 1_000_000_000)]
    bench.clusters.look(["t"])
    bench.wait(lambda: len(bench.pane.view.clusters.rows) == 2)
    bench.run("job.end_clusters")
    question = bench.pane.question
    assert question is not None
    assert question.text() == "2 jobs run there. End 2 clusters all the same?"
    question.reject()
    bench.wait(lambda: bench.pane.question is None)
    assert len(bench.cluster.up) == 2
    bench.pane.view.clusters.rows[0].end.click()
    question = bench.pane.question
    assert question is not None
    next(one for one in question.buttons() if one.text() == "End").click()
    bench.wait(lambda: [one.id for one in bench.clusters.all] == ["idle"])
    bench.run("job.end_clusters")  # nothing runs there: nothing is asked
    assert bench.pane.question is None
    bench.wait(lambda: bench.cluster.up == [])


def test_many_clusters_scroll_and_leave_the_pane_to_the_jobs(bench: Bench) -> None:
    bench.cluster.up = [ClusterState(f"c{place}", "t", time.time(), 2, 4, 8_000_000_000) for place in range(6)]
    bench.clusters.look(["t"])
    strip = bench.pane.view.clusters
    bench.wait(lambda: len(strip.rows) == 6 and strip.isVisible())
    bench.wait(lambda: 0 < strip.height() < bench.desk.theme.px(HIGHEST_PX + 60))
    assert sum(row.height() for row in strip.rows) > bench.desk.theme.px(HIGHEST_PX)
