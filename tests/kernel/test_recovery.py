"""Kernels outlive the window and the keeper; the next window finds all that came meanwhile (PROMISES B1)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ide.core.errors import KernelError
from ide.core.runs import RunStatus
from ide.kernels import launches, platform
from ide.kernels.kernels import Kernels
from ide.kernels.records import KernelRecord, Limits
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import ROOT, Watcher, python_launch, r_launch

ALL = Limits(run_lines=10_000_000, run_characters=1 << 30)
LINES = 1_000_000


@dataclass
class Window:
    """A window process that can be killed."""

    process: subprocess.Popen[str]

    def wait_for(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first fact that it reports and that is wanted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            fact = json.loads(line)
            if is_wanted(fact):
                return dict(fact)
        raise AssertionError(f"the window ended with {self.process.wait()}")

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


OpenWindow = Callable[[str], Window]


@pytest.fixture
def open_window(runtime: Path, work: Path, open_kernels: OpenKernels, ui: FakeUiThread) -> Iterator[OpenWindow]:
    """Starts window processes; what they leave behind is ended after the test."""
    windows: list[Window] = []

    def make(code: str) -> Window:
        file = work / f"code-{len(windows)}.py"
        file.write_text(code)
        argv = [sys.executable, "-m", "tests.kernel.window", str(runtime), str(work), str(file)]
        windows.append(Window(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)))
        return windows[-1]

    yield make
    for window in windows:
        window.kill()
    kernels = open_kernels()
    for record in kernels.left_behind():
        kernels.discard(record)
    ui.pump_until(lambda: not kernels.left_behind())


def the_left_one(kernels: Kernels) -> KernelRecord:
    """The one kernel that was left behind."""
    (record,) = kernels.left_behind()
    return record


def attached(kernels: Kernels, ui: FakeUiThread, record: KernelRecord) -> Watcher:
    """A watcher of a kernel that was taken over."""
    return Watcher(kernels.attach(record), ui)


def has_ended(record: KernelRecord) -> bool:
    """Whether its process is gone."""
    return not platform.start_mark(record.pid)


def test_window_killed_during_a_run_loses_and_doubles_no_line(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    window = open_window(f"for number in range({LINES}): print(number)\nprint('done')")
    pid = window.wait_for(lambda fact: "pid" in fact)["pid"]
    shown = window.wait_for(lambda fact: fact.get("lines", 0) > 10_000)["lines"]
    window.kill()
    assert shown < LINES
    kernels = open_kernels(limits=ALL)
    record = the_left_one(kernels)
    assert (record.pid, record.name, record.environment, record.is_busy) == (pid, "Left behind", "Sample", True)
    watcher = attached(kernels, ui, record)
    watcher.wait(lambda: watcher.session.state == "busy" and watcher.outputs, what="the attachment")
    watcher.wait(lambda: watcher.session.runs and watcher.session.runs[0].status.is_final, timeout_s=60)
    run = watcher.session.runs[0]
    assert run.status is RunStatus.OK
    assert run.code.startswith("for number")
    assert watcher.text().splitlines() == [*map(str, range(LINES)), "done"]
    assert watcher.cuts() == []
    watcher.wait_state("idle")
    again = watcher.execute("print(number)")
    assert watcher.text(again.id) == f"{LINES - 1}\n"


def test_kernel_without_a_window_runs_on_and_its_end_is_told(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    code = "import os, time\nprint('before', flush=True)\ntime.sleep(1)\nprint('after', flush=True)\n"
    window = open_window(code + "time.sleep(0.3)\nos._exit(23)")
    window.wait_for(lambda fact: "lines" in fact)
    window.kill()
    kernels = open_kernels()
    left = the_left_one(kernels)
    ui.pump_until(lambda: the_left_one(kernels).exit_cause)
    cause = the_left_one(kernels).exit_cause
    assert cause is not None
    assert cause.exit_code == 23
    assert has_ended(left)
    watcher = attached(kernels, ui, the_left_one(kernels))
    watcher.wait_state("dead")
    assert watcher.text() == "before\nafter\n"
    assert watcher.session.cause == cause
    assert watcher.session.runs[0].status is RunStatus.DIED
    watcher.session.restart()
    watcher.wait_state("idle")
    assert watcher.execute("print('new')").status is RunStatus.OK


def test_dead_kernel_that_was_left_can_be_discarded(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path
) -> None:
    window = open_window("import os; os._exit(1)")
    window.wait_for(lambda fact: "pid" in fact)
    kernels = open_kernels()
    ui.pump_until(lambda: any(record.get("exit") for record in launches.records(runtime)))
    window.kill()
    kernels.discard(the_left_one(kernels))
    ui.pump_until(lambda: not kernels.left_behind())


def test_living_kernel_that_was_left_can_be_discarded(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    window = open_window("import time; time.sleep(600)")
    window.wait_for(lambda fact: "pid" in fact)
    window.kill()
    kernels = open_kernels()
    record = the_left_one(kernels)
    kernels.discard(record)
    ui.pump_until(lambda: not kernels.left_behind() and has_ended(record))


def test_kernels_of_a_living_window_are_not_offered(open_window: OpenWindow, open_kernels: OpenKernels) -> None:
    window = open_window("x = 1")
    window.wait_for(lambda fact: "pid" in fact)
    kernels = open_kernels()
    assert kernels.left_behind() == ()
    window.kill()
    assert len(kernels.left_behind()) == 1


def test_kernel_is_taken_by_one_window_only(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    window = open_window("x = 1")
    window.wait_for(lambda fact: "pid" in fact)
    window.kill()
    kernels = open_kernels()
    record = the_left_one(kernels)
    watcher = attached(kernels, ui, record)
    watcher.wait_state("idle")
    with pytest.raises(KernelError, match="not there any more"):
        open_kernels().attach(record)


def test_question_that_was_open_is_asked_again(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    window = open_window("answer = input('who? ')\nprint('hello', answer)")
    window.wait_for(lambda fact: "input" in fact)
    window.kill()
    kernels = open_kernels()
    watcher = attached(kernels, ui, the_left_one(kernels))
    watcher.wait(lambda: watcher.inputs)
    assert watcher.inputs[0].prompt == "who? "
    watcher.session.answer_input("Ada")
    watcher.wait_state("idle")
    assert watcher.text().endswith("hello Ada\n")


def test_kernels_left_on_purpose_are_offered_to_the_next_window(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    first = open_kernels()
    watcher = Watcher(first.start(python_launch(work), "Mine"), ui)
    watcher.wait_state("idle")
    watcher.execute("kept = 41")
    first.close(leave_kernels=True)
    second = open_kernels()
    again = attached(second, ui, the_left_one(second))
    again.wait_state("idle")
    assert [run.code for run in again.session.runs] == ["kept = 41"]
    run = again.execute("print(kept + 1)")
    assert again.text(run.id) == "42\n"


def test_killed_keeper_is_replaced_and_kernels_live_on(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels()
    watcher = Watcher(kernels.start(python_launch(work)), ui)
    watcher.wait_state("idle")
    watcher.execute("kept = 41")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    os.kill(keeper["pid"], signal.SIGKILL)
    run = watcher.execute("print(kept + 1)")
    assert watcher.text(run.id) == "42\n"

    def new_keeper() -> bool:
        found = launches.live_keeper(runtime)
        return found is not None and found["pid"] != keeper["pid"]

    watcher.wait(new_keeper)
    watcher.wait(lambda: launches.records(runtime)[0]["is_adopted"])
    loop = watcher.session.execute("while True: pass")
    watcher.wait(lambda: watcher.run(loop.id).execution_count is not None)
    watcher.session.interrupt()
    watcher.wait(lambda: watcher.run(loop.id).status is RunStatus.INTERRUPTED)
    os.kill(watcher.session.pid, signal.SIGKILL)
    watcher.wait_state("dead")
    assert watcher.session.cause is not None
    assert watcher.session.cause.kind == "unknown"
    watcher.session.restart()
    watcher.wait_state("idle")


def test_keeper_and_window_killed_together_leave_the_kernel(
    open_window: OpenWindow, open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path
) -> None:
    window = open_window("print('once'); kept = 41")
    window.wait_for(lambda fact: "lines" in fact)
    spool = next(runtime.glob("*/spool-000001.bin"))
    ui.pump_until(lambda: spool.read_bytes().count(b"once") == 2, what="code and output in the spool")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    os.kill(keeper["pid"], signal.SIGKILL)
    window.kill()
    kernels = open_kernels()
    watcher = attached(kernels, ui, the_left_one(kernels))
    watcher.wait_state("idle")
    run = watcher.execute("print(kept + 1)")
    assert watcher.text(run.id) == "42\n"
    assert watcher.text().count("once") == 1


def test_reused_pid_is_not_taken_for_the_kernel(open_kernels: OpenKernels, runtime: Path, work: Path) -> None:
    """A record that names this very test's pid, but another start: nobody may be killed or offered as running."""
    folder = runtime / "deadbeef"
    kernels = open_kernels()
    folder.mkdir(parents=True, mode=0o700)
    record = {
        **launches.start_request("deadbeef", python_launch(work), "Old", is_spare=False, settings={}),
        "state": "running",
        "pid": os.getpid(),
        "mark": "another",
        "generation": 1,
        "started_s": 1.0,
        "is_busy": True,
        "owner": {"pid": os.getpid(), "mark": "another"},
    }
    (folder / launches.RECORD).write_text(json.dumps(record))
    left = the_left_one(kernels)
    assert not left.is_busy
    assert left.exit_cause is not None
    assert left.exit_cause.kind == "unknown"
    kernels.discard(left)
    assert kernels.left_behind() == ()


def test_close_leaves_nothing(open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path) -> None:
    kernels = open_kernels()
    sessions = [kernels.start(python_launch(work)) for _ in range(2)]
    ui.pump_until(lambda: all(session.state == "idle" for session in sessions))
    sessions[0].execute("import time; time.sleep(600)")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    kernels.close()  # and waits for nobody who sleeps for ten minutes
    ui.pump_until(lambda: not runtime.exists() and not platform.start_mark(keeper["pid"]))


def test_close_while_starting_leaves_nothing(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels()
    kernels.start(python_launch(work))
    kernels.close()
    ui.pump_until(lambda: not runtime.exists())


def test_busy_r_kernel_is_attached_at_once(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    """R answers nothing while it is busy, neither on shell nor on control: the spool and the keeper must do.

    It stays busy until the next window is attached: a window that waited for R would never be.
    """
    first = open_kernels()
    watcher = Watcher(first.start(r_launch(work)), ui)
    watcher.wait_state("idle")
    attached_now = work / "attached"
    code = (
        "for (n in 1:20) { cat(n, '\\n'); flush.console() }\n"
        f"while (!file.exists('{attached_now}')) Sys.sleep(0.02)\ncat('on')\nkept <- 41"
    )
    run = watcher.session.execute(code)
    watcher.wait(lambda: "20 \n" in watcher.text())
    first.close(leave_kernels=True)
    second = open_kernels()
    again = attached(second, ui, the_left_one(second))
    again.wait(lambda: again.session.state == "busy" and "20 \n" in again.text(), what="the attachment")
    attached_now.touch()
    again.wait(lambda: again.session.runs and again.session.runs[0].status.is_final)
    assert (again.session.runs[0].id, again.session.runs[0].status) == (run.id, RunStatus.OK)
    assert again.text().split() == [*(str(number) for number in range(1, 21)), "on"]
    again.wait_state("idle")
    last = again.execute("cat(kept + 1)")
    assert again.text(last.id) == "42"


def test_stopped_processes_are_not_called_dead(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    """As after a sleep of the machine: kernel and keeper stand still for a while."""
    watcher = Watcher(open_kernels().start(python_launch(work)), ui)
    watcher.wait_state("idle")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    run = watcher.session.execute("import time; time.sleep(0.5); print('awake')")
    for pid in (watcher.session.pid, keeper["pid"]):
        os.kill(pid, signal.SIGSTOP)
    try:
        stopped = time.monotonic()
        watcher.wait(lambda: time.monotonic() - stopped > 3)
        assert watcher.session.state == "busy"
    finally:
        for pid in (keeper["pid"], watcher.session.pid):
            os.kill(pid, signal.SIGCONT)
    watcher.wait(lambda: watcher.run(run.id).status is RunStatus.OK)
    assert watcher.text(run.id) == "awake\n"
