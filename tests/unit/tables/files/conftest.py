"""Desks that open files: one whose process all tests share, as starting it takes a while, and one for a test alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.tables.files.options import Limits
from tests.unit.tables.files.kit import Desk


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Started here, before any test looks at what it leaves behind."""
    desk = started(tmp_path_factory, Limits())
    yield desk
    desk.close()


def started(folders: pytest.TempPathFactory, limits: Limits) -> Desk:
    """A desk whose process runs."""
    first = folders.mktemp("first") / "first.csv"
    first.write_text("a\n1\n")
    desk = Desk(folders.mktemp("reader"), limits)
    desk.open(first).close()
    return desk


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The shared one; what the test opened is closed after it."""
    run = shared_desk.files.process.run
    yield shared_desk
    shared_desk.close_sources()
    assert shared_desk.files.process.run == run, "the reader ended during this test: use `own_desk`"


@pytest.fixture(scope="session")
def small_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For which a table of ten thousand rows is a large one already, and whose profiles use the disk."""
    desk = started(tmp_path_factory, Limits(ordered_at_once=10_000, values_bytes=400_000))
    yield desk
    desk.close()


@pytest.fixture
def own_desk(tmp_path: Path) -> Iterator[Desk]:
    """With a process of its own, for tests that end it."""
    folder = tmp_path / "reader"
    folder.mkdir()
    desk = Desk(folder)
    yield desk
    desk.close()
