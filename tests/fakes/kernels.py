"""`Kernels` without a keeper: sessions are those that the test adds."""

from __future__ import annotations

from ide.core.events import Signal
from tests.fakes.session import FakeSession


class FakeKernels:
    """The part that panes use."""

    session_added = Signal(object)
    session_removed = Signal(object)

    def __init__(self) -> None:
        self.sessions: tuple[FakeSession, ...] = ()

    def add(self, session: FakeSession) -> FakeSession:
        """A session has started."""
        self.sessions = (*self.sessions, session)
        self.session_added.emit(session)
        return session

    def remove(self, session: FakeSession) -> None:
        """A session is gone."""
        self.sessions = tuple(each for each in self.sessions if each is not session)
        self.session_removed.emit(session)
