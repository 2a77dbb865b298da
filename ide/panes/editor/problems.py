"""Marks likely errors while typing: asks the language's helper, or its session's own parser, after a pause. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from ide.core.cells import Cell
from ide.core.language import Problem
from ide.core.ports import After, Cancel
from ide.core.text import Place
from ide.panes.editor.completion import Helper, LiveAnswer, LiveSession

PAUSE_S = 0.5
MOST_LINES = 20_000
"""A longer text is not checked while typing."""
MOST_PROBLEMS = 2_000
PARSE_TIMEOUT_S = 2.0

Found = Callable[[tuple[Problem, ...]], None]
_SEVERITIES = ("error", "warning", "hint")


class ProblemWatch:
    """Looks after one text. `found` gets every new list; an older one never comes after a newer one."""

    def __init__(self, after: After, found: Found) -> None:
        self._after = after
        self._found = found
        self._generation = 0
        self._timer: Cancel | None = None
        self._cancel: Cancel | None = None

    def later(self, look: Callable[[], None]) -> None:
        """Call `look` once nothing was typed for a moment."""
        self.stop()
        self._timer = self._after(PAUSE_S, look)

    def check(
        self, lines: Sequence[str], path: str, interpreter: str, session: LiveSession | None, helper: Helper | None
    ) -> None:
        """Ask now."""
        self.stop()
        generation = self._generation
        if len(lines) > MOST_LINES:
            self._found(())
            return
        if helper is not None and "problems" in helper.methods:

            def from_helper(result: Mapping[str, Any] | None) -> None:
                if generation == self._generation and result is not None:
                    self._found(problems_of(result))

            params = {
                "path": path,
                "text": "\n".join(lines),
                "line": 0,
                "column": 0,
                "interpreter": interpreter,
            }
            self._cancel = helper.ask("problems", params, from_helper)
        elif session is not None and session.state == "idle":

            def from_session(answer: LiveAnswer) -> None:
                if generation == self._generation and answer.result is not None:
                    self._found(problems_of(answer.result, severity="error"))

            self._cancel = session.ask("parse", {"code": "\n".join(lines)}, from_session, PARSE_TIMEOUT_S)

    def stop(self) -> None:
        """Forget what was planned or asked."""
        self._generation += 1
        for cancel in (self._timer, self._cancel):
            if cancel is not None:
                cancel()
        self._timer = self._cancel = None


def problems_of(result: Mapping[str, Any], *, severity: str = "warning") -> tuple[Problem, ...]:
    """The problems of an answer of a helper or an agent."""
    found = []
    for entry in tuple(result.get("problems", ()))[:MOST_PROBLEMS]:
        named = str(entry.get("severity") or severity)
        word = cast(Literal["error", "warning", "hint"], named if named in _SEVERITIES else "warning")
        start = Place(int(entry.get("start_line", 0)), int(entry.get("start_column", 0)))
        end = Place(int(entry.get("end_line", start.line)), int(entry.get("end_column", start.column)))
        message, code = str(entry.get("message", "")), str(entry.get("code", "") or "")
        found.append(Problem(start, max(start, end, key=_key), message, word, code))
    return tuple(found)


def lines_of_language(lines: Sequence[str], cells: tuple[Cell, ...], language: str) -> list[str]:
    """The text with every line blank that is not code of `language`: line numbers stay as they are."""
    kept = [""] * len(lines)
    for cell in cells:
        if cell.kind == "code" and cell.language == language:
            kept[cell.code_first : cell.code_end] = lines[cell.code_first : cell.code_end]
    return kept


def _key(place: Place) -> tuple[int, int]:
    return place.line, place.column
