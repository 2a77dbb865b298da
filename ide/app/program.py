"""The composition root: makes every object, passes it in, and ends them in the opposite order. UI thread.

Nothing here decides how a pane looks or what a kernel does; it ties events of one to the commands of another.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ide._paths import resources_dir
from ide.app import commands as program_commands
from ide.app.arguments import Arguments, FileArgument, parse
from ide.app.cluster_door import ClusterDoor
from ide.app.dialogs import Dialogs
from ide.app.languages import Languages
from ide.app.later_panes import LaterPanes
from ide.app.launching import Launching
from ide.app.marks import mark
from ide.app.project import Project
from ide.app.project_view import ProjectView
from ide.app.run_news import RunNews
from ide.app.signals import SignalWatch
from ide.app.start import LatePool, Started, kernel_limits
from ide.app.starts import YOUNG_S
from ide.app.status import StatusFeed
from ide.commands.context import Context
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.environment import RUNNING
from ide.core.errors import FourpaneError, KernelError
from ide.core.runs import Run
from ide.documents.document import Document, Rules
from ide.documents.documents import Documents, Restored
from ide.documents.watch import Watch
from ide.documents.workspace import ProjectState, Workspace
from ide.kernels.active import ActiveSession
from ide.kernels.kernels import Kernels
from ide.kernels.progress import RunProgress
from ide.panes.console.pane import ConsolePane, ConsoleServices
from ide.panes.editor.pane import EditorPane
from ide.qt.actions import Actions
from ide.qt.first_import import import_plainly
from ide.qt.garbage import Garbage
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.stall import StallMeter
from ide.qt.tasks import Tasks
from ide.qt.theme import HAS_STYLE, STYLE, Theme
from ide.settings import declared
from ide.settings.toml_store import TomlStore
from ide.shell.crash_report import CrashReporter, Report
from ide.shell.desktop_notice import DesktopNotices
from ide.shell.handover import Handover
from ide.shell.notices import Notices
from ide.shell.shell import Shell, dress
from ide.shell.single_instance import SingleInstance
from ide.shell.status_bar import elapsed
from ide.shell.taskbar import Taskbar
from ide.shell.welcome import BEGINNINGS, Welcome
from ide.widgets.notices import Notice
from ide.widgets.pane_frame import Pane

if TYPE_CHECKING:
    from ide.app.deploying import Deploying
    from ide.app.first_run import FirstRun
    from ide.app.help import Help
    from ide.app.making import Making
    from ide.app.packages import PackagesDesk
    from ide.app.tables import Tables
    from ide.app.variables import FrameWatching
    from ide.app.viewer import Viewer
    from ide.deploy.targets import Door
    from ide.kernels.session import Session
    from ide.panes.editor.page import EditorPage
    from ide.panes.files.pane import FilesPane
    from ide.panes.plots.pane import PlotsPane
    from ide.panes.variables.pane import VariablesPane

_log = logging.getLogger(__name__)

SAFE_MODE = (
    "Started in safe mode: the last starts ended early, or you asked for it.\n"
    "The first layout is used, and no spare kernel is kept."
)
KERNELS_LIMIT_S = 1.5
"""How long everything else waits for the thread that talks with kernels to be up."""
PROMPT_LIMIT_S = 0.15
"""And for a prompt from then on: a kernel that is not ready yet needs nothing of this thread."""
RECALL_LIMIT_S = 0.25
"""How long the window may wait for what was open before."""


class Program:
    """The running program. `open` shows the window; `close` ends everything, also when called twice.

    `variables`, `plots`, `viewer`, `help`, `files`, `making` and `tables` exist soon after the first paint.
    """

    tables: Tables
    variables: VariablesPane
    plots: PlotsPane
    viewer: Viewer
    help: Help
    making: Making
    first_run: FirstRun
    files: FilesPane
    packages: PackagesDesk
    deploying: Deploying
    frame_watching: FrameWatching

    def __init__(self, application: QApplication, started: Started, door: Door | None = None) -> None:
        """`door` leads to where scripts are deployed: tests give their own. Without any kind of target there is none,
        and then neither a Jobs pane nor a command."""
        self._application = application
        self.started = started
        self.door = door or (ClusterDoor(started) if started.extensions.targets() else None)
        self.settings = started.settings
        self.environments = started.environments
        self.languages = Languages(started.extensions, started.environments)
        self.is_closed = False
        self.is_restored = False
        self.is_at_rest = False
        self._is_recalled = self._has_project = self._is_released = False
        self._told: set[str] = set()
        self._waiting_for: dict[str, list[Callable[[], None]]] = {}
        self._make_services()
        self._make_looks()
        self._make_panes()
        self._make_shell()
        self._tie()

    # --- making ------------------------------------------------------------------------------------------------------

    def _make_services(self) -> None:
        paths, settings = self.started.paths, self.settings
        self.garbage = Garbage()
        self.ui = UiThread()
        self.tasks = Tasks(self.ui.post)
        self.started.pool.work_in(self.tasks.run)
        # What need not be there in the first paint (colours of code) does not slow it down either.
        self._calm_pool = LatePool()
        self.environments.work_in(self.tasks.run)
        settings.write_in(self.tasks.run)
        self.notices = Notices()
        self.context = Context()
        self.commands = Commands(self.context, self.notices.add_error)
        self.key_store = TomlStore(paths.keys_file)
        self.key_store.write_in(self.tasks.run)
        self.keymaps = KeyMaps(resources_dir() / "keymaps", self.key_store, current=settings.get(declared.KEYS_KEYMAP))
        self.keymaps.load()
        self.workspace = Workspace(paths.state_folder, self.ui.after, self.tasks.run)
        self.documents = Documents(
            paths.journal_folder,
            self.ui.post,
            self.ui.after,
            self.tasks.run,
            Rules(self.languages.id_of_path, self.languages.id_of, self.languages.cells),
            project=str(self.started.folder or ""),
        )
        self.watch = Watch(self.documents, self.ui.after, self.tasks.run)
        self.project = Project(self.workspace, self.started.trust, settings, self.documents, self.context)
        self.kernels = Kernels(
            paths.runtime, self.ui.post, self.ui.after, agent_of=self.languages.agent, limits=kernel_limits(settings)
        )
        self.active = ActiveSession()
        self.progress = RunProgress(self.kernels)
        self.launching = Launching(
            self.started,
            self.project,
            self.workspace,
            self.documents,
            self.kernels,
            self.active,
            self.notices,
            self.languages.name,
        )
        self.router = self.launching.router

    def _make_looks(self) -> None:
        resources = resources_dir()
        self.theme = Theme(resources / "themes")
        dress(self.theme, self.settings)
        self.theme.apply(self._application)
        self.icons = Icons(resources / "icons", self.theme)
        self.actions = Actions(self.commands, self.keymaps, self.icons)
        program_commands.add_commands(self.commands, self)

    def _make_panes(self) -> None:
        theme, icons, commands, actions = self.theme, self.icons, self.commands, self.actions
        self.console = ConsolePane(
            commands,
            actions,
            self.kernels,
            self.active,
            self.settings,
            self.started.paths.history_folder,
            theme,
            icons,
            ConsoleServices(
                self.router.start_language,
                self.launching.start,
                lambda: self.environments.all,
                self.languages.names,
                self.languages.language,
                self.notices.add_error,
                self._calm_pool,
                self.ui.after,
            ),
            self.progress,
            expects=self.started.environment.language if self.started.prestarted and self.started.environment else "",
        )
        keys = {command: self.keymaps.keys(command) for _icon, _title, command in BEGINNINGS}
        self.welcome = Welcome(commands, keys, theme, icons)
        self.editor = EditorPane(
            self.documents,
            self.started.extensions,
            self.kernels,
            self.router,
            self.router.session_of,
            commands,
            actions,
            self.settings,
            theme,
            icons,
            self.ui.post,
            self.ui.after,
            self._calm_pool,
            tell=self.notices.add_error,
            notify=self.notices.add,
            folder=lambda: self.project.folder or Path.home(),
            empty=self.welcome,
            interpreter_of=self.launching.interpreter_of,
        )
        self.later = LaterPanes(self)

    def _make_shell(self) -> None:
        paths = self.started.paths
        self.reporter = CrashReporter(paths.crash_folder, self._on_report)
        self.shell = Shell(
            commands=self.commands,
            keymaps=self.keymaps,
            settings=self.settings,
            theme=self.theme,
            icons=self.icons,
            actions=self.actions,
            panes=(self.editor, self.console, *self.later.frames.values()),
            notices=self.notices,
            layout_file=paths.layout_file,
            after=self.ui.after,
            run_in_pool=self.tasks.run,
            pids=self._pids,
            last_report=lambda: self.reporter.last,
        )
        self.project_view = ProjectView(self.project, self.settings, self.shell, self.notices, self.kernels)
        self.dialogs = self._make_dialogs()
        self.status = StatusFeed(
            self.shell.window.status_bar, self.active, self.editor, self.languages.language, self.progress
        )
        self.taskbar = Taskbar(self.shell.window)
        self.desktop_notices = DesktopNotices(self.shell.window, self.icons)
        self.run_news = RunNews(
            self.kernels,
            self.active,
            self.progress,
            self.settings,
            self.taskbar,
            self.desktop_notices,
            lambda: QApplication.activeWindow() is None,
            elapsed,
        )
        self.instance = SingleInstance(paths.runtime, self.shell)
        self.stalls = StallMeter(self.shell)

    def _make_dialogs(self) -> Dialogs:
        window = self.shell.window
        return Dialogs(
            window,
            window.toolbar.command_box,
            self.commands,
            self.keymaps,
            self.settings,
            self.environments,
            self.theme,
            self.icons,
            self.tasks.run,
            folder=lambda: self.project.folder,
            language_of=self.languages.language,
            open_file=lambda path: self.open_file(FileArgument(path)),
            launching=self.launching,
        )

    def _tie(self) -> None:
        self.shell.opened.connect(self._on_opened)
        self.shell.window.activated.connect(self.desktop_notices.put_away)
        self.shell.closed.connect(self._on_window_closed)
        self.shell.dropped.connect(self._on_dropped)
        self.editor.desk.page_made.connect(self._on_page_made)
        self.instance.asked.connect(self._on_asked)
        self.documents.told.connect(self.notices.add_error)
        self.documents.closed.connect(self._on_document_closed)
        self.settings.changed.connect(self._on_setting_changed)
        self.settings.problem_found.connect(self.notices.add_error)
        self.key_store.failed.connect(self.notices.add_error)
        self.project.opened.connect(self._on_folder_opened)
        self.workspace.changed.connect(self._show_recent)
        self.workspace.changed.connect(self._tell_problems)
        self.started.trust.changed.connect(self._tell_problems)
        self.project.trust_changed.connect(self._on_trust_changed)
        self.kernels.session_added.connect(self._on_session_added)
        self.environments.changed.connect(self._on_environments_changed)

    # --- opening and closing -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the window; the rest follows after its first paint."""
        self.reporter.start()
        self._recall()
        self.shell.open(reset_layout=self.started.arguments.resets_layout or self.started.is_safe_mode)
        mark("shown")

    def close(self) -> None:
        """End everything: what is typed is in the journal, kernels are shut down, nothing of ours keeps running."""
        if self.is_closed:
            return
        self.is_closed = True
        started = self.started
        self.instance.close()
        for waiting in self._waiting_for.values():
            for done in waiting:
                done()
        self.status.close()
        self.workspace.close()
        if hasattr(self, "tables"):
            self.tables.close()
        if hasattr(self, "frame_watching"):
            self.frame_watching.close()
        if hasattr(self, "help"):
            self.help.close()
        if hasattr(self, "packages"):
            self.packages.close()
        if hasattr(self, "deploying"):
            self.deploying.close()
        if hasattr(self, "viewer"):
            self.viewer.close()
        if hasattr(self, "making"):
            self.making.close()
            self.first_run.close()
        panes: tuple[Pane, ...] = (self.editor, *self.later.frames.values(), self.console)
        for pane in panes:
            pane.close()
        self.router.close()
        self.watch.close()
        self.documents.shut_down()
        self.run_news.close()
        self.desktop_notices.close()
        self.taskbar.close()
        self.progress.close()
        self.kernels.close()
        self.environments.close()
        self.stalls.close()
        self.shell.close()
        started.trust.close()
        self.tasks.close()
        self.settings.close()
        self.key_store.close()
        self.ui.close()
        self.garbage.close()
        self.reporter.close()
        started.starts.survived()

    # --- after the first paint ---------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        """The window is painted: first of all connect to the kernel."""
        mark("first_paint")
        if not self.started.prestarted:
            self._bring_the_rest()
            return
        self.launching.start_first()
        if not self.kernels.sessions:
            self.console.expect("")
        # Two threads share one interpreter: what this one imports now would hold up the other's way to the kernel.
        self.kernels.when_reached(self._wait_for_prompt)
        self.ui.after(KERNELS_LIMIT_S, self._bring_the_rest)

    def _wait_for_prompt(self) -> None:
        self.ui.after(PROMPT_LIMIT_S, self._bring_the_rest)

    def _bring_the_rest(self) -> None:
        """What the first paint and the kernel need not wait for. Once."""
        if self._is_released or self.is_closed:
            return
        self._is_released = True
        self._calm_pool.work_in(self.tasks.run)
        # Not in the pool: a module that defines Qt classes must not be imported beside a UI thread that uses Qt.
        steps = (
            *self.later.steps(),
            self._take_over_sessions,
            self._open_project,
        )
        self._step_by_step(iter(steps))

    def _step_by_step(self, steps: Iterator[Callable[[], None]]) -> None:
        """Each in a turn of its own, and none in front of what others have posted meanwhile."""
        step = next(steps, None)
        if step is not None:
            try:
                step()
            finally:  # what is wrong with one is no reason to do without the others
                self.ui.post(lambda: self._step_by_step(steps))

    def _take_over_sessions(self) -> None:
        for record in self.kernels.left_behind():
            try:
                self.kernels.attach(record)
            except KernelError as error:
                self.notices.add_error(error)
        if self.active.session is None and self.kernels.sessions:
            self.active.choose(self.kernels.sessions[-1])
        elif self.active.session is None:
            self.launching.start_first()

    def _recall(self) -> None:
        """What was open and typed comes back in the first paint, or a little later where the disk is slow."""
        self.workspace.load()
        self.workspace.follow(self.documents)
        self.documents.restore(self._on_restored, any_project=self.started.folder is None)
        self.ui.run_until(lambda: self._is_recalled, RECALL_LIMIT_S)

    def _open_project(self) -> None:
        if self.started.folder is not None:
            self._open_folder_or_tell(self.started.folder)
        self._has_project = True
        self._open_arguments()
        self.ui.after(0.2, self._on_calm)
        self.ui.after(YOUNG_S, self.started.starts.survived)

    def _on_restored(self, restored: Restored) -> None:
        for problem in restored.problems:
            self.notices.add(Notice(problem, "warning"))
        if restored.active is not None:
            self.editor.show(restored.active)
        self._is_recalled = True
        self._open_arguments()

    def _open_arguments(self) -> None:
        """The files of the command line come when the project and what was open in it are there."""
        if not (self._is_recalled and self._has_project) or self.is_restored:
            return
        for argument in self.started.arguments.files:
            self.open_file(argument)
        self.started.arguments = Arguments()
        self.is_restored = True
        mark("restored")

    def _on_calm(self) -> None:
        """What no one waits for: files of later starts, problems of the start, looking round the machine."""
        if self.is_closed:
            return
        self.garbage.start()
        self.instance.start()
        for problem in (*self.started.problems, *self.keymaps.problems):
            self.notices.add_error(problem)
        self._tell_problems()
        if self.reporter.left_behind() is not None:
            said = "Fourpane ended unexpectedly last time.\nWhat it was doing then is in a report that you can copy."
            self.notices.add(Notice(said, "warning", "app.copy_report", "Copy report", key="crash"))
        if self.started.is_safe_mode:
            self.notices.add(Notice(SAFE_MODE, "info", key="safe"))
        self.launching.look_for_more()
        self.launching.keep_spare()
        self.tables.warm()
        self.is_at_rest = True

    def _tell_problems(self) -> None:
        """Files of ours that could not be read or written; each is said once."""
        for text in (self.environments.state_problem, *self.started.trust.problems, *self.workspace.problems):
            if text and text not in self._told:
                self._told.add(text)
                self.notices.add(Notice(text, "warning"))

    # --- what panes ask for ------------------------------------------------------------------------------------------

    # --- commands ----------------------------------------------------------------------------------------------------

    def open_folder(self, path: str = "") -> None:
        """Make a folder the project; asks for it where none is given."""
        chosen = Path(path) if path else self.dialogs.ask_folder()
        if chosen is not None:
            self._open_files_of(self.project.open(chosen))

    def close_folder(self) -> None:
        """Have no project."""
        self.project.open(None)

    def show_settings(self, search: str = "") -> None:
        """The settings dialog."""
        self.dialogs.show_settings(search)

    def show_keys(self) -> None:
        """The dialog of keys."""
        self.dialogs.show_keys()

    def show_palette(self, text: str = "") -> None:
        """The command palette."""
        self.dialogs.show_palette(text)

    def choose_environment(self, language: str = "") -> None:
        """The list of environments."""
        session = self.active.session
        self.dialogs.show_environments(session.launch.environment if session is not None else None, language)

    def use_environment(self, environment: str = "") -> None:
        """Start code in an environment, and remember it for the project."""
        self.launching.use(environment)

    def attach(self, connection_file: str = "") -> None:
        """A console for a kernel that runs already; the list of them where none is named."""
        if connection_file:
            self.launching.attach(Path(connection_file))
            return
        self.launching.look_for_more()
        self.dialogs.show_environments(None, RUNNING)

    def restart_all(self) -> None:
        """Every session anew; with what the trust of the folder allows now."""
        self.launching.restart_all()

    def trust_folder(self) -> None:
        """The user's yes."""
        self.project.trust()

    def revoke_trust(self) -> None:
        """The user takes it back."""
        self.project.revoke()

    def explain_trust(self) -> None:
        """What trusting means, and what is off."""
        self.project_view.explain_trust()

    def open_sample_project(self) -> None:
        """A copy of the sample project, in a folder of the user's; trusted, as the program makes it."""
        from ide.app.sample import copy_sample

        folder = copy_sample(resources_dir() / "sample", self.started.paths.profile)
        self.started.trust.trust(folder)
        self.open_folder(str(folder))
        self.open_file(FileArgument(folder / "analysis.py"))

    def show_settings_reference(self) -> None:
        """The settings dialog, which is made from the same table as the reference page."""
        self.show_settings()

    # --- files -------------------------------------------------------------------------------------------------------

    def open_file(self, argument: FileArgument) -> None:
        """Open a file in the editor, at a place where one is given."""
        arguments: dict[str, object] = {"path": str(argument.path)}
        if argument.line is not None:
            arguments |= {"line": argument.line, "column": argument.column}
        self.commands.run("file.open", **arguments)

    def _open_files_of(self, state: ProjectState) -> None:
        """What was open in a folder; a file that is gone by now is nothing to complain about."""
        for file in state.files:
            if self.documents.at(file.path) is None:
                self.documents.open(file.path, ignore, ignore)

    def _open_folder_or_tell(self, folder: Path) -> None:
        try:
            self.project.open(folder)
        except FourpaneError as error:
            self.notices.add_error(error)

    def _is_file_trusted(self, path: Path | None) -> bool:
        folder = self.project.folder or (path.parent if path is not None else None)
        return folder is None or self.started.trust.is_trusted(folder)

    # --- events ------------------------------------------------------------------------------------------------------

    def _on_session_added(self, session: Session) -> None:
        session.state_changed.connect(self._on_prompt)
        if session.launch.encryption == "none":
            name = session.launch.environment.name
            self.notices.add(
                Notice(
                    f"What “{name}” prints is not private.\nThis kernel knows network ports only, so other users of "
                    "this machine can read along, though they can't run anything.",
                    "warning",
                    key=f"open:{session.launch.environment.id}",
                )
            )

    def _on_prompt(self) -> None:
        session = self.active.session
        if session is not None and session.state == "idle":
            mark("prompt")
            session.state_changed.disconnect(self._on_prompt, missing_ok=True)
            self.ui.post(self._bring_the_rest)

    def _on_folder_opened(self, folder: Path | None) -> None:
        if hasattr(self, "files"):  # a quick user opens a folder before that pane is there
            self.files.show_folder(folder)

    def _show_recent(self) -> None:
        self.welcome.set_recent(self.workspace.recent_folders, self.workspace.recent_files)

    def _on_trust_changed(self) -> None:
        self.launching.keep_spare()
        self.launching.look_for_more()

    def _on_environments_changed(self) -> None:
        """A kernel that was found may run what was only text till now; what the project brings is offered."""
        self.launching.offer_for_project(self.commands)
        for document in self.documents.all:
            if document.path is not None and not document.language and (id := self.languages.id_of_path(document.path)):
                document.set_language(id)

    def _on_setting_changed(self, id: str) -> None:
        if id == declared.KEYS_KEYMAP.id:
            self.keymaps.use(self.settings.get(declared.KEYS_KEYMAP))
        elif id == declared.KERNELS_KEEP_SPARE.id:
            self.launching.keep_spare()
        elif id == declared.PLOTS_FORMAT.id:
            self.plots.tell_sessions()
        elif id.startswith(("kernels.", "console.")):
            self.kernels.limits = kernel_limits(self.settings)

    def _on_page_made(self, page: EditorPage) -> None:
        # A file dropped on code is opened; its path is not typed in.
        self.shell.window.drop_target.watch(page.view.viewport())

    def _on_dropped(self, paths: list[Path]) -> None:
        for path in paths:
            if path.is_dir():
                self.commands.run("file.open_folder", path=str(path))
            else:
                self.open_file(FileArgument(path))

    def _on_asked(self, handover: Handover, done: Callable[[], None]) -> None:
        """A later start gives its files to this window."""
        try:
            arguments = parse(handover.arguments, Path(handover.folder))
        except SystemExit:
            done()
            return
        if arguments.folder is not None:
            self.commands.run("file.open_folder", path=str(arguments.folder))
        for argument in arguments.files:
            self._waiting_for.setdefault(str(argument.path), []).append(done)
            self.open_file(argument)
        if not arguments.files:
            done()
        self.shell.window.setWindowState(self.shell.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.shell.window.raise_()
        self.shell.window.activateWindow()

    def _on_document_closed(self, document: Document) -> None:
        for done in self._waiting_for.pop(str(document.path), ()):
            done()

    def on_guest_closed(self, key: str) -> None:
        """A page of the editor's tabs is gone: whoever waited for its file goes on."""
        for done in self._waiting_for.pop(key.removeprefix("table-file:"), ()):
            done()

    def _on_report(self, report: Report) -> None:
        self.ui.post(lambda: self.shell.show_report(report))

    def _on_window_closed(self) -> None:
        self.close()
        self._application.quit()

    def _pids(self) -> Iterable[int]:
        return [os.getpid(), *(pid for session in self.kernels.sessions if (pid := session.pid))]

    # --- for scripts (`ide.app.workbench`) ---------------------------------------------------------------------------

    def run_code(self, code: str, language: str) -> list[Run]:
        """Run a piece of code in the session of a language, or in the one in use."""
        session = self.active.session
        if not language and session is not None:
            return [session.execute(code)]
        return [self.router.run_code(code, language or "python")]

    def run_document(self, document: Document, by_cell: bool) -> list[Run]:
        """Run a document as the editor's commands do: whole, or cell by cell."""
        self.editor.show(document)
        runs = self.editor.runs
        return list(runs.run_all_cells(document) if by_cell else runs.run_file(document))

    def open_and_wait(self, path: Path, timeout_s: float) -> Document:
        """Open a file and wait until it is in the editor. Raises what the user would be told."""
        from ide.app.workbench import wait_until

        found: list[Document] = []
        problems: list[FourpaneError] = []
        self.documents.open(path, found.append, problems.append)
        wait_until(lambda: bool(found or problems), timeout_s, f"Opening {path.name}")
        if problems:
            raise problems[0]
        self.documents.set_active(found[0])
        return found[0]

    def screenshot(self, path: Path) -> Path:
        """Write a picture of the window as it is."""
        from ide.qt.screenshot import save

        return save(self.shell.window, path)

    def start_session(self, name: str) -> Session:
        """Start a session in an environment by its id, name, kernelspec or path."""
        return self.launching.start_named(name)


def ignore(_what: object) -> None:
    """Nothing follows from it."""


def run(started: Started) -> int:
    """Make the program, show it and run the event loop; returns the exit code."""
    application = make_application()
    program = Program(application, started)
    # SIGTERM, and Ctrl+C in a terminal, close the window in order (PROMISES A8).
    signals = SignalWatch(program.shell.window.close)
    program.open()
    code = application.exec()
    program.close()
    signals.close()
    return code


def make_application() -> QApplication:
    """Qt's application object with our names; the one that is there, if there is one (tests)."""
    import_plainly()
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # A web view, should one be shown, draws by the same means as the window. Costs nothing by itself.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication([*sys.argv[:1], "-style", STYLE])
    application.setProperty(HAS_STYLE, True)
    application.setApplicationName("fourpane")
    application.setApplicationDisplayName("Fourpane")
    application.setDesktopFileName("fourpane")
    application.setQuitOnLastWindowClosed(False)
    return application
