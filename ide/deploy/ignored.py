"""Which files of a project stay here by themselves: what tools make again, and what `.gitignore` files name.

The patterns of `.gitignore` as git documents them (gitignore(5)): nearer files and later lines win, `!` takes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from ide.core.record import dataclass

OUTPUTS: Final = "outputs"
"""The folder in which a script leaves its results; at the top of a project it is never sent."""

_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", ".jj", ".venv", "venv", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", ".tox", ".nox", "node_modules", ".Rproj.user", ".cache", ".dask", "dask-worker-space"}
    | {".idea", ".vscode", "__MACOSX", ".virtual_documents", ".eggs"}
)
_FILES: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".RData", ".Rhistory", ".python_history"})
_MARKS: Final = ("pyvenv.cfg", "conda-meta")
"""What only the folder of an environment holds."""


def reason(path: str, *, is_folder: bool) -> str:
    """Why a file or folder is not sent whatever `.gitignore` says; "" where it may be."""
    name = path.rpartition("/")[2]
    if is_folder:
        if path == OUTPUTS:
            return "results of earlier runs"
        if path == "renv/library" or path.endswith("/renv/library"):
            return "an environment"
        return "made by tools" if name in _FOLDERS or name.endswith(".egg-info") else ""
    return "made by tools" if name in _FILES or name.endswith((".pyc", ".fourpane-tmp", "~")) else ""


def is_environment(names: frozenset[str]) -> bool:
    """Whether a folder with these names in it is an environment of Python or conda."""
    return any(mark in names for mark in _MARKS)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a `.gitignore`. `base` is the folder of that file, "" for the project's own."""

    base: str
    expression: str
    takes_back: bool
    folders_only: bool


def patterns(text: str, base: str) -> tuple[Pattern, ...]:
    """The lines of one `.gitignore`, in order. What is no pattern is passed over."""
    found = []
    for line in text.splitlines():
        line = re.sub(r"(?<!\\) +$", "", line)
        if not line or line.startswith("#"):
            continue
        takes_back = line.startswith("!")
        line = line[1:] if takes_back else line.removeprefix("\\") if line[:2] in ("\\#", "\\!") else line
        folders_only = line.endswith("/")
        line = line.rstrip("/")
        if line:
            found.append(Pattern(base, _expression(line), takes_back, folders_only))
    return tuple(found)


def is_ignored(path: str, rules: Sequence[Pattern], *, is_folder: bool) -> bool:
    """What the last pattern that fits says of `path`. Folders above are asked before: nothing in them is looked at."""
    for rule in reversed(rules):
        if rule.folders_only and not is_folder:
            continue
        if rule.base and not path.startswith(f"{rule.base}/"):
            continue
        if _compiled(rule.expression).fullmatch(path[len(rule.base) + 1 :] if rule.base else path):
            return not rule.takes_back
    return False


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def _expression(pattern: str) -> str:
    is_anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    made = "" if is_anchored else "(?:.*/)?"
    place = 0
    while place < len(pattern):
        if pattern.startswith("**/", place) and (place == 0 or pattern[place - 1] == "/"):
            made += "(?:.*/)?"
            place += 3
        elif pattern[place:] == "**" and pattern[:place].endswith("/"):
            made += ".+"
            place += 2
        elif pattern[place] == "*":
            made += "[^/]*"
            place += 1
        elif pattern[place] == "?":
            made += "[^/]"
            place += 1
        elif pattern[place] == "[" and (end := pattern.find("]", place + 2)) > 0:
            inside = pattern[place + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            made += f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]"
            place = end + 1
        else:
            place += pattern[place] == "\\" and place + 1 < len(pattern)
            made += re.escape(pattern[place])
            place += 1
    try:
        re.compile(made)
    except re.error:  # as a range that ends before it starts
        return re.escape(pattern)
    return made
