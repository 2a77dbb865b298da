"""Questions to the kernel that wait for their reply, and how the replies are read. UI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from ide.core.ports import After, Cancel
from ide.core.record import dataclass
from ide.kernels.records import CompleteReply, InspectReply, IsCompleteReply
from ide.kernels.wire import Message

T = TypeVar("T")
_FAILED = ("error", "abort", "aborted")


@dataclass(slots=True)
class _Asked:
    answered: Callable[[Mapping[str, Any] | None], None]
    cancel_timer: Cancel


class Replies:
    """Each question is answered once: by the kernel, or with None when it is late or gone; or never, when cancelled."""

    def __init__(self, after: After) -> None:
        self._after = after
        self._asked: dict[str, _Asked] = {}

    def expect(
        self,
        message_id: str,
        read: Callable[[Mapping[str, Any]], T | None],
        done: Callable[[T | None], None],
        timeout_s: float,
    ) -> Cancel:
        """Wait for the reply to `message_id`; the returned call forgets it."""

        def answered(content: Mapping[str, Any] | None) -> None:
            done(read(content) if content is not None and content.get("status", "ok") not in _FAILED else None)

        self._asked[message_id] = _Asked(answered, self._after(timeout_s, lambda: self._finish(message_id, None)))
        return lambda: self._forget(message_id)

    def take(self, message: Message) -> None:
        """Give a reply to who asked."""
        if message.channel == "shell":
            self._finish(message.parent_id, message.content)

    def close(self) -> None:
        """The kernel has gone."""
        for message_id in list(self._asked):
            self._finish(message_id, None)

    def _finish(self, message_id: str, content: Mapping[str, Any] | None) -> None:
        asked = self._asked.pop(message_id, None)
        if asked is not None:
            asked.cancel_timer()
            asked.answered(content)

    def _forget(self, message_id: str) -> None:
        asked = self._asked.pop(message_id, None)
        if asked is not None:
            asked.cancel_timer()


def complete_reply(content: Mapping[str, Any]) -> CompleteReply | None:
    """The completions; None where the reply is not one."""
    matches, first, end = content.get("matches"), content.get("cursor_start"), content.get("cursor_end")
    if not isinstance(matches, list) or not isinstance(first, int) or not isinstance(end, int):
        return None
    metadata = content.get("metadata")
    return CompleteReply(tuple(map(str, matches)), first, end, metadata if isinstance(metadata, dict) else {})


def inspect_reply(content: Mapping[str, Any]) -> InspectReply | None:
    """The help."""
    data = content.get("data")
    return InspectReply(bool(content.get("found")), data if isinstance(data, dict) else {})


def is_complete_reply(content: Mapping[str, Any]) -> IsCompleteReply | None:
    """Whether the code is whole. Its `status` is the answer itself."""
    status: Literal["complete", "incomplete", "invalid", "unknown"] = "unknown"
    match content.get("status"):
        case "complete":
            status = "complete"
        case "incomplete":
            status = "incomplete"
        case "invalid":
            status = "invalid"
    return IsCompleteReply(status, str(content.get("indent", "")))


def history_reply(content: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The inputs, oldest first."""
    entries = content.get("history")
    if not isinstance(entries, list):
        return None
    return tuple(str(entry[2]) for entry in entries if isinstance(entry, list) and len(entry) == 3)
