"""Finds Pythons by looking at folders and text files. Nothing found here is run; that is `probe.py`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.binaries import why_it_cannot_run
from ide.environments.machine import Machine
from ide.environments.platform import text_of

_VERSION = re.compile(r"(\d+\.\d+(?:\.\d+)?)")
_SHIMS = ("shims", "WindowsApps")
_IMPLEMENTATIONS = ("pypy", "graalpy", "pyston", "cinder", "stackless", "cpython")
_OTHER_NUMBERS = ("graalpy", "pyston")
"""Implementations whose folders bear their own version, not that of the Python that they speak."""


@dataclass(frozen=True, slots=True)
class FoundPython:
    """One Python, once. `has_kernel` is None where looking could not tell; `version` may be "" or end early.

    system, uv) says that packages are not to be put into it (PEP 668).
    """

    program: Path
    prefix: Path
    kind: str
    version: str
    has_kernel: bool | None
    is_in_project: bool = False
    is_broken: bool = False
    reason: str = ""
    implementation: str = ""
    manager: str = ""
    is_managed: bool = False


def find_pythons(
    machine: Machine, project: Path | None = None, further: tuple[Path, ...] = ()
) -> tuple[FoundPython, ...]:
    """Every Python that can be seen, in order of the ways that lead to it; the program's own is always among them.

    `further` are programs known from elsewhere, kernelspecs for one.
    """
    found: dict[str, FoundPython] = {}
    for kind, program in (*_candidates(machine, project), *(("system", program) for program in further)):
        try:
            one = look_at(machine, kind, program, project)
        except OSError:
            continue
        found.setdefault(identity(one.program, one.prefix), one)
    return tuple(found.values())


def find_prefixes(machine: Machine, project: Path | None = None) -> Iterator[Path]:
    """Folders that are environments, or were; some more than once."""
    return (prefix for prefix in _prefixes(machine, project) if not (prefix / platform.HALF_MADE).is_file())


def _prefixes(machine: Machine, project: Path | None) -> Iterator[Path]:
    if project is not None:
        yield from project_prefixes(project)
    if machine.made_here is not None:
        yield from platform.entries(machine.made_here, "*")
    for _, pattern, folder in platform.tool_folders(machine):
        yield from platform.entries(folder, pattern)
    yield from (prefix for prefix in platform.conda_prefixes(machine) if (prefix / "conda-meta").is_dir())
    # Last: what was active in a terminal may be there by another path, and its id is to be the same each time.
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if active := machine.folder(variable):
            yield active


def project_prefixes(project: Path) -> Iterator[Path]:
    """Environments right inside a project, the usual name first."""
    marked = [mark.parent for mark in platform.entries(project, "*/pyvenv.cfg")]
    yield from sorted(marked, key=lambda folder: (folder.name != ".venv", folder.name))
    yield from (mark.parent for mark in platform.entries(project, "*/conda-meta"))
    yield from (mark.parent for mark in platform.entries(project / ".pixi" / "envs", "*/conda-meta"))


def _candidates(machine: Machine, project: Path | None) -> Iterator[tuple[str, Path]]:
    yield "program", machine.program
    for prefix in find_prefixes(machine, project):
        kind = kind_of(prefix)
        if program := platform.python_in(prefix, machine.system):
            yield kind or "venv", program
        elif kind == "venv" or (kind == "conda" and _had_python(prefix)):
            # Its Python is gone: shown with the reason, so that nobody wonders where it went, and by the name that it
            # had, since consoles that run in it and what was chosen know it by that.
            in_place = "python.exe" if kind == "conda" else "Scripts/python.exe"
            yield kind, prefix / (in_place if machine.is_windows else "bin/python3")
    yield from platform.python_installs(machine)
    for folder in machine.search_path():
        if not any(part in _SHIMS for part in folder.parts):
            for name in platform.python_names(machine):
                if (folder / name).is_file() and not _is_stub(folder / name, machine):
                    yield "system", folder / name
    yield from _bases(machine, project)


def _bases(machine: Machine, project: Path | None) -> Iterator[tuple[str, Path]]:
    """Installs that virtual environments were made from, which may lie anywhere; a project's own word is not taken."""
    for prefix in (machine.program_prefix, *find_prefixes(machine)):
        home = venv_settings(prefix).get("home", "")
        own = platform.python_in(prefix, machine.system) if home and Path(home).is_absolute() else None
        if own is None:
            continue
        base = Path(home) / "python.exe" if machine.is_windows else Path(os.path.realpath(own))
        is_outside = project is None or not platform.is_inside(base, project)
        if base != own and is_outside and base.is_file():
            yield "system", base


def _had_python(prefix: Path) -> bool:
    """Whether a conda environment without a Python program was made with one: else it is for R or for tools."""
    return bool(platform.entries(prefix / "conda-meta", "python-[23].*.json"))


def kind_of(prefix: Path) -> str:
    """ "venv" or "conda" by what lies in the folder, "" for neither."""
    if (prefix / "pyvenv.cfg").is_file():
        return "venv"
    return "conda" if (prefix / "conda-meta").is_dir() else ""


def look_at(machine: Machine, kind: str, program: Path, project: Path | None = None) -> FoundPython:
    """What can be told of one Python without running it."""
    prefix = machine.program_prefix if kind == "program" else platform.prefix_of(program, machine.system)
    by_place = kind_of(prefix)
    if kind != "program":
        kind = by_place or kind
        if not by_place and kind in ("system", "venv"):
            # A link on PATH: the install that it leads to is what counts.
            program, prefix = _followed(program, machine)
            kind = kind_of(prefix) or kind_of_install(machine, prefix) or "system"
    settings = venv_settings(prefix)
    implementation = "cpython" if kind == "program" else _implementation(program, prefix, settings)
    version = machine.program_version if kind == "program" else _version(program, prefix, settings, implementation)
    reason = _problem(machine, program, prefix, kind, settings)
    return FoundPython(
        program,
        prefix,
        kind,
        version,
        None if reason else _has_kernel(machine, prefix, version, settings),
        project is not None and program.is_relative_to(project),
        bool(reason),
        reason,
        implementation,
        manager_of(machine, prefix, settings),
        _is_managed(prefix, machine),
    )


def _followed(program: Path, machine: Machine) -> tuple[Path, Path]:
    real = Path(os.path.realpath(program))
    return (real, platform.prefix_of(real, machine.system)) if real.exists() else (program, program.parent.parent)


def kind_of_install(machine: Machine, prefix: Path) -> str:
    """The kind of an install by the tool in whose folder it lies, "" elsewhere."""
    places = ((kind, folder) for kind, _, folder in platform.install_folders(machine) if kind != "venv")
    return next((kind for kind, folder in places if prefix.is_relative_to(folder)), "")


def identity(program: Path, prefix: Path) -> str:
    """Two ways to one environment have the same: the folder of a venv or conda environment, else the file."""
    return os.path.normcase(os.path.realpath(prefix if kind_of(prefix) else program))


def venv_settings(prefix: Path) -> dict[str, str]:
    """The lines of a venv's `pyvenv.cfg`."""
    lines = (line.partition("=") for line in text_of(prefix / "pyvenv.cfg").splitlines())
    return {key.strip().lower(): value.strip() for key, mark, value in lines if mark}


def manager_of(machine: Machine, prefix: Path, settings: dict[str, str]) -> str:
    """The tool that made an environment, by its place or its own words; "" for `venv`, conda and what is unknown."""
    if ".pixi" in prefix.parts or (prefix / "conda-meta" / "pixi").is_file():
        return "pixi"
    for manager, _, folder in platform.tool_folders(machine):
        if manager and prefix.is_relative_to(folder):
            return manager
    for part in ("mise", "asdf", "rye", "hatch"):
        if part in (piece.lstrip(".") for piece in prefix.parts) and kind_of_install(machine, prefix) == "install":
            return part
    return next((manager for manager in ("uv", "virtualenv") if manager in settings), "")


def _problem(machine: Machine, program: Path, prefix: Path, kind: str, settings: dict[str, str]) -> str:
    """Why it cannot start, as far as looking tells; "" where nothing speaks against it."""
    home = settings.get("home", "")
    if not program.exists():
        has_base = home and any((Path(home) / name).exists() for name in platform.python_names(machine))
        if kind == "venv" and not has_base:
            return f"The Python that it was made from is gone: {home or 'unknown place'}."
        return f"Its Python program is gone: {program}."
    if machine.is_windows and home and not Path(home).is_dir():
        return f"The Python that it was made from is gone: {home}."
    return why_it_cannot_run(program, machine)


def _is_managed(prefix: Path, machine: Machine) -> bool:
    mark = "Lib/EXTERNALLY-MANAGED" if machine.is_windows else "lib/python3*/EXTERNALLY-MANAGED"
    return not kind_of(prefix) and bool(platform.entries(prefix, mark))


def _implementation(program: Path, prefix: Path, settings: dict[str, str]) -> str:
    """From the file of a venv, from names, from folders; of CPython where nothing says otherwise."""
    texts = [settings.get("implementation", ""), program.stem, Path(os.path.realpath(program)).name]
    if not kind_of(prefix):
        texts.append(prefix.name)
    if not platform.entries(prefix, "lib/python3*"):  # where several share a prefix, folders tell nothing
        texts += [path.name for path in platform.entries(prefix, "lib/pypy3*")]
    texts += [path.stem for path in platform.entries(prefix / "conda-meta", "pypy3*.json")]
    lowered = [text.lower() for text in texts]
    return next((name for name in _IMPLEMENTATIONS if any(text.startswith(name) for text in lowered)), "cpython")


def _version(program: Path, prefix: Path, settings: dict[str, str], implementation: str) -> str:
    texts = [settings.get("version", ""), settings.get("version_info", "")]
    texts += [
        path.stem.removeprefix("python-") for path in platform.entries(prefix / "conda-meta", "python-[23].*.json")
    ]
    if prefix.parent.name.lower() in ("versions", "python") and implementation not in _OTHER_NUMBERS:
        texts.append(prefix.name)
    texts.append(program.stem if program.suffix == ".exe" else program.name)
    if not settings:
        texts += [path.name for path in platform.entries(prefix, "lib/python3.*")]
        texts += [path.name for path in platform.entries(prefix, "lib/pypy3.*")]
    return next((match[1] for text in texts if (match := _VERSION.search(text))), "")


def _has_kernel(machine: Machine, prefix: Path, version: str, settings: dict[str, str]) -> bool | None:
    folders = list(platform.site_folders(prefix, machine))
    if settings.get("include-system-site-packages", "").lower() == "true":
        folders += platform.site_folders(Path(settings.get("home", "")).parent, machine)
    short = ".".join(version.split(".")[:2])
    if not kind_of(prefix):
        folders.append(machine.home / ".local" / "lib" / f"python{short}" / "site-packages")
    if any((folder / "ipykernel" / "__init__.py").is_file() for folder in folders):
        return True
    return False if any(folder.is_dir() for folder in folders) else None


def _is_stub(program: Path, machine: Machine) -> bool:
    """Apple's /usr/bin/python3 opens a dialog that installs developer tools, unless they are there."""
    if machine.system != "darwin" or program != machine.at("/usr/bin/python3"):
        return False
    return not machine.at("/Library/Developer/CommandLineTools/usr/bin/python3").exists()
