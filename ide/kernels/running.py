"""Kernels that other programs started and that still run: found by their connection files, asked what they are.

Blocks: for pool threads. Attaching itself is `relay.py`, a kernel like any other to the keeper.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ide.core.environment import RUNNING, Environment, LaunchSpec
from ide.core.errors import KernelError
from ide.kernels import private, wire
from ide.kernels.kept import endpoint
from ide.kernels.kernel_info import info_of
from ide.kernels.records import KernelInfo

RELAY = Path(__file__).with_name("relay.py")
ASK_LIMIT_S = 2.0
_LOOK_LIMIT = 50
_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def find_running(folders: Iterable[Path], *, known: Iterable[str] = ()) -> tuple[Environment, ...]:
    """The kernels whose connection files lie in `folders` and that answer. Ids of `known` are not asked again."""
    found = []
    asked = set(known)
    for path in _newest(folders):
        if str(path) not in asked and _is_listening(path):
            try:
                found.append(running_kernel(path))
            except KernelError:
                continue  # the file of one that has ended, whose port another program has now
    return tuple(found)


def running_kernel(path: Path) -> Environment:
    """The kernel behind a connection file, as an environment to choose. Raises KernelError where it does not answer."""
    connection = read_connection(path)
    info = _ask(connection)
    if info is None:
        raise KernelError(
            f"The kernel behind {path.name} does not answer.",
            "It has ended, is on another machine that cannot be reached from here, or holds its lock.",
            "Start it again, or choose another one.",
        )
    return Environment(
        id=str(path),
        name=f"kernel {path.stem.removeprefix('kernel-')[:8]}",
        language=info.language.lower(),
        kind=RUNNING,
        kernelspec=str(path),
        version=info.language_version,
        reason="It runs already: its variables are there, and closing the console leaves it running.",
    )


def launch_of(environment: Environment, folder: Path) -> LaunchSpec:
    """How a console is attached to it: the relay is started in the kernel's place."""
    return LaunchSpec(
        environment=environment,
        argv=(sys.executable, "-P", str(RELAY), environment.kernelspec, "{connection_file}"),
        working_folder=folder,
        interrupt_mode="message",
        encryption="none" if sys.platform == "win32" else "ipc",
        is_trusted=True,
    )


def read_connection(path: Path) -> dict[str, Any]:
    """A connection file. Raises KernelError for anything else."""
    connection = private.read_json(path)
    if connection is None or not all(isinstance(connection.get(port), int) for port in _PORTS):
        raise KernelError(f"{path.name} is no connection file of a kernel.", "", "Choose a kernel-….json of Jupyter.")
    if not isinstance(connection.get("ip"), str) or not isinstance(connection.get("key", ""), str):
        raise KernelError(f"{path.name} is no connection file of a kernel.", "", "Choose a kernel-….json of Jupyter.")
    return {"transport": "tcp", "signature_scheme": "hmac-sha256", "key": "", **connection}


def _newest(folders: Iterable[Path]) -> list[Path]:
    found: list[tuple[float, Path]] = []
    for folder in folders:
        try:
            found += [(path.stat().st_mtime, path) for path in folder.glob("kernel-*.json")]
        except OSError:
            continue
    return [path for _, path in sorted(found, reverse=True)[:_LOOK_LIMIT]]


def _is_listening(path: Path) -> bool:
    """Whether somebody is at its port: most connection files are left over from kernels that ended."""
    try:
        connection = read_connection(path)
        if connection["transport"] == "ipc":
            return os.path.exists(f"{connection['ip']}-{connection['shell_port']}")  # noqa: PTH110
        with socket.create_connection((connection["ip"], connection["shell_port"]), timeout=0.3):
            return True
    except (OSError, KernelError):
        return False


def _ask(connection: dict[str, Any]) -> KernelInfo | None:
    """Its kernel info, by the control channel, which answers while code runs, and by shell for those without."""
    import zmq

    signer = wire.signer(connection["key"].encode(), "fourpane")
    signer.signature_scheme = connection["signature_scheme"]
    name = wire.new_id("fp-look", wire.INTERNAL, 1)
    frames = wire.request(signer, "kernel_info_request", {}, name, wire.INTERNAL, {})
    with zmq.Context() as context, contextlib.ExitStack() as opened:
        poller = zmq.Poller()
        for channel in ("control", "shell"):
            made = opened.enter_context(context.socket(zmq.DEALER))
            made.linger = 0
            made.connect(endpoint(connection, channel))
            made.send_multipart(frames)
            poller.register(made, zmq.POLLIN)
        deadline_s = time.monotonic() + ASK_LIMIT_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            for ready, _ in poller.poll(int(1000 * left_s) + 1):
                try:
                    answer = wire.parse(signer, "shell", ready.recv_multipart(), time.time())
                except wire.MalformedMessageError:
                    continue
                if answer.type == "kernel_info_reply":
                    return info_of(answer.content)
    return None
