"""Changes the packages of a conda prefix with the conda, mamba or micromamba of this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Installed, Plan, package_key
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.network import Network
from ide.environments.packages import relations
from ide.environments.packages.licences import of_conda
from ide.environments.packages.places import Place
from ide.environments.packages.policy import Policy, Subject
from ide.environments.processes import clean_variables, run
from ide.environments.uv import CancelledError

_TIME_LIMIT_S = 3600.0
_MESSAGE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class CondaPackages:
    """Of one place, whose `tool` is the program. Blocks: for pool threads."""

    place: Place
    folder: Path
    network: Network

    def plan(self, _installed: Installed, act: Act, names: Sequence[str], work: Work) -> Plan:
        """What would change. Raises PackageError, also where nothing fits."""
        work.report("Looking what would change")
        said = self._ask(
            [_verb(act), "--dry-run", *self._channels(act), *names], work, f"“{', '.join(names)}” cannot be changed."
        )
        asked = {package_key(name.split("=")[0].split(">")[0].split("<")[0]) for name in names}
        changes = tuple(
            Change(name, before, after, size, is_asked=package_key(name) in asked)
            for name, before, after, size in _changes_of(said)
        )
        return Plan(act, tuple(names), tuple(sorted(changes, key=lambda one: (not one.is_asked, one.key))))

    def apply(self, plan: Plan, _policies: Sequence[Policy], work: Work) -> None:
        """Do what the plan says, with its versions. Raises PackageError."""
        work.report(relations.title_of(plan))
        if plan.act is Act.REMOVE:
            specs = [change.name for change in plan.changes]
        else:
            specs = [f"{change.name}={change.after}" for change in plan.changes if change.after]
        verb = _verb(Act.INSTALL if plan.act is Act.UPDATE else plan.act)
        self._ask([verb, *self._channels(plan.act), *specs], work, f"{relations.title_of(plan)}: this was not done.")

    def subjects(self, plan: Plan, policies: Sequence[Policy], _severities: object, work: Work) -> list[Subject]:
        """What the policies are asked about; licences come from the plan of the tool."""
        if not policies:
            return []
        said = self._ask(
            [_verb(plan.act), "--dry-run", *self._channels(plan.act), *plan.asked], work, "Licences are not known."
        )
        found = []
        for one in _linked(said):
            licence = of_conda(str(one.get("license") or ""))[0]
            has_hash = bool(one.get("sha256") or one.get("md5"))
            found.append(
                Subject(str(one["name"]), str(one["version"]), licence, None, str(one.get("channel") or ""), has_hash)
            )
        return found

    def newest(self, installed: Installed, work: Work) -> dict[str, str]:
        """Key and newest version that fits: what an update of everything would bring. Raises PackageError."""
        work.report("Asking for newer versions")
        said = self._ask(
            ["update", "--dry-run", "--all", *self._channels(Act.UPDATE)],
            work,
            "Newer versions could not be asked for.",
        )
        return {package_key(name): after for name, _, after, _ in _changes_of(said) if after}

    def names(self, work: Work) -> tuple[str, ...]:
        """Names in the channels. Raises PackageError."""
        said = self._ask(
            ["search", "*", *self._channels(Act.INSTALL)],
            work,
            "The names of packages could not be asked for.",
            has_prefix=False,
        )
        packages = said.get("result", {}).get("pkgs", ()) if isinstance(said.get("result"), dict) else said
        found = (
            (one["name"] for one in packages)
            if isinstance(packages, list)
            else (name for name in packages if name != "error")
        )
        return tuple(sorted(set(map(str, found))))

    def _channels(self, act: Act) -> list[str]:
        return [] if act is Act.REMOVE or not self.network.conda_channel else ["--channel", self.network.conda_channel]

    def _ask(
        self, arguments: Sequence[str], work: Work, happened: str, *, has_prefix: bool = True
    ) -> Mapping[str, Any]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prefix = ["--prefix", str(self.place.prefix), "--yes"] if has_prefix else []
        argv = [str(self.place.tool), arguments[0], *prefix, "--json", *arguments[1:]]
        variables = {**clean_variables(os.environ), **self.network.variables()}
        try:
            ended = run(argv, self.folder, _TIME_LIMIT_S, lambda: work.is_cancelled, variables=variables)
        except OSError as error:
            raise PackageError(happened, f"conda could not be started: {error.strerror or error}.") from error
        if ended.stopped:
            raise CancelledError(happened, "You cancelled it.")
        said = _json_of(ended.output)
        if ended.return_code:
            raise _explained(said, ended.errors, happened)
        return said


def _verb(act: Act) -> str:
    return {Act.INSTALL: "install", Act.UPDATE: "update", Act.REMOVE: "remove"}[act]


def _json_of(output: str) -> Mapping[str, Any]:
    """The last whole object: some of these programs print others before."""
    first = output.find("{")
    try:
        said = json.loads(output[first:]) if first >= 0 else {}
    except ValueError:
        said = {}
    return said if isinstance(said, dict) else {}


def _linked(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    actions = said.get("actions")
    found = actions.get("LINK", ()) if isinstance(actions, dict) else ()
    return [one for one in found if isinstance(one, dict) and "name" in one and "version" in one]


def _changes_of(said: Mapping[str, Any]) -> list[tuple[str, str, str, int | None]]:
    actions = said.get("actions")
    gone = actions.get("UNLINK", ()) if isinstance(actions, dict) else ()
    before = {str(one["name"]): str(one["version"]) for one in gone if isinstance(one, dict)}
    after = {str(one["name"]): one for one in _linked(said)}
    found = []
    for name in dict.fromkeys((*after, *before)):
        one = after.get(name, {})
        size = one.get("size")
        found.append((name, before.get(name, ""), str(one.get("version", "")), size if isinstance(size, int) else None))
    return found


def _explained(said: Mapping[str, Any], errors: str, happened: str) -> PackageError:
    problems = said.get("solver_problems")
    text = (
        "; ".join(map(str, problems)) if isinstance(problems, list) and problems else str(said.get("message") or errors)
    )
    lower = text.lower()
    if "no space left" in lower:
        return PackageError(happened, "The disk is full.", "Make room and try again.")
    if any(mark in lower for mark in ("http", "connection", "could not resolve host", "offline")) and not problems:
        return PackageError(happened, "The channel does not answer.", "Connect to the network and try again.")
    return PackageError(happened, f"conda says: {' '.join(text.split())[:_MESSAGE_LIMIT]}")
