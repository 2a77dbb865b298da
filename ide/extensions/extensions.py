"""The plugins of the program: which there are, their languages, loaded at first use, and their kinds of targets.

Owns what was found and what was loaded. Tells each failure once through `on_problem` and goes on without that plugin.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from ide.core import namespace
from ide.core.errors import FourpaneError
from ide.core.language import Language
from ide.extensions.manifest import FILE_NAME, LanguageFacts, Manifest, TargetFacts, read_manifest

_log = logging.getLogger(__name__)


class Extensions:
    """Plugins in the sub-folders of `plugins_dirs`. Reading them imports none of their code.

    Used on the thread that made it. `on_problem` is called once for each failure, possibly inside the constructor.
    Of two plugins that bring the same language the one found first holds: shipped folders come first.
    """

    def __init__(self, *plugins_dirs: Path, on_problem: Callable[[FourpaneError], None] | None = None) -> None:
        self._on_problem = on_problem
        self._folders = plugins_dirs
        self.problems: list[FourpaneError] = []
        self.manifests: tuple[Manifest, ...] = tuple(self._read(plugins_dirs))
        self._facts: dict[str, LanguageFacts] = {}
        self._words: dict[str, str] = {}
        self._suffixes: dict[str, str] = {}
        for manifest in self.manifests:
            for facts in manifest.languages:
                self._add(facts)
        self._loaded: dict[str, Language | None] = {}
        self._targets: dict[str, TargetFacts] = {}
        for manifest in self.manifests:
            for target in manifest.targets:
                self._targets.setdefault(target.id, target)

    def languages(self) -> tuple[LanguageFacts, ...]:
        """What is known of each language without loading it, in the order of their names."""
        return tuple(sorted(self._facts.values(), key=lambda facts: facts.name))

    def facts(self, id_or_alias: str) -> LanguageFacts | None:
        """The facts of the language with this id or alias, in any case of letters; loads nothing."""
        return self._facts.get(self._words.get(id_or_alias.lower(), ""))

    def facts_of_suffix(self, suffix: str) -> LanguageFacts | None:
        """The facts of the language of files with this ending (".py"); loads nothing."""
        return self._facts.get(self._suffixes.get(suffix.lower(), ""))

    def language(self, id_or_alias: str) -> Language | None:
        """The language with this id or alias, loaded now if it is the first time; None if there is none that works."""
        facts = self.facts(id_or_alias)
        if facts is None:
            return None
        if facts.id not in self._loaded:
            self._loaded[facts.id] = self._load(facts)
        return self._loaded[facts.id]

    def language_of_suffix(self, suffix: str) -> Language | None:
        """The language of files with this ending (".py"), loaded now if it is the first time."""
        facts = self.facts_of_suffix(suffix)
        return self.language(facts.id) if facts else None

    @property
    def folders(self) -> tuple[Path, ...]:
        """In whose sub-folders plugins are."""
        return self._folders

    def targets(self) -> tuple[TargetFacts, ...]:
        """The kinds of targets, as they were found. None is ever loaded here: that is the cluster process's."""
        return tuple(self._targets.values())

    def _read(self, plugins_dirs: tuple[Path, ...]) -> Iterator[Manifest]:
        for folder in plugins_dirs:
            for path in sorted(folder.glob(f"*/{FILE_NAME}")):
                try:
                    yield read_manifest(path)
                except FourpaneError as problem:
                    self._tell(problem)

    def _add(self, facts: LanguageFacts) -> None:
        if facts.id in self._facts:
            self._tell(
                FourpaneError(
                    f"Two plugins bring the language “{facts.id}”.",
                    "The one that was found first is used.",
                    f"Remove one of them; the other is {facts.load}.",
                )
            )
            return
        self._facts[facts.id] = facts
        for word in (facts.id, *facts.aliases):
            self._words.setdefault(word, facts.id)
        for suffix in facts.suffixes:
            self._suffixes.setdefault(suffix, facts.id)

    def _load(self, facts: LanguageFacts) -> Language | None:
        module_name, _, name = facts.load.partition(":")
        try:
            namespace.install(*self._folders)
            found = getattr(importlib.import_module(module_name), name)
            if not isinstance(found, Language):
                raise TypeError(f"{facts.load} lacks something of the Language protocol")
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way; it must not take the program along
            problem = FourpaneError(
                f"The plugin for {facts.name} could not be loaded ({type(error).__name__}: {error}).",
                f"{facts.name} files open as plain text with highlighting; everything else works.",
                "Reinstall the plugin or remove it.",
            )
            problem.__cause__ = error
            self._tell(problem)
            return None
        return found

    def _tell(self, problem: FourpaneError) -> None:
        _log.info("%s", problem.text, exc_info=problem.__cause__)
        self.problems.append(problem)
        if self._on_problem is not None:
            self._on_problem(problem)
