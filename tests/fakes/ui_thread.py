"""A UI thread without Qt: what is posted waits in a queue that the test empties while it waits for something."""

from __future__ import annotations

import heapq
import itertools
import queue
import time
from collections.abc import Callable

from ide.core.ports import Cancel


class FakeUiThread:
    """`post` may be called from any thread; callbacks run in the thread that pumps, in order, as do timers."""

    def __init__(self) -> None:
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._numbers = itertools.count()

    def post(self, callback: Callable[[], None]) -> None:
        """Run it at the next pump."""
        self._posted.put(callback)

    def after(self, delay_s: float, callback: Callable[[], None]) -> Cancel:
        """Run it at a pump that comes after `delay_s`."""
        number = next(self._numbers)
        heapq.heappush(self._timers, (time.monotonic() + delay_s, number, callback))
        return lambda: self._cancelled.add(number)

    @property
    def waiting_timers(self) -> int:
        """How many timers are neither over nor cancelled."""
        return sum(number not in self._cancelled for _, number, _ in self._timers)

    def pump(self, wait_s: float = 0.0) -> None:
        """Run what is due; wait up to `wait_s` for the first thing."""
        self._run_timers()
        try:
            callback = self._posted.get(timeout=wait_s) if wait_s else self._posted.get_nowait()
        except queue.Empty:
            self._run_timers()
            return
        callback()
        while not self._posted.empty():
            self._posted.get_nowait()()
        self._run_timers()

    def pump_until(
        self, is_done: Callable[[], object], timeout_s: float = 20.0, what: str = "what was waited for"
    ) -> None:
        """Pump until `is_done()`; fails the test when that takes longer than `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not is_done():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} has not come within {timeout_s} s")
            self.pump(0.01)

    def _run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= time.monotonic():
            _, number, callback = heapq.heappop(self._timers)
            if number in self._cancelled:
                self._cancelled.discard(number)
            else:
                callback()
