"""Words about a name in a console's code, under the mouse or at the caret. Output is no code: nothing is said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Signal, Slot
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.hover import HoverQuestions, HoverWords
from ide.core.record import dataclass
from ide.panes.console.look import HoverServices
from ide.qt.theme import Theme
from ide.widgets.hover_card import HoverCard

if TYPE_CHECKING:
    from ide.kernels.session import Session

_PROMPT = re.compile(r"In \[\d+\]: | *\.\.\.: ")
_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pointed:
    """A name in a line of code: the line, and code points of it before the place."""

    code: str
    offset: int


class ConsoleHover(QObject):
    """For one console; belongs to its text widget. UI thread."""

    help_wanted = Signal(object)
    """Pointed: the page of that name is wanted."""

    def __init__(self, control: QPlainTextEdit, theme: Theme, session: Session, services: HoverServices) -> None:
        super().__init__(control)
        self._control = control
        self._theme = theme
        self._session = session
        self._services = services
        self._questions = HoverQuestions()
        self._pointed: Pointed | None = None
        self._card: HoverCard | None = None
        control.viewport().installEventFilter(self)

    @property
    def card(self) -> HoverCard:
        """Made at the first use."""
        if self._card is None:
            self._card = HoverCard(self._theme, self._control, self._services.help_key())
            self._card.help_asked.connect(self._on_help_asked)
            self._card.dismissed.connect(self._on_dismissed)
        return self._card

    @property
    def pointed(self) -> Pointed | None:
        """What the card is about that is shown; None without one."""
        return self._pointed if self._card is not None and self._card.is_shown else None

    def close(self) -> None:
        """No answer is taken any more."""
        self._questions.drop()
        if self._card is not None:
            self._card.dismiss()
            self._card.deleteLater()
            self._card = None

    def dismiss(self) -> None:
        """Take the card away."""
        if self._card is not None:
            self._card.dismiss()

    def ask_at_caret(self) -> None:
        """The keyboard's way: the name at the caret."""
        self._ask(self._control.textCursor(), by_mouse=False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Where the mouse rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._services.is_shown():
            cursor = self._control.cursorForPosition(event.pos())
            if _is_over_text(self._control, cursor, event.pos()):
                self._ask(cursor, by_mouse=True)
        return False

    def _ask(self, cursor: QTextCursor, *, by_mouse: bool) -> None:
        block = cursor.block()
        text = block.text().replace("\xa0", " ")
        prompt = _PROMPT.match(text)
        column = cursor.positionInBlock() - (prompt.end() if prompt else 0)
        code = text[prompt.end() :] if prompt else ""
        name = next((one for one in _NAME.finditer(code) if one.start() <= column <= one.end()), None)
        if prompt is None or name is None:
            return
        start = block.position() + prompt.end()
        self.card.expect(self._rect(start + name.start()).united(self._rect(start + name.end())), by_mouse=by_mouse)
        # Columns of the document are UTF-16 units, those of a question code points.
        offset = len(code.encode("utf-16-le")[: 2 * column].decode("utf-16-le", "ignore"))
        self._pointed = Pointed(code, offset)
        params: Mapping[str, object] = {
            "path": "", "text": code, "line": 0, "column": offset,
            "interpreter": str(self._session.launch.environment.interpreter or ""),
        }  # fmt: skip
        helper = self._services.helper_of(self._session.language)
        self._questions.ask(self._session, helper, code, offset, params, self._on_words)

    def _rect(self, position: int) -> QRect:
        cursor = self._control.textCursor()
        cursor.setPosition(position)
        rect = self._control.cursorRect(cursor)
        return QRect(self._control.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def _on_words(self, words: HoverWords | None) -> None:
        if words is None:
            self.dismiss()
        else:
            self.card.tell(words)

    @Slot()
    def _on_dismissed(self) -> None:
        self._questions.drop()

    @Slot()
    def _on_help_asked(self) -> None:
        if self._pointed is not None:
            self.help_wanted.emit(self._pointed)


def _is_over_text(control: QPlainTextEdit, cursor: QTextCursor, place: QPoint) -> bool:
    """Not in the empty space behind a line or below the last one, for which Qt gives the nearest place."""
    rect = control.cursorRect(cursor)
    return rect.top() <= place.y() <= rect.bottom() and abs(place.x() - rect.x()) <= 2 * max(
        1, control.fontMetrics().averageCharWidth()
    )
