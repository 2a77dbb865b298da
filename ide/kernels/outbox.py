"""What waits for the UI thread: collected per session in the I/O thread, handed over in bounded batches, one per frame.

The next batch is posted only after the last one was dealt with: so a slow UI thread slows us down, not the reverse.
What an agent says does not wait for the next frame; by its own socket it does not even wait behind printed text.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ide.core.outputs import Output, Stream
from ide.core.ports import Post
from ide.core.record import dataclass, field, replace
from ide.kernels.items import Deliver, DoorMessage, Item
from ide.kernels.wire import AGENT, Message, purpose_of

FRAME_S = 0.016
BATCH_MESSAGES = 2000
BATCH_BYTES = 256 * 1024
COALESCED_CHARACTERS = 32 * 1024


@dataclass(slots=True)
class _Waiting:
    items: deque[Item] = field(default_factory=deque)
    urgent: deque[Item] = field(default_factory=deque)
    size_bytes: int = 0

    @property
    def next_queue(self) -> deque[Item]:
        """Where the next item is taken from."""
        return self.urgent or self.items


class Outbox:
    """Runs in the I/O thread, but for `_deliver_all`, which the UI thread runs."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, post: Post, deliver: Deliver, painted_io: Callable[[str, Message], None]
    ) -> None:
        self._loop = loop
        self._post = post
        self._deliver = deliver
        self._painted_io = painted_io
        self._waiting: dict[str, _Waiting] = {}
        self._is_posted = False
        self._timer: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._is_awaited = False  # something that waits is not to wait for the next frame
        self._is_closed = False
        self._drained = asyncio.Event()

    def put_io(self, session: str, item: Item) -> None:
        """Take one more thing in, in order."""
        waiting = self._waiting.setdefault(session, _Waiting())
        merged = _merged(waiting.items[-1], item) if waiting.items else None
        if isinstance(item, DoorMessage):
            waiting.urgent.append(item)
        elif merged is not None:
            waiting.items[-1] = merged
        else:
            waiting.items.append(item)
        waiting.size_bytes += _size(item)
        was_awaited = self._is_awaited
        self._is_awaited = was_awaited or _is_awaited(item)
        if self._is_posted or self._is_closed:
            return
        if self._is_awaited and not was_awaited:
            self._cancel_timer()
        self._flush_soon_io()

    def _flush_soon_io(self) -> None:
        """At the next frame, or at once: an answer that somebody waits for, who may ask the next thing then."""
        if self._timer is None:
            next_frame_s = max(self._flushed_at + FRAME_S - self._loop.time(), 0.0)
            self._timer = self._loop.call_later(0.0 if self._is_awaited else next_frame_s, self._flush_io)

    def waiting_bytes(self, session: str) -> int:
        """How much waits for the UI thread."""
        waiting = self._waiting.get(session)
        return waiting.size_bytes if waiting else 0

    async def next_drain_io(self) -> None:
        """Wait until the UI thread has dealt with what it was given last."""
        self._drained.clear()
        await self._drained.wait()

    def forget_io(self, session: str) -> None:
        """Drop what waits of a session that is gone."""
        self._waiting.pop(session, None)

    def close_io(self) -> None:
        """Post nothing more."""
        self._is_closed = True
        self._cancel_timer()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush_io(self) -> None:
        self._timer = None
        self._is_awaited = False
        self._flushed_at = self._loop.time()
        batches, messages, size = [], 0, 0
        for session, waiting in self._waiting.items():
            batch: list[Item] = []
            while waiting.next_queue and messages < BATCH_MESSAGES and (size < BATCH_BYTES or not messages):
                following = _size(waiting.next_queue[0])
                if messages and size + following > BATCH_BYTES:
                    break
                batch.append(waiting.next_queue.popleft())
                waiting.size_bytes -= following
                messages, size = messages + 1, size + following
            if not waiting.next_queue:
                waiting.size_bytes = 0
            if batch:
                batches.append((session, tuple(batch)))
        if batches:
            self._is_posted = True
            self._post(lambda: self._deliver_all(batches))

    def _deliver_all(self, batches: list[tuple[str, tuple[Item, ...]]]) -> None:
        """In the UI thread."""
        try:
            for session, items in batches:
                self._deliver(session, items)
        finally:
            try:
                self._loop.call_soon_threadsafe(self._acknowledged_io, batches)
            except RuntimeError:
                pass  # the loop was closed meanwhile: the program ends

    def _acknowledged_io(self, batches: list[tuple[str, tuple[Item, ...]]]) -> None:
        self._is_posted = False
        for session, items in batches:
            last = next(
                (item for item in reversed(items) if isinstance(item, Message) and item.channel == "iopub"), None
            )
            if last is not None:
                self._painted_io(session, last)
        if any(waiting.next_queue for waiting in self._waiting.values()) and not self._is_closed:
            self._flush_soon_io()
        self._drained.set()


def _is_awaited(item: Item) -> bool:
    """What an agent answers, and that its kernel is idle again, without which the next question is not sent."""
    if not isinstance(item, Message):
        return isinstance(item, DoorMessage)
    if item.is_replay or item.type not in ("comm_msg", "status") or item.content.get("execution_state") == "busy":
        return False
    return purpose_of(item) == AGENT


def _size(item: Item) -> int:
    return item.size_bytes + 200 if isinstance(item, Message | DoorMessage) else 200


def _merged(before: Item, after: Item) -> Item | None:
    """Two adjacent pieces of one stream of one run as one, or None where they are not that."""
    if not isinstance(before, Message) or not isinstance(after, Message):
        return None
    if before.type != "stream" or after.type != "stream" or before.parent_id != after.parent_id:
        return None
    name, text = before.content.get("name"), str(before.content.get("text", ""))
    if name != after.content.get("name") or len(text) > COALESCED_CHARACTERS or before.is_replay != after.is_replay:
        return None
    outputs: tuple[Output, ...] = (*before.outputs, *after.outputs)
    if len(outputs) == 2 and isinstance(outputs[0], Stream) and isinstance(outputs[1], Stream):
        outputs = (Stream(outputs[0].name, outputs[0].text + outputs[1].text),)
    content = {**after.content, "text": text + str(after.content.get("text", ""))}
    return replace(after, content=content, outputs=outputs, size_bytes=before.size_bytes + after.size_bytes + 200)
