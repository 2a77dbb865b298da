"""The console pane in a window of its own, over whatever `Kernels` the test brings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from ide._paths import plugins_dir, resources_dir
from ide.commands.command import Command
from ide.commands.context import Context
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.errors import FourpaneError
from ide.extensions.extensions import Extensions
from ide.kernels.active import ActiveSession
from ide.kernels.progress import RunProgress
from ide.panes.console.page import ConsolePage
from ide.panes.console.pane import ConsolePane, ConsoleServices
from ide.panes.console.view import ConsoleView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.tasks import Tasks
from ide.qt.theme import Choice, Theme
from ide.settings.settings import Settings


class ConsoleRig:
    """Everything around the pane, small. Call `close` at the end."""

    def __init__(
        self, folder: Path, kernels: Any = None, *, ui: UiThread | None = None, theme: Choice = "light"
    ) -> None:
        from tests.fakes.kernels import FakeKernels

        self.folder = folder
        self.ui = ui or UiThread()
        self.tasks = Tasks(self.ui.post)
        self.extensions = Extensions(plugins_dir())
        self.errors: list[FourpaneError] = []
        self.ran: list[tuple[str, dict[str, object]]] = []
        self.started: list[object] = []
        self.environments: list[Environment] = []
        self.commands = Commands(Context(), self.errors.append)
        self.theme = Theme(resources_dir() / "themes", theme)
        self.icons = Icons(resources_dir() / "icons", self.theme)
        self.settings = Settings(folder / "settings.toml")
        keymaps = KeyMaps(resources_dir() / "keymaps")
        self.actions = Actions(self.commands, keymaps, self.icons)
        pane_kernels: Any = FakeKernels() if kernels is None else kernels
        self.kernels = pane_kernels
        self.active = ActiveSession()
        for id in ("file.open", "view.plots", "view.zoom_in", "view.zoom_out"):
            self.commands.add(Command(id, id), self._noting(id))
        services = ConsoleServices(
            start_language=self.started.append,
            start_environment=self.started.append,
            environments=lambda: self.environments,
            languages=lambda: [(facts.id, facts.name) for facts in self.extensions.languages()],
            language_of=self.extensions.language,
            tell=self.errors.append,
            run_in_pool=self.tasks.run,
            after=self.ui.after,
        )
        self.pane = ConsolePane(
            self.commands,
            self.actions,
            self.kernels,
            self.active,
            self.settings,
            folder / "history",
            self.theme,
            self.icons,
            services,
            RunProgress(self.kernels),
        )
        self.window: QWidget = self.pane.widget
        self.window.resize(700, 420)

    def show(self) -> ConsoleRig:
        """Show the window and wait for qtconsole's widget where there is a session."""
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)
        if self.kernels.sessions:
            self.wait(lambda: self.page.view is not None)
        return self

    @property
    def page(self) -> ConsolePage:
        """The page in view."""
        assert self.pane.page is not None
        return self.pane.page

    @property
    def view(self) -> ConsoleView:
        """The console in view."""
        assert self.page.view is not None
        return self.page.view

    @property
    def text(self) -> str:
        """All text of the console in view."""
        return self.view.text

    def wait(self, is_done: Callable[[], bool], timeout_s: float = 20) -> None:
        """Let the event loop run until `is_done`; fails after `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        while not is_done():
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            if time.monotonic() > deadline_s:
                shown = self.page.view.text if self.pane.page is not None and self.page.view is not None else "no view"
                raise AssertionError(f"did not happen within {timeout_s} s; the console shows:\n{shown[-2000:]}")
            time.sleep(0.001)

    def spin(self) -> None:
        """One turn of the event loop."""
        QCoreApplication.processEvents()

    def settle(self) -> None:
        """Wait until all that came is shown."""
        for _ in range(3):
            QCoreApplication.processEvents()
        self.wait(lambda: self.view.is_settled)

    def type(self, text: str) -> None:
        """Type into whatever has the keyboard; line breaks are Enter."""
        for index, part in enumerate(text.split("\n")):
            if index:
                QTest.keyClick(self.focused, Qt.Key.Key_Return)
            for character in part:
                if character.isascii():
                    QTest.keyClicks(self.focused, character)
                else:  # QTest knows only ASCII
                    event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, character)
                    QCoreApplication.sendEvent(self.focused, event)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key."""
        QTest.keyClick(self.focused, key, modifiers)

    @property
    def focused(self) -> QWidget:
        """What has the keyboard; offscreen windows may not be active, then what would have it."""
        focused: QWidget | None = QApplication.focusWidget()
        inside: QWidget | None = self.window.focusWidget()
        return focused if focused is not None else inside if inside is not None else self.view.control

    def close(self) -> None:
        """Take everything down."""
        self.pane.close()
        self.window.close()
        self.window.deleteLater()
        self.tasks.close()
        self.ui.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _noting(self, id: str) -> Callable[..., None]:
        def note(**arguments: object) -> None:
            self.ran.append((id, arguments))

        return note
