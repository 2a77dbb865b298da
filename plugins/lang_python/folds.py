"""What can be folded in a Python script: blocks by their indentation, strings and brackets over lines, cells."""

from __future__ import annotations

from collections.abc import Sequence

from fourpane_plugins.lang_python.scan import Scan, scan
from ide.api import LineRange, marked_cells


def folds(lines: Sequence[str]) -> tuple[LineRange, ...]:
    """Ranges whose first line stays visible, sorted by their first line."""
    state = scan(lines)
    found = dict(_blocks(lines, state))
    for first, last in state.strings:
        found.setdefault(first, last + 1)
    for cell in marked_cells(lines, "python", hidden=hidden_lines(state)):
        if cell.lines.end - cell.lines.first > 1 and cell.code_first > cell.lines.first:
            found[cell.lines.first] = cell.lines.end
    return tuple(LineRange(first, end) for first, end in sorted(found.items()))


def hidden_lines(state: Scan) -> frozenset[int]:
    """Lines that begin inside a string."""
    return frozenset(number for number, string in enumerate(state.string) if string)


def _blocks(lines: Sequence[str], state: Scan) -> list[tuple[int, int]]:
    """Blocks by indentation: a line and all deeper ones below it, blank ones at the end left out."""
    found: list[tuple[int, int]] = []
    open_blocks: list[tuple[int, int]] = []
    last_code = -1
    for number, line in enumerate(lines):
        stripped = line.lstrip()
        if not stripped or state.string[number]:
            if state.string[number]:
                last_code = number
            continue
        if stripped[0] == "#":
            continue
        depth = len(line) - len(stripped)
        while open_blocks and open_blocks[-1][1] >= depth:
            first, _ = open_blocks.pop()
            if last_code > first:
                found.append((first, last_code + 1))
        open_blocks.append((number, depth))
        last_code = number
    for first, _ in open_blocks:
        if last_code > first:
            found.append((first, last_code + 1))
    return found
