"""What becomes of runs, told from the kernel's messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ide.core.runs import CodeSource, Run, RunStatus
from ide.kernels.run_book import KEPT_RUNS, RunBook, source_from, source_header
from ide.kernels.wire import Message


def message(kind: str, parent: str = "run", at_s: float = 1.0, *, is_replay: bool = False, **content: Any) -> Message:
    """One message about a run."""
    channel = "shell" if kind.endswith("_reply") else "iopub"
    return Message(channel, kind, "m", parent, content, received_s=at_s, is_replay=is_replay)


def book_with(*ids: str) -> RunBook:
    """A book with queued runs."""
    book = RunBook("session")
    for name in ids:
        book.add(Run(name, "session", "code"))
    return book


def told(book: RunBook, *messages: Message) -> Run:
    """The run after these messages."""
    for each in messages:
        book.take(each)
    run = book.get("run")
    assert run is not None
    return run


BUSY = message("status", execution_state="busy")
IDLE = message("status", execution_state="idle", at_s=3.0)
INPUT = message("execute_input", execution_count=7, code="code", at_s=2.0)
OK = message("execute_reply", status="ok", execution_count=7)
ERROR = message("error", ename="ValueError", evalue="no", traceback=["line"])
ERROR_REPLY = message("execute_reply", status="error", ename="ValueError", evalue="no", traceback=[])


def test_run_ends_when_it_is_idle_and_answered_in_either_order() -> None:
    for order in ((BUSY, INPUT, OK, IDLE), (BUSY, INPUT, IDLE, OK)):
        book = book_with("run")
        assert told(book, *order[:3]).status is RunStatus.RUNNING
        assert book.is_settling("run")
        run = told(book, order[3])
        assert (run.status, run.execution_count, run.started_s) == (RunStatus.OK, 7, 1.0)
        assert book.open == ()


def test_failed_run_keeps_its_error() -> None:
    run = told(book_with("run"), BUSY, INPUT, ERROR, ERROR_REPLY, IDLE)
    assert run.status is RunStatus.ERROR
    assert run.error is not None
    assert (run.error.name, run.error.message, run.error.traceback) == ("ValueError", "no", ("line",))


def test_error_told_by_the_reply_alone_counts() -> None:
    run = told(book_with("run"), BUSY, ERROR_REPLY, IDLE)
    assert run.status is RunStatus.ERROR
    assert run.error is not None


@pytest.mark.parametrize("word", ["abort", "aborted"])
def test_aborted_run_was_not_run(word: str) -> None:
    run = told(book_with("run"), message("execute_reply", status=word))
    assert run.status is RunStatus.INTERRUPTED
    assert run.error is not None
    assert run.error.name == "Aborted"


def test_abort_of_a_run_that_was_interrupted_is_no_error() -> None:
    book = book_with("run")
    told(book, BUSY, INPUT)
    book.note_interrupt()
    run = told(book, message("execute_reply", status="abort"))
    assert (run.status, run.error) == (RunStatus.INTERRUPTED, None)


def test_error_after_an_interrupt_counts_as_interrupted() -> None:
    book = book_with("run")
    told(book, BUSY, INPUT)
    book.note_interrupt()
    assert told(book, ERROR, ERROR_REPLY, IDLE).status is RunStatus.INTERRUPTED


def test_interrupted_run_that_ends_well_is_ok() -> None:
    book = book_with("run")
    told(book, BUSY, INPUT)
    book.note_interrupt()
    assert told(book, OK, IDLE).status is RunStatus.OK


def test_replayed_run_of_another_window_is_known_and_ends_without_reply() -> None:
    book = RunBook("session")
    source = {**source_header(CodeSource("d", Path("/a.py"), 3, "t")), "username": "fourpane"}
    begun = Message("iopub", "execute_input", "m", "run", {"code": "x", "execution_count": 2}, parent=source)
    book.take(begun)
    run = told(book, message("status", execution_state="idle", is_replay=True))
    assert (run.status, run.code, run.execution_count) == (RunStatus.OK, "x", 2)
    assert run.source == CodeSource("d", Path("/a.py"), 3, "t")


def test_lost_end_can_be_given_up() -> None:
    book = book_with("run")
    told(book, BUSY, ERROR)
    assert book.give_up("run", 9.0).status is RunStatus.ERROR


def test_settled_run_ends_with_what_is_known() -> None:
    book = book_with("run")
    assert book.settle("run", 1.0) is None
    told(book, BUSY, IDLE)
    settled = book.settle("run", 5.0)
    assert settled is not None
    assert (settled.status, settled.ended_s) == (RunStatus.OK, 5.0)
    assert book.settle("run", 6.0) is None


def test_all_open_runs_end_with_the_kernel() -> None:
    book = book_with("run", "behind")
    told(book, BUSY)
    assert [run.status for run in book.end_all(RunStatus.DIED, 2.0)] == [RunStatus.DIED] * 2
    assert told(book, OK, IDLE).status is RunStatus.DIED


def test_messages_about_nothing_change_nothing() -> None:
    book = book_with("run")
    for each in (message("status", "other"), message("execute_reply", "other"), message("status"), message("stream")):
        assert book.take(each) is None
    assert told(book).status is RunStatus.QUEUED


def test_only_the_last_runs_are_kept_and_no_open_one_is_dropped() -> None:
    book = book_with("open")
    for number in range(KEPT_RUNS + 50):
        book.add(Run(f"r{number}", "session", "", status=RunStatus.OK))
    assert len(book.all) == KEPT_RUNS
    assert book.get("open") is not None


def test_source_survives_the_way_through_a_kernel() -> None:
    source = CodeSource("doc", Path("/x/a.py"), 12, "Cell 3")
    assert source_from({**source_header(source), "username": "fourpane"}) == source
    assert source_from(source_header(source)) is None
    assert source_header(None) == {}
