"""Real clusters, reached as the program reaches them: through the cluster process, in the environment of clusters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide._paths import plugins_dir
from ide.core.deploy import TargetSpec
from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds
from ide.extensions.extensions import Extensions

ROOT = Path(__file__).resolve().parents[2]
CLUSTER_PYTHON = ROOT / ".venv-cluster" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

Connect = Callable[..., ClusterTarget]


@pytest.fixture(scope="module")
def cluster_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What targets of this module keep."""
    return tmp_path_factory.mktemp("targets")


@pytest.fixture(scope="module")
def open_process(cluster_folder: Path) -> Iterator[Callable[[], ClusterProcess]]:
    """Cluster processes on the same folder, as of one window after the other."""
    loads = {facts.id: facts.load for facts in Extensions(plugins_dir()).targets()}
    opened: list[ClusterProcess] = []

    def start() -> ClusterProcess:
        opened.append(ClusterProcess(lambda: CLUSTER_PYTHON, Kinds(loads, (plugins_dir(),)), cluster_folder))
        return opened[-1]

    yield start
    for process in opened:
        process.close()


@pytest.fixture(scope="module")
def local_spec() -> TargetSpec:
    return TargetSpec("this-computer", "This computer", "local")


@pytest.fixture(scope="module")
def local(open_process: Callable[[], ClusterProcess], local_spec: TargetSpec) -> Iterator[Connect]:
    """Connections to the module's cluster on this computer, by turns from two processes."""
    processes = [open_process(), open_process()]
    for process in processes:  # here, so that no test counts as the one that left it
        ClusterTarget(process, local_spec, {}).start_cluster({})

    def connect() -> ClusterTarget:
        processes.reverse()
        return ClusterTarget(processes[0], local_spec, {})

    yield connect
    target = connect()
    for cluster in target.clusters():
        target.end_cluster(cluster.id)
