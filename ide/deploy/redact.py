"""Takes the values of known secrets out of text that is kept or shown. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

HIDDEN: Final = "•••"
_SHORTEST: Final = 4  # a shorter value would take half of each log with it


class Redactor:
    """Replaces values, also as they stand in an address or a login header."""

    def __init__(self, values: Iterable[str]) -> None:
        forms: set[str] = set()
        for value in values:
            if len(value) >= _SHORTEST:
                forms |= {value, quote(value, safe=""), base64.b64encode(value.encode()).decode().rstrip("=")}
                forms |= {line for line in value.splitlines() if len(line) >= _SHORTEST}  # a key of several lines
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._expression = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """`text` without the values."""
        return text if self._expression is None else self._expression.sub(HIDDEN, text)
