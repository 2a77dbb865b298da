"""The editor pane with real documents, languages, commands and settings; sessions and dialogs are fakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ide._paths import plugins_dir, resources_dir
from ide.commands.context import Context
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.cells import Cell
from ide.core.errors import FourpaneError
from ide.core.events import Signal
from ide.core.runs import Run
from ide.documents.document import Document, Rules
from ide.documents.documents import Documents
from ide.extensions.extensions import Extensions
from ide.panes.editor.completion import LiveSession
from ide.panes.editor.page import EditorPage
from ide.panes.editor.pane import EditorKernels, EditorPane
from ide.panes.editor.run_plan import RunPlan
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.tasks import Tasks
from ide.qt.theme import Theme
from ide.settings.settings import Settings
from ide.widgets.code_view import CodeView
from ide.widgets.notices import Notice
from tests.fakes.session import FakeSession

LIMIT_MS = 60_000


class FakeKernels:
    """Sessions that the test adds."""

    session_added = Signal(object)

    def __init__(self) -> None:
        self.sessions: tuple[FakeSession, ...] = ()

    def add(self, session: FakeSession) -> FakeSession:
        self.sessions = (*self.sessions, session)
        self.session_added.emit(session)
        return session

    def of(self, language: str) -> FakeSession | None:
        return next((session for session in reversed(self.sessions) if session.language == language), None)


class FakeRunner:
    """Runs in the fake session of the plan's language; keeps the plans."""

    def __init__(self, kernels: FakeKernels) -> None:
        self.plans: list[RunPlan] = []
        self.restarted: list[str] = []
        self._kernels = kernels

    def run(self, plan: RunPlan) -> Run:
        self.plans.append(plan)
        session = self._kernels.of(plan.language) or self._kernels.add(FakeSession(plan.language))
        return session.execute(plan.code, source=plan.source)

    def restart(self, language: str) -> None:
        self.restarted.append(language)

    @property
    def code(self) -> list[str]:
        return [plan.code for plan in self.plans]


class FakeDialogs:
    """Answers that the test gives."""

    def __init__(self) -> None:
        self.opens: tuple[Path, ...] = ()
        self.saves: Path | None = None
        self.suggested: list[Path] = []

    def ask_open(self, folder: Path) -> tuple[Path, ...]:
        return self.opens

    def ask_save(self, suggested: Path) -> Path | None:
        self.suggested.append(suggested)
        return self.saves


class Workplace:
    """Everything that a test of the editor pane needs."""

    def __init__(self, qtbot: QtBot, folder: Path, *, theme: str = "light") -> None:
        self.qtbot = qtbot
        self.folder = folder
        application = cast(QApplication, QApplication.instance())
        self.theme = Theme(resources_dir() / "themes", theme)  # type: ignore[arg-type]  # a name from the test
        self.theme.apply(application)
        self.icons = Icons(resources_dir() / "icons", self.theme)
        self.ui = UiThread()
        self.tasks = Tasks(self.ui.post)
        self.extensions = Extensions(plugins_dir())
        self.settings = Settings(folder / "settings.toml")
        self.errors: list[FourpaneError] = []
        self.notices: list[Notice] = []
        self.commands = Commands(Context(), self.errors.append)
        self.keymaps = KeyMaps(resources_dir() / "keymaps")
        self.keymaps.load()
        self.actions = Actions(self.commands, self.keymaps, self.icons)
        self.kernels = FakeKernels()
        self.runner = FakeRunner(self.kernels)
        self.dialogs = FakeDialogs()
        self.documents = self._make_documents()
        self.pane = EditorPane(
            self.documents,
            self.extensions,
            cast(EditorKernels, self.kernels),
            self.runner,
            cast(Callable[[str], LiveSession | None], self.kernels.of),
            self.commands,
            self.actions,
            self.settings,
            self.theme,
            self.icons,
            self.ui.post,
            self.ui.after,
            self.tasks.run,
            tell=self.errors.append,
            notify=self.notices.append,
            folder=lambda: folder,
            empty=QLabel("Open a file"),
            dialogs=self.dialogs,
        )
        qtbot.addWidget(self.pane.widget)
        self.pane.widget.resize(900, 600)
        self.pane.widget.show()
        qtbot.waitExposed(self.pane.widget)

    def close(self) -> None:
        self.pane.close()
        self.documents.shut_down()
        self.tasks.close()
        self.ui.close()
        self.settings.close()

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def until(self, is_done: Callable[[], bool]) -> None:
        """Wait for an event. The limit only ends a test that fails: real helpers share a busy machine."""
        self.qtbot.waitUntil(is_done, timeout=LIMIT_MS)

    def open(self, name: str, text: str | None = None) -> Document:
        """Open a file, written first where a text is given, and wait until it is shown."""
        path = self.folder / name if text is None else self.file(name, text)
        opened: list[Document] = []
        self.pane.open(path, done=opened.append)
        self.until(lambda: bool(opened))
        self.settle()
        return opened[0]

    def open_notebook(self, language: str, code: str) -> Document:
        """A notebook with a heading and one cell of code."""
        cells = [{"cell_type": "markdown", "source": "# T"}, {"cell_type": "code", "source": code, "outputs": []}]
        content = {"cells": cells, "metadata": {"kernelspec": {"language": language}}, "nbformat": 4}
        return self.open("n.ipynb", json.dumps(content))

    def settle(self) -> None:
        """Wait until the text in front is loaded and its cells are found."""
        if self.pane.desk.page is not None:
            buffer = self.page.buffer
            self.until(lambda: not buffer.text.is_loading and not buffer.is_structure_old)
        QApplication.processEvents()

    @property
    def page(self) -> EditorPage:
        page = self.pane.desk.page
        assert page is not None
        return page

    @property
    def view(self) -> CodeView:
        return self.page.view

    @property
    def text(self) -> str:
        return self.page.buffer.text.text

    def run(self, command: str, **arguments: object) -> object:
        result = self.commands.run(command, **arguments)
        QApplication.processEvents()
        return result

    def _make_documents(self) -> Documents:
        def language_of(path: Path) -> str:
            facts = self.extensions.facts_of_suffix(path.suffix)
            return facts.id if facts else ""

        def language_id(word: str) -> str:
            facts = self.extensions.facts(word)
            return facts.id if facts else word.lower()

        def cells_of(language: str, lines: object) -> tuple[Cell, ...]:
            found = self.extensions.language(language)
            return found.cells(lines) if found is not None else ()  # type: ignore[arg-type]  # lines of a document

        rules = Rules(language_of, language_id, cells_of)
        return Documents(self.folder / "journal", self.ui.post, self.ui.after, self.tasks.run, rules)
