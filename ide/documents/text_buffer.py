"""The text of a document in pieces, so that an edit costs the same in a short and in a very long file."""

from __future__ import annotations

from collections.abc import Sequence

from ide.core.text import Edit

_PIECE_LENGTH = 16_384  # code points: small enough to copy at each key press, large enough to keep the list short


class TextBuffer:
    """A text with `\\n` between its lines. An edit copies one piece; `text` is put together when it is asked for."""

    def __init__(self, text: str) -> None:
        self._pieces = _cut(text)
        self._line_breaks = [piece.count("\n") for piece in self._pieces]
        self._text: str | None = text
        self._length = len(text)

    def __len__(self) -> int:
        return self._length

    @property
    def text(self) -> str:
        """The whole text, kept until the next edit."""
        if self._text is None:
            self._text = "".join(self._pieces)
        return self._text

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text as it is now, cheap to take and safe to hand to another thread."""
        return (self._text,) if self._text is not None else tuple(self._pieces)

    def apply(self, edit: Edit) -> str:
        """Change the text; the removed part is the answer. Raises ValueError for a range outside the text."""
        end = edit.start + edit.removed_length
        if edit.start < 0 or edit.removed_length < 0 or end > self._length:
            raise ValueError(f"edit of {edit.start} to {end} in a text of {self._length}")
        first, start = self._find(edit.start)
        last, stop = (first, start + edit.removed_length)
        while last < len(self._pieces) - 1 and stop > len(self._pieces[last]):
            stop -= len(self._pieces[last])
            last += 1
        removed = self._between(first, start, last, stop)
        self._replace(first, last, self._pieces[first][:start] + edit.inserted + self._pieces[last][stop:])
        self._length += len(edit.inserted) - edit.removed_length
        self._text = None
        return removed

    def line_at(self, offset: int) -> int:
        """The line that holds `offset`: how many line breaks stand before it."""
        index, start = self._find(offset)
        return sum(self._line_breaks[:index]) + self._pieces[index].count("\n", 0, start)

    def equals(self, text: str) -> bool:
        """Whether the text is `text`, without putting it together."""
        if len(text) != self._length:
            return False
        position = 0
        for piece in self._pieces:
            if not text.startswith(piece, position):
                return False
            position += len(piece)
        return True

    def _find(self, offset: int) -> tuple[int, int]:
        """The piece in which `offset` lies (the earlier one at a border), and the offset there."""
        for index, piece in enumerate(self._pieces):
            if offset <= len(piece):
                return index, offset
            offset -= len(piece)
        return len(self._pieces) - 1, len(self._pieces[-1])

    def _between(self, first: int, start: int, last: int, stop: int) -> str:
        if first == last:
            return self._pieces[first][start:stop]
        return "".join((self._pieces[first][start:], *self._pieces[first + 1 : last], self._pieces[last][:stop]))

    def _replace(self, first: int, last: int, text: str) -> None:
        fresh = _cut(text) if len(text) > 2 * _PIECE_LENGTH or not text else [text]
        if not text and len(self._pieces) > last - first + 1:
            fresh = []
        self._pieces[first : last + 1] = fresh
        self._line_breaks[first : last + 1] = [piece.count("\n") for piece in fresh]


def _cut(text: str) -> list[str]:
    return [text[at : at + _PIECE_LENGTH] for at in range(0, len(text), _PIECE_LENGTH)] or [""]


def smallest_edit(before: str, after: str) -> Edit | None:
    """The one edit that makes `after` of `before` and touches least; None where they are equal."""
    if before == after:
        return None
    limit = min(len(before), len(after))
    head = _common(before, after, limit)
    tail = 0
    limit -= head
    step = 4096
    while step:
        while tail + step <= limit and (
            before[len(before) - tail - step : len(before) - tail]
            == after[len(after) - tail - step : len(after) - tail]
        ):
            tail += step
        step //= 2
    return Edit(head, len(before) - head - tail, after[head : len(after) - tail])


def _common(before: Sequence[str], after: Sequence[str], limit: int) -> int:
    length, step = 0, 4096
    while step:
        while length + step <= limit and before[length : length + step] == after[length : length + step]:
            length += step
        step //= 2
    return length
