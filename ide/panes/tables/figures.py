"""What a profile says of a column, in words: figures by name, shares, missing values, bars, how much was looked at.

Pure; owns no profile. Figures come from where the table lives, as text at full precision.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Final

from ide.core.record import dataclass
from ide.core.table import MISSING_WORDS, Cells, Column, ColumnProfile, Progress
from ide.core.text import with_unseen_shown
from ide.panes.tables.words import counted, number
from ide.tables.cell_text import THIN_SPACE, Look, display
from ide.tables.profile_filters import edge_text

_WHOLE: Final = re.compile(r"[+-]?\d{1,18}")
_PLAIN: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_FLOATS: Final = Column(0, "", "number", "float64")
_LABELS: Final[Mapping[str, str]] = {
    "mean": "Mean", "sd": "Standard deviation", "minimum": "Minimum", "earliest": "Earliest", "q25": "25 %",
    "median": "Median", "q75": "75 %", "maximum": "Maximum", "latest": "Latest", "distinct": "Distinct",
    "levels": "Levels", "zeros": "Zeros", "negative": "Negative", "infinite": "Infinite", "shortest": "Shortest",
    "longest": "Longest", "empty": "Empty",
}  # fmt: skip
_COUNTS: Final = ("distinct", "levels")
_SHARES: Final = ("zeros", "negative", "infinite", "empty")
_LENGTHS: Final = ("shortest", "longest")
# Said by the frequent values already.
_LEFT_OUT: Final = ("true", "false")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a summary; `exact` is the figure as it came, where less is shown."""

    label: str
    text: str
    exact: str = ""


def figures(column: Column, profile: ColumnProfile, decimal_mark: str = ".") -> tuple[Figure, ...]:
    """The figures of a column in the order that they are read in; those without a word of ours come last."""
    known = dict(profile.statistics)
    order = (*(name for name in _LABELS if name in known), *(name for name in known if name not in _LABELS))
    present = profile.rows_looked_at - sum(one.count for one in profile.missing)
    return tuple(_figure(name, known[name], column, present, decimal_mark) for name in order if name not in _LEFT_OUT)


def _figure(name: str, text: str, column: Column, present: int, decimal_mark: str) -> Figure:
    label = _LABELS.get(name, with_unseen_shown(name.capitalize()))
    if _WHOLE.fullmatch(text) and name in (*_COUNTS, *_SHARES, *_LENGTHS):
        count = int(text)
        if name in _LENGTHS:
            return Figure(label, counted(count, "character"))
        share = f" ({share_text(count, present)})" if name in _SHARES and count else ""
        return Figure(label, number(count) + share)
    shown = figure_text(text, decimal_mark)
    if column.kind == "duration" and _PLAIN.fullmatch(text):
        shown += f"{THIN_SPACE}s"
    return Figure(label, shown, text)


def figure_text(text: str, decimal_mark: str = ".") -> str:
    """A figure as the grid would write it; dates and times lose the letter between them."""
    if _WHOLE.fullmatch(text):
        cells = Cells("int64", struct.pack("<q", int(text)))
    elif _PLAIN.fullmatch(text):
        cells = Cells("float64", struct.pack("<d", float(text)))
    else:
        return with_unseen_shown(re.sub(r"(?<=\d)T(?=\d)", " ", text))
    return display(cells, 0, _FLOATS, Look(decimal_mark=decimal_mark).widened(cells, 0, _FLOATS))


def share_text(count: int, total: int) -> str:
    """A share that never rounds to nothing or to everything."""
    if count <= 0 or total <= 0:
        return f"0{THIN_SPACE}%"
    share = count / total
    if share < 0.01:
        return f"<1{THIN_SPACE}%"
    if 0.99 < share < 1:
        return f">99{THIN_SPACE}%"
    return f"{share:.0%}".replace("%", f"{THIN_SPACE}%")


def missing_text(profile: ColumnProfile) -> tuple[str, str]:
    """How many values are missing, and of which kinds: each with its count where there are several."""
    count = sum(one.count for one in profile.missing)
    if not count:
        return "No missing values", ""
    words = {MISSING_WORDS.get(one.code, one.text): one.count for one in profile.missing}
    kinds = ", ".join(f"{word} {number(of_it)}" if len(words) > 1 else word for word, of_it in words.items())
    return f"{number(count)} missing ({share_text(count, profile.rows_looked_at)})", kinds


def bar_text(column: Column, profile: ColumnProfile, place: int, decimal_mark: str = ".") -> str:
    """`12 to 15: 344 rows (3 %)`."""
    low, high = (_edge_shown(column, profile, place + side, decimal_mark) for side in (0, 1))
    count = profile.counts[place]
    return f"{low} to {high}: {counted(count, 'row')} ({share_text(count, profile.rows_looked_at)})"


def ends_text(column: Column, profile: ColumnProfile, decimal_mark: str = ".") -> tuple[str, str]:
    """What stands at the ends of the axis of a histogram."""
    return (
        _edge_shown(column, profile, 0, decimal_mark),
        _edge_shown(column, profile, len(profile.edges) - 1, decimal_mark),
    )


def _edge_shown(column: Column, profile: ColumnProfile, place: int, decimal_mark: str) -> str:
    edge = profile.edges[place]
    if column.kind == "number":
        return figure_text(str(int(edge)) if edge.is_integer() and abs(edge) < 1e15 else repr(edge), decimal_mark)
    width = profile.edges[-1] - profile.edges[-2]
    text = figure_text(edge_text(column, edge, width=width), decimal_mark)
    return f"{text}{THIN_SPACE}s" if column.kind == "duration" else text


def rows_text(rows_looked_at: int, row_count: int) -> str:
    """What a profile or a picture is made from."""
    if rows_looked_at >= row_count:
        return f"All {counted(row_count, 'row')}" if row_count != 1 else "The only row"
    return f"From {number(rows_looked_at)} of {counted(row_count, 'row')}"


def exact_progress_text(progress: Progress | None) -> str:
    """What is said while every row is looked at."""
    if progress is None or progress.total <= 0:
        return "Reading all rows"
    return f"Reading all rows, {min(100, round(100 * progress.done / progress.total))}{THIN_SPACE}%"
