"""Jobs on this computer. The cluster is started by the first job; looking at jobs that are over starts nothing.

A console's cluster is one of its own, of the console's interpreter.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ide.api.dask_jobs import Connection, ConsoleClusters, DaskJobs, JobsAtRest, Place, Session, facts, status_of
from ide.api.target import (
    ClusterLink,
    ClusterState,
    DeployError,
    JobEvent,
    JobOutcome,
    JobRequest,
    JobState,
    TargetOption,
    TargetSpec,
    TargetStatus,
)

CLUSTER = "this-computer"
_IDLE_MINUTES = 20.0
_WAIT_S = 30.0
_END_S = 2.0


class LocalTarget:
    """A `Target`; two on one folder mean one cluster."""

    def __init__(self, spec: TargetSpec, folder: Path) -> None:
        minutes = spec.options.get("idle_minutes")
        self._idle_s = 60 * (float(minutes) if isinstance(minutes, int | float) else _IDLE_MINUTES)
        self._id, self._price = spec.id, spec.price_per_worker_hour
        self._place = Place(folder)
        self._consoles = ConsoleClusters(folder / "consoles", spec.id)
        self._lock = threading.Lock()
        self._open: tuple[Connection, Session] | None = None

    def check(self, time_limit_s: float) -> TargetStatus:
        """Looks at this computer alone."""
        return status_of(facts(), workers=os.cpu_count() or 1)

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        told("Starting the cluster on this computer", 0.0, 0.0)
        for is_last in (False, True):
            session = self._started(request.resources.idle_limit_s or self._idle_s)
            try:
                session.jobs.submit(request, told)
                _scale(session, max(request.resources.workers, session.workers))
                return
            except DeployError:
                if is_last or self._place.running() is not None:
                    raise  # else it ended just then, for it was idle

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        def tell(events: Sequence[JobEvent]) -> None:
            nonlocal first
            told(events)
            first = events[-1].number + 1

        while True:
            with self._jobs() as jobs:
                try:
                    return jobs.watch(job, first, tell)
                except DeployError:
                    if isinstance(jobs, JobsAtRest) or not self._is_ending():
                        raise

    def stop(self, job: str) -> None:
        if self._open is not None:
            self._open[1].jobs.stop(job)

    def cancel(self, job: str) -> None:
        with self._jobs() as jobs:
            jobs.cancel(job)

    def jobs(self) -> Mapping[str, JobState]:
        with self._jobs() as jobs:
            return jobs.jobs()

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        with self._jobs() as jobs:
            return jobs.fetch(job, folder, told)

    def forget(self, job: str) -> None:
        with self._jobs() as jobs:
            jobs.forget(job)

    def clusters(self) -> Iterable[ClusterState]:
        found = self._consoles.all()
        session = self._connected()
        if session is not None and self._open is not None:
            told = session.ask("fourpane_local", act="state")
            ends_s = told["idle_since_s"] + told["limit_s"] if told["idle_since_s"] else None
            found.insert(0, session.state(CLUSTER, self._id, self._open[0].started_s, ends_s))
        return found

    def start_cluster(self, options: Mapping[str, object]) -> str:
        wanted = options.get("workers", 1)
        workers = wanted if isinstance(wanted, int) else 1
        if options.get("python"):
            pid, folder = options.get("pid", 0), str(options.get("folder", ""))
            kernel = pid if isinstance(pid, int) else 0
            return self._consoles.start(str(options["python"]), folder, kernel, workers, self._idle_s)
        _scale(self._started(self._idle_s), workers)
        return CLUSTER

    def scale(self, cluster: str, workers: int) -> None:
        if self._consoles.has(cluster):
            self._consoles.scale(cluster, workers)
        else:
            _scale(self._known(cluster), workers)

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        if self._consoles.has(cluster):
            self._consoles.adapt(cluster, minimum, maximum)
        else:
            self._known(cluster).ask("fourpane_local", act="adapt", minimum=minimum, workers=maximum)

    def end_cluster(self, cluster: str) -> None:
        if self._consoles.has(cluster):
            self._consoles.end(cluster)
        else:
            self._known(cluster).ask("fourpane_local", act="end")
            self._place.wait_for_end()

    def link(self, cluster: str) -> ClusterLink:
        if self._consoles.has(cluster):
            return self._consoles.link(cluster)
        self._known(cluster)
        return self._place.link()

    def close(self) -> None:
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            opened[1].close()

    def _is_ending(self) -> bool:
        """Whether the cluster is gone. The connections of a process that was killed end before the process does."""
        until = time.monotonic() + _END_S
        while self._place.running() is not None:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def _known(self, cluster: str) -> Session:
        session = self._connected() if cluster == CLUSTER else None
        if session is None:
            raise DeployError("There is no such cluster.")
        return session

    @contextlib.contextmanager
    def _jobs(self) -> Iterator[DaskJobs | JobsAtRest]:
        """The cluster's where it is up, else what was kept of them. Waits for one that starts or ends."""
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            session = self._connected()
            if session is not None:
                yield session.jobs
                return
            with self._place.board_at_rest() as board:
                if board is not None:
                    yield JobsAtRest(board)
                    return
        raise DeployError("The cluster on this computer neither starts nor ends.", advice="Try again.")

    def _started(self, idle_s: float) -> Session:
        session = self._connected(starts=True)
        assert session is not None
        session.ask("fourpane_local", act="idle", idle_s=idle_s)
        return session

    def _connected(self, starts: bool = False) -> Session | None:
        """The connection to the cluster that is up, a new one where that is another one."""
        with self._lock:
            connection = self._place.start(self._idle_s) if starts else self._place.running()
            if self._open is not None and (connection != self._open[0] or not self._open[1].is_up):
                self._open[1].close()
                self._open = None
            if connection is not None and self._open is None:
                self._open = (connection, connection.session(self._place.board, self._price))
            return self._open[1] if self._open else None


def _scale(session: Session, workers: int) -> None:
    session.ask("fourpane_local", act="scale", workers=workers)


class LocalKind:
    """The kind of target that needs nothing from the user."""

    id = "local"
    name = "This computer"
    about = "Runs jobs here, in a cluster of their own that goes on when the window is closed."
    needs: tuple[str, ...] = ()

    def form(self) -> Sequence[TargetOption]:
        """As in the manifest."""
        return (
            TargetOption(
                "idle_minutes", "End the cluster when it was idle for", "float", _IDLE_MINUTES, minimum=1.0,
                maximum=1440.0, unit="minutes",
            ),
        )  # fmt: skip

    def open(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> LocalTarget:
        """Connects at the first call that needs it."""
        return LocalTarget(spec, folder)


kind = LocalKind()
