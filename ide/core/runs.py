"""A run: one piece of code sent to one session, and what became of it. Pure: a new value for every change."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from ide.core.outputs import Failure
from ide.core.record import dataclass, replace


class RunStatus(StrEnum):
    """`QUEUED` and `RUNNING` are open; the other four are final and never change again."""

    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    INTERRUPTED = "interrupted"
    DIED = "died"

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self not in (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class CodeSource:
    """Where code came from: a document (its key, and its path once it has one) and the first line, from 0."""

    document: str = ""
    path: Path | None = None
    line: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """State of one execution. `id` is the msg_id of its execute_request. Times are seconds since the epoch."""

    id: str
    session: str
    code: str
    source: CodeSource | None = None
    status: RunStatus = RunStatus.QUEUED
    execution_count: int | None = None
    started_s: float | None = None
    ended_s: float | None = None
    error: Failure | None = None
    is_silent: bool = False

    def begun(self, at_s: float, execution_count: int | None = None) -> Run:
        """The run after the kernel took it up."""
        if self.status.is_final:
            return self
        return replace(
            self,
            status=RunStatus.RUNNING,
            started_s=self.started_s or at_s,
            execution_count=execution_count if execution_count is not None else self.execution_count,
        )

    def failed(self, error: Failure) -> Run:
        """The run with its error noted; it ends when the kernel says so."""
        return replace(self, error=error)

    def ended(self, status: RunStatus, at_s: float) -> Run:
        """The run in its final state; a second end is ignored."""
        return self if self.status.is_final else replace(self, status=status, ended_s=at_s)
