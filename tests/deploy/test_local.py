"""The target “This computer” does what every target must, on a real cluster."""

from __future__ import annotations

import pytest

from ide.app.locked import cluster_needs
from ide.core.deploy import TargetSpec
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import Connect, Windows
from tests.unit.deploy.target_contract import ClusterContract, TargetContract
from tests.unit.deploy.target_contract import Connect as ContractConnect


class TestLocalTarget(TargetContract, ClusterContract):
    @pytest.fixture
    def connect(self, local: Connect) -> ContractConnect:
        return local

    def test_check_starts_no_cluster_and_tells_what_is_here(self, local: Connect, windows: Windows) -> None:
        target = ClusterTarget(windows.opened[0], TargetSpec("other", "Other", "local"), {})

        status = target.check(30.0)

        assert status.limits["workers"] >= 1
        assert status.limits["disk_bytes"] > 0
        assert {"scale", "restore_python"} <= status.capabilities
        assert status.versions["r"] == status.packages["r"]["base"]
        assert {name: status.versions[name] for name in cluster_needs()} == cluster_needs()
        assert target.clusters() == ()
        assert target.jobs() == {}
