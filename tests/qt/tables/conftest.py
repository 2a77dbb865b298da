"""A page over a table in memory, with the commands and keys of the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.table_source import FakeTableSource
from tests.fakes.tables_desk import PEOPLE, TablesDesk
from tests.fakes.window_parts import Parts


@pytest.fixture
def desk(parts: Parts, qtbot: QtBot, tmp_path: Path) -> Iterator[TablesDesk]:
    """The viewer without a table."""
    made = TablesDesk(parts, tmp_path)
    qtbot.addWidget(made.tabs.stack)
    yield made
    made.close()


@pytest.fixture
def show(desk: TablesDesk, qtbot: QtBot) -> Callable[..., FakeTableSource]:
    """Shows a table of these columns; its page is `desk.page`."""

    def open_one(columns: Any = PEOPLE, **more: Any) -> FakeTableSource:
        source = FakeTableSource(columns, **more)
        desk.open(source)
        qtbot.waitUntil(desk.page.grid.hasFocus)
        return source

    return open_one
