"""What is drawn beside and over the lines of a text, and how it moves when lines come and go. Pure values.

Folds can be tens of thousands, so they are not moved: the question is moved back to where they were found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

from ide.core.cells import Cell
from ide.core.language import Problem
from ide.core.record import dataclass, field, replace
from ide.core.text import LineRange, Place

RunState = Literal["queued", "running", "ok", "error", "interrupted", "died"]
SEVERITIES: Sequence[str] = ("error", "warning", "hint")


@dataclass(frozen=True, slots=True)
class RunMark:
    """State of the last run of the code that begins at `line`. `words` are shown beside it: "ok, 0.4 s".

    `run` is the id of the run, by which later news of it finds the mark wherever it has moved.
    """

    line: int
    state: RunState
    words: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """`removed` lines from `first` on became `added` lines."""

    first: int
    removed: int
    added: int

    def line(self, number: int) -> int:
        """Where a line is afterwards; one that went becomes the nearest that is left."""
        if number < self.first:
            return number
        if number >= self.first + self.removed:
            return number + self.added - self.removed
        return min(number, self.first + max(self.added - 1, 0))

    def before(self, number: int) -> int:
        """Where a line was before; -1 for one that is new."""
        if number < self.first:
            return number
        if number >= self.first + self.added:
            return number + self.removed - self.added
        return number if number < self.first + self.removed else -1

    def keeps(self, number: int) -> bool:
        """Whether the line is still there."""
        return not self.first <= number < self.first + self.removed or number < self.first + self.added

    def range(self, span: LineRange) -> LineRange:
        """Where lines are afterwards."""
        return LineRange(self.line(span.first), self.line(span.end - 1) + 1)


@dataclass(frozen=True, slots=True)
class Folds:
    """What can be folded: first line to end (exclusive), as found before `shifts` happened."""

    ends: dict[int, int] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()

    @staticmethod
    def of(spans: Sequence[LineRange]) -> Folds:
        """The longest of those that begin on one line."""
        ends: dict[int, int] = {}
        for span in spans:
            if span.end - span.first > 1:
                ends[span.first] = max(span.end, ends.get(span.first, 0))
        return Folds(ends)

    def shifted(self, shift: Shift) -> Folds:
        """After one more change."""
        return Folds(self.ends, (*self.shifts, shift)) if self.ends else self

    def at(self, line: int) -> LineRange | None:
        """The fold that begins at `line`."""
        was = line
        for shift in reversed(self.shifts):
            was = shift.before(was)
            if was < 0:
                return None
        end = self.ends.get(was)
        if end is None:
            return None
        for shift in self.shifts:
            end = shift.line(end - 1) + 1
        return LineRange(line, end) if end > line + 1 else None


@dataclass(frozen=True)
class Marks:
    """All marks of one text. `cells` are in order and do not overlap."""

    cells: tuple[Cell, ...] = ()
    folds: Folds = Folds()
    problems: tuple[Problem, ...] = ()
    runs: tuple[RunMark, ...] = ()

    def shifted(self, first: int, removed: int, added: int) -> Marks:
        """The marks after `removed` lines from `first` on became `added` lines. Marks of lines that went, go."""
        if removed == added:
            return self
        shift = Shift(first, removed, added)
        return Marks(
            tuple(_moved_cell(cell, shift) for cell in self.cells),
            self.folds.shifted(shift),
            tuple(_moved_problem(one, shift.line) for one in self.problems if shift.keeps(one.start.line)),
            tuple(replace(run, line=shift.line(run.line)) for run in self.runs if shift.keeps(run.line)),
        )

    def cell_at(self, line: int) -> Cell | None:
        """The cell that holds `line`."""
        index = bisect_right(self._firsts, line) - 1
        return self.cells[index] if index >= 0 and line in self.cells[index].lines else None

    def cell_starting(self, line: int) -> Cell | None:
        """The cell whose first line is `line`."""
        cell = self.cell_at(line)
        return cell if cell is not None and cell.lines.first == line else None

    def problems_at(self, line: int) -> tuple[Problem, ...]:
        """Problems that touch `line`, the worst first."""
        return self._problems.get(line, ())

    def run_at(self, line: int) -> RunMark | None:
        """The run mark of `line`."""
        return self._runs.get(line)

    @cached_property
    def _firsts(self) -> list[int]:
        return [cell.lines.first for cell in self.cells]

    @cached_property
    def _runs(self) -> dict[int, RunMark]:
        return {run.line: run for run in self.runs}

    @cached_property
    def _problems(self) -> dict[int, tuple[Problem, ...]]:
        lines: dict[int, list[Problem]] = {}
        for problem in sorted(self.problems, key=lambda one: SEVERITIES.index(one.severity)):
            for line in range(problem.start.line, min(problem.end.line, problem.start.line + 200) + 1):
                lines.setdefault(line, []).append(problem)
        return {line: tuple(found) for line, found in lines.items()}


def _moved_cell(cell: Cell, shift: Shift) -> Cell:
    if cell.lines.end <= shift.first:
        return cell
    lines = shift.range(cell.lines)
    code_first = min(max(shift.line(cell.code_first), lines.first), lines.end)
    code_end = shift.line(cell.code_end - 1) + 1 if cell.code_end > cell.code_first else code_first
    return replace(cell, lines=lines, code_first=code_first, code_end=max(code_first, code_end))


def _moved_problem(problem: Problem, line: Callable[[int], int]) -> Problem:
    start = Place(line(problem.start.line), problem.start.column)
    return replace(problem, start=start, end=Place(max(start.line, line(problem.end.line)), problem.end.column))
