"""The Viewer pane as it is where no web view is installed: its list, its bars, its commands. No Chromium takes part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ide._paths import resources_dir
from ide.core.errors import CommandError
from ide.core.outputs import Display
from ide.core.runs import Run
from ide.panes.viewer.pane import ViewerPane, ViewerServices
from ide.widgets.guest import GuestPage
from ide.widgets.web import starting
from tests.fakes.pane_desk import PaneDesk, pane_desk

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
RUN = Run("r1", "s1", "code")


class Viewer:
    """The pane, and what it asked of others."""

    def __init__(self, desk: PaneDesk, folder: Path) -> None:
        self.desk = desk
        self.browsed: list[str] = []
        self.guests: list[GuestPage] = []
        services = ViewerServices(
            resources_dir() / "web", self.browsed.append, self.guests.append, lambda: folder / "pages"
        )
        self.pane = ViewerPane(
            desk.commands, desk.actions, desk.theme, desk.icons, desk.ui.after, desk.tasks.run, services
        )
        desk.show(self.pane.widget)

    def take(self, *texts: str, **more: str) -> None:
        outputs = tuple(Display({"text/html": f"<script>{text}</script>", **more}) for text in texts)
        self.pane.take("s1", RUN, outputs, "In [1]", ())


@pytest.fixture
def viewer(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Viewer]:
    monkeypatch.setattr(starting, "_PIECES", ("no_such_module_is_installed",))
    with pane_desk(tmp_path) as desk:
        made = Viewer(desk, tmp_path)
        yield made
        made.pane.close()
        for guest in made.guests:
            guest.widget.close()
            guest.widget.deleteLater()


def test_list_follows_what_comes_and_what_is_chosen(viewer: Viewer) -> None:
    pane = viewer.pane
    assert not pane.view.chooser.isVisible()
    viewer.take("1", "2", "3", "4", "5")
    assert [pane.view.chooser.itemText(at) for at in range(5)] == ["Page · In [1]"] * 5
    assert pane.view.chooser.currentIndex() == 4
    viewer.desk.commands.run("viewer.previous")
    viewer.desk.commands.run("viewer.previous")
    assert pane.view.chooser.currentIndex() == 2
    pane.view.chooser.activated.emit(0)
    assert pane.model.position == 0
    assert len(pane.view.live) == 3  # the first, and the two seen before it


def test_commands_are_there_with_an_output_only(viewer: Viewer) -> None:
    commands = viewer.desk.commands
    assert not commands.is_enabled("viewer.delete")
    viewer.pane.show({"text/markdown": "# a"}, "Notes")
    assert commands.is_enabled("viewer.delete")
    assert not commands.is_enabled("viewer.save")
    viewer.take("1")
    assert commands.is_enabled("viewer.save")
    commands.run("viewer.delete_all")
    assert viewer.pane.view.live == ()
    assert not commands.is_enabled("viewer.delete")


def test_output_that_is_here_already_is_chosen_and_not_added(viewer: Viewer) -> None:
    viewer.take("1", "2")
    first = viewer.pane.model.outputs[0]

    assert viewer.pane.show(dict(first.data), "Out[1]") is first
    assert viewer.pane.model.current is first
    assert len(viewer.pane.model.outputs) == 2


def test_picture_of_a_page_stands_for_it_and_the_browser_is_offered(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.take("1", **{"image/png": PIXEL})
    view = viewer.pane.view.current
    assert view is not None
    qtbot.waitUntil(lambda: bool(view.notice_texts))

    assert starting.NO_LIBRARY in view.notice_texts[0]
    picture = view.picture()
    assert picture is not None
    viewer.desk.commands.run("viewer.copy")
    assert not QGuiApplication.clipboard().image().isNull()
    viewer.desk.commands.run("viewer.open_in_browser")
    qtbot.waitUntil(lambda: bool(viewer.browsed))
    assert Path(viewer.browsed[0].removeprefix("file://")).read_text().count("<script>1</script>") == 1


def test_page_without_a_picture_says_why_it_is_not_here(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.take("1")
    view = viewer.pane.view.current
    assert view is not None
    qtbot.waitUntil(lambda: view.web is not None and starting.NO_LIBRARY in view.web.words)

    with pytest.raises(CommandError):
        viewer.desk.commands.perform("viewer.copy")


def test_page_too_large_for_the_window_is_told_of(viewer: Viewer, qtbot: QtBot, tmp_path: Path) -> None:
    page = tmp_path / "large.html"
    with page.open("wb") as file:
        file.truncate(100_000_000)
    viewer.pane.model.show({}, "large", file=page)
    view = viewer.pane.view.current
    assert view is not None
    qtbot.waitUntil(lambda: bool(view.notice_texts))

    assert "it has 100 MB, and at most 64 MB are shown" in view.notice_texts[0]


def test_address_is_asked_about_till_never_is_said(viewer: Viewer) -> None:
    pane = viewer.pane
    pane.ask_to_open("https://example.org/a", "R")
    pane.ask_to_open("https://example.org/b", "R")
    pane.ask_to_open("https://example.org/c", "Python")
    assert [bar.notice.text for bar in pane.notices.bars] == [
        "R wants to open https://example.org/b",
        "Python wants to open https://example.org/c",
    ]
    pane.notices.bars[1].buttons[0].click()
    assert viewer.browsed == ["https://example.org/c"]
    pane.notices.bars[0].buttons[1].click()
    pane.ask_to_open("https://example.org/d", "R")
    assert pane.notices.bars == ()


def test_large_output_has_one_tab_however_often_it_is_asked_for(viewer: Viewer) -> None:
    viewer.take("1")
    viewer.desk.commands.run("viewer.open_large")
    viewer.desk.commands.run("viewer.open_large")

    assert len(viewer.guests) == 2
    assert viewer.guests[0] is viewer.guests[1]
    assert viewer.guests[0].tab.text == "Page"
