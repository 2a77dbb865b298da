"""The network to a gateway is cut while a job runs, and comes back: truth meanwhile, the whole log, nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.core.deploy import JobState, TargetSpec
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import CLUSTER_PYTHON, Windows
from tests.deploy.desk import Desk
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.deploy.lines import Line, Namespaces, Relay

TOLD_S = 10.0
HAS_NAMESPACES = (
    sys.platform == "linux"
    and os.geteuid() == 0
    and subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0
)


@pytest.fixture(params=[Relay, *([Namespaces] if HAS_NAMESPACES else [])], ids=lambda kind: kind.__name__)
def line(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Line]:
    made: Line = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def server(line: Line, tmp_path: Path) -> Iterator[GatewayServer]:
    made = GatewayServer(CLUSTER_PYTHON, tmp_path / "gateway", line.host)
    yield made
    assert made.close() == []


@pytest.fixture
def desk(line: Line, server: GatewayServer, own_windows: Windows, tmp_path: Path) -> Iterator[Desk]:
    address, scheduler_proxy = line.addresses(server)
    options = {"address": address, "proxy_address": scheduler_proxy, "login": "Name and password", "user": "ann"}
    spec = TargetSpec("team", "The team's gateway", "gateway", options, secrets=("password",))
    target = ClusterTarget(own_windows.open(line.python(CLUSTER_PYTHON)), spec, {"password": PASSWORD})
    made = Desk(tmp_path / "desk", lambda: target, spec)
    yield made
    line.mend()
    made.close()
    for cluster in target.clusters():
        target.end_cluster(cluster.id)


def test_cut_is_told_and_the_job_is_followed_again_when_the_network_is_back(desk: Desk, line: Line) -> None:
    job = desk.deploy()
    desk.wait(lambda: job.log == "first\n", what="The first line")
    cut_s = time.time()

    line.cut()

    assert desk.wait(lambda: job.trouble, what="A word of it") < TOLD_S
    *_, since = job.trouble.splitlines()
    told = [f"Out of reach since {time.strftime('%H:%M:%S', time.localtime(cut_s + late_s))}." for late_s in range(12)]
    assert since in told
    assert job.record.state is JobState.RUNNING
    desk.go.touch()  # it goes on where it is, and ends there
    desk.wait(lambda: desk.running() == [], what="The script's end")
    assert job.log == "first\n"

    line.mend()

    desk.wait(lambda: job.record.state.is_final, what="Its end")
    assert (job.record.state, job.log) == (JobState.SUCCEEDED, "first\nlast\n")
    assert (job.trouble, [one.path for one in job.record.outputs]) == ("", ["outputs/table.csv"])
    assert [one.number for one in job.events] == list(range(len(job.events)))
    assert desk.count.read_text() == "x"
