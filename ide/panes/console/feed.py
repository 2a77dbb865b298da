"""What waits to be shown, in order, and bounded: the middle of a flood is skipped and counted. Owns no widget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ide.core.record import dataclass
from ide.panes.console.lines import Style

PIECE_CHARACTERS = 32_768
PIECE_LINES = 1_000

Act = Callable[[], None]


@dataclass(slots=True)
class Text:
    """Printed text of one run in one style, with its number of line breaks."""

    run_id: str
    style: Style
    text: str
    breaks: int


@dataclass(slots=True)
class Skipped:
    """So many lines of a run were left out here."""

    run_id: str
    lines: int


@dataclass(slots=True)
class Shown:
    """Something that a run shows and its clear_output takes away: `act` shows it."""

    run_id: str
    act: Act


Item = Text | Skipped | Shown | Act


class Feed:
    """A queue of text and acts. `limit_lines` bounds the text that waits: older text would scroll out unseen."""

    def __init__(self, limit_lines: int) -> None:
        self.limit_lines = limit_lines
        self._items: deque[Item] = deque()
        self._breaks = 0

    def __bool__(self) -> bool:
        return bool(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def waiting_lines(self) -> int:
        """Line breaks in the text that waits."""
        return self._breaks

    def add_text(self, run_id: str, text: str, style: Style) -> None:
        """Text at the end of the queue; the oldest text gives way where that is too much."""
        if not text:
            return
        breaks = text.count("\n")
        last = self._items[-1] if self._items else None
        is_same = isinstance(last, Text) and last.run_id == run_id and last.style is style
        if is_same and isinstance(last, Text) and len(last.text) < PIECE_CHARACTERS:
            last.text += text
            last.breaks += breaks
        else:
            self._items.append(Text(run_id, style, text, breaks))
        self._breaks += breaks
        if self._breaks > self.limit_lines:
            self._skip(self._breaks - self.limit_lines)

    def add(self, act: Act) -> None:
        """Something to do once all text before it is shown."""
        self._items.append(act)

    def add_shown(self, run_id: str, act: Act) -> None:
        """Something to show once all text before it is shown."""
        self._items.append(Shown(run_id, act))

    def drop_output(self, run_id: str) -> None:
        """Output of a run that waits is no longer wanted: the run cleared it."""
        kept = [
            item for item in self._items if not (isinstance(item, Text | Skipped | Shown) and item.run_id == run_id)
        ]
        self._items = deque(kept)
        self._breaks = sum(item.breaks for item in kept if isinstance(item, Text))

    def clear(self) -> None:
        """Nothing waits."""
        self._items.clear()
        self._breaks = 0

    def next(self, most_lines: int = PIECE_LINES) -> Item | None:
        """The next item, text in pieces that are quick to show; None where nothing waits."""
        if not self._items:
            return None
        first = self._items[0]
        if not isinstance(first, Text):
            return self._items.popleft()
        piece = _piece(first.text, min(most_lines, PIECE_LINES))
        if len(piece) == len(first.text):
            self._items.popleft()
        else:
            first.text = first.text[len(piece) :]
        breaks = piece.count("\n")
        first.breaks -= breaks
        self._breaks -= breaks
        return Text(first.run_id, first.style, piece, breaks)

    def _skip(self, count: int) -> None:
        """Leave out `count` lines from the front. Acts stay in their order."""
        kept: deque[Item] = deque()
        while count > 0 and self._items:
            item = self._items.popleft()
            if not isinstance(item, Text):
                _merge(kept, item)
                continue
            gone = min(count, item.breaks)
            count -= gone
            self._breaks -= gone
            if gone:
                _merge(kept, Skipped(item.run_id, gone))
            if gone < item.breaks:
                item.text = item.text[_after_breaks(item.text, item.breaks - gone) :]
                item.breaks -= gone
                self._items.appendleft(item)
            elif rest := item.text[item.text.rfind("\n") + 1 :]:
                _merge(kept, Text(item.run_id, item.style, rest, 0))
        self._items.extendleft(reversed(kept))


def _merge(kept: deque[Item], item: Item) -> None:
    if isinstance(item, Skipped) and kept and isinstance(last := kept[-1], Skipped) and last.run_id == item.run_id:
        last.lines += item.lines
    else:
        kept.append(item)


def _after_breaks(text: str, keep: int) -> int:
    """Where the last `keep` lines of `text` (and what follows the last break) begin."""
    return len(text.rsplit("\n", keep + 1)[0]) + 1


def _piece(text: str, most_lines: int) -> str:
    if len(text) > PIECE_CHARACTERS:
        text = text[:PIECE_CHARACTERS]
    if text.count("\n") > most_lines:
        text = text[: sum(map(len, text.split("\n", most_lines)[:most_lines])) + most_lines]
    return text
