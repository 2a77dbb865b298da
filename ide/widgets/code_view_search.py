"""Finds and replaces in a `CodeText`, a few milliseconds per turn of the event loop, whatever the pattern.

Regular expressions are PCRE's: they can be given a limit of steps, which Python's cannot, so that a pattern such as
`(a+)+$` costs a moment and not for ever. Both searching and replacing everything may take many turns.
"""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QRegularExpression, QTimer, Signal, Slot
from PySide6.QtGui import QTextCursor

from ide.core.record import dataclass
from ide.core.text import Place, offset_of_utf16, utf16_length
from ide.widgets.code_view_text import CodeText, insert_text

TURN_S = 0.005
LONGEST_SEARCH_S = 10.0
MOST_FOUND = 100_000
STEP_LIMIT = 50_000
"""Steps that PCRE may take for one match: a few milliseconds."""
REPLACED_AT_ONCE = 100
SLOW_MATCH_S = 0.004
SLOW_LINES = 100
"""Lines at which a pattern came to its limit or took longer, after which the search is given up."""


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
    """One match."""

    start: Place
    end: Place


class Matches:
    """Matches in order, as plain numbers: a hundred thousand objects would make each garbage collection a stall."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._starts: list[int] = []

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Found:
        at = range(len(self))[index] * 4
        line, column, end_line, end_column = self._numbers[at : at + 4]
        return Found(Place(line, column), Place(end_line, end_column))

    def append(self, line: int, column: int, end_line: int, end_column: int) -> None:
        """One more, behind all others."""
        self._numbers.extend((line, column, end_line, end_column))
        self._starts.append(_key(line, column))

    def first_from(self, place: Place) -> int:
        """How many begin before `place`."""
        return bisect_left(self._starts, _key(place.line, place.column))


def _key(line: int, column: int) -> int:
    return line << 32 | column


class Search(QObject):
    """Looks through one text. `found` grows while it runs."""

    progressed = Signal()

    def __init__(self, text: CodeText, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.query = Query("")
        self.found = Matches()
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
        self.found = Matches()
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
        index = self.found.first_from(place)
        return index if index < len(self.found) else 0

    def before(self, place: Place) -> int:
        """Number of the last match that begins before `place`; around the start to the last. -1 without any."""
        return self.found.first_from(place) - 1 if self.found else -1

    def by_line(self, first: int, end: int) -> dict[int, list[tuple[int, int]]]:
        """Column and length of the matches on the lines `first` to `end`, for painting."""
        lines: dict[int, list[tuple[int, int]]] = {}
        index = max(0, self.found.first_from(Place(first)) - 1)
        while index < len(self.found) and (one := self.found[index]).start.line < end:
            for line in range(one.start.line, min(one.end.line + 1, len(self._text.lines))):
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
            if self._slow_lines > SLOW_LINES:
                break
            if time.perf_counter() > until_s:
                self.progressed.emit()
                return
        self._timer.stop()
        if self._slow_lines > SLOW_LINES:
            self.note = "The pattern takes too many steps: the search was given up."
        elif self._slow_lines:
            self.note = f"The pattern takes too many steps for {self._slow_lines} lines: they are left out."
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
                self.found.append(line, match.start(), line, match.end())
            if line % 16 == 0:
                yield

    def _search_lines(self) -> Iterator[None]:
        pattern = self.query.pattern()
        for line, text in enumerate(self._text.lines):
            at, units = 0, utf16_length(text)
            while at <= units:
                began_s = time.perf_counter()
                match = pattern.match(text, at)
                self._slow_lines += not match.isValid() or time.perf_counter() - began_s > SLOW_MATCH_S
                yield
                if not match.hasMatch():
                    break
                first, end = match.capturedStart(0), match.capturedEnd(0)
                if end > first:
                    self.found.append(line, offset_of_utf16(text, first), line, offset_of_utf16(text, end))
                at = max(end, at + 1)

    def _search_text(self) -> Iterator[None]:
        """A pattern over several lines is tried on the whole text."""
        text = self._text.text
        starts = [0]
        for line in self._text.lines:
            starts.append(starts[-1] + len(line) + 1)
        matches = self.query.pattern().globalMatch(text)
        yield
        while matches.hasNext():
            match = matches.next()
            first = offset_of_utf16(text, match.capturedStart(0))
            end = offset_of_utf16(text, match.capturedEnd(0))
            if end > first:
                self.found.append(*_place(starts, first), *_place(starts, end))
            yield
        if not matches.isValid():
            self.note = "The pattern takes too many steps and was given up."


def _place(starts: list[int], offset: int) -> tuple[int, int]:
    line = bisect_left(starts, offset + 1) - 1
    return line, offset - starts[line]


_REFERENCE = re.compile(r"\\(?:([0-9]{1,2})|g<(\w+)>|([nt\\]))|\$(?:([0-9]{1,2})|\{(\w+)\}|(\$))")


Replacement = Callable[[Found], str]


def replacement_of(text: CodeText, query: Query, replacement: str) -> Replacement:
    """What takes the place of a match: in a regular expression \\1, $1, \\g<name>, ${name}, \\n and \\t are known."""
    if not query.is_regex:
        return lambda _found: replacement
    pattern = query.pattern()

    def of(found: Found) -> str:
        lines = "\n".join(text.lines[found.start.line : found.end.line + 1])
        match = pattern.match(lines, utf16_length(lines[: found.start.column]))

        def expand(reference: re.Match[str]) -> str:
            number, name, escape, dollar_number, dollar_name, dollar = reference.groups()
            if escape or dollar:
                return {"n": "\n", "t": "\t"}.get(escape or dollar, escape or dollar)
            if number or dollar_number:
                return match.captured(int(number or dollar_number))
            return match.captured(name or dollar_name)

        return _REFERENCE.sub(expand, replacement)

    return of


def replace_all(text: CodeText, query: Query, found: Matches, replacement: str) -> Iterator[None]:
    """Replace every match, the last first; work for `LongEdits`, so that it is one step to the user."""
    of = replacement_of(text, query, replacement)
    at = len(found) - 1
    while at >= 0:
        new: list[tuple[Found, str]] = []
        while at >= 0 and len(new) < REPLACED_AT_ONCE:
            new.append((found[at], of(found[at])))
            at -= 1
        while at >= 0 and found[at].start.line == new[-1][0].start.line:  # a line belongs together
            new.append((found[at], of(found[at])))
            at -= 1
        _replace_some(text, new)
        yield


def _replace_some(text: CodeText, new: list[tuple[Found, str]]) -> None:
    cursor = QTextCursor(text.document)
    cursor.beginEditBlock()
    hidden: dict[int, list[tuple[Found, str]]] = {}
    for found, replacement in new:
        line = found.start.line
        if line == found.end.line and text.has_hidden(line):
            hidden.setdefault(line, []).append((found, replacement))
            continue
        cursor.setPosition(text.position(found.start))
        cursor.setPosition(text.position(found.end), QTextCursor.MoveMode.KeepAnchor)
        insert_text(cursor, replacement)
    for line, replacements in hidden.items():
        _replace_in_line(text, line, replacements)
    cursor.endEditBlock()


def _replace_in_line(text: CodeText, line: int, new: list[tuple[Found, str]]) -> None:
    """There are no positions in hidden text: the line is put in anew."""
    content = text.lines[line]
    for found, replacement in new:
        content = content[: found.start.column] + replacement + content[found.end.column :]
    text.replace_lines(line, line + 1, content.split("\n"))
