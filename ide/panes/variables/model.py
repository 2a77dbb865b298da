"""What the Variables pane shows: the names of the active session, in groups, and what lies in the opened ones.

Owns filter, grouping, order and the words for a row. Does not own the names (`Session.names` does), the parts of values
(`tree.py`) nor their sizes (`sizes.py`), and knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from ide.core.events import Signal
from ide.core.record import dataclass, replace
from ide.core.runs import Run
from ide.core.text import natural_key, with_unseen_shown
from ide.core.variables import Kind, Names, Variable, VariablesChange
from ide.kernels.active import ActiveSession
from ide.kernels.session import Session
from ide.panes.variables.codes import Codes
from ide.panes.variables.findings import Findings, Sessions, sentences_of
from ide.panes.variables.sizes import Sizes
from ide.panes.variables.tree import Part, Tree

Sort = Literal["name", "type", "size", "changed"]
SORTS: Final[Mapping[Sort, str]] = {
    "name": "By name",
    "type": "By type",
    "size": "By size, largest first",
    "changed": "By last change, latest first",
}
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
    """The names of one kind that fit the filter, in order. Never empty.

    `rows` are the names and, below those that are opened, their parts; the same tuple where none is.
    """

    kind: Kind
    names: tuple[Variable, ...]
    rows: tuple[Variable, ...]

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
    sort: Sort = "name"

    def is_open(self, kind: Kind) -> bool:
        """Whether the names of a group are in sight."""
        return kind not in (self.closed_in_filter if self.text else self.closed)

    def with_open(self, kind: Kind, is_open: bool) -> Look:
        """The look with a group opened or closed."""
        closed = self.closed_in_filter if self.text else self.closed
        closed = closed - {kind} if is_open else closed | {kind}
        return replace(self, closed_in_filter=closed) if self.text else replace(self, closed=closed)


def _by_name(variable: Variable) -> Any:
    """Natural order: x2 before x10."""
    return natural_key(variable.name)


def groups_of(
    variables: Iterable[Variable], look: Look, order: Callable[[Variable], Any] = _by_name
) -> tuple[Group, ...]:
    """Groups in the order of `GROUPS`, names in `order`; groups without names are left out."""
    wanted = look.text.casefold()
    members: dict[Kind, list[Variable]] = {}
    for variable in variables:
        if variable.kind in look.hidden:
            continue
        if wanted and wanted not in variable.name.casefold() and wanted not in variable.type_name.casefold():
            continue
        members.setdefault(variable.kind, []).append(variable)
    ordered = ((kind, tuple(sorted(members[kind], key=order))) for kind, _title in GROUPS if kind in members)
    return tuple(Group(kind, names, names) for kind, names in ordered)


def shape_text(shape: tuple[int, ...]) -> str:
    """`344 × 8`, thin spaces between thousands; empty for no shape."""
    return " × ".join(f"{extent:,}".replace(",", THIN_SPACE) for extent in shape)


def size_text(size_bytes: int | None) -> str:
    """`1.2 MB` in powers of a thousand; empty where it is not known."""
    if size_bytes is None:
        return ""
    size, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    digits = 1 if unit != "B" and size < 9.95 else 0
    return f"{size:.{digits}f} {unit}"


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


def words_of(variable: Variable, *, is_fresh: bool, label: str = "") -> str:
    """The whole row for a screen reader; a part of a value has a `label` in place of a name."""
    parts = (
        with_unseen_shown(label) or name_text(variable),
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
    code_changed = Signal()
    """How a script names the selected value, or what can be drawn of it."""

    def __init__(self, active: ActiveSession, sessions: Sessions | None = None) -> None:
        self._active = active
        self._session: Session | None = None
        self._look = Look()
        self._groups: tuple[Group, ...] = ()
        self._index: dict[str, tuple[int, int]] = {}
        self._changed_at: dict[str, int] = {}
        self._changes = 0
        self.tree = Tree(self._on_tree_changed)
        self.sizes = Sizes(self._on_sizes)
        self.findings = Findings(self._on_findings, sessions)
        self.codes = Codes(self.code_changed.emit)
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

    def row(self, key: str) -> Variable | None:
        """What a row shows, be it a name or a part."""
        part = self.tree.part(key)
        return part.value if part is not None else self.variable(key)

    def part(self, key: str) -> Part | None:
        """The part of that key; None for a name."""
        return self.tree.part(key)

    def size_of(self, variable: Variable) -> int | None:
        """What a value takes, where it is known by now."""
        return variable.size_bytes if variable.size_bytes is not None else self.sizes.known(variable.name)

    def ask_sizes(self, names: Iterable[str]) -> None:
        """Ask for the sizes of these names, as far as they are not known, once the kernel is idle."""
        known = (self.variable(name) for name in names)
        self.sizes.want([each.name for each in known if each is not None and each.size_bytes is None])

    def found_of(self, name: str) -> str:
        """What was found of a frame, in plain words; empty for nothing."""
        return sentences_of(self.findings.of(name))

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

    def sort(self, sort: Sort) -> None:
        """Put the names of each group into another order."""
        self._show(replace(self._look, sort=sort))

    def close(self) -> None:
        """Stop following sessions."""
        self._active.changed.disconnect(self._follow)
        self.findings.close()
        self.codes.use(None)
        self._unfollow()

    def _show(self, look: Look) -> None:
        if look == self._look:
            return
        before = self._look
        is_same_list = look == replace(before, closed=look.closed, closed_in_filter=look.closed_in_filter)
        self._look = look
        if is_same_list:
            self.changed.emit(None)
        else:
            self._rebuild()

    def _unfollow(self) -> None:
        if self._session is not None:
            self._session.names_changed.disconnect(self._on_names_changed)
            self._session.state_changed.disconnect(self._on_state_changed)
            self._session.run_changed.disconnect(self._on_run_changed)
            self._session = None

    def _follow(self, session: Session | None) -> None:
        self._unfollow()
        self._session = session
        self._changed_at.clear()
        self.tree.use(session)
        self.sizes.use(session)
        self.codes.use(session)
        self.findings.use(session)
        if session is not None:
            session.names_changed.connect(self._on_names_changed)
            session.state_changed.connect(self._on_state_changed)
            session.run_changed.connect(self._on_run_changed)
        self._rebuild()
        self.session_changed.emit()

    def _on_state_changed(self) -> None:
        self.tree.look()
        self.sizes.look()
        self.codes.look()

    def _on_run_changed(self, run: Run) -> None:
        if run.status.is_final and self.tree.roots:
            self.tree.refresh()

    def _on_names_changed(self, change: VariablesChange) -> None:
        self._note_change(change)
        self.codes.refresh()
        if (
            change.added
            or change.removed
            or change.is_full
            or self._look.text
            or self._look.sort != "name"
            or not self._take_in_place(change)
        ):
            self._rebuild()
        else:
            self.changed.emit(frozenset(variable.name for variable in change.changed))
        if self.tree.roots:
            self.tree.refresh()

    def _note_change(self, change: VariablesChange) -> None:
        if change.is_full:
            self._changed_at = {name: at for name, at in self._changed_at.items() if name in self.names.variables}
            self.sizes.forget_all()
            self.tree.forget(self.tree.roots - self.names.variables.keys())
            return
        self._changes += 1
        touched = [variable.name for variable in (*change.added, *change.changed)]
        self._changed_at.update((name, self._changes) for name in touched)
        self.sizes.forget((*touched, *change.removed))
        self.tree.forget(change.removed)

    def _on_tree_changed(self) -> None:
        self._lay_out()
        self.changed.emit(None)

    def _on_findings(self, names: frozenset[str]) -> None:
        self.changed.emit(names)

    def _on_sizes(self, names: frozenset[str]) -> None:
        if self._look.sort == "size":
            self._rebuild()
        else:
            self.changed.emit(names)

    def _order(self) -> Callable[[Variable], Any]:
        sort = self._look.sort
        if sort == "type":
            return lambda variable: (variable.type_name.casefold(), natural_key(variable.name))
        if sort == "size":
            return lambda variable: (-(self.size_of(variable) or -1), natural_key(variable.name))
        if sort == "changed":
            return lambda variable: (-self._changed_at.get(variable.name, 0), natural_key(variable.name))
        return _by_name

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
            before = self._groups[at]
            rows = list(before.rows)
            for (group, row), variable in places.items():
                if group == at:
                    rows[row] = variable
            shown = tuple(rows)
            names = shown if before.rows is before.names else tuple(row for row in rows if not self.part(row.name))
            self._groups = (*self._groups[:at], Group(before.kind, names, shown), *self._groups[at + 1 :])
        return True

    def _rebuild(self) -> None:
        self._groups = groups_of(self.names.variables.values(), self._look, self._order())
        if self._look.sort == "size":
            self.ask_sizes(variable.name for group in self._groups for variable in group.names)
        self._lay_out()
        self.changed.emit(None)

    def _lay_out(self) -> None:
        """Put the parts of what is opened below their names."""
        opened = self.tree.roots
        self._groups = tuple(replace(group, rows=self._rows_of(group, opened)) for group in self._groups)
        self._index = {
            variable.name: (at, row) for at, group in enumerate(self._groups) for row, variable in enumerate(group.rows)
        }

    def _rows_of(self, group: Group, opened: frozenset[str]) -> tuple[Variable, ...]:
        if not any(variable.name in opened for variable in group.names):
            return group.names
        rows: list[Variable] = []
        for variable in group.names:
            rows.append(variable)
            if variable.name in opened:
                rows.extend(self.tree.rows_below(variable.name))
        return tuple(rows)
