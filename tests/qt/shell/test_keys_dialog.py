from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide._paths import resources_dir
from ide.commands import KeyMaps, key_text
from ide.settings.declared import KEYS_KEYMAP
from ide.settings.toml_store import TomlStore
from ide.shell.keys_dialog import KeysDialog
from tests.fakes.window_parts import Parts
from tests.qt import accessible

PORTABLE = QKeySequence.SequenceFormat.PortableText


@pytest.fixture
def dialog(parts: Parts, qtbot: QtBot) -> Iterator[KeysDialog]:
    parts.keymaps = KeyMaps(
        resources_dir() / "keymaps", TomlStore(parts.folder / "keys.toml"), current="default", system="linux"
    )
    parts.keymaps.load()
    made = KeysDialog(parts.commands, parts.keymaps, parts.settings, parts.theme, parts.icons)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def titles(dialog: KeysDialog) -> list[str]:
    return [row.title for row in dialog.model.rows]


def capture(dialog: KeysDialog, key: str) -> None:
    dialog.capture.setKeySequence(QKeySequence(key))


@pytest.mark.parametrize("name", ["default", "rstudio", "spyder", "jupyter"])
@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_qt_spells_every_shipped_key_as_we_do(name: str, system: str, qapp: object) -> None:
    maps = KeyMaps(resources_dir() / "keymaps", current=name, system=system)
    maps.load()
    for binding in maps.bindings():
        sequence = QKeySequence(binding.key, PORTABLE)
        assert sequence.toString(PORTABLE) == binding.key == key_text.normal(binding.key)
        assert sequence.count() == len(key_text.strokes(binding.key))


@pytest.mark.parametrize(
    ("typed", "title"),
    [("sav", "Save"), ("Ctrl+S", "Save"), ("ctrl+shift+s", ""), ("f5", "Run file"), ("plots", "Next plot")],
)
def test_search_finds_by_name_key_and_place(dialog: KeysDialog, qtbot: QtBot, typed: str, title: str) -> None:
    QTest.keyClicks(dialog.box, typed)
    assert titles(dialog)[:1] == ([title] if title else [])


def test_pressing_a_key_searches_for_it(dialog: KeysDialog, qtbot: QtBot) -> None:
    dialog.by_key.setChecked(True)
    QTest.keyClick(dialog.box, Qt.Key.Key_Right)
    assert dialog.box.text() == "Right"
    assert titles(dialog) == ["Next plot"]
    QTest.keyClick(dialog.box, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert titles(dialog) == ["Save"]


def test_new_key_holds_at_once_and_is_written(dialog: KeysDialog, parts: Parts, qtbot: QtBot) -> None:
    dialog.select("file.save")
    capture(dialog, "F7")
    assert dialog.add.isVisible()
    QTest.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    assert parts.keymaps.keys("file.save") == ("Ctrl+S", "F7")
    assert tomllib.loads((parts.folder / "keys.toml").read_text())["window"]["file.save"] == ["Ctrl+S", "F7"]
    current = dialog.current()
    assert current is not None
    assert (current.command, current.is_changed) == ("file.save", True)
    QTest.mouseClick(dialog.reset, Qt.MouseButton.LeftButton)
    assert parts.keymaps.keys("file.save") == ("Ctrl+S",)


def test_key_in_use_is_told_before_it_is_taken(dialog: KeysDialog, parts: Parts, qtbot: QtBot) -> None:
    dialog.select("file.open")
    capture(dialog, "Ctrl+S")
    assert dialog.others() == ("file.save",)
    assert "“Save”" in dialog._told.text()
    assert not dialog.add.isVisible()
    QTest.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert parts.keymaps.keys("file.open") == ("Ctrl+O", "Ctrl+S")
    assert parts.keymaps.keys("file.save") == ()
    assert parts.keymaps.conflicts() == ()


def test_conflicts_of_the_users_file_are_shown(dialog: KeysDialog, parts: Parts) -> None:
    assert not dialog.conflicts.isVisible()
    parts.keymaps.set_keys("file.open", ("Ctrl+S",))
    assert dialog.conflicts.text() == "Show conflicts (2)"
    dialog.conflicts.setChecked(True)
    assert titles(dialog) == ["Open a file", "Save"]
    row = dialog.model.rows[0]
    assert row.clashes == ("Save",)
    said = dialog.model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "also the key of Save" in said


def test_keys_can_be_removed(dialog: KeysDialog, parts: Parts, qtbot: QtBot) -> None:
    dialog.select("file.save")
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert parts.keymaps.keys("file.save") == ()
    assert not dialog.remove.isEnabled()


def test_another_key_map_is_chosen_and_kept(dialog: KeysDialog, parts: Parts) -> None:
    at = dialog.maps.findData("rstudio")
    dialog.maps.setCurrentIndex(at)
    dialog.maps.activated.emit(at)
    assert parts.settings.get(KEYS_KEYMAP) == "rstudio"
    assert "Ctrl+Shift+S" in parts.keymaps.keys("run.file")
    assert dialog.maps.currentData() == "rstudio"


def test_command_with_keys_in_two_places_has_two_rows(dialog: KeysDialog) -> None:
    dialog.box.setText("Stop")
    assert [row.where for row in dialog.model.rows] == ["Console", "Everywhere"]


def test_every_control_has_a_name(dialog: KeysDialog) -> None:
    assert accessible.unnamed(dialog) == []
