"""A table as lines of text in columns: banded rows, a bold head, numbers to the right; as wide as there is room. Pure.

Text and no picture: it can be selected, copied, found and read aloud as all output can.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ide.panes.console.lines import MUTED, Line, Span, Style
from ide.panes.console.terminal import THIN_SPACE, plain_lines
from ide.widgets.rich.tables import MISSING, HtmlTable, Row

CELL_COLUMNS: Final = 60
NARROW_COLUMNS: Final = 24
"""To this a cell of text is cut where the table would not fit otherwise."""
GAP: Final = "…"

_HEAD = Style(is_bold=True, background_role="header")
_KIND = Style(role="muted", background_role="header")
_BANDS = ("", "current_line")
_TYPE = re.compile(r"<[\w:, .\[\]]{1,20}>\Z|\Z")


def table_lines(table: HtmlTable, room: int, most_rows: int) -> tuple[Line, ...]:
    """`table` in at most `room` characters a line; columns in the middle that find no room are left out and counted."""
    head, body = table.head, table.body[:most_rows]
    numeric = [table.is_numeric(column) for column in range(table.width)]
    limits = [CELL_COLUMNS] * table.width
    widths = _widths(head + body, limits)
    if sum(widths) + 2 * len(widths) > room:
        limits = [CELL_COLUMNS if is_number else NARROW_COLUMNS for is_number in numeric]
        widths = _widths(head + body, limits)
    shown = _fitting(widths, room, table.labels)
    lines = [Line(((table.caption, MUTED),))] if table.caption else []
    for index, row in enumerate(head):
        is_kind = index > 0 and all(_TYPE.match(cell) for cell in row)
        style = _KIND if is_kind else _HEAD
        lines.append(Line(tuple(_cells(row, shown, widths, limits, numeric, style, 0))))
    for index, row in enumerate(body):
        style = Style(background_role=_BANDS[index % 2])
        lines.append(Line(tuple(_cells(row, shown, widths, limits, numeric, style, table.labels))))
    if left_out := _left_out(table, len(body), shown):
        lines.append(Line(((left_out, MUTED),)))
    return tuple(lines)


def wide(text: str) -> int:
    """Columns of a terminal that `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _widths(rows: tuple[Row, ...], limits: list[int]) -> list[int]:
    return [max((wide(_cut(row[column], limit)) for row in rows), default=0) for column, limit in enumerate(limits)]


def _fitting(widths: list[int], room: int, labels: int) -> list[int]:
    """Columns from both ends that fit; -1 stands for those left out between them."""
    if sum(widths) + 2 * len(widths) <= room:
        return list(range(len(widths)))
    left, right = list(range(min(labels, len(widths)))), list[int]()
    taken = sum(widths[column] + 2 for column in left) + 3
    low, high = len(left), len(widths) - 1
    while low <= high:
        column = low if len(left) - labels <= len(right) else high
        taken += widths[column] + 2
        if taken > room and (left or right):
            break
        if column == low:
            left.append(low)
            low += 1
        else:
            right.insert(0, high)
            high -= 1
    return [*left, -1, *right]


def _cells(
    row: Row, shown: list[int], widths: list[int], limits: list[int], numeric: list[bool], style: Style, labels: int
) -> list[Span]:
    spans: list[Span] = []
    for column in shown:
        if column < 0:
            spans.append((f" {GAP} ", Style(role="muted", background_role=style.background_role)))
            continue
        text = _cut(row[column], limits[column])
        blank = " " * (widths[column] - wide(text))
        is_right = numeric[column] and column >= labels
        look = style
        if column < labels:
            look = Style(role="muted", background_role=style.background_role)
        elif not style.is_bold and text in MISSING:
            look = Style(role="muted", is_italic=True, background_role=style.background_role)
        spans.append((f" {blank}{text} " if is_right else f" {text}{blank} ", look))
    return _joined(spans)


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbours of one look as one span: fewer pieces to write."""
    joined: list[Span] = []
    for text, style in spans:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def _cut(text: str, limit: int) -> str:
    """What cannot be seen is spelled out, what is too long is cut."""
    if not text.isascii() or not text.isprintable():
        text = " ".join(each.text for each in plain_lines(text[: 4 * limit]))
    while wide(text) > limit:
        text = text[: max(1, limit - 1 - (wide(text) - len(text)))].rstrip() + GAP if len(text) > limit else GAP
    return text


def _left_out(table: HtmlTable, rows: int, shown: list[int]) -> str:
    more = len(table.body) - rows + table.more_rows
    columns = table.width - len(shown) + 1 if -1 in shown else 0
    parts = [
        f"{count:,} more {word}{'' if count == 1 else 's'}".replace(",", THIN_SPACE)
        for count, word in ((more, "row"), (columns, "column"))
        if count
    ]
    return f"{GAP} {', '.join(parts)}" if parts else ""
