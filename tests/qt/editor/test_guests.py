"""Tabs that are no documents: shown, closed, split, and left alone by the editor's commands."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from ide.core.events import Signal
from ide.widgets.tabs import Tab
from tests.qt.editor.workplace import Workplace


class Guest:
    """A guest with a line of text."""

    tab_changed = Signal()

    def __init__(self, key: str) -> None:
        self.key = key
        self.title = key
        self.is_closed = False
        self.widget: QWidget = QLineEdit()

    @property
    def tab(self) -> Tab:
        return Tab(self.key, self.title, "Py", "badge_python")

    def close_page(self) -> None:
        assert not self.is_closed
        self.is_closed = True


def texts(work: Workplace) -> list[str]:
    return [tab.text for tab in work.pane.tabs.tabs]


def test_guest_has_a_tab_and_switches_the_editor_commands_off(work: Workplace) -> None:
    document = work.documents.new("python", title="one")
    work.pane.show(document)
    guest = Guest("table:1")
    work.pane.show_guest(guest)
    assert work.pane.tabs.current == "table:1"
    assert work.pane.desk.page is None
    assert work.pane.front_guest is guest
    assert not work.commands.is_enabled("file.save")
    assert work.commands.is_enabled("file.close")
    work.pane.tabs.select(document.key)
    work.pane.tabs.selected.emit(document.key)
    assert work.pane.desk.document is document
    assert work.commands.is_enabled("file.save")


def test_closing_goes_to_what_was_shown_before(work: Workplace) -> None:
    document = work.documents.new("python", title="one")
    work.pane.show(document)
    guests = [Guest("table:1"), Guest("table:2")]
    closed: list[str] = []
    work.pane.guest_closed.connect(closed.append)
    for guest in guests:
        work.pane.show_guest(guest)
    work.commands.run("file.close")
    assert (guests[1].is_closed, closed) == (True, ["table:2"])
    assert work.pane.front_guest is guests[0]
    work.commands.run("file.close")
    assert work.pane.desk.document is document
    assert work.pane.guest("table:1") is None


def test_guest_stays_when_the_last_document_goes_and_the_empty_page_comes_after_it(work: Workplace) -> None:
    document = work.documents.new("python", title="one")
    guest = Guest("table:1")
    work.pane.show(document)
    work.pane.show_guest(guest)
    work.commands.run("file.close", document=document.key)
    assert work.pane.front_guest is guest
    work.commands.run("file.close")
    assert work.pane.desk.front_key == ""
    assert not work.commands.is_enabled("file.close")


def test_guest_moves_when_its_side_is_closed(work: Workplace) -> None:
    document = work.documents.new("python", title="one")
    work.pane.show(document)
    work.pane.desk.split()
    guest = Guest("table:1")
    work.pane.show_guest(guest)
    work.pane.desk.show_document(document)
    work.pane.desk.unsplit()
    assert not guest.is_closed
    work.pane.show_guest(guest)
    assert work.pane.front_guest is guest


def test_guests_stay_behind_documents_and_follow_their_titles(work: Workplace) -> None:
    guest = Guest("table:1")
    work.pane.show_guest(guest)
    document = work.documents.new("python", title="one")
    work.pane.show(document)
    assert texts(work)[-1] == "table:1"
    guest.title = "df"
    guest.tab_changed.emit()
    assert texts(work)[-1] == "df"
    work.pane.tabs.reordered.emit(["table:1", document.key])
    assert texts(work)[-1] == "df"


def test_close_of_the_pane_ends_guests(work: Workplace) -> None:
    guest = Guest("table:1")
    work.pane.show_guest(guest)
    work.close()
    assert guest.is_closed
