"""Finds the bracket that belongs to one at the caret. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ide.core.text import Place

PAIRS = {"(": ")", "[": "]", "{": "}"}
_OPENING = {closing: opening for opening, closing in PAIRS.items()}
LINES_SEARCHED = 2_000


def bracket_at(lines: Sequence[str], place: Place) -> Place | None:
    """The bracket before the caret, else the one after it."""
    text = lines[place.line]
    for column in (place.column - 1, place.column):
        if 0 <= column < len(text) and (text[column] in PAIRS or text[column] in _OPENING):
            return Place(place.line, column)
    return None


def matching_bracket(lines: Sequence[str], place: Place, is_code: Callable[[int, int], bool]) -> Place | None:
    """Where the bracket that belongs to the one at `place` is; None if there is none within 2,000 lines.

    `is_code(line, column)` tells brackets that count from those in strings and comments.
    """
    bracket = lines[place.line][place.column]
    forward = bracket in PAIRS
    other = PAIRS[bracket] if forward else _OPENING[bracket]
    inside = is_code(place.line, place.column)
    depth = 0
    step = 1 if forward else -1
    last = min(len(lines), place.line + LINES_SEARCHED) if forward else max(-1, place.line - LINES_SEARCHED)
    for line in range(place.line, last, step):
        text = lines[line]
        if bracket not in text and other not in text:
            continue
        first = place.column if line == place.line else (0 if forward else len(text) - 1)
        for column in range(first, len(text) if forward else -1, step):
            character = text[column]
            if character not in (bracket, other) or is_code(line, column) != inside:
                continue
            depth += 1 if character == bracket else -1
            if depth == 0:
                return Place(line, column)
    return None
