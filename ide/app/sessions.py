"""Brings code to a session of its language, starting one where there is none. Owns no session (`Kernels` does).

"Never to the wrong one": the session in use if its language fits, else the one of that language used last, else a
new one in the environment that is right for the folder.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ide.core.environment import Environment, Health, LaunchSpec
from ide.core.errors import KernelError
from ide.core.runs import CodeSource, Run

if TYPE_CHECKING:
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.session import Session
    from ide.panes.editor.run_plan import RunPlan


class SessionRouter:
    """UI thread. `environment_for` names the environment of a language in the open folder, None where there is none.

    `environment_of_file` names what was chosen for a file alone, None for most.

    `launch` turns an environment into a start; both are given by the composition root, as environments, trust and
    kernels do not know each other.
    """

    def __init__(
        self,
        kernels: Kernels,
        active: ActiveSession,
        environment_for: Callable[[str], Environment | None],
        launch: Callable[[Environment], LaunchSpec],
        language_name: Callable[[str], str],
        environment_of_file: Callable[[Path | None], Environment | None] = lambda _: None,
    ) -> None:
        self._environment_of_file = environment_of_file
        self._kernels = kernels
        self._active = active
        self._environment_for = environment_for
        self._launch = launch
        self._language_name = language_name
        self._used: list[Session] = []
        active.changed.connect(self._on_active_changed)
        kernels.session_removed.connect(self._on_session_removed)

    def close(self) -> None:
        """Follow nothing any more."""
        self._active.changed.disconnect(self._on_active_changed)
        self._kernels.session_removed.disconnect(self._on_session_removed)

    def session_of(self, language: str) -> Session | None:
        """The living session that code of `language` goes to; None where one has to be started."""
        fitting = [
            session for session in self._kernels.sessions if session.language == language and not is_over(session)
        ]
        if not fitting:
            return None
        return max(fitting, key=lambda session: self._used.index(session) if session in self._used else -1)

    def environment_of(self, language: str, file: Path | None) -> Environment | None:
        """Where a file's code would run now: what was chosen for it, else where its language is in use, else what is
        right for the folder. None where there is none."""
        wanted = self._environment_of_file(file)
        if wanted is not None and wanted.language == language:
            return wanted
        session = self.session_of(language)
        used = session.launch.environment if session is not None else None
        # A session elsewhere has no program here.
        return used if used is not None and used.interpreter is not None else self._environment_for(language)

    def start(self, environment: Environment, name: str = "", *, prestarted: str = "") -> Session:
        """Start a session and bring it to the front. Raises KernelError where the environment cannot run one."""
        if environment.health is not Health.READY:
            raise KernelError(
                f"“{environment.name}” can't be started.",
                environment.reason,
                "Choose another environment.",
                action="session.choose_environment",
                action_title="Choose environment",
            )
        session = self._kernels.start(self._launch(environment), name, prestarted=prestarted)
        self._active.choose(session)
        return session

    def start_language(self, language: str) -> Session:
        """Start a session of a language. Raises KernelError where the machine has nothing to run it."""
        environment = self._environment_for(language)
        if environment is None or environment.health is Health.BROKEN:
            # What is left of one that was removed, a kernelspec say, is as good as none: its reason is told beside.
            name = self._language_name(language)
            left = f" What is left of “{environment.name}” can't start: {environment.reason}" if environment else ""
            raise KernelError(
                f"No {name} was found on this machine.",
                f"The code was not run: Fourpane needs {name} to run it with.{left}",
                f"Install {name}, or choose one that is somewhere else.",
                action="session.choose_environment",
                action_title="Choose environment",
            )
        return self.start(environment)

    def run_code(self, code: str, language: str, source: CodeSource | None = None) -> Run:
        """Run `code` in the session of its language and bring that session to the front."""
        session = self._of_file(language, source) or self.session_of(language) or self.start_language(language)
        self._active.choose(session)
        return session.execute(code, source=source)

    def run(self, plan: RunPlan) -> Run:
        """Run what the editor planned."""
        source = CodeSource(plan.document, plan.path, plan.lines.first, plan.title)
        return self.run_code(plan.code, plan.language, source)

    def _of_file(self, language: str, source: CodeSource | None) -> Session | None:
        """A session in the environment that was chosen for the file alone, where one was and can run."""
        wanted = self._environment_of_file(source.path if source is not None else None)
        if wanted is None or wanted.language != language or wanted.health is not Health.READY:
            return None
        fitting = [one for one in self._kernels.sessions if one.launch.environment.id == wanted.id and not is_over(one)]
        return fitting[-1] if fitting else self.start(wanted)

    def restart(self, language: str) -> None:
        """Begin the session of a language anew, if there is one."""
        session = self.session_of(language)
        if session is not None:
            self._active.choose(session)
            session.restart()

    def _on_active_changed(self, session: Session | None) -> None:
        if session is not None:
            if session in self._used:
                self._used.remove(session)
            self._used.append(session)

    def _on_session_removed(self, session: Session) -> None:
        if session in self._used:
            self._used.remove(session)
        if self._active.session is session:
            living = [other for other in self._used if other in self._kernels.sessions]
            self._active.choose(living[-1] if living else next(iter(self._kernels.sessions), None))


def is_over(session: Session) -> bool:
    """Whether a session can take no code any more, short of a restart."""
    return session.state == "dead"
