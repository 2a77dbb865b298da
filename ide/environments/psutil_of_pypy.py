"""Stands in for psutil in the side folder of a PyPy, for which nobody offers one that is built.

Copied there as `psutil.py`; never imported by the program: standard library only, Python 3.8 and newer. ipykernel needs
it to end the processes that a kernel has started; it knows nothing of memory and processors, and says so.
"""

import os
import signal
from pathlib import Path


class Error(Exception):
    """Anything that goes wrong."""


class NoSuchProcess(Error):
    """The process has ended."""


class AccessDenied(Error):
    """The system does not let us."""


class Process:
    """A process by its number; this one without one."""

    def __init__(self, pid: "int | None" = None) -> None:
        self.pid = os.getpid() if pid is None else pid

    def children(self, recursive: bool = False) -> "list[Process]":
        """Processes that it has started and that live; with `recursive` also theirs. None are known without /proc."""
        parents = _parents()
        found, waiting = [], [self.pid]
        while waiting:
            parent = waiting.pop()
            own = [pid for pid, its_parent in parents.items() if its_parent == parent]
            found += own
            waiting += own if recursive else []
        return [Process(pid) for pid in found]

    def send_signal(self, number: int) -> None:
        """Raises NoSuchProcess or AccessDenied."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError as error:
            raise NoSuchProcess(str(self.pid)) from error
        except PermissionError as error:
            raise AccessDenied(str(self.pid)) from error

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))


def _parents() -> "dict[int, int]":
    """Process to its parent, of all that can be seen."""
    found: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold anything, brackets too.
            after_name = (place / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            found[int(place.name)] = int(after_name.split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return found


def __getattr__(name: str) -> None:
    raise AttributeError(f"psutil.{name} is not there: no psutil is offered for PyPy")
