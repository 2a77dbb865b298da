"""What every target must do, real or fake. A subclass gives the fixture `connect`; jobs are Python scripts.

    class TestMyTarget(TargetContract):
        @pytest.fixture
        def connect(self) -> Connect: ...

Each call of `connect` is a new connection to the same cluster, as after a restart of the window or of the helper. The
contract never counts on a file system that is shared with the workers.
"""

from __future__ import annotations

import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ide.api.target import ClusterState, JobEvent, JobOutcome, JobRequest, JobState, Resources, Target
from ide.core.errors import FourpaneError
from ide.deploy.bundle import write_bundle

Connect = Callable[[], Target]

HELLO = """\
import pathlib, sys
print("hello", *sys.argv[1:])
print("careful", file=sys.stderr)
pathlib.Path("outputs").mkdir(exist_ok=True)
pathlib.Path("outputs/table.csv").write_text("a,b\\n1,2\\n")
"""
SLEEPS = "import time\nprint('asleep', flush=True)\ntime.sleep(600)\n"
WAIT_S = 120.0  # for environments and clusters that start


class Watch:
    """One `watch` in a thread of its own, with what it told."""

    def __init__(self, target: Target, job: str, first: int = 0) -> None:
        self.events: list[JobEvent] = []
        self.outcome: JobOutcome | None = None
        self.error: Exception | None = None
        self._changed = threading.Condition()
        self._target, self._job, self._first = target, job, first
        self._thread = threading.Thread(target=self._run, name=f"watch {job}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._target.watch(self._job, self._first, self._told)
        except Exception as error:  # noqa: BLE001 - shown by `join`
            self.error = error
        with self._changed:
            self._changed.notify_all()

    def _told(self, events: Sequence[JobEvent]) -> None:
        with self._changed:
            self.events.extend(events)
            self._changed.notify_all()

    def wait_for(self, what: Callable[[JobEvent], bool]) -> None:
        """Until such an event was told."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: any(map(what, self.events)) or not self._thread.is_alive(), timeout=WAIT_S
            )
            assert came, "nothing more came"
            assert any(map(what, self.events)), self.events

    def join(self) -> JobOutcome:
        """How it ended."""
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive(), self.events
        if self.error is not None:
            raise self.error
        assert self.outcome is not None
        return self.outcome

    def log(self, stream: str) -> str:
        """What was printed."""
        return "".join(event.text for event in self.events if event.kind == "log" and event.stream == stream)

    def states(self) -> list[str]:
        """In order."""
        return [event.text for event in self.events if event.kind == "state"]


def is_log(text: str) -> Callable[[JobEvent], bool]:
    return lambda event: event.kind == "log" and text in event.text


def quiet(*_: object) -> None:
    """Nobody listens."""


class TargetContract:
    """Inherit from it, and give `connect`."""

    @pytest.fixture
    def connect(self) -> Connect:
        raise NotImplementedError

    @pytest.fixture
    def target(self, connect: Connect) -> Iterator[Target]:
        opened = connect()
        yield opened
        opened.close()

    @pytest.fixture
    def request_of(self, tmp_path: Path) -> Callable[..., JobRequest]:
        def make(code: str, **more: Any) -> JobRequest:
            script = tmp_path / f"{uuid.uuid4().hex}.py"
            script.write_text(code, "utf-8")
            secrets: Mapping[str, str] = more.get("secrets", {})
            bundle = write_bundle(
                tmp_path / f"{script.stem}.zip", {"run/main.py": script}, entry="run/main.py", language="python",
                secrets=secrets,
            )  # fmt: skip
            return JobRequest(
                uuid.uuid4().hex, "A job", bundle.path, bundle.sha256, bundle.entry, bundle.language, **more
            )

        return make

    @pytest.fixture
    def run(self, target: Target, request_of: Callable[..., JobRequest]) -> Callable[..., tuple[JobRequest, Watch]]:
        def submit(code: str, **more: Any) -> tuple[JobRequest, Watch]:
            request = request_of(code, **more)
            target.submit(request, quiet)
            return request, Watch(target, request.id)

        return submit

    def test_check_tells_versions_and_platform(self, target: Target) -> None:
        status = target.check(30.0)

        assert status.is_reachable, status.happened
        assert status.versions["python"].startswith("3.")
        assert status.platform

    def test_job_runs_and_its_files_come_back(
        self, run: Callable[..., tuple[JobRequest, Watch]], target: Target, tmp_path: Path
    ) -> None:
        request, watch = run(HELLO, arguments=("a b", "--x=1", "$HOME;'\""))

        outcome = watch.join()

        assert outcome.state is JobState.SUCCEEDED, outcome.reason
        assert outcome.exit_code == 0
        assert outcome.ended_s >= outcome.started_s > 0
        assert outcome.versions["python"].startswith("3.")
        assert watch.log("stdout").splitlines() == ["hello a b --x=1 $HOME;'\""]
        assert "careful" in watch.log("stderr")
        assert watch.states()[-1] == JobState.SUCCEEDED
        assert JobState.RUNNING in watch.states()
        assert [event.number for event in watch.events] == list(range(len(watch.events)))
        (tmp_path / "back").mkdir()
        archive = target.fetch(request.id, tmp_path / "back", quiet)
        assert archive.parent == tmp_path / "back"
        with zipfile.ZipFile(archive) as opened:
            assert opened.read("outputs/table.csv") == b"a,b\n1,2\n"

    def test_second_submit_of_the_same_job_changes_nothing(
        self, connect: Connect, target: Target, request_of: Callable[..., JobRequest]
    ) -> None:
        request = request_of(HELLO)
        target.submit(request, quiet)
        target.submit(request, quiet)
        other = connect()
        other.submit(request, quiet)
        watch = Watch(other, request.id)
        assert watch.join().state is JobState.SUCCEEDED
        other.submit(request, quiet)  # neither when it is over
        again = Watch(other, request.id)
        again.join()
        other.close()

        assert again.events == watch.events
        assert watch.states().count(JobState.RUNNING) == 1
        assert watch.log("stdout") == "hello\n"

    def test_error_of_the_script_is_told_with_its_line(self, run: Callable[..., tuple[JobRequest, Watch]]) -> None:
        _, watch = run("x = 1\n\ndef f():\n    raise ValueError('no such month')\n\nf()\n")

        outcome = watch.join()

        assert (outcome.state, outcome.exit_code) == (JobState.FAILED, 1)
        assert "no such month" in outcome.reason
        assert (outcome.error_file, outcome.error_line) == ("run/main.py", 4)

    def test_exit_code_of_the_script_is_told(self, run: Callable[..., tuple[JobRequest, Watch]]) -> None:
        _, watch = run("import sys\nsys.exit(7)\n")

        outcome = watch.join()

        assert (outcome.state, outcome.exit_code) == (JobState.FAILED, 7)

    def test_files_of_a_job_that_failed_come_back_too(
        self, run: Callable[..., tuple[JobRequest, Watch]], target: Target, tmp_path: Path
    ) -> None:
        request, watch = run(HELLO + "raise SystemExit(3)\n")
        assert watch.join().exit_code == 3

        with zipfile.ZipFile(target.fetch(request.id, tmp_path, quiet)) as opened:
            assert "outputs/table.csv" in opened.namelist()

    def test_cancel_stops_it(self, run: Callable[..., tuple[JobRequest, Watch]], target: Target) -> None:
        request, watch = run(SLEEPS)
        watch.wait_for(is_log("asleep"))

        target.cancel(request.id)

        assert watch.join().state is JobState.CANCELLED
        assert target.jobs()[request.id] is JobState.CANCELLED
        target.cancel(request.id)  # nothing to do is no error

    def test_time_limit_stops_it(self, run: Callable[..., tuple[JobRequest, Watch]]) -> None:
        _, watch = run(SLEEPS, resources=Resources(time_limit_s=1.0))

        assert watch.join().state is JobState.TIMED_OUT

    def test_stopped_watch_lets_the_job_go_on_and_another_goes_on_from_there(
        self, connect: Connect, run: Callable[..., tuple[JobRequest, Watch]], target: Target
    ) -> None:
        request, watch = run(SLEEPS)
        watch.wait_for(is_log("asleep"))
        target.stop(request.id)
        assert not watch.join().state.is_final

        other = connect()
        assert not other.jobs()[request.id].is_final
        replay = Watch(other, request.id)
        replay.wait_for(is_log("asleep"))
        rest = Watch(connect(), request.id, first=len(watch.events))
        other.cancel(request.id)
        replay.join()
        rest.join()
        other.close()

        assert replay.events[: len(watch.events)] == watch.events
        assert rest.events == replay.events[len(watch.events) :]
        assert rest.events

    def test_secret_reaches_the_script_and_nobody_else(self, run: Callable[..., tuple[JobRequest, Watch]]) -> None:
        code = "import os\nassert os.environ['API_KEY'][::-1] == 'terces-yrev'\nprint(os.environ['API_KEY'])\n"
        _, watch = run(code, secrets={"API_KEY": "very-secret"})

        outcome = watch.join()

        assert outcome.state is JobState.SUCCEEDED, outcome.reason
        assert "very-secret" not in repr(watch.events) + repr(outcome)

    def test_damaged_bundle_is_not_run(self, target: Target, request_of: Callable[..., JobRequest]) -> None:
        request = request_of("print('ran')\n")
        with open(request.bundle, "r+b") as bundle:
            bundle.seek(50)
            bundle.write(b"#")
        try:
            target.submit(request, quiet)
        except FourpaneError:
            return
        watch = Watch(target, request.id)
        assert watch.join().state is JobState.FAILED
        assert watch.log("stdout") == ""

    def test_unknown_job_is_an_error_in_plain_words(self, target: Target, tmp_path: Path) -> None:
        for call in (
            lambda: target.watch("nobody", 0, quiet),
            lambda: target.cancel("nobody"),
            lambda: target.fetch("nobody", tmp_path, quiet),
        ):
            with pytest.raises(FourpaneError) as raised:
                call()
            assert raised.value.happened

    def test_forgotten_job_is_gone(self, run: Callable[..., tuple[JobRequest, Watch]], target: Target) -> None:
        request, watch = run("print(1)\n")
        watch.join()

        target.forget(request.id)

        assert request.id not in target.jobs()


class ClusterContract:
    """For targets that start clusters of their own, beside `TargetContract`."""

    def test_cluster_without_a_job_is_started_scaled_and_ended(self, connect: Connect) -> None:
        target = connect()
        cluster = target.start_cluster({"workers": 1})

        def state() -> ClusterState | None:
            return next((one for one in connect().clusters() if one.id == cluster), None)

        assert state() is not None
        assert target.link(cluster).address
        target.scale(cluster, 2)
        _wait_until(lambda: (found := state()) is not None and found.workers == 2)
        target.scale(cluster, 1)
        _wait_until(lambda: (found := state()) is not None and found.workers == 1)
        target.adapt(cluster, 2, 2)
        _wait_until(lambda: (found := state()) is not None and found.workers == 2)
        target.end_cluster(cluster)
        _wait_until(lambda: state() is None)

    def test_unknown_cluster_is_an_error_in_plain_words(self, connect: Connect) -> None:
        target = connect()
        for call in (
            lambda: target.scale("nobody", 1),
            lambda: target.end_cluster("nobody"),
            lambda: target.adapt("nobody", 0, 1),
            lambda: target.link("nobody"),
        ):
            with pytest.raises(FourpaneError) as raised:
                call()
            assert raised.value.happened


def _wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(round(WAIT_S / 0.1)):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("it did not come to that")
