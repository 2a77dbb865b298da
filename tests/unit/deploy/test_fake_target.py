"""The fake that other tests run jobs on keeps the contract of targets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.api.target import TargetSpec
from tests.fakes.target import FakeCluster, FakeTargetKind
from tests.unit.deploy.target_contract import Connect, TargetContract


class TestFakeTarget(TargetContract):
    @pytest.fixture
    def connect(self, tmp_path: Path) -> Iterator[Connect]:
        cluster = FakeCluster(tmp_path / "cluster")
        cluster.folder.mkdir()
        kind = FakeTargetKind(cluster)
        yield lambda: kind.open(TargetSpec("t", "T", "fake"), {}, tmp_path)
        cluster.end()

    def test_cluster_that_is_down_says_so(self, tmp_path: Path) -> None:
        cluster = FakeCluster(tmp_path, unreachable="It is down.")

        status = FakeTargetKind(cluster).open(TargetSpec("t", "T", "fake"), {}, tmp_path).check(1.0)

        assert (status.is_reachable, status.happened) == (False, "It is down.")
