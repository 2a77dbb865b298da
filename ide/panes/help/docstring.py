"""Documentation as it stands in code, taken apart: numpydoc, Google's style, reST fields, or plain text. Pure.

Owns the parts (`Part`) that `render.py` makes a page of. Nothing here fails on any text: what fits no form is a
paragraph, or stays as it was typed.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from ide.core.record import dataclass

LINES_MOST = 6_000
DEPTH_MOST = 6


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that flows, with reST's marks in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Code or output as it was typed. `runnable` is what a user would run of it, empty where it is no example."""

    text: str
    runnable: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter, result, error, attribute or related name: `name` may be empty where only a type is told."""

    name: str
    type: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A table of them. `is_linked`: the names are those of other pages."""

    rows: tuple[Field, ...]
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each item has parts of its own."""

    items: tuple[tuple[Part, ...], ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something set apart: a note, a warning, since which version."""

    title: str
    parts: tuple[Part, ...]
    is_warning: bool = False


Part = Heading | Paragraph | Code | Fields | Items | Note

# fmt: off
_FIELD_SECTIONS = frozenset((
    "parameters", "other parameters", "params", "args", "arguments", "keyword args", "keyword arguments",
    "keyword parameters", "returns", "return", "yields", "yield", "receives", "raises", "raise", "except", "exceptions",
    "warns", "attributes", "methods", "see also",
))
_TEXT_SECTIONS = frozenset((
    "notes", "note", "examples", "example", "references", "warnings", "warning", "todo", "usage", "description",
    "details",
))
_RETURNS = frozenset((
    "returns", "return", "yields", "yield", "receives", "raises", "raise", "except", "exceptions", "warns",
))
_CODE = frozenset((
    "code", "code-block", "sourcecode", "ipython", "parsed-literal", "literalinclude", "testcode", "jupyter-execute",
))
_SILENT = frozenset((
    "plot", "index", "currentmodule", "module", "autosummary", "toctree", "only", "highlight", "image", "figure",
    "rubric", "include", "raw", "ifconfig", "contents", "tabularcolumns", "automodule", "autofunction",
))
# fmt: on
_GOOGLE = re.compile(r"^([A-Z][A-Za-z ]{2,24}):\s*$")
_UNDERLINE = re.compile(r"^\s*([-=~^\"'*+#])\1{2,}\s*$")
_BULLET = re.compile(r"^(\s*)(?:[-*+•]|(\(?(?:\d{1,3}|[a-z])[.)]))\s+(?=\S)")
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(?:([\w:-]+) ?::\s*(.*)|(\[[^\]]+\])\s*(.*)|_.*|\|.*|$)")
_REST_FIELD = re.compile(r"^:(\w+)((?:\s+[^:\n]+)?):\s*(.*)$")
_GOOGLE_FIELD = re.compile(
    r"^(\*{0,2}[\w.*, |\[\]]{1,80}?)\s*(?:\(([^)]{1,200})\))?\s*:\s+(.*)$|^(\*{0,2}\w[\w.]*)\s*(?:\(([^)]*)\))?\s*:$"
)
_VERSIONS = {"versionadded": "New in version", "versionchanged": "Changed in version", "deprecated": "Deprecated since"}
_REST_TITLES = {
    **dict.fromkeys(("param", "parameter", "arg", "argument", "key", "keyword", "kwarg"), "Parameters"),
    **dict.fromkeys(("returns", "return", "rtype", "yields", "yield", "ytype"), "Returns"),
    **dict.fromkeys(("raises", "raise", "except", "exception"), "Raises"),
    **dict.fromkeys(("var", "ivar", "cvar"), "Attributes"),
}


def parse(text: str, signature: str = "") -> tuple[Part, ...]:
    """The parts of a documentation. A first line that only repeats the signature is left out."""
    lines = [line.expandtabs().rstrip() for line in text.split("\n")[:LINES_MOST]]
    lines = _without_signature(lines, signature)
    parts: list[Part] = []
    usages, lines = _usages(lines, signature.partition("(")[0])
    if usages:
        parts.append(Code("\n".join(usages)))
    for title, body in _sections(lines):
        if title:
            parts.append(Heading(title))
        parts += _section(title, body)
    return tuple(_without_empty(parts))


def _without_signature(lines: list[str], signature: str) -> list[str]:
    name = signature.partition("(")[0]
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not name or not lines or not lines[first : first + 1]:
        return lines
    repeated = re.compile(rf"\s*(?:[\w.]+\.)?{re.escape(name)}\(.*\)\s*(?:->\s*\S+)?$")
    while first < len(lines) and repeated.match(lines[first]):
        first += 1
    return lines[first:]


def _usages(lines: list[str], name: str) -> tuple[list[str], list[str]]:
    """Lines at the top that say one way of calling each (`dict(mapping) -> new dictionary ...`), and what follows."""
    call = re.compile(rf"\s*{re.escape(name)}\(.*\)\s*->")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    end = first
    while name and end < len(lines) and (call.match(lines[end]) or (end > first and lines[end].startswith("  "))):
        end += 1
    is_more_than_one = sum(call.match(line) is not None for line in lines[first:end]) > 1
    return (lines[first:end], lines[end:]) if is_more_than_one else ([], lines)


def _without_empty(parts: Sequence[Part]) -> Iterator[Part]:
    """Headings with nothing below them say nothing."""
    for number, part in enumerate(parts):
        following = parts[number + 1 : number + 2]
        if not isinstance(part, Heading) or (following and not isinstance(following[0], Heading)):
            yield part


# ---- sections -------------------------------------------------------------------------------------------------------


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Title and lines of each section; what comes before the first one has no title."""
    title, start = "", 0
    at = 0
    while at < len(lines):
        found, behind = _heading(lines, at)
        if found:
            yield title, lines[start:at]
            title, start, at = found, behind, behind
        else:
            at += 1
    yield title, lines[start:]


def _heading(lines: list[str], at: int) -> tuple[str, int]:
    """A title that begins here, and the line behind it."""
    line = lines[at]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if at > 0 and lines[at - 1].strip():  # in the middle of something
        return "", at
    if _UNDERLINE.match(following) and line.strip() and not line.startswith(" ") and _fits(line, following):
        return line.strip(), at + 2
    if _UNDERLINE.match(line) and following.strip() and at + 2 < len(lines) and lines[at + 2].strip() == line.strip():
        return following.strip(), at + 3
    google = _GOOGLE.match(line)
    if google and google[1].lower() in _FIELD_SECTIONS | _TEXT_SECTIONS:
        below = next((one for one in lines[at + 1 : at + 4] if one.strip()), "")
        if below.startswith(" "):
            return google[1], at + 1
    return "", at


def _fits(line: str, underline: str) -> bool:
    """A table's ruler is no underline, nor is a line of dots after a sentence."""
    return len(underline.strip()) >= min(3, len(line.strip())) and " " not in underline.strip() and len(line) < 90


def _section(title: str, lines: list[str]) -> list[Part]:
    word = title.lower().rstrip(":")
    lines = textwrap.dedent("\n".join(lines)).split("\n")
    if word in _FIELD_SECTIONS:
        end = next((number for number, line in enumerate(lines) if line.startswith("..")), len(lines))
        lines, rest = lines[:end], lines[end:]
        rows = _numpy_fields(lines, word) if not _is_google(lines) else _google_fields(lines, word)
        if rows:
            return [Fields(tuple(rows), is_linked=word == "see also"), *_blocks(rest, 0)]
        lines += rest
    parts, fields = _rest_fields(lines) if not title else (lines, [])
    return [*_blocks(parts, 0), *fields]


def _is_google(lines: list[str]) -> bool:
    """Google's style has the description in the line of the name; numpydoc has it below, or a type behind " : "."""
    firsts = [line for line in lines if line and not line.startswith(" ")]
    return bool(firsts) and all(_GOOGLE_FIELD.match(line) and " : " not in line for line in firsts)


def _numpy_fields(lines: list[str], word: str) -> list[Field]:
    rows: list[Field] = []
    for first, body in _entries(lines):
        name, colon, kind = first.partition(" : ") if " : " in first else first.partition(":")
        if word == "see also":
            text = " ".join([kind.strip(), *(line.strip() for line in body)]).strip()
            rows += [Field(name.strip(), "", (Paragraph(text),) if text else ())]
        elif word in _RETURNS and not colon:
            rows.append(Field("", first.strip(), tuple(_blocks(body, 1))))
        elif not colon and " " in name.strip() and "," not in name and not name.strip().startswith("*"):
            return []  # sentences under such a title
        else:
            if kind.rstrip().endswith(",") and body:  # a long type that goes on in the next line
                kind, body = f"{kind.strip()} {body[0].strip()}", body[1:]
            rows.append(Field(name.strip(), kind.strip(), tuple(_blocks(body, 1))))
    return rows


def _google_fields(lines: list[str], word: str) -> list[Field]:
    rows = []
    for first, body in _entries(lines):
        match = _GOOGLE_FIELD.match(first)
        if match is None:
            return []
        name, kind, text = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], "")
        parts = tuple(_blocks([text or "", *body], 1))
        is_type = word in _RETURNS
        rows.append(Field("" if is_type else name, name if is_type else kind or "", parts))
    return rows


def _entries(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Lines at the margin, each with the indented ones below it, dedented."""
    first, body = "", list[str]()
    for line in lines:
        if line and not line.startswith(" "):
            if first:
                yield first, textwrap.dedent("\n".join(body)).split("\n")
            first, body = line, []
        elif first:
            body.append(line)
    if first:
        yield first, textwrap.dedent("\n".join(body)).split("\n")


def _rest_fields(lines: list[str]) -> tuple[list[str], list[Part]]:
    """`:param x: ...` and its like, taken out of the lines and put in tables at the end."""
    rest: list[str] = []
    found: dict[str, dict[str, tuple[str, list[str]]]] = {}
    current: list[str] | None = None
    for line in lines:
        match = _REST_FIELD.match(line)
        word = match[1].lower() if match else ""
        if match and word == "type":
            name = match[2].strip()
            rows = found.setdefault("Parameters", {})
            rows[name] = (match[3], rows.get(name, ("", []))[1])
            current = None
        elif match and word in _REST_TITLES:
            rows = found.setdefault(_REST_TITLES[word], {})
            *kinds, name = match[2].split() or [""]
            if word in ("rtype", "ytype"):
                rows[""] = (match[3], rows.get("", ("", []))[1])
                current = None
            else:
                current = [match[3]]
                rows[name] = (rows.get(name, (" ".join(kinds), []))[0], current)
        elif current is not None and (line.startswith(" ") or not line):
            current.append(line)
        else:
            current = None
            rest.append(line)
    parts: list[Part] = []
    for title, rows in found.items():
        fields = tuple(_rest_row(title, name, kind, body) for name, (kind, body) in rows.items())
        parts += [Heading(title), Fields(fields)]
    return rest, parts


def _rest_row(title: str, name: str, kind: str, body: list[str]) -> Field:
    text = [body[0], *textwrap.dedent("\n".join(body[1:])).split("\n")] if body else []
    if title == "Raises":
        return Field("", name, tuple(_blocks(text, 1)))
    return Field(name, kind, tuple(_blocks(text, 1)))


# ---- blocks ---------------------------------------------------------------------------------------------------------


def _blocks(lines: Sequence[str], depth: int) -> list[Part]:
    """Paragraphs, lists, code, directives and tables, in order."""
    return list(_Blocks(list(lines), depth).parts())


class _Blocks:
    """Walks lines of one indent."""

    def __init__(self, lines: list[str], depth: int) -> None:
        self._lines = lines
        self._depth = depth
        self._at = 0

    def parts(self) -> Iterator[Part]:
        """All of them."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                self._at += 1
            elif line.lstrip().startswith(">>>"):
                yield from self._doctest()
            elif match := _DIRECTIVE.match(line):
                yield from self._directive(match)
            elif _is_ruler(line) or line.lstrip().startswith("+-"):
                yield Code("\n".join(self._take_until_gap(is_table=_is_ruler(line))))
            elif _BULLET.match(line) and self._depth < DEPTH_MOST:
                yield self._items()
            else:
                yield from self._paragraph()

    def _doctest(self) -> Iterator[Part]:
        lines = self._take_until_gap()
        block = textwrap.dedent("\n".join(lines))
        code = [line[4:] for line in block.split("\n") if line.startswith((">>>", "..."))]
        yield Code(block, "\n".join(code).rstrip())

    def _take_until_gap(self, *, is_table: bool = False) -> list[str]:
        """Lines up to an empty one; a table of rulers may have empty ones inside."""
        first = self._at
        rulers = 0
        while self._at < len(self._lines):
            line = self._lines[self._at]
            rulers += is_table and _is_ruler(line)
            if not line.strip() and (not is_table or rulers >= 2):
                break
            self._at += 1
        return self._lines[first : self._at]

    def _directive(self, match: re.Match[str]) -> Iterator[Part]:
        margin = len(match[1])
        name, argument, label, text = match[2], match[3], match[4], match[5]
        self._at += 1
        body = self._indented(margin)
        if label:
            yield from _blocks([f"{label} {text}", *body], self._depth + 1)
            return
        if name is None:
            return  # a comment, a target
        options = [line for line in body if re.match(r":[\w-]+:", line)]
        body = [line for line in body if line not in options]
        name = name.lower().rpartition(":")[2] if ":" in name else name.lower()
        if name in _CODE:
            code = "\n".join(body).strip("\n")
            yield from [Code(code)] if code else []
        elif name == "list-table":
            yield from self._list_table(body)
        elif name in _VERSIONS:
            words = argument.split(None, 1)
            title = f"{_VERSIONS[name]} {words[0] if words else ''}".strip()
            text_lines = [*(words[1:]), *body]
            yield Note(title, tuple(_blocks(text_lines, self._depth + 1)), name == "deprecated")
        elif name in ("math", "productionlist", "doctest"):
            yield Code("\n".join([*([argument] if argument else []), *body]).strip("\n"))
        elif name == "seealso":
            yield Note("See also", tuple(_blocks([argument, *body], self._depth + 1)))
        elif name in _SILENT:
            if name == "rubric" and argument:
                yield Heading(argument)
        elif self._depth < DEPTH_MOST:
            title = name.replace("-", " ").capitalize() if name != "admonition" else argument
            inner = [*([argument] if argument and name != "admonition" else []), *body]
            is_warning = name in ("warning", "caution", "danger", "attention", "error")
            yield Note(title, tuple(_blocks(inner, self._depth + 1)), is_warning)

    def _list_table(self, body: list[str]) -> Iterator[Part]:
        """A table as a list of lists: the first of each row is its name."""
        rows = []
        for part in _blocks(textwrap.dedent("\n".join(body)).split("\n"), self._depth + 1):
            for row in part.items if isinstance(part, Items) else ():
                cells = next((one.items for one in row if isinstance(one, Items)), ())
                name = next((one.text for one in (cells[0] if cells else ()) if isinstance(one, Paragraph)), "")
                rest = tuple(inner for cell in cells[1:] for inner in cell)
                rows.append(Field(name.strip("*`"), "", rest))
        if rows:
            yield Fields(tuple(rows))

    def _indented(self, margin: int) -> list[str]:
        """Lines that are indented deeper than `margin`, dedented."""
        first = self._at
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip()) <= margin:
                break
            self._at += 1
        return textwrap.dedent("\n".join(self._lines[first : self._at])).strip("\n").split("\n")

    def _items(self) -> Part:
        items: list[tuple[Part, ...]] = []
        start = _BULLET.match(self._lines[self._at])
        assert start is not None
        margin, is_numbered = len(start[1]), start[2] is not None
        while self._at < len(self._lines):
            match = _BULLET.match(self._lines[self._at])
            if match is None or len(match[1]) != margin or (match[2] is not None) != is_numbered:
                break
            first = self._lines[self._at][match.end() :]
            self._at += 1
            items.append(tuple(_blocks([first, *self._indented(margin)], self._depth + 1)))
        return Items(tuple(items), is_numbered)

    def _paragraph(self) -> Iterator[Part]:
        first = self._at
        margin = len(self._lines[first]) - len(self._lines[first].lstrip())
        while self._at < len(self._lines):
            line = self._lines[self._at]
            indent = len(line) - len(line.lstrip())
            is_other = self._at > first and (indent != margin or line.lstrip().startswith(">>>") or _is_list(line))
            if not line.strip() or is_other:
                break
            self._at += 1
        lines = self._lines[first : self._at]
        text = " ".join(line.strip() for line in lines)
        is_literal = text.endswith("::")
        if is_literal:
            text = text[:-2].rstrip() if text[:-2].endswith((" ", "")) and text == "::" else text[:-1]
        if text.strip(":"):
            yield Paragraph(text)
        yield from self._below(margin, is_literal, is_single=len(lines) == 1)

    def _below(self, margin: int, is_literal: bool, *, is_single: bool) -> Iterator[Part]:
        """What stands deeper right below a paragraph: code after `::`, else the body of a definition or a quotation."""
        at = self._at
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        if at >= len(self._lines) or self._depth >= DEPTH_MOST:
            return
        line = self._lines[at]
        if len(line) - len(line.lstrip()) <= margin or line.lstrip().startswith(">>>"):
            return
        body = self._indented(margin)
        if is_literal or _is_code(body):
            yield Code("\n".join(body))
        elif is_single or at > self._at:
            yield Items((tuple(_blocks(body, self._depth + 1)),))
        else:
            yield from _blocks(body, self._depth + 1)


_STATEMENT = re.compile(
    r"\s*(?:(?:import|from|def|class|for|while|if|elif|else|with|return|try|except|print|del|async|await)\b.*[:(\w]$"
    r"|[\w.\[\]'\", ]+\s*=(?!=)|[\w.]+\(.*|#|\$ |@\w|[)\]}]|%)"
)


def _is_code(lines: Sequence[str]) -> bool:
    """Many indent code without saying so."""
    some = [line for line in lines if line.strip()]
    return bool(some) and sum(_STATEMENT.match(line) is not None for line in some) >= 0.7 * len(some)


def _is_list(line: str) -> bool:
    match = _BULLET.match(line)
    return match is not None and match[2] is None


def _is_ruler(line: str) -> bool:
    return re.match(r"^\s*={2,}(?:\s+={2,})+\s*$", line) is not None
