"""Where the packages of an environment lie and what may change them; found by looking, nothing is run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ide.core.environment import Environment
from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.find_r import home_of, libraries_of
from ide.environments.machine import Machine

UV = "uv"
CONDA = "conda"
R = "R"

_OWN = (
    "Fourpane itself runs on this Python, so its packages are not changed here. Choose or create another environment."
)
_SYSTEM = (
    "The packages of this Python belong to the system, which keeps them up to date. Create an environment for yours."
)


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` tells how packages are listed; `manager` what changes them ("" for nothing), `reason` why or what to mind.

    `folders` are searched in order, those in `fixed` belong to the system."""

    kind: str
    manager: str
    interpreter: Path
    prefix: Path
    folders: tuple[Path, ...]
    fixed: frozenset[Path] = frozenset()
    reason: str = ""
    version: str = ""


def place_of(environment: Environment, machine: Machine) -> Place | None:
    """The place of an environment's packages; None where nobody knows (a kernel of another language)."""
    program = environment.interpreter
    if program is None or not os.path.lexists(program):
        return None
    if home := _r_home(program, machine):
        return _place_of_r(program, home, environment.version, machine)
    prefix = platform.prefix_of(program, machine.system)
    folders = _python_folders(prefix, environment.version, machine)
    if not folders and not (prefix / "conda-meta").is_dir():
        return None
    if (prefix / "conda-meta").is_dir():
        return Place(CONDA, CONDA, program, prefix, folders, version=environment.version)
    if program == machine.program or prefix == machine.program_prefix:
        return Place(UV, "", program, prefix, folders, frozenset(folders), _OWN, version=environment.version)
    if _is_managed_by_system(prefix):
        return Place(UV, "", program, prefix, folders, frozenset(folders), _SYSTEM, version=environment.version)
    own = frozenset(folder for folder in folders if not folder.is_relative_to(prefix))
    return Place(UV, UV, program, prefix, folders, own, version=environment.version)


def _r_home(program: Path, machine: Machine) -> Path | None:
    is_r = program.name.lower().removesuffix(".exe") in ("r", "rscript", "rterm")
    return home_of(program, machine) if is_r else None


def _place_of_r(program: Path, home: Path, version: str, machine: Machine) -> Place:
    # The machine's own libraries come after the user's, R's own last: so `library()` looks.
    found = dict.fromkeys(folder for folder in libraries_of(machine, home, version) if folder.is_dir())
    folders = (*(folder for folder in found if folder != home / "library"), home / "library")
    return Place(R, R, program, home, folders, version=version)


def _python_folders(prefix: Path, version: str, machine: Machine) -> tuple[Path, ...]:
    """Site folders of that Python's version, with those of its base where the environment looks there as well."""
    short = re.match(r"\d+\.\d+", version)
    found = [
        folder
        for folder in platform.site_folders(prefix, machine)
        if short is None or folder.parent.name in (f"python{short[0]}", f"pypy{short[0]}", "python3", "Lib")
    ]
    found += [] if machine.is_windows else platform.entries(prefix, "lib/pypy3*/site-packages")
    settings = _pyvenv(prefix)
    if settings.get("include-system-site-packages", "").lower() == "true" and (home := settings.get("home")):
        base = Path(home)
        base = base.parent if base.name == "bin" else base
        if base != prefix:
            found += _python_folders(base, version, machine)
    return tuple(dict.fromkeys(folder for folder in found if folder.is_dir()))


def _pyvenv(prefix: Path) -> dict[str, str]:
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _is_managed_by_system(prefix: Path) -> bool:
    """PEP 668: the Python says that its packages are somebody else's. An environment made from it is free."""
    if (prefix / "pyvenv.cfg").is_file():
        return False
    marks = (*platform.entries(prefix, "lib/python3*/EXTERNALLY-MANAGED"), prefix / "Lib" / "EXTERNALLY-MANAGED")
    return any(mark.is_file() for mark in marks)
