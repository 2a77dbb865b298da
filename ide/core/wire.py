"""How the window speaks with a process of its own: a JSON header and raw buffers, over pipes.

    message   length of the header (4 bytes, little-endian), the header, the buffers that it counts under "buffers"
    asked     {"id", "method", "params"}; {"method": "cancel", "params": {"id"}} has no answer
    answered  {"id", "result"} or {"id", "error": {"kind", "happened", "meaning", "advice"}}
    told      {"event": ..., ...}, whenever there is something

Standard library only: both sides import it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final

_PREFIX: Final = struct.Struct("<I")
HEADER_LIMIT_BYTES: Final = 64_000_000
BUFFERS_LIMIT_BYTES: Final = 512_000_000

Header = dict[str, Any]


def write_message(stream: IO[bytes], header: Mapping[str, object], buffers: Sequence[bytes] = ()) -> None:
    """Write one message. OSError or ValueError where the other side is gone."""
    text = json.dumps({**header, "buffers": [len(one) for one in buffers]} if buffers else header).encode("ascii")
    stream.write(_PREFIX.pack(len(text)) + text)
    for one in buffers:
        stream.write(one)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[Header, list[bytes]] | None:
    """The next message, or None where the stream ended. ValueError for what is no message."""
    prefix = stream.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        return None
    (length,) = _PREFIX.unpack(prefix)
    if length > HEADER_LIMIT_BYTES:
        raise ValueError("the header is too long")
    text = stream.read(length)
    if len(text) < length:
        return None
    header = json.loads(text)
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    sizes = header.get("buffers", [])
    if sum(sizes) > BUFFERS_LIMIT_BYTES:
        raise ValueError("the buffers are too long")
    buffers = [stream.read(size) for size in sizes]
    return (header, buffers) if all(map(_fits, buffers, sizes)) else None


def _fits(buffer: bytes, size: int) -> bool:
    return len(buffer) == size
