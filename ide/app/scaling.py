"""Gives consoles workers: a cluster of a target with a client in the console, or processes of the language itself.

Owns which console has which workers. The code is the language's and runs in the console like any other; clusters are
scaled and ended past the console, so that it works while code runs. UI thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from ide.app.scale_commands import CAN_SCALE, HAS_CLUSTER, HAS_DASHBOARD, HAS_WORKERS, add_commands
from ide.core.deploy import ClusterLink, ClusterState, TargetSpec
from ide.core.errors import CommandError, DeployError, FourpaneError
from ide.core.ports import Cancel
from ide.core.runs import Run, RunStatus
from ide.core.scaling import Scaling
from ide.deploy.clusters import Clusters
from ide.deploy.cost import money
from ide.deploy.targets import LOCAL_KIND, Door, TargetStore
from ide.shell.scale_dialog import Scale, ScaleDialog, Where
from ide.widgets.notices import Notice

if TYPE_CHECKING:
    from ide.app.program import Program
    from ide.kernels.session import Session

USUAL: Final = 4
"""Workers of one click, where the computer has as many cores."""
LOOK_S: Final = 1.0
"""How soon is looked again while workers come or go."""
MENU: Final = ("deploy.scale_console", "deploy.connect_console", "deploy.open_dashboard", "deploy.end_workers")


@dataclass
class _Workers:
    """What a session has. Without a `cluster` they start, or are processes of the language."""

    target: TargetSpec | None
    scale: Scale
    cluster: str = ""
    was_seen: bool = False
    run: str = ""
    is_up: bool = False


class ConsoleScaling:
    """`dialog` is for scripts too, while it is open."""

    def __init__(
        self, program: Program, door: Door, targets: TargetStore, clusters: Clusters,
        open_dashboard: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._program = program
        self._packages_of = {one.id: one.console_packages for one in door.kinds()}
        self._targets = targets
        self._clusters = clusters
        self._open_dashboard = open_dashboard
        self._workers: dict[str, _Workers] = {}
        self._ties: dict[str, tuple[Callable[[Run], None], Callable[[], None]]] = {}
        self._soon: Cancel | None = None
        self.dialog: ScaleDialog | None = None
        add_commands(program.commands, self)
        clusters.changed.connect(self._on_clusters_changed)
        program.active.changed.connect(self._on_active_changed)
        program.kernels.session_removed.connect(self._on_session_removed)
        self._note()

    def close(self) -> None:
        """Follow nothing any more. Clusters on this computer end with their kernels."""
        if self._soon is not None:
            self._soon()
        if self.dialog is not None:
            self.dialog.reject()
        for session in self._program.kernels.sessions:
            self._unfollow(session)
        self._clusters.changed.disconnect(self._on_clusters_changed)
        self._program.active.changed.disconnect(self._on_active_changed)
        self._program.kernels.session_removed.disconnect(self._on_session_removed)

    def console_of(self, cluster: ClusterState) -> str:
        """The name of the console that it is for, "" where there is none here."""
        sessions = {one.id: one.name for one in self._program.kernels.sessions}
        for id, one in self._workers.items():
            if one.cluster == cluster.id and one.target is not None and one.target.id == cluster.target:
                return sessions.get(id, "")
        return ""

    # --- commands ----------------------------------------------------------------------------------------------------

    def scale_console(self, target: str = "", workers: int = 0, minimum: int = 0, maximum: int = 0) -> None:
        """Give the console in use workers, or other ones. Asks where nothing is given and there is a choice."""
        session, scaling = self._session()
        wanted = Scale(workers or _usual(), minimum, maximum)
        places = self._places(session, scaling)
        if target:
            spec = self._targets.named(target)
            self._apply(session, spec.id, wanted)
        elif workers or maximum or (len(places) == 1 and session.id not in self._workers):
            self._apply(session, places[0].id, wanted)
        else:
            self._ask(session, places)

    def connect_console(self) -> None:
        """Run the code that makes the client once more."""
        session, scaling = self._session()
        state = self._state(self._workers.get(session.id))
        if state is None:
            raise CommandError("This console has no cluster that is up.")
        self._clusters.link(state, partial(self._connect, session, scaling), self._tell)

    def open_dashboard(self) -> None:
        """Show in the browser what the workers do."""
        session, _scaling = self._session()
        state = self._state(self._workers.get(session.id))
        if state is None or not state.dashboard:
            raise CommandError(
                "The workers of this console have no dashboard.", "", "Install the package bokeh for one."
            )
        self._open_dashboard(state.dashboard)

    def end_workers(self) -> None:
        """End them with all that they hold."""
        session, scaling = self._session()
        workers = self._workers.get(session.id)
        if workers is None:
            raise CommandError("This console has no workers.")
        state = self._state(workers)
        if workers.target is None:
            session.execute(scaling.plan(0))
        elif state is not None:
            self._clusters.end(state, self._tell)
        elif not workers.cluster:
            raise CommandError("The workers are being started.", "", "Wait till they are there.")
        self._drop(session)

    def show_workers(self) -> None:
        """A menu at the item of the status bar."""
        item = self._program.shell.window.status_bar.item("workers")
        menu = QMenu(item)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._program.actions.action(id) for id in MENU])
        menu.popup(item.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    # --- asking ------------------------------------------------------------------------------------------------------

    def _session(self) -> tuple[Session, Scaling]:
        session = self._program.active.session
        language = self._program.languages.language(session.language) if session is not None else None
        scaling = language.scaling() if language is not None else None
        if session is None or scaling is None:
            raise CommandError("This console can't have workers.", "", "Choose a console of Python or R.")
        return session, scaling

    def _places(self, session: Session, scaling: Scaling) -> list[Where]:
        """Where the workers of a console can be: with workers, where they are."""
        cores = os.cpu_count() or 1
        if not scaling.joins_clusters:
            return [Where("", "This computer", scaling.about, cores, adapts=False)]
        has = self._workers.get(session.id)
        specs = self._targets.specs if has is None or has.target is None else (has.target,)
        return [_where(one, scaling.about, cores) for one in specs]

    def _ask(self, session: Session, places: list[Where]) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        program = self._program
        has = self._workers.get(session.id)
        scale = has.scale if has is not None else Scale(_usual())
        dialog = ScaleDialog(
            f"Scale {session.name}", places, scale, program.theme, program.icons, program.shell.window
        )  # fmt: skip
        dialog.scale_asked.connect(partial(self._on_scale_asked, session))
        dialog.finished.connect(self._on_dialog_closed)
        self.dialog = dialog
        dialog.show()

    def _on_scale_asked(self, session: Session, place: str, scale: Scale) -> None:
        try:
            self._apply(session, place, scale)
        except FourpaneError as error:
            self._tell(error)

    def _on_dialog_closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    # --- doing -------------------------------------------------------------------------------------------------------

    def _apply(self, session: Session, place: str, scale: Scale) -> None:
        """Start what is not there, change what is."""
        if session not in self._program.kernels.sessions or session.state == "dead":
            raise CommandError("The console has ended.")
        has = self._workers.get(session.id)
        language = self._program.languages.language(session.language)
        scaling = language.scaling() if language is not None else None
        assert scaling is not None  # `_session` looked
        if has is not None and has.target is not None:
            if place != has.target.id:
                raise CommandError(
                    f"The workers of this console are on {has.target.name}.", "", "End them first, then scale it anew."
                )
            self._change(session, has, scale)
            return
        if not hasattr(self._program, "packages"):
            raise CommandError("The program is still starting.", "", "Try again in a moment.")
        packages: tuple[str, ...] = (scaling.package,)
        spec = self._targets.find(place) if scaling.joins_clusters else None
        if spec is not None:
            if spec.kind == LOCAL_KIND and session.launch.environment.interpreter is None:
                raise CommandError(
                    "It is not known which interpreter this console has.", "", "Choose an environment for it."
                )
            packages = (*packages, *self._packages_of.get(spec.kind, ()))
            begin = partial(self._start, session, scaling, spec, scale)
        else:
            begin = partial(self._plan, session, scaling, scale)
        self._program.packages.missing.need(session, packages, "scale", begin, self._tell)

    def _change(self, session: Session, has: _Workers, scale: Scale) -> None:
        state = self._state(has)
        if state is None:
            raise CommandError("The workers are being started.", "", "Wait till they are there.")
        has.scale = scale
        if scale.maximum:
            self._clusters.adapt(state, scale.minimum, scale.maximum, self._tell)
        else:
            self._clusters.scale(state, scale.workers, self._tell)
        self._look_soon()
        self._note()

    def _plan(self, session: Session, scaling: Scaling, scale: Scale) -> None:
        """Processes of the language: its code alone."""
        run = session.execute(scaling.plan(scale.workers))
        before = self._workers.get(session.id)
        self._workers[session.id] = _Workers(None, scale, run=run.id, is_up=before is not None and before.is_up)
        self._follow(session)
        self._note()

    def _start(self, session: Session, scaling: Scaling, spec: TargetSpec, scale: Scale) -> None:
        if session.id in self._workers:
            return  # twice, before the packages were looked at
        workers = _Workers(spec, scale)
        self._workers[session.id] = workers
        self._follow(session)
        environment = session.launch.environment
        options = {
            "workers": scale.minimum if scale.maximum else scale.workers, "python": str(environment.interpreter or ""),
            "folder": str(session.working_folder or ""), "pid": session.pid,
        }  # fmt: skip

        def started(id: str, link: ClusterLink) -> None:
            if self._workers.get(session.id) is not workers:
                self._clusters.end(ClusterState(id, spec.id, 0.0, 0, 0, 0), self._tell)  # the console ended meanwhile
                return
            workers.cluster = id
            if scale.maximum:
                state = ClusterState(id, spec.id, 0.0, 0, 0, 0)
                self._clusters.adapt(state, scale.minimum, scale.maximum, self._tell)
            self._connect(session, scaling, link)
            self._look_soon()
            self._note()

        def failed(error: FourpaneError) -> None:
            if self._workers.get(session.id) is workers:
                self._drop(session)
            self._tell(error)

        self._clusters.start(spec.id, options, started, failed)
        self._note()

    def _connect(self, session: Session, scaling: Scaling, link: ClusterLink) -> None:
        if session in self._program.kernels.sessions and session.state != "dead":
            session.execute(scaling.connect(link))

    # --- following ---------------------------------------------------------------------------------------------------

    def _state(self, workers: _Workers | None) -> ClusterState | None:
        """What is known of a console's cluster."""
        if workers is None or workers.target is None:
            return None
        target = workers.target.id
        return next((one for one in self._clusters.all if (one.target, one.id) == (target, workers.cluster)), None)

    def _follow(self, session: Session) -> None:
        if session.id not in self._ties:
            on_run, on_state = partial(self._on_run, session), partial(self._on_state, session)
            self._ties[session.id] = (on_run, on_state)
            session.run_changed.connect(on_run)
            session.state_changed.connect(on_state)

    def _unfollow(self, session: Session) -> None:
        ties = self._ties.pop(session.id, None)
        if ties is not None:
            session.run_changed.disconnect(ties[0])
            session.state_changed.disconnect(ties[1])

    def _on_state(self, session: Session) -> None:
        """Processes of the language end with their kernel."""
        workers = self._workers.get(session.id)
        if workers is not None and workers.target is None and session.state in ("dead", "restarting"):
            self._drop(session)

    def _on_run(self, session: Session, run: Run) -> None:
        """The language's own workers are there once its code has run, and gone where it failed."""
        workers = self._workers.get(session.id)
        if workers is None or run.id != workers.run or not run.status.is_final:
            return
        if run.status is RunStatus.OK:
            workers.is_up = True
            self._note()
        else:
            self._drop(session)

    def _drop(self, session: Session) -> None:
        self._workers.pop(session.id, None)
        self._unfollow(session)
        self._note()

    def _on_session_removed(self, session: Session) -> None:
        """A console that was closed needs no workers."""
        workers = self._workers.get(session.id)
        state = self._state(workers)
        if state is not None:
            self._clusters.end(state, self._tell)
        if workers is not None:
            self._drop(session)

    def _on_clusters_changed(self) -> None:
        for session in self._program.kernels.sessions:
            workers = self._workers.get(session.id)
            if workers is None or not workers.cluster or workers.target is None:
                continue
            if self._state(workers) is not None:
                workers.was_seen = True
            elif workers.was_seen and workers.target.id not in self._clusters.troubles:
                self._drop(session)
                text = f"The workers of “{session.name}” on {workers.target.name} have ended."
                self._program.notices.add(Notice(text, "info", key=f"workers:{session.id}"))
        self._note()

    def _on_active_changed(self, _session: Session | None) -> None:
        self._note()

    def _look_soon(self) -> None:
        """While workers come or go, sooner than by the clock of all clusters."""
        if self._soon is None:
            self._soon = self._program.ui.after(LOOK_S, self._look)

    def _look(self) -> None:
        self._soon = None
        self._clusters.look({one.target.id for one in self._workers.values() if one.target is not None and one.cluster})
        if any(self._is_on_its_way(one) for one in self._workers.values()):
            self._look_soon()

    def _is_on_its_way(self, workers: _Workers) -> bool:
        if workers.target is None or not workers.cluster or workers.target.id in self._clusters.troubles:
            return False
        state, scale = self._state(workers), workers.scale
        return state is None or (not scale.maximum and state.workers != scale.workers)

    def _note(self) -> None:
        """Tell commands and status bar what the console in use has."""
        session = self._program.active.session
        language = self._program.languages.language(session.language) if session is not None else None
        workers = self._workers.get(session.id) if session is not None else None
        state = self._state(workers)
        context = self._program.context
        context.set(CAN_SCALE, language is not None and language.scaling() is not None)
        context.set(HAS_WORKERS, workers is not None)
        context.set(HAS_CLUSTER, state is not None)
        context.set(HAS_DASHBOARD, state is not None and bool(state.dashboard))
        bar = self._program.shell.window.status_bar
        if workers is None:
            bar.set_workers("")
        elif (workers.target is not None and state is None) or (workers.target is None and not workers.is_up):
            bar.set_workers("starting workers", "Workers for this console are being started", is_starting=True)
        else:
            where = workers.target.name if workers.target is not None else "this computer"
            bar.set_workers(_count(workers, state), f"Workers of this console, on {where}. Click to scale or end them.")

    def _tell(self, error: Exception) -> None:
        if isinstance(error, FourpaneError):
            self._program.notices.add_error(error)
            return
        told = DeployError("The console was not scaled.", f"{type(error).__name__}: {error}")
        told.__cause__ = error
        self._program.notices.add_error(told)


def _usual() -> int:
    return min(USUAL, os.cpu_count() or 1)


def _count(workers: _Workers, state: ClusterState | None) -> str:
    """ "4 workers", "2 of 4 workers" while they come, "2 workers (0 to 8)"."""
    scale = workers.scale
    there = state.workers if state is not None else scale.workers
    word = "worker" if (there if scale.maximum else scale.workers) == 1 else "workers"
    if scale.maximum:
        return f"{there} {word} ({scale.minimum} to {scale.maximum})"
    return f"{there} {word}" if there >= scale.workers else f"{there} of {scale.workers} {word}"


def _where(spec: TargetSpec, about: str, cores: int) -> Where:
    is_here = spec.kind == LOCAL_KIND
    notes = [about]
    if is_here:
        notes.append("They are of this console's own environment, and end with its kernel.")
    if spec.price_per_worker_hour:
        notes.append(f"{money(spec.price_per_worker_hour, spec.currency)} per worker and hour.")
    return Where(spec.id, spec.name, " ".join(notes), cores if is_here else 0)
