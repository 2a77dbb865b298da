"""What is killed in the middle of a job: the truth is told within ten seconds, nothing runs twice or unseen.

Each on real targets and as the Jobs pane knows it. A killed window is in `test_window_killed.py`.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ide.core.deploy import JobState, TargetSpec
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import CLUSTER_PYTHON, LOCAL, Windows, cluster_of
from tests.deploy.desk import Desk, is_alive
from tests.deploy.gateway import PASSWORD, GatewayServer

TOLD_S = 10.0
"""So long may it take until the pane tells the truth."""


class Here:
    """The cluster on this computer."""

    def __init__(self, windows: Windows, folder: Path) -> None:
        self.windows = windows
        target = windows.local()
        self.desk = Desk(folder, lambda: target, LOCAL)

    def cluster(self) -> list[psutil.Process]:
        """Scheduler, which is the first, nanny and worker."""
        scheduler = cluster_of(self.windows)
        return [scheduler, *scheduler.children(recursive=True)]


@pytest.fixture
def here(own_windows: Windows, tmp_path: Path) -> Iterator[Here]:
    made = Here(own_windows, tmp_path / "here")
    yield made
    made.desk.close()


class There:
    """Clusters of a gateway, for a user of their own."""

    def __init__(self, windows: Windows, server: GatewayServer, folder: Path) -> None:
        self.windows, self.server = windows, server
        options = {
            "address": server.address, "proxy_address": server.scheduler_proxy, "login": "Name and password",
            "user": folder.name,
        }  # fmt: skip
        spec = TargetSpec(folder.name, "The team's gateway", "gateway", options, secrets=("password",))
        self.target = ClusterTarget(windows.open(), spec, {"password": PASSWORD})
        self.desk = Desk(folder, lambda: self.target, spec)


@pytest.fixture
def there(own_windows: Windows, server: GatewayServer, tmp_path: Path) -> Iterator[There]:
    made = There(own_windows, server, tmp_path / tmp_path.name)
    yield made
    made.desk.close()
    for cluster in made.target.clusters():
        made.target.end_cluster(cluster.id)


def begin(desk: Desk) -> str:
    """A job whose first line has come; its id."""
    job = desk.deploy()
    desk.wait(lambda: job.log == "first\n", what="The first line")
    assert len(desk.running()) == 1
    return job.record.id


def kill_worker_of(desk: Desk, processes: list[psutil.Process]) -> None:
    """The process that the job's script is a child of."""
    (worker,) = [
        one for one in processes if is_alive(one)
        if any(str(desk.count) in child.cmdline() for child in one.children())
    ]  # fmt: skip
    worker.kill()


def assert_lost(desk: Desk, job: str) -> None:
    took_s = desk.wait(lambda: desk.jobs.jobs[job].record.state.is_final, what="The end of the job")
    record = desk.jobs.jobs[job].record
    assert record.state is JobState.LOST, record
    assert record.reason
    assert took_s < TOLD_S
    desk.wait(lambda: desk.running() == [], TOLD_S, "The script's end")


def assert_ran_once(desk: Desk) -> None:
    assert desk.count.read_text() == "x"


def test_worker_here_is_killed(here: Here) -> None:
    desk = here.desk
    job = begin(desk)

    kill_worker_of(desk, here.cluster())

    assert_lost(desk, job)
    after = desk.deploy("print('next')")  # another worker is up: it had its chance
    desk.wait(lambda: after.record.state.is_final, what="The job after it")
    assert after.record.state is JobState.SUCCEEDED
    assert_ran_once(desk)


def test_worker_is_killed_before_the_job_that_it_was_given_begins(here: Here) -> None:
    (worker,) = [one for one in here.cluster() if any("spawn_main" in word for word in one.cmdline())]
    worker.suspend()
    job = here.desk.deploy()
    here.desk.wait(lambda: job.record.state is JobState.WAITING, what="The hand-over")

    worker.kill()

    assert_lost(here.desk, job.record.id)
    assert "nothing ran" in job.record.reason
    after = here.desk.deploy("print('next')")
    here.desk.wait(lambda: after.record.state.is_final, what="The job after it")
    assert after.record.state is JobState.SUCCEEDED
    assert not here.desk.count.exists()


def test_cluster_here_is_killed_and_leaves_no_process(here: Here) -> None:
    desk = here.desk
    job = begin(desk)
    processes = here.cluster()

    processes[0].kill()

    assert_lost(desk, job)
    desk.wait(lambda: not any(map(is_alive, processes)), TOLD_S, "The end of worker and nanny")
    assert_ran_once(desk)


def test_worker_of_a_gateway_is_killed(there: There) -> None:
    desk = there.desk
    job = begin(desk)

    kill_worker_of(desk, there.server.processes())

    assert_lost(desk, job)
    # The nanny starts another worker at once, which the gateway ends for one of its own: that may hit the next job.
    for _ in range(3):
        after = desk.deploy("print('next')")
        desk.wait(lambda: after.record.state.is_final, what="The job after it")  # noqa: B023 - asked at once
        if after.record.state is not JobState.LOST:
            break
    assert after.record.state is JobState.SUCCEEDED
    assert_ran_once(desk)


def test_scheduler_of_a_gateway_is_killed_and_leaves_no_process(there: There) -> None:
    desk = there.desk
    before = {one.pid for one in there.server.processes()}
    job = begin(desk)
    processes = [one for one in there.server.processes() if one.pid not in before]
    shown = desk.jobs.jobs[job]

    (scheduler,) = [one for one in processes if "distributed.cli.dask_scheduler" in one.cmdline()]
    scheduler.kill()

    # Whether it is gone or only out of reach, the gateway says a little later.
    took_s = desk.wait(lambda: shown.trouble or shown.record.state.is_final, what="A word of it")
    assert took_s < TOLD_S
    assert "cluster" in (shown.trouble or shown.record.reason)
    desk.wait(lambda: not any(map(is_alive, processes)), TOLD_S, "The end of worker, nanny and script")
    assert desk.running() == []
    desk.wait(lambda: shown.record.state.is_final, what="The gateway's word")
    assert shown.record.state is JobState.LOST
    assert "has ended" in shown.record.reason
    assert shown.trouble == ""
    assert_ran_once(desk)


def test_cluster_process_here_is_killed_and_the_job_goes_on(here: Here) -> None:
    kill_cluster_process(here)


def test_cluster_process_of_a_gateway_is_killed_and_the_job_goes_on(there: There) -> None:
    kill_cluster_process(there)


def kill_cluster_process(place: Here | There) -> None:
    desk = place.desk
    shown = desk.jobs.jobs[begin(desk)]
    pid = place.windows.opened[0].pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)

    assert desk.wait(lambda: shown.trouble, what="A word of it") < TOLD_S
    assert shown.record.state is JobState.RUNNING
    desk.wait(lambda: place.windows.opened[0].pid is not None, what="Another process")
    desk.go.touch()
    desk.wait(lambda: shown.record.state.is_final, what="Its end")
    assert (shown.record.state, shown.log) == (JobState.SUCCEEDED, "first\nlast\n")
    assert shown.trouble == ""
    assert [one.path for one in shown.record.outputs] == ["outputs/table.csv"]
    assert_ran_once(desk)


# --- a worker's disk that is full -------------------------------------------------------------------------------------

FILLS = (
    "with open('outputs/large', 'wb', buffering=0) as file:\n    while True:\n        file.write(bytes(1_000_000))\n"
)


@pytest.fixture
def small_disk(own_windows: Windows, tmp_path: Path) -> Iterator[Desk]:
    """Jobs on this computer; what they may fill is a disk of 20 MB that only the cluster sees, and goes with it."""
    workers = own_windows.folder / hashlib.sha256(LOCAL.id.encode()).hexdigest()[:16] / "workers"
    workers.mkdir(parents=True)
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    python = tmp_path / "python"
    inside = f'mount -t tmpfs -o size=20m none "{workers}" && exec "{CLUSTER_PYTHON}" "$@"'
    python.write_text(f'#!/bin/sh\nexec {shlex.join([*unshare, "sh", "-c", inside, "sh"])} "$@"\n')
    python.chmod(0o700)
    target = ClusterTarget(own_windows.open(python), LOCAL, {})
    target.start_cluster({})
    made = Desk(tmp_path / "desk", lambda: target, LOCAL)
    yield made
    made.close()


def test_full_disk_of_a_worker_is_told_and_the_next_job_has_room(small_disk: Desk) -> None:
    filling = small_disk.deploy(FILLS)
    small_disk.wait(lambda: filling.record.state.is_final, what="The end of what fills the disk")
    assert (filling.record.state, filling.record.error_line) == (JobState.FAILED, 3)
    assert "No space left on device" in filling.record.reason
    assert [one.text for one in filling.events if one.kind == "note"] == [
        "The results could not be packed. The worker's disk is full."
    ]

    large = small_disk.deploy("print('ran')", more={"data.bin": os.urandom(25_000_000)})
    small_disk.wait(lambda: large.record.state.is_final, what="The end of what does not fit")
    assert (large.record.state, large.record.reason) == (JobState.FAILED, "The worker's disk is full.")
    assert large.log == ""

    after = small_disk.deploy("print('next')")
    small_disk.wait(lambda: after.record.state.is_final, what="The job after it")
    assert (after.record.state, after.log) == (JobState.SUCCEEDED, "next\n")
