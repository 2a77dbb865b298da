"""Jobs on a Dask cluster that is up already. It is somebody else's: never scaled or ended from here."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ide.api.dask_jobs import DaskJobs, Session, status_of
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

_CONNECT_S = 15.0
_FILES = ("ca_file", "certificate_file", "key_file")
_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/:]+:\d+|(tcp|tls)://\[[0-9a-fA-F:]+\]:\d+")


class SchedulerTarget:
    """A `Target`."""

    def __init__(self, spec: TargetSpec) -> None:
        self._spec = spec
        self._lock = threading.Lock()
        self._session: Session | None = None

    def check(self, time_limit_s: float) -> TargetStatus:
        try:
            session = self._connected(time_limit_s)
            return status_of(session.jobs.facts(), session.workers, scales=False)
        except DeployError as error:
            return TargetStatus(False, error.happened, error.meaning, error.advice)

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        self._jobs().submit(request, told)

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        return self._jobs().watch(job, first, told)

    def stop(self, job: str) -> None:
        if self._session is not None:
            self._session.jobs.stop(job)

    def cancel(self, job: str) -> None:
        self._jobs().cancel(job)

    def jobs(self) -> Mapping[str, JobState]:
        return self._jobs().jobs()

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        return self._jobs().fetch(job, folder, told)

    def forget(self, job: str) -> None:
        self._jobs().forget(job)

    def clusters(self) -> Iterable[ClusterState]:
        session = self._connected()
        return (session.state(self._spec.id, self._spec.id, session.started_s),)

    def start_cluster(self, options: Mapping[str, object]) -> str:
        self._connected()
        return self._spec.id

    def scale(self, cluster: str, workers: int) -> None:
        self._known(cluster)
        raise DeployError(
            "This cluster is not scaled from here.", "Only its scheduler's address is known.", "Ask who keeps it up."
        )

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        self.scale(cluster, maximum)

    def end_cluster(self, cluster: str) -> None:
        self._known(cluster)
        raise DeployError(
            "This cluster is not ended from here.", "Others may work on it.", "Stop your own jobs instead."
        )

    def link(self, cluster: str) -> ClusterLink:
        self._known(cluster)
        found = [str(self._spec.options.get(name, "")).strip() for name in _FILES]
        ca, certificate, key = (str(Path(file).expanduser()) if file else "" for file in found)
        return ClusterLink(str(self._spec.options["address"]).strip(), ca, certificate, key)

    def close(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _known(self, cluster: str) -> None:
        if cluster != self._spec.id:
            raise DeployError("There is no such cluster.")

    def _jobs(self) -> DaskJobs:
        return self._connected().jobs

    def _connected(self, time_limit_s: float = _CONNECT_S) -> Session:
        """The connection, made anew where it broke. Raises DeployError."""
        options = self._spec.options
        address = str(options.get("address", "")).strip()
        if not _ADDRESS.fullmatch(address):
            raise DeployError(
                f"“{address}” is no address of a scheduler.", advice="It looks like tcp://host:8786 or tls://host:8786."
            )
        files = [str(options.get(name, "")).strip() for name in _FILES]
        for file in files:
            if file and not Path(file).expanduser().is_file():
                raise DeployError(f"The file {file} is not there.", advice="Choose another one in the target's form.")
        with self._lock:
            if self._session is not None and not self._session.is_up:
                self._session.close()
                self._session = None
            if self._session is None:
                ca, certificate, key = (str(Path(file).expanduser()) if file else "" for file in files)
                self._session = Session(
                    address, ca=ca, certificate=certificate, key=key, time_limit_s=time_limit_s,
                    price_per_worker_hour=self._spec.price_per_worker_hour,
                )  # fmt: skip
            return self._session


class SchedulerKind:
    """The kind of target that is an address."""

    id = "scheduler"
    name = "Dask scheduler"
    about = "Runs jobs on a Dask cluster that is up already, by the address of its scheduler."
    needs: tuple[str, ...] = ()

    def form(self) -> Sequence[TargetOption]:
        """As in the manifest."""
        address_help = "tcp://host:8786, or tls://host:8786 with the three files below."
        file_help = "A PEM file on this computer."
        return (
            TargetOption("address", "Address", "text", help=address_help, is_required=True),
            TargetOption("ca_file", "Certificate authority", "text", help=file_help),
            TargetOption("certificate_file", "Certificate", "text", help=file_help),
            TargetOption("key_file", "Key", "text", help="A PEM file on this computer; it stays here."),
        )

    def open(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> SchedulerTarget:
        """Connects at the first call that needs it."""
        return SchedulerTarget(spec)


kind = SchedulerKind()
