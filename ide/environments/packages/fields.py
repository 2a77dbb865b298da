"""Reads the "Field: value" files of packages (METADATA of Python, DESCRIPTION of R). Knows no field."""

from __future__ import annotations

import re
from pathlib import Path

_FIRST_BYTES = 4_096
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LIMIT_BYTES = 400_000
"""The long description follows after a blank line and is not needed."""


def read_fields(path: Path) -> dict[str, list[str]]:
    """Fields in lower case with all their values, up to the first blank line. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        content = file.read(_FIRST_BYTES)
        if len(content) == _FIRST_BYTES and not _BLANK_LINE.search(content):
            content += file.read(_LIMIT_BYTES)
    blank = _BLANK_LINE.search(content)
    return fields_of(content[: blank.start() if blank else None].decode("utf-8", "replace"))


def fields_of(text: str) -> dict[str, list[str]]:
    """The same for a text. A line that begins with white space goes on with the value before it."""
    found: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            break  # a line of spaces alone goes on with a licence's text
        if line[0] in " \t":
            if values is not None:
                values[-1] += f"\n{line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if not colon:
            values = None
            continue
        values = found.setdefault(name.strip().lower(), [])
        values.append(value.strip())
    return found


def first(fields: dict[str, list[str]], name: str) -> str:
    """The first value of a field, "" where it is missing."""
    return fields.get(name, [""])[0]
