"""Changes the packages of a conda prefix with py-rattler: says first what would change, then does exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Installed, Plan, package_key
from ide.core.ports import Work
from ide.core.record import dataclass, field
from ide.environments.making.conda import Conda, CondaPackage, channel_of, installed
from ide.environments.network import Network
from ide.environments.packages import relations
from ide.environments.packages.places import Place
from ide.environments.packages.policy import Policy, Subject

_NAME = re.compile(r"[\w.\-]+")


@dataclass(frozen=True, slots=True)
class CondaPackages:
    """Of one place. Blocks: for pool threads."""

    place: Place
    conda: Conda
    _solved: dict[tuple[str, ...], tuple[CondaPackage, ...]] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """How channels are reached."""
        return self.conda.network

    def plan(self, listed: Installed, act: Act, names: Sequence[str], work: Work) -> Plan:
        """What installing or updating would do: as little as possible. Raises PackageError where nothing fits."""
        work.report("Looking what would change")
        happened = f"“{', '.join(names)}” cannot be {'updated' if act is Act.UPDATE else 'installed'}."
        asked = {key_of(name) for name in names}
        before = {one.name: one for one in installed(self.place.prefix)}
        others = [one for one in before.values() if package_key(one.name) not in asked]
        channels = self._channels(before.values())
        try:
            solved = self.conda.solve([*names, *(one.exact for one in others)], channels, work, happened)
        except PackageError:
            # Something that is there has to give way: in its version, not altogether.
            solved = self.conda.solve([*names, *(one.name for one in others)], channels, work, happened)
        self._solved[tuple(names)] = solved
        changes = _changes(before, {one.name: one for one in solved}, asked)
        return Plan(act, tuple(names), changes, relations.broken_by(listed.packages, changes, self.place.version))

    def apply(self, plan: Plan, _policies: Sequence[Policy], work: Work) -> None:
        """Do what the plan says, with the very files that it found. Raises PackageError."""
        happened = f"{relations.title_of(plan)}: this was not done."
        before = installed(self.place.prefix)
        if plan.act is Act.REMOVE:
            gone = {change.key for change in plan.changes}
            wanted = [one for one in before if package_key(one.name) not in gone]
        else:
            wanted = list(self._solved.get(plan.asked, ()))
            if not wanted:
                changed = {change.key: change for change in plan.changes}
                specs = [one.exact for one in before if package_key(one.name) not in changed]
                specs += [f"{change.name} =={change.after}" for change in plan.changes if change.after]
                wanted = list(self.conda.solve(specs, self._channels(before), work, happened))
        hashes = {one.name: one.sha256 or one.md5 for one in wanted if one.sha256 or one.md5}
        channels = self._channels([*before, *wanted])
        self.conda.install(self.place.prefix, [one.exact for one in wanted], channels, work, happened, hashes=hashes)

    def subjects(self, plan: Plan, policies: Sequence[Policy], _severities: object, _work: Work) -> list[Subject]:
        """What the policies are asked about: the channel tells licences and hashes."""
        coming = {change.name for change in plan.changes if change.after}
        return [
            Subject(one.name, one.version, one.licence, None, channel_of(one.url), bool(one.sha256 or one.md5))
            for one in self._solved.get(plan.asked, ())
            if policies and one.name in coming
        ]

    def newest(self, listed: Installed, work: Work) -> dict[str, str]:
        """Key and newest version that fits together with the rest. Raises PackageError."""
        work.report("Asking for newer versions")
        before = installed(self.place.prefix)
        direct = [one.name for one in before if _is_direct(listed, one)]
        happened = "Newer versions could not be asked for."
        solved = self.conda.solve(direct, self._channels(before), work, happened) if direct else ()
        return {package_key(one.name): one.version for one in solved}

    def names(self, work: Work) -> tuple[str, ...]:
        """Names of everything in the channels. Raises PackageError."""
        channels = self._channels(installed(self.place.prefix))
        return self.conda.names(channels, work, "The names of packages could not be asked for.")

    def _channels(self, packages: Iterable[CondaPackage]) -> list[str]:
        """The one of the settings first, then those that packages of this prefix came from."""
        own = [self.network.conda_channel] if self.network.conda_channel else []
        came_from = (url.rpartition("/")[0] if url.endswith(_SUBDIRS) else url for url in _addresses(packages))
        return list(dict.fromkeys([*own, *came_from]))


_SUBDIRS = ("/noarch", "/linux-64", "/linux-aarch64", "/osx-64", "/osx-arm64", "/win-64")


def _addresses(packages: Iterable[CondaPackage]) -> list[str]:
    return [channel_of(one.url) for one in packages if "://" in one.url]


def _is_direct(listed: Installed, one: CondaPackage) -> bool:
    known = listed.get(one.name)
    return known is None or known.is_direct


def _changes(before: dict[str, CondaPackage], after: dict[str, CondaPackage], asked: set[str]) -> tuple[Change, ...]:
    found = []
    for name in dict.fromkeys((*after, *before)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None or old.version != new.version:
            found.append(
                Change(
                    name,
                    old.version if old is not None else "",
                    new.version if new is not None else "",
                    new.size_bytes or None if new is not None else None,
                    is_asked=package_key(name) in asked,
                )
            )
    return tuple(sorted(found, key=lambda one: (not one.is_asked, one.key)))


def key_of(wish: str) -> str:
    """The key of the package in "numpy >=2"."""
    match = _NAME.match(wish.strip())
    return package_key(match[0]) if match else ""
