"""The services that a pane is built with, real ones, without a window and without kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from ide._paths import resources_dir
from ide.commands.context import Context
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.errors import FourpaneError
from ide.kernels.active import ActiveSession
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.tasks import Tasks
from ide.qt.theme import Choice, Theme
from ide.settings.toml_store import TomlStore


class PaneDesk:
    """Everything that `app` would hand to a pane. `errors` are those that the user would have seen."""

    def __init__(self, folder: Path, choice: Choice = "light") -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.theme = Theme(resources_dir() / "themes", choice)
        self.theme.apply(application)
        self.icons = Icons(resources_dir() / "icons", self.theme)
        self.context = Context()
        self.errors: list[FourpaneError] = []
        self.commands = Commands(self.context, self.errors.append)
        self.context.declare("session.exists", True, "a session", "the test")
        self.keymaps = KeyMaps(resources_dir() / "keymaps", TomlStore(folder / "keys.toml"))
        self.keymaps.load()
        self.actions = Actions(self.commands, self.keymaps, self.icons)
        self.active = ActiveSession()
        self.ui = UiThread()
        self.tasks = Tasks(self.ui.post)
        self.widgets: list[QWidget] = []

    def show(self, widget: QWidget, width: int = 520, height: int = 420) -> QWidget:
        """Show a pane; it is destroyed with the desk."""
        self.widgets.append(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    def close(self) -> None:
        """Put everything away."""
        for widget in self.widgets:
            widget.close()
            widget.deleteLater()
        self.tasks.close()
        self.ui.close()


@contextmanager
def pane_desk(folder: Path, choice: Choice = "light") -> Iterator[PaneDesk]:
    """A desk that is put away at the end; the application's palette and style sheet stay: every test sets its own."""
    desk = PaneDesk(folder, choice)
    try:
        yield desk
    finally:
        desk.close()


Wait = Callable[[Callable[[], bool]], None]
