"""Real parts for tests of widgets and of the window: theme, icons, commands, key maps, settings, and simple panes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QPlainTextEdit

from ide._paths import resources_dir
from ide.commands.command import Command
from ide.commands.context import Context
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.tasks import Tasks
from ide.qt.theme import Choice, Theme
from ide.settings.settings import Settings
from ide.shell.notices import Notices
from ide.shell.shell import Shell, dress
from ide.widgets.pane_frame import PaneFrame

RECORDS = (
    Command("run.default", "Run cell", icon="play", toolbar="1_run", menu="run/1_default", live_title="run.title"),
    Command("session.interrupt", "Stop", icon="stop", toolbar="1_stop", menu="run/2_stop", when="session.is_busy"),
    Command("run.file", "Run file", menu="run/1_file"),
    Command("file.open", "Open a file", icon="folder-open", toolbar="2_open", menu="file/1_open"),
    Command("file.open_folder", "Open a folder", menu="file/1_open_folder"),
    Command("file.open_recent", "Open recent", menu="file/1_open_recent"),
    Command("file.save", "Save", icon="floppy-disk", toolbar="2_save", menu="file/2_save"),
    Command("file.new_python", "New Python script", menu="file/1_new_python"),
    Command("app.palette", "Search or command", menu="view/0_palette"),
    Command("edit.go_to_line", "Go to line", menu="edit/2_go_to_line"),
    Command("plot.next", "Next plot", menu="plots/1_next"),
    Command("variables.copy_name", "Copy name", icon="copy", menu="variables/1_copy"),
    Command("trust.trust", "Trust this folder", menu="file/5_trust"),
    Command("trust.why", "Why this folder is not trusted", menu="file/5_why"),
)


class TextPane:
    """A pane with a box of text."""

    def __init__(self, pane_id: str, title: str, parts: Parts) -> None:
        self.id = pane_id
        self.title = title
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        self.widget = PaneFrame(title, parts.theme, parts.icons)
        self.widget.set_body(self.text)

    def focus(self) -> None:
        self.text.setFocus()

    def close(self) -> None:
        pass


class Parts:
    """Everything a window is made of, with `ran` noting (command, arguments) in order."""

    def __init__(self, folder: Path, *, theme: Choice = "light", zoom: float = 1.0) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        resources = resources_dir()
        self.folder = folder
        self.ran: list[tuple[str, dict[str, object]]] = []
        self.theme = Theme(resources / "themes", theme)
        self.theme.set_zoom(zoom)
        self.theme.apply(application)
        self.icons = Icons(resources / "icons", self.theme)
        self.context = Context()
        self.context.declare("session.is_busy", False, "a running session")
        self.context.declare("run.title", "", "what Run runs")
        self.notices = Notices()
        self.commands = Commands(self.context, self.notices.add_error)
        self.keymaps = KeyMaps(resources / "keymaps", system="linux")
        self.keymaps.load()
        self.actions = Actions(self.commands, self.keymaps, self.icons)
        self.settings = Settings(folder / "settings.toml")
        self.settings.load()
        self.ui = UiThread()
        self.tasks = Tasks(self.ui.post)
        for record in RECORDS:
            self.add(record)

    def add(self, record: Command) -> None:
        """Add a command that notes its runs."""

        def handler(**arguments: object) -> None:
            self.ran.append((record.id, arguments))

        self.commands.add(record, handler)

    def panes(self, ids: Iterable[str] = ("editor", "console", "variables", "plots", "files")) -> list[TextPane]:
        """Panes with text boxes."""
        return [TextPane(pane_id, pane_id.capitalize(), self) for pane_id in ids]

    def shell(self, **more: object) -> Shell:
        """A shell over text panes (or `panes`)."""
        if self.theme.choice in ("light", "dark", "high_contrast"):
            from ide.settings import declared

            self.settings.set(declared.APPEARANCE_THEME, self.theme.choice, layer="session")
            self.settings.set(declared.APPEARANCE_ZOOM, self.theme.zoom, layer="session")
        dress(self.theme, self.settings)
        arguments: dict[str, object] = {
            "commands": self.commands,
            "keymaps": self.keymaps,
            "settings": self.settings,
            "theme": self.theme,
            "icons": self.icons,
            "actions": self.actions,
            "panes": self.panes(),
            "notices": self.notices,
            "layout_file": self.folder / "layout.toml",
            "after": self.ui.after,
            "run_in_pool": self.tasks.run,
            "pids": tuple,
        }
        return Shell(**(arguments | more))  # type: ignore[arg-type]  # names of the constructor, put together for tests

    def close(self) -> None:
        """End threads and timers, and undress the application for the next test."""
        self.tasks.close()
        self.ui.close()
        self.theme.close()
        for part in (self.actions, self.icons, self.tasks, self.ui, self.theme):
            part.deleteLater()
