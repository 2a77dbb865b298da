"""What a session does with real kernels: runs, outputs, questions, input."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.core.runs import CodeSource, RunStatus
from ide.kernels.records import CompleteReply, InspectReply, IsCompleteReply
from tests.kernel.kit import Watcher


def test_run_prints_and_returns_in_order(python: Watcher) -> None:
    run = python.execute("print('one'); print('two'); 6 * 7")
    assert run.status is RunStatus.OK
    assert run.execution_count == python.session.execution_count
    assert python.text(run.id) == "one\ntwo\n"
    assert [shown.data["text/plain"] for shown in python.displays()] == ["42"]
    assert python.displays()[0].execution_count == run.execution_count
    assert run.started_s is not None
    assert run.ended_s is not None
    assert run.ended_s >= run.started_s


def test_run_states_are_told_in_order(python: Watcher) -> None:
    run = python.execute("pass")
    seen = [changed.status for changed in python.runs if changed.id == run.id]
    assert list(dict.fromkeys(seen)) == [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.OK]
    assert python.states == ["busy", "idle"]


def test_error_becomes_a_failure(python: Watcher) -> None:
    run = python.execute("1 / 0")
    assert run.status is RunStatus.ERROR
    assert run.error is not None
    assert run.error.name == "ZeroDivisionError"
    assert [failure.name for failure in python.failures()] == ["ZeroDivisionError"]
    assert python.failures()[0].traceback


def test_runs_behind_a_failed_one_are_told_as_not_run(python: Watcher) -> None:
    python.session.execute("import time; time.sleep(0.3); raise ValueError('x')")
    second, third = python.session.execute("print('never')"), python.session.execute("print('nor this')")
    python.wait(lambda: python.run(third.id).status.is_final)
    assert python.run(second.id).status is RunStatus.INTERRUPTED
    error = python.run(second.id).error
    assert error is not None
    assert error.name == "Aborted"
    assert python.text(second.id) == ""
    assert python.execute("print('again')").status is RunStatus.OK


def test_silent_run_leaves_no_trace_in_count_and_history(python: Watcher) -> None:
    count = python.session.execution_count
    run = python.execute("hidden = 1", silent=True)
    assert run.status is RunStatus.OK
    assert python.session.execution_count == count


def test_messages_for_the_console_are_whole(python: Watcher) -> None:
    run = python.execute("print('x')")
    told = [message for message in python.messages if message.parent_id == run.id]
    published = [message.type for message in told if message.channel == "iopub"]
    assert published[0] == published[-1] == "status"
    assert {"execute_input", "stream"} <= set(published)
    # Comes by a socket of its own, so it has no place in the order of the others.
    reply = next(message for message in python.messages if message.type == "execute_reply")
    assert reply.channel == "shell"
    assert reply.to_dict()["content"]["status"] == "ok"


def test_own_questions_are_no_messages_for_others(python: Watcher) -> None:
    answers: list[object] = []
    python.session.complete("imp", 3, answers.append)
    python.wait(lambda: answers)
    assert isinstance(answers[0], CompleteReply)
    assert "import" in answers[0].matches
    assert (answers[0].first, answers[0].end) == (0, 3)
    assert python.messages == []
    assert python.states == []


def test_questions_are_answered(python: Watcher) -> None:
    python.execute("history_mark = 'x'")
    answers: dict[str, object] = {}
    python.session.inspect("len", 3, 0, lambda reply: answers.update(inspect=reply))
    python.session.is_complete("for i in x:", lambda reply: answers.update(whole=reply))
    python.session.history(1, lambda reply: answers.update(history=reply))
    python.wait(lambda: len(answers) == 3)
    assert isinstance(answers["inspect"], InspectReply)
    assert "Signature" in str(answers["inspect"].data["text/plain"])
    assert answers["whole"] == IsCompleteReply("incomplete", "    ")
    assert answers["history"] == ("history_mark = 'x'",)


def test_cancelled_question_is_not_answered(python: Watcher) -> None:
    answers: list[object] = []
    cancel = python.session.complete("imp", 3, answers.append)
    cancel()
    python.execute("pass")
    assert answers == []


def test_input_is_asked_and_answered(python: Watcher) -> None:
    run = python.session.execute("name = input('who? ')\nprint('hello', name)")
    python.wait(lambda: python.inputs)
    assert python.session.state == "waiting"
    assert (python.inputs[0].prompt, python.inputs[0].is_password) == ("who? ", False)
    python.session.answer_input("Ada")
    python.wait_state("idle")
    assert python.text(run.id) == "hello Ada\n"


def test_password_is_asked_masked_and_kept_nowhere(python: Watcher) -> None:
    python.session.execute("import getpass; secret = getpass.getpass('pw: ')")
    python.wait(lambda: python.inputs)
    assert python.inputs[0].is_password
    python.session.answer_input("hunter2-secret")
    python.wait_state("idle")
    assert python.execute("print(len(secret))").status is RunStatus.OK
    assert python.text() == "14\n"
    answers: list[tuple[str, ...] | None] = []
    python.session.history(50, answers.append)
    python.wait(lambda: answers)
    assert answers[0] is not None
    assert not any("hunter2-secret" in entry for entry in answers[0])
    held = [path.name for path in runtime_files(python) if path.is_file() and b"hunter2-secret" in path.read_bytes()]
    assert held == []


def test_what_the_process_prints_itself_is_shown(r: Watcher) -> None:
    run = r.execute('system("echo from the process; sleep 0.7")')
    r.wait(lambda: "from the process" in r.text())
    assert run.status is RunStatus.OK


def test_r_interrupt_ends_the_run_and_the_next_one_works(r: Watcher) -> None:
    run = r.session.execute("cat('at work'); flush.console(); for (i in 1:600) Sys.sleep(0.1)")
    r.wait(lambda: "at work" in r.text())  # a signal that meets IRkernel before may end R
    r.session.interrupt()
    r.wait_state("idle")
    assert r.run(run.id).status is RunStatus.INTERRUPTED
    assert r.execute("cat(1 + 1)").status is RunStatus.OK
    assert r.text().endswith("2")


def test_r_error_and_readline(r: Watcher) -> None:
    run = r.execute("stop('no')")
    assert run.status is RunStatus.ERROR
    asked = r.session.execute("x <- readline('who? '); cat('hello', x)")
    r.wait(lambda: r.inputs)
    assert r.inputs[0].prompt == "who? "
    r.session.answer_input("Ada")
    r.wait_state("idle")
    assert r.text(asked.id) == "hello Ada"


def test_r_queue_behind_an_error_is_told_as_not_run(r: Watcher) -> None:
    r.session.execute("Sys.sleep(0.3); stop('x')")
    second = r.session.execute("cat('never')")
    r.wait(lambda: r.run(second.id).status.is_final)
    assert r.run(second.id).status is RunStatus.INTERRUPTED
    assert r.text(second.id) == ""


def runtime_files(watcher: Watcher) -> list[Path]:
    """All that is written down about a kernel: spool, records, its own prints."""
    kept = watcher.session.full_output(watcher.session.runs[-1].id)
    assert kept is not None
    return list(kept.parent.iterdir())


@pytest.mark.parametrize("count", [1, 30])
def test_many_figures_of_one_run_arrive_as_many(python: Watcher, count: int) -> None:
    code = f"from IPython.display import display\nfor i in range({count}): display({{'image/png': b'x'}}, raw=True)"
    run = python.execute(code)
    assert sum(run.id == owner for owner, _ in python.outputs) == count


def test_source_of_a_run_is_kept(python: Watcher) -> None:
    source = CodeSource("doc-1", None, 7, "Cell 2")
    run = python.session.execute("pass", source=source)
    python.wait(lambda: python.run(run.id).status.is_final)
    assert python.run(run.id).source == source
