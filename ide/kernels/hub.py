"""All lines to kernels and the link to the keeper, on the I/O thread's loop. What runs there ends in `_io`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.errors import KernelError
from ide.core.ports import Post
from ide.kernels.channels import start_task
from ide.kernels.items import Deliver, Request
from ide.kernels.line import Line
from ide.kernels.outbox import Outbox
from ide.kernels.records import Limits
from ide.kernels.wire import Message

if TYPE_CHECKING:
    import zmq.asyncio

    from ide.kernels.keeper_link import KeeperLink

logger = logging.getLogger(__name__)

QUIT_S = 1.5


class Hub:
    """All lines and the keeper's link. Made and used in the I/O thread alone."""

    def __init__(self, runtime_folder: Path, post: Post, deliver: Deliver) -> None:
        import zmq
        import zmq.asyncio

        from ide.kernels.keeper_link import KeeperLink

        self._folder = runtime_folder
        self.lines: dict[str, Line] = {}
        self.context: zmq.asyncio.Context = zmq.asyncio.Context(io_threads=1)
        self.outbox = Outbox(asyncio.get_running_loop(), post, deliver, self._painted_io)
        self.link: KeeperLink = KeeperLink(
            self.context, runtime_folder, self._on_event_io, self._on_records_io, self._has_kernels_io
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped: set[Line] = set()

    # -- called through IoThread.call

    def open_line_io(
        self, session: str, request: dict[str, Any], limits: Limits, *, is_prestarted: bool = False
    ) -> None:
        """Start a kernel and follow it; one that `prestart` began is only followed."""
        line = self.lines[session] = Line(self.context, self.outbox, session, self._folder / session, limits)
        self._run_io(self._start_io(line, request, is_prestarted))

    def attach_line_io(self, record: dict[str, Any], owner: dict[str, Any], limits: Limits) -> None:
        """Follow a kernel that another window left behind."""
        session = str(record["id"])
        line = self.lines[session] = Line(self.context, self.outbox, session, self._folder / session, limits)
        line.on_record_io({**record, "is_heard": False})  # whether it is heard is the keeper's to say
        self._run_io(self._take_io(line, owner))

    def send_io(self, session: str, request: Request) -> None:
        """Send a message to a kernel."""
        line = self.lines.get(session)
        if line is not None:
            line.send_io(request)

    def ask_keeper_io(self, session: str, method: str, params: dict[str, Any]) -> None:
        """Have the keeper do something to a kernel; what comes of it comes as an event."""
        line = self.lines.get(session)
        if line is not None and method in ("restart", "stop", "kill"):
            line.leave_generation_io()
        self._run_io(self._ask_io(line, {"id": session, **params}, method))

    def note_io(self, session: str, **values: Any) -> None:
        """Write something down for the next window."""
        line = self.lines.get(session)
        if line is not None:
            line.note_io(**values)

    def when_connected_io(self, act: Callable[[], None]) -> None:
        """Call `act` once the keeper is connected, or cannot be."""
        self._run_io(self._connect_then_io(act))

    def drop_line_io(self, session: str) -> None:
        """Stop following a kernel."""
        line = self.lines.pop(session, None)
        self.outbox.forget_io(session)
        if line is not None:
            self._dropped.add(line)
            self._run_io(self._let_go_io(line))

    async def close_io(self, owner: dict[str, Any], *, leave_kernels: bool, has_kernels: bool) -> None:
        """End the kernels of this window (or leave them) and the talk with the keeper."""
        self.outbox.close_io()
        self.link.expect_end_io()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if has_kernels:
            params = {"owner": owner, "leave_kernels": leave_kernels, "grace_s": 0.5}
            try:
                await self.link.request_io("quit", params, QUIT_S)
            except KernelError as error:
                logger.info("the keeper did not confirm the end of the kernels: %s", error.text)
        # Also those dropped just now: a task that was given up before it began has closed nothing.
        await asyncio.gather(*(line.close_io() for line in (*self.lines.values(), *self._dropped)))
        if not leave_kernels and self.link.pid:
            await self.link.keeper_ended_io(0.3)
        await self.link.close_io()
        self.context.destroy(linger=0)

    # -- inside

    async def _let_go_io(self, line: Line) -> None:
        await line.close_io()
        self._dropped.discard(line)

    async def _start_io(self, line: Line, request: dict[str, Any], is_prestarted: bool) -> None:
        try:
            if is_prestarted:
                await self.link.connect_io()
                for _ in range(100):
                    if line.record:
                        return
                    await asyncio.sleep(0.02)
            answer = await self.link.request_io("start", request)
            line.on_record_io(answer["record"])
        except KernelError as error:
            line.fail_start_io(error)

    async def _connect_then_io(self, act: Callable[[], None]) -> None:
        try:
            await self.link.connect_io()
        except KernelError as error:
            logger.info("no keeper: %s", error.text)  # whoever wants a kernel of it is told why
        act()

    async def _take_io(self, line: Line, owner: dict[str, Any]) -> None:
        try:
            answer = await self.link.request_io("give", {"id": line.record["id"], "owner": owner})
            line.on_record_io(answer["record"])
        except KernelError as error:
            logger.info("no keeper took the kernel: %s", error.text)
            line.fail_io(error)

    async def _ask_io(self, line: Line | None, params: dict[str, Any], method: str) -> None:
        try:
            answer = await self.link.request_io(method, params)
        except KernelError as error:
            if line is not None and method == "restart":
                line.fail_start_io(error)
            elif line is not None:
                line.fail_io(error)
            return
        if line is not None and "record" in answer:
            line.on_record_io(answer["record"])

    def _on_event_io(self, event: dict[str, Any]) -> None:
        line = self.lines.get(str(event.get("id")))
        if line is None:
            return
        if event["event"] == "record":
            line.on_record_io(event["record"])
        else:
            line.on_event_io(event)

    def _on_records_io(self, records: list[dict[str, Any]]) -> None:
        """The keeper is new, or new to us: it may have seen more than we have."""
        for record in records:
            line = self.lines.get(str(record["id"]))
            if line is not None:
                line.on_record_io(record)

    def _has_kernels_io(self) -> bool:
        return any(line.record.get("state") in ("launching", "running") for line in self.lines.values())

    def _painted_io(self, session: str, message: Message) -> None:
        line = self.lines.get(session)
        if line is not None:
            line.painted_io(message)

    def _run_io(self, work: Coroutine[Any, Any, None]) -> None:
        start_task(self._tasks, work, "hub")
