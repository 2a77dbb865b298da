"""Small files that the program keeps for itself, as JSON: read whatever is in them, written whole, shared by windows.

A file that cannot be used never stops a start: it is kept as *.bad, said once, and the program begins with nothing.
Several windows change one file: each change is made to what the file holds at that moment, under a short lock.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ide.core.locks import held_lock
from ide.core.ports import RunInPool
from ide.documents import platform
from ide.documents.atomic_save import TEMPORARY_SUFFIX, write_all

Values = dict[str, object]
Change = Callable[[Values], Values]

_LIMIT_BYTES = 4 * 1024 * 1024
_LOCK_WAIT_S = 1.0
_BAD_KEPT = 5


class StateFile:
    """One such file. `read` and `change` are for one thread (the UI's); the writing is done in the pool, in order.

    `version` is the newest layout that the caller knows. Fields of a later one are kept, and the file as it was too.
    """

    def __init__(self, path: Path, run_in_pool: RunInPool, *, version: int = 1) -> None:
        self.path = path
        self.problems: list[str] = []
        self._run_in_pool = run_in_pool
        self._version = version
        self._changes: deque[Change] = deque()
        self._writing = threading.Lock()
        self._is_writing = False
        self._has_told = False

    @property
    def is_busy(self) -> bool:
        """Whether a change is not written yet."""
        return self._is_writing or bool(self._changes)

    def read(self) -> Values:
        """What the file holds; empty where there is none or it cannot be used."""
        values, problem = read_values(self.path, self._version)
        if problem:
            self.problems.append(problem)
        return values

    def change(self, change: Change) -> None:
        """Write soon what `change` makes of the file's content at that moment. Pure: it runs in a pool thread."""
        self._changes.append(change)
        self._start_writing()

    def flush(self) -> None:
        """Write what waits, here and now. For the end of the program."""
        with contextlib.suppress(OSError):
            self._write_changes()

    def _write_changes(self) -> None:
        """In a pool thread, or at the end in the caller's: the lock makes the end wait for the pool."""
        with self._writing:
            changes = list(self._changes)
            if changes:
                write_changed(self.path, changes, self._version)
            for _ in changes:
                self._changes.popleft()

    def _start_writing(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._run_in_pool(self._write_changes, self._on_written, self._on_failed)

    def _on_written(self, _: None) -> None:
        self._is_writing = False
        if self._changes:
            self._start_writing()

    def _on_failed(self, error: Exception) -> None:
        self._is_writing = False
        if not isinstance(error, OSError):
            raise error
        if not self._has_told:
            self._has_told = True
            self.problems.append(f"{self.path.name} could not be written: {error.strerror or error}.")


def read_values(path: Path, version: int = 1) -> tuple[Values, str]:
    """The content of a state file, and a sentence where it could not be used."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{path.name} could not be read: {error.strerror or error}."
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LIMIT_BYTES:
        return {}, _set_aside(path, "is not a file of the program")
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        return {}, f"{path.name} could not be read: {error.strerror or error}."
    except (ValueError, RecursionError):
        return {}, _set_aside(path, "was damaged")
    if not isinstance(values, dict):
        return {}, _set_aside(path, "was damaged")
    written_by = values.get("version", version)
    if isinstance(written_by, int) and written_by <= version:
        return values, ""
    return values, _copy_aside(path)


def write_changed(path: Path, changes: list[Change], version: int = 1) -> None:
    """Read, change and write a state file under its lock. For a pool thread. Raises OSError."""
    platform.private_folder(path.parent)
    with held_lock(path.with_name(f"{path.name}.lock"), _LOCK_WAIT_S):
        values, _ = read_values(path, version)
        for change in changes:
            values = change(values)
        write_private(path, json.dumps({**values, "version": version}, indent=1).encode())


def write_private(path: Path, data: bytes) -> None:
    """Write a file of ours whole, 0600. Raises OSError; the old file is then as it was."""
    fresh = path.with_name(f".{path.name}.{os.urandom(6).hex()}{TEMPORARY_SUFFIX}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            platform.close_written(descriptor)
        platform.replace(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def _set_aside(path: Path, what: str) -> str:
    """Keep a file that cannot be used, under a name that says so; only the last few are kept apart."""
    bad = _bad_name(path)
    try:
        path.rename(bad)
    except OSError as error:
        return f"{path.name} {what} and could not be moved away: {error.strerror or error}."
    return f"{path.name} {what}; it is kept as {bad.name}, and the program begins without it."


def _copy_aside(path: Path) -> str:
    """Keep a copy and say so; nothing where an earlier start has kept the same."""
    bad = _bad_name(path)
    with contextlib.suppress(OSError):
        data = path.read_bytes()
        if any(other.read_bytes() == data for other in path.parent.glob(f"{path.name}.bad*") if other.is_file()):
            return ""
        write_private(bad, data)
    return f"{path.name} is of a newer version of the program; a copy is kept as {bad.name}."


def _bad_name(path: Path) -> Path:
    names = [path.with_name(path.name + ".bad" + (f"{number}" if number else "")) for number in range(_BAD_KEPT)]
    return next((name for name in names if not os.path.lexists(name)), names[-1])
