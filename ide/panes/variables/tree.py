"""What lies inside the values that the user has opened in the list, as far as the kernel was asked for it.

Owns which values are open, their parts and what is under way. The kernel is asked only while it is idle, so that
nothing of ours waits behind the user's code. Tokens of paths are the agent's own; nothing is read out of them. Knows no
widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Final, Literal

from ide.core.errors import ContractError
from ide.core.ports import Cancel
from ide.core.record import dataclass, field
from ide.core.variables import Kind, Variable
from ide.kernels.contract import VariableChild, VariableChildren
from ide.kernels.records import Answer
from ide.kernels.session import Session

logger = logging.getLogger(__name__)

Path = tuple[str, ...]
"""A name, then the tokens of parts."""
PAGE: Final = 100
MOST_AT_ONCE: Final = 1_000
LIMIT_S: Final = 20.0
SEPARATOR: Final = "\0"
"""Between the parts of a row's key. No name and no token begins with it."""
THIN_SPACE: Final = "\u2009"


def key_of(path: Path) -> str:
    """How the rows know a value: a name is its own key."""
    return SEPARATOR.join(path)


@dataclass(frozen=True, slots=True)
class Part:
    """A row below a value: one of its parts, or a line about them. `value.name` is the row's key.

    `more` lines ask for further parts when they are chosen, `note` lines only say something.
    """

    path: Path
    label: str
    value: Variable
    role: Literal["part", "more", "note"] = "part"

    @property
    def depth(self) -> int:
        """How many values it lies in."""
        return len(self.path) - 1


@dataclass(slots=True)
class _Node:
    """One open value. `wanted` is how many parts are to be shown. While its list `is_anew`, `coming` are the parts of
    the new one so far.
    """

    path: Path
    parts: list[Part] = field(default_factory=list)
    total: int = 0
    wanted: int = PAGE
    coming: list[Part] = field(default_factory=list)
    is_due: bool = True
    is_anew: bool = True
    is_known: bool = False
    problem: str = ""
    cancel: Cancel | None = None


class Tree:
    """UI thread. `changed` is called whenever rows below some value are others."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._session: Session | None = None
        self._nodes: dict[Path, _Node] = {}
        self._parts: dict[str, Part] = {}

    def use(self, session: Session | None) -> None:
        """Follow another session: nothing is open in it yet."""
        for node in self._nodes.values():
            self._stop(node)
        self._session = session
        self._nodes.clear()
        self._parts.clear()

    @property
    def roots(self) -> frozenset[str]:
        """Names of which something is open."""
        return frozenset(path[0] for path in self._nodes)

    @property
    def is_asking(self) -> bool:
        """Whether anything is under way or waits for the kernel."""
        return any(node.is_due or node.cancel is not None for node in self._nodes.values())

    def part(self, key: str) -> Part | None:
        """The row of that key; None for a name and for what is not shown."""
        return self._parts.get(key)

    def path_of(self, key: str) -> Path:
        """The path that the kernel is asked with."""
        part = self._parts.get(key)
        return part.path if part is not None else (key,)

    def is_open(self, key: str) -> bool:
        """Whether the parts of a value are shown."""
        return self.path_of(key) in self._nodes

    def open(self, key: str) -> None:
        """Show the parts of a value, once they are there."""
        path = self.path_of(key)
        if path not in self._nodes:
            self._nodes[path] = _Node(path)
            self.look()
            self._tell()

    def close(self, key: str) -> None:
        """Show the parts no more, nor those of what lies in them."""
        self._drop(self.path_of(key))
        self._tell()

    def more(self, key: str) -> None:
        """Ask for the next parts of the value that a `more` line belongs to; while they come, stop that."""
        node = self._nodes.get(self.path_of(key))
        if node is None:
            return
        if node.is_due or node.cancel is not None:
            self._stop(node)
        else:
            node.wanted = len(node.parts) + PAGE
            node.is_due = True
            self.look()
        self._tell()

    def stop(self) -> bool:
        """Give up what is under way, and whether anything was."""
        busy = [node for node in self._nodes.values() if node.is_due or node.cancel is not None]
        for node in busy:
            self._stop(node)
            if node.is_known:
                node.is_anew = False
            else:
                self._nodes.pop(node.path, None)
        if busy:
            self._tell()
        return bool(busy)

    def forget(self, names: Collection[str]) -> None:
        """These names are gone."""
        for name in names:
            self._drop((name,))

    def refresh(self) -> None:
        """A run has ended: what is open may hold other parts. The old ones are shown until the new ones are there."""
        for node in self._nodes.values():
            self._stop(node)
            node.coming, node.is_due, node.is_anew = [], True, True
        self.look()

    def look(self) -> None:
        """Ask for what is due, if the kernel is idle."""
        session = self._session
        if session is None or session.state != "idle":
            return
        for node in list(self._nodes.values()):
            if node.is_due and node.cancel is None:
                self._ask(session, node)

    def rows_below(self, name: str) -> list[Variable]:
        """All rows below a name, from the top."""
        rows: list[Variable] = []
        self._collect((name,), rows)
        return rows

    def _collect(self, path: Path, rows: list[Variable]) -> None:
        node = self._nodes.get(path)
        if node is None:
            return
        for part in node.parts:
            rows.append(part.value)
            self._collect(part.path, rows)
        line = self._line(node)
        if line is not None:
            self._parts[line.value.name] = line
            rows.append(line.value)

    def _line(self, node: _Node) -> Part | None:
        """The line below the parts of a value."""
        is_busy = node.is_due or node.cancel is not None
        role: Literal["more", "note"] = "note"
        if node.problem:
            text = node.problem
        elif is_busy and not (node.is_known and node.is_anew):
            is_waiting = self._session is not None and self._session.state != "idle"
            text = "Waits until the session is idle" if is_waiting else "Loading…"
            role = "more" if node.is_known else "note"
        elif node.total < 0 or node.total > len(node.parts):
            of = f" (of {node.total:,})".replace(",", THIN_SPACE) if node.total >= 0 else ""
            count = PAGE if node.total < 0 else min(PAGE, node.total - len(node.parts))
            text, role = f"Show {count} more{of}", "more"
        elif not node.parts and node.is_known:
            text = "Empty"
        else:
            return None
        key = key_of((*node.path, SEPARATOR + "line"))
        return Part((*node.path, ""), text, Variable(key, "", "other"), role)

    def _ask(self, session: Session, node: _Node) -> None:
        """Parts from the first one that is missing. A list that is read anew comes in as many steps as it takes."""
        first = len(node.coming if node.is_anew else node.parts)
        limit = min(MOST_AT_ONCE, max(1, node.wanted - first))
        node.is_due = False
        is_answered: list[bool] = []

        def answered(answer: Answer) -> None:
            is_answered.append(True)
            self._on_children(node, limit, answer)

        params = {"path": list(node.path), "first": first, "limit": limit}
        cancel = session.ask("variables.children", params, answered, LIMIT_S)
        if not is_answered:
            node.cancel = cancel

    def _on_children(self, node: _Node, limit: int, answer: Answer) -> None:
        node.cancel = None
        if self._nodes.get(node.path) is not node:
            return
        try:
            children = VariableChildren.from_json(answer.result) if answer.result is not None else None
        except ContractError as error:
            logger.info("parts of a value were refused: %s", error.text)
            children = None
        if children is None:
            self._on_refused(node, answer)
        else:
            self._take(node, limit, children)
        self.look()
        self._tell()

    def _on_refused(self, node: _Node, answer: Answer) -> None:
        if answer.code == "not_possible" and node.is_known:
            self._drop(node.path)  # it is another value by now
        elif answer.code == "not_possible":
            node.problem = answer.error
        else:
            node.problem = "" if node.is_known else "The kernel did not answer. Close and open it to try again."
        node.coming = []

    def _take(self, node: _Node, limit: int, children: VariableChildren) -> None:
        parts = [_part(node.path, child) for child in children.children]
        whole = [*(node.coming if node.is_anew else node.parts), *parts]
        node.total, node.problem = children.total, ""
        if node.total < 0 and len(parts) < limit:
            node.total = len(whole)
        wanted = node.wanted if node.total < 0 else min(node.wanted, node.total)
        if node.is_anew and parts and len(whole) < wanted:
            node.coming, node.is_due = whole, True
            return
        node.parts, node.coming, node.is_known, node.is_anew = whole, [], True, False
        node.wanted = max(PAGE, len(whole))
        below = {part.path for part in whole}
        for path in [path for path in self._nodes if path[:-1] == node.path and path not in below]:
            self._drop(path)
        self._parts.update((part.value.name, part) for part in whole)

    def _drop(self, path: Path) -> None:
        for inner in [other for other in self._nodes if other[: len(path)] == path]:
            self._stop(self._nodes.pop(inner))

    @staticmethod
    def _stop(node: _Node) -> None:
        node.is_due, node.coming = False, []
        if node.cancel is not None:
            cancel, node.cancel = node.cancel, None
            cancel()

    def _tell(self) -> None:
        if len(self._parts) > 4 * MOST_AT_ONCE:
            shown = {part.value.name for node in self._nodes.values() for part in node.parts}
            self._parts = {key: part for key, part in self._parts.items() if key in shown}
        self._changed()


_KINDS: Final[dict[str, Kind]] = {
    "data": "data",
    "value": "value",
    "function": "function",
    "module": "module",
    "other": "other",
}


def _part(parent: Path, child: VariableChild) -> Part:
    path = (*parent, child.token)
    entry = child.entry
    value = Variable(
        key_of(path),
        entry.type_name,
        _KINDS[entry.kind],
        entry.shape,
        entry.preview,
        entry.size_bytes,
        entry.has_children,
        entry.is_evaluated,
    )
    return Part(path, child.label, value)
