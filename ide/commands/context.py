"""The state that decides which commands can run: named values that panes keep up to date.

Owns the values and their declarations; the grammar of conditions is `when.py`.
"""

from __future__ import annotations

from ide.commands import when
from ide.commands.when import Value, When
from ide.core.events import Signal
from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One declared value. `meaning` completes "needs ..." ("an open document"), `source` says who sets it."""

    name: str
    default: Value
    meaning: str
    source: str = ""


class Context:
    """Used on the UI thread. A key is declared by whoever sets it; a key not declared yet counts as empty."""

    changed = Signal(str)
    """Name of a key that has another value now."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._values: dict[str, Value] = {}
        self._parsed: dict[str, When] = {}

    def declare(self, name: str, default: Value, meaning: str, source: str = "") -> None:
        """Make a key known. Declaring it again with the same words changes nothing; other words are a mistake."""
        key = Key(name, default, meaning, source)
        known = self._keys.setdefault(name, key)
        if known != key:
            raise ValueError(f"context key {name!r} is declared twice: {known} and {key}")
        self._values.setdefault(name, default)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every declared key, by name."""
        return tuple(self._keys[name] for name in sorted(self._keys))

    def set(self, name: str, value: Value) -> None:
        """Change a declared key; raises KeyError for another."""
        if name not in self._keys:
            raise KeyError(f"context key {name!r} is not declared")
        if self._values[name] != value:
            self._values[name] = value
            self.changed.emit(name)

    def get(self, name: str) -> Value:
        """The present value; None for a key that nobody declared."""
        return self._values.get(name)

    def matches(self, expression: str) -> bool:
        """Whether the condition holds now; empty is true. Raises WhenError for one that cannot be read."""
        return self.parsed(expression).holds(self.get)

    def parsed(self, expression: str) -> When:
        """The condition of `expression`, read once. Raises WhenError."""
        if expression not in self._parsed:
            self._parsed[expression] = when.parse(expression)
        return self._parsed[expression]

    def reason(self, expression: str) -> str:
        """In words why the condition does not hold ("needs an open document"); empty where it holds."""
        return self._reason(self.parsed(expression))

    def _reason(self, part: When) -> str:
        if part.holds(self.get):
            return ""
        if isinstance(part, when.All):
            return next(filter(None, map(self._reason, part.parts)))
        if isinstance(part, when.Some):
            return " or ".join(dict.fromkeys(map(self._reason, part.parts)))
        if isinstance(part, when.Not):
            inner = part.part
            return f"not with {self._meaning(inner.key)}" if isinstance(inner, when.Fact) else "not now"
        if part.operator == "==":
            return f"needs {self._meaning(part.key)}: {part.value}"
        return f"needs {self._meaning(part.key)}" if not part.operator else f"not with {self._meaning(part.key)}"

    def _meaning(self, name: str) -> str:
        return self._keys[name].meaning if name in self._keys else name
