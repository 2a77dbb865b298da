"""Puts the console pane together: tabs of sessions, their pages, notices, and what the commands ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QInputDialog,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.errors import CommandError, FourpaneError, KernelError
from ide.core.events import Signal
from ide.core.hover import Helper
from ide.core.language import Language
from ide.core.ports import After, Cancel, RunInPool
from ide.core.record import dataclass
from ide.panes.console import model as consoles
from ide.panes.console.commands import add_commands
from ide.panes.console.history import Histories
from ide.panes.console.look import HoverServices, Look
from ide.panes.console.model import ConsoleModel, ConsoleNotice
from ide.panes.console.typing_frame import TypingFrame
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.settings import declared
from ide.settings.settings import Settings
from ide.widgets.empty_state import EmptyState
from ide.widgets.notices import Notice, NoticeArea
from ide.widgets.pane_frame import PaneFrame
from ide.widgets.tabs import Tab, TabStrip

if TYPE_CHECKING:
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.progress import RunProgress
    from ide.kernels.session import Session
    from ide.panes.console.page import ConsolePage
    from ide.panes.console.view_import import ImportByTurns
    from ide.widgets.rich.sound import Player

UNDO_S = 10.0
OPEN_ADDRESS = "console.open_address"
"""Not a command: output must have no way to one (PROMISES, lessons of advisories)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """What the pane asks of the rest of the program. All on the UI thread.

    `start_language` and `start_environment` start a session or raise FourpaneError. `environments` lists what can be
    chosen, best first; `languages` are ids
    and names, which load no plugin. `tell` shows an error of the pane to the user.
    """

    start_language: Callable[[str], object]
    start_environment: Callable[[Environment], object]
    environments: Callable[[], Sequence[Environment]]
    languages: Callable[[], Sequence[tuple[str, str]]]
    language_of: Callable[[str], Language | None]
    tell: Callable[[FourpaneError], None]
    run_in_pool: RunInPool
    after: After


class ConsolePane:
    """One tab per session. `load` brings qtconsole's widget in; until then typing is kept."""

    id = "console"
    title = "Console"

    help_wanted = Signal(object, object)
    """ConsolePage and `hover.Pointed`: the page of a name in its code is wanted."""

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        kernels: Kernels,
        active: ActiveSession,
        settings: Settings,
        history_folder: Path,
        theme: Theme,
        icons: Icons,
        services: ConsoleServices,
        progress: RunProgress,
        *,
        expects: str = "",
    ) -> None:
        """`expects`: language of a session that is on its way, as by `expect`."""
        self._commands = commands
        self._active = active
        self._look = Look(theme, icons, settings, services.after, services.run_in_pool)
        self._services = services
        self._histories = Histories(history_folder, settings.get(declared.CONSOLE_HISTORY_COUNT), services.run_in_pool)
        self._pages: dict[str, ConsolePage] = {}
        self._expected: _Expected | None = None
        self._module: ModuleType | None = None
        self._is_loading = False
        self._import: ImportByTurns | None = None
        self._closing: dict[str, Cancel] = {}
        self._told: set[str] = set()
        self._is_closed = False
        self.helper_of: Callable[[str], Helper | None] = _no_helper
        """The static helper of a language. Whoever has them puts this here."""
        self._hovering = HoverServices(
            self._helper,
            lambda: settings.get(declared.COMPLETION_HOVER),
            lambda: actions.keys("help.show"),
        )
        self._player: Player | None = None
        self.show_large: Callable[[Mapping[str, Any], str], object] = _nowhere
        """Shows a bundle large, under a title. Whoever has a place for that puts this here."""
        for key, meaning in (
            ("session.exists", "a console"),
            ("session.is_busy", "running code"),
            ("console.has_closed", "a console that was just closed"),
        ):
            commands.context.declare(key, False, meaning, "Console pane")
        commands.context.declare("console.language", "", "a console of this language", "Console pane")
        self.model = ConsoleModel(kernels, active, services.language_of, progress)
        add_commands(commands, self)
        self.widget = PaneFrame(self.title, theme, icons)
        self._watch = _FirstPaint(self.widget, self.load)
        self.tabs = TabStrip(theme, icons, "Consoles")
        self.tabs.selected.connect(self.model.choose)
        self.tabs.close_asked.connect(self._on_close_asked)
        self.tabs.reordered.connect(self.model.reorder)
        self.tabs.menu_asked.connect(self._on_menu_asked)
        self.tabs.tabBarDoubleClicked.connect(self._on_double_clicked)
        self.widget.header.set_tabs(self.tabs)
        self._add_menu = QMenu(self.widget)
        self._add_menu.aboutToShow.connect(self._fill_add_menu)
        shown = ("session.start_in", "session.interrupt", "console.clear")
        behind = (
            "session.start", "session.restart", "session.rename", "session.set_folder", "session.kill",
            "session.shut_down", "session.bring_back", "console.find", "console.history_search", "console.copy_code",
            "console.show_help",
        )  # fmt: skip
        self._menu_ids = (*shown[1:], *behind)
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self._actions = actions
        self.notices = NoticeArea(theme, icons)
        self.notices.acted.connect(self._on_notice_acted)
        self._empty: EmptyState | None = None
        self._stack = QStackedWidget()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self._stack, 1)
        self.widget.set_body(body)
        connect(self.widget, self.model.opened, self._on_opened)
        connect(self.widget, self.model.closed, self._on_closed)
        connect(self.widget, self.model.changed, self._on_changed)
        connect(self.widget, settings.changed, self._on_setting_changed)
        connect(self.widget, progress.changed, self._on_progress)
        for session in self.model.sessions:
            self._on_opened(session)
        self.expect(expects)

    @property
    def page(self) -> ConsolePage | None:
        """The page in view."""
        session = self.model.current
        return self._pages.get(session.id) if session is not None else None

    def page_of(self, session: Session) -> ConsolePage:
        """The page of a session. KeyError for one that is gone."""
        return self._pages[session.id]

    def expect(self, language: str) -> None:
        """A session of this language is on its way: what is typed meanwhile is kept for it. Empty: none, after all."""
        if self._expected is not None:
            self._stack.removeWidget(self._expected.frame)
            self._expected.frame.deleteLater()
            self._expected = None
        if language:
            self._expected = _Expected(self._services.language_of(language), self._look.theme)
            self._stack.addWidget(self._expected.frame)
        self._on_changed()

    def load(self) -> None:
        """Import qtconsole's widget, once, without holding the window up; called after the first paint."""
        if self._is_loading or self._module is not None:
            return
        self._is_loading = True
        from ide.panes.console.view_import import import_without_qt

        self._services.run_in_pool(import_without_qt, self._import_view, self._on_not_loaded)

    def focus(self) -> None:
        """The keyboard goes to the prompt."""
        if self.page is not None:
            self.page.focus_input()
        else:
            self._place_without_page().setFocus()

    def close(self) -> None:
        """End what the pane started: consoles that were closed a moment ago end now. A second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._import is not None:
            self._import.stop()
        for key, cancel in tuple(self._closing.items()):
            cancel()
            session = self.model.session(key)
            if session is not None:
                session.shut_down()
        self._closing.clear()
        for page in self._pages.values():
            page.close_page()
        from ide.panes.console.text_viewer import TextViewer

        for viewer in self.widget.findChildren(TextViewer):
            viewer.close()
        if self._player is not None:
            self._player.close()
        self._histories.close()
        self.model.close()

    # --- commands ----------------------------------------------------------------------------------------------------

    def start(self, language: str = "", environment: str = "") -> None:
        """A new console: of an environment by its id, of a language, or like the one in use."""
        if environment:
            self._start_environment(environment)
            return
        session = self.model.current
        wanted = language or (
            session.language if session is not None else next((id for id, _ in self._services.languages()), "")
        )
        self._services.start_language(wanted)

    def start_in(self) -> None:
        """Choose from a menu what to start."""
        button = next((each for each in self.widget.header.buttons if each.isVisible()), None)
        anchor: QWidget = button if button is not None else self.widget
        self._add_menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height())))

    def interrupt(self, session: str = "") -> None:
        """Stop the code that runs."""
        self._session(session).interrupt()

    def restart(self, session: str = "") -> None:
        """Start the kernel anew."""
        self._session(session).restart()

    def kill(self, session: str = "") -> None:
        """End a kernel that does not answer."""
        self._session(session).kill()

    def rename(self, session: str = "", name: str = "") -> None:
        """Give a console another name; asks for it where it is not told."""
        chosen = self._session(session)
        if not name:
            name, is_sure = QInputDialog.getText(self.widget, "Rename console", "Name:", text=chosen.name)
            if not is_sure:
                return
        if name := " ".join(name.split())[:60]:
            chosen.rename(name)

    def shut_down(self, session: str = "", is_sure: bool = False) -> None:
        """Close a console. An idle one can be brought back for some seconds; a busy one asks first, in a bar."""
        chosen = self._session(session)
        if chosen.state == "dead" or is_sure:
            self._forget_closing(chosen.id)
            chosen.shut_down()
        elif chosen.state in ("busy", "waiting", "interrupting"):
            self._tell(consoles.busy_notice(chosen))
        else:
            self._closing[chosen.id] = self._services.after(UNDO_S, partial(self._end_closed, chosen.id))
            self.model.hide(chosen)
            self._tell(consoles.closing_notice(chosen, UNDO_S))

    def bring_back(self, session: str = "") -> None:
        """Show a console that was closed a moment ago."""
        key = session or next(reversed(self._closing), "")
        self._forget_closing(key)
        if self.model.bring_back(key) is not None:
            self.focus()

    def set_folder(self, session: str = "", folder: str = "") -> None:
        """Change the working folder; asks for it where it is not told."""
        chosen = self._session(session)
        if not folder:
            start = str(chosen.working_folder or Path.home())
            folder = QFileDialog.getExistingDirectory(self.widget, "Working folder", start)
        language = self.model.language(chosen)
        if not folder:
            return
        if language is None:
            raise CommandError("The working folder of this language cannot be changed here.")
        chosen.execute(language.set_folder_code(Path(folder)), store_history=False)

    def copy_or_interrupt(self) -> None:
        """Copy what is selected where the keyboard is; with nothing selected, stop the code that runs."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QPlainTextEdit) and focused.textCursor().hasSelection():
            focused.copy()
        elif self._commands.is_enabled("session.interrupt"):
            self._commands.run("session.interrupt")

    def clear(self) -> None:
        """Empty the console in view."""
        page = self._page()
        if page.view is not None:
            page.view.clear_console()

    def find(self) -> None:
        """Search in the output in view."""
        self._page().open_find()

    def copy_code(self) -> None:
        """Put the entered code on the clipboard."""
        page = self._page()
        if page.view is not None and (code := page.view.copy_code()):
            QGuiApplication.clipboard().setText(code)

    def search_history(self) -> None:
        """Search in what was entered."""
        self._page().search_history()

    def _helper(self, language: str) -> Helper | None:
        return self.helper_of(language)

    def show_help(self) -> None:
        """A few words on the name at the caret."""
        self._page().show_help()

    def next(self) -> None:
        """The following tab."""
        self.model.step(1)

    def previous(self) -> None:
        """The tab before."""
        self.model.step(-1)

    def _session(self, key: str) -> Session:
        session = self.model.session(key) if key else self.model.current
        if session is None:
            raise CommandError("This console is gone.")
        return session

    def _page(self) -> ConsolePage:
        if self.page is None:
            raise CommandError("There is no console yet.", "", "Start one.", action="session.start_in")
        return self.page

    def _start_environment(self, id: str) -> None:
        found = next((each for each in self._services.environments() if each.id == id), None)
        if found is None:
            raise CommandError(f"There is no environment “{id}”.")
        self._services.start_environment(found)

    # --- sessions come and go ----------------------------------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        if session.id in self._pages:
            return
        from ide.panes.console.page import ConsolePage  # not on the way to the first window

        history = self._histories.of(session.language)
        expected, self._expected = self._expected, None
        frame = expected.frame if expected is not None else None
        had_focus = frame is not None and frame.hasFocus()
        page = ConsolePage(session, self.model.language(session), history, self._look, self._hovering, frame)
        page.help_wanted.connect(self.help_wanted.emit)
        page.link_activated.connect(self._on_link)
        page.rest_wanted.connect(self._on_rest_wanted)
        page.page_wanted.connect(self._on_page_wanted)
        page.interrupt_wanted.connect(partial(self._run, "session.interrupt"))
        page.restart_wanted.connect(partial(self._run, "session.restart"))
        page.folder_wanted.connect(partial(self._run, "session.set_folder"))
        page.large_wanted.connect(self._on_large_wanted)
        page.sound_wanted.connect(self._on_sound_wanted)
        page.zoom_wanted.connect(self._on_zoom_wanted)
        page.refused.connect(self._services.tell)
        self._pages[session.id] = page
        self._stack.addWidget(page)
        page.troubled.connect(self._on_troubled)
        if session.is_attached:
            self._tell(consoles.attached_notice(session))
        if history.problem:
            self._tell(ConsoleNotice(f"history:{session.language}", history.problem, "warning"))
            history.problem = ""
        if self._module is not None:
            page.open_view(self._module.ConsoleView)
        for code in expected.codes if expected is not None else ():
            page.run_code(code)
        if had_focus:  # a widget that moves to another parent loses the keyboard
            self._stack.setCurrentWidget(page)
            page.focus_input()

    def _on_closed(self, session: Session) -> None:
        self._forget_closing(session.id)
        page = self._pages.pop(session.id, None)
        for key in ("dead", "trouble", "busy", "closed", "attached"):
            self.notices.dismiss(f"{key}:{session.id}")
        if page is not None:
            page.close_page()
            self._stack.removeWidget(page)
            page.deleteLater()

    def _on_changed(self) -> None:
        tabs = tuple(
            Tab(
                tab.key,
                tab.text,
                tab.badge,
                tab.badge_role,
                tab.tooltip,
                is_running=tab.is_running,
                state=tab.state,
                share=tab.share,
            )
            for tab in self.model.tabs
        )
        current = self.model.current
        self.tabs.set_tabs(tabs, current.id if current is not None else "")
        page = self.page
        shown = page if page is not None else self._place_without_page()
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self._stack.isAncestorOf(focused)
        if self._stack.currentWidget() is not shown:
            self._stack.setCurrentWidget(shown)
            if had_focus:
                self.focus()
        context = self._commands.context
        context.set("session.exists", current is not None)
        context.set("console.language", current.language if current is not None else "")
        context.set("session.is_busy", current is not None and current.state in ("busy", "waiting", "interrupting"))
        context.set("console.has_closed", bool(self._closing))
        for session in self.model.sessions:
            self._follow(session)

    def _on_progress(self, session: Session) -> None:
        tab = self.model.tab_of(session)
        self.tabs.update_tab(tab.key, share=tab.share, tooltip=tab.tooltip)

    def _follow(self, session: Session) -> None:
        notice = consoles.death_notice(session)
        if notice is not None:
            is_told = any(bar.notice.key == notice.key for bar in self.notices.bars)
            if not is_told and notice.key not in self._told and self._look.settings.get(declared.KERNELS_DEATH_NOTICE):
                self._told.add(notice.key)
                self._tell(notice)
        elif session.state != "dead":
            self.notices.dismiss(f"dead:{session.id}")
            self._told.discard(f"dead:{session.id}")
        if session.id in self._closing and session.state in ("busy", "waiting"):
            self.bring_back(session.id)

    @Slot(object, object)
    def _on_troubled(self, session: Session, error: KernelError | None) -> None:
        if error is None:
            self.notices.dismiss(f"trouble:{session.id}")
        else:
            self._tell(consoles.trouble_notice(session, error))

    def _import_view(self, _done: None) -> None:
        from ide.panes.console.view_import import ImportByTurns

        if not self._is_closed:
            self._import = ImportByTurns(partial(self._services.after, 0.0), self._on_loaded, self._on_not_loaded)
            self._import.start()

    def _on_loaded(self, module: ModuleType) -> None:
        self._module = module
        for page in self._pages.values():
            if page.view is None:
                page.open_view(module.ConsoleView)

    def _on_not_loaded(self, error: Exception) -> None:
        _log.error("the console's widget could not be loaded", exc_info=error)
        self._services.tell(
            FourpaneError("The console could not be loaded.", f"Typing is kept: {error}", "Install Fourpane again.")
        )

    # --- menus, notices, links ---------------------------------------------------------------------------------------

    def _fill_add_menu(self) -> None:
        menu = self._add_menu
        menu.clear()
        for id, name in self._services.languages():
            menu.addAction(self._actions.bound("session.start", f"New {name} console", language=id))
        menu.addSeparator()
        for environment in list(self._services.environments())[:40]:
            title = f"{environment.name} {environment.version}".strip()
            action = self._actions.bound("session.start", title, environment=environment.id)
            action.setToolTip(environment.reason or str(environment.interpreter or ""))
            menu.addAction(action)
        if "session.choose_environment" in self._commands:
            menu.addSeparator()
            menu.addAction(self._actions.action("session.choose_environment"))

    def _place_without_page(self) -> QWidget:
        """Where one can type for a session to come, else what an empty console shows."""
        if self._expected is not None:
            return self._expected.frame
        if self._empty is None:
            self._empty = EmptyState(self._look.theme, self._look.icons, "", icon="terminal-window")
            self._empty.chosen.connect(self._on_empty_chosen)
            self._stack.addWidget(self._empty)
        self._fill_empty(self._empty)
        return self._empty

    def _fill_empty(self, empty: EmptyState) -> None:
        names = [(id, f"Start {name}") for id, name in self._services.languages()]
        empty.set_text(consoles.READY_TEXT if names else consoles.EMPTY_TEXT)
        if [str(button.property("key")) for button in empty.buttons] != [key for key, _text in names]:
            empty.set_examples(names)

    @Slot(str)
    def _on_empty_chosen(self, key: str) -> None:
        self._commands.run("session.start", language=key)

    @Slot(str)
    def _on_close_asked(self, key: str) -> None:
        self._commands.run("session.shut_down", session=key)

    @Slot(int)
    def _on_double_clicked(self, index: int) -> None:
        if 0 <= index < len(self.tabs.tabs):
            self._commands.run("session.rename", session=self.tabs.tabs[index].key)

    @Slot(str, QPoint)
    def _on_menu_asked(self, key: str, place: QPoint) -> None:
        self.model.choose(key)
        menu = QMenu(self.widget)
        menu.addActions([self._actions.action(id) for id in self._menu_ids])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _tell(self, notice: ConsoleNotice) -> None:
        self.notices.show_notice(
            Notice(
                notice.text,
                notice.kind,
                notice.action,
                notice.action_title,
                dict(notice.arguments),
                details=notice.details,
                key=notice.key,
            )
        )

    @Slot(object)
    def _on_notice_acted(self, notice: Notice) -> None:
        if notice.action == OPEN_ADDRESS:
            QDesktopServices.openUrl(QUrl(str(notice.action_arguments["address"])))
        else:
            self._commands.run(notice.action, **notice.action_arguments)

    @Slot(str, str, int)
    def _on_link(self, kind: str, target: str, number: int) -> None:
        if kind == "place":
            self._commands.run("file.open", path=self._resolved(target), line=number)
        elif kind == "plot":
            self._run("view.plots")
        elif kind == "full" and (page := self.page) is not None:
            self._show_output(page.session, target)
        elif kind == "url":
            text = f"Open this address in the browser?\n{target}"
            arguments: dict[str, object] = {"address": target}
            self._tell(ConsoleNotice("address", text, "info", OPEN_ADDRESS, "Open in browser", arguments))

    def _resolved(self, target: str) -> str:
        """A path as a traceback tells it: from home, or from the kernel's working folder."""
        session = self.model.current
        path = Path(target).expanduser()
        folder = session.working_folder if session is not None else None
        return str(path if path.is_absolute() or folder is None else folder / path)

    @Slot(int)
    def _on_rest_wanted(self, key: int) -> None:
        page = self.page
        if page is None or page.view is None:
            return
        text, run_id = page.view.folded_text(key)
        if text is not None:
            self._show_text("Folded line", text)
        elif run_id:
            self._show_output(page.session, run_id)

    @Slot(str)
    def _on_page_wanted(self, text: str) -> None:
        self._show_text("Help", text)

    def _show_output(self, session: Session, run_id: str) -> None:
        """All that a run printed, read in the pool."""
        from ide.panes.console.page import read_text

        self._services.run_in_pool(
            partial(read_text, session.full_output, run_id), partial(self._show_text, "Full output"), self._on_unread
        )

    def _on_unread(self, error: Exception) -> None:
        if isinstance(error, FourpaneError):
            self._services.tell(error)
        else:
            self._services.tell(FourpaneError("The full output cannot be read.", str(error)))

    def _show_text(self, title: str, text: str) -> None:
        from ide.panes.console.text_viewer import TextViewer  # when somebody asks for one

        TextViewer(title, text, self._look.theme, self._look.icons, self.widget).show()

    @Slot(object, str)
    def _on_large_wanted(self, bundle: Mapping[str, Any], title: str) -> None:
        self.show_large(bundle, title)

    @Slot(object)
    def _on_sound_wanted(self, bundle: Mapping[str, Any]) -> None:
        """Play a sound of the output; a second time stops it."""
        from ide.widgets.rich.sound import Player

        if self._player is None:
            self._player = Player(self._services.run_in_pool, self.widget)
            self._player.failed.connect(self._on_sound_failed)
        self._player.toggle(bundle)

    @Slot(str)
    def _on_sound_failed(self, why: str) -> None:
        self._tell(ConsoleNotice("sound", why, "warning"))

    @Slot(int)
    def _on_zoom_wanted(self, by: int) -> None:
        self._run("view.zoom_in" if by > 0 else "view.zoom_out")

    def _on_setting_changed(self, id: str) -> None:
        if id.startswith("console."):
            for page in self._pages.values():
                page.follow_settings()

    def _run(self, id: str) -> None:
        if id in self._commands:
            self._commands.run(id)

    def _end_closed(self, key: str) -> None:
        self._closing.pop(key, None)
        session = self.model.session(key)
        if session is not None and self.model.is_hidden(session):
            session.shut_down()
        self._commands.context.set("console.has_closed", bool(self._closing))

    def _forget_closing(self, key: str) -> None:
        cancel = self._closing.pop(key, None)
        if cancel is not None:
            cancel()
        self.notices.dismiss(f"closed:{key}")


def _nowhere(_bundle: Mapping[str, Any], _title: str) -> None:
    """No place for large views is there yet."""


def _no_helper(_language: str) -> Helper | None:
    return None


class _Expected:
    """Where typing goes before the first session is there: the frame that its page takes over, and code to run."""

    def __init__(self, language: Language | None, theme: Theme) -> None:
        self.codes: list[str] = []
        self.frame = TypingFrame(theme, lambda code: language is None or language.is_complete(code))
        self.frame.setPlaceholderText(consoles.starting_text(language.name if language is not None else "The kernel"))
        self.frame.submitted.connect(self._on_submitted)

    def _on_submitted(self, code: str) -> None:
        self.codes.append(code)


class _FirstPaint(QObject):
    """Calls once, in the turn after a widget was painted for the first time."""

    def __init__(self, widget: QWidget, then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._then = then
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch for paint."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._then)
        return False
