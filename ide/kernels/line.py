"""The line to one kernel: connects to each of its generations, and joins live sockets and spool to one stream.

I/O thread only. What the messages hold is the intake's; what goes to the UI thread, and when, the outbox's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.errors import KernelError
from ide.kernels import death, wire
from ide.kernels.channels import Channels, start_task
from ide.kernels.door import Door, may_connect
from ide.kernels.feed import Feed, SpoolBatch
from ide.kernels.intake import Intake
from ide.kernels.items import CaughtUp, DoorMessage, Ended, Gone, Launched, Ready, Replayed, Request, Troubled
from ide.kernels.kernel_info import info_from_json, info_of, info_to_json
from ide.kernels.notes import WindowNotes
from ide.kernels.outbox import Outbox
from ide.kernels.records import DeathCause, Limits
from ide.kernels.spool import EVENT, MESSAGE, SpoolReader, SpoolRecord, is_agents
from ide.kernels.wire import Message

if TYPE_CHECKING:
    import zmq.asyncio

logger = logging.getLogger(__name__)

SPOOL_LOOK_S = 0.01
SPOOL_SILENT_S = 2.0
CAUGHT_UP_S = 1.0
READ_BYTES = 1 << 20
_OVER = ("exited", "failed")


class Line:
    """Follows one kernel from its start, or from an attach, to its end."""

    def __init__(
        self, context: zmq.asyncio.Context, outbox: Outbox, session: str, folder: Path, limits: Limits
    ) -> None:
        self._context = context
        self._outbox = outbox
        self._session = session
        self._folder = folder
        self._limits = limits
        self._notes = WindowNotes(folder, f"fp{session}")
        self._feed = Feed(SpoolReader(folder))
        self._intake = Intake(session, outbox, limits, self._on_message_io)
        self._channels: Channels | None = None
        self._door: Door | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._outgoing: list[Request] = []
        self._generation = 0
        self._is_ready = False
        self._is_leaving = False
        self._is_closed = False
        self._has_info = False
        self._has_caught_up = False
        self._is_replayed = False
        self._internal = 0
        self._slow_timer: asyncio.TimerHandle | None = None
        self._opened_s = time.time()
        self.record: dict[str, Any] = {}

    # -- what the keeper says

    def on_record_io(self, record: dict[str, Any]) -> None:
        """The keeper's record of the kernel is new or has changed."""
        generation, state = int(record.get("generation", 0)), record["state"]
        if generation < self._generation or self._is_closed:
            return  # closed: an answer of the keeper to what was asked before
        if generation == self._generation and self.record.get("state") in _OVER and state not in _OVER:
            return  # the answer to a start may come after the end of what was started
        self.record = record
        self._intake.environment_name = str(record["launch"]["environment"]["name"])
        if generation > self._generation and state in ("launching", "running"):
            self._connect_io(generation)
        is_heard = state == "running" and record.get("is_heard", False)
        if is_heard and generation == self._generation and not self._is_ready and not self._is_leaving:
            self._ready_io()
        if state in _OVER:
            self._generation, self._is_ready = max(self._generation, generation), False
            self._disconnect_io()
            self._fall_back_io()
            start_task(self._tasks, self._end_io(generation), "end")

    def on_event_io(self, event: dict[str, Any]) -> None:
        """Something else that the keeper saw."""
        if event["event"] == "stdio" and self._feed.is_live:
            number, name, text = str(event["number"]), str(event["name"]), str(event["text"])
            self._intake.printed_io(number, name, text, time.time(), is_replay=False)
        elif event["event"] == "gone":
            self._outbox.put_io(self._session, Gone())

    def fail_io(self, error: KernelError) -> None:
        """The keeper cannot be asked for something; the kernel itself is as it was."""
        self._outbox.put_io(self._session, Troubled(error))

    def fail_start_io(self, error: KernelError) -> None:
        """There is no keeper that could start the kernel."""
        self._outbox.put_io(self._session, Ended(DeathCause("start", error.text), self._generation))

    # -- sending

    def send_io(self, request: Request) -> None:
        """Send now, or as soon as the kernel's output is sure to be kept."""
        if request.channel == "door":
            self._send_to_door_io(request)
        elif self._is_ready or request.channel in ("control", "stdin"):
            self._send_now_io(request)
        else:
            self._outgoing.append(request)

    def leave_generation_io(self) -> None:
        """The kernel is about to end. What was not sent to it is dropped; what comes now is meant for the next one."""
        self._outgoing.clear()
        self._close_door_io()
        self._is_ready, self._is_leaving = False, True

    def note_io(self, **values: Any) -> None:
        """Write something down for the next window."""
        self._notes.put_io(**values)

    def painted_io(self, message: Message) -> None:
        """The UI thread has shown everything up to this message."""
        self._notes.put_io(painted=message.id, painted_s=message.received_s)

    async def close_io(self) -> None:
        """Let go of sockets and tasks; the kernel is not told anything."""
        self._is_closed = True
        self._disconnect_io()
        self._notes.close_io()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _send_now_io(self, request: Request) -> None:
        signer = self._intake.signer
        if self._channels is not None and signer is not None:
            frames = wire.request(signer, request.type, request.content, request.id, request.owner, request.extra)
            self._channels.send_io(request.channel, frames)

    def _send_to_door_io(self, request: Request) -> None:
        connection = self.record.get("connection", {})
        if request.type != "open":
            if self._door is not None:
                self._door.send_io(request.content)
        elif self._channels is not None and not self._is_leaving:
            self._close_door_io()
            address = str(request.content["address"])
            if may_connect(connection, address):
                nonce, generation = str(request.content["nonce"]), self._generation
                self._door = Door(
                    self._context,
                    connection,
                    address,
                    nonce,
                    lambda data, buffers: self._outbox.put_io(self._session, DoorMessage(data, buffers, generation)),
                )
            else:
                logger.warning("a kernel named a socket that is not its own; it was left alone")

    def _close_door_io(self) -> None:
        if self._door is not None:
            self._door.close_io()
            self._door = None

    def _ask_info_io(self) -> None:
        for channel in ("shell", "control"):
            self._internal += 1
            name = wire.new_id(f"{self._notes.identity}-{self._generation}", wire.INTERNAL, self._internal)
            self._send_now_io(Request(channel, "kernel_info_request", {}, name, wire.INTERNAL))

    # -- connecting

    def _connect_io(self, generation: int) -> None:
        self._disconnect_io()
        self._fall_back_io()
        self._generation, self._is_ready, self._has_info, self._is_leaving = generation, False, False, False
        connection, identity = self.record["connection"], self._notes.identity
        is_private = connection["transport"] == "ipc" or "curve_publickey" in connection
        self._intake.new_generation(wire.signer(connection["key"].encode(), identity))
        self._channels = Channels(self._context, connection, identity, self._on_frames_io)
        start_task(self._tasks, self._read_spool_io(), "spool")
        self._outbox.put_io(self._session, Launched(generation, int(self.record["pid"]), is_private))
        self._slow_timer = asyncio.get_running_loop().call_later(self._limits.slow_start_s, self._slow_io)
        self._notes.put_io()

    def _disconnect_io(self) -> None:
        self._close_door_io()
        if self._channels is not None:
            self._channels.close_io()
            self._channels = None
        if self._slow_timer is not None:
            self._slow_timer.cancel()
            self._slow_timer = None

    def _ready_io(self) -> None:
        self._is_ready = True
        self._ask_info_io()
        self._outbox.put_io(self._session, Ready(info_from_json(self._notes.info)))
        outgoing, self._outgoing = self._outgoing, []
        for request in outgoing:
            self._send_now_io(request)

    def _slow_io(self) -> None:
        if not self._has_info and not self._is_ready:
            name, printed = self._intake.environment_name, self._last_printed()
            self._outbox.put_io(
                self._session, Troubled(death.slow_start_error(name, printed, self._limits.slow_start_s))
            )

    def _last_printed(self) -> str:
        for name in ("stderr", "stdout"):
            try:
                text = (self._folder / f"{name}.txt").read_bytes()[-2000:].decode("utf-8", "replace").strip()
            except OSError:
                continue
            if text:
                return text
        return ""

    # -- receiving

    def _on_frames_io(self, channel: str, frames: list[bytes]) -> None:
        if channel != "iopub":
            self._intake.from_socket_io(channel, frames)
            return
        agents = is_agents(frames)
        if agents:  # at once, whatever waits: it is not kept in the spool, and has no place in the order of outputs
            self._intake.from_socket_io("iopub", frames)
        was_live = self._feed.is_live
        for ready in self._feed.take_live(frames):
            if not agents:
                self._intake.from_socket_io("iopub", ready)
        if self._feed.is_live and not was_live:
            self._intake.release_replies_io()
        if self._feed.is_live and self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes:
            self._fall_back_io()
            start_task(self._tasks, self._read_spool_io(), "spool")

    def _fall_back_io(self) -> None:
        self._feed.fall_back()
        self._intake.holds_replies = True

    async def _read_spool_io(self) -> None:
        """Read the spool at the pace of the UI thread until the live socket takes over."""
        loop = asyncio.get_running_loop()
        silent_since, generation = loop.time(), self._generation
        while not self._feed.is_live and generation == self._generation and self._channels is not None:
            if self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes // 4:
                await self._outbox.next_drain_io()
                silent_since = loop.time()
            elif not self._hand_on_io(self._feed.take_spool(READ_BYTES)):
                silent_since = loop.time()
                await asyncio.sleep(0)
            else:
                self._replayed_io()
                if loop.time() - silent_since > SPOOL_SILENT_S and self._hand_on_io(self._feed.stop_skipping()):
                    held = self._feed.give_up_spool() if self._feed.has_held else []
                    self._hand_on_io(SpoolBatch((), tuple(held), is_end=True, was_cut=False))
                await asyncio.sleep(SPOOL_LOOK_S)
        self._replayed_io()

    def _hand_on_io(self, batch: SpoolBatch) -> bool:
        """Give what was read to the intake; returns whether that was the end of the spool."""
        if batch.was_cut:
            self._intake.tell_cut_io()
        for record in batch.records:
            self._take_record_io(record)
        for frames in batch.held:
            if not is_agents(frames):
                self._intake.from_socket_io("iopub", frames)
        if self._feed.is_live:
            self._intake.release_replies_io()
        return batch.is_end

    def _take_record_io(self, record: SpoolRecord) -> None:
        is_replay = record.received_s < self._opened_s
        if record.kind == MESSAGE:
            if not is_agents(record.frames):
                self._intake.from_spool_io(list(record.frames), record.received_s, is_replay=is_replay)
        elif record.kind == EVENT:
            self._intake.spool_event_io(record.event())
        elif len(record.frames) == 3:
            number, name, text = (frame.decode("utf-8", "replace") for frame in record.frames)
            self._intake.printed_io(number, name, text, record.received_s, is_replay=is_replay)

    def _replayed_io(self) -> None:
        """Once, when all that was spooled before this window came has been handed on."""
        if not self._is_replayed:
            self._is_replayed = True
            is_running = self.record.get("state") == "running"
            self._outbox.put_io(self._session, Replayed(self._notes.pending_input if is_running else None))

    def _on_message_io(self, message: Message) -> None:
        """What the line itself wants to know of what came by shell, control and stdin."""
        if message.type == "input_request":
            prompt, is_password = str(message.content.get("prompt", "")), bool(message.content.get("password", False))
            asked = {"prompt": prompt, "is_password": is_password, "run_id": message.parent_id}
            self._notes.put_io(is_urgent=True, pending_input=asked)
        elif message.type == "kernel_info_reply" and message.content.get("status", "ok") == "ok":
            self._take_info_io(message)

    def _take_info_io(self, message: Message) -> None:
        if message.channel == "shell" and not self._has_caught_up:
            self._has_caught_up = True
            start_task(self._tasks, self._tell_caught_up_io(), "caught up")
        if not self._has_info:
            self._has_info = True
            info = info_of(message.content)
            self._notes.put_io(info=info_to_json(info))
            self._outbox.put_io(self._session, Ready(info))

    async def _tell_caught_up_io(self) -> None:
        """Requests are served in order: whatever was sent before ours is done. The spool may lag a little."""
        while not self._is_replayed:
            await asyncio.sleep(SPOOL_LOOK_S)
        await asyncio.sleep(CAUGHT_UP_S)
        self._outbox.put_io(self._session, CaughtUp())

    async def _end_io(self, generation: int) -> None:
        """Hand on what the kernel said last, from the spool, then its end."""
        while not self._hand_on_io(self._feed.take_spool(READ_BYTES)) or not self._hand_on_io(
            self._feed.stop_skipping()
        ):
            while self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes:
                await self._outbox.next_drain_io()
            await asyncio.sleep(0)
        self._replayed_io()
        self._intake.release_replies_io()
        if self._generation == generation:
            self._outbox.put_io(self._session, Ended(death.cause_of(self.record), generation))
