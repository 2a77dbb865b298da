"""A target that runs Python jobs beside the test, each in a process of its own. What runs belongs to a `FakeCluster`:
another target of the same cluster finds it, as after a restart of the window."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ide.api.target import (
    ClusterLink,
    ClusterState,
    JobEvent,
    JobOutcome,
    JobRequest,
    JobState,
    TargetOption,
    TargetSpec,
    TargetStatus,
)
from ide.core.errors import DeployError
from ide.core.ports import Work
from ide.deploy.targets import KindFacts


@dataclass
class FakeCluster:
    """What goes on whoever watches. `unreachable` lets every call of its targets fail; `submits` counts calls; `up`
    are clusters that it tells of, `started` the options of those that were started, `adapted` what was asked of them,
    `versions` those that it has besides Python."""

    folder: Path
    jobs: dict[str, _Job] = field(default_factory=dict)
    unreachable: str = ""
    submits: int = 0
    up: list[ClusterState] = field(default_factory=list)
    started: list[dict[str, object]] = field(default_factory=list)
    adapted: list[tuple[str, int, int]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def end(self) -> None:
        """Stop all that still runs, and wait for it."""
        for job in tuple(self.jobs.values()):
            job.cancel()
            job.thread.join(10)


class FakeTarget:
    """A connection to a `FakeCluster`."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self._stopped: set[str] = set()

    def check(self, time_limit_s: float) -> TargetStatus:
        if self.cluster.unreachable:
            return TargetStatus(False, self.cluster.unreachable, advice="Start it.")
        versions = {"python": ".".join(map(str, sys.version_info[:3])), **self.cluster.versions}
        return TargetStatus(True, versions=versions, platform=sys.platform, limits={"workers": 2})

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        self._reach()
        self.cluster.submits += 1
        if request.id not in self.cluster.jobs:
            told("Sending", 1, 1)
            self.cluster.jobs[request.id] = _Job(request, self.cluster.folder / request.id)

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        self._reach()
        found = self._job(job)
        self._stopped.discard(job)
        while True:
            with found.changed:
                if len(found.events) <= first and found.outcome is None and job not in self._stopped:
                    found.changed.wait(0.1)
                events, outcome = found.events[first:], found.outcome
            if events:
                told(events)
                first += len(events)
            elif self.cluster.unreachable:
                raise DeployError(self.cluster.unreachable)
            elif outcome is not None or job in self._stopped:
                return outcome or JobOutcome(found.state)

    def stop(self, job: str) -> None:
        self._stopped.add(job)

    def cancel(self, job: str) -> None:
        self._reach()
        self._job(job).cancel()
        self._job(job).thread.join(10)

    def jobs(self) -> Mapping[str, JobState]:
        self._reach()
        return {name: job.state for name, job in self.cluster.jobs.items()}

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        self._reach()
        archive = self._job(job).folder / "results.zip"
        if not archive.is_file():
            raise DeployError("This job has no results.")
        target = folder / "results.zip"
        target.write_bytes(archive.read_bytes())
        told(target.stat().st_size, target.stat().st_size)
        return target

    def forget(self, job: str) -> None:
        self._reach()
        self._job(job)
        del self.cluster.jobs[job]

    def clusters(self) -> Sequence[ClusterState]:
        self._reach()
        return tuple(self.cluster.up)

    def start_cluster(self, options: Mapping[str, object]) -> str:
        self._reach()
        workers = options.get("workers", 1)
        assert isinstance(workers, int)
        self.cluster.started.append(dict(options))
        id = f"fake-{len(self.cluster.started)}"
        self.cluster.up.append(ClusterState(id, "this-computer", time.time(), workers, workers, workers * 1_000_000))
        return id

    def scale(self, cluster: str, workers: int) -> None:
        place = self._place(cluster)
        self.cluster.up[place] = replace(self.cluster.up[place], workers=workers)

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        self._place(cluster)
        self.cluster.adapted.append((cluster, minimum, maximum))

    def end_cluster(self, cluster: str) -> None:
        del self.cluster.up[self._place(cluster)]

    def _place(self, cluster: str) -> int:
        self._reach()
        found = next((place for place, one in enumerate(self.cluster.up) if one.id == cluster), None)
        if found is None:
            raise DeployError("There is no such cluster.")
        return found

    def link(self, cluster: str) -> ClusterLink:
        self._place(cluster)
        return ClusterLink("tcp://127.0.0.1:1")

    def close(self) -> None:
        self._stopped.update(self.cluster.jobs)

    def _reach(self) -> None:
        if self.cluster.unreachable:
            raise DeployError(self.cluster.unreachable)

    def _job(self, job: str) -> _Job:
        if job not in self.cluster.jobs:
            raise DeployError("The target does not know this job.")
        return self.cluster.jobs[job]


class FakeTargetKind:
    """Opens the targets of one `FakeCluster`."""

    id = "fake"
    name = "Beside the test"
    about = "Runs jobs in processes beside the test."
    needs: tuple[str, ...] = ()

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    def form(self) -> Sequence[TargetOption]:
        return ()

    def open(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> FakeTarget:
        return FakeTarget(self._cluster)


class _Job:
    def __init__(self, request: JobRequest, folder: Path) -> None:
        self.request = request
        self.folder = folder
        self.events: list[JobEvent] = []
        self.outcome: JobOutcome | None = None
        self.state = JobState.WAITING
        self.changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_by: JobState | None = None
        self._bundle = Path(request.bundle).read_bytes()  # what is sent is the target's own from now on
        self.thread = threading.Thread(target=self._run, name=f"job {request.id}")
        self.thread.start()

    def cancel(self, state: JobState = JobState.CANCELLED) -> None:
        with self.changed:
            if self.outcome is not None:
                return
            self._ended_by = self._ended_by or state
            if self._process is not None and self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _run(self) -> None:
        started = time.time()
        self._say("state", JobState.WAITING)
        code, reason = self._execute()
        error = re.findall(r'File "([^"]+)", line (\d+)', reason) if code else []
        file, line = error[-1] if error else ("", 0)
        base = str(self.folder / "files") + os.sep
        state = self._ended_by or (JobState.FAILED if code != 0 else JobState.SUCCEEDED)
        words = reason.strip().rpartition("\n")[2]
        self._say("state", state, detail=words)
        with self.changed:
            self.state = state
            self.outcome = JobOutcome(
                state, code, words, file.removeprefix(base), int(line), started, time.time(),
                versions={"python": sys.version.split()[0]},
            )  # fmt: skip
            self.changed.notify_all()

    def _execute(self) -> tuple[int | None, str]:
        if hashlib.sha256(self._bundle).hexdigest() != self.request.bundle_sha256:
            return None, "The bundle arrived damaged."
        self.folder.mkdir()
        archive = self.folder / "bundle.zip"
        archive.write_bytes(self._bundle)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(self.folder)
        work = self.folder / "files"
        (work / "outputs").mkdir(exist_ok=True)
        with self.changed:
            if self._ended_by:
                return None, ""
            self._process = subprocess.Popen(
                [sys.executable, "-u", str(work / self.request.entry), *self.request.arguments],
                cwd=work, env={**os.environ, **self.request.secrets}, start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        self._say("state", JobState.RUNNING)
        limit = threading.Timer(self.request.resources.time_limit_s, self.cancel, (JobState.TIMED_OUT,))
        limit.start()
        errors: list[str] = []
        readers = [
            threading.Thread(target=self._read, args=(name, errors if name == "stderr" else []))
            for name in ("stdout", "stderr")
        ]
        for reader in readers:
            reader.start()
        code = self._process.wait()
        limit.cancel()
        limit.join()
        for reader in readers:
            reader.join()
        with zipfile.ZipFile(self.folder / "results.zip", "w") as results:
            for path in sorted((work / "outputs").rglob("*")):
                results.write(path, path.relative_to(work).as_posix())
        return code, "".join(errors)

    def _read(self, name: str, kept: list[str]) -> None:
        assert self._process is not None
        stream = getattr(self._process, name)
        for line in stream:
            text = line.decode()
            for value in self.request.secrets.values():
                text = text.replace(value, "***")
            kept.append(text)
            self._say("log", text, stream=name)
        stream.close()

    def _say(self, kind: str, text: str, stream: str = "", detail: str = "") -> None:
        with self.changed:
            self.events.append(JobEvent(len(self.events), kind, time.time(), str(text), stream, detail))
            if kind == "state":
                self.state = JobState(text)
            self.changed.notify_all()


class FakeDoor:
    """The way to one `FakeCluster`, as the program's target "This computer"."""

    def __init__(self, cluster: FakeCluster, *more: KindFacts) -> None:
        """`more` kinds of targets lead to the same cluster; `opened` tells with which secrets each target was."""
        self._cluster = cluster
        self._more = more
        self.opened: list[tuple[str, dict[str, str]]] = []

    def kinds(self) -> Sequence[KindFacts]:
        return (KindFacts("local", "Beside the test", "Runs jobs in processes beside the test."), *self._more)

    def prepare(self, work: Work) -> None:
        pass

    def open(self, spec: TargetSpec, secrets: Mapping[str, str]) -> FakeTarget:
        self.opened.append((spec.name, dict(secrets)))
        return FakeTarget(self._cluster)

    def close(self) -> None:
        pass
