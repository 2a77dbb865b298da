"""Cells of scripts that are divided by marks in comments: the part that languages share."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ide.core.cells import Cell
from ide.core.text import LineRange

PERCENT_MARK = re.compile(r"^\s*#\s?%%(?![%\w])\s*(?P<title>.*)$")
IN_MARK = re.compile(r"^\s*#\s?(?P<title>In\s?\[[\d\s*]*\]):?\s*$")
# Comment signs of other languages.
OTHER_MARK = re.compile(r"^\s*(?://|--|;+|%)\s?%%(?![%\w])\s*(?P<title>.*)$")
_TYPE = re.compile(r"\[(markdown|md|raw)\]\s*", re.IGNORECASE)
_OPTION = re.compile(r"""\s*\b[\w.-]+=(?:"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|\S+)""")


def marked_cells(
    lines: Sequence[str],
    language: str,
    *,
    extra_mark: re.Pattern[str] | None = None,
    extra_hint: str = "",
    hidden: Collection[int] = frozenset(),
) -> tuple[Cell, ...]:
    """Cells at `# %%` (with `[markdown]` and a title), `#%%`, `# In[1]:` and at `extra_mark`.

    Lines before the first mark are a cell of their own, so that there is no gap; no mark, no cells. `extra_mark` has
    a group `title`; `extra_hint` is text that each such line holds, so that others are passed over quickly. Lines in
    `hidden` (inside strings of several lines) are no marks.
    """
    marks = _marks(lines, extra_mark, extra_hint, hidden)
    if not marks:
        return ()
    cells = []
    if marks[0][0] > 0:
        first = marks[0][0]
        cells.append(Cell(LineRange(0, first), 0, first, language))
    ends = [line for line, _ in marks[1:]] + [len(lines)]
    for (line, title), end in zip(marks, ends, strict=True):
        cells.append(_cell(line, end, title, language))
    return tuple(cells)


def plain_cells(lines: Sequence[str], language: str) -> tuple[Cell, ...]:
    """Cells of a script in a language that no plugin knows, at `%%` in whatever comment; no language, no cells."""
    return marked_cells(lines, language, extra_mark=OTHER_MARK, extra_hint="%%") if language else ()


def _marks(
    lines: Sequence[str], extra_mark: re.Pattern[str] | None, extra_hint: str, hidden: Collection[int]
) -> list[tuple[int, str]]:
    candidates = [number for number, line in enumerate(lines) if "%%" in line or "In[" in line or "In [" in line]
    if extra_mark is not None:
        candidates = sorted({*candidates, *(number for number, line in enumerate(lines) if extra_hint in line)})
    found = []
    for number in candidates:
        line = lines[number]
        match = PERCENT_MARK.match(line) or IN_MARK.match(line) or (extra_mark.match(line) if extra_mark else None)
        if match and number not in hidden:
            found.append((number, match["title"].strip()))
    return found


def _cell(line: int, end: int, title: str, language: str) -> Cell:
    kind = _TYPE.search(title)
    title = _TYPE.sub("", title, count=1)
    title = _OPTION.sub("", title).strip()
    return Cell(LineRange(line, end), line + 1, end, language, title, "text" if kind else "code")
