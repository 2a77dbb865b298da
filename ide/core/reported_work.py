"""Work in a pool thread that tells how far it is: the UI thread hears the newest. Starts no thread itself."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock

from ide.core.ports import Post


class ReportedWork:
    """`Work` of `ide.core.ports`, for those who start it. `told` is called on the UI thread: step, done, total."""

    def __init__(self, post: Post, told: Callable[[str, int, int], None]) -> None:
        self._post = post
        self._told = told
        self._cancelled = Event()
        self._lock = Lock()
        self._news: tuple[str, int, int] | None = None

    @property
    def is_cancelled(self) -> bool:
        """Any thread. Long work looks here between steps."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Work that looks at `is_cancelled` ends early. Any thread."""
        self._cancelled.set()

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """How far it is. Any thread, as often as it likes."""
        with self._lock:
            is_posted = self._news is not None
            self._news = (step, done, total)
        if not is_posted:
            self._post(self._tell)

    def _tell(self) -> None:
        with self._lock:
            news, self._news = self._news, None
        if news is not None:
            self._told(*news)
