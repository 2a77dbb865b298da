"""A made-up price on real clusters: idle ones are gone in time, a budget is kept, what is shown is price x time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ide.core.deploy import JobState, TargetSpec
from ide.deploy.cluster.client import ClusterTarget
from ide.deploy.cost import POLL_S
from tests.deploy.conftest import Windows, cluster_of
from tests.deploy.desk import Desk, is_alive
from tests.deploy.gateway import PASSWORD, GatewayServer

PRICE = 3_600.0  # a worker costs one in a second
IDLE_S = 4.0
GONE_S = 1.25 * IDLE_S + 3.0
ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"


class Paid:
    """A desk on a target that costs; `schedulers` are the clusters that it started."""

    def __init__(self, desk: Desk, schedulers: Callable[[], list[psutil.Process]], windows: Windows) -> None:
        self.desk, self.schedulers, self.windows = desk, schedulers, windows


@pytest.fixture
def here(own_windows: Windows, tmp_path: Path) -> Iterator[Paid]:
    spec = TargetSpec("this-computer", "This computer", "local", price_per_worker_hour=PRICE, currency="EUR")
    target = own_windows.local(spec)
    made = Paid(Desk(tmp_path / "desk", lambda: target, spec), lambda: [cluster_of(own_windows)], own_windows)
    yield made
    made.desk.close()


@pytest.fixture
def there(own_windows: Windows, server: GatewayServer, tmp_path: Path) -> Iterator[Paid]:
    options = {
        "address": server.address, "proxy_address": server.scheduler_proxy, "login": "Name and password",
        "user": tmp_path.name,
    }  # fmt: skip
    spec = TargetSpec("team", "Team", "gateway", options, ("password",), PRICE, "EUR")
    target = ClusterTarget(own_windows.open(), spec, {"password": PASSWORD})
    made = Paid(Desk(tmp_path / "desk", lambda: target, spec), server.schedulers, own_windows)
    yield made
    made.desk.close()
    for cluster in ClusterTarget(own_windows.open(), spec, {"password": PASSWORD}).clusters():
        target.end_cluster(cluster.id)


def assert_kept(paid: Paid) -> None:
    """One job whose budget lasts for eight seconds, on a cluster that is idle after it with nobody there."""
    desk, budget = paid.desk, 8.0
    job = desk.deploy(ENDLESS, budget=budget, idle_limit_s=IDLE_S)
    desk.wait(lambda: job.record.started_s, what="Its start")
    began_s = time.time()
    desk.wait(lambda: job.log, what="Its first line")
    desk.wait(lambda: time.time() > began_s + 1.5, what="Some cost")
    assert abs(job.cost(time.time()) - (time.time() - began_s)) < 1.0  # one a second
    schedulers = paid.schedulers()
    assert len(schedulers) == 1

    desk.wait(lambda: job.record.state.is_final, what="The end of the budget")

    took_s = time.time() - began_s
    assert (job.record.state, job.record.reason) == (JobState.CANCELLED, "Its budget is spent.")
    assert job.record.cost is not None
    assert abs(job.record.cost - took_s) < 1.0
    assert budget - POLL_S - 1.0 < job.record.cost <= budget + POLL_S
    for one in paid.windows.opened:  # window and cluster process are gone: it is the cluster's own clock that counts
        one.close()
    desk.wait(lambda: not is_alive(schedulers[0]), GONE_S, "The end of the idle cluster")


def test_here(here: Paid) -> None:
    assert_kept(here)


def test_on_a_gateway(there: Paid) -> None:
    assert_kept(there)
