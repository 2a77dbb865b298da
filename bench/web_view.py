"""How long interactive outputs take to be in sight, how long the window stands still for them, and what memory stays.

`first`, `next`: from the arrival of a small page to the end of its loading, in milliseconds; the first one brings
Chromium. `first_stall`, `next_stall`: the longest turn of the window's loop meanwhile. `open`, `closed`: memory (PSS)
of the window and its processes above what it was before the first page, with three pages and after the last one was
deleted. No kernel takes part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bench.measure import MeasurementError, Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

UNITS: Final = {
    "first": "ms", "next": "ms", "first_stall": "ms", "next_stall": "ms", "open": "MB", "closed": "MB",
}  # fmt: skip
PAGE: Final = "<canvas id=c></canvas><script>c.getContext('2d').fillRect(0, 0, 50, 50); document.title = {}</script>"
PAGES: Final = 4
_LIMIT_S: Final = 120


def measure(runs: int) -> dict[str, Result]:
    """A process for each run, as Chromium stays in one that it was started in; at most five."""
    parts: dict[str, list[float]] = {name: [] for name in UNITS}
    for _ in range(min(runs, 5)):
        done = subprocess.run(
            [sys.executable, "-m", "bench.web_view"], capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
        if done.returncode:
            raise MeasurementError(f"web_view ended with {done.returncode}: {done.stderr[-300:]}")
        for name, value in json.loads(done.stdout.splitlines()[-1]).items():
            parts[name].append(value)
    return {name: Result.of(values, UNITS[name]) for name, values in parts.items()}


def _measure_here() -> dict[str, float]:
    from bench._panes import rest
    from ide.api.testing import open_workbench

    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        project = Path(place) / "project"
        project.mkdir()
        with open_workbench(profile_dir=Path(place) / "profile", project_dir=project) as workbench:
            rest(workbench, 3)
            before_mb = _tree_mb()
            first_ms, first_stall_ms = _shown(workbench, 0)
            others = [_shown(workbench, number) for number in range(1, PAGES)]
            rest(workbench, 2)
            open_mb = _tree_mb() - before_mb
            workbench.run_command("viewer.delete_all")
            rest(workbench, 3)
            return {
                "first": first_ms,
                "next": sorted(each[0] for each in others)[len(others) // 2],
                "first_stall": first_stall_ms,
                "next_stall": max(each[1] for each in others),
                "open": open_mb,
                "closed": _tree_mb() - before_mb,
            }


def _shown(workbench: Workbench, number: int) -> tuple[float, float]:
    from PySide6.QtCore import QTimer

    from bench._panes import rest

    gaps_s = [0.0]
    last_s = [time.perf_counter()]

    def tick() -> None:
        now_s = time.perf_counter()
        gaps_s.append(now_s - last_s[0])
        last_s[0] = now_s

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(1)
    pane = workbench.program.viewer.pane
    started_s = time.perf_counter()
    pane.show({"text/html": PAGE.format(number)}, "Page")
    loaded: list[float] = []

    def is_loaded() -> bool:
        view = pane.view.current
        if view is None or view.web is None or view.web.page is None:
            return False
        if view.web.page.title() == str(number) and not loaded:
            loaded.append(time.perf_counter())
        return bool(loaded)

    workbench.wait_until(is_loaded, 30, "The page")
    taken_ms = (loaded[0] - started_s) * 1e3
    rest(workbench, 0.3)
    timer.stop()
    return taken_ms, max(gaps_s) * 1e3


def _tree_mb() -> float:
    """PSS of this process and those that it started, without kernels and their keeper."""
    me = psutil.Process()
    own = [me, *(each for each in me.children(recursive=True) if "WebEngine" in each.name())]
    return float(sum(each.memory_full_info().pss for each in own)) / 1e6


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
    print(json.dumps(_measure_here()))
