"""What runs did to frames that is easily overlooked, by session and name, as the agents noted it.

Owns the findings from when they are noted until they are taken back, their frame goes or its kernel does; those of
sessions that are not in use too. Knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any, Final, Protocol

from ide.core.errors import ContractError
from ide.core.events import SignalInstance
from ide.core.variables import VariablesChange
from ide.kernels.contract import FrameFinding, FramesNoted
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

EVENT: Final = "frames.noted"


class Sessions(Protocol):
    """The sessions of the window."""

    session_added: SignalInstance
    session_removed: SignalInstance

    @property
    def sessions(self) -> Collection[Session]: ...


class Findings:
    """UI thread. Follows all of `sessions`; without them each session from when it is first used.

    `told` is called with the names of the session in use whose findings are others.
    """

    def __init__(self, told: Callable[[frozenset[str]], None], sessions: Sessions | None = None) -> None:
        self._told = told
        self._sessions = sessions
        self._session: Session | None = None
        self._books: dict[str, _Book] = {}
        if sessions is not None:
            sessions.session_added.connect(self._follow)
            sessions.session_removed.connect(self._unfollow)
            for session in sessions.sessions:
                self._follow(session)

    def use(self, session: Session | None) -> None:
        """Tell of another session."""
        self._session = session
        if session is not None:
            self._follow(session)

    def close(self) -> None:
        """Follow no session any more."""
        if self._sessions is not None:
            self._sessions.session_added.disconnect(self._follow)
            self._sessions.session_removed.disconnect(self._unfollow)
        for book in self._books.values():
            book.close()
        self._books.clear()
        self._session = None

    def of(self, name: str) -> tuple[FrameFinding, ...]:
        """What was found of a frame of the session in use, the most important first."""
        book = self._books.get(self._session.id) if self._session is not None else None
        return book.found.get(name, ()) if book is not None else ()

    def clear(self) -> None:
        """Nothing that was found is told any more."""
        for book in self._books.values():
            names = frozenset(book.found)
            book.found.clear()
            self._on_noted(book.session, names)

    def _follow(self, session: Session) -> None:
        if session.id not in self._books:
            self._books[session.id] = _Book(session, self._on_noted)

    def _unfollow(self, session: Session) -> None:
        book = self._books.pop(session.id, None)
        if book is not None:
            book.close()

    def _on_noted(self, session: Session, names: frozenset[str]) -> None:
        if session is self._session and names:
            self._told(names)


class _Book:
    """What was found in one session. `told` is called with it and the names whose findings are others."""

    def __init__(self, session: Session, told: Callable[[Session, frozenset[str]], None]) -> None:
        self.session = session
        self.found: dict[str, tuple[FrameFinding, ...]] = {}
        self._told = told
        session.agent_event.connect(self._on_event)
        session.names_changed.connect(self._on_names)

    def close(self) -> None:
        """Listen no more."""
        self.session.agent_event.disconnect(self._on_event)
        self.session.names_changed.disconnect(self._on_names)

    def _on_names(self, change: VariablesChange) -> None:
        """Names that are gone; whoever shows the list hears of that by itself."""
        names = self.session.names.variables
        for name in [name for name in self.found if name in change.removed or (change.is_full and name not in names)]:
            del self.found[name]

    def _on_event(self, event: str, params: dict[str, Any]) -> None:
        if event != EVENT:
            return
        try:
            noted = FramesNoted.from_json(params)
        except ContractError as error:
            logger.info("findings were refused: %s", error.text)
            return
        for frame in noted.frames:
            self.found.pop(frame.name, None)
            if frame.findings:
                by_weight = sorted(frame.findings, key=lambda finding: finding.severity != "warning")
                self.found[frame.name] = tuple(by_weight)
        self._told(self.session, frozenset(frame.name for frame in noted.frames))


def badge_of(findings: Collection[FrameFinding]) -> str:
    """A few words for the row: the first finding, and how many more there are."""
    first = next(iter(findings), None)
    if first is None:
        return ""
    words = first.short or first.kind.replace("_", " ")
    return f"{words} +{len(findings) - 1}" if len(findings) > 1 else words


def sentences_of(findings: Collection[FrameFinding]) -> str:
    """All findings in plain words, one in a line."""
    return "\n".join(finding.sentence for finding in findings)
