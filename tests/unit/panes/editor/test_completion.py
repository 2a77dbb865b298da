"""Merging, narrowing and dropping of completions, with answers that come when the test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ide.core.language import CompletionItem
from ide.core.ports import Cancel
from ide.core.text import Place
from ide.kernels.records import Answer
from ide.panes.editor.completion import Completer, Offer, Question, fit, merged, starts_completion


@dataclass
class Slow:
    """Session and helper whose answers wait for the test."""

    methods: frozenset[str] = frozenset({"complete"})
    state: str = "idle"
    waiting: list[Callable[[Any], None]] = field(default_factory=list)
    params: list[Mapping[str, object]] = field(default_factory=list)
    cancelled: int = 0

    def ask(
        self, method: str, params: Mapping[str, object], done: Callable[[Any], None], timeout_s: float = 5
    ) -> Cancel:
        self.waiting.append(done)
        self.params.append(params)
        return self._cancel

    def complete(self, code: str, offset: int, done: Callable[[Any], None]) -> Cancel:
        return self.ask("kernel", {}, done)

    def _cancel(self) -> None:
        self.cancelled += 1

    def answer(self, *names: str, first: int = 0, end: int = 0, **more: object) -> None:
        items = [{"text": name, "label": name, "replace_first": first, "replace_end": end} for name in names]
        self.waiting.pop(0)({"items": items, **more})

    def answer_live(self, *names: str, **more: object) -> None:
        items = [{"text": name, "label": name, "replace_first": 0, "replace_end": 0} for name in names]
        self.waiting.pop(0)(Answer({"items": items, **more}))


def question(line: str, column: int | None = None) -> Question:
    return Question([line], Place(0, len(line) if column is None else column), "python")


@pytest.fixture
def offers() -> list[Offer]:
    return []


@pytest.fixture
def completer(offers: list[Offer]) -> Completer:
    return Completer(offers.append)


def names(offer: Offer) -> list[str]:
    return [item.text for item in offer.items]


def test_live_is_first_whoever_answers_first(completer: Completer, offers: list[Offer]) -> None:
    session, helper = Slow(), Slow()
    completer.ask(question("ab"), session, helper)
    helper.answer("abs", "abc")
    session.answer_live("abc", "abd")
    assert names(offers[0]) == ["abs", "abc"]
    assert not offers[0].is_done
    assert names(offers[1]) == ["abc", "abd", "abs"]
    assert offers[1].is_done


def test_an_exhaustive_answer_leaves_the_static_one_out(completer: Completer, offers: list[Offer]) -> None:
    session, helper = Slow(), Slow()
    completer.ask(question("a"), session, helper)
    session.answer_live("alpha", is_exhaustive=True)
    helper.answer("abs")
    assert names(offers[-1]) == ["alpha"]


def test_an_answer_to_an_older_question_is_dropped(completer: Completer, offers: list[Offer]) -> None:
    helper = Slow()
    completer.ask(question("a"), None, helper)
    completer.ask(question("b"), None, helper)
    helper.answer("abs")
    assert offers == []
    helper.answer("bin")
    assert names(offers[-1]) == ["bin"]
    assert helper.cancelled == 1


def test_typing_on_narrows_without_asking(completer: Completer, offers: list[Offer]) -> None:
    helper = Slow()
    completer.ask(question("a"), None, helper)
    helper.answer("abs", "all", "any")
    assert completer.narrow(question("al"))
    assert names(offers[-1]) == ["all"]
    assert len(helper.params) == 1
    assert not completer.narrow(question("al."))


@pytest.mark.parametrize("state", ["dead", "starting", "restarting"])
def test_a_session_that_cannot_answer_is_not_asked(completer: Completer, offers: list[Offer], state: str) -> None:
    session = Slow(state=state)
    completer.ask(question("a"), session, None)
    assert session.params == []
    assert offers[-1].is_done


def test_live_question_takes_lines_above_and_answers_in_columns(completer: Completer, offers: list[Offer]) -> None:
    session = Slow()
    one = Question(["df |>", "  filter(bo"], Place(1, 11), "r")
    completer.ask(one, session, None)
    assert session.params[0] == {"code": "df |>\n  filter(bo", "offset": 17}
    item = {"text": "body", "label": "body", "replace_first": 15, "replace_end": 17}
    above = {"text": "df", "label": "df", "replace_first": 0, "replace_end": 2}
    session.waiting.pop(0)(Answer({"items": [item, above]}))
    (found,) = offers[-1].items
    assert (found.replace_first, found.replace_end) == (9, 11)


@pytest.mark.parametrize(
    ("typed", "text", "rank"),
    [
        ("bo", "body", 0),
        ("BO", "body", 1),
        ("bm", "body_mass", 2),
        ("xm", "body_mass", None),
        ('"bo', '"body"', 0),
        ("", "x", 0),
    ],
)
def test_fit_ranks(typed: str, text: str, rank: int | None) -> None:
    assert fit(typed, CompletionItem(text, text)) == rank


def test_names_with_dots_fit_what_they_replace() -> None:
    item = CompletionItem("my.value", "my.value", replace_first=0, replace_end=5)
    assert merged([item], [], "my.va", 5) == (item,)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("a", True),
        ("1", False),
        ("df.", True),
        ("df$", True),
        ("x ", False),
        ('df["', True),
        ("pkg::", True),
        ("(", False),
    ],
)
def test_what_asks_for_completions(line: str, wanted: bool) -> None:
    assert starts_completion(line, len(line)) is wanted
