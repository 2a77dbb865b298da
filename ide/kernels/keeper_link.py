"""The window's end of the talk with its keeper.

Lives in the I/O thread; starts a keeper where none is, and another when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.errors import KernelError
from ide.kernels import launches, platform, private, sealed
from ide.kernels.prestart import spawn_keeper

if TYPE_CHECKING:
    import zmq.asyncio

logger = logging.getLogger(__name__)

CONNECT_S = 8.0
REQUEST_S = 6.0
LOOK_S = 1.0


class KeeperGoneError(Exception):
    """The keeper ended before it answered."""


class KeeperLink:
    """Requests to the keeper and its events. All methods belong to the I/O thread."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        folder: Path,
        on_event: Callable[[dict[str, Any]], None],
        on_records: Callable[[list[dict[str, Any]]], None],
        has_kernels: Callable[[], bool],
    ) -> None:
        self._context = context
        self._folder = folder
        self._on_event = on_event
        self._on_records = on_records
        self._has_kernels = has_kernels
        self._socket: zmq.asyncio.Socket | None = None
        self._key = b""
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._connecting = asyncio.Lock()
        self._spawned: set[int] = set()
        self._is_closed = False
        self._is_ending = False
        self.pid = 0

    async def request_io(self, method: str, params: dict[str, Any], timeout_s: float = REQUEST_S) -> dict[str, Any]:
        """The keeper's answer. Starts a keeper first where none is; asks a second one if the first dies over it.

        Raises KernelError when there is no keeper to be had, or when it cannot do what was asked.
        """
        for attempt in (1, 2):
            await self.connect_io()
            try:
                answer = await self._ask_io(method, params, timeout_s)
            except (KeeperGoneError, TimeoutError) as error:
                if attempt == 2:
                    raise KernelError("The process that looks after the kernels does not answer.") from error
                continue
            if "error" in answer:
                raise KernelError(f"The kernel could not be reached: {answer['error']}")
            return answer
        raise AssertionError  # the loop above returns or raises

    async def connect_io(self) -> None:
        """Make sure that a keeper is there and knows this window."""
        async with self._connecting:
            if self._socket is not None or self._is_closed:
                return
            info = await self._find_io()
            self._open_io(info)
            pid, mark = platform.own_mark()
            try:
                answer = await self._ask_io("hello", {"pid": pid, "mark": mark}, REQUEST_S)
            except (KeeperGoneError, TimeoutError) as error:
                self._drop_io()
                raise KernelError("The process that looks after the kernels does not answer.") from error
        self._on_records(list(answer.get("records", [])))

    def expect_end_io(self) -> None:
        """The program ends: a keeper that goes now is not replaced."""
        self._is_ending = True

    async def close_io(self) -> None:
        """Stop talking. The keeper ends by itself when it has no kernel."""
        self._is_closed = True
        self._drop_io()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pid in self._spawned:
            platform.reap(pid)

    async def keeper_ended_io(self, timeout_s: float) -> None:
        """Wait until the keeper's process is gone, `timeout_s` at most."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < deadline:
            for pid in self._spawned:
                platform.reap(pid)
            if not self.pid or not platform.start_mark(self.pid):
                return
            await asyncio.sleep(0.01)

    def adopt_child(self, pid: int) -> None:
        """A keeper that `prestart` began is a child of this process: its end must be waited for here."""
        self._spawned.add(pid)

    async def _find_io(self) -> dict[str, Any]:
        """The keeper's address. A keeper that is about to end gives way to a new one."""
        loop = asyncio.get_running_loop()
        deadline, spawn_at = loop.time() + CONNECT_S, loop.time()
        if any(self._folder.glob("start-*.json")) or self._is_beginning():
            spawn_at += 1.5  # one is on its way
        while loop.time() < deadline:
            info = launches.live_keeper(self._folder)
            if info is not None:
                return info
            if loop.time() >= spawn_at:
                private.prepare_runtime_folder(self._folder)
                self._spawned.add(spawn_keeper(self._folder))
                spawn_at = loop.time() + 1.5
            await asyncio.sleep(0.004)
        raise KernelError(
            "The process that looks after the kernels could not be started.",
            "No kernel can run without it.",
            f"Look whether {self._folder} can be written to, then try again.",
        )

    def _is_beginning(self) -> bool:
        """Whether a keeper has taken the lock and not yet said where it listens. A dead one's file says nothing."""
        return (self._folder / "keeper.lock").exists() and not (self._folder / launches.KEEPER).exists()

    def _open_io(self, info: dict[str, Any]) -> None:
        import zmq

        made: zmq.asyncio.Socket = self._context.socket(zmq.DEALER)
        made.linger = 0
        made.set(zmq.IDENTITY, os.urandom(8).hex().encode())
        made.connect(str(info["endpoint"]))
        self._socket, self._key, self._number, self.pid = made, bytes.fromhex(info["key"]), 0, int(info["pid"])
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.create_task(self._listen_io(made), name="keeper-listen"))
        self._tasks.append(asyncio.create_task(self._watch_io(made, self.pid, str(info["mark"])), name="keeper-watch"))

    async def _ask_io(self, method: str, params: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        if self._socket is None:
            raise KeeperGoneError
        self._number += 1
        number = self._number
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        await self._socket.send_multipart(
            sealed.seal(self._key, sealed.TO_KEEPER, {"n": number, "method": method, "params": params})
        )
        try:
            return await asyncio.wait_for(future, timeout_s)
        finally:
            self._answers.pop(number, None)

    async def _listen_io(self, source: zmq.asyncio.Socket) -> None:
        while source is self._socket:
            frames = await source.recv_multipart()
            body = sealed.unseal(self._key, sealed.TO_WINDOW, [bytes(frame) for frame in frames])
            if body is None:
                continue
            if "re" in body:
                future = self._answers.get(int(body["re"]))
                if future is not None and not future.done():
                    future.set_result(body)
            else:
                self._on_event(body)

    async def _watch_io(self, source: zmq.asyncio.Socket, pid: int, mark: str) -> None:
        """Notice the keeper's end, and get another one: kernels without a keeper have nobody to keep their output."""
        await process_ended_io(pid, mark)
        platform.reap(pid)
        self._log_crash()
        if source is self._socket:
            self._drop_io()
        if not self._is_closed and not self._is_ending and self._has_kernels():
            logger.info("the keeper %s has ended", pid)
            try:
                await self.connect_io()
            except KernelError as error:
                logger.error("no keeper: %s", error.text)

    def _log_crash(self) -> None:
        path = self._folder / launches.KEEPER_CRASH
        with contextlib.suppress(OSError):
            logger.error("the keeper failed: %s", path.read_text("utf-8", "replace"))
            path.unlink()

    def _drop_io(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for future in self._answers.values():
            if not future.done():
                future.set_exception(KeeperGoneError())


async def process_ended_io(pid: int, mark: str) -> None:
    """Return when that process has ended; where the system can tell, without looking again and again."""
    watch = platform.exit_watch(pid) if platform.is_alive(pid, mark) else None
    if watch is None:
        while platform.is_alive(pid, mark):
            await asyncio.sleep(LOOK_S)
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(watch, ended.set)
    try:
        await ended.wait()
    finally:
        with contextlib.suppress(OSError, ValueError):
            loop.remove_reader(watch)
        os.close(watch)
