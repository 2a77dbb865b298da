"""Ties the Variables pane to the rest of the program: where pages of objects are shown, and what their tabs say."""

from __future__ import annotations

from ide.core.ports import RunInPool
from ide.extensions.extensions import Extensions
from ide.panes.editor.pane import EditorPane
from ide.panes.variables.object_page import ObjectShelf, Subject


def object_shelf(editor: EditorPane, extensions: Extensions, run_in_pool: RunInPool) -> ObjectShelf:
    """Pages of objects are tabs of the editor."""

    def subject(session: str, path: tuple[str, ...], label: str, language: str) -> Subject:
        facts = extensions.facts(language)
        key = "\x1f".join(("object", session, *path))
        if facts is None:
            return Subject(key, label, language[:2])
        return Subject(key, label, facts.badge, facts.badge_role, facts.lexer)

    return ObjectShelf(run_in_pool, subject, editor.show_guest, editor.guest)
