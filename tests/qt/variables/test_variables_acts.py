"""Removing, renaming, duplicating and editing from the list, its order and its kinds; the test plays the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ide.kernels.records import Answer
from ide.panes.variables.line_editor import LineEditor
from ide.panes.variables.pane import VariablesPane
from ide.panes.variables.rows import NAME, VALUE
from ide.settings.declared import VARIABLES_SORT
from ide.settings.settings import Settings
from tests.fakes.nested_session import NestedSession
from tests.fakes.pane_desk import PaneDesk
from tests.qt.variables.conftest import variables_pane


class Script:
    """Where code is put."""

    def __init__(self) -> None:
        self.code: list[str] = []
        self.is_there = True

    def insert(self, code: str) -> bool:
        if self.is_there:
            self.code.append(code)
        return self.is_there


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(tmp_path / "settings.toml")
    made.load()
    yield made
    made.close()


@pytest.fixture
def pane(desk: PaneDesk, script: Script, settings: Settings) -> Iterator[VariablesPane]:
    with variables_pane(desk, settings=settings, insert_code=script.insert) as made:
        yield made


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> NestedSession:
    made = NestedSession()
    desk.active.choose(made.as_session)
    return made


def done(code: str = "", undo: str = "u1", note: str = "") -> Answer:
    return Answer({"code": code, "undo": undo, "names": [], "note": note})


def editor_of(pane: VariablesPane) -> LineEditor | None:
    found = [one for one in pane.view.findChildren(LineEditor) if not one.is_over]
    return found[0] if found else None


def typed(pane: VariablesPane, text: str) -> LineEditor:
    editor = editor_of(pane)
    assert editor is not None
    editor.setText(text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    return editor


def order(pane: VariablesPane) -> list[str]:
    return [row.name for group in pane.model.groups for row in group.rows]


def test_selected_variables_are_removed_and_brought_back(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    session.hold(a=1, b=2, c=3)
    session.says["variables.remove"] = done("del a, b", "u7")
    session.says["variables.undo"] = done("", "", "c is there again and was left alone.")
    assert not desk.commands.is_enabled("variables.undo")
    pane.view.select("a")
    pane.view.selectionModel().select(
        pane.view.rows.index_of("b"),
        pane.view.selectionModel().SelectionFlag.Select | pane.view.selectionModel().SelectionFlag.Rows,
    )
    desk.commands.run("variables.remove")
    assert ("variables.remove", {"names": ["a", "b"]}) in session.acts
    assert pane.bar.isVisible()
    assert (pane.bar.text.text(), pane.bar.told.code) == ("Removed a, b.", "del a, b")
    assert session.asked[-1] == ("update_names", ())
    pane.bar.undo.click()
    assert session.acts[-1] == ("variables.undo", {"undo": "u7"})
    assert pane.bar.text.text() == "Taken back: removed a, b. c is there again and was left alone."
    assert not pane.bar.undo.isVisible()
    assert not desk.commands.is_enabled("variables.undo")
    assert desk.errors == []


def test_names_that_the_kernel_tells_of_are_not_asked_for(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=1)
    pane.view.select("a")
    session.is_held = True
    session.says["variables.remove"] = done("del a")
    pane.remove()
    session.change(removed=("a",))
    session.let()
    assert ("update_names", ()) not in session.asked


def test_a_name_is_typed_in_its_place(pane: VariablesPane, session: NestedSession, desk: PaneDesk) -> None:
    session.hold(a=1, b=2)
    session.says["variables.rename"] = Answer(None, error="There is a variable b already.", code="not_possible")
    pane.view.select("a")
    desk.commands.run("variables.rename")
    editor = editor_of(pane)
    assert editor is not None
    assert (editor.text(), editor.hasSelectedText()) == ("a", True)
    typed(pane, "b")
    assert session.acts[-1] == ("variables.rename", {"name": "a", "to": "b"})
    assert pane.bar.told.is_problem
    assert pane.bar.text.text() == "There is a variable b already."
    assert editor_of(pane) is editor
    session.says["variables.rename"] = done("c = a\ndel a")
    typed(pane, " c ")
    assert session.acts[-1] == ("variables.rename", {"name": "a", "to": "c"})
    assert editor_of(pane) is None
    assert pane.bar.text.text() == "a is called c now."
    pane.bar.copy.click()
    assert QGuiApplication.clipboard().text() == "c = a\ndel a"


def test_typing_is_given_up_by_esc_by_scrolling_away_and_with_its_row(
    pane: VariablesPane, session: NestedSession
) -> None:
    session.hold(**{f"v{number}": number for number in range(200)})
    acts = len(session.acts)
    pane.view.select("v1")
    pane.rename()
    editor = editor_of(pane)
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor_of(pane) is None
    assert pane.view.hasFocus()
    pane.rename()
    session.change(removed=("v1",))
    assert editor_of(pane) is None
    assert len([act for act in session.acts[acts:] if act[0] == "variables.rename"]) == 0


def test_values_and_their_parts_are_edited_as_code(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, script: Script
) -> None:
    session.hold(a=[1, "x"])
    session.says["variables.literal"] = Answer({"text": "'x'"})
    session.says["variables.edit"] = done('a[1] = "y"')
    pane.model.tree.open("a")
    key = pane.model.groups[0].rows[2].name
    pane.view.select(key)
    desk.commands.run("variables.edit")
    editor = editor_of(pane)
    assert editor is not None
    assert editor.text() == "'x'"
    assert editor.geometry().left() >= pane.view.cell_rect(key, VALUE).left()
    typed(pane, '"y"')
    assert ("variables.edit", {"path": ["a", "1"], "code": '"y"'}) in session.acts
    assert pane.bar.text.text() == "Changed [1]."
    pane.bar.script.click()
    assert script.code == ['a[1] = "y"']
    script.is_there = False
    pane.bar.script.click()
    assert desk.errors[-1].happened == "There is no script to put the code into."


def test_a_value_left_as_it_was_is_not_run(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=1)
    session.says["variables.literal"] = Answer({"text": "1"})
    pane.view.select("a")
    pane.edit()
    typed(pane, " 1 ")
    assert editor_of(pane) is None
    assert [method for method, _params in session.acts if method == "variables.edit"] == []


def test_a_value_without_code_says_why_it_is_not_edited(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=1)
    session.says["variables.literal"] = Answer({"text": ""})
    pane.view.select("a")
    pane.edit()
    assert editor_of(pane) is None
    assert pane.bar.text.text().startswith("a cannot be written as code, so it cannot be edited here.")
    session.says["variables.literal"] = Answer({"text": "1", "is_cut": True})
    pane.edit()
    assert pane.bar.text.text().startswith("a is too long to be typed in a line")


def test_a_double_click_on_a_plain_value_begins_to_edit_it(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=1, b=[1])
    opened: list[str] = []
    pane.view.opened.connect(opened.append)
    session.says["variables.literal"] = Answer({"text": "1"})
    for name in ("b", "a"):
        place = pane.view.visualRect(pane.view.rows.index_of(name).siblingAtColumn(VALUE)).center()
        QTest.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == ["b"]
    assert editor_of(pane) is not None


def test_f2_on_the_value_edits_and_elsewhere_renames(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=7)
    session.says["variables.literal"] = Answer({"text": "7"})
    index = pane.view.rows.index_of("a")
    for column, text in ((NAME, "a"), (VALUE, "7")):
        pane.view.setCurrentIndex(index.siblingAtColumn(column))
        pane.rename()
        editor = editor_of(pane)
        assert editor is not None
        assert editor.text() == text


def test_a_copy_has_the_first_free_name(pane: VariablesPane, session: NestedSession) -> None:
    session.hold(a=1, a_copy=2)
    session.says["variables.duplicate"] = done("a_copy2 = a")
    pane.view.select("a")
    pane.duplicate()
    assert ("variables.duplicate", {"name": "a", "to": "a_copy2"}) in session.acts


def test_nothing_is_changed_while_code_runs(pane: VariablesPane, session: NestedSession, desk: PaneDesk) -> None:
    session.hold(a=1)
    pane.view.select("a")
    pane.rename()
    session.set_state("busy")
    desk.commands.run("variables.remove")
    assert desk.errors[-1].happened == "The session is busy."
    editor = typed(pane, "b")
    assert editor_of(pane) is editor
    assert pane.bar.told.is_problem
    assert not editor.isReadOnly()
    assert [method for method, _params in session.acts if "rename" in method or "remove" in method] == []


def test_undo_belongs_to_its_session(pane: VariablesPane, session: NestedSession, desk: PaneDesk) -> None:
    session.hold(a=1)
    session.says["variables.remove"] = done("del a")
    pane.view.select("a")
    pane.remove()
    assert desk.commands.is_enabled("variables.undo")
    desk.active.choose(NestedSession().as_session)
    assert not desk.commands.is_enabled("variables.undo")
    assert not pane.bar.isVisible()
    desk.active.choose(session.as_session)
    assert desk.commands.is_enabled("variables.undo")


def test_the_order_is_chosen_in_a_menu_and_remembered(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, settings: Settings, qtbot: QtBot
) -> None:
    session.hold(a="x", b=1)
    desk.commands.run("variables.choose_order")
    menu = pane.view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [action.isChecked() for action in menu.actions()] == [True, False, False, False]
    menu.actions()[1].trigger()
    menu.close()
    assert order(pane) == ["b", "a"]
    assert settings.get(VARIABLES_SORT) == "type"
    assert desk.actions.action("variables.sort_by_type").isChecked()


def test_kinds_are_hidden_and_shown(pane: VariablesPane, session: NestedSession, desk: PaneDesk) -> None:
    session.hold(a=1)
    desk.commands.run("variables.choose_kinds")
    menu = pane.view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [
        ("Show data", True),
        ("Show values", True),
        ("Show functions", True),
        ("Show other", True),
        ("Show modules", False),
    ]
    menu.actions()[1].trigger()
    menu.close()
    assert order(pane) == []
    desk.commands.run("variables.show_values")
    assert order(pane) == ["a"]
