"""What could be typed at the caret: live names from the session first, then what follows from the code. No Qt.

Both are asked at the same moment and each answer is shown as it comes; an answer to an older question is dropped.
While a word is typed on, what is there already is narrowed without asking again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ide.core.language import CompletionItem
from ide.core.ports import Cancel
from ide.core.record import dataclass, replace
from ide.core.text import Place

MOST_SHOWN = 500
CONTEXT_LINES = 80
"""Lines before the caret that the session is told."""
HELPER_LINES_BEFORE = 4_000
HELPER_LINES_AFTER = 400
LIVE_TIMEOUT_S = 1.5
_QUOTES = "\"'`"


class LiveAnswer(Protocol):
    """What a session's agent says."""

    @property
    def result(self) -> dict[str, Any] | None:
        """None when it said nothing."""


class KernelReply(Protocol):
    """The kernel's own completions."""

    @property
    def matches(self) -> tuple[str, ...]: ...
    @property
    def first(self) -> int: ...
    @property
    def end(self) -> int: ...


class LiveSession(Protocol):
    """What is asked of a session. `ide.kernels.session.Session` is one."""

    @property
    def state(self) -> str:
        """ "idle", "busy", ..."""

    def ask(self, method: str, params: dict[str, Any], done: Callable[[Any], None], timeout_s: float = 5) -> Cancel: ...

    def complete(self, code: str, offset: int, done: Callable[[Any], None]) -> Cancel: ...


class Helper(Protocol):
    """Static analysis. `analysis.Analysis` is one."""

    @property
    def methods(self) -> frozenset[str]: ...

    def ask(
        self, method: str, params: Mapping[str, object], done: Callable[[Mapping[str, Any] | None], None]
    ) -> Cancel: ...


@dataclass(frozen=True, slots=True)
class Question:
    """Where something is asked: the lines of the text in the caret's language (others blank) and the caret.

    `interpreter` may be empty. `is_in_string` leaves out what only code can be.
    """

    lines: Sequence[str]
    place: Place
    language: str
    path: str = ""
    interpreter: str = ""
    is_in_string: bool = False

    @property
    def word(self) -> str:
        """What has been typed of the word at the caret."""
        return word_before(self.lines[self.place.line], self.place.column)

    def live_code(self) -> tuple[str, int, int]:
        """Code before the caret for a session, the caret's offset in it, and the offset of the caret's line."""
        first = max(0, self.place.line - CONTEXT_LINES)
        before = "\n".join(self.lines[first : self.place.line])
        line_offset = len(before) + 1 if self.place.line > first else 0
        code = "\n".join(self.lines[first : self.place.line + 1])
        return code, line_offset + self.place.column, line_offset

    def helper_params(self) -> tuple[dict[str, object], int, int]:
        """Parameters for a helper, the first line of the text in them, and the offset of the caret's line."""
        first = max(0, self.place.line - HELPER_LINES_BEFORE)
        end = self.place.line + HELPER_LINES_AFTER
        lines = self.lines[first:end]
        offset = sum(len(line) + 1 for line in lines[: self.place.line - first])
        params: dict[str, object] = {
            "path": self.path,
            "text": "\n".join(lines),
            "line": self.place.line - first,
            "column": self.place.column,
            "interpreter": self.interpreter,
        }
        return params, first, offset


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be shown. Replacement columns of the items are in the caret's line. `is_done`: nothing more comes."""

    items: tuple[CompletionItem, ...]
    place: Place
    is_done: bool


class Completer:
    """One per view. `shown` is called with each new offer."""

    def __init__(self, shown: Callable[[Offer], None]) -> None:
        self._shown = shown
        self._generation = 0
        self._question: Question | None = None
        self._live: tuple[CompletionItem, ...] = ()
        self._static: tuple[CompletionItem, ...] = ()
        self._open = 0
        self._is_exhaustive = False
        self._cancels: list[Cancel] = []

    @property
    def is_active(self) -> bool:
        """Whether something was asked and not dropped since."""
        return self._question is not None

    def ask(self, question: Question, session: LiveSession | None, helper: Helper | None) -> None:
        """Begin anew at another place."""
        self.drop()
        self._question = question
        generation = self._generation
        if session is not None and session.state not in ("dead", "starting", "restarting"):
            self._ask_live(question, session, generation, asks_kernel=helper is None)
        if helper is not None and "complete" in helper.methods and not question.is_in_string:
            self._ask_helper(question, helper, generation)
        if not self._open and self._generation == generation:
            self._show()

    def narrow(self, question: Question) -> bool:
        """The user typed on. Answers whether what is there still fits; else ask anew."""
        before = self._question
        if before is None or before.place.line != question.place.line:
            return False
        same_start = before.place.column - len(before.word) == question.place.column - len(question.word)
        if not same_start or not question.word.startswith(before.word):
            return False
        self._question = question
        self._show()
        return True

    def drop(self) -> None:
        """Nothing is wanted any more: answers on their way are ignored."""
        self._generation += 1
        for cancel in self._cancels:
            cancel()
        self._cancels.clear()
        self._question = None
        self._live, self._static = (), ()
        self._open = 0
        self._is_exhaustive = False

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask_live(self, question: Question, session: LiveSession, generation: int, *, asks_kernel: bool) -> None:
        code, offset, line_offset = question.live_code()

        def from_agent(answer: LiveAnswer) -> None:
            if generation != self._generation:
                return
            result = answer.result
            if result is None and asks_kernel:
                self._cancels.append(session.complete(code, offset, from_kernel))
                return
            items = tuple(items_of(result or {}, line_offset))
            self._is_exhaustive = bool((result or {}).get("is_exhaustive"))
            if asks_kernel and not self._is_exhaustive:
                self._live = items
                self._cancels.append(session.complete(code, offset, from_kernel))
                if items:
                    self._show()
                return
            self._take_live(items)

        def from_kernel(reply: KernelReply | None) -> None:
            if generation != self._generation:
                return
            known = {item.text for item in self._live}
            more = () if reply is None else tuple(_kernel_items(reply, line_offset, known))
            self._take_live((*self._live, *more))

        self._open += 1
        params = {"code": code, "offset": offset}
        self._cancels.append(session.ask("complete", params, from_agent, LIVE_TIMEOUT_S))

    def _ask_helper(self, question: Question, helper: Helper, generation: int) -> None:
        params, _first, line_offset = question.helper_params()

        def done(result: Mapping[str, Any] | None) -> None:
            if generation == self._generation:
                self._open -= 1
                self._static = tuple(items_of(result or {}, line_offset))
                self._show()

        self._open += 1
        self._cancels.append(helper.ask("complete", params, done))

    def _take_live(self, items: tuple[CompletionItem, ...]) -> None:
        self._open -= 1
        self._live = items
        self._show()

    # --- showing -----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        question = self._question
        if question is None:
            return
        static = () if self._is_exhaustive else self._static
        line = question.lines[question.place.line]
        items = merged(self._live, static, line, question.place.column)
        self._shown(Offer(items, question.place, self._open == 0))


def items_of(result: Mapping[str, Any], line_offset: int) -> Sequence[CompletionItem]:
    """Items of an answer with their replacements as columns of the caret's line; others are left out."""
    found = []
    for entry in result.get("items", ()):
        first = int(entry.get("replace_first", 0)) - line_offset
        end = int(entry.get("replace_end", 0)) - line_offset
        text = str(entry.get("text", ""))
        if text and 0 <= first <= end:
            label = str(entry.get("label") or text)
            detail = str(entry.get("detail", ""))
            found.append(CompletionItem(text, label, str(entry.get("kind", "")), detail, first, end))
    return found


def _kernel_items(reply: KernelReply, line_offset: int, known: set[str]) -> Sequence[CompletionItem]:
    first, end = reply.first - line_offset, reply.end - line_offset
    if not 0 <= first <= end:
        return []
    return [CompletionItem(text, text, "", "", first, end) for text in reply.matches if text not in known]


def merged(
    live: Sequence[CompletionItem], static: Sequence[CompletionItem], line: str, column: int
) -> tuple[CompletionItem, ...]:
    """Live before static, each text once, those that fit what is typed, the best fit first; ends moved to the caret."""
    known = {item.text for item in live}
    items = [*live, *(item for item in static if item.text not in known)]
    ranked = [(rank, item) for item in items if (rank := fit(line[item.replace_first : column], item)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    return tuple(replace(item, replace_end=max(item.replace_end, column)) for _rank, item in ranked[:MOST_SHOWN])


def fit(typed: str, item: CompletionItem) -> int | None:
    """How well an item fits: 0 the same case, 1 another case, 2 letters in order; None not at all."""
    typed = typed.lstrip(_QUOTES)
    text = item.text.lstrip(_QUOTES)
    if text.startswith(typed) or item.label.startswith(typed):
        return 0
    lower = typed.lower()
    if text.lower().startswith(lower) or item.label.lower().startswith(lower):
        return 1
    return 2 if len(typed) > 1 and _in_order(lower, item.label.lower()) else None


def _in_order(word: str, text: str) -> bool:
    rest = iter(text)
    return text[:1] == word[:1] and all(character in rest for character in word)


def word_before(line: str, column: int) -> str:
    """The identifier that ends at `column`, without what stands before a dot."""
    first = column
    while first > 0 and (line[first - 1].isalnum() or line[first - 1] == "_"):
        first -= 1
    return line[first:column]


def starts_completion(line: str, column: int) -> bool:
    """Whether what was just typed asks for completions: part of a name, or a sign that a name follows."""
    before = line[:column]
    word = word_before(line, column)
    if word:
        return not word[0].isdigit()
    return before.endswith((".", "$", "@", "::", '["', "['", "[["))
