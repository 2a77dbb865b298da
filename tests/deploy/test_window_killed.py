"""The window is killed while its job runs, or while it is handed over: the next one tells what became of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.deploy.conftest import CLUSTER_PYTHON, wait_for_end
from tests.deploy.desk import COUNTED, is_alive
from tests.stories.kit import Outcome, run_script

pytestmark = pytest.mark.timeout(240)

LOCK = 'lock-version = "1.0"\nrequires-python = "==3.11.*"\ncreated-by = "test"\npackages = []\n'
TOLD_S = 10.0

OPEN = f"""
began = time.monotonic()
from ide.app.arguments import Arguments
from ide.app.cluster_door import ClusterDoor
from ide.app.start import begin
started = begin(Arguments(profile=profile.with_name("door")), opens_window=False)
door = ClusterDoor(started, lambda _work: Path({str(CLUSTER_PYTHON)!r}))
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, door=door) as wb:
    wb.wait_until(lambda: hasattr(wb.program, "deploying"), what="The Jobs pane")
    desk = wb.program.deploying
"""

DEPLOY_AND_DIE = """
    job = wb.deploy(project / "main.py")
    wb.wait_until(lambda: job.log == "first\\n", 60, "The first line")
    tell(job=job.id, pid=desk._door._process.pid)
    os.kill(os.getpid(), 9)
"""

DIE_WHILE_SENDING = """
    def look(id):
        job = desk.deployments.jobs[id]
        if job.step == "Sending" and job.done:
            tell(job=id, done=job.done, total=job.total)
            os.kill(os.getpid(), 9)
    desk.deployments.changed.connect(look)
    wb.deploy(project / "main.py")
    wb.wait_until(lambda: False, 60, "The end of this program")
"""

COME_BACK = """
    jobs = desk.deployments.jobs
    wb.wait_until(lambda: {seen}, 60, "What became of it")
    tell(told_s=time.monotonic() - began, state=jobs[{job!r}].record.state.value)
    Path({go!r}).touch()
    wb.wait_until(lambda: jobs[{job!r}].record.state.is_final, 60, "Its end")
    record = jobs[{job!r}].record
    tell(jobs=list(jobs), end=record.state.value, reason=record.reason, log=jobs[{job!r}].log)
    tell(outputs=[one.path for one in record.outputs], shown=desk.pane.model.total)
    tell(table=(desk.deployments.place({job!r}) / "outputs/table.csv").read_text() if record.outputs else "")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    project = tmp_path / "project"
    project.mkdir()
    places = "".join(
        f"sys.argv.append(bytes.fromhex('{bytes(tmp_path / name).hex()}').decode())\n" for name in ("count", "go")
    )
    (project / "main.py").write_text(f"import sys\n{places}{COUNTED}")
    (project / "pylock.toml").write_text(LOCK)
    yield tmp_path
    (tmp_path / "go").touch()
    for connection in tmp_path.rglob("connection.json"):
        with suppress(psutil.NoSuchProcess):
            cluster = psutil.Process(json.loads(connection.read_bytes())["pid"])
            cluster.terminate()
            wait_for_end(cluster, 20)


def run(folder: Path, script: str, **values: str) -> Outcome:
    """The program with the profile of this test; `values` go into the script."""
    return run_script(OPEN + script.format(**values) if values else OPEN + script, folder, timeout_s=120)


def test_job_of_a_killed_window_goes_on_and_the_next_one_has_all_of_it(folder: Path) -> None:
    first = run(folder, DEPLOY_AND_DIE)
    assert first.exit_code == -signal.SIGKILL, first.errors
    job = first.facts["job"]

    seen = f"{job!r} in jobs and jobs[{job!r}].log == 'first\\n' and not jobs[{job!r}].trouble"
    second = run(folder, COME_BACK, job=job, seen=seen, go=str(folder / "go"))

    assert second.exit_code == 0, second.errors
    facts = second.facts
    assert facts["told_s"] < TOLD_S
    assert (facts["state"], facts["end"]) == ("running", "succeeded")
    assert facts["log"] == "first\nlast\n"
    assert (facts["outputs"], facts["table"]) == (["outputs/table.csv"], "a,b")
    assert (facts["jobs"], facts["shown"]) == ([job], 1)
    assert (folder / "count").read_text() == "x"
    with contextlib.suppress(psutil.NoSuchProcess):  # what reached clusters went with its window
        assert not is_alive(psutil.Process(first.facts["pid"]))


def test_job_of_a_window_that_was_killed_while_it_was_sent_is_not_sent_again(folder: Path) -> None:
    (folder / "project" / "data.bin").write_bytes(os.urandom(40_000_000))
    first = run(folder, DIE_WHILE_SENDING)
    assert first.exit_code == -signal.SIGKILL, first.errors
    assert 0 < first.facts["done"] < first.facts["total"]
    job = first.facts["job"]

    seen = f"{job!r} in jobs and jobs[{job!r}].record.state.is_final"
    second = run(folder, COME_BACK, job=job, seen=seen, go=str(folder / "go"))

    assert second.exit_code == 0, second.errors
    assert second.facts["told_s"] < TOLD_S
    assert second.facts["end"] == "failed"
    assert second.facts["reason"] == "It was never handed over; nothing ran."
    assert second.facts["jobs"] == [job]
    assert not (folder / "count").exists()
