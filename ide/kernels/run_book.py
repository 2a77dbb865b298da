"""What becomes of the runs of one session, told from the kernel's messages. Pure: no timers, no signals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ide.core.outputs import Failure
from ide.core.record import replace
from ide.core.runs import CodeSource, Run, RunStatus
from ide.kernels import shown, wire
from ide.kernels.wire import Message

KEPT_RUNS = 1000
ABORTED = Failure("Aborted", "Not run, because an earlier run failed or was interrupted.")
_ABORT = ("abort", "aborted")  # IRkernel says the one, ipykernel the other


class RunBook:
    """The runs of a session, oldest first, bounded. A run ends when the kernel is idle again and has replied."""

    def __init__(self, session: str) -> None:
        self._session = session
        self._runs: dict[str, Run] = {}
        self._replies: dict[str, str] = {}
        self._idle: set[str] = set()
        self._interrupted: set[str] = set()

    @property
    def all(self) -> tuple[Run, ...]:
        """All that is kept."""
        return tuple(self._runs.values())

    @property
    def open(self) -> tuple[Run, ...]:
        """Those that wait or run."""
        return tuple(run for run in self._runs.values() if not run.status.is_final)

    def get(self, run_id: str) -> Run | None:
        """The run with this id."""
        return self._runs.get(run_id)

    def add(self, run: Run) -> None:
        """A run that was just sent."""
        self._runs[run.id] = run
        if len(self._runs) > KEPT_RUNS:
            oldest = next((key for key, old in self._runs.items() if old.status.is_final), None)
            if oldest is not None:
                del self._runs[oldest]

    def note_interrupt(self) -> None:
        """The user interrupts: an error of what runs now is his doing."""
        self._interrupted.update(run.id for run in self.open)

    def take(self, message: Message) -> Run | None:
        """The run as it is after `message`, or None where the message changed nothing about one."""
        match message.type:
            case "status":
                return self._on_status(message)
            case "execute_input":
                return self._on_input(message)
            case "error":
                return self._keep(message.parent_id, lambda run: run.failed(shown.failure_of(message.content)))
            case "execute_reply":
                return self._on_reply(message)
        return None

    def is_settling(self, run_id: str) -> bool:
        """Whether the kernel has said only one of the two things that end a run."""
        run = self._runs.get(run_id)
        return run is not None and not run.status.is_final and (run_id in self._idle or run_id in self._replies)

    def settle(self, run_id: str, at_s: float) -> Run | None:
        """End a run of which the kernel said too little: it is idle, or it has replied."""
        return self._finish(run_id, at_s) if self.is_settling(run_id) else None

    def give_up(self, run_id: str, at_s: float) -> Run:
        """End an open run whose last messages are lost: it failed if an error was seen, else it is taken for done."""
        return self._finish(run_id, at_s) or self._runs[run_id]

    def end_all(self, status: RunStatus, at_s: float, error: Failure | None = None) -> tuple[Run, ...]:
        """Every open run ends: the kernel is gone."""
        ended = []
        for run in self.open:
            changed = run.failed(error) if error is not None and run.error is None else run
            self._runs[run.id] = changed.ended(status, at_s)
            ended.append(self._runs[run.id])
        self._replies.clear()
        self._idle.clear()
        self._interrupted.clear()
        return tuple(ended)

    def _on_status(self, message: Message) -> Run | None:
        state = message.content.get("execution_state")
        if state == "busy":
            return self._keep(message.parent_id, lambda run: run.begun(message.received_s))
        if state != "idle" or message.parent_id not in self._runs:
            return None
        self._idle.add(message.parent_id)
        if message.parent_id in self._replies or message.is_replay:
            return self._finish(message.parent_id, message.received_s)
        return None

    def _on_input(self, message: Message) -> Run | None:
        count = message.content.get("execution_count")
        if message.parent_id and message.parent_id not in self._runs:
            code = str(message.content.get("code", ""))
            self.add(Run(message.parent_id, self._session, code, source_from(message.parent)))
        counted = count if isinstance(count, int) else None
        return self._keep(message.parent_id, lambda run: run.begun(message.received_s, counted))

    def _on_reply(self, message: Message) -> Run | None:
        run = self._runs.get(message.parent_id)
        if run is None or run.status.is_final:
            return None
        status = str(message.content.get("status", "ok"))
        self._replies[run.id] = status
        if status == "error" and run.error is None:
            self._runs[run.id] = run.failed(shown.failure_of(message.content))
        count = message.content.get("execution_count")
        if isinstance(count, int) and run.execution_count is None and status not in _ABORT:
            self._runs[run.id] = replace(self._runs[run.id], execution_count=count)
        if run.id in self._idle or status in _ABORT:
            return self._finish(run.id, message.received_s)
        return None

    def _finish(self, run_id: str, at_s: float) -> Run | None:
        run = self._runs[run_id]
        reply = self._replies.pop(run_id, "")
        self._idle.discard(run_id)
        was_interrupted = run_id in self._interrupted
        self._interrupted.discard(run_id)
        if run.status.is_final:
            return None
        if reply in _ABORT:
            if run.execution_count is None or not was_interrupted:  # the kernel never took it up
                run = run.failed(run.error or ABORTED)
            status = RunStatus.INTERRUPTED
        elif run.error is None:
            status = RunStatus.OK
        else:
            status = (
                RunStatus.INTERRUPTED if was_interrupted or run.error.name == "KeyboardInterrupt" else RunStatus.ERROR
            )
        self._runs[run_id] = run.ended(status, at_s)
        return self._runs[run_id]

    def _keep(self, run_id: str, change: Any) -> Run | None:
        run = self._runs.get(run_id)
        if run is None or run.status.is_final:
            return None
        changed: Run = change(run)
        self._runs[run_id] = changed
        return changed if changed != run else None


def source_header(source: CodeSource | None) -> dict[str, Any]:
    """Where code came from, for the header of its request: the kernel gives it back, also to the next window.

    One string: ipykernel makes a set of the header's items, so a value that cannot be hashed breaks `print`.
    """
    if source is None:
        return {}
    path = str(source.path) if source.path else ""
    return {"fourpane": json.dumps([source.document, path, source.line, source.title])}


def source_from(header: Mapping[str, Any]) -> CodeSource | None:
    """The source that `source_header` wrote."""
    written = header.get("fourpane")
    if not isinstance(written, str) or header.get("username") != wire.USER:
        return None
    try:
        document, path, line, title = json.loads(written)
    except ValueError:
        return None
    return CodeSource(
        document=str(document),
        path=Path(str(path)) if path else None,
        line=line if isinstance(line, int) else 0,
        title=str(title),
    )
