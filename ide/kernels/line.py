"""The line to one kernel: its four channels, the spool, floods, and what the window notes down about it.

I/O thread only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.errors import KernelError
from ide.core.outputs import Stream
from ide.kernels import death, private, shown, wire
from ide.kernels.feed import Feed
from ide.kernels.floods import RunFlood
from ide.kernels.kept import endpoint, secure
from ide.kernels.outbox import CaughtUp, Ended, Gone, Launched, Outbox, Ready, Replayed, Troubled
from ide.kernels.records import InputRequest, KernelInfo, Limits
from ide.kernels.spool import EVENT, MESSAGE, SpoolReader, SpoolRecord
from ide.kernels.wire import Message

if TYPE_CHECKING:
    import zmq
    import zmq.asyncio
    from jupyter_client.session import Session as Signer

logger = logging.getLogger(__name__)

WINDOW_FILE = "window.json"
NOTE_EVERY_S = 0.25
SPOOL_LOOK_S = 0.01
SPOOL_SILENT_S = 2.0
CAUGHT_UP_S = 1.0
READ_BYTES = 1 << 20
OPEN_FLOODS = 64
REFUSED_TOLD = 3


@dataclass(frozen=True, slots=True)
class Request:
    """A message to a kernel. `extra` goes into its header, `owner` is USER, INTERNAL or AGENT."""

    channel: str
    type: str
    content: Mapping[str, Any]
    id: str
    owner: str = wire.USER
    extra: Mapping[str, Any] = field(default_factory=dict)


class Line:
    """Connects to each generation of one kernel in turn; what comes in goes to the outbox, in order."""

    def __init__(
        self, context: zmq.asyncio.Context, outbox: Outbox, session: str, folder: Path, limits: Limits
    ) -> None:
        self._context = context
        self._outbox = outbox
        self._session = session
        self._folder = folder
        self._limits = limits
        self._notes: dict[str, Any] = private.read_json(folder / WINDOW_FILE) or {}
        self._note_timer: asyncio.TimerHandle | None = None
        self._feed = Feed(SpoolReader(folder))
        self._floods: OrderedDict[str, RunFlood] = OrderedDict()
        self._sockets: dict[str, zmq.asyncio.Socket] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._signer: Signer | None = None
        self._spool_signer = wire.signer(b"", f"fp{session}")
        self._outgoing: list[Request] = []
        self._generation = 0
        self._is_ready = False
        self._is_leaving = False
        self._has_caught_up = False
        self._is_replayed = False
        self._has_info = False
        self._refused = 0
        self._stdio_seen: set[str] = set()
        self._has_run_code = False
        self._internal = 0
        self._slow_timer: asyncio.TimerHandle | None = None
        self._connected_s = time.time()
        self.record: dict[str, Any] = {}

    # -- what the keeper says

    def on_record_io(self, record: dict[str, Any]) -> None:
        """The keeper's record of the kernel is new or has changed."""
        generation, state = int(record.get("generation", 0)), record["state"]
        if generation < self._generation:
            return
        self.record = record
        if generation > self._generation and state in ("launching", "running"):
            self._connect_io(generation)
        is_heard = state == "running" and record.get("is_heard", False)
        if is_heard and generation == self._generation and not self._is_ready and not self._is_leaving:
            self._ready_io()
        if state in ("exited", "failed"):
            self._generation, self._is_ready = max(self._generation, generation), False
            self._disconnect_io()
            self._feed.fall_back()
            self._start(self._end_io(generation), "end")

    def on_event_io(self, event: dict[str, Any]) -> None:
        """Something else that the keeper saw."""
        if event["event"] == "stdio" and self._feed.is_live:
            self._printed_io(str(event["number"]), str(event["name"]), str(event["text"]), time.time())
        elif event["event"] == "gone":
            self._outbox.put_io(self._session, Gone())

    def fail_io(self, error: KernelError) -> None:
        """There is no keeper that could start or find the kernel."""
        self._outbox.put_io(self._session, Troubled(error))

    # -- sending

    def send_io(self, request: Request) -> None:
        """Send now, or as soon as the kernel's output is sure to be kept."""
        if self._is_ready or request.channel in ("control", "stdin"):
            self._send_now_io(request)
        else:
            self._outgoing.append(request)

    def leave_generation_io(self) -> None:
        """The kernel is about to end:

        what was not sent to it is not sent to the next one, what comes now waits for that.
        """
        self._outgoing.clear()
        self._is_ready, self._is_leaving = False, True

    def note_io(self, **values: Any) -> None:
        """Write down what the next window must know if this one is killed; at most every 250 ms."""
        self._notes.update(values)
        if self._note_timer is None:
            self._note_timer = asyncio.get_running_loop().call_later(NOTE_EVERY_S, self._write_notes_io)

    async def close_io(self) -> None:
        """Close the sockets; the kernel is not told anything."""
        self._disconnect_io()
        if self._note_timer is not None:
            self._note_timer.cancel()
        tasks, self._tasks = self._tasks, []
        current = asyncio.current_task()
        for task in tasks:
            if task is not current:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not current), return_exceptions=True)

    def _send_now_io(self, request: Request) -> None:
        waiting = self._sockets.get(request.channel)
        if waiting is None or self._signer is None:
            return
        frames = wire.request(self._signer, request.type, request.content, request.id, request.owner, request.extra)
        self._start(_send_io(waiting, frames), "send")

    def _ask_info_io(self) -> None:
        for channel in ("shell", "control"):
            self._internal += 1
            name = wire.new_id(f"{self._notes['identity']}-{self._generation}", wire.INTERNAL, self._internal)
            self._send_now_io(Request(channel, "kernel_info_request", {}, name, wire.INTERNAL))

    # -- connecting

    def _connect_io(self, generation: int) -> None:
        import zmq

        is_first = not self._sockets
        self._disconnect_io()
        self._has_run_code = False
        self._generation, self._is_ready, self._has_info, self._is_leaving = generation, False, False, False
        connection = self.record["connection"]
        identity = self._notes.setdefault("identity", f"fp{self._session}")
        self._signer = wire.signer(connection["key"].encode(), identity)
        kinds = {"iopub": zmq.SUB, "shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER}
        for channel, kind in kinds.items():
            made: zmq.asyncio.Socket = self._context.socket(kind)
            made.linger = 0
            made.set(zmq.RECONNECT_IVL, 20)
            made.set(zmq.RECONNECT_IVL_MAX, 200)
            made.set(zmq.RCVHWM, 0)
            if kind == zmq.SUB:
                made.subscribe(b"")
            else:
                made.set(zmq.IDENTITY, identity.encode())
            secure(made, connection)
            made.connect(endpoint(connection, channel))
            self._sockets[channel] = made
            self._start(self._pump_io(channel, made), f"pump-{channel}")
        if not is_first:
            self._feed.fall_back()
        self._start(self._read_spool_io(), "spool")
        self._outbox.put_io(self._session, Launched(generation, int(self.record["pid"])))
        self._slow_timer = asyncio.get_running_loop().call_later(self._limits.slow_start_s, self._slow_io)
        self.note_io()

    def _disconnect_io(self) -> None:
        for waiting in self._sockets.values():
            waiting.close()
        self._sockets = {}
        if self._slow_timer is not None:
            self._slow_timer.cancel()
            self._slow_timer = None

    def _ready_io(self) -> None:
        self._is_ready = True
        self._ask_info_io()
        self._outbox.put_io(self._session, Ready(_info_from(self._notes.get("info"))))
        outgoing, self._outgoing = self._outgoing, []
        for request in outgoing:
            self._send_now_io(request)

    def _slow_io(self) -> None:
        if not self._has_info and not self._is_ready:
            error = death.slow_start_error(self._environment_name(), self._last_printed(), self._limits.slow_start_s)
            self._outbox.put_io(self._session, Troubled(error))

    def _environment_name(self) -> str:
        return str(self.record["launch"]["environment"]["name"])

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

    async def _pump_io(self, channel: str, source: zmq.asyncio.Socket) -> None:
        import zmq

        quick: zmq.Socket[bytes] = zmq.Socket.shadow(source.underlying)
        while not source.closed:
            await source.poll()
            for _ in range(500):
                try:
                    frames = quick.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                except zmq.ZMQError:
                    return
                if channel == "iopub":
                    self._arrived_live_io(frames)
                else:
                    self._accept_io(channel, frames, time.time())
            else:
                await asyncio.sleep(0)

    def _arrived_live_io(self, frames: list[bytes]) -> None:
        for ready in self._feed.take_live(frames):
            self._accept_io("iopub", ready, time.time())
        if self._feed.is_live and self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes:
            self._feed.fall_back()
            self._start(self._read_spool_io(), "spool")

    async def _read_spool_io(self) -> None:
        """Read the spool at the pace of the UI thread until the live socket takes over."""
        loop = asyncio.get_running_loop()
        silent_since, generation = loop.time(), self._generation
        while not self._feed.is_live and generation == self._generation and self._sockets:
            if self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes // 4:
                self._outbox.drained.clear()
                await self._outbox.drained.wait()
                continue
            if self._take_spool_io():
                silent_since = loop.time()
                await asyncio.sleep(0)
                continue
            self._replayed_io()
            if loop.time() - silent_since > SPOOL_SILENT_S:
                self._take_after_gap_io()
                for frames in self._feed.give_up_spool() if self._feed.has_held else ():
                    self._accept_io("iopub", frames, time.time())
            await asyncio.sleep(SPOOL_LOOK_S)
        self._replayed_io()

    def _take_spool_io(self) -> bool:
        records, held = self._feed.take_spool(READ_BYTES)
        if self._feed.take_cut():
            note = "\n... earlier output is not kept any more: the spool of this kernel was full ...\n"
            self._synthesize_io("stderr", note, time.time(), is_replay=True)
        for record in records:
            self._take_record_io(record)
        for frames in held:
            self._accept_io("iopub", frames, time.time())
        return bool(records)

    def _take_after_gap_io(self) -> None:
        for record in self._feed.take_after_gap():
            self._take_record_io(record)

    def _take_record_io(self, record: SpoolRecord) -> None:
        if record.kind == MESSAGE:
            is_old = record.received_s < self._connected_s
            self._parse_io(self._spool_signer, "iopub", list(record.frames), record.received_s, is_replay=is_old)
        elif record.kind == EVENT:
            logger.debug("spool event %s", record.event())
        elif len(record.frames) == 3:
            number, name, text = (frame.decode("utf-8", "replace") for frame in record.frames)
            self._printed_io(number, name, text, record.received_s)

    def _replayed_io(self) -> None:
        """Once, when all that was spooled before this window came has been handed on."""
        if self._is_replayed:
            return
        self._is_replayed = True
        asked = self._notes.get("pending_input")
        pending = InputRequest(**asked) if isinstance(asked, dict) and self.record.get("state") == "running" else None
        self._outbox.put_io(self._session, Replayed(pending))

    def _accept_io(self, channel: str, frames: list[bytes], received_s: float) -> None:
        """A message that came by a socket: it must bear the kernel's signature."""
        if self._signer is not None:
            self._parse_io(self._signer, channel, frames, received_s, is_replay=False)

    def _parse_io(
        self, signer: Signer, channel: str, frames: list[bytes], received_s: float, *, is_replay: bool
    ) -> None:
        try:
            message = wire.parse(signer, channel, frames, received_s, is_replay=is_replay)
        except wire.MalformedMessageError as error:
            self._refuse_io(str(error))
            return
        is_users = wire.purpose_of(message) == wire.USER
        if channel == "iopub" and is_users and message.parent.get("msg_type") == "execute_request":
            self._has_run_code = True
        if channel == "iopub" and message.type == "stream":
            self._accept_stream_io(message)
            return
        if message.type == "kernel_info_reply":
            self._accept_info_io(message)
        outputs = shown.outputs_of(message, display_limit_bytes=self._limits.display_bytes)
        if message.type == "status" and message.content.get("execution_state") == "idle":
            self._finish_flood_io(message)
        elif message.type == "input_request":
            self._note_input_io(message)
        if shown.size_of(message.content) > self._limits.display_bytes:
            message = message.with_content({**message.content, "data": {"text/plain": "(too large to show)"}}, outputs)
        self._outbox.put_io(self._session, message.with_content(message.content, outputs))

    def _accept_stream_io(self, message: Message) -> None:
        name, text = str(message.content.get("name", "stdout")), str(message.content.get("text", ""))
        flood = self._floods.get(message.parent_id)
        if flood is None:
            flood = self._floods[message.parent_id] = RunFlood(self._limits)
            if len(self._floods) > OPEN_FLOODS:
                self._floods.popitem(last=False)
        text, outputs = flood.take(name, text)
        if text or outputs:
            self._outbox.put_io(self._session, message.with_content({"name": name, "text": text}, outputs))

    def _finish_flood_io(self, message: Message) -> None:
        flood = self._floods.pop(message.parent_id, None)
        for number, (name, text) in enumerate(flood.finish() if flood else ()):
            stream = Stream("stderr" if name == "stderr" else "stdout", text)
            end = Message(
                "iopub", "stream", f"{message.id}-end-{number}", message.parent_id, {"name": name, "text": text}
            )
            header = {**message.header, "msg_type": "stream", "msg_id": end.id}
            self._outbox.put_io(
                self._session,
                Message(
                    "iopub", "stream", end.id, end.parent_id, end.content, header, message.parent, {}, (),
                    message.received_s, message.is_replay, (stream,), len(text),
                ),
            )  # fmt: skip

    def _accept_info_io(self, message: Message) -> None:
        if message.channel == "shell" and not self._has_caught_up:
            self._has_caught_up = True
            self._start(self._tell_caught_up_io(), "caught up")
        if message.content.get("status", "ok") != "ok" or self._has_info:
            return
        self._has_info = True
        info = _info_of(message.content)
        self.note_io(info={name: getattr(info, name) for name in KernelInfo.__slots__})
        self._outbox.put_io(self._session, Ready(info))

    async def _tell_caught_up_io(self) -> None:
        """Requests are served in order: whatever was sent before ours is done. The spool may lag a little."""
        while not self._is_replayed:
            await asyncio.sleep(SPOOL_LOOK_S)
        await asyncio.sleep(CAUGHT_UP_S)
        self._outbox.put_io(self._session, CaughtUp())

    def _note_input_io(self, message: Message) -> None:
        asked = {
            "prompt": str(message.content.get("prompt", "")),
            "is_password": bool(message.content.get("password", False)),
            "run_id": message.parent_id,
        }
        self._notes["pending_input"] = asked
        self._write_notes_io()

    def _printed_io(self, number: str, name: str, text: str, at_s: float) -> None:
        """What the process printed itself, past the kernel's messages: shown with the run that was going on."""
        if number in self._stdio_seen or not self._has_run_code:
            return  # what a kernel prints while it starts is shown only if it dies of it
        self._stdio_seen.add(number)
        self._synthesize_io(name, text, at_s, is_replay=at_s < self._connected_s, number=number)

    def _synthesize_io(self, name: str, text: str, at_s: float, *, is_replay: bool, number: str = "cut") -> None:
        text, outputs = RunFlood(self._limits).take(name, text)
        message_id = f"{self._session}-printed-{number}"
        header = {"msg_id": message_id, "msg_type": "stream", "username": "", "session": "", "version": "5.3"}
        metadata = {"fourpane": "printed by the process"}
        content = {"name": name, "text": text}
        self._outbox.put_io(
            self._session,
            Message(
                "iopub",
                "stream",
                message_id,
                "",
                content,
                header,
                {},
                metadata,
                (),
                at_s,
                is_replay,
                outputs,
                len(text),
            ),
        )

    def _refuse_io(self, reason: str) -> None:
        self._refused += 1
        logger.info("kernel %s: a message was refused: %s", self._session, reason)
        if self._refused == REFUSED_TOLD:
            self._outbox.put_io(self._session, Troubled(death.refused_error(self._environment_name(), reason)))

    # -- the end

    async def _end_io(self, generation: int) -> None:
        """Hand on what the kernel said last, from the spool, then its end."""
        while self._take_spool_io():
            while self._outbox.waiting_bytes(self._session) > self._limits.waiting_bytes:
                self._outbox.drained.clear()
                await self._outbox.drained.wait()
            await asyncio.sleep(0)
        self._take_after_gap_io()
        self._replayed_io()
        if self._generation == generation:
            self._outbox.put_io(self._session, Ended(death.cause_of(self.record), generation))

    def painted_io(self, message: Message) -> None:
        """The UI thread has shown everything up to this message."""
        self.note_io(painted=message.id, painted_s=message.received_s)

    def _write_notes_io(self) -> None:
        if self._note_timer is not None:
            self._note_timer.cancel()
            self._note_timer = None
        with contextlib.suppress(OSError):  # a full disk, or a kernel that was just forgotten: nothing to note it in
            private.write_json(self._folder / WINDOW_FILE, self._notes)

    def _start(self, work: Any, name: str) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        task = asyncio.create_task(work, name=f"{self._session}-{name}")
        task.add_done_callback(log_failure)
        self._tasks.append(task)


def log_failure(task: asyncio.Task[None]) -> None:
    """A task that fails must not do so in silence."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        logger.error("the I/O task %s failed", task.get_name(), exc_info=error)


async def _send_io(waiting: zmq.asyncio.Socket, frames: list[bytes]) -> None:
    import zmq

    try:
        await waiting.send_multipart(frames)
    except zmq.ZMQError:
        return  # closed meanwhile: the kernel has gone, which is told in its own way


def _info_of(content: Mapping[str, Any]) -> KernelInfo:
    described = content.get("language_info")
    language: dict[str, Any] = described if isinstance(described, dict) else {}
    lexer = language.get("pygments_lexer") or language.get("name") or ""
    features = content.get("supported_features")
    return KernelInfo(
        implementation=str(content.get("implementation", "")),
        implementation_version=str(content.get("implementation_version", "")),
        language=str(language.get("name", "")),
        language_version=str(language.get("version", "")),
        banner=str(content.get("banner", "")),
        mimetype=str(language.get("mimetype", "")),
        lexer=str(lexer),
        file_extension=str(language.get("file_extension", "")),
        supported_features=tuple(map(str, features)) if isinstance(features, list) else (),
    )


def _info_from(noted: object) -> KernelInfo | None:
    if not isinstance(noted, dict):
        return None
    try:
        return KernelInfo(**{**noted, "supported_features": tuple(noted.get("supported_features", ()))})
    except TypeError:
        return None
