"""Colours the visible lines of a text in turns of a few milliseconds, and keeps the lexer's state of each line.

The number that Qt keeps with each block (`userState`) holds which state the line ended in (from 1; 0 is unknown) and
which generation of colours it has. Lines from 0 to the frontier have a state that is known to be right; what is
visible beyond it is coloured by a guess until the frontier gets there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextFormat, QTextLayout

from ide.core.ports import RunInPool
from ide.qt.theme import Theme
from ide.widgets.code_view_layout import STAND_IN
from ide.widgets.code_view_lexing import FencedLexer, LineLexer, MarkedLexer, Span, State, load_lexer
from ide.widgets.code_view_text import CodeText

TURN_S = 0.004
BETWEEN_TURNS_MS = 6
GUESS_LINES = 60
"""How far above the visible lines a guess starts."""
MOST_GUESSED = 2_000
AFTER_TYPING_S = 0.3
"""How long after an edit the lines above a guess are left alone."""
ROLE = int(QTextFormat.Property.UserProperty) + 2
"""Property of a token's format: its role."""
_GENERATIONS = 127

Form = Literal["", "fenced", "marked"]


class LexerShelf:
    """Lexers by alias, each loaded once in the pool. UI thread."""

    def __init__(self, run_in_pool: RunInPool) -> None:
        self._run_in_pool = run_in_pool
        self._loaded: dict[str, LineLexer | None] = {}
        self._asked: dict[str, list[Callable[[], None]]] = {}

    def get(self, alias: str, arrived: Callable[[], None]) -> LineLexer | None:
        """The lexer if it is there; else None, and `arrived` is called once when it has come."""
        if alias in self._loaded:
            return self._loaded[alias]
        if alias in self._asked:
            if arrived not in self._asked[alias]:
                self._asked[alias].append(arrived)
            return None
        self._asked[alias] = [arrived]

        def done(lexer: LineLexer | None) -> None:
            self._loaded[alias] = lexer
            for callback in self._asked.pop(alias, []):
                callback()

        self._run_in_pool(lambda: load_lexer(alias), done, lambda _error: done(None))
        return self._loaded.get(alias)


class Highlighter(QObject):
    """Colours one `CodeText` for all of its views."""

    def __init__(self, text: CodeText, theme: Theme, shelf: LexerShelf) -> None:
        super().__init__(text)
        self._text = text
        self._theme = theme
        self._shelf = shelf
        self._alias = ""
        self._form: Form = ""
        self._lexer: LineLexer | None = None
        self._states: list[State] = []
        self._numbers: dict[State, int] = {}
        self._frontier = 0
        self._stale_end = 0
        self._changed_end = 0
        self._has_guessed = False
        self._is_due = False
        self._wanted: dict[int, tuple[int, int]] = {}
        self._guesses: list[int] = []
        self._guess_states: dict[int, State] = {}
        self._edited_s = 0.0
        self._generation = 1
        self._formats: dict[str, QTextCharFormat] = {}
        self.lines_lexed = 0
        """How many lines were lexed since the start: a measure of work for tests."""
        self._timer = QTimer(self)
        self._timer.setInterval(BETWEEN_TURNS_MS)
        self._timer.timeout.connect(self._turn)
        text.lines_changed.connect(self._on_lines_changed)
        text.document.contentsChanged.connect(self._on_contents_changed)
        theme.changed.connect(self._on_theme_changed)

    def set_lexer(self, alias: str, *, form: Form = "") -> None:
        """Colour by the Pygments lexer `alias` ("*.json": by the name of a file); empty for none.

        `form` "fenced": prose with fenced code in it. "marked": code with `# %% [markdown]` cells in it.
        """
        if (alias, form) != (self._alias, self._form):
            self._alias, self._form = alias, form
            self._on_lexer_arrived()

    def cover(self, view: object, first: int, end: int) -> None:
        """The lines `first` to `end` are visible in `view`. Does a few milliseconds of the work at once."""
        if self._wanted.get(id(view)) == (first, end) and not self._timer.isActive():
            return
        self._wanted[id(view)] = (first, end)
        self._guesses.clear()
        self._turn()

    def uncover(self, view: object) -> None:
        """`view` is gone."""
        self._wanted.pop(id(view), None)

    def role_at(self, block: QTextBlock, units: int) -> str:
        """The role of the character at `units` of a block, as far as it is coloured."""
        for span in block.layout().formats():
            if span.start <= units < span.start + span.length:
                return str(span.format.property(ROLE) or "")
        return ""

    # --- the work ----------------------------------------------------------------------------------------------------

    @Slot()
    def _turn(self) -> None:
        if self._lexer is None or not self._wanted:
            self._timer.stop()
            return
        deadline_s = time.perf_counter() + TURN_S
        while self._one_line():
            if time.perf_counter() > deadline_s:
                self._timer.start(BETWEEN_TURNS_MS)
                return
        if self._is_behind():
            self._timer.start(round(AFTER_TYPING_S * 1000))
        else:
            self._timer.stop()

    def _is_behind(self) -> bool:
        """Whether visible lines have only been guessed at: what lies above them waits while somebody types."""
        return self._frontier < self._wanted_end()

    def _wanted_end(self) -> int:
        return min(max(end for _first, end in self._wanted.values()), len(self._text.lines))

    def _one_line(self) -> bool:
        """Do the most urgent line; False if all is done."""
        count = len(self._text.lines)
        for first, end in self._wanted.values():
            if (line := self._uncoloured(first, min(end, self._frontier, count))) is not None:
                self._colour_again(line)
                return True
        if self._guesses or self._start_guess():
            self._guess_line()
            return True
        is_near = any(first - self._frontier <= GUESS_LINES for first, _end in self._wanted.values())
        if self._is_behind() and (is_near or time.perf_counter() - self._edited_s >= AFTER_TYPING_S):
            self._advance()
            return True
        return False

    def _uncoloured(self, first: int, end: int) -> int | None:
        block = self._text.document.findBlockByNumber(first)
        for line in range(first, end):
            if block.userState() & 127 != self._generation:
                return line
            block = block.next()
        return None

    def _advance(self) -> None:
        """Lex the line at the frontier."""
        line = self._frontier
        block = self._text.document.findBlockByNumber(line)
        spans, state = self._lex(line, self._state_before(line))
        number = self._number(state)
        was = max(block.userState(), 0) >> 7
        is_visible = any(first <= line < end for first, end in self._wanted.values())
        if is_visible:
            self._set_formats(block, spans)
        block.setUserState(number << 7 | (self._generation if is_visible else 0))
        self._frontier = line + 1
        if was == number and self._changed_end <= line < self._stale_end:
            self._frontier = max(self._frontier, self._stale_end)
            if self._has_guessed:  # some lines there may have the colours of a wrong guess
                self._has_guessed = False
                self._repaint_all()

    def _colour_again(self, line: int) -> None:
        """The state is right, the colours are missing."""
        block = self._text.document.findBlockByNumber(line)
        spans, _state = self._lex(line, self._state_before(line))
        self._set_formats(block, spans)
        block.setUserState(max(block.userState(), 0) >> 7 << 7 | self._generation)

    def _start_guess(self) -> bool:
        """Far beyond the frontier: colour what is visible from a little above it, as if nothing were open there."""
        count = len(self._text.lines)
        for first, end in self._wanted.values():
            end = min(end, count)
            line = self._uncoloured(first, end) if first - self._frontier > GUESS_LINES else None
            if line is None:
                continue
            start, lowest = line, max(self._frontier, first - GUESS_LINES)
            while start > lowest and start - 1 not in self._guess_states:
                start -= 1
            self._guesses = list(range(end - 1, start - 1, -1))
            self._has_guessed = True
            return bool(self._guesses)
        return False

    def _guess_line(self) -> None:
        assert self._lexer is not None
        line = self._guesses.pop()
        if line >= len(self._text.lines):
            return
        spans, state = self._lex(line, self._guess_states.get(line - 1, self._lexer.start))
        block = self._text.document.findBlockByNumber(line)
        self._set_formats(block, spans)
        # An old state stays above the generation: it may prove right again.
        block.setUserState(max(block.userState(), 0) >> 7 << 7 | self._generation)
        if line in self._guess_states and self._guess_states[line] == state:
            self._guesses.clear()  # what follows was guessed from the same state; what is not coloured is found again
        self._guess_states[line] = state

    def _shift_guesses(self, first: int, removed: int, added: int) -> None:
        if len(self._guess_states) > MOST_GUESSED:
            self._guess_states.clear()
        kept = self._guess_states.items()
        self._guess_states = {
            (line if line < first else line + added - removed): state
            for line, state in kept
            if not first <= line < first + removed
        }

    def _lex(self, line: int, state: State) -> tuple[list[Span], State]:
        assert self._lexer is not None
        self.lines_lexed += 1
        return self._lexer.line(self._text.lines[line], state)

    def _state_before(self, line: int) -> State:
        assert self._lexer is not None
        if line == 0:
            return self._lexer.start
        number = max(self._text.document.findBlockByNumber(line - 1).userState(), 0) >> 7
        return self._states[number - 1] if 0 < number <= len(self._states) else self._lexer.start

    def _number(self, state: State) -> int:
        number = self._numbers.get(state)
        if number is None:
            self._states.append(state)
            number = self._numbers[state] = len(self._states)
        return number

    def _set_formats(self, block: QTextBlock, spans: list[Span]) -> None:
        text = self._text.lines[block.blockNumber()]
        is_simple = text.isascii() and block.length() - 1 == len(text)
        ranges = []
        for first, length, role in spans:
            span = QTextLayout.FormatRange()
            span.start = first if is_simple else self._text.units(block, first)
            span.length = length if is_simple else self._text.units(block, first + length) - span.start
            span.format = self._format(role)
            if span.length > 0:
                ranges.append(span)
        layout = block.layout()
        if not ranges and not layout.formats():
            return
        if not is_simple and STAND_IN in block.text():
            ranges = []  # a token's format would take the place of the stand-in's own
        is_current = block.userState() >= 0 and block.userState() & 127 == self._generation
        if is_current and _same(ranges, layout.formats()):
            return
        document = self._text.document
        # Qt would take twice the block's length for changed and repaint the whole view: tell it which block it is.
        whole = document.documentLayout()
        whole.blockSignals(True)
        layout.setFormats(ranges)
        document.markContentsDirty(block.position(), 1)
        whole.blockSignals(False)
        whole.updateBlock.emit(block)

    def _format(self, role: str) -> QTextCharFormat:
        if role not in self._formats:
            form = QTextCharFormat()
            form.setForeground(self._theme.color(role))
            form.setProperty(ROLE, role)
            self._formats[role] = form
        return self._formats[role]

    # --- what changed ------------------------------------------------------------------------------------------------

    @Slot(int, int, int)
    def _on_lines_changed(self, first: int, removed: int, added: int) -> None:
        self._guesses.clear()
        self._edited_s = time.perf_counter()
        self._shift_guesses(first, removed, added)
        if removed != added and first:  # Qt may have given the line above to a block that knows nothing
            first, removed, added = first - 1, removed + 1, added + 1
        if first < self._frontier:
            self._stale_end = max(first + added, max(self._frontier, first + removed) + added - removed)
            self._changed_end = first + added
            self._frontier = first
        elif first < self._stale_end:
            self._stale_end = first
        block = self._text.document.findBlockByNumber(first)
        for _ in range(min(added, 500)):
            block.setUserState(-1)
            block = block.next()
        self._is_due = True
        if self._text.is_loading:
            self._on_contents_changed()

    @Slot()
    def _on_contents_changed(self) -> None:
        """Qt has done with a change: colours set while it tells of it would widen the change."""
        if self._is_due and self._text.document.blockCount() == len(self._text.lines):
            self._is_due = False
            self._turn()

    @Slot()
    def _on_theme_changed(self) -> None:
        self._formats.clear()
        self._repaint_all()

    def _repaint_all(self) -> None:
        self._generation = self._generation % (_GENERATIONS - 1) + 1
        self._guesses.clear()
        self._turn()

    def _on_lexer_arrived(self) -> None:
        """The lexer asked for, or one of a fenced language, may be there now: begin anew."""
        plain = self._shelf.get(self._alias, self._on_lexer_arrived) if self._alias else None
        self._lexer = self._in_form(plain) if plain is not None else None
        self._states.clear()
        self._numbers.clear()
        self._guess_states.clear()
        self._frontier = self._stale_end = 0
        self._repaint_all()

    def _in_form(self, plain: LineLexer) -> LineLexer:
        if self._form == "fenced":
            return FencedLexer(plain, self._inner_lexer)
        return MarkedLexer(plain, self._inner_lexer) if self._form == "marked" else plain

    def _inner_lexer(self, alias: str) -> LineLexer | None:
        return self._shelf.get(alias, self._on_lexer_arrived)


def _same(new: list[QTextLayout.FormatRange], old: Sequence[QTextLayout.FormatRange]) -> bool:
    """Whether two lists colour the same characters by the same roles."""
    return len(new) == len(old) and all(
        one.start == other.start
        and one.length == other.length
        and one.format.property(ROLE) == other.format.property(ROLE)
        for one, other in zip(new, old, strict=True)
    )
