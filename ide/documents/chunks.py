"""Chunks of R Markdown and Quarto files: which lines run, in which language, with which options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ide.core.cells import Cell
from ide.core.record import dataclass, field
from ide.core.text import LineRange

LanguageId = Callable[[str], str]
"""The id of the language that a word in a fence or kernelspec means ("R" -> "r"); unknown words in lower case."""

# knitr's own rule: `{` and a letter after the fence; `{.python}` and `{=html}` only show code.
_OPENING = re.compile(r"^[\t >]*(`{3,})\s*\{([A-Za-z0-9_]+)\s*([ ,].*)?\}\s*$")
_CLOSING = re.compile(r"^[\t >]*(`{3,})\s*$")
_PLAIN_FENCE = re.compile(r"^[\t >]*(`{3,}|~{3,})[^`]*$")
_OPTION_LINE = re.compile(r"^\s*(?:#|//|--|%%|')\|\s*([\w.-]+)\s*:\s*(.*?)\s*$")
_OFF = {"FALSE", "F", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A cell of kind "code" with the name and options that its fence or its `#|` lines give, as they are written."""

    cell: Cell
    label: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_evaluated(self) -> bool:
        """Whether rendering the file would run it; it can be run by hand in any case."""
        return self.options.get("eval", "TRUE") not in _OFF


def chunks_of(lines: Sequence[str], language_id: LanguageId) -> tuple[Chunk, ...]:
    """All chunks in order. A chunk whose end is missing reaches to the end of the file."""
    found: list[Chunk] = []
    line = 0
    while line < len(lines):
        if match := _OPENING.match(lines[line]):
            end = _fence_end(lines, line + 1, len(match[1]))
            found.append(_chunk(lines, line, end, language_id(match[2]), match[3] or ""))
            line = end
        elif (plain := _PLAIN_FENCE.match(lines[line])) and plain[1].startswith("`"):
            line = _fence_end(lines, line + 1, len(plain[1]))
        line += 1
    return tuple(found)


def chunk_cells(lines: Sequence[str], language_id: LanguageId) -> tuple[Cell, ...]:
    """Chunks and the text between them, without gaps; empty where the file has no chunk."""
    chunks = chunks_of(lines, language_id)
    cells: list[Cell] = []
    at = 0
    for chunk in chunks:
        if chunk.cell.lines.first > at:
            cells.append(_text(at, chunk.cell.lines.first))
        cells.append(chunk.cell)
        at = chunk.cell.lines.end
    if chunks and at < len(lines):
        cells.append(_text(at, len(lines)))
    return tuple(cells)


def _text(first: int, end: int) -> Cell:
    return Cell(LineRange(first, end), first, end, "markdown", kind="text")


def _fence_end(lines: Sequence[str], line: int, ticks: int) -> int:
    """The line of the closing fence, which has at least as many ticks; the number of lines where there is none."""
    while line < len(lines):
        if (match := _CLOSING.match(lines[line])) and len(match[1]) >= ticks:
            return line
        line += 1
    return len(lines)


def _chunk(lines: Sequence[str], first: int, end: int, language: str, header: str) -> Chunk:
    label, options = _header_options(header)
    for line in lines[first + 1 : end]:
        match = _OPTION_LINE.match(line)
        if match is None:
            break
        options[match[1]] = match[2].strip("\"'")
    label = options.get("label", label)
    is_off = options.get("eval", "TRUE") in _OFF
    title = " ".join(part for part in (label, "(eval=FALSE)" if is_off else "") if part)
    lines_taken = LineRange(first, min(end + 1, len(lines)))
    return Chunk(Cell(lines_taken, first + 1, end, language, title), label, options)


def _header_options(header: str) -> tuple[str, dict[str, str]]:
    label, options = "", {}
    for part in _split_outside_brackets(header):
        name, equals, value = part.partition("=")
        if equals:
            options[name.strip()] = value.strip().strip("\"'")
        elif part.strip() and not label:
            label = part.strip()
    return label, options


def _split_outside_brackets(text: str) -> list[str]:
    """Parts between commas that stand in no bracket and no quotes: `fig.size = c(3, 4), echo = FALSE`."""
    parts, depth, quote = [""], 0, ""
    for character in text.strip(" ,"):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if character == "," and depth <= 0 and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return parts
