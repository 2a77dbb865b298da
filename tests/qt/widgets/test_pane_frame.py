"""The frame of a pane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTextEdit
from pytestqt.qtbot import QtBot

from ide.widgets.pane_frame import PaneFrame
from ide.widgets.tabs import Tab, TabStrip
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed

IDS = ("file.open", "file.save", "run.file", "variables.copy_name", "edit.go_to_line")


@pytest.fixture
def frame(parts: Parts, qtbot: QtBot) -> Iterator[PaneFrame]:
    made = PaneFrame("Variables", parts.theme, parts.icons)
    made.header.set_filter("Filter", "Filter variables")
    made.header.set_actions([parts.actions.action(command) for command in IDS], [parts.actions.action("plot.next")])
    body = QTextEdit()
    body.setAccessibleName("Names")
    made.set_body(body)
    made.resize(500, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


def _behind(frame: PaneFrame) -> list[str]:
    menu = frame.header.more_button.menu()
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_header_shows_four_buttons_at_most_and_the_rest_behind_more(frame: PaneFrame) -> None:
    assert [not button.isHidden() for button in frame.header.buttons] == [True] * 4
    assert frame.header.more_button.isVisible()
    assert _behind(frame) == ["Go to line", "Next plot"]


def test_header_of_a_narrow_pane_loses_no_action(frame: PaneFrame) -> None:
    frame.resize(190, 300)
    hidden = [button for button in frame.header.buttons if button.isHidden()]
    assert hidden
    texts = [button.defaultAction().text() for button in hidden]
    assert _behind(frame) == [*texts, "Go to line", "Next plot"]
    for button in frame.header.buttons:
        assert button.isHidden() or button.geometry().right() <= frame.header.width()
    frame.resize(500, 300)
    assert not any(button.isHidden() for button in frame.header.buttons)


def test_every_focusable_part_is_named(frame: PaneFrame) -> None:
    assert unnamed(frame) == []


def test_button_runs_its_command(frame: PaneFrame, parts: Parts) -> None:
    frame.header.buttons[1].click()
    assert parts.ran == [("file.save", {})]


def test_filter_tells_what_is_typed(frame: PaneFrame, qtbot: QtBot) -> None:
    heard: list[str] = []
    frame.header.filter_changed.connect(heard.append)
    box = frame.header.filter_box
    assert box is not None
    QTest.keyClicks(box, "ab")
    assert heard == ["a", "ab"]


def test_set_body_replaces_and_keeps_the_keyboard(frame: PaneFrame, qtbot: QtBot) -> None:
    frame.activateWindow()
    frame.setFocus()
    qtbot.waitUntil(lambda: frame.body is not None and frame.body.hasFocus())
    other = QTextEdit()
    frame.set_body(other)
    assert frame.body is other
    assert other.hasFocus()


def test_tabs_take_the_title_s_place_and_leave_room_for_buttons(frame: PaneFrame, parts: Parts, qtbot: QtBot) -> None:
    strip = TabStrip(parts.theme, parts.icons, "Documents")
    strip.set_tabs(tuple(Tab(str(n), f"a long name of file {n}.py") for n in range(20)))
    frame.header.set_tabs(strip)
    qtbot.waitUntil(strip.isVisible)
    assert not frame.header.findChildren(QLabel)[0].isVisible()
    assert strip.geometry().right() < frame.header.buttons[0].geometry().left() or frame.header.buttons[0].isHidden()


def test_double_click_on_the_empty_part_is_told(frame: PaneFrame, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, Qt

    with qtbot.waitSignal(frame.header.double_clicked):
        QTest.mouseDClick(frame.header, Qt.MouseButton.LeftButton, pos=QPoint(120, 10))
