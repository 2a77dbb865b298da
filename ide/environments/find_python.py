"""Finds Pythons by looking at folders and text files. Nothing found here is run; that is `probe.py`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.machine import Machine

_TEXT_LIMIT_BYTES = 100_000
_VERSION = re.compile(r"(\d+\.\d+(?:\.\d+)?)")
_SHIMS = ("shims", "WindowsApps")


@dataclass(frozen=True, slots=True)
class FoundPython:
    """One Python, once. `has_kernel` is None where looking could not tell; `version` may be "" or end early."""

    program: Path
    prefix: Path
    kind: str
    version: str
    has_kernel: bool | None
    is_in_project: bool = False
    is_broken: bool = False
    reason: str = ""


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


def _candidates(machine: Machine, project: Path | None) -> Iterator[tuple[str, Path]]:
    yield "program", machine.program
    for prefix in _prefixes(machine, project):
        if program := platform.python_in(prefix, machine.system):
            yield kind_of(prefix) or "venv", program
        elif (prefix / "pyvenv.cfg").is_file():
            # A venv whose Python is gone: shown with its reason, so that nobody wonders where it went.
            yield "venv", prefix / ("Scripts/python.exe" if machine.is_windows else "bin/python")
    yield from platform.python_installs(machine)
    for folder in machine.search_path():
        if not any(part in _SHIMS for part in folder.parts):
            for name in platform.python_names(machine):
                if (folder / name).is_file() and not _is_stub(folder / name, machine):
                    yield "system", folder / name


def _prefixes(machine: Machine, project: Path | None) -> Iterator[Path]:
    """Folders that are environments, or were."""
    if project is not None:
        yield from project_prefixes(project)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if active := machine.folder(variable):
            yield active
    for folder in platform.virtualenv_folders(machine):
        yield from platform.entries(folder, "*")
    listed = _text(machine.home / ".conda" / "environments.txt").splitlines()
    conda = [Path(line.strip()) for line in listed if line.strip()]
    for root in platform.conda_roots(machine):
        conda += [root, *platform.entries(root / "envs", "*")]
    yield from (prefix for prefix in conda if (prefix / "conda-meta").is_dir())


def project_prefixes(project: Path) -> Iterator[Path]:
    """Environments right inside a project, the usual name first."""
    marked = [mark.parent for mark in platform.entries(project, "*/pyvenv.cfg")]
    yield from sorted(marked, key=lambda folder: (folder.name != ".venv", folder.name))
    yield from (mark.parent for mark in platform.entries(project, "*/conda-meta"))
    yield from (mark.parent for mark in platform.entries(project / ".pixi" / "envs", "*/conda-meta"))


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
            kind = "system" if not kind_of(prefix) else kind_of(prefix)
    settings = venv_settings(prefix)
    version = machine.program_version if kind == "program" else _version(program, prefix, settings)
    is_broken = not program.exists()
    return FoundPython(
        program,
        prefix,
        kind,
        version,
        None if is_broken else _has_kernel(machine, prefix, version, settings),
        project is not None and program.is_relative_to(project),
        is_broken,
        f"The Python that it was made from is gone: {settings.get('home', 'unknown place')}." if is_broken else "",
    )


def _followed(program: Path, machine: Machine) -> tuple[Path, Path]:
    real = Path(os.path.realpath(program))
    return (real, platform.prefix_of(real, machine.system)) if real.exists() else (program, program.parent.parent)


def identity(program: Path, prefix: Path) -> str:
    """Two ways to one environment have the same: the folder of a venv or conda environment, else the file."""
    return os.path.normcase(os.path.realpath(prefix if kind_of(prefix) else program))


def venv_settings(prefix: Path) -> dict[str, str]:
    """The lines of a venv's `pyvenv.cfg`."""
    lines = (line.partition("=") for line in _text(prefix / "pyvenv.cfg").splitlines())
    return {key.strip().lower(): value.strip() for key, mark, value in lines if mark}


def _version(program: Path, prefix: Path, settings: dict[str, str]) -> str:
    texts = [settings.get("version", ""), settings.get("version_info", "")]
    texts += [
        path.stem.removeprefix("python-") for path in platform.entries(prefix / "conda-meta", "python-[23].*.json")
    ]
    if prefix.parent.name.lower() in ("versions", "python"):
        texts.append(prefix.name)
    texts += [path.name for path in platform.entries(prefix, "lib/python3.*")] if not settings else []
    texts.append(program.stem if program.suffix == ".exe" else program.name)
    return next((match[1] for text in texts if (match := _VERSION.search(text)) and "." in match[1]), "")


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


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _TEXT_LIMIT_BYTES:
            return ""
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
