"""Changes the packages of an R by `install.packages` and `remove.packages` of its own, in a process of its own.

The process starts in a folder of ours and reads no project's files: what it runs is `r_packages.R` alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Installed, Plan, package_key
from ide.core.ports import Work
from ide.core.record import dataclass, field
from ide.environments.network import Network
from ide.environments.packages import relations
from ide.environments.packages.licences import of_r
from ide.environments.packages.places import Place
from ide.environments.packages.policy import Policy, Subject
from ide.environments.processes import clean_variables, run
from ide.environments.uv import CancelledError

_SCRIPT: Final = Path(__file__).with_name("r_packages.R")
_MARK: Final = "fourpane:"
DEBIAN_R: Final = Path("/usr/lib/R")
"""Debian's own R with the packages that `apt` looks after."""
_APT_LIMIT_S: Final = 10.0
_TIME_LIMIT_S: Final = 3600.0
_MESSAGE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class RPackages:
    """Of one place. `folder` is one of our own to start in. Blocks: for pool threads."""

    place: Place
    folder: Path
    network: Network
    _plans: dict[tuple[str, ...], list[list[str]]] = field(default_factory=dict)

    def plan(self, installed: Installed, act: Act, names: Sequence[str], work: Work) -> Plan:
        """What installing or updating would do, and in which library. Raises PackageError, also where a package is not
        in the repository.
        """
        work.report("Looking what would change")
        verb = "updated" if act is Act.UPDATE else "installed"
        happened = f"“{', '.join(names)}” cannot be {verb}."
        said = list(self._ask("plan", names, work, happened))
        _refuse(said, happened)
        asked = {package_key(name) for name in names}
        found = [one for one in said if one[0] == "change"]
        changes = tuple(
            Change(name, before, after, is_asked=package_key(name) in asked)
            for _, name, before, after, *_ in found
            if before != after
        )
        self._plans[tuple(names)] = found
        ordered = tuple(sorted(changes, key=lambda one: (not one.is_asked, one.key)))
        library = Path(next(one[1] for one in said if one[0] == "target"))
        return Plan(act, tuple(names), ordered, notes=self._from_debian(ordered, work), library=library)

    def _from_debian(self, changes: Sequence[Change], work: Work) -> tuple[str, ...]:
        """Where this R is Debian's, which has all of this built: how to get it from there. It is not run."""
        coming = [change.name for change in changes if change.after]
        if not coming or not self.place.prefix.is_relative_to(DEBIAN_R) or not shutil.which("apt-cache"):
            return ()
        work.report("Looking what Debian has built")
        argv = ["apt-cache", "pkgnames", "r-cran-"]
        try:
            ended = run(argv, self.folder, _APT_LIMIT_S, lambda: work.is_cancelled)
        except OSError:
            return ()
        return debian_note(coming, frozenset(ended.output.split()))

    def apply(self, plan: Plan, _policies: Sequence[Policy], work: Work) -> None:
        """Do what the plan says. Raises PackageError where a package did not arrive in its version."""
        happened = f"{relations.title_of(plan)}: this was not done."
        if plan.act is Act.REMOVE:
            names = [change.name for change in plan.changes]
            work.report(f"Removing {len(names)} package{'s' if len(names) != 1 else ''}")
            list(self._ask("remove", names, work, happened))
            return
        list(self._ask("install", [change.name for change in plan.changes], work, happened))

    def subjects(self, plan: Plan, policies: Sequence[Policy], _severities: object, _work: Work) -> list[Subject]:
        """What the policies are asked about: the repository's own list tells licences."""
        if not policies:
            return []
        coming = {change.name for change in plan.changes if change.after}
        found = []
        for _, name, _, after, licence, has_hash, repository in self._plans.get(plan.asked, ()):
            if name in coming:
                found.append(Subject(name, after, of_r(licence)[0], None, repository, has_hash == "1"))
        return found

    def newest(self, installed: Installed, work: Work) -> dict[str, str]:
        """Key and newest version in the repository. Raises PackageError."""
        work.report("Asking for newer versions")
        said = self._ask("newest", (), work, "Newer versions could not be asked for.")
        offered = {package_key(one[1]): one[2] for one in said if one[0] == "newest"}
        return {one.key: offered[one.key] for one in installed.packages if one.key in offered}

    def names(self, work: Work) -> tuple[str, ...]:
        """Names of all packages in the repository. Raises PackageError."""
        said = self._ask("names", (), work, "The names of packages could not be asked for.")
        return tuple(sorted((one[1] for one in said if one[0] == "name"), key=str.lower))

    def _ask(self, verb: str, names: Sequence[str], work: Work, happened: str) -> Iterator[list[str]]:
        """Run the script; the fields of its answers. Raises PackageError in words."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [
            *(str(self.place.interpreter), "--no-save", "--no-restore", "--no-site-file", "--no-init-file"),
            *("--no-echo", "-f", str(_SCRIPT), "--args", verb, self.network.r_repository, *names),
        ]

        def on_line(line: str) -> None:
            if line.startswith("* installing"):
                work.report(line.removeprefix("* ").rstrip(".").capitalize())

        variables = {**clean_variables(os.environ), **self.network.variables(), "LC_MESSAGES": "C", "LANGUAGE": "en"}
        try:
            ended = run(
                argv, self.folder, _TIME_LIMIT_S, lambda: work.is_cancelled, variables=variables, on_line=on_line
            )
        except OSError as error:
            raise PackageError(happened, f"R could not be started: {error.strerror or error}.") from error
        if ended.stopped == "cancelled":
            raise CancelledError(happened, "You cancelled it.")
        said = [line.removeprefix(_MARK).split("\t") for line in ended.output.splitlines() if line.startswith(_MARK)]
        if ended.return_code or ["end"] not in said:
            raise _explained(ended.errors, happened)
        unreachable = [one[1] for one in said if one[0] == "unreachable"]
        if unreachable and not any(one[0] in ("change", "name", "newest") for one in said):
            raise PackageError(
                happened,
                "The repository of R packages does not answer.",
                "Connect to the network, or name another repository in the settings under Network.",
                action="app.settings",
                action_title="Network settings",
                action_arguments={"search": "network"},
            ) from RuntimeError(unreachable[0])
        self._check(verb, ended.errors, happened)
        return iter(said)

    @staticmethod
    def _check(verb: str, errors: str, happened: str) -> None:
        """`install.packages` warns where it failed and ends well all the same."""
        if verb == "install" and ("had non-zero exit status" in errors or "is not available" in errors):
            raise _explained(errors, happened)


def debian_note(coming: Sequence[str], offered: frozenset[str]) -> tuple[str, ...]:
    """What to run as root to have these packages from Debian; nothing where it lacks one of them."""
    names = [f"r-cran-{name.lower()}" for name in coming]
    if not offered.issuperset(names):
        return ()
    what, here = ("it", "It is") if len(names) == 1 else ("them", "They are")
    return (
        f"{here} compiled here. Debian has {what} built, which is quicker and may be an older version: "
        f"whoever runs this computer gets {what} by “apt install {' '.join(names)}”.",
    )


def _refuse(said: Sequence[Sequence[str]], happened: str) -> None:
    """Raise for what stands against a plan."""
    for one in said:
        if one[0] == "unknown":
            raise PackageError(happened, f"There is no package “{one[1]}” in the repository.", "Look at its name.")
        if one[0] == "old":
            raise PackageError(happened, f"“{one[1]}” needs R {one[2]} or newer.", "Choose a newer R.")
        if one[0] == "lacks":
            raise PackageError(happened, f"“{one[1]}” needs “{one[2]}”, which the repository does not have.")
        if one[0] == "needs":
            raise PackageError(
                happened,
                f"“{one[1]}” needs {one[2]} {one[3]}, and the newest that can be had is {one[4]}.",
            )


def _explained(errors: str, happened: str) -> PackageError:
    lower = errors.lower()
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    if "no space left" in lower:
        error = PackageError(happened, "The disk is full.", "Make room and try again.")
    elif "not writable" in lower or "permission denied" in lower:
        error = PackageError(happened, "You may not write into R’s library.", "Choose another R, or ask who runs it.")
    elif any(mark in lower for mark in ("gcc: ", "make: ", "command not found", "compilation failed")):
        error = PackageError(
            happened,
            "It has to be compiled here, and that failed.",
            "A compiler or a library of the system is missing.",
        )
    else:
        marked = [line for line in lines if line.lower().startswith(("error", "warning"))] or lines
        error = PackageError(happened, f"R says: {' '.join(marked[-2:])[:_MESSAGE_LIMIT]}")
    error.__cause__ = RuntimeError(errors.strip())
    return error
