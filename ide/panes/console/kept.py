"""What the console has shown and can show large: the newest objects, bounded in number and weight. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from ide.core.record import dataclass

MOST: Final = 200
MOST_WEIGHT: Final = 200_000_000
NODES_WEIGHED: Final = 10_000
HEAVY: Final = 50_000_000
"""The weight of a value with more parts than are looked at."""


@dataclass(frozen=True, slots=True)
class KeptObject:
    """A bundle, the words over its large view, and the display_id by which the console finds its lines."""

    bundle: Mapping[str, Any]
    title: str
    display: str
    weight: int


class Kept:
    """Objects by number."""

    def __init__(self) -> None:
        self._objects: OrderedDict[int, KeptObject] = OrderedDict()
        self._last = 0

    @property
    def next_number(self) -> int:
        """What the next object will be called."""
        return self._last + 1

    def add(self, bundle: Mapping[str, Any], title: str, display: str) -> int:
        """Keep an object; the oldest go where it gets too much."""
        self._last += 1
        self._objects[self._last] = KeptObject(bundle, title, display, weight=weight(bundle))
        while len(self._objects) > 1 and (
            len(self._objects) > MOST or sum(each.weight for each in self._objects.values()) > MOST_WEIGHT
        ):
            self._objects.popitem(last=False)
        return self._last

    def get(self, number: int) -> KeptObject | None:
        """An object that is still kept."""
        return self._objects.get(number)

    def clear(self) -> None:
        """Nothing of it is shown any more."""
        self._objects.clear()


def weight(value: Any) -> int:
    """About how many bytes a message's part takes."""
    total = nodes = 0
    waiting = [value]
    while waiting:
        part = waiting.pop()
        nodes += 1
        if nodes > NODES_WEIGHED:
            return total + HEAVY
        if isinstance(part, str):
            total += len(part)
        elif isinstance(part, Mapping):
            if len(part) > NODES_WEIGHED:
                return total + HEAVY
            waiting.extend(part.values())
        elif isinstance(part, list):
            if len(part) > NODES_WEIGHED:
                return total + HEAVY
            waiting.extend(part)
        total += 64
    return total
