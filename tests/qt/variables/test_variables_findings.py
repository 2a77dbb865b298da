"""Badges on what runs did to frames, and all of it in a popup; the test plays the agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide.app.variables import FrameWatching
from ide.commands.command import Command
from ide.core.variables import Names
from ide.kernels.contract import FrameFinding
from ide.kernels.kernels import Kernels
from ide.panes.variables.findings import Findings, Sessions
from ide.panes.variables.findings_popup import FindingsPopup
from ide.panes.variables.pane import VariablesPane
from ide.panes.variables.rows import VALUE
from ide.settings.declared import VARIABLES_WATCH_FRAMES
from ide.settings.settings import PROJECT_FILE, Settings
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import FakeKernels, PaneSession, variable
from tests.qt.variables.conftest import variables_pane

GREW = {"kind": "rows_grew", "sentence": "df has 12 rows more than left had.", "short": "+12 rows after merge"}
KEYS = {
    "kind": "keys_repeated",
    "sentence": "The key id is there more than once on the right.",
    "short": "keys repeated",
    "severity": "warning",
    "code": "right[right.id.duplicated()]",
    "path": ["right"],
}


@pytest.fixture
def script() -> list[str]:
    return []


@pytest.fixture
def pane(desk: PaneDesk, script: list[str]) -> Iterator[VariablesPane]:
    def insert(code: str) -> bool:
        script.append(code)
        return True

    with variables_pane(desk, insert_code=insert) as made:
        yield made


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> PaneSession:
    made = PaneSession()
    desk.active.choose(made.as_session)
    made.change(variable("df", "data", "DataFrame", "a, b", (3, 2)), variable("dg", "data", "DataFrame", "c", (3, 1)))
    return made


def note(session: PaneSession, name: str, *findings: dict[str, Any]) -> None:
    session.agent_event.emit("frames.noted", {"frames": [{"name": name, "findings": list(findings)}]})


def badge(pane: VariablesPane, name: str) -> int:
    return pane.view._painter.badge_width(name, 1000)


def test_a_badge_comes_and_is_taken_back(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    before = pane.view.grab().toImage()
    note(session, "df", GREW, KEYS)
    assert badge(pane, "df") > 0
    assert badge(pane, "dg") == 0
    assert pane.view.grab().toImage() != before
    index = pane.view.rows.index_of("df")
    assert str(KEYS["sentence"]) in str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert str(GREW["sentence"]) in str(index.siblingAtColumn(VALUE).data(Qt.ItemDataRole.ToolTipRole))
    note(session, "df")
    assert badge(pane, "df") == 0
    note(session, "df", GREW)
    session.change(removed=("df",))
    session.change(variable("df", "data", "DataFrame", "a", (1, 1)))
    assert badge(pane, "df") == 0
    session.agent_event.emit("frames.noted", {"frames": [{"name": 5}]})
    session.agent_event.emit("table.changed", {"frames": []})


def test_findings_belong_to_their_session(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    note(session, "df", GREW)
    other = PaneSession()
    desk.active.choose(other.as_session)
    other.change(variable("df", "data"))
    assert badge(pane, "df") == 0
    desk.active.choose(session.as_session)
    assert badge(pane, "df") > 0


def test_findings_of_sessions_in_the_background_are_kept(desk: PaneDesk) -> None:
    kernels = FakeKernels()
    first, second = kernels.add(PaneSession()), PaneSession()
    told: list[frozenset[str]] = []
    findings = Findings(told.append, cast(Sessions, kernels))
    kernels.add(second)
    findings.use(first.as_session)
    for name in ("df", "dg", "dh"):
        second.change(variable(name, "data"))
        note(second, name, GREW)
    note(first, "df", KEYS)
    assert told == [{"df"}]
    assert [one.kind for one in findings.of("df")] == ["keys_repeated"]
    second.change(removed=("dg",))
    findings.use(second.as_session)
    assert [one.kind for one in findings.of("df")] == ["rows_grew"]
    assert not findings.of("dg")
    second.names = Names()
    second.change(variable("df", "data"), is_full=True)  # its kernel was started anew
    assert findings.of("df")
    assert not findings.of("dh")
    findings.clear()
    assert told[1:] == [{"df"}]
    findings.use(first.as_session)
    assert not findings.of("df")
    kernels.remove(second)
    findings.use(None)
    findings.close()
    assert len(second.agent_event) == len(first.names_changed) == 0


def test_a_click_on_the_badge_shows_all_findings(
    pane: VariablesPane, session: PaneSession, desk: PaneDesk, script: list[str], qtbot: QtBot
) -> None:
    opened: list[tuple[object, FrameFinding]] = []
    desk.commands.add(Command("table.open", "Open as table"), lambda path, finding: opened.append((path, finding)))
    assert not desk.commands.is_enabled("variables.show_findings")
    note(session, "df", GREW, KEYS)
    rect = pane.view.visualRect(pane.view.rows.index_of("df").siblingAtColumn(VALUE))

    def press() -> FindingsPopup:
        QTest.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.topLeft() + QPoint(14, 10))
        found = [one for one in pane.view.findChildren(FindingsPopup) if one.isVisible()]
        assert len(found) == 1
        return found[0]

    popup = press()
    assert [button.text() for button in popup.buttons] == ["Show me", "Copy code", "Put into script"]
    popup.buttons[0].click()
    assert opened == [(("right",), FrameFinding.from_json(KEYS))]
    press().buttons[1].click()
    assert QGuiApplication.clipboard().text() == KEYS["code"]
    press().buttons[2].click()
    assert script == [KEYS["code"]]
    popup = press()
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not [one for one in pane.view.findChildren(FindingsPopup) if one.isVisible()])
    assert desk.errors == []


def test_a_frame_is_audited_from_its_row(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    opened: list[tuple[object, bool]] = []
    desk.commands.add(
        Command("table.open", "Open as table"), lambda path, is_audited: opened.append((path, is_audited))
    )
    session.change(variable("n"))
    pane.view.select("n")
    assert not desk.commands.is_enabled("variables.audit")
    assert "variables.audit" not in pane._menu_ids()[0]
    pane.view.select("df")
    assert "variables.audit" in pane._menu_ids()[0]
    desk.commands.run("variables.audit")
    assert opened == [(("df",), True)]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(tmp_path / "settings.toml")
    made.load()
    yield made
    made.close()


def test_the_comparison_can_be_switched_off(
    desk: PaneDesk, settings: Settings, session_list: FakeKernels, tmp_path: Path
) -> None:
    pane = VariablesPane(
        desk.commands, desk.actions, desk.active, desk.theme, desk.icons, lambda _language: "", lambda _code: None,
        settings=settings, sessions=cast(Sessions, session_list),
    )  # fmt: skip
    desk.show(pane.widget)
    watching = FrameWatching(cast(Kernels, session_list), settings)
    session, other = session_list.add(PaneSession()), session_list.add(PaneSession())
    desk.active.choose(session.as_session)
    session.change(variable("df", "data"))
    note(session, "df", GREW)
    assert badge(pane, "df") > 0
    assert watched(session) == []  # a new agent compares by itself
    desk.commands.run("variables.watch_frames")
    assert watched(session) == watched(other) == [False]
    assert badge(pane, "df") == 0
    assert settings.get(VARIABLES_WATCH_FRAMES) is False
    assert desk.context.get("variables.watches_frames") is False
    kept = PaneSession()
    kept.has_agent = False
    session_list.add(kept)
    assert watched(kept) == []
    kept.has_agent = True
    kept.state_changed.emit()
    kept.state_changed.emit()
    assert watched(kept) == [False]
    kept.has_agent = False
    kept.state_changed.emit()  # started anew
    kept.has_agent = True
    kept.state_changed.emit()
    assert watched(kept) == [False, False]
    desk.commands.run("variables.watch_frames")
    assert watched(kept) == [False, False, True]
    (tmp_path / ".fourpane").mkdir()
    (tmp_path / PROJECT_FILE).write_text("[variables]\nwatch_frames = false\n", encoding="utf-8")
    settings.use_project(tmp_path)
    assert watched(session) == [False, True, False]
    desk.commands.run("variables.watch_frames")  # against the project, as long as the window is open
    assert watched(session)[-1] is True
    assert settings.origin(VARIABLES_WATCH_FRAMES) == "session"
    attached = PaneSession()
    attached.is_attached = True
    assert watched(session_list.add(attached)) == [True]  # an earlier window may have switched it off
    session_list.remove(attached)
    watching.close()
    pane.close()
    settings.reset(VARIABLES_WATCH_FRAMES)
    assert watched(session)[-1] is True
    assert desk.errors == []


@pytest.fixture
def session_list() -> FakeKernels:
    return FakeKernels()


def watched(session: PaneSession) -> list[bool]:
    """What the session was told."""
    calls = [arguments for name, arguments in session.asked if name == "ask" and arguments[0] == "frames.watch"]
    return [cast(dict[str, bool], arguments[1])["is_on"] for arguments in calls]
