"""Sealed messages between the window and the keeper: JSON with an HMAC under the key in the keeper's 0600 file.

Standard library only. A seal covers the direction, so that nothing can be sent back to where it came from; the receiver
of requests refuses a number that it has seen (`n` must grow for each client).
"""

from __future__ import annotations

import json
from typing import Any

TO_KEEPER = b"to-keeper"
TO_WINDOW = b"to-window"
SIZE_LIMIT_BYTES = 8_000_000


def seal(key: bytes, direction: bytes, body: dict[str, Any]) -> list[bytes]:
    """The two frames of a message."""
    text = json.dumps(body).encode()
    return [_seal_of(key, direction, text), text]


def unseal(key: bytes, direction: bytes, frames: list[bytes]) -> dict[str, Any] | None:
    """The body, or None for anything that was not sealed with `key` for this direction."""
    if len(frames) != 2 or len(frames[1]) > SIZE_LIMIT_BYTES:
        return None
    import hmac

    if not hmac.compare_digest(frames[0], _seal_of(key, direction, frames[1])):
        return None
    body = json.loads(frames[1])
    return body if isinstance(body, dict) else None


def sign(key: bytes, frames: list[bytes]) -> bytes:
    """Jupyter's signature over the four parts of a message (hexadecimal HMAC-SHA256); empty without a key."""
    import hmac  # it brings OpenSSL with it, which is not on the way to the first kernel

    return hmac.digest(key, b"".join(frames), "sha256").hex().encode() if key else b""


def _seal_of(key: bytes, direction: bytes, text: bytes) -> bytes:
    import hmac

    return hmac.digest(key, direction + b"|" + text, "sha256")
