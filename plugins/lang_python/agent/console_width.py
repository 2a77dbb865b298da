"""How wide the window's console is: `console.width`. What prints asks the environment, tqdm asks here."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

VARIABLE = "COLUMNS"
LEAST, MOST = 20, 1_000

_told = ""


def set_width(_shell: Any, columns: int) -> dict[str, Any]:
    """Put it into the environment, unless somebody else has put another one there. Any thread."""
    global _told  # noqa: PLW0603 - what stands in the environment by our doing
    if os.environ.get(VARIABLE, _told) == _told:
        _told = str(min(max(columns, LEAST), MOST))
        os.environ[VARIABLE] = _told
    return {}


def screen_shape() -> Callable[[object], tuple[int | None, None]]:
    """In place of tqdm's question to the terminal: a function of a file that gives columns, and rows without limit."""

    def shape(_file: object) -> tuple[int | None, None]:
        columns = os.environ.get(VARIABLE, "")
        return (int(columns) - 1 if columns.isdigit() else None), None

    return shape
