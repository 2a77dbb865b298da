"""Imports WebEngine when the first page is to be shown, a piece at each turn of the loop, or tells why it cannot be.

Nothing of WebEngine is loaded before. Chromium's own start is one call that cannot be divided: a fifth of a second of
the UI thread, once. The sandbox is switched off in one place, `_leave_sandbox`.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ide.core.ports import After, RunInPool

if TYPE_CHECKING:
    from ide.widgets.web.engine import Engine

_PIECES: Final = (
    "PySide6.QtNetwork",
    "PySide6.QtWebChannel",
    "PySide6.QtPrintSupport",
    "PySide6.QtWebEngineCore",
    "PySide6.QtWebEngineWidgets",
    "ide.widgets.web.engine",
)
_NAMESPACES_CODE: Final = (
    "import ctypes, sys; libc = ctypes.CDLL(None); "
    "sys.exit(libc.unshare(0x10000000) != 0 or libc.unshare(0x20000000 | 0x40000000) != 0)"
)
"""What Chromium's sandbox begins with: namespaces for users, then for processes and the network."""
_FLAGS: Final = "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"
"""Calls between browsers need a network of their own; without this one they would go past the proxy."""
_TRY_S: Final = 10.0

NO_LIBRARY: Final = "The web view is not installed (the package PySide6-Addons)."
NO_SANDBOX: Final = "This system does not let programs put web pages behind a wall of their own (user namespaces)."
SANDBOX_OFF: Final = "The program runs as root, so pages run without Chromium's sandbox."

_log = logging.getLogger(__name__)


class WebStarter:
    """Makes the one engine of the window. UI thread.

    `copies` is the folder of script copies. `engine` is None till it is made; `reason` says why there is none and never
    will be. `close` ends it; pages are to be closed before.
    """

    def __init__(self, copies: Path, after: After, run_in_pool: RunInPool) -> None:
        self.engine: Engine | None = None
        self.reason = ""
        self.has_told = False
        """Whether the user was told that there is no sandbox."""
        self.copies = copies
        self._after = after
        self._run_in_pool = run_in_pool
        self._waiting: list[Callable[[], None]] = []
        self._is_closed = False

    def when_ready(self, done: Callable[[], None]) -> None:
        """Call `done` once there is an engine or a reason; at once where there is."""
        if self.engine is not None or self.reason:
            done()
            return
        self._waiting.append(done)
        if len(self._waiting) == 1:
            self._run_in_pool(_can_sandbox, self._on_looked, self._on_failed)

    def close(self) -> None:
        """End the engine."""
        self._is_closed = True
        self._waiting.clear()
        if self.engine is not None:
            self.engine.close()
            self.engine = None

    def _on_looked(self, can_sandbox: bool) -> None:
        if not can_sandbox:
            self._end(NO_SANDBOX)
            return
        self._import(0)

    def _import(self, at: int) -> None:
        if self._is_closed:
            return
        if at == len(_PIECES):
            self._make()
            return
        if at == 0:
            _leave_sandbox()
            os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = _FLAGS
            os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)  # a door into every page
        try:
            import_module(_PIECES[at])
        except ImportError as error:
            self._on_failed(error)
            return
        self._after(0, lambda: self._import(at + 1))

    def _make(self) -> None:
        from ide.widgets.web.engine import Engine

        self.engine = Engine(self.copies)
        self._after(0, lambda: self._end(""))

    def _on_failed(self, error: Exception) -> None:
        _log.info("no web view: %s", error)
        self._end(NO_LIBRARY)

    def _end(self, reason: str) -> None:
        self.reason = reason
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            done()


def is_root() -> bool:
    """Whether Chromium refuses to work with its sandbox."""
    return sys.platform.startswith("linux") and os.geteuid() == 0


def _leave_sandbox() -> None:
    """Chromium does not start its sandbox as root. Nobody else goes without, whatever the environment says."""
    if is_root():
        os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    else:
        os.environ.pop("QTWEBENGINE_DISABLE_SANDBOX", None)


def _can_sandbox() -> bool:
    """Whether the sandbox can be made. Any thread. Chromium would end the whole program where it cannot."""
    if not sys.platform.startswith("linux") or is_root():
        return True
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _NAMESPACES_CODE], timeout=_TRY_S, capture_output=True, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
