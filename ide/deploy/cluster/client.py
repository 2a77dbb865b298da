"""The cluster process as the window sees it: started at need, killed when it hangs, started anew.

Owns one process at a time with two threads that read from it. Calls block and are made in threads; a call that waits
longer than its limit without a word takes the process along, since nothing else ends what hangs in a library. Jobs go
on where they are. No cluster library is imported here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import ide
from ide.core.deploy import (
    ClusterLink,
    ClusterState,
    JobEvent,
    JobOutcome,
    JobRequest,
    JobState,
    TargetSpec,
    TargetStatus,
)
from ide.core.errors import DeployError
from ide.core.record import dataclass
from ide.core.wire import Header, read_message, write_message
from ide.deploy.cluster.plain import HEARTBEAT_S, VERSION, plain, rebuilt
from ide.deploy.redact import Redactor

START_LIMIT_S: Final = 60.0
"""Until the process says hello: a disk that is cold, a scanner that looks at each file."""
CHECK_GRACE_S: Final = 5.0
"""A check keeps its limit by itself; so much later it hangs."""
LIMITS_S: Final[Mapping[str, float]] = {
    "submit": 180.0, "fetch": 60.0, "cancel": 90.0, "jobs": 60.0, "start_cluster": 960.0,
}  # fmt: skip
"""For so long may a call be silent: it may wait for a cluster that starts."""
CALL_LIMIT_S: Final = 60.0
SILENCE_LIMIT_S: Final = 10.0
"""Without a sign of life: nobody works in there any more."""
_WORDS_MOST: Final = 4_000
# Only the program itself is found there, none of what it stands beside: its packages may be of other versions.
_CODE: Final = """\
import sys, importlib.util as util
file, folder = sys.argv[1:]
spec = util.spec_from_file_location("ide", file, submodule_search_locations=[folder])
sys.modules["ide"] = module = util.module_from_spec(spec)
spec.loader.exec_module(module)
from ide.deploy.cluster.process import main
main()
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the process is told of plugins: where each kind is loaded from, and the folders that they are in."""

    loads: Mapping[str, str]
    folders: tuple[Path, ...]


class ClusterProcess:
    """Any thread. `python` gives the interpreter; it blocks where that must be made first."""

    def __init__(
        self, python: Callable[[], Path], kinds: Kinds, folder: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        """`folder` is private and lasts: targets keep there what they must find again. `variables` are the process's
        besides our own. Starts nothing."""
        self._python = python
        self._kinds = kinds
        self._folder = folder
        self._variables = dict(variables or {})
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        run = self._run
        return run.pid if run is not None and run.is_alive else None

    def call(
        self, method: str, spec: TargetSpec, secrets: Mapping[str, str], arguments: Mapping[str, object],
        told: Callable[..., None] | None = None, limit_s: float | None = CALL_LIMIT_S,
    ) -> Any:  # fmt: skip
        """The result as it came. `told` is called in this thread. Raises DeployError, also for all that breaks.

        `limit_s` is how long nothing at all may be told; None: as long as the process is alive.
        """
        run = self._started()
        given = {"spec": plain(spec), "secrets": dict(secrets), "arguments": plain(arguments)}
        own = (*secrets.values(), *_secrets_in(arguments))
        return run.call(method, given, told or _ignore, limit_s, own)

    def close(self) -> None:
        """End the process, whatever it does. Returns at once; every call that waits raises."""
        self._is_closed = True
        run = self._run
        if run is not None:
            run.end()

    def _started(self) -> _Run:
        with self._lock:
            if self._is_closed:
                raise DeployError("The program is closing.", "Jobs go on where they are.")
            if self._run is None or not self._run.is_alive:
                self._run = _Run(self._python(), self._kinds, self._folder, self._variables)
            run = self._run
        if self._has_closed():  # while it was started
            run.end()
        return run

    def _has_closed(self) -> bool:
        return self._is_closed


class ClusterTarget:
    """A `Target` whose calls are made in the cluster process."""

    def __init__(self, process: ClusterProcess, spec: TargetSpec, secrets: Mapping[str, str]) -> None:
        self._process = process
        self._spec = spec
        self._secrets = dict(secrets)

    def check(self, time_limit_s: float) -> TargetStatus:
        """As `Target.check`."""
        limit_s = time_limit_s + CHECK_GRACE_S
        return rebuilt(TargetStatus, self._call("check", {"time_limit_s": time_limit_s}, limit_s=limit_s))

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        """As `Target.submit`."""
        self._call("submit", {"request": request}, told)

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        """As `Target.watch`."""

        def hear(events: Sequence[Mapping[str, object]]) -> None:
            told([rebuilt(JobEvent, one) for one in events])

        return rebuilt(JobOutcome, self._call("watch", {"job": job, "first": first}, hear, limit_s=None))

    def stop(self, job: str) -> None:
        """As `Target.stop`. Where the process is gone nothing is watched any more."""
        if self._process.pid is not None:
            with contextlib.suppress(DeployError):
                self._call("stop", {"job": job})

    def cancel(self, job: str) -> None:
        """As `Target.cancel`."""
        self._call("cancel", {"job": job})

    def jobs(self) -> Mapping[str, JobState]:
        """As `Target.jobs`."""
        return {name: JobState(state) for name, state in self._call("jobs", {}).items()}

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        """As `Target.fetch`."""
        return Path(self._call("fetch", {"job": job, "folder": folder}, told))

    def forget(self, job: str) -> None:
        """As `Target.forget`."""
        self._call("forget", {"job": job})

    def clusters(self) -> Sequence[ClusterState]:
        """As `Target.clusters`."""
        return tuple(rebuilt(ClusterState, one) for one in self._call("clusters", {}))

    def start_cluster(self, options: Mapping[str, object]) -> str:
        """As `Target.start_cluster`."""
        return str(self._call("start_cluster", {"options": options}))

    def scale(self, cluster: str, workers: int) -> None:
        """As `Target.scale`."""
        self._call("scale", {"cluster": cluster, "workers": workers})

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        """As `Target.adapt`."""
        self._call("adapt", {"cluster": cluster, "minimum": minimum, "maximum": maximum})

    def end_cluster(self, cluster: str) -> None:
        """As `Target.end_cluster`."""
        self._call("end_cluster", {"cluster": cluster})

    def link(self, cluster: str) -> ClusterLink:
        """As `Target.link`."""
        return rebuilt(ClusterLink, self._call("link", {"cluster": cluster}))

    def close(self) -> None:
        """As `Target.close`: connections are the process's, which keeps them for the next call."""

    def _call(
        self, method: str, arguments: Mapping[str, object], told: Callable[..., None] | None = None,
        limit_s: float | None = -1.0,
    ) -> Any:  # fmt: skip
        limit_s = LIMITS_S.get(method, CALL_LIMIT_S) if limit_s == -1.0 else limit_s
        try:
            return self._process.call(method, self._spec, self._secrets, arguments, told, limit_s)
        except (TypeError, ValueError) as error:
            raise DeployError("What the target said can't be understood.", f"{error}.") from error


class _Run:
    """One process, from its start to its end."""

    def __init__(self, python: Path, kinds: Kinds, folder: Path, variables: Mapping[str, str]) -> None:
        """Starts it; blocks until it has said hello. DeployError where it does not."""
        package = Path(ide.__file__)
        arguments = [str(python), "-I", "-c", _CODE, str(package), str(package.parent)]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._popen = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={**os.environ, **variables}, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise DeployError(
                "What reaches clusters could not be started.", f"The system says: {error.strerror or error}."
            ) from error
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[Header]] = {}
        self._next_id = 0
        self._heard_s = time.monotonic()
        self._ended = ""
        self._secrets: set[str] = set()
        for work, name in ((self._read, "cluster"), (self._read_errors, "cluster-errors")):
            threading.Thread(target=work, name=name, daemon=True).start()
        hello = {
            "version": VERSION, "kinds": dict(kinds.loads), "plugins": plain(kinds.folders), "folder": str(folder)
        }  # fmt: skip
        self.call("hello", hello, _ignore, START_LIMIT_S)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it answers calls."""
        return not self._ended

    def call(
        self, method: str, params: Mapping[str, object], told: Callable[..., None], limit_s: float | None,
        secrets: Sequence[str] = (),
    ) -> Any:  # fmt: skip
        """As `ClusterProcess.call`."""
        answers: queue.SimpleQueue[Header] = queue.SimpleQueue()
        with self._lock:
            if self._ended:
                raise _ended(self._ended)
            self._secrets.update(secrets)
            number = self._next_id
            self._next_id += 1
            self._waiting[number] = answers
        try:
            assert self._popen.stdin is not None
            with self._writing:
                write_message(self._popen.stdin, {"id": number, "method": method, "params": params})
            return self._answer(method, answers, told, limit_s)
        except (OSError, ValueError) as error:  # ValueError: closed
            self.end("What reaches clusters ended.")
            raise _ended(self._ended) from error
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def end(self, why: str = "What reaches clusters was ended.") -> None:
        """Kill it. Every call that waits raises."""
        with self._lock:
            self._ended = self._ended or why
            waiting = tuple(self._waiting.values())
        with contextlib.suppress(OSError):
            self._popen.kill()
        for one in waiting:
            one.put({"ended": True})
        self._popen.wait()

    def _answer(
        self, method: str, answers: queue.SimpleQueue[Header], told: Callable[..., None], limit_s: float | None
    ) -> Any:
        since_s = time.monotonic()
        while True:
            try:
                answer = answers.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                now_s = time.monotonic()
                is_dead = method != "hello" and now_s - self._heard_s > SILENCE_LIMIT_S
                if is_dead or (limit_s is not None and now_s - since_s > limit_s):
                    _log.info("the cluster process did not answer in time (%s) and is started anew", method)
                    self.end("The target did not answer in time, so the connection was given up.")
                    raise _ended(self._ended) from None
                continue
            since_s = time.monotonic()
            if "told" in answer:
                told(*answer["told"])
            elif "error" in answer:
                raise DeployError(**answer["error"])
            elif "ended" in answer:
                raise _ended(self._ended)
            else:
                return answer["result"]

    def _read(self) -> None:
        stream = self._popen.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while (message := read_message(stream)) is not None:
                self._heard_s = time.monotonic()
                with self._lock:
                    answers = self._waiting.get(message[0].get("id", -1))
                if answers is not None:
                    answers.put(message[0])
        self.end("What reaches clusters ended unexpectedly.")
        for one in (stream, self._popen.stdin):
            with contextlib.suppress(OSError):
                one.close()  # type: ignore[union-attr]  # all three are pipes

    def _read_errors(self) -> None:
        """What libraries complain about goes to the log when the process dies, without secrets."""
        stream: IO[bytes] | None = self._popen.stderr
        assert stream is not None
        last = b""
        with contextlib.suppress(OSError, ValueError):
            while more := stream.read1(_WORDS_MOST):  # type: ignore[attr-defined]  # a buffered reader has it
                last = (last + more)[-_WORDS_MOST:]
        stream.close()
        if last:
            with self._lock:
                redact = Redactor(self._secrets)
            _log.info("the cluster process said at its end: %s", redact(last.decode("utf-8", "replace")))


def _ended(why: str) -> DeployError:
    return DeployError(why, "Jobs that were handed over go on where they are.", "It is started anew by itself.")


def _secrets_in(arguments: Mapping[str, object]) -> tuple[str, ...]:
    request = arguments.get("request")
    return tuple(request.secrets.values()) if isinstance(request, JobRequest) else ()


def _ignore(*_what: object) -> None:
    """Nobody listens."""
