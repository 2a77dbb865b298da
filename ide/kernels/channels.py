"""The sockets to one generation of a kernel: opened, read until they are empty, closed. I/O thread only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ide.kernels.kept import endpoint, secure

if TYPE_CHECKING:
    import zmq
    import zmq.asyncio

logger = logging.getLogger(__name__)

READ_AT_ONCE = 500


class Channels:
    """shell, control, stdin and iopub. Never the heartbeat: a busy kernel may be slow to answer it, and is not dead."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        connection: dict[str, Any],
        identity: str,
        on_frames: Callable[[str, list[bytes]], None],
    ) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets = {
            channel: self._opened_io(context, connection, channel, identity)
            for channel in ("iopub", "shell", "control", "stdin")
        }
        for channel, made in self._sockets.items():
            start_task(self._tasks, read_socket_io(made, partial(on_frames, channel)), f"read {channel}")

    def send_io(self, channel: str, frames: list[bytes]) -> None:
        """Send, in the order of the calls; what cannot go at once waits."""
        start_task(self._tasks, send_frames_io(self._sockets[channel], frames), f"send {channel}")

    def close_io(self) -> None:
        """Close at once; what is on its way is dropped."""
        for made in self._sockets.values():
            made.close()
        for task in self._tasks:
            task.cancel()

    @staticmethod
    def _opened_io(
        context: zmq.asyncio.Context, connection: dict[str, Any], channel: str, identity: str
    ) -> zmq.asyncio.Socket:
        import zmq

        made: zmq.asyncio.Socket = context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
        made.linger = 0
        made.set(zmq.RECONNECT_IVL, 20)
        made.set(zmq.RECONNECT_IVL_MAX, 200)
        made.set(zmq.RCVHWM, 0)
        if channel == "iopub":
            made.subscribe(b"")
        else:
            made.set(zmq.IDENTITY, identity.encode())
        secure(made, connection)
        made.connect(endpoint(connection, channel))
        return made


async def read_socket_io(source: zmq.asyncio.Socket, on_frames: Callable[[list[bytes]], None]) -> None:
    """Hand on what arrives. asyncio waits; reading itself goes past it, which is several times quicker in a flood."""
    import zmq

    quick: zmq.Socket[bytes] = zmq.Socket.shadow(source.underlying)
    while not source.closed:
        await source.poll()
        for _ in range(READ_AT_ONCE):
            try:
                frames = quick.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            except zmq.ZMQError:
                return
            on_frames(frames)
        else:
            await asyncio.sleep(0)


async def send_frames_io(waiting: zmq.asyncio.Socket, frames: list[bytes]) -> None:
    """Send; what the other side does not take at once waits."""
    import zmq

    try:
        await waiting.send_multipart(frames)
    except zmq.ZMQError:
        return  # closed meanwhile: the kernel has gone, which is told in its own way


def start_task(tasks: set[asyncio.Task[None]], work: Any, name: str) -> None:
    """Start a coroutine whose owner keeps it in `tasks`; one that fails does not do so in silence."""
    task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    task.add_done_callback(_log_failure)


def _log_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        logger.error("the I/O task %r failed", task.get_name(), exc_info=error)
