"""The pane for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.qt.editor.workplace import Workplace


@pytest.fixture
def work(qtbot: QtBot, tmp_path: Path) -> Iterator[Workplace]:
    """The editor pane in a fresh folder."""
    made = Workplace(qtbot, tmp_path)
    yield made
    made.close()
