"""Policies: which packages, versions, licences and sources may be used. Reads `fourpane-policy.toml`, gives verdicts.

Several policies hold at once: the administrator's, one from an address, the project's. Each judges by itself and the
strictest verdict counts, so that no policy can loosen another. One that cannot be read denies everything and says
where its error is. What the file may say: `docs/reference/policy.md`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import IntEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ide.core.packages import package_key
from ide.core.policy import PolicyVerdict, Standing
from ide.core.record import dataclass
from ide.environments.packages.licences import Tree, parse, spdx_of

FILE_NAME = "fourpane-policy.toml"
_LIMIT_BYTES = 1_000_000
_WORDS = {"allowed": Standing.ALLOWED, "approval": Standing.NEEDS_APPROVAL, "denied": Standing.DENIED}
_TABLES: Mapping[str, frozenset[str]] = {
    "packages": frozenset({"allowed", "denied", "others"}),
    "licences": frozenset({"allowed", "denied", "others", "unknown"}),
    "indexes": frozenset({"allowed"}),
    "hashes": frozenset({"required"}),
    "vulnerabilities": frozenset({"highest", "unknown"}),
    "approval": frozenset({"contact"}),
}


class Severity(IntEnum):
    """Of a known vulnerability, by the bands of CVSS."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class PackageRule:
    """A name, in which `*` stands for anything, and versions of it; an empty `versions` is any."""

    name: str
    versions: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as it was read. `origin` names it to the user, `problem` says why it could not be read.

    An empty `allowed_licences` or `allowed_packages` allows what nothing else forbids.
    """

    origin: str
    problem: str = ""
    allowed_packages: tuple[PackageRule, ...] = ()
    denied_packages: tuple[PackageRule, ...] = ()
    other_packages: Standing = Standing.ALLOWED
    allowed_licences: tuple[str, ...] = ()
    denied_licences: tuple[str, ...] = ()
    other_licences: Standing = Standing.ALLOWED
    unknown_licences: Standing = Standing.ALLOWED
    allowed_indexes: tuple[str, ...] = ()
    requires_hashes: bool = False
    highest_severity: Severity | None = None
    unknown_severity: Standing = Standing.ALLOWED
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged. `severity` is None where it could not be checked; `index` and `has_hash` count for what comes."""

    name: str
    version: str
    licence: str = ""
    severity: Severity | None = None
    index: str = ""
    has_hash: bool | None = None


def judge(policies: Iterable[Policy], subject: Subject) -> PolicyVerdict:
    """The strictest of what the policies say, with the reasons of that strictness first."""
    said = sorted((one for policy in policies for one in _judge(policy, subject)), key=lambda one: -one[0])
    standing = said[0][0] if said else Standing.ALLOWED
    reasons = tuple(dict.fromkeys(reason for _, reason in said))
    return PolicyVerdict(subject.name, subject.version, standing, reasons, subject.licence)


def _judge(policy: Policy, subject: Subject) -> list[tuple[Standing, str]]:
    """Everything but plain permission, each with its reason."""
    if policy.problem:
        return [(Standing.DENIED, f"{policy.origin} cannot be read, so it denies everything: {policy.problem}")]
    found = [
        *_judge_name(policy, subject),
        *_judge_licence(policy, subject),
        *_judge_origin(policy, subject),
        *_judge_severity(policy, subject),
    ]
    return [(standing, f"{policy.origin} {reason}") for standing, reason in found if standing is not Standing.ALLOWED]


def _judge_name(policy: Policy, subject: Subject) -> list[tuple[Standing, str]]:
    denied = next((rule for rule in policy.denied_packages if fits(rule, subject)), None)
    if denied is not None:
        return [(Standing.DENIED, f"denies {_rule_text(denied)}.")]
    if not policy.allowed_packages or any(fits(rule, subject) for rule in policy.allowed_packages):
        return []
    known = [rule.versions for rule in policy.allowed_packages if _name_fits(rule, subject.name)]
    what = f"allows {subject.name} only {' or '.join(known)}" if known else f"does not list {subject.name}"
    return [(policy.other_packages, f"{what}, and this is version {subject.version}." if known else f"{what}.")]


def _judge_licence(policy: Policy, subject: Subject) -> list[tuple[Standing, str]]:
    if not (policy.allowed_licences or policy.denied_licences):
        return []
    named = any(_matches(one, subject.licence) for one in (*policy.allowed_licences, *policy.denied_licences))
    # A licence in words of its own is known to a policy only where it names these words.
    tree = subject.licence if named else parse(subject.licence) if spdx_of(subject.licence) else None
    if not tree:
        said = f"does not know the licence “{subject.licence}”" if subject.licence else "was told no licence"
        return [(policy.unknown_licences, f"{said} of {subject.name}.")]
    standing = licence_standing(policy, tree)
    word = "denies" if standing is Standing.DENIED else "wants an approval for"
    return [(standing, f"{word} the licence {subject.licence} of {subject.name}.")]


def licence_standing(policy: Policy, tree: Tree) -> Standing:
    """Of OR the mildest part counts, since one may choose; of AND the strictest."""
    if isinstance(tree, str):
        ids = (tree, tree.partition(" WITH ")[0])
        if any(_matches(pattern, id) for pattern in policy.denied_licences for id in ids[:1]):
            return Standing.DENIED
        if any(_matches(pattern, id) for pattern in policy.allowed_licences for id in ids):
            return Standing.ALLOWED
        return policy.other_licences if policy.allowed_licences else Standing.ALLOWED
    parts = [licence_standing(policy, part) for part in tree[1]]
    return min(parts) if tree[0] == "OR" else max(parts)


def _judge_origin(policy: Policy, subject: Subject) -> list[tuple[Standing, str]]:
    found: list[tuple[Standing, str]] = []
    if policy.allowed_indexes and subject.index and not index_is_allowed(policy, subject.index):
        found.append((Standing.DENIED, f"does not allow the source {subject.index}."))
    if policy.requires_hashes and subject.has_hash is False:
        found.append((Standing.DENIED, f"requires hashes, and its source gives none for {subject.name}."))
    return found


def index_is_allowed(policy: Policy, index: str) -> bool:
    """Whether a source (index, channel, repository) may be used: it is listed, or lies below one that is."""
    plain = index.rstrip("/")
    return any(plain == one.rstrip("/") or plain.startswith(f"{one.rstrip('/')}/") for one in policy.allowed_indexes)


def _judge_severity(policy: Policy, subject: Subject) -> list[tuple[Standing, str]]:
    if policy.highest_severity is None:
        return []
    if subject.severity is None:
        return [(policy.unknown_severity, f"wants known vulnerabilities checked, and {subject.name} could not be.")]
    if subject.severity <= policy.highest_severity:
        return []
    said = f"{subject.name} {subject.version} has one of severity {subject.severity.name.lower()}"
    return [(Standing.DENIED, f"allows vulnerabilities up to {policy.highest_severity.name.lower()}, and {said}.")]


def fits(rule: PackageRule, subject: Subject) -> bool:
    """Whether a rule means this package in this version."""
    return _name_fits(rule, subject.name) and version_fits(subject.version, rule.versions)


def version_fits(version: str, versions: str) -> bool:
    """Whether a version is among `versions`. R's "1.2-3" is compared as 1.2.3. What is no version fits nothing."""
    if not versions:
        return True
    try:
        return SpecifierSet(versions).contains(Version(version.replace("-", ".")), prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return False


def _name_fits(rule: PackageRule, name: str) -> bool:
    return fnmatchcase(package_key(name), rule.name)


def _matches(pattern: str, id: str) -> bool:
    return fnmatchcase(id.lower(), pattern.lower())


def _rule_text(rule: PackageRule) -> str:
    return f"{rule.name} {rule.versions}".strip()


# --- reading ---------------------------------------------------------------------------------------------------------


class PolicyError(ValueError):
    """A policy says something that it cannot mean; the text says where."""


def read_policy(path: Path, origin: str) -> Policy | None:
    """The policy in a file; None where there is no such file. Any other failure gives a policy that denies."""
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            return Policy(origin, f"{path} is larger than 1 MB.")
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Policy(origin, f"{path}: {error.strerror or error}.")
    return parse_policy(content, origin, str(path))


def parse_policy(content: bytes, origin: str, place: str) -> Policy:
    """The policy of a text. `place` is named where it has an error."""
    try:
        return _policy(tomllib.loads(content.decode("utf-8")), origin)
    except UnicodeDecodeError as error:
        return Policy(origin, f"{place} is no UTF-8 text (byte {error.start}).")
    except tomllib.TOMLDecodeError as error:
        last_line = content.count(b"\n") + 1
        return Policy(
            origin, f"{place} is no TOML: {str(error).replace('at end of document', f'at its end, line {last_line}')}."
        )
    except PolicyError as error:
        return Policy(origin, f"{place}, {error}.")


def _policy(said: Mapping[str, Any], origin: str) -> Policy:
    for name, table in said.items():
        if name not in _TABLES:
            raise PolicyError(f"[{name}] is no part of a policy")
        if not isinstance(table, dict):
            raise PolicyError(f"{name} must be a table")
        for key in table:
            if key not in _TABLES[name]:
                raise PolicyError(f"[{name}] {key} is no part of a policy")
    packages, licences, vulnerabilities = (said.get(name, {}) for name in ("packages", "licences", "vulnerabilities"))
    required = said.get("hashes", {}).get("required", False)
    if not isinstance(required, bool):
        raise PolicyError("[hashes] required must be true or false")
    return Policy(
        origin,
        "",
        _rules(packages, "allowed"),
        _rules(packages, "denied"),
        _standing(packages, "packages", "others", Standing.DENIED if packages.get("allowed") else Standing.ALLOWED),
        _texts(licences, "licences", "allowed"),
        _texts(licences, "licences", "denied"),
        _standing(licences, "licences", "others", Standing.NEEDS_APPROVAL),
        _standing(licences, "licences", "unknown", Standing.NEEDS_APPROVAL),
        _texts(said.get("indexes", {}), "indexes", "allowed"),
        required,
        _severity(vulnerabilities),
        _standing(vulnerabilities, "vulnerabilities", "unknown", Standing.ALLOWED),
        _text(said.get("approval", {}), "approval", "contact"),
    )


def _texts(table: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
        raise PolicyError(f"[{name}] {key} must be a list of texts")
    return tuple(one.strip() for one in found)


def _text(table: Mapping[str, Any], name: str, key: str) -> str:
    found = table.get(key, "")
    if not isinstance(found, str):
        raise PolicyError(f"[{name}] {key} must be a text")
    return found


def _rules(table: Mapping[str, Any], key: str) -> tuple[PackageRule, ...]:
    rules = []
    for text in _texts(table, "packages", key):
        end = next((place for place, letter in enumerate(text) if letter in "<>=!~ "), len(text))
        name, versions = text[:end].strip(), text[end:].strip()
        try:
            SpecifierSet(versions)
        except InvalidSpecifier as error:
            raise PolicyError(f"[packages] {key}: “{text}” names no versions that can be compared") from error
        rules.append(PackageRule(package_key(name), versions))
    return tuple(rules)


def _standing(table: Mapping[str, Any], name: str, key: str, default: Standing) -> Standing:
    if key not in table:
        return default
    if table[key] not in _WORDS:
        raise PolicyError(f"[{name}] {key} must be one of {', '.join(_WORDS)}")
    return _WORDS[table[key]]


def _severity(table: Mapping[str, Any]) -> Severity | None:
    if "highest" not in table:
        return None
    names = {one.name.lower(): one for one in Severity}
    if table["highest"] not in names:
        raise PolicyError(f"[vulnerabilities] highest must be one of {', '.join(names)}")
    return names[table["highest"]]
