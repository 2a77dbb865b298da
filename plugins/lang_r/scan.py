"""Where each line of an R script stands: in a string, in brackets, or going on with the line above.

A tolerant scanner of its own, because scripts are mostly broken while they are typed. In R a line end finishes an
expression unless a bracket is open, the line ends in an operator, or a header (`if (x)`, `function(x)`) still lacks
its body; inside `(` and `[` line ends mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_RAW_OPEN = r"[rR](?P<raw>[\"'])(?P<dashes>-*)(?P<bracket>[(\[{])"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\f\u00a0]+)
  | (?P<comment>\#)
  | {_RAW_OPEN}
  | (?P<quote>["'`])
  | (?P<word>(?:\.?[A-Za-z_\u0080-\uffff]|\.(?![0-9]))[\w.]*)
  | (?P<number>(?:0[xX][0-9A-Fa-f]+|\.?[0-9][\w.]*(?:(?<=[eE])[+-][0-9]+)?))
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<lambda>\\)
  | (?P<operator>%[^%\n]*%|\|>|<<-|->>?|<-|:::?|[-+*/^<>=!&|~?:=@$]+)
  | (?P<comma>[,;])
  | (?P<other>.)
""",
    re.VERBOSE | re.DOTALL,
)
_QUOTE_END = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in "\"'`"}
_OPENS = {")": "(", "]": "[", "}": "{"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_HEADERS = frozenset({"if", "for", "while", "function"})
_BODIES = frozenset({"else", "repeat"})
_QUIET = re.compile(r"[^\"'`#(){}\[\]\\%]*$")
_ASKS_FOR_MORE = re.compile(r"(?:[-+*/^<>=!&|~?:@$]|(?<![\w.])(?:else|repeat|function|if|while|for))[ \t]*$")
STRONG_START = re.compile(
    r"(?:[A-Za-z.][\w.]*\s*(?:<-|=)\s*function\s*\(|(?:library|require|source|rm|setwd|suppressPackageStartupMessages)\()"
)
SECTION = re.compile(r"\s*#+'?\s*(?P<title>\S.*?)?\s*(?:-{4,}|={4,}|#{4,})\s*$")
CELL_MARK = re.compile(r"(?:\s*#\s?(?:%%(?![%\w])|In\s?\[[\d\s*]*\]:?\s*$)|#\+)")


@dataclass(frozen=True, slots=True)
class Opening:
    """A bracket that is open. `is_header` tells that a body follows its end: `if (`, `function(`."""

    bracket: str
    line: int
    column: int
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """One entry per line, for its start: `string` is the text that ends the string it is in ("" for none), `brackets`
    those open, `goes_on` whether the expression above is not finished, `comment` the column of its comment or -1.

    `after_*` is the state behind the last line.
    """

    string: list[str]
    brackets: list[tuple[Opening, ...]]
    goes_on: list[bool]
    comment: list[int]
    after_string: str = ""
    after_brackets: tuple[Opening, ...] = ()
    after_goes_on: bool = False

    def is_start(self, line: int) -> bool:
        """Whether a new top-level expression can begin at `line`."""
        return not (self.string[line] or self.brackets[line] or self.goes_on[line])


class _State:
    """What is open between two lines."""

    __slots__ = ("brackets", "goes_on", "header_pending", "string")

    def __init__(self) -> None:
        self.string = ""
        self.brackets: tuple[Opening, ...] = ()
        self.goes_on = False
        self.header_pending = False


_last: tuple[list[str], Scan] = ([], Scan([], [], [], []))
"""The script scanned last: one key press asks several questions about the same text."""


def scan(lines: Sequence[str]) -> Scan:
    """The state of every line. What never ends, ends before the next line that surely begins something new."""
    global _last  # noqa: PLW0603 - a memo; replaced whole, so threads may race without harm
    known, result = _last
    if len(known) != len(lines) or known != lines:
        known = list(lines)
        result = _scan_whole(known)
        _last = known, result
    return result


def _scan_whole(lines: Sequence[str]) -> Scan:
    ends: set[int] = set()
    while True:
        result, opener = _scan(lines, ends)
        if opener < 0:
            return result
        ends.add(next((n for n in range(opener + 1, len(lines)) if _is_strong(lines[n]) and n not in ends), len(lines)))
        if len(lines) in ends or len(ends) > 20:
            return _scan(lines, ends)[0]


def incomplete_scan(lines: Sequence[str]) -> Scan:
    """The state of every line where what does not end goes on to the end (a console's half-typed input)."""
    return _scan(lines, frozenset())[0]


def is_unfinished(lines: Sequence[str]) -> bool:
    """Whether something is open behind the last line."""
    state = incomplete_scan(lines)
    return bool(state.after_string or state.after_brackets or state.after_goes_on)


def restart(lines: Sequence[str], line: int) -> int:
    """A line at or above `line` from which scanning can begin as if nothing stood above it: a function at the margin,
    a section, a cell mark; for texts so long that scanning all of it would be felt."""
    return next((number for number in range(min(line, len(lines) - 1), -1, -1) if _is_strong(lines[number])), 0)


def _is_strong(line: str) -> bool:
    return bool(STRONG_START.match(line) or CELL_MARK.match(line) or (line[:1] == "#" and SECTION.match(line)))


def _scan(lines: Sequence[str], ends: set[int] | frozenset[int]) -> tuple[Scan, int]:
    """The states, and the line where something was opened that never ends (-1 for none)."""
    state = _State()
    result = Scan([], [], [], [])
    string_line = -1
    for number, line in enumerate(lines):
        if number in ends:
            state = _State()
        result.string.append(state.string)
        result.brackets.append(state.brackets)
        result.goes_on.append(state.goes_on)
        was = state.string
        if not was and _QUIET.match(line):
            result.comment.append(-1)
            _take_quiet_line(line, state)
            continue
        result.comment.append(_scan_line(line, number, state))
        if state.string and state.string is not was:
            string_line = number
    opener = string_line if state.string else state.brackets[0].line if state.brackets else -1
    after = Scan(
        result.string,
        result.brackets,
        result.goes_on,
        result.comment,
        state.string,
        state.brackets,
        state.goes_on,
    )
    return after, opener


def _take_quiet_line(line: str, state: _State) -> None:
    """Take `state` past a line without brackets, quotes, comments and other signs that need care: most lines."""
    if not line.strip():
        return
    match = _ASKS_FOR_MORE.search(line)
    state.goes_on = match is not None
    state.header_pending = match is not None and match.group().strip() in _HEADERS


def _scan_line(line: str, number: int, state: _State) -> int:
    """Take `state` past `line`; the column of the line's comment, or -1."""
    position = 0
    if state.string:
        position = _end_of_string(line, 0, state.string)
        if position < 0:
            return -1
        state.string = ""
    for_match = _TOKEN.match
    while position < len(line):
        match = for_match(line, position)
        if match is None:
            break
        kind = match.lastgroup
        position = match.end()
        if kind == "space":
            continue
        if kind == "comment":
            return match.start()
        if kind == "bracket":
            state.string = f"{_CLOSES[match['bracket']]}{match['dashes']}{match['raw']}"
        elif kind == "quote":
            state.string = match.group()
        if state.string:
            state.goes_on = state.header_pending = False
            position = _end_of_string(line, position, state.string)
            if position < 0:
                return -1
            state.string = ""
            continue
        _take(match, kind or "", number, state)
    return -1


def _take(match: re.Match[str], kind: str, number: int, state: _State) -> None:
    """What one token does to `state`."""
    if kind == "open":
        state.brackets = (
            *state.brackets,
            Opening(match.group(), number, match.start(), state.header_pending and match.group() == "("),
        )
        state.goes_on = state.header_pending = False
    elif kind == "close":
        opening, state.brackets = _closed(state.brackets, _OPENS[match.group()])
        state.goes_on = opening is not None and opening.is_header
        state.header_pending = False
    elif kind == "lambda" or (kind == "word" and match.group() in _HEADERS):
        state.goes_on = state.header_pending = True
    elif kind == "word" and match.group() in _BODIES:
        state.goes_on, state.header_pending = True, False
    else:
        state.goes_on = kind == "operator"
        state.header_pending = False


def _end_of_string(line: str, position: int, end: str) -> int:
    """The column behind the end of the string, or -1 where it goes past the line."""
    if len(end) > 1:
        found = line.find(end, position)
        return -1 if found < 0 else found + len(end)
    for match in _QUOTE_END[end].finditer(line, position):
        if match.group() == end:
            return match.end()
    return -1


def _closed(brackets: tuple[Opening, ...], opener: str) -> tuple[Opening | None, tuple[Opening, ...]]:
    """The last bracket of this kind, and what is open without it and all in it; nothing where none fits."""
    for index in range(len(brackets) - 1, -1, -1):
        if brackets[index].bracket == opener:
            return brackets[index], brackets[:index]
    return None, brackets
