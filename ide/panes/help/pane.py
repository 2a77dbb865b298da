"""Puts the Help pane together and does what its commands ask. The kernel's languages are asked through `HelpModel`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.ports import After, Cancel, RunInPool
from ide.core.record import dataclass, field
from ide.panes.help import render
from ide.panes.help.commands import CAN_GO_BACK, CAN_GO_FORWARD, HAS_PAGE, add_commands
from ide.panes.help.markup import Look, target_of
from ide.panes.help.model import HelpModel, Place, Sources
from ide.panes.help.render import Facts, KeyLine, Rendered
from ide.panes.help.view import HelpView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState
from ide.widgets.notices import Notice, NoticeArea
from ide.widgets.pane_frame import PaneFrame
from ide.widgets.text_find_bar import TextFindBar

if TYPE_CHECKING:
    from ide.kernels.session import Session

EMPTY_TEXT: Final = "Documentation appears here. Press F1 on a name, or search."
SEARCH_DELAY_MS: Final = 200
OPEN_ADDRESS: Final = "help.open_address"
KEPT: Final = "kept"
_OWN_COMMANDS: Final = frozenset({"app.keys", "session.start"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The name at a caret: for the session as code and offset, for a static helper as its own parameters."""

    language: str
    name: str
    code: str
    offset: int
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HelpServices:
    """What the pane is given. `asked`: the name at the caret of the pane with the keyboard. `reveal` brings the pane
    into view and leaves the keyboard where it is. `run_code` runs an example as the user would. `keys` are the lines of
    the cheat sheet by place, and the name of the key map."""

    sources: Sources
    facts_of: Callable[[str], Facts | None]
    asked: Callable[[], Asked | None]
    reveal: Callable[[], None]
    run_code: Callable[[str, str], object]
    keys: Callable[[], tuple[str, Mapping[str, Sequence[KeyLine]]]]
    after: After
    run_in_pool: RunInPool
    open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl


class HelpPane:
    """UI thread."""

    id = "help"
    title = "Help"

    def __init__(
        self,
        services: HelpServices,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        *,
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = HelpModel(services.sources, services.after)
        self._services = services
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._rendering: Cancel | None = None
        self._listeners: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        header = self.widget.header
        header.set_actions(
            [actions.action(id) for id in ("help.back", "help.forward")],
            [actions.action(id) for id in ("help.show", "help.find", "help.cheat_sheet", "help.reload")],
        )
        self.search_box = header.set_filter("Search help", "Search help")
        self.search_box.textEdited.connect(self._on_search_typed)
        self.search_box.returnPressed.connect(self._on_search_entered)
        self._typing = QTimer(self.widget)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_DELAY_MS)
        self._typing.timeout.connect(self._on_typing_over)
        body = QWidget()
        self._stack = QStackedLayout(body)
        examples = [("help.search", "Search help"), ("help.cheat_sheet", "Show the cheat sheet of keys")]
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, examples, icon="question")
        self._empty.chosen.connect(commands.run)
        self.view = HelpView(theme)
        self.view.set_menu(
            tuple(actions.action(id) for id in ("help.back", "help.forward", "help.find", "help.reload"))
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self.notices = NoticeArea(theme, icons)
        self.widget.add_bar(self.notices)
        self.find_bar = TextFindBar(theme, icons, words="Find in page")
        self.find_bar.closed.connect(self.view.setFocus)
        self.widget.add_bar(self.find_bar)
        self.widget.set_body(body)
        self.notices.acted.connect(self._on_notice_acted)
        self.view.link_asked.connect(self.follow_link)
        connect(self.view, self.model.changed, self._on_changed)
        connect(self.view, self.model.kept, self._on_kept)
        connect(self.view, theme.changed, self._on_theme_changed)

    def focus(self) -> None:
        """The keyboard goes to the page, or to the search where there is none yet."""
        (self.view if self.model.place is not None else self.search_box).setFocus()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._typing.stop()
        self.model.close()
        if self._rendering is not None:
            self._rendering()

    def follow(self, session: Session) -> None:
        """Show what code of the session asks help for (`?lm`, `help(x)`)."""
        language = session.language

        def listen(event: str, params: dict[str, Any]) -> None:
            self._on_agent_event(language, event, params)

        self._listeners[session.id] = listen
        session.agent_event.connect(listen)
        session.state_changed.connect(self.model.renew)

    def unfollow(self, session: Session) -> None:
        """No longer."""
        listener = self._listeners.pop(session.id, None)
        if listener is not None:
            session.agent_event.disconnect(listener)
            session.state_changed.disconnect(self.model.renew)

    # --- commands

    def show(self, topic: str = "", language: str = "", package: str = "") -> None:
        """A topic's page, or that of the name at the caret; without a name there the search waits for one."""
        if topic or package:
            language = language or next(iter(self._services.sources.languages()), "")
            self._open(Place(language=language, topic=topic, package=package))
            return
        asked = self._services.asked()
        if asked is None:
            self.search()
            return
        self.show_asked(asked)

    def show_asked(self, asked: Asked) -> None:
        """The page of a name in code."""
        self._open(
            Place(language=asked.language, topic=asked.name, code=asked.code, offset=asked.offset, params=asked.params)
        )

    def search(self, text: str = "") -> None:
        """Look for words in all installed packages; without words the search box waits for them."""
        self._services.reveal()
        if text:
            self.search_box.setText(text)
            self.model.open(Place("search", text=text))
        else:
            self.search_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search_box.selectAll()

    def show_cheat_sheet(self) -> None:
        """The keys of each pane."""
        self._open(Place("sheet", text="Cheat sheet"))

    def renew(self, *_changed: object) -> None:
        """Another session may be in use: its packages may be of other versions."""
        self.notices.dismiss(KEPT)
        self.model.renew()

    def find(self) -> None:
        """Find words in the page that is shown."""
        self._services.reveal()
        self.find_bar.open_for(self.view)

    def find_next(self) -> None:
        """To the following match; without words to find the bar asks for them."""
        self._step(self.find_bar.next)

    def find_previous(self) -> None:
        """To the match before."""
        self._step(self.find_bar.previous)

    def _step(self, step: Callable[[], None]) -> None:
        if self.find_bar.isVisible():
            step()
        else:
            self.find()

    def back(self) -> None:
        """To the page before."""
        self.model.back()

    def forward(self) -> None:
        """To the page that we came back from."""
        self.model.forward()

    def reload(self) -> None:
        """Ask again for the page."""
        self.model.reload()

    # --- links

    def follow_link(self, address: str) -> None:
        """Do what a link of a page means."""
        kind, _, rest = address.partition(":")
        page = self.model.page
        if (target := target_of(address)) is not None:
            self.model.open(Place(language=target.language, topic=target.topic, package=target.package))
        elif kind == "see":
            self.model.see(unquote(rest))
        elif kind == "search":
            self.search(unquote(rest))
        elif kind == "run" and rest.isdecimal():
            self._run_example(int(rest))
        elif kind == "source" and page is not None and page.source_path:
            self._commands.run("file.open", path=page.source_path, line=max(0, page.source_line - 1))
        elif kind == "document" and page is not None and page.file_path:
            self._open_outside(QUrl.fromLocalFile(page.file_path))
        elif kind == "command" and rest in _OWN_COMMANDS:
            self._commands.run(rest)
        elif kind in ("http", "https", "mailto"):
            text = f"Open this address in the browser?\n{address}"
            arguments: dict[str, object] = {"address": address}
            self.notices.show_notice(Notice(text, "info", OPEN_ADDRESS, "Open in browser", arguments, key="address"))

    def _run_example(self, number: int) -> None:
        """Examples run in a session of the page's language, and are seen in its console."""
        place, examples = self.model.place, self.view.rendered.examples
        if place is None or not 0 <= number < len(examples):
            return
        try:
            self._services.run_code(examples[number], place.language)
        except FourpaneError as error:
            self._commands.report(error)

    def _open_outside(self, url: QUrl) -> None:
        if not self._services.open_url(url):
            self._commands.report(CommandError("The browser did not open.", "", f"Open it yourself: {url.toString()}"))

    def _on_notice_acted(self, notice: Notice) -> None:
        self._open_outside(QUrl(str(notice.action_arguments["address"])))

    # --- search

    def _on_search_typed(self, text: str) -> None:
        if text.strip():
            self._typing.start()
        else:
            self._typing.stop()

    def _on_typing_over(self) -> None:
        self.model.open(Place("search", text=self.search_box.text().strip()))

    def _on_search_entered(self) -> None:
        """Enter goes into the list of what was found."""
        self._typing.stop()
        text = self.search_box.text().strip()
        here = self.model.place
        if text and not (here is not None and here.kind == "search" and here.text == text):
            self.model.open(Place("search", text=text))
        if text:
            self.view.setFocus()

    # --- events

    def _open(self, place: Place) -> None:
        self._services.reveal()
        self.notices.dismiss(KEPT)
        self.model.open(place)

    def _on_agent_event(self, language: str, event: str, params: dict[str, Any]) -> None:
        if event != "help.show":
            return
        search, topic, package = (str(params.get(name, "")) for name in ("search", "topic", "package"))
        if search:
            self.search(search)
        elif topic or package:
            self._open(Place(language=language, topic=topic, package=package))

    def _on_changed(self) -> None:
        model, context = self.model, self._commands.context
        context.set(CAN_GO_BACK, model.can_go_back)
        context.set(CAN_GO_FORWARD, model.can_go_forward)
        context.set(HAS_PAGE, model.place is not None)
        self._render()

    def _on_kept(self, label: str, session: str) -> None:
        text = f"“{session}” has no page on “{label}”. This one is from the console before."
        self.notices.show_notice(Notice(text, "info", key=KEPT))

    def _on_theme_changed(self) -> None:
        if self.model.place is not None:
            self._render()

    def _render(self) -> None:
        """Make the page in the pool. While a page is asked for, the one before stays: most answers come at once."""
        place = self.model.place
        if self._rendering is not None:
            self._rendering()
            self._rendering = None
        if place is None or (self.model.state in ("asking", "") and not (place.kind == "search" and self.model.found)):
            return
        work = self._work(place, self.view.look())
        key = f"{place.kind}:{place.language}:{place.package}:{place.label}"
        done = tied(self.view, self._on_rendered)
        self._rendering = self._services.run_in_pool(work, partial(done, key, place.label), self._on_failed)

    def _work(self, place: Place, look: Look) -> Callable[[], Rendered]:
        """What is to be done in the pool, with all that it needs."""
        model, page = self.model, self.model.page
        if place.kind == "sheet":
            name, scopes = self._services.keys()
            return partial(render.cheat_sheet, name, scopes, look)
        if place.kind == "search":
            groups = [(facts, one.matches) for one in model.found if (facts := self._services.facts_of(one.language))]
            return partial(render.matches, place.text, groups, self._search_state(), look)
        facts = self._services.facts_of(place.language)
        if page is not None and facts is not None:
            return partial(render.page, page, facts, look)
        return partial(self._message, place, facts.name if facts is not None else "")

    def _search_state(self) -> str:
        names = [facts.name for one in self._services.sources.languages() if (facts := self._services.facts_of(one))]
        if self.model.state == "no session":
            return "Nothing runs now whose packages could be looked through. Start a console first."
        if self.model.state == "none":
            return f"Nothing was found in the installed packages of {' and '.join(names)}."
        return "Still looking through the installed packages …" if self.model.state == "asking" else ""

    def _message(self, place: Place, language: str) -> Rendered:
        name = place.label
        look_for = ("search:" + quote(name, safe=""), f"Search for “{name}”")
        if self.model.state == "busy":
            text = f"{language} is busy. The page comes when it has finished."
            return render.message(name, text)
        if self.model.state == "reading":
            return render.message(name, "Not known to the session. Reading the files of its packages …")
        if self.model.state == "no session":
            text = "Help comes from the environment of a running console, and none runs now."
            return render.message(name, text, [("command:session.start", "New console")])
        text = f"{language or 'The session'} has no help on this name."
        return render.message(name, text, [look_for] if name else [])

    def _on_rendered(self, key: str, title: str, rendered: Rendered) -> None:
        self._rendering = None
        self._stack.setCurrentWidget(self.view)
        self.view.show_page(rendered, key, title)
        self.find_bar.search_again()

    def _on_failed(self, error: Exception) -> None:
        self._rendering = None
        raise error
