"""The scripting face of the running program: what tests, plugins' tests and the tour drive.

Every call does what the user's click would do, by the same commands and objects. Waiting keeps the event loop running.
Names are stable; `docs/reference/scripting.md` tells them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEventLoop, QTimer

from ide.core.cells import Cell
from ide.core.environment import Environment
from ide.core.errors import FourpaneError
from ide.core.outputs import Display, Failure, Output, Stream
from ide.core.ports import Cancel
from ide.core.runs import Run
from ide.core.variables import Variable
from ide.documents.document import Document
from ide.kernels.session import Session

if TYPE_CHECKING:
    from ide.app.job_handle import JobHandle
    from ide.app.program import Program
    from ide.app.table_handle import TableHandle
    from ide.deploy.targets import Door
    from ide.panes.plots.plot import Plot
    from ide.panes.tables.page import TablePage

POLL_MS = 5
CALM_S = 0.15
T = TypeVar("T")


class WaitTimeout(FourpaneError):
    """Something that was waited for did not happen in time."""


def wait_until(is_done: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Keep the event loop running until `is_done`. Raises WaitTimeout with `what` in it, and what `is_done` raises."""
    if is_done():
        return
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(POLL_MS)
    deadline_s = time.monotonic() + timeout_s
    has_happened = False
    failure: Exception | None = None

    def look() -> None:
        nonlocal has_happened, failure
        try:
            # What holds for a moment only has happened all the same.
            has_happened = has_happened or is_done()
        except Exception as error:  # noqa: BLE001 - raised below: here nobody would hear it, and wait without end
            failure = failure or error
        if has_happened or failure is not None or time.monotonic() > deadline_s:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if failure is not None:
        raise failure
    if not has_happened:
        raise WaitTimeout(f"{what} did not happen within {timeout_s:g} s.")


class RunHandle:
    """One or more runs that were asked for together (a file, or its cells in order)."""

    def __init__(self, sessions: dict[str, Session], runs: list[Run]) -> None:
        self._runs = runs
        self._sessions = sessions
        self._outputs: dict[str, list[Output]] = {run.id: [] for run in runs}
        for session in set(sessions.values()):
            session.run_changed.connect(self._on_run_changed)
            session.output_arrived.connect(self._on_output_arrived)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs as they are now, in order."""
        return tuple(self._runs)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Everything that came, run by run."""
        return tuple(output for run in self._runs for output in self._outputs[run.id])

    @property
    def is_over(self) -> bool:
        """Whether every run has ended."""
        return all(run.status.is_final for run in self._runs)

    @property
    def status(self) -> str:
        """ "ok", or the first other state among the runs."""
        return next((run.status.value for run in self._runs if run.status.value != "ok"), "ok")

    @property
    def error(self) -> Failure | None:
        """The first error, or None."""
        return next((run.error for run in self._runs if run.error is not None), None)

    @property
    def text(self) -> str:
        """What was printed or returned, as plain text."""
        return "".join(_text_of(output) for output in self.outputs)

    def wait(self, timeout_s: float = 60) -> RunHandle:
        """Wait for the end. Raises WaitTimeout."""
        wait_until(lambda: self.is_over, timeout_s, "The end of the run")
        return self

    def _on_run_changed(self, changed: Run) -> None:
        self._runs = [changed if run.id == changed.id else run for run in self._runs]

    def _on_output_arrived(self, run: Run, outputs: tuple[Output, ...]) -> None:
        if run.id in self._outputs:
            self._outputs[run.id].extend(outputs)


def _text_of(output: Output) -> str:
    if isinstance(output, Stream):
        return output.text
    if isinstance(output, Display):
        text = output.data.get("text/plain", "")
        return ("".join(text) if isinstance(text, list) else str(text)) + "\n"
    return ""


class SessionHandle:
    """A session for scripts: answers wait for the kernel."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def name(self) -> str:
        """Name on its tab."""
        return self.session.name

    @property
    def state(self) -> str:
        """ "starting", "idle", "busy", ..."""
        return str(self.session.state)

    def wait_ready(self, timeout_s: float = 30) -> SessionHandle:
        """Wait until it takes code."""
        wait_until(lambda: self.state in ("idle", "dead"), timeout_s, f"The start of “{self.name}”")
        return self

    def variables(self, timeout_s: float = 10) -> list[Variable]:
        """Names as of the last run that has ended; waits for the agent to tell them."""
        if self.state != "dead":
            wait_until(lambda: not self.session.is_listing, timeout_s, f"The names of “{self.name}”")
        return list(self.session.names.variables.values())


class Workbench:
    """The whole program, for scripts. Made by `ide.api.testing.open_workbench`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._calm_since_s = 0.0

    # --- documents and runs

    def open(self, path: Path, timeout_s: float = 20) -> Any:
        """Open a file as the user would: text as a `Document`, a data file as a `TableHandle`. Raises what is told.

        A data file whose text is open already is that document; JSON that is no table is a document too. `Any`, since
        who names the file knows what it is.
        """
        from ide.app.tables import NoTableError, is_data_file

        if is_data_file(path) and self.program.documents.at(path) is None:
            with contextlib.suppress(NoTableError):
                return self.table(path, timeout_s=timeout_s)
        return self.program.open_and_wait(path, timeout_s)

    def cells(self, document: Document) -> tuple[Cell, ...]:
        """The cells of a document."""
        return document.cells()

    def run(self, what: Document | str, *, language: str = "", by_cell: bool = False) -> RunHandle:
        """Run a whole document, its cells one after the other, or a piece of code in a session of `language`."""
        runs = (
            self.program.run_code(what, language) if isinstance(what, str) else self.program.run_document(what, by_cell)
        )
        sessions = {session.id: session for session in self.program.kernels.sessions}
        return RunHandle({run.session: sessions[run.session] for run in runs}, runs)

    # --- sessions

    @property
    def sessions(self) -> list[SessionHandle]:
        """All sessions, in the order of their tabs."""
        return [SessionHandle(session) for session in self.program.kernels.sessions]

    @property
    def session(self) -> SessionHandle | None:
        """The session in use."""
        active = self.program.active.session
        return None if active is None else SessionHandle(active)

    def start_session(self, environment: str, timeout_s: float = 40) -> SessionHandle:
        """Start a session in an environment, kernelspec or interpreter, and wait until it takes code."""
        return SessionHandle(self.program.start_session(environment)).wait_ready(timeout_s)

    def environments(self, timeout_s: float = 20) -> list[Environment]:
        """What was found on this machine, after looking."""
        self.program.environments.refresh(self.program.project.folder, is_trusted=self.program.project.is_trusted)
        wait_until(lambda: not self.program.environments.is_refreshing, timeout_s, "The search for environments")
        return list(self.program.environments.all)

    def create_environment(
        self,
        name: str,
        packages: Sequence[str] = (),
        *,
        language: str = "python",
        version: str = "",
        source: Path | None = None,
        place: Path | None = None,
        timeout_s: float = 600,
    ) -> Environment:
        """Make an environment with these packages, or what the file `source` says, and wait until it is in the list.

        `place` is its folder itself; by default it lies where the dialog puts it. Without a `version` it is the first
        one that the dialog offers. Raises what the user would be told.
        """
        making = self.program.making
        made: list[Path] = []
        problems: list[Exception] = []
        making.make(making.wish(name, packages, language, version, source, place), made.append, problems.append)
        wait_until(lambda: bool(made or problems), timeout_s, f"Making “{name}”")
        if problems:
            raise problems[0]
        self.environments()
        return self.program.environments.find(made[0]) or self.program.environments.add(made[0])

    # --- tables

    def table(self, name_or_path: str | Path, *, session: str = "", timeout_s: float = 60) -> TableHandle:
        """Open a variable of a session (the one in use) or a data file in the viewer, and wait until it is there."""
        from ide.app.table_handle import TableHandle

        tables = self.program.tables
        found: list[TablePage] = []
        problems: list[FourpaneError] = []

        def answer(page: TablePage | None, error: FourpaneError | None) -> None:
            found.extend([page] if page is not None else [])
            problems.extend([error] if error is not None else [])

        if isinstance(name_or_path, Path):
            tables.open_file(str(name_or_path), allow_huge=True, done=answer)
        else:
            tables.open(name_or_path, session, done=answer)
        wait_until(lambda: bool(found or problems), timeout_s, f"Opening “{name_or_path}” as a table")
        if problems:
            raise problems[0]
        page = found[0]
        return TableHandle(
            page,
            wait_until,
            self.program.tasks.run,
            lambda dialect: tables.write_code(page.model, dialect),
            lambda: self.program.editor.remove_guest(page.key),
        )

    # --- jobs

    def deploy(self, what: Document | Path, *, target: str = "", timeout_s: float = 60) -> JobHandle:
        """Deploy a script as the button does, to a target by its name or id, and wait until it is handed over.

        Raises what is against it; nothing is sent then.
        """
        from ide.app.job_handle import deploy

        path = what if isinstance(what, Path) else what.path
        return deploy(self.program.deploying, path, target, timeout_s, wait_until)

    # --- looking

    @property
    def plots(self) -> list[Plot]:
        """All plots, oldest first."""
        return list(self.program.plots.model.plots)

    def run_command(self, id: str, **arguments: object) -> object:
        """Run a command. Raises the FourpaneError that the user would see."""
        return self.program.commands.perform(id, **arguments)

    def screenshot(self, path: Path) -> Path:
        """Write a picture of the window."""
        return self.program.screenshot(path)

    def stall_max_ms(self) -> float:
        """The longest event-loop gap so far, in milliseconds."""
        return self.program.stalls.max_ms()

    def wait_until(self, is_done: Callable[[], bool], timeout_s: float = 20, what: str = "What was waited for") -> None:
        """Keep the program running until something holds."""
        wait_until(is_done, timeout_s, what)

    def settle(self, timeout_s: float = 10) -> None:
        """Wait until nothing is on its way any more: work in the pool, pictures, names, repaints."""
        self._calm_since_s = time.monotonic()
        wait_until(self._is_calm, timeout_s, "Rest")

    def _is_calm(self) -> bool:
        now_s = time.monotonic()
        is_starting = not self.program.is_at_rest
        if (
            is_starting
            or self.program.tasks.open
            or any(session.is_listing for session in self.program.kernels.sessions)
        ):
            self._calm_since_s = now_s
        return now_s - self._calm_since_s > CALM_S

    def close(self) -> None:
        """End the program."""
        self.program.close()


def start_workbench(
    profile_dir: Path,
    project_dir: Path | None,
    environment: str,
    *,
    is_trusted: bool,
    words: tuple[str, ...],
    door: Door | None = None,
) -> Workbench:
    """Start the program as the command line would and wait for its first paint and its restored documents."""
    from ide.app.arguments import parse
    from ide.app.program import Program, make_application
    from ide.app.start import begin, paths_of
    from ide.documents.trust import Trust

    typed = ["--new-window", "--profile", str(profile_dir), *words]
    if environment:
        typed += ["--env", environment]
    if project_dir is not None:
        typed.append(str(project_dir))
    arguments = parse(typed, Path.cwd())
    if is_trusted and project_dir is not None:
        paths = paths_of(arguments)
        paths.make()
        trust = Trust(paths.trust_file, run_at_once)
        trust.trust(project_dir)
        trust.close()
    application = make_application()
    program = Program(application, begin(arguments), door)
    program.open()
    program.stalls.start()
    workbench = Workbench(program)
    workbench.wait_until(lambda: program.is_restored, 20, "The first paint")
    return workbench


def run_at_once(work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
    """A RunInPool without a pool, for what must be done before the program exists."""
    try:
        done(work())
    except OSError as error:
        failed(error)
    return lambda: None
