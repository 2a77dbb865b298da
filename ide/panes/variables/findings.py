"""What runs did to frames that is easily overlooked, by session and name, as the agents noted it.

Owns the findings from when they are noted until they are taken back, their frame goes or its kernel does. Knows no
widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from ide.core.errors import ContractError
from ide.kernels.contract import FrameFinding, FramesNoted
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

EVENT: Final = "frames.noted"
MOST_SESSIONS: Final = 20


class Findings:
    """UI thread. `told` is called with the names of the session in use whose findings are others."""

    def __init__(self, told: Callable[[frozenset[str]], None]) -> None:
        self._told = told
        self._session: Session | None = None
        self._by_session: dict[str, dict[str, tuple[FrameFinding, ...]]] = {}

    def use(self, session: Session | None) -> None:
        """Follow another session; what was noted in this one before is still there."""
        if self._session is not None:
            self._session.agent_event.disconnect(self._on_event)
        self._session = session
        if session is not None:
            session.agent_event.connect(self._on_event)
            self._by_session.setdefault(session.id, {})
            for id in list(self._by_session)[:-MOST_SESSIONS]:
                if id != session.id:
                    del self._by_session[id]

    def of(self, name: str) -> tuple[FrameFinding, ...]:
        """What was found of a frame, the most important first."""
        return self._known.get(name, ())

    def keep_only(self, names: Collection[str]) -> None:
        """The list began anew: other names are gone."""
        self.forget([name for name in self._known if name not in names])

    def forget(self, names: Collection[str]) -> None:
        """These names are gone."""
        for name in names:
            self._mutable.pop(name, None)

    @property
    def _known(self) -> Mapping[str, tuple[FrameFinding, ...]]:
        return self._mutable

    @property
    def _mutable(self) -> dict[str, tuple[FrameFinding, ...]]:
        return self._by_session.get(self._session.id, {}) if self._session is not None else {}

    def _on_event(self, event: str, params: dict[str, Any]) -> None:
        if event != EVENT:
            return
        try:
            noted = FramesNoted.from_json(params)
        except ContractError as error:
            logger.info("findings were refused: %s", error.text)
            return
        known = self._mutable
        for frame in noted.frames:
            known.pop(frame.name, None)
            if frame.findings:
                known[frame.name] = tuple(sorted(frame.findings, key=lambda finding: finding.severity != "warning"))
        self._told(frozenset(frame.name for frame in noted.frames))


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
