"""A desk for the Help pane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pane_desk import PaneDesk, pane_desk


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    with pane_desk(tmp_path) as made:
        yield made
