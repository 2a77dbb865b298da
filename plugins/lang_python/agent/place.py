"""What stands around the caret: open brackets and strings, the call that it is in, the chain of names before it.

Works on text alone and knows no values. Text may be broken: it is being typed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TEXT_CAP = 20_000
NAME = r"[^\W\d]\w*"
_STEP = rf"\s*\.\s*{NAME}|\[\s*(?:\"[^\"\n]*\"|'[^'\n]*'|-?\d+)\s*\]"
CHAIN_AT_END = re.compile(rf"(?<![\w.\"')\]])({NAME}(?:{_STEP})*)\s*$")
NAME_AT_END = re.compile(rf"(?<![\w]){NAME}$")
STEPS = re.compile(rf"\.\s*({NAME})|\[\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|(-?\d+))\s*\]")
_TOKEN = re.compile(r"#[^\n]*|([A-Za-z]{0,3})(\"\"\"|'''|\"|')|[()\[\]{},\n]")
_CLOSES = {")": "(", "]": "[", "}": "{"}


class Bracket(NamedTuple):
    """An open bracket, its place in the text, and the commas directly in it so far, with their places."""

    kind: str
    at: int
    commas: tuple[int, ...]


class Place(NamedTuple):
    """The state at the end of `text`: open brackets, the open string (its quote, where its content begins, its
    prefix), whether it is a comment, and where the statement begins."""

    text: str
    brackets: tuple[Bracket, ...]
    quote: str
    content: int
    prefix: str
    in_comment: bool
    statement: int

    @property
    def inner(self) -> Bracket | None:
        """The innermost open bracket."""
        return self.brackets[-1] if self.brackets else None

    def string_start(self) -> int:
        """Where the open string begins, its prefix included."""
        return self.content - len(self.quote) - len(self.prefix)


def place_at(code: str, offset: int) -> Place:
    """The place at `offset` of `code`. Inside the braces of an f-string it is the place in that expression."""
    text = code[:offset]
    if len(text) > TEXT_CAP:
        cut = text.find("\n", len(text) - TEXT_CAP)
        text = text[cut + 1 :] if cut >= 0 else text[-TEXT_CAP:]
    place = _scan(text)
    if place.quote and "f" in place.prefix.lower():
        inside = text[place.content :]
        brace = inside.rfind("{")
        if brace >= 0 and "}" not in inside[brace:] and not inside[:brace].endswith("{"):
            return _scan(inside[brace + 1 :])
    return place


def _scan(text: str) -> Place:
    brackets: list[Bracket] = []
    statement = position = 0
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return Place(text, tuple(brackets), "", 0, "", False, statement)
        token, position = match.group(), match.end()
        if match.group(2):
            end = _string_end(text, position, match.group(2), match.group(1))
            if end < 0:
                return Place(text, tuple(brackets), match.group(2), position, match.group(1), False, statement)
            position = end
        elif token[0] == "#":
            if position == len(text):
                return Place(text, tuple(brackets), "", 0, "", True, statement)
        elif token in "([{":
            brackets.append(Bracket(token, match.start(), ()))
        elif token in _CLOSES:
            if brackets and brackets[-1].kind == _CLOSES[token]:
                brackets.pop()
        elif token == "," and brackets:
            brackets[-1] = brackets[-1]._replace(commas=(*brackets[-1].commas, match.start()))
        elif token == "\n" and not brackets:
            statement = position


def _string_end(text: str, position: int, quote: str, prefix: str) -> int:
    """Behind the closing quote; at the end of its line for a string that is not closed there; -1 where it is open."""
    for match in re.compile(r"\\.|" + quote + ("" if len(quote) == 3 else r"|\n"), re.DOTALL).finditer(text, position):
        if match.group() == "\n":
            return match.start()
        if match.group() == quote:
            return match.end()
    return -1


def chain_before(text: str) -> str:
    """The chain of names, attributes and constant keys that `text` ends with, or ""."""
    match = CHAIN_AT_END.search(text[-400:])
    return match.group(1) if match else ""
