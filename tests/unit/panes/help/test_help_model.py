"""Where the Help pane goes and whom it asks, with sessions and helpers that answer when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from ide.core.ports import Cancel
from ide.kernels.contract import HelpMember, HelpPage
from ide.panes.help.model import HELPER_AFTER_S, HelpModel, Place, Sources, together


@dataclass
class Question:
    """One question on its way."""

    method: str
    params: Mapping[str, Any]
    done: Callable[[Any], None]
    is_cancelled: bool = False


class Asked:
    """A session or a helper: notes the questions."""

    methods = frozenset({"help", "search"})
    state = "idle"
    has_agent = True

    def __init__(self, language: str, *, is_session: bool, name: str = "") -> None:
        self.language = language
        self.name = name
        self._is_session = is_session
        self.questions: list[Question] = []

    def ask(self, method: str, params: Any, done: Callable[[Any], None], timeout_s: float = 5) -> Cancel:
        question = Question(method, params, done)
        self.questions.append(question)

        def cancel() -> None:
            question.is_cancelled = True

        return cancel

    def answer(self, number: int = -1, **result: Any) -> None:
        """The answer; without anything the session is gone, or the helper knows nothing."""
        question = self.questions[number]
        if not question.is_cancelled:
            question.done(SimpleNamespace(result=result or None) if self._is_session else result or None)


class World:
    """A model, its sources and a clock."""

    def __init__(self) -> None:
        self.sessions: dict[str, Asked] = {language: Asked(language, is_session=True) for language in ("python", "r")}
        self.helper = Asked("python", is_session=False)
        self.finder = Asked("python", is_session=False)
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.changes = 0
        self.model = HelpModel(
            Sources(
                lambda: list(self.sessions),
                self.sessions.get,
                lambda language: self.helper if language == "python" else None,
                lambda language: self.finder if language == "python" else None,
                lambda language: "/env/python",
            ),
            self.after,
        )
        self.model.changed.connect(self._on_changed)

    def after(self, delay_s: float, callback: Callable[[], None]) -> Cancel:
        entry = (delay_s, callback)
        self.timers.append(entry)
        return lambda: self.timers.remove(entry) if entry in self.timers else None

    def ring(self, delay_s: float) -> None:
        """All timers of that length ring."""
        for entry in [entry for entry in self.timers if entry[0] == delay_s]:
            self.timers.remove(entry)
            entry[1]()

    def _on_changed(self) -> None:
        self.changes += 1

    @property
    def page(self) -> HelpPage:
        """The page that is shown."""
        assert self.model.page is not None
        return self.model.page

    @property
    def topic(self) -> str:
        return self.model.page.topic if self.model.page is not None else ""


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.model.close()


def opened(world: World, topic: str, language: str = "python") -> None:
    world.model.open(Place(language=language, topic=topic))
    world.sessions[language].answer(topic=topic)


def test_page_comes_from_the_session_of_its_language(world: World) -> None:
    world.model.open(Place(language="r", topic="lm", package="stats"))
    assert world.model.state == "asking"
    question = world.sessions["r"].questions[0]
    assert (question.method, question.params) == ("help.page", {"topic": "lm", "package": "stats"})
    world.sessions["r"].answer(topic="lm", package="stats", title="Models")
    assert (world.model.state, world.topic) == ("here", "lm")
    assert not world.sessions["python"].questions


def test_name_at_a_caret_is_asked_as_code_and_kept_by_its_own_name(world: World) -> None:
    world.model.open(Place(language="python", topic="pd.merge", code="x = pd.merge", offset=12))
    question = world.sessions["python"].questions[0]
    assert (question.method, question.params) == ("help.at", {"code": "x = pd.merge", "offset": 12})
    world.sessions["python"].answer(topic="pandas.merge")
    world.model.reload()
    assert world.sessions["python"].questions[-1].params == {"topic": "pandas.merge", "package": ""}


def test_what_the_session_does_not_know_the_helper_may(world: World) -> None:
    world.model.open(Place(language="python", topic="wave.open"))
    world.sessions["python"].answer(topic="")
    assert world.model.state == "reading"
    assert world.helper.questions[0].params == {"topic": "wave.open", "interpreter": "/env/python"}
    world.helper.answer(topic="wave.open", text="Open it.")
    assert (world.model.state, world.topic) == ("here", "wave.open")


def test_at_a_caret_the_helper_is_told_the_text(world: World) -> None:
    params = {"text": "x", "line": 0, "column": 1}
    world.model.open(Place(language="python", topic="x", code="x", offset=1, params=params))
    world.sessions["python"].answer(topic="")
    assert world.helper.questions[0].params == params
    world.helper.answer()  # it was killed
    assert (world.model.state, len(world.helper.questions)) == ("reading", 2)
    world.helper.answer()
    assert world.model.state == "none"


def test_without_anybody_who_knows_there_is_none(world: World) -> None:
    world.model.open(Place(language="r", topic="nope"))
    world.sessions["r"].answer(topic="")
    assert (world.model.state, world.model.page) == ("none", None)


def test_without_a_session_the_helper_is_asked_and_else_it_is_said(world: World) -> None:
    del world.sessions["python"]
    world.model.open(Place(language="python", topic="json"))
    world.helper.answer(topic="json")
    assert world.model.state == "here"
    del world.sessions["r"]
    world.model.open(Place(language="r", topic="lm"))
    assert world.model.state == "no session"


def test_a_busy_session_is_waited_for_and_the_helper_asked_meanwhile(world: World) -> None:
    world.model.open(Place(language="python", topic="pandas"))
    world.ring(HELPER_AFTER_S)
    assert world.model.state == "busy"
    world.helper.answer(topic="")
    assert world.model.state == "busy"
    world.sessions["python"].answer(topic="pandas")
    assert world.model.state == "here"


def test_the_helpers_page_stays_where_the_session_answers_late(world: World) -> None:
    world.model.open(Place(language="python", topic="pandas"))
    world.ring(HELPER_AFTER_S)
    world.helper.answer(topic="pandas", title="static")
    world.sessions["python"].answer(topic="pandas", title="live")
    assert world.model.page is not None
    assert world.model.page.title == "static"


def test_a_session_that_ends_while_it_is_busy_is_said(world: World) -> None:
    world.model.open(Place(language="r", topic="lm"))
    world.ring(HELPER_AFTER_S)
    world.sessions["r"].answer()
    assert world.model.state == "none"


def test_answers_to_older_questions_are_dropped(world: World) -> None:
    world.model.open(Place(language="python", topic="a"))
    world.model.open(Place(language="python", topic="b"))
    first, second = world.sessions["python"].questions
    assert (first.is_cancelled, second.is_cancelled) == (True, False)
    first.done(SimpleNamespace(result={"topic": "a"}))
    assert world.model.state == "asking"
    world.sessions["python"].answer(topic="b")
    assert world.topic == "b"


def test_answers_that_are_none_of_the_contracts_are_no_pages(world: World) -> None:
    world.model.open(Place(language="r", topic="lm"))
    world.sessions["r"].answer(topic=["a"], members="x")
    assert world.model.state == "none"


def test_history_goes_back_and_forward_and_a_new_page_cuts_it(world: World) -> None:
    for topic in ("a", "b", "c"):
        opened(world, topic)
    assert (world.model.can_go_back, world.model.can_go_forward) == (True, False)
    world.model.back()
    world.sessions["python"].answer(topic="b")
    world.model.back()
    world.sessions["python"].answer(topic="a")
    assert (world.topic, world.model.can_go_back, world.model.can_go_forward) == ("a", False, True)
    world.model.back()
    world.model.forward()
    world.sessions["python"].answer(topic="b")
    opened(world, "d")
    assert not world.model.can_go_forward
    world.model.back()
    assert world.model.place is not None
    assert world.model.place.topic == "b"


def test_another_session_in_use_gives_its_own_page_of_the_same_name(world: World) -> None:
    world.model.open(Place(language="python", topic="f"))
    world.sessions["python"].answer(topic="f", version="1.0")
    world.model.renew()
    assert len(world.sessions["python"].questions) == 1
    world.sessions["python"] = other = Asked("python", is_session=True)
    world.model.renew()
    assert world.page.version == "1.0"
    other.answer(topic="f", version="2.0")
    assert (world.page.version, world.model.state, world.model.can_go_back) == ("2.0", "here", False)


def test_a_name_that_one_session_does_not_know_is_asked_of_the_next(world: World) -> None:
    world.model.open(Place(language="python", topic="f"))
    world.sessions["python"].answer(topic="")
    world.helper.answer(topic="")
    assert world.model.state == "none"
    world.sessions["python"] = Asked("python", is_session=True)
    world.model.renew()
    world.sessions["python"].answer(topic="f", version="2.0")
    assert (world.page.version, world.model.state) == ("2.0", "here")


def test_page_stays_where_another_session_has_none_of_that_name(world: World) -> None:
    kept: list[tuple[str, str]] = []
    listen = lambda label, session: kept.append((label, session))  # noqa: E731  # signals hold listeners weakly
    world.model.kept.connect(listen)
    world.model.open(Place(language="python", topic="f"))
    world.sessions["python"].answer(topic="f", version="1.0")
    world.sessions["python"] = Asked("python", is_session=True, name="py312")
    world.model.renew()
    world.sessions["python"].answer(topic="")
    assert world.helper.questions[-1].params == {"topic": "f", "interpreter": "/env/python"}
    world.helper.answer()
    assert kept == [("f", "py312")]
    assert (world.page.version, world.model.state) == ("1.0", "here")


def test_history_is_bounded(world: World) -> None:
    for number in range(150):
        opened(world, f"t{number}")
    steps = 0
    while world.model.can_go_back:
        world.model.back()
        steps += 1
    assert steps == 99


def test_a_related_name_is_looked_for_beside_the_page_then_by_itself(world: World) -> None:
    opened(world, "pandas.DataFrame.merge")
    world.model.see("merge_ordered")
    session = world.sessions["python"]
    asked = []
    for _ in range(3):
        asked.append(session.questions[-1].params["topic"])
        found = asked[-1] == "merge_ordered"
        session.answer(topic=asked[-1] if found else "")
    assert asked == ["pandas.DataFrame.merge_ordered", "pandas.merge_ordered", "merge_ordered"]
    assert world.topic == "merge_ordered"


# ---- search ---------------------------------------------------------------------------------------------------------


def match(name: str, title: str = "") -> dict[str, str]:
    return {"name": name, "topic": name, "title": title}


def names(world: World) -> dict[str, list[str]]:
    return {one.language: [each.name for each in one.matches] for one in world.model.found}


def test_search_asks_every_language_and_shows_each_as_it_comes(world: World) -> None:
    world.model.open(Place("search", text="merge"))
    world.sessions["r"].answer(matches=[match("merge")])
    assert (names(world), world.model.state) == ({"r": ["merge"]}, "asking")
    world.sessions["python"].answer(matches=[match("pandas.merge")])
    assert (names(world), world.model.state) == ({"python": ["pandas.merge"], "r": ["merge"]}, "here")
    assert list(names(world)) == ["python", "r"]


def test_search_helper_is_asked_until_it_is_complete(world: World) -> None:
    del world.sessions["r"]
    world.model.open(Place("search", text="merge"))
    world.sessions["python"].answer(matches=[match("pandas.merge", "Join.")], folders=["/env/lib"])
    assert world.finder.questions[0].params["folders"] == ["/env/lib"]
    world.finder.answer(matches=[match("xarray.merge")], is_complete=False)
    assert (names(world)["python"], world.model.state) == (["pandas.merge", "xarray.merge"], "asking")
    world.ring(0.4)
    world.finder.answer(matches=[match("pandas.merge"), match("xarray.merge"), match("a.merge")], is_complete=True)
    assert (names(world)["python"], world.model.state) == (["pandas.merge", "a.merge", "xarray.merge"], "here")
    assert len(world.finder.questions) == 2


def test_search_that_goes_on_is_one_place(world: World) -> None:
    opened(world, "a")
    for text in ("m", "me", "mer"):
        world.model.open(Place("search", text=text))
    world.model.back()
    assert world.model.place is not None
    assert world.model.place.topic == "a"


def test_search_without_words_sessions_or_results(world: World) -> None:
    world.model.open(Place("search", text="  "))
    assert (world.model.state, names(world)) == ("here", {})
    world.model.open(Place("search", text="nope"))
    for session in world.sessions.values():
        session.answer(matches=[])
    assert world.model.state == "none"
    world.sessions.clear()
    world.model.open(Place("search", text="nope"))
    assert world.model.state == "no session"


def test_answers_to_an_older_search_are_dropped(world: World) -> None:
    world.model.open(Place("search", text="old"))
    older = world.sessions["r"].questions[-1]
    world.model.open(Place("search", text="new"))
    older.done(SimpleNamespace(result={"matches": [match("old")]}))
    assert names(world) == {}


def test_a_full_name_is_as_exact_as_a_short_one() -> None:
    rows = [HelpMember(name, name) for name in ("pandas.merge_asof", "x.merge", "pandas.merge", "a.pandas.merge.b")]
    assert [one.name for one in together(rows[:1], rows[1:], "pandas.merge")][:2] == [
        "pandas.merge",
        "pandas.merge_asof",
    ]
    assert together(rows[:1], rows[1:], "merge")[0].name in ("x.merge", "pandas.merge")


def test_matches_of_both_sources_are_one_list_the_best_first() -> None:
    live = [HelpMember(name="b.merge", topic="b.merge"), HelpMember(name="b.merge_all", topic="b.merge_all")]
    static = [HelpMember(name="a.merge", topic="a.merge"), HelpMember(name="b.merge", topic="b.merge", title="Join.")]
    found = together(live, static, "Merge")
    assert [one.name for one in found] == ["b.merge", "a.merge", "b.merge_all"]
    assert found[0].title == "Join."
