"""The cluster on this computer: one for each user, in a process of its own that outlives who started it.

It listens on this computer alone and speaks only with who holds its certificate, which lies in a file for the user's
eyes. While it runs it holds a lock: however it ends, that is seen. It ends by itself when nothing has run for a while.
Calls block; any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import dask
from distributed import LocalCluster
from distributed.security import Security

import ide
from ide.core.deploy import ClusterLink
from ide.core.errors import DeployError
from ide.core.locks import held_lock
from ide.deploy.dask_jobs.board import Board
from ide.deploy.dask_jobs.session import Session

IDLE_S: Final = 1_200.0
_START_S: Final = 90.0
_LONGEST_POLL_S: Final = 5.0
# As the cluster process is started: the program is found there, none of what it stands beside.
_CODE: Final = """\
import sys, importlib.util as util
file, folder, idle_s = sys.argv[1:]
spec = util.spec_from_file_location("ide", file, submodule_search_locations=[__import__("os").path.dirname(file)])
sys.modules["ide"] = module = util.module_from_spec(spec)
spec.loader.exec_module(module)
from ide.deploy.dask_jobs.local_cluster import main
main(folder, float(idle_s))
"""


@dataclass(frozen=True)
class Connection:
    """How it is reached. Its certificate is as good as a password."""

    address: str
    certificate: str
    key: str
    pid: int
    started_s: float

    def session(self, board: Path, price_per_worker_hour: float = 0.0) -> Session:
        """A connection. Raises DeployError."""
        return Session(
            self.address, ca=self.certificate, certificate=self.certificate, key=self.key, folder=str(board),
            price_per_worker_hour=price_per_worker_hour,
        )  # fmt: skip


class Place:
    """Where the cluster of one user is found. Two of them on the same folder mean the same cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.board = folder / "jobs"
        self._connection = folder / "connection.json"
        self._running = folder / "running.lock"

    def running(self) -> Connection | None:
        """The cluster that is up."""
        try:
            with held_lock(self._running, 0) as is_free:
                if is_free:
                    self._connection.unlink(missing_ok=True)  # of one that was killed
                    return None
                return Connection(**json.loads(self._connection.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def start(self, idle_s: float = IDLE_S) -> Connection:
        """The cluster, started where it is not up. Raises DeployError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_lock(self.folder / "start.lock", _START_S) as is_held:
            found = self.running()
            if found is not None:
                return found
            if not is_held:
                raise DeployError("The cluster on this computer is being started by another window.", advice="Wait.")
            return self._start(idle_s)

    def link(self) -> ClusterLink:
        """With what a client of the user's own connects. Raises DeployError."""
        found = self.running()
        if found is None:
            raise DeployError("There is no such cluster.")
        path = self.folder / "cluster.pem"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(found.certificate + found.key)
        return ClusterLink(found.address, str(path), str(path), str(path))

    def wait_for_end(self, time_limit_s: float = 20.0) -> None:
        """Until no cluster is up. Raises DeployError."""
        with held_lock(self._running, time_limit_s) as is_free:
            if not is_free:
                raise DeployError("The cluster on this computer was told to end, and still runs.", advice="Try again.")

    @contextlib.contextmanager
    def board_at_rest(self) -> Iterator[Board | None]:
        """What earlier clusters kept of jobs. None while one is up, which then owns that."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_lock(self._running, 0.3) as is_free:
            yield Board(self.board) if is_free else None

    def _start(self, idle_s: float) -> Connection:
        self._connection.unlink(missing_ok=True)
        log = os.open(self.folder / "cluster.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        own: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", _CODE, str(ide.__file__), str(self.folder), str(idle_s)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **own,
            )  # fmt: skip
        except OSError as error:
            raise DeployError(
                "The cluster on this computer could not be started.", f"The system says: {error.strerror or error}."
            ) from error
        finally:
            os.close(log)
        until = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < until:
            if self._connection.exists() and (found := self.running()) is not None:
                threading.Thread(target=process.wait, name="cluster", daemon=True).start()  # else a zombie is left
                return found
            time.sleep(0.05)
        process.kill()
        process.wait()
        said = (self.folder / "cluster.log").read_text("utf-8", "replace").strip().splitlines()
        raise DeployError(
            "The cluster on this computer could not be started.", f"It says: {said[-1][:300]}" if said else ""
        )

    def serve(self, idle_s: float) -> None:
        """Be the cluster, until it is idle or told to end."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_lock(self._running, 5.0) as is_held:
            if is_held:
                try:
                    asyncio.run(self._serve(idle_s))
                finally:
                    self._connection.unlink(missing_ok=True)
                    (self.folder / "cluster.pem").unlink(missing_ok=True)

    async def _serve(self, idle_s: float) -> None:
        security = Security.temporary()
        cores = os.cpu_count() or 1
        dask.config.set({"distributed.scheduler.allowed-failures": 0})
        async with LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", security=security, dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0", local_directory=str(self.folder / "workers"), asynchronous=True,
        ) as cluster:  # fmt: skip
            ended = asyncio.Event()
            limit_s = idle_s

            adaptive: Any = None

            def handle(act: str, workers: int = 0, idle_s: float = 0.0, minimum: int = 0) -> dict[str, Any]:
                nonlocal limit_s, adaptive
                if act in ("scale", "adapt") and adaptive is not None:
                    adaptive.stop()
                    adaptive = None
                if act == "end":
                    ended.set()
                elif act == "scale":
                    cluster.scale(max(1, min(workers, cores)))
                elif act == "adapt":
                    most = max(1, min(workers, cores))
                    adaptive = cluster.adapt(minimum=max(0, min(minimum, most)), maximum=most)
                elif act == "idle" and idle_s:
                    limit_s = idle_s
                return {"idle_since_s": cluster.scheduler.idle_since or 0.0, "limit_s": limit_s, "cores": cores}

            cluster.scheduler.handlers["fourpane_local"] = handle
            if sys.platform != "win32":
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
            self._tell(Connection(cluster.scheduler_address, security.tls_ca_file, security.tls_client_key,
                                  os.getpid(), time.time()))  # fmt: skip
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), min(_LONGEST_POLL_S, max(limit_s / 8, 0.05)))
                idle_since = cluster.scheduler.check_idle()
                if idle_since and time.time() - idle_since >= limit_s:
                    ended.set()
            self._connection.unlink(missing_ok=True)  # nobody comes from here on

    def _tell(self, connection: Connection) -> None:
        part = self._connection.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(connection), stream)
        part.replace(self._connection)


def main(folder: str, idle_s: float) -> None:
    """The process's whole work."""
    Place(Path(folder)).serve(idle_s)
