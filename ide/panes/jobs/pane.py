"""Puts the Jobs pane together and does what its commands ask. UI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QStackedLayout, QWidget

from ide.commands.registry import Commands
from ide.core.deploy import Artefact, ClusterState, TargetSpec
from ide.core.errors import CommandError, DeployError, FourpaneError
from ide.core.ports import After, Cancel, RunInPool
from ide.deploy.clusters import Clusters
from ide.deploy.deployments import Deployments, Job
from ide.deploy.export import html_page, ro_crate
from ide.deploy.record import RunRecord
from ide.panes.jobs import commands as ids
from ide.panes.jobs.cluster_strip import Shown
from ide.panes.jobs.commands import add_commands
from ide.panes.jobs.model import JobsModel
from ide.panes.jobs.view import ABOUT, LOG, RESULTS, JobsView
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.settings.toml_file import replace_file
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT: Final = (
    "Scripts that run elsewhere appear here: with their log as it comes, their results, and what they cost."
)
TICK_S: Final = 1.0
"""How often ages and run times are told anew while something runs."""
_SHOWN: Final = ("job.cancel", "job.run_again", "job.find")
_BEHIND: Final = (
    "job.compare", "job.verify", "job.go_to_error", "job.fetch", "job.open_folder", "job.export", "job.delete",
    "job.end_clusters",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobsServices:
    """What the pane asks of others. UI thread. `open_result` shows what came back where such things are shown;
    `open_place` opens a file of the project at a line from 0; `run_again` repeats a run; `target` finds one
    by its id; `console_of` names the console that a cluster is for."""

    open_result: Callable[[Path, Artefact], None]
    open_place: Callable[[Path, int], None]
    open_folder: Callable[[Path], None]
    run_again: Callable[[RunRecord], None]
    open_dashboard: Callable[[str], None]
    target: Callable[[str], TargetSpec | None] = lambda _id: None
    folder: Callable[[], Path | None] = lambda: None
    console_of: Callable[[ClusterState], str] = lambda _cluster: ""


class JobsPane:
    """`model` and `view` are for scripts too."""

    id = "jobs"
    title = "Jobs"

    def __init__(
        self,
        deployments: Deployments,
        clusters: Clusters,
        services: JobsServices,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        after: After,
        run_in_pool: RunInPool,
        *,
        examples: tuple[tuple[str, str], ...] = (),
        frame: PaneFrame | None = None,
    ) -> None:
        """`examples` are (command, title) of what an empty pane offers."""
        self.model = JobsModel(deployments, run_in_pool)
        self._deployments = deployments
        self._clusters = clusters
        self._services = services
        self._commands = commands
        self._actions = actions
        self._after = after
        self._run_in_pool = run_in_pool
        self._tick: Cancel | None = None
        self.question: QMessageBox | None = None
        """Asked before clusters with jobs end, while it is open."""
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        header = self.widget.header
        header.set_actions([actions.action(id) for id in _SHOWN], [actions.action(id) for id in _BEHIND])
        header.set_filter("Filter", "Filter jobs")
        header.filter_changed.connect(self.model.filter)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._empty = EmptyState(theme, icons, EMPTY_TEXT, examples, icon="lightning")
        self._empty.chosen.connect(commands.run)
        self.view = JobsView(self.model, theme, icons)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self.widget.set_body(body)
        self.view.link_asked.connect(self._on_link)
        self.view.results.opened.connect(self._on_result_opened)
        self.view.list.customContextMenuRequested.connect(self._on_menu_asked)
        strip = self.view.clusters
        strip.end_asked.connect(self._on_end_asked)
        strip.end_all_asked.connect(self.end_clusters)
        strip.scale_asked.connect(self._on_scale_asked)
        strip.dashboard_asked.connect(self._on_dashboard_asked)
        connect(self.widget, self.model.changed, self._note)
        connect(self.widget, clusters.changed, self._note)
        self._note()

    def focus(self) -> None:
        """The keyboard goes to the list."""
        (self._stack.currentWidget() or self.view).setFocus()

    def close(self) -> None:
        """Follow nothing any more; jobs go on."""
        if self.question is not None:
            self.question.reject()
        if self._tick is not None:
            self._tick()
            self._tick = None
        self.model.close()

    def show(self, job: str) -> None:
        """Select a job, with its log in view."""
        self.model.select((job,))
        self.view.show_part(LOG)

    # --- commands

    def cancel(self) -> None:
        """End the selected job."""
        self._deployments.cancel(self._job().record.id, tied(self.widget, self._commands.report))

    def run_again(self) -> None:
        """The same bundle once more."""
        self._services.run_again(self._job().record)

    def compare(self) -> None:
        """Show what differs between two runs."""
        self.model.compare()
        self.view.show_part(ABOUT)

    def verify(self) -> None:
        """Look whether the data are as they were."""
        self.model.verify(tied(self.widget, self._on_failed))
        self.view.show_part(ABOUT)

    def find(self) -> None:
        """Search the log."""
        self.view.search_log()

    def go_to_error(self) -> None:
        """Open the editor at the line that failed."""
        record = self._job().record
        if not record.error_file or not record.error_line:
            raise CommandError("No line of the project is known to have failed.")
        base = Path(record.project)
        path = (base / record.error_file).resolve()
        # What comes from another computer leads nowhere but into the project.
        if not path.is_relative_to(base.resolve()) or not path.is_file():
            raise CommandError(f"{record.error_file} is not in the project any more.", f"It was looked for in {base}.")
        self._services.open_place(path, record.error_line - 1)

    def fetch(self) -> None:
        """Fetch what came of it once more."""
        self._deployments.fetch(self._job().record.id)
        self.view.show_part(RESULTS)

    def open_folder(self) -> None:
        """Show the results in the system's file window."""
        self._services.open_folder(self._deployments.place(self._job().record.id))

    def export(self, path: str = "") -> None:
        """Write all that is known of a run; the ending decides: .json is RO-Crate, all else HTML."""
        record = self._job().record
        if not path:
            start = (self._services.folder() or Path.home()) / f"{Path(record.title).stem}-{record.id[:8]}.html"
            kinds = "Page (*.html);;RO-Crate metadata (*.json)"
            path, _kind = QFileDialog.getSaveFileName(self.widget.window(), "Save record", str(start), kinds)
        if path:
            text = ro_crate(record) if path.lower().endswith(".json") else html_page(record)

            def write() -> None:
                replace_file(Path(path), text.encode())

            self._run_in_pool(write, tied(self.widget, self._on_saved), tied(self.widget, self._on_failed))

    def delete(self) -> None:
        """Drop the selected job from list and disk."""
        self._deployments.forget(self._job().record.id)

    def end_clusters(self) -> None:
        """End all that is up, with the jobs that run there."""
        self._end(self._clusters.all)

    # --- inside

    def _show_clusters(self) -> None:
        shown = []
        for one in self._clusters.all:
            spec = self._services.target(one.target)
            name, price, currency = (
                (spec.name, spec.price_per_worker_hour, spec.currency) if spec is not None else (one.target, 0.0, "")
            )
            console = self._services.console_of(one)
            shown.append(Shown(one, f"{name}, for {console}" if console else name, price, currency))
        self.view.clusters.show_clusters(shown, tuple(self._clusters.troubles.values()), self.model.now())

    def _on_end_asked(self, one: ClusterState) -> None:
        self._end((one,))

    def _end(self, clusters: Sequence[ClusterState]) -> None:
        """Ask first where jobs run there: they would be lost."""
        jobs = sum(len(one.jobs) for one in clusters)
        if not jobs:
            self._end_now(clusters)
            return
        if self.question is not None:
            self.question.reject()
        what = "the cluster" if len(clusters) == 1 else f"{len(clusters)} clusters"
        box = QMessageBox(
            QMessageBox.Icon.Warning, "End clusters", f"{_jobs_run(jobs)} there. End {what} all the same?",
            parent=self.widget.window(),
        )  # fmt: skip
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setInformativeText("Jobs that run are lost with their cluster, and are not run again by themselves.")
        end = box.addButton("End", QMessageBox.ButtonRole.DestructiveRole)
        end.clicked.connect(partial(self._end_now, tuple(clusters)))
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.finished.connect(self._on_question_closed)
        self.question = box
        box.open()

    def _end_now(self, clusters: Sequence[ClusterState], *_checked: bool) -> None:
        for one in clusters:
            self._clusters.end(one, tied(self.widget, self._commands.report))

    def _on_question_closed(self) -> None:
        self.question = None

    def _on_scale_asked(self, one: ClusterState, workers: int) -> None:
        self._clusters.scale(one, workers, tied(self.widget, self._commands.report))

    def _on_dashboard_asked(self, one: ClusterState) -> None:
        self._services.open_dashboard(one.dashboard)

    def _job(self) -> Job:
        job = self.model.job
        if job is None:
            raise CommandError("No job is selected.", "", "Select one in the Jobs pane.")
        return job

    def _note(self) -> None:
        """Tell the commands what can be done now; keep the clock going while something runs."""
        model, context = self.model, self._commands.context
        job = model.job
        record = job.record if job is not None else None
        context.set(ids.HAS_JOBS, model.total > 0)
        context.set(ids.HAS_JOB, record is not None)
        context.set(ids.IS_OVER, record is not None and record.state.is_final)
        context.set(ids.HAS_RESULTS, record is not None and bool(record.outputs))
        context.set(ids.HAS_TWO, len(model.selected) == 2)
        context.set(ids.HAS_ERROR_PLACE, record is not None and bool(record.error_file and record.error_line))
        self._show_clusters()
        is_up = bool(self._clusters.all or self._clusters.troubles)
        context.set(ids.HAS_CLUSTERS, bool(self._clusters.all))
        self._stack.setCurrentWidget(self.view if model.total or is_up else self._empty)
        if (model.running or self._clusters.all) and self._tick is None:
            self._tick = self._after(TICK_S, self._on_tick)

    def _on_tick(self) -> None:
        self._tick = None
        self.model.tick()

    def _on_link(self, link: str) -> None:
        if link == "error:":
            self._commands.run(ids.GO_TO_ERROR)

    def _on_result_opened(self, one: Artefact) -> None:
        self._services.open_result(self.model.file_of(one), one)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions.action(id) for id in (*_SHOWN, *_BEHIND)])
        menu.popup(self.view.list.viewport().mapToGlobal(place))

    def _on_saved(self, _none: object) -> None:
        announce(self.widget, "Record saved")

    def _on_failed(self, error: Exception) -> None:
        self._commands.report(
            error if isinstance(error, FourpaneError) else DeployError("This did not work.", str(error))
        )


def _jobs_run(count: int) -> str:
    return "A job runs" if count == 1 else f"{count} jobs run"
