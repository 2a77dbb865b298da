"""What is said of a name under the mouse, and whom it is asked of. No Qt.

The session is asked while it is free, as it knows what is there; what it does not know, and while it is busy, the
language's static helper may. An answer to an older question is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ide.core.ports import Cancel
from ide.core.record import dataclass

ANSWER_WITHIN_S = 1.5
LONGEST_SIGNATURE = 280
LONGEST_TEXT = 600
SHORT_PARAGRAPH = 80
"""A first paragraph up to this long is a title: the second one is told as well."""


@dataclass(frozen=True, slots=True)
class HoverWords:
    """What is known of a name: how it is called or what it is, where it is from, its value, what it is for."""

    title: str
    about: str = ""
    value: str = ""
    text: str = ""

    @property
    def plain(self) -> str:
        """All of it, as a screen reader says it."""
        return "\n".join(part for part in (self.title, self.about, self.value, self.text) if part)


class LiveAnswer(Protocol):
    """What a session's agent says."""

    @property
    def result(self) -> dict[str, Any] | None:
        """None when it said nothing."""


class LiveSession(Protocol):
    """What is asked of a session. `ide.kernels.session.Session` is one."""

    @property
    def state(self) -> str:
        """ "idle", "busy", ..."""

    def ask(self, method: str, params: dict[str, Any], done: Callable[[Any], None], timeout_s: float = 5) -> Cancel: ...


class Helper(Protocol):
    """A helper process of a language."""

    @property
    def methods(self) -> frozenset[str]: ...

    def ask(
        self, method: str, params: Mapping[str, object], done: Callable[[Mapping[str, Any] | None], None]
    ) -> Cancel: ...


class HoverQuestions:
    """Asks for one view. UI thread."""

    def __init__(self) -> None:
        self._generation = 0
        self._cancels: list[Cancel] = []

    def ask(
        self,
        session: LiveSession | None,
        helper: Helper | None,
        code: str,
        offset: int,
        params: Mapping[str, object],
        done: Callable[[HoverWords | None], None],
    ) -> None:
        """What is known of the name at `offset` of `code`; `params` ask the helper the same. None: nothing is."""
        self.drop()
        generation = self._generation

        def take_static(result: Mapping[str, Any] | None) -> None:
            if generation == self._generation:
                done(words_of(result))

        def ask_helper() -> None:
            if helper is not None and "hover" in helper.methods:
                self._cancels.append(helper.ask("hover", params, take_static))
            else:
                done(None)

        def take_live(answer: LiveAnswer) -> None:
            if generation == self._generation:
                words = words_of(answer.result)
                done(words) if words is not None else ask_helper()

        if session is not None and session.state == "idle":
            question = {"code": code, "offset": offset}
            self._cancels.append(session.ask("hover", question, take_live, ANSWER_WITHIN_S))
        else:
            ask_helper()

    def drop(self) -> None:
        """Answers that are on their way are ignored."""
        self._generation += 1
        for cancel in self._cancels:
            cancel()
        self._cancels = []


def words_of(result: Mapping[str, Any] | None) -> HoverWords | None:
    """What an answer of the contract says; None where it says nothing."""
    title = str((result or {}).get("title", ""))
    if not result or not title:
        return None
    package, version = str(result.get("package", "")), str(result.get("version", ""))
    kind = str(result.get("type_name", ""))
    home = f"{package} {version}".strip()
    about = " · ".join(part for part in (kind if kind not in title else "", home) if part)
    text = str(result.get("text", ""))
    return HoverWords(_shortened(title), about, str(result.get("preview", "")), first_words(text))


_SIGNATURE = re.compile(r"\s*[\w.]+\(.*\)\s*(?:->.*)?", re.DOTALL)
_UNDERLINED = re.compile(r"\S.*\n\s*([-=~^])\1{2,}\s*(?:\n|$)")
_ROLE = re.compile(r":[\w:+.-]+:`~?(?:([^`<]+?)\s*<[^`>]+>|([^`]+))`")
_MARK = re.compile(r"``(.+?)``|`([^`]+)`_{0,2}|\*\*(\S[^*]*)\*\*")


def first_words(documentation: str) -> str:
    """The first paragraph in one line, without marks; with the second where the first is no more than a title."""
    paragraphs = [part for part in re.split(r"\n\s*\n", documentation.strip()) if part.strip()]
    if len(paragraphs) > 1 and _SIGNATURE.fullmatch(paragraphs[0]):
        del paragraphs[0]
    told = paragraphs[:1]
    if told and len(told[0]) <= SHORT_PARAGRAPH:
        told += [part for part in paragraphs[1:2] if _is_prose(part)]
    if told and _UNDERLINED.match(told[0]):  # a title of the text itself, or of its parameters
        told = []
    return _cut("\n".join(_without_marks(" ".join(part.split())) for part in told), LONGEST_TEXT)


def _is_prose(paragraph: str) -> bool:
    first = paragraph.lstrip("\n").split("\n", 1)[0].strip()
    is_section = _UNDERLINED.match(paragraph.lstrip("\n")) is not None or first.endswith(":")
    return not is_section and not first.startswith((">>>", "..", ":", "- ", "* "))


def _without_marks(text: str) -> str:
    text = _ROLE.sub(lambda match: match[1] or match[2], text)
    return _MARK.sub(lambda match: match[1] or match[2] or match[3], text)


def _shortened(signature: str) -> str:
    """A signature of very many parameters ends behind one of them."""
    if len(signature) <= LONGEST_SIGNATURE:
        return signature
    head, comma, _ = signature[:LONGEST_SIGNATURE].rpartition(", ")
    return f"{head}, …)" if comma else _cut(signature, LONGEST_SIGNATURE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
