"""The strict run itself: each kind of carelessness must fail a test that has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CARELESS = {
    "python_warning": ("import warnings\n    warnings.warn('careless', stacklevel=1)", "UserWarning: careless"),
    "qt_warning": ("from PySide6.QtCore import qWarning\n    qWarning('careless')", "Qt said: careless"),
    "log_record": ("import logging\n    logging.getLogger('ide.x').warning('careless')", "WARNING ide.x: careless"),
    "unmet_expectation": ("expected_log('never comes')", "expected log record never came: never comes"),
    "thread": (
        "import threading\n    threading.Thread(target=GATE.wait, args=(20,), name='careless', daemon=True).start()",
        "thread 'careless', started by ",
    ),
    "process": (
        "import subprocess, sys\n    KEPT.append(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1))",
        "process ",
    ),
    "orphan": (
        "import subprocess, sys\n    subprocess.run([sys.executable, '-c', ORPHAN], check=True)",
        "process ",
    ),
    "socket": ("import socket\n    KEPT.append(socket.socket())", "open socket"),
    "widget": ("from PySide6.QtWidgets import QLabel\n    KEPT.append(QLabel('careless'))", "widget QLabel"),
    "timer": (
        "from PySide6.QtCore import QTimer\n    KEPT.append(QTimer())\n    KEPT[-1].start(100_000)",
        "timer of None, started by ",
    ),
    "surprise_pass": ("assert True", "XPASS(strict)"),
}

HEAD = """
import threading, pytest
KEPT = []
GATE = threading.Event()
ORPHAN = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'],"\
         " start_new_session=True, stdin=-3, stdout=-3, stderr=-3)"
"""


def run_inner(name: str, body: str, tmp_path: Path) -> str:
    """Run one test under the real conftest, in a folder of the kind that `nothing_left` watches for everything."""
    marker = "@pytest.mark.xfail\n" if name == "surprise_pass" else ""
    folder = tmp_path / "kernel"
    folder.mkdir()
    (folder / f"test_{name}.py").write_text(f"{HEAD}\n{marker}def test_{name}(expected_log):\n    {body}\n")
    arguments = ["-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", CARELESS)
def test_careless_test_fails_and_says_why(name: str, tmp_path: Path) -> None:
    body, message = CARELESS[name]

    output = run_inner(name, body, tmp_path)

    assert message in output
    assert "1 error" in output or "1 failed" in output


def test_careful_test_passes(tmp_path: Path) -> None:
    output = run_inner(
        "careful", "expected_log('WARNING a: b')\n    import logging\n    logging.getLogger('a').warning('b')", tmp_path
    )

    assert "1 passed" in output
    assert "error" not in output
