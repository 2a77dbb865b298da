"""Counts starts that died young, for safe mode (PROMISES A6): three in a row that ended by a crash within 30 s."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

YOUNG_S: Final = 30.0
CRASHES_FOR_SAFE_MODE: Final = 3


class Starts:
    """The file holds how many starts in a row died young and when this one began. Losing it does no harm."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._crashes = 0

    def begin(self) -> bool:
        """Note that a start begins. True when the three before it died young: then this one is to be careful."""
        self._crashes = self._read()
        is_careful = self._crashes >= CRASHES_FOR_SAFE_MODE
        # Counted as a crash until `survived` says otherwise.
        self._write(0 if is_careful else self._crashes + 1)
        return is_careful

    def survived(self) -> None:
        """This start lived for `YOUNG_S`, or ended in order."""
        self._crashes = 0
        self._write(0)

    def _read(self) -> int:
        try:
            if not self._path.is_file() or self._path.stat().st_size > 1_000:
                return 0
            values = json.loads(self._path.read_text("utf-8"))
            crashes, at_s = int(values["crashes"]), float(values["at_s"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0
        return crashes if 0 <= crashes <= CRASHES_FOR_SAFE_MODE and at_s <= time.time() + 1 else 0

    def _write(self, crashes: int) -> None:
        with suppress(OSError):
            temporary = self._path.with_suffix(f".{os.getpid()}")
            with open(temporary, "w", encoding="utf-8", opener=_private) as file:
                json.dump({"crashes": crashes, "at_s": time.time()}, file)
            temporary.replace(self._path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
