"""The pictures that sessions drew, in order. Owns the list and the choice; knows no widget and decodes nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from time import time
from typing import Final

from ide.core.events import Signal
from ide.core.outputs import Cleared, Display, Output
from ide.core.record import dataclass, replace
from ide.core.runs import CodeSource, Run

SVG: Final = "image/svg+xml"
PICTURE_TYPES: Final[tuple[str, ...]] = (SVG, "image/png", "image/jpeg")
"""MIME types that this pane shows, the preferred one first."""

MAX_SVG_BYTES: Final = 5_000_000
"""A larger SVG is passed over for the bitmap beside it, if there is one: it is not drawn (`widgets/safe_markup.py`)."""

MOST_BYTES: Final = 400_000_000
"""What all pictures may take together; the oldest go first."""

KEPT_DELETIONS: Final = 50
"""How many deletions can be undone."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture. `data` are the file's own bytes. `id` counts plots from 1 as they arrive, `version` its redraws."""

    id: int
    mime: str
    data: bytes
    session: str
    run: str
    code: str
    source: CodeSource | None
    at_s: float
    display_id: str = ""
    version: int = 0

    @property
    def words(self) -> str:
        """What it is called where it cannot be seen: its number and where it comes from."""
        place = self.source.title if self.source is not None else ""
        return f"Plot {self.id}, {place}" if place else f"Plot {self.id}"

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

    `inserted`, `replaced` and `removed` carry positions; `chosen` the plot in view or None, once per batch.
    """

    inserted = Signal(int)
    replaced = Signal(int)
    removed = Signal(int)
    chosen = Signal(object)

    def __init__(self, keep_count: int, most_bytes: int = MOST_BYTES) -> None:
        self._keep_count = keep_count
        self._most_bytes = most_bytes
        self._size_bytes = 0
        self._plots: list[Plot] = []
        self._current: int | None = None
        self._next_id = 1
        self._cleared_runs: set[str] = set()
        self._deletions: list[list[tuple[int, Plot]]] = []

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

    def position_of(self, plot_id: int) -> int | None:
        """Where the plot of that number is; ids grow with the position but where a deleted one came back."""
        return next((at for at, plot in enumerate(self._plots) if plot.id == plot_id), None)

    def take(self, session: str, run: Run, outputs: tuple[Output, ...]) -> None:
        """Keep the pictures among the outputs of one batch, in order, and bring the last of them into view."""
        before = self.current
        newest: int | None = None
        for output in outputs:
            if isinstance(output, Cleared):
                self._cleared_runs.add(run.id)
            elif isinstance(output, Display):
                picture = picture_of(output)
                position = self._keep(session, run, output, *picture) if picture is not None else None
                newest = self._plots[position].id if position is not None else newest
        position = self.position_of(newest) if newest is not None else None
        if position is not None:
            self._choose(position)
        elif self.current is not before:
            self.chosen.emit(self.current)

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
        was_current = position == self._current
        self._note_deletion([(position, self._plots[position])])
        self._remove(position)
        if was_current:
            self.chosen.emit(self.current)

    def delete_all(self) -> None:
        """Take all plots away; one call of `restore` brings them back."""
        if self._plots:
            self._note_deletion(list(enumerate(self._plots)))
            while self._plots:
                self._remove(len(self._plots) - 1)
            self.chosen.emit(None)

    @property
    def can_restore(self) -> bool:
        """Whether a deletion can be undone."""
        return bool(self._deletions)

    def restore(self) -> bool:
        """Bring back what was deleted last; False when there is nothing."""
        if not self._deletions:
            return False
        position = 0
        for wanted, plot in self._deletions.pop():
            position = min(wanted, len(self._plots))
            self._insert(position, plot)
        self._choose(position)
        return True

    def _keep(self, session: str, run: Run, display: Display, mime: str, data: bytes) -> int | None:
        """The position of a new plot; None where the picture replaced another one or came too late for that."""
        position = self._place_to_replace(session, run, display)
        if position is not None:
            old = self._plots[position]
            self._size_bytes += len(data) - len(old.data)
            self._plots[position] = replace(
                old, mime=mime, data=data, display_id=display.display_id, version=old.version + 1
            )
            self.replaced.emit(position)
            return None
        if display.is_update:
            return None
        plot = Plot(self._next_id, mime, data, session, run.id, run.code, run.source, time(), display.display_id)
        self._next_id += 1
        self._insert(len(self._plots), plot)
        self._drop_oldest()
        return len(self._plots) - 1

    def _place_to_replace(self, session: str, run: Run, display: Display) -> int | None:
        """An update replaces its display; a picture after `clear_output` replaces the run's last one (animations)."""
        positions = range(len(self._plots) - 1, -1, -1)
        if display.is_update:
            wanted = (session, display.display_id)
            found = (at for at in positions if (self._plots[at].session, self._plots[at].display_id) == wanted)
            return next(found, None) if display.display_id else None
        if run.id in self._cleared_runs:
            self._cleared_runs.discard(run.id)
            return next((at for at in positions if self._plots[at].run == run.id), None)
        return None

    def _insert(self, position: int, plot: Plot) -> None:
        self._plots.insert(position, plot)
        self._size_bytes += len(plot.data)
        if self._current is not None and position <= self._current:
            self._current += 1
        self.inserted.emit(position)

    def _drop_oldest(self) -> None:
        while len(self._plots) > self._keep_count or (self._size_bytes > self._most_bytes and len(self._plots) > 1):
            self._remove(0)

    def _remove(self, position: int) -> None:
        plot = self._plots.pop(position)
        self._size_bytes -= len(plot.data)
        if self._current is not None and (position < self._current or self._current >= len(self._plots)):
            self._current = self._current - 1 if self._current else None
        if not self._plots:
            self._current = None
        self.removed.emit(position)

    def _note_deletion(self, plots: list[tuple[int, Plot]]) -> None:
        self._deletions.append(plots)
        del self._deletions[:-KEPT_DELETIONS]
        while len(self._deletions) > 1 and self._deleted_bytes() > self._most_bytes / 4:
            del self._deletions[0]

    def _deleted_bytes(self) -> int:
        return sum(len(plot.data) for deletion in self._deletions for _position, plot in deletion)

    def _choose(self, position: int) -> None:
        self._current = position
        self.chosen.emit(self.current)
