"""Colours of one line of code, given the state that the line before ended in. Pure: no Qt, no threads.

Pygments lexers read whole texts; an editor needs one line at a time, thousands of lines in. So the tables of a
Pygments lexer are walked here with a state that can be kept, and constructs that such lexers take in one regular
expression over several lines (R's strings, C's comments) are followed by ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from ide.core.record import dataclass

LONGEST_LINE = 5_000
"""Characters. A longer line is not coloured, and is taken to leave the state as it was."""

Span = tuple[int, int, str]
"""First code point, length, role."""
State = Hashable


class LineLexer(Protocol):
    """Colours line by line."""

    start: State
    """State before the first line."""

    def line(self, text: str, state: State) -> tuple[list[Span], State]:
        """What is coloured in `text` (no line end in it), and the state after it."""


@dataclass(frozen=True, slots=True)
class Construct:
    """Something that may go over several lines: `closes` makes the pattern of its end from the match of its start."""

    opens: re.Pattern[str]
    closes: Callable[[re.Match[str]], str]
    role: str


def _unescaped(quote: str) -> str:
    return rf"(?:[^{quote}\\]|\\.|\\$)*{quote}"


def _raw_end(match: re.Match[str]) -> str:
    bracket = {"(": ")", "[": "]", "{": "}"}[match[3]]
    return r"[\s\S]*?" + re.escape(bracket + match[2] + match[1])


_C_COMMENT = Construct(re.compile(r"/\*"), lambda _match: r"[\s\S]*?\*/", "comment")
_TEMPLATE = Construct(re.compile("`"), lambda _match: _unescaped("`"), "string")
_MARKUP_COMMENT = Construct(re.compile("<!--"), lambda _match: r"[\s\S]*?-->", "comment")

CONSTRUCTS: Mapping[str, tuple[Construct, ...]] = {
    "S": (
        Construct(re.compile(r"[rR](['\"])(-*)([(\[{])"), _raw_end, "string"),
        Construct(re.compile(r"['\"]"), lambda match: _unescaped(match[0]), "string"),
    ),
    "JavaScript": (_C_COMMENT, _TEMPLATE),
    "TypeScript": (_C_COMMENT, _TEMPLATE),
    "CSS": (_C_COMMENT,),
    "SQL": (_C_COMMENT,),
    "C": (_C_COMMENT,),
    "C++": (_C_COMMENT,),
    "Java": (_C_COMMENT,),
    "Rust": (_C_COMMENT,),
    "Go": (_C_COMMENT,),
    "Stan": (_C_COMMENT,),
    "Markdown": (_MARKUP_COMMENT,),
    "HTML": (_MARKUP_COMMENT,),
}
"""By the name of the Pygments lexer."""

_ROLES: Mapping[str, str] = {
    "Keyword": "keyword",
    "Operator.Word": "keyword",
    "Name.Builtin.Pseudo": "keyword",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Comment": "comment",
    "Name.Function": "function",
    "Name.Class": "function",
    "Name.Decorator": "decorator",
    "Name.Builtin": "builtin",
    "Name.Exception": "builtin",
    "Name.Tag": "keyword",
    "Name.Attribute": "function",
    "Generic.Heading": "keyword",
    "Generic.Subheading": "keyword",
    "Generic.Strong": "function",
    "Generic.Emph": "function",
    "Operator": "operator",
}


@lru_cache(maxsize=512)
def role_of(token_type: Any) -> str:
    """The theme's role of a Pygments token type, empty for plain text."""
    names = [str(name) for name in token_type]
    while names:
        if role := _ROLES.get(".".join(names)):
            return role
        names.pop()
    return ""


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class _Stack:
    """State of a Pygments lexer between lines; `closes` and `role` are set inside one of our constructs."""

    states: tuple[str, ...] = ("root",)
    closes: str = ""
    role: str = ""


class PygmentsLexer:
    """Walks the tables of a Pygments `RegexLexer`."""

    def __init__(self, lexer: Any) -> None:
        self.start: State = _Stack()
        self._lexer = lexer
        self._tokens: Mapping[str, list[Any]] = lexer._tokens
        self._constructs = CONSTRUCTS.get(lexer.name, ())

    def line(self, text: str, state: State) -> tuple[list[Span], State]:
        """As the protocol says."""
        assert isinstance(state, _Stack)
        if len(text) > LONGEST_LINE:
            return [], state
        return _Walk(self._lexer, self._tokens, self._constructs, text, state).run()


class _Walk:
    """One line on its way through the tables."""

    def __init__(
        self, lexer: Any, tokens: Mapping[str, list[Any]], constructs: tuple[Construct, ...], text: str, state: _Stack
    ) -> None:
        self.lexer = lexer
        self.tokens = tokens
        self.constructs = constructs
        self.text = text
        self.source = text + "\n"
        self.position = 0
        self.states = list(state.states)
        self.before = state
        self.spans: list[Span] = []

    def run(self) -> tuple[list[Span], State]:
        if self.before.closes and not self._close(self.before.closes, self.before.role):
            return self.spans, self.before
        idle = 0
        while self.position < len(self.source):
            position, depth = self.position, len(self.states)
            if len(self.states) == 1 and (left_open := self._construct()) is not None:
                if left_open.closes:
                    return self.spans, left_open
                continue
            self._step()
            # A table may change its state without taking a character; not for ever.
            idle = idle + 1 if (position, depth) == (self.position, len(self.states)) else 0
            if idle > 8:
                self.position += 1
        return self.spans, _Stack(tuple(self.states[-16:]))

    def _close(self, closes: str, role: str) -> bool:
        match = _compiled(closes).match(self.text, self.position)
        end = match.end() if match else len(self.text)
        self._add(self.position, end - self.position, role)
        self.position = end
        return match is not None

    def _construct(self) -> _Stack | None:
        """Take one of our constructs here: what is left open, an empty stack for one that ended, None for none."""
        for construct in self.constructs:
            if match := construct.opens.match(self.source, self.position):
                self._add(self.position, match.end() - self.position, construct.role)
                self.position = match.end()
                closes = construct.closes(match)
                is_closed = self._close(closes, construct.role)
                return _Stack() if is_closed else _Stack(tuple(self.states), closes, construct.role)
        return None

    def _step(self) -> None:
        for matches, action, follows in self.tokens[self.states[-1]]:
            match = matches(self.source, self.position)
            if match is None:
                continue
            if action is not None:
                self._take(match, action)
            self.position = match.end()
            if follows is not None:
                self._follow(follows)
            return
        if self.source[self.position] == "\n":
            self.states = ["root"]
        self.position += 1

    def _take(self, match: re.Match[str], action: Any) -> None:
        if isinstance(action, tuple):  # a token type
            self._add(self.position, match.end() - self.position, role_of(action))
            return
        for first, token_type, value in action(self.lexer, match):
            self._add(first, len(value), role_of(token_type))

    def _follow(self, follows: Any) -> None:
        if isinstance(follows, tuple):
            for name in follows:
                if name == "#pop":
                    self._pop(1)
                elif name == "#push":
                    self.states.append(self.states[-1])
                else:
                    self.states.append(name)
        elif isinstance(follows, int):
            self._pop(-follows)
        elif follows == "#push":
            self.states.append(self.states[-1])

    def _pop(self, count: int) -> None:
        if len(self.states) > 1:
            del self.states[max(1, len(self.states) - count) :]

    def _add(self, first: int, length: int, role: str) -> None:
        length = min(length, len(self.text) - first)
        if not role or length <= 0:
            return
        if self.spans and self.spans[-1][2] == role and self.spans[-1][0] + self.spans[-1][1] == first:
            first, length = self.spans[-1][0], self.spans.pop()[1] + length
        self.spans.append((first, length, role))


class StatelessLexer:
    """For the few Pygments lexers without tables: each line on its own."""

    start: State = ()

    def __init__(self, lexer: Any) -> None:
        self._lexer = lexer

    def line(self, text: str, state: State) -> tuple[list[Span], State]:
        """As the protocol says."""
        if len(text) > LONGEST_LINE:
            return [], state
        tokens = self._lexer.get_tokens_unprocessed(text)
        return [(first, len(value), role) for first, kind, value in tokens if (role := role_of(kind))], state


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(?:\{[ \t]*([\w+#.-]+)[^}]*\}|([\w+#.-]+))?[^`]*$")


@dataclass(frozen=True, slots=True)
class _Fenced:
    """State in a text with fenced code: `fence` is empty in prose."""

    prose: State
    fence: str = ""
    alias: str = ""
    code: State = None


class FencedLexer:
    """Prose with fenced code in other languages: Markdown, R Markdown, Quarto."""

    def __init__(self, prose: LineLexer, lexer_of: Callable[[str], LineLexer | None]) -> None:
        """`lexer_of` answers None for a lexer that is unknown or not loaded yet."""
        self._prose = prose
        self._lexer_of = lexer_of
        self.start: State = _Fenced(prose.start)

    def line(self, text: str, state: State) -> tuple[list[Span], State]:
        """As the protocol says."""
        assert isinstance(state, _Fenced)
        if state.fence:
            return self._code(text, state)
        if match := _FENCE.match(text):
            alias = (match[2] or match[3] or "").lower()
            lexer = self._lexer_of(alias) if alias else None
            code = lexer.start if lexer is not None else None
            return [(0, len(text), "comment")], _Fenced(state.prose, match[1], alias, code)
        spans, prose = self._prose.line(text, state.prose)
        return spans, _Fenced(prose)

    def _code(self, text: str, state: _Fenced) -> tuple[list[Span], State]:
        stripped = text.strip()
        if stripped.startswith(state.fence) and not stripped.strip(state.fence[0]):
            return [(0, len(text), "comment")], _Fenced(state.prose)
        lexer = self._lexer_of(state.alias) if state.alias else None
        if lexer is None:
            return [], state
        spans, code = lexer.line(text, state.code if state.code is not None else lexer.start)
        return spans, _Fenced(state.prose, state.fence, state.alias, code)


class MarkedLexer:
    """Code with cells of prose in it: what follows a line `# %% [markdown]` is prose until the next mark."""

    def __init__(self, code: LineLexer, lexer_of: Callable[[str], LineLexer | None]) -> None:
        self._code = code
        self._lexer_of = lexer_of
        self.start: State = ("code", code.start)

    def line(self, text: str, state: State) -> tuple[list[Span], State]:
        """As the protocol says."""
        assert isinstance(state, tuple)
        if text.startswith("# %%"):
            is_prose = "[markdown]" in text or "[md]" in text
            return [(0, len(text), "comment")], ("prose", None) if is_prose else ("code", self._code.start)
        kind, inner = state
        lexer = self._lexer_of("markdown") if kind == "prose" else self._code
        if lexer is None:
            return [], state
        spans, after = lexer.line(text, inner if inner is not None else lexer.start)
        return spans, (kind, after)


def load_lexer(alias: str) -> LineLexer | None:
    """The Pygments lexer with this alias, or for files called like "*.json"; None where there is none.

    Slow (imports); for a pool thread.
    """
    from pygments.lexer import RegexLexer
    from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        if alias.startswith("*"):
            found = find_lexer_class_for_filename(alias.replace("*", "file"))
            if found is None:
                return None
            lexer = found()
        else:
            lexer = get_lexer_by_name(alias)
    except ClassNotFound:
        return None
    return PygmentsLexer(lexer) if isinstance(lexer, RegexLexer) else StatelessLexer(lexer)
