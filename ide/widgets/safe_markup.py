"""Makes HTML and SVG that came from a kernel or a file inert. Pure: text in, text out.

What is let through is listed; all else is dropped. No scripts, handlers, styles, frames, forms, and nothing that makes
a viewer load a file or an address: pictures only where their data are in the text itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

HTML_LIMIT = 2_000_000
SVG_LIMIT = 5_000_000
DEPTH_LIMIT = 60
CELLS_LIMIT = 20_000

# fmt: off
_TAGS = frozenset((
    "a", "b", "i", "u", "em", "strong", "s", "sub", "sup", "small", "br", "hr", "p", "div", "span", "pre",
    "code", "kbd", "samp", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot",
    "tr", "th", "td", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "img",
))
# fmt: on
_VOID = frozenset({"br", "hr", "img"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "iframe", "object", "noscript", "svg", "math"})
_ATTRIBUTES = {
    "td": ("colspan", "rowspan", "align"),
    "th": ("colspan", "rowspan", "align"),
    "img": ("src", "alt", "width", "height"),
    "a": ("href",),
}
_PICTURE_DATA = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+\Z")
_SMALL_NUMBER = re.compile(r"\d{1,4}\Z")
_LINK = re.compile(r"(https?|mailto):[^\s\x00-\x1f]+\Z", re.IGNORECASE)


class MarkupRefused(ValueError):
    """The text is too large or too strange to be shown; the message says which, for the user."""


OwnLink = Callable[[str], str]
"""What an address becomes that is none of the web; empty: it goes."""


def safe_html(text: str, own_link: OwnLink = lambda _address: "") -> str:
    """HTML of the listed tags only. Raises MarkupRefused. `own_link` is asked about addresses that are none of the
    web; what it answers stands in the text as it is."""
    if len(text) > HTML_LIMIT:
        raise MarkupRefused(f"HTML of {len(text) / 1e6:.1f} MB")
    cleaner = _Cleaner(own_link)
    cleaner.feed(text)
    cleaner.close()
    return cleaner.result()


def is_active_html(text: str) -> bool:
    """Whether the HTML hangs on scripts or frames, so that it says little without them."""
    return re.search(r"<\s*(script|iframe|canvas|object|embed)\b", text, re.IGNORECASE) is not None


def safe_svg(text: str) -> bytes:
    """SVG that loads nothing from outside and runs nothing. Raises MarkupRefused."""
    if len(text) > SVG_LIMIT:
        raise MarkupRefused(f"an SVG picture of {len(text) / 1e6:.1f} MB")
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise MarkupRefused("an SVG picture with entities of its own")
    text = _DECLARATION.sub("", text)  # it could name another encoding than the one below
    mark = re.search("<!DOCTYPE", text, re.IGNORECASE)
    if mark and (doctype := _DOCTYPE.match(text, mark.start())):
        text = text[: doctype.start()] + text[doctype.end() :]
    if _deepest(text) > 4 * DEPTH_LIMIT:
        raise MarkupRefused("an SVG picture that is nested too deep")
    return _HREF.sub(_inner_reference, text).encode("utf-8", "replace")


# A picture of one transparent pixel: what a reference to somewhere else becomes.
_NOTHING = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
)
# Each takes a time that grows with the text and no faster: a few megabytes made to be slow must not stop the window.
_HREF = re.compile(r"""href(\s*=\s*)("[^"]*+"|'[^']*+')""", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml\s[^>]*+>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)[A-Za-z][^<>]*+>")


def _inner_reference(match: re.Match[str]) -> str:
    value = match[2][1:-1].strip()
    is_inner = value.startswith("#") or _PICTURE_DATA.match(html.unescape(value)) is not None
    return match[0] if is_inner else f'href{match[1]}"{_NOTHING}"'


def _deepest(text: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(text):
        if match[1]:
            depth -= 1
        elif not match[0].endswith("/>"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest


class _Cleaner(HTMLParser):
    """Writes the listed tags again and closes what was left open."""

    def __init__(self, own_link: OwnLink) -> None:
        super().__init__(convert_charrefs=True)
        self._own_link = own_link
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent = 0
        self._cells = 0

    def result(self) -> str:
        """The clean text."""
        closing = "".join(f"</{tag}>" for tag in reversed(self._open))
        return "".join(self._out) + closing

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep a listed tag with its listed attributes."""
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _TAGS:
            return
        self._cells += tag in ("td", "th")
        if self._cells > CELLS_LIMIT:
            raise MarkupRefused(f"an HTML table of more than {CELLS_LIMIT:,} cells".replace(",", " "))
        if tag not in _VOID:
            if len(self._open) >= DEPTH_LIMIT:
                return
            self._open.append(tag)
        self._out.append(f"<{tag}{self._kept(tag, attributes)}>")

    def handle_endtag(self, tag: str) -> None:
        """Close it, and what was opened in it."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent and tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """`<br/>`; a silent tag closed at once silences nothing."""
        if tag not in _SILENT:
            self.handle_starttag(tag, attributes)
            if tag not in _VOID:
                self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        """Text, escaped again."""
        if not self._silent:
            self._out.append(html.escape(data, quote=False))

    def _kept(self, tag: str, attributes: list[tuple[str, str | None]]) -> str:
        kept = ""
        for name, value in attributes:
            if name == "href" and tag == "a" and value and not _is_harmless(name, value.strip()):
                value = self._own_link(value.strip())
                kept += f' href="{html.escape(value)}"' if value else ""
            elif name in _ATTRIBUTES.get(tag, ()) and value is not None and _is_harmless(name, value.strip()):
                kept += f' {name}="{html.escape(value.strip())}"'
        return kept


def _is_harmless(name: str, value: str) -> bool:
    if name == "src":
        return _PICTURE_DATA.match(value) is not None
    if name == "href":
        return _LINK.match(value) is not None
    if name in ("colspan", "rowspan", "width", "height"):
        return _SMALL_NUMBER.match(value) is not None
    return name == "alt" or value in ("left", "right", "center")
