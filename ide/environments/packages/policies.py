"""Finds the policies that hold: the administrator's file, one from an address, the project's. Blocks: pool threads."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from ide.core.errors import PackageError
from ide.core.record import dataclass, field
from ide.environments.network import Network, network_of
from ide.environments.packages.index import fetch
from ide.environments.packages.policy import FILE_NAME, Policy, parse_policy, read_policy
from ide.settings import declared
from ide.settings.paths import Paths
from ide.settings.settings import Settings
from ide.settings.toml_file import replace_file

ADMINISTRATOR = "The administrator’s policy"
SHARED = "The policy at {address}"
PROJECT = "The project’s policy"
_FRESH_S = 3600.0
_LIMIT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class PolicyPlaces:
    """Where policies are looked for. `cache_folder` keeps what the address gave, so that it holds offline too."""

    site_file: Path | None = None
    address: str = ""
    project: Path | None = None
    cache_folder: Path | None = None
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, slots=True)
class FoundPolicy:
    """A policy and where it came from; `sha256` of its text, for a look whether it is the right one."""

    policy: Policy
    place: str
    sha256: str = ""


def places_of(paths: Paths, settings: Settings, project: Path | None) -> PolicyPlaces:
    """Where policies are looked for while `project` is open: the same for installs, locks and deploys. UI thread."""
    address = settings.get(declared.PACKAGES_POLICY_ADDRESS)
    return PolicyPlaces(paths.site_policy_file, address, project, paths.packages_folder, network_of(settings))


def find_policies(places: PolicyPlaces) -> tuple[FoundPolicy, ...]:
    """All that hold, the administrator's first. A policy is only ever read: also one of an untrusted project."""
    found = []
    for file, origin in ((places.site_file, ADMINISTRATOR), (_project_file(places), PROJECT)):
        policy = read_policy(file, origin) if file is not None else None
        if policy is not None:
            found.append(FoundPolicy(policy, str(file), _digest(file)))
    if places.address:
        found.insert(1 if found and found[0].policy.origin == ADMINISTRATOR else 0, _shared(places))
    return tuple(found)


def _project_file(places: PolicyPlaces) -> Path | None:
    return places.project / FILE_NAME if places.project is not None else None


def _shared(places: PolicyPlaces) -> FoundPolicy:
    """From the address, at most once an hour; the last one that came where it does not answer now."""
    origin = SHARED.format(address=places.address)
    folder = places.cache_folder
    kept = folder / f"policy-{hashlib.sha256(places.address.encode()).hexdigest()[:16]}.toml" if folder else None
    try:
        if kept is not None and time.time() - kept.stat().st_mtime < _FRESH_S:
            return _parsed(kept.read_bytes(), origin, places.address)
    except OSError:
        pass  # nothing was kept yet
    try:
        content = fetch(places.address, places.network, limit_bytes=_LIMIT_BYTES)[0].encode()
    except (PackageError, FileNotFoundError) as error:
        try:
            return _parsed(kept.read_bytes() if kept is not None else b"\xff", origin, places.address)
        except OSError:
            why = error.meaning if isinstance(error, PackageError) else "there is none at that address."
            return FoundPolicy(Policy(origin, f"it could not be fetched: {why}"), places.address)
    if kept is not None:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(kept, content)
    return _parsed(content, origin, places.address)


def _parsed(content: bytes, origin: str, place: str) -> FoundPolicy:
    return FoundPolicy(parse_policy(content, origin, place), place, hashlib.sha256(content).hexdigest())


def _digest(file: Path | None) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() if file is not None else ""
    except OSError:
        return ""
