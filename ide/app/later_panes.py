"""Makes the panes that the first paint does not need, and ties them to the rest of the program. UI thread.

Each is put where a frame already holds its place (`ide/app/side_pane.py`), and becomes an attribute of `Program`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from ide.app.side_pane import SidePane
from ide.core.text import Place
from ide.settings import declared

if TYPE_CHECKING:
    from ide.app.program import Program
    from ide.panes.plots.plot import Plot

SAVE_DPI: Final = 300
"""Of plots that scripts save: what journals and printers ask for."""
PICTURE_TYPES: Final = {"png": ("png",), "svg": ("svg", "png")}
PANES: Final = (
    ("variables", "Variables"),
    ("plots", "Plots"),
    ("viewer", "Viewer"),
    ("help", "Help"),
    ("files", "Files"),
    ("packages", "Packages"),
)


class LaterPanes:
    """`frames` are what the shell takes, by id of the pane."""

    def __init__(self, program: Program) -> None:
        self._program = program
        # No jobs where nothing could run them.
        panes = PANES if program.door is None else (*PANES, ("jobs", "Jobs"))
        self.frames = {id: SidePane(id, title, program.theme, program.icons) for id, title in panes}

    def steps(self) -> tuple[Callable[[], None], ...]:
        """What makes the panes, in order: each step is for a turn of its own."""
        return (
            self._make_variables,
            self._make_tables,
            self._make_plots,
            self._make_viewer,
            self._make_files,
            self._make_help,
            self._import_packages,
            self._make_making,
            *(() if self._program.door is None else (self._make_jobs,)),
        )

    # --- the panes --------------------------------------------------------------------

    def _make_variables(self) -> None:
        from ide.app.variables import FrameWatching, object_shelf
        from ide.panes.variables import pane

        side = self.frames["variables"]
        self._program.variables = pane.VariablesPane(
            self._program.commands,
            self._program.actions,
            self._program.active,
            self._program.theme,
            self._program.icons,
            self._program.languages.sample,
            self._run_sample,
            settings=self._program.settings,
            insert_code=self._program.editor.insert_code,
            objects=object_shelf(self._program.editor, self._program.started.extensions, self._program.tasks.run),
            language_of=self._program.languages.language,
            folder=lambda: self._program.project.folder or Path.home(),
            frame=side.widget,
            sessions=self._program.kernels,
        )
        side.fill(self._program.variables)
        self._program.frame_watching = FrameWatching(self._program.kernels, self._program.settings)

    def _make_tables(self) -> None:
        from ide.app import tables

        self._program.tables = tables.Tables(
            self._program.editor,
            self._program.documents,
            self._program.kernels,
            self._program.active,
            self._program.started.extensions,
            self._program.commands,
            self._program.actions,
            self._program.theme,
            self._program.icons,
            self._program.ui.post,
            self._program.ui.after,
            self._program.tasks.run,
            tell=self._program.notices.add_error,
            notify=self._program.notices.add,
            folder=lambda: self._program.project.folder or Path.home(),
            temp_folder=self._program.started.paths.tables_folder,
            selected=self._selected_variable,
            window=lambda: self._program.shell.window,
        )
        self._program.variables.view.opened.connect(self._program.tables.on_variable_opened)
        self._program.editor.files.opens_elsewhere = self._program.tables.opens
        self._program.editor.guest_closed.connect(self._program.on_guest_closed)

    def _selected_variable(self) -> tuple[str, ...]:
        """Path of the value that is selected in Variables; empty for none."""
        key = self._program.variables.view.selected_key()
        part = self._program.variables.model.part(key)
        return part.path if part is not None else (key,) if key else ()

    def _make_plots(self) -> None:
        from ide.panes.plots import pane
        from ide.panes.plots.store import PlotStore

        side, started = self.frames["plots"], self._program.started
        self._program.plots = pane.PlotsPane(
            self._program.commands,
            self._program.actions,
            self._program.kernels,
            self._program.settings.get(declared.PLOTS_KEEP_COUNT),
            self._program.theme,
            self._program.icons,
            self._program.tasks.run,
            self._program.ui.after,
            pane.PlotServices(
                go_to=self._go_to_plot,
                run_again=self._run_plot_again,
                save_code=self._code_that_saves,
                insert_code=self._program.editor.insert_code,
                formats=lambda: PICTURE_TYPES[self._program.settings.get(declared.PLOTS_FORMAT)],
                folder=lambda: self._program.project.folder,
                redraw_limit_s=lambda: self._program.settings.get(declared.PLOTS_REDRAW_LIMIT),
            ),
            most_bytes=self._program.settings.get(declared.PLOTS_KEEP_SIZE) * 1_000_000,
            store=PlotStore(started.paths.plots_folder(started.folder), self._program.ui.post),
            examples=(("help.sample_project", "Open the sample project"),),
            frame=side.widget,
        )
        side.fill(self._program.plots)
        self._program.plots.model.arrived.connect(self._on_plot_arrived)

    def _on_plot_arrived(self) -> None:
        if self._program.settings.get(declared.PLOTS_COME_FORWARD):
            self._program.shell.window.docks.bring_forward("plots")

    def _make_viewer(self) -> None:
        from ide.app import viewer

        side = self.frames["viewer"]
        docks = self._program.shell.window.docks
        self._program.viewer = viewer.Viewer(
            self._program.kernels,
            self._program.commands,
            self._program.actions,
            self._program.theme,
            self._program.icons,
            self._program.ui.after,
            self._program.tasks.run,
            browse=self._browse,
            show_guest=self._program.editor.show_guest,
            folder=lambda: self._program.project.folder,
            show_pane=lambda: docks.bring_forward("viewer"),
            keep_back=lambda: docks.keep_back("viewer"),
            frame=side.widget,
        )
        side.fill(self._program.viewer.pane)
        self._program.console.show_large = self._program.viewer.pane.show

    def _browse(self, address: str) -> None:
        QDesktopServices.openUrl(QUrl(address))

    def _make_help(self) -> None:
        from ide.app import help

        side = self.frames["help"]
        self._program.help = help.Help(
            self._program.kernels,
            self._program.active,
            self._program.router,
            self._program.editor,
            self._program.console,
            self._selected_variable,
            self._program.languages.language,
            self._program.launching.interpreter_of,
            self._program.commands,
            self._program.actions,
            self._program.keymaps,
            self._program.theme,
            self._program.icons,
            self._program.ui.post,
            self._program.ui.after,
            self._program.tasks.run,
            self._reveal_help,
            side.widget,
        )
        side.fill(self._program.help.pane)

    def _make_making(self) -> None:
        from ide.app import making
        from ide.app.first_run import FirstRun
        from ide.environments.network import network_of
        from ide.environments.packages.policies import places_of

        paths = self._program.started.paths
        self._program.making = making.Making(
            self._program.shell.window,
            self._program.commands,
            self._program.environments,
            self._program.launching,
            self._program.kernels,
            self._program.active,
            self._program.notices,
            self._program.tasks,
            self._program.theme,
            self._program.icons,
            own_folder=paths.side_folder,
            made_folder=paths.made_folder,
            project=lambda: self._program.project.folder,
            network=lambda: network_of(self._program.settings),
            policy_places=lambda: places_of(paths, self._program.settings, self._program.project.folder),
            language_name=self._program.languages.name,
        )
        self._program.first_run = FirstRun(
            self._program.environments,
            self._program.commands,
            self._program.console.widget,
            self._program.theme,
            self._program.icons,
            language_name=self._program.languages.name,
            choose_own=self._program.environments.choose,
        )

    def _reveal_help(self) -> None:
        self._program.shell.window.docks.show("help")

    def _make_files(self) -> None:
        from ide.panes.files import pane

        side = self.frames["files"]
        self._program.files = pane.FilesPane(
            self._program.commands,
            self._program.actions,
            self._program.theme,
            self._program.icons,
            self._program.settings,
            self._program.watch,
            self._program.tasks.run,
            self._on_file_moved,
            self._work_in,
            self._suffix_in_use,
            frame=side.widget,
        )
        side.fill(self._program.files)

    def _import_packages(self) -> None:
        """What reads packages takes longer to import than the window may pause; it knows no Qt."""
        modules = ("ide.panes.packages.model", "ide.panes.packages.words", "ide.environments.packages.report")
        self._program.tasks.run(
            lambda: [importlib.import_module(name) for name in modules],
            self._import_packages_pane,
            self._on_not_imported,
        )

    def _import_packages_pane(self, _modules: object) -> None:
        """What is left knows Qt; the pane is made in a step of its own, so that neither takes long."""
        if not self._program.is_closed:
            importlib.import_module("ide.app.packages")
            self._program.ui.post(self._make_packages)

    def _make_packages(self) -> None:
        if self._program.is_closed:
            return
        from ide.app import packages

        side = self.frames["packages"]
        self._program.packages = packages.PackagesDesk(
            self._program.kernels,
            self._program.active,
            self._program.launching,
            self._program.environments,
            self._program.editor,
            self._program.console,
            self._program.settings,
            self._program.started.paths,
            lambda: self._program.project.folder,
            self._program.languages.language,
            self._program.commands,
            self._program.actions,
            self._program.theme,
            self._program.icons,
            self._program.ui.post,
            self._program.tasks.run,
            self._reveal_packages,
            side.widget,
        )
        self._program.dialogs.judge = self._program.packages.service
        side.fill(self._program.packages.pane)

    def _on_not_imported(self, error: Exception) -> None:
        raise error

    def _reveal_packages(self) -> None:
        self._program.shell.window.docks.show("packages")

    def _make_jobs(self) -> None:
        from ide.app import deploying

        assert self._program.door is not None
        self._program.deploying = deploying.Deploying(self._program, self._program.door)
        self.frames["jobs"].fill(self._program.deploying.pane)

    # --- what they ask for ------------------------------------------------------------------------------------------

    def _suffix_in_use(self) -> str:
        """Ending of files in the language of the session in use."""
        session = self._program.active.session
        return self._program.languages.suffix(session.language if session is not None else "")

    def _run_sample(self, code: str) -> None:
        session = self._program.active.session
        if session is not None:
            session.execute(code)

    def _on_file_moved(self, before: Path, after: Path) -> None:
        self._program.documents.moved(before, after)

    def _work_in(self, folder: Path) -> None:
        self._program.commands.run("session.set_folder", folder=str(folder))

    def _go_to_plot(self, plot: Plot) -> None:
        source = plot.source
        if (
            source is not None
            and not self._program.editor.show_line(source.document, source.line)
            and source.path is not None
        ):
            self._program.editor.open(source.path, Place(source.line))

    def _run_plot_again(self, plot: Plot) -> None:
        """In the session that drew it, else in one of its language."""
        session = next((each for each in self._program.kernels.sessions if each.id == plot.session), None)
        if session is None or session.state == "dead":
            self._program.router.run_code(plot.code, plot.language, plot.source)
        else:
            self._program.active.choose(session)
            session.execute(plot.code, source=plot.source)

    def _code_that_saves(self, plot: Plot, file: str, width_in: float, height_in: float) -> str:
        language = self._program.languages.language(plot.language)
        return language.save_plot_code(plot.code, file, width_in, height_in, SAVE_DPI) if language is not None else ""
