"""Immutable records that sessions hand out. No behaviour, no thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ide.core.environment import LaunchSpec
from ide.core.record import dataclass, field

SessionState = Literal["starting", "idle", "busy", "waiting", "interrupting", "restarting", "dead"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds output, memory and time. The values come from settings; these are only the starting ones.

    `line_characters`: a longer line is folded. `run_characters` and `run_lines`: text of one run past this is held back
    but for its last `tail_characters`. `display_bytes`: a larger shown object is replaced by a note. `spool_bytes`: for
    each kernel, on disk.
    `waiting_bytes`: what may wait for the UI thread before the window falls back to reading the spool. `idle_limit_s`:
    how long a kernel without a window may be idle; 0 ends it with its window. `slow_start_s`, `interrupt_s`: when the
    session says that a kernel has not answered.
    """

    line_characters: int = 10_000
    run_characters: int = 16_000_000
    run_lines: int = 100_000
    tail_characters: int = 100_000
    display_bytes: int = 32_000_000
    spool_bytes: int = 64 << 20
    waiting_bytes: int = 8 << 20
    idle_limit_s: float = 24 * 3600.0
    slow_start_s: float = 15.0
    interrupt_s: float = 4.0

    def for_keeper(self) -> dict[str, Any]:
        """The part that the keeper needs, as it goes along with a start."""
        return {"spool_bytes": self.spool_bytes, "idle_limit_s": self.idle_limit_s}


@dataclass(frozen=True, slots=True)
class DeathCause:
    """Why a kernel is dead. `exit_code` or `signal` (its name) where known; `text` is for the user, one or two
    sentences.

    `kind`: "start" (it never ran), "exit", "signal", "asked" (the user ended it), "unknown" (nobody was there to see).
    `stderr_lines` are the last lines that the process itself printed.
    """

    kind: Literal["start", "exit", "signal", "asked", "unknown"]
    text: str
    exit_code: int | None = None
    signal: str = ""
    is_out_of_memory: bool = False
    stderr_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KernelInfo:
    """What a kernel says about itself."""

    implementation: str = ""
    implementation_version: str = ""
    language: str = ""
    language_version: str = ""
    banner: str = ""
    mimetype: str = ""
    lexer: str = ""
    file_extension: str = ""
    supported_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputRequest:
    """The kernel asks the user for a line of text; `run_id` is the run that asks."""

    prompt: str
    is_password: bool
    run_id: str


@dataclass(frozen=True, slots=True)
class CompleteReply:
    """The kernel's own completions. Offsets count code points in the code that was asked about."""

    matches: tuple[str, ...]
    first: int
    end: int
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InspectReply:
    """The kernel's own help for what stands at an offset."""

    is_found: bool
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IsCompleteReply:
    """Whether code is whole in the kernel's eyes; `indent` is what the next line starts with."""

    status: Literal["complete", "incomplete", "invalid", "unknown"]
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent said.

    `result` is None when it did not; then `error` says why ("timeout", "gone", its own words) and `code` is one of the
    contract's error codes, "timeout" or "gone".
    """

    result: dict[str, Any] | None
    buffers: tuple[bytes, ...] = ()
    error: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class KernelRecord:
    """A kernel whose window is gone. `exit_cause` is set where it has ended meanwhile."""

    id: str
    name: str
    language: str
    environment: str
    pid: int
    is_busy: bool
    started_s: float
    launch: LaunchSpec
    folder: Path
    exit_cause: DeathCause | None = None
