"""What would run: the rules by themselves, with small languages."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from ide.core.cells import Cell
from ide.core.language import Language
from ide.core.text import LineRange, Place
from ide.panes.editor import run_plan
from ide.panes.editor.run_plan import Kind, Script


def blocks(lines: Sequence[str], line: int) -> LineRange | None:
    """A statement is a line and what is indented under it."""
    while line < len(lines) and not lines[line].strip():
        line += 1
    if line >= len(lines):
        return None
    while line > 0 and lines[line].startswith(" "):
        line -= 1
    end = line + 1
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    return LineRange(line, end)


def language(*, by_statement: bool = False) -> Language:
    return cast(Language, SimpleNamespace(statement=blocks, runs_by_statement=by_statement))


def script(
    text: str, cells: tuple[Cell, ...] = (), kind: Kind = "script", *, by_statement: bool = False, id: str = "python"
) -> Script:
    found = language(by_statement=by_statement)
    return Script("key", None, kind, id, text.split("\n"), cells, lambda _id: found)


def cell(first: int, end: int, *, mark: bool = True, kind: str = "code", language: str = "python") -> Cell:
    return Cell(LineRange(first, end), first + mark, end, language, kind=kind)  # type: ignore[arg-type]  # "code" or "text"


TEXT = "a\nb\n  c\n\nd"


def test_statement_is_whole_and_the_caret_goes_to_the_next_one() -> None:
    plan = run_plan.plan_statement(script(TEXT), 2)
    assert plan is not None
    assert (plan.code, plan.caret, plan.lines) == ("b\n  c", Place(4), LineRange(1, 3))


def test_the_last_statement_leaves_the_caret_on_the_last_line() -> None:
    plan = run_plan.plan_statement(script(TEXT), 4)
    assert plan is not None
    assert plan.caret == Place(4)


@pytest.mark.parametrize(("by_statement", "code"), [(False, "a\nb\n  c"), (True, "a")])
def test_languages_that_run_by_statement_do_so_in_cells_too(by_statement: bool, code: str) -> None:
    one = script("# %%\na\nb\n  c", (cell(0, 4),), by_statement=by_statement)
    plan = run_plan.plan_default(one, Place(1), Place(1))
    assert plan is not None
    assert plan.code == code


def test_chunks_run_as_a_whole_whatever_the_language() -> None:
    one = script("```{r}\na\nb\n```", (Cell(LineRange(0, 4), 1, 3, "r"),), "chunks", by_statement=True)
    plan = run_plan.plan_default(one, Place(1), Place(1))
    assert plan is not None
    assert (plan.code, plan.language, plan.caret) == ("a\nb", "r", None)


def test_a_statement_in_a_chunk_stays_in_it() -> None:
    one = script(
        "```{r}\na\n  b\n```\n```{r}\nc\n```",
        (Cell(LineRange(0, 4), 1, 3, "r"), Cell(LineRange(4, 7), 5, 6, "r")),
        "chunks",
    )
    plan = run_plan.plan_statement(one, 2)
    assert plan is not None
    assert (plan.code, plan.lines) == ("a\n  b", LineRange(1, 3))
    assert run_plan.plan_statement(one, 3) is None


def test_a_cell_without_code_runs_nothing() -> None:
    one = script("# %%\n\n# %%\nx", (cell(0, 2), cell(2, 4)))
    assert run_plan.plan_cell(one, 0) is None
    assert [plan.code for plan in run_plan.plan_all_cells(one)] == ["x"]


def test_advancing_passes_over_cells_of_prose() -> None:
    one = script("# %%\nx\n# %% [markdown]\n# t\n# %%\ny", (cell(0, 2), cell(2, 4, kind="text"), cell(4, 6)))
    plan = run_plan.plan_cell(one, 1, advances=True)
    assert plan is not None
    assert plan.caret == Place(5)
    assert run_plan.next_cell(one, 5, -1) == one.cells[0]
    assert run_plan.next_cell(one, 5, 1) is None


def test_selection_in_the_middle_of_a_line_is_taken_as_it_is() -> None:
    plan = run_plan.plan_selection(script("x = f(1)"), Place(0, 4), Place(0, 8))
    assert plan is not None
    assert plan.code == "f(1)"


def test_selection_from_after_the_indentation_is_dedented() -> None:
    plan = run_plan.plan_selection(script("  a\n  b\n"), Place(0, 2), Place(2, 0))
    assert plan is not None
    assert plan.code == "a\nb\n"
    assert plan.lines == LineRange(0, 2)


def test_nothing_runs_without_a_language() -> None:
    assert run_plan.plan_default(script("a", id=""), Place(0), Place(0)) is None


def test_source_tells_where_the_code_begins() -> None:
    plan = run_plan.plan_cell(script("# %% t\nx", (cell(0, 2),)), 0)
    assert plan is not None
    assert (plan.source.document, plan.source.line, plan.mark_line) == ("key", 1, 0)
