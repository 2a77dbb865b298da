"""Profiles of columns for the header: one asked for at a time, those in sight first, from a sample only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from ide.core.ports import Cancel
from ide.core.table import ColumnProfile, OutOfDateError, TableError, TableSource

# Who scrolls through 20,000 columns does not want all of those that passed by.
_QUEUED_MOST: Final = 64
_KEPT_MOST: Final = 2_000


class ProfileList:
    """Profiles by column. An outdated one stays until the new one is here. A failure is a profile with a `problem`."""

    def __init__(self, source: TableSource, on_arrived: Callable[[int], None]) -> None:
        self._source, self._on_arrived = source, on_arrived
        self._known: dict[int, tuple[int, ColumnProfile]] = {}
        self._queue: list[int] = []
        self._generation = 0
        self._running: tuple[int, Cancel | None] | None = None

    @property
    def generation(self) -> int:
        """Grows when profiles are of other rows or other data."""
        return self._generation

    def is_current(self, column: int) -> bool:
        """Whether what `get` gives is of these rows."""
        return self._known.get(column, (-1, None))[0] == self._generation

    def known(self, column: int) -> ColumnProfile | None:
        """Like `get`, but nothing is asked for."""
        return self._known.get(column, (-1, None))[1]

    def get(self, column: int) -> ColumnProfile | None:
        """What is known; queues the column where that is nothing or outdated."""
        generation, profile = self._known.get(column, (-1, None))
        is_running = self._running is not None and self._running[0] == column
        if generation != self._generation and not is_running and column not in self._queue:
            self._queue.append(column)
            del self._queue[:-_QUEUED_MOST]
        return profile

    def outdate(self) -> None:
        """Other rows, or other data."""
        self._generation += 1
        self._stop()

    def forget(self) -> None:
        """Other columns."""
        self.outdate()
        self._known.clear()
        self._queue.clear()

    def go_on(self, view: int, in_sight: Collection[int]) -> None:
        """Ask for the next one, unless one is under way."""
        while self._running is None and self._queue:
            column = next((one for one in self._queue if one in in_sight), self._queue[-1])
            self._queue.remove(column)
            self._ask(view, column)

    def close(self) -> None:
        """Give up what is under way."""
        self._stop()
        self._queue.clear()

    def _ask(self, view: int, column: int) -> None:
        generation = self._generation

        def arrived(profile: ColumnProfile) -> None:
            self._running = None
            if generation == self._generation:
                if len(self._known) >= _KEPT_MOST:
                    del self._known[next(iter(self._known))]
                self._known[column] = (generation, profile)
            self._on_arrived(column)

        def failed(error: TableError) -> None:
            if isinstance(error, OutOfDateError):  # asked for anew when it is looked at again
                self._running = None
                return
            arrived(ColumnProfile(column, 0, 0, problem=error.happened))

        self._running = (column, None)
        cancel = self._source.profile(view, column, arrived, failed)
        if self._running == (column, None):
            self._running = (column, cancel)

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None and running[1] is not None:
            running[1]()
