"""A connection to a scheduler with what targets need of it. Calls block; any thread."""

from __future__ import annotations

import threading
from typing import Any

from distributed import Client
from distributed.security import Security

from ide.core.deploy import ClusterState
from ide.core.errors import DeployError
from ide.deploy.dask_jobs.jobs import DaskJobs, ask


class Session:
    """`jobs` of the cluster behind `address`. Certificates and key are paths or PEM text; "" where there is no TLS."""

    def __init__(
        self, address: str, *, ca: str = "", certificate: str = "", key: str = "", time_limit_s: float = 10.0,
        folder: str = "", price_per_worker_hour: float = 0.0,
    ) -> None:  # fmt: skip
        """Connects. `folder` as for `DaskJobs`. Raises DeployError."""
        given = {"tls_ca_file": ca, "tls_client_cert": certificate, "tls_client_key": key}
        files = {name: value for name, value in given.items() if value}
        security = Security(require_encryption=address.startswith(("tls:", "wss:")), **files)
        try:
            self.client = Client(
                address, security=security, timeout=time_limit_s, set_as_default=False, name="fourpane"
            )
        except (OSError, TimeoutError, RuntimeError, TypeError, ValueError) as error:
            raise DeployError(
                f"The scheduler at {address} does not answer.",
                f"It says: {str(error)[:300] or type(error).__name__}",
                "See that it runs, and that address and certificates are right.",
            ) from error
        try:
            self.jobs = DaskJobs(self.client, folder, price_per_worker_hour)
        except DeployError:
            self._let_go()
            raise

    @property
    def is_up(self) -> bool:
        """Whether the connection holds."""
        return bool(self.client.status == "running")

    @property
    def started_s(self) -> float:
        """When the scheduler began, 0 where it does not tell."""
        return float(self.client.scheduler_info(n_workers=0).get("started", 0.0))

    @property
    def workers(self) -> int:
        """How many are up."""
        return len(self._workers())

    def ask(self, operation: str, **given: object) -> Any:
        """Call an operation of the scheduler. Raises DeployError."""
        return ask(self.client, operation, **given)

    def state(self, id: str, target: str, started_s: float, ends_s: float | None = None) -> ClusterState:
        """What is up, as a target's `clusters` tells it."""
        workers = self._workers().values()
        running = tuple(name for name, state in self.jobs.jobs().items() if not state.is_final)
        return ClusterState(
            id, target, started_s, len(workers), sum(one["nthreads"] for one in workers),
            sum(one["memory_limit"] or 0 for one in workers), running, ends_s=ends_s,
        )  # fmt: skip

    def close(self) -> None:
        """Let it go. Returns at once: where the cluster is gone, that takes its time."""
        self.jobs.close()
        self._let_go()

    def _let_go(self) -> None:
        threading.Thread(target=self.client.close, kwargs={"timeout": 1}, name="close", daemon=True).start()

    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return found
