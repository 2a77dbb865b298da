"""A window is killed while a cell runs: the kernel lives, and the next window takes it over (PROMISES B1, B2)."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.stories.kit import run_script

pytestmark = pytest.mark.timeout(240)

START_AND_DIE = """
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.session.wait_ready(60)
    wb.run("kept = 7", language="python").wait(60)
    run = wb.run({code!r}, language="python")
    wb.wait_until({seen}, 60)
    tell(pid=wb.session.session.pid)
    os.kill(os.getpid(), 9)
"""

NUMBERS = """
for number in range(1_000_000):
    print(number)
done = True
"""

TAKE_OVER = """
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    began = time.monotonic()
    tell(sessions=len(wb.sessions))
    session = wb.session.session
    wb.wait_until(lambda: session.state != "starting", 20)
    tell(attached_s=time.monotonic() - began, is_attached=session.is_attached, pid=session.pid)
    wb.wait_until(lambda: session.runs and session.runs[-1].status.is_final, 120)
    run = session.runs[-1]
    full = session.full_output(run.id)
    text = full.read_text() if full else ""
    tell(status=run.status.value, is_whole=text.split() == [str(n) for n in range(1_000_000)])
    tell(names=sorted(v.name for v in wb.session.variables()))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path


def test_kernel_outlives_its_window_and_no_line_is_lost_or_doubled(folder: Path) -> None:
    first = run_script(START_AND_DIE.format(code=NUMBERS, seen="lambda: len(run.text) > 100_000"), folder)
    assert first.exit_code == -signal.SIGKILL, first.errors

    second = run_script(TAKE_OVER, folder, timeout_s=200)

    assert second.exit_code == 0, second.errors
    assert second.facts["sessions"] == 1
    assert second.facts["is_attached"]
    assert second.facts["pid"] == first.facts["pid"]
    assert second.facts["status"] == "ok"
    assert second.facts["is_whole"]
    assert {"kept", "done", "number"} <= set(second.facts["names"])


def test_kernel_that_died_meanwhile_is_told_with_its_exit_code(folder: Path) -> None:
    code = "import os, time\nprint('here', flush=True)\ntime.sleep(2)\nos._exit(3)"
    first = run_script(START_AND_DIE.format(code=code, seen="lambda: 'here' in run.text"), folder)
    assert first.exit_code == -signal.SIGKILL, first.errors

    second = run_script(
        """
        time.sleep(3)
        with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
            dead = [one.session for one in wb.sessions if one.session.is_attached]
            wb.wait_until(lambda: dead and dead[0].state == "dead", 20)
            tell(exit_code=dead[0].cause.exit_code, text=dead[0].cause.text)
            tell(status=dead[0].runs[-1].status.value)
        """,
        folder,
    )

    assert second.exit_code == 0, second.errors
    assert second.facts["exit_code"] == 3
    assert "3" in second.facts["text"]
    assert second.facts["status"] == "died"
