"""Which commands and files fit what was typed, best first. No Qt. Owns the order, not how it is shown.

What begins words is best, then what is contained, then what is similar (a typing error is forgiven). rapidfuzz tells
similar; it is imported in the pool, and until it is there the first two serve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Similar = Callable[[str, Sequence[str]], dict[int, float]]
"""Typed text and titles to {index: 0..100}, for titles that are similar enough."""

SIMILAR_ENOUGH = 72.0
SHORTEST_FOR_SIMILAR = 4


def load_similar() -> Similar:
    """Import rapidfuzz (about 30 ms): for a pool thread."""
    from rapidfuzz import fuzz, process

    def similar(typed: str, titles: Sequence[str]) -> dict[int, float]:
        found: Iterable[tuple[Any, float, int]] = process.extract(
            typed, titles, scorer=fuzz.partial_ratio, limit=None, score_cutoff=SIMILAR_ENOUGH
        )
        return {index: score for _, score, index in found}

    return similar


def ranked(typed: str, titles: Sequence[str]) -> list[int]:
    """Indexes of the titles that fit by their letters, best first; among equals the order of `titles` holds.

    All for empty text.
    """
    typed = _normal(typed)
    if not typed:
        return list(range(len(titles)))
    scores = {index: score for index, title in enumerate(titles) if (score := _score(typed, title.lower())) > 0}
    return sorted(scores, key=lambda index: (-scores[index], index))


def alike(typed: str, titles: Sequence[str], similar: Similar | None) -> list[int]:
    """Indexes of the titles that are similar to what was typed, best first; none for text that is short or no word."""
    typed = _normal(typed)
    if similar is None or len(typed) < SHORTEST_FOR_SIMILAR or not typed.replace(" ", "").isalnum():
        return []
    scores = similar(typed, [title.lower() for title in titles])
    return sorted(scores, key=lambda index: (-scores[index], index))


def _normal(typed: str) -> str:
    return " ".join(typed.lower().split())


def _score(typed: str, title: str) -> float:
    """0 where `title` does not fit by its letters."""
    if title.startswith(typed):
        return 100 + (10 if title == typed else 0)
    words = _words(title)
    wanted = typed.split()
    if all(any(word.startswith(part) for word in words) for part in wanted):
        return 80 + 5 * words[0].startswith(wanted[0]) if words else 0
    if typed in title:
        return 60
    if _is_by_initials(typed.replace(" ", ""), words):
        return 40
    return 20 if all(part in title for part in wanted) else 0


def _words(title: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in title).split()


def _is_by_initials(typed: str, words: Sequence[str]) -> bool:
    """Whether `typed` is made of beginnings of words in order: "rarua" or "resrun" of "restart and run all"."""
    if not words:
        return not typed
    for length in range(min(len(typed), len(words[0])), 0, -1):
        if words[0].startswith(typed[:length]):
            rest = typed[length:]
            if not rest or _is_by_initials(rest, words[1:]):
                return True
    return bool(typed) and len(words) > 1 and _is_by_initials(typed, words[1:])
