"""Finds and replaces in a `CodeText`, a few milliseconds per turn of the event loop, whatever the pattern.

Regular expressions are PCRE's: they can be given a limit of steps, which Python's cannot, so that a pattern such as
`(a+)+$` costs a moment and not for ever. Both searching and replacing everything may take many turns.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRegularExpression, QTimer, Signal, Slot
from PySide6.QtGui import QTextCursor

from ide.core.text import Place, offset_of_utf16
from ide.widgets.code_view_text import CodeText, insert_text

TURN_S = 0.005
LONGEST_SEARCH_S = 20.0
MOST_FOUND = 100_000
STEP_LIMIT = 200_000
"""Steps that PCRE may take for one match: about two milliseconds."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    text: str
    is_regex: bool = False
    matches_case: bool = False
    whole_word: bool = False

    def problem(self) -> str:
        """Why the pattern cannot be used; empty where it can."""
        if not self.is_regex:
            return ""
        pattern = self.pattern()
        return "" if pattern.isValid() else pattern.errorString()

    @property
    def spans_lines(self) -> bool:
        """Whether the pattern can match a line end."""
        return self.is_regex and "\\n" in self.text

    def pattern(self) -> QRegularExpression:
        """The PCRE pattern of a regular expression."""
        text = rf"\b(?:{self.text})\b" if self.whole_word else self.text
        options = QRegularExpression.PatternOption.UseUnicodePropertiesOption
        options |= QRegularExpression.PatternOption.MultilineOption
        if not self.matches_case:
            options |= QRegularExpression.PatternOption.CaseInsensitiveOption
        return QRegularExpression(f"(*LIMIT_MATCH={STEP_LIMIT}){text}", options)

    def literal(self) -> re.Pattern[str]:
        """The pattern of a plain text: it cannot be slow."""
        text = re.escape(self.text)
        if self.whole_word:
            text = rf"(?<!\w){text}(?!\w)"
        return re.compile(text, 0 if self.matches_case else re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One match. `groups` are the whole match and the groups of a regular expression, by number and by name."""

    start: Place
    end: Place
    groups: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()


class Search(QObject):
    """Looks through one text. `found` grows while it runs."""

    progressed = Signal()

    def __init__(self, text: CodeText, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.query = Query("")
        self.found: list[Found] = []
        self._starts: list[tuple[int, int]] = []
        self.problem = ""
        self.note = ""
        """Something to say about a search that is not whole."""
        self._work: Iterator[None] = iter(())
        self._deadline_s = 0.0
        self._slow_lines = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self._timer.isActive()

    def start(self, query: Query) -> None:
        """Look for `query` from the first line on; what was found before is dropped."""
        self._timer.stop()
        self.query = query
        self.found, self._starts = [], []
        self.note = ""
        self._slow_lines = 0
        self.problem = query.problem()
        if query.text and not self.problem:
            self._work = self._search()
            self._deadline_s = time.monotonic() + LONGEST_SEARCH_S
            self._timer.start()
            self._turn()
        else:
            self.progressed.emit()

    def stop(self) -> None:
        """Give up what is under way."""
        self._timer.stop()

    def at_or_after(self, place: Place) -> int:
        """Number of the first match that begins at `place` or after it; around the end to 0. -1 without any."""
        if not self.found:
            return -1
        index = bisect_left(self._starts, (place.line, place.column))
        return index if index < len(self.found) else 0

    def before(self, place: Place) -> int:
        """Number of the last match that begins before `place`; around the start to the last. -1 without any."""
        return bisect_left(self._starts, (place.line, place.column)) - 1 if self.found else -1

    def by_line(self, first: int, end: int) -> dict[int, list[tuple[int, int]]]:
        """Column and length of the matches on the lines `first` to `end`, for painting."""
        lines: dict[int, list[tuple[int, int]]] = {}
        index = max(0, bisect_left(self._starts, (first, 0)) - 1)
        while index < len(self.found) and self.found[index].start.line < end:
            one = self.found[index]
            for line in range(one.start.line, one.end.line + 1):
                column = one.start.column if line == one.start.line else 0
                stop = one.end.column if line == one.end.line else len(self._text.lines[line])
                lines.setdefault(line, []).append((column, stop - column))
            index += 1
        return lines

    @Slot()
    def _turn(self) -> None:
        until_s = time.perf_counter() + TURN_S
        for _ in self._work:
            if len(self.found) >= MOST_FOUND:
                self.note = f"The first {MOST_FOUND:,} are shown.".replace(",", "\u2009")
                break
            if time.monotonic() > self._deadline_s:
                self.note = f"Stopped after {LONGEST_SEARCH_S:.0f} s."
                break
            if time.perf_counter() > until_s:
                self.progressed.emit()
                return
        self._timer.stop()
        if self._slow_lines:
            self.note = f"Too slow a pattern for {self._slow_lines} lines: they are left out."
        self.progressed.emit()

    def _search(self) -> Iterator[None]:
        if not self.query.is_regex:
            yield from self._search_literal()
        elif self.query.spans_lines:
            yield from self._search_text()
        else:
            yield from self._search_lines()

    def _search_literal(self) -> Iterator[None]:
        pattern = self.query.literal()
        for line, text in enumerate(self._text.lines):
            for match in pattern.finditer(text):
                self._add(Found(Place(line, match.start()), Place(line, match.end()), (match[0],)))
            if line % 16 == 0:
                yield

    def _search_lines(self) -> Iterator[None]:
        pattern = self.query.pattern()
        names = [name for name in pattern.namedCaptureGroups() if name]
        for line, text in enumerate(self._text.lines):
            at = 0
            units = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
            while at <= units:
                match = pattern.match(text, at)
                yield
                if not match.isValid():
                    self._slow_lines += 1
                if not match.hasMatch():
                    break
                first, end = match.capturedStart(0), match.capturedEnd(0)
                if end > first:
                    groups = tuple(match.capturedTexts())
                    named = tuple((name, match.captured(name)) for name in names)
                    start, stop = offset_of_utf16(text, first), offset_of_utf16(text, end)
                    self._add(Found(Place(line, start), Place(line, stop), groups, named))
                at = max(end, at + 1)

    def _search_text(self) -> Iterator[None]:
        """A pattern over several lines is tried on the whole text."""
        text = self._text.text
        pattern = self.query.pattern()
        names = [name for name in pattern.namedCaptureGroups() if name]
        starts = [0]
        for line in self._text.lines:
            starts.append(starts[-1] + len(line) + 1)
        matches = pattern.globalMatch(text)
        yield
        while matches.hasNext():
            match = matches.next()
            first = offset_of_utf16(text, match.capturedStart(0))
            end = offset_of_utf16(text, match.capturedEnd(0))
            if end > first:
                groups, named = (
                    tuple(match.capturedTexts()),
                    tuple((name, match.captured(name)) for name in names),
                )
                self._add(Found(_place(starts, first), _place(starts, end), groups, named))
            yield
        if not matches.isValid():
            self.note = "The pattern took too many steps and was given up."

    def _add(self, found: Found) -> None:
        self.found.append(found)
        self._starts.append((found.start.line, found.start.column))


def _place(starts: list[int], offset: int) -> Place:
    line = bisect_left(starts, offset + 1) - 1
    return Place(line, offset - starts[line])


_REFERENCE = re.compile(r"\\(?:([0-9]{1,2})|g<(\w+)>|([nt\\]))|\$(?:([0-9]{1,2})|\{(\w+)\}|(\$))")


def replacement_of(found: Found, query: Query, replacement: str) -> str:
    """What takes the place of a match: in a regular expression \\1, $1, \\g<name>, ${name}, \\n and \\t are known."""
    if not query.is_regex:
        return replacement
    named = dict(found.names)

    def expand(match: re.Match[str]) -> str:
        number, name, escape, dollar_number, dollar_name, dollar = match.groups()
        if escape or dollar:
            return {"n": "\n", "t": "\t"}.get(escape or dollar, escape or dollar)
        if number or dollar_number:
            index = int(number or dollar_number)
            return found.groups[index] if index < len(found.groups) else ""
        return named.get(name or dollar_name, "")

    return _REFERENCE.sub(expand, replacement)


class Replacing(QObject):
    """Replaces matches, the last first, over as many turns as it needs: one undo step in the end."""

    progressed = Signal(int)
    """How many are left."""
    ended = Signal(int)
    """How many were replaced."""

    def __init__(self, text: CodeText, query: Query, found: list[Found], replacement: str, parent: QObject) -> None:
        super().__init__(parent)
        self._text = text
        self._query = query
        self._left = list(found)
        self._count = len(found)
        self._replacement = replacement
        self._has_begun = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """The first turn is done at once."""
        self._timer.start()
        self._turn()

    @Slot()
    def _turn(self) -> None:
        until_s = time.perf_counter() + TURN_S
        cursor = QTextCursor(self._text.document)
        if self._has_begun:
            cursor.joinPreviousEditBlock()
        else:
            cursor.beginEditBlock()
            self._has_begun = True
        while self._left and time.perf_counter() < until_s:
            one = self._left.pop()
            cursor.setPosition(self._text.position(one.start))
            cursor.setPosition(self._text.position(one.end), QTextCursor.MoveMode.KeepAnchor)
            insert_text(cursor, replacement_of(one, self._query, self._replacement))
        cursor.endEditBlock()
        if self._left:
            self.progressed.emit(len(self._left))
            return
        self._timer.stop()
        self.ended.emit(self._count)
