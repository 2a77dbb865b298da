"""Makes records of raw messages, folds and bounds what they show, and puts them into the outbox. I/O thread only.

Owns what has to be remembered between messages: floods, replies that wait for the output before them, what a process
printed itself. Knows no socket and no spool.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ide.core.outputs import Failure, Output, Stream
from ide.core.record import replace
from ide.kernels import death, shown, wire
from ide.kernels.floods import LineFolder, RunFlood
from ide.kernels.items import Troubled
from ide.kernels.outbox import Outbox
from ide.kernels.records import Limits
from ide.kernels.wire import Message

if TYPE_CHECKING:
    from jupyter_client.session import Session as Signer

logger = logging.getLogger(__name__)

OPEN_FLOODS = 64
REFUSED_TOLD = 3
TOO_LARGE = "(too large to show)"


class Intake:
    """For one session. `signer` checks what comes by a socket; the spool names the key of what follows in it."""

    def __init__(self, session: str, outbox: Outbox, limits: Limits, on_message: Callable[[Message], None]) -> None:
        self._session = session
        self._outbox = outbox
        self._limits = limits
        self._on_message = on_message
        self._spool_signer = wire.signer(b"", f"fp{session}")
        self._floods: OrderedDict[str, RunFlood] = OrderedDict()
        self._replies: dict[str, Message] = {}
        self._printed: set[str] = set()
        self._refused = 0
        self.signer: Signer | None = None
        self.environment_name = ""
        self.has_run_code = False
        self.holds_replies = False
        """Whether output lags behind, so that the reply of a run must wait for its end."""

    def from_socket_io(self, channel: str, frames: list[bytes]) -> None:
        """A message that came by a socket: it must bear the kernel's signature."""
        if self.signer is not None:
            self._take_io(self.signer, channel, frames, time.time(), is_replay=False)

    def from_spool_io(self, frames: list[bytes], received_s: float, *, is_replay: bool) -> None:
        """An iopub message that the keeper kept."""
        self._take_io(self._spool_signer, "iopub", frames, received_s, is_replay=is_replay)

    def spool_event_io(self, event: dict[str, Any]) -> None:
        """What the keeper noted between the messages: each start of the kernel has its own key."""
        key = event.get("key")
        if event.get("event") in ("started", "adopted") and isinstance(key, str):
            self._spool_signer = wire.signer(key.encode(), f"fp{self._session}")

    def printed_io(self, number: str, name: str, text: str, at_s: float, *, is_replay: bool) -> None:
        """What the process printed itself, past its messages: each piece once. Before the first run it is noise."""
        if number in self._printed or not self.has_run_code:
            return
        self._printed.add(number)
        metadata = {"fourpane": "printed by the process"}
        self._put_stream_io(f"{self._session}-printed-{number}", name, text, at_s, metadata, is_replay=is_replay)

    def tell_cut_io(self) -> None:
        """Say in the output that something of it is lost."""
        note = "\n... earlier output is not kept any more: the spool of this kernel was full ...\n"
        self._put_stream_io(f"{self._session}-cut-{time.time()}", "stderr", note, time.time(), {}, is_replay=True)

    def release_replies_io(self) -> None:
        """The output has caught up: replies need not wait any more."""
        self.holds_replies = False
        replies, self._replies = self._replies, {}
        for reply in replies.values():
            self._outbox.put_io(self._session, reply)

    def new_generation(self, signer: Signer) -> None:
        """Another process begins: nothing of the last one is waited for."""
        self.signer, self.has_run_code = signer, False
        self._replies.clear()

    def _take_io(
        self, signer: Signer, channel: str, frames: list[bytes], received_s: float, *, is_replay: bool
    ) -> None:
        try:
            message = wire.parse(signer, channel, frames, received_s, is_replay=is_replay)
        except wire.MalformedMessageError as error:
            self._refuse_io(str(error))
            return
        if channel == "iopub":
            self._take_published_io(message)
            return
        self._on_message(message)
        if message.type == "execute_reply" and self.holds_replies:
            self._replies[message.parent_id] = message
        else:
            self._outbox.put_io(self._session, message)

    def _take_published_io(self, message: Message) -> None:
        is_of_a_run = message.parent.get("msg_type") == "execute_request" and wire.purpose_of(message) == wire.USER
        self.has_run_code = self.has_run_code or is_of_a_run
        if message.type == "stream":
            self._take_stream_io(message)
            return
        is_end = message.type == "status" and message.content.get("execution_state") == "idle"
        if is_end:
            self._finish_flood_io(message)
        self._outbox.put_io(self._session, self._bounded(message))
        if is_end and message.parent_id in self._replies:
            self._outbox.put_io(self._session, self._replies.pop(message.parent_id))

    def _bounded(self, message: Message) -> Message:
        limits = self._limits
        outputs = shown.outputs_of(message, display_limit_bytes=limits.display_bytes)
        if message.type == "error":
            failure = _folded(shown.failure_of(message.content), limits.line_characters)
            content = {"ename": failure.name, "evalue": failure.message, "traceback": list(failure.traceback)}
            return message.with_content(content, (failure,))
        if shown.size_of(message.content) > limits.display_bytes:
            return message.with_content({**message.content, "data": {"text/plain": TOO_LARGE}}, outputs)
        return message.with_content(message.content, outputs) if outputs else message

    def _take_stream_io(self, message: Message) -> None:
        name, text = str(message.content.get("name", "stdout")), str(message.content.get("text", ""))
        flood = self._floods.get(message.parent_id)
        if flood is None:
            flood = self._floods[message.parent_id] = RunFlood(self._limits)
            if len(self._floods) > OPEN_FLOODS:
                self._floods.popitem(last=False)
        text, outputs = flood.take(name, text)
        if text or outputs:
            self._outbox.put_io(self._session, message.with_content({"name": name, "text": text}, outputs))

    def _finish_flood_io(self, end: Message) -> None:
        flood = self._floods.pop(end.parent_id, None)
        for number, (name, text) in enumerate(flood.finish() if flood else ()):
            message_id = f"{end.id}-end-{number}"
            header = {**end.header, "msg_type": "stream", "msg_id": message_id}
            outputs: tuple[Output, ...] = (_stream(name, text),)
            content = {"name": name, "text": text}
            message = replace(end, type="stream", id=message_id, header=header, content=content, outputs=outputs)
            self._outbox.put_io(self._session, replace(message, size_bytes=len(text)))

    def _put_stream_io(
        self, message_id: str, name: str, text: str, at_s: float, metadata: dict[str, str], *, is_replay: bool
    ) -> None:
        text, outputs = RunFlood(self._limits).take(name, text)
        message = Message(
            channel="iopub",
            type="stream",
            id=message_id,
            parent_id="",
            content={"name": name, "text": text},
            header={"msg_id": message_id, "msg_type": "stream", "username": "", "session": "", "version": "5.3"},
            metadata=metadata,
            received_s=at_s,
            is_replay=is_replay,
            outputs=outputs,
            size_bytes=len(text),
        )
        self._outbox.put_io(self._session, message)

    def _refuse_io(self, reason: str) -> None:
        self._refused += 1
        logger.info("kernel %s: a message was refused: %s", self._session, reason)
        if self._refused == REFUSED_TOLD:
            self._outbox.put_io(self._session, Troubled(death.refused_error(self.environment_name, reason)))


def _folded(failure: Failure, limit_characters: int) -> Failure:
    """The failure with long lines cut short, each by itself."""

    def fold(text: str) -> str:
        folder = LineFolder(limit_characters)
        return folder.fold(text)[0] + folder.finish()[0]

    if max(map(len, (failure.message, *failure.traceback))) <= limit_characters:
        return failure
    return Failure(failure.name, fold(failure.message), tuple(map(fold, failure.traceback)))


def _stream(name: str, text: str) -> Stream:
    return Stream("stderr" if name == "stderr" else "stdout", text)
