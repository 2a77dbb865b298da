"""Formats a whole document by its language's helper: only the lines that change are touched, as one undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ide.core.errors import CommandError, FourpaneError
from ide.core.ports import RunInPool
from ide.core.text import Edit
from ide.documents.document import Document
from ide.panes.editor.assist import Sources
from ide.panes.editor.desk import Desk


class FormatActions:
    """Handler of `edit.format`. UI thread."""

    def __init__(
        self, desk: Desk, sources: Sources, run_in_pool: RunInPool, tell: Callable[[FourpaneError], None]
    ) -> None:
        self._desk = desk
        self._sources = sources
        self._run_in_pool = run_in_pool
        self._tell = tell

    def can_format(self, document: Document) -> bool:
        """Whether the language of a script can be formatted."""
        if document.kind != "script" or document.is_read_only:
            return False
        helper = self._sources.helper_of(document.language)
        return helper is not None and "format" in helper.methods

    def format_active(self) -> None:
        """Format the document in front."""
        document = self._desk.document
        if document is None or not self.can_format(document):
            raise CommandError("This document cannot be formatted.", "No formatter is known for its language.")
        self.format(document)

    def format(self, document: Document, then: Callable[[], None] | None = None) -> None:
        """Format a document; `then` is called when that is done or came to nothing."""
        finished = then or _nothing
        helper = self._sources.helper_of(document.language)
        if helper is None:
            finished()
            return
        text, revision = document.text, document.revision

        def on_formatted(result: Mapping[str, Any] | None) -> None:
            new = (result or {}).get("text")
            if not isinstance(new, str):
                self._tell(CommandError("The text was not formatted.", "It has an error that stops the formatter."))
                finished()
                return
            self._run_in_pool(lambda: edits_between(text, new), on_edits, lambda _error: finished())

        def on_edits(edits: list[Edit]) -> None:
            if document.revision == revision:
                self._desk.buffer_of(document).text.apply(edits)
            finished()

        params = {
            "path": str(document.path or ""),
            "text": text,
            "line": 0,
            "column": 0,
            "interpreter": self._sources.interpreter_of(document.language),
        }
        helper.ask("format", params, on_formatted)


def edits_between(old: str, new: str) -> list[Edit]:
    """Edits, all counted in `old`, that make it into `new`, line by line. For a pool thread."""
    import difflib

    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        Edit(starts[first], starts[end] - starts[first], "".join(after[new_first:new_end]))
        for tag, first, end, new_first, new_end in matcher.get_opcodes()
        if tag != "equal"
    ]


def _nothing() -> None:
    return None
