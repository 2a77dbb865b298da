"""Positions and ranges in text. Lines and columns count from 0, ends are exclusive.

Columns and offsets count Unicode code points, as Python's `str` does; Qt and Jupyter count UTF-16 units in places,
and whoever talks to them converts at that border with the functions below.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines `first` to `end`, `end` exclusive."""

    first: int
    end: int

    def __contains__(self, line: int) -> bool:
        return self.first <= line < self.end


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both from 0."""

    line: int
    column: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: `removed_length` code points at `start` are replaced by `inserted`."""

    start: int
    removed_length: int
    inserted: str

    def apply(self, text: str) -> str:
        """The text after this edit."""
        return text[: self.start] + self.inserted + text[self.start + self.removed_length :]


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` has, which is what Qt and Windows count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def offset_of_utf16(text: str, units: int) -> int:
    """The code point offset that lies `units` UTF-16 units into `text`."""
    if text.isascii():
        return min(units, len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "surrogatepass"))


_UNSEEN = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def with_unseen_shown(text: str) -> str:
    """`text` on one line, with every control, invisible and direction-changing character written as its escape.

    For names and previews of which others are the authors: what is read is then what is there.
    """
    return text if text.isprintable() and text.isascii() else _UNSEEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _SHORT.get(match[0]) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


_DIGITS = re.compile(r"(\d+)")


@lru_cache(maxsize=20_000)
def natural_key(name: str) -> tuple[tuple[tuple[str, int], ...], str]:
    """Sorts names as people count: numbers by their size, letter case aside. Total: no two names have the same."""
    parts = _DIGITS.split(name.casefold())
    # Text and digits come in turns, so like is compared with like. Of endless digits the first count.
    return tuple((part, 0) if at % 2 == 0 else ("", _number(part)) for at, part in enumerate(parts)), name


def _number(digits: str) -> int:
    return int(digits[:300]) if digits.isdecimal() else 0
