"""A job on a gateway where no cluster is up: from the click (bundle included) to the first line of its log.

The baseline is the gateway's own client on the same gateway: a new cluster with two workers, up. In turns.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._deploy import CLUSTER_PYTHON, request_of
from bench.measure import Result

if TYPE_CHECKING:
    from ide.core.deploy import JobEvent
    from ide.deploy.cluster.client import ClusterTarget

_RAW = """
import sys, time
from dask_gateway import BasicAuth, Gateway
gateway = Gateway(sys.argv[1], proxy_address="gateway://" + sys.argv[2], auth=BasicAuth("raw", sys.argv[3]))
started = time.perf_counter()
cluster = gateway.new_cluster()
cluster.scale(2)
client = cluster.get_client()
client.wait_for_workers(2)
print(time.perf_counter() - started)
client.close(timeout=2)
cluster.shutdown()
gateway.close()
"""


def measure(runs: int) -> Result:
    """A cluster for each run and side, at most ten."""
    from ide._paths import plugins_dir
    from ide.core.deploy import TargetSpec
    from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds
    from ide.extensions.extensions import Extensions
    from tests.deploy.gateway import PASSWORD, GatewayServer

    ours: list[float] = []
    raw: list[float] = []
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as name:
        folder = Path(name)
        script = folder / "main.py"
        script.write_text("print('first', flush=True)\n", "utf-8")
        server = GatewayServer(CLUSTER_PYTHON, folder / "gateway")
        loads = {facts.id: facts.load for facts in Extensions(plugins_dir()).targets()}
        process = ClusterProcess(lambda: CLUSTER_PYTHON, Kinds(loads, (plugins_dir(),)), folder / "targets")
        options = {
            "address": server.address, "proxy_address": server.scheduler_proxy, "login": "Name and password",
            "user": "ours",
        }  # fmt: skip
        target = ClusterTarget(process, TargetSpec("gateway", "Gateway", "gateway", options), {"password": PASSWORD})
        try:
            target.check(10.0)  # a click comes after a look at the sheet
            for _ in range(min(runs, 10)):
                ours.append(_first_log_s(target, script))
                words = [str(CLUSTER_PYTHON), "-c", _RAW, server.address, server.scheduler_proxy, PASSWORD]
                raw.append(float(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout))
        finally:
            process.close()
            server.close()
    return Result.of(ours, "s", raw)


def _first_log_s(target: ClusterTarget, script: Path) -> float:
    from dataclasses import replace

    from ide.core.deploy import Resources

    heard: list[float] = []
    started_s = time.perf_counter()
    request = replace(request_of(script), resources=Resources(workers=2))

    def hear(events: Sequence[JobEvent]) -> None:
        if any(event.kind == "log" for event in events):
            heard.append(time.perf_counter())

    target.submit(request, _ignore)
    target.watch(request.id, 0, hear)
    for cluster in target.clusters():
        target.end_cluster(cluster.id)
    return heard[0] - started_s


def _ignore(*_what: Any) -> None:
    """Nobody listens."""
