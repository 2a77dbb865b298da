"""How a script names the selected value, and what can be drawn of it: asked for once the kernel is idle.

Owns what is known of one value, the selected one; it is asked for anew after each change of names. Knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from ide.core.errors import ContractError
from ide.core.ports import Cancel
from ide.kernels.contract import VariableCode
from ide.kernels.records import Answer
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

REST_S: Final = 0.15
"""How long a value is selected before it is asked about."""
LIMIT_S: Final = 10.0
UNKNOWN: Final = VariableCode()

Path = tuple[str, ...]


class Codes:
    """UI thread. `changed` is called whenever `known` is another."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._session: Session | None = None
        self._path: Path = ()
        self._is_due = self._is_asking = False
        self._cancel: Cancel | None = None
        self._cancel_rest: Cancel | None = None
        self.known = UNKNOWN

    def use(self, session: Session | None) -> None:
        """Follow another session; nothing is selected in it yet."""
        self._stop()
        self._session = session
        self._path = ()
        self._take(UNKNOWN)

    def select(self, path: Path) -> None:
        """Ask about another value; an empty path is none."""
        if path != self._path:
            self._path = path
            self._take(UNKNOWN)
            self.refresh()

    def refresh(self) -> None:
        """The value may be another by now. What was known holds until the answer is there."""
        self._stop()
        if self._session is not None and self._path:
            self._is_due = True
            self._cancel_rest = self._session.after(REST_S, self.look)

    def look(self) -> None:
        """Ask for what is due, if the kernel is idle."""
        session = self._session
        if session is None or session.state != "idle" or not session.has_agent or not self._is_due:
            return
        self._is_due, self._is_asking = False, True
        cancel = session.ask("variables.code", {"path": list(self._path)}, self._on_code, LIMIT_S)
        self._cancel = cancel if self._is_asking else None

    def _on_code(self, answer: Answer) -> None:
        self._is_asking, self._cancel = False, None
        self._take(_read(answer))

    def _take(self, known: VariableCode) -> None:
        if known != self.known:
            self.known = known
            self._changed()

    def _stop(self) -> None:
        """A question that is given up gets no answer."""
        self._is_due = self._is_asking = False
        for cancel in (self._cancel, self._cancel_rest):
            if cancel is not None:
                cancel()
        self._cancel = self._cancel_rest = None


def _read(answer: Answer) -> VariableCode:
    if answer.result is None:
        return UNKNOWN
    try:
        return VariableCode.from_json(answer.result)
    except ContractError as error:
        logger.info("code of a value was refused: %s", error.text)
        return UNKNOWN
