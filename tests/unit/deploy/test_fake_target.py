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
