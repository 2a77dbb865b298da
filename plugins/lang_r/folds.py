"""What can be folded in an R script: brackets over several lines, sections (`# Title ----`), cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fourpane_plugins.lang_r.scan import SECTION, Scan, scan
from ide.api import LineRange, marked_cells

CHUNK_MARK = re.compile(r"^#\+\s*(?P<title>[^,=]*?)(?:,.*|\s+[\w.]+\s*=.*)?$")


def folds(lines: Sequence[str]) -> tuple[LineRange, ...]:
    """Ranges whose first line stays visible, sorted by their first line."""
    state = scan(lines)
    found: dict[int, int] = {}
    for first, end in _sections(lines, state):
        found[first] = end
    for cell in marked_cells(lines, "r", extra_mark=CHUNK_MARK, extra_hint="#+", hidden=hidden_lines(state)):
        if cell.code_first > cell.lines.first and cell.lines.end - cell.lines.first > 1:
            found[cell.lines.first] = cell.lines.end
    for first, end in _brackets(lines, state):
        found[first] = max(end, found.get(first, 0))
    return tuple(LineRange(first, end) for first, end in sorted(found.items()))


def hidden_lines(state: Scan) -> frozenset[int]:
    """Lines that begin inside a string."""
    return frozenset(number for number, string in enumerate(state.string) if string)


def _brackets(lines: Sequence[str], state: Scan) -> list[tuple[int, int]]:
    """From the line with the bracket to the line before its end."""
    found = []
    before: tuple[object, ...] = ()
    opened: list[tuple[object, int]] = []
    for number in range(len(lines) + 1):
        brackets = state.brackets[number] if number < len(lines) else ()
        if brackets is before:
            continue
        kept = len(brackets)
        while opened and (len(opened) > kept or opened[-1][0] != brackets[len(opened) - 1]):
            _, first = opened.pop()
            end = number - 1 if number - 1 > first else number
            if end - first > 1:
                found.append((first, end))
        for bracket in brackets[len(opened) :]:
            opened.append((bracket, bracket.line))
        before = brackets
    return found


def _sections(lines: Sequence[str], state: Scan) -> list[tuple[int, int]]:
    """From a section's title to the line before the next one; a title inside brackets or a string is none."""
    titles = [
        number
        for number, line in enumerate(lines)
        if line.startswith("#") and SECTION.match(line) and state.is_start(number)
    ]
    ends = [*titles[1:], len(lines)]
    return [(first, end) for first, end in zip(titles, ends, strict=False) if end - first > 1]
