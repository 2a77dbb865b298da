"""Which environment runs what, in which folder, and the starts that follow: the first session, chosen ones, the spare.

Ties environments, trust and kernels, which do not know each other. Owns no session (`Kernels` does). UI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ide.app.project import Project
from ide.app.sessions import SessionRouter
from ide.app.start import Started
from ide.core.environment import RUNNING, Environment, Health, LaunchSpec
from ide.core.errors import FourpaneError, KernelError
from ide.documents.documents import Documents
from ide.documents.workspace import Workspace
from ide.kernels.active import ActiveSession
from ide.kernels.kernels import Kernels
from ide.settings import declared
from ide.shell.notices import Notices
from ide.widgets.notices import Notice

CREATE = "environment.create"
"""Makes an environment; takes `source`, a file that lists packages."""

if TYPE_CHECKING:
    from ide.commands.registry import Commands
    from ide.kernels.session import Session


class Launching:
    """Starts sessions. `router` brings code to them."""

    def __init__(
        self,
        started: Started,
        project: Project,
        workspace: Workspace,
        documents: Documents,
        kernels: Kernels,
        active: ActiveSession,
        notices: Notices,
        language_name: Callable[[str], str],
    ) -> None:
        self._started = started
        self._project = project
        self._workspace = workspace
        self._documents = documents
        self._kernels = kernels
        self._active = active
        self._notices = notices
        self._environments = started.environments
        self._environments.find_running = _find_running
        self.router = SessionRouter(
            kernels, active, self.environment_for, self.launch_of, language_name, self._environments.chosen_for_file
        )

    # --- what would run ----------------------------------------------------------------------------------------------

    def environment_for(self, language: str) -> Environment | None:
        """The environment of a language that is right for the open folder; None where the machine has none."""
        folder, is_trusted = self._project.folder, self._project.is_trusted
        try:
            return self._environments.default(folder, language=language, is_trusted=is_trusted)
        except KernelError:
            fitting = [one for one in self._environments.all if one.language == language]
            return next((one for one in fitting if one.health is Health.READY), fitting[0] if fitting else None)

    def launch_of(self, environment: Environment) -> LaunchSpec:
        """How a kernel of an environment starts now, with what the trust of its folder allows. Raises KernelError."""
        document = self._documents.active
        folder = self._workspace.working_folder(document.path if document is not None else None)
        if self._project.folder is None and self._started.arguments.files:
            folder = self._started.working_folder
        return self._started.launch_of(environment, folder)

    def interpreter_of(self, language: str) -> str:
        """The program that runs a language here, for static analysis; empty where none runs."""
        session = self.router.session_of(language)
        interpreter = session.launch.environment.interpreter if session is not None else None
        return str(interpreter or "")

    # --- starts ------------------------------------------------------------------------------------------------------

    def start_first(self) -> None:
        """The session of the window's start: what was prestarted, or the environment chosen then."""
        environment = self._started.environment
        if environment is not None:
            self._start_or_tell(environment, self._started.prestarted)

    def start(self, environment: Environment, prestarted: str = "") -> Session | None:
        """Start a session; one that has to be made ready first comes later. Raises KernelError."""
        if environment.health is Health.NEEDS_KERNEL and environment.language == "":
            return None
        if environment.health is Health.NEEDS_KERNEL:
            self._prepare(environment)
            return None
        if prestarted and self._started.launch is not None:
            session = self._kernels.start(self._started.launch, prestarted=prestarted)
            self._active.choose(session)
            return session
        return self.router.start(environment)

    def start_named(self, name: str) -> Session:
        """Start a session in an environment by its id, name, kernelspec or path. Raises KernelError."""
        environment = self._environments.find(name)
        if environment is None:
            environment = self._environments.add(Path(name))
        return self.router.start(environment)

    def choose(
        self, environment: Environment, *, restarts: bool = False, goes: bool = False, is_for_file: bool = False
    ) -> None:
        """The user's choice: remembered for the folder, or for the open file alone, and started.

        With `restarts` the console of that language that is in use goes on in it; with `goes` one that runs in it
        already is brought to the front.
        """
        if environment.kind == RUNNING:
            self._start_or_tell(environment)
            return
        file = self.file_to_choose_for()
        if is_for_file and file is not None:
            self._environments.choose_for_file(file, environment)
        else:
            self._environments.choose(environment, self._project.folder)
        session = self.router.session_of(environment.language) if restarts else None
        there = self._session_in(environment) if goes else None
        if there is not None:
            self._active.choose(there)
        elif session is None:
            self._start_or_tell(environment)
        else:
            self._restart_or_tell(session, environment)
        self.keep_spare()

    def use(self, name: str) -> None:
        """An environment by its id, name or path: remembered for the folder, and started. Raises KernelError."""
        self.choose(self._environments.find(name) or self._environments.add(Path(name)))

    def offer_for_project(self, commands: Commands) -> None:
        """Once for each project: its own environment, where another is in use, or to make one from its files."""
        folder = self._project.folder
        if folder is None or self._environments.is_refreshing or not self._project.is_trusted:
            return
        offer = self._environments.offer(folder, [session.launch.environment for session in self._kernels.sessions])
        if offer is None:
            return
        if offer.environment is not None:
            name = offer.environment.name
            text = f"{folder.name} has an environment of its own, “{name}”.\nCode runs in another one at present."
            action, title = "session.use_environment", f"Use “{name}”"
            arguments: dict[str, object] = {"environment": offer.environment.id}
        else:
            assert offer.file is not None
            words = "the exact versions of its packages" if offer.file.is_lock else "the packages that it needs"
            text = f"{folder.name} lists {words} in {offer.file.path.name}, and has no environment of its own."
            can_create = CREATE in commands and offer.file.can_be_made
            action, title = (
                (CREATE, "Create it") if can_create else ("session.choose_environment", "Choose environment")
            )
            arguments = (
                {"source": str(offer.file.path), "in_project": True}
                if can_create
                else {"language": offer.file.language}
            )
        notice = Notice(text, action=action, action_title=title, action_arguments=arguments, key="project environment")
        self._notices.add(notice)

    def file_to_choose_for(self) -> Path | None:
        """The open file that an environment can be chosen for; None where it has no place or is no code."""
        document = self._documents.active
        return document.path if document is not None and document.language else None

    def consoles(self) -> dict[str, str]:
        """Names of the consoles that a chosen environment could go to, by language."""
        sessions = {
            one: self.router.session_of(one) for one in {session.language for session in self._kernels.sessions}
        }
        return {language: session.name for language, session in sessions.items() if session is not None}

    def running(self) -> dict[str, str]:
        """Names of the consoles that run, by the ids of their environments; the first of each."""
        found = [(one.launch.environment.id, one.name) for one in self._kernels.sessions if one.state != "dead"]
        return dict(reversed(found))

    def attach(self, path: Path) -> None:
        """A console for a kernel that runs already, by its connection file."""
        from ide.kernels.running import running_kernel

        def failed(error: Exception) -> None:
            told = (
                error if isinstance(error, FourpaneError) else KernelError(f"{path.name} cannot be read.", str(error))
            )
            self._notices.add_error(told)

        self._environments.look_in_pool(lambda: running_kernel(path), self._start_or_tell, failed)

    def add(self, path: Path) -> None:
        """An interpreter or a connection file that the user pointed at: known from now on, and started."""
        if path.suffix == ".json":
            self.attach(path)
            return
        try:
            self.choose(self._environments.add(path))
        except FourpaneError as error:
            self._notices.add_error(error)

    def look_for_more(self) -> None:
        """Look round the machine for environments, in the pool."""
        self._environments.refresh(self._project.folder, is_trusted=self._project.is_trusted)

    def restart_all(self) -> None:
        """Every session anew, with what the trust of the folder allows now; what its console shows stays."""
        for session in self._kernels.sessions:
            try:
                self._kernels.restart(session, self.launch_of(session.launch.environment))
            except FourpaneError as error:
                self._notices.add_error(error)

    def keep_spare(self) -> None:
        """Keep a kernel warm that is like the session in use, as far as the settings want one."""
        session = self._active.session
        is_wanted = self._started.settings.get(declared.KERNELS_KEEP_SPARE) and not self._started.is_safe_mode
        if not is_wanted or session is None or session.launch.environment.kind == RUNNING:
            self._kernels.keep_spare(None)
            return
        try:
            self._kernels.keep_spare(self.launch_of(session.launch.environment))
        except FourpaneError:
            self._kernels.keep_spare(None)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _session_in(self, environment: Environment) -> Session | None:
        alive = (one for one in self._kernels.sessions if one.state != "dead")
        return next((one for one in alive if one.launch.environment.id == environment.id), None)

    def _start_or_tell(self, environment: Environment, prestarted: str = "") -> None:
        try:
            self.start(environment, prestarted)
        except FourpaneError as error:
            self._notices.add_error(error)

    def _restart_or_tell(self, session: Session, environment: Environment) -> None:
        try:
            self._kernels.restart(session, self.launch_of(environment))
            self._active.choose(session)
        except FourpaneError as error:
            self._notices.add_error(error)

    def _prepare(self, environment: Environment) -> None:
        """Fetch a kernel beside a Python that lacks one, then start it."""
        key = f"prepare:{environment.id}"
        self._notices.add(
            Notice(f"Getting “{environment.name}” ready to run code...\nAbout 30 MB are fetched.", key=key)
        )

        def done(ready: Environment) -> None:
            self._notices.remove(key)
            self._start_or_tell(ready)

        def failed(error: Exception) -> None:
            self._notices.remove(key)
            self._notices.add_error(
                error
                if isinstance(error, FourpaneError)
                else KernelError(f"“{environment.name}” could not be made ready.", str(error))
            )

        self._environments.prepare(environment, done, failed)


def _find_running(folders: Iterable[Path]) -> tuple[Environment, ...]:
    """In a pool thread: what it needs is not imported on the way to the first window."""
    from ide.kernels.running import find_running

    return find_running(folders)
