"""Kernels that die, never begin, or do not listen: each is told with its cause, and nothing is run again by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.environment import Environment, LaunchSpec
from ide.core.errors import KernelError
from ide.core.runs import RunStatus
from ide.kernels.records import Limits
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import Watcher, python_launch, r_launch, script_launch

Start = Callable[..., Watcher]
QUICK = Limits(slow_start_s=1.0, interrupt_s=1.0)


def test_exit_code_of_a_kernel_that_ends_itself_is_told(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    waiting = watcher.session.execute("import os, time; time.sleep(0.2); os._exit(41)")
    behind = watcher.session.execute("print('never')")
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert (cause.kind, cause.exit_code, cause.signal) == ("exit", 41, "")
    assert "41" in cause.text
    assert watcher.run(waiting.id).status is RunStatus.DIED
    assert watcher.run(behind.id).status is RunStatus.DIED
    with pytest.raises(KernelError, match="nothing was run"):
        watcher.session.execute("1")


def test_signal_of_a_killed_kernel_is_told_without_blaming_memory(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    os.kill(watcher.session.pid, signal.SIGKILL)
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert (cause.kind, cause.signal, cause.exit_code, cause.is_out_of_memory) == ("signal", "SIGKILL", None, False)
    assert "often memory ran out" in cause.text


def test_crash_of_a_kernel_is_told_with_what_it_printed_last(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    watcher.session.execute("import ctypes, os; os.write(2, b'last words\\n'); ctypes.string_at(0)")
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert cause.signal == "SIGSEGV"
    assert any("last words" in line for line in cause.stderr_lines)


def test_output_before_the_death_is_whole(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    code = "import os, sys, time\nfor i in range(20000): print(i)\nsys.stdout.flush(); time.sleep(0.3); os._exit(1)"
    run = watcher.session.execute(code)
    watcher.wait_state("dead")
    assert watcher.text(run.id).splitlines() == [str(number) for number in range(20000)]


def test_dead_session_can_be_restarted_and_runs_nothing_again(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    watcher.session.execute(f"open({str(work / 'mark')!r}, 'a').write('x'); import os; os._exit(1)")
    watcher.session.execute(f"open({str(work / 'mark')!r}, 'a').write('y')")
    watcher.wait_state("dead")
    watcher.session.restart()
    watcher.wait_state("idle")
    assert watcher.execute("print('new')").status is RunStatus.OK
    assert (work / "mark").read_text() == "x"
    assert watcher.session.cause is None


def test_r_that_quits_is_told(start: Start, work: Path) -> None:
    watcher = start(r_launch(work))
    watcher.session.execute("tools::pskill(Sys.getpid(), 15)")
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert cause.signal == "SIGTERM" or cause.exit_code is not None


def test_kernel_that_dies_at_start_is_told_with_its_own_words(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    watcher = Watcher(open_kernels().start(script_launch("dies_at_start", work)), ui)
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert (cause.kind, cause.exit_code) == ("start", 3)
    assert cause.stderr_lines[-1] == "ImportError: libbroken.so: cannot open shared object file"


def test_program_that_is_no_kernel_is_told_with_what_it_printed(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    watcher = Watcher(open_kernels().start(script_launch("prints_garbage", work)), ui)
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert (cause.kind, cause.exit_code) == ("start", 0)
    assert "garbage" in cause.stderr_lines[-1]


def test_missing_program_is_named(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    launch = LaunchSpec(Environment("gone", "Gone", "python", "venv"), ("/no/such/python", "{connection_file}"), work)
    watcher = Watcher(open_kernels().start(launch), ui)
    run = watcher.session.execute("1")
    watcher.wait_state("dead")
    cause = watcher.session.cause
    assert cause is not None
    assert cause.kind == "start"
    assert "/no/such/python" in cause.text
    assert watcher.run(run.id).status is RunStatus.DIED


def test_missing_working_folder_is_named(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    launch = replace(python_launch(work), working_folder=work / "gone")
    watcher = Watcher(open_kernels().start(launch), ui)
    watcher.wait_state("dead")
    assert watcher.session.cause is not None
    assert str(work / "gone") in watcher.session.cause.text


def test_kernel_that_never_answers_is_told_and_still_waited_for(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    watcher = Watcher(open_kernels(limits=QUICK).start(script_launch("never_answers", work)), ui)
    watcher.wait(lambda: watcher.session.trouble)
    trouble = watcher.session.trouble
    assert trouble is not None
    assert "loading something large" in trouble.text
    assert trouble.action == "session.restart"
    assert watcher.session.state == "starting"
    watcher.session.kill()
    watcher.wait_state("dead")


def test_malformed_and_forged_messages_are_refused(start: Start, work: Path) -> None:
    watcher = start(script_launch("real", work, "malformed"))
    run = watcher.execute("print('good')")
    assert run.status is RunStatus.OK
    assert watcher.text() == "good\n"
    watcher.execute("print('again')")
    assert watcher.text() == "good\nagain\n"
    assert watcher.session.trouble is not None
    assert "cannot read" in watcher.session.trouble.text


def test_ignored_interrupt_is_told_and_kills_nothing(start: Start, work: Path) -> None:
    watcher = start(script_launch("real", work, "ignore_interrupt"), QUICK)
    watcher.session.execute("import time\nwhile True: time.sleep(0.05)")
    watcher.wait(lambda: any(run.status is RunStatus.RUNNING for run in watcher.session.runs))
    watcher.session.interrupt()
    watcher.wait(lambda: watcher.session.interrupt_ignored)
    trouble = watcher.session.trouble
    assert trouble is not None
    assert trouble.action == "session.restart"
    assert watcher.session.state == "interrupting"
    watcher.session.interrupt()
    watcher.ui.pump(0.3)
    assert watcher.session.state == "interrupting"
    watcher.session.restart()
    watcher.wait_state("idle")
    assert not watcher.session.interrupt_ignored
    assert watcher.session.trouble is None
    assert watcher.execute("print(1)").status is RunStatus.OK


@pytest.mark.parametrize(
    "code", ["while True: pass", "input('? ')", "import subprocess; subprocess.run(['sleep', '600'])"]
)
def test_interrupt_stops_what_runs(python: Watcher, code: str) -> None:
    run = python.session.execute(code)
    python.wait_state("waiting" if "input" in code else "busy")
    python.wait(lambda: python.run(run.id).execution_count is not None)
    python.session.interrupt()
    python.wait(lambda: python.run(run.id).status.is_final)
    assert python.run(run.id).status is RunStatus.INTERRUPTED
    python.wait_state("idle")


def test_kernel_that_does_not_shut_down_is_ended(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    kernels = open_kernels()
    watcher = Watcher(kernels.start(script_launch("real", work, "no_shutdown")), ui)
    watcher.wait_state("idle")
    pid = watcher.session.pid
    kernels.close()
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_restart_during_restart_is_one_restart(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    before = watcher.session.pid
    for _ in range(5):
        watcher.session.restart()
        watcher.ui.pump(0.02)
    watcher.wait_state("idle")
    assert watcher.session.pid != before
    assert watcher.states.count("restarting") == 1
    assert watcher.execute("print('alive')").status is RunStatus.OK


def test_code_sent_while_restarting_runs_in_the_new_kernel_only(start: Start, work: Path) -> None:
    watcher = start(python_launch(work))
    watcher.execute("old = 1")
    running = watcher.session.execute("import time; time.sleep(60)")
    watcher.wait(lambda: watcher.run(running.id).status is RunStatus.RUNNING)
    watcher.session.restart()
    assert watcher.run(running.id).status is RunStatus.INTERRUPTED
    run = watcher.execute("print('old' in globals())")
    assert watcher.text(run.id) == "False\n"


def test_shut_down_removes_the_session(open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path) -> None:
    kernels = open_kernels()
    watcher = Watcher(kernels.start(python_launch(work)), ui)
    watcher.wait_state("idle")
    removed: list[object] = []
    kernels.session_removed.connect(removed.append)
    watcher.session.shut_down()
    watcher.wait(lambda: removed)
    assert removed == [watcher.session]
    assert kernels.sessions == ()
    assert watcher.session.state == "dead"
    assert not (runtime / watcher.session.id).exists()
