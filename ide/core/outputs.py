"""What a run can put out, as immutable records made from the kernel's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ide.core.record import dataclass, field


@dataclass(frozen=True, slots=True)
class Stream:
    """Printed text; may hold `\\r`, `\\b` and ANSI sequences."""

    name: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Display:
    """A MIME bundle, shown or returned by the code.

    `data` maps MIME types to text, or for binary types to base64 text, as Jupyter sends them. `execution_count` is
    set for the value of a cell (`execute_result`) and None for a shown object. `is_update` tells that the bundle
    replaces earlier ones with the same `display_id`.
    """

    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    display_id: str = ""
    execution_count: int | None = None
    is_update: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that the user's code raised. `traceback` lines may hold ANSI sequences."""

    name: str
    message: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleared:
    """The code asked to clear its output, at once or (`is_deferred`) when the next one arrives."""

    is_deferred: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of output that is not held any more; `note` says how much and where the full text is."""

    note: str


Output = Stream | Display | Failure | Cleared | Cut
