"""Help while typing in one view: completions, call tips, words on hover, the definition of a name.

Owns the popups of a view and when they are asked for. What is asked is `completion` and `live_help`; sessions and
helpers come from the pane.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QToolTip

from ide.core.language import CompletionItem, Problem
from ide.core.record import dataclass
from ide.core.text import Place
from ide.panes.editor.buffer import Buffer
from ide.panes.editor.completion import Completer, Helper, LiveSession, Offer, Question, starts_completion
from ide.panes.editor.live_help import Definition, LiveHelp, Signature, call_depth
from ide.panes.editor.problems import lines_of_language
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.code_view import CodeView
from ide.widgets.code_view_gutter import plain_tip

if TYPE_CHECKING:
    from ide.panes.editor.tips import Tip
    from ide.widgets.completion_popup import CompletionPopup

TIP_AGAIN_MS = 60


@dataclass(slots=True)
class AssistOptions:
    """The user's settings for completion."""

    as_you_type: bool = True
    delay_ms: int = 120
    is_live: bool = True
    is_static: bool = True


@dataclass(frozen=True, slots=True)
class Sources:
    """Where answers come from, by id of a language. None: there is none now."""

    session_of: Callable[[str], LiveSession | None]
    helper_of: Callable[[str], Helper | None]
    interpreter_of: Callable[[str], str]


class Assist(QObject):
    """Belongs to one view and dies with it."""

    definition_found = Signal(object)
    """Definition"""
    nothing_found = Signal(str)
    """What was looked for in vain."""

    def __init__(
        self, view: CodeView, buffer: Buffer, sources: Sources, theme: Theme, icons: Icons, options: AssistOptions
    ) -> None:
        super().__init__(view)
        self._view = view
        self._buffer = buffer
        self._sources = sources
        self.options = options
        self._completer = Completer(self._on_offer)
        self._help = LiveHelp()
        self._theme = theme
        self._icons = icons
        self._popup: CompletionPopup | None = None
        self._tip: Tip | None = None
        self._is_typing = False
        self._tip_line = -1
        self._delay = _timer(self, self.complete)
        self._tip_delay = _timer(self, self._ask_signature)
        self._tip_delay.setInterval(TIP_AGAIN_MS)
        self._settle = _timer(self, self._on_settled)
        self._settle.setInterval(0)
        view.key_filters.append(self._on_key)
        view.typed.connect(self._on_typed)
        view.caret_moved.connect(self._settle.start)
        view.view_scrolled.connect(self.close_popups)
        view.tip_wanted.connect(self._on_tip_wanted)
        view.definition_wanted.connect(self._ask_definition)

    @property
    def popup(self) -> CompletionPopup:
        """The list of completions; made at the first use."""
        if self._popup is None:
            from ide.widgets.completion_popup import CompletionPopup

            self._popup = CompletionPopup(self._theme, self._icons, self._view)
            self._popup.accepted.connect(self._accept)
            self._popup.dismissed.connect(self._completer.drop)
        return self._popup

    @property
    def tip(self) -> Tip:
        """The call tip; made at the first use."""
        if self._tip is None:
            from ide.panes.editor.tips import Tip

            self._tip = Tip(self._theme, self._view)
        return self._tip

    @property
    def is_listing(self) -> bool:
        """Whether completions are shown."""
        return self._popup is not None and not self._popup.isHidden()

    @property
    def is_tipping(self) -> bool:
        """Whether a tip is shown."""
        return self._tip is not None and not self._tip.isHidden()

    def close(self) -> None:
        """Drop every question and the popups, which belong to the window."""
        self._completer.drop()
        self._help.close()
        for timer in (self._delay, self._tip_delay, self._settle):
            timer.stop()
        for popup in (self._popup, self._tip):
            if popup is not None:
                popup.deleteLater()
        self._popup = self._tip = None

    # --- commands ----------------------------------------------------------------------------------------------------

    @Slot()
    def complete(self) -> None:
        """Ask for what could be typed at the caret."""
        self._delay.stop()
        if self._view.isReadOnly():
            return
        question = self._question(self._view.place)
        if question is None:
            return
        options = self.options
        session = self._sources.session_of(question.language) if options.is_live else None
        helper = self._sources.helper_of(question.language) if options.is_static else None
        self._completer.ask(question, session, helper)

    def show_help(self) -> None:
        """Say what is known of the name at the caret."""
        self._ask_hover(self._view.place, self._show_hover_tip)

    def question(self) -> Question | None:
        """What is asked at the caret; None in prose."""
        return self._question(self._view.place)

    def go_to_definition(self) -> None:
        """Find where the name at the caret is defined."""
        self._ask_definition(self._view.place)

    @Slot()
    def close_popups(self) -> None:
        """Hide list and tip."""
        self._dismiss()
        self._hide_tip()

    def _dismiss(self) -> None:
        if self._popup is not None:
            self._popup.dismiss()

    # --- typing ------------------------------------------------------------------------------------------------------

    def _on_key(self, event: QKeyEvent) -> bool:
        if self._popup is not None and self._popup.handle(event):
            return True
        if event.key() == Qt.Key.Key_Escape and self.is_tipping:
            self._hide_tip()
            return True
        return False

    @Slot(str)
    def _on_typed(self, typed: str) -> None:
        place = self._view.place
        line = self._buffer.text.lines[place.line]
        if typed in "(,":
            self._tip_delay.start()
        question = self._question(place)
        if question is None:
            self._dismiss()
        elif self.is_listing and self._completer.narrow(question):
            self._delay.stop()
        elif self.options.as_you_type and self._wants(line, place.column):
            # After a dot a name must follow: nothing is gained by waiting for more.
            self._delay.start(self.options.delay_ms if question.word else 0)
        else:
            self._delay.stop()
            self._dismiss()
        self._is_typing = True
        self._settle.start()

    def _wants(self, line: str, column: int) -> bool:
        role = self._role_before(Place(self._view.place.line, column))
        if role == "comment":
            return False
        return starts_completion(line, column) and (role != "string" or line[:column].endswith(('["', "['")))

    @Slot()
    def _on_settled(self) -> None:
        """The caret stands still after whatever moved it."""
        was_typing, self._is_typing = self._is_typing, False
        place = self._view.place
        if self.is_listing and not was_typing:
            question = self._question(place)
            if question is None or not (self._completer.narrow(question) or question.word):
                self._dismiss()
            elif not self._completer.narrow(question):
                self.complete()
        if self.is_tipping:
            if place.line != self._tip_line:
                self._hide_tip()
            else:
                self._tip_delay.start()

    def _on_offer(self, offer: Offer) -> None:
        place = self._view.place
        if offer.place.line != place.line or not self._has_keyboard():
            self._hide_list()
            return
        items = offer.items
        only = items[0] if len(items) == 1 else None
        if only is not None and only.text == self._buffer.text.lines[place.line][only.replace_first : place.column]:
            items = ()
        if not items:
            if offer.is_done:
                self._hide_list()
            return
        start = Place(place.line, min(item.replace_first for item in items[:1]))
        self.popup.offer(items, self._rect(start))
        if self.is_tipping and self.tip.geometry().intersects(self.popup.geometry()):
            self._hide_tip()

    def _has_keyboard(self) -> bool:
        """Whether keys go to the view; the window itself need not be in front."""
        return self._view.window().focusWidget() is self._view

    def _hide_list(self) -> None:
        if self._popup is not None:
            self._popup.hide()

    @Slot(object)
    def _accept(self, item: CompletionItem) -> None:
        place = self._view.place
        self._completer.drop()
        text = self._buffer.text
        cursor = self._view.textCursor()
        cursor.setPosition(text.position(Place(place.line, item.replace_first)))
        end = Place(place.line, max(item.replace_end, place.column))
        cursor.setPosition(text.position(end), QTextCursor.MoveMode.KeepAnchor)
        self._view.carets.clear()
        self._view.setTextCursor(cursor)
        self._view.insert(item.text)

    # --- call tips ---------------------------------------------------------------------------------------------------

    @Slot()
    def _ask_signature(self) -> None:
        place = self._view.place
        line = self._buffer.text.lines[place.line]
        question = self._question(place)
        if question is None or (call_depth(line, place.column) <= 0 and not self.is_tipping):
            return
        sources, language = self._sources, question.language
        self._tip_line = place.line
        self._help.signature(question, sources.session_of(language), sources.helper_of(language), self._on_signature)

    def _on_signature(self, signature: Signature | None) -> None:
        if signature is None or self._view.place.line != self._tip_line or not self._has_keyboard():
            self._hide_tip()
            return
        self.tip.show_signature(signature, self._view.caret_rect())

    def _hide_tip(self) -> None:
        self._tip_delay.stop()
        self._help.drop("signature")
        if self._tip is not None:
            self._tip.hide()

    # --- hover and definition ----------------------------------------------------------------------------------------

    @Slot(object, object)
    def _on_tip_wanted(self, place: Place, at: QPoint) -> None:
        words = [problem.message for problem in self._buffer.marks.problems_at(place.line) if _covers(problem, place)]
        hidden = self._view.hidden_text_at(place)
        if len(hidden) > 1:
            words.append(
                f"{len(hidden)} more characters of this line are not shown, so that typing stays quick.\n"
                "They are kept, saved and run."
            )
        elif hidden:
            words.append(
                f"The character U+{ord(hidden):04X}. It is marked, because as text it could hide what the code does."
            )
        if words:
            QToolTip.showText(at, plain_tip("\n".join(words)), self._view)
            return

        def show(text: str | None) -> None:
            if text and self._view.underMouse():
                QToolTip.showText(at, plain_tip(text), self._view)

        self._ask_hover(place, show)

    def _ask_hover(self, place: Place, done: Callable[[str | None], None]) -> None:
        question = self._question(place)
        if question is not None:
            sources, language = self._sources, question.language
            self._help.hover(question, sources.session_of(language), sources.helper_of(language), done)

    def _show_hover_tip(self, text: str | None) -> None:
        if not text:
            self.nothing_found.emit("Nothing is known of this name.")
            return
        self._tip_line = self._view.place.line
        self.tip.show_text(text, self._view.caret_rect())

    @Slot(object)
    def _ask_definition(self, place: Place) -> None:
        question = self._question(place)
        if question is not None:
            self._help.definition(question, self._sources.helper_of(question.language), self._on_definition)

    def _on_definition(self, definition: Definition | None) -> None:
        if definition is None:
            self.nothing_found.emit("The definition was not found.")
        else:
            self.definition_found.emit(definition)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _question(self, place: Place) -> Question | None:
        """What is asked at a place; None in prose."""
        buffer = self._buffer
        language = buffer.language_id_at(place.line)
        if not language or buffer.text.is_loading:
            return None
        lines = buffer.text.lines
        if buffer.document.kind in ("chunks", "notebook"):
            lines = lines_of_language(lines, buffer.marks.cells, language)
        path = str(buffer.document.path or "")
        interpreter = self._sources.interpreter_of(language)
        return Question(lines, place, language, path, interpreter, self._role_before(place) == "string")

    def _role_before(self, place: Place) -> str:
        text = self._buffer.text
        block = text.document.findBlockByNumber(place.line)
        return self._buffer.highlighter.role_at(block, max(0, text.units(block, place.column) - 1))

    def _rect(self, place: Place) -> QRect:
        cursor = self._view.textCursor()
        cursor.setPosition(self._buffer.text.position(place))
        rect = self._view.cursorRect(cursor)
        return QRect(self._view.viewport().mapToGlobal(rect.topLeft()), QSize(rect.width(), rect.height()))


def _covers(problem: Problem, place: Place) -> bool:
    start, end = problem.start, problem.end
    after_start = (place.line, place.column + 1) >= (start.line, start.column)
    return after_start and (place.line, place.column) <= (end.line, end.column + 1)


def _timer(parent: QObject, ring: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(ring)
    return timer
