"""The two languages that come with the program, loaded as the program loads them."""

from __future__ import annotations

from ide._paths import plugins_dir
from ide.core.language import Language
from ide.extensions import Extensions


def language(name: str) -> Language:
    """The language, which must load."""
    found = Extensions(plugins_dir()).language(name)
    assert found is not None
    return found


PYTHON = language("python")
R = language("r")
