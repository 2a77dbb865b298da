"""Jobs on a cluster of dask, through a client of it: what targets are made of. In the cluster process alone.

The scheduler gets a board (`board.py`) that keeps bundles, events and results; the job itself is one task, which reads
its sources from its arguments: nothing must be installed on scheduler or workers beside dask. Calls block; any thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from distributed import Client
from distributed.diagnostics.plugin import SchedulerPlugin

from ide.core.deploy import JobEvent, JobOutcome, JobRequest, JobState, TargetStatus
from ide.core.errors import DeployError
from ide.deploy.dask_jobs import board, facts

_SHIPPED: Final = ("guarded.py", "environment.py", "figures.py", "rscript.py", "runner.py")
_CALL_S: Final = 30.0
_POLL_S: Final = 1.0
_NEWS_LIMIT_S: Final = 6.0  # a line that is cut says nothing by itself

# What the task is: `exec` of this text with `files`, `digest` and `job`. No import of ours is needed to read it.
_TASK: Final = """
import importlib, importlib.util, sys
from pathlib import Path
from distributed import get_worker
worker = get_worker()
name = "fourpane_jobs_" + digest
if name not in sys.modules:
    folder = Path(worker.local_directory) / name
    folder.mkdir(exist_ok=True)
    for path, source in {**files, "__init__.py": b""}.items():
        (folder / path).write_bytes(source)
    places = [str(folder)]
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=places)
    sys.modules[name] = importlib.util.module_from_spec(spec)
importlib.import_module(name + ".runner").run(job, worker)
"""


class DaskJobs:
    """Jobs of the cluster that `client` is connected to. `folder` is where the scheduler keeps them, "" for one that
    goes with it; it counts for the first that comes."""

    def __init__(self, client: Client, folder: str = "", price_per_worker_hour: float = 0.0) -> None:
        """Blocks till the scheduler has the board. Raises DeployError."""
        self._client = client
        self._price = price_per_worker_hour
        self._stopped: dict[str, threading.Event] = {}  # of each job the watches that are to end
        with _in_words():
            client.register_plugin(_ShippedBoard(folder), name=board.PLUGIN)

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        """As `Target.submit`. Certain when it returns; when it raises, nothing runs that `jobs` does not tell."""
        asked = {
            "entry": request.entry, "language": request.language, "arguments": list(request.arguments),
            "bundle_sha256": request.bundle_sha256, "time_limit_s": request.resources.time_limit_s,
            "memory_bytes": request.resources.memory_bytes, "output_limit_bytes": request.output_limit_bytes,
            "budget": request.resources.budget, "price_per_worker_hour": self._price, "title": request.title,
        }  # fmt: skip
        taken = self._ask("put", job=request.id, asked=asked, secrets=dict(request.secrets))
        if taken["is_held"]:
            return
        try:
            with open(request.bundle, "rb") as stream:
                size = stream.seek(0, 2)
                here = stream.seek(min(taken["here"], size))
                while here < size:
                    here = self._ask("receive", job=request.id, first=here, data=stream.read(board.CHUNK_BYTES))
                    told("Sending", here, size)
        except OSError as error:
            raise DeployError(f"The bundle can't be read: {error.strerror or error}.") from error
        files = _sources()
        digest = hashlib.sha256(b"".join(files.values())).hexdigest()[:16]
        given = {"files": files, "digest": digest, "job": request.id}
        with _in_words():
            future = self._client.submit(exec, _TASK, given, key=board.TASK + request.id, pure=False, retries=0)
        is_held = self._ask("hold", job=request.id)
        future.release()
        if not is_held:
            raise DeployError("The cluster did not take the job.", "Nothing runs.", "Send it again.")

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        """As `Target.watch`. Raises DeployError where the connection breaks; the job goes on."""
        stopped = self._stopped.setdefault(job, threading.Event())
        while True:
            news = self._ask("news", _NEWS_LIMIT_S, job=job, first=first, wait_s=_POLL_S)
            events, outcome = events_of(news), outcome_of(news)
            if events:
                told(events)
                first += len(events)
            if outcome is not None:
                return outcome
            if stopped.is_set():
                return JobOutcome(JobState(news["state"]))

    def stop(self, job: str) -> None:
        """As `Target.stop`."""
        stopped = self._stopped.pop(job, None)
        if stopped is not None:
            stopped.set()

    def cancel(self, job: str, time_limit_s: float = 60.0) -> None:
        """As `Target.cancel`: the worker says that nothing of it runs any more, or is gone."""
        first = len(self._ask("news", job=job, first=0, wait_s=0.0)["events"])
        self._ask("cancel", job=job)
        for _ in range(round(time_limit_s / _POLL_S)):
            news = self._ask("news", job=job, first=first, wait_s=_POLL_S)
            if news["outcome"] is not None:
                return
            first += len(news["events"])
        raise DeployError("The job was asked to stop, and has not yet.", "It may still run.", "Try again.")

    def jobs(self) -> Mapping[str, JobState]:
        """As `Target.jobs`."""
        return {name: JobState(state) for name, state in self._ask("states").items()}

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        """As `Target.fetch`."""
        return fetch_by(lambda first: self._ask("fetch", job=job, first=first), folder, told)

    def forget(self, job: str) -> None:
        """As `Target.forget`."""
        self._ask("forget", job=job)

    def close(self) -> None:
        """Let watches end. The client is its owner's."""
        for stopped in tuple(self._stopped.values()):
            stopped.set()

    def facts(self) -> dict[str, Any]:
        """What a worker has, as `status_of` takes it; none of it where no worker is up. Blocks a second or two."""
        source = Path(facts.__file__).read_text("utf-8")
        own = {"source": source, "names": {"__name__": "fourpane_facts"}}
        with _in_words():
            workers = list(self._client.scheduler_info(n_workers=-1)["workers"])[:1]
            if not workers:
                return {}
            told = self._client.run(eval, "(exec(source, names), names['facts']())[1]", own, workers=workers)
        found: dict[str, Any] = told[workers[0]]
        return found

    def _ask(self, act: str, time_limit_s: float = _CALL_S, /, **given: Any) -> Any:
        return ask(self._client, "fourpane", time_limit_s, act=act, **given)


class JobsAtRest:
    """The same of a board without a cluster: all of its jobs are over."""

    def __init__(self, kept: board.Board) -> None:
        self._board = kept

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        """As `Target.watch`."""
        while True:
            news = self._news(job, first)
            if news["events"]:
                told(events_of(news))
                first += len(news["events"])
            outcome = outcome_of(news)
            if outcome is not None:
                return outcome

    def cancel(self, job: str) -> None:
        """Nothing runs."""
        self._news(job, 0)

    def jobs(self) -> Mapping[str, JobState]:
        """As `Target.jobs`."""
        return {name: JobState(state) for name, state in self._board.states().items()}

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        """As `Target.fetch`."""
        self._news(job, 0)
        return fetch_by(lambda first: self._board.fetch(job, first), folder, told)

    def forget(self, job: str) -> None:
        """As `Target.forget`."""
        self._news(job, 0)
        self._board.forget(job)

    def _news(self, job: str, first: int) -> dict[str, Any]:
        try:
            return self._board.news(job, first)
        except KeyError:
            return dict(checked({"problem": "unknown"}))


def ask(client: Client, operation: str, time_limit_s: float = _CALL_S, /, **given: Any) -> Any:
    """Call an operation of the scheduler. Raises DeployError, also for the problem that it answers."""

    async def call() -> Any:
        return await getattr(client.scheduler, operation)(**given)

    with _in_words():
        answer = client.sync(call, callback_timeout=time_limit_s)
    return checked(answer)


def status_of(told: Mapping[str, Any], workers: int = 0, *, scales: bool = True) -> TargetStatus:
    """The status of a target that is reachable, from what a worker told of itself."""
    limits = {**told.get("limits", {}), **({"workers": float(workers)} if workers else {})}
    return TargetStatus(
        True, versions=told.get("versions", {}), platform=told.get("platform", ""), limits=limits,
        capabilities=frozenset((*(("scale",) if scales else ()), *told.get("capabilities", ()))),
        packages=told.get("packages", {}),
    )  # fmt: skip


class _ShippedBoard(SchedulerPlugin):  # type: ignore[misc]  # dask has no types
    """Becomes the board's plugin where it is unpacked, by its source."""

    name = board.PLUGIN
    idempotent = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        source = Path(board.__file__).read_text("utf-8")
        own = {"source": source, "folder": self._folder, "names": {"__name__": "fourpane_board"}}
        return eval, ("(exec(source, names), names['plugin'](folder))[1]", own)


def checked(answer: Any) -> Any:
    """The board's answer; DeployError where it tells a problem."""
    if isinstance(answer, dict) and "problem" in answer:
        if answer["problem"] == "unknown":
            raise DeployError("The cluster does not know this job.")
        raise DeployError(f"The cluster could not do it: {answer['problem']}.")
    return answer


def events_of(news: Mapping[str, Any]) -> tuple[JobEvent, ...]:
    """Events as the board keeps them."""
    return tuple(JobEvent(**event) for event in news["events"])


def outcome_of(news: Mapping[str, Any]) -> JobOutcome | None:
    """How it ended, as the board keeps it."""
    told = news["outcome"]
    return None if told is None else JobOutcome(**{**told, "state": JobState(told["state"])})


def fetch_by(piece: Callable[[int], Mapping[str, Any]], folder: Path, told: Callable[[float, float], None]) -> Path:
    """The results, piece by piece, as a file in `folder`."""
    target = folder / "results.zip"
    part = target.with_suffix(".part")
    try:
        with open(part, "wb") as stream:
            while True:
                got = piece(stream.tell())
                if not got["size"]:
                    raise DeployError("This job has no results.")
                stream.write(got["data"])
                told(stream.tell(), got["size"])
                if stream.tell() >= got["size"]:
                    break
                if not got["data"]:
                    raise DeployError("The results could not be fetched whole.", advice="Fetch them again.")
        part.replace(target)
    except OSError as error:
        raise DeployError(f"The results could not be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _sources() -> dict[str, bytes]:
    folder = Path(board.__file__).parent
    return {name: (folder / name).read_bytes() for name in _SHIPPED}


@contextlib.contextmanager
def _in_words() -> Any:
    """Failures of the connection as DeployError."""
    try:
        yield
    except DeployError:
        raise
    except Exception as error:  # what a scheduler of any version, or a broken line, may raise
        words = str(error) or type(error).__name__
        raise DeployError(
            "The cluster did not answer.", f"It says: {words[:300]}", "Jobs that run there go on."
        ) from error
