"""Files and environment variables that code names, from its tokens: nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ide.api.language import Mention, MentionKind

_TOKEN: Final = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"|[rR](?P<quote>[\"'])(?P<dashes>-*)(?:\((?P<round>.*?)\)|\[(?P<square>.*?)\]|\{(?P<curly>.*?)\})(?P=dashes)(?P=quote)"
    r"|\"(?P<double>(?:\\.|[^\"\\])*)\"|'(?P<single>(?:\\.|[^'\\])*)'"
    r"|(?P<word>(?:\.?[A-Za-z_\u0080-\uffff]|\.(?![0-9]))[\w.]*)"
    r"|(?P<sign>[()\[\]{},=;]|[^\s\w()\[\]{},=;\"'#])|(?P<number>\d[\w.]*)|(?P<line>\n)",
    re.DOTALL,
)
_READERS: Final = frozenset(
    {"readRDS", "readLines", "readr", "fread", "load", "source", "sys.source", "scan", "vroom", "open_dataset"}
    | {"fromJSON", "stream_in", "file", "gzfile", "read.csv", "excel_sheets", "st_read", "rast", "nc_open"}
)
_WRITERS: Final = frozenset(
    {"saveRDS", "save", "save.image", "ggsave", "fwrite", "sink", "pdf", "png", "jpeg", "tiff", "svg", "cat"}
    | {"bmp", "cairo_pdf", "writeLines", "dump", "dput", "st_write", "saveWidget", "dir.create", "file.create"}
)
_SECOND: Final = frozenset({"saveRDS", "fwrite", "writeLines", "dput", "st_write", "saveWidget", "save", "cat", "dump"})
_JOINS: Final = frozenset({"file.path", "here", "path", "normalizePath", "path.expand"})
_NAMED: Final = frozenset({"file", "path", "con", "input", "filename", "description", "dsn", "sources"})
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


@dataclass
class _Call:
    """A bracket that is open; `name` of what is called. `parts` are the texts it joins, None for what is unknown."""

    name: str
    is_argument_of_join: bool = False
    argument: int = 0
    label: str = ""
    parts: list[tuple[str, int] | None] = field(default_factory=list)
    variable: tuple[str, int] | None = None


def mentions(code: str) -> tuple[Mention, ...]:
    """What `Language.mentions` says."""
    return tuple(sorted(_mentions(code), key=lambda one: one.line))


def _mentions(code: str) -> Iterator[Mention]:
    calls: list[_Call] = []
    line, word, before = 1, "", ""
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup or ""
        if kind == "comment" or (kind == "line" and calls):
            pass
        elif kind == "word":
            word = token[0]
            if calls and calls[-1].name in _JOINS and before in ("(", ","):
                calls[-1].parts.append(None)  # taken back where it is a label or a call
        elif kind == "sign":
            yield from _sign(token[0], word, calls)
            word = ""
        elif kind in ("double", "single", "quote", "round", "square", "curly"):
            yield from _text(_value(token), line, calls)
            word = ""
        else:
            if kind == "number" and calls and calls[-1].name in _JOINS:
                calls[-1].parts.append(None)
            word = ""
        if kind not in ("comment", "line"):
            before = token[0]
        line += token[0].count("\n")


def _sign(sign: str, word: str, calls: list[_Call]) -> Iterator[Mention]:
    last = calls[-1] if calls else None
    if sign in "([{":
        if word and last is not None and last.name in _JOINS and last.parts and last.parts[-1] is None:
            last.parts.pop()
        calls.append(_Call(word if sign == "(" else "", last is not None and last.name in _JOINS))
    elif sign in ")]}" and calls:
        done = calls.pop()
        if done.name in _JOINS:
            yield from _joined(done, calls)
        elif calls and calls[-1].name in _JOINS:
            calls[-1].parts.append(None)
        if done.variable is not None:
            yield Mention("variable", *done.variable)
    elif sign == "," and last is not None:
        last.argument += 1
        last.label = ""
        if last.variable is not None:
            last.variable = None  # it has a default
    elif sign == "=" and last is not None:
        last.label = word
        if word and last.name in _JOINS and last.parts and last.parts[-1] is None:
            last.parts.pop()


def _joined(done: _Call, calls: list[_Call]) -> Iterator[Mention]:
    texts = [part for part in done.parts if part is not None]
    if texts and len(texts) == len(done.parts):
        whole = "/".join(text.rstrip("/") or "/" for text, _ in texts)
        yield from _text(whole, texts[0][1], calls)
    else:
        yield from (Mention("text", text, line) for text, line in texts)
        if calls and calls[-1].name in _JOINS:
            calls[-1].parts.append(None)


def _text(text: str, line: int, calls: list[_Call]) -> Iterator[Mention]:
    call = calls[-1] if calls else None
    if call is not None and call.name in _JOINS:
        if call.label in ("", "path"):
            call.parts.append((text, line))
        return
    if call is not None and call.name == "Sys.getenv" and call.argument == 0:
        call.variable = (text, line)
        return
    yield Mention(_kind(call), text, line)


def _kind(call: _Call | None) -> MentionKind:
    if call is None:
        return "text"
    is_file = call.label in _NAMED or (not call.label and call.argument == (1 if call.name in _SECOND else 0))
    if not is_file or (call.name in ("cat", "save", "dump") and call.label not in _NAMED):
        return "text"
    if call.name in _READERS or call.name.startswith(("read.", "read_")):
        return "read"
    if call.name in _WRITERS or call.name.startswith(("write.", "write_")):
        return "write" if call.argument or call.label or not call.name.startswith("write") else "text"
    return "text"


def _value(token: re.Match[str]) -> str:
    for name in ("round", "square", "curly"):
        if token[name] is not None:
            return str(token[name])
    written = token["double"] if token["double"] is not None else token["single"]
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), written or "")
