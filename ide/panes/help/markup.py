"""Small pieces of a help page as HTML: reST's marks inside text, coloured code, addresses of links. Pure, for the pool.

An address begins with a word of ours (`page:`, `run:` ...); what the pages themselves bring can only become `page:` or
an address of the web.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from ide.core.record import dataclass

HIGHLIGHT_MOST = 20_000
"""Characters of code that are coloured."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours by role as `#rrggbb`, the family of code, and pixels at the zoom in force."""

    colors: Mapping[str, str]
    code_font: str
    code_px: int
    small_px: int
    px: Callable[[float], int]

    def color(self, role: str) -> str:
        """The colour of a role; that of text for one that the theme has not."""
        return self.colors.get(role) or self.colors["text"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a link of a page leads to: a page of a language's help."""

    language: str
    topic: str
    package: str = ""


def page_link(target: Target) -> str:
    """The address of a page."""
    return "page:" + "/".join(quote(part, safe="") for part in (target.language, target.package, target.topic))


def target_of(address: str) -> Target | None:
    """What `page_link` was made from; None for any other address."""
    parts = address.removeprefix("page:").split("/")
    if not address.startswith("page:") or len(parts) != 3:
        return None
    language, package, topic = (unquote(part) for part in parts)
    return Target(language, topic, package)


def anchor(address: str, text: str) -> str:
    """A link; `text` is plain."""
    return f'<a href="{html.escape(address)}">{html.escape(text)}</a>'


# ---- text -----------------------------------------------------------------------------------------------------------

_INLINE = re.compile(
    r"``(?P<literal>.+?)``"
    r"|:(?P<role>[\w:+.-]+):`(?P<ref>[^`]+)`"
    r"|`(?P<label>[^`<]+?)\s*<(?P<address>[^`>]+)>`__?"
    r"|`(?P<name>[^`]+)`(?:__?(?!\w))?"
    r"|(?<![\w*])\*\*(?P<strong>\S(?:.*?\S)?)\*\*(?![\w*])"
    r"|(?<![\w*\\])\*(?P<emphasis>[^\s*](?:[^*]*?[^\s*\\])?)\*(?![\w*])"
    r"|(?P<url>https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]])"
    r"|\[(?P<foot>[\w#*.-]+)\]_(?!\w)"
    r"|\\(?P<escaped>[*`_\\|])"
)
_LINKED_ROLES = frozenset({"func", "meth", "class", "mod", "obj", "attr", "data", "exc", "const"})
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


def inline(text: str, language: str) -> str:
    """reST's marks inside text."""
    parts: list[str] = []
    at = 0
    for match in _INLINE.finditer(text):
        parts += [html.escape(text[at : match.start()], quote=False), _marked(match, language)]
        at = match.end()
    parts.append(html.escape(text[at:], quote=False))
    return "".join(parts)


def _marked(match: re.Match[str], language: str) -> str:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    if "role" in found:
        return _reference(found["role"].rpartition(":")[2], found["ref"], language)
    if "address" in found:
        address, label = found["address"].strip(), found["label"].strip()
        return anchor(address, label) if address.startswith(("http://", "https://")) else html.escape(label)
    if "url" in found:
        return anchor(found["url"], found["url"])
    for name, tag in (("literal", "code"), ("strong", "b"), ("emphasis", "i")):
        if name in found:
            return f"<{tag}>{html.escape(found[name], quote=False)}</{tag}>"
    if "name" in found:
        return f"<code>{html.escape(_bare(found['name']), quote=False)}</code>"
    if "foot" in found:
        return f"[{html.escape(found['foot'])}]"
    return html.escape(found["escaped"])


def without_marks(text: str) -> str:
    """Text of a type, with names in it as they are."""
    text = re.sub(r":[\w:+.-]+:`([^`<]+?)(?:\s*<[^`>]+>)?`", lambda match: _bare(match[1]), text)
    return re.sub(r"``?([^`]+)``?", lambda match: _bare(match[1]), text)


def _bare(name: str) -> str:
    """A name without what tells Sphinx where to look for it."""
    bare = name.lstrip("~.!")
    return bare if _DOTTED.fullmatch(bare) else name


def _reference(role: str, text: str, language: str) -> str:
    label, _, target = text.partition("<")
    target = target.rstrip("> ") or label
    is_short = target.startswith("~")
    target = target.lstrip("~!.")
    shown = label.strip().lstrip("~!.") if "<" in text else target.rpartition(".")[2] if is_short else target
    if role in _LINKED_ROLES and _DOTTED.fullmatch(target.removesuffix("()")):
        link = page_link(Target(language, target.removesuffix("()")))
        return f'<a href="{html.escape(link)}"><code>{html.escape(shown, quote=False)}</code></a>'
    if role == "math":
        return f"<i>{html.escape(text, quote=False)}</i>"
    return (
        f"<code>{html.escape(shown, quote=False)}</code>" if role not in ("ref", "doc", "term") else html.escape(shown)
    )


# ---- code -----------------------------------------------------------------------------------------------------------


def colored(code: str, lexer: str, look: Look) -> str:
    """Code with the colours of the editor; plain where no lexer of that name is there."""
    if not lexer or len(code) > HIGHLIGHT_MOST:
        return html.escape(code, quote=False)
    from pygments import lex  # on the way to the first page, in the pool
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    from ide.widgets.code_view_lexing import role_of

    try:
        tokens = lex(code, get_lexer_by_name(lexer, stripnl=False, ensurenl=False))
    except ClassNotFound:
        return html.escape(code, quote=False)
    return "".join(_token(text, role_of(kind), look) for kind, text in tokens)


def _token(text: str, role: str, look: Look) -> str:
    escaped = html.escape(text, quote=False)
    return f'<span style="color:{look.color(role)}">{escaped}</span>' if role and not text.isspace() else escaped


def code_block(code: str, lexer: str, look: Look, run: str = "") -> str:
    """A box of code; `run` is the address that runs it."""
    return boxed(colored(code, lexer, look), look, run)


def boxed(inner: str, look: Look, run: str = "") -> str:
    """A box around code that is HTML already."""
    pad = look.px(8)
    link = f'<span style="white-space:nowrap">{anchor(run, "Run")}</span>'
    button = f'<td align="right" width="{look.px(56)}">{link}</td>' if run else ""
    return (
        f'<table width="100%" cellspacing="0" cellpadding="{pad}" bgcolor="{look.color("header")}" class="code"><tr>'
        f'<td><pre style="{code_style(look)}">{inner}</pre></td>{button}</tr></table>'
    )


def code_style(look: Look) -> str:
    """CSS of code in a box: long lines are wrapped, as there is no room to scroll them."""
    return f"font-family:'{look.code_font}'; font-size:{look.code_px}px; white-space:pre-wrap; margin:0"
