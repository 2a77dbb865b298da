"""Starting kernels: prestarted, spare, several at once; the agents in them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ide.core.language import AgentSource
from ide.core.runs import RunStatus
from ide.kernels import launches
from ide.kernels.prestart import prestart
from ide.kernels.records import Answer, Limits
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import ROOT, Gate, Watcher, agent_of, python_launch, r_launch

Start = Callable[..., Watcher]


def watched(kernels: object, session: object, ui: FakeUiThread) -> Watcher:
    """A watcher of a new session that is idle."""
    watcher = Watcher(session, ui)  # type: ignore[arg-type]  # a Session
    watcher.wait_state("idle")
    return watcher


def test_prestarted_kernel_is_taken(open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path) -> None:
    launch = python_launch(work)
    kernel_id = prestart(runtime, launch, Limits().for_keeper())
    kernels = open_kernels()
    session = kernels.start(launch, "First", prestarted=kernel_id)
    watcher = Watcher(session, ui)
    watcher.wait_state("idle")
    assert (session.id, session.name) == (kernel_id, "First")
    assert [record["id"] for record in launches.records(runtime)] == [kernel_id]
    assert watcher.execute("print('ready')").status is RunStatus.OK


def test_prestart_needs_the_standard_library_only() -> None:
    names = "('zmq', 'jupyter_client', 'asyncio', 'PySide6')"
    code = f"import sys, ide.kernels.prestart; print([m for m in {names} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_kernels_leaves_sockets_to_the_io_thread() -> None:
    code = "import sys, ide.kernels.kernels; print([m for m in ('zmq', 'jupyter_client') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_second_prestart_hands_its_kernel_to_the_first_keeper(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels()
    first = Watcher(kernels.start(python_launch(work)), ui)
    first.wait_state("idle")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    kernel_id = prestart(runtime, python_launch(work))
    second = Watcher(kernels.start(python_launch(work), prestarted=kernel_id), ui)
    second.wait_state("idle")
    assert launches.live_keeper(runtime) == keeper


def test_prestarted_kernel_that_nobody_takes_ends_with_its_window(runtime: Path, work: Path, ui: FakeUiThread) -> None:
    """A window that dies at once: the keeper sees to its kernel, here at once because the limit is 0."""
    code = (
        "import sys; from pathlib import Path; from tests.kernel.kit import python_launch;"
        "from ide.kernels.prestart import prestart;"
        "print(prestart(Path(sys.argv[1]), python_launch(Path(sys.argv[2])), {'idle_limit_s': 0}))"
    )
    subprocess.run([sys.executable, "-c", code, str(runtime), str(work)], cwd=ROOT, check=True, capture_output=True)
    ui.pump_until(lambda: not runtime.exists())


def test_spare_kernel_is_taken_at_once_and_replaced(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels()
    launch = python_launch(work)
    kernels.keep_spare(launch)
    ui.pump_until(lambda: any(record["is_spare"] and record.get("is_heard") for record in launches.records(runtime)))
    assert [*kernels.sessions, *kernels.left_behind()] == []
    spare = launches.records(runtime)[0]
    ui.pump(0.2)
    session = kernels.start(launch, "Quick")
    watcher = Watcher(session, ui)
    assert session.id == spare["id"]
    assert list(kernels.sessions) == [session]
    watcher.wait_state("idle")
    assert watcher.execute("print(1)").status is RunStatus.OK
    ui.pump_until(lambda: sum(record["is_spare"] for record in launches.records(runtime)) == 1)
    ui.pump_until(lambda: [r["name"] for r in launches.records(runtime) if not r["is_spare"]] == ["Quick"])
    kernels.leave("another environment")
    assert sum(record["is_spare"] for record in launches.records(runtime)) == 1
    kernels.leave(launch.environment.id)
    ui.pump_until(lambda: not any(record["is_spare"] for record in launches.records(runtime)))
    assert session.state == "idle"


def test_spare_kernel_of_another_launch_is_not_taken(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels()
    kernels.keep_spare(python_launch(work))
    ui.pump_until(lambda: launches.records(runtime))
    session = kernels.start(python_launch(work, OTHER="1"))
    assert session.id != launches.records(runtime)[0]["id"]
    watched(kernels, session, ui)


def test_two_sessions_do_not_take_each_others_replies(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    kernels = open_kernels()
    watchers = [Watcher(kernels.start(python_launch(work)), ui) for _ in range(2)]
    assert [watcher.session.name for watcher in watchers] == ["Sample", "Sample 2"]
    for watcher in watchers:
        watcher.wait_state("idle")
    runs = [watcher.session.execute(f"print({number})") for number, watcher in enumerate(watchers)]
    for number, watcher in enumerate(watchers):
        watcher.wait(lambda: watcher.run(runs[number].id).status.is_final)  # noqa: B023  # waited for at once
        assert watcher.text() == f"{number}\n"


def test_kernel_environment_is_the_windows_own(start: Start, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN_BY_KERNELS", "yes")
    watcher = start(python_launch(work, ADDED="1"))
    watcher.execute(
        "import os; print(os.environ['SEEN_BY_KERNELS'], os.environ['ADDED'], os.getcwd(), os.getsid(0) == os.getpid())"
    )
    assert watcher.text() == f"yes 1 {work} True\n"


def test_keeper_is_small(open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path) -> None:
    watched(None, open_kernels().start(python_launch(work)), ui)
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    assert psutil.Process(keeper["pid"]).memory_full_info().uss < 20_000_000
    assert os.getsid(keeper["pid"]) == keeper["pid"]
    assert len(psutil.Process(keeper["pid"]).threads()) <= 4


@pytest.mark.parametrize(
    ("make_launch", "code", "name"), [(python_launch, "x = [1, 2]", "x"), (r_launch, "x <- 1:2", "x")]
)
def test_agent_lists_names_after_a_run_and_stays_unseen(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path, make_launch: Callable[[Path], object], code: str, name: str
) -> None:
    kernels = open_kernels(agent_of=agent_of)
    watcher = Watcher(kernels.start(make_launch(work)), ui)  # type: ignore[arg-type]  # a LaunchSpec
    watcher.wait(lambda: watcher.session.has_agent)
    run = watcher.execute(code)
    watcher.wait(lambda: name in watcher.session.names.variables)
    watcher.wait(lambda: not watcher.session.is_listing)
    assert [seen.id for seen in watcher.session.runs] == [run.id]
    assert {message.parent_id for message in watcher.messages} <= {run.id, ""}
    assert not any(message.type.startswith("comm") for message in watcher.messages)
    answers: list[Answer] = []
    watcher.session.ask("memory", {}, answers.append)
    watcher.wait(lambda: answers)
    assert answers[0].result is not None
    assert answers[0].result["rss_bytes"] > 1_000_000
    watcher.session.restart()
    watcher.wait(lambda: watcher.session.has_agent and watcher.session.state == "idle")
    assert watcher.session.names.variables == {}


def test_session_is_restarted_in_another_way_and_stays(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    kernels = open_kernels(agent_of=agent_of)
    watcher = Watcher(kernels.start(python_launch(work), "Mine"), ui)
    watcher.wait(lambda: watcher.session.has_agent)
    watcher.execute("print('before')")
    (work / "below").mkdir()
    launch = python_launch(work / "below", FOURPANE_TEST="another way")
    kernels.restart(watcher.session, launch)
    watcher.wait(lambda: watcher.session.has_agent and watcher.session.state == "idle")
    assert kernels.sessions == (watcher.session,)
    assert (watcher.session.name, watcher.session.launch) == ("Mine", launch)
    watcher.execute("import os; print(os.environ['FOURPANE_TEST'], os.path.basename(os.getcwd()))")
    watcher.wait(lambda: "another way below" in watcher.text())
    (record,) = launches.records(runtime)
    assert record["launch"] == launches.launch_to_json(launch)
    watcher.session.restart()  # from now on in this way
    watcher.wait(lambda: watcher.session.has_agent and watcher.session.state == "idle")
    watcher.execute("import os; print('again', os.environ['FOURPANE_TEST'])")
    watcher.wait(lambda: "again another way" in watcher.text())


def test_agent_follows_the_working_folder(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    watcher = Watcher(open_kernels(agent_of=agent_of).start(python_launch(work)), ui)
    watcher.wait(lambda: watcher.session.has_agent)
    assert watcher.session.working_folder == work
    (work / "below").mkdir()
    watcher.execute("import os; os.chdir('below')")
    watcher.wait(lambda: watcher.session.working_folder == work / "below")


def test_agent_question_times_out_while_the_kernel_is_busy(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    watcher = Watcher(open_kernels(agent_of=agent_of).start(python_launch(work)), ui)
    watcher.wait(lambda: watcher.session.has_agent and not watcher.session.is_listing)
    gate = Gate(work)
    watcher.session.execute(gate.busy_code)
    watcher.wait(lambda: gate.is_reached)
    answers: list[Answer] = []
    watcher.session.ask("memory", {}, answers.append, timeout_s=0.3)
    watcher.wait(lambda: answers)
    assert answers == [Answer(None, error="timeout", code="timeout")]
    assert watcher.session.state == "busy"
    gate.open()
    watcher.wait_state("idle")
    watcher.session.ask("memory", {}, answers.append)
    watcher.wait(lambda: len(answers) == 2)
    assert answers[1].result is not None


@pytest.mark.parametrize("source", [AgentSource("1 / 0"), AgentSource("pass", target="nobody")])
def test_broken_agent_leaves_a_plain_kernel(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path, source: AgentSource
) -> None:
    watcher = Watcher(open_kernels(agent_of=lambda _: source).start(python_launch(work)), ui)
    watcher.wait(lambda: watcher.session.state == "idle" and not watcher.session.is_listing)
    answers: list[Answer] = []
    watcher.session.ask("hello", {}, answers.append)
    watcher.wait(lambda: answers)
    assert answers == [Answer(None, error="gone", code="gone")]
    run = watcher.execute("print('plain')")
    assert watcher.text(run.id) == "plain\n"
    assert not watcher.session.has_agent


def test_agent_survives_an_attach_with_all_names(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    first = open_kernels(agent_of=agent_of)
    watcher = Watcher(first.start(python_launch(work)), ui)
    watcher.wait(lambda: watcher.session.has_agent)
    watcher.execute("kept = 41")
    watcher.wait(lambda: "kept" in watcher.session.names.variables)
    first.close(leave_kernels=True)
    second = open_kernels(agent_of=agent_of)
    (record,) = second.left_behind()
    again = Watcher(second.attach(record), ui)
    again.wait(lambda: "kept" in again.session.names.variables)
    again.execute("fresh = 1")
    again.wait(lambda: "fresh" in again.session.names.variables)
    assert all(message.type != "comm_msg" for message in again.messages)
