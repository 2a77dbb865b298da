"""State of the Packages pane: whose packages, which of them are shown, what is planned and what is under way. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ide.core.environment import Environment
from ide.core.errors import FourpaneError, PackageError
from ide.core.events import Signal
from ide.core.packages import Act, Changed, Installed, Package, Plan, package_key
from ide.core.policy import Standing
from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.environments.packages.names import NameCache, search
from ide.environments.packages.relations import needed_by
from ide.environments.packages.service import Packages
from ide.environments.uv import CancelledError

Kind = Literal["all", "direct", "outdated", "refused"]
KINDS: tuple[tuple[Kind, str], ...] = (
    ("all", "All"),
    ("direct", "Asked for"),
    ("outdated", "Newer version"),
    ("refused", "Not allowed"),
)
Column = Literal["name", "version", "newest", "licence", "size"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `newest` is "" where nothing newer is known."""

    package: Package
    newest: str = ""
    standing: Standing = Standing.ALLOWED


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of work under way; a `total` of 0 means that nobody knows how much there is."""

    step: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence above the list, with one command that helps."""

    text: str
    command: str = ""
    title: str = ""
    arguments: tuple[tuple[str, object], ...] = ()


class PackagesModel:
    """UI thread. Follows one environment."""

    changed = Signal()
    """Whatever is shown is another: environment, rows, plan."""
    progressed = Signal()
    """Only `progress` is another."""
    names_found = Signal(tuple)
    """Names for what is being typed."""
    failed = Signal(object)
    """FourpaneError"""
    finished = Signal(object)
    """Changed: a change came to its end."""

    def __init__(self, packages: Packages, names: NameCache, run_in_pool: RunInPool) -> None:
        self._packages = packages
        self._cache = names
        self._pool = run_in_pool
        self.environment: Environment | None = None
        self.installed: Installed | None = None
        self.plan: Plan | None = None
        self.progress: Progress | None = None
        self.kind: Kind = "all"
        self.text = ""
        self.selected = ""
        """Key of the package whose details are shown."""
        self.column: Column = "name"
        self.is_descending = False
        self.rows: tuple[Row, ...] = ()
        self.problem: FourpaneError | None = None
        self.remark: Remark | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._typed = ""
        self._is_awake = False
        packages.changed.connect(self._on_changed)
        packages.progressed.connect(self._on_progressed)

    def close(self) -> None:
        """Follow nothing any more."""
        self._packages.changed.disconnect(self._on_changed)
        self._packages.progressed.disconnect(self._on_progressed)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show(self, environment: Environment | None) -> None:
        """Follow another environment, or none. A plan for the former one is dropped."""
        is_other = environment is None or self.environment is None or environment.id != self.environment.id
        self.environment = environment
        if not is_other:
            return
        self.plan = self.problem = self.progress = self.remark = None
        self.selected = ""
        self.installed = self._packages.known(environment) if environment is not None else None
        self._arrange()
        if environment is not None and self._is_awake:
            self.refresh()

    def wake(self) -> None:
        """The pane is seen for the first time: from now on packages are listed without being asked for."""
        if not self._is_awake:
            self._is_awake = True
            self.refresh()

    def refresh(self) -> None:
        """List anew from the files."""
        environment = self.environment
        if environment is None:
            return

        def done(installed: Installed) -> None:
            if environment is self.environment:
                self.installed, self.problem = installed, None
                self._arrange()

        def failed(error: Exception) -> None:
            if environment is self.environment:
                self._fail(error)

        self._packages.look(environment, done, failed)

    @property
    def is_busy(self) -> bool:
        """Whether something is planned, fetched or changed in this environment."""
        return self.environment is not None and self._packages.is_busy(self.environment)

    @property
    def can_change(self) -> bool:
        """Whether packages can be changed here at all."""
        return self.installed is not None and bool(self.installed.manager)

    @property
    def newest(self) -> dict[str, str] | None:
        """Key and newest version of what is older; None before somebody asked."""
        return self._packages.newest(self.environment) if self.environment is not None else None

    @property
    def packages(self) -> Packages:
        """The service, for what the pane only hands on."""
        return self._packages

    def filter(self, text: str) -> None:
        """Show only packages whose name or summary holds `text`."""
        self.text = text.strip().lower()
        self._arrange()

    def set_kind(self, kind: Kind) -> None:
        """Show only packages of a kind."""
        self.kind = kind
        self._arrange()

    def sort(self, column: Column, *, is_descending: bool) -> None:
        """Order by a column."""
        self.column, self.is_descending = column, is_descending
        self._arrange()

    def select(self, name: str) -> None:
        """Show the details of a package; "" for none."""
        key = package_key(name) if name else ""
        if key != self.selected:
            self.selected = key
            self.changed.emit()

    def package(self) -> Package | None:
        """The selected package."""
        return self.installed.get(self.selected) if self.installed is not None and self.selected else None

    def needed_by(self, package: Package) -> tuple[Package, ...]:
        """Who asks for it."""
        return needed_by(self.installed.packages, package.key) if self.installed is not None else ()

    def counts(self) -> tuple[int, int]:
        """Packages shown, and all."""
        return len(self.rows), len(self.installed.packages) if self.installed is not None else 0

    # --- changes -----------------------------------------------------------------------------------------------------

    def ask(self, act: Act, names: Sequence[str], *, with_unneeded: bool = False) -> None:
        """Find out what a change would do; `plan` is there once that is known."""
        environment = self._needed()

        def done(plan: Plan) -> None:
            if environment is self.environment:
                self.plan = plan
                self._over()

        self.progress = Progress("Looking what would change")
        self.plan = self.problem = None
        self._packages.plan(environment, act, tuple(names), done, self._on_failed, with_unneeded=with_unneeded)
        self.changed.emit()

    def accept(self) -> None:
        """Do what the plan says."""
        environment, plan = self._needed(), self.plan
        if plan is None:
            return
        self.remark = self.problem = None
        self.progress = Progress("Beginning")
        self._packages.change(environment, plan, self._on_done, self._on_failed)
        self.changed.emit()

    def reject(self) -> None:
        """Leave everything as it is."""
        self.plan = None
        self.changed.emit()

    def undo(self) -> None:
        """Take the last change back."""
        self.plan = None
        self.remark = self.problem = None
        self.progress = Progress("Putting back what was there")
        self._packages.undo(self._needed(), self._on_done, self._on_failed)
        self.changed.emit()

    def propose(self, environment: Environment, plan: Plan) -> None:
        """Show a plan that was made elsewhere."""
        self.show(environment)
        self.plan = plan
        self.changed.emit()

    def say(self, remark: Remark | None) -> None:
        """Show a remark above the list, until another environment is shown or something is changed."""
        self.remark = remark
        self.changed.emit()

    def cancel(self) -> None:
        """End what is under way; what was changed is put back."""
        if self.environment is not None:
            self._packages.cancel(self.environment.id)

    def ask_newest(self) -> None:
        """Ask the source for newer versions."""
        self.progress = Progress("Asking for newer versions")
        self._packages.ask_newest(self._needed(), lambda _found: self._over(), self._on_failed)
        self.changed.emit()

    # --- names while typing ------------------------------------------------------------------------------------------

    def type(self, text: str) -> None:
        """Search names of the source for what is typed; `names_found` follows. The network is never asked for this."""
        self._typed = text
        environment = self.environment
        if environment is None or not text.strip():
            self.names_found.emit(())
            return
        origin, cache, known = self._packages.origin(environment), self._cache, self._names

        def work() -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
            names = known.get(origin) or cache.read(origin)
            return names, search(names or (), text)

        def done(answer: tuple[tuple[str, ...] | None, tuple[str, ...]]) -> None:
            names, found = answer
            if names is not None:
                self._names[origin] = names
            if text == self._typed:
                self.names_found.emit(found)

        self._pool(work, done, self._on_failed)

    @property
    def has_names(self) -> bool:
        """Whether the names of the source are known."""
        return self.environment is not None and self._packages.origin(self.environment) in self._names

    def fetch_names(self) -> None:
        """Fetch the names of everything in the source, once: of a large index some megabytes."""
        environment = self._needed()
        origin, cache = self._packages.origin(environment), self._cache

        def done(names: tuple[str, ...]) -> None:
            self._names[origin] = names
            self._pool(lambda: cache.write(origin, names), lambda _: None, self._on_failed)
            self._over()
            self.type(self._typed)

        self.progress = Progress("Fetching the names of all packages")
        self._packages.ask_names(environment, done, self._on_failed)
        self.changed.emit()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _needed(self) -> Environment:
        if self.environment is None:
            raise PackageError("No environment is in use.", "", "Start a session first.")
        return self.environment

    def _arrange(self) -> None:
        installed = self.installed
        newest = self.newest or {}
        standings = {one.key: one.standing for one in installed.verdicts} if installed is not None else {}
        rows = []
        for package in installed.packages if installed is not None else ():
            key = package.key
            row = Row(package, newest.get(key, ""), standings.get(key, Standing.ALLOWED))
            if self._is_shown(row):
                rows.append(row)
        rows.sort(key=_ORDERS[self.column], reverse=self.is_descending)
        self.rows = tuple(rows)
        self.changed.emit()

    def _is_shown(self, row: Row) -> bool:
        package = row.package
        if self.text and self.text not in package.name.lower() and self.text not in package.summary.lower():
            return False
        return (
            self.kind == "all"
            or (self.kind == "direct" and package.is_direct and not package.is_fixed)
            or (self.kind == "outdated" and bool(row.newest))
            or (self.kind == "refused" and (row.standing is not Standing.ALLOWED or bool(package.problem)))
        )

    def _over(self) -> None:
        self.progress = None
        self._arrange()

    def _on_done(self, changed: Changed) -> None:
        self.plan = None
        self._over()
        self.finished.emit(changed)

    def _on_failed(self, error: Exception) -> None:
        self._over()
        if not isinstance(error, CancelledError):
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        said = error if isinstance(error, FourpaneError) else PackageError("This did not work.", str(error))
        if said is not error:
            said.__cause__ = error
        self.problem = said
        self.changed.emit()
        self.failed.emit(said)

    def _on_changed(self, id: str) -> None:
        if self.environment is not None and id == self.environment.id:
            self.installed = self._packages.known(self.environment)
            if not self.is_busy:
                self.progress = None
            self._arrange()

    def _on_progressed(self, id: str, step: str, done: int, total: int) -> None:
        if self.environment is not None and id == self.environment.id:
            self.progress = Progress(step, done, total)
            self.progressed.emit()


_ORDERS: dict[Column, Callable[[Row], tuple[object, ...]]] = {
    "name": lambda row: (row.package.key,),
    "version": lambda row: (row.package.version, row.package.key),
    "newest": lambda row: (not row.newest, row.package.key),
    "licence": lambda row: (row.package.licence.lower(), row.package.key),
    "size": lambda row: (-(row.package.size_bytes or 0), row.package.key),
}
