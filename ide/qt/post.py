"""The way onto the UI thread: `post` from any thread, `after` for later. Owns its timers, nothing else.

One turn of the event loop runs callbacks for at most `TURN_BUDGET_S`; what is left waits for the next turn, so that
keys and paint events come in between however much is posted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from ide.core.ports import Cancel

TURN_BUDGET_S = 0.008


class UiThread(QObject):
    """Made on the UI thread, which is the thread that everything handed in runs on."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._has_news = threading.Condition(self._lock)
        self._is_woken = False
        self._alarms: set[QTimer] = set()
        self._is_closed = False
        # A queued signal would be handled in the same turn again; a timer of 0 ms lets the window system have its say.
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(0)
        self._next_turn.timeout.connect(self._run_waiting)
        self._woken.connect(self._run_waiting, Qt.ConnectionType.QueuedConnection)

    def post(self, callback: Callable[[], None]) -> None:
        """Run `callback` on the UI thread, soon and in the order of posting. Any thread; dropped after `close`."""
        if self._is_closed:
            return
        with self._lock:
            self._waiting.append(callback)
            self._has_news.notify()
            wakes = not self._is_woken
            self._is_woken = True
        if wakes:
            self._wake()

    def after(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        """Run `callback` after `seconds`. UI thread only. What is returned may be called at any time, also twice."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        self._alarms.add(timer)
        timer.timeout.connect(partial(self._ring, timer, callback))
        timer.start(max(0, round(seconds * 1000)))
        return partial(self._drop, timer)

    def run_until(self, is_over: Callable[[], bool], limit_s: float) -> None:
        """Before the event loop runs: do what is posted, in order, until `is_over`, for `limit_s` at most."""
        deadline_s = time.monotonic() + limit_s
        while not is_over() and (left_s := deadline_s - time.monotonic()) > 0:
            with self._lock:
                if not self._waiting:
                    self._has_news.wait(left_s)
                callback = self._waiting.popleft() if self._waiting else None
            if callback is not None:
                callback()

    def close(self) -> None:
        """Nothing handed in runs after this."""
        self._is_closed = True
        self._waiting.clear()
        self._next_turn.stop()
        for timer in tuple(self._alarms):
            self._drop(timer)

    def _wake(self) -> None:
        try:
            self._woken.emit()
        except RuntimeError:  # the QObject was destroyed while another thread was posting: the program ends
            self._is_closed = True

    @Slot()
    def _run_waiting(self) -> None:
        with self._lock:
            self._is_woken = False
        deadline_s = time.monotonic() + TURN_BUDGET_S
        # Set first: a callback may open a dialog with an event loop of its own, or raise, and the rest still comes.
        self._next_turn.start()
        while self._waiting:
            self._waiting.popleft()()
            if time.monotonic() > deadline_s:
                break
        if not self._waiting:
            self._next_turn.stop()

    def _ring(self, timer: QTimer, callback: Callable[[], None]) -> None:
        if timer in self._alarms:
            self._drop(timer)
            callback()

    def _drop(self, timer: QTimer) -> None:
        if timer in self._alarms:
            self._alarms.discard(timer)
            timer.stop()
            timer.deleteLater()
