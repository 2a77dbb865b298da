"""Who needs whom among installed packages, and what a change would do to that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from packaging.version import InvalidVersion, Version

from ide.core.packages import Act, Change, Package, Plan, package_key
from ide.environments.packages.installed_python import holds, markers_for, requirement
from ide.environments.packages.policy import version_fits


def needed_by(packages: Iterable[Package], key: str) -> tuple[Package, ...]:
    """Those that ask for a package."""
    return tuple(one for one in packages if key in one.needs and one.key != key)


def unneeded_after(packages: Collection[Package], removed: Collection[str]) -> tuple[str, ...]:
    """Keys of packages that came along with others, and that nothing needs once `removed` are gone."""
    left = {one.key: one for one in packages if one.key not in removed}
    found: list[str] = []
    was_needed = set(removed)
    while True:
        needed = {key for one in left.values() for key in one.needs if key != one.key}
        lost = [
            one
            for one in left.values()
            if not one.is_direct
            and not one.is_fixed
            and one.key not in needed
            and _was_needed_by(packages, one, was_needed)
        ]
        if not lost:
            return tuple(found)
        for one in lost:
            found.append(one.key)
            was_needed.add(one.key)
            del left[one.key]


def _was_needed_by(packages: Collection[Package], one: Package, gone: Collection[str]) -> bool:
    return any(one.key in other.needs for other in packages if other.key in gone)


def removal(packages: Collection[Package], names: Collection[str], *, with_unneeded: bool = False) -> Plan:
    """What taking packages away means: who still needs them, and what nothing needs any more."""
    keys = {package_key(name) for name in names}
    gone = [one for one in packages if one.key in keys]
    unneeded = unneeded_after(packages, keys)
    extra = [one for one in packages if with_unneeded and one.key in unneeded]
    warnings = []
    for one in gone:
        users = [user.name for user in needed_by(packages, one.key) if user.key not in keys]
        if users:
            warnings.append(
                f"{_listed(users)} {'needs' if len(users) == 1 else 'need'} {one.name} and may stop working."
            )
    changes = [Change(one.name, one.version, "", one.size_bytes, is_asked=one.key in keys) for one in (*gone, *extra)]
    shown = tuple(one.name for one in packages if one.key in unneeded and not with_unneeded)
    return Plan(Act.REMOVE, tuple(one.name for one in gone), tuple(changes), tuple(warnings), shown)


def broken_by(packages: Iterable[Package], changes: Collection[Change], version: str) -> tuple[str, ...]:
    """Sentences on installed packages whose wishes would not hold any more. `version` is the Python's."""
    after = {change.key: change.after for change in changes if change.after}
    around = markers_for(version)
    found = []
    for one in packages:
        if one.key in after:
            continue
        for line in one.requirements:
            wish = requirement(line) if holds(line, around) else None
            key = package_key(wish.name) if wish is not None else ""
            if wish is not None and key in after and not version_fits(after[key], str(wish.specifier)):
                found.append(f"{one.name} {one.version} needs {wish.name}{wish.specifier}, and gets {after[key]}.")
    return tuple(found)


def compare_versions(first: str, second: str) -> int:
    """-1, 0 or 1. R's "1.2-3" is 1.2.3."""
    try:
        a, b = Version(first.replace("-", ".")), Version(second.replace("-", "."))
    except InvalidVersion:
        return (first > second) - (first < second)
    return (a > b) - (a < b)


def title_of(plan: Plan) -> str:
    """The change in words: "Install seaborn and 3 others", "Update numpy", "Remove bokeh"."""
    verb = {Act.INSTALL: "Install", Act.UPDATE: "Update", Act.REMOVE: "Remove"}[plan.act]
    others = len(plan.changes) - sum(change.is_asked for change in plan.changes)
    names = [change.name for change in plan.changes if change.is_asked] or list(plan.asked)
    more = f" and {others} {'other' if others == 1 else 'others'}" if others > 0 else ""
    return f"{verb} {_listed(names) if not more else ', '.join(names[:3])}{more}"


def _listed(names: list[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def newer(packages: Iterable[Package], newest: Mapping[str, str]) -> dict[str, str]:
    """Key and newest version of the packages that are older."""
    return {
        one.key: newest[one.key]
        for one in packages
        if newest.get(one.key) and one.version and compare_versions(one.version, newest[one.key]) < 0
    }
