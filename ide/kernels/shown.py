"""What a message shows, as the records of `core.outputs`. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ide.core.outputs import Cleared, Cut, Display, Failure, Output, Stream
from ide.kernels.wire import Message

TRACEBACK_LINES = 400


def outputs_of(message: Message, *, display_limit_bytes: int) -> tuple[Output, ...]:
    """The outputs of an iopub message; empty for one that shows nothing. Of a stream nothing: `floods` makes those."""
    content = message.content
    match message.type:
        case "display_data" | "update_display_data":
            return _display(content, display_limit_bytes, None, is_update=message.type == "update_display_data")
        case "execute_result":
            count = content.get("execution_count")
            return _display(content, display_limit_bytes, count if isinstance(count, int) else 0, is_update=False)
        case "error":
            return (failure_of(content),)
        case "clear_output":
            return (Cleared(bool(content.get("wait"))),)
    return ()


def failure_of(content: Mapping[str, Any]) -> Failure:
    """The error in an `error` message or an `execute_reply`."""
    lines = content.get("traceback")
    traceback = tuple(str(line) for line in lines) if isinstance(lines, list) else ()
    if len(traceback) > TRACEBACK_LINES:
        half = TRACEBACK_LINES // 2
        note = f"... {len(traceback) - TRACEBACK_LINES} more lines ..."
        traceback = (*traceback[:half], note, *traceback[-half:])
    return Failure(str(content.get("ename", "")), str(content.get("evalue", "")), traceback)


def size_of(content: Mapping[str, Any]) -> int:
    """About how large the MIME bundle of a message is."""
    data = content.get("data")
    return sum(len(value) for value in data.values() if isinstance(value, str | bytes)) if isinstance(data, dict) else 0


def _display(content: Mapping[str, Any], limit_bytes: int, count: int | None, *, is_update: bool) -> tuple[Output, ...]:
    data, metadata, transient = (_object(content.get(name)) for name in ("data", "metadata", "transient"))
    cut: tuple[Output, ...] = ()
    large = [mime for mime, value in data.items() if isinstance(value, str | bytes) and len(value) > limit_bytes]
    if large:
        sizes = ", ".join(f"{mime} ({len(data[mime]) // 1_000_000} MB)" for mime in large)
        cut = (Cut(f"Too large to show: {sizes}."),)
        data = {mime: value for mime, value in data.items() if mime not in large}
    plain = {
        mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value for mime, value in data.items()
    }
    shown = Display(plain, metadata, str(transient.get("display_id") or ""), count, is_update)
    return (shown, *cut) if plain else cut


def _object(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


__all__ = ["Stream", "failure_of", "outputs_of", "size_of"]
