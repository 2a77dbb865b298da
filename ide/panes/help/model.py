"""What the Help pane shows, where it has been, and whom it asks. No Qt.

A page is asked of the session first, which knows what is there; what it does not know the language's static helper may.
A busy session answers when it has finished: till then the page says that it is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ide.core.errors import ContractError
from ide.core.events import Signal
from ide.core.ports import After, Cancel
from ide.core.record import dataclass, field, replace
from ide.kernels.contract import HelpMatches, HelpMember, HelpPage

HISTORY_MOST = 100
LIVE_LIMIT_S = 3_600.0
"""A session may be busy for long; another page, or a restart, gives the question up."""
HELPER_AFTER_S = 1.5
"""A session that has not answered for so long is busy: the helper is asked besides."""
SEARCH_LIMIT_S = 10.0
SEARCH_AGAIN_S = 0.4
MATCHES_MOST = 60
"""Of one language."""


class LiveAnswer(Protocol):
    """What a session's agent says."""

    @property
    def result(self) -> dict[str, Any] | None:
        """None when it said nothing."""


class HelpSession(Protocol):
    """What is asked of a session. `ide.kernels.session.Session` is one."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def has_agent(self) -> bool: ...

    def ask(self, method: str, params: dict[str, Any], done: Callable[[Any], None], timeout_s: float = 5) -> Cancel: ...


class Helper(Protocol):
    """A helper process of a language."""

    @property
    def methods(self) -> frozenset[str]: ...

    def ask(
        self, method: str, params: Mapping[str, object], done: Callable[[Mapping[str, Any] | None], None]
    ) -> Cancel: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Who answers, by id of a language; None: nobody now. `languages` are those with a living session, that in use
    first. `interpreter_of` is the program that the helper may look at; empty where there is none."""

    languages: Callable[[], Sequence[str]]
    session_of: Callable[[str], HelpSession | None]
    helper_of: Callable[[str], Helper | None]
    search_helper_of: Callable[[str], Helper | None]
    interpreter_of: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Place:
    """Something to show: the page of a topic, a search, or the cheat sheet. `others` are topics to try where the first
    has no page; `code`, `offset` and `params` ask for the name at a caret, `params` being the helper's."""

    kind: str = "page"
    language: str = ""
    topic: str = ""
    package: str = ""
    text: str = ""
    others: tuple[str, ...] = ()
    code: str = ""
    offset: int = -1
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How the place is called in lists and messages."""
        return self.text or self.topic or self.package


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found in one language."""

    language: str
    matches: tuple[HelpMember, ...]


class HelpModel:
    """UI thread only."""

    changed = Signal()
    """Another place, or what is known of it."""
    kept = Signal(str, str)
    """The session in use now has no page of this name, so the former one's stays: label of the page, session's name."""

    def __init__(self, sources: Sources, after: After) -> None:
        self._sources = sources
        self._after = after
        self._history: list[Place] = []
        self._at = -1
        self._generation = 0
        self._cancels: list[Cancel] = []
        self._open = 0
        self._answered: HelpSession | None = None
        self.page: HelpPage | None = None
        """Of the place, once it is there."""
        self.found: tuple[Found, ...] = ()
        """Of a search, by language."""
        self.state = ""
        """ "" (nothing to show), "asking", "busy" (the session is), "reading" (the helper is asked), "here", "none"
        (nothing is known), "no session"."""

    @property
    def place(self) -> Place | None:
        """Where we are."""
        return self._history[self._at] if 0 <= self._at < len(self._history) else None

    @property
    def can_go_back(self) -> bool:
        """Whether there was a place before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether we came back from a place."""
        return self._at + 1 < len(self._history)

    # --- going -------------------------------------------------------------------------------------------------------

    def open(self, place: Place) -> None:
        """Go to a place. A search that goes on takes the place of the search before."""
        here = self.place
        is_same_search = here is not None and here.kind == place.kind == "search"
        del self._history[self._at + (0 if is_same_search else 1) :]
        self._history.append(place)
        del self._history[: max(0, len(self._history) - HISTORY_MOST)]
        self._at = len(self._history) - 1
        self._load()

    def back(self) -> None:
        """To the place before."""
        if self.can_go_back:
            self._at -= 1
            self._load()

    def forward(self) -> None:
        """To the place that we came back from."""
        if self.can_go_forward:
            self._at += 1
            self._load()

    def reload(self) -> None:
        """Ask again for what is shown."""
        if self.place is not None:
            self._load()

    def renew(self) -> None:
        """Another session may be in use, or has become able to answer: show its page of the same name, which may be of
        another version."""
        place = self.place
        session = self._sources.session_of(place.language) if place is not None else None
        if place is None or place.kind != "page" or session is None or session is self._answered:
            return
        if not session.has_agent:  # it has just been started
            return
        if self.state != "here":
            self._load()
            return
        self._drop()
        self._answered = session
        _Renewal(self, place, session, self._generation).start()

    def see(self, name: str) -> None:
        """A name that a page mentions: what stands beside its topic, in its package, or has the name itself."""
        here, page = self.place, self.page
        if here is None or page is None:
            return
        owner = page.topic
        names = []
        while "." in owner:
            owner = owner.rpartition(".")[0]
            names.append(f"{owner}.{name}")
        names.append(name)
        first, *others = dict.fromkeys(names)
        self.open(Place(language=here.language, topic=first, others=tuple(others), text=name))

    def close(self) -> None:
        """Wait for nothing any more."""
        self._drop()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _drop(self) -> None:
        self._generation += 1
        for cancel in self._cancels:
            cancel()
        self._cancels = []

    def _load(self) -> None:
        self._drop()
        place = self.place
        assert place is not None
        self.page, self.state, self._answered = None, "asking", self._sources.session_of(place.language)
        if place.kind == "search":
            self._search(place)
        elif place.kind == "page":
            self.found = ()
            _PageSearch(self, place, self._generation).start()
        else:
            self.found, self.state = (), "here"
        self.changed.emit()

    def _tell(self, state: str, page: HelpPage | None = None) -> None:
        self.state, self.page = state, page
        place = self.place
        if page is not None and place is not None:  # from now on the place is asked for by its own name
            self._history[self._at] = Place(language=place.language, topic=page.topic, package=page.package)
        self.changed.emit()

    # --- search ------------------------------------------------------------------------------------------------------

    def _search(self, place: Place) -> None:
        """Ask every language; what was found before stays until there is something new to show."""
        languages = self._sources.languages()
        self._open = len(languages)
        if not place.text.strip() or not languages:
            self.found, self.state = (), "no session" if not languages else "here"
            return
        self.found = tuple(one for one in self.found if one.language in languages)
        for language in languages:
            session = self._sources.session_of(language)
            assert session is not None
            params = {"text": place.text, "limit": MATCHES_MOST}
            take = _Taker(self, self._generation, language, place.text)
            self._cancels.append(session.ask("help.search", params, take.live, SEARCH_LIMIT_S))

    def _put_matches(self, language: str, matches: Sequence[HelpMember]) -> None:
        others = [one for one in self.found if one.language != language]
        found = [*others, Found(language, tuple(matches[:MATCHES_MOST]))]
        order = list(self._sources.languages())
        found.sort(key=lambda one: order.index(one.language) if one.language in order else len(order))
        self.found = tuple(found)
        self.changed.emit()

    def _end_search(self) -> None:
        self._open -= 1
        if self._open <= 0:
            self.state = "here" if any(one.matches for one in self.found) else "none"
        self.changed.emit()


class _PageSearch:
    """Finds one page: asks the session for each topic in turn, and the helper where the session has none or is busy."""

    def __init__(self, model: HelpModel, place: Place, generation: int) -> None:
        self._model = model
        self._place = place
        self._generation = generation
        self._topics = [place.topic, *place.others]
        self._is_helper_asked = self._is_live_over = self._is_retried = False

    def start(self) -> None:
        """Ask."""
        model, place = self._model, self._place
        session = model._sources.session_of(place.language)
        if session is None:
            self._is_live_over = True
            self._ask_helper("no session")
            return
        model._cancels.append(model._after(HELPER_AFTER_S, self._on_late))
        self._ask_live(session, 0)

    def _is_old(self) -> bool:
        return self._generation != self._model._generation

    def _ask_live(self, session: HelpSession, number: int) -> None:
        place = self._place

        def take(answer: LiveAnswer) -> None:
            if self._is_old() or self._model.state == "here":
                return
            page = read_page(answer.result)
            if page is not None:
                self._model._tell("here", page)
            elif number + 1 < len(self._topics) and answer.result is not None:
                self._ask_live(session, number + 1)
            else:
                self._is_live_over = True
                self._ask_helper("none")

        if place.offset >= 0:
            cancel = session.ask("help.at", {"code": place.code, "offset": place.offset}, take, LIVE_LIMIT_S)
        else:
            params = {"topic": self._topics[number], "package": place.package}
            cancel = session.ask("help.page", params, take, LIVE_LIMIT_S)
        self._model._cancels.append(cancel)

    def _on_late(self) -> None:
        if not self._is_old() and self._model.state == "asking":
            self._model.state = "busy"
            self._model.changed.emit()
            self._ask_helper("busy")

    def _ask_helper(self, otherwise: str) -> None:
        """`otherwise` is the state where the helper knows nothing either."""
        helper = self._model._sources.helper_of(self._place.language)
        if self._is_helper_asked or helper is None or "help" not in helper.methods:
            if self._is_live_over:
                self._model._tell(otherwise)
            return
        self._is_helper_asked = True
        if self._is_live_over:
            self._model._tell("reading")
        self._ask_helper_for(helper, 0, otherwise)

    def _ask_helper_for(self, helper: Helper, number: int, otherwise: str) -> None:
        place = self._place

        def take(result: Mapping[str, Any] | None) -> None:
            if self._is_old() or self._model.state == "here":
                return
            page = read_page(result)
            if page is not None:
                self._model._tell("here", page)
            elif result is None and not self._is_retried:  # it was killed, being slow with all that it reads at first
                self._is_retried = True
                self._ask_helper_for(helper, number, otherwise)
            elif number + 1 < len(self._topics) and place.offset < 0:
                self._ask_helper_for(helper, number + 1, otherwise)
            elif self._is_live_over:
                self._model._tell("none" if otherwise == "busy" else otherwise)

        interpreter = self._model._sources.interpreter_of(place.language)
        params = place.params if place.offset >= 0 else {"topic": self._topics[number], "interpreter": interpreter}
        self._model._cancels.append(helper.ask("help", params, take))


class _Renewal:
    """Asks another session for the page that is shown, and its interpreter's helper; the page stays meanwhile."""

    def __init__(self, model: HelpModel, place: Place, session: HelpSession, generation: int) -> None:
        self._model = model
        self._place = place
        self._session = session
        self._generation = generation

    def start(self) -> None:
        """Ask."""
        params = {"topic": self._place.topic, "package": self._place.package}
        self._model._cancels.append(self._session.ask("help.page", params, self._live, LIVE_LIMIT_S))

    def _live(self, answer: LiveAnswer) -> None:
        if self._generation != self._model._generation or answer.result is None:
            return
        page = read_page(answer.result)
        helper = self._model._sources.helper_of(self._place.language)
        if page is None and helper is not None and "help" in helper.methods:
            interpreter = self._model._sources.interpreter_of(self._place.language)
            params = {"topic": self._place.topic, "interpreter": interpreter}
            self._model._cancels.append(helper.ask("help", params, self._static))
        else:
            self._end(page)

    def _static(self, result: Mapping[str, Any] | None) -> None:
        if self._generation == self._model._generation:
            self._end(read_page(result))

    def _end(self, page: HelpPage | None) -> None:
        if page is not None:
            self._model._tell("here", page)
        else:
            self._model.kept.emit(self._place.label, self._session.name)


class _Taker:
    """Takes what one language has for a search: from its session, then from its search helper while more comes."""

    def __init__(self, model: HelpModel, generation: int, language: str, text: str) -> None:
        self._model = model
        self._generation = generation
        self._language = language
        self._text = text
        self._live: tuple[HelpMember, ...] = ()
        self._folders: tuple[str, ...] = ()

    def live(self, answer: LiveAnswer) -> None:
        """The session's answer."""
        found = read_matches(answer.result)
        if self._is_old():
            return
        self._live = found.matches
        self._folders = found.folders
        self._model._put_matches(self._language, self._live)
        self._ask_helper()

    def _is_old(self) -> bool:
        return self._generation != self._model._generation

    def _ask_helper(self) -> None:
        helper = self._model._sources.search_helper_of(self._language) if self._folders else None
        if self._is_old():
            return
        if helper is None:
            self._model._end_search()
            return
        params = {"text": self._text, "folders": list(self._folders), "limit": MATCHES_MOST}
        self._model._cancels.append(helper.ask("search", params, self._static))

    def _static(self, result: Mapping[str, Any] | None) -> None:
        if self._is_old():
            return
        found = read_matches(result)
        self._model._put_matches(self._language, together(self._live, found.matches, self._text))
        if found.is_complete:
            self._model._end_search()
        else:
            self._model._cancels.append(self._model._after(SEARCH_AGAIN_S, self._ask_helper))


def read_page(result: Mapping[str, Any] | None) -> HelpPage | None:
    """The page in an answer; None where nothing is known or the answer is none of the contract's."""
    if not result:
        return None
    try:
        page = HelpPage.from_json(result)
    except ContractError:
        return None
    return page if page.topic or page.package else None


def read_matches(result: Mapping[str, Any] | None) -> HelpMatches:
    """The matches in an answer."""
    try:
        return HelpMatches.from_json(result) if result else HelpMatches()
    except ContractError:
        return HelpMatches()


def together(live: Sequence[HelpMember], static: Sequence[HelpMember], text: str) -> tuple[HelpMember, ...]:
    """Both lists as one, the best first. What the session has imported beats what lies in its files."""
    typed = " ".join(text.lower().split())

    def order(one: HelpMember) -> tuple[object, ...]:
        full = one.name.lower()
        name = full.rpartition(".")[2]
        is_named = all(word in name for word in typed.split())
        depth = one.name.count(".")
        return (
            typed not in (name, full),
            not (name.startswith(typed) or full.startswith(typed)),
            not is_named,
            one.topic not in near,
            depth,
            len(name),
            one.name,
        )

    near = {one.topic for one in live}
    known = {one.topic: one for one in static}
    for one in live:
        known[one.topic] = replace(one, title=one.title or known.get(one.topic, one).title)
    return tuple(sorted(known.values(), key=order))
