"""The names of a session and how a list of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ide.core.record import dataclass, field

Kind = Literal["data", "value", "function", "module", "other"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name as the agent saw it after a run.

    `shape` has one number per dimension, empty where the type has none. `preview` is at most 200 characters.
    `size_bytes` is None until asked for: sizes are computed lazily. `language_type` is the type's own name in its
    language ("DataFrame", "tbl_df"). `is_evaluated` is False where the agent's budget ran out or looking could run
    the user's code.
    """

    name: str
    type_name: str
    kind: Kind = "other"
    shape: tuple[int, ...] = ()
    preview: str = ""
    size_bytes: int | None = None
    has_children: bool = False
    is_evaluated: bool = True


@dataclass(frozen=True, slots=True)
class VariablesChange:
    """What a run changed. With `is_full` the list starts anew. `total` counts all names, also those past the cap."""

    added: tuple[Variable, ...] = ()
    changed: tuple[Variable, ...] = ()
    removed: tuple[str, ...] = ()
    is_full: bool = False
    total: int = 0

    def apply(self, names: Mapping[str, Variable]) -> dict[str, Variable]:
        """The names after this change."""
        after = {} if self.is_full else dict(names)
        for name in self.removed:
            after.pop(name, None)
        for variable in (*self.added, *self.changed):
            after[variable.name] = variable
        return after


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a session and which of them the last run, or what the user did to them since, added or changed."""

    variables: Mapping[str, Variable] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    total: int = 0

    def after(self, change: VariablesChange, *, is_new_run: bool = True) -> Names:
        """The names after one change. Without a new run what was marked stays marked."""
        variables = change.apply(self.variables)
        touched = frozenset() if change.is_full else frozenset(v.name for v in (*change.added, *change.changed))
        kept = frozenset() if is_new_run else self.fresh & variables.keys()
        return Names(variables, touched | kept, change.total)
