"""Places in files that printed R text names: errors with source references, tracebacks, parse errors, testthat."""

from __future__ import annotations

import os
import re

from ide.api import TraceLink

_FILE = r"(?P<path>(?:[A-Za-z]:)?[^\s:\"'<>|*?#()][^:\"'<>|*?#()\n]{0,300}?\.(?:[RrqQsS]|Rmd|rmd|qmd|Rnw))"
_PATTERNS = (
    re.compile(rf"(?:\bat |\bfrom |\(from |\[){_FILE}#(?P<line>\d+)"),
    re.compile(rf"(?<![\w./\\]){_FILE}#(?P<line>\d+)"),
    re.compile(rf"^[ \t]*(?:Error in (?:source|parse|file)\([^\n]*?: )?{_FILE}:(?P<line>\d+):\d+", re.MULTILINE),
    re.compile(rf"\((?:'|‘)?{_FILE}(?:'|’)?:(?P<line>\d+)(?::\d+)?\)"),
    re.compile(rf"(?<![\w./\\]){_FILE}:(?P<line>\d+)(?::\d+)?(?=[:)\s]|$)", re.MULTILINE),
)


def trace_links(text: str) -> tuple[TraceLink, ...]:
    """The links of `text` in order, none over another. Names without a folder are given as they stand."""
    found: list[TraceLink] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            first, end = match.start("path"), match.end("line")
            if any(first < link.end and link.first < end for link in found):
                continue
            path = match["path"]
            if path.startswith("~"):
                path = os.path.expanduser(path)  # noqa: PTH111 - text, maybe of another system
            found.append(TraceLink(first, end, path, max(0, int(match["line"]) - 1)))
    return tuple(sorted(found, key=lambda link: link.first))
