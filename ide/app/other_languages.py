"""Files of languages that no plugin knows but some kernel runs: by their ending, as Pygments tells it. No language is
named here: what a kernelspec calls its language is what Pygments calls its lexer.
"""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatch
from pathlib import Path


def language_of_kernels(path: Path, languages: Collection[str]) -> str:
    """The one of `languages` that a file is written in; empty for none. Imports Pygments' table only if it may help."""
    if not languages or not path.suffix:
        return ""
    from pygments.lexers import get_all_lexers

    for _name, aliases, patterns, _types in get_all_lexers(plugins=False):
        spoken = [alias for alias in aliases if alias in languages]
        if spoken and any(fnmatch(path.name, pattern) for pattern in patterns):
            return spoken[0]
    return ""
