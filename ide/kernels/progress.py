"""How far the code of each session is: the newest percentage of its bars, and how many of several runs are done.

Owns no output: it reads what passes. UI thread.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ide.core.bars import BarReader
from ide.core.events import Signal
from ide.core.outputs import Cleared, Stream
from ide.core.record import dataclass, replace
from ide.core.runs import Run, RunStatus

if TYPE_CHECKING:
    from ide.core.outputs import Output
    from ide.kernels.kernels import Kernels
    from ide.kernels.session import Session


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the runs that a session was given without a pause, `done` of `total`; `percent` is what the bar of the run
    under way says, if it draws one."""

    done: int = 0
    total: int = 0
    percent: int | None = None

    @property
    def share(self) -> float | None:
        """From 0 to 1, over all runs; None where nobody knows."""
        if self.total > 1:
            return (self.done + (self.percent or 0) / 100) / self.total
        return self.percent / 100 if self.percent is not None else None

    @property
    def text(self) -> str:
        """ "3 of 12, 40 %": which run is under way and how far it is; empty where nobody knows."""
        counted = f"{min(self.done + 1, self.total)} of {self.total}" if self.total > 1 else ""
        return ", ".join(part for part in (counted, f"{self.percent} %" if self.percent is not None else "") if part)


@dataclass(frozen=True, slots=True)
class Batch:
    """Runs of one session that followed each other without a pause, at their end. Times are as in `Run`."""

    runs: tuple[Run, ...]

    @property
    def took_s(self) -> float:
        """From the first start to the last end; what never started takes no time."""
        times = [(run.started_s, run.ended_s) for run in self.runs if run.started_s and run.ended_s]
        return max(end for _, end in times) - min(start for start, _ in times) if times else 0.0

    @property
    def ended_s(self) -> float:
        """When the last one ended."""
        return max((run.ended_s or 0.0 for run in self.runs), default=0.0)

    @property
    def failed(self) -> Run | None:
        """The run that ended otherwise than well: those after it were not run."""
        return next((run for run in self.runs if run.status is not RunStatus.OK), None)


class RunProgress:
    """Follows all sessions. `changed(session)`: its progress is another; `ended(session, batch)`: all its code is done.

    `changed` comes at most once for each batch of output, and only where a whole percent or a run makes a difference.
    """

    changed = Signal(object)
    ended = Signal(object, object)

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self._books: dict[str, _Book] = {}
        kernels.session_added.connect(self._on_added)
        kernels.session_removed.connect(self._on_removed)
        for session in kernels.sessions:
            self._on_added(session)

    def of(self, session: Session | None) -> Progress:
        """How far a session is."""
        book = self._books.get(session.id) if session is not None else None
        return book.progress if book is not None else Progress()

    def close(self) -> None:
        """Follow nothing any more."""
        self._kernels.session_added.disconnect(self._on_added)
        self._kernels.session_removed.disconnect(self._on_removed)
        self._books.clear()

    def _on_added(self, session: Session) -> None:
        self._books[session.id] = _Book()
        session.run_changed.connect(partial(self._on_run, session))
        session.output_arrived.connect(partial(self._on_output, session))

    def _on_removed(self, session: Session) -> None:
        self._books.pop(session.id, None)

    def _on_run(self, session: Session, run: Run) -> None:
        book = self._books.get(session.id)
        if book is None or run.is_silent:
            return
        before = book.progress
        batch = book.take(run)
        if book.progress != before:
            self.changed.emit(session)
        if batch is not None:
            self.ended.emit(session, batch)

    def _on_output(self, session: Session, run: Run, outputs: tuple[Output, ...]) -> None:
        book = self._books.get(session.id)
        if book is not None and not run.is_silent and not run.status.is_final and book.read(outputs):
            self.changed.emit(session)


class _Book:
    """Of one session: the runs of the batch under way and the bars of the one that runs."""

    def __init__(self) -> None:
        self.progress = Progress()
        self._runs: dict[str, Run] = {}
        self._readers: dict[str, BarReader] = {}

    def take(self, run: Run) -> Batch | None:
        """A run began, changed or ended; returns the batch where that was its last one."""
        if run.id not in self._runs and run.status.is_final:
            return None  # news of a run that was counted already
        self._runs[run.id] = run
        runs = tuple(self._runs.values())
        done = sum(each.status.is_final for each in runs)
        if run.status.is_final:
            self._readers.clear()
        if done == len(runs):
            self._runs.clear()
            self.progress = Progress()
            return Batch(runs)
        percent = None if run.status.is_final else self.progress.percent
        self.progress = Progress(done, len(runs), percent)
        return None

    def read(self, outputs: tuple[Output, ...]) -> bool:
        """Whether the outputs say another percentage."""
        before = self.progress
        for output in outputs:
            if isinstance(output, Cleared):
                self._readers.clear()
            elif isinstance(output, Stream):
                reader = self._readers.setdefault(output.name, BarReader())
                if (share := reader.read(output.text)) is not None:
                    self.progress = replace(self.progress, percent=int(100 * share + 1e-6))
        return self.progress != before


__all__ = ["Batch", "Progress", "RunProgress"]
