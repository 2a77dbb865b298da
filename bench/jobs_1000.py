"""From reading 1,000 past jobs off the disk to their first paint in the Jobs pane, in milliseconds.

`shown`: the pane is in view and empty, and its history is read from the beginning until the latest jobs are painted;
`whole`: until all are. `change`: one event of one job, with all of them in the list.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.deploy import TargetSpec
    from ide.core.ports import Work
    from ide.core.target import Target
    from ide.deploy.targets import KindFacts

JOBS: Final = 1_000


class _Door:
    """Leads nowhere: past jobs need no target."""

    def kinds(self) -> Sequence[KindFacts]:
        return ()

    def prepare(self, work: Work) -> None:
        """Nothing is needed."""

    def open(self, spec: TargetSpec, secrets: Mapping[str, str]) -> Target:
        raise AssertionError("no job is to be followed")

    def close(self) -> None:
        """Nothing is open."""


def measure(runs: int) -> dict[str, Result]:
    """One start of the program for each run; at most five."""
    from ide.api.testing import open_workbench

    shown, whole, change = [], [], []
    for _ in range(min(runs, 5)):
        with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
            project = Path(place) / "project"
            project.mkdir()
            with open_workbench(profile_dir=Path(place) / "profile", project_dir=project, door=_Door()) as workbench:
                workbench.wait_until(lambda: hasattr(workbench.program, "deploying"), 30, "The Jobs pane")
                latest_ms, all_ms = _shown_ms(workbench)
                shown.append(latest_ms)
                whole.append(all_ms)
                change.append(_change_ms(workbench))
    return {"shown": Result.of(shown, "ms"), "whole": Result.of(whole, "ms"), "change": Result.of(change, "ms")}


def _shown_ms(workbench: Workbench) -> tuple[float, float]:
    """To the latest jobs, and to all."""
    from bench._panes import PaintWatch, rest

    desk = workbench.program.deploying
    _write_history(workbench)
    workbench.run_command("view.jobs")
    rest(workbench, 1.0)
    view = desk.pane.view
    latest = PaintWatch(view.list.viewport(), lambda: view.list.rows.rowCount() > 0)
    whole = PaintWatch(view.list.viewport(), lambda: view.list.rows.rowCount() == JOBS)
    began_s = time.time()
    desk.deployments.attach()
    workbench.wait_until(lambda: whole.painted_s is not None, 30, "The painting")
    times = tuple((watch.painted_s or 0.0) - began_s for watch in (latest, whole))
    for watch in (latest, whole):
        watch.close()
    return times[0] * 1000, times[1] * 1000


def _change_ms(workbench: Workbench) -> float:
    deployments = workbench.program.deploying.deployments
    job = next(iter(deployments.jobs))
    began_s = time.perf_counter()
    deployments.changed.emit(job)
    return (time.perf_counter() - began_s) * 1000


def _write_history(workbench: Workbench) -> None:
    from ide.core.deploy import Artefact, JobState
    from ide.deploy.history import History
    from ide.deploy.record import RecordedInput, RunRecord

    history = History(workbench.program.started.paths.state_folder / "jobs")
    now_s = time.time()
    for number in range(JOBS):
        sums = f"{number:064x}"
        files = {f"module_{file}.py": sums for file in range(20)}
        packages = {f"package-{package}": f"1.{package}" for package in range(60)}
        started_s = now_s - 600 * number - 60
        record = RunRecord(
            f"{number:032x}", f"script_{number % 30}.py", "/project", f"script_{number % 30}.py", "python", "team",
            "Team", options={"workers": 4}, files=files, packages=packages, bundle_sha256=sums, lock_sha256=sums,
            inputs=(RecordedInput("data.csv", 1_000, sums),), outputs=(Artefact("outputs/a.csv", 10, sums, "table"),),
            has_results=True, state=JobState.SUCCEEDED, exit_code=0, created_s=started_s, started_s=started_s,
            ended_s=started_s + 50, cost=0.1, price_per_worker_hour=1.8, currency="EUR",
        )  # fmt: skip
        history.save(record)
