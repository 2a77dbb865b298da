"""The dialogs that belong to no pane: settings, keys, palette, environments, folders; imported when asked for.

Owns the dialogs; what is chosen in them is the callers' to do. UI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.language import Language
from ide.core.ports import RunInPool
from ide.environments.environments import Environments
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.settings import declared
from ide.settings.settings import Settings

if TYPE_CHECKING:
    from ide.app.launching import Launching
    from ide.shell.environment_picker import Choice, EnvironmentPicker, Judge
    from ide.shell.palette import Palette


class Dialogs:
    """Opens them over `window`."""

    def __init__(
        self,
        window: QWidget,
        palette_anchor: QWidget,
        commands: Commands,
        keymaps: KeyMaps,
        settings: Settings,
        environments: Environments,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        *,
        folder: Callable[[], Path | None],
        language_of: Callable[[str], Language | None],
        open_file: Callable[[Path], None],
        launching: Launching,
    ) -> None:
        """`folder` is the open one. The last two do what was chosen."""
        self._window = window
        self._palette_anchor = palette_anchor
        self._commands = commands
        self._keymaps = keymaps
        self._settings = settings
        self._environments = environments
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._folder = folder
        self._language_of = language_of
        self._open_file = open_file
        self._launching = launching
        self.judge: Judge | None = None
        """What policies say of environments, once packages are known."""
        self.palette: Palette | None = None
        """The command palette, once it was opened."""
        self.picker: EnvironmentPicker | None = None
        """The list of environments, once it was opened."""

    def show_settings(self, search: str = "") -> None:
        """The settings dialog."""
        from ide.shell.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._settings, self._theme, self._icons, self._window)
        dialog.search(search)
        dialog.file_asked.connect(self._open_file)
        dialog.keys_asked.connect(self.show_keys)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def show_keys(self) -> None:
        """The dialog of keys."""
        from ide.shell.keys_dialog import KeysDialog

        dialog = KeysDialog(self._commands, self._keymaps, self._settings, self._theme, self._icons, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def show_palette(self, text: str = "") -> None:
        """The command palette."""
        if self.palette is None:
            from ide.shell.palette import Palette

            self.palette = Palette(
                self._commands,
                self._keymaps,
                self._theme,
                self._icons,
                self._run_in_pool,
                self._folder,
                self._window,
                anchor=self._palette_anchor,
            )
            self.palette.file_chosen.connect(self._open_file)
            self.palette.line_chosen.connect(lambda line: self._commands.run("edit.go_to_line", line=line))
        self.palette.open(text)

    def show_environments(self, in_use: Environment | None, language: str = "") -> None:
        """The list of environments, of one language alone where one is named."""
        if self.picker is None:
            from ide.shell.environment_picker import EnvironmentPicker

            self.picker = EnvironmentPicker(
                self._environments,
                self._theme,
                self._icons,
                self._window,
                language_of=self._language_of,
                commands=self._commands,
                judge=lambda: self.judge,
            )
            self.picker.chosen.connect(self._on_environment_chosen)
            self.picker.refresh_asked.connect(self._launching.look_for_more)
            self.picker.browse_asked.connect(self._browse_for_environment)
            self.picker.command_asked.connect(self._on_command_asked)
        file = self._launching.file_to_choose_for()
        self.picker.open(
            in_use,
            language,
            consoles=self._launching.consoles(),
            running=self._launching.running(),
            way=self._settings.get(declared.KERNELS_ENVIRONMENT_CHOICE),
            file_name=file.name if file is not None else "",
        )

    def ask_folder(self) -> Path | None:
        """A folder to open; None where the user thought better of it."""
        from PySide6.QtWidgets import QFileDialog

        chosen = QFileDialog.getExistingDirectory(self._window, "Open folder", str(self._folder() or Path.home()))
        return Path(chosen) if chosen else None

    def _on_environment_chosen(self, choice: Choice) -> None:
        if choice.is_kept:
            self._settings.set(declared.KERNELS_ENVIRONMENT_CHOICE, choice.way)
        restarts, goes = choice.way == "restart", choice.way == "go"
        self._launching.choose(choice.environment, restarts=restarts, goes=goes, is_for_file=choice.is_for_file)

    def _on_command_asked(self, id: str, arguments: dict[str, object]) -> None:
        self._commands.run(id, **arguments)

    def _browse_for_environment(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        title = "Choose a Python or R program, or the connection file of a running kernel"
        path, _ = QFileDialog.getOpenFileName(self._window, title, str(self._folder() or Path.home()))
        if path:
            self._launching.add(Path(path))
