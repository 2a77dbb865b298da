"""Finds how far a progress bar is in the text that draws it: tqdm, R's `txtProgressBar`, cli, rich, pip. Pure.

A percentage counts where the line is drawn again and again: after a carriage return or an escape that moves the
cursor. "Accuracy: 95%" on a line of its own is no progress.
"""

from __future__ import annotations

import re

READ_CHARACTERS = 8_192
"""Of one piece of text only the end is read: newer states of a bar replace older ones."""

_NAME_CHARACTERS = 200

_TOKEN = re.compile(
    r"(?P<down>\n)"
    r"|(?P<begin>\r|\x08|\x1b\[[\d;]*[GK])"
    r"|\x1b\[(?P<up>\d*)[AF]"
    r"|(?<![\d.,])(?P<percent>\d{1,3}(?:\.\d+)?)\s?%"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_REDRAWN = re.compile(r"\r(?!\n)")
_PARTIAL = re.compile(r"(?:\x1b(?:\[[\d;]*)?|(?<![\d.,])\d{1,3}(?:\.\d*)?\s?)\Z")


class BarReader:
    """Reads one stream of one run. Of nested bars the uppermost counts."""

    def __init__(self) -> None:
        self._rest = ""
        self._is_drawn_again = False
        self._head = ""
        self._name = ""
        self._row = 0
        self._bar_row = 0
        self._share: float | None = None
        self._is_below = False

    def read(self, text: str) -> float | None:
        """How far the bar is after `text`, from 0 to 1; None where it draws none."""
        text, self._rest = self._rest + text, ""
        if len(text) > READ_CHARACTERS:
            text = text[-READ_CHARACTERS:]
            self._share = None
        if partial := _PARTIAL.search(text):
            text, self._rest = text[: partial.start()], partial.group()
        found: float | None = None
        begin = 0
        for match in _TOKEN.finditer(text):
            if match["percent"] is None:
                begin, self._head = match.end(), ""
            if match["down"]:
                self._row += 1
                self._is_drawn_again = False
            elif match["begin"]:
                self._is_drawn_again = True
            elif match["up"] is not None:
                self._row -= int(match["up"] or 1)
                self._is_drawn_again = True
                self._is_below = self._is_below and self._row > self._bar_row
            elif self._is_drawn_again:
                self._is_drawn_again = False  # the first one of a line: what follows may be anything
                name = "".join(_LETTERS.findall(self._head + text[begin : match.start()]))
                if self._counts(name, share := min(float(match["percent"]) / 100, 1.0)):
                    found = share
        self._head = (self._head + text[begin:])[-_NAME_CHARACTERS:]
        return found

    def _counts(self, name: str, share: float) -> bool:
        """A bar below another is a nested one where the cursor goes back up each time, else it is the next one. One of
        another name that is whole stands where a nested one has ended."""
        is_other = self._share is not None and self._share < 1 and (name != self._name or not name)
        is_nested = is_other and self._row > self._bar_row and not self._is_below
        has_ended = is_other and bool(name) and share == 1
        self._is_below = self._row > self._bar_row
        if is_nested or has_ended:
            return False
        self._name, self._share, self._bar_row = name, share, self._row
        self._is_below = False
        return True


def bar_parts(text: str) -> list[tuple[str, bool]]:
    """`text` in parts, each with whether its lines are drawn again: a bar on the stream for errors is no error."""
    if "\r" not in text:
        return [(text, False)]
    parts: list[tuple[str, bool]] = []
    for line in _LINES.findall(text):
        is_bar = _REDRAWN.search(line) is not None
        if parts and parts[-1][1] is is_bar:
            parts[-1] = (parts[-1][0] + line, is_bar)
        else:
            parts.append((line, is_bar))
    return parts
