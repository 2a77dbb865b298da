"""Changes the packages of a Python with uv: says first what would change, then does exactly that."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Installed, Plan, package_key
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.network import Network
from ide.environments.packages import relations
from ide.environments.packages.index import Index, IndexFile
from ide.environments.packages.places import Place
from ide.environments.packages.policy import Policy, Severity, Subject
from ide.environments.uv import Uv

_CHANGE = re.compile(r"^\s*([+~-])\s+([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(\S+)")

SeveritiesOf = Callable[[Sequence[tuple[str, str]]], dict[str, Severity]]
"""Key and worst severity of the (name, version) pairs; a package that could not be checked is left out."""


@dataclass(frozen=True, slots=True)
class PythonPackages:
    """Of one place. `uv` has the network's settings. Blocks: for pool threads."""

    place: Place
    uv: Uv

    @property
    def network(self) -> Network:
        """How packages are reached."""
        return self.uv.network

    def plan(self, installed: Installed, act: Act, names: Sequence[str], work: Work) -> Plan:
        """What installing or updating would do. Raises PackageError, also where no set of versions fits."""
        work.report("Looking what would change")
        told: list[str] = []
        arguments = ["pip", "install", "--dry-run", "--python", str(self.place.interpreter), *_asked(act, names)]
        what = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
        verb = "updated" if act is Act.UPDATE else "installed"
        self.uv.run(arguments, work, f"“{what}” cannot be {verb}.", told=told)
        changes = self._changes(told, installed, {_key_of(name) for name in names})
        warnings = relations.broken_by(installed.packages, changes, self.place.version)
        return Plan(act, tuple(names), changes, warnings)

    def _changes(self, told: Iterable[str], installed: Installed, asked: set[str]) -> tuple[Change, ...]:
        before: dict[str, tuple[str, str]] = {}
        after: dict[str, tuple[str, str]] = {}
        for line in told:
            if found := _CHANGE.match(line):
                sign, name, version = found.groups()
                if sign in "-~":
                    before[package_key(name)] = (name, version)
                if sign in "+~":
                    after[package_key(name)] = (name, version)
        found_changes = []
        for key in dict.fromkeys((*after, *before)):
            name = after.get(key, before.get(key, ("", "")))[0]
            known = installed.get(name)
            old = before[key][1] if key in before else ""
            found_changes.append(
                Change(known.name if known else name, old, after[key][1] if key in after else "", is_asked=key in asked)
            )
        return tuple(sorted(found_changes, key=lambda one: (not one.is_asked, one.key)))

    def apply(self, plan: Plan, policies: Sequence[Policy], work: Work) -> None:
        """Do what the plan says, with exactly its versions. Raises PackageError."""
        happened = f"{relations.title_of(plan)}: this was not done."
        gone = [change.name for change in plan.changes if not change.after]
        with tempfile.TemporaryDirectory(prefix="fp-packages-", ignore_cleanup_errors=True) as place:
            if plan.act is Act.REMOVE:
                work.report(f"Removing {len(gone)} package{'s' if len(gone) != 1 else ''}")
                self.uv.run(["pip", "uninstall", "--python", str(self.place.interpreter), *gone], work, happened)
                return
            coming = [change for change in plan.changes if change.after]
            if any(policy.requires_hashes for policy in policies):
                arguments = [
                    "--no-deps",
                    "--require-hashes",
                    "-r",
                    str(self._hashed(coming, Path(place), work, happened)),
                ]
            else:
                pins = Path(place, "versions.txt")
                pins.write_text("".join(f"{one.name}=={one.after}\n" for one in coming), "utf-8")
                arguments = [*_asked(plan.act, plan.asked), "--constraints", str(pins)]
            self.uv.run(["pip", "install", "--python", str(self.place.interpreter), *arguments], work, happened)

    def _hashed(self, coming: Iterable[Change], folder: Path, work: Work, happened: str) -> Path:
        """A file with versions and hashes of everything that comes."""
        index = Index.of(self.uv, work)
        lines = []
        for change in coming:
            hashes = [file.sha256 for file in index.files(change.name) if file.version == change.after and file.sha256]
            if not hashes:
                raise PackageError(
                    happened, f"The policy requires hashes, and its source gives none for {change.name}."
                )
            lines.append(f"{change.name}=={change.after} " + " ".join(f"--hash=sha256:{one}" for one in hashes))
        path = folder / "hashed.txt"
        path.write_text("\n".join(lines), "utf-8")
        return path

    def subjects(self, plan: Plan, policies: Sequence[Policy], severities: SeveritiesOf, work: Work) -> list[Subject]:
        """What the policies are asked about: everything that comes, before anything of it is fetched."""
        coming = [change for change in plan.changes if change.after]
        if not policies or not coming:
            return []
        index = Index.of(self.uv, work)
        needs_licence = any(one.allowed_licences or one.denied_licences for one in policies)
        needs_hash = any(one.requires_hashes for one in policies)
        needs_index = any(one.allowed_indexes for one in policies)
        needs_severity = any(one.highest_severity is not None for one in policies)
        known = severities([(one.name, one.after) for one in coming]) if needs_severity else {}
        found = []
        for number, change in enumerate(coming):
            work.report(f"Checking the licence of {change.name}" if needs_licence else "Checking", number, len(coming))
            files = _files_of(index, change) if needs_hash or needs_index else ()
            licence = index.licence(change.name, change.after)[0] if needs_licence else ""
            found.append(
                Subject(
                    change.name,
                    change.after,
                    licence,
                    known.get(change.key),
                    files[0].index if files else "",
                    any(file.sha256 for file in files) if needs_hash else None,
                )
            )
        return found

    def newest(self, installed: Installed, work: Work) -> dict[str, str]:
        """Key and newest version of everything that is older here. Raises PackageError."""
        work.report("Asking for newer versions")
        arguments = ["pip", "list", "--outdated", "--format", "json", "--python", str(self.place.interpreter)]
        said = json.loads(self.uv.run(arguments, work, "Newer versions could not be asked for."))
        return {package_key(str(one["name"])): str(one["latest_version"]) for one in said}

    def names(self, work: Work) -> tuple[str, ...]:
        """Names of all packages that could be installed. Raises PackageError."""
        return Index.of(self.uv, work).names()


def _files_of(index: Index, change: Change) -> tuple[IndexFile, ...]:
    return tuple(file for file in index.files(change.name) if file.version == change.after)


def _asked(act: Act, names: Sequence[str]) -> list[str]:
    wanted = [*names]
    return (
        [*wanted, *(part for name in names for part in ("--upgrade-package", _name_of(name)))]
        if act is Act.UPDATE
        else wanted
    )


def _name_of(wish: str) -> str:
    """The package's name in "pandas[excel] >= 2"."""
    return re.split(r"[\s\[<>=!~;@]", wish.strip(), maxsplit=1)[0]


def _key_of(wish: str) -> str:
    return package_key(_name_of(wish))
