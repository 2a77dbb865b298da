"""Starts the real program, a bare Qt window and a bare kernel, for the measurements of start and rest."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / ".venv-sample"
PROJECT = ROOT / "resources" / "sample"
SAMPLE_PYTHON = SAMPLE / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

BARE_WINDOW = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        open(sys.argv[1], "a").write(f"first_paint {time.time():.6f}\\n")
        app.quit()
app = QApplication(sys.argv[:1])
window = Window()
window.resize(1600, 1000)
window.show()
app.exec()
"""

BARE_KERNEL = """
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(extra_arguments=[], kernel_name="bare")
client.kernel_info(reply=True, timeout=60)
open(sys.argv[1], "a").write(f"prompt {time.time():.6f}\\n")
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


def marks(path: Path) -> dict[str, float]:
    """Wall-clock seconds of each mark, the first of each name."""
    found: dict[str, float] = {}
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            name, _, at_s = line.partition(" ")
            found.setdefault(name, float(at_s))
    return found


def wait_for_mark(path: Path, name: str, timeout_s: float = 60) -> float:
    """When `name` was reached; raises TimeoutError."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if name in (found := marks(path)):
            return found[name]
        time.sleep(0.01)
    raise TimeoutError(f"{name} was not reached within {timeout_s:g} s")


@contextlib.contextmanager
def program(
    *words: str, folder: Path | None = None, profile: Path | None = None
) -> Iterator[tuple[psutil.Process, float, Path]]:
    """The real program, with a fresh profile where none is given.

    Yields its process, its start (seconds since the epoch) and its marks.
    """
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        path = Path(place) / "marks"
        project = folder or PROJECT
        used = profile or Path(place) / "profile"
        environment = {**os.environ, "FOURPANE_MARKS": str(path), "FOURPANE_PROFILE": str(used)}
        command = [sys.executable, "-m", "ide", "--new-window", "--env", str(SAMPLE_PYTHON), *words, str(project)]
        started_s = time.time()
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            yield psutil.Process(process.pid), started_s, path
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def used_profile() -> Iterator[Path]:
    """The profile of somebody who had a script of the project open and closed the window."""
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        profile = Path(place) / "profile"
        script = PROJECT / "analysis.py"
        with program(str(script), profile=profile) as (_process, _started_s, path):
            wait_for_mark(path, "restored")
            deadline = time.monotonic() + 60
            while not any(str(script) in file.read_text("utf-8") for file in profile.glob("state/projects/*.json")):
                if time.monotonic() > deadline:
                    raise TimeoutError("the program did not remember the open script")
                time.sleep(0.05)
        yield profile


def seconds_to(name: str, *words: str, profile: Path | None = None) -> float:
    """From the start of the program's process to a mark."""
    with program(*words, profile=profile) as (_process, started_s, path):
        return wait_for_mark(path, name) - started_s


def bare_seconds(code: str, name: str, **environment: str) -> float:
    """From the start of a bare process to a mark."""
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        path = Path(place) / "marks"
        started_s = time.time()
        subprocess.run(
            [sys.executable, "-c", code, str(path)], env={**os.environ, **environment}, check=True, timeout=120
        )
        return marks(path)[name] - started_s


@contextlib.contextmanager
def bare_kernelspec() -> Iterator[dict[str, str]]:
    """Variables under which jupyter_client finds the sample environment's kernel as `bare`."""
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        spec = Path(place) / "kernels" / "bare"
        spec.mkdir(parents=True)
        argv = [str(SAMPLE_PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        import json

        (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "bare", "language": "python"}))
        yield {"JUPYTER_PATH": place, "JUPYTER_RUNTIME_DIR": place}


def tree_pss_mb(process: psutil.Process, started_s: float) -> dict[str, float]:
    """PSS in MB of the window, its children and the keeper with its kernels (which have no parent of ours)."""
    sizes: dict[str, float] = {}
    for each in family(process, started_s):
        with contextlib.suppress(psutil.Error):
            sizes[f"{each.pid} {' '.join(each.cmdline()[1:3])[-60:]}"] = each.memory_full_info().pss / 1e6
    return sizes


def family(process: psutil.Process, started_s: float) -> list[psutil.Process]:
    """The program's processes: descendants, and those that carry the run's profile in their environment."""
    profile = process.environ().get("FOURPANE_PROFILE", "")
    found = {process.pid: process} | {child.pid: child for child in process.children(recursive=True)}
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if each.create_time() >= started_s - 1 and each.environ().get("FOURPANE_PROFILE") == profile:
                found[each.pid] = each
    return list(found.values())
