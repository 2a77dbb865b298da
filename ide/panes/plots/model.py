"""The plots of all sessions, in order. Owns the list, the choice and the filter; knows no widget, decodes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Final, Protocol

from ide.core.events import Signal
from ide.core.outputs import Cleared, Display, Output
from ide.core.record import replace
from ide.core.runs import Run
from ide.panes.plots.plot import Arrived, Picture, Plot, picture_of, said_by_agent

MOST_BYTES: Final = 500_000_000
"""What all pictures may take together, where no setting says it; the oldest go first."""

KEPT_DELETIONS: Final = 50
"""How many deletions can be undone."""
KEPT_RUNS: Final = 10_000
KEPT_PLACES: Final = 1_000
"""Of how many runs it is known which of their pictures have come."""


class Shelf(Protocol):
    """Where plots are kept (`PlotStore`)."""

    def keep(self, plot: Plot) -> None: ...
    def discard(self, plot: Plot) -> None: ...
    def bring_back(self, plot: Plot) -> None: ...
    def forget(self, plots: Sequence[Plot]) -> None: ...


class Nowhere:
    """Plots live in memory only."""

    def keep(self, plot: Plot) -> None:
        """It is in memory."""

    def discard(self, plot: Plot) -> None:
        """The model holds it."""

    def bring_back(self, plot: Plot) -> None:
        """The model held it."""

    def forget(self, plots: Sequence[Plot]) -> None:
        """The model has let go of them."""


class PlotsModel:
    """All plots of the window, oldest first. UI thread.

    `inserted`, `replaced` and `removed` carry positions; `chosen` the plot in view or None, once per batch. `changed`
    is for words about a plot, not its picture; `forgotten` carries plots that cannot come back, or whose figure was
    replaced by a newer one. `reset` tells that many plots came or went at once.
    """

    inserted = Signal(int)
    replaced = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    reset = Signal()
    filtered = Signal()
    forgotten = Signal(tuple)
    chosen = Signal(object)
    arrived = Signal()
    """New plots came; the last of them is in view."""

    def __init__(self, keep_count: int, most_bytes: int = MOST_BYTES, shelf: Shelf | None = None) -> None:
        self._keep_count = keep_count
        self._most_bytes = most_bytes
        self._shelf: Shelf = shelf or Nowhere()
        self._size_bytes = 0
        self._plots: list[Plot] = []
        self._current: int | None = None
        self._next_id = 1
        self._cleared_runs: set[str] = set()
        self._places_kept: dict[tuple[str, str], None] = {}
        self._arrived: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self._filter = ""
        self._found: dict[str, frozenset[str]] = {}
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

    def plot_of(self, plot_id: int) -> Plot | None:
        """The plot of that number as it is now."""
        position = self.position_of(plot_id)
        return None if position is None else self._plots[position]

    # --- the filter

    @property
    def filter(self) -> str:
        """Words that the plots listed have in common; empty lists all."""
        return self._filter

    def set_filter(self, text: str) -> None:
        """List only plots whose session, file, description or code holds every word; "pinned" lists pinned ones."""
        wanted = " ".join(text.casefold().split())
        if wanted == self._filter:
            return
        self._filter = wanted
        self._found.clear()
        self.filtered.emit()
        if self._current is not None and not self.is_listed(self._current):
            nearest = self._listed_from(self._current, -1)
            nearest = self._listed_from(self._current, 1) if nearest is None else nearest
            if nearest is not None:
                self._choose(nearest)

    def is_listed(self, position: int) -> bool:
        """Whether the filter lets a plot through."""
        if not self._filter:
            return True
        plot = self._plots[position]
        pinned = "pinned" if plot.is_pinned else ""
        text = "\n".join((plot.words, plot.place, plot.session_name, plot.alt, pinned)).casefold()
        return all(word in text or word in self._words_in(plot.code) for word in self._filter.split())

    def _words_in(self, code: str) -> frozenset[str]:
        """The filter's words that are in some code. Looked for once: a long script can have drawn a thousand plots."""
        if code not in self._found:
            text = code.casefold()
            self._found[code] = frozenset(word for word in self._filter.split() if word in text)
        return self._found[code]

    @property
    def listed_count(self) -> int:
        """How many plots the filter lets through."""
        return sum(map(self.is_listed, range(len(self._plots)))) if self._filter else len(self._plots)

    # --- plots come

    def put_back(self, plots: Sequence[Plot]) -> None:
        """Plots of an earlier window, before all others. What a kernel tells of them once more is passed over."""
        if not plots:
            return
        self._next_id = max(self._next_id, 1 + max(plot.id for plot in plots))
        for plot in plots:
            self._known[plot.run] = max(plot.order, self._known.get(plot.run, -1))
        self._plots[:0] = plots
        self._size_bytes += sum(plot.picture.size_bytes for plot in plots)
        self._current = len(plots) - 1 if self._current is None else self._current + len(plots)
        self.reset.emit()
        self._drop_oldest()
        self.chosen.emit(self.current)

    def take(
        self, session: str, run: Run, outputs: tuple[Output, ...], *, session_name: str = "", language: str = ""
    ) -> None:
        """Keep the pictures among the outputs of one batch, in order, and bring the last of them into view."""
        before = self.current
        newest: int | None = None
        for output in outputs:
            if isinstance(output, Cleared):
                self._cleared_runs.add(run.id)
            elif isinstance(output, Display) and (arrived := picture_of(output)) is None:
                self._keep_place(session, output)
            elif isinstance(output, Display) and arrived is not None:
                order = self._count(run)
                if order <= self._known.get(run.id, -1):
                    self._cleared_runs.discard(run.id)
                    continue
                plot = self._plot(session, run, output, arrived, order, session_name, language)
                position = self._keep(plot, output)
                newest = self._plots[position].id if position is not None else newest
        position = self.position_of(newest) if newest is not None else None
        if position is not None:
            self._choose(position)
            self.arrived.emit()
        elif self.current is not before:
            self.chosen.emit(self.current)

    def redrawn(self, plot_id: int, mime: str, data: bytes) -> None:
        """The picture of a plot was drawn anew, at another size. Nothing happens where the plot is gone."""
        position = self.position_of(plot_id)
        if position is not None:
            self._replace(position, replace(self._plots[position], mime=mime, picture=Picture(data), is_heavy=False))

    # --- what the user does

    def choose(self, position: int) -> None:
        """Bring a plot into view; positions past the ends are taken as the nearest one."""
        if self._plots:
            self._choose(max(0, min(position, len(self._plots) - 1)))

    def step(self, by: int) -> None:
        """Go `by` listed plots on (back when negative), stopping at the ends."""
        if self._current is None:
            return
        way = 1 if by > 0 else -1
        position = self._current
        for _ in range(abs(by)):
            following = self._listed_from(position + way, way)
            position = position if following is None else following
        self._choose(position)

    def set_pinned(self, position: int, is_pinned: bool) -> None:
        """A pinned plot stays, however many come after it, and "delete all" leaves it."""
        self._change(position, replace(self._plots[position], is_pinned=is_pinned))

    def describe(self, plot_id: int, alt: str) -> None:
        """What is said of a plot to those who do not see it."""
        position = self.position_of(plot_id)
        if position is not None:
            self._change(position, replace(self._plots[position], alt=alt))

    def delete(self, position: int) -> None:
        """Take a plot away; `restore` brings it back."""
        was_current = position == self._current
        self._discard([(position, self._plots[position])])
        self._remove(position)
        if was_current:
            self.chosen.emit(self.current)

    def delete_all(self) -> None:
        """Take all plots away but the pinned ones; one call of `restore` brings them back."""
        gone = [(position, plot) for position, plot in enumerate(self._plots) if not plot.is_pinned]
        if gone:
            self._discard(gone)
            self._plots = [plot for plot in self._plots if plot.is_pinned]
            self._size_bytes = sum(plot.picture.size_bytes for plot in self._plots)
            self._current = len(self._plots) - 1 if self._plots else None
            self.reset.emit()
            self.chosen.emit(self.current)

    @property
    def can_restore(self) -> bool:
        """Whether a deletion can be undone."""
        return bool(self._deletions)

    def restore(self) -> bool:
        """Bring back what was deleted last; False when there is nothing."""
        if not self._deletions:
            return False
        gone = self._deletions.pop()
        if len(gone) == 1:
            position = min(gone[0][0], len(self._plots))
            self._shelf.bring_back(gone[0][1])
            self._insert(position, gone[0][1])
        else:
            for wanted, plot in gone:
                position = min(wanted, len(self._plots))
                self._shelf.bring_back(plot)
                self._plots.insert(position, plot)
                self._size_bytes += plot.picture.size_bytes
            self.reset.emit()
        self._choose(position)
        return True

    # --- how

    def _count(self, run: Run) -> int:
        """Which picture of its run this is, from 0."""
        order = self._arrived.pop(run.id, -1) + 1
        self._arrived[run.id] = order
        if len(self._arrived) > KEPT_RUNS:
            del self._arrived[next(iter(self._arrived))]
        return order

    def _plot(
        self, session: str, run: Run, display: Display, arrived: Arrived, order: int, session_name: str, language: str
    ) -> Plot:
        said = said_by_agent(display, arrived.mime)
        return Plot(
            id=0,
            mime=arrived.mime,
            picture=Picture(arrived.data),
            session=session,
            run=run.id,
            code=run.code,
            source=run.source,
            at_s=time(),
            display_id=display.display_id,
            order=order,
            session_name=session_name,
            language=language,
            figure=str(said.get("plot", "")),
            draw_ms=int(said.get("draw_ms", 0)),
            width_px=int(said.get("width_px", 0)),
            height_px=int(said.get("height_px", 0)),
            dpi=float(said.get("dpi", 0)),
            is_sized=bool(said.get("is_sized", False)),
            problem=str(said.get("problem", "")),
            alt=str(said.get("alt", "")),
            note=arrived.note,
            is_heavy=arrived.is_heavy,
        )

    def _keep(self, plot: Plot, display: Display) -> int | None:
        """The position of a new plot; None where the picture replaced another one or came too late for that."""
        position = self._place_to_replace(plot, display)
        if position is not None:
            old = self._plots[position]
            kept = replace(plot, id=old.id, run=old.run, code=old.code, source=old.source, at_s=old.at_s)
            self._replace(position, replace(kept, is_pinned=old.is_pinned, alt=plot.alt or old.alt))
            return None
        if display.is_update and (plot.session, display.display_id) not in self._places_kept:
            return None
        self._places_kept.pop((plot.session, display.display_id), None)
        plot = replace(plot, id=self._next_id)
        self._next_id += 1
        self._insert(len(self._plots), plot)
        self._shelf.keep(plot)
        self._drop_oldest()
        return len(self._plots) - 1

    def _keep_place(self, session: str, display: Display) -> None:
        """Where text was shown an update may bring a picture, which then is a new plot."""
        if not display.display_id:
            return
        self._places_kept[session, display.display_id] = None
        if len(self._places_kept) > KEPT_PLACES:
            del self._places_kept[next(iter(self._places_kept))]

    def _place_to_replace(self, plot: Plot, display: Display) -> int | None:
        """An update replaces its display; a picture after `clear_output` replaces the run's last one (animations)."""
        positions = range(len(self._plots) - 1, -1, -1)
        if display.is_update:
            wanted = (plot.session, display.display_id)
            found = (at for at in positions if (self._plots[at].session, self._plots[at].display_id) == wanted)
            return next(found, None) if display.display_id else None
        if plot.run in self._cleared_runs:
            self._cleared_runs.discard(plot.run)
            return next((at for at in positions if self._plots[at].run == plot.run), None)
        return None

    def _replace(self, position: int, plot: Plot) -> None:
        old = self._plots[position]
        self._size_bytes += plot.picture.size_bytes - old.picture.size_bytes
        self._plots[position] = plot = replace(plot, version=old.version + 1)
        self._shelf.keep(plot)
        self.replaced.emit(position)
        if old.figure != plot.figure:
            self.forgotten.emit((old,))

    def _change(self, position: int, plot: Plot) -> None:
        if plot != self._plots[position]:
            self._plots[position] = plot
            self._shelf.keep(plot)
            self.changed.emit(position)

    def _insert(self, position: int, plot: Plot) -> None:
        self._plots.insert(position, plot)
        self._size_bytes += plot.picture.size_bytes
        if self._current is not None and position <= self._current:
            self._current += 1
        self.inserted.emit(position)

    def _drop_oldest(self) -> None:
        """Pinned plots and the newest one stay."""
        while len(self._plots) > self._keep_count or (self._size_bytes > self._most_bytes and len(self._plots) > 1):
            oldest = next((at for at, plot in enumerate(self._plots[:-1]) if not plot.is_pinned), None)
            if oldest is None:
                return
            plot = self._plots[oldest]
            self._remove(oldest)
            self._shelf.forget((plot,))
            self.forgotten.emit((plot,))

    def _remove(self, position: int) -> None:
        plot = self._plots.pop(position)
        self._size_bytes -= plot.picture.size_bytes
        if self._current is not None and (position < self._current or self._current >= len(self._plots)):
            self._current = self._current - 1 if self._current else None
        if not self._plots:
            self._current = None
        self.removed.emit(position)

    def _discard(self, gone: list[tuple[int, Plot]]) -> None:
        """Note a deletion, so that it can be undone; what was deleted long ago goes for good."""
        for _position, plot in gone:
            self._shelf.discard(plot)
        self._deletions.append(gone)
        while len(self._deletions) > KEPT_DELETIONS or (
            len(self._deletions) > 1 and self._deleted_bytes() > self._most_bytes / 4
        ):
            lost = tuple(plot for _position, plot in self._deletions.pop(0))
            self._shelf.forget(lost)
            self.forgotten.emit(lost)

    def _deleted_bytes(self) -> int:
        return sum(plot.picture.size_bytes for deletion in self._deletions for _position, plot in deletion)

    def _listed_from(self, position: int, way: int) -> int | None:
        """The first listed position from there on in that direction."""
        ends = range(position, len(self._plots) if way > 0 else -1, way)
        return next((at for at in ends if self.is_listed(at)), None)

    def _choose(self, position: int) -> None:
        self._current = position
        self.chosen.emit(self.current)
