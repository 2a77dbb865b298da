"""HTML of an output as styled text. Nothing of it is ever run, loaded or clicked without asking (PROMISES D4): scripts,
styles, frames, forms and pictures are left out, links show their true target."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from ide.core.record import replace
from ide.panes.console.lines import MUTED, PLAIN, Line, Span, Style, link_style, link_to_url
from ide.panes.console.table_text import table_lines
from ide.panes.console.terminal import plain_lines
from ide.widgets.rich.tables import read_tables

SOURCE_LIMIT = 20_000
"""Characters of HTML outside of tables that are looked at, a few milliseconds' worth; the rest is left out and said."""
TABLES_LIMIT = 60_000
"""The same for tables, whose reader is quicker."""
ROW_LIMIT = 60
ROOM = 80

_SILENT = frozenset({
    "script", "style", "head", "title", "iframe", "object", "embed", "svg", "math", "template", "noscript", "form",
    "select", "textarea", "button", "audio", "video", "canvas",
})  # fmt: skip
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})  # fmt: skip
_BLOCKS = frozenset({
    "p", "div", "section", "article", "ul", "ol", "li", "pre", "blockquote", "dl", "dt", "dd", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "details", "summary",
})  # fmt: skip
_DECLARATION = re.compile(r"<[!?][^>]*>?")
_STRAY = re.compile(r"<(?![A-Za-z/])")
_TABLE = re.compile(r"<(/?)table\b[^<>]*+>", re.IGNORECASE)
_LOOKS = {
    "b": "is_bold", "strong": "is_bold", "h1": "is_bold", "h2": "is_bold", "h3": "is_bold",
    "h4": "is_bold", "h5": "is_bold", "h6": "is_bold", "dt": "is_bold", "i": "is_italic", "em": "is_italic",
    "cite": "is_italic", "var": "is_italic", "u": "is_underlined",
}  # fmt: skip


def html_lines(source: str, room: int = ROOM) -> tuple[tuple[Line, ...], bool]:
    """The text of `source` with bold, italics, lists, and tables of at most `room` characters a line; and whether that
    is all of it."""
    lines: list[Line] = []
    is_whole = len(source) <= TABLES_LIMIT
    left = SOURCE_LIMIT
    for text, is_table in _parts(_tamed(source[:TABLES_LIMIT])):
        if is_table:
            for table in read_tables(text, ROW_LIMIT)[0]:
                lines += table_lines(table, room, ROW_LIMIT)
                is_whole = is_whole and not table.more_rows
            continue
        is_whole = is_whole and len(text) <= left
        reader = _Reader()
        reader.feed(text[:left])
        reader.close()
        lines += reader.finish()
        left = max(0, left - len(text))
    if not is_whole:
        lines.append(Line((("… the rest of this HTML is not shown here", MUTED),)))
    return tuple(lines), is_whole


def _parts(source: str) -> Iterator[tuple[str, bool]]:
    """The outer tables, and what is between them."""
    place = start = depth = 0
    for match in _TABLE.finditer(source):
        depth += -1 if match[1] else 1
        if depth == 1 and not match[1]:
            start = match.start()
            if source[place:start].strip():
                yield source[place:start], False
        elif depth == 0:
            place = match.end()
            yield source[start:place], True
        depth = max(depth, 0)
    if depth:
        yield source[start:], True
    elif source[place:].strip():
        yield source[place:], False


def _tamed(source: str) -> str:
    """`source` without comments, declarations and stray angle brackets, on which Python's parser is quadratic."""
    parts = source.split("<!--")
    kept = [parts[0], *(part.partition("-->")[2] for part in parts[1:])]
    return _STRAY.sub("&lt;", _DECLARATION.sub("", "".join(kept)))


class _Reader(HTMLParser):
    """Collects lines while the parser walks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[Line] = []
        self._spans: list[Span] = []
        self._looks: list[tuple[str, Style]] = []
        self._silent: list[str] = []
        self._targets: list[tuple[str, str]] = []
        self._preformatted = 0

    def finish(self) -> tuple[Line, ...]:
        """The lines found."""
        self._break()
        return tuple(self._lines)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self._silent:
            if tag == self._silent[-1] and tag not in _VOID:
                self._silent.append(tag)
            return
        if tag in _SILENT:
            if tag not in _VOID:
                self._silent.append(tag)
            return
        values = dict(attributes)
        if tag == "br":
            self._break(always=True)
        elif tag == "img":
            self._text(f"[picture{': ' + alt if (alt := (values.get('alt') or '').strip()) else ''}]")
        elif tag in _BLOCKS:
            self._break()
            if tag == "li":
                self._text("• ")
            elif tag == "hr":
                self._text("─" * 40)
                self._break()
        if tag == "pre":
            self._preformatted += 1
        if tag in _LOOKS:
            self._looks.append((tag, _with_look(self._style, _LOOKS[tag])))
        elif tag == "a" and (target := values.get("href")):
            self._targets.append((target, ""))

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag in _BLOCKS and tag != "hr":
            self._break()
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if self._looks and self._looks[-1][0] == tag:
            self._looks.pop()
        if tag == "a" and self._targets:
            self._close_link()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._targets:
            target, text = self._targets[-1]
            self._targets[-1] = (target, text + data)
        if self._preformatted:
            for index, part in enumerate(data.split("\n")):
                if index:
                    self._break(always=True)
                self._text(part)
            return
        text = " ".join(data.split())
        if data[:1].isspace() and text:
            text = " " + text
        if data[-1:].isspace() and text:
            text += " "
        self._text(text)

    @property
    def _style(self) -> Style:
        return self._looks[-1][1] if self._looks else PLAIN

    def _text(self, text: str) -> None:
        if not text:
            return
        if not self._spans and not self._preformatted:
            text = text.lstrip()
        for whole in plain_lines(text):  # spells out what cannot be seen; escape sequences have no place in HTML
            self._spans += [(part, self._style if style == PLAIN else style) for part, style in whole.spans]

    def _break(self, *, always: bool = False) -> None:
        if self._spans or always:
            self._lines.append(Line(tuple(self._spans)))
            self._spans = []

    def _close_link(self) -> None:
        target, text = self._targets.pop()
        if target.startswith(("http://", "https://")) and target.isprintable() and target != text.strip():
            self._spans.append((f" ({target[:500]})", link_style(link_to_url(target))))


def _with_look(style: Style, look: str) -> Style:
    match look:
        case "is_bold":
            return replace(style, is_bold=True)
        case "is_italic":
            return replace(style, is_italic=True)
    return replace(style, is_underlined=True)
