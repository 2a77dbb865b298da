"""The repository's files as the rules see them: what git tracks, or would track."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Made by tools, ignored by git (.gitignore); only needed where git itself is not there to say so.
_MADE = {".git", ".venv", ".venv-sample", ".venv-cluster", "__pycache__", "build", "dist", "out"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the project that exists now, new ones included, as absolute paths."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = [
            "git",
            "-C",
            str(ROOT),
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "-co",
            "--exclude-standard",
            "-z",
        ]
        names = subprocess.run(listing, capture_output=True, check=True).stdout.decode().split("\0")
        return tuple(sorted(ROOT / name for name in names if name and (ROOT / name).is_file()))
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in _MADE and not path.name.endswith("_cache"):
                yield from _walk(path)
        else:
            yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """Tracked Python files below the given top-level folders."""
    return [path for path in tracked_files() if path.suffix == ".py" and relative(path).split("/")[0] in folders]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=relative(path))


def text_of(path: Path) -> str | None:
    """The file's text, or None for binary data."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import but relative ones; `from a import b` tells `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
