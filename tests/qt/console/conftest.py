"""The console pane over fake sessions, taken down after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.console import ConsoleRig
from tests.fakes.session import FakeSession


@pytest.fixture
def empty_rig(qtbot: QtBot, tmp_path: Path) -> Iterator[ConsoleRig]:
    """The pane without a session."""
    rig = ConsoleRig(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def rig(empty_rig: ConsoleRig) -> ConsoleRig:
    """The pane with one idle Python session, at its prompt."""
    empty_rig.kernels.add(FakeSession())
    empty_rig.show()
    empty_rig.wait(lambda: empty_rig.view.has_prompt)
    empty_rig.settle()
    empty_rig.pane.focus()
    return empty_rig


@pytest.fixture
def session(rig: ConsoleRig) -> FakeSession:
    """Its session."""
    found: FakeSession = rig.kernels.sessions[0]
    return found
