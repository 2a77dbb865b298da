"""The Help pane with real widgets and a session that answers when the test says so."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextBlock
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ide.commands.command import Command
from ide.core.errors import KernelError
from ide.core.events import Signal
from ide.panes.help.markup import Target, page_link
from ide.panes.help.model import Sources
from ide.panes.help.pane import Asked, HelpPane, HelpServices
from ide.panes.help.render import Facts, KeyLine
from tests.fakes.pane_desk import PaneDesk

FACTS = {"python": Facts("python", "Python", "python"), "r": Facts("r", "R", "r")}
EXAMPLES = "Examples\n--------\n>>> f(1)\n1\n"


class Session:
    """Answers by its pages and matches at once, or not at all while it is busy."""

    agent_event = Signal(str, dict)
    state_changed = Signal()
    has_agent = True

    def __init__(self, language: str) -> None:
        self.id = self.name = self.language = language
        self.state = "idle"
        self.pages: dict[str, dict[str, Any]] = {}
        self.matches: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, method: str, params: dict[str, Any], done: Any, timeout_s: float = 5) -> Any:
        self.asked.append((method, params))
        if self.state == "idle":
            topic = params.get("topic", params.get("code", ""))
            result = {"matches": self.matches} if method == "help.search" else self.pages.get(topic, {"topic": ""})
            done(SimpleNamespace(result=result))
        return lambda: None


class Shown:
    """The pane, what it asked the program for and what it told."""

    def __init__(self, desk: PaneDesk, qtbot: QtBot) -> None:
        self.desk = desk
        self.qtbot = qtbot
        self.sessions = {"python": Session("python"), "r": Session("r")}
        self.asked: Asked | None = None
        self.reveals = 0
        self.ran: list[tuple[str, str]] = []
        self.opened: list[dict[str, Any]] = []
        self.urls: list[QUrl] = []
        self.keys_asked = 0
        for id in ("app.keys", "session.start"):
            desk.commands.add(Command(id, id), lambda: self.opened.append({}))
        desk.commands.add(Command("file.open", "Open"), lambda **arguments: self.opened.append(arguments))
        sources = Sources(
            lambda: list(self.sessions),
            self.sessions.get,
            lambda _language: None,
            lambda _language: None,
            lambda _language: "",
        )
        services = HelpServices(
            sources,
            FACTS.get,
            lambda: self.asked,
            self._reveal,
            self._run,
            lambda: ("Default", {"Editor": [KeyLine("Comment", "Ctrl+/")]}),
            desk.ui.after,
            desk.tasks.run,
            self._open_url,
        )
        self.pane = HelpPane(services, desk.commands, desk.actions, desk.theme, desk.icons)
        desk.show(self.pane.widget, 420, 420)

    def _reveal(self) -> None:
        self.reveals += 1

    def _run(self, code: str, language: str) -> None:
        self.ran.append((code, language))

    def _open_url(self, url: QUrl) -> bool:
        self.urls.append(url)
        return True

    @property
    def text(self) -> str:
        return self.pane.view.toPlainText()

    def page(self, topic: str, language: str = "python", **fields: Any) -> None:
        """A page that the session knows."""
        self.sessions[language].pages[topic] = {"topic": topic, "title": topic, **fields}

    def wait_for(self, part: str) -> None:
        """Until it is in the page."""
        self.qtbot.waitUntil(lambda: part in self.text)

    def run(self, id: str, **arguments: object) -> None:
        self.desk.commands.run(id, **arguments)
        assert self.desk.errors == []

    def click(self, address: str) -> None:
        """The link of that address, as the mouse does."""
        self.pane.view.anchorClicked.emit(QUrl(address))


@pytest.fixture
def shown(desk: PaneDesk, qtbot: QtBot) -> Iterator[Shown]:
    made = Shown(desk, qtbot)
    yield made
    made.pane.close()


def test_empty_pane_says_how_to_get_help_and_offers_the_search(shown: Shown) -> None:
    empty = shown.pane._empty
    assert empty.isVisible()
    assert "F1" in empty.text
    empty.buttons[0].click()
    assert shown.pane.search_box.hasFocus()


def test_a_topic_is_shown_and_the_keyboard_stays_where_it_is(shown: Shown) -> None:
    shown.page("f", text="Do it.", signature="f(a)")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("Do it.")
    assert shown.pane.view.isVisible()
    assert shown.reveals == 1
    assert not shown.pane.view.hasFocus()


def test_name_at_the_caret_is_shown_and_without_one_the_search_is_ready(shown: Shown) -> None:
    shown.page("x = f", text="Of the caret.")
    shown.asked = Asked("python", "f", "x = f", 5)
    shown.run("help.show")
    shown.wait_for("Of the caret.")
    assert shown.sessions["python"].asked == [("help.at", {"code": "x = f", "offset": 5})]
    shown.asked = None
    shown.run("help.show")
    assert shown.pane.search_box.hasFocus()


def test_links_go_on_and_history_comes_back_to_the_same_line(shown: Shown) -> None:
    shown.page("a", "r", format="html", text="<p>First.</p>" + "<p>line</p>" * 200)
    shown.page("b", "r", format="html", text="<p>Second.</p>")
    shown.run("help.show", topic="a", language="r")
    shown.wait_for("First.")
    bar = shown.pane.view.verticalScrollBar()
    bar.setValue(700)
    assert not shown.desk.commands.is_enabled("help.back")
    shown.click(page_link(Target("r", "b")))
    shown.wait_for("Second.")
    assert shown.desk.commands.is_enabled("help.back")
    shown.run("help.back")
    shown.wait_for("First.")
    assert bar.value() == 700
    shown.run("help.forward")
    shown.wait_for("Second.")
    assert not shown.desk.commands.is_enabled("help.forward")


def test_examples_run_in_a_session_of_the_pages_language(shown: Shown) -> None:
    shown.page("f", text=EXAMPLES)
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("f(1)")
    shown.click("run:0")
    assert shown.ran == [("f(1)", "python")]
    shown.click("run:7")
    assert len(shown.ran) == 1


def test_what_cannot_run_is_told(shown: Shown) -> None:
    def refuse(_code: str, _language: str) -> None:
        raise KernelError("No kernel.")

    shown.page("f", text=EXAMPLES)
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("f(1)")
    services = shown.pane._services
    shown.pane._services = type(services)(
        **{name: getattr(services, name) for name in services.__slots__} | {"run_code": refuse}
    )
    shown.click("run:0")
    assert [str(error) for error in shown.desk.errors] == ["No kernel."]


def test_source_opens_in_the_editor_and_files_outside(shown: Shown) -> None:
    shown.page("f", source_path="/x/f.py", source_line=7, file_path="/x/f.pdf", format="text")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("Open in browser")
    shown.click("source:")
    assert shown.opened == [{"path": "/x/f.py", "line": 6}]
    shown.click("document:")
    assert [url.toLocalFile() for url in shown.urls] == ["/x/f.pdf"]


def test_addresses_of_the_web_are_asked_about(shown: Shown) -> None:
    shown.page("f", text="See https://example.org/page for more.")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("for more")
    shown.click("https://example.org/page")
    assert shown.urls == []
    (bar,) = shown.pane.notices.bars
    assert "https://example.org/page" in bar.notice.text
    bar.buttons[0].click()
    assert [url.toString() for url in shown.urls] == ["https://example.org/page"]


@pytest.mark.parametrize(
    "address",
    ["command:app.quit", "javascript:x()", "document:", "source:", "file:///etc/passwd", "nothing", "run:x", ""],
)
def test_other_addresses_do_nothing(shown: Shown, address: str) -> None:
    shown.page("f", text="Here.")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("Here.")
    shown.click(address)
    assert (shown.urls, shown.opened, shown.ran) == ([], [], [])


def test_search_follows_typing_and_enter_goes_to_the_list(shown: Shown) -> None:
    shown.sessions["python"].matches = [{"name": "pandas.merge", "topic": "pandas.merge", "package": "pandas"}]
    shown.sessions["r"].matches = [{"name": "merge", "topic": "merge", "package": "base", "title": "Merge Two"}]
    QTest.keyClicks(shown.pane.search_box, "merge")
    shown.wait_for("Merge Two")
    assert shown.text.index("pandas.merge") < shown.text.index("Merge Two")
    QTest.keyClick(shown.pane.search_box, Qt.Key.Key_Return)
    assert shown.pane.view.hasFocus()
    assert [params["text"] for method, params in shown.sessions["r"].asked if method == "help.search"] == ["merge"]


def test_search_without_results_says_where_it_looked(shown: Shown) -> None:
    shown.run("help.search", text="nope")
    shown.wait_for("Nothing was found in the installed packages of Python and R.")
    shown.sessions.clear()
    shown.run("help.search", text="nope again")
    shown.wait_for("Start a console first")


def test_what_is_not_known_offers_to_search_for_it(shown: Shown) -> None:
    shown.run("help.show", topic="nope & co", language="r")
    shown.wait_for("R has no help on this name.")
    shown.click("search:nope%20%26%20co")
    shown.wait_for("Search for “nope & co”")


def test_a_busy_session_is_waited_for(shown: Shown) -> None:
    shown.sessions["r"].state = "busy"
    shown.run("help.show", topic="lm", language="r")
    shown.wait_for("R is busy.")


def test_without_a_session_a_console_is_offered(shown: Shown) -> None:
    shown.sessions.clear()
    shown.run("help.show", topic="lm", language="r")
    shown.wait_for("none runs now")
    shown.click("command:session.start")
    assert shown.opened == [{}]


def test_code_that_asks_for_help_is_answered_in_the_pane(shown: Shown) -> None:
    session: Any = shown.sessions["r"]
    shown.page("lm", "r", package="stats", text="Models.")
    shown.pane.follow(session)
    session.agent_event.emit("help.show", {"topic": "lm", "package": "stats", "search": ""})
    shown.wait_for("Models.")
    session.matches = [{"name": "spline", "topic": "spline"}]
    session.agent_event.emit("help.show", {"topic": "", "package": "", "search": "spline"})
    shown.wait_for("Search for “spline”")
    assert shown.pane.search_box.text() == "spline"
    asked = len(session.asked)
    session.agent_event.emit("table.show", {})
    session.agent_event.emit("help.show", {})
    shown.pane.unfollow(session)
    session.agent_event.emit("help.show", {"topic": "lm", "package": "stats", "search": ""})
    assert len(session.asked) == asked


def test_cheat_sheet_is_made_from_the_keys(shown: Shown) -> None:
    shown.run("help.cheat_sheet")
    shown.wait_for("Comment")
    assert "Ctrl+/" in shown.text
    shown.click("command:app.keys")
    assert shown.opened == [{}]


def test_colours_follow_the_theme_and_the_place_stays(shown: Shown) -> None:
    shown.page("f", text="Head.\n\n" + "Line.\n\n" * 200)
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("Head.")
    bar = shown.pane.view.verticalScrollBar()
    bar.setValue(300)
    light = shown.pane.view.look().color("link")
    shown.desk.theme.set_choice("dark")
    assert shown.pane.view.look().color("link") != light
    shown.qtbot.waitUntil(lambda: shown.pane._rendering is None)
    assert bar.value() == 300


def test_nothing_is_loaded_from_outside(shown: Shown, tmp_path: Any) -> None:
    picture = tmp_path / "p.png"
    picture.write_bytes(b"x")
    text = f'<p>Here</p><img src="{picture.as_uri()}"><img src="http://127.0.0.1:9/p.png">'
    shown.page("f", "r", format="html", text=text)
    shown.run("help.show", topic="f", language="r")
    shown.wait_for("Here")
    block: QTextBlock = shown.pane.view.document().firstBlock()
    while block.isValid():
        assert "\ufffc" not in block.text()
        block = block.next()


def test_context_menu_copies(shown: Shown, qtbot: QtBot) -> None:
    shown.page("f", text="Word.")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("Word.")
    view = shown.pane.view
    view.selectAll()
    view.customContextMenuRequested.emit(view.rect().center())
    (menu,) = view.findChildren(QMenu)
    assert [action.text() for action in menu.actions() if action.text()][:2] == ["Copy", "Select all"]
    assert menu.actions()[0].isEnabled()
    menu.close()


def test_view_has_names_for_screen_readers(shown: Shown) -> None:
    assert shown.pane.view.accessibleName() == "Help page"
    assert shown.pane.search_box.accessibleName() == "Search help"


def test_words_are_found_in_the_page_and_in_the_page_that_follows(shown: Shown) -> None:
    shown.page("f", text="One word, a second word.")
    shown.page("g", text="A word.")
    shown.run("help.show", topic="f", language="python")
    shown.wait_for("second")
    bar, view = shown.pane.find_bar, shown.pane.view
    shown.run("help.find")
    assert bar.isVisible()
    assert bar.box.hasFocus()
    QTest.keyClicks(bar.box, "word")
    shown.qtbot.waitUntil(lambda: bar.count_text == "2 found")
    assert len(view.extraSelections()) == 2
    QTest.keyClick(bar.box, Qt.Key.Key_Return)
    assert (bar.count_text, view.textCursor().selectedText()) == ("1 of 2", "word")
    shown.run("help.find_next")
    assert bar.count_text == "2 of 2"
    shown.run("help.find_previous")
    assert bar.count_text == "1 of 2"
    shown.run("help.show", topic="g", language="python")
    shown.wait_for("A word.")
    assert bar.count_text == "1 found"
    QTest.keyClick(bar.box, Qt.Key.Key_Escape)
    assert view.extraSelections() == []
    assert view.hasFocus()
