"""Turns printed text into lines: carriage returns, backspaces, colours, small cursor moves. Owns no widget.

What could deceive or harm is ignored or made visible (PROMISES D5): titles, the clipboard, the alternate screen, hidden
text and resets have no effect; characters that cannot be seen or that turn the direction of text are spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ide.core.record import dataclass, replace
from ide.panes.console.lines import MUTED, PLAIN, WARNING, Line, Span, Style, link_style, link_to_rest, link_to_url

REACHABLE_LINES = 64
"""How far back "cursor up" goes: progress bars of several lines need a few."""
THIN_SPACE = "\u202f"
PARTIAL_LIMIT = 8192
"""Characters of an escape sequence that may wait for its end; a longer one is dropped."""

# Invisible or direction-changing characters, Qt's own separators, lone surrogates. Joiners are spelled out only beside
# ASCII: Persian, Indic scripts and emoji need them.
HIDDEN = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufdd0\ufdd1\ufffc\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
_CONTROL = re.compile(
    r"\n|\r|\x08"
    r"|\x1b\[(?P<args>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[PX^_][^\x1b]*\x1b\\"
    r"|\x1b[ -/]*[0-~]"
    rf"|(?P<odd>[\x00-\x07\x0b-\x1f\x7f-\x9f{HIDDEN}]|(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f]))"
)
HIDDEN_PATTERN = re.compile(rf"[{HIDDEN}]|(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f])")
_SPECIAL = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200c\u200d{HIDDEN}]")
_PARTIAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\x9c]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]+)?\Z")
_STRING_END = re.compile(r"\x07|\x1b\\|\x9c")


class Folded:
    """A line too long to show: `head` is shown, `parts` is the rest as it came."""

    __slots__ = ("head", "length", "parts")

    def __init__(self) -> None:
        self.head = ""
        self.parts: list[str] = []
        self.length = 0

    @property
    def text(self) -> str:
        """The whole line."""
        return self.head + "".join(self.parts)


Fold = Callable[[Folded], int]
"""Keeps a folded line, which may still grow, and returns its key."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What a view does next: clear the section or take `rewind` lines off its end, then append `lines`."""

    is_cleared: bool
    rewind: int
    lines: tuple[str | Line, ...]


class _Row:
    """A line that is being written."""

    __slots__ = ("display", "folded", "key", "spans")

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.folded: Folded | None = None
        self.key = 0
        self.display = ""

    def forget_rest(self) -> None:
        """What was folded is overwritten or erased; what is kept of it elsewhere stays as it was."""
        self.folded = None


class Terminal:
    """The lines of one section of output, from the end of an input to the next prompt.

    The last line is always there and open. Lines count from 0 within the section; painted ones further back than
    `REACHABLE_LINES` are forgotten.
    """

    def __init__(self, fold: Fold, fold_characters: int = 4000) -> None:
        self.fold_characters = fold_characters
        self._fold = fold
        self.begin()

    def begin(self) -> None:
        """A new section: one open, empty line, painted already."""
        self._lines: list[str | Line | _Row] = [""]
        self._first = 0
        self._row = 0
        self._column = 0
        self._painted = 1
        self._rewind = 0
        self._is_cleared = False
        self.reset()

    def reset(self) -> None:
        """Forget colours and unfinished sequences, as at the end of a run."""
        self._style = PLAIN
        self._link = ""
        self._link_text = ""
        self._partial = ""
        self._is_in_string = False

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to paint."""
        return self._is_cleared or self._rewind > 0 or self._painted < self._end

    @property
    def only_redraws(self) -> bool:
        """Whether painting would only change lines that are there: a progress bar, which may wait a little."""
        return 0 < self._rewind >= self._end - self._painted

    @property
    def is_emptied(self) -> bool:
        """Whether it was cleared, that is not painted yet, and nothing was written since."""
        return self._is_cleared and self._end == 1 and not self.has_open_text

    @property
    def known_lines(self) -> int:
        """Lines at the end of the section that can still change."""
        return len(self._lines)

    @property
    def has_open_text(self) -> bool:
        """Whether the last line has characters, so that a prompt needs a line break first."""
        return self._length(self._lines[-1]) > 0

    @property
    def _end(self) -> int:
        return self._first + len(self._lines)

    def clear(self) -> None:
        """The section is empty again (clear_output)."""
        style = self._style
        self.begin()
        self._style = style
        self._painted = 0
        self._is_cleared = True

    def feed(self, text: str, base: Style = PLAIN) -> None:
        """Printed text, in any cut. `base` is the look of text without colours of its own."""
        if self._is_in_string:
            end = _STRING_END.search(text)
            if end is None:
                return
            self._is_in_string, text = False, text[end.end() :]
        if self._partial:
            text, self._partial = self._partial + text, ""
        if _SPECIAL.search(text) is None:
            self._write_lines(text, self._styled(base))
        else:
            self._feed_controls(self._without_partial(text.replace("\r\n", "\n")), base)

    def put(self, lines: Iterable[Line]) -> None:
        """Whole lines of our own, each on a line of its own."""
        if self._row != self._end - 1 or self.has_open_text:
            self._row = self._end - 1
            self._new_line()
        for whole in lines:
            self._touch(self._row)
            self._lines[-1] = whole
            self._new_line()

    def replace_display(self, display: str, lines: tuple[Line, ...]) -> bool:
        """Replace the reachable lines of a shown object, each time it was shown; False where there are none here."""
        found = [isinstance(each, Line) and each.display == display for each in self._lines]
        high = len(found)
        while high:
            high -= 1
            if not found[high]:
                continue
            low = high
            while low and found[low - 1]:
                low -= 1
            self._touch(self._first + low)
            self._lines[low : high + 1] = lines
            if self._row > self._first + high:
                self._row += len(lines) - (high + 1 - low)
            high = low
        return any(found)

    def all_lines(self) -> tuple[str | Line, ...]:
        """The lines that are still known, the open one too where it has text."""
        lines = tuple(self._finished(each) for each in self._lines)
        return lines if self.has_open_text else lines[:-1]

    def take(self, most_lines: int) -> Paint:
        """What to paint next, at most so many lines; the rest stays dirty."""
        low = self._painted - self._first
        lines = tuple(self._finished(each) for each in self._lines[low : low + most_lines])
        paint = Paint(self._is_cleared, self._rewind, lines)
        self._painted += len(lines)
        self._rewind = 0
        self._is_cleared = False
        self._forget()
        return paint

    def _forget(self) -> None:
        surplus = min(self._painted, self._row) - REACHABLE_LINES - self._first
        if surplus > 0:
            del self._lines[:surplus]
            self._first += surplus

    def _touch(self, row: int) -> None:
        if row < self._painted:
            self._rewind += self._painted - row
            self._painted = row

    def _write_lines(self, text: str, style: Style) -> None:
        """Text whose only control characters are line breaks and tabs."""
        if self._row != self._end - 1:
            for index, part in enumerate(text.split("\n")):
                if index:
                    self._new_line()
                self._write(part, style)
            return
        parts = text.split("\n")
        self._write(parts[0], style)
        if len(parts) == 1:
            return
        limit = self.fold_characters
        if style is PLAIN and max(map(len, parts)) <= limit:
            self._lines += parts[1:]
            self._row = self._end - 1
            self._column = len(parts[-1])
            return
        for part in parts[1:-1]:
            self._new_line()
            if len(part) <= limit:
                self._lines[-1] = Line(((part, style),)) if part else ""
            else:
                self._write(part, style)
        self._new_line()
        self._write(parts[-1], style)

    def _new_line(self) -> None:
        self._row += 1
        self._column = 0
        if self._row == self._end:
            self._lines.append("")

    def _write(self, text: str, style: Style) -> None:
        if not text:
            return
        if self._link:
            self._link_text += text
        self._touch(self._row)
        index = self._row - self._first
        present = self._lines[index]
        length = self._length(present)
        fits = max(self._column, length) + len(text) <= self.fold_characters
        if isinstance(present, str) and style is PLAIN and fits:
            padded = present if self._column <= length else present.ljust(self._column)
            self._lines[index] = padded[: self._column] + text + padded[self._column + len(text) :]
        else:
            row = self._opened(index)
            self._write_row(row, text, style)
        self._column += len(text)

    def _write_row(self, row: _Row, text: str, style: Style) -> None:
        room = max(0, self.fold_characters - self._column)
        if rest := text[room:]:
            if row.folded is None:
                row.folded = Folded()
                row.key = self._fold(row.folded)
            row.folded.parts.append(rest)
            row.folded.length += len(rest)
        if text := text[:room]:
            length = sum(len(part) for part, _style in row.spans)
            if self._column > length:
                row.spans.append((" " * (self._column - length), PLAIN))
            elif self._column < length:
                tail = _slice(row.spans, self._column + len(text), length)
                row.spans = [*_slice(row.spans, 0, self._column), (text, style), *tail]
                return
            if row.spans and row.spans[-1][1] == style:
                row.spans[-1] = (row.spans[-1][0] + text, style)
            else:
                row.spans.append((text, style))

    def _opened(self, index: int) -> _Row:
        present = self._lines[index]
        if isinstance(present, _Row):
            return present
        row = _Row()
        if isinstance(present, str):
            row.spans = [(present, PLAIN)] if present else []
        else:
            row.spans = list(present.spans)
            row.display = present.display
        self._lines[index] = row
        return row

    @staticmethod
    def _length(present: str | Line | _Row) -> int:
        if isinstance(present, str):
            return len(present)
        if isinstance(present, Line):
            return len(present.text) + (present.picture is not None)
        return sum(len(text) for text, _style in present.spans)

    def _finished(self, present: str | Line | _Row) -> str | Line:
        if not isinstance(present, _Row):
            return present
        spans = tuple(present.spans)
        if present.folded is not None:
            present.folded.head = "".join(text for text, _style in spans)
            note = f" … {present.folded.length:,} more characters ".replace(",", THIN_SPACE)
            spans = (*spans, (note, MUTED), ("Show all", link_style(link_to_rest(present.key))))
        return Line(spans, present.display)

    def _styled(self, base: Style) -> Style:
        if self._style is PLAIN or self._style == PLAIN:
            return base
        return replace(self._style, role=base.role)

    def _without_partial(self, text: str) -> str:
        first = text.rfind("\x1b")
        if first == len(text) - 1 and first > 0:
            earlier = text.rfind("\x1b", 0, first)
            if earlier >= 0 and _PARTIAL.match(text, earlier):
                first = earlier
        if first >= 0 and _PARTIAL.match(text, first):
            if len(text) - first > PARTIAL_LIMIT:
                self._is_in_string = True
            else:
                self._partial = text[first:]
            return text[:first]
        return text

    def _feed_controls(self, text: str, base: Style) -> None:
        start = 0
        for match in _CONTROL.finditer(text):
            if match.start() > start:
                self._write(text[start : match.start()], self._styled(base))
            start = match.end()
            self._control(match, base)
        if start < len(text):
            self._write(text[start:], self._styled(base))

    def _control(self, match: re.Match[str], base: Style) -> None:
        found = match.group()
        if found == "\n":
            self._new_line()
        elif found == "\r":
            self._return()
        elif found == "\x08":
            self._column = max(0, self._column - 1)
        elif (final := match["final"]) is not None:
            self._csi(final, match["args"])
        elif (osc := match["osc"]) is not None:
            self._osc(osc)
        elif match["odd"] is not None:
            self._odd(found, base)

    def _return(self) -> None:
        self._column = 0
        present = self._lines[self._row - self._first]
        if isinstance(present, _Row) and present.folded is not None:
            self._touch(self._row)
            present.forget_rest()

    def _odd(self, character: str, base: Style) -> None:
        code = ord(character)
        if character in "\x07\x0e\x0f":
            return  # bell and character sets: no sign was meant to be seen
        if code < 0x20:
            self._write(chr(0x2400 + code), replace(WARNING, background=base.background))
        else:
            self._write(f"‹U+{code:04X}›", WARNING)

    def _csi(self, final: str, args: str) -> None:
        if args[:1] in ("?", ">", "=", "<"):
            return  # private modes: alternate screen, hidden cursor, mouse
        numbers = [int(part) if part.isdigit() else 0 for part in args.replace(":", ";").split(";")]
        count = min(max(1, numbers[0]), 1000)
        if final == "m":
            self._style = _sgr(self._style, numbers)
        elif final in "AF":
            self._row = max(self._first, self._row - count)
            self._column = 0 if final == "F" else self._column
        elif final in "BE":
            self._row = min(self._end - 1, self._row + count)
            self._column = 0 if final == "E" else self._column
        elif final == "C":
            self._column = min(self._column + count, self.fold_characters)
        elif final == "D":
            self._column = max(0, self._column - count)
        elif final == "G":
            self._column = min(count - 1, self.fold_characters)
        elif final == "K":
            self._erase_line(numbers[0])
        elif final == "J" and numbers[0] == 0:
            self._erase_below()

    def _erase_line(self, how: int) -> None:
        self._touch(self._row)
        row = self._opened(self._row - self._first)
        length = self._length(row)
        if how == 0:
            row.spans = _slice(row.spans, 0, self._column)
            row.forget_rest()
        elif how == 1:
            row.spans = [(" " * min(self._column, length), PLAIN), *_slice(row.spans, self._column, length)]
        else:
            row.spans = []
            row.forget_rest()

    def _erase_below(self) -> None:
        self._erase_line(0)
        if self._row + 1 < self._end:
            self._touch(self._row + 1)
            del self._lines[self._row + 1 - self._first :]

    def _osc(self, content: str) -> None:
        """Only hyperlinks count, and they show where they lead; titles, colours and the clipboard are left alone."""
        if not content.startswith("8;"):
            return
        target = content.split(";", 2)[-1]
        if target:
            self._link, self._link_text = target, ""
        elif self._link:
            link, text = self._link, self._link_text
            self._link = ""
            if link != text and link.isprintable():
                self._write(f" ({link[:500]})", link_style(link_to_url(link)))


def plain_lines(text: str) -> tuple[Line, ...]:
    """`text` with its colours as whole lines, none of them folded. For tracebacks and the like."""
    terminal = Terminal(lambda _folded: 0, fold_characters=100_000)
    terminal.feed(text)
    return tuple(
        each if isinstance(each, Line) else Line(((each, PLAIN),) if each else ()) for each in terminal.all_lines()
    )


def _slice(spans: list[Span], first: int, end: int) -> list[Span]:
    found: list[Span] = []
    offset = 0
    for text, style in spans:
        part = text[max(first - offset, 0) : max(end - offset, 0)]
        if part:
            found.append((part, style))
        offset += len(text)
    return found


def _sgr(style: Style, codes: list[int]) -> Style:
    """Select Graphic Rendition (ECMA-48 8.3.117). Concealed text (8) is shown."""
    codes = list(codes)
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = PLAIN
        elif code in _FLAGS:
            style = _FLAGS[code](style)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = replace(style, foreground=code - 30 if code < 90 else code - 82)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style = replace(style, background=code - 40 if code < 100 else code - 92)
        elif code in (38, 48):
            color = _extended(codes)
            style = replace(style, foreground=color) if code == 38 else replace(style, background=color)
        elif code == 39:
            style = replace(style, foreground=None)
        elif code == 49:
            style = replace(style, background=None)
        elif code == 7:
            style = replace(style, foreground=style.background if style.background is not None else 0, background=7)
        elif code == 27:
            style = replace(style, foreground=None, background=None)
    return style


_FLAGS: dict[int, Callable[[Style], Style]] = {
    1: lambda style: replace(style, is_bold=True),
    3: lambda style: replace(style, is_italic=True),
    4: lambda style: replace(style, is_underlined=True),
    22: lambda style: replace(style, is_bold=False),
    23: lambda style: replace(style, is_italic=False),
    24: lambda style: replace(style, is_underlined=False),
}


def _extended(codes: list[int]) -> int | tuple[int, int, int] | None:
    kind = codes.pop(0) if codes else 0
    if kind == 5 and codes:
        return _of_256(codes.pop(0))
    if kind == 2 and len(codes) >= 3:
        red, green, blue = (min(each, 255) for each in codes[:3])
        del codes[:3]
        return red, green, blue
    return None


def _of_256(number: int) -> int | tuple[int, int, int]:
    if number < 16:
        return number
    if number > 231:
        gray = 8 + 10 * (min(number, 255) - 232)
        return gray, gray, gray
    number -= 16
    red, green, blue = (0 if level == 0 else 55 + 40 * level for level in (number // 36, number // 6 % 6, number % 6))
    return red, green, blue
