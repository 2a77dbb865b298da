"""Ends the program in order when the system asks for it: SIGTERM, SIGHUP, Ctrl+C in a terminal."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier, Slot

NAMES = ("SIGTERM", "SIGHUP", "SIGINT", "SIGBREAK")


class SignalWatch(QObject):
    """Python runs signal handlers between its own instructions only, and an idle event loop runs none.

    So the system writes a byte into a socket that Qt watches. `on_signal` is called on the UI thread.
    """

    def __init__(self, on_signal: Callable[[], object]) -> None:
        super().__init__()
        self._on_signal = on_signal
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        self._former_descriptor = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        self._former = {
            number: signal.signal(number, _only_wake) for name in NAMES if (number := getattr(signal, name, None))
        }
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_descriptor)
        for number, former in self._former.items():
            signal.signal(number, former)
        self._here.close()
        self._there.close()

    @Slot()
    def _on_woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._here.recv(64)
        self._on_signal()


def _only_wake(_number: int, _frame: object) -> None:
    """The byte in the socket is the message."""
