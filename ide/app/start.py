"""What happens before Qt is imported: paths, settings, the choice of folder and environment, and the first kernel.

The kernel starts first because it takes longest: it comes up while Qt is imported and the window painted.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ide._paths import plugins_dir
from ide.app.arguments import Arguments
from ide.app.marks import mark
from ide.app.starts import Starts
from ide.core.environment import RUNNING, Environment, Health, LaunchSpec
from ide.core.errors import FourpaneError, KernelError
from ide.core.ports import Cancel, RunInPool
from ide.core.record import dataclass, field, replace
from ide.documents.trust import Trust
from ide.environments.environments import Environments
from ide.environments.launch import launch_for
from ide.environments.machine import Machine
from ide.extensions.extensions import Extensions
from ide.kernels import launches
from ide.kernels.prestart import prestart
from ide.kernels.records import Limits
from ide.settings import declared
from ide.settings.paths import Paths, private_folder
from ide.settings.settings import Settings

_log = logging.getLogger(__name__)
T = TypeVar("T")


class LatePool:
    """A RunInPool for objects that are made before the pool: what is asked for earlier waits for it."""

    def __init__(self) -> None:
        self._pool: RunInPool | None = None
        self._waiting: list[Callable[[RunInPool], object]] = []

    def __call__(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        """`ide.core.ports.RunInPool`. Cancelling works once the pool is there."""
        if self._pool is not None:
            return self._pool(work, done, failed)
        cancels: list[Cancel] = []
        self._waiting.append(lambda pool: cancels.append(pool(work, done, failed)))

        def cancel() -> None:
            for each in cancels:
                each()

        return cancel

    def work_in(self, pool: RunInPool) -> None:
        """The pool is there."""
        self._pool = pool
        waiting, self._waiting = self._waiting, []
        for start in waiting:
            start(pool)


@dataclass
class Started:
    """What exists before Qt does; `ide.app.program` takes it over and closes it."""

    arguments: Arguments
    paths: Paths
    settings: Settings
    pool: LatePool
    trust: Trust
    environments: Environments
    extensions: Extensions
    folder: Path | None
    starts: Starts
    is_safe_mode: bool
    environment: Environment | None = None
    prestarted: str = ""
    launch: LaunchSpec | None = None
    problems: list[FourpaneError] = field(default_factory=list)

    @property
    def working_folder(self) -> Path:
        """Where code runs first: the project, else the first file's folder, else the home folder."""
        if self.folder is not None:
            return self.folder
        return self.arguments.files[0].path.parent if self.arguments.files else Path.home()

    def launch_of(self, environment: Environment, folder: Path) -> LaunchSpec:
        """How a kernel of an environment starts in a folder. Raises KernelError."""
        if environment.kind == RUNNING:
            from ide.kernels import running

            return running.launch_of(environment, folder)
        return launch_for(
            environment,
            folder,
            self.trust,
            self.extensions.language,
            private_folder=private_folder(self.paths.runtime / "empty"),
            side_folder=self.environments.side_folder(environment),
        )


def kernel_limits(settings: Settings) -> Limits:
    """The bounds of kernels and their output, from the settings."""
    return Limits(
        line_characters=settings.get(declared.CONSOLE_FOLD_LINE_CHARACTERS),
        run_lines=settings.get(declared.CONSOLE_FLOOD_LINES),
        run_characters=settings.get(declared.CONSOLE_FLOOD_BYTES),
        spool_bytes=settings.get(declared.KERNELS_SPOOL_SIZE_BYTES),
        idle_limit_s=settings.get(declared.KERNELS_IDLE_LIMIT_S),
    )


def paths_of(arguments: Arguments) -> Paths:
    """The profile that the command line, the variable or the system names. Makes nothing."""
    return Paths.at(arguments.profile) if arguments.profile is not None else Paths.default()


def begin(arguments: Arguments, *, opens_window: bool = True) -> Started:
    """Make what needs no Qt and start the first kernel. Raises SettingsError where no profile can be kept.

    What opens no window has no kernel, and is no start that could die young.
    """
    paths = paths_of(arguments)
    paths.make()
    settings = Settings(paths.settings_file, paths.site_settings_file)
    settings.load()
    starts = Starts(paths.state_folder / "starts.json")
    is_safe_mode = arguments.is_safe_mode or (opens_window and starts.begin())
    pool = LatePool()
    trust = Trust(paths.trust_file, pool)
    started = Started(
        arguments,
        paths,
        settings,
        pool,
        trust,
        Environments(
            paths.environments_file, paths.side_folder, machine=replace(Machine.here(), made_here=paths.made_folder)
        ),
        Extensions(plugins_dir()),
        arguments.folder,
        starts,
        is_safe_mode,
    )
    started.problems += [*settings.problems, *started.extensions.problems]
    mark("services")
    if opens_window:
        _start_kernel(started)
        mark("kernel_asked")
    return started


def choose_environment(started: Started) -> Environment:
    """The environment named on the command line, else the right one for the folder. Never fails: ours is the last."""
    named = started.arguments.environment
    if named:
        try:
            found = started.environments.find(named) or _from_path(started, named)
        except KernelError as error:
            started.problems.append(error)
            found = None
        if found is not None:
            return found
        if not started.problems or started.problems[-1].happened.find(named) < 0:
            started.problems.append(
                KernelError(
                    f"There is no environment “{named}”.",
                    "The usual one was started.",
                    "Choose one from the list.",
                    action="session.choose_environment",
                    action_title="Show environments",
                )
            )
    folder = started.folder
    return started.environments.default(folder, is_trusted=folder is not None and started.trust.is_trusted(folder))


def _from_path(started: Started, named: str) -> Environment | None:
    return started.environments.add(Path(named)) if Path(named).is_absolute() else None


def _start_kernel(started: Started) -> None:
    environment = choose_environment(started)
    started.environment = environment
    if environment.health is not Health.READY or _is_kernel_waiting(started):
        return
    try:
        launch = started.launch_of(environment, started.working_folder)
        started.prestarted = prestart(started.paths.runtime, launch, kernel_limits(started.settings).for_keeper())
        started.launch = launch
    except (FourpaneError, OSError) as error:
        # The window tells it and offers another environment: it must open whatever is wrong with the kernel.
        _log.info("the first kernel could not be started early: %s", error)


def _is_kernel_waiting(started: Started) -> bool:
    """Whether a kernel was left behind by a window that crashed: it is taken over, so none is started beside it."""
    records = launches.records(started.paths.runtime)
    return any(not record.get("is_spare") and not launches.is_owned(record) for record in records)


def profile_problem(error: FourpaneError) -> int:
    """Tell on the terminal that the program cannot keep anything, and so does not start."""
    sys.stderr.write(f"fourpane: {error.text}\n")
    return 1
