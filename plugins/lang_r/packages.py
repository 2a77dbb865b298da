"""Which packages code needs: what it loads, and what an error says is missing."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r"[A-Za-z][A-Za-z0-9.]*"
_QUOTED: Final = r"['\"`‘’“”„«»]"
# "there is no package called ‘x’", in the languages that R speaks most.
_MISSING: Final = re.compile(
    r"(?:no package called|no hay (?:ningún )?paquete (?:llamado|denominado)|(?:es gibt )?kein Paket namens|"
    r"aucun package (?:nommé|appelé)|non c'è alcun pacchetto chiamato|não há nenhum pacote chamado|"
    rf"名为|нет пакета под названием)\s*{_QUOTED}({_NAME}){_QUOTED}"
)
_LOADED: Final = re.compile(
    rf"\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*(?:package\s*=\s*)?['\"]?({_NAME})['\"]?\s*[,)]"
)
_NAMESPACE: Final = re.compile(rf"(?<![\w.:])({_NAME}):::?[\w.`]")
_OWN: Final = frozenset(
    {"base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel", "splines", "stats"}
    | {"stats4", "tcltk", "tools", "utils"}
)
_TEXT: Final = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")


def missing_import(message: str) -> str:
    """The package that an error says is not installed; "" for other errors."""
    found = _MISSING.search(message)
    return found[1] if found and found[1] not in _OWN else ""


def imports(code: str) -> tuple[str, ...]:
    """Packages that code loads or names by `::`, R's own left out."""
    bare = "\n".join(_without_comment(line) for line in code.splitlines())
    masked = _TEXT.sub(lambda match: match[0][0] + " " * (len(match[0]) - 2) + match[0][-1], bare)
    loaded = (match for match in _LOADED.finditer(bare) if masked[match.start()] != " ")
    found = [(match.start(), match[1]) for match in (*loaded, *_NAMESPACE.finditer(masked))]
    return tuple(dict.fromkeys(name for _, name in sorted(found) if name not in _OWN))


def _without_comment(line: str) -> str:
    """`line` up to a `#` that stands in no text."""
    quote = ""
    place = 0
    while place < len(line):
        letter = line[place]
        if quote:
            if letter == "\\":
                place += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"`":
            quote = letter
        elif letter == "#":
            return line[:place]
        place += 1
    return line
