"""Where the folders shipped beside the code are. Owns no other path: per-user places are `ide.settings.paths`.

In a checkout they are `resources/` and `plugins/` beside `ide/`; in a wheel they travel inside the package as
`ide/_resources/` and `ide/_plugins/`, so that nothing called resources or plugins is at the top of site-packages.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resources_dir() -> Path:
    """Folder with icons, themes, key maps and the sample project. Read-only: an install may be shared."""
    return _shipped("resources")


def plugins_dir() -> Path:
    """Folder with one sub-folder per plugin that comes with the program. Read-only, as above."""
    return _shipped("plugins")


def _shipped(name: str) -> Path:
    in_wheel = _PACKAGE / f"_{name}"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name
