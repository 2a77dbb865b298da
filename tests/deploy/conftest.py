"""Real clusters, reached as the program reaches them: through the cluster process, in the environment of clusters."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ide._paths import plugins_dir
from ide.core.deploy import TargetSpec
from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds
from ide.environments.uv import uv_command
from ide.extensions.extensions import Extensions
from tests.deploy.gateway import GatewayServer

ROOT = Path(__file__).resolve().parents[2]
CLUSTER_PYTHON = ROOT / ".venv-cluster" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

Connect = Callable[..., ClusterTarget]


LOCAL = TargetSpec("this-computer", "This computer", "local")


class Windows:
    """Cluster processes on one folder, as of one window after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[ClusterProcess] = []

    def open(self, python: Path = CLUSTER_PYTHON) -> ClusterProcess:
        """One more."""
        loads = {facts.id: facts.load for facts in Extensions(plugins_dir()).targets()}
        kinds = Kinds(loads, (plugins_dir(),))
        variables = {"FOURPANE_UV": uv_command()[0], "XDG_CACHE_HOME": str(self.folder / "cache")}
        self.opened.append(ClusterProcess(lambda: python, kinds, self.folder, variables))
        return self.opened[-1]

    def local(self, spec: TargetSpec = LOCAL) -> ClusterTarget:
        """This computer, from a window that was just opened; its cluster is up."""
        target = ClusterTarget(self.open(), spec, {})
        target.start_cluster({})
        return target

    def close(self) -> None:
        """End all, the cluster on this computer too."""
        place = next(iter(self.folder.glob("*/connection.json")), None)
        if place is not None:
            pid = json.loads(place.read_bytes())["pid"]
            with contextlib.suppress(psutil.NoSuchProcess):
                cluster = psutil.Process(pid)
                cluster.terminate()
                wait_for_end(cluster, 20)
        for process in self.opened:
            process.close()


def wait_for_end(process: psutil.Process, limit_s: float) -> None:
    """Until it is over, also where nobody buries it, as in a container without an init."""
    until_s = time.monotonic() + limit_s
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until_s, f"{process} is still there"
            time.sleep(0.05)


def cluster_of(windows: Windows) -> psutil.Process:
    """The cluster on this computer: its scheduler; nanny and worker are its children."""
    (file,) = windows.folder.glob("*/connection.json")
    return psutil.Process(json.loads(file.read_bytes())["pid"])


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """Of all tests of a module."""
    made = Windows(tmp_path_factory.mktemp("targets"))
    yield made
    made.close()


@pytest.fixture
def own_windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """Of a test that breaks something."""
    made = Windows(tmp_path_factory.mktemp("own"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def local(windows: Windows) -> Connect:
    """Connections to the module's cluster on this computer, by turns from two windows."""
    targets = [windows.local(), windows.local()]  # started here, so that no test counts as the one that left them

    def connect() -> ClusterTarget:
        targets.reverse()
        return targets[0]

    return connect


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayServer]:
    """A gateway of a module's own; nothing of it is left."""
    made = GatewayServer(CLUSTER_PYTHON, tmp_path_factory.mktemp("gateway"))
    yield made
    assert made.close() == []
