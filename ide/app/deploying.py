"""Ties a script to a target: looks before anything is sent, shows the sheet, hands the job over, takes results in.

What is looked at is `ide.deploy`; the pane is `ide.panes.jobs`; the way to targets is a `Door`. UI thread.
"""

from __future__ import annotations

import base64
import getpass
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from ide.app.deploy_commands import HAS_LATEST, HAS_SHEET, add_commands
from ide.app.locked import cluster_needs, lock_source
from ide.app.scaling import ConsoleScaling
from ide.core.deploy import Artefact, ClusterState, Concern, JobOutcome, JobRequest, JobState, TargetSpec, TargetStatus
from ide.core.environment import Environment
from ide.core.errors import CommandError, DeployError, FourpaneError
from ide.core.outputs import Display
from ide.core.policy import PolicyVerdict
from ide.core.runs import CodeSource, Run
from ide.core.target import Target
from ide.core.text import Place
from ide.deploy.checking import CHECK_LIMIT_S, Sources, check
from ide.deploy.clusters import Clusters
from ide.deploy.cost import money
from ide.deploy.deployments import Deployments
from ide.deploy.dirty import Dirty, dirty_of
from ide.deploy.history import History
from ide.deploy.key_store import KeyStore
from ide.deploy.preflight import Locked, Preflight, concerns, is_clear, key_of
from ide.deploy.preparing import prepare, run_again
from ide.deploy.record import RunRecord
from ide.deploy.results import ending
from ide.deploy.targets import Door, TargetStore
from ide.deploy.wishes import Wish, WishBook
from ide.panes.jobs.pane import JobsPane, JobsServices
from ide.shell.deploy_sheet import ACCEPT, DeploySheet
from ide.shell.targets_dialog import TargetsDialog
from ide.widgets.notices import Notice

if TYPE_CHECKING:
    from ide.app.program import Program
    from ide.qt.tasks import Task

PICTURES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
MOST_PICTURES, MOST_TABLES = 20, 3
"""Of one job, that come by themselves; the rest is in the list of its results."""
TABLES: Final = frozenset((".csv", ".tsv", ".parquet", ".feather", ".arrow"))
PICTURE_LIMIT_BYTES: Final = 20_000_000
EXAMPLES: Final = (("deploy.start", "Deploy the script in front"),)


class Deploying:
    """`deployments`, `targets`, `scaling` and `pane` are for scripts too."""

    def __init__(self, program: Program, door: Door) -> None:
        self._program = program
        self._door = door
        state = program.started.paths.state_folder
        self._folder = state / "jobs"
        kinds = [one.id for one in door.kinds()]
        self.targets = TargetStore(state / "targets.json", kinds, program.tasks.run)
        self.wishes = WishBook(state / "deploys.json", program.tasks.run)
        self.deployments = Deployments(self._folder, program.ui.post, self._open)
        self.dialog: DeploySheet | None = None
        """The sheet, while it is open."""
        self.targets_dialog: TargetsDialog | None = None
        self._secrets: dict[str, str] = {}
        self._target_secrets: dict[str, dict[str, str]] = {}
        self._keys = KeyStore()
        self._looked_up: set[str] = set()
        self._looking_up = threading.Lock()
        self._wanted_secrets: list[str] = []
        self._busy: set[str] = set()
        self.question: QMessageBox | None = None
        """Asked before the window closes, while it is open."""
        self._may_close = False
        self._ending: set[str] = set()
        self._status: dict[str, TargetStatus] = {}
        self._checked: tuple[Wish, Preflight] | None = None
        self._task: Task | None = None
        self._answers: tuple[Callable[[str], None], Callable[[Exception], None]] | None = None
        add_commands(program.commands, self)
        services = JobsServices(
            self._open_result,
            lambda path, line: program.editor.open(path, Place(line)),
            lambda path: _ignore(QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))),
            self._run_again,
            lambda link: _ignore(QDesktopServices.openUrl(QUrl(link))),
            self.targets.find,
            lambda: program.project.folder,
        )
        program.shell.window.hold_close = self._hold_close
        self.clusters = Clusters(program.ui.post, program.ui.after, self._open, self._busy_targets)
        self.scaling = ConsoleScaling(program, door, self.targets, self.clusters, services.open_dashboard)
        services = replace(services, console_of=self.scaling.console_of)
        self.pane = JobsPane(
            self.deployments, self.clusters, services, program.commands, program.actions, program.theme, program.icons,
            program.ui.after, program.tasks.run, examples=EXAMPLES, frame=program.later.frames["jobs"].widget,
        )  # fmt: skip
        self.deployments.finished.connect(self._on_finished)
        if self.targets.problem:
            program.notices.add(Notice(self.targets.problem, "warning"))
        self.clusters.changed.connect(self._on_clusters_changed)
        self.deployments.changed.connect(self._on_jobs_changed)
        self.deployments.attach()
        self._note()

    def close(self) -> None:
        """Follow nothing any more; jobs go on."""
        if self._task is not None:
            self._task.cancel()
        self._program.shell.window.hold_close = lambda: False
        for dialog in (self.question, self.targets_dialog, self.dialog):
            if dialog is not None:
                dialog.reject()
        self.scaling.close()
        self.clusters.close()
        self.deployments.close()
        self._door.close()

    # --- commands ----------------------------------------------------------------------------------------------------

    def start(self, path: str = "") -> None:
        """Deploy a script (the one in front): by one click where it was deployed before and nothing is against it."""
        wish = self._wish_of(path)
        is_known = self.wishes.find(wish.folder, wish.entry) is not None
        self._begin(wish, shows=not is_known)

    def sheet(self, path: str = "") -> None:
        """Show what would be sent, where and with how much."""
        self._begin(self._wish_of(path), shows=True)

    def send(self, path: Path, target: str, done: Callable[[str], None], failed: Callable[[Exception], None]) -> None:
        """For scripts: no sheet; `done` gets the job's id, `failed` what is against it."""
        wish = self._wish_of(str(path))
        if target:
            wish = replace(wish, target=self.targets.named(target).id)
        self._answers = (done, failed)
        self._begin(wish, shows=False)

    def again(self) -> None:
        """Deploy what was deployed last, as it is now."""
        latest = self.wishes.latest
        if latest is None:
            raise CommandError("Nothing was deployed yet.")
        self._begin(latest, shows=False)

    def show_jobs(self) -> None:
        """The keyboard goes to the jobs."""
        self._program.shell.window.docks.focus("jobs")

    def exclude_file(self, file: str = "") -> None:
        """Send all but this file."""
        wish = self._sheet().wish
        included = tuple(one for one in wish.included if one != file)
        self._look(replace(wish, excluded=(*wish.excluded, file), included=included))

    def include_file(self, file: str = "") -> None:
        """Send this file although it would stay."""
        wish = self._sheet().wish
        excluded = tuple(one for one in wish.excluded if one != file)
        self._look(replace(wish, included=(*wish.included, file), excluded=excluded))

    def accept(self, concern: str = "") -> None:
        """The user takes a concern, by its key, upon himself."""
        wish = self._sheet().wish
        self._look(replace(wish, accepted=(*wish.accepted, concern)))

    def name_secret(self, name: str = "") -> None:
        """The keyboard goes to where the value is typed."""
        line = self._sheet().secrets.get(name)
        if line is not None:
            line.setFocus()

    def edit_resources(self) -> None:
        """The keyboard goes to what is asked for."""
        self._sheet().workers.setFocus()

    def edit_target(self) -> None:
        """Show the form of the deploy's target; when it is saved, all is looked at anew."""
        self._edit_targets(self._sheet().wish.target)

    def edit_targets(self) -> None:
        """Show where scripts can be deployed to."""
        self._edit_targets("")

    def lock(self) -> None:
        """Lock the environment of the script's language into the project, then look anew."""
        wish = self._sheet().wish
        environment = self._environment_of(wish)
        if environment is None:
            raise CommandError("There is no environment to lock.", "", "Choose one for this language first.")
        maker, folder = self._program.making.maker(), Path(wish.folder)

        def done(_written: object) -> None:
            if self.dialog is not None:
                self._look(self.dialog.wish)

        def failed(error: Exception) -> None:
            self._tell(error)
            done(None)

        self._sheet().show_step(f"Locking “{environment.name}”")
        self._task = self._program.tasks.submit(
            lambda task: maker().lock(environment, folder, task), done, failed, title=f"Locking “{environment.name}”"
        )
        self._task.progressed.connect(self._on_step)

    # --- targets -----------------------------------------------------------------------------------------------------

    def _edit_targets(self, chosen: str) -> None:
        if self.targets_dialog is not None:
            self.targets_dialog.reject()
        program = self._program
        parent = self.dialog if self.dialog is not None else program.shell.window
        dialog = TargetsDialog(self.targets.specs, self._door.kinds(), program.theme, program.icons, parent)
        dialog.saved.connect(self._on_target_saved)
        dialog.removed.connect(self._on_target_removed)
        dialog.test_asked.connect(self._on_test_asked)
        dialog.finished.connect(self._on_targets_closed)
        self.targets_dialog = dialog
        dialog.choose(chosen)
        dialog.show()

    def _on_target_saved(self, spec: TargetSpec, secrets: Mapping[str, str]) -> None:
        self._target_secrets.setdefault(spec.id, {}).update(secrets)
        self._status.pop(spec.id, None)
        self.targets.put(spec, self._tell)
        self._show_targets()
        if secrets:
            self._program.tasks.run(partial(self._keys.keep, spec.id, dict(secrets)), self._on_kept, self._tell)

    def _on_kept(self, is_kept: bool) -> None:
        if self.targets_dialog is not None:
            self.targets_dialog.show_kept(is_kept)

    def _on_target_removed(self, id: str) -> None:
        self._target_secrets.pop(id, None)
        gone = self.targets.find(id)
        if gone is not None and gone.secrets:
            self._program.tasks.run(partial(self._keys.forget, id, gone.secrets), _ignore, self._tell)
        self.targets.remove(id, self._tell)
        self._show_targets()

    def _show_targets(self) -> None:
        """The open sheet offers what there is now."""
        if self.dialog is None or not self.targets.specs:
            return
        wish = self.dialog.wish
        if self.targets.find(wish.target) is None:
            wish = replace(wish, target=self.targets.specs[0].id)
        self.dialog.set_targets(self.targets.specs, wish.target)
        self._look(wish)

    def _on_test_asked(self, spec: TargetSpec, secrets: Mapping[str, str]) -> None:
        """Ask a target as it stands in the form, in the pool."""

        def ask() -> TargetStatus:
            target = self._door.open(spec, {**self._login(spec), **secrets})
            return target.check(CHECK_LIMIT_S)

        def done(status: TargetStatus) -> None:
            if self.targets_dialog is not None:
                self.targets_dialog.show_tested(status)

        def failed(error: Exception) -> None:
            if self.targets_dialog is not None:
                self.targets_dialog.show_problem(error.text if isinstance(error, FourpaneError) else str(error))

        if self.targets_dialog is not None:
            self.targets_dialog.show_testing(spec)
        self._program.tasks.submit(lambda _task: ask(), done, failed, title=f"Asking {spec.name}")

    def _on_targets_closed(self) -> None:
        self.targets_dialog = None

    # --- looking -----------------------------------------------------------------------------------------------------

    def _wish_of(self, path: str) -> Wish:
        document = self._program.documents.active
        file = Path(path) if path else document.path if document is not None else None
        if file is None:
            raise CommandError("There is no script to deploy.", "", "Save the text in front into a file first.")
        language = self._program.languages.id_of_path(file)
        if not language:
            raise CommandError(f"{file.name} is no script.", "", "Choose a file of Python or R.")
        project = self._program.project.folder
        folder = project if project is not None and file.is_relative_to(project) else file.parent
        entry = file.relative_to(folder).as_posix()
        return self.wishes.find(str(folder), entry) or Wish(str(folder), entry, language)

    def _begin(self, wish: Wish, *, shows: bool) -> None:
        if not self.targets.specs:
            raise CommandError("There is no target to deploy to.")
        self._status.clear()
        self._wanted_secrets = list(wish.secrets)
        if self.targets.find(wish.target) is None:
            wish, shows = replace(wish, target=self.targets.specs[0].id), True
        if self.dialog is not None:
            self.dialog.reject()
        if shows:
            self._show(wish)
        self._look(wish)

    def _show(self, wish: Wish) -> DeploySheet:
        program = self._program
        sheet = DeploySheet(wish, self.targets.specs, program.theme, program.icons, program.shell.window)
        sheet.wished.connect(self._look)
        sheet.secrets_given.connect(self._on_secrets)
        sheet.fix_asked.connect(self._on_fix)
        sheet.deploy_asked.connect(self._on_deploy)
        sheet.finished.connect(self._on_sheet_closed)
        self.dialog = sheet
        self._note()
        sheet.show()
        return sheet

    def _look(self, wish: Wish) -> None:
        """Look at everything in the pool; then send, or show what is against it."""
        if self._task is not None:
            self._task.cancel()
        self._checked = None
        program = self._program
        spec = self.targets.find(wish.target)
        assert spec is not None  # the sheet offers those alone, `_begin` looks
        languages = {suffix: program.languages.language(facts.id) for facts in program.started.extensions.languages()
                     for suffix in facts.suffixes}  # fmt: skip
        sources = Sources(languages.get, self._lock_source(wish), self._ask_status, Path.home(), cluster_needs)
        secrets = frozenset(self._secrets)
        folder = Path(wish.folder)
        unsaved = tuple(
            one.path.relative_to(folder).as_posix()
            for one in program.documents.all
            if one.path is not None and one.is_dirty and one.path.is_relative_to(folder)
        )
        name = program.languages.name(wish.language)

        def done(found: Preflight) -> None:
            self._task = None
            self._on_checked(wish, found)

        def failed(error: Exception) -> None:
            self._task = None
            if self.dialog is not None:
                self.dialog.reject()
            self._tell(error)

        if self.dialog is not None:
            self.dialog.show_step("Looking at the project")

        def look(task: Task) -> Preflight:
            self._door.prepare(task)
            return check(wish, spec, sources, task, language_name=name, secrets=secrets, unsaved=unsaved)

        self._task = program.tasks.submit(look, done, failed, title=f"Looking at {wish.title}")
        self._task.progressed.connect(self._on_step)

    def _lock_source(self, wish: Wish) -> Callable[[Wish], tuple[Locked, tuple[PolicyVerdict, ...]]]:
        return lock_source(self._program.making.maker(), self._environment_of(wish))

    def _environment_of(self, wish: Wish) -> Environment | None:
        """The one in which the script runs here: what was tried is what goes."""
        return self._program.launching.router.environment_of(wish.language, Path(wish.folder, wish.entry))

    def _ask_status(self, spec: TargetSpec) -> TargetStatus:
        """In the pool; once for each target while a sheet is open."""
        known = self._status.get(spec.id)
        if known is None:
            known = self._open(spec.id).check(CHECK_LIMIT_S)
            self._status[spec.id] = known
        return known

    def _on_step(self, step: str, _done: int, _total: int) -> None:
        if self.dialog is not None:
            self.dialog.show_step(step)

    def _on_checked(self, wish: Wish, found: Preflight) -> None:
        told = concerns(found, frozenset(wish.accepted))
        self._checked = (wish, found)
        if self.dialog is None and is_clear(told):
            self._send()
            return
        if self._answers is not None:
            first = told[0]
            self._tell(DeployError(first.happened, first.meaning, first.advice))
            return
        for one in told:
            name = _variable_of(found, one.file, one.line) if one.code == "secret_missing" else ""
            if name and name not in self._wanted_secrets:
                self._wanted_secrets.append(name)
        sheet = self.dialog or self._show(wish)
        sheet.show_checked(wish, found, told, self._wanted_secrets)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _on_deploy(self) -> None:
        sheet = self.dialog
        if sheet is None or self._checked is None or not sheet.confirm.isEnabled():
            return
        sheet.accept()
        self._send()

    def _send(self) -> None:
        """Bundle what was looked at and hand it over."""
        if self._checked is None:
            return
        wish, found = self._checked
        self._checked = None
        spec = self.targets.find(wish.target)
        assert spec is not None  # it was looked at a moment ago
        program, history = self._program, History(self._folder)
        secrets = {name: self._secrets[name] for name in self._wanted_secrets if name in self._secrets}
        is_trusted = program.started.trust.is_trusted(Path(wish.folder))

        def work() -> tuple[RunRecord, JobRequest]:
            dirty: Dirty = dirty_of(Path(wish.folder), dict(os.environ), is_trusted=is_trusted)
            return prepare(
                history, found, spec, secrets, title=wish.title, user=getpass.getuser(), arguments=wish.arguments,
                dirty=dirty,
            )  # fmt: skip

        def done(made: tuple[RunRecord, JobRequest]) -> None:
            self.wishes.keep(replace(wish, secrets=tuple(secrets)))
            self._hand_over(made)

        program.tasks.submit(lambda _task: work(), done, self._tell, title=f"Bundling {wish.title}")

    def _hand_over(self, made: tuple[RunRecord, JobRequest]) -> None:
        self.deployments.submit(*made)
        if self._answers is not None:
            self._answers[0](made[0].id)
            self._answers = None
        self._program.shell.window.docks.show("jobs")
        self.pane.show(made[0].id)
        self._note()

    def _run_again(self, run: RunRecord) -> None:
        """The very same once more; the bundle is copied in the pool."""
        history, secrets = History(self._folder), dict(self._secrets)
        self._program.tasks.submit(
            lambda _task: run_again(history, run, secrets), self._hand_over, self._tell, title=f"Repeating {run.title}"
        )

    def _on_fix(self, concern: Concern) -> None:
        arguments: dict[str, object] = {}
        if concern.fix in ("deploy.exclude_file", "deploy.include_file"):
            arguments = {"file": self._file_of(concern)}
        elif concern.fix == ACCEPT:
            arguments = {"concern": key_of(concern)}
        elif concern.fix == "deploy.name_secret" and self._checked is not None:
            arguments = {"name": _variable_of(self._checked[1], concern.file, concern.line)}
        self._program.commands.run(concern.fix, **arguments)
        if concern.fix == "file.save_all" and self.dialog is not None:
            self._look(self.dialog.wish)

    def _file_of(self, concern: Concern) -> str:
        """The file that a fix is about: of an input that stays, the input; else the one that is named."""
        if concern.code != "input_left_out" or self._checked is None:
            return concern.file
        wish, found = self._checked
        paths = (
            one.path.relative_to(wish.folder).as_posix()
            for one in found.examination.inputs
            if one.path is not None and (one.file, one.line) == (concern.file, concern.line)
        )
        return next(paths, concern.file)

    def _on_secrets(self, secrets: Mapping[str, str]) -> None:
        if any(self._secrets.get(name) != value for name, value in secrets.items()):
            self._secrets.update(secrets)
            self._look(self._sheet().wish)

    def _on_sheet_closed(self) -> None:
        self.dialog = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._note()

    def _hold_close(self) -> bool:
        """Ask before a window closes under which something is up that costs money."""
        paid = [one for one in self.clusters.all if self._price_per_hour(one)]
        if not paid or self._may_close:
            return False
        if self.question is None:
            sums: dict[str, float] = {}
            for one in paid:
                spec = self.targets.find(one.target)
                currency = spec.currency if spec is not None else ""
                sums[currency] = sums.get(currency, 0.0) + self._price_per_hour(one)
            cost = " and ".join(money(amount, currency) for currency, amount in sums.items())
            clusters = f"{len(paid)} clusters that cost" if len(paid) > 1 else "A cluster that costs"
            box = QMessageBox(
                QMessageBox.Icon.Warning, "Close Fourpane", f"{clusters} {cost} per hour {_are(len(paid))} up.",
                parent=self._program.shell.window,
            )  # fmt: skip
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.setInformativeText("Jobs and clusters go on when the window is closed; what is idle ends by itself.")
            box.addButton("Close, they go on", QMessageBox.ButtonRole.AcceptRole).clicked.connect(self._close_anyway)
            box.addButton("End them and close", QMessageBox.ButtonRole.DestructiveRole).clicked.connect(
                lambda: self._end_and_close(paid)
            )
            box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
            box.finished.connect(self._on_question_closed)
            self.question = box
            box.open()
        return True

    def _price_per_hour(self, one: ClusterState) -> float:
        spec = self.targets.find(one.target)
        return spec.price_per_worker_hour * one.workers if spec is not None else 0.0

    def _close_anyway(self) -> None:
        self._may_close = True
        self._program.shell.window.close()

    def _end_and_close(self, paid: Sequence[ClusterState]) -> None:
        """The window closes once none of them is up any more; where one can't be ended it stays, and says why."""
        self._ending = {one.id for one in paid}
        for one in paid:
            self.clusters.end(one, self._on_not_ended)

    def _on_not_ended(self, error: FourpaneError) -> None:
        self._ending = set()
        self._tell(error)

    def _on_clusters_changed(self) -> None:
        if self._ending and not self._ending & {one.id for one in self.clusters.all}:
            self._ending = set()
            self._close_anyway()

    def _on_question_closed(self) -> None:
        self.question = None

    def _busy_targets(self) -> tuple[str, ...]:
        return tuple({one.record.target for one in self.deployments.running})

    def _on_jobs_changed(self, _id: str) -> None:
        """Where jobs run clusters are up: looked at from the first one on, and once more when the last one ended."""
        busy = self._busy_targets()
        if set(busy) != self._busy:
            before, self._busy = self._busy, set(busy)
            self.clusters.look((*before, *busy))

    # --- what comes back ---------------------------------------------------------------------------------------------

    def _on_finished(self, job: str) -> None:
        """Say how it ended; figures go to Plots, tables into tabs."""
        record = self.deployments.jobs[job].record
        outcome = JobOutcome(record.state, record.exit_code, record.reason, record.error_file, record.error_line)
        words = f"{record.title} on {record.target_name}: {ending(outcome)}"
        if record.error_line and record.error_file:
            self.pane.model.select((job,))
            notice = Notice(words, "error", "job.go_to_error", "Go to the line", key=f"job:{job}")
        else:
            notice = Notice(
                words,
                "done" if record.state is JobState.SUCCEEDED else "error",
                "view.jobs",
                "Show jobs",
                key=f"job:{job}",
            )
        self._program.notices.add(notice)
        place = self.deployments.place(job)
        pictures = [one for one in record.outputs if Path(one.path).suffix.lower() in PICTURES][:MOST_PICTURES]
        self._show_pictures(record, place, pictures)
        tables = [one for one in record.outputs if Path(one.path).suffix.lower() in TABLES][:MOST_TABLES]
        for one in tables:
            self._show_table(place / one.path)

    def _show_table(self, path: Path) -> None:
        """In a tab of its own; what the user has in front stays there."""
        document = self._program.documents.active

        def done(_page: object, error: FourpaneError | None) -> None:
            if error is not None:
                self._tell(error)
            elif document is not None and document in self._program.documents.all:
                self._program.editor.show(document)

        self._program.tables.open_file(str(path), done=done)

    def _show_pictures(self, record: RunRecord, place: Path, pictures: list[Artefact]) -> None:
        if not pictures:
            return

        def read() -> tuple[Display, ...]:
            made = []
            for one in pictures:
                if one.size_bytes <= PICTURE_LIMIT_BYTES:
                    mime, data = PICTURES[Path(one.path).suffix.lower()], (place / one.path).read_bytes()
                    is_text = mime == "image/svg+xml"
                    made.append(Display({mime: data.decode("utf-8", "replace") if is_text else _base64(data)}))
            return tuple(made)

        def done(displays: tuple[Display, ...]) -> None:
            source = CodeSource(path=Path(record.project) / record.entry, title=record.title)
            run = Run(f"job-{record.id}", f"job-{record.id}", "", source)
            name = f"Job {record.title}"
            self._program.plots.model.take(run.session, run, displays, session_name=name, language=record.language)

        self._program.tasks.run(read, done, self._tell)

    def _open_result(self, path: Path, one: Artefact) -> None:
        """A result that the user chose: pictures to Plots, all else where the program opens files."""
        job = self.pane.model.job
        if job is not None and path.suffix.lower() in PICTURES:
            self._show_pictures(job.record, self.deployments.place(job.record.id), [one])
            self._program.shell.window.docks.show("plots")
        else:
            self._program.commands.run("file.open", path=str(path))

    # --- inside ------------------------------------------------------------------------------------------------------

    def _open(self, id: str) -> Target:
        """Any thread."""
        spec = self.targets.find(id)
        if spec is None:
            raise DeployError("The target of this job is not set up any more.", advice="Set it up again.")
        return self._door.open(spec, self._login(spec))

    def _login(self, spec: TargetSpec) -> dict[str, str]:
        """What was typed in this window, else what the key store has, which is asked once. Any thread; may block."""
        with self._looking_up:  # two threads at once must not make the system ask the user twice
            known = self._target_secrets.setdefault(spec.id, {})
            missing = [name for name in spec.secrets if name not in known]
            if missing and spec.id not in self._looked_up:
                self._looked_up.add(spec.id)
                for name, value in self._keys.read(spec.id, missing).items():
                    known.setdefault(name, value)
            return dict(known)

    def _sheet(self) -> DeploySheet:
        if self.dialog is None:
            raise CommandError("No deploy sheet is open.", "", "Choose Deploy with options first.")
        return self.dialog

    def _note(self) -> None:
        """Tell the commands what can be done now."""
        context = self._program.context
        context.set(HAS_LATEST, self.wishes.latest is not None)
        context.set(HAS_SHEET, self.dialog is not None)

    def _tell(self, error: Exception) -> None:
        if self._answers is not None:
            self._answers[1](error)
            self._answers = None
            return
        if isinstance(error, FourpaneError):
            self._program.notices.add_error(error)
            return
        told = DeployError("The script was not deployed.", f"{type(error).__name__}: {error}")
        told.__cause__ = error
        self._program.notices.add_error(told)


def _variable_of(found: Preflight, file: str, line: int) -> str:
    """The environment variable that is named at a place."""
    mentions = found.examination.mentions
    here = (one.mention for one in mentions if (one.file, one.mention.line) == (file, line))
    return next((one.text for one in here if one.kind == "variable"), "")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _are(count: int) -> str:
    return "are" if count > 1 else "is"


def _ignore(_what: object) -> None:
    """Nothing follows from it."""
