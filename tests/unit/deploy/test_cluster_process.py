"""The process that talks with clusters: a target passes the contract through it; what breaks is told."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.core.deploy import ClusterState, JobRequest, JobState, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.cluster import client
from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds
from ide.deploy.cluster.plain import plain, rebuilt
from tests.unit.deploy.target_contract import Connect, TargetContract

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.fakes.target import FakeCluster, FakeTarget, FakeTargetKind
from ide.core.deploy import ClusterLink
from ide.core.errors import DeployError
import os, tempfile, time, threading
from pathlib import Path

kind = FakeTargetKind(FakeCluster(Path(tempfile.mkdtemp(dir=os.environ["FOURPANE_TEST_FOLDER"]))))


class Bad(FakeTarget):
    secrets = {{}}

    def jobs(self):
        raise DeployError("The door is shut.", "It says: " + self.secrets["password"], "Open it.")

    def forget(self, job):
        print("noise", file=sys.stderr)
        raise RuntimeError("no " + self.secrets["password"])

    def scale(self, cluster, workers):
        time.sleep(600)

    def end_cluster(self, cluster):
        os._exit(5)

    def clusters(self):
        os.write(2, ("about to fall " + self.secrets["password"]).encode())
        os.abort()

    def link(self, cluster):
        print("noise")
        return ClusterLink(str(threading.active_count()))


class BadKind(FakeTargetKind):
    def open(self, spec, secrets, folder):
        bad = Bad(self._cluster)
        bad.secrets = secrets
        return bad


bad = BadKind(kind._cluster)
"""
SPEC = TargetSpec("here", "Here", "fake")
BAD = TargetSpec("there", "There", "bad", secrets=("password",))
SECRETS = {"password": "planted-token-1"}
KINDS = {"fake": "fourpane_plugins.target_fake.kind:kind", "bad": "fourpane_plugins.target_fake.kind:bad"}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ClusterProcess]]:
    folder = tmp_path_factory.mktemp("cluster")
    plugin = folder / "plugins" / "target_fake"
    plugin.mkdir(parents=True)
    (plugin / "__init__.py").write_text("")
    (plugin / "kind.py").write_text(PLUGIN)
    made: list[ClusterProcess] = []

    def start() -> ClusterProcess:
        made.append(ClusterProcess(lambda: Path(sys.executable), Kinds(KINDS, (folder / "plugins",)), folder / "state"))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURPANE_TEST_FOLDER", str(folder))
        yield start
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def process(make: Callable[[], ClusterProcess]) -> ClusterProcess:
    started = make()
    ClusterTarget(started, SPEC, {}).jobs()
    return started


@pytest.fixture
def bad(make: Callable[[], ClusterProcess]) -> Iterator[ClusterTarget]:
    own = make()
    yield ClusterTarget(own, BAD, SECRETS)
    own.close()


class TestTargetThroughTheProcess(TargetContract):
    @pytest.fixture
    def connect(self, process: ClusterProcess) -> Connect:
        return lambda: ClusterTarget(process, SPEC, {})


def test_error_of_a_target_comes_in_its_words_without_secrets(bad: ClusterTarget) -> None:
    with pytest.raises(DeployError) as raised:
        bad.jobs()

    assert raised.value.text == "The door is shut.\nIt says: •••\nOpen it."


def test_failure_nobody_foresaw_is_told_in_words_without_secrets(bad: ClusterTarget) -> None:
    with pytest.raises(DeployError) as raised:
        bad.forget("x")

    assert "RuntimeError: no •••" in raised.value.meaning
    assert bad.link("x").address  # and the process goes on, also when a library prints


def test_kind_nobody_knows_is_told(process: ClusterProcess) -> None:
    with pytest.raises(DeployError, match="of the kind “fridge”"):
        ClusterTarget(process, TargetSpec("a", "A", "fridge"), {}).jobs()


def test_call_that_takes_too_long_ends_the_process_and_the_next_starts_it_anew(
    bad: ClusterTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad.link("x")
    before = bad._process.pid
    assert before is not None
    monkeypatch.setattr(client, "CALL_LIMIT_S", 0.1)

    with pytest.raises(DeployError, match="did not answer in time"):
        bad.scale("x", 1)

    monkeypatch.undo()
    assert bad.link("x").address
    assert bad._process.pid not in (None, before)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_process_that_dies_is_told_and_started_anew(bad: ClusterTarget) -> None:
    with pytest.raises(DeployError) as raised:
        bad.end_cluster("x")

    assert raised.value.happened == "What reaches clusters ended unexpectedly."
    assert "go on" in raised.value.meaning
    assert bad.link("x").address


def test_last_words_of_the_process_are_logged_without_secrets(
    bad: ClusterTarget, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ide.deploy.cluster.client"):
        with pytest.raises(DeployError):
            bad.clusters()
        deadline = time.monotonic() + 20
        while "about to fall" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)

    assert "about to fall •••" in caplog.text
    assert "planted" not in caplog.text


def test_process_that_stands_still_is_found(bad: ClusterTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SILENCE_LIMIT_S", 2.0)
    bad.link("x")
    pid = bad._process.pid
    assert pid is not None

    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(DeployError, match="did not answer in time"):
        bad.scale("x", 1)


def test_secrets_stand_neither_in_arguments_nor_in_the_environment(bad: ClusterTarget) -> None:
    assert bad.link("x").address
    place = Path(f"/proc/{bad._process.pid}")

    assert b"planted" not in (place / "cmdline").read_bytes() + (place / "environ").read_bytes()


def test_close_ends_the_process_and_lets_waiting_calls_go(bad: ClusterTarget) -> None:
    bad.link("x")
    pid = bad._process.pid
    assert pid is not None
    raised: list[DeployError] = []

    def wait() -> None:
        try:
            bad.scale("x", 1)
        except DeployError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    bad._process.close()
    thread.join(20)

    assert len(raised) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(DeployError, match="closing"):
        bad.jobs()


def test_process_ends_with_the_window(bad: ClusterTarget) -> None:
    """As when the window was killed: its end of the pipes is gone."""
    bad.link("x")
    run = bad._process._run
    assert run is not None
    assert run._popen.stdin is not None

    run._popen.stdin.close()

    assert run._popen.wait(20) == 0


def test_python_that_is_missing_is_told(tmp_path: Path) -> None:
    process = ClusterProcess(lambda: tmp_path / "python", Kinds({}, ()), tmp_path / "state")

    with pytest.raises(DeployError, match="could not be started"):
        ClusterTarget(process, SPEC, {}).jobs()


def test_records_come_back_as_they_were() -> None:
    cluster = ClusterState("a", "b", 1.0, 2, 3, 4, ("x", "y"), "d", None, 5.0)
    request = JobRequest("i", "t", "b", "s", "e", "r", ("a",), secrets={"K": "v"})
    assert rebuilt(ClusterState, plain(cluster)) == cluster
    assert rebuilt(JobRequest, plain(request)) == request
    assert rebuilt(ClusterState, {**plain(cluster), "new": 1}) == cluster
    with pytest.raises(TypeError, match="str was expected"):
        rebuilt(ClusterState, {**plain(cluster), "id": 3})
    with pytest.raises(ValueError, match="dancing"):
        JobState("dancing")
    with pytest.raises(TypeError, match="object can't be sent"):
        plain(object())
