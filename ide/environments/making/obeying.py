"""Asks the policies before anything is fetched for a new environment, and before a lock is written.

Blocks: for pool threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ide.core.errors import PackageError
from ide.core.package_lock import LockedPackage, PackageLock
from ide.core.packages import Act, Change, Plan
from ide.core.policy import PolicyVerdict
from ide.core.ports import Work
from ide.core.record import replace
from ide.environments.making.conda import CondaPackage, channel_of
from ide.environments.making.python import Check
from ide.environments.packages.index import Index
from ide.environments.packages.places import UV, Place
from ide.environments.packages.policies import FoundPolicy, PolicyPlaces, find_policies
from ide.environments.packages.policy import Policy, Subject, judge
from ide.environments.packages.python import PythonPackages
from ide.environments.packages.service import refusal
from ide.environments.uv import Uv

_COMES = re.compile(r"^\s*\+ ([^\s=]+)==(\S+)")


def policies_of(places: PolicyPlaces) -> list[Policy]:
    """Those that hold. Raises PackageError where one has an error: then nothing may be installed."""
    found: Sequence[FoundPolicy] = find_policies(places)
    for one in found:
        if one.policy.problem:
            verdict = judge([one.policy], Subject("", ""))
            raise PackageError("Nothing can be installed at present.", verdict.reasons[0], "Tell who keeps the policy.")
    return [one.policy for one in found]


def check_python(policies: Sequence[Policy], uv: Uv, work: Work, happened: str) -> Check:
    """What refuses packages for a new Python environment, by the plan that uv makes for it."""

    def check(python: Path, arguments: Sequence[str]) -> None:
        if not policies:
            return
        told: list[str] = []
        uv.run(["pip", "install", "--dry-run", "--python", str(python), *arguments], work, happened, told=told)
        coming = tuple(Change(found[1], "", found[2]) for line in told if (found := _COMES.match(line)))
        packages = PythonPackages(Place(UV, UV, python, python.parent.parent, ()), uv)
        plan = Plan(Act.INSTALL, (), coming)
        refuse(policies, packages.subjects(plan, policies, lambda _pairs: {}, work), coming)

    return check


def check_conda(policies: Sequence[Policy], packages: Sequence[CondaPackage]) -> None:
    """Refuse what is to be installed by conda."""
    subjects = [
        Subject(one.name, one.version, one.licence, None, channel_of(one.url), bool(one.sha256 or one.md5))
        for one in packages
    ]
    refuse(policies, subjects, tuple(Change(one.name, "", one.version) for one in packages))


def lock_verdicts(policies: Sequence[Policy], lock: PackageLock) -> tuple[PolicyVerdict, ...]:
    """What the policies say of each locked package."""
    return tuple(
        judge(policies, Subject(one.name, one.version, one.licence, None, "", bool(one.hashes)))
        for one in lock.packages
    )


def installed_verdicts(
    policies: Sequence[Policy], licences: Mapping[tuple[str, str], str]
) -> tuple[PolicyVerdict, ...]:
    """What the policies say of packages that are installed; `licences` are by key and version."""
    found = licences.items()
    return tuple(judge(policies, Subject(name, version, licence)) for (name, version), licence in found)


def asks_licences(policies: Sequence[Policy]) -> bool:
    """Whether any of them has rules on licences."""
    return any(one.allowed_licences or one.denied_licences for one in policies)


def with_licences(
    policies: Sequence[Policy], lock: PackageLock, here: Mapping[tuple[str, str], str], uv: Uv, work: Work
) -> PackageLock:
    """The lock with licences: of `here` by key and version, else the index's; one that nobody tells stays unknown."""
    if not asks_licences(policies):
        return lock
    found = [replace(one, licence=one.licence or here.get((one.key, one.version), "")) for one in lock.packages]
    if lock.kind == "python" and not all(one.licence for one in found):
        found = list(_asked(found, Index.of(uv, work), work))
    return replace(lock, packages=tuple(found))


def _asked(packages: Sequence[LockedPackage], index: Index, work: Work) -> Iterator[LockedPackage]:
    """With the index's licence where none is known; an index that does not answer is not asked again and again."""
    is_answering = True
    for one in packages:
        licence = one.licence
        if not licence and is_answering:
            work.report(f"Checking the licence of {one.name}")
            try:
                licence = index.licence(one.name, one.version)[0]
            except PackageError:
                is_answering = False
        yield replace(one, licence=licence)


def refuse_lock(verdicts: Sequence[PolicyVerdict], happened: str) -> None:
    """Refuse a lock with packages that may not be used; `happened` is what was left undone. Raises PackageError."""
    against = [verdict for verdict in verdicts if not verdict.is_allowed]
    if against:
        raise PackageError(
            f"A policy does not allow {_named(against)}.",
            against[0].reasons[0] if against[0].reasons else "",
            f"{happened} Remove it, or ask for an approval.",
        )


def refuse(policies: Sequence[Policy], subjects: Sequence[Subject], coming: tuple[Change, ...]) -> None:
    """Refuse what comes where a policy does not allow it. Raises PackageError."""
    verdicts = tuple(judge(policies, subject) for subject in subjects)
    if any(not verdict.is_allowed for verdict in verdicts):
        raise refusal(Plan(Act.INSTALL, (), coming, verdicts=verdicts))


def _named(verdicts: Sequence[PolicyVerdict]) -> str:
    return ", ".join(f"{one.name} {one.version}".strip() for one in verdicts[:3])
