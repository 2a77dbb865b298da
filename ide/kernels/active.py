"""Which session the panes show. Owns the choice and nothing of the session itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.core.events import Signal

if TYPE_CHECKING:
    from ide.kernels.session import Session


class ActiveSession:
    """The session that Variables, Plots and the status bar follow. UI thread only."""

    changed = Signal(object)
    """The new session, or None."""

    def __init__(self) -> None:
        self._session: Session | None = None

    @property
    def session(self) -> Session | None:
        """The session in use, None before the first one and after the last one has gone."""
        return self._session

    def choose(self, session: Session | None) -> None:
        """Make `session` the one that is shown; choosing it again changes nothing."""
        if session is not self._session:
            self._session = session
            self.changed.emit(session)
