"""Statements of an R script: where they start and end, whether input is whole, how the next line is indented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fourpane_plugins.lang_r.scan import CELL_MARK, Opening, Scan, incomplete_scan, is_unfinished, restart, scan
from ide.api import LineRange

WHOLE_LINES = 3_000
"""In a longer script only the neighbourhood of a statement is looked at."""
_ELSE = re.compile(r"\s*else\b")
_IF = re.compile(r"(?:.*(?:<-|=|\()\s*)?if\s*\(")


def statement(lines: Sequence[str], line: int) -> LineRange | None:
    """The top-level statement at `line`, or the next one below a blank line or a comment."""
    if not 0 <= line < len(lines):
        return None
    if len(lines) <= WHOLE_LINES:
        return _statement(lines, scan(lines), line)
    start = restart(lines, line)
    reach = 300
    while True:  # a statement is sure of its end where code follows it and nothing is open
        part = list(lines[start : line + reach])
        found = _statement(part, scan(part), line - start)
        is_last = line + reach >= len(lines) or reach > 10_000
        is_sure = found is not None and any(text.strip() for text in part[found.end :])
        if is_last or (is_sure and not is_unfinished(part)):
            return LineRange(start + found.first, start + found.end) if found is not None else None
        reach *= 4


def _statement(lines: Sequence[str], state: Scan, line: int) -> LineRange | None:
    first = _head(lines, state, line)
    while first < len(lines):
        end = _end(lines, state, first)
        if line < end:
            return LineRange(first, end)
        first = _next_code(lines, state, end)
    return None


def indentation(line: str) -> str:
    """The white space that `line` begins with."""
    return line[: len(line) - len(line.lstrip())]


def is_blank(lines: Sequence[str], state: Scan, line: int) -> bool:
    """Whether `line` holds no code: white space or a comment, outside strings."""
    return not state.string[line] and lines[line].lstrip()[:1] in ("", "#")


def _next_code(lines: Sequence[str], state: Scan, line: int) -> int:
    while line < len(lines) and is_blank(lines, state, line):
        line += 1
    return line


def _head(lines: Sequence[str], state: Scan, line: int) -> int:
    """The line at or above `line` where its top-level expression begins."""
    while line > 0 and not (state.is_start(line) and not is_blank(lines, state, line)):
        if state.is_start(line) and CELL_MARK.match(lines[line]):
            break
        line -= 1
    above = line - 1
    while line > 0 and _ELSE.match(lines[line]):
        while above > 0 and not (state.is_start(above) and not is_blank(lines, state, above)):
            above -= 1
        if above < 0:
            break
        line, above = above, above - 1
    return _next_code(lines, state, line)


def _end(lines: Sequence[str], state: Scan, first: int) -> int:
    """The line behind the expression that begins at `first`; an `else` on a line of its own still belongs to an if."""
    has_if = bool(_IF.match(lines[first]))
    end = _end_of_expression(lines, state, first)
    while has_if:
        below = _next_code(lines, state, end)
        if below >= len(lines) or not _ELSE.match(lines[below]) or _has_mark(lines, end, below):
            break
        end = _end_of_expression(lines, state, below)
    return end


def _has_mark(lines: Sequence[str], first: int, end: int) -> bool:
    return any(CELL_MARK.match(lines[line]) for line in range(first, end))


def _end_of_expression(lines: Sequence[str], state: Scan, first: int) -> int:
    """Behind its last line of code: comments below an unfinished one at the end of the file are left out."""
    end = line = first + 1
    while line < len(lines) and not state.is_start(line):
        line += 1
        if not is_blank(lines, state, line - 1):
            end = line
    return end if line >= len(lines) else line


def is_complete(code: str) -> bool:
    """Whether Enter should run `code`: nothing is open and nothing more is asked for."""
    state = incomplete_scan(code.split("\n"))
    return not (state.after_string or state.after_brackets or state.after_goes_on)


def indent(lines: Sequence[str], line: int, step: str = "  ") -> str:
    """The white space of a new line put in after `line`."""
    if not 0 <= line < len(lines):
        return ""
    first = _restart(lines, line)
    head = list(lines[first : line + 1])
    state = incomplete_scan(head)
    last = len(head) - 1
    if state.after_string:
        return indentation(head[last])
    start = last
    while start > 0 and (_goes_on(state, start) or is_blank(head, state, start)):
        start -= 1
    is_new = bool(state.after_brackets) and state.after_brackets[-1] not in state.brackets[start]
    if is_new and not state.after_goes_on:
        return _indent_in_brackets(head, state, state.after_brackets[-1], step)
    if state.after_goes_on:
        return indentation(head[start]) + step
    if state.after_brackets and state.after_brackets[-1].bracket != "{":
        return _indent_in_brackets(head, state, state.after_brackets[-1], step)
    return indentation(head[start])


def _restart(lines: Sequence[str], line: int) -> int:
    """Scanning the whole head of a long file for each Enter would be slow: an empty line, and a line at its margin
    that begins a definition, end whatever was open."""
    for number in range(line, max(-1, line - 3000), -1):
        if number > 0 and not lines[number - 1].strip() and re.match(r"[A-Za-z.]", lines[number]):
            return number
    return 0


def _goes_on(state: Scan, line: int) -> bool:
    """Whether `line` goes on with an expression above in the same brackets, or lies in round or square ones."""
    inner = state.brackets[line][-1].bracket if state.brackets[line] else "{"
    return state.goes_on[line] or inner != "{" or bool(state.string[line])


def _indent_in_brackets(lines: Sequence[str], state: Scan, opening: Opening, step: str) -> str:
    text = lines[opening.line]
    column = state.comment[opening.line]
    text = (text if column < 0 else text[:column]).rstrip()
    behind = text[opening.column + 1 :]
    if opening.bracket == "{" or not behind.strip():
        return _base(lines, state, opening) + step
    last = len(lines) - 1
    if opening.line != last and state.brackets[last] and state.brackets[last][-1] == opening and lines[last].strip():
        return indentation(lines[last])
    return " " * (opening.column + 1 + len(behind) - len(behind.lstrip()))


def _base(lines: Sequence[str], state: Scan, opening: Opening) -> str:
    """The white space of the line where the header of a body begins, or of the line that holds the bracket."""
    line = opening.line
    if opening.bracket == "{":
        depth = len(state.brackets[line])
        while line > 0 and state.brackets[line] and state.brackets[line][-1].is_header:
            line -= 1
            if len(state.brackets[line]) < depth:
                break
    return indentation(lines[line])
