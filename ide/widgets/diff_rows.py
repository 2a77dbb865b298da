"""Which lines of two texts differ, as rows to show side by side. Pure; slow for long texts, so for a pool thread."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

from ide.core.record import dataclass

CONTEXT = 3
MOST_ROWS = 5_000
# Past this many differing lines on both sides the comparison by difflib takes seconds and says little.
MOST_COMPARED = 6_000

RowKind = Literal["same", "removed", "added", "changed", "skipped"]


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row. Line numbers count from 1; None where that side has no line. `skipped` tells a number of equal lines."""

    kind: RowKind
    old_number: int | None = None
    old: str = ""
    new_number: int | None = None
    new: str = ""
    count: int = 0


def diff_rows(old: str, new: str, *, context: int = CONTEXT) -> tuple[DiffRow, ...]:
    """Rows for both texts; long equal stretches become one `skipped` row. At most `MOST_ROWS`, the rest counted."""
    old_lines, new_lines = old.splitlines(), new.splitlines()
    rows: list[DiffRow] = []
    for row in _folded(_operations(old_lines, new_lines), old_lines, new_lines, context):
        if len(rows) == MOST_ROWS:
            rows.append(DiffRow("skipped", count=max(len(old_lines), len(new_lines)) - (rows[-1].new_number or 0)))
            break
        rows.append(row)
    return tuple(rows)


_Operation = tuple[str, int, int, int, int]


def _operations(old: Sequence[str], new: Sequence[str]) -> list[_Operation]:
    """Like difflib's opcodes; equal ends are taken off first, which makes the usual case quick."""
    first = _equal_at_start(old, new)
    end = _equal_at_start(old[first:][::-1], new[first:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    middle_old, middle_new = old[first:old_end], new[first:new_end]
    operations: list[_Operation] = [("equal", 0, first, 0, first)] if first else []
    if len(middle_old) + len(middle_new) > MOST_COMPARED:
        operations.append(("replace", first, old_end, first, new_end))
    elif middle_old or middle_new:
        matcher = difflib.SequenceMatcher(None, middle_old, middle_new, autojunk=False)
        operations += [(tag, a + first, b + first, c + first, d + first) for tag, a, b, c, d in matcher.get_opcodes()]
    if end:
        operations.append(("equal", old_end, len(old), new_end, len(new)))
    return operations


def _equal_at_start(one: Sequence[str], two: Sequence[str]) -> int:
    pairs = zip(one, two, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(two)))


def _folded(operations: list[_Operation], old: Sequence[str], new: Sequence[str], context: int) -> Iterator[DiffRow]:
    for index, (tag, a, b, c, d) in enumerate(operations):
        if tag != "equal":
            yield from _different(old, new, a, b, c, d)
            continue
        head = 0 if index == 0 else min(context, b - a)
        tail = 0 if index == len(operations) - 1 else min(context, b - a - head)
        yield from (DiffRow("same", a + i + 1, old[a + i], c + i + 1, new[c + i]) for i in range(head))
        skipped = b - a - head - tail
        if skipped:
            yield DiffRow("skipped", count=skipped)
        rest = range(b - a - tail, b - a)
        yield from (DiffRow("same", a + i + 1, old[a + i], c + i + 1, new[c + i]) for i in rest)


def _different(old: Sequence[str], new: Sequence[str], a: int, b: int, c: int, d: int) -> Iterator[DiffRow]:
    for i in range(max(b - a, d - c)):
        has_old, has_new = a + i < b, c + i < d
        yield DiffRow(
            "changed" if has_old and has_new else "removed" if has_old else "added",
            a + i + 1 if has_old else None,
            old[a + i] if has_old else "",
            c + i + 1 if has_new else None,
            new[c + i] if has_new else "",
        )
