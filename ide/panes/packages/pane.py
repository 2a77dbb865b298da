"""Puts the Packages pane together and does what its commands ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.errors import CommandError, FourpaneError
from ide.core.packages import Act, Changed, Installed, Package
from ide.core.ports import RunInPool
from ide.environments.packages.names import NameCache
from ide.environments.packages.report import as_csv, as_html, request_for_approval
from ide.environments.packages.service import Packages
from ide.panes.packages import commands as ids
from ide.panes.packages.commands import add_commands
from ide.panes.packages.model import KINDS, PackagesModel
from ide.panes.packages.view import PackagesView
from ide.panes.packages.words import undo_title
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.settings.toml_file import replace_file
from ide.widgets.choice_bar import BarChoice
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "The packages of the session’s environment appear here."


class PackagesPane:
    """`changed` is told after each change that came to its end; `open_url` and `ask_file` are the system's doing."""

    id = "packages"
    title = "Packages"

    def __init__(
        self,
        packages: Packages,
        names: NameCache,
        run_in_pool: RunInPool,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        reveal: Callable[[], None],
        changed: Callable[[Environment, Changed], None],
        *,
        frame: PaneFrame | None = None,
        open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl,
        ask_file: Callable[[QWidget], str] | None = None,
    ) -> None:
        self.model = PackagesModel(packages, names, run_in_pool)
        self._packages = packages
        self._run_in_pool = run_in_pool
        self._commands = commands
        self._actions = actions
        self._reveal = reveal
        self._changed = changed
        self._open_url = open_url
        self._ask_file = ask_file or _ask_file
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        shown = ("packages.check", "packages.undo")
        behind = (
            *("packages.update_all", "packages.update", "packages.remove", "packages.refresh"),
            *("packages.fetch_names", "packages.save_report", "packages.copy_request"),
        )
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self.widget.header.set_filter("Filter", "Filter packages")
        self.widget.header.filter_changed.connect(self.model.filter)
        body = QWidget()
        self._stack = QStackedLayout(body)
        examples = [("session.choose_environment", "Choose environment")]
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, examples, icon="package")
        self._empty.chosen.connect(commands.run)
        self.view = PackagesView(self.model, theme, icons)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self.widget.set_body(body)
        self.view.install_wanted.connect(self.install)
        self.view.typed.connect(self.model.type)
        self.view.chosen.connect(self._on_chosen)
        self.view.kind_wanted.connect(self._on_kind_wanted)
        self.view.details.link_asked.connect(self._on_link)
        self.view.sheet.accepted.connect(lambda: commands.run("packages.accept"))
        self.view.sheet.rejected.connect(lambda: commands.run("packages.reject"))
        self.view.sheet.request_wanted.connect(lambda: commands.run("packages.copy_request"))
        self.view.sheet.unneeded_wanted.connect(self._on_unneeded)
        self.view.progress.cancelled.connect(lambda: commands.run("packages.cancel"))
        self.view.list.customContextMenuRequested.connect(self._on_menu_asked)
        connect(self.widget, self.model.changed, self._note)
        connect(self.widget, self.model.finished, self._on_finished)
        self._note()

    def show(self, environment: Environment | None) -> None:
        """Follow the environment of another session."""
        self.model.show(environment)
        self._stack.setCurrentWidget(self._empty if environment is None else self.view)

    def focus(self) -> None:
        """The keyboard goes to the list."""
        (self._stack.currentWidget() or self.view).setFocus()

    def close(self) -> None:
        """Follow nothing any more."""
        self.model.close()

    # --- commands

    def install(self, name: str = "") -> None:
        """Show what installing would change; without a name, go to where one is typed."""
        self._reveal()
        if name:
            self.model.ask(Act.INSTALL, name.replace(",", " ").split() if _is_list(name) else [name])
        else:
            self.view.box.setFocus()
            self.view.box.selectAll()

    def update(self, name: str = "") -> None:
        """Show what updating a package (the selected one) would change."""
        self.model.ask(Act.UPDATE, [name or self._selected().name])

    def update_all(self) -> None:
        """Show what updating everything that has a newer version would change."""
        installed = self.model.installed
        keys = self.model.newest or {}
        names = [one.name for one in installed.packages if one.key in keys] if installed is not None else []
        if names:
            self._reveal()
            self.model.ask(Act.UPDATE, names)

    def remove(self, name: str = "") -> None:
        """Show who still needs a package (the selected one), before it goes."""
        self.model.ask(Act.REMOVE, [name or self._selected().name])

    def undo(self) -> None:
        """Put every package back as it was before the last change."""
        self._reveal()
        self.model.undo()

    def check(self) -> None:
        """Ask for newer versions."""
        self._reveal()
        self.model.ask_newest()

    def refresh(self) -> None:
        """Read the files again."""
        self.model.refresh()

    def accept(self) -> None:
        """Do what is shown."""
        self.model.accept()

    def reject(self) -> None:
        """Leave everything as it is."""
        self.model.reject()

    def cancel(self, environment: str = "") -> None:
        """End what is under way, in the environment of this id or in the one shown."""
        if environment:
            self._packages.cancel(environment)
        else:
            self.model.cancel()

    def fetch_names(self) -> None:
        """Fetch the names of everything in the index."""
        self._reveal()
        self.model.fetch_names()

    def show_kind(self, kind: str) -> None:
        """List packages of a kind only."""
        self._reveal()
        self.model.set_kind(next(one for one, _ in KINDS if one == kind))

    def copy_request(self) -> None:
        """Put a request for approval on the clipboard: of the plan, else of what is installed and not allowed."""
        model = self.model
        if model.environment is None or model.installed is None:
            return
        verdicts = model.plan.verdicts if model.plan is not None else model.installed.verdicts
        refused = [verdict for verdict in verdicts if not verdict.is_allowed]
        if not refused:
            raise CommandError("There is nothing to ask an approval for.", "No policy stands against these packages.")
        asked = model.plan.asked if model.plan is not None else [one.name for one in refused]
        text = request_for_approval(refused, model.environment.name, asked, self._packages.policies)
        QGuiApplication.clipboard().setText(text)
        announce(self.widget, "Request copied")

    def save_report(self, path: str = "") -> None:
        """Write licences and verdicts to a file that the user chooses; its ending decides: .csv, else HTML."""
        environment = self.model.environment
        chosen = path or self._ask_file(self.widget)
        if not chosen or environment is None:
            return
        at = time.strftime("%Y-%m-%d %H:%M")

        def write(installed: Installed) -> None:
            policies = self._packages.policies

            def work() -> None:
                is_csv = chosen.lower().endswith(".csv")
                page = as_csv(installed) if is_csv else as_html(installed, environment.name, at, policies)
                replace_file(Path(chosen), page.encode("utf-8-sig" if is_csv else "utf-8"))

            self._run_in_pool(work, tied(self.widget, self._on_saved), tied(self.widget, self._on_failed))

        # Policies may have changed since the list was read.
        self._packages.look(environment, write, tied(self.widget, self._on_failed))

    # --- inside

    def _selected(self) -> Package:
        package = self.model.package()
        if package is None:
            raise CommandError("No package is selected.", "", "Select one in the Packages pane.")
        return package

    def _note(self) -> None:
        """Tell the commands what can be done now."""
        model, context = self.model, self._commands.context
        installed, package = model.installed, model.package()
        newest = model.newest or {}
        undoable = installed.undoable or installed.interrupted if installed is not None else ""
        context.set(ids.HAS_ENVIRONMENT, model.environment is not None)
        context.set(ids.CAN_CHANGE, model.can_change)
        context.set(ids.HAS_SELECTION, package is not None and not package.is_fixed)
        context.set(ids.HAS_NEWER, bool(newest))
        context.set(ids.HAS_PLAN, model.plan is not None)
        context.set(ids.IS_BUSY, model.is_busy)
        context.set(ids.CAN_UNDO, bool(undoable))
        context.set(ids.UNDO_TITLE, undo_title(undoable))
        context.set(ids.SHOWN, model.kind)

    def _on_finished(self, changed: Changed) -> None:
        self.view.clear_box()
        announce(self.widget, "The packages were changed.")
        came = [change.name for change in changed.plan.changes if change.is_asked and change.after]
        if came:
            self.model.select(came[0])  # among hundreds nobody sees it otherwise
        if self.model.environment is not None:
            self._changed(self.model.environment, changed)

    def _on_chosen(self, choice: BarChoice) -> None:
        if choice.command:
            self._commands.run(choice.command, **dict(choice.arguments))

    def _on_kind_wanted(self, kind: str) -> None:
        self._commands.run(f"packages.show_{kind}")

    def _on_unneeded(self, is_wanted: bool) -> None:
        plan = self.model.plan
        if plan is not None:
            self.model.ask(Act.REMOVE, plan.asked, with_unneeded=is_wanted)

    def _on_link(self, address: str) -> None:
        if address.startswith("package:"):
            self.model.select(address.removeprefix("package:"))
        elif address.startswith(("https://", "http://")):
            self._open_url(QUrl(address))

    def _on_saved(self, _nothing: object) -> None:
        announce(self.widget, "Report saved")

    def _on_failed(self, error: Exception) -> None:
        said = error if isinstance(error, FourpaneError) else CommandError("The report was not saved.", str(error))
        self._commands.report(said)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions.action(id) for id in ("packages.update", "packages.remove")])
        menu.popup(self.view.list.viewport().mapToGlobal(place))


def _is_list(text: str) -> bool:
    """Whether several names were typed: no versions, markers or extras among them."""
    return not any(mark in text for mark in "<>=!~;@[(") and len(text.replace(",", " ").split()) > 1


def _ask_file(parent: QWidget) -> str:
    path, _ = QFileDialog.getSaveFileName(
        parent, "Save a report on packages", "packages.html", "Web page (*.html);;Table (*.csv)"
    )
    return path
