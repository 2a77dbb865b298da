"""Messages of a kernel as small immutable records, and their raw form. Used in the I/O thread; the records go anywhere.

`jupyter_client.session.Session` signs and checks. What is malformed is refused here, so that nobody behind has to ask.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ide.core.outputs import Output
from ide.core.record import dataclass, field, replace

if TYPE_CHECKING:
    from jupyter_client.session import Session as Signer

USER, INTERNAL, AGENT = "fourpane", "fourpane.internal", "fourpane.agent"
"""User names in headers. Kernels echo the header of a request in all that it causes: so we know whose output it is,
also after another window took over."""
COMM_PREFIX = "fourpane-"
MESSAGE_LIMIT_BYTES = 512 << 20
_LETTERS = {USER: "u", INTERNAL: "i", AGENT: "a"}
_PURPOSES = {"i": INTERNAL, "a": AGENT}


class MalformedMessageError(ValueError):
    """A message that cannot be read, or that nobody with the key has signed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `outputs` are what it shows, folded and bounded; `content` holds the same text.

    `id` is unique; of several stream messages put together it is the last one's. `is_replay` marks what came from the
    spool: it may be older than this window.
    """

    channel: str
    type: str
    id: str
    parent_id: str
    content: Mapping[str, Any]
    header: Mapping[str, Any] = field(default_factory=dict)
    parent: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    buffers: tuple[bytes, ...] = ()
    received_s: float = 0.0
    is_replay: bool = False
    outputs: tuple[Output, ...] = ()
    size_bytes: int = 0

    @property
    def owner(self) -> str:
        """Whose request caused it: USER, INTERNAL, AGENT, or another client's user name."""
        return str(self.parent.get("username", ""))

    def with_content(self, content: Mapping[str, Any], outputs: tuple[Output, ...]) -> Message:
        """The message with other content."""
        return replace(self, content=content, outputs=outputs)

    def to_dict(self) -> dict[str, Any]:
        """The form in which Jupyter's own clients hold a message."""
        return {
            "header": dict(self.header),
            "msg_id": self.id,
            "msg_type": self.type,
            "parent_header": dict(self.parent),
            "metadata": dict(self.metadata),
            "content": dict(self.content),
            "buffers": list(self.buffers),
        }


def new_id(client: str, owner: str, number: int) -> str:
    """An id for a message. It tells its owner too, for kernels that give back nothing of a header but its id."""
    return f"{client}-{_LETTERS[owner]}{number}"


def purpose_of(message: Message) -> str:
    """Whose request caused the message: INTERNAL, AGENT, or USER for all others."""
    if message.owner in (INTERNAL, AGENT):
        return message.owner
    if not message.parent_id.startswith("fp"):
        return USER
    return _PURPOSES.get(message.parent_id.rpartition("-")[2][:1], USER)


def signer(key: bytes, identity: str) -> Signer:
    """What signs and checks the messages of one connection.

    With an empty key it checks nothing: for what is left of a spool whose oldest files, with the key, are dropped.
    """
    from jupyter_client.session import Session

    made = Session(key=key or b"spool", session=identity, username=USER)
    if not key:
        made.auth = None
    return made


def parse(signer: Signer, channel: str, frames: list[bytes], received_s: float, *, is_replay: bool = False) -> Message:
    """The record of a raw message. Raises MalformedMessageError."""
    size_bytes = sum(map(len, frames))
    if size_bytes > MESSAGE_LIMIT_BYTES:
        raise MalformedMessageError(f"message of {size_bytes} bytes")
    try:
        _, parts = signer.feed_identities(frames, copy=True)
        read = signer.deserialize(parts, content=True, copy=True)
        header, parent, content = read["header"], read["parent_header"], read["content"]
        if not isinstance(content, dict) or not isinstance(parent, dict) or not isinstance(read["metadata"], dict):
            raise TypeError("a part is not an object")
        return Message(
            channel=channel,
            type=_text(header["msg_type"]),
            id=_text(header["msg_id"]),
            parent_id=str(parent.get("msg_id", "")),
            content=content,
            header=header,
            parent=parent,
            metadata=read["metadata"],
            buffers=tuple(bytes(buffer) for buffer in read["buffers"]),
            received_s=received_s,
            is_replay=is_replay,
            size_bytes=size_bytes,
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise MalformedMessageError(f"{type(error).__name__}: {error}") from error


def request(
    signer: Signer, message_type: str, content: Mapping[str, Any], message_id: str, owner: str, extra: Mapping[str, Any]
) -> list[bytes]:
    """A signed request as frames. `extra` goes into the header and comes back in the parent of all that it causes."""
    header = {
        "msg_id": message_id,
        "msg_type": message_type,
        "username": owner,
        "session": signer.session,
        "date": datetime.datetime.now(datetime.UTC),
        "version": "5.3",
        **extra,
    }
    message = signer.msg(message_type, content=dict(content), header=header)
    return [bytes(frame) for frame in signer.serialize(message)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a header field is not text")
    return value
