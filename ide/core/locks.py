"""A lock between processes: several windows may change the same file of the user's."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held_lock(path: Path, wait_s: float) -> Iterator[bool]:
    """Hold the lock file `path`, or go on without it after `wait_s`: a lock never blocks for good.

    The system lets go of it when the process ends, however it ends. The file stays.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield False
        return
    try:
        deadline = time.monotonic() + wait_s
        while not (is_held := _try_lock(descriptor)) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield is_held
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
