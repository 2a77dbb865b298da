"""Marks beside the code: words of a run, and how marks move with the lines."""

from __future__ import annotations

import pytest

from ide.core.cells import Cell
from ide.core.language import Problem
from ide.core.outputs import Failure
from ide.core.runs import CodeSource, Run, RunStatus
from ide.core.text import LineRange, Place
from ide.panes.editor.run_marks import duration, with_run, words_of
from ide.widgets.code_view_marks import Folds, Marks, RunMark

QUEUED = Run("r1", "s", "x", CodeSource("doc", None, 3))
RUNNING = QUEUED.begun(10.0)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (QUEUED, "waiting"),
        (RUNNING, "running…"),
        (RUNNING.ended(RunStatus.OK, 12.25), "ok, 2.2 s"),
        (RUNNING.failed(Failure("ValueError", "no")).ended(RunStatus.ERROR, 11.0), "error: ValueError"),
        (RUNNING.ended(RunStatus.INTERRUPTED, 75.0), "stopped, 1 min 5 s"),
        (RUNNING.ended(RunStatus.DIED, 10.0), "the session ended, 0.0 s"),
    ],
)
def test_words_say_the_state(run: Run, words: str) -> None:
    assert words_of(run) == words


def test_durations_read_as_one_says_them() -> None:
    assert [duration(seconds) for seconds in (0.04, 9.94, 59.6, 61, 7_260)] == [
        "0.0 s", "9.9 s", "1 min 0 s", "1 min 1 s", "2 h 1 min",
    ]  # fmt: skip


def test_news_of_a_run_finds_its_mark_where_it_moved() -> None:
    marks = Marks(runs=with_run((), RUNNING, frozenset({3}))).shifted(0, 0, 2)
    after = with_run(marks.runs, RUNNING.ended(RunStatus.OK, 11.0), frozenset({5}))
    assert [(mark.line, mark.state) for mark in after] == [(5, "ok")]


def test_a_newer_run_of_a_line_takes_the_place() -> None:
    marks = with_run((), RUNNING, frozenset({3}))
    newer = Run("r2", "s", "x", CodeSource("doc", None, 3)).begun(20.0)
    marks = with_run(marks, newer, frozenset({3}))
    assert [mark.run for mark in marks] == ["r2"]
    assert with_run(marks, RUNNING.ended(RunStatus.ERROR, 21.0), frozenset({3})) == marks


def test_marks_move_with_lines_and_go_with_them() -> None:
    cells = (Cell(LineRange(0, 4), 1, 4, "python"), Cell(LineRange(4, 8), 5, 8, "python"))
    problems = (Problem(Place(2), Place(2, 3), "p"), Problem(Place(6), Place(6, 3), "q"))
    marks = Marks(cells, Folds.of([LineRange(4, 8)]), problems, (RunMark(2, "ok", "ok"), RunMark(4, "ok", "ok")))
    moved = marks.shifted(1, 3, 1)
    assert [cell.lines for cell in moved.cells] == [LineRange(0, 2), LineRange(2, 6)]
    assert [problem.message for problem in moved.problems] == ["q"]
    assert [mark.line for mark in moved.runs] == [2]
    assert moved.folds.at(2) == LineRange(2, 6)
    assert moved.folds.at(4) is None


def test_folds_found_on_one_line_are_the_longest() -> None:
    folds = Folds.of([LineRange(0, 3), LineRange(0, 9), LineRange(5, 6)])
    assert folds.at(0) == LineRange(0, 9)
    assert folds.at(5) is None


def test_cells_are_found_by_line() -> None:
    marks = Marks((Cell(LineRange(0, 4), 1, 4, "python"), Cell(LineRange(4, 8), 5, 8, "r")))
    assert marks.cell_at(3) == marks.cells[0]
    assert marks.cell_at(8) is None
    assert marks.cell_starting(4) == marks.cells[1]
    assert marks.cell_starting(5) is None
