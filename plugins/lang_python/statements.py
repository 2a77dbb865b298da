"""Statements of a Python script: where they start and end, whether input is whole, how the next line is indented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fourpane_plugins.lang_python.scan import CELL_MARK, MAGIC, Scan, incomplete_scan, restart, scan
from ide.api import LineRange

WHOLE_LINES = 3_000
"""In a longer script only the neighbourhood of a statement is looked at."""
_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b")
_COMPOUND = re.compile(r"(?:if|for|while|try|with|def|class|async|match|elif|else|except|finally)\b|@")
_LEAVES = re.compile(r"(?:return|pass|break|continue|raise)\b")


def statement(lines: Sequence[str], line: int) -> LineRange | None:
    """The top-level statement at `line`, or the next one below a blank line or a comment."""
    if line >= len(lines) or line < 0:
        return None
    if len(lines) <= WHOLE_LINES:
        return _statement(lines, scan(lines), line)
    start = restart(lines, line)
    reach = 300
    while True:  # a statement is sure of its end where code follows it
        part = list(lines[start : line + reach])
        found = _statement(part, scan(part), line - start)
        is_last = line + reach >= len(lines)
        if is_last or (found is not None and any(text.strip() for text in part[found.end :])):
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


def _is_top(lines: Sequence[str], state: Scan, line: int) -> bool:
    """Whether a top-level logical line begins here."""
    text = lines[line]
    return bool(text) and not text[0].isspace() and text[0] != "#" and state.is_start(line)


def _head(lines: Sequence[str], state: Scan, line: int) -> int:
    """A line at or above `line` where a statement begins that is sure not to be the inside of another."""
    magic = _cell_magic_above(lines, state, line)
    if magic is not None:
        return magic
    candidate = line
    while candidate >= 0:
        if CELL_MARK.match(lines[candidate]) and not state.string[candidate]:
            return _next_code(lines, state, candidate)
        if _is_top(lines, state, candidate) and not _belongs_above(lines, state, candidate):
            return candidate
        candidate -= 1
    return _next_code(lines, state, 0)


def _cell_magic_above(lines: Sequence[str], state: Scan, line: int) -> int | None:
    """The `%%magic` that takes in `line`: with no cell mark between them."""
    for above in range(line, -1, -1):
        if lines[above].startswith("%%") and not state.string[above]:
            return above
        if lines[above][:1] == "#" and CELL_MARK.match(lines[above]):
            return None
    return None


def _belongs_above(lines: Sequence[str], state: Scan, line: int) -> bool:
    """Whether the top-level line goes on with a statement above: else and its kin, or what a decorator stands on."""
    if _CONTINUES.match(lines[line]):
        return True
    above = line - 1
    while above >= 0 and (is_blank(lines, state, above) or not state.is_start(above)):
        if CELL_MARK.match(lines[above]):
            return False
        above -= 1
    return above >= 0 and lines[above].startswith("@")


def _end(lines: Sequence[str], state: Scan, first: int) -> int:
    """The line behind the statement that begins at `first`."""
    if lines[first].startswith("%%"):
        return _end_of_cell_magic(lines, state, first)
    end = _end_of_logical_line(lines, state, first)
    is_decorator = lines[first].startswith("@")
    line = end
    while line < len(lines):
        if state.string[line] == "" and CELL_MARK.match(lines[line]):
            break
        text = lines[line]
        if not text.strip() or (text[0] == "#" and state.is_start(line)):
            line += 1
            continue
        is_inside = text[0].isspace() and not MAGIC.match(text)
        if not (is_inside or is_decorator or _CONTINUES.match(text)):
            break
        if not is_inside:
            is_decorator = text.startswith("@")
        end = line = _end_of_logical_line(lines, state, line)
    return end


def _end_of_logical_line(lines: Sequence[str], state: Scan, line: int) -> int:
    line += 1
    while line < len(lines) and not state.is_start(line):
        line += 1
    return line


def _end_of_cell_magic(lines: Sequence[str], state: Scan, first: int) -> int:
    """A `%%magic` takes all lines to the next cell mark, blank ones at the end left out."""
    end = first + 1
    for line in range(first + 1, len(lines)):
        if CELL_MARK.match(lines[line]):
            break
        if lines[line].strip():
            end = line + 1
    return end


def is_complete(code: str) -> bool:
    """Whether Enter should run `code`: as in IPython, a block ends with an empty line."""
    lines = code.split("\n")
    state = incomplete_scan(lines)
    if not code.strip():
        return True
    ends_blank = len(lines) > 1 and not lines[-1].strip()
    if lines[0].startswith("%%"):
        return ends_blank
    if state.after_string or state.after_brackets or state.after_joined:
        return False
    last = max(number for number in range(len(lines)) if lines[number].strip())
    start = last
    while start > 0 and not state.is_start(start):
        start -= 1
    if _without_comment(lines, state, last).endswith(":") and not MAGIC.match(lines[start]):
        return False
    if lines[start].startswith("@"):
        return False
    is_block = lines[start][:1].isspace() or bool(_COMPOUND.match(lines[start]))
    if is_block and start == 0 and lines[0][:1].isspace() and len(lines) == 1:
        return True
    return ends_blank or not is_block or _is_soft_word(lines[start])


def _is_soft_word(line: str) -> bool:
    """`match = 3` and `match(x)` are no compound statements."""
    return line.startswith("match") and not line.rstrip().endswith(":")


def _without_comment(lines: Sequence[str], state: Scan, line: int) -> str:
    column = state.comment[line]
    return (lines[line] if column < 0 else lines[line][:column]).rstrip()


def indent(lines: Sequence[str], line: int, step: str = "    ") -> str:
    """The white space of a new line put in after `line`."""
    if not 0 <= line < len(lines):
        return ""
    head = list(lines[: line + 1])
    state = incomplete_scan(head)
    if len(state.after_string) == 3:
        return indentation(lines[line])
    if state.after_brackets:
        return _indent_in_brackets(head, state, step)
    start = line
    while start > 0 and not state.is_start(start):
        start -= 1
    base = indentation(lines[start])
    code = _without_comment(head, state, line)
    if state.after_joined:
        return base + step if start == line else indentation(lines[line])
    if code.endswith(":"):
        return base + step
    if _LEAVES.match(lines[start].lstrip()):
        return base[: -len(step)] if base.endswith(step) else base[:-1] if base.endswith("\t") else base
    return base


def _indent_in_brackets(lines: Sequence[str], state: Scan, step: str) -> str:
    opening = state.after_brackets[-1]
    text = _without_comment(lines, state, opening.line)
    behind = text[opening.column + 1 :]
    if not behind.strip():
        return indentation(lines[opening.line]) + step
    last = len(lines) - 1
    if opening.line != last and state.brackets[last] and state.brackets[last][-1] == opening and lines[last].strip():
        return indentation(lines[last])
    return " " * (opening.column + 1 + len(behind) - len(behind.lstrip()))
