"""Feeds the status bar from the session in use and the editor. Owns no state but the times that it shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ide.core.language import Language
    from ide.core.runs import Run
    from ide.kernels.active import ActiveSession
    from ide.kernels.progress import RunProgress
    from ide.kernels.session import Session
    from ide.panes.editor.pane import EditorPane
    from ide.shell.status_bar import StatusBar


class StatusFeed:
    """UI thread. `close` unties it."""

    def __init__(
        self,
        bar: StatusBar,
        active: ActiveSession,
        editor: EditorPane,
        language_of: Callable[[str], Language | None],
        progress: RunProgress,
    ) -> None:
        self._bar = bar
        self._active = active
        self._editor = editor
        self._language_of = language_of
        self._progress = progress
        self._session: Session | None = None
        self._since_s = time.time()
        self._took_s = 0.0
        self._state = ""
        active.changed.connect(self._follow)
        editor.status_changed.connect(self._show_editor)
        progress.changed.connect(self._on_progress)
        self._follow(active.session)
        self._show_editor()

    def close(self) -> None:
        """Follow nothing any more."""
        self._active.changed.disconnect(self._follow)
        self._editor.status_changed.disconnect(self._show_editor)
        self._progress.changed.disconnect(self._on_progress)
        self._unfollow()

    def _unfollow(self) -> None:
        if self._session is not None:
            self._session.state_changed.disconnect(self._show_session)
            self._session.run_changed.disconnect(self._on_run_changed)
            self._session = None

    def _follow(self, session: Session | None) -> None:
        self._unfollow()
        self._session = session
        self._state, self._took_s = "", 0.0
        if session is not None:
            session.state_changed.connect(self._show_session)
            session.run_changed.connect(self._on_run_changed)
        self._show_session()

    def _on_run_changed(self, run: Run) -> None:
        if run.status.is_final and not run.is_silent and run.started_s and run.ended_s:
            self._took_s = run.ended_s - run.started_s
            self._show_session()

    def _on_progress(self, session: Session) -> None:
        if session is self._session:
            self._show_session()

    def _show_session(self) -> None:
        session = self._session
        if session is None:
            self._bar.set_environment("No environment", "", "badge_other", "Choose what runs your code")
            self._bar.set_kernel("")
            return
        environment = session.launch.environment
        language = self._language_of(session.language)
        badge, role = (language.badge, language.badge_role) if language else (session.language[:2], "badge_other")
        name = (
            environment.name if environment.version in environment.name else f"{environment.name} {environment.version}"
        )
        self._bar.set_environment(name, badge, role, str(environment.interpreter or environment.kernelspec))
        if session.state != self._state:
            self._state, self._since_s = session.state, time.time()
        progress = self._progress.of(session)
        self._bar.set_kernel(
            session.state, since_s=self._since_s, took_s=self._took_s, done=progress.text, share=progress.share
        )

    def _show_editor(self) -> None:
        status = self._editor.status
        self._bar.set_cursor(status.line if status.encoding else -1, status.column, status.selected)
        self._bar.set_file_form(status.encoding, status.line_ending)
