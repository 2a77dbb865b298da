"""PROMISES A8: quitting, and SIGTERM, whatever goes on: soon, and nothing of ours is left but what was typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.stories.kit import USER_PYTHON, facts_of, program_environment, run_script, start_script

pytestmark = pytest.mark.timeout(240)

MOST_S = 3.0

# The program as its command starts it, with somebody at the mouse.
DRIVEN = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from ide import __main__ as door
from ide.app import program as module
from ide.app.workbench import Workbench
from ide.core.text import Edit

class Driven(module.Program):
    def open(self):
        super().open()
        QTimer.singleShot(0, lambda: begin(Workbench(self)))

def begin(wb):
    wb.wait_until(lambda: wb.program.is_restored, 20)
    tell(texts=[d.text for d in wb.program.documents.all], notices=texts(wb))
    wb.program.documents.new("python").apply(Edit(0, 0, number))
    drive(wb)

def busy(wb):
    wb.session.wait_ready(60)
    run = wb.run("import time\\nprint('runs', flush=True)\\ntime.sleep(60)", language="python")
    wb.wait_until(lambda: "runs" in run.text, 30)

def quit_soon(wb):
    tell(ready=True)
    QTimer.singleShot(0, lambda: wb.program.commands.run("app.quit"))

module.Program = Driven
"""

MAIN = """
sys.exit(door.main(["--new-window", "--profile", str(profile), "--env", python, str(project)]))
"""


@dataclass(frozen=True)
class Case:
    """What goes on (`drive`), and how it ends: by the program's own command, or by SIGTERM."""

    name: str
    drive: str
    is_signal: bool


CASES = [
    Case("while a cell runs", "busy(wb); quit_soon(wb)", False),
    Case("while a cell runs", "busy(wb); tell(ready=True)", True),
    Case("while the kernel starts", "quit_soon(wb)", False),
    Case("while the kernel starts", "tell(ready=True)", True),
    Case("with the settings open", "wb.run_command('app.settings'); wb.settle(); quit_soon(wb)", False),
    Case("with the palette open", "wb.run_command('app.palette'); wb.settle(); tell(ready=True)", True),
    Case(
        "with a modal file dialog",
        "QTimer.singleShot(200, lambda: tell(ready=True)); QFileDialog.getOpenFileName(wb.program.shell.window)",
        True,
    ),
    Case(
        "with a question of the code",
        "wb.session.wait_ready(60); wb.run('input(1)', language='python');"
        "wb.wait_until(lambda: wb.session.state == 'waiting', 30); tell(ready=True)",
        True,
    ),
    Case(
        "with an endless loop that cannot be interrupted",
        "wb.session.wait_ready(60);"
        "wb.run('import signal\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\\nwhile True: pass', language='python');"
        "wb.wait_until(lambda: wb.session.state == 'busy', 30); tell(ready=True)",
        True,
    ),
    Case("while code is analysed", "wb.program.editor.checks.helper_of('python').start(); tell(ready=True)", True),
]


class Reader(threading.Thread):
    """Collects what a program prints, so that it never waits for us."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(name="reader")
        self.process = process
        self.lines: list[str] = []
        self.start()

    def run(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, word: str, timeout_s: float = 60) -> None:
        deadline = time.monotonic() + timeout_s
        while not any(word in line for line in self.lines):
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            assert time.monotonic() < deadline, f"no {word!r} in {self.lines}"
            time.sleep(0.005)


def play(case: Case, folder: Path, number: int) -> tuple[dict[str, object], float, int, str]:
    """What the program told, how long its end took, its exit code and its errors."""
    script = f"number = '# {number}'\n{DRIVEN}\ndef drive(wb):\n    {case.drive}\n{MAIN}"
    process = start_script(script, folder)
    reader = Reader(process)
    reader.wait_for('"ready"')
    asked_s = time.monotonic()
    if case.is_signal:
        process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    took_s = time.monotonic() - asked_s
    reader.join()
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    assert process.stdout is not None
    process.stdout.close()
    return facts_of("".join(reader.lines)), took_s, code, errors


def of_this_test() -> list[str]:
    """Command lines of all processes that were started by this test, by whomever."""
    mark = os.environ["FOURPANE_TEST_RUN"]
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("FOURPANE_TEST_RUN") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline())[:200])
        except psutil.Error:
            continue
    return [words for words in found if "pytest" not in words]


def left_files(private_home: Path) -> list[str]:
    """Files and sockets, not folders, in the runtime folder and the one for temporary files."""
    places = (private_home / "run", private_home / "tmp")
    return [str(path) for place in places for path in place.rglob("*") if not path.is_dir()]


def test_quitting_is_quick_and_complete_whatever_goes_on(tmp_path: Path, private_home: Path) -> None:
    (tmp_path / "project").mkdir()
    typed: list[str] = []
    for number, case in enumerate(CASES):
        facts, took_s, code, errors = play(case, tmp_path, number)
        assert code == 0, (case, code, errors)
        assert took_s < MOST_S, (case, took_s)
        assert "Traceback" not in errors, (case, errors)
        assert of_this_test() == [], case
        assert left_files(private_home) == [], case
        assert facts["texts"] == typed, case
        assert not [text for text in facts["notices"] if "trust" not in text.lower()], (case, facts["notices"])  # type: ignore[attr-defined]
        typed.append(f"# {number}")


def test_terminated_at_any_moment_of_the_start_leaves_nothing(tmp_path: Path, private_home: Path) -> None:
    """Most of these come before there is a window, some before the program has taken hold of the signal."""
    (tmp_path / "project").mkdir()
    words = ["--new-window", "--profile", str(tmp_path / "profile"), "--env", str(USER_PYTHON)]
    for moment_s in (0.15, 0.3, 0.45, 0.6, 0.9, 1.2):
        process = subprocess.Popen(
            [sys.executable, "-m", "ide", *words, str(tmp_path / "project")],
            env=program_environment(),
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moment_s)  # the moment is what is tested
        process.send_signal(signal.SIGTERM)
        asked_s = time.monotonic()
        process.wait(30)
        assert time.monotonic() - asked_s < MOST_S, moment_s
        wait_until_nothing_is_left(private_home, f"terminated after {moment_s} s")


def test_killed_window_leaves_its_kernel_and_keeper_alone(tmp_path: Path, private_home: Path) -> None:
    """SIGKILL while jedi is busy: what only served the window goes with it, what was computed stays."""
    (tmp_path / "project").mkdir()
    script = """
    with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
        wb.session.wait_ready(60)
        wb.run("kept = 1", language="python").wait(30)
        wb.program.editor.checks.helper_of("python").start()
        wb.program.documents.new("python", text="import pandas\\npandas.")
        wb.settle()
        wb.run_command("edit.complete")
        os.kill(os.getpid(), 9)
    """
    killed = run_script(script, tmp_path)
    assert killed.exit_code == -signal.SIGKILL, killed.errors
    serves_the_window = ("analysis.py", "jedi", "ruff", "render")
    wait_until(lambda: not any(word in line for line in of_this_test() for word in serves_the_window), of_this_test)
    wait_until(lambda: len(of_this_test()) == 2, of_this_test)

    again = run_script(
        """
        with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
            wb.wait_until(lambda: wb.session and wb.session.state == "idle", 30)
            tell(kept=wb.run("print(kept)").wait(30).text, sessions=len(wb.sessions))
            wb.wait_until(lambda: wb.program.instance._server, 10)  # it has put its socket in the dead one's place
        """,
        tmp_path,
    )
    assert (again.exit_code, again.facts) == (0, {"kept": "1\n", "sessions": 1}), again.errors
    wait_until_nothing_is_left(private_home, "closed")


def wait_until_nothing_is_left(private_home: Path, when: str) -> None:
    wait_until(lambda: of_this_test() == [], lambda: f"{when}: {of_this_test()}")
    wait_until(lambda: left_files(private_home) == [], lambda: f"{when}: {left_files(private_home)}")


def wait_until(holds: Callable[[], bool], what: Callable[[], object], timeout_s: float = 6) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
