"""What tests read of pictures, without a library."""

from __future__ import annotations

import base64
import struct
import zlib


def size_of(picture: str | bytes) -> tuple[int, int]:
    """Width and height of a PNG, given as bytes or in base64."""
    data = base64.b64decode(picture) if isinstance(picture, str) else picture
    assert data.startswith(b"\x89PNG"), data[:16]
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def pixel_lines(data: bytes) -> list[bytes]:
    """The raw lines of a PNG, filtered as they are: two pictures of the same program differ where these differ."""
    packed, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    raw = zlib.decompress(packed)
    height = size_of(data)[1]
    step = len(raw) // height
    return [raw[line * step : (line + 1) * step] for line in range(height)]
