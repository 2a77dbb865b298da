"""The first rows of the selected data frame below the list: opened, followed, closed; the tables are fakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter
from pytestqt.qtbot import QtBot

from ide.core.ports import Cancel
from ide.core.table import Done, Failed, TableError, TableSource
from ide.kernels.session import Session
from ide.panes.variables.pane import VariablesPane
from ide.panes.variables.preview import FramePreview
from ide.settings.declared import VARIABLES_PREVIEW, VARIABLES_PREVIEW_HEIGHT
from ide.settings.settings import Settings
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import PaneSession, variable
from tests.fakes.table_source import FakeTableSource
from tests.qt.variables.conftest import variables_pane


class Tables:
    """Opens fakes; what is `held` is answered by nobody."""

    def __init__(self) -> None:
        self.paths: list[tuple[str, ...]] = []
        self.sources: list[FakeTableSource] = []
        self.is_held = False
        self.is_refused = False
        self.given_up = 0

    def open(self, _session: Session, path: Sequence[str], done: Done[TableSource], failed: Failed) -> Cancel:
        self.paths.append(tuple(path))

        def give_up() -> None:
            self.given_up += 1

        if self.is_refused:
            failed(TableError("It is no table."))
        elif not self.is_held:
            self.sources.append(FakeTableSource({"a": [1, 2, 3], "b": ["x", "y", "z"]}))
            done(self.sources[-1])
        return give_up


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(tmp_path / "settings.toml")
    made.load()
    yield made
    made.close()


@pytest.fixture
def pane(desk: PaneDesk, tables: Tables, settings: Settings) -> Iterator[VariablesPane]:
    with variables_pane(desk, settings=settings, open_table=tables.open) as made:
        yield made


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> PaneSession:
    made = PaneSession()
    desk.active.choose(made.as_session)
    made.change(variable("df", "data"), variable("dg", "data"), variable("x"))
    return made


def test_the_selected_frame_is_previewed_and_closed_when_the_selection_moves(
    pane: VariablesPane, session: PaneSession, tables: Tables, qtbot: QtBot
) -> None:
    assert not pane.preview.isVisible()
    pane.view.select("df")
    qtbot.waitUntil(lambda: pane.preview.pager is not None)
    assert pane.preview.isVisible()
    assert pane.preview.title == "df"
    assert pane.preview.grid.data is pane.preview.pager
    session.change(changed=(variable("df", "data", preview="new"),))
    pane.view.select("dg")
    assert tables.sources[0].is_closed
    qtbot.waitUntil(lambda: len(tables.sources) == 2)
    assert tables.paths == [("df",), ("dg",)]
    pane.view.select("x")
    assert tables.sources[1].is_closed
    assert not pane.preview.isVisible()
    assert pane.preview.pager is None


def test_names_passed_by_are_not_opened(
    pane: VariablesPane, session: PaneSession, tables: Tables, qtbot: QtBot
) -> None:
    pane.view.select("df")
    pane.view.select("dg")
    qtbot.waitUntil(lambda: pane.preview.pager is not None)
    assert tables.paths == [("dg",)]
    tables.is_held = True
    pane.view.select("df")
    qtbot.waitUntil(lambda: len(tables.paths) == 2)
    pane.view.select("x")
    assert tables.given_up == 1


def test_a_busy_kernel_a_gone_table_and_a_refusal_are_said(
    pane: VariablesPane, session: PaneSession, tables: Tables, qtbot: QtBot
) -> None:
    pane.view.select("df")
    qtbot.waitUntil(lambda: pane.preview.pager is not None)
    session.is_answering = False
    session.set_state("busy")
    assert pane.preview.title == "df  busy: these are the last rows"
    session.is_answering = True
    session.set_state("idle")
    assert pane.preview.title == "df"
    tables.sources[0].changed.emit("gone")
    qtbot.waitUntil(lambda: pane.preview.title == "df  not there any more")
    tables.is_refused = True
    pane.view.select("dg")
    qtbot.waitUntil(lambda: pane.preview.title == "dg  It is no table.")


def test_nothing_stays_open_while_the_pane_is_hidden(
    pane: VariablesPane, session: PaneSession, tables: Tables, qtbot: QtBot
) -> None:
    pane.view.select("df")
    qtbot.waitUntil(lambda: pane.preview.pager is not None)
    pane.widget.hide()
    assert tables.sources[0].is_closed
    pane.widget.show()
    qtbot.waitUntil(lambda: len(tables.sources) == 2)
    assert pane.preview.isVisible()


def test_the_preview_has_the_height_that_it_was_given(
    pane: VariablesPane, session: PaneSession, settings: Settings, desk: PaneDesk, qtbot: QtBot
) -> None:
    pane.view.select("df")
    qtbot.waitUntil(lambda: pane.preview.height() == VARIABLES_PREVIEW_HEIGHT.default)
    split = pane.preview.parentWidget()
    assert isinstance(split, QSplitter)
    handle = split.handle(1)
    place = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(handle, place - QPoint(0, 70))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: settings.get(VARIABLES_PREVIEW_HEIGHT) == pane.preview.height())
    assert pane.preview.height() == VARIABLES_PREVIEW_HEIGHT.default + 70
    again = FramePreview(desk.theme, desk.icons, pane.preview._open_table, settings.get(VARIABLES_PREVIEW_HEIGHT))
    assert again.sizeHint().height() == pane.preview.height()
    again.deleteLater()


def test_the_preview_is_turned_off_and_that_is_remembered(
    pane: VariablesPane, session: PaneSession, tables: Tables, desk: PaneDesk, settings: Settings, qtbot: QtBot
) -> None:
    pane.view.select("df")
    qtbot.waitUntil(lambda: pane.preview.pager is not None)
    pane.preview._close.click()
    assert not pane.preview.isVisible()
    assert tables.sources[0].is_closed
    assert settings.get(VARIABLES_PREVIEW) is False
    assert not desk.commands.is_checked("variables.preview")
    desk.commands.run("variables.preview")
    qtbot.waitUntil(lambda: len(tables.sources) == 2)
    assert settings.get(VARIABLES_PREVIEW) is True
