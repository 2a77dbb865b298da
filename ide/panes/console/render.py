"""Kernel messages as lines: values, shown objects, errors. Pure; pictures are passed on as they came."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ide.core.interactive import OTHER_PAGE, interactive_kind, is_only_for_scripts
from ide.core.language import TraceLink
from ide.core.record import replace
from ide.panes.console.html_text import html_lines
from ide.panes.console.lines import (
    MUTED,
    PLAIN,
    WARNING,
    Line,
    Picture,
    Style,
    line,
    link_style,
    link_to_full_output,
    link_to_large,
    link_to_place,
    link_to_plot,
    link_to_url,
    with_link,
)
from ide.panes.console.rich import rich_lines
from ide.panes.console.terminal import HIDDEN_PATTERN, THIN_SPACE, plain_lines
from ide.widgets.rich.form import says_little

TraceLinks = Callable[[str], Sequence[TraceLink]]

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
TEXT_LIMIT = 100_000
"""Characters of one traceback or described object that are shown; half of its beginning and half of its end."""
LONG_TEXT = 20_000
"""A longer value is shown in slices, as printed text is."""
PICTURE_LIMIT_BYTES = 20_000_000

_URL = re.compile(r"https?://[^\s<>\"'`\x1b‹›]+")


def has_picture(data: Mapping[str, Any]) -> bool:
    """Whether a bundle is a picture for the plots pane."""
    return any(mime in data for mime in PICTURES)


def picture_of(data: Mapping[str, Any]) -> Picture | None:
    """The bundle's picture, PNG before SVG, where it can be read."""
    for mime in PICTURES:
        value = data.get(mime)
        if isinstance(value, list):
            value = "".join(str(part) for part in value)
        if not isinstance(value, str) or len(value) > PICTURE_LIMIT_BYTES:
            continue
        if mime == "image/svg+xml":
            return Picture(mime, value.encode("utf-8", "replace"))
        try:
            return Picture(mime, base64.b64decode(value))
        except (binascii.Error, ValueError):
            continue
    return None


def plot_note(number: int) -> Line:
    """What stands in the console for a picture that is in the plots pane."""
    return Line(((f"Figure {number} is in ", MUTED), ("Plots", link_style(link_to_plot(number)))))


def skipped_note(run_id: str, lines: int) -> Line:
    """Says that the middle of a flood is not shown."""
    count = f"{lines:,}".replace(",", THIN_SPACE)
    note = (f"… {count} lines are not shown here. ", MUTED)
    return Line((note, ("Show all", link_style(link_to_full_output(run_id)))))


def hidden_note(code: str) -> Line | None:
    """Says that code has characters that cannot be seen or that turn the direction of text; None where it has none.

    They stay in the code: leaving them out would change what runs.
    """
    if code.isascii():
        return None
    found = [f"U+{ord(match.group()):04X}" for match in HIDDEN_PATTERN.finditer(code)]
    if not found:
        return None
    names = ", ".join(dict.fromkeys(found))
    return line(f"This code has characters that cannot be seen: {names}.", WARNING)


def kept_note(run_id: str, printed: int, kept: int) -> Line:
    """Says at the end of a flood that its beginning has scrolled out."""
    counts = [f"{number:,}".replace(",", THIN_SPACE) for number in (printed, kept)]
    note = (f"{counts[0]} lines were printed; the console keeps the last {counts[1]}. ", MUTED)
    return Line((note, ("Show all", link_style(link_to_full_output(run_id)))))


def bundle_lines(
    data: Mapping[str, Any], display: str = "", *, room: int = 80, number: int = 0, is_unfolded: bool = False
) -> tuple[Line, ...]:
    """The lines of a bundle without its pictures, tables in `room` characters. Lines that have a better look large
    carry `number`."""
    if is_only_for_scripts(data):
        return ()
    if kind := interactive_kind(data):
        lines = _page_lines(kind, data, number)
    else:
        lines = rich_lines(data, room, number, is_unfolded=is_unfolded) or _text_lines(data)
    return tuple(replace(each, display=display) for each in lines) if display else lines


def _page_lines(kind: str, data: Mapping[str, Any], number: int) -> tuple[Line, ...]:
    """Says that an output which needs scripts is in the viewer; below its own words, where these say something."""
    where = ("Viewer", link_style(link_to_large(number)) if number else MUTED)
    note = Line(((f"{kind} in the ", MUTED), where), large=number)
    plain = _string(data.get("text/plain")).strip()
    says_something = kind == OTHER_PAGE and not says_little(plain)
    return (*plain_lines(_shortened(plain)), note) if says_something else (note,)


def long_text(data: Mapping[str, Any]) -> str:
    """The bundle's plain text where it is too long to be shown at once and nothing better is there; else empty."""
    plain = _string(data.get("text/plain"))
    return plain if len(plain) > LONG_TEXT and not has_picture(data) and not interactive_kind(data) else ""


def value_prompt(count: int | None) -> tuple[Line]:
    """`Out[n]:` on a line of its own."""
    return (line(f"Out[{count}]: " if count is not None else "", Style(role="muted", is_bold=True)),)


def value_lines(
    count: int | None, data: Mapping[str, Any], display: str = "", *, room: int = 80, number: int = 0
) -> tuple[Line, ...]:
    """`Out[n]:` and the value; one of several lines begins on a line of its own."""
    prompt: tuple[Line, ...] = value_prompt(count)
    lines = bundle_lines(data, room=room, number=number)
    if len(lines) == 1 and lines[0].picture is None and not lines[0].has_formula:
        lines, prompt = (replace(lines[0], spans=(*prompt[0].spans, *lines[0].spans)),), ()
    return (*prompt, *(replace(each, display=display) if display else each for each in lines))


def error_lines(name: str, message: str, traceback: Sequence[str], trace_links: TraceLinks | None) -> tuple[Line, ...]:
    """A traceback whose places in files are links."""
    text = "\n".join(str(part) for part in traceback) or f"{name}: {message}"
    lines = plain_lines(_shortened(text.rstrip("\n")))
    return with_places(lines, trace_links)


def with_places(lines: tuple[Line, ...], trace_links: TraceLinks | None) -> tuple[Line, ...]:
    """`lines` with the places that the language finds in their text made links."""
    if trace_links is None:
        return lines
    texts = [each.text for each in lines]
    found = list(trace_links("\n".join(texts)))
    if not found:
        return lines
    linked: list[Line] = []
    offset = 0
    for each, text in zip(lines, texts, strict=True):
        spans = each.spans
        for link in found:
            if offset <= link.first < offset + len(text):
                end = min(link.end, offset + len(text))
                spans = with_link(spans, link.first - offset, end - offset, link_to_place(link.path, link.line))
        linked.append(replace(each, spans=spans))
        offset += len(text) + 1
    return tuple(linked)


def with_urls(whole: str | Line) -> str | Line:
    """The line with its web addresses made links."""
    text = whole if isinstance(whole, str) else whole.text
    if "://" not in text:
        return whole
    shown = Line(((whole, PLAIN),)) if isinstance(whole, str) else whole
    spans = shown.spans
    for match in _URL.finditer(text):
        end = match.end() - (len(match.group()) - len(match.group().rstrip(".,;:!?)]}")))
        if not any(style.link for part, style in spans if match.group() in part):
            spans = with_link(spans, match.start(), end, link_to_url(text[match.start() : end]))
    return replace(shown, spans=spans)


def _text_lines(data: Mapping[str, Any]) -> tuple[Line, ...]:
    plain = _string(data.get("text/plain"))
    html = _string(data.get("text/html"))
    if html and says_little(plain):  # it lives by scripts, which are not run here
        return html_lines(html)[0]
    if plain:
        return plain_lines(_shortened(plain))
    kinds = ", ".join(sorted(str(mime) for mime in data))
    return (line(f"An object of kind {kinds or 'unknown'} that the console cannot show", MUTED),)


def _string(value: object) -> str:
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return value if isinstance(value, str) else ""


def _shortened(text: str) -> str:
    if len(text) <= TEXT_LIMIT:
        return text
    left_out = f"{len(text) - TEXT_LIMIT:,}".replace(",", THIN_SPACE)
    return f"{text[: TEXT_LIMIT // 2]}\n… {left_out} characters are left out here …\n{text[-TEXT_LIMIT // 2 :]}"
