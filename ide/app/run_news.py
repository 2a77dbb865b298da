"""Tells those who work in another window how code is doing: progress in the taskbar, a notice when a long run ends.

Owns no widget: `Bar` and `Notifier` are what the desktop offers. UI thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ide.core.record import dataclass
from ide.core.runs import RunStatus
from ide.settings import declared

if TYPE_CHECKING:
    from ide.core.runs import Run
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.progress import Batch, RunProgress
    from ide.kernels.session import Session
    from ide.settings.settings import Settings

STALE_S = 60.0
"""What ended longer ago is no news: the output of a kernel that was left behind is read again, ends of runs too."""
TEXT_CHARACTERS = 200


class Bar(Protocol):
    """Where progress is shown outside of the window."""

    def show(self, share: float | None) -> None:
        """From 0 to 1; None takes it away."""


class Notifier(Protocol):
    """What shows a notice on the desktop."""

    def show(self, title: str, text: str, *, is_error: bool = False) -> None:
        """Show one, in place of one that stands."""


@dataclass(frozen=True, slots=True)
class News:
    """What a notice says."""

    title: str
    text: str
    is_error: bool = False


class RunNews:
    """Follows all sessions until `close`. `is_away` tells whether no window of the program is in front."""

    def __init__(
        self,
        kernels: Kernels,
        active: ActiveSession,
        progress: RunProgress,
        settings: Settings,
        bar: Bar,
        notifier: Notifier,
        is_away: Callable[[], bool],
        elapsed: Callable[[float], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`elapsed` says seconds in words; `clock` gives seconds since the epoch."""
        self._kernels = kernels
        self._active = active
        self._progress = progress
        self._settings = settings
        self._bar = bar
        self._notifier = notifier
        self._is_away = is_away
        self._elapsed = elapsed
        self._clock = clock
        progress.changed.connect(self._show_share)
        progress.ended.connect(self._on_ended)
        active.changed.connect(self._show_share)
        kernels.session_removed.connect(self._show_share)

    def close(self) -> None:
        """Follow nothing any more."""
        self._progress.changed.disconnect(self._show_share)
        self._progress.ended.disconnect(self._on_ended)
        self._active.changed.disconnect(self._show_share)
        self._kernels.session_removed.disconnect(self._show_share)

    def _show_share(self) -> None:
        """Of the session in use, else of the first one that knows."""
        sessions = (self._active.session, *self._kernels.sessions)
        shares = (self._progress.of(session).share for session in sessions)
        self._bar.show(next((share for share in shares if share is not None), None))

    def _on_ended(self, session: Session, batch: Batch) -> None:
        if not self._settings.get(declared.WINDOW_NOTICE_WHEN_DONE) or not self._is_away():
            return
        if batch.took_s <= self._settings.get(declared.WINDOW_NOTICE_AFTER_S):
            return
        if self._clock() - batch.ended_s > STALE_S:
            return
        news = news_of(batch, session.name, self._elapsed(batch.took_s))
        if news is not None:
            self._notifier.show(news.title, news.text, is_error=news.is_error)


def news_of(batch: Batch, session_name: str, took: str) -> News | None:
    """What to say of code that has ended; None where the user stopped it and so knows. `took` is a time in words."""
    failed = batch.failed
    what, count = _name(batch.runs[0]), len(batch.runs)
    part = "cell" if all(run.source is not None for run in batch.runs) else "run"
    if failed is None:
        many = f"{count} {part}s in {took}" if count > 1 else f"After {took}"
        return News(f"{what} is done", f"{many}, in {session_name}.")
    number = batch.runs.index(failed) + 1
    place = f"{part.capitalize()} {number} of {count}, after {took}" if count > 1 else f"After {took}"
    if failed.status is RunStatus.DIED:
        return News(f"{what} has ended early", f"{place}: {session_name} is gone, and its variables with it.", True)
    if failed.status is RunStatus.INTERRUPTED:
        return None
    error = failed.error
    said = f"{error.name}: {error.message}".strip(": ") if error is not None else "an error"
    said = " ".join(said.split())[:TEXT_CHARACTERS]
    return News(f"{what} was stopped by an error", f"{place}, in {session_name}: {said}", True)


def _name(run: Run) -> str:
    """What the user knows the code by."""
    source = run.source
    if source is not None and source.path is not None:
        return source.path.name
    return source.title if source is not None and source.title else "The code in the console"
