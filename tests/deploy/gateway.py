"""A real Dask Gateway on this computer, for tests: its own ports, folder and processes, all of which end with it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

PASSWORD: Final = "planted-password-1"
_START_LIMIT_S: Final = 60.0
_CONFIG: Final = """
from dask_gateway_server.app import DaskGateway
from dask_gateway_server.options import Bool, Float, Integer, Mapping, Options, Select, String
c = get_config()
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.address = "127.0.0.1:{private}"
c.Proxy.address = "{host}:{public}"
c.Proxy.tcp_address = "{host}:{tcp}"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = "{password}"
c.UnsafeLocalBackend.clusters_directory = "{folder}/clusters"
c.UnsafeLocalBackend.inherited_environment = ["PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "TMPDIR",
                                              "FOURPANE_UV", "XDG_CACHE_HOME"]
c.UnsafeLocalBackend.cluster_heartbeat_period = 2
c.UnsafeLocalBackend.cluster_heartbeat_timeout = 6
c.UnsafeLocalBackend.cluster_status_period = 2
c.ClusterConfig.scheduler_cmd = ["{python}", "-m", "distributed.cli.dask_scheduler"]
c.ClusterConfig.worker_cmd = ["{python}", "-m", "distributed.cli.dask_worker"]
defaults = {{"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}}
c.ClusterConfig.environment = defaults
c.ClusterConfig.idle_timeout = 600
c.ClusterConfig.worker_memory = "1 G"
c.ClusterConfig.cluster_max_workers = 3


async def options_of(user):
    there = len(await DaskGateway.instance().backend.list_clusters(username=user.name))

    def handler(chosen, user):
        if there >= 2:
            raise ValueError(f"{{user.name}} already has {{there}} clusters (limit 2)")
        return {{"worker_cores": chosen.worker_cores, "environment": {{**defaults, **dict(chosen.environment)}}}}

    return Options(
        Integer("worker_cores", 1, min=1, max=2, label="Cores"), Mapping("environment", {{}}),
        String("note", "none"), Bool("is_spot", True), Float("share", 0.5, min=0, max=1),
        Select("image", ["small", "large"]), handler=handler,
    )


c.Backend.cluster_options = options_of
"""


def free_port() -> int:
    """One that nobody listens at just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class GatewayServer:
    """Blocks until it is up."""

    def __init__(self, python: Path, folder: Path, host: str = "127.0.0.1") -> None:
        public, private, self._tcp = free_port(), free_port(), free_port()
        self.address = f"http://{host}:{public}"
        self.scheduler_proxy = f"{host}:{self._tcp}"
        self.folder = folder
        (folder / "clusters").mkdir(parents=True)
        (folder / "tmp").mkdir()
        config = folder / "config.py"
        config.write_text(
            _CONFIG.format(
                public=public,
                private=private,
                tcp=self._tcp,
                host=host,
                folder=folder,
                python=python,
                password=PASSWORD,
            )
        )
        self.log = folder / "gateway.log"
        with open(self.log, "wb") as log:
            self._popen = subprocess.Popen(
                [str(python), "-m", "dask_gateway_server", "-f", str(config)], stdout=log, stderr=log, cwd=folder,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder / "tmp")},
            )  # fmt: skip
        self._seen: dict[int, psutil.Process] = {}
        ends_s = time.monotonic() + _START_LIMIT_S
        while not self._answers():
            assert self._popen.poll() is None, self.log.read_text()
            assert time.monotonic() < ends_s, self.log.read_text()
            time.sleep(0.1)

    def processes(self) -> list[psutil.Process]:
        """The gateway's, its proxy's, and those of clusters: they lead sessions of their own, but have the folder."""
        with suppress(psutil.NoSuchProcess):
            for one in psutil.Process(self._popen.pid).children(recursive=True):
                self._seen[one.pid] = one
        return [one for one in self._seen.values() if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    def schedulers(self) -> list[psutil.Process]:
        """Of clusters that are up."""
        return [one for one in self.processes() if "distributed.cli.dask_scheduler" in one.cmdline()]

    def workers(self) -> list[psutil.Process]:
        """Of all clusters."""
        return [one for one in self.processes() if "distributed.cli.dask_worker" in one.cmdline()]

    def close(self) -> list[str]:
        """End it with all that it started; what was left after that, which should be nothing."""
        self.processes()
        self._popen.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(15)
        self._popen.kill()
        self._popen.wait()
        psutil.wait_procs(list(self._seen.values()), 10)
        left = []
        for one in self._seen.values():
            with suppress(psutil.NoSuchProcess):
                left.append(" ".join(one.cmdline()))
                one.kill()
        return left

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/api/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
