"""The jobs of the user: handed over once, followed until they are over, found again after a restart.

`Deployments` lives on the UI thread and emits there. Each job that is not over has a thread of its own, which alone
writes the job's folder: it saves the record, hands the job over, follows its events, fetches what comes back. A job's
lock keeps a second window from doing the same; that window waits and takes over when the first one ends.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from ide.core.deploy import Artefact, JobEvent, JobOutcome, JobRequest, JobState
from ide.core.errors import DeployError, FourpaneError
from ide.core.events import Signal
from ide.core.locks import held_lock
from ide.core.ports import Post
from ide.core.record import dataclass, field
from ide.core.target import Target
from ide.deploy.cost import estimate
from ide.deploy.history import History
from ide.deploy.record import RunRecord
from ide.deploy.redact import Redactor
from ide.deploy.results import ending, unpack

OpenTarget = Callable[[str], Target]
"""Opens the target with this id; called in threads. Raises FourpaneError."""

_FIRST_RETRY_S: Final = 1.0
_LAST_RETRY_S: Final = 30.0
_OTHER_WINDOW_S: Final = 2.0
_FIRST_SHOWN: Final = 100


@dataclass(slots=True)
class Job:
    """A job as it is shown. Only `Deployments` changes it, on the UI thread.

    `trouble` says why nothing is known at the moment, "" where all is well. `step` is what the target says it does,
    `done` of `total` of it.
    """

    record: RunRecord
    events: list[JobEvent] = field(default_factory=list)
    trouble: str = ""
    step: str = ""
    done: float = 0.0
    total: float = 0.0

    @property
    def log(self) -> str:
        """All that was printed so far."""
        return "".join(one.text for one in self.events if one.kind == "log")

    def cost(self, now_s: float) -> float:
        """So far, or what it was in the end."""
        if self.record.cost is not None:
            return self.record.cost
        return _cost(self.record, now_s)


class Deployments:
    """All jobs that this profile knows, by id, the newest last."""

    changed = Signal(str)  # the id of a job that is new, gone or another one than before
    logged = Signal(str, tuple)  # id, new events
    finished = Signal(str)

    def __init__(
        self, folder: Path, post: Post, open_target: OpenTarget, *, first_retry_s: float = _FIRST_RETRY_S
    ) -> None:
        """`folder` is the history's. Nothing is read or started before `attach` or `submit`."""
        self.jobs: dict[str, Job] = {}
        self.problems: tuple[str, ...] = ()
        self._folder = folder
        self._post = post
        self._open_target = open_target
        self._first_retry_s = first_retry_s
        self._threads: dict[str, _Following] = {}
        self._is_closed = False

    def attach(self) -> None:
        """Read the history in a thread, then follow every job that was not over."""

        def read() -> None:
            history = History(self._folder)
            # What was of interest last is shown at once; the years before come a moment later.
            for most in (_FIRST_SHOWN, None):
                records, problems = history.records(most), tuple(history.problems)
                self._post(partial(self._attached, records, problems))
                if most is not None and len(records) + len(problems) < most:
                    return

        threading.Thread(target=read, name="history of jobs", daemon=True).start()

    def submit(self, record: RunRecord, request: JobRequest) -> None:
        """Hand over a job that is prepared; returns at once. DeployError where it is known already."""
        if record.id != request.id or record.id in self.jobs:
            raise DeployError(f"{record.title} was handed over already.", advice="Deploy it again for another run.")
        self.jobs[record.id] = Job(replace(record, state=JobState.SUBMITTING))
        self._follow(record.id, request)
        self.changed.emit(record.id)

    def cancel(self, job: str, failed: Callable[[FourpaneError], None]) -> None:
        """Ask the target to stop a job. `failed` hears on the UI thread where it can't; its end comes as an event."""
        if self.jobs[job].record.state.is_final:
            return
        target_id = self.jobs[job].record.target

        def ask() -> None:
            try:
                self._open_target(target_id).cancel(job)
            except FourpaneError as error:
                told = error  # the name ends with the block
                self._post(lambda: failed(told))

        threading.Thread(target=ask, name=f"cancel {job}", daemon=True).start()

    def fetch(self, job: str) -> None:
        """Fetch the results of a job that is over once more."""
        if self.jobs[job].record.state.is_final:
            self._follow(job, None)

    def forget(self, job: str) -> None:
        """Drop a job that is over from list and disk. DeployError for one that is not."""
        if not self.jobs[job].record.state.is_final:
            raise DeployError("The job is not over.", advice="Stop it first.")
        del self.jobs[job]
        threading.Thread(target=History(self._folder).remove, args=(job,), name="forget", daemon=True).start()
        self.changed.emit(job)

    def log(self, job: str, told: Callable[[tuple[JobEvent, ...]], None]) -> None:
        """Read all events of a job from disk; `told` hears them on the UI thread. For jobs that were over at the
        start, whose events are not in memory."""

        def read() -> None:
            events = History(self._folder).events(job)
            self._post(lambda: told(events))

        threading.Thread(target=read, name=f"log of {job}", daemon=True).start()

    @property
    def running(self) -> tuple[Job, ...]:
        """Jobs that are not over."""
        return tuple(job for job in self.jobs.values() if not job.record.state.is_final)

    def place(self, job: str) -> Path:
        """Where what came back is."""
        return self._folder / job / "results"

    def close(self) -> None:
        """Follow nothing any more; jobs go on where they are. Returns at once."""
        self._is_closed = True
        for one in self._threads.values():
            one.stop()

    def wait_closed(self, timeout_s: float) -> bool:
        """Whether all threads have ended after `close`. Blocks: not for the UI thread of a window."""
        deadline = time.monotonic() + timeout_s
        for one in self._threads.values():
            one.join(max(0.0, deadline - time.monotonic()))
        return not any(one.is_alive() for one in self._threads.values())

    def _attached(self, records: Sequence[RunRecord], problems: tuple[str, ...]) -> None:
        self.problems = problems
        known = self.jobs
        jobs = [*(Job(one) for one in records if one.id not in known), *known.values()]
        self.jobs = {one.record.id: one for one in sorted(jobs, key=lambda one: one.record.created_s)}
        for record in records:
            if record.id not in known and not record.state.is_final:
                self._follow(record.id, None)
        self.changed.emit("")

    def _follow(self, job: str, request: JobRequest | None) -> None:
        before = self._threads.get(job)
        if self._is_closed or (before is not None and before.is_alive()):
            return
        following = _Following(
            self._folder, self.jobs[job].record, request, self._open_target, self._first_retry_s,
            lambda change: self._post(lambda: self._take(job, change)),
        )  # fmt: skip
        self._threads[job] = following
        following.start()

    def _take(self, job: str, change: _Change) -> None:
        found = self.jobs.get(job)
        if found is None or self._is_closed:
            return
        was_final = found.record.state.is_final
        if change.record is not None:
            found.record = change.record
        if change.events:
            found.events.extend(change.events)
            for event in change.events:
                if event.kind == "progress":
                    found.step, found.done, found.total = event.text, event.done, event.total
                elif event.kind == "state":  # the last step of the state before is over
                    found.step, found.done, found.total = "", 0.0, 0.0
            self.logged.emit(job, change.events)
        if change.trouble is not None:
            found.trouble = change.trouble
        if change.step:
            found.step, found.done, found.total = change.step
        self.changed.emit(job)
        if found.record.state.is_final and not was_final:
            self.finished.emit(job)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a thread tells of its job; None and empty: as before."""

    record: RunRecord | None = None
    events: tuple[JobEvent, ...] = ()
    trouble: str | None = None
    step: tuple[str, float, float] | tuple[()] = ()


class _Following(threading.Thread):
    """The thread of one job."""

    def __init__(
        self, folder: Path, record: RunRecord, request: JobRequest | None, open_target: OpenTarget,
        first_retry_s: float, tell: Callable[[_Change], None],
    ) -> None:  # fmt: skip
        super().__init__(name=f"job {record.id}", daemon=True)
        self._history = History(folder)
        self._record = record
        self._request = request
        self._open_target = open_target
        self._first_retry_s = first_retry_s
        self._tell = tell
        self._redact = Redactor(request.secrets.values() if request else ())
        self._next = 0
        self._cut_s = 0.0
        self._stopped = threading.Event()
        self._target: Target | None = None

    def stop(self) -> None:
        """End soon; from any thread."""
        self._stopped.set()
        target = self._target
        if target is not None:
            threading.Thread(target=target.stop, args=(self._record.id,), name="stop", daemon=True).start()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                with held_lock(self._history.place(self._record.id) / "lock", 0) as is_held:
                    if is_held:
                        self._go()
                        return
                self._tell(_Change(trouble="Another window follows this job."))
                self._stopped.wait(_OTHER_WINDOW_S)
        except (OSError, ValueError) as error:
            self._tell(_Change(trouble=f"What is known of this job can't be kept: {error}."))

    def _go(self) -> None:
        if self._request is not None:
            # On the disk before it is sent: after a crash in between it is looked for, never sent again.
            self._history.save(self._record)
        else:
            self._catch_up()
        self._tell(_Change(self._record, trouble=""))
        wait_s = self._first_retry_s
        while not self._stopped.is_set():
            try:
                self._target = self._open_target(self._record.target)
                if self._request is not None:
                    self._target.submit(self._request, self._step)
                    self._request = None
                if self._once(self._target):
                    return
                wait_s = self._first_retry_s
            except FourpaneError as error:
                if self._request is not None and not self._arrived():
                    self._end(JobOutcome(JobState.FAILED, reason=error.text))
                    return
                self._request = None
                self._cut_s = self._cut_s or time.time()
                since = f"Out of reach since {_moment(self._cut_s)}."
                self._tell(_Change(trouble=f"{self._redact(error.text)}\n{since}"))
                self._stopped.wait(wait_s)
                wait_s = min(2 * wait_s, _LAST_RETRY_S)

    def _catch_up(self) -> None:
        """What an earlier window, or another one, has written."""
        record = next((one for one in self._history.records() if one.id == self._record.id), self._record)
        self._record = record
        events = self._history.events(record.id)
        self._next = len(events)
        self._tell(_Change(record, events))

    def _arrived(self) -> bool:
        """Whether the target may have the job although handing it over failed. Where it can't be asked: it may."""
        try:
            return self._target is not None and self._record.id in self._target.jobs()
        except FourpaneError:
            return True

    def _once(self, target: Target) -> bool:
        """Follow the job as far as it goes; whether there is nothing more to follow."""
        job = self._record.id
        if not self._record.state.is_final:
            known = target.jobs()
            self._cut_s = 0.0
            if job not in known:
                never = self._record.state in (JobState.PREPARING, JobState.SUBMITTING)
                self._end(
                    JobOutcome(JobState.FAILED, reason="It was never handed over; nothing ran.")
                    if never
                    else JobOutcome(JobState.LOST, reason="The target does not know it any more.")
                )
                return True
            outcome = target.watch(job, self._next, self._hear)
            if self._stopped.is_set() or not outcome.state.is_final:
                return self._stopped.is_set()
            self._end(outcome, target)
            return True
        self._fetch_again(target)
        return True

    def _hear(self, events: Sequence[JobEvent]) -> None:
        self._cut_s = 0.0
        fresh = tuple(
            replace(one, text=self._redact(one.text), detail=self._redact(one.detail))
            for one in events
            if one.number >= self._next
        )
        if not fresh:
            return
        self._history.add_events(self._record.id, fresh)
        self._next = fresh[-1].number + 1
        states = [JobState(one.text) for one in fresh if one.kind == "state" and one.text in set(JobState)]
        # The end is told when results are here too.
        if states and not states[-1].is_final and states[-1] is not self._record.state:
            started = next((one.at_s for one in fresh if one.text == JobState.RUNNING), self._record.started_s)
            self._record = replace(self._record, state=states[-1], started_s=started)
            self._history.save(self._record)
        self._tell(_Change(self._record, fresh, trouble=""))

    def _end(self, outcome: JobOutcome, target: Target | None = None) -> None:
        outputs: tuple[Artefact, ...] = ()
        trouble = ""
        if target is not None and outcome.started_s:
            self._tell(_Change(replace(self._record, state=JobState.FETCHING)))
            outputs, trouble = self._fetch(target)
        done = replace(
            self._record, state=outcome.state, exit_code=outcome.exit_code, reason=self._redact(outcome.reason),
            error_file=outcome.error_file, error_line=outcome.error_line,
            started_s=outcome.started_s or self._record.started_s, ended_s=outcome.ended_s or time.time(),
            versions={**self._record.versions, **outcome.versions}, outputs=outputs,
            has_results=target is not None and not trouble,
        )  # fmt: skip
        self._record = replace(done, cost=_cost(done, done.ended_s) if done.started_s else 0.0)
        self._history.save(self._record)
        self._tell(_Change(self._record, trouble=trouble, step=(ending(outcome), 0.0, 0.0)))

    def _fetch_again(self, target: Target) -> None:
        outputs, trouble = self._fetch(target)
        if not trouble:
            self._record = replace(self._record, outputs=outputs, has_results=True)
            self._history.save(self._record)
        self._tell(_Change(self._record, trouble=trouble))

    def _fetch(self, target: Target) -> tuple[tuple[Artefact, ...], str]:
        """What came back, and why nothing did. Earlier results are put aside."""
        place = self._history.place(self._record.id)
        try:
            archive = target.fetch(
                self._record.id, place, lambda done, total: self._step("Fetching results", done, total)
            )
            if (place / "results").exists():
                (place / "results").rename(place / f"results-{uuid.uuid4().hex[:8]}")
            return unpack(archive, place / "results"), ""
        except FourpaneError as error:
            return (), self._redact(error.text)

    def _step(self, text: str, done: float, total: float) -> None:
        self._tell(_Change(step=(text, done, total)))


def new_id() -> str:
    """The id of a job to come."""
    return uuid.uuid4().hex


def _moment(at_s: float) -> str:
    """Here and as a clock shows it, with its day where that is not today."""
    at, today = time.localtime(at_s), time.localtime()
    return time.strftime("%H:%M:%S" if at[:3] == today[:3] else "%Y-%m-%d %H:%M:%S", at)


def _cost(record: RunRecord, now_s: float) -> float:
    workers = record.options.get("workers", 1)
    if not record.started_s or not isinstance(workers, int):
        return 0.0
    return estimate(record.price_per_worker_hour, workers, now_s - record.started_s)
