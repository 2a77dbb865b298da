"""Nothing may remain after a test: widgets, threads, timers, processes, sockets. Leftovers are named by origin."""

from __future__ import annotations

import gc
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.strict import origin

GRACE_S = 3.0
TEST_MARK = "FOURPANE_TEST_RUN"
_HAS_PROC = Path("/proc/self/environ").exists()
# Threads of the test tools and of libraries that keep one for the whole process by design.
_PROCESS_WIDE_THREADS = ("pytest_timeout", "pydevd", "Dummy-", "execnet", "tqdm", "raylet")


def has_display_parts(request: pytest.FixtureRequest) -> bool:
    """Whether the test lies in a folder whose tests use the Qt application or whole processes."""
    folders = {"qt", "kernel", "stories", "pictures", "smoke"}
    return bool(folders & set(request.path.parts)) or "qapp" in request.fixturenames or "qtbot" in request.fixturenames


@pytest.fixture(autouse=True)
def nothing_left(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, private_home: object
) -> Iterator[None]:
    """Looks before and after; waits `GRACE_S` for what is about to end, then fails and ends what it can by pid."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv(TEST_MARK, mark)
    with_qt = has_display_parts(request)
    if with_qt:
        request.getfixturevalue("qapp")
        origin.watch_timers(_qtimer())
    before = _Census(mark, with_qt)
    yield
    remaining = _settle(before)
    _end_processes(mark)
    if remaining:
        pytest.fail("left behind by this test:\n" + "\n".join(remaining), pytrace=False)


class _Census:
    """What was there before the test."""

    def __init__(self, mark: str, with_qt: bool) -> None:
        self.mark = mark
        self.with_qt = with_qt
        self.threads = set(threading.enumerate())
        self.sockets = _socket_count()
        self.widgets = _names(_top_level_widgets()) if with_qt else {}
        self.timers = {id(timer) for timer in _active_timers()} if with_qt else set()

    def complaints(self) -> list[str]:
        found = [f"thread {t.name!r}, started by {origin.of(t)}" for t in self._threads()]
        found += [f"process {p}" for p in self._processes()]
        if (sockets := _socket_count()) > self.sockets:
            found.append(f"{sockets - self.sockets} open socket(s)")
        return found + (self._qt_complaints() if self.with_qt else [])

    def _threads(self) -> list[threading.Thread]:
        new = set(threading.enumerate()) - self.threads
        return [t for t in new if t.is_alive() and not any(name in t.name for name in _PROCESS_WIDE_THREADS)]

    def _processes(self) -> list[str]:
        return [_describe(process) for process in (_marked(self.mark) if self.with_qt else _children(self.mark))]

    def _qt_complaints(self) -> list[str]:
        widgets = _names(_top_level_widgets())
        found = [f"widget {name}" for key, name in widgets.items() if key not in self.widgets]
        timers = [timer for timer in _active_timers() if id(timer) not in self.timers]
        return found + [f"timer of {timer.parent()!r}, started by {origin.of(timer)}" for timer in timers]


def _settle(census: _Census) -> list[str]:
    deadline = time.monotonic() + GRACE_S
    while True:
        if census.with_qt:
            _process_deferred_deletes()
        complaints = census.complaints()
        if not complaints or time.monotonic() > deadline:
            return complaints
        gc.collect()
        time.sleep(0.02)


def _process_deferred_deletes() -> None:
    """pytest-qt leaves `deleteLater` to the next event loop (pytest-qt#498): now, so that the right test is blamed."""
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def _qtimer() -> type[Any]:
    from PySide6.QtCore import QTimer

    return QTimer


def _top_level_widgets() -> list[Any]:
    from PySide6.QtWidgets import QApplication

    return list(QApplication.topLevelWidgets())


def _names(widgets: list[Any]) -> dict[int, str]:
    import shiboken6

    alive = [widget for widget in widgets if shiboken6.isValid(widget)]
    return {shiboken6.getCppPointer(w)[0]: f"{type(w).__name__} {w.objectName()!r} {w.windowTitle()!r}" for w in alive}


def _active_timers() -> list[Any]:
    import shiboken6

    return [timer for timer in origin.known(_qtimer()) if shiboken6.isValid(timer) and timer.isActive()]


def _socket_count() -> int:
    """Open sockets of this process. Windows has no descriptor table to look at; there the resource warnings must do."""
    if sys.platform == "win32":
        return 0
    return sum(_is_socket(descriptor) for descriptor in range(3, 512))


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _children(mark: str) -> list[psutil.Process]:
    return [p for p in _quietly(lambda: psutil.Process().children(recursive=True)) if _carries(p, mark)]


def _marked(mark: str) -> list[psutil.Process]:
    """Every process that inherited this test's mark, also one that has left its parent (the keeper, its kernels)."""
    own = os.getpid()
    return [process for process in psutil.process_iter() if process.pid != own and _carries(process, mark)]


def _carries(process: psutil.Process, mark: str) -> bool:
    if _HAS_PROC:  # for each process before and after each test: much quicker than by psutil
        try:
            return f"{TEST_MARK}={mark}\0".encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:
            return False  # ended, or somebody else's
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(TEST_MARK) == mark
    except (psutil.Error, OSError):
        return False


def _quietly(listing: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    try:
        return listing()
    except (psutil.Error, OSError):
        return []  # a chroot without /proc has no process table to ask


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid}: {' '.join(process.cmdline())[:200]}"
    except (psutil.Error, OSError):
        return f"{process.pid}"


def _end_processes(mark: str) -> None:
    for process in _marked(mark):
        try:
            process.kill()
        except (psutil.Error, OSError):
            continue
