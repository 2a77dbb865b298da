"""What passes between the UI thread and the I/O thread: requests one way, messages and notices the other. Immutable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ide.core.errors import KernelError
from ide.core.record import dataclass, field
from ide.kernels import wire
from ide.kernels.records import DeathCause, InputRequest, KernelInfo
from ide.kernels.wire import Message


@dataclass(frozen=True, slots=True)
class Request:
    """A message to a kernel. `extra` goes into its header, `owner` is USER, INTERNAL or AGENT.

    On the channel "door" the content is a request to the agent's own socket; the type "open" opens that.
    """

    channel: str
    type: str
    content: Mapping[str, Any]
    id: str
    owner: str = wire.USER
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Launched:
    """The kernel's process runs, not yet heard of. `generation` counts its starts.

    `is_private` is False where another user of the machine could read what it publishes (TCP without Curve).
    """

    generation: int
    pid: int
    is_private: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """The kernel talks, and all that it says from now on is spooled."""

    info: KernelInfo | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The process has ended; every message that it sent came before this."""

    cause: DeathCause
    generation: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The keeper has forgotten the kernel."""


@dataclass(frozen=True, slots=True)
class Troubled:
    """Something the user should know about a kernel that is not dead; None takes it back."""

    error: KernelError | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """The spool has been read to its present end after an attach; `pending_input` was never answered."""

    pending_input: InputRequest | None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The kernel has answered on shell after all that was spooled: what an earlier window had sent it is over."""


@dataclass(frozen=True, slots=True)
class DoorMessage:
    """The agent's own socket has said something: an answer or an event, as on the comm."""

    data: dict[str, Any]
    buffers: tuple[bytes, ...] = ()
    generation: int = 0

    @property
    def size_bytes(self) -> int:
        """What the buffers take."""
        return sum(map(len, self.buffers))


Item = CaughtUp | DoorMessage | Message | Launched | Ready | Ended | Gone | Troubled | Replayed
Deliver = Callable[[str, tuple[Item, ...]], None]
