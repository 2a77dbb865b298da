"""What the Jobs pane shows: the rows, the selected job, its log, what was compared or verified. No Qt. UI thread."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from ide.core.deploy import Artefact, JobEvent
from ide.core.events import Signal
from ide.core.ports import RunInPool
from ide.deploy.cost import Meter, Spell, cost_by_day
from ide.deploy.deployments import Deployments, Job
from ide.deploy.record import Change, RunRecord, changed_inputs, compare

KEPT_DAYS: Final = 14
_CONTROL: Final = re.compile(
    r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)


class JobsModel:
    """`rows` are the jobs listed, the newest first; `selected` are ids in the order of choosing, two at most.

    `logged` carries lines of the selected job's log to add, as (text, is an error); `log_renewed` tells that it is to
    be shown from its beginning. `compared` are two runs and their differences while those are shown.
    """

    changed = Signal()
    log_renewed = Signal()
    logged = Signal(tuple)

    def __init__(
        self, deployments: Deployments, run_in_pool: RunInPool, *, now: Callable[[], float] = time.time
    ) -> None:
        self._deployments = deployments
        self._run_in_pool = run_in_pool
        self.now = now
        self.rows: tuple[Job, ...] = ()
        self.selected: tuple[str, ...] = ()
        self.log: list[JobEvent] = []
        self.compared: tuple[RunRecord, RunRecord, tuple[Change, ...]] | None = None
        self._costs: dict[str, dict[str, float]] = {}
        """By day, of jobs that are over: they never change again."""
        self._changed_inputs: dict[str, tuple[str, ...]] = {}
        self._words: list[str] = []
        self._reading = ""
        deployments.changed.connect(self._on_changed)
        deployments.logged.connect(self._on_logged)
        self._arrange()

    def close(self) -> None:
        """Follow no more."""
        self._deployments.changed.disconnect(self._on_changed)
        self._deployments.logged.disconnect(self._on_logged)

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def job(self) -> Job | None:
        """The job whose log and details are shown."""
        return self._deployments.jobs.get(self.selected[-1]) if self.selected else None

    @property
    def total(self) -> int:
        """All jobs that are known."""
        return len(self._deployments.jobs)

    @property
    def running(self) -> tuple[Job, ...]:
        """Jobs that are not over."""
        return self._deployments.running

    @property
    def changed_inputs(self) -> tuple[str, ...] | None:
        """What of the selected job's data is not as it was; None where nobody looked."""
        return self._changed_inputs.get(self.selected[-1]) if self.selected else None

    @property
    def first(self) -> RunRecord | None:
        """The run that the selected job repeats."""
        job = self.job
        first = self._deployments.jobs.get(job.record.again_of) if job is not None else None
        return first.record if first is not None else None

    def filter(self, text: str) -> None:
        """List only jobs in which every word stands somewhere."""
        self._words = text.lower().split()
        self._arrange()

    def select(self, ids: Iterable[str]) -> None:
        """Choose jobs: the last one is shown, two can be compared."""
        chosen = tuple(id for id in ids if id in self._deployments.jobs)[-2:]
        if chosen == self.selected:
            return
        is_other = not (chosen and self.selected and chosen[-1] == self.selected[-1])
        self.selected, self.compared = chosen, None
        if is_other:
            self._read_log()
        self.changed.emit()

    def days(self) -> dict[str, float]:
        """Cost of each of the last days (UTC) on which something cost, the oldest first."""
        days: dict[str, float] = {}
        for id, job in self._deployments.jobs.items():
            found = self._costs.get(id)
            if found is None:
                found = self._cost_by_day(job.record)
                if job.record.state.is_final:
                    self._costs[id] = found
            for day, cost in found.items():
                days[day] = days.get(day, 0.0) + cost
        return dict(sorted(days.items())[-KEPT_DAYS:])

    def file_of(self, one: Artefact) -> Path:
        """Where something that the selected job handed back lies here."""
        return self._deployments.place(self.selected[-1]) / PurePosixPath(one.path)

    # --- what is asked -----------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Show what differs between the two selected runs, the older one first."""
        runs = sorted((self._deployments.jobs[id].record for id in self.selected), key=lambda one: one.created_s)
        if len(runs) == 2:
            self.compared = (runs[0], runs[1], tuple(compare(runs[0], runs[1])))
            self.changed.emit()

    def verify(self, failed: Callable[[Exception], None]) -> None:
        """Look whether the selected run's data are still as they were; reads them in the pool."""
        job = self.job
        if job is None:
            return
        record = job.record

        def done(found: tuple[str, ...]) -> None:
            self._changed_inputs[record.id] = found
            self.compared = None
            self.changed.emit()

        self._run_in_pool(lambda: changed_inputs(record), done, failed)

    def tick(self) -> None:
        """Time went on: ages, run times and costs are others."""
        self.changed.emit()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _cost_by_day(self, record: RunRecord) -> dict[str, float]:
        workers = record.options.get("workers", 1)
        if not record.price_per_worker_hour or not record.started_s or not isinstance(workers, int):
            return {}
        end = (record.ended_s or record.started_s) if record.state.is_final else None
        meter = Meter(record.price_per_worker_hour, [Spell(record.started_s, workers, end)])
        return dict(cost_by_day([meter], self.now()))

    def _arrange(self) -> None:
        jobs = reversed(self._deployments.jobs.values())
        words = self._words
        self.rows = tuple(job for job in jobs if not words or _holds(job.record.text(), words))
        kept = tuple(id for id in self.selected if id in self._deployments.jobs)
        if kept != self.selected:
            self.selected, self.compared = kept, None
            self._read_log()
        self.changed.emit()

    def _read_log(self) -> None:
        """The selected job's log: what is in memory where it was followed, else what is on disk."""
        job = self.job
        self.log = [one for one in job.events if one.kind == "log"] if job is not None else []
        self._reading = ""
        if job is not None and not job.events and job.record.state.is_final:
            id = self._reading = job.record.id

            def told(events: tuple[JobEvent, ...]) -> None:
                if self._reading == id:
                    self._reading = ""
                    self.log = [one for one in events if one.kind == "log"]
                    self.log_renewed.emit()

            self._deployments.log(id, told)
        self.log_renewed.emit()

    def _on_changed(self, _id: str) -> None:
        self._arrange()

    def _on_logged(self, id: str, events: tuple[JobEvent, ...]) -> None:
        if not self.selected or id != self.selected[-1]:
            return
        fresh = [one for one in events if one.kind == "log"]
        self.log += fresh
        if fresh:
            self.logged.emit(tuple(fresh))


def _holds(text: str, words: Iterable[str]) -> bool:
    return all(word in text for word in words)


def clean(text: str) -> str:
    """Printed text without control sequences; of a line that was written over, what was written last stays."""
    text = _CONTROL.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text
