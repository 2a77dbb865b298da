from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ide.commands import Command
from ide.shell.palette import Palette
from tests.fakes.window_parts import Parts
from tests.qt import accessible


class Desk:
    """A palette over an empty window, with a project of two files."""

    def __init__(self, parts: Parts, qtbot: QtBot) -> None:
        self.parts = parts
        self.qtbot = qtbot
        self.project = parts.folder / "project"
        (self.project / "data").mkdir(parents=True)
        for name in ("analysis.py", "data/penguins.csv"):
            (self.project / name).write_text("")
        self.window = QMainWindow()
        self.window.resize(900, 600)
        self.window.show()
        self.files: list[Path] = []
        self.lines: list[int] = []
        self.palette = Palette(
            parts.commands, parts.keymaps, parts.theme, parts.icons, parts.tasks.run, lambda: self.project, self.window
        )
        self.palette.file_chosen.connect(self.files.append)
        self.palette.line_chosen.connect(self.lines.append)

    def type(self, text: str) -> list[str]:
        """Open, wait for what comes from the pool, type; returns the titles listed."""
        self.palette.open()
        self.qtbot.waitUntil(lambda: self.palette._cancel is None and self.palette._similar is not None)
        QTest.keyClicks(self.palette.box, text)
        return [row.title for row in self.palette.rows()]

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.palette.box, key)


@pytest.fixture
def desk(parts: Parts, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(parts, qtbot)
    yield made
    made.window.close()
    made.window.deleteLater()


def test_typing_finds_and_return_runs(desk: Desk) -> None:
    assert desk.type("sav")[0] == "Save"
    desk.press(Qt.Key.Key_Return)
    assert desk.parts.ran == [("file.save", {})]
    assert not desk.palette.isVisible()


def test_keys_are_shown_beside_the_command(desk: Desk) -> None:
    desk.type("save")
    assert desk.palette.rows()[0].keys == "Ctrl+S"


def test_command_that_cannot_run_is_muted_with_its_reason_and_stays(desk: Desk) -> None:
    desk.type("stop")
    row = desk.palette.rows()[0]
    assert (row.is_enabled, row.detail) == (False, "needs a running session")
    desk.press(Qt.Key.Key_Return)
    assert desk.parts.ran == []
    assert desk.palette.isVisible()


def test_what_was_run_last_comes_first(desk: Desk) -> None:
    desk.type("save")
    desk.press(Qt.Key.Key_Return)
    assert desk.type("")[0] == "Save"


def test_file_of_the_project_is_found_by_its_name(desk: Desk) -> None:
    assert "penguins.csv" in desk.type("peng")
    desk.press(Qt.Key.Key_Return)
    assert desk.files == [desk.project / "data/penguins.csv"]


def test_colon_goes_to_a_line(desk: Desk) -> None:
    assert desk.type(":42") == ["Go to line 42"]
    desk.press(Qt.Key.Key_Return)
    assert desk.lines == [42]


@pytest.mark.parametrize("text", [":", ":0", ":x", ":-1", ":²", "zzzzzz"])
def test_nothing_found_says_so_and_return_does_nothing(desk: Desk, text: str) -> None:
    assert desk.type(text) == []
    assert desk.palette._empty.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert (desk.parts.ran, desk.files, desk.lines) == ([], [], [])


def test_arrows_move_and_go_round(desk: Desk) -> None:
    count = len(desk.type("file"))
    assert count > 2
    desk.press(Qt.Key.Key_Up)
    assert desk.palette.list.currentIndex().row() == count - 1
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Down)
    assert desk.palette.list.currentIndex().row() == 1


def test_live_title_is_the_one_listed(desk: Desk) -> None:
    desk.parts.context.set("run.title", "Run line")
    assert "Run line" in desk.type("run li")


def test_command_left_out_of_the_palette_is_not_listed(desk: Desk) -> None:
    desk.parts.add(Command("app.hidden", "Hidden thing", is_in_palette=False))
    assert "Hidden thing" not in desk.type("hidden")


def test_escape_closes_and_changes_nothing(desk: Desk) -> None:
    desk.type("save")
    QTest.keyClick(desk.palette, Qt.Key.Key_Escape)
    assert not desk.palette.isVisible()
    assert desk.parts.ran == []


def test_screen_reader_hears_title_keys_and_reason(desk: Desk) -> None:
    desk.type("stop")
    index = desk.palette.model.index(0)
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Stop, ")
    assert "needs a running session" in said
    assert accessible.unnamed(desk.palette) == []


def test_closing_before_the_pool_answers_does_no_harm(desk: Desk) -> None:
    desk.palette.open()
    desk.palette.hide()
    desk.palette.open("sa")
    desk.qtbot.waitUntil(lambda: desk.palette._similar is not None)
    assert desk.palette.rows()
