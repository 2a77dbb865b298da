"""Known vulnerabilities of packages, asked of a database in the form of OSV. Blocks: for pool threads.

Source of the form: the API of osv.dev (`/v1/querybatch`, `/v1/vulns/ID`). Only names and versions are sent, and only
where the setting allows it. What could not be asked is left out of the answer: it is "not checked", never "none".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ide.core.errors import PackageError
from ide.core.packages import package_key
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.environments.network import Network
from ide.environments.packages.index import fetch
from ide.environments.packages.policy import Severity

DEFAULT_ADDRESS = "https://api.osv.dev"
_BATCH = 500
_DETAIL_LIMIT = 200
_WORDS = {
    "LOW": Severity.LOW,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One known weakness of a package. An unknown severity counts as high."""

    package: str
    id: str
    severity: Severity
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Advisories:
    """What a database said of some packages: `checked` are the keys that it was asked about and answered."""

    found: tuple[Vulnerability, ...] = ()
    checked: frozenset[str] = frozenset()
    problem: str = ""

    def of(self, key: str) -> tuple[Vulnerability, ...]:
        """Those of one package."""
        return tuple(one for one in self.found if package_key(one.package) == key)

    def severity(self, key: str) -> Severity | None:
        """The worst of one package; None where it was not checked."""
        if key not in self.checked:
            return None
        return max((one.severity for one in self.of(key)), default=Severity.NONE)


def ask(address: str, ecosystem: str, packages: Sequence[tuple[str, str]], network: Network, work: Work) -> Advisories:
    """Ask about (name, version) pairs. Never raises: what could not be checked is told by `problem`."""
    found: list[Vulnerability] = []
    checked: set[str] = set()
    try:
        for first in range(0, len(packages), _BATCH):
            if work.is_cancelled:
                break
            batch = packages[first : first + _BATCH]
            work.report("Checking for known vulnerabilities", first, len(packages))
            queries = [
                {"package": {"name": name, "ecosystem": ecosystem}, "version": version} for name, version in batch
            ]
            said = _post(f"{address}/v1/querybatch", {"queries": queries}, network)["results"]
            for (name, _), one in zip(batch, said, strict=True):
                checked.add(package_key(name))
                ids = [str(entry["id"]) for entry in (one or {}).get("vulns", ())]
                found += [_detail(address, name, id, network) for id in ids[: _DETAIL_LIMIT - len(found)]]
    except PackageError as error:
        return Advisories(tuple(found), frozenset(), error.meaning)
    except (KeyError, TypeError, ValueError, FileNotFoundError) as error:
        return Advisories(tuple(found), frozenset(), f"The answer cannot be read: {error}.")
    return Advisories(tuple(found), frozenset(checked))


def _detail(address: str, name: str, id: str, network: Network) -> Vulnerability:
    said = json.loads(fetch(f"{address}/v1/vulns/{id}", network)[0])
    specific = said.get("database_specific")
    word = str(specific.get("severity", "")).upper() if isinstance(specific, dict) else ""
    return Vulnerability(name, id, _WORDS.get(word, Severity.HIGH), str(said.get("summary", "")))


def _post(address: str, content: object, network: Network) -> dict[str, Any]:
    said = json.loads(fetch(address, network, data=json.dumps(content).encode())[0])
    if not isinstance(said, dict):
        raise TypeError("no object")
    return said
