"""Callables through which code without Qt reaches the UI thread and the pool; `ide.qt` makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")

Cancel = Callable[[], None]
Post = Callable[[Callable[[], None]], None]
"""Run this on the UI thread, soon and in order. May be called from any thread."""

After = Callable[[float, Callable[[], None]], Cancel]
"""On the UI thread, run this after so many seconds. Called on the UI thread."""


class Work(Protocol):
    """What long work in a pool thread is given: whom to tell how far it is, and whether it shall end early."""

    @property
    def is_cancelled(self) -> bool:
        """Looked at between steps, from any thread."""

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Tell the step in words, and how much is done; a `total` of 0 means that nobody knows. From any thread."""


class RunInPool(Protocol):
    """Run `work` in a pool thread, then `done` or `failed` on the UI thread. Cancelling drops the answer."""

    def __call__(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        """Start the work; called on the UI thread."""
