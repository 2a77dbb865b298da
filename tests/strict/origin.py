"""Remembers which line started a thread, a timer or a process, so that a leftover can be named."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import FrameType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_PLACES: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_DEPTH = 4


def install() -> None:
    """Wrap the start of threads and processes once for this run. Timers follow by `watch_timers`, after Qt is there."""
    _wrap(threading.Thread, "start")
    _wrap(subprocess.Popen, "__init__")


def watch_timers(timer_class: type[Any]) -> None:
    """Wrap `QTimer.start`; harmless when called again."""
    if "_origin_wrapped" not in timer_class.__dict__:
        _wrap(timer_class, "start")
        timer_class._origin_wrapped = True


def of(thing: object) -> str:
    """The lines of ours that started `thing`, innermost first."""
    return _PLACES.get(thing, "an unknown place")


def known(kind: type[Any]) -> list[Any]:
    """All that were started of one kind and are still there."""
    return [thing for thing in list(_PLACES) if type(thing) is kind]


def _wrap(owner: type[Any], name: str) -> None:
    inner = getattr(owner, name)

    def remembered(self: Any, *arguments: Any, **named: Any) -> Any:
        _PLACES[self] = _our_lines()
        return inner(self, *arguments, **named)

    setattr(owner, name, remembered)


def _our_lines() -> str:
    frame: FrameType | None = sys._getframe(2)
    lines: list[str] = []
    while frame is not None and len(lines) < _DEPTH:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and ".venv" not in path.parts:
            lines.append(f"{path.relative_to(_ROOT).as_posix()}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(lines) or "a library"
