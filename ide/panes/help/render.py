"""A help page as HTML for a text document: pages of the contract, what a search found, the cheat sheet. For the pool.

Owns the order and the look of a page. What comes from packages is made inert first (`ide.widgets.safe_markup`).
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from ide.core.record import dataclass
from ide.core.text import with_unseen_shown
from ide.kernels.contract import HelpMember, HelpPage
from ide.panes.help import docstring
from ide.panes.help.docstring import Code, Field, Fields, Heading, Items, Note, Paragraph, Part
from ide.panes.help.markup import (
    Look,
    Target,
    anchor,
    boxed,
    code_block,
    code_style,
    colored,
    inline,
    page_link,
    without_marks,
)
from ide.widgets.safe_markup import MarkupRefused, safe_html

SIGNATURE_WIDTH = 62
_HARD = "\u00a0"
HEADING = '<p class="h2">'
EXAMPLES = frozenset({"examples", "example"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a page's language: its id, its name on the screen, the lexer of its code."""

    id: str
    name: str
    lexer: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML of a page, and the code of its examples by the number in their links (`run:0`)."""

    html: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One line of the cheat sheet."""

    title: str
    keys: str


def sheet(look: Look) -> str:
    """The style sheet of all pages."""
    px = look.px
    return (
        f"a {{ color: {look.color('link')}; text-decoration: none; }}"
        f"code {{ font-family: '{look.code_font}'; font-size: {look.code_px}px; }}"
        # Paragraphs, as Qt makes its own headings larger than they are told to be.
        f".h1 {{ font-size: {px(18)}px; font-weight: 600; margin-top: 0; margin-bottom: {px(4)}px; }}"
        f".h2 {{ font-size: {px(14)}px; font-weight: 600; margin-top: {px(16)}px; margin-bottom: {px(6)}px; }}"
        f".h3 {{ font-weight: 600; margin-top: {px(12)}px; margin-bottom: {px(4)}px; }}"
        f"p {{ margin-top: {px(4)}px; margin-bottom: {px(4)}px; }}"
        "td, th { vertical-align: top; }"
        f".code {{ margin-top: {px(4)}px; margin-bottom: {px(8)}px; }}"
        f".muted {{ color: {look.color('muted')}; }}"
        f".small {{ font-size: {look.small_px}px; }}"
        f"table.fields td {{ border-bottom: 1px solid {look.color('line')}; }}"
    )


def headline(text: str) -> str:
    """The title of a page."""
    return f'<p class="h1">{html.escape(with_unseen_shown(text))}</p>'


def heading(text: str) -> str:
    """The title of a part."""
    return f"{HEADING}{html.escape(text)}</p>"


def table(rows: str, padding: int) -> str:
    """Rows with lines between them, over the whole width."""
    return f'<table class="fields" width="100%" cellspacing="0" cellpadding="{padding}">{rows}</table>'


def page(found: HelpPage, facts: Facts, look: Look) -> Rendered:
    """The page of a topic."""
    return _Page(found, facts, look).rendered()


def message(title: str, text: str, links: Sequence[tuple[str, str]] = ()) -> Rendered:
    """A page that only says something."""
    following = "".join(f"<p>{anchor(address, label)}</p>" for address, label in links)
    return Rendered(f"{headline(title)}<p>{html.escape(text)}</p>{following}")


class _Page:
    """Writes one page from top to bottom."""

    def __init__(self, found: HelpPage, facts: Facts, look: Look) -> None:
        self._page = found
        self._facts = facts
        self._look = look
        self._examples: list[str] = []

    def rendered(self) -> Rendered:
        """The whole page."""
        found = self._page
        body = {"docstring": self._docstring, "html": self._foreign, "text": self._text}[found.format]()
        parts = [self._head(), self._signature(), body, self._file(), self._members()]
        return Rendered("".join(parts), tuple(self._examples))

    # --- head

    def _head(self) -> str:
        found = self._page
        title = found.title or found.topic or found.package
        about = [found.kind] if found.kind not in ("", "topic") else []
        if found.topic and found.kind == "topic" and found.topic != title:
            about.insert(0, found.topic)
        words = [html.escape(word) for word in about]
        if found.package:
            name = f"{found.package} {found.version}".strip()
            is_own = not found.topic or found.package == found.topic
            target = Target(self._facts.id, "" if found.format != "docstring" else found.package, found.package)
            words.append(html.escape(name) if is_own else anchor(page_link(target), name))
        words.append(html.escape(self._facts.name))
        if found.source_path:
            words.append(anchor("source:", "Source"))
        head = headline(title) + f'<p class="muted small">{" &nbsp;·&nbsp; ".join(words)}</p>'
        if found.also:
            links = ", ".join(self._member_link(one) for one in found.also)
            head += f'<p class="small"><span class="muted">Also: </span>{links}</p>'
        return head

    def _signature(self) -> str:
        text = self._page.signature
        return code_block(folded(text), self._facts.lexer, self._look) if text else ""

    def _file(self) -> str:
        return f"<p>{anchor('document:', 'Open in browser')}</p>" if self._page.file_path else ""

    # --- body

    def _text(self) -> str:
        """Plain text: what is indented is code, what is underlined is a heading."""
        body = "".join(self._paragraph(part) for part in re.split(r"\n\s*\n(?=\S)|(?<=\S)\n\s*\n", self._page.text))
        nothing = not body and not self._page.members and not self._page.signature and not self._page.file_path
        return body or (self._nothing_said() if nothing else "")

    def _paragraph(self, text: str) -> str:
        if not text.strip():
            return ""
        if text.strip("\n").startswith("  "):
            return code_block(textwrap.dedent(text.strip("\n")), self._facts.lexer, self._look)
        underlined = re.fullmatch(r"(\S.*)\n([*=~-])\2{2,}\s*", text.strip())
        return heading(underlined[1]) if underlined else f"<p>{inline(text.strip(), self._facts.id)}</p>"

    def _nothing_said(self) -> str:
        return '<p class="muted">There is no documentation for it.</p>'

    def _docstring(self) -> str:
        parts = docstring.parse(self._page.text, self._page.signature)
        if not parts:
            return "" if self._page.members else self._nothing_said()
        return self._parts(parts)

    def _parts(self, parts: Sequence[Part], section: str = "") -> str:
        written: list[str] = []
        for part in parts:
            if isinstance(part, Heading):
                section = part.text.lower()
                written.append(heading(part.text))
                if section in EXAMPLES and (code := _all_code(parts, part)):
                    self._examples.append(code)
                    written.append(f'<p class="small">{anchor(f"run:{len(self._examples) - 1}", "Run all")}</p>')
            else:
                written.append(self._part(part))
        return "".join(written)

    def _part(self, part: Part) -> str:
        if isinstance(part, Paragraph):
            return f"<p>{inline(part.text, self._facts.id)}</p>"
        if isinstance(part, Code):
            return self._code(part)
        if isinstance(part, Fields):
            return self._fields(part)
        if isinstance(part, Items):
            tag = "ol" if part.is_numbered else "ul"
            if len(part.items) == 1 and not part.is_numbered and len(part.items[0]) != 1:
                return self._parts(part.items[0])
            return f"<{tag}>" + "".join(f"<li>{self._tight(item)}</li>" for item in part.items) + f"</{tag}>"
        if isinstance(part, Note):
            role = "warning_back" if part.is_warning else "current_line"
            if not part.parts and not part.is_warning:
                return f'<p class="muted small">{html.escape(part.title)}</p>'
            title = f"<b>{html.escape(part.title)}</b>"
            back, pad = self._look.color(role), self._look.px(8)
            head = f'<table width="100%" cellspacing="0" cellpadding="{pad}" bgcolor="{back}" class="code">'
            return f"{head}<tr><td>{title} {self._tight(part.parts)}</td></tr></table>"
        return ""

    def _tight(self, parts: Sequence[Part]) -> str:
        """One paragraph needs no room around it."""
        if parts and isinstance(parts[0], Paragraph):
            return inline(parts[0].text, self._facts.id) + self._parts(parts[1:])
        return self._parts(parts)

    def _code(self, part: Code) -> str:
        if not part.runnable:
            return boxed(html.escape(part.text, quote=False), self._look)
        self._examples.append(part.runnable)
        lines = [_prompted(line, self._facts.lexer, self._look) for line in part.text.split("\n")]
        return boxed("\n".join(lines), self._look, f"run:{len(self._examples) - 1}")

    def _fields(self, part: Fields) -> str:
        rows = "".join(self._related(row) if part.is_linked else self._field(row) for row in part.rows)
        return table(rows, self._look.px(5))

    def _field(self, row: Field) -> str:
        kind = html.escape(without_marks(row.type), quote=False)
        name = f"<code>{html.escape(row.name, quote=False)}</code>" if row.name else f"<code>{kind}</code>"
        under = f'<br><span class="muted small">{kind}</span>' if row.name and kind else ""
        return f'<tr><td width="30%">{name}{under}</td><td>{self._tight(row.parts)}</td></tr>'

    def _related(self, row: Field) -> str:
        names = [name.strip() for name in row.name.split(",") if name.strip()]
        links = []
        for name in names:
            bare = re.sub(r"^:\w+:`~?|`$", "", name)
            is_name = re.fullmatch(r"[A-Za-z_]\w*(?:\.\w+)*", bare) is not None
            links.append(anchor(f"see:{quote(bare, safe='')}", bare) if is_name else inline(name, self._facts.id))
        return f'<tr><td width="30%"><code>{", ".join(links)}</code></td><td>{self._tight(row.parts)}</td></tr>'

    def _foreign(self) -> str:
        """HTML that a package brought."""
        try:
            clean = safe_html(self._page.text, self._own_link)
        except MarkupRefused as error:
            return f"<p>This page is not shown: it is {html.escape(str(error))}.</p>"
        return _Foreign(clean, self._page, self._facts, self._look, self._examples).written()

    def _own_link(self, address: str) -> str:
        if not address.startswith("help:"):
            return ""
        package, slash, topic = address.removeprefix("help:").partition("/")
        return page_link(Target(self._facts.id, unquote(topic), unquote(package))) if slash else ""

    # --- members

    def _members(self) -> str:
        by_kind: dict[str, list[HelpMember]] = {}
        for member in self._page.members:
            by_kind.setdefault(member.kind, []).append(member)
        order = sorted(by_kind, key=lambda kind: _KINDS.index(kind) if kind in _KINDS else len(_KINDS))
        return "".join(self._member_table(kind, by_kind[kind]) for kind in order)

    def _member_table(self, kind: str, members: Sequence[HelpMember]) -> str:
        rows = "".join(
            f'<tr><td width="30%">{self._member_link(one)}</td><td>{inline(one.title, self._facts.id)}</td></tr>'
            for one in members
        )
        return heading(plural(kind)) + table(rows, self._look.px(4))

    def _member_link(self, member: HelpMember) -> str:
        target = Target(self._facts.id, member.topic, member.package)
        return f"<code>{anchor(page_link(target), member.name)}</code>"


_KINDS = ("vignette", "module", "class", "function", "method", "property", "topic", "value")
_PLURALS = {"class": "Classes", "property": "Properties", "": "Names"}


def plural(kind: str) -> str:
    """The heading over things of a kind."""
    return _PLURALS.get(kind) or kind.capitalize() + "s"


def _all_code(parts: Sequence[Part], heading: Heading) -> str:
    """All code below a heading; empty where there are not at least two pieces."""
    start = next(number for number, part in enumerate(parts) if part is heading) + 1
    pieces = []
    for part in parts[start:]:
        if isinstance(part, Heading):
            break
        if isinstance(part, Code) and part.runnable:
            pieces.append(part.runnable)
    return "\n".join(pieces) if len(pieces) > 1 else ""


def _prompted(line: str, lexer: str, look: Look) -> str:
    """A line of an example: what is typed in colour, what it answers muted."""
    if line.startswith((">>> ", "... ")):
        prompt = html.escape(line[:4])
        return f'<span style="color:{look.color("muted")}">{prompt}</span>{colored(line[4:], lexer, look)}'
    return f'<span style="color:{look.color("muted")}">{html.escape(line, quote=False)}</span>'


def folded(signature: str) -> str:
    """A long signature over several lines, broken between parameters."""
    if len(signature) <= SIGNATURE_WIDTH or "(" not in signature or "\n" in signature:
        return signature
    head, _, rest = signature.partition("(")
    inner, bracket, tail = rest.rpartition(")")
    if not bracket:
        return signature
    parts, depth, start, quoted = [], 0, 0, ""
    for at, character in enumerate(inner):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "\"'":
            quoted = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(inner[start:at].strip())
            start = at + 1
    parts.append(inner[start:].strip())
    inner = textwrap.fill(", ".join(part.replace(" ", _HARD) for part in parts if part), SIGNATURE_WIDTH - 4)
    return head + "(\n" + textwrap.indent(inner.replace(_HARD, " "), "    ") + "\n)" + tail


class _Foreign:
    """Dresses clean HTML: code in boxes and colours, tables in lines, a link to run the examples."""

    _PRE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
    _TAG = re.compile(r"<[^>]+>")

    def __init__(self, clean: str, found: HelpPage, facts: Facts, look: Look, examples: list[str]) -> None:
        self._clean = clean
        self._page = found
        self._facts = facts
        self._look = look
        self._examples = examples

    def written(self) -> str:
        """The page's body."""
        text = re.sub(r"<img(?![^>]*\bsrc=)(?:[^>]*\balt=\"([^\"]*)\")?[^>]*>", r"\1", self._clean)
        text = re.sub(r"<h[1-3]>", HEADING, text)
        text = re.sub(r"<h[4-6]>", '<p class="h3">', text)
        text = re.sub(r"</h[1-6]>", "</p>", text)
        fields = f'<table class="fields" width="100%" cellspacing="0" cellpadding="{self._look.px(5)}">'
        # The names of arguments stand in the first of two columns.
        text = re.sub(r"<tr>\s*<td><code>", '<tr><td width="26%"><code>', text.replace("<table>", fields))
        head, mark, tail = self._split_at_examples(text)
        return self._boxes(head) + mark + self._boxes(tail, is_example=bool(mark))

    def _split_at_examples(self, text: str) -> tuple[str, str, str]:
        mark = f"{HEADING}Examples</p>"
        if not self._page.examples or mark not in text:
            return text, "", ""
        head, _, tail = text.rpartition(mark)
        self._examples.append(self._page.examples)
        return head, mark, tail

    def _boxes(self, text: str, *, is_example: bool = False) -> str:
        run = f"run:{len(self._examples) - 1}" if is_example else ""

        def box(match: re.Match[str]) -> str:
            nonlocal run
            address, run = run, ""
            inner = re.sub(r"^<code>|</code>$", "", match[1].strip("\n"))
            if self._TAG.search(inner):  # code with links in it keeps them and goes without colours
                return boxed(inner, self._look, address)
            return code_block(html.unescape(inner).strip("\n"), self._facts.lexer, self._look, address)

        return self._PRE.sub(box, text)


# ---- other pages ----------------------------------------------------------------------------------------------------


def matches(text: str, groups: Sequence[tuple[Facts, Sequence[HelpMember]]], state: str, look: Look) -> Rendered:
    """What a search found, by language; `state` says what is still being looked through, or why there is nothing."""
    parts = [headline(f"Search for “{text}”")]
    for facts, found in groups:
        if not found:
            continue
        rows = "".join(_match_row(facts, one, look) for one in found)
        parts.append(heading(facts.name) + table(rows, look.px(4)))
    if state:
        parts.append(f'<p class="muted">{html.escape(state)}</p>')
    return Rendered("".join(parts))


def _match_row(facts: Facts, one: HelpMember, look: Look) -> str:
    link = anchor(page_link(Target(facts.id, one.topic, one.package)), one.name)
    place = one.package if one.kind in ("", "topic") else f"{one.package} {one.kind}".strip()
    about = f'<span class="muted small">{html.escape(place)}</span>'
    title = f"<br>{inline(one.title, facts.id)}" if one.title else ""
    return f"<tr><td><code>{link}</code> &nbsp;{about}{title}</td></tr>"


def cheat_sheet(map_name: str, scopes: Mapping[str, Sequence[KeyLine]], look: Look) -> Rendered:
    """The keys of each pane, as the command table and the map in use say."""
    intro = f"The keys of the map “{html.escape(map_name)}”, by the pane that has the keyboard."
    change = anchor("command:app.keys", "Change keys")
    parts = [headline("Cheat sheet"), f'<p class="muted">{intro}</p><p>{change}</p>']
    for scope, lines in scopes.items():
        rows = "".join(
            f'<tr><td width="40%"><span style="{code_style(look)}">{html.escape(line.keys)}</span></td>'
            f"<td>{html.escape(line.title)}</td></tr>"
            for line in lines
        )
        parts.append(heading(scope) + table(rows, look.px(3)))
    return Rendered("".join(parts))
