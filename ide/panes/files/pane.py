"""Puts the Files pane together and does what its commands ask. Files are opened by the command `file.open`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.ports import RunInPool
from ide.core.text import with_unseen_shown
from ide.panes.files import changes
from ide.panes.files.asking import Ask, Question, ask
from ide.panes.files.commands import HAS_FOLDER, HAS_SELECTION, SHOWS_HIDDEN, add_commands
from ide.panes.files.model import FilesModel, FolderWatch
from ide.panes.files.names import check_name, check_new_name, free_name
from ide.panes.files.view import FilesView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.settings.declared import FILES_SHOW_HIDDEN
from ide.settings.settings import Settings
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "The files of a folder appear here."


class FilesPane:
    """`moved` tells the documents that a file has another name; `work_in` makes a folder the session's own; `suffix`
    is the ending of files in the language used last. `ask_name` and `open_url` are the dialog and the system's doing.
    """

    id = "files"
    title = "Files"

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        settings: Settings,
        watch: FolderWatch,
        run_in_pool: RunInPool,
        moved: Callable[[Path, Path], None],
        work_in: Callable[[Path], None],
        suffix: Callable[[], str],
        *,
        ask_name: Ask = ask,
        open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl,
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = FilesModel(run_in_pool, watch, shows_hidden=settings.get(FILES_SHOW_HIDDEN))
        self._commands = commands
        self._actions = actions
        self._settings = settings
        self._run_in_pool = run_in_pool
        self._moved = moved
        self._work_in = work_in
        self._suffix = suffix
        self._ask_name = ask_name
        self._open_url = open_url
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        shown = ("files.new_file", "files.new_folder", "files.refresh")
        behind = (
            *("files.rename", "files.delete", "files.copy_path", "files.reveal"),
            *("files.set_working_folder", "files.show_hidden"),
        )
        self._menu_ids = (
            ("files.new_file", "files.new_folder"),
            ("files.rename", "files.delete"),
            ("files.copy_path", "files.reveal", "files.set_working_folder"),
            ("files.show_hidden", "files.refresh"),
        )
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        self.widget.header.set_filter("Filter", "Filter files")
        self.widget.header.filter_changed.connect(self.model.filter)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, [("file.open_folder", "Open a folder")], icon="folder-open")
        self._empty.chosen.connect(commands.run)
        self.view = FilesView(self.model, theme, icons)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self.widget.set_body(body)
        self.view.opened.connect(self._on_opened)
        self.view.selection_moved.connect(self._on_selection_moved)
        self.view.customContextMenuRequested.connect(self._on_menu_asked)
        connect(self.widget, settings.changed, self._on_setting_changed)
        self._on_setting_changed(FILES_SHOW_HIDDEN.id)

    def show_folder(self, folder: Path | None) -> None:
        """List another folder, or none."""
        self.model.show(folder)
        self._commands.context.set(HAS_FOLDER, folder is not None)
        self._stack.setCurrentWidget(self._empty if folder is None else self.view)

    def focus(self) -> None:
        """The keyboard goes to the tree."""
        (self._stack.currentWidget() or self.view).setFocus()

    def close(self) -> None:
        """Follow the disk no more."""
        self.model.close()

    # --- commands

    def new_file(self) -> None:
        """Ask for a name, make an empty file and open it."""
        folder = self._target_folder()
        proposal = free_name(folder, "untitled", self._suffix())
        question = Question("New file", "Name of the file:", proposal, "Make file")
        self._ask(question, lambda name: self._make(changes.make_file, folder, name, self._on_file_made))

    def new_folder(self) -> None:
        """Ask for a name and make a folder."""
        folder = self._target_folder()
        question = Question("New folder", "Name of the folder:", free_name(folder, "folder", ""), "Make folder")
        self._ask(question, lambda name: self._make(changes.make_folder, folder, name, self._on_made))

    def rename(self) -> None:
        """Ask for another name of the selected file or folder."""
        path = self._selected()
        question = Question("Rename", f"New name of “{with_unseen_shown(path.name)}”:", path.name, "Rename")
        self._ask(question, lambda name: self._rename(path, name))

    def delete(self) -> None:
        """To the system's bin, never straight away."""
        self._change(partial(changes.move_to_bin, self._selected()), self._on_gone)

    def reveal(self) -> None:
        """Open the folder of the selected file in the system's own file window."""
        self.reveal_path(str(self.view.selected() or self._root()))

    def reveal_path(self, path: str) -> None:
        """The same for a file of any place."""
        shown = Path(path)
        folder = shown if shown.is_dir() and not shown.is_symlink() else shown.parent
        if not self._open_url(QUrl.fromLocalFile(str(folder))):
            raise CommandError("The system's file window did not open.", "", "Copy the path and open it yourself.")

    def copy_path(self) -> None:
        """Put the path of the selected file on the clipboard."""
        QGuiApplication.clipboard().setText(str(self._selected()))

    def refresh(self) -> None:
        """Read the folder again."""
        self.model.refresh()

    def show_hidden(self) -> None:
        """List hidden names, or leave them out."""
        self._settings.set(FILES_SHOW_HIDDEN, not self._settings.get(FILES_SHOW_HIDDEN))

    def set_working_folder(self) -> None:
        """Make the selected folder (or the file's one) the working folder of the session in use."""
        self._work_in(self._target_folder())

    # --- inside

    def _root(self) -> Path:
        if self.model.root is None:
            raise CommandError(
                "No folder is open.",
                "",
                "Open a folder first.",
                action="file.open_folder",
                action_title="Open a folder",
            )
        return self.model.root

    def _selected(self) -> Path:
        path = self.view.selected()
        if path is None:
            raise CommandError("No file is selected.", "", "Select one in the Files pane.")
        return path

    def _target_folder(self) -> Path:
        root = self._root()
        path = self.view.selected()
        if path is None:
            return root
        entry = self.view.rows.entry_at(self.view.currentIndex())
        return path if entry is not None and entry.is_folder else path.parent

    def _ask(self, question: Question, answered: Callable[[str], None]) -> None:
        def check(text: str) -> None:
            try:
                if text.strip():
                    answered(text.strip())
            except FourpaneError as error:
                self._commands.report(error)

        self._ask_name(self.widget, question, check)

    def _make(self, make: Callable[[Path], Path], folder: Path, name: str, done: Callable[[Path], None]) -> None:
        self._change(partial(make, folder / check_name(name, folder)), done)

    def _rename(self, path: Path, name: str) -> None:
        if name != path.name:
            target = path.with_name(check_new_name(name, path))
            self._change(partial(changes.rename, path, target), self._on_renamed)

    def _change(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._run_in_pool(work, tied(self.widget, done), tied(self.widget, self._on_failed))

    # --- events

    def _on_made(self, path: Path) -> None:
        self.view.select(path)
        self.model.refresh(path.parent)

    def _on_file_made(self, path: Path) -> None:
        self._on_made(path)
        self._commands.run("file.open", path=str(path))

    def _on_renamed(self, paths: tuple[Path, Path]) -> None:
        self._on_made(paths[1])
        self._moved(*paths)

    def _on_gone(self, path: Path) -> None:
        self.model.refresh(path.parent)

    def _on_failed(self, error: Exception) -> None:
        self.model.refresh()
        if not isinstance(error, FourpaneError):
            raise error
        self._commands.report(error)

    def _on_opened(self, path: Path) -> None:
        entry = self.view.rows.entry_at(self.view.rows.index_of(path))
        if entry is not None and entry.is_special:
            self._commands.report(
                CommandError(
                    f"“{with_unseen_shown(path.name)}” was not opened.",
                    "It is a device or pipe: reading it could take for ever.",
                )
            )
            return
        self._commands.run("file.open", path=str(path))

    def _on_selection_moved(self) -> None:
        self._commands.context.set(HAS_SELECTION, self.view.selected() is not None)

    def _on_setting_changed(self, id: str) -> None:
        if id == FILES_SHOW_HIDDEN.id:
            shows_hidden = self._settings.get(FILES_SHOW_HIDDEN)
            self.model.set_shows_hidden(shows_hidden)
            self._commands.context.set(SHOWS_HIDDEN, shows_hidden)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for ids in self._menu_ids:
            menu.addActions([self._actions.action(id) for id in ids])
            menu.addSeparator()
        menu.popup(self.view.viewport().mapToGlobal(place))
