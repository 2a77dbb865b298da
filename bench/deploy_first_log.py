"""A job on this computer, its cluster up: from the click (bundle included) to the first line of its log.

`job`: from the click until the results are unpacked, against the same script by hand. `log_delay`: from when a line is
printed until it is told, 95th percentile of 100 lines.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench._deploy import CLUSTER_PYTHON, request_of, this_computer
from bench.measure import Result

if TYPE_CHECKING:
    from ide.core.deploy import JobEvent
    from ide.deploy.cluster.client import ClusterTarget

_SCRIPT = """\
import pathlib, time
print("first", flush=True)
until = time.monotonic() + 2
while time.monotonic() < until:
    sum(range(10_000))
pathlib.Path("outputs").mkdir(exist_ok=True)
pathlib.Path("outputs/table.csv").write_text("a,b\\n" * 1000)
"""
_TALKS = "import time\nfor _ in range(100):\n    print(time.time(), flush=True)\n    time.sleep(0.037)\n"


def measure(runs: int) -> dict[str, Result]:
    """In turns; one warm-up."""
    first: list[float] = []
    whole: list[float] = []
    by_hand: list[float] = []
    delays: list[float] = []
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as name:
        folder = Path(name)
        script, talks = folder / "main.py", folder / "talks.py"
        script.write_text(_SCRIPT, "utf-8")
        talks.write_text(_TALKS, "utf-8")
        with this_computer(folder / "targets") as target:
            for turn in range(runs + 1):
                first_s, whole_s = _job(target, script, folder / f"back-{turn}")
                started_s = time.perf_counter()
                subprocess.run([CLUSTER_PYTHON, script], cwd=folder, check=True, capture_output=True)
                hand_s = time.perf_counter() - started_s
                if turn:
                    first.append(first_s)
                    whole.append(whole_s)
                    by_hand.append(hand_s)
                    delays.append(_delay(target, talks))
    return {"": Result.of(first, "s"), "job": Result.of(whole, "s", by_hand), "log_delay": Result.of(delays, "s")}


def _job(target: ClusterTarget, script: Path, back: Path) -> tuple[float, float]:
    from ide.deploy.results import unpack

    started_s = time.perf_counter()
    came: list[float] = []

    def told(events: Sequence[JobEvent]) -> None:
        came.extend(time.perf_counter() for event in events if event.kind == "log")

    request = request_of(script)
    target.submit(request, lambda *_what: None)
    outcome = target.watch(request.id, 0, told)
    if outcome.exit_code != 0:
        raise RuntimeError(f"the job ended with {outcome}")
    back.mkdir()
    unpack(target.fetch(request.id, back, lambda *_what: None), back / "results")
    return came[0] - started_s, time.perf_counter() - started_s


def _delay(target: ClusterTarget, script: Path) -> float:
    delays: list[float] = []

    def told(events: Sequence[JobEvent]) -> None:
        now_s = time.time()
        delays.extend(now_s - float(line) for event in events if event.kind == "log" for line in event.text.split())

    request = request_of(script)
    target.submit(request, lambda *_what: None)
    target.watch(request.id, 0, told)
    return statistics.quantiles(delays, n=20)[-1]
