"""The helper processes of the languages, and the marks of likely errors in each text. Owns both and ends them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from ide.core.ports import After, Post
from ide.extensions.extensions import Extensions
from ide.panes.editor.analysis import Analysis
from ide.panes.editor.buffer import Buffer
from ide.panes.editor.completion import Helper, LiveSession
from ide.panes.editor.problems import ProblemWatch, lines_of_language


class Checks(QObject):
    """UI thread. A helper starts at the first edit of a text in its language, and not before."""

    def __init__(
        self,
        extensions: Extensions,
        post: Post,
        after: After,
        session_of: Callable[[str], LiveSession | None],
        interpreter_of: Callable[[str], str],
        marks_problems: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.helpers: dict[str, Analysis | None] = {}
        """By language; None for one without a helper."""
        self._extensions = extensions
        self._post = post
        self._after = after
        self._session_of = session_of
        self._interpreter_of = interpreter_of
        self._marks_problems = marks_problems
        self._watches: dict[str, tuple[Buffer, ProblemWatch]] = {}
        self._edited: set[str] = set()

    def close(self) -> None:
        """End the helpers and every question."""
        for _buffer, watch in self._watches.values():
            watch.stop()
        self._watches.clear()
        for helper in self.helpers.values():
            if helper is not None:
                helper.close()
        self.helpers.clear()

    def helper_of(self, language: str) -> Helper | None:
        """The helper of a language. Its process is started by the first question or edit."""
        if language not in self.helpers:
            found = self._extensions.language(language)
            spec = found.helper() if found is not None else None
            self.helpers[language] = Analysis(spec, self._post, self._after) if spec is not None else None
        return self.helpers[language]

    def watch(self, buffer: Buffer) -> None:
        """Look after a text from now on."""
        self._watches[buffer.document.key] = (buffer, ProblemWatch(self._after, buffer.set_problems))
        buffer.text.edited.connect(partial(self._on_edited, buffer.document.key))

    def forget(self, key: str) -> None:
        """The text of this document is gone."""
        found = self._watches.pop(key, None)
        if found is not None:
            found[1].stop()
        self._edited.discard(key)

    def clear(self) -> None:
        """Take every mark away: the user wants none."""
        for buffer, watch in self._watches.values():
            watch.stop()
            buffer.set_problems(())

    def _on_edited(self, key: str, _edit: object) -> None:
        found = self._watches.get(key)
        if found is None:
            return
        buffer, watch = found
        if key not in self._edited:
            self._edited.add(key)
            for language in buffer.language_ids:
                helper = self.helper_of(language)
                if isinstance(helper, Analysis):
                    helper.start()
        if self._marks_problems():
            watch.later(partial(self._check, key))

    def _check(self, key: str) -> None:
        found = self._watches.get(key)
        languages = found[0].language_ids if found is not None else ()
        if found is None or not languages or found[0].document.is_read_only:
            return
        buffer, watch = found
        language = languages[0]
        lines = buffer.text.lines
        if buffer.document.kind == "chunks":
            lines = lines_of_language(lines, buffer.marks.cells, language)
        watch.check(
            lines,
            str(buffer.document.path or ""),
            self._interpreter_of(language),
            self._session_of(language),
            self.helper_of(language),
        )
