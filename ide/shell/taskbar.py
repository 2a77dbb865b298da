"""Progress on the window's place in the taskbar or dock, for those who work in another window meanwhile.

One branch per system, each behind the same two calls; where a system has no such thing nothing is shown. UI thread.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget


class Place(Protocol):
    """What a system shows progress on."""

    def show(self, share: float | None) -> None:
        """From 0 to 1; None takes it away."""

    def close(self) -> None:
        """Let go of it; nothing is shown any more."""


class Taskbar:
    """Progress of a window. The system is asked for its place at the first progress, not before."""

    def __init__(self, window: QWidget, *, system: str = "") -> None:
        """`system` is as in `sys.platform`, by default that of this machine where it has windows to see."""
        self._window = window
        self._system = system or _system()
        self._place: Place | None = None
        self._percent: int | None = None

    def show(self, share: float | None) -> None:
        """Show how far something is, from 0 to 1; None takes it away. A whole percent makes a difference."""
        percent = None if share is None else round(100 * share)
        if percent == self._percent:
            return
        self._percent = percent
        if self._place is None:
            self._place = place_of(self._window, self._system)
        self._place.show(None if percent is None else percent / 100)

    def close(self) -> None:
        """Take it away."""
        if self._place is not None:
            self._place.show(None)
            self._place.close()
            self._place = None


class NoPlace:
    """Of a system that has none."""

    def show(self, share: float | None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def place_of(window: QWidget, system: str) -> Place:
    """Where `system` shows progress; `NoPlace` where it cannot, for whatever reason."""
    try:
        if system == "win32":
            from ide.shell import platform_windows

            return platform_windows.TaskbarButton(int(window.winId()))
        if system == "darwin":
            from ide.shell import platform_macos

            return platform_macos.DockBadge()
        if system == "linux" and has_bus(os.environ):
            from ide.shell import platform_linux

            return platform_linux.LauncherEntry(QGuiApplication.desktopFileName())
    except OSError:  # a library or its answer is not as it should be: progress is in the window, too
        pass
    return NoPlace()


def has_bus(environment: os._Environ[str] | dict[str, str]) -> bool:
    """Whether a session bus is there already: asking Qt for one would start it."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    return bool(environment.get("DBUS_SESSION_BUS_ADDRESS")) or (bool(runtime) and (Path(runtime) / "bus").exists())


def _system() -> str:
    is_seen = QGuiApplication.platformName() not in ("offscreen", "minimal", "vnc")
    return sys.platform if is_seen else "none"
