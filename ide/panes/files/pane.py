"""Puts the Files pane together and does what its commands ask. Files are opened by the command `file.open`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFile, QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu, QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError
from ide.panes.files.commands import add_commands
from ide.panes.files.model import check_name, free_name
from ide.panes.files.view import FilesView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "The files of a folder appear here."


class FilesPane:
    """`moved` tells the documents that a file has another name; `work_in` makes a folder the session's own."""

    id = "files"
    title = "Files"

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        moved: Callable[[Path, Path], None],
        work_in: Callable[[Path], None],
    ) -> None:
        self._commands = commands
        self._actions = actions
        self._moved = moved
        self._work_in = work_in
        self._folder: Path | None = None
        commands.context.declare("files.has_selection", False, "a selected file or folder", "Files pane")
        commands.context.declare("files.has_folder", False, "an open folder", "Files pane")
        add_commands(commands, self)
        self.widget = PaneFrame(self.title, theme, icons)
        shown = ("files.new_file", "files.new_folder", "files.refresh")
        self._menu_ids = (
            *("files.new_file", "files.new_folder", "", "files.rename", "files.delete", ""),
            *("files.copy_path", "files.reveal", "files.set_working_folder", "", "files.refresh"),
        )
        behind = ("files.rename", "files.delete", "files.copy_path", "files.reveal", "files.set_working_folder")
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self._filter = self.widget.header.set_filter("Filter", "Filter files")
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, [("file.open_folder", "Open a folder")], icon="folder-open")
        self._empty.chosen.connect(commands.run)
        self._stack.addWidget(self._empty)
        self.widget.set_body(body)
        self._icons = icons
        self._view: FilesView | None = None

    @property
    def view(self) -> FilesView:
        """The tree; made when the first folder is shown, since it starts a thread."""
        if self._view is None:
            self._view = FilesView(self._icons)
            self._view.opened.connect(self._on_opened)
            self._view.selection_moved.connect(self._on_selection_moved)
            self._view.customContextMenuRequested.connect(self._on_menu_asked)
            self.widget.header.filter_changed.connect(self._view.narrow)
            self._stack.addWidget(self._view)
        return self._view

    def show_folder(self, folder: Path | None) -> None:
        """List another folder, or none."""
        self._folder = folder
        self._commands.context.set("files.has_folder", folder is not None)
        if folder is None:
            self._stack.setCurrentWidget(self._empty)
            return
        self.view.show_folder(folder)
        self._stack.setCurrentWidget(self.view)

    def focus(self) -> None:
        """The keyboard goes to the tree."""
        self._stack.currentWidget().setFocus()

    def close(self) -> None:
        """Nothing of this pane outlives its widget."""

    # --- commands

    def new_file(self) -> None:
        """Ask for a name, make an empty file and open it."""
        folder = self._target_folder()
        name = self._ask("New file", "Name of the file:", free_name(folder, "untitled", ".py"))
        if name:
            path = folder / check_name(name, folder)
            self._try(lambda: path.touch(exist_ok=False), path)
            self._commands.run("file.open", path=path)

    def new_folder(self) -> None:
        """Ask for a name and make a folder."""
        folder = self._target_folder()
        name = self._ask("New folder", "Name of the folder:", free_name(folder, "folder", ""))
        if name:
            path = folder / check_name(name, folder)
            self._try(path.mkdir, path)

    def rename(self) -> None:
        """Ask for another name of the selected file or folder."""
        path = self._selected()
        name = self._ask("Rename", f"New name of “{path.name}”:", path.name)
        if name and name != path.name:
            target = path.parent / self._check_rename(path, name)
            self._try(lambda: path.rename(target), target)
            self._moved(path, target)

    def delete(self) -> None:
        """To the system's bin, never straight away."""
        path = self._selected()
        if not QFile.moveToTrash(str(path)):
            raise CommandError(
                f"“{path.name}” was not moved to the bin.",
                "The system has no bin here, or the file may not be changed. It was not deleted.",
                "Delete it in the system's file window.",
                action="files.reveal",
                action_title="Show it there",
            )

    def reveal(self) -> None:
        """Open the folder of the selected file in the system's own file window."""
        path = self.view.selected() or self._root()
        folder = path if path.is_dir() else path.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def copy_path(self) -> None:
        """Put the path of the selected file on the clipboard."""
        QGuiApplication.clipboard().setText(str(self._selected()))

    def refresh(self) -> None:
        """Read the folder again."""
        self.view.read_again()

    def set_working_folder(self) -> None:
        """Make the selected folder (or the file's one) the working folder of the session in use."""
        self._work_in(self._target_folder())

    # --- events

    def _root(self) -> Path:
        if self._folder is None:
            raise CommandError(
                "No folder is open.",
                "",
                "Open a folder first.",
                action="file.open_folder",
                action_title="Open a folder",
            )
        return self._folder

    def _selected(self) -> Path:
        path = self.view.selected() if self._view is not None else None
        if path is None:
            raise CommandError("No file is selected.", "", "Select one in the Files pane.")
        return path

    def _target_folder(self) -> Path:
        root = self._root()
        path = self.view.selected()
        if path is None:
            return root
        return path if path.is_dir() else path.parent

    def _check_rename(self, path: Path, name: str) -> str:
        # Only the letter case changes: on some systems the old name is then "taken" by the file itself.
        if name.strip().casefold() == path.name.casefold():
            return name.strip()
        return check_name(name, path.parent)

    def _ask(self, title: str, text: str, proposal: str) -> str:
        answer, is_accepted = QInputDialog.getText(self.widget, title, text, text=proposal)
        return answer.strip() if is_accepted else ""

    @staticmethod
    def _try(change: Callable[[], object], path: Path) -> None:
        try:
            change()
        except OSError as error:
            raise CommandError(
                f"“{path.name}” can't be made.", f"The system says: {error.strerror}.", "Choose another name or folder."
            ) from error

    def _on_opened(self, path: Path) -> None:
        self._commands.run("file.open", path=path)

    def _on_selection_moved(self) -> None:
        self._commands.context.set("files.has_selection", self.view.selected() is not None)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        for id in self._menu_ids:
            if id:
                menu.addAction(self._actions.action(id))
            else:
                menu.addSeparator()
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()
