"""The target “This computer” does what every target must, on a real cluster."""

from __future__ import annotations

import pytest

from tests.deploy.conftest import Connect
from tests.unit.deploy.target_contract import ClusterContract, TargetContract
from tests.unit.deploy.target_contract import Connect as ContractConnect


class TestLocalTarget(TargetContract, ClusterContract):
    @pytest.fixture
    def connect(self, local: Connect) -> ContractConnect:
        return local
