"""One honest list: every place where code can run, once, with its health and the reason, best first.

Pure looking: no process is started. What probing learnt earlier comes in as values.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ide.core.environment import Environment, Health
from ide.core.record import dataclass, field, replace
from ide.environments import platform
from ide.environments.find_python import FoundPython, find_prefixes, find_pythons, identity, look_at, project_prefixes
from ide.environments.find_r import FoundR, find_rs, home_of, renv_version
from ide.environments.kernelspecs import KernelSpec, find_kernelspecs
from ide.environments.machine import Machine
from ide.environments.probe import Probe
from ide.environments.side_folder import SideFolders, is_supported, too_old

PYTHON = "python"
R = "r"
PROGRAM_REASON = "Fourpane itself runs on it, so a prompt always works; for packages of your own choose another."
UNTRUSTED_REASON = "It lies in a folder that is not trusted, so nothing in it is run."
NO_PYTHON_KERNEL = "It lacks ipykernel. Fourpane can put one beside it (about 30 MB); the environment stays as it is."
NO_R_KERNEL = "It lacks IRkernel, the R package that runs code for a window."
PYTHON_KINDS = frozenset({"venv", "conda", "uv", "pyenv", "install", "system"})
"""Kinds of environments that are a Python for which a kernel can be fetched; the program's own always has one."""
SYSTEM_REASON = (
    "It belongs to the operating system, whose programs need it as it is: better make an environment of your own."
)
SHARED_REASON = "Everything on this machine shares it: packages are better kept in an environment of your own."
BASE_REASON = "uv keeps it to make environments from: packages belong into one of those."
RENV_REASON = "This project’s renv.lock was written with R {version}."
_GENERIC_NAMES = (".venv", "venv", "env", ".env")
_KINDS = ("venv", "conda", "uv", "pyenv", "install", "system", "r", "kernelspec", "program")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the list depends on besides the disk. `probes` are answers by program; untrusted projects are only read."""

    machine: Machine
    side_folders: SideFolders
    project: Path | None = None
    is_trusted: bool = False
    probes: Mapping[str, Probe] = field(default_factory=dict)
    further: tuple[Path, ...] = ()
    """Programs that the user has pointed at."""


def list_environments(around: Surroundings) -> tuple[Environment, ...]:
    """Every environment of the machine and the project. Some tens of milliseconds of disk: for a pool thread."""
    machine = around.machine
    shared = [spec for spec in find_kernelspecs(machine) if not _is_forbidden(spec.folder, around)]
    programs = tuple(spec.program for spec in shared if spec.program is not None)
    programs += tuple(program for program in around.further if program.is_file())
    pythons = find_pythons(machine, around.project, tuple(path for path in programs if _is_python(path)))
    prefixes = tuple(
        dict.fromkeys(prefix for prefix in _prefixes(pythons, around) if not _is_forbidden(prefix, around))
    )
    conda = tuple(prefix for prefix in prefixes if (prefix / "conda-meta").is_dir())
    rs = find_rs(machine, tuple(path for path in programs if path.stem == "R"), conda, around.project)
    found = {identity(one.program, one.prefix): from_python(one, around) for one in pythons}
    locked = renv_version(around.project) if around.project is not None else ""
    found.update({os.path.realpath(one.home): _from_r(one, around, locked) for one in rs})
    for spec in (*shared, *find_kernelspecs(machine, prefixes)):
        _merge(found, spec, machine)
    return sort_by_rank(found.values())


def _prefixes(pythons: tuple[FoundPython, ...], around: Surroundings) -> Iterator[Path]:
    """Of the Pythons, and environments without one: those of conda may be for R alone."""
    yield from (one.prefix for one in pythons)
    yield from find_prefixes(around.machine, around.project)


def from_python(one: FoundPython, around: Surroundings) -> Environment:
    """The environment of one Python, with what looking and earlier probing tell."""
    asked = around.probes.get(str(one.program))
    version = asked.version if asked and asked.version else one.version
    implementation = (asked.implementation if asked else "") or one.implementation
    health, reason = _python_health(one, asked, version, around)
    return Environment(
        id=str(one.program),
        name=_python_name(replace(one, implementation=implementation), version),
        language=PYTHON,
        kind=one.kind,
        interpreter=one.program,
        version=version,
        is_in_project=one.is_in_project,
        health=health,
        reason=reason,
        implementation=implementation,
        manager=one.manager,
    )


def looked_at_again(environment: Environment, asked: Probe, around: Surroundings) -> Environment:
    """A listed Python with its answer; what lists and kernelspecs told of it stays."""
    assert environment.interpreter is not None
    found = look_at(around.machine, environment.kind, environment.interpreter, around.project)
    again = from_python(found, replace(around, probes={environment.id: asked}))
    return replace(again, id=environment.id, kernelspec=environment.kernelspec)


def _python_health(one: FoundPython, asked: Probe | None, version: str, around: Surroundings) -> tuple[Health, str]:
    if one.is_broken:
        return Health.BROKEN, one.reason
    if not is_supported(version):
        return Health.BROKEN, too_old(version)
    if asked is not None and asked.reason:
        return Health.SILENT if asked.is_silent else Health.BROKEN, asked.reason
    if one.is_in_project and not around.is_trusted and one.kind != "program":
        return Health.READY if one.has_kernel else Health.NEEDS_KERNEL, UNTRUSTED_REASON
    if one.has_kernel or (asked is not None and asked.has_kernel):
        return Health.READY, PROGRAM_REASON if one.kind == "program" else _discouraged(one)
    if asked is not None and around.side_folders.ready(asked) is not None:
        return Health.READY, _discouraged(one)
    return Health.NEEDS_KERNEL, f"{NO_PYTHON_KERNEL} {_discouraged(one)}".strip()


def _discouraged(one: FoundPython) -> str:
    """Why it is no good place for packages of one's own; "" where it is one."""
    if one.kind == "system":
        return SYSTEM_REASON if one.is_managed else SHARED_REASON
    return BASE_REASON if one.kind == "uv" else ""


def _python_name(one: FoundPython, version: str) -> str:
    if one.kind == "program":
        return "Fourpane’s own Python"
    if one.kind in ("venv", "conda"):
        name = one.prefix.name
        if name in _GENERIC_NAMES and not one.is_in_project:
            return f"{one.prefix.parent.name}/{name}"
        return f"base ({name})" if one.kind == "conda" and (one.prefix / "condabin").is_dir() else name
    return f"{implementation_name(one.implementation)} {version}".strip()


def implementation_name(implementation: str) -> str:
    """How an implementation of Python is called: CPython is what everyone calls Python."""
    names = {"": "Python", "cpython": "Python", "pypy": "PyPy", "graalpy": "GraalPy"}
    return names.get(implementation, implementation.capitalize())


def _from_r(one: FoundR, around: Surroundings, locked: str) -> Environment:
    """`locked` is the version that the project's packages were locked with, "" for none."""
    health, reason = Health.READY, ""
    if one.reason:
        health, reason = Health.BROKEN, one.reason
    elif not one.has_kernel:
        health, reason = Health.NEEDS_KERNEL, NO_R_KERNEL
    elif locked and one.prefix is None and not _is_same_r(one.version, locked):
        reason = RENV_REASON.format(version=locked)
    own = f"{one.prefix.name}: " if one.prefix is not None else ""
    return Environment(
        id=str(one.program),
        name=f"{own}R {one.version}".strip(),
        language=R,
        kind="r",
        interpreter=one.program,
        version=one.version,
        is_in_project=one.is_in_project or bool(locked and one.prefix is None and _is_same_r(one.version, locked)),
        health=health,
        reason=reason,
        manager=one.manager or ("renv" if locked else ""),
    )


def from_r_program(program: Path, around: Surroundings) -> Environment | None:
    """The environment of one R that the user points at; None where it is no R."""
    home = home_of(program, around.machine)
    if home is None:
        return None
    found = next(one for one in find_rs(around.machine, (program,)) if one.home.samefile(home))
    return _from_r(found, around, "")


def _is_same_r(version: str, locked: str) -> bool:
    """Packages of R hold for all versions that agree in their first two numbers."""
    return version.split(".")[:2] == locked.split(".")[:2]


def _merge(found: dict[str, Environment], spec: KernelSpec, machine: Machine) -> None:
    """Add a kernelspec, unless it is the plain way to start something listed already: then that one gets its name."""
    key = _same_place(spec, machine)
    known = found.get(key) if key else None
    if known is not None and known.language == spec.language and _is_plain(spec):
        if not known.kernelspec:
            found[key] = replace(known, kernelspec=spec.name)
        if known.kind not in PYTHON_KINDS and known.health is Health.NEEDS_KERNEL:
            # Registered from a library that looking does not know: the registration is believed.
            found[key] = replace(found[key], health=Health.READY, reason="")
        return
    id = spec.name if spec.prefix in (None, machine.program_prefix) else str(spec.folder)
    found.setdefault(
        f"kernelspec:{id}",
        Environment(
            id=id,
            name=spec.title or spec.name,
            language=spec.language,
            kind="kernelspec",
            interpreter=spec.program,
            kernelspec=id,
            health=Health.BROKEN if spec.reason else Health.READY,
            reason=spec.reason,
        ),
    )


def _same_place(spec: KernelSpec, machine: Machine) -> str:
    """The key under which the interpreter of a kernelspec is listed."""
    if spec.program is None and spec.prefix is not None and spec.argv and _is_python(Path(spec.argv[0])):
        return os.path.normcase(os.path.realpath(spec.prefix))  # out of order, as its environment is, which says why
    if spec.program is None or spec.reason:
        return ""
    if spec.program.stem == "R":
        home = home_of(spec.program, machine)
        return os.path.realpath(home) if home else ""
    return identity(spec.program, platform.prefix_of(spec.program, machine.system))


def _is_plain(spec: KernelSpec) -> bool:
    """Whether it starts the usual kernel in the usual way, so that nothing is lost by leaving it out of the list."""
    text = " ".join(spec.argv[1:])
    usual_r = "IRkernel::main()" in text
    usual_python = text in ("-m ipykernel_launcher -f {connection_file}", "-m ipykernel -f {connection_file}") or (
        text.replace("-Xfrozen_modules=off ", "") == "-m ipykernel_launcher -f {connection_file}"
    )
    return not spec.variables and (usual_python or usual_r)


def _is_python(path: Path) -> bool:
    return path.name.lower().removesuffix(".exe").rstrip("0123456789.") == PYTHON and "shims" not in path.parts


def _is_forbidden(folder: Path, around: Surroundings) -> bool:
    """Whether it lies in a project that is not trusted: a kernelspec there could start anything."""
    return around.project is not None and not around.is_trusted and platform.is_inside(folder, around.project)


def _rank(environment: Environment) -> tuple[object, ...]:
    """Those that can start first, the project's before others, newer versions before older ones."""
    numbers = [int(part) for part in environment.version.split(".") if part.isdigit()]
    return (
        environment.health in (Health.BROKEN, Health.SILENT),
        not environment.is_in_project or environment.kind == "program",
        _KINDS.index(environment.kind) if environment.kind in _KINDS else len(_KINDS),
        environment.health is not Health.READY,
        [-number for number in numbers] or [0],
        environment.name.lower(),
        environment.id,
    )


def sort_by_rank(environments: Iterable[Environment]) -> tuple[Environment, ...]:
    """Best first."""
    return tuple(sorted(environments, key=_rank))


def can_be_made_ready(environment: Environment) -> bool:
    """Whether what it lacks can be fetched (`Environments.prepare`)."""
    return environment.health is Health.NEEDS_KERNEL and environment.kind in PYTHON_KINDS


def quick_project_python(machine: Machine, project: Path) -> Path | None:
    """The Python of the first environment in a trusted project, by one look: for the way to the first window."""
    prefixes = (prefix for prefix in project_prefixes(project) if prefix != machine.program_prefix)
    found = (platform.python_in(prefix, machine.system) for prefix in prefixes)
    return next((program for program in found if program is not None), None)
