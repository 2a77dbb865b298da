"""The pictures that sessions drew, in order. Owns the list and the choice; knows no widget and decodes nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import time
from typing import Final

from ide.core.events import Signal
from ide.core.outputs import Cleared, Display, Output
from ide.core.runs import CodeSource, Run

SVG: Final = "image/svg+xml"
PICTURE_TYPES: Final[tuple[str, ...]] = (SVG, "image/png", "image/jpeg")
"""MIME types that this pane shows, the preferred one first."""

MAX_SVG_BYTES: Final = 5_000_000
"""A larger SVG is passed over for the bitmap beside it, if there is one: drawing it would stall the window."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture. `data` are the file's own bytes. `id` counts from 1 in the order of arrival."""

    id: int
    mime: str
    data: bytes
    session: str
    run: str
    code: str
    source: CodeSource | None
    at_s: float
    display_id: str = ""

    @property
    def suffix(self) -> str:
        """Ending of a file with this picture."""
        return {SVG: ".svg", "image/png": ".png", "image/jpeg": ".jpg"}[self.mime]


def picture_of(display: Display) -> tuple[str, bytes] | None:
    """The best picture of a MIME bundle as (MIME type, bytes); None when it holds none or it is damaged."""
    for mime in PICTURE_TYPES:
        value = display.data.get(mime)
        if value is None:
            continue
        text = "".join(value) if isinstance(value, list) else str(value)
        if mime == SVG and len(text) > MAX_SVG_BYTES and "image/png" in display.data:
            continue
        try:
            return mime, text.encode() if mime == SVG else base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            continue
    return None


class PlotsModel:
    """All plots of the window, oldest first. UI thread.

    `inserted`, `replaced` and `removed` carry positions; `chosen` the plot in view or None.
    """

    inserted = Signal(int)
    replaced = Signal(int)
    removed = Signal(int)
    chosen = Signal(object)

    def __init__(self, keep_count: int) -> None:
        self._keep_count = keep_count
        self._plots: list[Plot] = []
        self._current: int | None = None
        self._next_id = 1
        self._cleared_runs: set[str] = set()
        self._undo: list[tuple[int, Plot]] = []

    @property
    def plots(self) -> Sequence[Plot]:
        """All plots, oldest first."""
        return tuple(self._plots)

    @property
    def count(self) -> int:
        """How many plots there are."""
        return len(self._plots)

    def at(self, position: int) -> Plot:
        """The plot at a position from 0."""
        return self._plots[position]

    @property
    def position(self) -> int | None:
        """Position of the plot in view."""
        return self._current

    @property
    def current(self) -> Plot | None:
        """The plot in view."""
        return None if self._current is None else self._plots[self._current]

    def take(self, session: str, run: Run, outputs: tuple[Output, ...]) -> None:
        """Keep the pictures among the outputs of one batch, in order."""
        for output in outputs:
            if isinstance(output, Cleared):
                self._cleared_runs.add(run.id)
            elif isinstance(output, Display):
                picture = picture_of(output)
                if picture is not None:
                    self._keep(session, run, output, *picture)

    def choose(self, position: int) -> None:
        """Bring a plot into view; positions past the ends are taken as the nearest one."""
        if self._plots:
            self._choose(max(0, min(position, len(self._plots) - 1)))

    def step(self, by: int) -> None:
        """Go `by` plots on (back when negative), stopping at the ends."""
        if self._current is not None:
            self.choose(self._current + by)

    def delete(self, position: int) -> None:
        """Take a plot away; `restore` brings it back."""
        plot = self._plots.pop(position)
        self._undo.append((position, plot))
        self._forget(position)

    def delete_all(self) -> None:
        """Take all plots away; as many calls of `restore` bring them back."""
        while self._plots:
            self.delete(len(self._plots) - 1)

    @property
    def can_restore(self) -> bool:
        """Whether a deleted plot can be brought back."""
        return bool(self._undo)

    def restore(self) -> bool:
        """Bring back the plot that was deleted last; False when there is none."""
        if not self._undo:
            return False
        position, plot = self._undo.pop()
        self._insert(min(position, len(self._plots)), plot)
        return True

    def _keep(self, session: str, run: Run, display: Display, mime: str, data: bytes) -> None:
        position = self._place_to_replace(run, display)
        if position is not None:
            self._plots[position] = replace(self._plots[position], mime=mime, data=data, display_id=display.display_id)
            self.replaced.emit(position)
            if position == self._current:
                self.chosen.emit(self.current)
            return
        if display.is_update:
            return
        plot = Plot(self._next_id, mime, data, session, run.id, run.code, run.source, time(), display.display_id)
        self._next_id += 1
        self._insert(len(self._plots), plot)
        self._drop_oldest()

    def _place_to_replace(self, run: Run, display: Display) -> int | None:
        """An update replaces its display; a picture after `clear_output` replaces the run's last one (animations)."""
        positions = range(len(self._plots) - 1, -1, -1)
        if display.is_update:
            return next((at for at in positions if self._plots[at].display_id == display.display_id), None)
        if run.id in self._cleared_runs:
            self._cleared_runs.discard(run.id)
            return next((at for at in positions if self._plots[at].run == run.id), None)
        return None

    def _insert(self, position: int, plot: Plot) -> None:
        self._plots.insert(position, plot)
        if self._current is not None and position <= self._current:
            self._current += 1
        self.inserted.emit(position)
        self._choose(position)

    def _drop_oldest(self) -> None:
        while len(self._plots) > self._keep_count:
            del self._plots[0]
            self._forget(0)

    def _forget(self, position: int) -> None:
        self.removed.emit(position)
        if self._current is None:
            return
        was_current = position == self._current
        if position < self._current or self._current >= len(self._plots):
            self._current = self._current - 1 if self._current else None
        if not self._plots:
            self._current = None
        if was_current:
            self.chosen.emit(self.current)

    def _choose(self, position: int) -> None:
        if position != self._current:
            self._current = position
        self.chosen.emit(self.current)
