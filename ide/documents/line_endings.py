"""Line endings: a document holds `\\n` only; what the file had is kept beside it and put back byte for byte."""

from __future__ import annotations

import re

from ide.core.record import dataclass
from ide.core.text import Edit

LINE_ENDINGS = {"n": "\n", "r": "\r\n", "c": "\r"}
_BREAK = re.compile("\r\n|\r|\n")
_CODES = {ending: code for code, ending in LINE_ENDINGS.items()}
NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


@dataclass(slots=True)
class LineEndings:
    """The `usual` ending, which new lines get, and where a file mixes them the ending of every single line.

    `each` has one letter for each line break ("n" `\\n`, "r" `\\r\\n`, "c" `\\r`); None where all are the usual one.
    """

    usual: str = "\n"
    each: bytearray | None = None

    @property
    def is_mixed(self) -> bool:
        """Whether the file has more than one kind."""
        return self.each is not None

    def copy(self) -> LineEndings:
        """A copy that later edits do not touch."""
        return LineEndings(self.usual, None if self.each is None else bytearray(self.each))

    def follow(self, edit: Edit, removed: str, line: int) -> None:
        """Keep the untouched lines' endings. `line` is the line in which the edit starts, `removed` what it took."""
        if self.each is None:
            return
        code = _CODES[self.usual].encode()
        kept, gone = self._reused(edit.inserted, removed, line)
        self.each[line : line + gone] = kept + code * (edit.inserted.count("\n") - len(kept))

    def _reused(self, inserted: str, removed: str, line: int) -> tuple[bytes, int]:
        """Lines that are put back as they were (a paragraph replaced in one piece) keep their endings."""
        assert self.each is not None
        gone = removed.count("\n")
        if gone and inserted.count("\n") == gone:
            return bytes(self.each[line : line + gone]), gone
        return b"", gone

    def set_usual(self, ending: str) -> None:
        """Give every line this ending from now on."""
        self.usual, self.each = ending, None


def split(text: str) -> tuple[str, LineEndings]:
    """The text with `\\n` only, and the endings it had. The most frequent ending is the usual one."""
    if "\r" not in text:
        return text, LineEndings()
    windows = text.count("\r\n")
    counts = {"\r\n": windows, "\n": text.count("\n") - windows, "\r": text.count("\r") - windows}
    usual = max(counts, key=lambda ending: counts[ending])
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if sum(1 for count in counts.values() if count) == 1:
        return plain, LineEndings(usual)
    return plain, LineEndings(usual, bytearray("".join(_CODES[b] for b in _BREAK.findall(text)), "ascii"))


def join(text: str, endings: LineEndings) -> str:
    """The text as it goes into the file."""
    if endings.each is None:
        return text if endings.usual == "\n" else text.replace("\n", endings.usual)
    lines = text.split("\n")
    if len(lines) - 1 != len(endings.each):
        raise ValueError(f"{len(endings.each)} line endings for {len(lines) - 1} line breaks")
    parts = [part for line, code in zip(lines, endings.each, strict=False) for part in (line, LINE_ENDINGS[chr(code)])]
    return "".join((*parts, lines[-1]))
