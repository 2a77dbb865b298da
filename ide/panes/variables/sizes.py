"""What the values of a session take, asked for only where somebody looks and while the kernel is idle.

Owns what is known and what is still wanted. A size holds until the name changes. Knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from ide.core.errors import ContractError
from ide.core.ports import Cancel
from ide.kernels.contract import VariableSizes
from ide.kernels.records import Answer
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

AT_ONCE: Final = 100
LIMIT_S: Final = 10.0


class Sizes:
    """UI thread. `told` is called with the names whose sizes have come."""

    def __init__(self, told: Callable[[frozenset[str]], None]) -> None:
        self._told = told
        self._session: Session | None = None
        self._known: dict[str, int | None] = {}
        self._wanted: dict[str, None] = {}
        self._asked: tuple[str, ...] = ()
        self._cancel: Cancel | None = None

    def use(self, session: Session | None) -> None:
        """Follow another session."""
        self._stop()
        self._session = session
        self._known.clear()
        self._wanted.clear()

    def known(self, name: str) -> int | None:
        """The size in bytes; None where it is not known."""
        return self._known.get(name)

    def want(self, names: Iterable[str]) -> None:
        """Ask for these in place of what was wanted before."""
        self._wanted = {name: None for name in names if name not in self._known and name not in self._asked}
        self.look()

    def forget(self, names: Iterable[str]) -> None:
        """These changed."""
        touched = set(names)
        for name in touched:
            self._known.pop(name, None)
        if touched.intersection(self._asked):
            self._stop()

    def forget_all(self) -> None:
        """The list began anew."""
        self._stop()
        self._known.clear()

    def look(self) -> None:
        """Ask for the next ones, if the kernel is idle and nothing is under way."""
        session = self._session
        if session is None or session.state != "idle" or self._asked or not self._wanted:
            return
        self._asked = tuple(self._wanted)[:AT_ONCE]
        for name in self._asked:
            del self._wanted[name]
        cancel = session.ask("variables.sizes", {"names": list(self._asked)}, self._on_sizes, LIMIT_S)
        self._cancel = cancel if self._asked else None

    def _on_sizes(self, answer: Answer) -> None:
        asked, self._asked, self._cancel = self._asked, (), None
        try:
            told = VariableSizes.from_json(answer.result) if answer.result is not None else VariableSizes()
        except ContractError as error:
            logger.info("sizes were refused: %s", error.text)
            told = VariableSizes()
        names = [size.name for size in told.sizes]
        # The agent takes them in their order as far as time allows, one at least: the rest is asked for again.
        end = max((at + 1 for at, name in enumerate(asked) if name in names), default=len(asked))
        self._known.update(dict.fromkeys(asked[:end]))
        self._known.update((size.name, size.size_bytes) for size in told.sizes)
        self._wanted = {**dict.fromkeys(asked[end:]), **self._wanted}
        if names:
            self._told(frozenset(names))
        self.look()

    def _stop(self) -> None:
        self._asked = ()
        if self._cancel is not None:
            cancel, self._cancel = self._cancel, None
            cancel()
