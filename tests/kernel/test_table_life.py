"""What becomes of an open table while its kernel runs code, changes the object, sorts for long, restarts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ide.core.runs import RunStatus
from ide.core.table import Page, SortKey, TableError, ViewSpec, ViewState
from ide.kernels.table_source import KernelTableSource
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import Gate, Watcher, agent_of, python_launch, r_launch

LIMIT_S = 120.0
FRAMES = {
    "python": "import pandas as pd\ndf = pd.DataFrame({'n': range(5), 'x': [0.5] * 5})",
    "r": "df <- data.frame(n = 0:4, x = rep(0.5, 5))",
}
CHANGES = {
    "python": ("df['n'] = df['n'] * 2", "df['new'] = 'a'", "del df"),
    "r": ("df$n <- df$n * 2L", "df$new <- 'a'", "rm(df)"),
}


class Open:
    """A table of a fresh kernel, and all that its source says."""

    def __init__(self, watcher: Watcher, code: str) -> None:
        self.watcher = watcher
        assert watcher.execute(code, LIMIT_S).status is RunStatus.OK
        opened: list[KernelTableSource] = []
        self.failed: list[TableError] = []
        KernelTableSource.open_table(watcher.session, ["df"], opened.append, self.failed.append)
        watcher.wait(lambda: opened or self.failed, LIMIT_S)
        assert self.failed == []
        self.source = opened[0]
        self.changes: list[str] = []
        self.source.changed.connect(self.changes.append)

    def page(self, view: int = 0, first: int = 0, end: int = 5) -> Page | TableError:
        """The column n of some rows, or why not."""
        heard: list[Any] = []
        self.source.page(view, first, end, [0], heard.append, heard.append)
        self.watcher.wait(lambda: heard, LIMIT_S, "a page")
        found: Page | TableError = heard[0]
        return found

    def numbers(self, view: int = 0, first: int = 0, end: int = 5) -> list[Any]:
        """The same as values."""
        page = self.page(view, first, end)
        assert isinstance(page, Page), page
        return [page.cells[0].value(row) for row in range(page.end - page.first)]

    def wait_for(self, change: str) -> None:
        """Until the source has said so."""
        self.watcher.wait(lambda: change in self.changes, LIMIT_S, f"the change {change!r}")


@pytest.fixture
def open_table(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> Callable[..., Open]:
    """Starts a kernel of a language and opens its `df`."""

    def make(language: str, code: str = "") -> Open:
        launch = python_launch(work) if language == "python" else r_launch(work)
        watcher = Watcher(open_kernels(agent_of=agent_of).start(launch), ui)
        watcher.wait(lambda: watcher.session.has_agent, LIMIT_S, "the agent")
        if language == "python":
            watcher.wait(lambda: watcher.session._watch.is_answering, LIMIT_S, "the agent's socket")
        return Open(watcher, code or FRAMES[language])

    return make


@pytest.mark.parametrize("language", ["python", "r"])
def test_the_viewer_follows_its_object(open_table: Callable[..., Open], language: str) -> None:
    table = open_table(language)
    assert table.numbers() == [0, 1, 2, 3, 4]
    data, schema, gone = CHANGES[language]
    table.watcher.execute(data)
    table.wait_for("data")
    assert table.source.info.version > 0
    assert table.numbers() == [0, 2, 4, 6, 8]
    table.watcher.execute(schema)
    table.wait_for("schema")
    assert table.source.info.column_count == 3
    table.watcher.execute(gone)
    table.wait_for("gone")
    assert isinstance(table.page(), TableError)
    before = len(table.changes)
    table.watcher.execute(FRAMES[language])
    table.watcher.wait(lambda: {"data", "schema"} & set(table.changes[before:]), LIMIT_S, "the object's return")
    assert table.numbers() == [0, 1, 2, 3, 4]
    assert table.source.info.column_count == 2
    table.source.close()


@pytest.mark.parametrize("language", ["python", "r"])
def test_a_restart_loses_the_table_for_good(open_table: Callable[..., Open], language: str) -> None:
    table = open_table(language)
    table.watcher.session.restart()
    assert table.changes == ["gone"]
    table.watcher.wait(lambda: table.watcher.session.has_agent, LIMIT_S, "the agent")
    other = Open(table.watcher, FRAMES[language])
    error = table.page()
    assert isinstance(error, TableError)
    assert "restarted" in error.happened
    assert other.numbers() == [0, 1, 2, 3, 4]
    table.source.close()
    assert other.numbers() == [0, 1, 2, 3, 4], "closing the lost one touches no other"
    other.source.close()


def test_pages_come_from_a_busy_python(open_table: Callable[..., Open]) -> None:
    table = open_table("python")
    run = table.watcher.session.execute("import time\n_end = time.time() + 60\nwhile time.time() < _end: pass")
    table.watcher.wait(lambda: table.watcher.run(run.id).status is RunStatus.RUNNING)
    assert table.numbers() == [0, 1, 2, 3, 4]
    assert not table.source.is_busy
    assert table.changes == []
    table.watcher.session.interrupt()
    table.watcher.wait_state("idle", LIMIT_S)
    table.source.close()


def test_a_step_that_lets_no_thread_in_is_said_and_waited_for(open_table: Callable[..., Open], work: Path) -> None:
    table = open_table("python")
    gate = Gate(work)
    table.watcher.session.execute(gate.locked_code)
    table.watcher.wait(lambda: gate.is_reached, LIMIT_S)
    heard: list[Any] = []
    table.source.page(0, 0, 5, [0], heard.append, heard.append)
    table.wait_for("busy")
    assert heard == []
    gate.open()
    table.watcher.wait(lambda: heard, LIMIT_S, "the page")
    assert [heard[0].cells[0].value(row) for row in range(5)] == [0, 1, 2, 3, 4]
    table.watcher.wait_state("idle", LIMIT_S)
    table.watcher.wait(lambda: not table.source.is_busy, LIMIT_S)
    assert table.changes in (["busy", "free"], ["busy", "free", "data"])
    table.source.close()


def test_r_is_busy_while_it_works_and_answers_afterwards(open_table: Callable[..., Open]) -> None:
    table = open_table("r")
    heard: list[Any] = []
    run = table.watcher.session.execute("Sys.sleep(1.5)")
    assert table.source.is_busy
    table.source.page(0, 0, 5, [0], heard.append, heard.append)()
    assert table.numbers() == [0, 1, 2, 3, 4]
    assert table.watcher.run(run.id).status is RunStatus.OK
    assert heard == []
    table.wait_for("free")
    assert table.changes[0] == "busy"
    table.source.close()


def test_r_answers_after_an_error_behind_which_others_waited(open_table: Callable[..., Open]) -> None:
    """IRkernel may abort what waits behind a failed run; a page that was asked for then still comes."""
    table = open_table("r")
    for code in ("Sys.sleep(0.3); stop('no')", "1"):
        table.watcher.session.execute(code)
    assert table.numbers() == [0, 1, 2, 3, 4]
    table.watcher.session.execute("cat('at work'); flush.console(); repeat Sys.sleep(0.1)")
    table.watcher.wait(lambda: "at work" in table.watcher.text(), LIMIT_S)
    table.watcher.session.interrupt()
    assert table.numbers() == [0, 1, 2, 3, 4]
    table.source.close()


def test_a_large_sort_shows_its_first_rows_and_then_all(open_table: Callable[..., Open]) -> None:
    rows = 3_000_000
    table = open_table(
        "python", f"import numpy as np, pandas as pd\ndf = pd.DataFrame({{'n': np.arange({rows})[::-1].copy()}})"
    )
    states: list[ViewState] = []
    failed: list[TableError] = []
    run = table.watcher.session.execute("import time\n_end = time.time() + 3\nwhile time.time() < _end: pass")
    table.watcher.wait(lambda: table.watcher.run(run.id).status is RunStatus.RUNNING)
    table.source.view(1, ViewSpec((SortKey(0),)), states.append, failed.append)
    table.watcher.wait(lambda: failed or (states and states[-1].is_ready), LIMIT_S, "the whole order")
    assert failed == []
    assert [state.row_count for state in states] == [rows, rows]
    assert 0 < states[0].ready_rows < rows
    assert table.numbers(1) == [0, 1, 2, 3, 4]
    assert table.numbers(1, rows - 3, rows) == [rows - 3, rows - 2, rows - 1]
    table.source.close()
