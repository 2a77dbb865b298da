"""The pool."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from ide.qt.post import UiThread
from ide.qt.tasks import Task, Tasks

ExpectLog = Callable[[str], None]


def never(error: object) -> None:
    """What must not be called."""
    pytest.fail(f"called with {error!r}")


def _begin_and_wait(begun: threading.Event, go: threading.Event) -> bool:
    begun.set()
    return go.wait(20)


@pytest.fixture
def tasks(qapp: object) -> Iterator[Tasks]:
    ui = UiThread()
    pool = Tasks(ui.post)
    yield pool
    pool.close()
    ui.close()
    pool.deleteLater()
    ui.deleteLater()


def test_run_answers_on_the_ui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    answers: list[tuple[int, bool]] = []
    main = threading.get_ident()
    tasks.run(threading.get_ident, lambda worker: answers.append((worker, threading.get_ident() == main)), never)
    qtbot.waitUntil(lambda: bool(answers), timeout=5_000)
    assert answers[0][0] != main
    assert answers[0][1]


def test_run_of_work_that_raises_calls_failed(tasks: Tasks, qtbot: QtBot) -> None:
    problems: list[Exception] = []
    tasks.run(lambda: 1 // 0, lambda _value: pytest.fail("no value"), problems.append)
    qtbot.waitUntil(lambda: bool(problems), timeout=5_000)
    assert isinstance(problems[0], ZeroDivisionError)


def test_cancel_drops_the_answer_and_tells_the_work(tasks: Tasks, qtbot: QtBot) -> None:
    begun, seen = threading.Event(), []

    def work(task: Task) -> str:
        begun.set()
        while not task.is_cancelled:
            begun.wait(0.001)
        seen.append("cancelled")
        return "late"

    task = tasks.submit(work, lambda _value: pytest.fail("dropped"), lambda _error: pytest.fail("dropped"))
    assert begun.wait(5)
    with qtbot.waitSignal(task.ended, timeout=5_000):
        task.cancel()
    assert seen == ["cancelled"]
    assert tasks.open == ()


def test_report_reaches_the_ui_thread_with_the_newest_state(tasks: Tasks, qtbot: QtBot) -> None:
    steps: list[tuple[str, int, int]] = []

    def work(task: Task) -> None:
        for done in range(1000):
            task.report("Counting", done + 1, 1000)

    task = tasks.submit(work, lambda _none: None, never, title="Count")
    task.progressed.connect(lambda *step: steps.append(step))
    with qtbot.waitSignal(task.ended, timeout=5_000):
        pass
    assert steps[-1] == ("Counting", 1000, 1000)
    assert len(steps) <= 1000


def test_close_waits_for_running_work_and_runs_no_answer(tasks: Tasks) -> None:
    begun, go = threading.Event(), threading.Event()
    tasks.run(partial(_begin_and_wait, begun, go), lambda _value: pytest.fail("closed"), never)
    assert begun.wait(5)
    go.set()
    tasks.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pool-")]


def test_close_does_not_wait_for_ever_and_says_so(tasks: Tasks, expected_log: ExpectLog) -> None:
    expected_log(r"WARNING ide\.qt\.tasks: work did not end")
    begun, go = threading.Event(), threading.Event()
    tasks.run(partial(_begin_and_wait, begun, go), lambda _value: None, lambda _error: None)
    assert begun.wait(5)
    tasks.close(timeout_s=0.05)
    go.set()


def test_submit_after_close_does_nothing(tasks: Tasks) -> None:
    tasks.close()
    task = tasks.submit(lambda _task: 1, lambda _value: pytest.fail("closed"), lambda _error: None)
    assert task.is_cancelled
