"""The popup that lists every environment by language, with version, place, health and reason, to choose one.

Owns no environment. One without a kernel is made ready first, with the step shown and a way to cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ide.commands.registry import Commands
from ide.core.environment import RUNNING, Environment, Health
from ide.core.errors import FourpaneError
from ide.core.language import Language
from ide.core.policy import EnvironmentVerdict
from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.environments.environments import Environments
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.shell.environment_delegate import EntryDelegate
from ide.shell.environment_question import EnvironmentQuestion, short_name
from ide.shell.environment_rows import EntriesModel, LanguageLook, entries, mending

WIDTH_PX = 640
HEIGHT_PX = 480
FURTHER = ("environment.create", "view.packages")
"""Commands that have a button here, where there are such."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user wants: `way` is "open" (another console), "restart" (the one of that language, in it) or "go" (to
    the console that runs in it already).

    `is_kept` asks to do so from now on without a question; `is_for_file` remembers it for the open file alone.
    """

    environment: Environment
    way: str = "open"
    is_kept: bool = False
    is_for_file: bool = False


class Judge(Protocol):
    """What the policies say of environments (`ide.environments.packages.service`)."""

    def verdict(self, environment: Environment) -> EnvironmentVerdict | None: ...
    def judge(self, environments: Sequence[Environment], told: Callable[[], None]) -> Cancel: ...


class EnvironmentPicker(QFrame):
    """Esc or a click elsewhere closes it; a fetch under way goes on only while it is open."""

    chosen = Signal(object)
    """A Choice; its environment is ready to start."""
    command_asked = Signal(str, dict)
    """Id of a command and its arguments."""
    refresh_asked = Signal()
    """Look round again: the shell knows folder and trust."""
    browse_asked = Signal()
    """The user wants to point at a program: the shell shows the dialog and calls `Environments.add`."""

    def __init__(
        self,
        environments: Environments,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        language_of: Callable[[str], Language | None],
        commands: Commands,
        judge: Callable[[], Judge | None] = lambda: None,
    ) -> None:
        """`judge` is asked at each opening; None where policies are not read yet."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("environment_picker")
        self.setAccessibleName("Choose environment")
        self._environments = environments
        self._language_of = language_of
        self._commands = commands
        self._consoles: Mapping[str, str] = {}
        self._running: Mapping[str, str] = {}
        self._way = "ask"
        self._asking: Environment | None = None
        self._judge = judge
        self._judging: Judge | None = None
        self._judged: tuple[str, ...] = ()
        self._stop_looks: list[Cancel] = []
        """End what is measured and judged while it is open."""
        self._looks: dict[str, LanguageLook] = {}
        self._theme = theme
        self._current = ""
        self._cancel: Cancel | None = None
        self._preparing: Environment | None = None
        self._problem = ""
        """Why the last fetch failed; it stays readable until something else is asked for."""
        self.model = EntriesModel(self)
        self.box = QLineEdit()
        self.list = QListView()
        self.told = QLabel()
        self.refresh = QPushButton("Look again")
        self.browse = QPushButton("Browse…")
        self.for_file = QCheckBox()
        self.question = EnvironmentQuestion(theme)
        self.further = {id: QPushButton() for id in FURTHER}
        self.cancel = QPushButton("Cancel")
        self.mend = QPushButton()
        """Does what the current row needs to be of use, where a command can."""
        self._build(icons)
        connect(self, environments.changed, self._on_environments_changed)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def open(
        self,
        current: Environment | None = None,
        typed: str = "",
        *,
        consoles: Mapping[str, str] | None = None,
        running: Mapping[str, str] | None = None,
        way: str = "ask",
        file_name: str = "",
    ) -> None:
        """Show it at the lower left of the window, above the status bar; `typed` is what to filter by at first.

        `consoles` are the names of those that could be restarted, by language, `running` of those that run in an
        environment, by its id; `way` says what to do with them ("ask",
        "open" or "restart"). `file_name` is the open file that a choice may be made for.
        """
        self._current = current.id if current else ""
        self._consoles, self._running, self._way = consoles or {}, running or {}, way
        self._show_question(None)
        self.for_file.setChecked(False)
        self.for_file.setVisible(bool(file_name))
        self.for_file.setText(f"Only for {short_name(file_name)}".replace("&", "&&"))
        self._show_further()
        self.box.setText(typed)
        self._problem = ""
        self._say("")
        self._judging, self._judged = self._judge(), ()
        self._fill()
        self._select(self._current)
        parent = self.parentWidget()
        if parent is not None:
            px = self._theme.px
            self.move(parent.mapToGlobal(QPoint(px(8), max(parent.height() - px(32) - self.height(), 0))))
        self._stop_looks.append(self._environments.measure())
        self._judge_all()
        self.show()
        self.box.setFocus(Qt.FocusReason.PopupFocusReason)

    def choose(self) -> None:
        """Take the current entry: at once where it is ready, else fetch what it lacks first."""
        entry = self.model.entry(self.list.currentIndex())
        if entry is None or entry.environment is None or self._cancel is not None:
            return
        self._show_question(None)
        if not entry.can_be_chosen:
            self._say(entry.about or "It cannot be started.", "warning")
        elif entry.environment.health is Health.READY:
            self._settle(entry.environment)
        else:
            self._prepare(entry.environment)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box has the keyboard; keys that move in the list go there."""
        if watched is self.box and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
            if step := steps.get(Qt.Key(event.key())):
                self._move(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: Any) -> None:
        """Closing it cancels a fetch, measuring and judging."""
        self.stop()
        for stop in self._stop_looks:
            stop()
        self._stop_looks.clear()
        super().hideEvent(event)

    @Slot()
    def stop(self) -> None:
        """Cancel a fetch under way."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
            self._problem = ""
            self._say("Cancelled. Nothing was changed.")
        self._preparing = None
        self._show_state()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self, icons: Icons) -> None:
        self.box.setPlaceholderText("Filter environments")
        self.box.setAccessibleName("Filter environments")
        self.box.setClearButtonEnabled(True)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._fill)
        self.list.setModel(self.model)
        self.list.setAccessibleName("Environments")
        self.list.setItemDelegate(EntryDelegate(self._theme, icons, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._on_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.refresh.clicked.connect(self._on_refresh)
        self.browse.clicked.connect(self.browse_asked)
        self.browse.setToolTip("Choose a Python or R program, or the connection file of a running kernel")
        self.cancel.clicked.connect(self.stop)
        self.question.answered.connect(self._on_answered)
        told = QHBoxLayout()
        told.addWidget(self.told, 1)
        for button in (self.mend, self.cancel):
            told.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.mend.clicked.connect(self._on_mend)
        bottom = QHBoxLayout()
        for id, button in self.further.items():
            button.setObjectName(id)
            button.clicked.connect(self._on_further)
            bottom.addWidget(button)
        bottom.addStretch(1)
        for button in (self.refresh, self.browse):
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self.box)
        column.addWidget(self.list, 1)
        column.addLayout(told)
        column.addWidget(self.for_file)
        column.addWidget(self.question)
        column.addLayout(bottom)
        self._show_state()

    @Slot()
    def _on_refresh(self) -> None:
        # The button is off meanwhile, which would hand the keyboard on to whatever stands next to it.
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh_asked.emit()

    @Slot()
    def _fill(self) -> None:
        for one in self._environments.all:
            if one.language not in self._looks:
                self._looks[one.language] = LanguageLook.of(one.language, self._language_of(one.language))
        before = self.model.entry(self.list.currentIndex())
        extent_of = self._environments.extent_of
        verdict_of = self._judging.verdict if self._judging is not None else _no_verdict
        self.model.show(
            entries(self._environments.all, self._looks, self.box.text(), self._current, extent_of, verdict_of)
        )
        kept = before.environment.id if before and before.environment else self._current
        self._select(kept)
        self._show_state()

    @Slot()
    def _on_environments_changed(self) -> None:
        self._fill()
        if self.isVisible() and not self._environments.is_refreshing:
            self._judge_all()

    def _judge_all(self) -> None:
        """Once for each list: `changed` also tells of everything that is learnt of one environment."""
        ids = tuple(one.id for one in self._environments.all)
        if self._judging is not None and ids != self._judged:
            self._judged = ids
            self._stop_looks.append(self._judging.judge(self._environments.all, tied(self, self._fill)))

    def _show_state(self) -> None:
        is_looking = self._environments.is_refreshing
        self.refresh.setEnabled(not is_looking)
        self.refresh.setText("Looking…" if is_looking else "Look again")
        self.cancel.setVisible(self._cancel is not None)
        self._show_mend()
        if self._environments.problem:
            self._say(self._environments.problem, "warning")
        elif not self.model.entries and self._cancel is None:
            self._say("Nothing is called that." if self.box.text() else "Nothing was found on this machine.")

    def _say(self, text: str, role: str = "muted") -> None:
        if text and text != self.told.text():
            announce(self, text)
        self.told.setText(text)
        self.told.setStyleSheet(f"color: {self._theme.color(role).name()};")

    def _select(self, id: str) -> None:
        listed = [at for at, entry in enumerate(self.model.entries) if entry.environment is not None]
        fitting = (at for at in listed if self._id_at(at) == id)
        at = next(fitting, listed[0] if listed else -1)
        self.list.scrollTo(self.model.index(max(at - 1, 0)))  # its heading, where that stands right above it
        self.list.setCurrentIndex(self.model.index(at))

    def _id_at(self, at: int) -> str:
        environment = self.model.entries[at].environment
        return environment.id if environment else ""

    def _move(self, step: int) -> None:
        listed = [at for at, entry in enumerate(self.model.entries) if entry.environment is not None]
        if listed:
            now = self.list.currentIndex().row()
            place = listed.index(now) if now in listed else 0
            self.list.setCurrentIndex(self.model.index(listed[min(max(place + step, 0), len(listed) - 1)]))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self.choose()

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        """What there is to know about it, before it is taken."""
        entry = self.model.entry(index)
        self._show_mend()
        if self._cancel is None and entry is not None and entry.environment is not None and not self._problem:
            self._say(entry.about)
            if entry.environment != self._asking:
                self._show_question(None)

    def _prepare(self, environment: Environment) -> None:
        self._preparing = environment
        self._problem = ""
        self._say(f"Fetching ipykernel for {environment.name}, about 30 MB. The environment stays as it is.")
        self._cancel = lambda: None
        cancel = self._environments.prepare(environment, tied(self, self._on_ready), tied(self, self._on_failed))
        if self._preparing is not None:
            self._cancel = cancel
        self._show_state()

    def _on_ready(self, environment: Environment) -> None:
        self._cancel = None
        self._preparing = None
        self._settle(environment)

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None
        self._preparing = None
        self._show_state()
        self._problem = error.text if isinstance(error, FourpaneError) else str(error)
        self._say(self._problem, "error")

    def _settle(self, environment: Environment) -> None:
        """Take it in the way that is set, or ask for one where a console could be restarted."""
        console = self._consoles.get(environment.language, "")
        if environment.kind == RUNNING:
            self._finish(Choice(environment))
        elif not console or self.for_file.isChecked():
            self._finish(Choice(environment, is_for_file=self.for_file.isChecked()))
        elif self._way in ("open", "restart"):
            self._finish(Choice(environment, self._way))
        else:
            self._show_question(environment, console)

    def _show_question(self, environment: Environment | None, console: str = "") -> None:
        had_focus = self.question.isAncestorOf(self.focusWidget())
        self._asking = environment
        self.question.setVisible(environment is not None)
        self.told.setVisible(environment is None)
        self.for_file.setEnabled(environment is None)
        if environment is not None:
            self.question.ask(environment.name, console, self._running.get(environment.id, ""))
            announce(self, self.question.words.text())
        elif had_focus:
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str, bool)
    def _on_answered(self, way: str, is_kept: bool) -> None:
        if self._asking is not None:
            self._finish(Choice(self._asking, way, is_kept))

    def _show_further(self) -> None:
        for id, button in self.further.items():
            is_there = id in self._commands and self._commands.is_enabled(id)
            button.setVisible(is_there)
            if is_there:
                button.setText(self._commands.title(id).replace("...", "…").replace("&", "&&"))

    @Slot()
    def _on_further(self) -> None:
        sender = self.sender()
        assert sender is not None
        self.hide()
        self.command_asked.emit(sender.objectName(), {})

    def _show_mend(self) -> None:
        entry = self.model.entry(self.list.currentIndex())
        command, title = mending(entry.environment) if entry is not None and entry.environment is not None else ("", "")
        self.mend.setVisible(bool(command) and command in self._commands and self._cancel is None)
        self.mend.setObjectName(command)
        self.mend.setText(title)

    @Slot()
    def _on_mend(self) -> None:
        entry = self.model.entry(self.list.currentIndex())
        if entry is not None and entry.environment is not None:
            self.hide()
            self.command_asked.emit(self.mend.objectName(), {"environment": entry.environment.id})

    def _finish(self, choice: Choice) -> None:
        self._say("")
        self.hide()
        self.chosen.emit(choice)

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        column = self.layout()
        assert column is not None
        column.setContentsMargins(px(8), px(8), px(8), px(8))
        column.setSpacing(px(8))
        popup, border = color("popup").name(), color("border").name()
        self.setStyleSheet(
            f"#environment_picker {{ background: {popup}; border: 1px solid {border}; border-radius: {px(4)}px; }}"
            f"#environment_picker QListView {{ background: {popup}; }}"
        )
        self.setFixedSize(px(WIDTH_PX), px(HEIGHT_PX))
        self.box.setMinimumHeight(px(28))
        self.told.setFont(self._theme.font("small"))
        self.told.setMinimumHeight(px(34))
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


def _no_verdict(_environment: Environment) -> EnvironmentVerdict | None:
    """Policies are not read yet."""
    return None
