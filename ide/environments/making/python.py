"""Python environments by uv: made, copied, repaired and filled. Blocks: for pool threads."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from ide.core.errors import PackageError
from ide.core.ports import Work
from ide.core.record import dataclass, replace
from ide.environments.making.place import ToBin, half_made, swapped
from ide.environments.making.tool_files import requirements_of
from ide.environments.making.wish import Wish, checked
from ide.environments.platform import python_in
from ide.environments.uv import CancelledError, Uv

KERNEL = "ipykernel"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One installed package as it would be installed again. `line` is a requirement; `reason` why it can't be one."""

    name: str
    version: str
    line: str
    reason: str = ""
    is_editable: bool = False
    installer: str = ""


Check = Callable[[Path, Sequence[str]], None]
"""Gets the Python of a new environment and the arguments of an install, and raises PackageError where it may not be."""


def make(wish: Wish, uv: Uv, work: Work, check: Check | None = None) -> Path:
    """Make the environment and return its Python. A failure or cancelling leaves nothing. Raises PackageError.

    `check` is asked before any package is fetched.
    """
    checked(wish)
    happened = f"“{wish.name}” could not be made."
    python = _python_for(wish, uv, work, happened)
    with half_made(wish.place, happened):
        _fill(wish, python, uv, work, happened, check)
    return _python_of(wish.place, happened)


def _fill(wish: Wish, python: str, uv: Uv, work: Work, happened: str, check: Check | None = None) -> None:
    work.report("Making the environment")
    # The folder has our mark in it already, so uv is told that it may use it.
    uv.run(["venv", "--allow-existing", "--python", python, "--prompt", wish.name, str(wish.place)], work, happened)
    with tempfile.TemporaryDirectory(prefix="source-", dir=uv.folder) as folder:
        wanted = [*wish.packages]
        if wish.source is not None:
            wanted += ["--requirements", str(_plain(wish.source, Path(folder), uv, work, happened))]
        if wanted and check is not None:
            check(_python_of(wish.place, happened), wanted)
        if wanted:
            install(_python_of(wish.place, happened), wanted, uv, work, happened)


def _plain(source: Path, folder: Path, uv: Uv, work: Work, happened: str) -> Path:
    """A file that uv installs from: the source itself, or what another tool's says, written into `folder`."""
    text = requirements_of(source, uv, work, happened)
    if text is None:
        return source
    path = folder / "requirements.txt"
    path.write_text(text, "utf-8")
    return path


def _python_for(wish: Wish, uv: Uv, work: Work, happened: str) -> str:
    """What uv is told to make it of: a program that is here, else a build of uv's own, fetched where it is missing."""
    if wish.interpreter is not None:
        return str(wish.interpreter)
    if not re.fullmatch(r"(pypy@?)?\d+(\.\d+){0,2}", wish.version):
        raise PackageError(happened, f"“{wish.version}” is no version of Python.", "Choose one of the list.")
    work.report(f"Fetching Python {wish.version}")
    uv.run(["python", "install", "--no-bin", wish.version], work, happened)
    found = uv.run(["python", "find", "--managed-python", "--no-project", wish.version], work, happened).strip()
    return found or wish.version


def install(python: Path, arguments: Sequence[str], uv: Uv, work: Work, happened: str) -> None:
    """`uv pip install` into the environment of `python`."""
    uv.run(["pip", "install", "--python", str(python), *arguments], work, happened)


def install_kernel(python: Path, uv: Uv, work: Work) -> None:
    """Put ipykernel into an environment that lacks it. Raises PackageError."""
    install(python, [KERNEL], uv, work, f"{KERNEL} could not be installed.")


# --- what is in one --------------------------------------------------------------------------------------------------


def site_folder(prefix: Path) -> Path | None:
    """Where the packages of a venv lie; None where it has no such folder."""
    if sys.platform == "win32":
        folder = prefix / "Lib" / "site-packages"
        return folder if folder.is_dir() else None
    return next(iter(sorted(prefix.glob("lib/p*/site-packages"))), None)


def pinned(prefix: Path) -> tuple[Pinned, ...]:
    """What is installed in a venv, by name, from its files alone: it may be broken. pip itself is left out."""
    folder = site_folder(prefix)
    return pinned_in([folder]) if folder is not None else ()


def pinned_in(folders: Sequence[Path]) -> tuple[Pinned, ...]:
    """The same for site folders, the first of a name winning."""
    found: dict[str, Pinned] = {}
    for one in map(_pinned, distributions(path=[str(folder) for folder in folders])):
        if one is not None:
            found.setdefault(one.name.lower(), one)
    return tuple(found[name] for name in sorted(found) if name not in ("pip", "setuptools", "wheel"))


def _pinned(distribution: Distribution) -> Pinned | None:
    name = distribution.metadata["Name"]
    if not name:
        return None
    version = distribution.version
    try:
        origin = json.loads(distribution.read_text("direct_url.json") or "null")
    except ValueError:
        origin = None
    if not isinstance(origin, dict) or not isinstance(origin.get("url"), str):
        installer = (distribution.read_text("INSTALLER") or "").strip()
        return Pinned(name, version, f"{name}=={version}", installer=installer)
    url = origin["url"]
    directory, source = origin.get("dir_info"), origin.get("vcs_info")
    if isinstance(directory, dict):
        is_editable = bool(directory.get("editable"))
        line = f"--editable={url}" if is_editable else f"{name} @ {url}"
        return Pinned(name, version, line, "It comes from a folder of this computer.", is_editable)
    if isinstance(source, dict):
        return Pinned(name, version, f"{name} @ {source.get('vcs', 'git')}+{url}@{source.get('commit_id', '')}")
    is_here = url.startswith("file:")
    return Pinned(name, version, f"{name} @ {url}", "It comes from a file of this computer." if is_here else "")


def python_version(prefix: Path) -> str:
    """Of a venv, by its pyvenv.cfg or its folders, in the form "3.12"; empty where nothing tells."""
    try:
        text = (prefix / "pyvenv.cfg").read_text("utf-8", errors="replace")
    except OSError:
        text = ""
    if found := re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", text, re.MULTILINE):
        return found[1]
    folder = site_folder(prefix)
    found = re.search(r"(\d+\.\d+)", folder.parent.name) if folder is not None else None
    return found[1] if found else ""


def base_python(prefix: Path) -> Path | None:
    """The Python that a venv was made of; None where it is not there any more."""
    try:
        text = (prefix / "pyvenv.cfg").read_text("utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^home\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    if found is None:
        return None
    version = python_version(prefix)
    names = ("python.exe",) if sys.platform == "win32" else (f"python{version}", "python3", f"pypy{version}", "pypy3")
    return next((Path(found[1], name) for name in names if Path(found[1], name).exists()), None)


# --- copies and repairs ----------------------------------------------------------------------------------------------


def copy(prefix: Path, place: Path, uv: Uv, work: Work) -> Path:
    """Another environment with the same Python and exactly the same packages. Raises PackageError."""
    wish = Wish(place, "", "uv", python_version(prefix), base_python(prefix))
    checked(wish)
    happened = f"“{prefix.name}” could not be copied."
    python = _python_for(wish, uv, work, happened)
    with half_made(place, happened):
        _fill(wish, python, uv, work, happened)
        _install_exactly(_python_of(place, happened), pinned(prefix), uv, work, happened)
    return _python_of(place, happened)


@dataclass(frozen=True, slots=True)
class Repaired:
    """An environment made anew. `changed` names packages that have another version than before."""

    python: Path
    changed: tuple[str, ...] = ()


def repair(prefix: Path, base: Path | None, version: str, uv: Uv, work: Work, to_bin: ToBin) -> Repaired:
    """Make a broken venv anew in its own place, on `base` or a fetched Python, with the packages that it lists.

    Where their versions do not fit the other Python the newest that do are taken, which `changed` tells. A failure
    leaves everything as it was. Raises PackageError.
    """
    happened = f"“{prefix.name}” could not be repaired."
    wish = Wish(prefix, "", "uv", version or python_version(prefix), base)
    listed = pinned(prefix)
    python = _python_for(wish, uv, work, happened)
    with swapped(prefix, happened, to_bin) as aside:
        _fill(replace(wish, packages=()), python, uv, work, happened)
        made = _python_of(prefix, happened)
        try:
            _install_exactly(made, listed, uv, work, happened)
        except CancelledError:
            raise
        except PackageError:
            names = [one.line if " @ " in one.line or one.is_editable else one.name for one in listed]
            install(made, names, uv, work, happened)
        del aside
    now = {one.name.lower(): one.version for one in pinned(prefix)}
    return Repaired(made, tuple(one.name for one in listed if now.get(one.name.lower()) != one.version))


def rebuild(prefix: Path, lock: Path, uv: Uv, work: Work, to_bin: ToBin) -> Path:
    """Make an environment hold exactly what a lock says, by making it anew; a failure leaves it as it was."""
    happened = f"“{prefix.name}” could not be reset."
    wish = Wish(prefix, "", "uv", python_version(prefix), base_python(prefix))
    python = _python_for(wish, uv, work, happened)
    with swapped(prefix, happened, to_bin):
        _fill(wish, python, uv, work, happened)
        sync(_python_of(prefix, happened), lock, uv, work, happened)
    return _python_of(prefix, happened)


def sync(python: Path, lock: Path, uv: Uv, work: Work, happened: str) -> None:
    """Install exactly what a lock names; hashes are checked where it has them."""
    uv.run(["pip", "sync", "--allow-empty-requirements", "--python", str(python), str(lock)], work, happened)


def _install_exactly(python: Path, listed: Sequence[Pinned], uv: Uv, work: Work, happened: str) -> None:
    """From uv's cache where it has all, which needs no network; else from the index."""
    if not listed:
        return
    arguments = ["--no-deps", *(one.line for one in listed)]
    try:
        install(python, ["--offline", *arguments], uv, work, happened)
    except CancelledError:
        raise
    except PackageError:
        install(python, arguments, uv, work, happened)


def _python_of(prefix: Path, happened: str) -> Path:
    program = python_in(prefix, sys.platform)
    if program is None:
        raise PackageError(happened, "It did not arrive whole.", "Try again.")
    return program
