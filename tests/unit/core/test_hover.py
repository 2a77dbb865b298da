"""What is said of a name under the mouse, and whom it is asked of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from ide.core.hover import HoverQuestions, HoverWords, first_words, words_of


class Answering:
    """A session or a helper; answers when the test says so."""

    methods = frozenset({"hover"})

    def __init__(self, state: str = "idle") -> None:
        self.state = state
        self.waiting: list[Callable[[Any], None]] = []
        self.cancelled = 0

    def ask(self, _method: str, _params: Mapping[str, object], done: Callable[[Any], None], _limit_s: float = 5) -> Any:
        self.waiting.append(done)
        return self._cancel

    def _cancel(self) -> None:
        self.cancelled += 1


@pytest.mark.parametrize(
    ("documentation", "wanted"),
    [
        ("merge(left, right)\n\nMerge :class:`DataFrame` objects, see `on`.", "Merge DataFrame objects, see on."),
        ("Linear Models\n\nTo fit them\nwith ``lm``.", "Linear Models\nTo fit them with lm."),
        ("Sum.\n\nParameters\n----------\na : int", "Sum."),
        ("Sum.\n\nArgs:\n    a: number", "Sum."),
        ("Sum.\n\n>>> 1 + 1", "Sum."),
        ("Parameters\n----------\na : int", ""),
        ("", ""),
    ],
)
def test_first_words_are_the_first_paragraph_without_marks(documentation: str, wanted: str) -> None:
    assert first_words(documentation) == wanted


def test_first_words_are_bounded() -> None:
    assert len(first_words("word " * 10_000)) <= 600


def test_words_say_kind_package_and_value() -> None:
    answer = {"title": "x", "type_name": "int", "preview": "3", "package": "numpy", "version": "2.0", "text": "Words."}
    assert words_of(answer) == HoverWords("x", "int · numpy 2.0", "3", "Words.")
    assert words_of({"title": ""}) is None
    assert words_of(None) is None


def test_long_signature_ends_behind_a_parameter() -> None:
    words = words_of({"title": "f(" + ", ".join(f"number_{count}=None" for count in range(100)) + ")"})
    assert words is not None
    assert words.title.endswith("=None, …)")
    assert len(words.title) < 300


def test_helper_is_asked_where_the_session_knows_nothing_or_is_busy() -> None:
    told: list[HoverWords | None] = []
    session, helper, questions = Answering(), Answering(), HoverQuestions()
    questions.ask(session, helper, "x", 1, {}, told.append)
    assert (len(session.waiting), len(helper.waiting)) == (1, 0)
    session.waiting[0](SimpleNamespace(result={"title": ""}))
    helper.waiting[0]({"title": "x"})
    assert told == [HoverWords("x")]
    questions.ask(Answering("busy"), helper, "x", 1, {}, told.append)
    assert len(helper.waiting) == 2
    questions.ask(None, None, "x", 1, {}, told.append)
    assert told == [HoverWords("x"), None]


def test_answer_to_an_older_question_is_dropped() -> None:
    told: list[HoverWords | None] = []
    session, questions = Answering(), HoverQuestions()
    questions.ask(session, None, "x", 1, {}, told.append)
    questions.drop()
    session.waiting[0](SimpleNamespace(result={"title": "x"}))
    assert told == []
    assert session.cancelled == 1
