"""Errors that nobody expected: written to a file, and offered to copy. Sends nothing anywhere.

Python's errors come through `sys.excepthook` and `threading.excepthook`; crashes of the interpreter leave their stacks
in a file of faulthandler's, found at the next start. Home folder, user name and what looks like a secret are taken out.
"""

from __future__ import annotations

import faulthandler
import getpass
import io
import logging
import os
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import ide
from ide.core.record import dataclass
from ide.kernels.platform import is_alive, own_mark

KEEP_COUNT = 10
REPORT_LIMIT = 100_000

_SECRET = re.compile(
    r"""(?ix) \b ((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|authorization|credential)s?)
        (['"]?[ \t]*[=:][ \t]*) (['"]?) [^\s'",;&]+"""
)
_IN_ADDRESS = re.compile(r"(://)[^/\s:@]+:[^/\s@]+@")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `path` is None where the file could not be written."""

    title: str
    text: str
    path: Path | None = None


def versions() -> dict[str, str]:
    """What a report needs to know of this installation. Imports nothing that is not there already."""
    qt = sys.modules.get("PySide6.QtCore")
    return {
        "Fourpane": ide.__version__,
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "Qt": str(qt.qVersion()) if qt is not None else "not loaded",
        "PySide6": str(getattr(sys.modules.get("PySide6"), "__version__", "not loaded")),
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
    }


def report_text(title: str, body: str) -> str:
    """A report without anything private, as far as that can be told."""
    head = "\n".join(f"{name}: {value}" for name, value in versions().items())
    text = f"{title}\n\n{head}\n\n{body}"
    if len(text) > REPORT_LIMIT:
        text = f"{text[: REPORT_LIMIT // 2]}\n[... cut ...]\n{text[-REPORT_LIMIT // 2 :]}"
    return without_secrets(text)


def without_secrets(text: str, *, home: str = "", user: str = "") -> str:
    """`text` without the home folder, the user's name in paths, passwords in addresses and values of secret words."""
    home = home or str(Path.home())
    if len(home) > 1:
        text = text.replace(home, "~")
    with suppress(OSError, KeyError, ImportError):
        user = user or getpass.getuser()
    if len(user) > 2 and user != "root":
        text = re.sub(rf"(?<=[/\\]){re.escape(user)}(?=[/\\\s\"']|$)", "USER", text)
    text = _IN_ADDRESS.sub(r"\1…@", text)
    return _SECRET.sub(r"\1\2\3…", text)


class CrashReporter:
    """Hooks in at `start` and out at `close`. `on_report` is called on the thread that failed."""

    def __init__(self, folder: Path, on_report: Callable[[Report], None]) -> None:
        self._folder = folder
        self._on_report = on_report
        self._fault_file: io.TextIOWrapper | None = None
        pid, mark = own_mark()
        self._fault_path = folder / f"fault-{pid}-{mark}.log"
        self._former_hook = sys.excepthook
        self._former_thread_hook = threading.excepthook
        self.last: Report | None = None
        """The newest report of this run."""

    def start(self) -> None:
        """Catch from now on. Where the folder cannot be written to, reports are only shown."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._fault_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._fault_file = os.fdopen(descriptor, "w", encoding="utf-8")
            faulthandler.enable(self._fault_file, all_threads=True)
        except OSError as error:
            _log.info("no crash file: %s", error)

    def close(self) -> None:
        """Put everything back as it was."""
        sys.excepthook = self._former_hook
        threading.excepthook = self._former_thread_hook
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None
            with suppress(OSError):
                self._fault_path.unlink()

    def left_behind(self) -> Report | None:
        """What an earlier run's crash wrote down, once: the file is then a report like the others."""
        for path in sorted(self._folder.glob("fault-*.log"), key=_age, reverse=True):
            pid, _, mark = path.stem.removeprefix("fault-").partition("-")
            if pid.isdigit() and is_alive(int(pid), mark):
                continue  # this window's, or another's that is open
            text = _read(path)
            with suppress(OSError):
                path.unlink()
            if text.strip():
                return self._keep("Fourpane ended unexpectedly last time", text)
        return None

    def _on_exception(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if not isinstance(error, KeyboardInterrupt | SystemExit):
            self._report("Fourpane met an error that it did not expect", kind, error, where)
        self._former_hook(kind, error, where)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if error is not None and not isinstance(error, SystemExit):
            name = arguments.thread.name if arguments.thread else "a thread"
            self._report(f"An error in {name}", arguments.exc_type, error, arguments.exc_traceback)
        self._former_thread_hook(arguments)

    def _report(self, title: str, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        report = self._keep(title, "".join(traceback.format_exception(kind, error, where)))
        self._on_report(report)

    def _keep(self, title: str, body: str) -> Report:
        text = report_text(title, body)
        name = f"report-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 10**6:06}.txt"
        path: Path | None = None
        with suppress(OSError):
            (self._folder / name).write_text(text, encoding="utf-8")
            path = self._folder / name
            path.chmod(0o600)
            self._rotate()
        self.last = Report(title, text, path)
        return self.last

    def _rotate(self) -> None:
        for old in sorted(self._folder.glob("report-*.txt"))[:-KEEP_COUNT]:
            with suppress(OSError):
                old.unlink()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(REPORT_LIMIT)
    except OSError:
        return ""
