"""Where this system wants short-lived private files. Pure: system, environment and user come in as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath

RUNTIME_LENGTH_LIMIT = 60
"""Bytes of the runtime folder's path: a Unix socket's may have 107 on Linux and 103 on macOS, names in it included."""


def runtime_base(system: str, environment: Mapping[str, str], user: str, home: PurePath) -> PurePath:
    """The folder below which each profile has its own runtime folder. `system` is as in `sys.platform`."""
    if system == "win32":
        temporary = environment.get("TEMP") or environment.get("TMP") or str(home / "AppData" / "Local" / "Temp")
        return PureWindowsPath(temporary) / "fp"
    session = environment.get("XDG_RUNTIME_DIR", "")
    temporary = environment.get("TMPDIR", "")
    candidates = [PurePosixPath(session) / "fp"] if session.startswith("/") else []
    candidates += [PurePosixPath(temporary) / f"fp-{user}"] if temporary.startswith("/") else []
    candidates.append(PurePosixPath("/tmp") / f"fp-{user}")
    return next(path for path in (*candidates, candidates[-1]) if _is_short(path) or path == candidates[-1])


def _is_short(base: PurePosixPath) -> bool:
    return len(str(base / "12345678").encode()) <= RUNTIME_LENGTH_LIMIT
