"""The page of one session: working folder, console, type-ahead strip, masked answers. The session is not its own.

Before qtconsole's widget is there the typing frame fills the page; afterwards it is the strip that takes what is typed
while there is no prompt. Nothing typed gets lost on either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ide.core.errors import FourpaneError
from ide.core.language import Language
from ide.kernels.session import Session
from ide.panes.console.answer_bar import AnswerBar
from ide.panes.console.bridge import Bridge
from ide.panes.console.folder_bar import FolderBar
from ide.panes.console.history import History
from ide.panes.console.history_popup import HistoryPopup
from ide.panes.console.lines import ERROR
from ide.panes.console.look import HoverServices, Look
from ide.panes.console.model import starting_text
from ide.panes.console.typing_frame import TypingFrame
from ide.panes.console.width import ConsoleWidth
from ide.qt.accessible import Announcer
from ide.qt.ties import connect
from ide.settings import declared
from ide.widgets.text_find_bar import TextFindBar

if TYPE_CHECKING:
    from ide.panes.console.completion import ConsoleCompletion
    from ide.panes.console.hover import ConsoleHover
    from ide.panes.console.view import ConsoleView

FOLD_ROOM_CHARACTERS = 200
"""The session folds first and adds a note; the console's own limit leaves room for that."""


class ConsolePage(QWidget):
    """Everything of one console below its tab."""

    link_activated = Signal(str, str, int)
    rest_wanted = Signal(int)
    page_wanted = Signal(str)
    interrupt_wanted = Signal()
    restart_wanted = Signal()
    folder_wanted = Signal()
    large_wanted = Signal(object, str)
    """A bundle to show large, and a title."""
    sound_wanted = Signal(object)
    zoom_wanted = Signal(int)
    help_wanted = Signal(object, object)
    """This page and `hover.Pointed`: the page of a name in its code is wanted."""
    refused = Signal(object)
    """FourpaneError"""
    troubled = Signal(object, object)
    """Session and KernelError, or None when the trouble is over."""

    def __init__(
        self,
        session: Session,
        language: Language | None,
        history: History,
        look: Look,
        hovering: HoverServices,
        frame: TypingFrame | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`frame`: one in which somebody may have typed already, with the same idea of whole code."""
        super().__init__(parent)
        self.session = session
        self._language = language
        self._history = history
        self._look = look
        self._hovering = hovering
        self.view: ConsoleView | None = None
        self.completion: ConsoleCompletion | None = None
        self.hover: ConsoleHover | None = None
        self._last_state = "starting"
        self._is_prompt_shown = False
        self._restarted_at = ""
        self._announcer: Announcer | None = None
        self.bridge = Bridge(session, self)
        self.bridge.refused.connect(self.refused)
        self.folder = FolderBar(look.theme, look.icons)
        self.folder.clicked.connect(self.folder_wanted)
        self.find_bar = TextFindBar(look.theme, look.icons)
        self.find_bar.closed.connect(self.focus_input)
        self.frame = frame or TypingFrame(look.theme, self.is_complete)
        name = language.name if language is not None else session.launch.environment.name
        self.frame.setPlaceholderText(starting_text(name))
        self.frame.submitted.connect(self.run_code)
        self.frame.interrupt_wanted.connect(self.interrupt_wanted)
        self.frame.emptied.connect(self._place_frame)
        self.answer = AnswerBar(look.theme)
        self.answer.cancelled.connect(self.interrupt_wanted)
        self.answer.answered.connect(self._on_answered)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for widget in (self.folder, self.find_bar, self.frame, self.answer):
            self._column.addWidget(widget)
        self.setAccessibleName(f"Console {session.name}")
        connect(self, session.state_changed, self._on_state_changed)
        connect(self, session.troubled, self._on_troubled)
        self._on_state_changed()

    def is_complete(self, code: str) -> bool:
        """Whether Enter runs `code`; without a Language every code does."""
        return self._language is None or self._language.is_complete(code)

    def open_view(self, make: type[ConsoleView]) -> None:
        """Put qtconsole's widget in place of the typing frame. Its module was imported in the pool."""
        settings = self._look.settings
        view = make(
            self.bridge,
            self._look.theme,
            self._language,
            scrollback_lines=settings.get(declared.CONSOLE_SCROLLBACK_LINES),
            fold_characters=settings.get(declared.CONSOLE_FOLD_LINE_CHARACTERS) + FOLD_ROOM_CHARACTERS,
            shows_pictures=settings.get(declared.CONSOLE_SHOW_PICTURES),
            run_in_pool=self._look.run_in_pool,
            parent=self,
        )
        self.view = view
        self._announcer = Announcer(view.control, self._look.after)
        view.speak_by(self._announcer.add)
        view.control.setAccessibleName(f"Console {self.session.name}: output and prompt")
        view.set_history(self._history.entries)
        view.link_activated.connect(self._on_link)
        view.code_entered.connect(self._on_code_entered)
        view.input_wanted.connect(self._on_input_wanted)
        view.interrupt_wanted.connect(self.interrupt_wanted)
        view.restart_wanted.connect(self.restart_wanted)
        view.history_wanted.connect(self.search_history)
        view.typed_ahead.connect(self._on_typed_ahead)
        view.page_wanted.connect(self.page_wanted)
        view.large_wanted.connect(self.large_wanted)
        view.sound_wanted.connect(self.sound_wanted)
        view.zoom_wanted.connect(self.zoom_wanted)
        view.activity_changed.connect(self._on_activity_changed)
        ConsoleWidth(self.session, view.control)
        # Lists, cards and the contract's records are not on the way to the first window.
        from ide.panes.console.completion import ConsoleCompletion
        from ide.panes.console.hover import ConsoleHover

        self.completion = ConsoleCompletion(
            view,
            self.session,
            self._look.theme,
            self._look.icons,
            lambda: settings.get(declared.COMPLETION_AS_YOU_TYPE) and settings.get(declared.COMPLETION_LIVE),
            lambda: settings.get(declared.COMPLETION_DELAY_MS),
        )
        view.key_taker = self.completion.handle
        view.completion_wanted.connect(self._on_completion_wanted)
        view.tip_wanted.connect(self.completion.ask_tip)
        self.hover = ConsoleHover(view.control, self._look.theme, self.session, self._hovering)
        self.hover.help_wanted.connect(self._on_help_wanted)
        self._column.insertWidget(self._column.indexOf(self.frame), view, 1)
        view.hide()  # until it has something to show, the frame is the place to type
        self._follow_state("starting")
        self.bridge.release()

    @Slot(str)
    def run_code(self, code: str) -> None:
        """Run code typed ahead: it appears at the prompt when its turn comes."""
        if not self.bridge.execute(code):
            self.frame.insertPlainText(code)
        self._place_frame()

    @Slot()
    def focus_input(self) -> None:
        """Put the keyboard where typing goes now."""
        if self.answer.isVisibleTo(self):
            self.answer.setFocus()
        elif self.view is None or (self.frame.isVisibleTo(self) and not self.view.has_prompt):
            self.frame.setFocus()
        else:
            self.view.control.setFocus()

    @Slot()
    def open_find(self) -> None:
        """Search in the output."""
        if self.view is not None:
            self.find_bar.open_for(self.view.control)

    def show_help(self) -> None:
        """Say what is known of the name at the caret."""
        if self.hover is not None:
            self.hover.ask_at_caret()

    @Slot()
    def search_history(self) -> None:
        """Search in what was entered."""
        popup = HistoryPopup(self._look.theme, self._history.search, self)
        popup.chosen.connect(self._on_history_chosen)
        popup.open_over(self.view.control if self.view is not None else self.frame)

    def follow_settings(self) -> None:
        """Settings changed."""
        if self.view is not None:
            settings = self._look.settings
            folded = settings.get(declared.CONSOLE_FOLD_LINE_CHARACTERS) + FOLD_ROOM_CHARACTERS
            self.view.set_limits(settings.get(declared.CONSOLE_SCROLLBACK_LINES), folded)
            self.view.shows_pictures = settings.get(declared.CONSOLE_SHOW_PICTURES)

    def close_page(self) -> None:
        """End what the page started; typed text that never ran goes with it, as the console does."""
        if self.completion is not None:
            self.completion.close()
        if self.hover is not None:
            self.hover.close()
        if self._announcer is not None:
            self._announcer.close()
        if self.view is not None:
            self.view.close_view()

    @Slot(object)
    def _on_help_wanted(self, pointed: object) -> None:
        self.help_wanted.emit(self, pointed)

    # --- the session -------------------------------------------------------------------------------------------------

    def _on_state_changed(self) -> None:
        before, self._last_state = self._last_state, self.session.state
        self.folder.show_folder(self.session.working_folder)
        if self.view is not None:
            self._follow_state(before)
        if self.session.state != "waiting":
            self.answer.put_away()

    def _on_troubled(self, error: object) -> None:
        self.troubled.emit(self.session, error)

    def _follow_state(self, before: str) -> None:
        """Show in the console what became of the kernel. Called at each change, and once when the view comes."""
        view, state = self.view, self.session.state
        assert view is not None
        if state == "restarting" and before != "restarting":
            view.end_run()
            self._is_prompt_shown = False
            self._restarted_at = time.strftime("%H:%M")
        elif state == "dead" and before != "dead":
            view.end_run()
            self._is_prompt_shown = False
            self._say_death()
        elif state not in ("starting", "restarting", "dead") and not self._is_prompt_shown:
            self._is_prompt_shown = True
            self.frame.setPlaceholderText("")
            count = 0 if self._restarted_at else self.session.execution_count
            view.show_prompt(count + 1, self._banner())

    def _banner(self) -> str:
        environment = self.session.launch.environment
        language = self._language.name if self._language is not None else environment.language
        info = self.session.info
        version = (info.language_version if info is not None else "") or environment.version
        if self._restarted_at:
            text = f"\n{language} was restarted at {self._restarted_at}; its variables are gone."
            self._restarted_at = ""
            return text
        return f"{language} {version}".strip() + f" · {environment.name}"

    def _say_death(self) -> None:
        assert self.view is not None
        cause = self.session.cause
        if cause is None:
            return
        self.view.say(cause.text, ERROR)
        if cause.stderr_lines and cause.kind != "asked":
            self.view.say("\n".join(cause.stderr_lines))

    # --- typing ------------------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_typed_ahead(self, text: str) -> None:
        self.frame.setVisible(True)
        if text in ("\r", "\n"):
            text = ""
        self.frame.setFocus()
        self.frame.moveCursor(self.frame.textCursor().MoveOperation.End)
        self.frame.insertPlainText(text)

    @Slot()
    def _on_activity_changed(self) -> None:
        # A prompt that is shown between two queued runs would take the strip's text away for a moment.
        QTimer.singleShot(0, self, self._place_frame)
        if self.view is not None and not self.view.is_reading:
            self.answer.put_away()

    @Slot()
    def _place_frame(self) -> None:
        """Strip there or not; at a prompt its text moves there, with the caret and the keyboard."""
        view = self.view
        if view is None:
            return
        had_focus = self.frame.hasFocus()
        if view.isHidden() and (view.has_prompt or view.is_executing):
            self.frame.make_strip(True)
            view.show()
        if view.isHidden():
            return
        if view.has_prompt:
            code, caret = self.frame.take()
            if code:
                view.insert_code(code, caret)
            self.frame.hide()
            if had_focus:
                view.control.setFocus()
        else:
            is_waiting = view.is_executing or view.is_reading
            keeps = bool(self.frame.code) or (had_focus and not self.answer.isVisibleTo(self) and not is_waiting)
            self.frame.setVisible(keeps or self.session.state in ("starting", "restarting"))
            if had_focus and not self.frame.isVisibleTo(self):
                view.control.setFocus()

    @Slot(str, bool)
    def _on_input_wanted(self, prompt: str, is_password: bool) -> None:
        focused = QApplication.focusWidget()
        is_here = focused is not None and self.isAncestorOf(focused)
        if is_password:
            self.answer.ask(prompt)
            if is_here:
                self.answer.setFocus()
        elif is_here and self.view is not None:
            self.view.control.setFocus()

    @Slot(str)
    def _on_answered(self, answer: str) -> None:
        if self.view is not None:
            self.view.finish_password(answer)
            self.view.control.setFocus()

    @Slot(str)
    def _on_code_entered(self, code: str) -> None:
        self._history.add(code)

    @Slot(str)
    def _on_history_chosen(self, code: str) -> None:
        if self.view is not None and self.view.has_prompt:
            self.view.replace_input(code)
        else:
            self.frame.setVisible(True)
            self.frame.setPlainText(code)
        self.focus_input()

    @Slot(str, int, bool)
    def _on_completion_wanted(self, code: str, offset: int, is_wanted: bool) -> None:
        if self.completion is not None:
            self.completion.ask(code, offset, is_wanted=is_wanted)

    @Slot(str, str, int)
    def _on_link(self, kind: str, target: str, number: int) -> None:
        if kind == "rest":
            self.rest_wanted.emit(number)
        else:
            self.link_activated.emit(kind, target, number)


def read_text(find: Callable[[str], Path | None], run_id: str) -> str:
    """All output of a run, in a pool thread. Raises FourpaneError where it is not kept."""
    path = find(run_id)
    if path is None:
        raise FourpaneError("The full output is not kept any more.", "Only the newest output of a session is on disk.")
    return path.read_text(encoding="utf-8", errors="replace")
