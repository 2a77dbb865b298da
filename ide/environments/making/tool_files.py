"""What uv, Poetry and Pipenv have locked or listed for a project, as lines of requirements that uv installs from.

Blocks: for pool threads. Reads only; none of these tools is run but uv, which reads its own lock.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.environments.uv import Uv

UV_LOCK = "uv.lock"
_WRONG = (ValueError, KeyError, TypeError, AttributeError)


def requirements_of(path: Path, uv: Uv, work: Work, happened: str) -> str | None:
    """The file as requirements; None for a kind that uv reads itself. Raises PackageError where it cannot be read."""
    if path.name == UV_LOCK:
        # The project itself, and what else lies in its folder, is not installed: only what it needs.
        options = ["--frozen", "--no-emit-local", "--no-header", "--no-annotate", "--no-python-downloads"]
        return uv.run(["export", *options, "--project", str(path.parent)], work, happened)
    reader = {"poetry.lock": _poetry, "Pipfile.lock": _pipfile_lock, "Pipfile": _pipfile}.get(path.name)
    if reader is None:
        return None
    try:
        return "".join(f"{line}\n" for line in reader(path.read_text("utf-8")))
    except (OSError, *_WRONG) as error:
        raise PackageError(happened, f"{path.name} cannot be read: {error}.", "Choose another file.") from error


def _poetry(text: str) -> Iterator[str]:
    """Form: python-poetry.org, `poetry.lock` 1.1 to 2.1, where markers and groups are told since 2.1."""
    for one in tomllib.loads(text).get("package", ()):
        if one.get("optional"):
            continue
        source = one.get("source", {})
        if source.get("type") in ("directory", "file"):
            continue  # what lies in the project's own folders is the project's
        markers = one.get("markers", "")
        if isinstance(markers, dict):  # one for each group: any of them is enough
            markers = " or ".join(f"({each})" for each in markers.values())
        digests = [str(each["hash"]) for each in one.get("files", ())]
        yield _line(_named(str(one["name"]), str(one["version"]), source), markers, digests)


def _named(name: str, version: str, source: Mapping[str, Any]) -> str:
    if source.get("type") == "git":
        return f"{name} @ git+{source['url']}@{source['resolved_reference']}"
    return f"{name} @ {source['url']}" if source.get("type") == "url" else f"{name}=={version}"


def _pipfile_lock(text: str) -> Iterator[str]:
    """Form: pipenv.pypa.io, `Pipfile.lock` 6; what is for developers alone is there too, as Pipenv installs it."""
    locked = json.loads(text)
    for name, one in {**locked["develop"], **locked["default"]}.items():
        if wanted := _pipenv(name, one):
            yield _line(wanted, one.get("markers", ""), one.get("hashes", ()))


def _pipfile(text: str) -> Iterator[str]:
    listed = tomllib.loads(text)
    for name, one in {**listed.get("dev-packages", {}), **listed.get("packages", {})}.items():
        told = {"version": one} if isinstance(one, str) else one
        if wanted := _pipenv(name, told):
            yield _line(wanted, told.get("markers", ""), ())


def _pipenv(name: str, one: Mapping[str, Any]) -> str:
    """ "name[extra]==1.0" or an address; "" for what lies in the project's own folders."""
    if "path" in one or str(one.get("file", "")).startswith("."):
        return ""
    extras = f"[{','.join(one['extras'])}]" if one.get("extras") else ""
    if "git" in one:
        at = f"@{one['ref']}" if "ref" in one else ""
        return f"{name}{extras} @ git+{one['git']}{at}"
    if "file" in one:
        return f"{name}{extras} @ {one['file']}"
    version = str(one.get("version", "*"))
    return f"{name}{extras}{'' if version == '*' else version}"


def _line(wanted: str, markers: str, digests: Sequence[str]) -> str:
    """One requirement. What is named by an address has its digest there, or none."""
    tail = "" if " @ " in wanted else "".join(f" --hash={one}" for one in digests)
    return f"{wanted}{f' ; {markers}' if markers else ''}{tail}"
