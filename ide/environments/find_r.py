"""Finds Rs and whether they have a Jupyter kernel, by looking at folders. Nothing is run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.machine import Machine

KERNEL_PACKAGE = "IRkernel"
_HOME_LINE = re.compile(r"^R_HOME_DIR=[\"']?([^\"'\s]+)", re.MULTILINE)
_LIBRARY_LINE = re.compile(r"^\s*R_LIBS(?:_USER|_SITE)?\s*=\s*(.+)$", re.MULTILINE)
_TEXT_LIMIT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class FoundR:
    """One R, once. `program` starts it, `home` is its R_HOME."""

    program: Path
    home: Path
    version: str
    has_kernel: bool


def find_rs(machine: Machine, further: tuple[Path, ...] = ()) -> tuple[FoundR, ...]:
    """Every R that can be seen, the one on PATH first. `further` are programs known from elsewhere."""
    found: dict[str, FoundR] = {}
    for program in (*platform.r_programs(machine), *further):
        try:
            home = home_of(program, machine) if program.is_file() else None
            if home is None:
                continue
            version = _version(home)
            one = FoundR(program, home, version, _has_kernel(machine, home, version))
        except OSError:
            continue
        found.setdefault(os.path.normcase(os.path.realpath(home)), one)
    return tuple(found.values())


def home_of(program: Path, machine: Machine) -> Path | None:
    """R_HOME: said by the start script, else by the place of the program."""
    real = Path(os.path.realpath(program))
    said = None if machine.is_windows else _HOME_LINE.search(_text(program))
    candidates = [machine.at(said[1])] if said else []
    candidates += [real.parent.parent, real.parent.parent / "lib" / "R", real.parent.parent / "lib64" / "R"]
    candidates += [real.parent.parent.parent]  # Windows: bin\x64\R.exe
    return next((home for home in candidates if (home / "library" / "base" / "DESCRIPTION").is_file()), None)


def _version(home: Path) -> str:
    lines = _text(home / "library" / "base" / "DESCRIPTION").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), "")


def _has_kernel(machine: Machine, home: Path, version: str) -> bool:
    return any((folder / KERNEL_PACKAGE / "DESCRIPTION").is_file() for folder in _libraries(machine, home, version))


def _libraries(machine: Machine, home: Path, version: str) -> list[Path]:
    separator = ";" if machine.is_windows else ":"
    texts = [machine.variables.get(name, "") for name in ("R_LIBS", "R_LIBS_USER", "R_LIBS_SITE")]
    texts += _LIBRARY_LINE.findall(_text(machine.home / ".Renviron")) + _LIBRARY_LINE.findall(
        _text(home / "etc" / "Renviron")
    )
    named = [part.strip(" '\"}") for text in texts for part in re.split(f"{separator}|-'", text)]
    folders = [_expanded(part, machine, version) for part in named if part and "$" not in part]
    return [
        *(folder for folder in folders if folder is not None and folder.is_absolute()),
        *platform.r_user_libraries(machine, version),
        home / "library",
        home / "site-library",
    ]


def _expanded(part: str, machine: Machine, version: str) -> Path | None:
    """R's own marks in such a path; None for those that stand for default places."""
    if "%U" in part or "%S" in part:
        return None
    short = ".".join(version.split(".")[:2])
    text = part.replace("%v", short).replace("%V", version)
    if text.startswith("~"):
        return machine.home / text[1:].lstrip("/\\")
    return machine.at(text) if text.startswith("/") else Path(text)


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _TEXT_LIMIT_BYTES:
            return ""
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
