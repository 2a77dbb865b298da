"""The target “Dask scheduler” does what every target must, on a scheduler that was started by hand."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from ide.core.deploy import ClusterLink, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import CLUSTER_PYTHON, Connect, Windows
from tests.unit.deploy.target_contract import Connect as ContractConnect
from tests.unit.deploy.target_contract import TargetContract

_CODE = """\
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    # As a scheduler that knows nothing of us: failed tasks are tried again three times there.
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("scheduler")
    script = folder / "cluster.py"
    script.write_text(_CODE, "utf-8")
    with subprocess.Popen(
        [CLUSTER_PYTHON, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("", 30)


@pytest.fixture(scope="module")
def scheduler(windows: Windows, address: str) -> Connect:
    processes = [windows.open(), windows.open()]
    spec = TargetSpec("team", "Team", "scheduler", {"address": address})
    for process in processes:  # started here, so that no test counts as the one that left them
        assert ClusterTarget(process, spec, {}).check(60).is_reachable

    def connect() -> ClusterTarget:
        processes.reverse()
        return ClusterTarget(processes[0], spec, {})

    return connect


class TestSchedulerTarget(TargetContract):
    @pytest.fixture
    def connect(self, scheduler: Connect) -> ContractConnect:
        return scheduler

    def test_cluster_of_others_is_shown_and_neither_scaled_nor_ended(self, scheduler: Connect, address: str) -> None:
        target = scheduler()
        (cluster,) = target.clusters()

        assert (cluster.workers, cluster.cores) == (1, 1)
        assert target.link(cluster.id) == ClusterLink(address)
        refused: tuple[Callable[[], None], ...] = (
            lambda: target.scale(cluster.id, 2),
            lambda: target.end_cluster(cluster.id),
        )
        for call in refused:
            with pytest.raises(DeployError, match="not"):
                call()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"address": "somewhere"}, "no address"),
        ({"address": "tcp://127.0.0.1:9"}, "does not answer"),
        ({"address": "tls://127.0.0.1:8786", "key_file": "/nowhere/key.pem"}, "is not there"),
    ],
)
def test_check_tells_what_is_wrong(scheduler: Connect, windows: Windows, options: dict[str, str], words: str) -> None:
    spec = TargetSpec("wrong", "Wrong", "scheduler", options)

    status = ClusterTarget(windows.opened[0], spec, {}).check(5)

    assert not status.is_reachable
    assert re.search(words, status.happened)
    assert status.advice
