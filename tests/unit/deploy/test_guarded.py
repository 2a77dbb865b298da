"""Commands on a worker: told in batches, limited, and really stopped with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ide.deploy.dask_jobs import guarded
from ide.deploy.dask_jobs.guarded import Ended, Limits, crash_in_words, run_guarded

ESCAPES = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    time.sleep(600)
print("started", flush=True)
time.sleep(600)
"""


class Told:
    """Keeps the log."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []

    def __call__(self, stream: str, text: str) -> None:
        self.pieces.append((stream, text))

    def log(self, stream: str = "stdout") -> str:
        return "".join(text for name, text in self.pieces if name == stream)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def run(tmp_path: Path, told: Told) -> Callable[..., Ended]:
    def start(
        code: str,
        is_cancelled: Callable[[], bool] = lambda: False,
        secrets: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Ended:
        argv = [sys.executable, "-c", code]
        return run_guarded(
            argv, tmp_path, told, is_cancelled, variables={"JOB": "1"}, secrets=secrets or {}, limits=limits or Limits()
        )

    return start


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The marks of what was killed."""
    seen: list[str] = []
    kill_all = guarded.kill_all

    def keep(group: int, mark: str) -> None:
        seen.append(mark)
        kill_all(group, mark)

    monkeypatch.setattr(guarded, "kill_all", keep)
    return seen


def test_both_streams_and_the_exit_code_are_told(run: Callable[..., Ended], told: Told) -> None:
    ended = run("import os, sys; print('é', os.environ['JOB']); print('bad', file=sys.stderr); sys.exit(7)")

    assert (ended.why, ended.exit_code, ended.happened) == ("exit", 7, "")
    assert told.log().split() == ["é", "1"]
    assert ended.last_errors.strip() == told.log("stderr").strip() == "bad"
    assert ended.ended_s >= ended.started_s > 0


def test_cancel_stops_what_forks_leaves_the_group_and_ignores_sigterm(
    run: Callable[..., Ended], told: Told, marks: list[str]
) -> None:
    ended = run(ESCAPES, lambda: "started" in told.log())

    assert ended.why == "cancelled"
    assert guarded._marked(marks[0]) == []


def test_nothing_is_left_running_when_the_script_ends_by_itself(run: Callable[..., Ended], marks: list[str]) -> None:
    run("import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True)")  # fmt: skip

    assert guarded._marked(marks[0]) == []


def test_time_limit_ends_it(run: Callable[..., Ended]) -> None:
    assert run("import time; time.sleep(600)", limits=Limits(time_s=0.3)).why == "timed_out"


def test_memory_limit_ends_it(run: Callable[..., Ended]) -> None:
    code = "import time; kept = b'x' * 200_000_000; time.sleep(600)"

    assert run(code, limits=Limits(memory_bytes=100_000_000)).why == "out_of_memory"


def test_secret_is_hidden_even_when_printed_in_two_pieces(run: Callable[..., Ended], told: Told) -> None:
    code = "import os, sys, time\nkey = os.environ['KEY']\n"
    code += (
        "for part in ('a ', key[:3], key[3:], ' b'):\n    sys.stdout.write(part); sys.stdout.flush(); time.sleep(.3)"
    )

    run(code, secrets={"KEY": "terces"})

    assert told.log() == f"a {guarded.HIDDEN} b"


def test_flood_is_cut_and_said_once(run: Callable[..., Ended], told: Told) -> None:
    ended = run("for _ in range(20_000): print('x' * 99)", limits=Limits(log_bytes=10_000))

    assert ended.exit_code == 0
    assert len(told.log()) == 10_000
    assert [stream for stream, _ in told.pieces].count("note") == 1


def test_gateways_token_does_not_reach_the_script(
    run: Callable[..., Ended], told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_GATEWAY_API_TOKEN", "token")

    run("import os; print('DASK_GATEWAY_API_TOKEN' in os.environ)")

    assert told.log().strip() == "False"


def test_crash_is_told_as_one() -> None:
    assert "crashed" in crash_in_words(139)
    assert "memory ran out" in crash_in_words(-9)
    assert crash_in_words(0) == crash_in_words(1) == crash_in_words(255) == ""


def test_script_ends_when_its_worker_is_killed(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import sys\nfrom pathlib import Path\nfrom ide.deploy.dask_jobs.guarded import run_guarded\n"
        "run_guarded([sys.executable, '-c', sys.argv[1]], Path(), lambda stream, text: print(text, flush=True),"
        " lambda: False, variables={}, secrets={})\n",
        "utf-8",
    )
    code = "import os, time; print(os.environ['FOURPANE_JOB_MARK'], flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, worker, code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    ) as process:
        assert process.stdout is not None
        mark = process.stdout.readline().decode().strip()
        assert guarded._marked(mark)
        process.send_signal(signal.SIGKILL)

    for _ in range(500):
        if not guarded._marked(mark):
            return
        time.sleep(0.02)
    pytest.fail("the script still runs")
