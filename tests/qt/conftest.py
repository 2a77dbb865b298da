"""Fixtures for tests of widgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.window_parts import Parts


@pytest.fixture
def parts(qapp: object, tmp_path: Path) -> Iterator[Parts]:
    """Real theme, icons, commands and settings in a fresh folder."""
    made = Parts(tmp_path)
    yield made
    made.close()
