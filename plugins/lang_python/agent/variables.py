"""The names of the user's namespace and how they change. Owns what was last told to the window.

After each run every name is looked at for less than a microsecond: constants are held and compared by identity, other
values by a cheap fingerprint. Only names that changed are described. Containers change in place without a trace in
their fingerprint; so names that the cell mentions are described again and compared, and others in turn as far as a
small budget of time goes.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Iterator

from fourpane_plugins.lang_python.agent import look

NAMES_CAP = 10_000
FULL_BUDGET_S = 0.15
RUN_BUDGET_S = 0.05
TURN_BUDGET_S = 0.001
_OUTPUT_NAME = re.compile(r"_(?:i{0,3}|_{1,2}|i?\d+|[iod]h|exit_code|dh|oh)?$")
_WORD = re.compile(r"[^\W\d]\w*")
_NEVER = object()
_WORDS_CAP = 100_000


class Watch:
    """Follows the namespace of one shell; names that the shell put there itself are left out."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.known: dict[str, tuple[Any, int, Any]] = {}
        self.told: dict[str, look.Entry] = {}
        self.turn = 0

    def names(self) -> Iterator[str]:
        """The user's names, in the order in which they were made."""
        hidden = self.shell.user_ns_hidden
        for name, value in list(self.shell.user_ns.items()):
            if type(name) is str and not (name in hidden and hidden[name] is value) and not is_shells_own(name):
                yield name

    def full(self) -> dict[str, Any]:
        """Everything, as a difference that starts anew."""
        self.known.clear()
        self.told.clear()
        return dict(self.difference("", FULL_BUDGET_S), is_full=True)

    def difference(self, code: str, budget_s: float = RUN_BUDGET_S) -> dict[str, Any]:
        """What changed since the last call, where `code` has just run."""
        budget = look.Budget(budget_s)
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        present, fresh = self._compare()
        removed = [name for name in list(self.known) if name not in present]
        for name in removed:
            del self.known[name]
            self.told.pop(name, None)
        for name, value in fresh:
            is_new = name not in self.told
            if is_new and len(self.told) >= NAMES_CAP:
                continue
            entry = look.describe(value, budget) if not budget.is_spent() else unlooked(value)
            self.told[name] = entry
            (added if is_new else changed).append(as_json(name, entry))
        fresh_names = {name for name, _ in fresh}
        mentioned = self._mentioned(code, fresh_names)
        changed.extend(self._changed_inside(mentioned, budget))
        changed.extend(
            self._changed_inside(self._next_in_turn(fresh_names.union(mentioned)), look.Budget(TURN_BUDGET_S))
        )
        return {"added": added, "changed": changed, "removed": removed, "is_full": False, "total": len(present)}

    def _compare(self) -> tuple[set[str], list[tuple[str, Any]]]:
        """All names, and those whose value is another one than last time."""
        known, hidden = self.known, self.shell.user_ns_hidden
        present: set[str] = set()
        fresh: list[tuple[str, Any]] = []
        for name, value in list(self.shell.user_ns.items()):
            if type(name) is not str:
                continue
            before = known.get(name)
            if before is not None and before[0] is value:  # a constant that we hold: it is the same one
                present.add(name)
                continue
            if before is not None and before[1] == id(value) and before[2] == fingerprint(value):
                present.add(name)
                continue
            if (name in hidden and hidden[name] is value) or is_shells_own(name):
                continue
            present.add(name)
            known[name] = (value if look.is_plain(value) else _NEVER, id(value), fingerprint(value))
            fresh.append((name, value))
        return present, fresh

    def _mentioned(self, code: str, fresh: set[str]) -> list[str]:
        """Names in the code whose values may have changed inside."""
        words = set(_WORD.findall(code[:_WORDS_CAP]))
        return [w for w in words if w in self.told and w not in fresh and self.known[w][0] is _NEVER]

    def _next_in_turn(self, seen: set[str]) -> list[str]:
        """Some more names, others each time: a function may have changed what the code does not mention."""
        names = list(islice(self.known, self.turn, self.turn + 200))
        self.turn = self.turn + len(names) if names else 0
        return [n for n in names if self.known[n][0] is _NEVER and n not in seen and n in self.told]

    def _changed_inside(self, names: list[str], budget: look.Budget) -> Iterator[dict[str, Any]]:
        namespace = self.shell.user_ns
        for name in names:
            if budget.is_spent():
                return
            value = namespace.get(name, _NEVER)
            entry = self.told[name] if value is _NEVER else look.describe(value, budget)
            if entry != self.told[name] and not budget.is_spent():
                self.told[name] = entry
                yield as_json(name, entry)


def is_shells_own(name: str) -> bool:
    """`_`, `_1`, `_i2`, `__name__` and their kin, which IPython and Python make themselves."""
    if name[0:1] != "_":
        return False
    return bool(_OUTPUT_NAME.match(name)) or (name.startswith("__") and name.endswith("__"))


def fingerprint(value: Any) -> Any:
    """Something small that differs when a value of a well-known type has been changed in size, or an array's data
    have been put elsewhere. Equal fingerprints prove nothing; they only save looking."""
    cls = type(value)
    if cls is list or cls is dict or cls is set or cls is bytearray:
        return id(cls), len(value)
    if cls is tuple or cls is str or cls is int or cls is float:
        return id(cls)
    known = look.known_type(value)
    if known is None:
        return id(cls)
    try:
        return id(cls), _library_fingerprint(value, known.__name__)
    except Exception:  # noqa: BLE001 - a library's object in a state that we do not know
        return id(cls)


def _library_fingerprint(value: Any, kind: str) -> Any:
    if kind == "_ndarray":
        return value.shape, id(value.dtype)
    if kind in ("_pandas_frame", "_pandas_series"):
        manager = object.__getattribute__(value, "__dict__").get("_mgr")
        blocks = manager.blocks
        parts = tuple(id(block.values) for block in blocks) if len(blocks) <= 64 else len(blocks)
        return id(manager), parts, tuple(id(axis) for axis in manager.axes)
    if kind == "_polars_frame":
        return object.__getattribute__(value, "_df").shape()
    return None


def unlooked(value: Any) -> look.Entry:
    """An entry for a value when the budget is spent: its type by name."""
    kind = look.kind_of(value)
    return (
        kind if kind in ("function", "module") else "other",
        look.type_name(type(value)),
        (),
        "",
        False,
        False,
    )


def sound(text: str) -> str:
    """A text that can travel: halves of surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def as_json(name: str, entry: look.Entry) -> dict[str, Any]:
    """One entry as the contract has it; what equals the contract's default is left out."""
    message: dict[str, Any] = {"name": name, "type_name": entry[1], "kind": entry[0]}
    if entry[2]:
        message["shape"] = list(entry[2])
    if entry[3]:
        message["preview"] = sound(entry[3])
    if entry[4]:
        message["has_children"] = True
    if not entry[5]:
        message["is_evaluated"] = False
    return message
