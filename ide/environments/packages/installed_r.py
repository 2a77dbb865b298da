"""Lists the packages of an R from its libraries. Runs nothing; blocks: for pool threads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ide.core.packages import Package, package_key
from ide.environments.packages.fields import first, read_fields
from ide.environments.packages.installed_python import with_direct
from ide.environments.packages.licences import of_r

_NAME = re.compile(r"[A-Za-z][\w.]*")


def read_libraries(libraries: Iterable[Path]) -> tuple[Package, ...]:
    """Every package, that of the first library winning as `library()` does."""
    found: dict[str, Package] = {}
    for library in libraries:
        for folder in _folders(library):
            one = _read(folder)
            if one is not None:
                found.setdefault(one.key, one)
    return with_direct(tuple(found.values()))


def _folders(library: Path) -> list[Path]:
    try:
        with os.scandir(library) as entries:
            return sorted(Path(one.path) for one in entries if one.is_dir() and not one.name.startswith("00LOCK"))
    except OSError:
        return []


def _read(folder: Path) -> Package | None:
    try:
        fields = read_fields(folder / "DESCRIPTION")
    except FileNotFoundError:
        return None
    except OSError:
        return Package(folder.name, "", installer="R", folder=folder, problem="Its DESCRIPTION cannot be read.")
    if not (version := first(fields, "version")):
        return Package(folder.name, "", installer="R", folder=folder, problem="Its DESCRIPTION names no version.")
    licence, is_spdx = of_r(" ".join(first(fields, "license").split()))
    lines = [line.strip() for field in ("depends", "imports", "linkingto") for line in first(fields, field).split(",")]
    requirements = tuple(" ".join(line.split()) for line in lines if line and not re.match(r"R\b(?!\.)", line))
    names = (match[0] for line in requirements if (match := _NAME.match(line)))
    # "translations" comes with R and is said to be part of it, but has no priority.
    is_fixed = first(fields, "priority") == "base" or first(fields, "license").startswith("Part of R ")
    links = re.split(r"[,\s]+", first(fields, "url"))
    return Package(
        first(fields, "package") or folder.name,
        version,
        " ".join(first(fields, "title").split()),
        licence,
        is_spdx,
        _size(folder),
        tuple(dict.fromkeys(package_key(name) for name in names)),
        requirements,
        (first(fields, "package") or folder.name,),
        is_direct=True,
        is_fixed=is_fixed,
        installer="R",
        source=first(fields, "repository"),
        home_page=next((link for link in links if link.startswith(("https://", "http://"))), ""),
        folder=folder,
    )


def _size(folder: Path) -> int:
    """Bytes of its files."""
    total = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for one in entries:
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(one.path)
                    else:
                        total += one.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
