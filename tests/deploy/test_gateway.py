"""The target “Dask Gateway” on a real gateway: the contract, its form, its limits, what breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.core.deploy import TargetSpec
from ide.core.errors import DeployError
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import CLUSTER_PYTHON, Connect, Windows
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.unit.deploy.target_contract import Connect as ContractConnect
from tests.unit.deploy.target_contract import TargetContract


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayServer]:
    made = GatewayServer(CLUSTER_PYTHON, tmp_path_factory.mktemp("gateway"))
    yield made
    assert made.close() == []


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
