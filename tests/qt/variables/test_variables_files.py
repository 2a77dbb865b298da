"""Saving and loading variables, and pages of objects, from the list; the test plays the kernel and the dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from ide.kernels.records import Answer
from ide.panes.variables.object_page import ObjectPage, ObjectShelf, Subject
from ide.panes.variables.pane import VariablesPane
from ide.widgets.guest import GuestPage
from tests.fakes.nested_session import NestedSession
from tests.fakes.pane_desk import PaneDesk
from tests.qt.variables.conftest import variables_pane

INFO = {
    "title": "fit(x, y)",
    "type_name": "function",
    "classes": ["object"],
    "doc": "Fit a line.",
    "members": [
        {"name": "__name__", "kind": "attribute", "type_name": "str", "preview": "'fit'", "doc": "<b>bold</b>"},
        {"name": "call", "kind": "method", "type_name": "method", "from_class": "object"},
    ],
    "source": "def fit(x, y):\n    return x\n",
    "source_path": "/project/fit.py",
    "source_line": 3,
}


class Tabs:
    """What the editor does with guests."""

    def __init__(self, desk: PaneDesk) -> None:
        self.pages: dict[str, GuestPage] = {}
        self.shown: list[str] = []
        self._desk = desk

    def show(self, page: GuestPage) -> None:
        if page.key not in self.pages:
            self.pages[page.key] = page
            self._desk.show(page.widget, 600, 400)
        self.shown.append(page.key)

    def shelf(self) -> ObjectShelf:
        def subject(session: str, path: tuple[str, ...], label: str, language: str) -> Subject:
            return Subject("/".join((session, *path)), label, "Py", "badge_python", language)

        return ObjectShelf(self._desk.tasks.run, subject, self.show, self.pages.get)


@pytest.fixture
def tabs(desk: PaneDesk) -> Tabs:
    return Tabs(desk)


@pytest.fixture
def pane(desk: PaneDesk, tabs: Tabs, tmp_path: Path) -> Iterator[VariablesPane]:
    with variables_pane(desk, objects=tabs.shelf(), folder=lambda: tmp_path) as made:
        yield made


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> NestedSession:
    made = NestedSession()
    desk.active.choose(made.as_session)
    made.hold(a=1, b=[2])
    return made


def answer_dialogs(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *_arguments: (path, "")))


def test_variables_are_saved_and_what_was_left_out_is_offered(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_dialogs(monkeypatch, "/project/kept")
    pane.view.select("a")
    pane.view.selectAll()
    session.says["variables.save"] = Answer(
        {"code": "a.to()", "names": ["a"], "note": "b was not saved: only a pickle could hold it.", "left_out": ["b"]}
    )
    desk.commands.run("variables.save")
    asked = {"names": ["a", "b"], "folder": "/project/kept", "allows_pickle": False}
    assert session.acts[-1] == ("variables.save", asked)
    assert pane.bar.text.text() == "Saved a in /project/kept. b was not saved: only a pickle could hold it."
    assert pane.bar.offer.text() == "Save them too"
    session.says["variables.save"] = Answer({"code": "", "undo": "", "names": ["b"], "note": ""})
    pane.bar.offer.click()
    asked = {"names": ["b"], "folder": "/project/kept/others", "allows_pickle": True}
    assert session.acts[-1] == ("variables.save", asked)
    assert not pane.bar.offer.isVisible()
    session.says["variables.save"] = Answer(None, error="There is a file of this name.", code="not_possible")
    desk.commands.run("variables.save")
    assert (pane.bar.text.text(), pane.bar.told.is_problem) == ("There is a file of this name.", True)
    assert not pane.bar.offer.isVisible()
    session.says["variables.save"] = Answer(
        {"note": "a was not saved: only a pickle could hold it.", "left_out": ["a"]}
    )
    desk.commands.run("variables.save")
    assert (pane.bar.text.text(), pane.bar.told.is_problem) == ("a was not saved: only a pickle could hold it.", True)
    pane.bar.offer.click()
    assert session.acts[-1][1] == {"names": ["a"], "folder": "/project/kept", "allows_pickle": True}
    session.says["variables.save"] = Answer({"names": ["a"], "note": "b was not saved: the disk is full."})
    desk.commands.run("variables.save")
    assert not pane.bar.offer.isVisible()
    answer_dialogs(monkeypatch, "")
    count = len(session.acts)
    desk.commands.run("variables.save")
    assert len(session.acts) == count


def test_loading_runs_code_only_after_a_warning(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    answer_dialogs(monkeypatch, "/project/kept/manifest.json")
    session.says["variables.load"] = Answer({"code": "", "undo": "u3", "names": ["c", "d"], "note": ""})
    desk.commands.run("variables.load")
    assert session.acts[-1] == (
        "variables.load",
        {"path": "/project/kept/manifest.json", "allows_pickle": False},
    )
    assert pane.bar.text.text() == "Loaded c, d."
    assert pane.bar.undo.isVisible()
    count = len(session.acts)
    desk.commands.run("variables.load_trusted")
    (box,) = pane.view.findChildren(QMessageBox)
    assert len(session.acts) == count
    assert box.defaultButton().text() == "Cancel"
    (load,) = [button for button in box.buttons() if button.text() == "Load and run"]
    load.click()
    assert session.acts[-1][1]["allows_pickle"] is True


def test_an_object_is_shown_on_a_page_that_is_found_again(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, tabs: Tabs, qtbot: QtBot
) -> None:
    session.says["object.info"] = Answer(INFO)
    pane.model.tree.open("b")
    pane.view.select(pane.model.groups[0].rows[2].name)
    desk.commands.run("variables.show_object")
    assert session.acts[-1] == ("object.info", {"path": ["b", "0"]})
    page = tabs.pages[f"{session.id}/b/0"]
    assert isinstance(page, ObjectPage)
    assert (page.tab.text, page.tab.badge) == ("[0]", "Py")
    assert page.members.model().rowCount() == 2
    assert "&lt;b&gt;" in str(page.members.model().index(0, 0).data(3))
    page.filter.setText("METHOD")
    assert [page.members.model().index(0, column).data() for column in (0, 4)] == ["call", "object"]
    assert page.members.model().rowCount() == 1
    page.tabs.select("source")
    assert page.source.isVisible()
    assert page.source.isReadOnly()
    assert page.source.toPlainText().startswith("def fit(x, y):")
    page.tabs.select("doc")
    assert page.doc.toPlainText() == "Fit a line."
    session.says["object.info"] = Answer({"title": "2", "type_name": "int"})
    desk.commands.run("variables.show_object")
    assert tabs.shown == [page.key, page.key]
    assert page.members.model().rowCount() == 0
    assert page.members.isVisible()
    session.says["object.info"] = Answer(None, error="It is not there any more.", code="not_possible")
    desk.commands.run("variables.show_object")
    assert pane.bar.text.text() == "It is not there any more."
    qtbot.waitUntil(lambda: not desk.tasks.open)
