"""How large an environment is: its packages counted and its files summed, by looking. Blocks: for a pool thread."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from ide.core.environment import Environment
from ide.core.record import dataclass
from ide.environments import platform
from ide.environments.find_python import kind_of
from ide.environments.find_r import home_of, libraries_of
from ide.environments.machine import Machine

FILE_LIMIT = 1_000_000
_PACKAGE_MARKS = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes are those of the files, each counted once however many names it has.

    `problem` is what is wrong with the records of packages; "" where nothing is.
    """

    package_count: int
    size_bytes: int
    problem: str = ""


def places_of(environment: Environment, machine: Machine) -> tuple[Path, ...]:
    """Folders that an environment consists of; of an install that the whole machine shares only its packages."""
    program = environment.interpreter
    if program is None or environment.kind == "kernelspec":
        return ()
    if environment.kind == "r":
        home = home_of(program, machine)
        return tuple(libraries_of(machine, home, environment.version)) if home else ()
    prefix = machine.program_prefix if environment.kind == "program" else platform.prefix_of(program, machine.system)
    is_shared = environment.kind == "system" or (environment.kind == "program" and not kind_of(prefix))
    return platform.site_folders(prefix, machine) if is_shared else (prefix,)


def changed_ns(environment: Environment, machine: Machine) -> int:
    """When an environment last changed: installing a package touches the folder that it goes to."""
    program = environment.interpreter
    if program is None:
        return 0
    if environment.kind == "r":
        places: tuple[Path, ...] = (program, *places_of(environment, machine))
    else:
        prefix = platform.prefix_of(program, machine.system)
        places = (program, prefix / "conda-meta", *platform.site_folders(prefix, machine))
    times = [0]
    for place in places:
        try:
            times.append(place.stat().st_mtime_ns)
        except OSError:
            continue
    return max(times)


def measure(environment: Environment, machine: Machine, is_cancelled: Callable[[], bool]) -> Extent | None:
    """Count and sum. None where it is no place with files of its own, or where it was cancelled."""
    places = places_of(environment, machine)
    if not places:
        return None
    if environment.kind == "r":
        count, problem = sum(1 for place in places for _ in _r_packages(place)), ""
    else:
        count, problem = _python_packages(environment, machine)
    size_bytes = _size_bytes(places, is_cancelled)
    return None if size_bytes is None else Extent(count, size_bytes, problem)


def _r_packages(library: Path) -> Iterator[Path]:
    for entry in _entries(library):
        if os.path.lexists(os.path.join(entry.path, "DESCRIPTION")):  # noqa: PTH118 - a Path each would be slow
            yield Path(entry.path)


def _python_packages(environment: Environment, machine: Machine) -> tuple[int, str]:
    """How many there are, and which of conda's records cannot be read: conda refuses to work beside one."""
    assert environment.interpreter is not None
    is_own = environment.kind == "program"
    prefix = machine.program_prefix if is_own else platform.prefix_of(environment.interpreter, machine.system)
    records = platform.entries(prefix / "conda-meta", "*.json", limit=20_000)
    if records:
        torn = next((record for record in records if not _is_whole(record)), None)
        problem = f"{torn} is damaged, so conda cannot change this environment." if torn is not None else ""
        return len(records), problem
    folders = platform.site_folders(prefix, machine)
    return sum(1 for folder in folders for entry in _entries(folder) if entry.name.endswith(_PACKAGE_MARKS)), ""


def _is_whole(record: Path) -> bool:
    """Whether a JSON record begins and ends as one; reading thousands of them to the end would take seconds."""
    try:
        with record.open("rb") as file:
            head = file.read(64).lstrip()
            file.seek(max(0, record.stat().st_size - 64))
            return head[:1] == b"{" and file.read(64).rstrip()[-1:] == b"}"
    except OSError:
        return False


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _size_bytes(places: tuple[Path, ...], is_cancelled: Callable[[], bool]) -> int | None:
    waiting = [str(place) for place in places]
    seen: set[tuple[int, int]] = set()
    total = count = 0
    while waiting:
        if is_cancelled():
            return None
        for entry in _entries(waiting.pop()):
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                about = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            count += 1
            key = (about.st_dev, about.st_ino)
            if stat.S_ISREG(about.st_mode) and (about.st_nlink < 2 or key not in seen):
                total += about.st_size
                if about.st_nlink > 1:
                    seen.add(key)
        if count > FILE_LIMIT:
            break
    return total
