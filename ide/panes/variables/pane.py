"""Puts the Variables pane together: header with filter and buttons, list, empty state, one line below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu, QStackedLayout, QVBoxLayout, QWidget

from ide.commands.registry import Commands
from ide.kernels.active import ActiveSession
from ide.panes.variables.commands import SHOWS_MODULES, add_commands
from ide.panes.variables.model import THIN_SPACE, VariablesModel, value_text
from ide.panes.variables.view import VariablesView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "Names you create appear here."
NO_NAMES_TEXT = "This session can't list its names. Everything else works."


class VariablesPane:
    """`sample_of` gives the line of code that the empty pane offers for a language, empty for a language whose names
    nobody can list; `run_sample` runs it. `view.opened` tells which variable the user opens.
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
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = VariablesModel(active)
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._sample_of = sample_of
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        self._filter = self.widget.header.set_filter("Filter", "Filter variables")
        self.widget.header.filter_changed.connect(self.model.filter)
        behind = ("variables.copy_name", "variables.copy_value", "variables.show_modules")
        shown = ("variables.refresh",)
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, icon="cube", code=True)
        self._empty.chosen.connect(run_sample)
        self._nothing_found = EmptyState(theme, icons, "No name or type fits the filter.", icon="magnifying-glass")
        self.view = VariablesView(self.model, theme, icons)
        self._note = QLabel()
        self._stack = QStackedLayout()
        self.widget.set_body(self._make_body())
        self.view.customContextMenuRequested.connect(self._on_menu_asked)
        self.view.selection_moved.connect(self._on_selection_moved)
        connect(self.widget, self.model.changed, self._on_changed)
        connect(self.widget, self.model.session_changed, self._on_session_changed)
        connect(self.widget, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self._on_session_changed()
        self._on_changed(None)

    def focus(self) -> None:
        """The keyboard goes to the list."""
        self._page().setFocus()

    def close(self) -> None:
        """Follow no session any more."""
        self.model.close()

    def focus_filter(self) -> None:
        """The keyboard goes to the filter box."""
        self._filter.setFocus()
        self._filter.selectAll()

    def copy_name(self) -> None:
        """Put the selected name on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.selected_name())

    def copy_value(self) -> None:
        """Put the selected variable's preview on the clipboard."""
        variable = self.model.variable(self.view.selected_name())
        if variable is not None:
            QGuiApplication.clipboard().setText(value_text(variable))

    def show_modules(self) -> None:
        """List modules, or hide them again."""
        self.model.toggle_hidden("module")
        self._commands.context.set(SHOWS_MODULES, "module" not in self.model.look.hidden)

    def refresh(self) -> None:
        """Ask the agent for all names anew."""
        if self.model.session is not None:
            self.model.session.refresh_names()

    def _make_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        pages = QWidget()
        pages.setLayout(self._stack)
        for page in (self._empty, self._nothing_found, self.view):
            self._stack.addWidget(page)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.hide()
        column.addWidget(pages, 1)
        column.addWidget(self._note)
        body.setFocusProxy(self.view)
        return body

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
        self._on_selection_moved()

    def _on_session_changed(self) -> None:
        session = self.model.session
        sample = self._sample_of(session.language) if session is not None else ""
        self._empty.set_text(EMPTY_TEXT if session is None or sample else NO_NAMES_TEXT)
        self._empty.set_examples([(sample, sample)] if sample else [])

    def _on_selection_moved(self) -> None:
        self._commands.context.set("variables.has_selection", bool(self.view.selected_name()))

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
        menu.addActions([self._actions.action(id) for id in ("variables.copy_name", "variables.copy_value")])
        menu.addSeparator()
        menu.addActions([self._actions.action(id) for id in ("variables.show_modules", "variables.refresh")])
        menu.popup(self.view.viewport().mapToGlobal(place))
