"""Lists the packages of a conda prefix from `conda-meta`. Runs nothing; blocks: for pool threads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ide.core.packages import Package, package_key
from ide.environments.packages.licences import of_conda


def read_prefix(prefix: Path) -> tuple[Package, ...]:
    """Every package that conda put there. A damaged record is listed with what is wrong."""
    return tuple(_read(path) for path in sorted((prefix / "conda-meta").glob("*.json")))


def recorded_files(prefix: Path) -> frozenset[str]:
    """Metadata folders of Python packages that belong to conda's own, relative to the prefix."""
    found: set[str] = set()
    for path in (prefix / "conda-meta").glob("*.json"):
        files = _record(path).get("files")
        for file in files if isinstance(files, list) else ():
            if isinstance(file, str) and (".dist-info/" in file or ".egg-info" in file):
                found.add(file.rpartition("/")[0] if "/" in file else file)
    return frozenset(found)


def _read(path: Path) -> Package:
    record = _record(path)
    parts = path.stem.rsplit("-", 2)
    if not isinstance(record.get("name"), str) or not isinstance(record.get("version"), str):
        known = (parts[0], parts[1]) if len(parts) == 3 else (path.stem, "")
        problem = f"Its record {path.name} is damaged, so conda cannot change it. Install it anew to repair it."
        return Package(*known, installer="conda", folder=path, problem=problem)
    licence, is_spdx = of_conda(_text(record.get("license")))
    needs = tuple(line for line in record.get("depends", ()) if isinstance(line, str))
    python_files = [name for name in _files(record) if "site-packages/" in name]
    modules = {name.partition("site-packages/")[2].partition("/")[0].removesuffix(".py") for name in python_files}
    keys = (package_key(line.split()[0]) for line in needs if line.split() and not line.startswith("__"))
    return Package(
        record["name"],
        record["version"],
        _text(record.get("summary")),
        licence,
        is_spdx,
        _size(record),
        tuple(dict.fromkeys(keys)),
        needs,
        tuple(sorted(name for name in modules if name.isidentifier())),
        bool(record.get("requested_spec") or record.get("requested_specs")),
        installer="conda",
        source=_text(record.get("channel")),
        folder=path,
    )


def _record(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _files(record: dict[str, Any]) -> list[str]:
    files = record.get("files")
    return [name for name in files if isinstance(name, str)] if isinstance(files, list) else []


def _size(record: dict[str, Any]) -> int | None:
    """Of its files where they are listed with their sizes, else of the archive."""
    paths = record.get("paths_data", {})
    listed = paths.get("paths", ()) if isinstance(paths, dict) else ()
    sizes = [one.get("size_in_bytes") for one in listed if isinstance(one, dict)]
    total = sum(size for size in sizes if isinstance(size, int))
    size = record.get("size")
    return total or (size if isinstance(size, int) else None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
