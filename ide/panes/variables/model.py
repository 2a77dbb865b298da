"""What the Variables pane shows: the names of the active session as rows under group headings.

Owns filter, grouping and order. Does not own the names (`Session.names` does) and knows no widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ide.core.events import Signal
from ide.core.variables import Kind, Names, Variable, VariablesChange
from ide.kernels.active import ActiveSession
from ide.kernels.session import Session

GROUPS: Final[tuple[tuple[Kind, str], ...]] = (
    ("data", "Data"),
    ("value", "Values"),
    ("function", "Functions"),
    ("other", "Other"),
    ("module", "Modules"),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's first row. `count` is the number of names under it, shown or not."""

    kind: Kind
    title: str
    count: int
    is_open: bool


Row = Heading | Variable


@dataclass(frozen=True, slots=True)
class Look:
    """What the user chose to see. `text` filters by name or type, letter case aside."""

    text: str = ""
    closed: frozenset[Kind] = frozenset()
    hidden: frozenset[Kind] = frozenset({"module"})


def rows_of(variables: Iterable[Variable], look: Look) -> tuple[Row, ...]:
    """Rows in the order of `GROUPS`, names in natural alphabetical order; groups without names are left out."""
    wanted = look.text.casefold()
    groups: dict[Kind, list[Variable]] = {}
    for variable in variables:
        if variable.kind in look.hidden:
            continue
        if wanted and wanted not in variable.name.casefold() and wanted not in variable.type_name.casefold():
            continue
        groups.setdefault(variable.kind, []).append(variable)
    rows: list[Row] = []
    for kind, title in GROUPS:
        members = groups.get(kind)
        if not members:
            continue
        # A filter opens every group: what was searched for must be in sight.
        is_open = bool(wanted) or kind not in look.closed
        rows.append(Heading(kind, title, len(members), is_open))
        if is_open:
            rows.extend(sorted(members, key=lambda variable: (variable.name.casefold(), variable.name)))
    return tuple(rows)


def shape_text(shape: tuple[int, ...]) -> str:
    """`344 × 8`, thin spaces between thousands; empty for no shape."""
    return " × ".join(f"{extent:,}".replace(",", "\u2009") for extent in shape)


class VariablesModel:
    """Rows of the active session. UI thread.

    `changed` carries the names whose rows differ only in their content, or None when rows came, went or moved.
    """

    changed = Signal(object)
    session_changed = Signal()

    def __init__(self, active: ActiveSession) -> None:
        self._active = active
        self._session: Session | None = None
        self._look = Look()
        self._rows: tuple[Row, ...] = ()
        self._index: Mapping[str, int] = {}
        active.changed.connect(self._follow)
        self._follow(active.session)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Headings and variables, from the top."""
        return self._rows

    @property
    def look(self) -> Look:
        """The present filter and groups."""
        return self._look

    @property
    def session(self) -> Session | None:
        """The session whose names are shown."""
        return self._session

    @property
    def names(self) -> Names:
        """All names of the session."""
        return self._session.names if self._session is not None else Names()

    @property
    def is_filtered_empty(self) -> bool:
        """Whether there are names, but none fits the filter."""
        return not self._rows and bool(self._look.text) and bool(self.names.variables)

    def row_of(self, name: str) -> int | None:
        """The row that shows `name`."""
        return self._index.get(name)

    def is_fresh(self, name: str) -> bool:
        """Whether the last run added or changed `name`."""
        return name in self.names.fresh

    def filter(self, text: str) -> None:
        """Show only names and types that contain `text`."""
        self._show(Look(text.strip(), self._look.closed, self._look.hidden))

    def toggle_group(self, kind: Kind) -> None:
        """Open or close a group."""
        self._show(Look(self._look.text, self._look.closed ^ {kind}, self._look.hidden))

    def toggle_hidden(self, kind: Kind) -> None:
        """Hide a kind, or show it again."""
        self._show(Look(self._look.text, self._look.closed, self._look.hidden ^ {kind}))

    def close(self) -> None:
        """Stop following sessions."""
        self._active.changed.disconnect(self._follow)
        self._unfollow()

    def _show(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self._rebuild()

    def _unfollow(self) -> None:
        if self._session is not None:
            self._session.names_changed.disconnect(self._on_names_changed)
            self._session = None

    def _follow(self, session: Session | None) -> None:
        self._unfollow()
        self._session = session
        if session is not None:
            session.names_changed.connect(self._on_names_changed)
        self._rebuild()
        self.session_changed.emit()

    def _on_names_changed(self, change: VariablesChange) -> None:
        touched = {variable.name for variable in change.changed}
        before = {name: self._kind_at(name) for name in touched}
        same_places = not (change.added or change.removed or change.is_full) and all(
            before[variable.name] == variable.kind for variable in change.changed
        )
        if same_places and not self._look.text:
            rows = list(self._rows)
            for variable in change.changed:
                rows[self._index[variable.name]] = variable
            self._rows = tuple(rows)
            self.changed.emit(frozenset(touched))
        else:
            self._rebuild()

    def _kind_at(self, name: str) -> Kind | None:
        row = self._index.get(name)
        return None if row is None else self._rows[row].kind

    def _rebuild(self) -> None:
        self._rows = rows_of(self.names.variables.values(), self._look)
        self._index = {row.name: at for at, row in enumerate(self._rows) if isinstance(row, Variable)}
        self.changed.emit(None)
