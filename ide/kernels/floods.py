"""Folds long lines and bounds the text of one run, so that no output can take the window down.

What is left out stays in the spool; a `Cut` and a mark in the text say so.
"""

from __future__ import annotations

from ide.core.outputs import Cut, Output, Stream
from ide.kernels.records import Limits

_RETURNS_KEPT = 4


class LineFolder:
    """Shortens lines of one stream of one run, over any number of messages: a line may come in pieces."""

    def __init__(self, limit_characters: int) -> None:
        self._limit = limit_characters
        self._column = 0
        self._left_out = 0

    def fold(self, text: str) -> tuple[str, int]:
        """The text with long lines cut short and marked, and how many characters were left out in lines that ended."""
        if self._column + len(text) <= self._limit and not self._left_out:
            newline = text.rfind("\n")
            self._column = len(text) - newline - 1 if newline >= 0 else self._column + len(text)
            return text, 0
        parts, total = [], 0
        lines = text.split("\n")
        for line in lines[:-1]:
            parts.append(self._piece(line))
            mark, left_out = self._end_line()
            parts.append(mark + "\n")
            total += left_out
        parts.append(self._piece(lines[-1]))
        return "".join(parts), total

    def finish(self) -> tuple[str, int]:
        """The mark for a last line without end."""
        return self._end_line()

    def _end_line(self) -> tuple[str, int]:
        left_out, self._left_out, self._column = self._left_out, 0, 0
        return (f" ... {left_out:,} more characters" if left_out else ""), left_out

    def _piece(self, line: str) -> str:
        if "\r" in line:
            line = _last_returns(line)
            self._column = self._left_out = 0
        room = max(self._limit - self._column, 0)
        kept = line[:room]
        self._column += len(kept)
        self._left_out += len(line) - len(kept)
        return kept


def _last_returns(line: str) -> str:
    """A progress bar overwrites its line: only the first and last few states of it in one piece are passed on."""
    states = line.split("\r")
    if len(states) <= 2 * _RETURNS_KEPT:
        return line
    return "\r".join([states[0], *states[-_RETURNS_KEPT:]])


class RunFlood:
    """Bounds what one run may print. Past the limit only the last stretch is kept, and shown when the run ends."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._folders: dict[str, LineFolder] = {}
        self._passed = 0
        self._lines = 0
        self._held_back = 0
        self._tail: list[tuple[str, str]] = []
        self._tail_characters = 0

    def take(self, name: str, text: str) -> tuple[str, tuple[Output, ...]]:
        """The text to show now and its outputs, for a piece of stream `name` ("stdout" or "stderr")."""
        stream: Stream
        if self._passed >= self._limits.run_characters or self._lines >= self._limits.run_lines:
            return "", self._hold_back(name, text)
        text, rest = self._within_limits(text)
        folder = self._folders.setdefault(name, LineFolder(self._limits.line_characters))
        shown, left_out = folder.fold(text)
        self._passed += len(shown)
        stream = Stream("stderr" if name == "stderr" else "stdout", shown)
        notes: tuple[Output, ...] = (Cut(f"{left_out:,} characters of long lines are folded."),) if left_out else ()
        if rest:
            notes = (*notes, *self._hold_back(name, rest))
        return shown, ((stream, *notes) if shown else notes)

    def _within_limits(self, text: str) -> tuple[str, str]:
        """The part that may still be shown, to the end of a line, and the rest."""
        room = self._limits.run_lines - self._lines
        breaks = text.count("\n")
        self._lines += min(breaks, room)
        if breaks <= room:
            return text, ""
        lines = text.split("\n", room)
        return text[: len(text) - len(lines[-1])], lines[-1]

    def finish(self) -> tuple[tuple[str, str], ...]:
        """What is to be shown at the end of the run: pairs of stream name and text. Starts anew afterwards."""
        marks = [(name, folder.finish()[0]) for name, folder in self._folders.items()]
        shown = [(name, mark) for name, mark in marks if mark]
        if self._held_back:
            tail = self._cut_tail()
            hidden = self._held_back - sum(len(text) for _, text in tail)
            if hidden > 0:
                shown.append(("stdout", f"\n... {hidden:,} characters are not shown ...\n"))
            shown.extend((name, self._folded(text)) for name, text in tail)
        self._folders, self._tail, self._tail_characters, self._held_back = {}, [], 0, 0
        self._passed = self._lines = 0
        return tuple(shown)

    def _cut_tail(self) -> list[tuple[str, str]]:
        """The last `tail_characters` of what was held back."""
        room, tail = self._limits.tail_characters, []
        for name, text in reversed(self._tail):
            if room > 0:
                tail.append((name, text[-room:]))
                room -= len(text)
        return tail[::-1]

    def _folded(self, text: str) -> str:
        folder = LineFolder(self._limits.line_characters)
        return folder.fold(text)[0] + folder.finish()[0]

    def _hold_back(self, name: str, text: str) -> tuple[Output, ...]:
        is_first = not self._held_back
        self._held_back += len(text)
        text = text[-self._limits.tail_characters :]
        if self._tail and self._tail[-1][0] == name and len(self._tail[-1][1]) + len(text) < 8192:
            self._tail[-1] = (name, self._tail[-1][1] + text)
        else:
            self._tail.append((name, text))
        self._tail_characters += len(text)
        while self._tail_characters > self._limits.tail_characters and len(self._tail) > 1:
            self._tail_characters -= len(self._tail.pop(0)[1])
        if not is_first:
            return ()
        return (
            Cut("So much output is not shown at once: the rest is kept on disk, its end is shown when the run ends."),
        )
