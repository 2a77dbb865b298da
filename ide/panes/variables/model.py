"""What the Variables pane shows: the names of the active session, in groups.

Owns filter, grouping, order and the words for a row. Does not own the names (`Session.names` does) and knows no widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ide.core.events import Signal
from ide.core.record import dataclass, replace
from ide.core.text import natural_key, with_unseen_shown
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
TITLES: Final[Mapping[Kind, str]] = dict(GROUPS)
THIN_SPACE: Final = "\u2009"


@dataclass(frozen=True, slots=True)
class Group:
    """The names of one kind that fit the filter, in order. Never empty."""

    kind: Kind
    names: tuple[Variable, ...]

    @property
    def title(self) -> str:
        """Its heading."""
        return TITLES[self.kind]


@dataclass(frozen=True, slots=True)
class Look:
    """What the user chose to see. `text` filters by name or type, letter case aside.

    `closed` are groups closed while nothing is filtered, `closed_in_filter` those closed since the filter changed: a
    filter opens every group, for what was searched for must be in sight.
    """

    text: str = ""
    closed: frozenset[Kind] = frozenset()
    closed_in_filter: frozenset[Kind] = frozenset()
    hidden: frozenset[Kind] = frozenset({"module"})

    def is_open(self, kind: Kind) -> bool:
        """Whether the names of a group are in sight."""
        return kind not in (self.closed_in_filter if self.text else self.closed)

    def with_open(self, kind: Kind, is_open: bool) -> Look:
        """The look with a group opened or closed."""
        closed = self.closed_in_filter if self.text else self.closed
        closed = closed - {kind} if is_open else closed | {kind}
        return replace(self, closed_in_filter=closed) if self.text else replace(self, closed=closed)


def groups_of(variables: Iterable[Variable], look: Look) -> tuple[Group, ...]:
    """Groups in the order of `GROUPS`, names in natural order (x2 before x10); groups without names are left out."""
    wanted = look.text.casefold()
    members: dict[Kind, list[Variable]] = {}
    for variable in variables:
        if variable.kind in look.hidden:
            continue
        if wanted and wanted not in variable.name.casefold() and wanted not in variable.type_name.casefold():
            continue
        members.setdefault(variable.kind, []).append(variable)
    return tuple(
        Group(kind, tuple(sorted(members[kind], key=lambda variable: natural_key(variable.name))))
        for kind, _title in GROUPS
        if kind in members
    )


def shape_text(shape: tuple[int, ...]) -> str:
    """`344 × 8`, thin spaces between thousands; empty for no shape."""
    return " × ".join(f"{extent:,}".replace(",", THIN_SPACE) for extent in shape)


def heading_text(group: Group) -> str:
    """`Values  12`."""
    return f"{group.title}  {len(group.names):,}".replace(",", THIN_SPACE)


def name_text(variable: Variable) -> str:
    """The name as it is drawn."""
    return with_unseen_shown(variable.name)


def value_text(variable: Variable) -> str:
    """The preview on one line; words where nothing was looked at."""
    if not variable.is_evaluated and not variable.preview:
        return "not evaluated"
    return with_unseen_shown(variable.preview)


def words_of(variable: Variable, *, is_fresh: bool) -> str:
    """The whole row for a screen reader."""
    parts = (
        name_text(variable),
        variable.type_name,
        shape_text(variable.shape),
        value_text(variable),
        "changed in the last run" if is_fresh else "",
    )
    return ", ".join(part for part in parts if part)


class VariablesModel:
    """Groups of the active session. UI thread.

    `changed` carries the names whose rows differ only in their content, or None when rows came, went or moved, or
    groups were opened or closed.
    """

    changed = Signal(object)
    session_changed = Signal()

    def __init__(self, active: ActiveSession) -> None:
        self._active = active
        self._session: Session | None = None
        self._look = Look()
        self._groups: tuple[Group, ...] = ()
        self._index: dict[str, tuple[int, int]] = {}
        active.changed.connect(self._follow)
        self._follow(active.session)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Groups with the names that fit the filter, from the top."""
        return self._groups

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
        return not self._groups and bool(self._look.text) and bool(self.names.variables)

    @property
    def hidden_module_count(self) -> int:
        """How many modules there are that are not listed."""
        if "module" not in self._look.hidden:
            return 0
        return sum(variable.kind == "module" for variable in self.names.variables.values())

    def place_of(self, name: str) -> tuple[int, int] | None:
        """Number of the group and of the row in it that show `name`."""
        return self._index.get(name)

    def variable(self, name: str) -> Variable | None:
        """The variable of that name, shown or not."""
        return self.names.variables.get(name)

    def is_fresh(self, name: str) -> bool:
        """Whether the last run added or changed `name`."""
        return name in self.names.fresh

    def filter(self, text: str) -> None:
        """Show only names and types that contain `text`."""
        self._show(replace(self._look, text=text.strip(), closed_in_filter=frozenset()))

    def set_open(self, kind: Kind, is_open: bool) -> None:
        """Open or close a group."""
        self._show(self._look.with_open(kind, is_open))

    def is_open(self, kind: Kind) -> bool:
        """Whether the names of a group are in sight."""
        return self._look.is_open(kind)

    def toggle_hidden(self, kind: Kind) -> None:
        """Hide a kind, or show it again."""
        self._show(replace(self._look, hidden=self._look.hidden ^ {kind}))

    def close(self) -> None:
        """Stop following sessions."""
        self._active.changed.disconnect(self._follow)
        self._unfollow()

    def _show(self, look: Look) -> None:
        if look == self._look:
            return
        is_same_list = look.text == self._look.text and look.hidden == self._look.hidden
        self._look = look
        if is_same_list:
            self.changed.emit(None)
        else:
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
        if change.added or change.removed or change.is_full or self._look.text or not self._take_in_place(change):
            self._rebuild()
        else:
            self.changed.emit(frozenset(variable.name for variable in change.changed))

    def _take_in_place(self, change: VariablesChange) -> bool:
        """Put changed names where they stand; False where one of them moves to another group."""
        places = {}
        for variable in change.changed:
            place = self._index.get(variable.name)
            if place is None:
                if variable.kind not in self._look.hidden:
                    return False
                continue
            if self._groups[place[0]].kind != variable.kind:
                return False
            places[place] = variable
        for at in {group for group, _row in places}:
            names = list(self._groups[at].names)
            for (group, row), variable in places.items():
                if group == at:
                    names[row] = variable
            changed = Group(self._groups[at].kind, tuple(names))
            self._groups = (*self._groups[:at], changed, *self._groups[at + 1 :])
        return True

    def _rebuild(self) -> None:
        self._groups = groups_of(self.names.variables.values(), self._look)
        self._index = {
            variable.name: (at, row)
            for at, group in enumerate(self._groups)
            for row, variable in enumerate(group.names)
        }
        self.changed.emit(None)
