"""Where each system keeps interpreters. Names folders and programs only; nothing here is ever run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ide.environments.machine import Machine

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""For `creationflags`: on Windows a program started by a window would else flash a console."""

_ENTRY_LIMIT = 500

HALF_MADE = ".fourpane-half-made"
"""Lies in an environment while we make it. A folder that still has it was left by a crash and is none."""
_TEXT_LIMIT_BYTES = 100_000


def python_in(prefix: Path, system: str) -> Path | None:
    """The Python of a venv, conda environment or install in `prefix`."""
    names = (
        ("Scripts/python.exe", "python.exe", "Scripts/pypy3.exe", "pypy3.exe")
        if system == "win32"
        else ("bin/python3", "bin/python", "bin/pypy3", "bin/graalpy")
    )
    return next((prefix / name for name in names if (prefix / name).exists()), None)


def prefix_of(program: Path, system: str) -> Path:
    """The folder that the environment of a Python lies in, by its place alone."""
    folder = program.parent
    return (
        folder.parent if folder.name.lower() in ("bin", "scripts") else folder if system == "win32" else folder.parent
    )


def site_folders(prefix: Path, machine: Machine) -> tuple[Path, ...]:
    """Folders where packages of the Python in `prefix` lie, those of the user included."""
    if machine.is_windows:
        roaming = machine.folder("APPDATA") or machine.home / "AppData" / "Roaming"
        return (prefix / "Lib" / "site-packages", *entries(roaming / "Python", "Python3*/site-packages"))
    patterns = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/pypy3*/site-packages")
    folders = [folder for pattern in patterns for folder in entries(prefix, pattern)]
    folders += entries(prefix, "site-packages")  # PyPy before 3.8, as it comes
    if prefix == machine.at("/usr"):
        folders += [machine.at("/usr/lib/python3/dist-packages")]
        folders += entries(machine.at("/usr/local"), "lib/python3*/dist-packages")
    return tuple(folders)


def python_names(machine: Machine) -> tuple[str, ...]:
    """Names of a Python on PATH, best first."""
    versions = [f"3.{minor}" for minor in range(30, 7, -1)]
    names = ("python3", "python", *(f"python{version}" for version in versions), "pypy3")
    return tuple(f"{name}.exe" for name in names) if machine.is_windows else names


def python_installs(machine: Machine) -> Iterator[tuple[str, Path]]:
    """(kind, program) of Pythons in places of their own: of pyenv, uv and such, frameworks, the registry, the Store."""
    for kind, pattern, folder in install_folders(machine):
        for prefix in entries(folder, pattern):
            # uv and pyenv keep short names beside the real ones.
            is_alias = prefix.is_symlink() or prefix.parent.parent.is_symlink()
            if not is_alias and (program := python_in(prefix, machine.system)):
                yield kind, program
    if machine.system == "darwin":
        for place in (
            "/Library/Frameworks/Python.framework/Versions",
            "/opt/homebrew/Frameworks/Python.framework/Versions",
            "/usr/local/Frameworks/Python.framework/Versions",
        ):
            for prefix in entries(machine.at(place), "3.*"):
                if program := python_in(prefix, machine.system):
                    yield "system", program
    if machine.is_windows:
        for program in (*_registered_pythons(machine), *_store_pythons(machine)):
            yield "system", program


def install_folders(machine: Machine) -> Iterator[tuple[str, str, Path]]:
    """(kind, pattern, folder) of tools that keep a Python, or an environment on one, in each sub-folder."""
    pyenv = machine.folder("PYENV_ROOT") or machine.home / ".pyenv"
    versions = pyenv / "pyenv-win" / "versions" if machine.is_windows else pyenv / "versions"
    yield "pyenv", "*", versions
    yield "venv", "*/envs/*", versions  # pyenv-virtualenv
    for folder in _uv_folders(machine):
        yield "uv", "*", folder
    data = _data_folder(machine)
    yield "install", "*", (machine.folder("MISE_DATA_DIR") or data / "mise") / "installs" / "python"
    yield "install", "*", (machine.folder("ASDF_DATA_DIR") or machine.home / ".asdf") / "installs" / "python"
    yield "install", "*/*", _hatch_folder(machine) / "pythons"
    yield "install", "*", machine.home / ".rye" / "py"


def _data_folder(machine: Machine) -> Path:
    """Where programs of this user keep what they own."""
    if machine.is_windows:
        return machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local"
    return machine.folder("XDG_DATA_HOME") or machine.home / ".local" / "share"


def _hatch_folder(machine: Machine) -> Path:
    if named := machine.folder("HATCH_DATA_DIR"):
        return named
    if machine.system == "darwin":
        return machine.home / "Library" / "Application Support" / "hatch"
    return _data_folder(machine) / "hatch"


def _uv_folders(machine: Machine) -> list[Path]:
    if named := machine.folder("UV_PYTHON_INSTALL_DIR"):
        return [named]
    if machine.is_windows:
        roaming = machine.folder("APPDATA") or machine.home / "AppData" / "Roaming"
        return [roaming / "uv" / "python", roaming / "uv" / "data" / "python"]
    return [(machine.folder("XDG_DATA_HOME") or machine.home / ".local" / "share") / "uv" / "python"]


def _registered_pythons(machine: Machine) -> Iterator[Path]:
    """What the py launcher knows: PEP 514 registrations. ContinuumAnalytics' are found as conda's own."""
    for values in machine.registry(r"Software\Python\PythonCore\*\InstallPath").values():
        program = values.get("ExecutablePath") or (values.get("", "") and str(Path(values[""]) / "python.exe"))
        if program and Path(program).exists():
            yield Path(program)


def _store_pythons(machine: Machine) -> Iterator[Path]:
    """Pythons from Microsoft's Store, by the names that only they put there: `python.exe` itself may be an advert."""
    apps = _data_folder(machine) / "Microsoft" / "WindowsApps"
    yield from entries(apps, "PythonSoftwareFoundation.Python.3.*/python.exe")


def tool_folders(machine: Machine) -> tuple[tuple[str, str, Path], ...]:
    """(manager, pattern, folder) of places where tools keep virtual environments; "" for those of no tool."""
    local, data = machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local", _data_folder(machine)
    if machine.is_windows:
        poetry = local / "pypoetry" / "Cache"
    elif machine.system == "darwin":
        poetry = machine.home / "Library" / "Caches" / "pypoetry"
    else:
        poetry = (machine.folder("XDG_CACHE_HOME") or machine.home / ".cache") / "pypoetry"
    poetry = machine.folder("POETRY_CACHE_DIR") or poetry
    hatch = _hatch_folder(machine) / "env" / "virtual"
    return (
        ("", "*", machine.folder("WORKON_HOME") or machine.home / ".virtualenvs"),
        ("", "*", machine.home / "Envs"),
        ("poetry", "*", machine.folder("POETRY_VIRTUALENVS_PATH") or poetry / "virtualenvs"),
        ("hatch", "*/*", hatch),
        ("hatch", "*/*/*", hatch),
        ("pipenv", "*", (machine.home / ".local" / "share" if machine.system == "darwin" else data) / "virtualenvs"),
    )


def conda_prefixes(machine: Machine) -> Iterator[Path]:
    """Environments of every conda, mamba, micromamba and pixi that is known here. They need not exist."""
    listed = text_of(machine.home / ".conda" / "environments.txt").splitlines()
    yield from (Path(line.strip()) for line in listed if line.strip())
    for root in _conda_roots(machine):
        yield root
        yield from entries(root / "envs", "*")
    for folder in _listed_folders(text_of(machine.home / ".condarc")):
        yield from entries(machine.home / folder[1:].lstrip("/") if folder[:1] == "~" else Path(folder), "*")
    yield from entries((machine.folder("PIXI_HOME") or machine.home / ".pixi") / "envs", "*")


def _listed_folders(text: str) -> list[str]:
    """Items of `envs_dirs:` in a `.condarc`."""
    found: list[str] = []
    is_inside = False
    for line in text.splitlines():
        item = line.strip()
        if item.startswith("- ") and is_inside:
            found.append(item[2:].strip().strip("'\""))
        elif item and not item.startswith("#"):
            is_inside = item.replace(" ", "") == "envs_dirs:"
    return found


def _conda_roots(machine: Machine) -> tuple[Path, ...]:
    """Folders where a conda of some kind may be installed."""
    names = ("miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", ".micromamba", ".conda")
    executable = machine.folder("CONDA_EXE")
    roots = [executable.parent.parent] if executable else []
    roots += [folder for folder in (machine.folder("MAMBA_ROOT_PREFIX"), machine.folder("CONDA_ROOT")) if folder]
    roots += [machine.home / name for name in names]
    if machine.is_windows:
        shared = machine.folder("PROGRAMDATA") or machine.at("ProgramData")
        local = machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local"
        roots += [folder / name for folder in (shared, local) for name in names[:4]]
    else:
        roots += [machine.home / ".local" / "share" / "mamba"]
        roots += [machine.at(f"/opt/{name}") for name in (*names[:4], "conda")]
        roots += [machine.at(f"/opt/homebrew/Caskroom/{name}/base") for name in ("miniforge", "miniconda")]
    return tuple(dict.fromkeys(roots))


def r_in(prefix: Path, system: str) -> Path:
    """The R of a conda environment in `prefix`, which need not exist."""
    return prefix / "Lib" / "R" / "bin" / "R.exe" if system == "win32" else prefix / "bin" / "R"


def r_programs(machine: Machine) -> Iterator[Path]:
    """Programs that start R, the one on PATH first. They need not exist."""
    names = ("R.exe",) if machine.is_windows else ("R",)
    for folder in machine.search_path():
        yield from (folder / name for name in names)
    if machine.is_windows:
        for values in machine.registry(r"Software\R-core\R\*").values():
            if home := values.get("InstallPath"):
                yield Path(home) / "bin" / "R.exe"
        for key in (r"Software\R-core\R", r"Software\R-core\R64"):
            for values in machine.registry(key).values():
                if home := values.get("InstallPath"):
                    yield Path(home) / "bin" / "R.exe"
        folder = machine.folder("PROGRAMFILES") or machine.at("Program Files")
        yield from (home / "bin" / "R.exe" for home in reversed(entries(folder / "R", "R-*")))
        return
    if machine.system == "darwin":
        framework = machine.at("/Library/Frameworks/R.framework")
        yield framework / "Resources" / "bin" / "R"
        yield from (version / "Resources" / "bin" / "R" for version in entries(framework / "Versions", "*"))
        yield machine.at("/opt/homebrew/bin/R")
    yield from (version / "bin" / "R" for version in reversed(entries(machine.at("/opt/R"), "*")))
    yield from (machine.at(place) for place in ("/usr/bin/R", "/usr/local/bin/R"))


def r_user_libraries(machine: Machine, version: str) -> tuple[Path, ...]:
    """Where R puts packages of this user, for a version such as "4.2.2"."""
    short = ".".join(version.split(".")[:2])
    if machine.is_windows:
        local = machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local"
        return (local / "R" / "win-library" / short, machine.home / "Documents" / "R" / "win-library" / short)
    if machine.system == "darwin":
        library = machine.home / "Library" / "R"
        return (library / short / "library", *(library / kind / short / "library" for kind in ("arm64", "x86_64")))
    return tuple(entries(machine.home / "R", f"*-library/{short}"))


def runtime_folders(machine: Machine) -> tuple[Path, ...]:
    """Where Jupyter's programs put the connection files of kernels that they start."""
    if own := machine.folder("JUPYTER_RUNTIME_DIR"):
        return (own,)
    named = [Path(part) for part in machine.variables.get("JUPYTER_PATH", "").split(";" if machine.is_windows else ":")]
    user = next((folder for folder in jupyter_folders(machine) if folder not in named), None)
    return () if user is None else (user / "runtime",)


def jupyter_folders(machine: Machine) -> tuple[Path, ...]:
    """Folders with `kernels/` in them, in Jupyter's order of precedence, those inside environments left out."""
    separator = ";" if machine.is_windows else ":"
    named = [Path(part) for part in machine.variables.get("JUPYTER_PATH", "").split(separator) if part]
    if own := machine.folder("JUPYTER_DATA_DIR"):
        user = own
    elif machine.is_windows:
        user = (machine.folder("APPDATA") or machine.home / "AppData" / "Roaming") / "jupyter"
    elif machine.system == "darwin":
        user = machine.home / "Library" / "Jupyter"
    else:
        user = (machine.folder("XDG_DATA_HOME") or machine.home / ".local" / "share") / "jupyter"
    folders = [*named, user, machine.program_prefix / "share" / "jupyter"]
    if machine.is_windows:
        folders.append((machine.folder("PROGRAMDATA") or machine.at("ProgramData")) / "jupyter")
    else:
        folders += [machine.at("/usr/local/share/jupyter"), machine.at("/usr/share/jupyter")]
        if machine.system == "darwin":
            folders.append(machine.at("/opt/homebrew/share/jupyter"))
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_absolute()))


def is_inside(program: Path, folder: Path) -> bool:
    """Whether running `program` runs something that lies in `folder`, by its name or by where links lead."""
    real_folder = Path(os.path.realpath(folder))
    ways = (program, Path(os.path.realpath(program.parent)) / program.name, Path(os.path.realpath(program)))
    return any(way.is_relative_to(place) for way in ways for place in (folder, real_folder))


def text_of(path: Path, limit_bytes: int = _TEXT_LIMIT_BYTES) -> str:
    """A small text file's content; "" for one that is missing, large or no ordinary file."""
    try:
        if not path.is_file() or path.stat().st_size > limit_bytes:
            return ""
        return path.read_text("utf-8", errors="replace")
    except (OSError, ValueError):
        return ""


def entries(folder: Path, pattern: str, *, limit: int = _ENTRY_LIMIT) -> list[Path]:
    """What fits `pattern` in `folder`, sorted, bounded; [] for a folder that is missing or may not be read."""
    try:
        return sorted(islice(folder.glob(pattern), limit))
    except (OSError, ValueError):
        return []
