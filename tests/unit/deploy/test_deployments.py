"""Jobs from the window's side: handed over once, followed through cuts and restarts, fetched; no secret is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ide.api.target import JobRequest, JobState
from ide.core.errors import DeployError, FourpaneError
from ide.deploy.bundle import write_bundle
from ide.deploy.deployments import Deployments, Job, new_id
from ide.deploy.history import History
from ide.deploy.record import RunRecord
from tests.fakes.target import FakeCluster, FakeTarget
from tests.fakes.ui_thread import FakeUiThread

QUICK = "import pathlib\nprint('hello')\npathlib.Path('outputs/t.csv').write_text('a,b')\n"
# Says so, and waits until the file that it is given is there.
WAITS = (
    "import pathlib, sys, time\nprint('first', flush=True)\n"
    "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
    "print('last')\npathlib.Path('outputs/t.csv').write_text('a,b')\n"
)


@dataclass
class Window:
    """One window of the program: a UI thread, and the jobs that it knows."""

    ui: FakeUiThread
    deployments: Deployments
    finished: list[str]

    def wait(self, is_so: Callable[[], object], what: str = "the job's next step") -> None:
        self.ui.pump_until(is_so, what=what)

    def job(self, job: str) -> Job:
        return self.deployments.jobs[job]

    def close(self) -> None:
        self.deployments.close()
        assert self.deployments.wait_closed(20)


@dataclass
class Desk:
    """A profile, a cluster, and windows on them."""

    folder: Path
    cluster: FakeCluster
    windows: list[Window]

    def window(self) -> Window:
        ui, finished = FakeUiThread(), list[str]()
        deployments = Deployments(
            self.folder / "jobs", ui.post, lambda target: FakeTarget(self.cluster), first_retry_s=0.02
        )
        deployments.finished.connect(finished.append)
        self.windows.append(Window(ui, deployments, finished))
        return self.windows[-1]

    def job(self, code: str, *arguments: str, **secrets: str) -> tuple[RunRecord, JobRequest]:
        script = self.folder / "main.py"
        script.write_text(code, "utf-8")
        bundle = write_bundle(self.folder / "b.zip", {"main.py": script}, entry="main.py", language="python")
        record = RunRecord(
            new_id(), "A job", str(self.folder), "main.py", "python", "t", secrets=tuple(secrets),
            options={"workers": 2}, price_per_worker_hour=3600.0, created_s=1.0,
        )  # fmt: skip
        request = JobRequest(
            record.id, record.title, bundle.path, bundle.sha256, "main.py", "python", arguments, secrets=secrets
        )
        return record, request

    @property
    def go_on(self) -> Path:
        """The file that `WAITS` waits for."""
        return self.folder / "go-on"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "cluster").mkdir()
    made = Desk(tmp_path, FakeCluster(tmp_path / "cluster"), [])
    yield made
    made.go_on.touch()
    for window in made.windows:
        window.close()
    made.cluster.end()


def test_job_runs_and_its_record_log_and_results_are_there(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(QUICK)

    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    job = window.job(record.id)
    assert (job.record.state, job.record.exit_code, job.trouble) == (JobState.SUCCEEDED, 0, "")
    assert job.log == "hello\n"
    assert [one.path for one in job.record.outputs] == ["outputs/t.csv"]
    assert (window.deployments.place(record.id) / "outputs/t.csv").read_text("utf-8") == "a,b"
    assert job.cost(0) == pytest.approx(2 * (job.record.ended_s - job.record.started_s))
    assert window.finished == [record.id]
    assert window.deployments.running == ()
    assert History(desk.folder / "jobs").records() == (job.record,)


def test_job_is_on_the_disk_before_it_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    window = desk.window()
    record, request = desk.job(QUICK)
    seen: list[JobState] = []
    real = FakeTarget.submit

    def submit(target: FakeTarget, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        seen.extend(one.state for one in History(desk.folder / "jobs").records())
        real(target, request, told)

    monkeypatch.setattr(FakeTarget, "submit", submit)
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    assert seen == [JobState.SUBMITTING]


def test_step_of_a_state_ends_with_it(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))

    window.deployments.submit(record, request)
    window.wait(lambda: "first" in window.job(record.id).log)

    assert (window.job(record.id).record.state, window.job(record.id).step) == (JobState.RUNNING, "")


def test_same_job_is_not_submitted_twice(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(QUICK)
    window.deployments.submit(record, request)

    with pytest.raises(DeployError, match="already"):
        window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    assert desk.cluster.submits == 1


def test_job_that_never_left_is_not_sent_by_the_next_window(desk: Desk) -> None:
    record, _ = desk.job(QUICK)
    History(desk.folder / "jobs").save(replace(record, state=JobState.SUBMITTING))
    window = desk.window()

    window.deployments.attach()
    window.wait(lambda: window.finished)

    assert window.job(record.id).record.state is JobState.FAILED
    assert "never handed over" in window.job(record.id).record.reason
    assert desk.cluster.submits == 0


def test_next_window_replays_what_it_missed_and_fetches_results(desk: Desk) -> None:
    first = desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    first.deployments.submit(record, request)
    first.wait(lambda: "first" in first.job(record.id).log)
    first.close()
    desk.go_on.touch()
    desk.cluster.jobs[record.id].thread.join(20)

    second = desk.window()
    second.deployments.attach()
    second.wait(lambda: second.finished)

    job = second.job(record.id)
    assert job.log == "first\nlast\n"
    assert [one.number for one in job.events] == list(range(len(job.events)))
    assert tuple(job.events) == History(desk.folder / "jobs").events(record.id)
    assert job.record.state is JobState.SUCCEEDED
    assert job.record.has_results
    assert desk.cluster.submits == 1

    third = desk.window()  # where it is over there is nothing to follow
    third.deployments.attach()
    third.wait(lambda: third.deployments.jobs)
    assert third.job(record.id).record == job.record
    told: list[int] = []
    third.deployments.log(record.id, lambda events: told.append(len(events)))
    third.wait(lambda: told)
    assert told == [len(job.events)]
    assert third.finished == []


def test_cut_is_told_and_the_job_is_followed_again(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    window.deployments.submit(record, request)
    window.wait(lambda: "first" in window.job(record.id).log)

    desk.cluster.unreachable = "The cluster does not answer."
    window.wait(lambda: window.job(record.id).trouble)
    words, since = window.job(record.id).trouble.split("\n")
    assert words == "The cluster does not answer."
    assert re.fullmatch(r"Out of reach since \d\d:\d\d:\d\d\.", since)
    assert not window.job(record.id).record.state.is_final
    desk.cluster.unreachable = ""
    desk.go_on.touch()
    window.wait(lambda: window.finished)

    assert window.job(record.id).log == "first\nlast\n"
    assert window.job(record.id).trouble == ""
    assert desk.cluster.submits == 1


def test_target_that_tells_events_again_is_not_believed_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = FakeTarget.watch
    monkeypatch.setattr(FakeTarget, "watch", lambda target, job, first, told: real(target, job, 0, told))
    first, second = desk.window(), desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    first.deployments.submit(record, request)
    first.wait(lambda: "first" in first.job(record.id).log)
    first.close()
    desk.go_on.touch()
    second.deployments.attach()
    second.wait(lambda: second.finished)

    assert second.job(record.id).log == "first\nlast\n"


def test_job_that_could_not_be_handed_over_says_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise DeployError("Two clusters are the most.")

    monkeypatch.setattr(FakeTarget, "submit", refuse)
    window = desk.window()
    record, request = desk.job(QUICK)
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    assert window.job(record.id).record.state is JobState.FAILED
    assert window.job(record.id).record.reason == "Two clusters are the most."


def test_answer_lost_on_the_way_does_not_submit_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = FakeTarget.submit

    def submit(target: FakeTarget, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        real(target, request, told)
        raise DeployError("The connection was cut.")

    monkeypatch.setattr(FakeTarget, "submit", submit)
    window = desk.window()
    record, request = desk.job(QUICK)
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    assert window.job(record.id).record.state is JobState.SUCCEEDED
    assert desk.cluster.submits == 1


def test_job_that_the_target_lost_is_lost_and_not_run_again(desk: Desk) -> None:
    first = desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    first.deployments.submit(record, request)
    first.wait(lambda: "first" in first.job(record.id).log)
    first.close()
    desk.cluster.end()
    desk.cluster.jobs.clear()

    second = desk.window()
    second.deployments.attach()
    second.wait(lambda: second.finished)

    assert second.job(record.id).record.state is JobState.LOST
    assert desk.cluster.submits == 1


def test_cancel_stops_it(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    errors: list[FourpaneError] = []
    window.deployments.submit(record, request)
    window.wait(lambda: "first" in window.job(record.id).log)

    with pytest.raises(DeployError, match="not over"):
        window.deployments.forget(record.id)
    window.deployments.cancel(record.id, errors.append)
    window.wait(lambda: window.finished)

    assert window.job(record.id).record.state is JobState.CANCELLED
    assert errors == []


def test_second_window_waits_and_takes_over(desk: Desk) -> None:
    first, second = desk.window(), desk.window()
    record, request = desk.job(WAITS, str(desk.go_on))
    first.deployments.submit(record, request)
    first.wait(lambda: "first" in first.job(record.id).log)

    second.deployments.attach()
    second.wait(lambda: second.deployments.jobs and second.job(record.id).trouble)
    assert "Another window" in second.job(record.id).trouble
    first.close()
    desk.go_on.touch()
    second.wait(lambda: second.finished)

    assert second.job(record.id).log == "first\nlast\n"
    assert second.job(record.id).trouble == ""


def test_secret_is_in_no_file_of_the_profile(desk: Desk) -> None:
    window = desk.window()
    code = "import os, sys\nprint(os.environ['KEY'][::-1][::-1])\nsys.exit('bad ' + os.environ['KEY'])\n"
    record, request = desk.job(code, KEY="open-sesame-1")
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)

    assert window.job(record.id).record.state is JobState.FAILED
    assert window.job(record.id).record.secrets == ("KEY",)
    for path in (desk.folder / "jobs").rglob("*"):
        assert not path.is_file() or b"open-sesame" not in path.read_bytes(), path


def test_results_that_did_not_come_are_fetched_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = FakeTarget.fetch

    def fail(*_: object) -> Path:
        raise DeployError("The connection was cut.")

    monkeypatch.setattr(FakeTarget, "fetch", fail)
    window = desk.window()
    record, request = desk.job(QUICK)
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)
    assert window.job(record.id).record.state is JobState.SUCCEEDED
    assert window.job(record.id).trouble == "The connection was cut."
    assert not window.job(record.id).record.has_results

    monkeypatch.setattr(FakeTarget, "fetch", real)
    assert window.deployments.wait_closed(20)  # the thread is at its end
    window.deployments.fetch(record.id)
    window.wait(lambda: window.job(record.id).record.has_results)
    assert window.job(record.id).trouble == ""
    assert window.finished == [record.id]


def test_forgotten_job_is_gone_from_list_and_disk(desk: Desk) -> None:
    window = desk.window()
    record, request = desk.job(QUICK)
    window.deployments.submit(record, request)
    window.wait(lambda: window.finished)
    assert window.deployments.wait_closed(20)

    window.deployments.forget(record.id)

    assert window.deployments.jobs == {}
    window.wait(lambda: not (desk.folder / "jobs" / record.id).exists())


def test_long_history_is_shown_from_its_newest_jobs_on(desk: Desk) -> None:
    history = History(desk.folder / "jobs")
    for number in range(130):
        history.save(
            RunRecord(f"j{number:03}", "t", "/p", "a.py", "python", "t", state=JobState.SUCCEEDED, created_s=number)
        )
    window, counts = desk.window(), list[int]()

    def count(_id: str) -> None:
        counts.append(len(window.deployments.jobs))

    window.deployments.changed.connect(count)
    window.deployments.attach()
    window.wait(lambda: len(counts) == 2)
    assert counts == [100, 130]
    assert list(window.deployments.jobs) == [f"j{number:03}" for number in range(130)]
