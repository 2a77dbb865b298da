"""Ties the packages of environments to sessions, settings and the policy, and makes the Packages pane.

Offers of missing packages are `ide.app.missing_packages`; the work itself is `ide.environments.packages`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ide.app.missing_packages import MissingPackages
from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.language import Language
from ide.core.packages import Changed
from ide.core.ports import Post, RunInPool
from ide.core.runs import Run
from ide.environments.network import network_of
from ide.environments.packages.names import NameCache
from ide.environments.packages.policies import PolicyPlaces, places_of
from ide.environments.packages.service import Packages
from ide.environments.packages.vulnerabilities import DEFAULT_ADDRESS
from ide.panes.packages.model import Remark
from ide.panes.packages.pane import PackagesPane
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.settings import declared
from ide.settings.paths import Paths
from ide.settings.settings import Settings
from ide.widgets.pane_frame import PaneFrame

if TYPE_CHECKING:
    from ide.app.launching import Launching
    from ide.environments.environments import Environments
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.records import Answer
    from ide.kernels.session import Session
    from ide.panes.console.pane import ConsolePane
    from ide.panes.editor.pane import EditorPane


class PackagesDesk:
    """UI thread. `service`, `pane` and `missing` are for scripts too."""

    def __init__(
        self,
        kernels: Kernels,
        active: ActiveSession,
        launching: Launching,
        environments: Environments,
        editor: EditorPane,
        console: ConsolePane,
        settings: Settings,
        paths: Paths,
        folder: Callable[[], Path | None],
        language_of: Callable[[str], Language | None],
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        post: Post,
        run_in_pool: RunInPool,
        reveal: Callable[[], None],
        frame: PaneFrame,
    ) -> None:
        self._kernels = kernels
        self._active = active
        self._environments = environments
        self._settings = settings
        self._paths = paths
        self._folder = folder
        self._sessions: dict[str, Callable[[Run], None]] = {}
        self.service = Packages(
            paths.packages_folder,
            run_in_pool,
            post,
            lambda: network_of(settings),
            self._policy_places,
            self._database,
            tools_folder=paths.side_folder,
        )
        names = NameCache(paths.packages_folder)
        self.pane = PackagesPane(
            self.service,
            names,
            run_in_pool,
            commands,
            actions,
            theme,
            icons,
            reveal,
            self._on_changed,
            frame=frame,
        )
        self.missing = MissingPackages(
            self.service,
            self.pane,
            kernels,
            active,
            launching.router,
            environments.find,
            editor,
            console,
            self.environment_of,
            folder,
            language_of,
            lambda: settings.get(declared.PACKAGES_OFFER_MISSING),
            commands,
            theme,
            icons,
            run_in_pool,
            reveal,
        )
        active.changed.connect(self._on_active_changed)
        kernels.session_added.connect(self._follow)
        kernels.session_removed.connect(self._unfollow)
        for session in kernels.sessions:
            self._follow(session)
        self._on_active_changed(active.session)

    def close(self) -> None:
        """Hear of no session any more; what is under way is cancelled."""
        self._active.changed.disconnect(self._on_active_changed)
        self._kernels.session_added.disconnect(self._follow)
        self._kernels.session_removed.disconnect(self._unfollow)
        for session in self._kernels.sessions:
            self._unfollow(session)
        self.missing.close()
        self.service.close()

    def environment_of(self, session: Session) -> Environment:
        """Its environment, with what was learnt of it since the session began."""
        launched = session.launch.environment
        return self._environments.find(launched.id) or launched

    # --- sessions

    def _follow(self, session: Session) -> None:
        def on_run(run: Run) -> None:
            if run.status.is_final and not run.is_silent:
                self.service.look_if_changed(self.environment_of(session))

        self._sessions[session.id] = on_run
        session.run_changed.connect(on_run)

    def _unfollow(self, session: Session) -> None:
        on_run = self._sessions.pop(session.id, None)
        if on_run is not None:
            session.run_changed.disconnect(on_run)

    def _on_active_changed(self, session: Session | None) -> None:
        self.pane.show(self.environment_of(session) if session is not None else None)

    def _on_changed(self, environment: Environment, changed: Changed) -> None:
        """A change came to its end: whoever has loaded something of it goes on with the old one.

        A session is asked also where R has a new library: by the answer it has begun to look there.
        """
        if not changed.modules and not changed.has_new_library:
            return
        for session in self._kernels.sessions:
            if session.launch.environment.id == environment.id and session.state != "dead":
                self._ask_loaded(session, changed.modules)

    def _ask_loaded(self, session: Session, modules: tuple[str, ...]) -> None:
        def done(answer: Answer) -> None:
            names = answer.result["names"] if answer.result is not None else []
            if names and session in self._kernels.sessions:
                shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
                verb = "is" if len(names) == 1 else "are"
                text = f"{shown} {verb} loaded in “{session.name}”: the change counts there after a restart."
                self._active.choose(session)
                self.pane.model.say(Remark(text, "session.restart", "Restart session"))

        session.ask("modules.loaded", {"names": list(modules)}, done)

    # --- settings

    def _policy_places(self) -> PolicyPlaces:
        return places_of(self._paths, self._settings, self._folder())

    def _database(self) -> str:
        if not self._settings.get(declared.PACKAGES_CHECK_VULNERABILITIES):
            return ""
        return self._settings.get(declared.PACKAGES_VULNERABILITY_DATABASE) or DEFAULT_ADDRESS
