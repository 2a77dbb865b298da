"""Puts the editor together: tabs, desk, handlers, helpers, and what the status bar and the run button are told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from ide.commands.registry import Commands
from ide.core.errors import FourpaneError
from ide.core.events import Signal, SignalInstance
from ide.core.ports import After, Post, RunInPool
from ide.core.runs import Run
from ide.core.text import Place
from ide.documents.document import Document
from ide.documents.documents import Documents
from ide.extensions.extensions import Extensions
from ide.panes.editor.assist import AssistOptions, Sources
from ide.panes.editor.buffer import Buffer
from ide.panes.editor.checks import Checks
from ide.panes.editor.commands import add_commands
from ide.panes.editor.completion import LiveSession
from ide.panes.editor.desk import Desk
from ide.panes.editor.dialogs import FileDialogs, SystemFileDialogs
from ide.panes.editor.edit_actions import EditActions, FocusedText
from ide.panes.editor.file_actions import FileActions
from ide.panes.editor.format_actions import FormatActions
from ide.panes.editor.live_help import Definition
from ide.panes.editor.model import EditorModel, EditorStatus
from ide.panes.editor.page import EditorPage
from ide.panes.editor.run_actions import RunActions
from ide.panes.editor.run_plan import Runner
from ide.panes.editor.telling import Telling, status_of
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.settings import declared
from ide.settings.settings import Settings
from ide.tables.files.options import SUFFIXES
from ide.widgets.choice_bar import BarChoice
from ide.widgets.code_view import ViewOptions
from ide.widgets.code_view_typing import TypingOptions
from ide.widgets.guest import GuestPage
from ide.widgets.notices import Notice
from ide.widgets.pane_frame import PaneFrame
from ide.widgets.tabs import Tab, TabStrip

MENU = (
    "run.default", "", "edit.cut", "edit.copy", "edit.paste", "", "edit.toggle_comment", "edit.go_to_definition",
    "edit.show_help", "edit.format",
)  # fmt: skip


class EditorSession(LiveSession, Protocol):
    """What the editor follows of a session."""

    @property
    def run_changed(self) -> SignalInstance:
        """Carries each Run."""


class EditorKernels(Protocol):
    """The sessions of the program; `ide.kernels.kernels.Kernels` is one."""

    @property
    def sessions(self) -> tuple[EditorSession, ...]: ...
    @property
    def session_added(self) -> SignalInstance: ...


class EditorPane:
    """The pane. Everything in it is built here and ended by `close`."""

    id = "editor"
    title = "Editor"

    status_changed = Signal()
    """`status` is another one."""
    document_shown = Signal(object)
    """Document in front, or None."""
    help_wanted = Signal(object)
    """Question: the page of a name is wanted."""
    guest_closed = Signal(str)
    """Key of a guest whose tab was closed."""

    def __init__(
        self,
        documents: Documents,
        extensions: Extensions,
        kernels: EditorKernels,
        runner: Runner,
        session_of: Callable[[str], LiveSession | None],
        commands: Commands,
        actions: Actions,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        post: Post,
        after: After,
        run_in_pool: RunInPool,
        *,
        tell: Callable[[FourpaneError], None],
        notify: Callable[[Notice], None],
        folder: Callable[[], Path],
        empty: QWidget,
        interpreter_of: Callable[[str], str] = lambda _language: "",
        dialogs: FileDialogs | None = None,
    ) -> None:
        """`session_of`: the living session of a language. `interpreter_of`: path that static analysis may look at.

        `tell` shows errors, `notify` notices. `folder` is the open project or the user's own folder.
        """
        self._documents = documents
        self._extensions = extensions
        self._commands = commands
        self._actions = actions
        self._settings = settings
        self._notify = notify
        self.checks = Checks(
            extensions,
            post,
            after,
            session_of,
            interpreter_of,
            lambda: settings.get(declared.EDITOR_PROBLEMS_AS_YOU_TYPE),
        )
        sources = Sources(session_of, self.checks.helper_of, interpreter_of)
        self.widget = PaneFrame(self.title, theme, icons)
        self._events = _Events(self.widget)
        self.desk = Desk(documents, extensions, theme, icons, run_in_pool, sources, empty)
        self.model = EditorModel(documents, extensions)
        self.tabs = TabStrip(theme, icons, "Documents")
        self.widget.header.set_tabs(self.tabs)
        self.widget.set_body(self.desk)
        formatting = FormatActions(self.desk, sources, run_in_pool, tell)
        self.files = FileActions(
            documents, extensions, self.desk, dialogs or SystemFileDialogs(self.widget, _filters(extensions)), tell,
            notify, folder, formatting, lambda: settings.get(declared.EDITOR_FORMAT_ON_SAVE), theme, run_in_pool,
        )  # fmt: skip
        self.runs = RunActions(self.desk, extensions, runner, self._save_then, tell)
        self.edits = EditActions(
            self.desk,
            extensions.language,
            lambda: settings.get(declared.EDITOR_PIPE),
            lambda: str(commands.context.get("console.language") or ""),
        )
        self._formatting = formatting
        self._telling = Telling(self.desk, commands.context, extensions, formatting, self.status_changed.emit)
        self._focused_text = FocusedText()
        new = [(facts.id, facts.name) for facts in extensions.languages()]
        add_commands(commands, self._handlers(), new, self.files.new)
        buttons = [name for name in ("file.new_python", "edit.split") if actions.has(name)]
        self.widget.header.set_actions([actions.action(name) for name in buttons])
        self._connect(kernels)
        self._read_settings()
        self._show_tabs()

    # --- for the program ---------------------------------------------------------------------------------------------

    def focus(self) -> None:
        """The keyboard goes to the code."""
        self.desk.focus()

    def close(self) -> None:
        """Note the carets; end helpers, questions and pages. The documents are `Documents`' to shut down."""
        self._telling.stop()
        self.model.close()
        self.files.close()
        self.desk.close_desk()
        self.checks.close()

    def open(self, path: Path, place: Place | None = None, done: Callable[[Document], None] | None = None) -> None:
        """Open a file and go to a place in it (a traceback's link, the command line, the Files pane)."""
        self.files.open_path(path, place, done)

    def show(self, document: Document, place: Place | None = None) -> None:
        """Bring an open document to the front."""
        self.desk.show_document(document, place)

    def show_line(self, document_key: str, line: int) -> bool:
        """Go to a line of a document that is open; False where it is not."""
        document = self._documents.get(document_key)
        if document is None:
            return False
        self.desk.show_document(document, Place(line))
        self.focus()
        return True

    def insert_code(self, code: str) -> bool:
        """Put code on lines of its own at the caret of the document used last; False where there is none."""
        document = self._documents.active
        if document is None or document not in self._documents.all:
            return False
        page = self.desk.show_document(document)
        if page.view.isReadOnly():
            return False
        page.view.insert_lines(code)
        self.focus()
        return True

    def show_guest(self, guest: GuestPage) -> None:
        """Show a page that is no document in a tab of its own; the pane ends it when the tab is closed."""
        if self.desk.guest_of(guest.key) is None:
            connect(self._events, guest.tab_changed, self._show_tabs)
        self.desk.show_guest(guest)
        self._show_tabs()

    def guest(self, key: str) -> GuestPage | None:
        """The guest of that key, in front or not."""
        return self.desk.guest_of(key)

    def remove_guest(self, key: str) -> None:
        """Close a guest's tab."""
        self.desk.remove_guest(key)
        self._show_tabs()
        self.guest_closed.emit(key)

    @property
    def status(self) -> EditorStatus:
        """What the status bar shows."""
        return status_of(self.desk.page)

    # --- commands ----------------------------------------------------------------------------------------------------

    def _handlers(self) -> dict[str, Callable[..., object]]:
        files, edits, runs, text, desk = self.files, self.edits, self.runs, self._focused_text, self.desk
        view, look = edits.with_view, edits.look
        return {
            "file.open": files.open,
            "file.reopen_closed": files.reopen_closed,
            "file.save": files.save,
            "file.save_as": files.save_as,
            "file.save_all": files.save_all,
            "file.reload": files.reload,
            "file.show_difference": files.compare,
            "file.choose_encoding": files.choose_encoding,
            "file.choose_line_ending": files.choose_line_ending,
            "file.choose_language": files.choose_language,
            "file.close": self._close,
            "file.close_all": self._close_all,
            "edit.undo": text.undo,
            "edit.redo": text.redo,
            "edit.cut": text.cut,
            "edit.copy": text.copy,
            "edit.paste": text.paste,
            "edit.select_all": text.select_all,
            "edit.find": edits.find,
            "edit.replace": lambda: edits.find(replaces=True),
            "edit.find_next": edits.find_next,
            "edit.find_previous": edits.find_previous,
            "edit.go_to_line": edits.go_to_line,
            "edit.toggle_comment": lambda: view(lambda one: one.toggle_comment()),
            "edit.indent": lambda: view(lambda one: one.indent(1)),
            "edit.outdent": lambda: view(lambda one: one.indent(-1)),
            "edit.move_lines_up": lambda: view(lambda one: one.move_lines(-1)),
            "edit.move_lines_down": lambda: view(lambda one: one.move_lines(1)),
            "edit.duplicate_lines": lambda: view(lambda one: one.duplicate_lines()),
            "edit.delete_lines": lambda: view(lambda one: one.delete_lines()),
            "edit.join_lines": lambda: view(lambda one: one.join_lines()),
            "edit.add_caret_above": lambda: view(lambda one: one.carets.add_vertical(-1)),
            "edit.add_caret_below": lambda: view(lambda one: one.carets.add_vertical(1)),
            "edit.select_next_occurrence": lambda: look(lambda page: page.view.carets.add_next_occurrence()),
            "edit.select_all_occurrences": lambda: look(lambda page: page.view.carets.add_all_occurrences()),
            "edit.fold": lambda: look(lambda page: page.view.fold_at_caret()),
            "edit.unfold": lambda: look(lambda page: page.view.unfold_at_caret()),
            "edit.fold_all": lambda: look(lambda page: page.view.folding.fold_all()),
            "edit.unfold_all": lambda: look(lambda page: page.view.folding.unfold_all()),
            "edit.split": desk.split,
            "edit.unsplit": desk.unsplit,
            "edit.go_to_bracket": lambda: look(lambda page: page.view.go_to_bracket()),
            "edit.format": self._formatting.format_active,
            "edit.complete": lambda: look(lambda page: page.assist.complete()),
            "edit.go_to_definition": lambda: look(lambda page: page.assist.go_to_definition()),
            "edit.show_help": lambda: look(lambda page: page.assist.show_help()),
            "edit.insert_assignment": partial(edits.insert, "edit.insert_assignment"),
            "edit.insert_pipe": partial(edits.insert, "edit.insert_pipe"),
            "run.default": runs.run_default,
            "run.advance": runs.run_advance,
            "run.statement": runs.run_statement,
            "run.selection_or_line": runs.run_selection_or_line,
            "run.file": runs.run_file,
            "run.restart_and_run_all": runs.restart_and_run_all,
            "cell.run": runs.run_cell,
            "cell.run_advance": runs.run_cell_advance,
            "cell.next": partial(runs.go_to_cell, 1),
            "cell.previous": partial(runs.go_to_cell, -1),
            "document.save": files.save,
            "document.save_as": files.save_as,
            "document.save_as_utf8": files.save_as_utf8,
            "document.overwrite": files.overwrite,
            "document.reload": files.reload,
            "document.compare": files.compare,
            "document.show": files.show,
            "document.open": files.open,
            "document.open_anyway": files.open_anyway,
            "document.open_as_text": files.open_as_text,
            "document.open_with_encoding": files.open_with_encoding,
        }

    def _save_then(self, key: str, then: Callable[[], None]) -> None:
        self.files.save(key, then)

    # --- tabs and pages ----------------------------------------------------------------------------------------------

    def _connect(self, kernels: EditorKernels) -> None:
        owner = self._events
        self.tabs.selected.connect(self._on_tab_selected)
        self.tabs.close_asked.connect(self._close)
        self.tabs.reordered.connect(self._on_tabs_reordered)
        self.tabs.menu_asked.connect(self._on_tab_menu)
        self.desk.active_changed.connect(self._on_active_changed)
        self.desk.caret_moved.connect(self._telling.soon)
        self.desk.page_made.connect(self._on_page_made)
        self.desk.buffer_made.connect(self._on_buffer_made)
        self.desk.buffer_closed.connect(self.checks.forget)
        connect(owner, self.model.tabs_changed, self._show_tabs)
        connect(owner, self._settings.changed, self._on_setting_changed)
        connect(owner, kernels.session_added, self._on_session_added)
        for session in kernels.sessions:
            self._on_session_added(session)

    def _show_tabs(self) -> None:
        tabs = tuple(
            Tab(
                one.key,
                one.text,
                one.badge,
                one.badge_role,
                one.tooltip,
                one.is_unsaved,
                one.is_running,
                True,
                one.state,
            )
            for one in self.model.tabs()
        )
        self.tabs.set_tabs((*tabs, *(guest.tab for guest in self.desk.guests)), self.desk.front_key)

    def _on_tab_selected(self, key: str) -> None:
        document, guest = self._documents.get(key), self.desk.guest_of(key)
        if document is not None and document is not self.desk.document:
            self.desk.show_document(document)
            self.desk.focus()
        elif guest is not None and guest is not self.desk.guest:
            self.desk.show_guest(guest)
            self.desk.focus()

    def _on_tabs_reordered(self, keys: list[str]) -> None:
        documents = [document for key in keys if (document := self._documents.get(key)) is not None]
        for place, document in enumerate(documents):
            if self._documents.all[place] is not document:
                self._documents.move(document, place)
        if [key for key in keys if self._documents.get(key) is not None] != keys[: len(documents)]:
            self._show_tabs()  # guests stay behind the documents

    @property
    def front_guest(self) -> GuestPage | None:
        """The guest in front, if one is."""
        return self.desk.guest

    def _close(self, document: str = "") -> None:
        """Close a tab: the one in front, or that of a document or guest."""
        guest = self.desk.guest_of(document) if document else self.desk.guest
        if guest is not None:
            self.remove_guest(guest.key)
        else:
            self.files.close_document(document)

    def _close_all(self) -> None:
        for guest in self.desk.guests:
            self.remove_guest(guest.key)
        self.files.close_all()

    def _on_tab_menu(self, key: str, at: QPoint) -> None:
        document = self._documents.get(key)
        menu = QMenu(self.tabs)
        menu.addAction("Close").triggered.connect(partial(self._run, "file.close", document=key))
        menu.addAction("Close others").triggered.connect(partial(self._close_others, key))
        if document is not None and document.path is not None and "file.reveal" in self._commands:
            menu.addAction("Show in folder").triggered.connect(
                partial(self._run, "file.reveal", path=str(document.path))
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _close_others(self, key: str, _checked: bool = False) -> None:
        for document in self._documents.all:
            if document.key != key:
                self.files.close_document(document.key)
        for guest in self.desk.guests:
            if guest.key != key:
                self.remove_guest(guest.key)

    def _run(self, command: str, _checked: bool = False, **arguments: object) -> None:
        self._commands.run(command, **arguments)

    def _on_page_made(self, page: EditorPage) -> None:
        page.chosen.connect(self._on_chosen)
        page.view.cell_run_pressed.connect(self.runs_cell_at)
        page.view.menu_wanted.connect(self._on_menu_wanted)
        page.assist.definition_found.connect(self._on_definition_found)
        page.assist.nothing_found.connect(self._on_nothing_found)
        page.assist.help_wanted.connect(self.help_wanted.emit)

    def _on_buffer_made(self, buffer: Buffer) -> None:
        self.checks.watch(buffer)
        buffer.marks_changed.connect(self._telling.soon)
        connect(buffer, buffer.document.state_changed, self._on_document_state)

    def _on_document_state(self) -> None:
        self._show_tabs()
        self._telling.soon()

    def _on_active_changed(self) -> None:
        document = self.desk.document
        if self.desk.front_key:
            self.tabs.select(self.desk.front_key)
        self._telling.tell()
        self.document_shown.emit(document)

    def _on_chosen(self, choice: BarChoice) -> None:
        if choice.command:
            self._commands.run(choice.command, **dict(choice.arguments))

    def runs_cell_at(self, line: int) -> None:
        """The run mark of a cell was pressed."""
        try:
            self.runs.run_cell(line)
        except FourpaneError as error:
            self._notify(Notice(error.text, "error", error.action, error.action_title, error.action_arguments))

    def _on_menu_wanted(self, at: QPoint) -> None:
        menu = QMenu(self.desk)
        for name in MENU:
            if name:
                menu.addAction(self._actions.action(name))
            else:
                menu.addSeparator()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # --- definitions -------------------------------------------------------------------------------------------------

    def _on_definition_found(self, definition: Definition) -> None:
        place = Place(definition.line, definition.column)
        if definition.path:
            self.open(Path(definition.path), place)
        elif (page := self.desk.page) is not None:
            page.go_to(place)

    def _on_nothing_found(self, text: str) -> None:
        self._notify(Notice(text, key="editor.nothing_found"))

    # --- sessions and settings ---------------------------------------------------------------------------------------

    def _on_session_added(self, session: EditorSession) -> None:
        connect(self._events, session.run_changed, self._on_run_changed)

    def _on_run_changed(self, run: Run) -> None:
        if run.is_silent or run.source is None or not run.source.document:
            return
        self.model.take_run(run)
        document = self._documents.get(run.source.document)
        if document is not None and document.key in self.desk.buffers:
            self.desk.buffers[document.key].take_run(run)

    def _on_setting_changed(self, name: str) -> None:
        if name.startswith(("editor.", "completion.")):
            self._read_settings()

    def _help_key(self) -> str:
        return self._actions.keys("help.show")

    def _read_settings(self) -> None:
        get = self._settings.get
        typing = TypingOptions(
            get(declared.EDITOR_INSERT_SPACES), get(declared.EDITOR_TAB_WIDTH), get(declared.EDITOR_AUTO_CLOSE)
        )
        view = ViewOptions(
            typing,
            get(declared.EDITOR_LINE_NUMBERS),
            get(declared.EDITOR_INDENTATION_GUIDES),
            get(declared.EDITOR_WRAP_LINES),
        )
        assist = AssistOptions(
            get(declared.COMPLETION_AS_YOU_TYPE),
            get(declared.COMPLETION_DELAY_MS),
            get(declared.COMPLETION_LIVE),
            get(declared.COMPLETION_STATIC),
            get(declared.COMPLETION_HOVER),
            self._help_key,
        )
        self.desk.set_options(view, assist)
        if not get(declared.EDITOR_PROBLEMS_AS_YOU_TYPE):
            self.checks.clear()


class _Events(QObject):
    """Ties the pane's events to the life of its widget."""


def _filters(extensions: Extensions) -> str:
    suffixes = [f"*{suffix}" for facts in extensions.languages() for suffix in facts.suffixes]
    scripts = " ".join([*suffixes, "*.Rmd", "*.qmd", "*.ipynb"])
    data = " ".join(f"*{suffix}" for suffix in SUFFIXES)
    everything = f"{scripts} {data}"
    return f"Scripts and data ({everything});;Scripts and notebooks ({scripts});;Data files ({data});;All files (*)"
