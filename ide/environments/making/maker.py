"""Makes, copies, resets, locks and removes environments of every kind: which tool does it is decided here.

Blocks: for pool threads. Owns nothing.
"""

from __future__ import annotations

from pathlib import Path

from ide.core.environment import Environment
from ide.core.errors import PackageError
from ide.core.package_lock import Difference, LockFile, PackageLock, differences
from ide.core.packages import Act, Installed, Package, package_key
from ide.core.policy import PolicyVerdict
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.machine import Machine
from ide.environments.making import conda as conda_making
from ide.environments.making import lock as locks
from ide.environments.making import obeying, python, sbom
from ide.environments.making.conda import Conda
from ide.environments.making.place import ToBin
from ide.environments.making.wish import Wish
from ide.environments.packages.installed_python import read_folders
from ide.environments.packages.installed_r import read_libraries
from ide.environments.packages.places import CONDA, UV, Place, R, place_of
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.packages.r import RPackages
from ide.environments.packages.service import check_wish
from ide.environments.uv import Uv

CONDA_FILES = ("environment.yml", "environment.yaml", "conda-explicit.txt")
R_KERNEL = "IRkernel"


@dataclass(frozen=True, slots=True)
class Maker:
    """`to_bin` moves a folder to the system's bin. `tool_version` is told in bills of materials. Any thread."""

    uv: Uv
    machine: Machine
    policy_places: PolicyPlaces
    to_bin: ToBin
    tool_version: str

    @property
    def conda(self) -> Conda:
        """The runner of conda's solver."""
        return Conda(self.uv.folder, self.uv)

    def make(self, wish: Wish, work: Work) -> Path:
        """Make an environment and return the program that runs its language. A failure leaves nothing."""
        happened = f"“{wish.name}” could not be made."
        policies = obeying.policies_of(self.policy_places)
        if wish.way == CONDA or (wish.source is not None and wish.source.name.lower() in CONDA_FILES):
            if policies:
                conda_making.check(wish, self.conda, work, lambda found: obeying.check_conda(policies, found))
            check = obeying.check_python(policies, self.uv, work, happened)
            return conda_making.make(wish, self.conda, work, check)
        for wanted in wish.packages:
            check_wish(wanted)
        return python.make(wish, self.uv, work, obeying.check_python(policies, self.uv, work, happened))

    def copy(self, environment: Environment, place: Path, work: Work) -> Path:
        """Another environment with exactly the same packages; returns what runs its language."""
        where = self.place(environment)
        self._refuse_foreign(environment, where, "copied")
        policies = obeying.policies_of(self.policy_places)
        if policies:
            left_out = ("pip", "setuptools", "wheel") if where.kind == UV else ()
            coming = {key: licence for key, licence in self._licences(environment).items() if key[0] not in left_out}
            obeying.refuse_lock(obeying.installed_verdicts(policies, coming), "Nothing was made.")
        if where.kind == CONDA:
            return conda_making.copy(where.prefix, place, self.conda, work)
        return python.copy(where.prefix, place, self.uv, work)

    def rename(self, environment: Environment, place: Path, work: Work) -> Path:
        """The same under another name. Paths are written into environments, so it is made anew; the old one goes to
        the bin."""
        program = self.copy(environment, place, work)
        self.remove(environment)
        return program

    def remove(self, environment: Environment) -> None:
        """Move an environment's folder to the bin. Raises PackageError, also for one that is no folder of its own."""
        where = self.place(environment)
        self._refuse_foreign(environment, where, "deleted")
        self.to_bin(where.prefix)

    def repair(self, environment: Environment, base: Path | None, version: str, work: Work) -> python.Repaired:
        """Make a broken venv anew with the packages that its files list."""
        prefix = self.prefix(environment)
        if not (prefix / "pyvenv.cfg").is_file():
            raise PackageError(f"“{environment.name}” cannot be repaired.", "It is no environment of its own.")
        return python.repair(prefix, base, version, self.uv, work, self.to_bin)

    def reset(self, environment: Environment, lock: Path, work: Work) -> Path:
        """Make an environment hold exactly what a lock says; a failure leaves it as it was."""
        where = self.place(environment)
        if where.kind == R:
            raise _by_renv(environment, where, lock)
        self._refuse_foreign(environment, where, "reset")
        read = locks.read_lock(lock)
        obeying.refuse_lock(self.lock_verdicts(environment, read, work), "Nothing was changed.")
        if (where.kind == CONDA) != (read.kind == "conda"):
            raise PackageError(f"“{environment.name}” could not be reset.", f"{lock.name} is a lock of another kind.")
        if where.kind == CONDA:
            listed = conda_making.explicit(read.files[0].text)
            return conda_making.rebuild(where.prefix, listed, self.conda, work, self.to_bin)
        return python.rebuild(where.prefix, lock, self.uv, work, self.to_bin)

    def install_kernel(self, environment: Environment, work: Work) -> None:
        """Put ipykernel, or R's IRkernel, into an environment that lacks it."""
        where = self.place(environment)
        policies = obeying.policies_of(self.policy_places)
        if where.kind == R:
            packages = RPackages(where, self.uv.folder, self.uv.network)
            plan = packages.plan(Installed(self.packages(environment)), Act.INSTALL, [R_KERNEL], work)
            obeying.refuse(policies, packages.subjects(plan, policies, None, work), plan.changes)
            work.report(f"Installing {R_KERNEL}")
            packages.apply(plan, (), work)
            return
        if where.manager != UV:
            raise PackageError(f"Nothing can be installed into “{environment.name}”.", where.reason)
        happened = f"{python.KERNEL} could not be installed."
        obeying.check_python(policies, self.uv, work, happened)(where.interpreter, [python.KERNEL])
        python.install_kernel(where.interpreter, self.uv, work)

    # --- locks -------------------------------------------------------------------------------------------------------

    def lock(self, environment: Environment, folder: Path, work: Work) -> tuple[PackageLock, tuple[Path, ...]]:
        """Write the lock and the bill of materials of an environment into a folder; returns both and their paths."""
        lock = self.make_lock(environment, work)
        paths = locks.write_lock(lock, folder)
        bill = sbom.make_sbom(lock, environment.name, self.tool_version)
        return lock, (*paths, *locks.write_files([bill], folder))

    def make_lock(self, environment: Environment, work: Work) -> PackageLock:
        """The lock of an environment, allowed by the policies; nothing is written. Raises PackageError."""
        policies = obeying.policies_of(self.policy_places)
        lock = locks.make_lock(self.place(environment), self.packages(environment), self.uv, work, environment.name)
        obeying.refuse_lock(obeying.lock_verdicts(policies, lock), "No lock was written.")
        return lock

    def find_lock(self, environment: Environment, folder: Path) -> Path | None:
        """The lock in a folder that is of an environment of this kind; None where there is none."""
        return locks.find_lock_of(folder, self.place(environment))

    def lock_verdicts(self, environment: Environment, lock: PackageLock, work: Work) -> tuple[PolicyVerdict, ...]:
        """What the policies say of the packages of a lock that was read, for an environment of this kind.

        A lock names no licences: they are those of the same versions that are installed, else what the index tells.
        Raises PackageError where a policy can't be read.
        """
        policies = obeying.policies_of(self.policy_places)
        here = self._licences(environment) if obeying.asks_licences(policies) else {}
        return obeying.lock_verdicts(policies, obeying.with_licences(policies, lock, here, self.uv, work))

    def compare(self, environment: Environment, lock: Path) -> tuple[Difference, ...]:
        """How an environment differs from a lock; empty where it matches. Raises PackageError."""
        read = locks.read_lock(lock)
        where = self.place(environment)
        if where.kind == CONDA and read.kind == "conda":
            return differences(read, ((one.name, one.version) for one in conda_making.installed(where.prefix)))
        free = ("pip", "setuptools", "wheel") if where.kind == UV else ()
        here = [one for one in self.packages(environment) if not one.is_fixed and one.key not in free]
        return differences(read, ((one.name, one.version) for one in here))

    def export(self, environment: Environment, path: Path) -> Path:
        """Write what is installed as requirements or as environment.yml, by the name of the file."""
        where = self.place(environment)
        if where.kind == R:
            raise PackageError(
                f"“{environment.name}” cannot be exported.",
                "Requirements and environment.yml are for Python and conda; packages of R are kept in a renv.lock.",
                "Lock the environment.",
                action="environment.lock",
                action_title="Lock environment",
                action_arguments={"environment": environment.id},
            )
        by_conda = conda_making.installed(where.prefix) if where.kind == CONDA else ()
        lines = [one.line for one in python.pinned_in(where.folders) if one.installer != "conda"]
        if path.suffix.lower() in (".yml", ".yaml"):
            text = conda_making.environment_file(environment.name, by_conda, lines, where.version)
        else:
            text = "\n".join(lines) + "\n"
        locks.write_files([LockFile(path.name, text)], path.parent)
        return path

    # --- what is there -----------------------------------------------------------------------------------------------

    def place(self, environment: Environment) -> Place:
        """Where its packages lie. Raises PackageError where nobody knows."""
        found = place_of(environment, self.machine)
        if found is None:
            raise PackageError(f"“{environment.name}” cannot be changed here.", "Its program is gone, or not known.")
        return found

    @staticmethod
    def prefix(environment: Environment) -> Path:
        """The folder of an environment by its program's place, which need not exist."""
        if environment.interpreter is None:
            raise PackageError(f"“{environment.name}” has no program of its own.")
        return environment.interpreter.parent.parent

    def packages(self, environment: Environment) -> tuple[Package, ...]:
        """What is installed, from its files."""
        where = self.place(environment)
        if where.kind == R:
            return read_libraries(where.folders)
        return read_folders(where.folders, where.version, fixed=where.fixed)

    def _licences(self, environment: Environment) -> dict[tuple[str, str], str]:
        """Licences of what is installed, by key and version."""
        where = self.place(environment)
        if where.kind == CONDA:
            by_conda = conda_making.installed(where.prefix)
            return {(package_key(one.name), one.version): one.licence for one in by_conda}
        return {(one.key, one.version): one.licence for one in self.packages(environment)}

    def _refuse_foreign(self, environment: Environment, where: Place, verb: str) -> None:
        """Only folders that are an environment and nothing else: never an installation of Python or R."""
        is_venv = where.kind == UV and (where.prefix / "pyvenv.cfg").is_file()
        is_conda = where.kind == CONDA and not (where.prefix / "condabin").exists()
        if where.prefix == self.machine.program_prefix or not (is_venv or is_conda):
            raise PackageError(
                f"“{environment.name}” cannot be {verb}.",
                "It is an installation of the language, not an environment of its own.",
                "Create an environment of it instead.",
            )


def _by_renv(environment: Environment, where: Place, lock: Path) -> PackageError:
    """An R is no folder that could be made anew: what renv does instead, and how to get there."""
    happened = f"“{environment.name}” cannot be reset: it is an installation of R."
    call = f'renv::restore(lockfile = "{lock.as_posix()}")'
    if any((folder / "renv" / "DESCRIPTION").is_file() for folder in where.folders):
        return PackageError(
            happened,
            f"renv, which is installed here, brings the packages of {lock.name} to the versions that it names.",
            f"Run this in the console: {call}",
        )
    return PackageError(
        happened,
        f"The package renv does that from {lock.name}, and is not installed here.",
        f"Install renv, then run this in the console: {call}",
        action="packages.install",
        action_title="Install renv",
        action_arguments={"name": "renv"},
    )
