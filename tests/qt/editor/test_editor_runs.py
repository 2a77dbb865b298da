"""What the run keys run, where the caret goes, and how a run is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ide.core.outputs import Failure
from ide.core.runs import Run, RunStatus
from ide.core.text import Place
from tests.qt.editor.workplace import Workplace

CELLS = "import os\n\n# %% one\na = 1\nb = 2\n\n# %% [markdown]\n# words\n# %% two\nc = 3\n"
R_CELLS = "#+ one\nx <- c(\n  1,\n  2\n)\ny <- 1\n"
CHUNKS = "Words\n\n```{r}\nx <- 1\n```\n\n```{python}\ny = 2\n```\n"


@pytest.mark.parametrize(
    ("name", "text", "line", "command", "code", "caret", "language"),
    [
        ("a.py", CELLS, 4, "run.default", "a = 1\nb = 2", 4, "python"),
        ("a.py", CELLS, 4, "run.advance", "a = 1\nb = 2", 9, "python"),
        ("a.py", CELLS, 0, "run.default", "import os", 0, "python"),
        ("a.py", CELLS, 3, "run.statement", "a = 1", 4, "python"),
        ("a.py", CELLS, 4, "run.selection_or_line", "b = 2", 5, "python"),
        ("a.py", CELLS, 4, "cell.run", "a = 1\nb = 2", 4, "python"),
        ("a.py", CELLS, 4, "cell.run_advance", "a = 1\nb = 2", 9, "python"),
        ("b.py", "def f():\n    return 1\n\nf()\n", 1, "run.default", "def f():\n    return 1", 3, "python"),
        ("c.R", R_CELLS, 2, "run.default", "x <- c(\n  1,\n  2\n)", 5, "r"),
        ("d.Rmd", CHUNKS, 3, "run.default", "x <- 1", 3, "r"),
        ("d.Rmd", CHUNKS, 7, "run.default", "y = 2", 7, "python"),
        ("d.Rmd", CHUNKS, 3, "run.advance", "x <- 1", 7, "r"),
        ("e.jl", "x = 1\ny = 2\n", 0, "run.selection_or_line", "x = 1", 1, "julia"),
    ],
)
def test_run_keys_run_what_the_table_says(
    work: Workplace, name: str, text: str, line: int, command: str, code: str, caret: int, language: str
) -> None:
    document = work.open(name, text)
    if language == "julia":
        document.set_language("julia")
        work.settle()
    work.view.set_place(Place(line, 0))
    work.run(command)
    assert work.errors == []
    assert work.runner.code == [code]
    assert work.runner.plans[0].language == language
    assert work.view.place.line == caret


def test_prose_runs_nothing_and_advance_goes_on(work: Workplace) -> None:
    work.open("d.Rmd", CHUNKS)
    work.view.set_place(Place(0, 0))
    work.run("run.default")
    assert work.view.place.line == 0
    work.run("run.advance")
    assert work.runner.plans == []
    assert work.view.place.line == 3


def test_a_selection_runs_without_its_shared_indentation(work: Workplace) -> None:
    work.open("a.py", "if x:\n    a = 1\n    b = 2\n")
    work.view.set_place(Place(2, 9), anchor=Place(1, 4))
    assert work.run("run.default") is not None
    assert work.runner.code == ["a = 1\nb = 2"]
    assert work.commands.context.get("editor.run_title") == "Run selection"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.py", CELLS, "Run cell"),
        ("b.py", "x = 1\n", "Run line"),
        ("c.R", R_CELLS, "Run line"),
        ("d.qmd", CHUNKS, "Run chunk"),
    ],
)
def test_run_title_says_what_will_run(work: Workplace, name: str, text: str, title: str) -> None:
    work.open(name, text)
    work.qtbot.waitUntil(lambda: work.commands.context.get("editor.run_title") == title)
    assert work.commands.title("run.default") == title


def test_plain_text_cannot_run_and_says_why(work: Workplace) -> None:
    work.open("a.txt", "words\n")
    assert not work.commands.is_enabled("run.default")


def test_run_of_a_changed_cell_takes_what_is_on_the_screen(work: Workplace) -> None:
    work.open("a.py", CELLS)
    work.view.set_place(Place(3, 0))
    work.view.insert("# %% new\nz = 9\n# %% rest\n")
    work.view.set_place(Place(4, 0))
    work.run("run.default")
    assert work.runner.code == ["z = 9"]


def test_run_in_a_long_text_just_changed_waits_for_its_cells(work: Workplace) -> None:
    work.open("a.py", "# %% one\nx = 1\n" + "# filler\n" * 5_000)
    work.view.set_place(Place(0, 0))
    work.view.insert("# %% new\nz = 9\n")
    work.view.set_place(Place(1, 0))
    work.run("run.default")
    work.qtbot.waitUntil(lambda: bool(work.runner.plans))
    assert work.runner.code == ["z = 9"]


def test_run_file_saves_first(work: Workplace) -> None:
    document = work.open("a.py", "x = 1\n")
    work.view.insert("y = 2\n")
    work.run("run.file")
    work.qtbot.waitUntil(lambda: bool(work.runner.plans))
    assert not document.is_dirty
    assert str(document.path) in work.runner.code[0]
    assert (work.folder / "a.py").read_text() == "y = 2\nx = 1\n"


def test_run_file_of_chunks_runs_each_in_its_language(work: Workplace) -> None:
    work.open("d.Rmd", CHUNKS)
    work.run("run.file")
    assert [(plan.language, plan.code) for plan in work.runner.plans] == [("r", "x <- 1"), ("python", "y = 2")]


def test_run_file_of_a_text_without_file_runs_the_text(work: Workplace) -> None:
    work.run("file.new_python")
    work.view.insert("x = 1")
    work.run("run.file")
    assert work.runner.code == ["x = 1"]


def test_restart_and_run_all_begins_anew(work: Workplace) -> None:
    work.open("a.py", CELLS)
    work.run("run.restart_and_run_all")
    assert work.runner.restarted == ["python"]
    assert work.runner.code == ["import os", "a = 1\nb = 2", "c = 3"]


def test_cells_are_gone_to(work: Workplace) -> None:
    work.open("a.py", CELLS)
    work.run("cell.next")
    work.run("cell.next")
    assert work.view.place.line == 9
    work.run("cell.previous")
    assert work.view.place.line == 3


def test_a_run_is_marked_beside_its_cell_and_on_the_tab(work: Workplace) -> None:
    work.open("a.py", CELLS)
    work.view.set_place(Place(4, 0))
    run = work.run("run.default")
    assert isinstance(run, Run)
    session = work.kernels.sessions[0]
    session.run_changed.emit(run.begun(100.0))
    assert work.view.marks().run_at(2).words == "running…"  # type: ignore[union-attr]  # it fails as it should without a mark
    assert work.pane.tabs.tabs[0].is_running
    work.view.set_place(Place(0, 0))
    work.view.insert("\n\n")
    session.run_changed.emit(run.begun(100.0).ended(RunStatus.OK, 100.42))
    assert work.view.marks().run_at(4).words == "ok, 0.4 s"  # type: ignore[union-attr]  # as above
    assert not work.pane.tabs.tabs[0].is_running


def test_an_error_is_marked_with_its_name(work: Workplace) -> None:
    work.open("b.py", "x = nope\n")
    run = work.run("run.default")
    assert isinstance(run, Run)
    session = work.kernels.sessions[0]
    session.run_changed.emit(replace(run, error=Failure("NameError", "nope")).ended(RunStatus.ERROR, 1.0))
    mark = work.view.marks().run_at(0)
    assert mark is not None
    assert mark.words == "error: NameError"


def test_statements_that_went_well_leave_no_mark(work: Workplace) -> None:
    work.open("b.py", "x = 1\n")
    run = work.run("run.default")
    assert isinstance(run, Run)
    session = work.kernels.sessions[0]
    session.run_changed.emit(run.begun(1.0))
    assert work.view.marks().run_at(0) is not None
    session.run_changed.emit(run.begun(1.0).ended(RunStatus.OK, 2.0))
    assert work.view.marks().run_at(0) is None


def test_notebook_cells_run_in_their_language(work: Workplace) -> None:
    work.open_notebook("R", "x = 1")
    work.run("run.file")
    assert [(plan.language, plan.code) for plan in work.runner.plans] == [("r", "x = 1")]
