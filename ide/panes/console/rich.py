"""Shown objects in the console where plain text says less: tables, Markdown, formulas, JSON, sound, files.

Pure: lines come out, nothing is drawn, run or fetched. Where a form has more than a console can show, a link opens it
large. Costs are bounded: no form looks at more of its data than it shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ide.core.record import replace
from ide.panes.console.html_text import TABLES_LIMIT, html_lines
from ide.panes.console.json_text import count_words, json_lines
from ide.panes.console.lines import (
    MUTED,
    WARNING,
    Line,
    Picture,
    Span,
    Style,
    link_style,
    link_to_fold,
    link_to_large,
    link_to_sound,
)
from ide.panes.console.terminal import plain_lines
from ide.widgets.rich.form import Choice, DamagedData, as_bytes, as_text, choose, says_little, size_words
from ide.widgets.rich.formula import Piece, latex_pieces

JSON_LINES: Final = 12
JSON_LINES_UNFOLDED: Final = 200
JSON_SOURCE_LIMIT: Final = 1_000_000
"""Characters of JSON that came as text and is read here; kernels send it as values, whose size does not matter."""
TEXT_LIMIT: Final = 20_000
FILE_LIMIT_BYTES: Final = 200_000_000

_NAMES = {"sound": "Sound", "video": "Film", "raster": "Picture"}


def rich_lines(data: Mapping[str, Any], room: int, number: int, *, is_unfolded: bool = False) -> tuple[Line, ...]:
    """The lines of a bundle in `room` characters; none where its plain text is the best that the console has.

    `number` is what links and lines name the bundle by.
    """
    plain = as_text(data.get("text/plain", ""))
    choice = choose(data)
    lines: tuple[Line, ...] = ()
    match choice.form:
        case "html":
            lines = _html(as_text(data["text/html"]), plain, room, number)
        case "markdown" if says_little(plain):
            lines = _markdown(as_text(data["text/markdown"]), room, number)
        case "formula":
            lines = _latex(as_text(data["text/latex"]), plain)
        case "json" if says_little(plain):
            lines = _json(data[choice.mime], number, is_unfolded)
        case "pdf" | "sound" | "video":
            lines = _file(data, choice, number)
        case "raster" if choice.mime not in ("image/png", "image/jpeg"):
            lines = _file(data, choice, number)
    return tuple(replace(each, large=number) for each in lines)


def more_line(text: str, *links: tuple[str, str]) -> Line:
    """A muted line that ends in links: words and what they open."""
    spans: list[Span] = [(text, MUTED)]
    for index, (words, link) in enumerate(links):
        spans += [(" · " if text or index else "", MUTED), (words, link_style(link))]
    return Line(tuple(spans))


def formula_spans(piece: Piece) -> tuple[Span, ...]:
    """A formula in a line of text: its LaTeX until it is drawn, and where it cannot be."""
    source = " ".join(piece.source.split())
    name = r"\displaystyle " if piece.is_display and not piece.text.startswith(r"\displaystyle") else ""
    return tuple((text, Style(formula=name + piece.text)) for text in (source,) if text)


def _html(html: str, plain: str, room: int, number: int) -> tuple[Line, ...]:
    has_table = "<table" in html[:TABLES_LIMIT]
    if not says_little(plain) and (not has_table or len(html) > TABLES_LIMIT):
        return ()
    lines, is_whole = html_lines(html, room)
    return lines if is_whole else (*lines, more_line("", ("Open large", link_to_large(number))))


def _markdown(source: str, room: int, number: int) -> tuple[Line, ...]:
    from ide.panes.console.markdown_text import markdown_lines

    lines = markdown_lines(source[:TEXT_LIMIT], room)
    if len(source) > TEXT_LIMIT:
        words = "… the rest of this Markdown is not shown here"
        lines = (*lines, more_line(words, ("Open large", link_to_large(number))))
    return lines


def _latex(source: str, plain: str) -> tuple[Line, ...]:
    """Text with formulas; a formula alone is shown also where there is a plain text, as of a sum of symbols."""
    if len(source) > TEXT_LIMIT:
        return () if not says_little(plain) else plain_lines(source[:TEXT_LIMIT])
    found = latex_pieces(source)
    is_formula = all(piece.is_formula or not piece.text.strip() for piece in found)
    if not says_little(plain) and not (is_formula and found):
        return ()
    return with_formulas(found)


def with_formulas(found: tuple[Piece, ...]) -> tuple[Line, ...]:
    """Pieces of text and formulas as lines."""
    lines: list[Line] = []
    spans: list[Span] = []
    for piece in found:
        if piece.is_formula:
            if piece.is_display and spans:
                lines.append(Line(tuple(spans)))
                spans = []
            spans += formula_spans(piece)
            if piece.is_display:
                lines.append(Line(tuple(spans)))
                spans = []
            continue
        text = piece.text if spans else piece.text.lstrip()
        for index, part in enumerate(plain_lines(text) if text else ()):
            if index:
                lines.append(Line(tuple(spans)))
                spans = []
            spans += part.spans
    if any(text.strip() for text, _style in spans):
        lines.append(Line(tuple(spans)))
    return tuple(lines)


def _json(value: Any, number: int, is_unfolded: bool) -> tuple[Line, ...]:
    if isinstance(value, str) and len(value) <= JSON_SOURCE_LIMIT:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            lines = plain_lines(value[:TEXT_LIMIT])[:JSON_LINES]
            return (*lines, Line((("This is not JSON that can be read.", WARNING),)))
    lines, is_whole = json_lines(value, JSON_LINES_UNFOLDED if is_unfolded else JSON_LINES)
    if is_whole and len(lines) < 2:
        return lines
    links = [("Open as tree", link_to_large(number))]
    if is_unfolded:
        links.insert(0, ("Show less", link_to_fold(number, opens=False)))
    elif not is_whole:
        links.insert(0, ("Show more", link_to_fold(number, opens=True)))
    words = f"{'' if is_whole else '… '}{count_words(value)}"
    return (*lines, more_line(words, *links))


def _file(data: Mapping[str, Any], choice: Choice, number: int) -> tuple[Line, ...]:
    """One line for what the console does not hold itself; a PDF file has its first page before it."""
    kind = choice.mime.partition("/")[2].removeprefix("x-").split("+")[0].upper()
    name = "PDF" if choice.form == "pdf" else f"{_NAMES[choice.form]}, {kind}"
    size = len(as_text(data["text/html"])) if choice.offset else len(as_text(data[choice.mime]))
    words = f"{name}, about {size_words(size * 3 // 4)}"
    large = ("Open large", link_to_large(number))
    if choice.form == "sound":
        return (more_line(words, ("Play", link_to_sound(number)), large),)
    if choice.form != "pdf":
        return (more_line(words, large),)
    if size > FILE_LIMIT_BYTES:
        return (more_line(words, large),)
    try:
        page = Line(picture=Picture(choice.mime, as_bytes(data, choice)))
    except DamagedData as error:
        return (Line(((f"A PDF file that cannot be shown: {error}.", WARNING),)),)
    return (page, more_line(words, large))
