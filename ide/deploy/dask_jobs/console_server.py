"""The cluster of one console on this computer: a scheduler and workers of the console's own interpreter.

Run as a program by that interpreter, which may be another Python with another `distributed` than ours: nothing of ours
is imported here. What is wanted is read from `wish.json` in its folder, what is so is told in `state.json`; both are
always whole; while it runs it holds a lock. It listens on this computer alone, speaks only with who has `cluster.pem`,
and its web pages are below a random word. It ends when that is wished, with the console's kernel, or
when nothing has run for a while.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dask
from distributed import LocalCluster
from distributed.security import Security

POLL_S = 0.2
STATE, WISH, PEM, LOCK = "state.json", "wish.json", "cluster.pem", "running.lock"


def main(folder: str) -> None:
    """The process's whole work."""
    place = Path(folder)
    wish = _read(place)
    _hold(place / LOCK)
    if wish["folder"]:
        # Modules beside the console's work are found, and none of them in place of an installed one.
        sys.path.append(wish["folder"])
    try:
        asyncio.run(_serve(place, wish))
    finally:
        for name in (STATE, PEM):
            (place / name).unlink(missing_ok=True)


async def _serve(place: Path, wish: dict[str, Any]) -> None:
    pem = str(place / PEM)
    roles = {f"tls_{role}_{part}": pem for role in ("client", "scheduler", "worker") for part in ("cert", "key")}
    security = Security(require_encryption=True, tls_ca_file=pem, **roles)
    word = secrets.token_urlsafe(16)
    here = {"preload": [f"import os; os.chdir({wish['folder']!r})"]} if wish["folder"] else {}
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    async with LocalCluster(
        n_workers=0, threads_per_worker=1, host="127.0.0.1", security=security, dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0", local_directory=str(place / "workers"), asynchronous=True,
        scheduler_kwargs={"http_prefix": word}, http_prefix=word, **here,
    ) as cluster:  # fmt: skip
        scheduler = cluster.scheduler
        port = scheduler.http_server.port
        dashboard = f"http://127.0.0.1:{port}/{word}/status" if find_spec("bokeh") else ""
        known = {
            "pid": os.getpid(), "address": cluster.scheduler_address, "started_s": time.time(), "dashboard": dashboard,
        }  # fmt: skip
        is_alive = _watch(wish["pid"])
        applied: dict[str, Any] = {}
        told: dict[str, Any] = {}
        adaptive = None
        while True:
            wish = _read(place)
            if wish["is_ended"] or not is_alive():
                return
            if wish != applied:
                if adaptive is not None:
                    adaptive.stop()
                    adaptive = None
                if wish["maximum"]:
                    adaptive = cluster.adapt(minimum=wish["minimum"], maximum=wish["maximum"])
                else:
                    cluster.scale(wish["workers"])
                applied = wish
            idle_since_s = scheduler.check_idle() or 0.0
            if idle_since_s and time.time() - idle_since_s >= wish["idle_s"]:
                return
            workers = scheduler.workers.values()
            state = {
                **known, "workers": len(workers), "cores": sum(one.nthreads for one in workers),
                "memory_bytes": sum(one.memory_limit or 0 for one in workers), "idle_since_s": idle_since_s,
                "idle_s": wish["idle_s"],
            }  # fmt: skip
            if state != told:
                _write(place / STATE, state)
                told = state
            await asyncio.sleep(POLL_S)


def _watch(pid: int) -> Callable[[], bool]:
    """Whether the process still runs; always true where there is none to look at."""
    psutil: Any = import_module("psutil")  # distributed brings it, in every environment that has it
    try:
        process = psutil.Process(pid) if pid else None
    except psutil.NoSuchProcess:
        return lambda: False
    return lambda: process is None or (process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def _hold(path: Path) -> None:
    """Hold a lock file till this process ends, however it ends, as `ide.core.locks` does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    while True:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:  # somebody looks just now whether it is held
            time.sleep(0.02)


def _read(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / WISH).read_bytes())
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    part.replace(path)
