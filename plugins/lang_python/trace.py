"""Places in files that printed Python text names: tracebacks of IPython and of plain Python, warnings, pytest."""

from __future__ import annotations

import os
import re

from ide.api import TraceLink

_PLAIN = re.compile(r'\bFile "(?P<path>[^"\n]+)", line (?P<line>\d+)')
_IPYTHON = re.compile(r"^[ \t]*File (?P<path>[^\"\n<][^\n]*?):(?P<line>\d+)(?=,|\s*$)", re.MULTILINE)
_PREFIX = re.compile(
    r"^(?P<path>(?:[A-Za-z]:)?[^\s:\"<>|*?][^:\"<>|*?\n]*\.pyw?):(?P<line>\d+):(?=\s|\d|$)", re.MULTILINE
)
_OLD_IPYTHON = re.compile(
    r"^(?P<path>(?:~|/|[A-Za-z]:\\)[^\n]*?\.py) in [^\n]*\n(?:[^\n]*\n){0,12}?-+> ?(?P<line>\d+)", re.MULTILINE
)


def trace_links(text: str) -> tuple[TraceLink, ...]:
    """The links of `text` in order, none over another. Code that is in no file (`<string>`, cells) has none."""
    found: list[TraceLink] = []
    for pattern in (_PLAIN, _IPYTHON, _OLD_IPYTHON, _PREFIX):
        for match in pattern.finditer(text):
            path = match["path"]
            if path.startswith("<") or path.endswith(">"):
                continue
            first, end = match.start("path"), match.end("path" if pattern is _OLD_IPYTHON else "line")
            if not any(first < link.end and link.first < end for link in found):
                path = os.path.expanduser(path) if path.startswith("~") else path  # noqa: PTH111 - text, maybe of Windows
                found.append(TraceLink(first, end, path, max(0, int(match["line"]) - 1)))
    return tuple(sorted(found, key=lambda link: link.first))
