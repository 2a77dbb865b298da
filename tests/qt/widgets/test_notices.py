"""Notices: bars and the quiet list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ide.widgets.notices import Notice, NoticeArea, NoticeBar, NoticeList
from tests.fakes.window_parts import Parts
from tests.qt.accessible import name, unnamed

ERROR = Notice(
    "The file could not be saved.\nThe disk is full.\nMake room, then save again.",
    "error",
    action="file.save",
    action_title="Save again",
    details="OSError: ENOSPC",
    key="save",
)


@pytest.fixture
def area(parts: Parts, qtbot: QtBot) -> Iterator[NoticeArea]:
    window = QWidget()
    column = QVBoxLayout(window)
    made = NoticeArea(parts.theme, parts.icons)
    column.addWidget(QLineEdit())
    column.addWidget(made)
    window.resize(700, 300)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    yield made
    window.close()
    window.deleteLater()


def test_bar_has_icon_word_action_and_close_all_named(area: NoticeArea) -> None:
    bar = area.show_notice(ERROR)
    assert unnamed(bar) == []
    assert name(bar).startswith("Error: The file could not be saved.")
    words = [label.text() for label in bar.findChildren(QLabel)]
    assert "Error" in words
    assert [button.text() for button in bar.buttons] == ["Save again", "Copy details"]


def test_bar_never_takes_the_keyboard(area: NoticeArea, qtbot: QtBot) -> None:
    box = area.window().findChildren(QLineEdit)[0]
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    area.show_notice(ERROR)
    area.show_notice(Notice("Another."))
    assert box.hasFocus()


def test_action_is_told_and_closes_the_bar(area: NoticeArea, qtbot: QtBot) -> None:
    bar = area.show_notice(ERROR)
    with qtbot.waitSignal(area.acted) as heard:
        bar.buttons[0].click()
    assert heard.args == [ERROR]
    assert area.bars == ()
    assert not area.isVisible()


def test_details_are_copied_with_the_text(area: NoticeArea) -> None:
    area.show_notice(ERROR).buttons[1].click()
    assert QGuiApplication.clipboard().text() == f"{ERROR.text}\n\nOSError: ENOSPC"


def test_same_key_takes_the_place_and_more_than_three_push_out_the_oldest(area: NoticeArea) -> None:
    area.show_notice(ERROR)
    area.show_notice(ERROR)
    assert len(area.bars) == 1
    for number in range(5):
        area.show_notice(Notice(f"Note {number}"))
    assert [bar.notice.text for bar in area.bars] == ["Note 2", "Note 3", "Note 4"]


def test_escape_closes_the_bar_with_the_keyboard(area: NoticeArea, qtbot: QtBot) -> None:
    bar = area.show_notice(ERROR)
    QTest.keyClick(bar.buttons[0], Qt.Key.Key_Escape)
    assert area.bars == ()


def test_dismiss_by_key_closes_what_is_over(area: NoticeArea) -> None:
    area.show_notice(ERROR)
    area.show_notice(Notice("stays"))
    area.dismiss("save")
    assert [bar.notice.text for bar in area.bars] == ["stays"]


def test_bar_is_as_high_as_its_text_at_any_width(area: NoticeArea, qtbot: QtBot) -> None:
    bar = area.show_notice(Notice("word " * 60))
    qtbot.waitUntil(lambda: bar.height() < 120)
    narrow_from = bar.height()
    area.window().resize(360, 300)
    qtbot.waitUntil(lambda: bar.height() > narrow_from)


def test_list_shows_the_newest_first_and_acts(parts: Parts, qtbot: QtBot) -> None:
    notices = NoticeList(parts.theme, parts.icons)
    qtbot.addWidget(notices)
    notices.open_above([Notice("first"), ERROR], QPoint(800, 700))
    bars = notices.findChildren(NoticeBar)
    assert [bar.notice.text.split(".")[0] for bar in bars] == ["The file could not be saved", "first"]
    assert unnamed(notices) == []
    with qtbot.waitSignal(notices.acted) as heard:
        bars[0].buttons[0].click()
    assert heard.args == [ERROR]
    assert not notices.isVisible()


def test_list_closes_on_escape(parts: Parts, qtbot: QtBot) -> None:
    notices = NoticeList(parts.theme, parts.icons)
    qtbot.addWidget(notices)
    notices.open_above([], QPoint(800, 700))
    QTest.keyClick(notices, Qt.Key.Key_Escape)
    assert not notices.isVisible()


def test_second_button_is_told_apart_from_the_first(area: NoticeArea) -> None:
    told: list[str] = []
    area.acted.connect(lambda notice: told.append(notice.action))
    for button in (0, 1):
        bar = area.show_notice(
            Notice("A page?", action="open", action_title="Open", other_action="never", other_title="Never")
        )
        bar.buttons[button].click()

    assert told == ["open", "never"]
