"""Tabs of documents and sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide.widgets.tabs import Tab, TabStrip
from tests.fakes.window_parts import Parts
from tests.qt.accessible import interface, role

TABS = (
    Tab("a", "analysis.py", "Py", "badge_python", tooltip="/p/analysis.py", is_unsaved=True),
    Tab("b", "report & more.R", "R", "badge_r"),
    Tab("c", "notes.txt"),
)


@pytest.fixture
def strip(parts: Parts, qtbot: QtBot) -> Iterator[TabStrip]:
    made = TabStrip(parts.theme, parts.icons, "Documents")
    made.set_tabs(TABS)
    made.resize(600, made.sizeHint().height())
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


def test_tabs_are_page_tabs_with_their_state_in_the_name(strip: TabStrip) -> None:
    assert role(strip) == QAccessible.Role.PageTabList
    tab = interface(strip).child(0)
    assert tab.role() == QAccessible.Role.PageTab
    assert tab.text(QAccessible.Text.Name) == "analysis.py, unsaved"


def test_set_tabs_keeps_the_current_one(strip: TabStrip, qtbot: QtBot) -> None:
    strip.select("b")
    strip.set_tabs((TABS[2], TABS[1]))
    assert strip.current == "b"
    with qtbot.waitSignal(strip.selected) as heard:
        strip.set_tabs((TABS[2],))
    assert heard.args == ["c"]


def test_close_mark_and_middle_button_ask(strip: TabStrip, qtbot: QtBot) -> None:
    asked: list[str] = []
    strip.close_asked.connect(asked.append)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._close_rect(1).center())
    QTest.mouseClick(strip, Qt.MouseButton.MiddleButton, pos=strip.tabRect(2).center())
    assert asked == ["b", "c"]
    assert strip.current == "a"
    assert len(strip.tabs) == 3


def test_keyboard_chooses_closes_and_moves(strip: TabStrip, qtbot: QtBot) -> None:
    asked: list[str] = []
    orders: list[list[str]] = []
    strip.close_asked.connect(asked.append)
    strip.reordered.connect(orders.append)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert strip.current == "b"
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert asked == ["b"]
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(strip, Qt.Key.Key_PageDown, both)
    assert orders == [["a", "c", "b"]]
    assert strip.current == "b"


def test_tab_that_is_not_closable_asks_nothing(strip: TabStrip, qtbot: QtBot) -> None:
    strip.set_tabs((Tab("a", "Plots", is_closable=False),))
    with qtbot.assertNotEmitted(strip.close_asked):
        QTest.mouseClick(strip, Qt.MouseButton.MiddleButton, pos=strip.tabRect(0).center())
        QTest.keyClick(strip, Qt.Key.Key_Delete)


def test_spinner_turns_only_while_something_runs_and_motion_is_wanted(strip: TabStrip, parts: Parts) -> None:
    assert not strip._spin.isActive()
    strip.update_tab("b", is_running=True)
    assert strip._spin.isActive()
    parts.theme.set_motion("reduced")
    assert not strip._spin.isActive()
    parts.theme.set_motion("full")
    strip.update_tab("b", is_running=False)
    assert not strip._spin.isActive()


def test_update_of_an_unknown_tab_is_ignored(strip: TabStrip) -> None:
    strip.update_tab("gone", text="x")
    assert [tab.text for tab in strip.tabs] == [tab.text for tab in TABS]


def test_text_with_an_ampersand_is_no_mnemonic(strip: TabStrip) -> None:
    assert strip.tabText(1) == "report && more.R"


def test_zoom_makes_tabs_larger(strip: TabStrip, parts: Parts) -> None:
    before = strip.tabRect(0).size()
    parts.theme.set_zoom(2.0)
    after = strip.tabRect(0).size()
    assert after.height() == 2 * before.height()
    assert after.width() > 1.7 * before.width()


def test_menu_is_asked_for_the_tab_under_the_mouse(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.menu_asked) as heard:
        strip.customContextMenuRequested.emit(strip.tabRect(1).center())
    assert heard.args is not None
    assert heard.args[0] == "b"
    with qtbot.assertNotEmitted(strip.menu_asked):
        strip.customContextMenuRequested.emit(QPoint(590, 5))


def test_one_more_of_many_tabs_sets_one_text(strip: TabStrip, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(Tab(str(number), f"script {number}.py") for number in range(50))
    strip.set_tabs(many[:49])
    named: list[int] = []
    monkeypatch.setattr(strip, "setTabText", lambda index, _text: named.append(index))
    strip.set_tabs(many)
    assert named == [49], "each text that is set lays out all tabs"


def bar_px(strip: TabStrip, parts: Parts, index: int) -> int:
    """Pixels of the accent in the lowest row of a tab."""
    image = strip.grab().toImage()
    ratio = image.devicePixelRatio()
    rect, accent = strip.tabRect(index), parts.theme.color("accent").rgb()
    row = round(rect.bottom() * ratio)
    columns = range(round(rect.left() * ratio), round(rect.right() * ratio))
    return sum(image.pixelColor(column, row).rgb() == accent for column in columns)


def test_progress_is_a_bar_below_its_tab(strip: TabStrip, parts: Parts) -> None:
    assert bar_px(strip, parts, 1) == 0
    strip.update_tab("b", share=1.0)
    whole = bar_px(strip, parts, 1)
    strip.update_tab("b", share=0.5)
    assert abs(bar_px(strip, parts, 1) - whole / 2) <= 1
    assert bar_px(strip, parts, 0) == 0
    strip.update_tab("b", share=None)
    assert bar_px(strip, parts, 1) == 0
