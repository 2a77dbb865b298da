"""The window's end of an agent's own socket: requests out, answers and events in, while the kernel runs code.

I/O thread only. The wire form is in `docs/reference/door.md`; the kernel's half is the language's, for Python
`plugins/lang_python/agent/door.py`. What is asked, and by whom, is the business of `agent`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ide.kernels.channels import read_socket_io, send_frames_io, start_task
from ide.kernels.kept import secure

if TYPE_CHECKING:
    import zmq.asyncio

logger = logging.getLogger(__name__)

REQUEST, ANSWER = b"\x01r", b"\x01a"  # version of the wire form, and direction
ANSWER_LIMIT_BYTES = 256 << 20
_MAC = 32
_HEAD = 10
SUFFIX = "-6"

OnMessage = Callable[[dict[str, Any], tuple[bytes, ...]], None]


class Seal:
    """Seals requests and checks answers of one peer. Both sides count: what was there before is refused."""

    def __init__(self, connection_key: bytes, nonce: str, peer: bytes) -> None:
        self._key = hmac.digest(connection_key, b"fourpane door" + nonce.encode(), "sha256")
        self._peer = peer
        # Later than any window before us has counted: the kernel takes nothing older from somebody new.
        self._sent = time.time_ns()
        self._received = 0

    def closed(self, body: Mapping[str, Any]) -> bytes:
        """A frame with a request."""
        self._sent += 1
        text = json.dumps(body).encode()
        rest = REQUEST + self._sent.to_bytes(8, "big") + len(text).to_bytes(4, "big") + text
        return self._mac(rest) + rest

    def opened(self, frame: bytes) -> tuple[dict[str, Any], tuple[bytes, ...]] | None:
        """What a frame says, and its buffers; None for what is not sealed for us, or was here before."""
        if len(frame) < _MAC + _HEAD + 4 or not hmac.compare_digest(frame[:_MAC], self._mac(frame[_MAC:])):
            return None
        count = int.from_bytes(frame[_MAC + 2 : _MAC + _HEAD], "big")
        if frame[_MAC : _MAC + 2] != ANSWER or count <= self._received:
            return None
        self._received = count
        start = _MAC + _HEAD + 4
        end = start + int.from_bytes(frame[start - 4 : start], "big")
        try:
            body = json.loads(frame[start:end])
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict):
            return None
        return body, _parts(frame, end, body.pop("buffers", []))

    def _mac(self, rest: bytes) -> bytes:
        return hmac.digest(self._key, len(self._peer).to_bytes(4, "big") + self._peer + rest, "sha256")


class Door:
    """One socket to one kernel's agent. Nobody answers where the kernel is another: then it stays silent."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        connection: Mapping[str, Any],
        address: str,
        nonce: str,
        on_message: OnMessage,
    ) -> None:
        import zmq

        self._on_message = on_message
        self._tasks: set[asyncio.Task[None]] = set()
        peer = b"fp" + os.urandom(12).hex().encode()
        self._seal = Seal(str(connection["key"]).encode(), nonce, peer)
        made: zmq.asyncio.Socket = context.socket(zmq.DEALER)
        made.linger = 0
        made.set(zmq.IDENTITY, peer)
        made.set(zmq.RCVHWM, 0)
        made.set(zmq.MAXMSGSIZE, ANSWER_LIMIT_BYTES)
        made.set(zmq.RECONNECT_IVL, 50)
        made.set(zmq.RECONNECT_IVL_MAX, 1000)
        if address.startswith("tcp"):
            secure(made, dict(connection))
        made.connect(address)
        self._socket = made
        start_task(self._tasks, read_socket_io(made, self._on_frames_io), "read the door")

    def send_io(self, body: Mapping[str, Any]) -> None:
        """Send a request, in the order of the calls."""
        start_task(self._tasks, send_frames_io(self._socket, [self._seal.closed(body)]), "send to the door")

    def close_io(self) -> None:
        """Close at once."""
        self._socket.close()
        for task in self._tasks:
            task.cancel()

    def _on_frames_io(self, frames: list[bytes]) -> None:
        opened = self._seal.opened(frames[0]) if len(frames) == 1 else None
        if opened is None:
            logger.info("a message at the door of a kernel was not sealed as it must be; it was dropped")
        else:
            self._on_message(*opened)


def may_connect(connection: Mapping[str, Any], address: str) -> bool:
    """Whether an address that a kernel names is one of its own on this machine, and nothing else."""
    if connection.get("transport") == "ipc":
        return address == f"ipc://{connection.get('ip')}{SUFFIX}"
    return connection.get("transport") == "tcp" and re.fullmatch(r"tcp://127\.0\.0\.1:\d{1,5}", address) is not None


def _parts(frame: bytes, start: int, sizes: object) -> tuple[bytes, ...]:
    found = []
    for size in sizes if isinstance(sizes, list) else []:
        end = start + (size if isinstance(size, int) and size > 0 else 0)
        found.append(frame[start:end])
        start = end
    return tuple(found)
