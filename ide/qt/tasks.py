"""A pool for finite work: progress, cancelling, and the answer on the UI thread. Owns its threads, not what they do."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from ide.core.ports import Cancel, Post
from ide.core.reported_work import ReportedWork

T = TypeVar("T")

THREADS = 4
CLOSE_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


class Task(QObject):
    """One piece of work, as the UI thread sees it. `total` of 0 means that nobody knows how much there is."""

    progressed = Signal(str, int, int)
    """Step, done, total."""
    ended = Signal()
    """Over, whichever way."""

    def __init__(self, title: str, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.step = ""
        self.done = 0
        self.total = 0
        self._work = ReportedWork(post, self._on_told)

    @property
    def is_cancelled(self) -> bool:
        """Any thread. Long work looks here between steps."""
        return self._work.is_cancelled

    def cancel(self) -> None:
        """The answer is dropped; work that looks at `is_cancelled` ends early. UI thread."""
        self._work.cancel()

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Tell how far the work is. From the working thread, as often as it likes: the UI thread sees the newest."""
        self._work.report(step, done, total)

    def _on_told(self, step: str, done: int, total: int) -> None:
        if not self.is_cancelled:
            self.step, self.done, self.total = step, done, total
            self.progressed.emit(step, done, total)


class _Job(Generic[T]):
    """Work on its way through the pool, with where its answer goes."""

    def __init__(
        self, task: Task, work: Callable[[Task], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        self.task = task
        self.work = work
        self.done = done
        self.failed = failed

    def run(self) -> Callable[[], None]:
        """In a pool thread: do the work; the returned callable belongs on the UI thread."""
        try:
            value = self.work(self.task)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller's `failed` gets it on the UI thread
            problem = error
            return lambda: self.failed(problem)
        return lambda: self.done(value)


class Tasks(QObject):
    """The pool. Every method is for the UI thread."""

    started = Signal(object)
    """Task"""
    ended = Signal(object)
    """Task"""

    def __init__(self, post: Post, parent: QObject | None = None, *, threads: int = THREADS) -> None:
        super().__init__(parent)
        self._post = post
        self._limit = threads
        self._jobs: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open: set[Task] = set()
        self._is_closed = False

    @property
    def open(self) -> tuple[Task, ...]:
        """What waits or runs."""
        return tuple(self._open)

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        """`ide.core.ports.RunInPool`: plain work without a title. Cancelling drops the answer."""
        return self.submit(lambda _task: work(), done, failed).cancel

    def submit(
        self,
        work: Callable[[Task], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        title: str = "",
    ) -> Task:
        """Do `work` in a pool thread, then `done` or `failed` here; neither is called once the task is cancelled.

        `work` gets the task to report progress to and to see whether it was cancelled.
        """
        task = Task(title, self._post, self)
        if self._is_closed:
            task.cancel()
            return task
        self._open.add(task)
        self.started.emit(task)
        self._jobs.put(_Job(task, work, done, failed))  # type: ignore[arg-type]  # the answer's type stays inside the job
        if len(self._threads) < min(self._limit, len(self._open)):
            self._start_thread()
        return task

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Cancel everything and wait for the threads; one that is not back in time is logged and left (daemon)."""
        self._is_closed = True
        for task in tuple(self._open):
            task.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        deadline_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        if stuck := [thread.name for thread in self._threads if thread.is_alive()]:
            _log.warning("work did not end in %.1f s and is left behind: %s", timeout_s, ", ".join(stuck))
        self._threads.clear()
        self._open.clear()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"pool-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            answer = None if job.task.is_cancelled else job.run()
            self._post(self._ending(job.task, answer))
            del job, answer  # an idle thread holds nothing of the last job

    def _ending(self, task: Task, answer: Callable[[], None] | None) -> Callable[[], None]:
        def end() -> None:
            self._open.discard(task)
            try:
                if answer is not None and not task.is_cancelled:
                    answer()
            finally:
                task.ended.emit()
                self.ended.emit(task)
                task.deleteLater()

        return end
