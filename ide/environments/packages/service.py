"""The packages of environments: lists them, plans changes, makes them and takes them back. UI thread.

All work happens in the pool; each change is cancellable, is checked against the policies before anything is fetched,
and leaves the packages as they were where it fails or is cancelled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from packaging.requirements import InvalidRequirement, Requirement

from ide.core.environment import Environment, Health
from ide.core.errors import FourpaneError, PackageError
from ide.core.events import Signal
from ide.core.locks import held_lock
from ide.core.packages import Act, Changed, Installed, Package, Plan, package_key
from ide.core.policy import EnvironmentVerdict, PolicyVerdict
from ide.core.ports import Cancel, Post, RunInPool
from ide.core.record import replace
from ide.core.reported_work import ReportedWork
from ide.environments.extents import changed_ns
from ide.environments.machine import Machine
from ide.environments.making.conda import Conda
from ide.environments.network import Network
from ide.environments.packages import relations, snapshot
from ide.environments.packages.conda import CondaPackages
from ide.environments.packages.installed_conda import read_prefix, recorded_files
from ide.environments.packages.installed_python import read_folders, with_direct
from ide.environments.packages.installed_r import read_libraries
from ide.environments.packages.places import CONDA, UV, Place, R, place_of
from ide.environments.packages.policies import FoundPolicy, PolicyPlaces, find_policies
from ide.environments.packages.policy import Severity, Subject, judge
from ide.environments.packages.python import PythonPackages
from ide.environments.packages.r import DEBIAN_R, RPackages
from ide.environments.packages.vulnerabilities import Advisories, ask
from ide.environments.uv import Uv

T = TypeVar("T")

_ECOSYSTEMS = {UV: "PyPI", CONDA: "PyPI", R: "CRAN"}
Failed = Callable[[Exception], None]


class Packages:
    """`folder` keeps what is needed to take changes back, `tools_folder` what reads conda's channels.

    `network`, `policy_places` and `database` are asked anew for each work; `database` is the address of a database of
    vulnerabilities, "" where it must not be asked.
    """

    changed = Signal(str)
    """The packages of the environment of this id are others, or are being changed, or no longer."""
    progressed = Signal(str, str, int, int)
    """Environment id, step, done, total: of a plan or change under way."""

    def __init__(
        self,
        folder: Path,
        run_in_pool: RunInPool,
        post: Post,
        network: Callable[[], Network],
        policy_places: Callable[[], PolicyPlaces],
        database: Callable[[], str],
        *,
        tools_folder: Path | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._folder = folder
        self._conda_folder = tools_folder or folder
        self._pool = run_in_pool
        self._post = post
        self._network = network
        self._policy_places = policy_places
        self._database = database
        self._machine = machine or Machine.here()
        self._known: dict[str, Installed] = {}
        self._newest: dict[str, dict[str, str]] = {}
        self._advisories: dict[str, Advisories] = {}
        self._jobs: dict[str, ReportedWork] = {}
        self._judged: dict[str, tuple[object, EnvironmentVerdict | None]] = {}
        self._listing: dict[str, list[Callable[[Installed], None]]] = {}
        self._cancels: set[Cancel] = set()
        self._is_closed = False
        self.policies: tuple[FoundPolicy, ...] = ()
        """Those that held when something was listed or planned last."""

    # --- looking -----------------------------------------------------------------------------------------------------

    def known(self, environment: Environment) -> Installed | None:
        """What was listed last; None before the first list."""
        return self._known.get(environment.id)

    def newest(self, environment: Environment) -> dict[str, str] | None:
        """Key and newest version of what is older, as it was asked last; None before somebody asked."""
        return self._newest.get(environment.id)

    def advisories(self, environment: Environment) -> Advisories | None:
        """What the database of vulnerabilities said last; None before somebody asked."""
        return self._advisories.get(environment.id)

    def is_busy(self, environment: Environment) -> bool:
        """Whether something is planned or changed here."""
        return environment.id in self._jobs

    def look(self, environment: Environment, done: Callable[[Installed], None], failed: Failed) -> None:
        """List the packages from their files. Several who ask at once get one answer."""
        waiting = self._listing.setdefault(environment.id, [])
        waiting.append(done)
        if len(waiting) > 1:
            return
        places, advisories = self._policy_places(), self._advisories.get(environment.id)

        def work() -> tuple[Installed, tuple[FoundPolicy, ...]]:
            policies = find_policies(places)
            return self._look(environment, policies, advisories), policies

        def on_done(answer: tuple[Installed, tuple[FoundPolicy, ...]]) -> None:
            installed, self.policies = answer
            is_other = installed != self._known.get(environment.id)
            self._known[environment.id] = installed
            for each in self._listing.pop(environment.id, ()):
                each(installed)
            if is_other:
                self.changed.emit(environment.id)

        def on_failed(error: Exception) -> None:
            self._listing.pop(environment.id, None)
            failed(error)

        self._start(work, on_done, on_failed)

    def look_if_changed(self, environment: Environment) -> None:
        """After code ran: list anew where somebody else changed the packages (`pip install` in the console)."""
        known = self._known.get(environment.id)
        if known is None or self.is_busy(environment) or environment.id in self._listing:
            return

        def on_done(marks: tuple[tuple[str, int], ...]) -> None:
            if marks != known.marks and not self.is_busy(environment):
                self.look(environment, ignore, ignore)

        self._start(lambda: marks_of(known.folders), on_done, ignore)

    def verdict(self, environment: Environment) -> EnvironmentVerdict | None:
        """What the policies said of the whole environment last; None where there is no policy, or nothing to judge."""
        return self._judged.get(environment.id, (None, None))[1]

    def judge(self, environments: Sequence[Environment], told: Callable[[], None]) -> Cancel:
        """Have the policies judge environments by the files of their packages, one after the other.

        `told` is called after each whose verdict is another than before. What has not changed is not read again. The
        returned callable ends it early.
        """
        places, waiting, known, advisories = self._policy_places(), list(environments), self._judged, self._advisories
        found: list[tuple[FoundPolicy, ...]] = []
        is_wanted = True

        def work() -> tuple[str, object, EnvironmentVerdict | None] | None:
            if not found:
                found.append(find_policies(places))
            policies = found[0]
            while waiting and is_wanted and not self._is_closed:
                one = waiting.pop(0)
                rules = tuple((each.place, each.sha256) for each in policies)
                said = advisories.get(one.id)
                key = (changed_ns(one, self._machine), rules, said) if rules else None
                if known.get(one.id, (None, None))[0] != key:
                    return one.id, key, self._verdict(one, policies, said)
            return None

        def on_done(judged: tuple[str, object, EnvironmentVerdict | None] | None) -> None:
            if judged is not None:
                id, key, verdict = judged
                is_other = verdict != known.get(id, (None, None))[1]
                known[id] = key, verdict
                self._start(work, on_done, ignore)
                if is_other and is_wanted:
                    told()

        def stop() -> None:
            nonlocal is_wanted
            is_wanted = False

        self._start(work, on_done, ignore)
        return stop

    def ask_newest(self, environment: Environment, done: Callable[[dict[str, str]], None], failed: Failed) -> Cancel:
        """Ask the source for newer versions, and the database of vulnerabilities where that is allowed."""
        network, database = self._network(), self._database()

        def work(job: ReportedWork) -> tuple[dict[str, str], Advisories | None]:
            place, manager = self._manager(environment, network)
            installed = self._look(environment, (), None)
            advisories = None
            if database:
                # Of conda's packages the database knows those of Python: silence on others would not be an answer.
                known = [one for one in installed.packages if one.version and (place.kind != CONDA or one.modules)]
                pairs = [(one.name, one.version) for one in known]
                advisories = ask(database, _ECOSYSTEMS[place.kind], pairs, network, job)
            return relations.newer(installed.packages, manager.newest(installed, job)), advisories

        def on_done(answer: tuple[dict[str, str], Advisories | None]) -> None:
            self._newest[environment.id], advisories = answer
            if advisories is not None:
                self._advisories[environment.id] = advisories
                self.look(environment, ignore, failed)
            self.changed.emit(environment.id)
            done(answer[0])

        return self._work(environment, work, on_done, failed)

    def ask_names(self, environment: Environment, done: Callable[[tuple[str, ...]], None], failed: Failed) -> Cancel:
        """Names of everything that could be installed here: may be some megabytes from the network."""
        network = self._network()
        return self._work(environment, self._manager(environment, network)[1].names, done, failed)

    def origin(self, environment: Environment) -> str:
        """The source of packages in words that a cache can be named by: manager and address."""
        network = self._network()
        known = self.known(environment)
        manager = known.manager if known is not None else ""
        python = str(network.wheel_folder or network.python_index)
        address = {R: network.r_repository, CONDA: network.conda_channel}.get(manager, python)
        return f"{manager} {address or 'as the tool is set'}"

    # --- changing ----------------------------------------------------------------------------------------------------

    def plan(
        self,
        environment: Environment,
        act: Act,
        names: Sequence[str],
        done: Callable[[Plan], None],
        failed: Failed,
        *,
        with_unneeded: bool = False,
    ) -> Cancel:
        """Find out what a change would do; nothing of it is fetched. The plan carries what the policies say."""
        network, places, database = self._network(), self._policy_places(), self._database()

        def work(job: ReportedWork) -> tuple[Plan, tuple[FoundPolicy, ...]]:
            place, manager = self._manager(environment, network)
            installed = self._look(environment, (), None)
            if act is Act.REMOVE:
                _refuse_fixed(installed, names)
                if place.kind == R:
                    _refuse_debian(installed, names)
                return relations.removal(installed.packages, names, with_unneeded=with_unneeded), ()
            if place.manager == UV:
                for name in names:
                    check_wish(name)
            policies = find_policies(places)
            _refuse_all(policies)
            plan = manager.plan(installed, act, names, job)

            def severities(pairs: Sequence[tuple[str, str]]) -> dict[str, Severity]:
                said = ask(database, _ECOSYSTEMS[place.kind], pairs, network, job) if database else Advisories()
                found = {package_key(name): said.severity(package_key(name)) for name, _ in pairs}
                return {key: severity for key, severity in found.items() if severity is not None}

            rules = [one.policy for one in policies]
            verdicts = [judge(rules, subject) for subject in manager.subjects(plan, rules, severities, job)]
            return replace(plan, verdicts=tuple(verdicts)), policies

        def on_done(answer: tuple[Plan, tuple[FoundPolicy, ...]]) -> None:
            plan, policies = answer
            self.policies = policies or self.policies
            done(plan)

        return self._work(environment, work, on_done, failed)

    def change(self, environment: Environment, plan: Plan, done: Callable[[Changed], None], failed: Failed) -> Cancel:
        """Do what a plan says. Where it fails or is cancelled, the packages are put back as they were."""
        if not plan.is_allowed:
            failed(refusal(plan))
            return ignore_nothing
        network, places = self._network(), self._policy_places()
        folder = self._snapshot_folder(environment)

        def work(job: ReportedWork) -> Changed:
            place, manager = self._manager(environment, network)
            with held_lock(_lock_file(folder), 0) as is_held:
                if not is_held:
                    raise PackageError("Another window is changing these packages.", "", "Wait until it is done.")
                before = self._look(environment, (), None)
                roots = (plan.library,) if plan.library is not None else _roots(place)
                has_new_library = plan.library is not None and not plan.library.is_dir()
                taken = snapshot.take(folder, plan, relations.title_of(plan), before.packages, roots)
                try:
                    manager.apply(plan, [one.policy for one in find_policies(places)], job)
                    after = self._look(environment, (), None)
                    _check(plan, before, after)
                except (FourpaneError, OSError) as error:
                    job.report("Putting back what was there")
                    self._put_back(environment, taken, error)
                    raise
                snapshot.mark_whole(taken)
                return Changed(plan, _modules(plan, before, after), has_new_library)

        return self._work(environment, work, self._after_change(environment, done), failed)

    def undo(self, environment: Environment, done: Callable[[Changed], None], failed: Failed) -> Cancel:
        """Put back what was there before the last change, or before one that never came to its end."""
        folder = self._snapshot_folder(environment)

        def work(job: ReportedWork) -> Changed:
            with held_lock(_lock_file(folder), 0) as is_held:
                taken = snapshot.read(folder)
                if not is_held or taken is None:
                    raise PackageError("There is no change to take back.", "", "")
                job.report("Putting back what was there")
                before = self._look(environment, (), None)
                self._put_back(environment, taken, None)
                after = self._look(environment, (), None)
                changed = {one.key for one in before.packages} ^ {one.key for one in after.packages}
                modules = {
                    name for one in before.packages if one.key in {*changed, *taken.touched} for name in one.modules
                }
                return Changed(Plan(Act.REMOVE, taken.touched, ()), tuple(sorted(modules)))

        return self._work(environment, work, self._after_change(environment, done), failed)

    def cancel(self, id: str) -> None:
        """End what is under way in the environment of this id; a change is put back first."""
        if id in self._jobs:
            self._jobs[id].cancel()

    def close(self) -> None:
        """Cancel what is under way; a change is put back by its pool thread, or offered at the next start."""
        self._is_closed = True
        for job in self._jobs.values():
            job.cancel()
        for cancel in tuple(self._cancels):
            cancel()
        self._cancels.clear()

    # --- inside: UI thread -------------------------------------------------------------------------------------------

    def _after_change(self, environment: Environment, done: Callable[[Changed], None]) -> Callable[[Changed], None]:
        def on_done(changed: Changed) -> None:
            newest = self._newest.get(environment.id, {})
            for change in changed.plan.changes:
                if newest.get(change.key) == change.after or not change.after:
                    newest.pop(change.key, None)
            self.look(environment, lambda _installed: done(changed), ignore)

        return on_done

    def _work(
        self, environment: Environment, work: Callable[[ReportedWork], T], done: Callable[[T], None], failed: Failed
    ) -> Cancel:
        if self.is_busy(environment):
            failed(PackageError("The packages of this environment are being changed.", "", "Wait until that is done."))
            return ignore_nothing
        id = environment.id
        job = ReportedWork(self._post, lambda step, count, total: self.progressed.emit(id, step, count, total))
        self._jobs[id] = job

        def over() -> None:
            self._jobs.pop(id, None)
            self.changed.emit(id)

        def on_done(value: T) -> None:
            over()
            done(value)

        def on_failed(error: Exception) -> None:
            over()
            if id in self._known:
                self.look(environment, ignore, ignore)
            failed(error)

        self._start(lambda: work(job), on_done, on_failed)
        self.changed.emit(id)
        return job.cancel

    def _start(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        if self._is_closed:
            return

        def on_done(value: T) -> None:
            self._cancels.discard(cancel)
            if not self._is_closed:
                done(value)

        def on_failed(error: Exception) -> None:
            self._cancels.discard(cancel)
            if not self._is_closed:
                failed(error)

        cancel = self._pool(work, on_done, on_failed)
        self._cancels.add(cancel)

    # --- inside: pool threads ----------------------------------------------------------------------------------------

    def _manager(
        self, environment: Environment, network: Network
    ) -> tuple[Place, PythonPackages | RPackages | CondaPackages]:
        place = place_of(environment, self._machine)
        if place is None or not place.manager:
            raise PackageError(
                f"The packages of “{environment.name}” cannot be changed here.",
                place.reason if place is not None else "Its interpreter is gone, or of a kind that is not known.",
                "",
                action="session.choose_environment",
                action_title="Choose environment",
            )
        folder = self._folder / "work"
        if place.manager == R:
            return place, RPackages(place, folder, network)
        if place.manager == CONDA:
            return place, CondaPackages(place, Conda(self._conda_folder, Uv(folder, network)))
        return place, PythonPackages(place, Uv(folder, network))

    def _look(
        self, environment: Environment, policies: Sequence[FoundPolicy], advisories: Advisories | None
    ) -> Installed:
        place = place_of(environment, self._machine)
        if place is None:
            return Installed(reason="Its interpreter is gone, or of a kind whose packages are not known.")
        marks = marks_of(_watched(place))
        packages = _packages_of(place)
        taken = snapshot.read(self._snapshot_folder(environment))
        is_whole = taken is not None and taken.is_whole
        title = taken.title if taken is not None else ""
        interrupted = ""
        if title and not is_whole:
            # Whoever makes a change holds the lock: this window, another one, or nobody any more.
            with held_lock(_lock_file(self._snapshot_folder(environment)), 0) as is_free:
                interrupted = title if is_free else ""
        return Installed(
            packages,
            _watched(place),
            marks,
            place.manager,
            place.reason,
            _verdicts(packages, policies, advisories),
            title if is_whole else "",
            interrupted,
        )

    def _verdict(
        self, environment: Environment, policies: Sequence[FoundPolicy], advisories: Advisories | None
    ) -> EnvironmentVerdict | None:
        """None where there is nothing that a policy could judge: packages that nobody may change here are not."""
        if environment.interpreter is None or environment.health in (Health.BROKEN, Health.SILENT):
            return None
        verdicts = self._look(environment, policies, advisories).verdicts
        damaged = [judge([one.policy], Subject("", "")) for one in policies if one.policy.problem]
        return EnvironmentVerdict.of((*damaged, *verdicts)) if policies and (damaged or verdicts) else None

    def _put_back(self, environment: Environment, taken: snapshot.Snapshot, cause: Exception | None) -> None:
        try:
            snapshot.restore(taken, self._look(environment, (), None).packages)
        except OSError as error:
            raise PackageError(
                f"{taken.title}: this could not be taken back.",
                f"The system says: {error.strerror or error}.",
                "Free the disk, then choose “Take back” in Packages.",
            ) from (cause or error)

    def _snapshot_folder(self, environment: Environment) -> Path:
        name = hashlib.sha256(environment.id.encode()).hexdigest()[:16]
        return self._folder / "undo" / name


def _packages_of(place: Place) -> tuple[Package, ...]:
    if place.kind == R:
        return read_libraries(place.folders)
    python = read_folders(place.folders, place.version, fixed=place.fixed)
    if place.kind != CONDA:
        return python
    own = recorded_files(place.prefix)
    added = [one for one in python if one.folder is None or _relative(one.folder, place.prefix) not in own]
    conda = read_prefix(place.prefix)
    known = {one.key for one in conda}
    return with_direct((*conda, *(one for one in added if one.key not in known)))


def _relative(path: Path, prefix: Path) -> str:
    return path.relative_to(prefix).as_posix() if path.is_relative_to(prefix) else str(path)


def _watched(place: Place) -> tuple[Path, ...]:
    return (*place.folders, place.prefix / "conda-meta") if place.kind == CONDA else place.folders


def _roots(place: Place) -> tuple[Path, ...]:
    """Folders in which a change makes and removes names."""
    own = tuple(folder for folder in place.folders if folder not in place.fixed)
    programs = [place.prefix / "bin", place.prefix / "Scripts"] if place.kind != R else []
    records = [place.prefix / "conda-meta"] if place.kind == CONDA else []
    return (*own, *(folder for folder in (*programs, *records) if folder.is_dir()))


def marks_of(folders: Sequence[Path]) -> tuple[tuple[str, int], ...]:
    """When the folders changed last, in nanoseconds."""
    found = []
    for folder in folders:
        try:
            found.append((str(folder), folder.stat().st_mtime_ns))
        except OSError:
            found.append((str(folder), 0))
    return tuple(found)


def _verdicts(
    packages: Sequence[Package], policies: Sequence[FoundPolicy], advisories: Advisories | None
) -> tuple[PolicyVerdict, ...]:
    rules = [one.policy for one in policies]
    if not rules:
        return ()

    def subject(one: Package) -> Subject:
        severity = advisories.severity(one.key) if advisories is not None else None
        return Subject(one.name, one.version, one.licence, severity)

    return tuple(judge(rules, subject(one)) for one in packages if not one.is_fixed)


def _modules(plan: Plan, before: Installed, after: Installed) -> tuple[str, ...]:
    """Imports that existed before and are others now: a session that has loaded them goes on with the old ones."""
    found: set[str] = set()
    for change in plan.changes:
        old, new = before.get(change.name), after.get(change.name)
        if old is not None and (new is None or new.version != old.version):
            found.update(old.modules)
    return tuple(sorted(found))


def _check(plan: Plan, before: Installed, after: Installed) -> None:
    """Raise where the result is not what was planned. Where one goes, one of another folder may come to light."""
    for change in plan.changes:
        old, now = before.get(change.name), after.get(change.name)
        if not change.after and old is not None and now is not None and now.folder != old.folder:
            continue
        version = now.version if now is not None else ""
        if version != change.after:
            said = f"“{change.name}” is {version or 'not there'}, and {change.after or 'nothing'} was to be."
            raise PackageError(f"{relations.title_of(plan)}: this did not come out right.", said, "Try again.")


def refusal(plan: Plan) -> PackageError:
    """Why a plan is not carried out."""
    against = [verdict for verdict in plan.verdicts if not verdict.is_allowed]
    names = ", ".join(f"{one.name} {one.version}".strip() for one in against[:3])
    reason = against[0].reasons[0] if against and against[0].reasons else ""
    return PackageError(
        f"A policy does not allow {names}.", reason, "Nothing was fetched. You can ask for an approval."
    )


def _refuse_fixed(installed: Installed, names: Sequence[str]) -> None:
    for name in names:
        one = installed.get(name)
        if one is None:
            raise PackageError(f"“{name}” is not installed here.")
        if one.is_fixed:
            raise PackageError(f"“{name}” belongs to the language or the system.", "It cannot be removed here.")


def _refuse_debian(installed: Installed, names: Sequence[str]) -> None:
    """What `apt` has put there it also takes away, or it loses count."""
    for name in names:
        one = installed.get(name)
        if one is not None and one.folder is not None and one.folder.is_relative_to(DEBIAN_R):
            raise PackageError(
                f"“{name}” belongs to the system.",
                "Debian’s package manager has installed it.",
                f"Whoever runs this computer removes it by “apt remove r-cran-{one.name.lower()}”.",
            )


def _refuse_all(policies: Sequence[FoundPolicy]) -> None:
    """A policy that cannot be read denies before any source is asked."""
    for one in policies:
        if one.policy.problem:
            verdict = judge([one.policy], Subject("", ""))
            raise PackageError(
                "Nothing can be installed at present.", verdict.reasons[0], "Tell whoever keeps the policy."
            )


def check_wish(text: str) -> Requirement:
    """What the user typed, as a requirement: "pandas", "pandas[excel] >= 2". Raises PackageError for anything else."""
    try:
        wish = Requirement(text)
    except InvalidRequirement as error:
        raise PackageError(
            f"“{text}” is no name of a package.", "", "Type a name such as pandas, or a version as in pandas==2.3."
        ) from error
    if wish.url:
        raise PackageError(f"“{text}” is an address.", "Packages come from the index only.", "Type the package’s name.")
    return wish


def _lock_file(folder: Path) -> Path:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.with_suffix(".lock")


def ignore(_what: object) -> None:
    """Nothing follows from it."""


def ignore_nothing() -> None:
    """Nothing to cancel."""
