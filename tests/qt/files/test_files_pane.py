"""The Files pane with real widgets, a real folder, and a bin of the test's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QFile, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from ide.commands.command import Command
from ide.core.errors import CommandError
from ide.panes.files.asking import Question, ask
from ide.panes.files.pane import FilesPane
from ide.panes.files.rows import Index
from ide.settings.declared import FILES_SHOW_HIDDEN
from ide.settings.settings import Settings
from tests.fakes.folder_watch import FakeFolderWatch
from tests.fakes.pane_desk import PaneDesk


class Shown:
    """The pane over a small project, what it asked and what it told."""

    def __init__(self, desk: PaneDesk, qtbot: QtBot, root: Path, settings: Settings) -> None:
        self.desk = desk
        self.qtbot = qtbot
        self.root = root
        self.watch = FakeFolderWatch()
        self.opened: list[str] = []
        self.moved: list[tuple[Path, Path]] = []
        self.worked_in: list[Path] = []
        self.revealed: list[QUrl] = []
        self.questions: list[Question] = []
        self.answer = ""
        desk.commands.add(Command("file.open", "Open"), lambda path="": self.opened.append(path))
        desk.commands.add(Command("file.open_folder", "Open folder"), lambda: self.opened.append("folder"))
        self.pane = FilesPane(
            desk.commands,
            desk.actions,
            desk.theme,
            desk.icons,
            settings,
            self.watch,
            desk.tasks.run,
            lambda before, after: self.moved.append((before, after)),
            self.worked_in.append,
            lambda: ".R",
            ask_name=self._ask,
            open_url=self._reveal,
        )
        desk.show(self.pane.widget, 320, 420)

    def _ask(self, _parent: QWidget, question: Question, answered: Callable[[str], None]) -> None:
        self.questions.append(question)
        if self.answer:
            answered(self.answer)

    def _reveal(self, url: QUrl) -> bool:
        self.revealed.append(url)
        return True

    def show(self) -> Shown:
        """Open the project."""
        self.pane.show_folder(self.root)
        return self.settle()

    def settle(self) -> Shown:
        """Until everything asked of the disk is done."""
        self.qtbot.waitUntil(lambda: not self.desk.tasks.open)
        return self

    def run(self, command: str, answer: str = "") -> Shown:
        """Run a command, answering its question."""
        self.answer = answer
        self.desk.commands.run(command)
        return self.settle()

    def select(self, name: str) -> Shown:
        """Select a file of the project."""
        self.pane.view.select(self.root / name)
        assert self.pane.view.selected() == self.root / name
        return self

    def names(self, inside: str = "") -> list[str]:
        """Rows as they are drawn."""
        rows = self.pane.view.rows
        parent = rows.index_of(self.root / inside) if inside else QModelIndex()
        return [str(rows.index(row, 0, parent).data()) for row in range(rows.rowCount(parent))]

    def expand(self, name: str) -> Shown:
        """Open a folder in the tree."""
        self.pane.view.expand(self.pane.view.rows.index_of(self.root / name))
        return self.settle()


@pytest.fixture
def shown(desk: PaneDesk, qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    (root / "data" / "penguins.csv").write_text("a,b\n")
    (root / "analysis.R").write_text("x <- 1\n")
    (root / "README.md").write_text("#\n")
    (root / ".Rprofile").touch()
    settings = Settings(tmp_path / "settings.toml")
    made = Shown(desk, qtbot, root, settings)
    yield made
    made.pane.close()
    settings.close()


def test_without_a_folder_one_is_offered(shown: Shown) -> None:
    (button,) = shown.pane._empty.buttons
    button.click()
    assert shown.opened == ["folder"]
    assert not shown.desk.commands.is_enabled("files.new_file")


def test_folders_and_files_are_listed_and_folders_open(shown: Shown) -> None:
    shown.show()
    assert shown.names() == ["data", "analysis.R", "README.md"]
    assert shown.names("data") == ["Reading..."]
    shown.expand("data")
    assert shown.names("data") == ["penguins.csv"]


def test_an_empty_folder_says_so(shown: Shown) -> None:
    (shown.root / "empty").mkdir()
    shown.show().expand("empty")
    assert shown.names("empty") == ["Empty folder"]
    (shown.root / "empty" / "a").touch()
    shown.watch.tell(shown.root / "empty")
    shown.settle()
    assert shown.names("empty") == ["a"]


def test_a_file_is_opened_by_double_click_and_enter_a_folder_opens_in_place(shown: Shown) -> None:
    view = shown.show().pane.view
    place = view.visualRect(view.rows.index_of(shown.root / "analysis.R")).center()
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    shown.select("README.md")
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert shown.opened == [str(shown.root / "analysis.R"), str(shown.root / "README.md")]
    shown.select("data")
    QTest.keyClick(view, Qt.Key.Key_Return)
    shown.settle()
    assert shown.names("data") == ["penguins.csv"]
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert shown.watch.folders == (shown.root,)


def test_typing_finds_a_name(shown: Shown) -> None:
    shown.show().select("data")
    QTest.keyClicks(shown.pane.view, "rea")
    assert shown.pane.view.selected() == shown.root / "README.md"


def test_what_changes_on_disk_is_followed_and_the_selection_stays(shown: Shown) -> None:
    shown.show().expand("data").select("README.md")
    (shown.root / "a_first.txt").touch()
    (shown.root / "analysis.R").unlink()
    shown.watch.tell(shown.root)
    shown.settle()
    assert shown.names() == ["data", "a_first.txt", "README.md"]
    assert shown.pane.view.selected() == shown.root / "README.md"
    assert shown.names("data") == ["penguins.csv"]


def test_a_folder_that_goes_and_comes_back_is_read_anew(shown: Shown) -> None:
    shown.show().expand("data")
    (shown.root / "data").rename(shown.root / "moved")
    shown.watch.tell(shown.root)
    shown.settle()
    assert shown.names() == ["moved", "analysis.R", "README.md"]
    assert shown.watch.folders == (shown.root,)
    (shown.root / "data").mkdir()
    (shown.root / "data" / "new.csv").touch()
    shown.watch.tell(shown.root)
    shown.settle()
    assert shown.names("data") == ["Reading..."]
    shown.expand("data").expand("moved")
    assert (shown.names("data"), shown.names("moved")) == (["new.csv"], ["penguins.csv"])


def test_a_selected_file_that_goes_leaves_no_other_selected(shown: Shown) -> None:
    shown.show().select("analysis.R")
    (shown.root / "analysis.R").unlink()
    shown.run("files.refresh")
    assert shown.pane.view.selected() is None
    assert not shown.desk.commands.is_enabled("files.delete")


def test_ten_thousand_new_files_keep_selection_and_open_folders(shown: Shown) -> None:
    shown.show().expand("data").select("README.md")
    for number in range(10_000):
        (shown.root / f"{'aRz'[number % 3]}{number:05}.txt").touch()
    asked: list[int] = []
    inner = shown.pane.view.rows.data

    def counted(index: Index, role: int = 0) -> object:
        asked.append(role)
        return inner(index, role)

    shown.pane.view.rows.data = counted  # type: ignore[method-assign]  # counts
    shown.run("files.refresh")
    shown.pane.widget.grab()
    assert len(asked) < 600
    assert len(shown.names()) == 10_003
    assert shown.pane.view.selected() == shown.root / "README.md"
    assert shown.pane.view.isExpanded(shown.pane.view.rows.index_of(shown.root / "data"))
    assert shown.names("data") == ["penguins.csv"]


def test_the_filter_narrows_the_tree(shown: Shown) -> None:
    shown.show().expand("data")
    box = shown.pane.widget.header.filter_box
    assert box is not None
    box.setText("READ")
    assert shown.names() == ["data", "README.md"]
    assert shown.names("data") == ["No name fits the filter"]
    box.clear()
    assert shown.names() == ["data", "analysis.R", "README.md"]
    assert shown.names("data") == ["penguins.csv"]


def test_hidden_files_are_a_setting(shown: Shown) -> None:
    shown.show()
    action = shown.desk.actions.action("files.show_hidden")
    action.trigger()
    assert action.isChecked()
    assert shown.names() == ["data", ".Rprofile", "analysis.R", "README.md"]
    shown.pane._settings.set(FILES_SHOW_HIDDEN, False)
    assert shown.names() == ["data", "analysis.R", "README.md"]


# --- changes


def test_a_new_file_is_proposed_in_the_language_used_last_made_selected_and_opened(shown: Shown) -> None:
    shown.show().run("files.new_file", "plot.R")
    assert shown.questions[0].proposal == "untitled.R"
    assert (shown.root / "plot.R").read_bytes() == b""
    assert shown.pane.view.selected() == shown.root / "plot.R"
    assert shown.opened == [str(shown.root / "plot.R")]


def test_a_new_file_goes_where_the_selection_is(shown: Shown) -> None:
    shown.show().expand("data").select("data").run("files.new_file", "a.R")
    shown.select("data/penguins.csv").run("files.new_file", "b.R")
    assert sorted(path.name for path in (shown.root / "data").iterdir()) == ["a.R", "b.R", "penguins.csv"]


def test_a_new_folder_is_made_and_selected(shown: Shown) -> None:
    shown.show().run("files.new_folder", "figures")
    assert (shown.root / "figures").is_dir()
    assert shown.pane.view.selected() == shown.root / "figures"


@pytest.mark.parametrize("name", ["data", "a/b", "analysis.R", ".."])
def test_a_name_that_cannot_be_is_told_and_changes_nothing(shown: Shown, name: str) -> None:
    shown.show().run("files.new_file", name)
    assert len(shown.desk.errors) == 1
    assert shown.opened == []
    assert sorted(path.name for path in shown.root.iterdir()) == [".Rprofile", "README.md", "analysis.R", "data"]


def test_giving_up_changes_nothing(shown: Shown) -> None:
    shown.show().select("analysis.R").run("files.rename")
    assert shown.questions[0].proposal == "analysis.R"
    assert (shown.root / "analysis.R").exists()
    assert shown.desk.errors == []


@pytest.mark.parametrize("name", ["model.R", "Analysis.R", "ANALYSIS.r"])
def test_a_file_is_renamed_and_the_documents_are_told(shown: Shown, name: str) -> None:
    shown.show().select("analysis.R").run("files.rename", name)
    assert name in [path.name for path in shown.root.iterdir()]
    assert shown.moved == [(shown.root / "analysis.R", shown.root / name)]
    assert shown.pane.view.selected() == shown.root / name
    assert shown.desk.errors == []


def test_renaming_onto_another_file_is_refused_and_loses_nothing(shown: Shown) -> None:
    shown.show().select("analysis.R").run("files.rename", "README.md")
    assert "there already" in shown.desk.errors[0].text
    assert (shown.root / "README.md").read_text() == "#\n"
    assert (shown.root / "analysis.R").read_text() == "x <- 1\n"


def test_a_rename_that_the_system_refuses_is_told(shown: Shown) -> None:
    shown.show().select("analysis.R")
    (shown.root / "analysis.R").unlink()
    shown.run("files.rename", "b.R")
    assert "can't be renamed" in shown.desk.errors[0].text
    assert shown.moved == []
    assert shown.names() == ["data", "README.md"]


@pytest.mark.parametrize("name", ["analysis.R", "data"])
def test_deleting_moves_to_the_bin(shown: Shown, private_home: Path, name: str) -> None:
    shown.show().select(name).run("files.delete")
    assert not (shown.root / name).exists()
    assert name not in shown.names()
    assert shown.desk.errors == []
    if sys.platform.startswith("linux"):
        assert [path.name for path in private_home.rglob("Trash/files/*")] == [name]


def test_deleting_a_link_leaves_what_it_leads_to(shown: Shown, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").touch()
    (shown.root / "link").symlink_to(tmp_path / "outside")
    shown.show().select("link").run("files.delete")
    assert not os.path.lexists(shown.root / "link")
    assert (tmp_path / "outside" / "precious").exists()


def test_what_cannot_go_to_the_bin_stays_and_is_told(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFile, "moveToTrash", lambda _path: False)
    shown.show().select("analysis.R").run("files.delete")
    assert (shown.root / "analysis.R").exists()
    assert "It was not deleted" in shown.desk.errors[0].text
    assert shown.desk.errors[0].action == "files.reveal"


def test_reveal_copy_and_working_folder(shown: Shown) -> None:
    shown.show().run("files.reveal").select("analysis.R").run("files.reveal").run("files.copy_path")
    assert [url.toLocalFile() for url in shown.revealed] == [str(shown.root)] * 2
    assert QGuiApplication.clipboard().text() == str(shown.root / "analysis.R")
    shown.desk.commands.run("file.reveal", path=str(shown.root / "data" / "penguins.csv"))
    assert shown.revealed[-1].toLocalFile() == str(shown.root / "data")
    shown.run("files.set_working_folder").select("data").run("files.set_working_folder")
    assert shown.worked_in == [shown.root, shown.root / "data"]


# --- what must not be opened, and text that must not lie


if sys.platform != "win32":  # Windows has no pipes in folders

    def test_a_pipe_is_not_opened(shown: Shown) -> None:
        os.mkfifo(shown.root / "pipe")
        shown.show().select("pipe")
        QTest.keyClick(shown.pane.view, Qt.Key.Key_Return)
        assert shown.opened == []
        assert isinstance(shown.desk.errors[0], CommandError)


def test_a_link_out_of_the_folder_shows_where_it_leads(shown: Shown, tmp_path: Path) -> None:
    (shown.root / "secrets").symlink_to(tmp_path)
    (shown.root / "lost").symlink_to("nowhere")
    rows = shown.show().pane.view.rows
    link, lost = rows.index_of(shown.root / "secrets"), rows.index_of(shown.root / "lost")
    assert f"Link to {tmp_path}" in str(link.data(Qt.ItemDataRole.ToolTipRole))
    assert link.data(Qt.ItemDataRole.AccessibleTextRole) == f"secrets, folder, link to {tmp_path}"
    assert lost.data(Qt.ItemDataRole.AccessibleTextRole) == "lost, file, link to nowhere, which is not there"


def test_a_name_that_lies_is_shown_as_it_is(shown: Shown) -> None:
    name = "photo\u202egnp.exe"
    (shown.root / name).touch()
    (shown.root / "<b>bold").touch()
    rows = shown.show().pane.view.rows
    assert rows.index_of(shown.root / name).data() == "photo\\u202egnp.exe"
    assert "&lt;b&gt;bold" in str(rows.index_of(shown.root / "<b>bold").data(Qt.ItemDataRole.ToolTipRole))


# --- for the keyboard and screen readers


def test_the_tree_has_names_and_expandable_rows(shown: Shown) -> None:
    view = shown.show().pane.view
    interface = QAccessible.queryAccessibleInterface(view)
    assert (interface.text(QAccessible.Text.Name), interface.role()) == ("Files", QAccessible.Role.Tree)
    found = [interface.child(at) for at in range(interface.childCount())]
    (data,) = [cell for cell in found if cell.text(QAccessible.Text.Name) == "data, folder"]
    assert data.state().expandable
    assert not data.state().expanded


def test_the_menu_has_what_can_be_done(shown: Shown) -> None:
    shown.show().select("analysis.R")
    shown.desk.actions.follow()
    shown.pane.view.customContextMenuRequested.emit(QPoint(5, 5))
    menu = shown.pane.view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert all(action.isEnabled() for action in menu.actions() if not action.isSeparator())
    menu.close()


def test_the_dialog_selects_the_name_without_its_ending(desk: PaneDesk, qtbot: QtBot) -> None:
    parent = desk.show(QWidget())
    answers: list[str] = []
    ask(parent, Question("Rename", "New name:", "analysis.R", "Rename"), answers.append)
    dialog = parent.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    box = dialog.findChild(QLineEdit)
    assert isinstance(box, QLineEdit)
    assert (box.selectedText(), box.accessibleName()) == ("analysis", "New name:")
    QTest.keyClicks(box, "model")
    dialog.accept()
    assert answers == ["model.R"]
    ask(parent, Question("Rename", "New name:", "analysis.R", "Rename"), answers.append)
    second = next(each for each in parent.findChildren(QInputDialog) if each is not dialog)
    second.reject()
    assert answers == ["model.R"]
