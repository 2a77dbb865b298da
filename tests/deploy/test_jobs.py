"""What a job on a real worker does beside what every target must: environments, R, limits, faults."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from ide.core.deploy import JobOutcome, JobRequest, JobState, Resources, TargetSpec
from ide.core.package_lock import LockFile
from ide.deploy.bundle import write_bundle
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import LOCAL, Connect, Windows, cluster_of, wait_for_end
from tests.deploy.desk import processes_with
from tests.unit.deploy.target_contract import Watch, is_log, quiet

ESCAPES = """\
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    os.fork()
    time.sleep(600)
print("started", flush=True)
time.sleep(600)
"""


class Ran:
    """A job that is over."""

    def __init__(self, watch: Watch, outcome: JobOutcome, files: Mapping[str, bytes]) -> None:
        self.watch, self.outcome, self.files = watch, outcome, files


Submit = Callable[..., tuple[JobRequest, Watch]]


def submit_to(target: ClusterTarget, tmp_path: Path, code: str, **more: Any) -> tuple[JobRequest, Watch]:
    language = more.pop("language", "python")
    entry = "run/main.R" if language == "r" else "run/main.py"
    script = tmp_path / f"{uuid.uuid4().hex}.txt"
    script.write_text(code, "utf-8")
    lock = more.pop("lock", ())
    bundle = write_bundle(script.with_suffix(".zip"), {entry: script}, entry=entry, language=language, lock=lock)
    request = JobRequest(uuid.uuid4().hex, "A job", bundle.path, bundle.sha256, entry, language, **more)
    target.submit(request, quiet)
    return request, Watch(target, request.id)


@pytest.fixture
def submit(local: Connect, tmp_path: Path) -> Submit:
    return lambda code, **more: submit_to(local(), tmp_path, code, **more)


@pytest.fixture
def run(local: Connect, submit: Submit, tmp_path: Path) -> Callable[..., Ran]:
    def to_the_end(code: str, **more: Any) -> Ran:
        request, watch = submit(code, **more)
        outcome = watch.join()
        if not outcome.archive:
            return Ran(watch, outcome, {})
        with zipfile.ZipFile(local().fetch(request.id, tmp_path, quiet)) as opened:
            return Ran(watch, outcome, {name: opened.read(name) for name in opened.namelist()})

    return to_the_end


def lock_with(folder: Path, version: str = "1.0", digest: str = "") -> LockFile:
    """A lock of one package, which lies in `folder` as a wheel."""
    name = f"tiny_thing-{version}-py3-none-any.whl"
    files = {
        "tiny_thing.py": f"VERSION = {version!r}\n",
        f"tiny_thing-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: tiny-thing\nVersion: {version}\n",
        f"tiny_thing-{version}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},"
        f"{len(text)}\n"
        for path, text in files.items()
    )
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"tiny_thing-{version}.dist-info/RECORD", record)
    digest = digest or hashlib.sha256((folder / name).read_bytes()).hexdigest()
    text = f"tiny-thing @ {(folder / name).as_uri()} --hash=sha256:{digest}\n"
    return LockFile("requirements.lock.txt", text)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to that")


def test_environment_is_made_from_the_lock_and_kept_for_the_next_job(run: Callable[..., Ran], tmp_path: Path) -> None:
    lock = (lock_with(tmp_path),)
    first = run("import tiny_thing; print(tiny_thing.VERSION)", lock=lock)
    second = run("import tiny_thing, sys; print(sys.prefix)", lock=lock)

    assert first.watch.log("stdout") == "1.0\n", first.outcome
    assert JobState.INSTALLING in first.watch.states()
    assert any(event.kind == "progress" for event in first.watch.events)
    assert "cache" in second.watch.log("stdout")
    assert not [event for event in second.watch.events if event.kind == "progress"]


def test_package_that_is_not_the_locked_one_is_not_installed(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("print('ran')", lock=(lock_with(tmp_path, digest="0" * 64),))

    assert ran.outcome.state is JobState.FAILED
    assert "ash" in ran.outcome.reason
    assert "lock" in ran.outcome.reason
    assert ran.watch.log("stdout") == ""


def test_r_runs_with_arguments_and_its_plots_and_files_come_back(run: Callable[..., Ran]) -> None:
    code = """\
cat(commandArgs(trailingOnly = TRUE), sep = "|")
plot(1:3)
plot(3:1)
invisible(dev.off())
plot(2)
writeLines("a,b", "outputs/table.csv")
1 + 1
"""
    ran = run(code, language="r", arguments=("a b", "--x=1"))

    assert ran.outcome.state is JobState.SUCCEEDED, ran.watch.log("stderr")
    assert ran.watch.log("stdout") == "a b|--x=1[1] 2\n"
    assert sorted(ran.files) == [
        "outputs/figure-1.png", "outputs/figure-2.png", "outputs/figure-3.png", "outputs/table.csv",
    ]  # fmt: skip
    assert ran.files["outputs/figure-1.png"] != ran.files["outputs/figure-2.png"]
    assert ran.outcome.versions["r"].startswith("4.")


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("f <- function() {\n  stop('no such month')\n}\n\nf()\n", 2, "no such month"),
        ("x <- 1\n\nstop('at the top')\n", 3, "at the top"),
        ("x <- 1\ny y\n", 2, "unexpected"),
    ],
)
def test_error_in_r_is_told_with_its_line(run: Callable[..., Ran], code: str, line: int, words: str) -> None:
    outcome = run(code, language="r").outcome

    assert (outcome.state, outcome.exit_code) == (JobState.FAILED, 1)
    assert words in outcome.reason
    assert (outcome.error_file, outcome.error_line) == ("run/main.R", line)


def test_syntax_error_is_told_with_its_line(run: Callable[..., Ran]) -> None:
    outcome = run("x = 1\ny = = 2\n").outcome

    assert (outcome.error_file, outcome.error_line) == ("run/main.py", 2)
    assert "SyntaxError" in outcome.reason


def test_own_client_of_the_script_joins_the_cluster(run: Callable[..., Ran]) -> None:
    code = """\
from distributed import Client
with Client() as client:
    print(client.submit(lambda x: x + 1, 1).result())
"""
    assert run(code).watch.log("stdout") == "2\n"


def test_crash_is_told_as_one(run: Callable[..., Ran]) -> None:
    outcome = run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").outcome

    assert outcome.state is JobState.FAILED
    assert "crashed" in outcome.reason


def test_exit_code_of_a_shell_whose_command_crashed_is_told_as_a_crash(run: Callable[..., Ran]) -> None:
    outcome = run("raise SystemExit(139)").outcome

    assert (outcome.state, outcome.exit_code) == (JobState.FAILED, 139)
    assert "crashed" in outcome.reason


def test_memory_limit_ends_it(run: Callable[..., Ran]) -> None:
    code = "import time; kept = b'x' * 300_000_000; time.sleep(600)"

    assert run(code, resources=Resources(memory_bytes=100_000_000)).outcome.state is JobState.OUT_OF_MEMORY


def test_results_above_the_limit_stay_there_and_that_is_said(run: Callable[..., Ran]) -> None:
    code = "open('outputs/large', 'wb').write(b'x' * 2000); open('outputs/small', 'w').write('x')"
    ran = run(code, output_limit_bytes=1000)

    assert list(ran.files) == ["outputs/small"]
    assert ["large" in event.text for event in ran.watch.events if event.kind == "note"] == [True]


def test_ten_gigabytes_do_not_come_and_what_is_beside_them_does(run: Callable[..., Ran]) -> None:
    code = "open('outputs/huge', 'wb').truncate(10_000_000_000); open('outputs/small', 'w').write('x')"
    ran = run(code)

    assert ran.outcome.state is JobState.SUCCEEDED
    assert list(ran.files) == ["outputs/small"]
    assert ["huge" in event.text for event in ran.watch.events if event.kind == "note"] == [True]


def test_of_too_many_files_the_first_come_and_that_is_said(run: Callable[..., Ran]) -> None:
    ran = run("for number in range(10_050): open(f'outputs/{number:05}', 'w').close()")

    assert list(ran.files) == [f"outputs/{number:05}" for number in range(10_000)]
    (note,) = [event.text for event in ran.watch.events if event.kind == "note"]
    assert note == "Results above the limit were left there: outputs/10000, outputs/10001, outputs/10002 and more."


def test_links_and_pipes_among_results_bring_nothing_of_elsewhere(run: Callable[..., Ran]) -> None:
    code = """\
import os
os.symlink("/etc/passwd", "outputs/passwd")
os.symlink("/etc", "outputs/etc")
os.mkfifo("outputs/pipe")
open("outputs/own", "w").write("x")
"""
    assert run(code).files == {"outputs/own": b"x"}


def test_large_results_come_whole(run: Callable[..., Ran]) -> None:
    ran = run("import os; open('outputs/large', 'wb').write(os.urandom(5_000_000))")

    assert len(ran.files["outputs/large"]) == 5_000_000


def test_cancel_stops_what_forks_and_ignores_sigterm(local: Connect, submit: Submit) -> None:
    word = uuid.uuid4().hex
    request, watch = submit(ESCAPES, arguments=(word,))
    watch.wait_for(is_log("started"))
    assert len(processes_with(word)) == 3

    local().cancel(request.id)

    assert watch.join().state is JobState.CANCELLED
    assert processes_with(word) == []


# --- faults: each with a cluster of its own ---------------------------------------------------------------------------

COUNTED = "import sys, time\nopen(sys.argv[1], 'a').write('x')\nprint('asleep', flush=True)\ntime.sleep(600)\n"


def test_cluster_listens_on_this_computer_alone_and_its_certificate_is_for_the_user_alone(own_windows: Windows) -> None:
    own_windows.local()
    cluster = cluster_of(own_windows)
    listening = [
        connection.laddr.ip
        for process in (cluster, *cluster.children(recursive=True))
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    (file,) = own_windows.folder.glob("*/connection.json")

    assert set(listening) == {"127.0.0.1"}
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_bytes())["address"].startswith("tls://127.0.0.1:")


def test_job_of_a_killed_worker_is_lost_and_never_run_again(own_windows: Windows, tmp_path: Path) -> None:
    target = own_windows.local()
    count = tmp_path / "count"
    request, watch = submit_to(target, tmp_path, COUNTED, arguments=(str(count),))
    watch.wait_for(is_log("asleep"))
    (worker,) = [
        one for one in cluster_of(own_windows).children(recursive=True)
        if any(str(count) in word for child in one.children() for word in child.cmdline())
    ]  # fmt: skip
    worker.send_signal(signal.SIGKILL)

    outcome = watch.join()
    assert outcome.state is JobState.LOST
    assert outcome.reason
    wait_until(lambda: processes_with(str(count)) == [])
    _, after = submit_to(target, tmp_path, "print('next')")  # the new worker is up: it had its chance
    assert after.join().state is JobState.SUCCEEDED
    assert count.read_text() == "x"
    assert target.jobs()[request.id] is JobState.LOST


def test_killed_cluster_is_noticed_and_what_was_over_is_still_there(own_windows: Windows, tmp_path: Path) -> None:
    target = own_windows.local()
    done, first = submit_to(target, tmp_path, "open('outputs/table', 'w').write('x')")
    assert first.join().state is JobState.SUCCEEDED
    count = tmp_path / "count"
    request, watch = submit_to(target, tmp_path, COUNTED, arguments=(str(count),))
    watch.wait_for(is_log("asleep"))

    cluster_of(own_windows).send_signal(signal.SIGKILL)

    assert watch.join().state is JobState.LOST
    wait_until(lambda: processes_with(str(count)) == [])
    assert target.clusters() == ()
    assert target.jobs() == {done.id: JobState.SUCCEEDED, request.id: JobState.LOST}
    with zipfile.ZipFile(target.fetch(done.id, tmp_path, quiet)) as opened:
        assert opened.namelist() == ["outputs/table"]
    assert Watch(target, done.id).join().state is JobState.SUCCEEDED


def test_job_goes_on_when_window_and_cluster_process_are_killed(own_windows: Windows, tmp_path: Path) -> None:
    target = own_windows.local()
    go = tmp_path / "go"
    code = "import os, sys, time\nprint('first', flush=True)\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.05)\n"
    request, watch = submit_to(target, tmp_path, code + "print('last')\n", arguments=(str(go),))
    watch.wait_for(is_log("first"))
    pid = own_windows.opened[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: watch.error is not None)

    other = own_windows.local()
    go.touch()
    replay = Watch(other, request.id)

    assert replay.join().state is JobState.SUCCEEDED
    assert replay.log("stdout") == "first\nlast\n"


def test_cluster_ends_when_idle_and_a_job_is_no_idleness(own_windows: Windows, tmp_path: Path) -> None:
    spec = TargetSpec(LOCAL.id, LOCAL.name, LOCAL.kind, {"idle_minutes": 0.5})
    target = own_windows.local(spec)
    cluster = cluster_of(own_windows)
    request, watch = submit_to(
        target, tmp_path, "import time; time.sleep(4); print('done')", resources=Resources(idle_limit_s=1.2)
    )

    assert watch.join().state is JobState.SUCCEEDED
    assert watch.log("stdout") == "done\n"
    wait_for_end(cluster, 30)
    assert target.clusters() == ()
    assert target.jobs() == {request.id: JobState.SUCCEEDED}
