"""Attaching to a kernel that another program started: its variables are there, and it outlives the console."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_core.utils import ensure_event_loop

from ide.core.errors import KernelError
from ide.core.runs import RunStatus
from ide.kernels.running import find_running, launch_of, read_connection, running_kernel
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import Watcher, agent_of, sample_python

ensure_event_loop()  # jupyter_client's own, for the whole process


class Stranger:
    """A kernel and its first client, as another program has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path, _ = write_connection_file(str(folder / "kernel-77.json"), ip="127.0.0.1")
        self.path = Path(path)
        quiet = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        argv = [str(sample_python()), "-m", "ipykernel_launcher", "-f", path]
        self.process = subprocess.Popen(
            argv, cwd=folder, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.client = BlockingKernelClient(connection_file=path)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(60)

    def run(self, code: str) -> None:
        self.client.execute(code, reply=True, timeout=30)

    def close(self) -> None:
        self.client.stop_channels()
        self.client.context.term()
        self.process.kill()
        self.process.wait(20)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    made = Stranger(tmp_path_factory.mktemp("runtime"))
    yield made
    made.close()


def attached(path: Path, work: Path, open_kernels: OpenKernels, ui: FakeUiThread) -> Watcher:
    launch = launch_of(running_kernel(path), work)
    watcher = Watcher(open_kernels(agent_of=agent_of).start(launch), ui)
    watcher.wait_state("idle", 40)
    return watcher


def test_running_kernel_is_found_once_and_what_is_left_over_is_not(stranger: Stranger) -> None:
    left_over = {**json.loads(stranger.path.read_text()), "shell_port": 9}
    (stranger.folder / "kernel-old.json").write_text(json.dumps(left_over))
    (stranger.folder / "kernel-bad.json").write_text("{")
    (found,) = find_running([stranger.folder, stranger.folder / "missing"])
    assert (found.language, found.kind, found.name) == ("python", "running", "kernel 77")
    assert found.version.startswith("3.")
    assert find_running([stranger.folder], known=[found.id]) == ()


def test_console_sees_what_is_there_and_leaves_it_there(
    stranger: Stranger, work: Path, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    stranger.run("theirs = [1, 2, 3]")
    watcher = attached(stranger.path, work, open_kernels, ui)
    watcher.wait(lambda: "theirs" in watcher.session.names.variables, what="the name that was there")
    run = watcher.execute("ours = sum(theirs); print('sum', ours); import os; print(os.getcwd())")
    assert run.status is RunStatus.OK
    assert watcher.text(run.id).splitlines() == ["sum 6", str(stranger.folder)], "it stays in its own folder"
    watcher.wait(lambda: "ours" in watcher.session.names.variables, what="the new name")
    before = len(watcher.outputs)
    stranger.run("print('theirs to see'); later = 1")
    assert watcher.execute("1 / 0").status is RunStatus.ERROR
    assert "theirs to see" not in watcher.text()
    assert len(watcher.outputs) > before
    run = watcher.session.execute("print(input('name? '))")
    watcher.wait(lambda: watcher.inputs, what="the question")
    watcher.session.answer_input("Ada")
    watcher.wait(lambda: watcher.run(run.id).status.is_final, what="the answer")
    assert watcher.text(run.id).endswith("Ada\n")
    watcher.session.shut_down()
    watcher.wait(lambda: watcher.session.state == "dead", what="the end of the console")
    stranger.run("assert ours == 6")
    assert stranger.process.poll() is None


def test_long_run_is_stopped_and_restart_attaches_anew(
    stranger: Stranger, work: Path, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    watcher = attached(stranger.path, work, open_kernels, ui)
    run = watcher.session.execute("kept = 1\nimport time\nfor _ in range(600): time.sleep(0.1)")
    watcher.wait_state("busy")
    ui.pump_until(lambda: watcher.run(run.id).status is RunStatus.RUNNING, 20)
    watcher.session.interrupt()
    watcher.wait(lambda: watcher.run(run.id).status.is_final, what="the end of the run")
    assert watcher.run(run.id).status is not RunStatus.OK
    watcher.session.restart()
    watcher.wait_state("restarting")
    watcher.wait_state("idle", 40)
    assert watcher.execute("kept").status is RunStatus.OK


def test_end_of_the_kernel_is_the_end_of_the_console_and_is_told(
    tmp_path: Path, work: Path, open_kernels: OpenKernels, ui: FakeUiThread
) -> None:
    mortal = Stranger(tmp_path)
    try:
        watcher = attached(mortal.path, work, open_kernels, ui)
        mortal.process.kill()
        watcher.wait_state("dead")
        assert watcher.session.cause is not None
        assert "has gone" in " ".join(watcher.session.cause.stderr_lines)
    finally:
        mortal.close()
    with pytest.raises(KernelError, match="does not answer"):
        running_kernel(mortal.path)


@pytest.mark.parametrize("content", ["", "[]", '{"ip": "127.0.0.1"}', "\0"])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "kernel-x.json").write_text(content)
    with pytest.raises(KernelError, match="no connection file"):
        read_connection(tmp_path / "kernel-x.json")
