"""The target “Dask Gateway” on a real gateway: the contract, its form, its limits, what breaks."""

from __future__ import annotations

import os
import signal
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.app.locked import cluster_needs
from ide.core.deploy import JobOutcome, JobRequest, JobState, Resources, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.bundle import write_bundle
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import Connect, Windows
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.unit.deploy.target_contract import SLEEPS, TargetContract, Watch, is_log, quiet
from tests.unit.deploy.target_contract import Connect as ContractConnect


def submit_to(target: ClusterTarget, tmp_path: Path, code: str, **more: Any) -> tuple[JobRequest, Watch]:
    language = more.pop("language", "python")
    entry = "run/main.R" if language == "r" else "run/main.py"
    script = tmp_path / f"{uuid.uuid4().hex}.txt"
    script.write_text(code, "utf-8")
    bundle = write_bundle(script.with_suffix(".zip"), {entry: script}, entry=entry, language=language)
    request = JobRequest(uuid.uuid4().hex, "A job", bundle.path, bundle.sha256, entry, language, **more)
    target.submit(request, quiet)
    return request, Watch(target, request.id)


@pytest.fixture(scope="module")
def spec(server: GatewayServer) -> TargetSpec:
    options = {
        "address": server.address, "proxy_address": server.scheduler_proxy, "login": "Name and password", "user": "ann"
    }  # fmt: skip
    return TargetSpec("team", "The team's gateway", "gateway", options, secrets=("password",))


@pytest.fixture(scope="module")
def gateway(windows: Windows, server: GatewayServer, spec: TargetSpec) -> Connect:
    targets = [ClusterTarget(windows.open(), spec, {"password": PASSWORD}) for _ in range(2)]
    targets[0].start_cluster({"workers": 2})  # here, so that no test counts as the one that left it
    targets[1].clusters()
    while not targets[0].check(10.0).platform:  # what workers have is known once one is up
        pass

    def connect() -> ClusterTarget:
        targets.reverse()
        return targets[0]

    return connect


class TestGatewayTarget(TargetContract):
    @pytest.fixture
    def connect(self, gateway: Connect) -> ContractConnect:
        return gateway


def test_form_is_the_gateways_own(gateway: Connect) -> None:
    status = gateway().check(10.0)

    found = {
        one.name: (one.label, one.kind, one.default, one.choices, one.minimum, one.maximum) for one in status.options
    }
    assert found == {
        "worker_cores": ("Cores", "int", 1, (), 1.0, 2.0),
        "environment": ("environment", "mapping", {}, (), None, None),
        "note": ("note", "text", "none", (), None, None),
        "is_spot": ("is_spot", "bool", True, (), None, None),
        "share": ("share", "float", 0.5, (), 0.0, 1.0),
        "image": ("image", "choice", "small", ("small", "large"), None, None),
    }
    assert "gateway_options" in status.capabilities
    assert status.versions["dask_gateway"]
    assert {name: status.versions[name] for name in cluster_needs()} == cluster_needs()  # of its workers


def test_bad_option_is_refused_in_the_gateways_words(gateway: Connect) -> None:
    with pytest.raises(DeployError) as raised:
        gateway().start_cluster({"worker_cores": 9})

    assert raised.value.happened == "The gateway does not take this."
    assert "worker_cores" in raised.value.meaning


def test_clusters_are_listed_scaled_and_ended_with_all_they_are(gateway: Connect, server: GatewayServer) -> None:
    target = gateway()
    before = {one.id for one in target.clusters()}
    name = target.start_cluster({"workers": 1, "note": "another"})
    assert {one.id for one in target.clusters()} == {*before, name}
    with pytest.raises(DeployError, match="not become as large"):
        target.scale(name, 50)
    assert len(server.schedulers()) == len(before) + 1

    target.end_cluster(name)

    assert {one.id for one in target.clusters()} == before


def test_wrong_password_is_told(windows: Windows, spec: TargetSpec, gateway: Connect) -> None:
    stranger = TargetSpec("stranger", "Stranger", "gateway", spec.options)
    status = ClusterTarget(windows.opened[0], stranger, {"password": "planted-other"}).check(10.0)

    assert (status.is_reachable, status.happened) == (False, "The gateway does not accept the login.")


def test_password_stands_in_no_file_and_no_argument(windows: Windows, gateway: Connect) -> None:
    gateway().jobs()
    written = b"".join(path.read_bytes() for path in windows.folder.rglob("*") if path.is_file())
    run = b"".join(Path(f"/proc/{one.pid}/cmdline").read_bytes() for one in windows.opened if one.pid)

    assert PASSWORD.encode() not in written + run


# --- languages and faults: on clusters of another user --------------------------------------------------------------


@pytest.fixture
def bob(own_windows: Windows, server: GatewayServer, spec: TargetSpec) -> Iterator[ClusterTarget]:
    """A target of a user who has no cluster yet; none of his is left."""
    own = TargetSpec("bob", "Bob's", "gateway", {**spec.options, "user": "bob"})
    target = ClusterTarget(own_windows.open(), own, {"password": PASSWORD})
    yield target
    for cluster in target.clusters():
        target.end_cluster(cluster.id)


def test_r_job_runs_and_its_files_come_back(gateway: Connect, tmp_path: Path) -> None:
    code = 'cat("hello from R\\n"); dir.create("outputs", FALSE); writeLines("a", "outputs/a.csv")\n'
    request, watch = submit_to(gateway(), tmp_path, code, language="r")

    assert watch.join().state is JobState.SUCCEEDED, watch.events
    assert watch.log("stdout") == "hello from R\n"
    with zipfile.ZipFile(gateway().fetch(request.id, tmp_path, quiet)) as opened:
        assert opened.read("outputs/a.csv") == b"a\n"


def test_worker_that_is_killed_loses_the_job_and_it_is_not_run_again(
    bob: ClusterTarget, server: GatewayServer, tmp_path: Path
) -> None:
    before = {one.pid for one in server.workers()}
    _, watch = submit_to(bob, tmp_path, SLEEPS)
    watch.wait_for(is_log("asleep"))

    for worker in server.workers():
        if worker.pid not in before:
            worker.kill()

    outcome = watch.join()
    assert outcome.state is JobState.LOST, outcome
    assert outcome.reason
    assert watch.log("stdout") == "asleep\n"


def test_cluster_that_is_gone_loses_its_jobs_in_plain_words(
    bob: ClusterTarget, server: GatewayServer, tmp_path: Path
) -> None:
    before = {one.pid for one in server.schedulers()}
    request, watch = submit_to(bob, tmp_path, SLEEPS)
    watch.wait_for(is_log("asleep"))

    for scheduler in server.schedulers():
        if scheduler.pid not in before:
            scheduler.kill()

    told: list[str] = []
    while (outcome := _outcome(watch, told)) is None:  # until the gateway has noticed as well
        watch = Watch(bob, request.id)
    assert all("did not answer" in words or "can't be reached" in words for words in told), told
    assert outcome.state is JobState.LOST
    assert "has ended" in outcome.reason
    assert bob.jobs()[request.id] is JobState.LOST
    with pytest.raises(DeployError, match="results are gone"):
        bob.fetch(request.id, tmp_path, quiet)
    bob.submit(request, quiet)  # nor is it run again when it is asked for once more
    assert bob.clusters() == ()


def _outcome(watch: Watch, told: list[str]) -> JobOutcome | None:
    """How it ended; None where the connection broke, of which it is told."""
    try:
        return watch.join()
    except DeployError as error:
        told.append(error.happened)
        return None


def test_process_killed_while_a_job_runs_finds_it_again(bob: ClusterTarget, tmp_path: Path) -> None:
    code = "import time\nprint('one', flush=True)\ntime.sleep(4)\nprint('two')\n"
    request, watch = submit_to(bob, tmp_path, code)
    watch.wait_for(is_log("one"))
    pid = bob._process.pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)

    with pytest.raises(DeployError, match="ended unexpectedly"):
        watch.join()
    again = Watch(bob, request.id)
    assert again.join().state is JobState.SUCCEEDED
    assert again.log("stdout") == "one\ntwo\n"
    assert again.states().count(JobState.RUNNING) == 1


def test_process_killed_while_a_bundle_is_sent_has_handed_nothing_over(
    bob: ClusterTarget, windows: Windows, tmp_path: Path
) -> None:
    script, data = tmp_path / "main.py", tmp_path / "data.bin"
    script.write_text("print('ran')\n")
    data.write_bytes(os.urandom(20_000_000))
    bundle = write_bundle(
        tmp_path / "b.zip", {"run/main.py": script, "data.bin": data}, entry="run/main.py", language="python"
    )
    request = JobRequest("j" * 32, "A job", bundle.path, bundle.sha256, bundle.entry, "python")

    def kill(step: str, done: float, _total: float) -> None:
        if step == "Sending" and done:
            pid = bob._process.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(DeployError, match="ended unexpectedly"):
        bob.submit(request, kill)

    assert not bob.jobs().get(request.id, JobState.SUBMITTING).is_final
    bob.submit(request, quiet)  # goes on where it stopped
    watch = Watch(bob, request.id)
    assert watch.join().state is JobState.SUCCEEDED
    assert watch.log("stdout") == "ran\n"


def test_idle_limit_of_the_job_ends_its_cluster_without_anybody_connected(
    bob: ClusterTarget, server: GatewayServer, tmp_path: Path
) -> None:
    before = {one.pid for one in server.schedulers()}
    request, watch = submit_to(bob, tmp_path, "print(1)\n", resources=Resources(idle_limit_s=4.0))
    assert watch.join().state is JobState.SUCCEEDED
    bob._process.close()

    ends_s = time.monotonic() + 60
    while {one.pid for one in server.schedulers()} - before:
        assert time.monotonic() < ends_s
        time.sleep(0.2)
    bob._process._is_closed = False  # as a window that is opened later
    assert bob.jobs()[request.id] is JobState.SUCCEEDED
