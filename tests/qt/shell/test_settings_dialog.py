from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from ide.settings.declared import (
    APPEARANCE_CODE_FONT_SIZE_PX,
    APPEARANCE_THEME,
    CONSOLE_FLOOD_LINES,
    DECLARED,
    EDITOR_LINE_NUMBERS,
    EDITOR_TAB_WIDTH,
    KEYS_KEYMAP,
    SECTIONS,
)
from ide.settings.settings import Settings
from ide.shell.settings_dialog import SettingRow, SettingsDialog
from tests.fakes.window_parts import Parts
from tests.qt import accessible


@pytest.fixture
def dialog(parts: Parts, qtbot: QtBot) -> Iterator[SettingsDialog]:
    made = SettingsDialog(parts.settings, parts.theme, parts.icons)
    made.show()
    qtbot.waitUntil(lambda: len(made.rows) == len(DECLARED))
    yield made
    made.close()
    made.deleteLater()


def row(dialog: SettingsDialog, id: str) -> SettingRow:
    return dialog.rows[id]


def test_every_declared_setting_has_a_row_in_its_section(dialog: SettingsDialog) -> None:
    dialog.advanced.setChecked(True)
    shown: list[str] = []
    for index in range(len(SECTIONS)):
        dialog.sections.setCurrentRow(index)
        shown += dialog.shown()
    assert sorted(shown) == sorted(setting.id for setting in DECLARED)


def test_rows_come_a_section_at_a_time(parts: Parts, qtbot: QtBot) -> None:
    made = SettingsDialog(parts.settings, parts.theme, parts.icons)
    assert 0 < len(made.rows) < len(DECLARED) / 2
    made.close()
    made.deleteLater()


def test_advanced_settings_wait_until_they_are_asked_for(dialog: SettingsDialog) -> None:
    dialog.sections.setCurrentRow(list(SECTIONS).index("console"))
    assert CONSOLE_FLOOD_LINES.id not in dialog.shown()
    dialog.advanced.setChecked(True)
    assert CONSOLE_FLOOD_LINES.id in dialog.shown()


@pytest.mark.parametrize(
    ("typed", "id"),
    [("tab wid", "editor.tab_width"), ("rstudio", "keys.keymap"), ("flood_lines", "console.flood_lines")],
)
def test_search_looks_everywhere(dialog: SettingsDialog, qtbot: QtBot, typed: str, id: str) -> None:
    QTest.keyClicks(dialog.box, typed)
    assert id in dialog.shown()
    assert len(dialog.shown()) < 4
    assert dialog.rows[id].isVisible()


def test_search_without_a_find_says_so(dialog: SettingsDialog) -> None:
    dialog.search("zzz")
    assert dialog.shown() == ()
    assert dialog._nothing.isVisible()


def test_change_holds_at_once_is_marked_and_can_be_taken_back(
    dialog: SettingsDialog, parts: Parts, qtbot: QtBot
) -> None:
    size = row(dialog, APPEARANCE_CODE_FONT_SIZE_PX.id)
    assert size.mark.text() == ""
    assert size.reset.isHidden()
    box = size.editor.control
    assert isinstance(box, QSpinBox)
    box.setValue(18)
    assert parts.settings.get(APPEARANCE_CODE_FONT_SIZE_PX) == 18
    assert size.mark.text() == "Changed"
    assert "13" in size.reset.toolTip()
    QTest.mouseClick(size.reset, Qt.MouseButton.LeftButton)
    assert parts.settings.get(APPEARANCE_CODE_FONT_SIZE_PX) == 13
    assert box.value() == 13
    assert size.mark.text() == ""


def test_list_and_tick_change_their_settings(dialog: SettingsDialog, parts: Parts) -> None:
    theme = row(dialog, APPEARANCE_THEME.id).editor.control
    assert isinstance(theme, QComboBox)
    theme.setCurrentIndex(theme.findData("dark"))
    theme.activated.emit(theme.currentIndex())
    assert parts.settings.get(APPEARANCE_THEME) == "dark"
    numbers = row(dialog, EDITOR_LINE_NUMBERS.id).editor.control
    assert isinstance(numbers, QCheckBox)
    numbers.click()
    assert parts.settings.get(EDITOR_LINE_NUMBERS) is False


def test_change_from_elsewhere_is_shown_and_not_announced_again(dialog: SettingsDialog, parts: Parts) -> None:
    announced: list[object] = []
    keymap = row(dialog, KEYS_KEYMAP.id)
    keymap.editor.chosen.connect(announced.append)
    parts.settings.set(KEYS_KEYMAP, "rstudio")
    assert isinstance(keymap.editor.control, QComboBox)
    assert keymap.editor.control.currentData() == "rstudio"
    assert announced == []


def test_refused_value_is_told_below_and_changes_nothing(dialog: SettingsDialog, parts: Parts) -> None:
    width = row(dialog, EDITOR_TAB_WIDTH.id)
    dialog.show_setting(EDITOR_TAB_WIDTH.id)
    width.editor.chosen.emit(99)
    assert width.problem.isVisible()
    assert "16" in width.problem.text()
    assert parts.settings.get(EDITOR_TAB_WIDTH) == 4
    width.editor.chosen.emit(2)
    assert not width.problem.isVisible()


def test_wheel_over_a_number_without_the_keyboard_changes_nothing(dialog: SettingsDialog, parts: Parts) -> None:
    dialog.show_setting(EDITOR_TAB_WIDTH.id)
    dialog.box.setFocus()
    box = row(dialog, EDITOR_TAB_WIDTH.id).editor.control
    place = QPointF(box.rect().center())
    event = QWheelEvent(
        place, box.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert parts.settings.get(EDITOR_TAB_WIDTH) == 4


def test_who_set_it_is_said(parts: Parts, qtbot: QtBot) -> None:
    project = parts.folder / "project"
    (project / ".fourpane").mkdir(parents=True)
    (project / ".fourpane/settings.toml").write_text("[editor]\ntab_width = 2\n")
    parts.settings.use_project(project)
    made = SettingsDialog(parts.settings, parts.theme, parts.icons)
    made.show_setting(EDITOR_TAB_WIDTH.id)
    assert row(made, EDITOR_TAB_WIDTH.id).mark.text() == "Set by the project"
    assert row(made, EDITOR_TAB_WIDTH.id).reset.isHidden()
    made.close()
    made.deleteLater()


def test_names_that_are_no_settings_are_told(parts: Parts, qtbot: QtBot) -> None:
    (parts.folder / "other.toml").write_text("[editor]\nfontsize = 3\n")
    settings = Settings(parts.folder / "other.toml")
    settings.load()
    made = SettingsDialog(settings, parts.theme, parts.icons)
    made.show()
    assert "editor.fontsize" in made._unknown.text()
    made.close()
    made.deleteLater()


def test_every_control_has_a_name(dialog: SettingsDialog) -> None:
    dialog.advanced.setChecked(True)
    for index in range(len(SECTIONS)):
        dialog.sections.setCurrentRow(index)
        assert accessible.unnamed(dialog) == []


def test_zoom_reaches_the_open_dialog(dialog: SettingsDialog, parts: Parts) -> None:
    before = row(dialog, EDITOR_TAB_WIDTH.id).title.font().pixelSize()
    parts.theme.set_zoom(2.0)
    assert row(dialog, EDITOR_TAB_WIDTH.id).title.font().pixelSize() == 2 * before
