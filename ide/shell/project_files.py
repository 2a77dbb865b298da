"""The files of a project by name, for the palette. Blocks: for a pool thread. Opens nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

COUNT_LIMIT = 20_000
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "site-packages", "renv", "packrat", "build", "dist"})


def project_files(
    folder: Path, is_cancelled: Callable[[], bool] = lambda: False, limit: int = COUNT_LIMIT
) -> tuple[str, ...]:
    """Paths relative to `folder`, with "/" between, near ones first. Hidden folders, caches and environments are left
    out, links to folders are not followed."""
    found: list[str] = []
    folders = [""]
    while folders and len(found) < limit and not is_cancelled():
        deeper: list[str] = []
        for place in folders:
            files, inner = _look(folder, place)
            found += files
            deeper += inner
            if len(found) >= limit or is_cancelled():
                break
        folders = deeper
    return tuple(found[:limit])


def _look(folder: Path, place: str) -> tuple[list[str], list[str]]:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder / place) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name.lower()):
                name = f"{place}/{entry.name}" if place else entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _LEFT_OUT and not (folder / name / "pyvenv.cfg").exists():
                        folders.append(name)
                elif entry.is_file():
                    files.append(name)
    except OSError:
        return files, folders
    return files, folders
