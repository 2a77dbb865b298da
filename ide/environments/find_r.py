"""Finds Rs and whether they have a Jupyter kernel, by looking at folders. Nothing is run."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.binaries import why_it_cannot_run
from ide.environments.machine import Machine
from ide.environments.platform import text_of

KERNEL_PACKAGE = "IRkernel"
_HOME_LINE = re.compile(r"^R_HOME_DIR=[\"']?([^\"'\s]+)", re.MULTILINE)
_LIBRARY_LINE = re.compile(r"^\s*R_LIBS(?:_USER|_SITE)?\s*=\s*(.+)$", re.MULTILINE)
_LOCK_LIMIT_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class FoundR:
    """One R, once. `program` starts it, `home` is its R_HOME. `prefix` is the conda environment that it lies in."""

    program: Path
    home: Path
    version: str
    has_kernel: bool
    prefix: Path | None = None
    is_in_project: bool = False
    manager: str = ""
    reason: str = ""
    """Why it cannot start; "" where nothing speaks against it."""


def find_rs(
    machine: Machine,
    further: tuple[Path, ...] = (),
    prefixes: tuple[Path, ...] = (),
    project: Path | None = None,
) -> tuple[FoundR, ...]:
    """Every R that can be seen, the one on PATH first. `further` are programs known from elsewhere.

    `prefixes` are folders of conda environments, which may hold one.
    """
    found: dict[str, FoundR] = {}
    inside = {platform.r_in(prefix, machine.system): prefix for prefix in prefixes}
    for program in (*inside, *platform.r_programs(machine), *further):
        try:
            one = _look_at(program, machine, inside.get(program), project)
        except OSError:
            continue
        if one is not None:
            found.setdefault(os.path.normcase(os.path.realpath(one.home)), one)
    return tuple(found.values())


def _look_at(program: Path, machine: Machine, prefix: Path | None, project: Path | None) -> FoundR | None:
    is_in_project = project is not None and program.is_relative_to(project)
    if not program.is_file():
        if not program.is_symlink():
            return None
        gone = f"It leads to a place that is gone: {os.path.realpath(program)}."
        return FoundR(program, program, "", False, prefix, is_in_project, reason=gone)
    home = home_of(program, machine)
    if home is None:
        said = _HOME_LINE.search(text_of(program))
        if said is None:
            return None  # another program that is called R
        return FoundR(program, program, "", False, prefix, is_in_project, reason=f"Its folder is gone: {said[1]}.")
    version = _version(home)
    has_kernel = _has_kernel(machine, home, version)
    manager = ("pixi" if prefix and ".pixi" in prefix.parts else "conda" if prefix else "") or _rig(home, machine)
    why = why_it_cannot_run(program, machine)
    return FoundR(program, home, version, has_kernel, prefix, is_in_project, manager, why)


def _rig(home: Path, machine: Machine) -> str:
    """ "rig" where that tool keeps its record beside the Rs in /opt/R; it leaves nothing inside of them."""
    if machine.system != "linux" or not home.is_relative_to(machine.at("/opt/R")):
        return ""
    return "rig" if (machine.at("/usr/local/bin") / "rig").exists() else ""


def renv_version(project: Path) -> str:
    """The version of R that a project's `renv.lock` was written with, "" where there is none or it is not readable."""
    try:
        lock = json.loads(text_of(project / "renv.lock", _LOCK_LIMIT_BYTES) or "{}")
        version = lock["R"]["Version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return version if isinstance(version, str) else ""


def home_of(program: Path, machine: Machine) -> Path | None:
    """R_HOME: said by the start script, else by the place of the program."""
    real = Path(os.path.realpath(program))
    said = None if machine.is_windows else _HOME_LINE.search(text_of(program))
    candidates = [machine.at(said[1])] if said else []
    candidates += [real.parent.parent, real.parent.parent / "lib" / "R", real.parent.parent / "lib64" / "R"]
    candidates += [real.parent.parent.parent]  # Windows: bin\x64\R.exe
    return next((home for home in candidates if (home / "library" / "base" / "DESCRIPTION").is_file()), None)


def _version(home: Path) -> str:
    lines = text_of(home / "library" / "base" / "DESCRIPTION").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), "")


def _has_kernel(machine: Machine, home: Path, version: str) -> bool:
    return any((folder / KERNEL_PACKAGE / "DESCRIPTION").is_file() for folder in libraries_of(machine, home, version))


def libraries_of(machine: Machine, home: Path, version: str) -> list[Path]:
    """Folders with packages of the R in `home`, the user's first; they need not exist."""
    separator = ";" if machine.is_windows else ":"
    texts = [machine.variables.get(name, "") for name in ("R_LIBS", "R_LIBS_USER", "R_LIBS_SITE")]
    texts += _LIBRARY_LINE.findall(text_of(machine.home / ".Renviron")) + _LIBRARY_LINE.findall(
        text_of(home / "etc" / "Renviron")
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
