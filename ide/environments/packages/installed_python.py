"""Lists the packages of a Python from the files in its site folders. Runs nothing; blocks: for pool threads."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from ide.core.packages import Package, package_key
from ide.core.record import replace
from ide.environments.packages.fields import first, read_fields
from ide.environments.packages.licences import of_python

_RECORDED = re.compile(r"^\"?([^/,\n]+).*,(\d*)", re.MULTILINE)
"""First part of the path, and bytes where the line tells them."""
_REQUIRED_NAME = re.compile(r"\s*([\w.\-]+)")
_DAMAGED = "Its files are damaged: {what}. Install it anew to repair it."


def read_folders(folders: Iterable[Path], version: str, *, fixed: frozenset[Path] = frozenset()) -> tuple[Package, ...]:
    """Every package of these folders, the first of a name winning as `import` does. `version` is the Python's.

    Packages in `fixed` folders belong to the system.
    """
    around = markers_for(version)
    found: dict[str, Package] = {}
    for folder in folders:
        for place in _metadata_places(folder):
            one = read_one(place, around)
            if one is not None:
                found.setdefault(one.key, replace(one, is_fixed=True) if folder in fixed else one)
    return with_direct(tuple(found.values()))


def with_direct(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    """Sorted by name; where nothing marks what was asked for, it is what no other package needs."""
    if len({one.is_direct for one in packages}) == 2:
        return tuple(sorted(packages, key=lambda one: one.key))
    needed = {key for one in packages for key in one.needs if key != one.key}
    marked = (replace(one, is_direct=one.key not in needed) for one in packages)
    return tuple(sorted(marked, key=lambda one: one.key))


def _metadata_places(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(one.path) for one in entries if one.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []


def read_one(place: Path, around: Mapping[str, str]) -> Package | None:
    """The package of a `.dist-info` folder, or of an old `.egg-info`; None for an empty left-over."""
    is_old = place.suffix == ".egg-info"
    names = _names_in(place)
    metadata = place if is_old and place.is_file() else place / ("PKG-INFO" if is_old else "METADATA")
    name, _, version = place.stem.partition("-")
    try:
        fields = read_fields(metadata)
    except OSError as error:
        if not names and place.is_dir():
            return None
        what = f"{metadata.name} {'is missing' if isinstance(error, FileNotFoundError) else 'cannot be read'}"
        return Package(name, version.partition("-py")[0], folder=place, problem=_DAMAGED.format(what=what))
    licence, is_spdx = of_python(
        first(fields, "license-expression"), first(fields, "license"), fields.get("classifier", ())
    )
    requirements = tuple(fields.get("requires-dist", ()))
    size_bytes, modules, problem = _recorded(place, names, is_old=is_old)
    return Package(
        first(fields, "name") or name,
        first(fields, "version") or version,
        first(fields, "summary"),
        licence,
        is_spdx,
        size_bytes,
        needs_of(requirements, around),
        requirements,
        modules,
        is_old or "REQUESTED" in names,
        installer=_line(place, names, "INSTALLER"),
        source=_source(place, names),
        home_page=_home_page(fields),
        folder=place,
        problem=problem,
    )


def _home_page(fields: dict[str, list[str]]) -> str:
    """The page of the project, by what its links are called."""
    links = {
        label.strip().lower(): url.strip()
        for label, _, url in (one.partition(",") for one in fields.get("project-url", ()))
    }
    wanted = ("homepage", "home", "documentation", "source", "repository")
    page = first(fields, "home-page") or next((links[name] for name in wanted if name in links), "")
    return page if page.startswith(("https://", "http://")) else ""


def _recorded(place: Path, names: frozenset[str], *, is_old: bool) -> tuple[int | None, tuple[str, ...], str]:
    """Size on disk, names to import, and what is wrong, from the list of files."""
    if is_old:
        return None, tuple(line for line in _lines(place, names, "top_level.txt") if line), ""
    text = _text(place, names, "RECORD")
    if text is None:
        is_elsewhere = _is_elsewhere(place, names)
        what = "" if is_elsewhere else _DAMAGED.format(what="the list of its files is missing")
        return None, tuple(_lines(place, names, "top_level.txt")), what
    # One pass of a pattern: large packages list tens of thousands of files.
    found = _RECORDED.findall(text)
    size_bytes = sum(int(size) for _, size in found if size)
    tops = {top for top, _ in found}
    modules = (top for top in tops if not top.startswith(".") and not top.endswith((".dist-info", ".data")))
    importable = {name.partition(".")[0] for name in modules if _can_be_imported(name)}
    return size_bytes, tuple(sorted(importable - {"__pycache__"})), ""


def _can_be_imported(top: str) -> bool:
    stem, dot, suffix = top.partition(".")
    return stem.isidentifier() and (not dot or suffix in ("py",) or suffix.endswith(("so", "pyd")))


def _is_elsewhere(place: Path, names: frozenset[str]) -> bool:
    """Debian and conda put packages without a list of files: they keep their own."""
    return _line(place, names, "INSTALLER") in ("debian", "conda", "") or "dist-packages" in place.parts


def _source(place: Path, names: frozenset[str]) -> str:
    """Where it came from, when that was no index: a folder, a file, a repository."""
    text = _text(place, names, "direct_url.json")
    if text is None:
        return ""
    try:
        said = json.loads(text)
        url = str(said["url"])
        is_edited = bool(said.get("dir_info", {}).get("editable"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f"{url} (edited in place)" if is_edited else url


def _line(place: Path, names: frozenset[str], name: str) -> str:
    return next(iter(_lines(place, names, name)), "")


def _lines(place: Path, names: frozenset[str], name: str) -> list[str]:
    return [line.strip() for line in (_text(place, names, name) or "").splitlines()]


def _text(place: Path, names: frozenset[str], name: str) -> str | None:
    """A file beside the metadata; None where it is not there: most are not, and looking for each costs a call."""
    if name not in names:
        return None
    try:
        # Strings, not `Path`: hundreds of packages are read at once, while the window draws.
        with open(f"{place}{os.sep}{name}", "rb", buffering=0) as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return None


def _names_in(place: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(place))  # noqa: PTH208
    except OSError:
        return frozenset()


def markers_for(version: str) -> dict[str, str]:
    """What markers ask about a Python of that version on this machine."""
    short = ".".join(version.split(".")[:2]) or f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {
        "python_version": short,
        "python_full_version": version or platform.python_version(),
        "implementation_name": "cpython",
        "implementation_version": version or platform.python_version(),
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def needs_of(requirements: Iterable[str], around: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the packages that these lines ask for here, extras left out."""
    keys = (_needed_key(line) for line in requirements if holds(line, around))
    return tuple(dict.fromkeys(key for key in keys if key))


def holds(line: str, around: Mapping[str, str]) -> bool:
    """Whether a requirement counts on this machine. Most lines have no marker, most markers ask for an extra."""
    _, semicolon, marker = line.partition(";")
    if not semicolon:
        return True
    return "extra ==" not in marker.replace("==", " ==").replace("  ", " ") and _marker_holds(
        marker.strip(), tuple(sorted(around.items()))
    )


@lru_cache(maxsize=4000)
def _marker_holds(marker: str, around: tuple[tuple[str, str], ...]) -> bool:
    try:
        return Marker(marker).evaluate(dict(around))
    except (InvalidMarker, KeyError, ValueError):
        return True


@lru_cache(maxsize=4000)
def _needed_key(line: str) -> str:
    found = _REQUIRED_NAME.match(line)
    return package_key(found[1]) if found else ""


@lru_cache(maxsize=8000)
def requirement(line: str) -> Requirement | None:
    """A requirement as a value; None for what is none."""
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None
