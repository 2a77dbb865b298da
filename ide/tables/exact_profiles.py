"""Profiles of columns over every row, each asked for by the user: how far they are, what came of them. No Qt.

Owns the requests under way. Other rows or other data end them all; another order of the same rows only asks anew, as a
source serves no view but the newest. UI thread.
"""

from __future__ import annotations

from functools import partial

from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.core.table import ColumnProfile, OutOfDateError, Progress, TableError, TableSource
from ide.tables.pager import Pager


@dataclass(slots=True)
class _Wish:
    """A column under way. Without `cancel` it waits for the view that is being made."""

    view: int
    cancel: Cancel | None = None
    progress: Progress | None = None


class ExactProfiles:
    """`changed(column)`: another profile, progress or failure of a column; -1 stands for all of them."""

    changed = Signal(int)

    def __init__(self, source: TableSource, pager: Pager) -> None:
        self._source, self._pager = source, pager
        self._known: dict[int, ColumnProfile] = {}
        self._problems: dict[int, str] = {}
        self._wishes: dict[int, _Wish] = {}
        self._generation = pager.profile_generation
        pager.changed.connect(self._follow)
        pager.view_changed.connect(self._follow)

    def get(self, column: int) -> ColumnProfile | None:
        """What was found. It may be of fewer rows than there are, where the kernel had not time for all."""
        return self._known.get(column)

    def problem(self, column: int) -> str:
        """Why there is none; empty where nothing failed."""
        return self._problems.get(column, "")

    def is_under_way(self, column: int) -> bool:
        """Whether it was asked for and is not here yet."""
        return column in self._wishes

    def progress(self, column: int) -> Progress | None:
        """How far it is, where the source tells."""
        wish = self._wishes.get(column)
        return wish.progress if wish is not None else None

    def ask(self, column: int) -> None:
        """Look at every row."""
        if column not in self._wishes:
            self._problems.pop(column, None)
            self._start(column)
            self.changed.emit(column)

    def cancel(self, column: int) -> None:
        """Give it up."""
        if self._stop(column):
            self.changed.emit(column)

    def close(self) -> None:
        """Give up all that is under way, and follow the table no more."""
        self._pager.changed.disconnect(self._follow)
        self._pager.view_changed.disconnect(self._follow)
        for column in tuple(self._wishes):
            self._stop(column)

    def _start(self, column: int) -> None:
        wish = _Wish(self._pager.view)
        self._wishes[column] = wish
        cancel = self._source.profile(
            wish.view,
            column,
            partial(self._on_done, wish),
            partial(self._on_failed, wish, column),
            is_exact=True,
            progress=partial(self._on_progress, wish, column),
        )
        if self._wishes.get(column) is wish:
            wish.cancel = cancel

    def _stop(self, column: int) -> bool:
        wish = self._wishes.pop(column, None)
        if wish is not None and wish.cancel is not None:
            wish.cancel()
        return wish is not None

    def _on_done(self, wish: _Wish, profile: ColumnProfile) -> None:
        if self._wishes.get(profile.column) is wish:
            del self._wishes[profile.column]
            self._known[profile.column] = profile
            self.changed.emit(profile.column)

    def _on_failed(self, wish: _Wish, column: int, error: TableError) -> None:
        if self._wishes.get(column) is not wish:
            return
        if isinstance(error, OutOfDateError):  # `_follow` asks again, when the view that is being made is here
            wish.cancel, wish.view = None, -1
            return
        del self._wishes[column]
        self._problems[column] = error.happened
        self.changed.emit(column)

    def _on_progress(self, wish: _Wish, column: int, progress: Progress) -> None:
        if self._wishes.get(column) is wish:
            wish.progress = progress
            self.changed.emit(column)

    def _follow(self) -> None:
        if self._pager.profile_generation != self._generation or self._pager.is_gone:
            self._generation = self._pager.profile_generation
            for column in tuple(self._wishes):
                self._stop(column)
            self._known.clear()
            self._problems.clear()
            self.changed.emit(-1)
        else:
            for column, wish in tuple(self._wishes.items()):
                if wish.view != self._pager.view:
                    self._stop(column)
                    self._start(column)
