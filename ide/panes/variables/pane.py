"""Puts the Variables pane together: header with filter and buttons, list, empty state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.kernels.active import ActiveSession
from ide.panes.variables.commands import add_commands
from ide.panes.variables.model import VariablesModel
from ide.panes.variables.view import VariablesView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "Names you create appear here."


class VariablesPane:
    """`sample_of` gives the line of code that the empty pane offers for a language; `run_sample` runs it.

    `opened` is called with the name of a variable that the user opens.
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
    ) -> None:
        self.model = VariablesModel(active)
        self._commands = commands
        self._actions = actions
        self._sample_of = sample_of
        commands.context.declare("variables.has_selection", False, "a selected variable", "Variables pane")
        add_commands(commands, self)
        self.widget = PaneFrame(self.title, theme, icons)
        self._filter = self.widget.header.set_filter("Filter", "Filter variables")
        self.widget.header.filter_changed.connect(self.model.filter)
        self.widget.header.set_actions([actions.action("variables.refresh")])
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, icon="cube", code=True)
        self._empty.chosen.connect(run_sample)
        self._nothing_found = EmptyState(theme, icons, "No name or type fits the filter.", icon="magnifying-glass")
        self.view = VariablesView(self.model, theme, icons)
        for page in (self._empty, self._nothing_found, self.view):
            self._stack.addWidget(page)
        self.widget.set_body(body)
        self.view.customContextMenuRequested.connect(self._on_menu_asked)
        self.view.selectionModel().currentChanged.connect(self._on_selection_moved)
        connect(body, self.model.changed, self._on_changed)
        connect(body, self.model.session_changed, self._on_session_changed)
        self._on_session_changed()
        self._on_changed(None)

    def focus(self) -> None:
        """The keyboard goes to the list."""
        self._stack.currentWidget().setFocus()

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

    def refresh(self) -> None:
        """Ask the agent for all names anew."""
        if self.model.session is not None:
            self.model.session.refresh_names()

    def _on_changed(self, _names: object) -> None:
        if self.model.rows:
            page: QWidget = self.view
        else:
            page = self._nothing_found if self.model.is_filtered_empty else self._empty
        self._stack.setCurrentWidget(page)
        self._on_selection_moved()

    def _on_session_changed(self) -> None:
        session = self.model.session
        sample = self._sample_of(session.language) if session is not None else ""
        self._empty.set_examples([(sample, sample)] if sample else [])

    def _on_selection_moved(self, *_indexes: object) -> None:
        self._commands.context.set("variables.has_selection", bool(self.view.selected_name()))

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.addAction(self._actions.action("variables.copy_name"))
        menu.addSeparator()
        menu.addAction(self._actions.action("variables.refresh"))
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()
