"""What the parts of the program ask about languages, answered by the plugins, or by what some kernel here runs.

Owns no plugin: `ide.extensions` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ide.api.cells import plain_cells
from ide.app.other_languages import language_of_kernels
from ide.core.cells import Cell
from ide.core.language import AgentSource, Language
from ide.environments.environments import Environments
from ide.extensions.extensions import Extensions


class Languages:
    """UI thread. A language goes by its id; nothing is loaded for a question about names and suffixes."""

    def __init__(self, extensions: Extensions, environments: Environments) -> None:
        self._extensions = extensions
        self._environments = environments

    def language(self, id: str) -> Language | None:
        """The plugin of a language."""
        return self._extensions.language(id)

    def names(self) -> list[tuple[str, str]]:
        """Id and name of each language with a plugin."""
        return [(facts.id, facts.name) for facts in self._extensions.languages()]

    def name(self, id: str) -> str:
        """As it is written; the id for a language without a plugin."""
        facts = self._extensions.facts(id)
        return facts.name if facts is not None else id

    def id_of(self, word: str) -> str:
        """The id behind a word that somebody wrote (a fence of a notebook, a kernelspec)."""
        facts = self._extensions.facts(word)
        return facts.id if facts is not None else word.lower()

    def id_of_path(self, path: Path) -> str:
        """The language of a file by its ending; empty for text."""
        facts = self._extensions.facts_of_suffix(path.suffix.lower())
        return facts.id if facts is not None else language_of_kernels(path, self._of_kernels_alone())

    def cells(self, id: str, lines: Sequence[str]) -> tuple[Cell, ...]:
        """The cells of a document's lines."""
        language = self.language(id)
        return language.cells(lines) if language is not None else plain_cells(lines, id)

    def agent(self, id: str) -> AgentSource | None:
        """What is sent into a kernel of the language."""
        language = self.language(id)
        return language.agent() if language is not None else None

    def sample(self, id: str) -> str:
        """Code that makes something to look at."""
        language = self.language(id)
        return language.sample if language is not None else ""

    def suffix(self, id: str) -> str:
        """The usual ending of files in the language."""
        language = self.language(id)
        return language.suffixes[0] if language is not None else ".txt"

    def _of_kernels_alone(self) -> frozenset[str]:
        """Languages that some kernel here runs and that no plugin knows."""
        spoken = {one.language for one in self._environments.all if one.language}
        return frozenset(word for word in spoken if self._extensions.facts(word) is None)
