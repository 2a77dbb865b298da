"""Measures the longest gap of the event loop. Owns a timer, and a thread where places are asked for, while it runs.

A beat every few milliseconds costs power, so the program itself runs none: tests and measurements start it.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback

from PySide6.QtCore import QObject, Qt, QTimer, Slot

BEAT_S = 0.005
LOOK_EVERY_S = 0.01
LONG_S = 0.04


class StallMeter(QObject):
    """Made and started on the UI thread. A gap is the time between two beats less the beat's own interval."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._beat = QTimer(self)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.setInterval(round(BEAT_S * 1000))
        self._beat.timeout.connect(self._on_beat)
        self._last_s = 0.0
        self._max_s = 0.0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._seen: tuple[float, str] = (0.0, "")
        self.place = ""
        """Stack of the UI thread in the longest gap, where `start` was asked for places."""

    def start(self, *, with_places: bool = False) -> None:
        """Begin to measure. `with_places` starts a thread that looks where a long gap is spent."""
        self.reset()
        self._beat.start()
        if with_places and self._thread is None:
            self._ended.clear()
            arguments = (threading.get_ident(),)
            self._thread = threading.Thread(target=self._look, args=arguments, name="stall-look", daemon=True)
            self._thread.start()

    def reset(self) -> None:
        """Forget what was measured so far."""
        self._last_s = time.monotonic()
        self._max_s = 0.0
        self.place = ""

    def max_ms(self) -> float:
        """Longest gap so far, the one that lasts now included."""
        now_s = time.monotonic() - self._last_s if self._beat.isActive() else 0.0
        return max(self._max_s, now_s - BEAT_S, 0.0) * 1000

    def close(self) -> None:
        """Stop measuring; what was measured can still be asked."""
        self._beat.stop()
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @Slot()
    def _on_beat(self) -> None:
        now_s = time.monotonic()
        gap_s = now_s - self._last_s - BEAT_S
        if gap_s > self._max_s:
            self._max_s = gap_s
            seen_since_s, stack = self._seen
            self.place = stack if seen_since_s == self._last_s else ""
        self._last_s = now_s

    def _look(self, ui_thread: int) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            since_s = self._last_s
            if time.monotonic() - since_s > LONG_S and self._seen[0] != since_s:
                frame = sys._current_frames().get(ui_thread)
                self._seen = (since_s, "".join(traceback.format_stack(frame)) if frame is not None else "")
