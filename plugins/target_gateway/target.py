"""Jobs on clusters of a Dask Gateway. A job goes to a cluster of this target with the same options, or to a new one.

Jobs and their results live on the scheduler of their cluster and end with it: an idle cluster is ended by its own
scheduler, also with this computer off. Which cluster has which job is noted in the target's folder.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dask_gateway.client import GatewaySecurity
from distributed import Client

from fourpane_plugins.target_gateway.book import Book
from fourpane_plugins.target_gateway.rest import Gateway
from ide.api.dask_jobs import DaskJobs, status_of
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

_START_LIMIT_S: Final = 900.0
_CONNECT_LIMIT_S: Final = 10.0
_POLL_S: Final = 0.5
_OF_CONSOLES: Final = frozenset({"workers", "python", "folder", "pid"})
_END_LIMIT_S: Final = 30.0
_HERE_S: Final = 3.0  # that nothing is heard is to be told within ten seconds
_KINDS: Final = {
    "string": "text", "bool": "bool", "int": "int", "float": "float", "select": "choice", "mapping": "mapping"
}  # fmt: skip
_GONE: Final = "Its cluster has ended, and with it what was kept of the job. It is not run again by itself."

# Run by the scheduler: its gateway's own clock for idle clusters, set to what the user allows. It counts also when
# nobody is connected. A longer time than the administrator allows is not asked for.
_SET_IDLE: Final = """
import asyncio
async def fourpane_idle(limit_s, dask_scheduler=None):
    service = dask_scheduler.services.get("gateway")
    if service is None or limit_s <= 0:
        return False
    allowed = getattr(dask_scheduler, "fourpane_allowed_idle_s", service.idle_timeout)
    dask_scheduler.fourpane_allowed_idle_s = allowed
    service.idle_timeout = min(limit_s, allowed) if allowed > 0 else limit_s
    if service.check_idle_task is not None:
        service.check_idle_task.cancel()
    service.check_idle_task = asyncio.ensure_future(service.check_idle())
    return True
"""


class _Open:
    """A connection to one cluster."""

    def __init__(self, gateway: Gateway, name: str, price_per_worker_hour: float) -> None:
        """Blocks, at most some seconds. Raises DeployError."""
        found = gateway.cluster(name)
        if found.get("status") != "RUNNING" or not found.get("tls_cert"):
            raise DeployError("The cluster is not up.")
        security = GatewaySecurity(found["tls_key"], found["tls_cert"])
        try:
            self.client = Client(
                f"gateway://{gateway.scheduler_proxy}/{name}", security=security, timeout=_CONNECT_LIMIT_S,
                set_as_default=False,
            )  # fmt: skip
        except Exception as error:
            raise DeployError(
                f"The cluster can't be reached through {gateway.scheduler_proxy}.",
                f"It says: {str(error) or type(error).__name__}. Jobs that run there go on.",
                "Check the address of schedulers in the target, and whether a firewall lets it through.",
            ) from error
        self._price = price_per_worker_hour
        self._lock = threading.Lock()
        self._jobs: DaskJobs | None = None

    @property
    def jobs(self) -> DaskJobs:
        """Jobs of this cluster. The first call gives the scheduler what keeps them: only for clusters of ours."""
        with self._lock:
            if self._jobs is None:
                self._jobs = DaskJobs(self.client, price_per_worker_hour=self._price)
            return self._jobs

    @property
    def is_usable(self) -> bool:
        """Whether the connection has not broken for good."""
        return bool(self.client.status == "running")

    def limit_idle(self, limit_s: float) -> None:
        """Let the cluster end when it was idle for so long. A cluster that does not know how keeps its own time."""
        with contextlib.suppress(Exception):
            self.client.run_on_scheduler(_idle_call(), limit_s)

    def workers(self) -> list[Mapping[str, Any]]:
        """What is up."""
        return list(self.client.scheduler_info(n_workers=-1)["workers"].values())

    def close(self) -> None:
        """Let it go. Where the cluster is gone that takes long, so nobody waits for it."""
        if self._jobs is not None:
            self._jobs.close()
        threading.Thread(target=self.client.close, kwargs={"timeout": 1}, name="close", daemon=True).start()


def _idle_call() -> Callable[..., Any]:
    """`fourpane_idle` as a function that is sent by its source: nothing of ours can be imported over there."""
    return _Shipped(_SET_IDLE, "fourpane_idle")  # type: ignore[return-value]  # it becomes one where it is unpacked


class _Shipped:
    """Becomes a function where it is unpacked."""

    def __init__(self, source: str, name: str) -> None:
        self._source, self._name = source, name

    def __reduce__(self) -> tuple[Any, ...]:
        own = {"source": self._source, "name": self._name, "names": {"__name__": "fourpane_idle"}}
        return eval, ("(exec(source, names), names[name])[1]", own)


class GatewayTarget:
    """A `Target`; two on one folder mean the same clusters."""

    def __init__(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._spec = spec
        self._gateway = Gateway(spec.options, secrets.get("password", ""))
        self._book = Book(folder)
        self._lock = threading.Lock()
        self._choosing = threading.Lock()
        # Held until they are closed by hand: one that is collected by chance can hang its own loop.
        self._opened: dict[str, _Open] = {}

    def check(self, time_limit_s: float) -> TargetStatus:
        """Asks the gateway; what its workers have is known once there was one."""
        ends_s = time.monotonic() + time_limit_s
        try:
            version = self._gateway.version(time_limit_s)
            asked = self._gateway.options(max(1.0, ends_s - time.monotonic()))
        except DeployError as error:
            return TargetStatus(False, error.happened, error.meaning, error.advice)
        known = self._book.get("workers", "last") or {}
        status = status_of(known)
        meaning = (
            "The login is sent unprotected: the address begins with http://." if self._gateway.is_unprotected else ""
        )
        capabilities = status.capabilities | {"gateway_options"} | (set() if known else {"workers_unknown"})
        return TargetStatus(
            True, "", meaning, "", {**status.versions, "dask_gateway": version}, status.platform, capabilities,
            tuple(map(_option, asked)), status.limits, status.packages,
        )  # fmt: skip

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        with self._choosing:
            noted = self._book.get("jobs", request.id)
            if noted is None:
                name = self._cluster_for(request, told)
                self._book.put("jobs", request.id, cluster=name, state="")
            else:
                name = noted["cluster"]
                if noted["state"] or name not in self._gateway.clusters():
                    return  # it was handed over once; `watch` tells what became of it
        opened = self._connected(name)
        wanted = max(request.resources.workers, len(opened.workers()))
        told("Asking for workers", 0.0, 0.0)
        self._gateway.scale(name, wanted)
        opened.limit_idle(request.resources.idle_limit_s)
        opened.jobs.submit(request, told)
        threading.Thread(target=self._learn, args=(opened,), name="workers", daemon=True).start()

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        noted = self._noted(job)
        name = noted["cluster"]

        def tell(events: Sequence[JobEvent]) -> None:
            nonlocal first
            told(events)
            first = events[-1].number + 1

        try:
            outcome = self._connected(name).jobs.watch(job, first, tell)
        except DeployError:
            # A scheduler that is gone is told apart from a line that broke by the gateway alone.
            self._drop(name)
            if name in self._gateway.clusters(_HERE_S):
                raise
            return self._lost(job, noted)
        if outcome.state.is_final:
            self._book.put("jobs", job, cluster=name, state=outcome.state.value, reason=outcome.reason)
        return outcome

    def stop(self, job: str) -> None:
        noted = self._book.get("jobs", job)
        opened = self._opened.get(noted["cluster"]) if noted is not None else None
        if opened is not None:
            opened.jobs.stop(job)

    def cancel(self, job: str) -> None:
        noted = self._noted(job)
        if noted["cluster"] in self._gateway.clusters():
            self._connected(noted["cluster"]).jobs.cancel(job)

    def jobs(self) -> Mapping[str, JobState]:
        found: dict[str, JobState] = {}
        up = self._gateway.clusters()
        of_cluster: dict[str, Mapping[str, JobState]] = {}
        for job, noted in self._book.all("jobs"):
            name = noted["cluster"]
            if name not in up:
                found[job] = JobState(noted["state"]) if noted["state"] else JobState.LOST
                continue
            if name not in of_cluster:
                of_cluster[name] = self._connected(name).jobs.jobs()
            if job in of_cluster[name]:  # else it never arrived
                found[job] = of_cluster[name][job]
        return found

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        name = self._noted(job)["cluster"]
        if name not in self._gateway.clusters():
            raise DeployError(
                "The results are gone.", "They were kept by the job's cluster, which has ended.",
                "Run the job again; stay connected, or let idle clusters live for longer.",
            )  # fmt: skip
        return self._connected(name).jobs.fetch(job, folder, told)

    def forget(self, job: str) -> None:
        name = self._noted(job)["cluster"]
        if name in self._gateway.clusters():
            self._connected(name).jobs.forget(job)
        self._book.remove("jobs", job)

    def clusters(self) -> Iterable[ClusterState]:
        up = self._gateway.clusters()
        for name in self._book.secrets("links"):
            if name not in up:
                self._book.remove_secret("links", name)
        return [self._state(name, told) for name, told in up.items()]

    def start_cluster(self, options: Mapping[str, object]) -> str:
        # Its workers are the gateway's own, whatever the console is.
        given = {name: value for name, value in options.items() if name not in _OF_CONSOLES}
        workers = options.get("workers", 1)
        name = self._start(given, lambda *_: None)
        self._gateway.scale(name, workers if isinstance(workers, int) else 1)
        threading.Thread(target=self._learn, args=(self._connected(name),), name="workers", daemon=True).start()
        return name

    def scale(self, cluster: str, workers: int) -> None:
        remark = self._gateway.scale(self._up(cluster), workers)
        if remark:
            raise DeployError("The cluster does not become as large.", remark)

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        remark = self._gateway.adapt(self._up(cluster), minimum, maximum)
        if remark:
            raise DeployError("The cluster does not become as large.", remark)

    def end_cluster(self, cluster: str) -> None:
        self._gateway.stop(self._up(cluster))
        self._drop(cluster)
        ends_s = time.monotonic() + _END_LIMIT_S
        while self._gateway.cluster(cluster).get("status") not in ("STOPPED", "FAILED"):
            if time.monotonic() > ends_s:
                raise DeployError(
                    "The cluster was asked to end, and has not yet.", "It may still cost something.", "Look again soon."
                )
            time.sleep(_POLL_S)
        self._book.remove("clusters", cluster)
        self._book.remove_secret("links", cluster)

    def link(self, cluster: str) -> ClusterLink:
        """The cluster's own certificate, which reaches it alone; the login of the gateway stays here."""
        told = self._gateway.cluster(self._up(cluster))
        if told.get("status") != "RUNNING" or not told.get("tls_cert"):
            raise DeployError("The cluster is not up.", advice="Try again soon.")
        pem = str(self._book.put_secret("links", cluster, f"{told['tls_cert']}\n{told['tls_key']}"))
        return ClusterLink(f"gateway://{self._gateway.scheduler_proxy}/{cluster}", pem, pem, pem, ("dask_gateway",))

    def close(self) -> None:
        with self._lock:
            opened, self._opened = self._opened, {}
        for one in opened.values():
            one.close()

    # --- clusters ----------------------------------------------------------------------------------------------------

    def _cluster_for(self, request: JobRequest, told: Callable[[str, float, float], None]) -> str:
        """One of ours with the same options that is up, else a new one."""
        options = dict(request.resources.options)
        up = self._gateway.clusters()
        for name, noted in tuple(self._book.all("clusters")):
            if name not in up:
                self._book.remove("clusters", name)
            elif noted["options"] == options and up[name].get("status") == "RUNNING":
                return name
        return self._start(options, told)

    def _start(self, options: Mapping[str, object], told: Callable[[str, float, float], None]) -> str:
        name = self._gateway.start(options)
        self._book.put("clusters", name, options=dict(options))
        ends_s = time.monotonic() + _START_LIMIT_S
        while (status := self._gateway.cluster(name).get("status")) != "RUNNING":
            if status in ("FAILED", "STOPPED", "STOPPING"):
                self._book.remove("clusters", name)
                raise DeployError(
                    "The gateway could not start a cluster.", "Nothing runs.",
                    f"Whoever runs the gateway finds the reason in its log, under {name}.",
                )  # fmt: skip
            if time.monotonic() > ends_s:
                self._gateway.stop(name)
                raise DeployError(
                    f"The cluster was not up after {_START_LIMIT_S / 60:.0f} minutes, so it was given up.",
                    "Nothing runs.", "Try again later, or ask for less.",
                )  # fmt: skip
            told("Waiting for a cluster", 0.0, 0.0)
            time.sleep(_POLL_S)
        return name

    def _connected(self, name: str) -> _Open:
        with self._lock:
            opened = self._opened.get(name)
            if opened is not None and not opened.is_usable:
                opened.close()
                opened = None
            if opened is None:
                opened = self._opened[name] = _Open(self._gateway, name, self._spec.price_per_worker_hour)
            return opened

    def _drop(self, name: str) -> None:
        with self._lock:
            opened = self._opened.pop(name, None)
        if opened is not None:
            opened.close()

    def _up(self, cluster: str) -> str:
        if cluster not in self._gateway.clusters():
            raise DeployError("There is no such cluster.", advice="It may have ended; look again.")
        return cluster

    def _state(self, name: str, told: Mapping[str, Any]) -> ClusterState:
        workers: list[Mapping[str, Any]] = []
        if told.get("status") == "RUNNING":
            with contextlib.suppress(DeployError):  # it may end just now; the gateway says soon
                workers = self._connected(name).workers()
        running = [job for job, noted in self._book.all("jobs") if noted["cluster"] == name and not noted["state"]]
        route = told.get("dashboard_route")
        return ClusterState(
            name, self._spec.id, float(told.get("start_time") or 0) / 1000, len(workers),
            sum(one["nthreads"] for one in workers), sum(one["memory_limit"] for one in workers), tuple(running),
            f"{self._gateway.address}{route}" if route else "",
        )  # fmt: skip

    def _learn(self, opened: _Open) -> None:
        """Note what workers have, for the next check."""
        ends_s = time.monotonic() + _START_LIMIT_S
        with contextlib.suppress(Exception):  # it is told by the job itself where something is missing
            while not opened.workers() and time.monotonic() < ends_s:
                time.sleep(_POLL_S)
            self._book.put("workers", "last", **opened.jobs.facts())

    # --- jobs --------------------------------------------------------------------------------------------------------

    def _noted(self, job: str) -> dict[str, Any]:
        noted = self._book.get("jobs", job)
        if noted is None:
            raise DeployError("The target does not know this job.")
        return noted

    def _lost(self, job: str, noted: Mapping[str, Any]) -> JobOutcome:
        state = JobState(noted["state"]) if noted["state"] else JobState.LOST
        if not noted["state"]:
            self._book.put("jobs", job, cluster=noted["cluster"], state=state.value, reason=_GONE)
        return JobOutcome(state, reason=noted.get("reason") or _GONE)


def _option(told: Mapping[str, Any]) -> TargetOption:
    """A field of the gateway's form, as ours shows it."""
    spec = told.get("spec") or {}
    kind = _KINDS.get(str(spec.get("type")), "text")
    name = str(told.get("field"))
    label = str(told.get("label") or name)
    choices = tuple(map(str, spec.get("options") or ()))
    return TargetOption(
        name, label, kind, told.get("default"), choices, _number(spec.get("min")), _number(spec.get("max"))
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


class GatewayKind:
    """The kind of target that a gateway is."""

    id = "gateway"
    name = "Dask Gateway"
    about = "Runs jobs on clusters that a Dask Gateway starts, as many teams and JupyterHubs have one."
    needs: tuple[str, ...] = ("dask-gateway",)

    def form(self) -> Sequence[TargetOption]:
        """The manifest has it: it is shown before this is loaded."""
        return ()

    def open(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> GatewayTarget:
        """Connects at the first call that needs it."""
        return GatewayTarget(spec, secrets, folder)


kind = GatewayKind()
