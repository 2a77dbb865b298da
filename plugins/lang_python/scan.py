"""Where each line of a Python script stands: in a string, in brackets, joined to the one above.

A tolerant scanner of its own, because scripts are mostly broken while they are typed. Owns no meaning: statements,
folds and indentation are made from this by their own modules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SPECIAL = re.compile(r"[\"'#(){}\[\]]")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*(\"?)|'(?:[^'\\\n]|\\.)*('?)|[#(){}\[\]]")
_STRING_END = {
    '"""': re.compile(r'\\.|"""', re.DOTALL),
    "'''": re.compile(r"\\.|'''", re.DOTALL),
    '"': re.compile(r'\\.|"', re.DOTALL),
    "'": re.compile(r"\\.|'", re.DOTALL),
}
_CLOSES = {")": "(", "]": "[", "}": "{"}
_WORDS_THAT_START = r"def|class|import|while|with|try|async|del|raise|assert|global|return|pass|break|continue"
STRONG_START = re.compile(rf"(?:(?:{_WORDS_THAT_START})\b(?!\s*[=,)\]}}.])|from\s+[\w.]+\s+import\b|@\w)")
CELL_MARK = re.compile(r"\s*#\s?(?:%%(?![%\w])|In\s?\[[\d\s*]*\]:?\s*$)")
MAGIC = re.compile(r"%%?\w|!|\?")


@dataclass(frozen=True, slots=True)
class Opening:
    """A bracket that is open: which one, and where it stands."""

    bracket: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One entry per line: the string that it starts in ("" for none), the brackets open at its start, whether the line
    above is joined to it by a backslash, and the column where its comment begins (-1 for none).

    `strings` are the strings over several lines, as first and last line. `after_*` is the state behind the last line.
    """

    string: list[str]
    brackets: list[tuple[Opening, ...]]
    joined: list[bool]
    comment: list[int]
    strings: list[tuple[int, int]]
    after_string: str = ""
    after_brackets: tuple[Opening, ...] = ()
    after_joined: bool = False

    def is_start(self, line: int) -> bool:
        """Whether `line` begins a logical line."""
        return not (self.string[line] or self.brackets[line] or self.joined[line])


_last: tuple[list[str], Scan] = ([], Scan([], [], [], [], []))
"""The script scanned last: one key press asks several questions about the same text."""


def scan(lines: Sequence[str]) -> Scan:
    """The state of every line. A string that never ends, or a bracket before a new definition, ends at its line."""
    global _last  # noqa: PLW0603 - a memo; replaced whole, so threads may race without harm
    known, result = _last
    if len(known) != len(lines) or known != lines:
        known = list(lines)
        result = _scan_whole(known)
        _last = known, result
    return result


def _scan_whole(lines: Sequence[str]) -> Scan:
    broken: frozenset[int] = frozenset()
    while True:
        result, opener = _scan(lines, broken)
        if opener is None:
            return result
        broken |= {opener}


def incomplete_scan(lines: Sequence[str]) -> Scan:
    """The state of every line where a string that does not end goes on to the end (a console's half-typed input)."""
    return _scan(lines, frozenset())[0]


def _scan(lines: Sequence[str], broken: frozenset[int]) -> tuple[Scan, int | None]:
    string, joined = "", False
    string_line = 0
    brackets: tuple[Opening, ...] = ()
    result = Scan([], [], [], [], [])
    add_string, add_brackets = result.string.append, result.brackets.append
    add_joined, add_comment = result.joined.append, result.comment.append
    special = _SPECIAL.search
    for number, line in enumerate(lines):
        if brackets and not string and (STRONG_START.match(line) or CELL_MARK.match(line)):
            brackets = ()
        add_string(string)
        add_brackets(brackets)
        add_joined(joined)
        if not string and special(line) is None:
            joined = line.endswith("\\")
            add_comment(-1)
            continue
        was_string = string
        string, brackets, comment = _scan_line(line, number, string, brackets, number in broken)
        add_comment(comment)
        joined = not string and comment < 0 and line.endswith("\\")
        if was_string and (not string or string is not was_string) and string_line != number:
            result.strings.append((string_line, number))
        if string and string is not was_string:
            string_line = number
    if len(string) == 3 and string_line not in broken:
        return _after(result, string, brackets, joined), string_line
    return _after(result, string, brackets, joined), None


def restart(lines: Sequence[str], line: int) -> int:
    """A line at or above `line` from which scanning can begin as if nothing stood above it: a definition or a cell
    mark outside strings, without decorators; for texts so long that scanning all of it would be felt."""
    strings = _long_strings(lines)
    below = -1
    for number in range(min(line, len(lines) - 1), -1, -1):
        text = lines[number]
        if not text or text[0].isspace() or text[0] in ")]}":
            continue
        if below >= 0 and not text.startswith("@"):
            return below
        is_sure = STRONG_START.match(text) or (text[0] == "#" and CELL_MARK.match(text))
        below = number if is_sure and not any(first < number <= last for first, last in strings) else -1
    return max(below, 0)


def _long_strings(lines: Sequence[str]) -> list[tuple[int, int]]:
    """First and last lines of the strings over several lines, found by looking only at lines with triple quotes."""
    found = []
    string, first = "", 0
    for number in [n for n, line in enumerate(lines) if '"""' in line or "'''" in line]:
        was = string
        string, _, _ = _scan_line(lines[number], number, string, (), False)
        if was and string is not was:
            found.append((first, number))
        if string and string is not was:
            first = number
    return found


def _after(result: Scan, string: str, brackets: tuple[Opening, ...], joined: bool) -> Scan:
    return Scan(result.string, result.brackets, result.joined, result.comment, result.strings, string, brackets, joined)


def _scan_line(
    line: str, number: int, string: str, brackets: tuple[Opening, ...], is_broken: bool
) -> tuple[str, tuple[Opening, ...], int]:
    """State behind `line`: the string that goes on, the open brackets, the column of its comment."""
    position = 0
    if string:
        position = _end_of_string(line, 0, string)
        if position < 0:
            goes_on = len(string) == 3 or line.endswith("\\")
            return (string if goes_on else ""), brackets, -1
    elif not brackets and MAGIC.match(line):
        return "", brackets, -1
    while match := _TOKEN.search(line, position):
        token = match.group()
        position = match.end()
        if token == "#":
            return "", brackets, match.start()
        if token in ('"""', "'''"):
            position = _end_of_string(line, position, token)
            if position < 0:
                return ("" if is_broken else token), brackets, -1
        elif token[0] in "\"'":
            if not (match[1] or match[2]) and line.endswith("\\"):
                return token[0], brackets, -1
        elif token in _CLOSES:
            brackets = _closed(brackets, _CLOSES[token])
        else:
            brackets = (*brackets, Opening(token, number, match.start()))
    return "", brackets, -1


def _end_of_string(line: str, position: int, delimiter: str) -> int:
    """The column behind the closing delimiter, or -1 where the string goes past the line."""
    for match in _STRING_END[delimiter].finditer(line, position):
        if match.group() == delimiter:
            return match.end()
    return -1


def _closed(brackets: tuple[Opening, ...], opener: str) -> tuple[Opening, ...]:
    """Without the last bracket of this kind and all in it; a closing bracket that fits nothing is passed over."""
    for index in range(len(brackets) - 1, -1, -1):
        if brackets[index].bracket == opener:
            return brackets[:index]
    return brackets
