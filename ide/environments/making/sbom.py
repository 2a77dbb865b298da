"""A software bill of materials of a lock, in CycloneDX 1.5 (JSON). Owns the form, not the content."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

from ide.core.package_lock import LockedPackage, LockFile, PackageLock

NAME = "sbom.cdx.json"
_PURL = {"python": "pypi", "conda": "conda", "r": "cran"}
_HASHES = {"sha256": "SHA-256", "md5": "MD5", "sha512": "SHA-512", "sha1": "SHA-1", "sha384": "SHA-384"}
_SPDX = re.compile(r"[A-Za-z0-9.+() -]+")


def make_sbom(lock: PackageLock, name: str, tool_version: str, now: datetime | None = None) -> LockFile:
    """The bill of `lock` for an environment called `name`. The serial number follows from the lock's content."""
    at = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.UUID(lock.digest[:32])}",
        "version": 1,
        "metadata": {
            "timestamp": at,
            "tools": {"components": [{"type": "application", "name": "Fourpane", "version": tool_version}]},
            "component": {"type": "application", "bom-ref": "environment", "name": name},
            "properties": [
                {"name": "fourpane:language", "value": lock.kind},
                {"name": "fourpane:languageVersion", "value": lock.language_version},
            ],
        },
        "components": [_component(one, _PURL[lock.kind]) for one in lock.packages],
    }
    return LockFile(NAME, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _component(one: LockedPackage, kind: str) -> dict[str, object]:
    purl = f"pkg:{kind}/{quote(one.key if kind == 'pypi' else one.name)}@{quote(one.version)}"
    found: dict[str, object] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
    }
    # Of several files that fit, the bill can't say which was taken: then it names none.
    pairs = [one.hashes[0].split(":", 1)] if len(one.hashes) == 1 else []
    if hashes := [{"alg": _HASHES[kind], "content": value} for kind, value in pairs if kind in _HASHES]:
        found["hashes"] = hashes
    if one.licence:
        found["licenses"] = [_licence(one.licence)]
    if one.url.startswith(("https://", "http://")):
        found["externalReferences"] = [{"type": "distribution", "url": one.url.split("#")[0]}]
    return found


def _licence(words: str) -> dict[str, object]:
    """One SPDX name, an SPDX expression, or the package's own words."""
    if re.search(r"\b(AND|OR|WITH)\b", words) and _SPDX.fullmatch(words):
        return {"expression": words}
    return {"license": {"name": words}}
