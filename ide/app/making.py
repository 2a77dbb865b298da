"""Creates, copies, renames, deletes, repairs and locks environments for the user: dialogs, pool, and what follows.

Owns the dialogs. The work is `ide.environments.making`'s, in pool threads; the window stays usable meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QFile, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from ide import __version__
from ide.app.launching import Launching
from ide.app.making_commands import add_commands
from ide.commands.registry import Commands
from ide.core.environment import Environment, Health
from ide.core.errors import CommandError, FourpaneError, PackageError
from ide.core.ports import Cancel
from ide.environments.environments import Environments
from ide.environments.network import Network
from ide.kernels.active import ActiveSession
from ide.kernels.kernels import Kernels
from ide.qt.icons import Icons
from ide.qt.tasks import Task, Tasks
from ide.qt.theme import Theme
from ide.shell.notices import Notices
from ide.widgets.notices import Notice

if TYPE_CHECKING:
    from ide.core.package_lock import Difference, PackageLock
    from ide.environments.making.maker import Maker
    from ide.environments.making.wish import Wish
    from ide.environments.packages.policies import PolicyPlaces
    from ide.kernels.session import Session
    from ide.shell.create_dialog import CreateDialog
    from ide.shell.work_view import WorkDialog

T = TypeVar("T")

SHOWN_DIFFERENCES = 5


class Making:
    """Handlers of `ide.app.making_commands`. UI thread."""

    def __init__(
        self,
        window: QWidget,
        commands: Commands,
        environments: Environments,
        launching: Launching,
        kernels: Kernels,
        active: ActiveSession,
        notices: Notices,
        tasks: Tasks,
        theme: Theme,
        icons: Icons,
        *,
        own_folder: Path,
        made_folder: Path,
        project: Callable[[], Path | None],
        network: Callable[[], Network],
        policy_places: Callable[[], PolicyPlaces],
        language_name: Callable[[str], str],
    ) -> None:
        """`own_folder` is where uv and conda keep what is theirs, `made_folder` where environments lie."""
        self._window = window
        self._environments = environments
        self._launching = launching
        self._kernels = kernels
        self._active = active
        self._notices = notices
        self._tasks = tasks
        self._theme = theme
        self._icons = icons
        self._own_folder = own_folder
        self._made_folder = made_folder
        self._project = project
        self._network = network
        self._policy_places = policy_places
        self._language_name = language_name
        self._wanted: Path | None = None
        self._offered: set[str] = set()
        self._when_gone: tuple[set[str], Callable[[], None]] = (set(), lambda: None)
        """Ids of the consoles that are ending, and what is done after the last."""
        self.dialog: CreateDialog | None = None
        """The dialog that creates, while it is open."""
        self.work: WorkDialog | None = None
        """The dialog of other long work, while it is open."""
        add_commands(commands, self)
        environments.changed.connect(self._on_environments_changed)
        kernels.session_added.connect(self._on_session_added)
        kernels.session_removed.connect(self._on_session_removed)

    # --- creating ----------------------------------------------------------------------------------------------------

    def create(
        self, language: str = "", source: str = "", in_project: bool = False, packages: Sequence[str] = ()
    ) -> None:
        """Open the dialog, beginning with a language, a file that says what goes in, the project as the place, or
        packages on top of the first template's.
        """
        from ide.environments.making.versions import offers_here
        from ide.environments.making.wish import languages, templates
        from ide.shell.create_dialog import CreateDialog, CreateOffers

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        offered = languages()
        offers = CreateOffers(
            {one.id: self._language_name(one.id) for one in offered},
            {one.id: one.way for one in offered},
            {one.id: offers_here(one, self._environments.all) for one in offered},
            templates(),
            self._made_folder,
            self._project(),
        )
        dialog = CreateDialog(offers, self._theme, self._icons, self._window, free_name=self._free_name)
        dialog.asked.connect(self._on_asked)
        dialog.finished.connect(self._on_dialog_finished)
        dialog.choose(
            language=language,
            source=Path(source) if source else None,
            in_project=in_project,
            packages=packages,
        )
        self.dialog = dialog
        dialog.show()
        self._ask_versions()

    def set_up(self, language: str) -> None:
        """The dialog with the first template of a language, its making begun: one button from nothing to a prompt."""
        self.create(language)
        if self.dialog is not None and self.dialog.confirm.isEnabled():
            self.dialog.confirm.click()

    def wish(
        self, name: str, packages: Sequence[str], language: str, version: str, source: Path | None, place: Path | None
    ) -> Wish:
        """A wish as the dialog would make it, for scripts. Raises CommandError for a language that cannot be made."""
        from ide.environments.making.versions import offers_here, short
        from ide.environments.making.wish import Wish, language_offer

        offer = language_offer(language)
        if offer is None:
            raise CommandError(f"No environment can be made for {language}.")
        versions = offers_here(offer, self._environments.all)
        chosen = next((one for one in versions if not version or short(one.version) == short(version)), None)
        return Wish(
            place or self._made_folder / name,
            language,
            offer.way,
            chosen.version if chosen is not None else version,
            chosen.program if chosen is not None else None,
            tuple(packages),
            source,
        )

    def make(self, wish: Wish, done: Callable[[Path], None], failed: Callable[[Exception], None]) -> Task:
        """Make an environment in the pool; `done` gets the program that runs its language."""
        maker = self.maker()
        return self._tasks.submit(lambda task: maker().make(wish, task), done, failed, title=f"Making “{wish.name}”")

    def _ask_versions(self) -> None:
        """What this uv can fetch replaces what was offered by default."""
        from ide.core.record import replace
        from ide.environments.making.versions import fetchable, offers_here
        from ide.environments.making.wish import languages

        maker = self.maker()

        def on_done(versions: tuple[str, ...]) -> None:
            for one in languages():
                if self.dialog is not None and versions and one.way == "uv":
                    offer = replace(one, versions=versions)
                    self.dialog.set_versions(one.id, offers_here(offer, self._environments.all))

        self._tasks.submit(lambda task: fetchable(maker().uv, task), on_done, _ignore)

    def _on_asked(self, wish: Wish) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        dialog.begin(f"Making “{wish.name}”")

        def on_done(program: Path) -> None:
            if self.dialog is dialog:
                dialog.end()
            self.use(program)

        def on_failed(error: Exception) -> None:
            if self.dialog is dialog:
                dialog.show_failure(_told(error, f"“{wish.name}” could not be made."))

        task = self.make(wish, on_done, on_failed)
        task.progressed.connect(dialog.show_step)
        dialog.cancelled.connect(task.cancel)

    def _on_dialog_finished(self) -> None:
        self.dialog = None

    def _free_name(self, wish: str) -> str:
        """`wish`, with a number where something of that name is there."""
        names = (f"{wish}-{number}" if number > 1 else wish for number in range(1, 1000))
        return next(name for name in names if not (self._made_folder / name).exists())

    # --- using what was made -----------------------------------------------------------------------------------------

    def use(self, program: Path) -> None:
        """Open a console in a new environment, as soon as it is in the list."""
        self._wanted = program
        self._launching.look_for_more()

    def _on_environments_changed(self) -> None:
        program = self._wanted
        if program is None:
            return
        found = self._environments.find(program)
        if self._environments.is_refreshing and (found is None or found.health is Health.BROKEN):
            return  # the look round has not come to it: what is listed is how it was before
        if found is None:
            try:
                found = self._environments.add(program)
            except FourpaneError as error:
                self._wanted = None
                self._notices.add_error(error)
        if found is not None:
            self._wanted = None
            self._launching.choose(found)

    def _on_session_added(self, session: Session) -> None:
        """A Python that runs by the copy beside it can have its own: offered once for each, in the quiet list."""
        environment = session.launch.environment
        if self._environments.side_folder(environment) is None or environment.id in self._offered:
            return
        self._offered.add(environment.id)
        self._notices.add(
            Notice(
                f"“{environment.name}” has no ipykernel, which runs code.\n"
                "It runs by a copy that lies beside it; nothing in it was changed.",
                action="environment.install_kernel",
                action_title="Install ipykernel into it (about a second)",
                action_arguments={"environment": environment.id},
                key=f"side:{environment.id}",
            )
        )

    # --- copies, names, the bin --------------------------------------------------------------------------------------

    def duplicate(self, environment: str = "", name: str = "") -> None:
        """Make a copy under a name, which is asked for where it is not told."""
        chosen = self._environment(environment)
        if not name:
            words = f"A copy of “{chosen.name}” with exactly the same packages."
            suggestion = self._free_name(f"{chosen.name}-copy")
            again = partial(self.duplicate, chosen.id)
            self._ask_name("Duplicate environment", words, suggestion, "Duplicate", again)
            return
        place = self._made_folder / name
        self._run(f"Copying “{chosen.name}”", lambda maker, task: maker.copy(chosen, place, task), self.use)

    def rename(self, environment: str = "", name: str = "", ends_sessions: bool = False) -> None:
        """Give an environment another name, which is asked for where it is not told."""
        chosen = self._environment(environment)
        if not self._is_free(chosen, "rename", "Rename", ends_sessions, {"name": name}):
            return
        if not name:
            words = f"“{chosen.name}” is made anew under the other name; the old one goes to the bin."
            again = partial(self.rename, chosen.id, ends_sessions=True)
            self._ask_name("Rename environment", words, chosen.name, "Rename", again)
            return
        place = (chosen.interpreter or Path()).parent.parent.with_name(name)
        self._run(f"Renaming “{chosen.name}”", lambda maker, task: maker.rename(chosen, place, task), self.use)

    def delete(self, environment: str = "", ends_sessions: bool = False) -> None:
        """Move an environment to the bin; consoles in it are ended after asking."""
        chosen = self._environment(environment)
        if not self._is_free(chosen, "delete", "Delete", ends_sessions, {}):
            return

        def on_done(_: None) -> None:
            self._notices.add(Notice(f"“{chosen.name}” is in the bin.", "done"))
            self._launching.look_for_more()

        self._run(f"Moving “{chosen.name}” to the bin", lambda maker, _task: maker.remove(chosen), on_done)

    def export(self, environment: str = "", path: str = "") -> None:
        """Write what is installed into a file, which is asked for where it is not told."""
        chosen = self._environment(environment)
        if not path:
            kinds = {".txt": "Requirements (*.txt)", ".yml": "conda environment (*.yml)"}
            ending = ".yml" if chosen.kind == "conda" else ".txt"
            name = "environment.yml" if chosen.kind == "conda" else "requirements.txt"
            suggestion = str((self._project() or Path.home()) / name)
            path, kind = QFileDialog.getSaveFileName(
                self._window, "Export environment", suggestion, ";;".join(kinds.values()), kinds[ending]
            )
            if not path:
                return
            if not Path(path).suffix:
                path += next((end for end, words in kinds.items() if words == kind), ending)
        self._run(
            f"Exporting “{chosen.name}”",
            lambda maker, _task: maker.export(chosen, Path(path)),
            lambda written: self._told_file(f"“{chosen.name}” is exported.", written),
        )

    def repair(self, environment: str = "", base: str = "", ends_sessions: bool = False) -> None:
        """Make a broken environment anew with the packages that it lists, on `base` or a Python of the same version."""
        from ide.environments.making.python import python_version
        from ide.environments.making.versions import offers_here, short
        from ide.environments.making.wish import language_offer

        chosen = self._environment(environment)
        if not self._is_free(chosen, "repair", "Repair", ends_sessions, {"base": base}):
            return
        version = short(chosen.version) or python_version((chosen.interpreter or Path()).parent.parent)
        offer = language_offer(chosen.language)
        here = offers_here(offer, self._environments.all) if offer is not None else ()
        same = next((one.program for one in here if one.program and short(one.version) == version), None)
        program = Path(base) if base else same

        def on_done(repaired: object) -> None:
            changed = getattr(repaired, "changed", ())
            more = f"\nOther versions than before: {', '.join(changed)}." if changed else ""
            self._notices.add(Notice(f"“{chosen.name}” is repaired.{more}", "done"))
            self.use(Path(str(getattr(repaired, "python", ""))))

        self._run(
            f"Repairing “{chosen.name}”", lambda maker, task: maker.repair(chosen, program, version, task), on_done
        )

    def install_kernel_from(self, environment: str = "") -> None:
        """The same, from a folder that is asked for."""
        chosen = self._environment(environment)
        if (folder := self._ask_folder("Choose a folder of wheels, or of R packages")) is not None:
            self.install_kernel(chosen.id, str(folder))

    def install_kernel(self, environment: str = "", folder: str = "") -> None:
        """Put into an environment what runs its code; from a folder of wheels or R packages where one is named."""
        from ide.core.record import replace

        chosen = self._environment(environment)
        network = self._network()
        if folder:
            network = replace(network, wheel_folder=Path(folder), r_repository=Path(folder).absolute().as_uri())

        def on_done(_: None) -> None:
            self._notices.add(Notice(f"“{chosen.name}” has what runs its code.", "done"))
            if chosen.health is Health.READY:
                self._launching.look_for_more()
            elif chosen.interpreter is not None:
                self.use(chosen.interpreter)

        self._run(
            f"Installing into “{chosen.name}”", lambda maker, task: maker.install_kernel(chosen, task), on_done, network
        )

    # --- locks -------------------------------------------------------------------------------------------------------

    def lock(self, environment: str = "", folder: str = "") -> None:
        """Write lock and bill of materials into a folder, the project's where none is named."""
        chosen = self._environment(environment)
        target = Path(folder) if folder else self._project() or self._ask_folder("Choose where the lock is written")
        if target is None:
            return

        def on_done(answer: tuple[PackageLock, tuple[Path, ...]]) -> None:
            lock, paths = answer
            count = len(lock.packages)
            lines = [f"“{chosen.name}” is locked: {count} package{'s' if count != 1 else ''}."]
            lines.append(f"Written: {', '.join(path.name for path in paths)}.")
            if lock.left_out:
                lines.append(f"Not in it: {', '.join(f'{one.name} ({one.reason})' for one in lock.left_out[:3])}")
            arguments: dict[str, object] = {"path": str(paths[0])}
            self._notices.add(Notice("\n".join(lines), "done", "file.open", "Show it", arguments, key="lock"))

        self._run(f"Locking “{chosen.name}”", lambda maker, task: maker.lock(chosen, target, task), on_done)

    def compare(self, environment: str = "", lock: str = "") -> None:
        """Tell how an environment differs from a lock, the project's where none is named."""
        chosen = self._environment(environment)
        path = self._lock_path(lock)

        def on_done(found: tuple[Difference, ...]) -> None:
            if not found:
                self._notices.add(Notice(f"“{chosen.name}” matches {path.name}.", "done", key="lock"))
                return
            shown = "; ".join(one.words for one in found[:SHOWN_DIFFERENCES])
            more = f"; and {len(found) - SHOWN_DIFFERENCES} more" if len(found) > SHOWN_DIFFERENCES else ""
            text = f"“{chosen.name}” does not match {path.name}.\n{shown}{more}."
            details = "\n".join(one.words for one in found)
            arguments: dict[str, object] = {"environment": chosen.id, "lock": str(path)}
            self._notices.add(
                Notice(
                    text, "warning", "environment.reset", "Reset to the lock", arguments, details=details, key="lock"
                )
            )

        self._run(f"Comparing “{chosen.name}”", lambda maker, _task: maker.compare(chosen, path), on_done)

    def reset(self, environment: str = "", lock: str = "", ends_sessions: bool = False) -> None:
        """Make an environment hold exactly what a lock says, the project's where none is named."""
        chosen = self._environment(environment)
        path = self._lock_path(lock)
        if not self._is_free(chosen, "reset", "Reset", ends_sessions, {"lock": lock}):
            return
        self._run(f"Resetting “{chosen.name}”", lambda maker, task: maker.reset(chosen, path, task), self.use)

    def _lock_path(self, lock: str) -> Path:
        from ide.environments.making.lock import find_lock

        project = self._project()
        found = Path(lock) if lock else find_lock(project) if project is not None else None
        if found is None:
            raise CommandError(
                "There is no lock here.",
                "A lock is a file in the project's folder, such as pylock.toml.",
                "Open the folder that has one, or write one.",
                action="environment.lock",
                action_title="Lock environment",
            )
        return found

    # --- inside ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close what is open; what runs ends with the pool."""
        self._environments.changed.disconnect(self._on_environments_changed)
        self._kernels.session_added.disconnect(self._on_session_added)
        self._kernels.session_removed.disconnect(self._on_session_removed)
        for dialog in (self.dialog, self.work):
            if dialog is not None:
                dialog.reject()

    def maker(self, network: Network | None = None) -> Callable[[], Maker]:
        """What makes one in the pool thread: importing it here would hold up the window."""
        chosen, places, machine = network or self._network(), self._policy_places(), self._environments.machine
        folder = self._own_folder

        def make() -> Maker:
            from ide.environments.making.maker import Maker
            from ide.environments.uv import Uv

            return Maker(Uv(folder, chosen), machine, places, _to_bin, __version__)

        return make

    def _environment(self, id: str) -> Environment:
        if not id and self._active.session is not None:
            return self._active.session.launch.environment
        found = self._environments.find(id)
        if found is None:
            raise CommandError("There is no such environment.", "", "Choose one of the list.")
        return found

    def _is_free(
        self, chosen: Environment, act: str, title: str, ends_sessions: bool, arguments: dict[str, object]
    ) -> bool:
        """Whether no console runs in it; else the user is asked, or they are ended and `act` is done once they have."""
        running = [
            one for one in self._kernels.sessions if one.launch.environment.id == chosen.id and one.state != "dead"
        ]
        in_use = f"in-use:{chosen.id}"
        self._notices.remove(in_use)
        if running and not ends_sessions:
            many = f"{len(running)} consoles run" if len(running) > 1 else "A console runs"
            self._notices.add(
                Notice(
                    f"{many} in “{chosen.name}”.\nEnding a console loses its variables.",
                    "warning",
                    f"environment.{act}",
                    f"End and {title.lower()}",
                    {**arguments, "environment": chosen.id, "ends_sessions": True},
                    key=in_use,
                )
            )
            return False
        self._kernels.leave(chosen.id)
        if running:
            self._when_gone = (
                {one.id for one in running},
                partial(getattr(self, act), **arguments, environment=chosen.id, ends_sessions=True),
            )
        for session in running:
            session.shut_down()
        return not running

    def _on_session_removed(self, session: Session) -> None:
        """What waited for the last of the ended consoles goes on: one that ends is not to run what comes next."""
        waiting, act = self._when_gone
        if session.id in waiting:
            waiting.remove(session.id)
            if not waiting:
                try:
                    act()
                except FourpaneError as error:
                    self._notices.add_error(error)

    def _ask_name(self, title: str, words: str, name: str, button: str, then: Callable[[str], None]) -> None:
        from ide.environments.making.wish import name_problem, place_problem
        from ide.shell.name_dialog import NameDialog

        def problem_of(wanted: str) -> str:
            return name_problem(wanted) or place_problem(self._made_folder / wanted)

        dialog = NameDialog(title, words, name, button, problem_of, self._theme, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.named.connect(then)
        dialog.show()

    def _ask_folder(self, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self._window, title, str(Path.home()))
        return Path(chosen) if chosen else None

    def _run(
        self,
        title: str,
        work: Callable[[Maker, Task], T],
        done: Callable[[T], None],
        network: Network | None = None,
    ) -> None:
        """Do long work with its dialog: steps, cancel, failure, again."""
        from ide.shell.work_view import WorkDialog

        if self.work is not None:
            raise CommandError(f"“{self.work.windowTitle()}” is not over yet.", "", "Wait for its end, or cancel it.")
        dialog = WorkDialog(title, self._theme, self._icons, self._window)
        self.work = dialog
        cancels: list[Cancel] = []

        def on_done(value: T) -> None:
            dialog.end()
            done(value)

        def on_failed(error: Exception) -> None:
            dialog.show_failure(_told(error, f"{title}: this was not done."))

        def start() -> None:
            maker = self.maker(network)
            task = self._tasks.submit(lambda task: work(maker(), task), on_done, on_failed, title=title)
            task.progressed.connect(dialog.view.show_step)
            cancels[:] = [task.cancel]

        def cancel() -> None:
            for each in cancels:
                each()

        dialog.cancelled.connect(cancel)
        dialog.retried.connect(start)
        dialog.finished.connect(self._on_work_finished)
        dialog.show()
        start()

    def _on_work_finished(self) -> None:
        self.work = None

    def _told_file(self, words: str, path: Path) -> None:
        arguments: dict[str, object] = {"path": str(path)}
        self._notices.add(Notice(f"{words}\n{path}", "done", "file.open", "Show it", arguments))


def _to_bin(path: Path) -> None:
    """Any thread: Qt's own is a static function."""
    if not QFile.moveToTrash(str(path)):
        raise PackageError(
            f"“{path.name}” was not moved to the bin.",
            "The system has no bin here, or the folder may not be changed. It was not deleted.",
            f"Delete {path} in the system's file window.",
        )


def _told(error: Exception, happened: str) -> FourpaneError:
    if isinstance(error, FourpaneError):
        return error
    told = PackageError(happened, f"{type(error).__name__}: {error}", "Try again.")
    told.__cause__ = error
    return told


def _ignore(_error: Exception) -> None:
    """What was offered by default stays."""
