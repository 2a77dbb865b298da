"""Conditions such as `editor.has_document and not session.is_busy`: when a command can run.

    condition  = term {"or" term}
    term       = factor {"and" factor}
    factor     = ["not"] (comparison | "(" condition ")")
    comparison = key [("==" | "!=") ("text" | number | true | false)]

Own grammar and own parser: nothing is ever evaluated as Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from ide.core.record import dataclass

Value = bool | int | float | str | None
Get = Callable[[str], Value]

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>==|!=|\(|\))|(?P<text>"[^"]*"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*))"""
)
_DEPTH_LIMIT = 50


class WhenError(ValueError):
    """A condition that cannot be read; a mistake of whoever wrote the command."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One key looked at: is it true, or (with an operator) is it this value."""

    key: str
    operator: Literal["", "==", "!="] = ""
    value: Value = None

    def holds(self, get: Get) -> bool:
        found = get(self.key)
        if self.operator == "==":
            return found == self.value
        if self.operator == "!=":
            return found != self.value
        return bool(found)


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is not."""

    part: When

    def holds(self, get: Get) -> bool:
        return not self.part.holds(get)


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    parts: tuple[When, ...]

    def holds(self, get: Get) -> bool:
        return all(part.holds(get) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """True where some part is."""

    parts: tuple[When, ...]

    def holds(self, get: Get) -> bool:
        return any(part.holds(get) for part in self.parts)


When = Fact | Not | All | Some
ALWAYS: When = All(())


def parse(text: str) -> When:
    """The condition of `text`, true for empty text. Raises WhenError."""
    tokens = _tokens(text)
    if not tokens:
        return ALWAYS
    parser = _Parser(text, tokens)
    found = parser.condition(0)
    parser.expect_end()
    return found


def keys(when: When) -> frozenset[str]:
    """Every context key that the condition looks at."""
    if isinstance(when, Fact):
        return frozenset({when.key})
    parts = (when.part,) if isinstance(when, Not) else when.parts
    return frozenset().union(*(keys(part) for part in parts))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise WhenError(f"{text!r}: cannot read {text[place:].strip()!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, tokens: list[tuple[str, str]]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    def condition(self, depth: int) -> When:
        if depth > _DEPTH_LIMIT:
            raise WhenError("nested too deeply")
        parts = [self.term(depth)]
        while self.take("word", "or"):
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def term(self, depth: int) -> When:
        parts = [self.factor(depth)]
        while self.take("word", "and"):
            parts.append(self.factor(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def factor(self, depth: int) -> When:
        if depth > _DEPTH_LIMIT:
            raise WhenError("nested too deeply")
        if self.take("word", "not"):
            return Not(self.factor(depth + 1))
        if self.take("mark", "("):
            inner = self.condition(depth + 1)
            if not self.take("mark", ")"):
                raise self.error("a closing bracket is missing")
            return inner
        return self.comparison()

    def comparison(self) -> Fact:
        kind, key = self.next()
        if kind != "word" or key in ("and", "or", "not", "true", "false"):
            raise self.error(f"a key was expected in place of {key!r}")
        if self.take("mark", "=="):
            return Fact(key, "==", self.value())
        if self.take("mark", "!="):
            return Fact(key, "!=", self.value())
        return Fact(key)

    def value(self) -> Value:
        kind, text = self.next()
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text) if "." in text else int(text)
        if text in ("true", "false"):
            return text == "true"
        raise self.error(f"a value was expected in place of {text!r}; text stands in quotes")

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise self.error("it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, kind: str, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == (kind, text):
            self.at += 1
            return True
        return False

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            raise self.error(f"{self.tokens[self.at][1]!r} is one too many")

    def error(self, what: str) -> WhenError:
        return WhenError(f"{self.text!r}: {what}")
