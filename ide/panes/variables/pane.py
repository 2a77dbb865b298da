"""Puts the Variables pane together: header with filter and buttons, list, empty state, lines below it.

What the user does to variables is asked for here and done by `acts.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError
from ide.core.language import Language, PlotKind
from ide.core.variables import Kind
from ide.kernels.active import ActiveSession
from ide.kernels.contract import FrameFinding, ObjectInfo
from ide.panes.variables.act_bar import ActBar
from ide.panes.variables.acts import Acts, Told
from ide.panes.variables.commands import (
    CAN_HISTOGRAM,
    CAN_PLOT,
    CAN_SHARE,
    HAS_CODE,
    HAS_DATA,
    HAS_FINDINGS,
    HAS_ROW,
    HAS_SELECTION,
    HAS_UNDO,
    KIND_COMMANDS,
    PREVIEWS,
    SORT,
    WATCHES,
    add_commands,
    shows,
)
from ide.panes.variables.files_dialogs import FilesDialogs
from ide.panes.variables.findings import Sessions
from ide.panes.variables.findings_popup import FindingsPopup
from ide.panes.variables.line_editor import LineEditor
from ide.panes.variables.model import GROUPS, SORTS, THIN_SPACE, Sort, VariablesModel, value_text
from ide.panes.variables.object_page import ObjectPage, ObjectShelf
from ide.panes.variables.preview import FramePreview, OpenTable, open_in_kernel
from ide.panes.variables.rows import NAME, VALUE
from ide.panes.variables.view import VariablesView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.settings.declared import (
    VARIABLES_PREVIEW,
    VARIABLES_PREVIEW_HEIGHT,
    VARIABLES_SORT,
    VARIABLES_WATCH_FRAMES,
)
from ide.settings.settings import Settings
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "Names you create appear here."
PULLED_MS = 300
"""The height of the preview is remembered once nobody has pulled at it for so long."""
NO_NAMES_TEXT = "This session can't list its names. Everything else works."


class VariablesPane:
    """`sample_of` gives the line of code that the empty pane offers for a language, empty for a language whose names
    nobody can list; `run_sample` runs it. `view.opened` tells which variable the user opens. `insert_code` puts code
    into the script that was used last and tells whether there is one. Without `settings` nothing is remembered;
    `objects` is where pages of objects are shown, `folder` where dialogs for files begin; `open_table` opens what is
    previewed; `language_of` knows how a language draws. Findings of all of `sessions` are kept.
    """

    id = "variables"
    title = "Variables"

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        active: ActiveSession,
        theme: Theme,
        icons: Icons,
        sample_of: Callable[[str], str],
        run_sample: Callable[[str], object],
        *,
        settings: Settings | None = None,
        insert_code: Callable[[str], bool] | None = None,
        objects: ObjectShelf | None = None,
        folder: Callable[[], Path] = Path.cwd,
        language_of: Callable[[str], Language | None] = lambda _id: None,
        open_table: OpenTable = open_in_kernel,
        frame: PaneFrame | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        self.model = VariablesModel(active, sessions)
        self.acts = Acts(self._on_told)
        self._settings = settings
        self._insert_code = insert_code
        self._objects = objects
        self._language_of = language_of
        self.dialogs = FilesDialogs(folder)
        self._editor: LineEditor | None = None
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._icons = icons
        self._sample_of = sample_of
        add_commands(commands, self._handlers())
        self.widget = frame or PaneFrame(self.title, theme, icons)
        self._filter = self.widget.header.set_filter("Filter", "Filter variables")
        self.widget.header.filter_changed.connect(self.model.filter)
        shown = ("variables.choose_order", "variables.choose_kinds", "variables.refresh")
        behind = (
            "variables.preview", "variables.watch_frames", "variables.undo", "variables.save", "variables.load",
            "variables.load_trusted",
        )  # fmt: skip
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, icon="cube", code=True)
        self._empty.chosen.connect(run_sample)
        self._nothing_found = EmptyState(theme, icons, "No name or type fits the filter.", icon="magnifying-glass")
        self.view = VariablesView(self.model, theme, icons)
        self._note = QLabel()
        height_px = settings.get(VARIABLES_PREVIEW_HEIGHT) if settings is not None else VARIABLES_PREVIEW_HEIGHT.default
        self.preview = FramePreview(theme, icons, open_table, height_px)
        self.preview.closed.connect(self.toggle_preview)
        self._has_preview = settings is None or settings.get(VARIABLES_PREVIEW)
        commands.context.set(PREVIEWS, self._has_preview)
        self.bar = ActBar(theme, icons, has_script=insert_code is not None)
        self.bar.undo_asked.connect(self._on_undo_asked)
        self.bar.copy_asked.connect(self._on_copy_asked)
        self.bar.script_asked.connect(self._on_script_asked)
        self.bar.offer_taken.connect(self._on_offer_taken)
        self._stack = QStackedLayout()
        self._pulled = QTimer(self.widget)
        self.widget.set_body(self._make_body())
        self.view.customContextMenuRequested.connect(self._on_menu_asked)
        self.view.selection_moved.connect(self._on_selection_moved)
        self.view.is_editable = True
        self.view.edit_asked.connect(self._on_edit_asked)
        self.view.part_opened.connect(self._on_part_opened)
        self.view.findings_asked.connect(self._on_findings_asked)
        connect(self.widget, self.model.changed, self._on_changed)
        connect(self.widget, self.model.session_changed, self._on_session_changed)
        connect(self.widget, self.model.code_changed, self._on_code_changed)
        connect(self.widget, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self._on_session_changed()
        self._on_changed(None)
        if settings is not None:
            self._take_order(settings.get(VARIABLES_SORT))
            connect(self.widget, settings.changed, self._on_setting_changed)
        self._follow_watch()

    def focus(self) -> None:
        """The keyboard goes to the list."""
        self._page().setFocus()

    def close(self) -> None:
        """Follow no session any more."""
        if self._pulled.isActive():
            self._pulled.stop()
            self._on_preview_pulled()
        self.preview.put_away()
        self.acts.close()
        self.model.close()

    def focus_filter(self) -> None:
        """The keyboard goes to the filter box."""
        self._filter.setFocus()
        self._filter.selectAll()

    def copy_name(self) -> None:
        """Put the selected name on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.selected_name())

    def copy_value(self) -> None:
        """Put the preview of the selected row on the clipboard."""
        variable = self.model.row(self.view.selected_key())
        if variable is not None:
            QGuiApplication.clipboard().setText(value_text(variable))

    def copy_path(self) -> None:
        """Put code for the selected row on the clipboard."""
        QGuiApplication.clipboard().setText(self.model.codes.known.code)

    def plot(self) -> None:
        """Draw the selected value."""
        self.acts.draw(self._plot_code("plot"), self.model.codes.known)

    def histogram(self) -> None:
        """Draw how the numbers of the selected value are spread."""
        self.acts.draw(self._plot_code("histogram"), self.model.codes.known)

    def share(self) -> None:
        """Show code that makes a frame of Dask from the selected one."""
        self.acts.share(self._share_code(), self.model.codes.known.code)

    def rename(self) -> None:
        """Type another name for the selected variable; on the value's column, another value."""
        name = self.view.selected_name()
        if self.view.currentIndex().column() == VALUE and not self.view.isColumnHidden(VALUE):
            self.edit()
            return

        def taken(text: str) -> None:
            if text.strip() == name:
                editor.settle(True)
            else:
                self._try(editor, partial(self.acts.rename, name, text.strip(), editor.settle))

        editor = self._open_editor(name, NAME, name, f"New name of {name}", taken)

    def edit(self) -> None:
        """Type another value for the selected row, as code."""
        key = self.view.selected_key()
        path, label = self.model.tree.path_of(key), self._label(key)

        def got(text: str) -> None:
            def taken(code: str) -> None:
                if code.strip() == text.strip():
                    editor.settle(True)
                else:
                    self._try(editor, partial(self.acts.edit, path, code, label, editor.settle))

            if self.view.selected_key() == key:
                editor = self._open_editor(key, VALUE, text, f"New value of {label}", taken)

        self.acts.literal(path, label, got)

    def duplicate(self) -> None:
        """Copy the selected variable."""
        self.acts.duplicate(self.view.selected_name())

    def remove(self) -> None:
        """Remove the selected variables."""
        self.acts.remove(self.view.selected_names())

    def undo(self) -> None:
        """Take the last act back."""
        self.acts.undo()

    def show_object(self) -> None:
        """A page with what is known of the selected value."""
        shelf, session = self._objects, self.model.session
        if shelf is None or session is None:
            raise CommandError("Objects can't be shown in this window.")
        key, language = self.view.selected_key(), session.language
        path, label = self.model.tree.path_of(key), self._label(key)

        def got(session_id: str, info: ObjectInfo) -> None:
            subject = shelf.subject(session_id, path, label, language)
            page = shelf.find(subject.key)
            if not isinstance(page, ObjectPage):
                page = ObjectPage(subject, shelf.run_in_pool, self._theme, self._icons)
            page.show_info(info)
            shelf.show(page)

        self.acts.info(path, got)

    def toggle_preview(self) -> None:
        """Preview selected data frames, or no more; it is remembered."""
        self._has_preview = not self._has_preview
        self._commands.context.set(PREVIEWS, self._has_preview)
        if self._settings is not None:
            self._settings.set(VARIABLES_PREVIEW, self._has_preview)
        self._show_preview()

    def show_findings(self) -> None:
        """All that was found of the selected frame, below its row."""
        name = self.view.selected_name()
        popup = FindingsPopup(
            name,
            self.model.findings.of(name),
            self._theme,
            self.view,
            show=self._show_finding,
            copy=self._on_copy_asked,
            insert=self._on_script_asked if self._insert_code is not None else None,
        )
        rect = self.view.cell_rect(name, VALUE)
        popup.open_at(self.view.viewport().mapToGlobal(rect.bottomLeft()))

    def audit(self) -> None:
        """Open the selected frame and show what is suspicious in it."""
        path = self.model.tree.path_of(self.view.selected_key())
        self._commands.run("table.open", path=path, is_audited=True)

    def toggle_watch(self) -> None:
        """Compare frames after each run, or no more. Against a project's choice it holds until the window closes."""
        if self._settings is not None:
            is_on = not self._settings.get(VARIABLES_WATCH_FRAMES)
            is_users = self._settings.origin(VARIABLES_WATCH_FRAMES) in ("default", "site", "user")
            self._settings.set(VARIABLES_WATCH_FRAMES, is_on, "user" if is_users else "session")

    def _on_setting_changed(self, id: str) -> None:
        if id == VARIABLES_WATCH_FRAMES.id:
            self._follow_watch()

    def _follow_watch(self) -> None:
        is_on = self._settings is None or self._settings.get(VARIABLES_WATCH_FRAMES)
        self._commands.context.set(WATCHES, is_on)
        if not is_on:
            self.model.findings.clear()

    def _show_finding(self, finding: FrameFinding) -> None:
        """The frame of a finding, and in it the rows where it shows."""
        if "table.open" in self._commands:
            self._commands.run("table.open", path=finding.path, finding=finding)

    def save(self) -> None:
        """Ask for a new folder and save the selected variables there."""
        names = self.view.selected_names()
        self.dialogs.ask_new_folder(self.view, partial(self._save_in, names))

    def load(self) -> None:
        """Ask for what to load."""
        self.dialogs.ask_file(self.view, self._load_from)

    def load_trusted(self) -> None:
        """Ask for what to load, and warn."""
        self.dialogs.ask_file(self.view, partial(self.dialogs.warn, self.view, self._load_trusted_from))

    def _save_in(self, names: tuple[str, ...], folder: str) -> None:
        self._report(partial(self.acts.save, names, folder))

    def _load_from(self, path: str) -> None:
        self._report(partial(self.acts.load, path))

    def _load_trusted_from(self, path: str) -> None:
        self._report(partial(self.acts.load, path, allows_pickle=True))

    def _on_offer_taken(self, told: Told) -> None:
        if told.act is not None:
            self._report(told.act)

    def _report(self, act: Callable[[], None]) -> None:
        """Do what a dialog or a bar led to; what cannot be done now is told as for a command."""
        try:
            act()
        except CommandError as error:
            self._commands.report(error)

    def toggle_kind(self, kind: Kind) -> None:
        """List names of a kind, or hide them."""
        self.model.toggle_hidden(kind)
        self._commands.context.set(shows(kind), kind not in self.model.look.hidden)

    def sort_by(self, sort: Sort) -> None:
        """Another order, which is remembered."""
        self._take_order(sort)
        if self._settings is not None:
            self._settings.set(VARIABLES_SORT, sort)

    def choose_order(self) -> None:
        """The menu of orders below its button."""
        self._drop_menu("variables.choose_order", [f"variables.sort_by_{sort}" for sort in SORTS])

    def choose_kinds(self) -> None:
        """The menu of kinds below its button."""
        self._drop_menu("variables.choose_kinds", [KIND_COMMANDS[kind] for kind, _title in GROUPS])

    def refresh(self) -> None:
        """Ask the agent for all names anew."""
        if self.model.session is not None:
            self.model.session.refresh_names()

    def _handlers(self) -> dict[str, Callable[..., object]]:
        handlers: dict[str, Callable[..., object]] = {
            "variables.filter": self.focus_filter,
            "variables.copy_name": self.copy_name,
            "variables.copy_value": self.copy_value,
            "variables.copy_path": self.copy_path,
            "variables.plot": self.plot,
            "variables.histogram": self.histogram,
            "variables.share": self.share,
            "variables.rename": self.rename,
            "variables.edit": self.edit,
            "variables.duplicate": self.duplicate,
            "variables.remove": self.remove,
            "variables.undo": self.undo,
            "variables.show_object": self.show_object,
            "variables.preview": self.toggle_preview,
            "variables.show_findings": self.show_findings,
            "variables.audit": self.audit,
            "variables.watch_frames": self.toggle_watch,
            "variables.save": self.save,
            "variables.load": self.load,
            "variables.load_trusted": self.load_trusted,
            "variables.choose_order": self.choose_order,
            "variables.choose_kinds": self.choose_kinds,
            "variables.refresh": self.refresh,
        }
        handlers.update((f"variables.sort_by_{sort}", partial(self.sort_by, sort)) for sort in SORTS)
        handlers.update((KIND_COMMANDS[kind], partial(self.toggle_kind, kind)) for kind, _title in GROUPS)
        return handlers

    def _take_order(self, sort: str) -> None:
        for known in get_args(Sort):
            if known == sort:
                self.model.sort(known)
                self._commands.context.set(SORT, known)

    def _drop_menu(self, command: str, inside: list[str]) -> None:
        action = self._actions.action(command)
        buttons = [button for button in self.widget.header.buttons if button.defaultAction() is action]
        button = next((button for button in buttons if button.isVisible()), self.widget.header.more_button)
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions.action(id) for id in inside])
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def _label(self, key: str) -> str:
        part = self.model.part(key)
        return part.label if part is not None else key

    def _open_editor(self, key: str, column: int, text: str, name: str, taken: Callable[[str], None]) -> LineEditor:
        if self._editor is not None:
            self._editor.put_away()
        self._editor = LineEditor(self.view, self._theme, key, column, text, name, taken)
        return self._editor

    def _try(self, editor: LineEditor, act: Callable[[], None]) -> None:
        """What was typed stays where it was where the kernel cannot be asked just now."""
        try:
            act()
        except CommandError as error:
            editor.settle(False)
            self._on_told(Told(error.text.replace("\n", " "), is_problem=True))

    def _on_told(self, told: Told) -> None:
        self.bar.tell(told)
        self._commands.context.set(HAS_UNDO, self.acts.can_undo)

    def _on_undo_asked(self) -> None:
        self._commands.run("variables.undo")

    def _on_copy_asked(self, code: str) -> None:
        QGuiApplication.clipboard().setText(code)

    def _on_script_asked(self, code: str) -> None:
        if self._insert_code is not None and not self._insert_code(code):
            error = CommandError("There is no script to put the code into.", "", "Open or make one first.")
            self._commands.report(error)

    def _on_findings_asked(self, _name: str) -> None:
        self._commands.run("variables.show_findings")

    def _on_edit_asked(self, _column: int) -> None:
        self._commands.run("variables.edit")

    def _on_part_opened(self, path: tuple[str, ...]) -> None:
        if "table.open" in self._commands:
            self._commands.run("table.open", path=path)

    def _make_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        pages = QWidget()
        pages.setLayout(self._stack)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(pages)
        split.addWidget(self.preview)
        split.setStretchFactor(0, 1)
        split.splitterMoved.connect(self._on_pulling)
        self._pulled.setSingleShot(True)
        self._pulled.setInterval(PULLED_MS)
        self._pulled.timeout.connect(self._on_preview_pulled)
        for page in (self._empty, self._nothing_found, self.view):
            self._stack.addWidget(page)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.hide()
        column.addWidget(split, 1)
        column.addWidget(self._note)
        column.addWidget(self.bar)
        body.setFocusProxy(self.view)
        return body

    def _on_pulling(self, _place: int, _handle: int) -> None:
        self._pulled.start()

    @Slot()
    def _on_preview_pulled(self) -> None:
        """Somebody gave the preview another height: it has it at the next start too."""
        if self._settings is not None and self.preview.isVisible():
            bounds = VARIABLES_PREVIEW_HEIGHT
            height_px = round(self.preview.height() / self._theme.zoom)
            self._settings.set(bounds, min(max(height_px, bounds.minimum or 0), bounds.maximum or height_px))

    def _page(self) -> QWidget:
        return self._stack.currentWidget() or self.view

    def _on_changed(self, _names: object) -> None:
        if self.model.groups:
            page: QWidget = self.view
        else:
            page = self._nothing_found if self.model.is_filtered_empty else self._empty
        if page is not self._page():
            had_focus = self._page().hasFocus()
            self._stack.setCurrentWidget(page)
            if had_focus:
                page.setFocus()
        names = self.model.names
        is_cut = names.total > len(names.variables)
        self._note.setVisible(is_cut)
        if is_cut:
            counts = (f"{count:,}".replace(",", THIN_SPACE) for count in (len(names.variables), names.total))
            self._note.setText("{} of {} names are listed.".format(*counts))
        if self._editor is not None:
            self._editor.follow()
        self._on_selection_moved()

    def _on_session_changed(self) -> None:
        session = self.model.session
        self.acts.use(session)
        self.bar.hide()
        self._commands.context.set(HAS_UNDO, self.acts.can_undo)
        sample = self._sample_of(session.language) if session is not None else ""
        self._empty.set_text(EMPTY_TEXT if session is None or sample else NO_NAMES_TEXT)
        self._empty.set_examples([(sample, sample)] if sample else [])

    def _on_selection_moved(self) -> None:
        part = self.model.part(self.view.selected_key())
        self._commands.context.set(HAS_SELECTION, bool(self.view.selected_name()))
        is_row = part.role == "part" if part is not None else bool(self.view.selected_name())
        self._commands.context.set(HAS_ROW, is_row)
        row = self.model.row(self.view.selected_key())
        self._commands.context.set(HAS_DATA, row is not None and row.kind == "data")
        self._show_preview()
        self.model.codes.select(self.model.tree.path_of(self.view.selected_key()) if is_row else ())
        self._commands.context.set(HAS_FINDINGS, bool(self.model.findings.of(self.view.selected_name())))

    def _on_code_changed(self) -> None:
        context = self._commands.context
        context.set(HAS_CODE, bool(self.model.codes.known.code))
        context.set(CAN_PLOT, bool(self._plot_code("plot")))
        context.set(CAN_HISTOGRAM, bool(self._plot_code("histogram")))
        context.set(CAN_SHARE, bool(self._share_code()))

    def _share_code(self) -> str:
        known, session = self.model.codes.known, self.model.session
        language = self._language_of(session.language) if session is not None and known.frame else None
        return language.share_code(known.code, known.frame) if language is not None else ""

    def _plot_code(self, kind: PlotKind) -> str:
        known, session = self.model.codes.known, self.model.session
        language = self._language_of(session.language) if session is not None and known.form else None
        return language.plot_code(known.code, known.form, kind) if language is not None else ""

    def _show_preview(self) -> None:
        """Only of what is selected alone, and only while somebody can see it."""
        key = self.view.selected_key()
        row = self.model.row(key)
        is_shown = self._has_preview and row is not None and row.kind == "data" and self.view.isVisible()
        path = self.model.tree.path_of(key) if is_shown else ()
        self.preview.follow(self.model.session, path, self._label(key))

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._note.setFont(self._theme.font("small"))
        self._note.setContentsMargins(px(8), px(4), px(8), px(4))
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.color("muted"))
        self._note.setPalette(palette)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for ids in self._menu_ids():
            menu.addActions([self._actions.action(id) for id in ids])
            menu.addSeparator()
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _menu_ids(self) -> tuple[tuple[str, ...], ...]:
        row = self.model.row(self.view.selected_key())
        can_open = row is not None and row.kind == "data" and "table.open" in self._commands
        opens = ("table.open", "variables.audit") if can_open else ()
        found = ("variables.show_findings",) if self.model.findings.of(self.view.selected_name()) else ()
        shared = ("variables.share",) if self._share_code() else ()
        return (
            (*opens, "variables.show_object", *found),
            ("variables.plot", "variables.histogram", *shared),
            ("variables.edit", "variables.rename", "variables.duplicate", "variables.remove"),
            ("variables.copy_name", "variables.copy_path", "variables.copy_value", "variables.save"),
            ("variables.undo", "variables.preview", "variables.refresh"),
        )
