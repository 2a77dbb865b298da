"""JSON as a few coloured lines, however large it is: no more is looked at than is shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from ide.panes.console.lines import MUTED, PLAIN, Line, Span, Style
from ide.panes.console.terminal import THIN_SPACE, plain_lines

STRING_LIMIT: Final = 120
INLINE_CHARACTERS: Final = 60
INLINE_ENTRIES: Final = 12
DEPTH_LIMIT: Final = 40

_NAME = Style(role="function")
_STRING = Style(role="string")
_NUMBER = Style(role="number")
_WORD = Style(role="keyword")


def json_lines(value: Any, most: int) -> tuple[tuple[Line, ...], bool]:
    """The first `most` lines of `value`, indented, and whether that is all of it."""
    found = [Line(tuple(spans)) for spans in islice(_rows(value, 0, [], ""), most + 1)]
    return tuple(found[:most]), len(found) <= most


def count_words(value: Any) -> str:
    """How many entries the outermost level has."""
    if not isinstance(value, list | dict):
        return "1 value"
    count = f"{len(value):,}".replace(",", THIN_SPACE)
    return f"{count} {'entry' if len(value) == 1 else 'entries'}"


def _rows(value: Any, depth: int, head: list[Span], tail: str) -> Iterator[list[Span]]:
    """Rows of a value; `head` stands before it, `tail` (a comma) behind it."""
    blank = "  " * depth
    if not isinstance(value, list | dict) or not value or _is_short(value) or depth >= DEPTH_LIMIT:
        yield [(blank, PLAIN), *head, *_inline(value, depth), (tail, PLAIN)]
        return
    is_map = isinstance(value, dict)
    yield [(blank, PLAIN), *head, ("{" if is_map else "[", PLAIN)]
    last = len(value) - 1
    for index, key in enumerate(value):
        name: list[Span] = [*_string(str(key), _NAME), (": ", PLAIN)] if is_map else []
        yield from _rows(value[key] if is_map else key, depth + 1, name, "," if index < last else "")
    yield [(blank, PLAIN), ("}" if is_map else "]", PLAIN), (tail, PLAIN)]


def _is_short(value: list[Any] | dict[str, Any]) -> bool:
    if len(value) > INLINE_ENTRIES:
        return False
    items = value.values() if isinstance(value, dict) else value
    if any(isinstance(item, list | dict) or (isinstance(item, str) and len(item) > 30) for item in items):
        return False
    return len(json.dumps(value, ensure_ascii=False, default=str)) <= INLINE_CHARACTERS


def _inline(value: Any, depth: int) -> list[Span]:
    if isinstance(value, str):
        return _string(value, _STRING)
    if isinstance(value, bool) or value is None:
        return [(json.dumps(value), _WORD)]
    if not isinstance(value, list | dict):
        return [(json.dumps(value, default=str)[:STRING_LIMIT], _NUMBER)]
    is_map = isinstance(value, dict)
    if value and (depth >= DEPTH_LIMIT or not _is_short(value)):
        return [("{…}" if is_map else "[…]", MUTED)]
    spans: list[Span] = [("{" if is_map else "[", PLAIN)]
    for index, key in enumerate(value):
        spans += [(", ", PLAIN)] if index else []
        spans += [*_string(str(key), _NAME), (": ", PLAIN)] if is_map else []
        spans += _inline(value[key] if is_map else key, depth + 1)
    return [*spans, ("}" if is_map else "]", PLAIN)]


def _string(text: str, style: Style) -> list[Span]:
    cut = text[:STRING_LIMIT]
    shown = plain_lines(json.dumps(cut, ensure_ascii=False))
    spans = [(part, style if look == PLAIN else look) for each in shown for part, look in each.spans]
    if len(text) > len(cut):
        more = f"{len(text) - len(cut):,}".replace(",", THIN_SPACE)
        spans.append((f" … {more} more characters", MUTED))
    return spans
