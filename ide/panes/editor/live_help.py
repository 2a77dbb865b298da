"""What is known of the code at a place: signature of the call, where a name is defined. No Qt.

The session and the helper are asked together; the session knows what exists, the helper what the code says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.panes.editor.completion import Helper, LiveAnswer, LiveSession, Question

ANSWERS_WITHIN_S = 1.5


@dataclass(frozen=True, slots=True)
class Signature:
    """How the function around the caret is called. `parameter` is the number of the current one, -1 for none."""

    label: str
    parameters: tuple[str, ...]
    parameter: int
    doc: str = ""

    def parts(self) -> tuple[str, str, str]:
        """The label before the current parameter, the parameter, and what follows."""
        if not 0 <= self.parameter < len(self.parameters):
            return self.label, "", ""
        at = 0
        for number, name in enumerate(self.parameters):
            found = self.label.find(name, at)
            if found < 0:
                return self.label, "", ""
            if number == self.parameter:
                return self.label[:found], name, self.label[found + len(name) :]
            at = found + len(name)
        return self.label, "", ""


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name is defined; an empty path is the text itself. Lines and columns count from 0."""

    path: str
    line: int
    column: int = 0


class LiveHelp:
    """Asks, and drops the answers to older questions of the same kind."""

    def __init__(self) -> None:
        self._generation: dict[str, int] = {}
        self._cancels: dict[str, list[Cancel]] = {}

    def signature(
        self,
        question: Question,
        session: LiveSession | None,
        helper: Helper | None,
        done: Callable[[Signature | None], None],
    ) -> None:
        """The signature of the call at the place; `done` may be called again with a better one."""
        self._ask("signature", question, session, helper, signature_of, done)

    def definition(self, question: Question, helper: Helper | None, done: Callable[[Definition | None], None]) -> None:
        """Where the name at the place is defined: by the helper, else by looking through the text."""
        self.drop("definition")
        generation = self._generation["definition"]
        name = name_at(question.lines[question.place.line], question.place.column)
        if helper is None or "definition" not in helper.methods:
            done(definition_in(question.lines, name, question.place.line))
            return
        params, first, _offset = question.helper_params()

        def answered(result: Mapping[str, Any] | None) -> None:
            if generation == self._generation["definition"]:
                found = next(iter((result or {}).get("places", ())), None)
                if found is None:
                    done(definition_in(question.lines, name, question.place.line))
                    return
                path = str(found.get("path", ""))
                line = int(found.get("line", 0)) + (first if path in ("", question.path) else 0)
                done(Definition("" if path == question.path else path, line, int(found.get("column", 0))))

        self._cancels["definition"] = [helper.ask("definition", params, answered)]

    def drop(self, kind: str) -> None:
        """Answers of this kind that are on their way are ignored."""
        self._generation[kind] = self._generation.get(kind, 0) + 1
        for cancel in self._cancels.pop(kind, []):
            cancel()

    def close(self) -> None:
        """Drop everything."""
        for kind in ("signature", "definition"):
            self.drop(kind)

    def _ask(
        self,
        kind: str,
        question: Question,
        session: LiveSession | None,
        helper: Helper | None,
        read: Callable[[Mapping[str, Any]], Any],
        done: Callable[[Any], None],
    ) -> None:
        self.drop(kind)
        generation = self._generation[kind]
        cancels = self._cancels.setdefault(kind, [])
        is_live = session is not None and session.state == "idle"
        uses_helper = helper is not None and kind in helper.methods
        state = {"open": is_live + uses_helper, "has": False}

        def take(result: Mapping[str, Any] | None) -> None:
            if generation != self._generation[kind]:
                return
            state["open"] -= 1
            found = read(result) if result else None
            if found is not None and not state["has"]:
                state["has"] = True
                done(found)
            elif not state["open"] and not state["has"]:
                done(None)

        def take_live(answer: LiveAnswer) -> None:
            take(answer.result)

        if is_live and session is not None:
            code, offset, _line = question.live_code()
            cancels.append(session.ask(kind, {"code": code, "offset": offset}, take_live, ANSWERS_WITHIN_S))
        if uses_helper and helper is not None:
            params, _first, _offset = question.helper_params()
            cancels.append(helper.ask(kind, params, take))
        if not is_live and not uses_helper:
            done(None)


def signature_of(result: Mapping[str, Any]) -> Signature | None:
    """The first signature of an answer."""
    first = next(iter(result.get("signatures", ())), None)
    if first is None:
        return None
    parameters = tuple(str(one.get("label") or one.get("name", "")) for one in first.get("parameters", ()))
    return Signature(
        str(first.get("label", "")), parameters, int(result.get("active_parameter", -1)), str(first.get("doc", ""))
    )


_NAME = re.compile(r"[\w.]+")


def name_at(line: str, column: int) -> str:
    """The name at a column, dots included; empty where there is none."""
    return next((match[0] for match in _NAME.finditer(line) if match.start() <= column <= match.end()), "")


def call_depth(line: str, column: int) -> int:
    """How many brackets are open before a column of one line: whether a call tip may make sense."""
    before = line[:column]
    return before.count("(") - before.count(")")


def definition_in(lines: Sequence[str], name: str, near: int) -> Definition | None:
    """The last place above `near` (else the first below) where `name` is given a value, defined or imported."""
    places = list(_definitions(lines, name)) if name else []
    above = [place for place in places if place.line < near]
    below = [place for place in places if place.line >= near]
    return above[-1] if above else next(iter(below), None)


def _definitions(lines: Sequence[str], name: str) -> Iterator[Definition]:
    word = re.escape(name)
    pattern = re.compile(
        rf"^\s*(?:(?:async\s+def|def|class|function|struct|macro)\s+(?P<a>{word})\b|`?(?P<b>{word})`?\s*(?:<<?-|=(?!=)|:\s*\S+\s*=)"
        rf"|.*->\s*`?(?P<c>{word})`?\s*$)"
    )
    for number, line in enumerate(lines):
        if name in line and (match := pattern.match(line)):
            group = next(key for key in "abc" if match[key] is not None)
            yield Definition("", number, match.start(group))
