"""Cells of scripts and what can be folded."""

from __future__ import annotations

import pytest

from ide.core.text import LineRange
from tests.unit.plugins.languages import PYTHON, R

MARKS = [
    ("# %%", "", "code"),
    ("#%%", "", "code"),
    ("# %% Load the data", "Load the data", "code"),
    ("#%% Load", "Load", "code"),
    ("# %% [markdown]", "", "text"),
    ("# %% [md] Words", "Words", "text"),
    ("# %% Words [markdown]", "Words", "text"),
    ("# %% [raw]", "", "text"),
    ('# %% Load tags=["a"] name="x y"', "Load", "code"),
    ("# In[1]:", "In[1]", "code"),
    ("# In[ ]:", "In[ ]", "code"),
    ("  # %% inside", "inside", "code"),
]
NO_MARKS = ["# %%timeit", "x = '# %%'", "#%%%", "# %", "print('In[1]')", "#+ label", "# In[1] is nice", "x %% y"]


@pytest.mark.parametrize(("line", "title", "kind"), MARKS)
def test_mark_begins_a_cell(line: str, title: str, kind: str) -> None:
    (cell,) = PYTHON.cells([line, "x"])
    assert (cell.title, cell.kind, cell.lines, cell.code_first, cell.code_end) == (title, kind, LineRange(0, 2), 1, 2)
    assert R.cells([line, "x"])[0].language == "r"


@pytest.mark.parametrize("line", NO_MARKS)
def test_other_lines_are_no_marks(line: str) -> None:
    assert PYTHON.cells(["x", line]) == ()


def test_spin_mark_begins_a_cell_in_r_alone() -> None:
    cells = R.cells(["x", "#+ plot, echo=FALSE", "y", "#+", "z"])
    assert [(cell.title, cell.lines) for cell in cells] == [
        ("", LineRange(0, 1)),
        ("plot", LineRange(1, 3)),
        ("", LineRange(3, 5)),
    ]
    assert PYTHON.cells(["#+ plot"]) == ()


def test_script_without_marks_has_no_cells() -> None:
    assert PYTHON.cells(["x", "y"]) == ()
    assert R.cells(["# Title ----", "x"]) == ()


def test_cells_have_no_gap() -> None:
    cells = PYTHON.cells(["import x", "# %% one", "a", "", "# %% two", "b"])
    assert [cell.lines for cell in cells] == [LineRange(0, 1), LineRange(1, 4), LineRange(4, 6)]


def test_mark_in_a_string_is_no_mark() -> None:
    assert len(PYTHON.cells(["# %% one", "x = '''", "# %% not", "'''"])) == 1
    assert len(R.cells(["# %% one", "x <- '", "# %% not", "'"])) == 1


def test_python_folds_blocks_brackets_and_strings() -> None:
    lines = [
        "def f():",
        "    if x:",
        "        y",
        "",
        "    return z",
        "",
        "w = [",
        "  1,",
        "]",
        "'''a",
        "b",
        "'''",
        "v",
    ]
    assert PYTHON.folds(lines) == (LineRange(0, 5), LineRange(1, 3), LineRange(6, 8), LineRange(9, 12))


def test_python_folds_cells_to_their_end() -> None:
    assert PYTHON.folds(["# %% a", "x", "# %% b", "y"]) == (LineRange(0, 2), LineRange(2, 4))


def test_python_comment_at_the_margin_does_not_end_a_block() -> None:
    assert PYTHON.folds(["def f():", "    x", "# note", "    y", "z"])[0] == LineRange(0, 4)


def test_r_folds_brackets_and_sections() -> None:
    lines = ["# One ----", "f <- function(x) {", "  c(", "    1", "  )", "}", "# Two ====", "y"]
    assert R.folds(lines) == (LineRange(0, 6), LineRange(1, 5), LineRange(2, 4), LineRange(6, 8))


def test_section_inside_brackets_is_none() -> None:
    assert R.folds(["f(", "# Not ----", "x", ")"]) == (LineRange(0, 3),)
