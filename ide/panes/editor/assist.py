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

from ide.core.hover import HoverQuestions, HoverWords
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
    from ide.widgets.hover_card import HoverCard

TIP_AGAIN_MS = 60


@dataclass(slots=True)
class AssistOptions:
    """The user's settings for completion and help. `help_key` opens a page, as it is shown to the user."""

    as_you_type: bool = True
    delay_ms: int = 120
    is_live: bool = True
    is_static: bool = True
    is_hover_shown: bool = True
    help_key: Callable[[], str] = str


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
    help_wanted = Signal(object)
    """Question: the page of the name there is wanted."""

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
        self._card: HoverCard | None = None
        self._hover = HoverQuestions()
        self._hovered: Question | None = None
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
    def card(self) -> HoverCard:
        """Words about a name; made at the first use."""
        if self._card is None:
            from ide.widgets.hover_card import HoverCard

            self._card = HoverCard(self._theme, self._view, self.options.help_key())
            self._card.help_asked.connect(self._on_help_asked)
            self._card.dismissed.connect(self._on_card_dismissed)
        return self._card

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
        self._hover.drop()
        if self._card is not None:
            self._card.dismiss()
        for timer in (self._delay, self._tip_delay, self._settle):
            timer.stop()
        for popup in (self._popup, self._tip, self._card):
            if popup is not None:
                popup.deleteLater()
        self._popup = self._tip = self._card = None

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
        self._ask_hover(self._view.place, by_mouse=False)

    def question(self) -> Question | None:
        """What is asked at the caret; None in prose."""
        return self._question(self._view.place)

    @property
    def hovered(self) -> Question | None:
        """What the card is about that is shown; None without one."""
        return self._hovered if self._card is not None and self._card.is_shown else None

    def go_to_definition(self) -> None:
        """Find where the name at the caret is defined."""
        self._ask_definition(self._view.place)

    @Slot()
    def close_popups(self) -> None:
        """Hide list, tip and card."""
        self._dismiss()
        self._hide_tip()
        if self._card is not None:
            self._card.dismiss()

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
        elif self.options.is_hover_shown and not self.is_tipping and not self.is_listing:
            self._ask_hover(place, by_mouse=True)

    def _ask_hover(self, place: Place, *, by_mouse: bool) -> None:
        line = self._buffer.text.lines[place.line]
        first, end = word_at(line, place.column)
        question = self._question(Place(place.line, min(place.column, end)))
        if question is None or first == end:
            if not by_mouse:
                self.nothing_found.emit("There is no name here.")
            return
        self._hide_tip()
        name = self._rect(Place(place.line, first)).united(self._rect(Place(place.line, end)))
        self.card.expect(name, by_mouse=by_mouse)
        self._hovered = question
        sources, language = self._sources, question.language
        code, offset, _line = question.live_code()
        params, _first, _offset = question.helper_params()
        session, helper = sources.session_of(language), sources.helper_of(language)
        done = self._show_hover if by_mouse else self._show_asked
        self._hover.ask(session, helper, code, offset, params, done)

    def _show_hover(self, words: HoverWords | None) -> None:
        if words is None:
            self.card.dismiss()
        else:
            self.card.tell(words)

    def _show_asked(self, words: HoverWords | None) -> None:
        self._show_hover(words)
        if words is None:
            self.nothing_found.emit("Nothing is known of this name.")

    @Slot()
    def _on_card_dismissed(self) -> None:
        self._hover.drop()

    @Slot()
    def _on_help_asked(self) -> None:
        if self._hovered is not None:
            self.help_wanted.emit(self._hovered)

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


def word_at(line: str, column: int) -> tuple[int, int]:
    """Where the name at a column begins and ends; the same place twice where there is none."""
    first = end = column
    while first > 0 and _is_of_word(line[first - 1]):
        first -= 1
    while end < len(line) and _is_of_word(line[end]):
        end += 1
    return first, end


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _covers(problem: Problem, place: Place) -> bool:
    start, end = problem.start, problem.end
    after_start = (place.line, place.column + 1) >= (start.line, start.column)
    return after_start and (place.line, place.column) <= (end.line, end.column + 1)


def _timer(parent: QObject, ring: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(ring)
    return timer
