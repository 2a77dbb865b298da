"""Ties the Variables pane to the rest of the program: where pages of objects are shown, whether frames are watched."""

from __future__ import annotations

from ide.core.ports import RunInPool
from ide.extensions.extensions import Extensions
from ide.kernels.kernels import Kernels
from ide.kernels.records import Answer
from ide.kernels.session import Session
from ide.panes.editor.pane import EditorPane
from ide.panes.variables.object_page import ObjectShelf, Subject
from ide.settings.declared import VARIABLES_WATCH_FRAMES
from ide.settings.settings import Settings

WATCH_LIMIT_S = 24 * 3600.0
"""How long a busy kernel may take to hear of it."""


def object_shelf(editor: EditorPane, extensions: Extensions, run_in_pool: RunInPool) -> ObjectShelf:
    """Pages of objects are tabs of the editor."""

    def subject(session: str, path: tuple[str, ...], label: str, language: str) -> Subject:
        facts = extensions.facts(language)
        key = "\x1f".join(("object", session, *path))
        if facts is None:
            return Subject(key, label, language[:2])
        return Subject(key, label, facts.badge, facts.badge_role, facts.lexer)

    return ObjectShelf(run_in_pool, subject, editor.show_guest, editor.guest)


class FrameWatching:
    """Tells each kernel's agent whether to compare frames after runs, as the settings say. UI thread."""

    def __init__(self, kernels: Kernels, settings: Settings) -> None:
        self._kernels = kernels
        self._settings = settings
        self._told: dict[str, bool] = {}
        """What the agent of each session does now."""
        kernels.session_added.connect(self._follow)
        kernels.session_removed.connect(self._unfollow)
        settings.changed.connect(self._on_setting_changed)
        for session in kernels.sessions:
            self._follow(session)

    def close(self) -> None:
        """Tell nobody any more."""
        self._kernels.session_added.disconnect(self._follow)
        self._kernels.session_removed.disconnect(self._unfollow)
        self._settings.changed.disconnect(self._on_setting_changed)
        for session in self._kernels.sessions:
            session.state_changed.disconnect(self._tell_all)

    def _follow(self, session: Session) -> None:
        session.state_changed.connect(self._tell_all)
        self._tell(session)

    def _unfollow(self, session: Session) -> None:
        session.state_changed.disconnect(self._tell_all)
        self._told.pop(session.id, None)

    def _on_setting_changed(self, id: str) -> None:
        if id == VARIABLES_WATCH_FRAMES.id:
            self._tell_all()

    def _tell_all(self) -> None:
        for session in self._kernels.sessions:
            self._tell(session)

    def _tell(self, session: Session) -> None:
        """A new agent compares frames; one that an earlier window has left behind may have been told not to."""
        if not session.has_agent:
            self._told.pop(session.id, None)
            return
        is_on = self._settings.get(VARIABLES_WATCH_FRAMES)
        if self._told.get(session.id, None if session.is_attached else True) is not is_on:
            session.ask("frames.watch", {"is_on": is_on}, _ignore, WATCH_LIMIT_S)
        self._told[session.id] = is_on


def _ignore(_answer: Answer) -> None:
    """An agent that cannot compare frames says so; there is nothing to switch then."""
