"""Locks what an environment holds, reads locks, and compares. Blocks: for pool threads.

Python: `pylock.toml` (PEP 751) and requirements with hashes. conda: an explicit list. R: `renv.lock`. Each is the form
that other tools read; nothing of ours is needed to rebuild from it.
"""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ide.core.errors import PackageError
from ide.core.package_lock import LeftOut, LockedPackage, LockFile, PackageLock
from ide.core.packages import Package, package_key
from ide.core.ports import Work
from ide.environments.making import conda
from ide.environments.making.python import Pinned, pinned_in
from ide.environments.packages.places import CONDA, Place, R
from ide.environments.uv import Uv
from ide.settings.toml_file import replace_file

PYLOCK = "pylock.toml"
REQUIREMENTS = "requirements.lock.txt"
EXPLICIT = "conda-explicit.txt"
RENV = "renv.lock"
NAMES = (PYLOCK, RENV, EXPLICIT, REQUIREMENTS)
"""Files that a lock is read from, in the order in which they are looked for."""


def make_lock(place: Place, packages: Sequence[Package], uv: Uv, work: Work, name: str) -> PackageLock:
    """Lock the environment at `place`, whose installed `packages` are listed already. Raises PackageError.

    Only Python asks an index, for the hashes; it finds those of the last days in uv's cache.
    """
    if place.kind == R:
        return _lock_r(place, packages)
    if place.kind == CONDA:
        return _lock_conda(place)
    return _lock_python(place, packages, uv, work, name)


# --- Python ----------------------------------------------------------------------------------------------------------


def _lock_python(place: Place, packages: Sequence[Package], uv: Uv, work: Work, name: str) -> PackageLock:
    happened = f"“{name}” could not be locked."
    fixed = {one.key for one in packages if one.is_fixed}
    pins = [one for one in pinned_in(place.folders) if package_key(one.name) not in fixed]
    licences = {one.key: one.licence for one in packages}
    left_out = tuple(LeftOut(one.name, one.reason) for one in pins if one.reason)
    lines = [one.line for one in pins if not one.reason]
    if not lines:
        text = _empty_pylock(place.version)
    else:
        work.report(f"Asking for the hashes of {len(lines)} packages")
        uv.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="lock-", dir=uv.folder) as folder:
            wanted, made = Path(folder, "wanted.txt"), Path(folder, PYLOCK)
            wanted.write_text("\n".join(lines) + "\n", "utf-8")
            arguments = ["pip", "compile", "--quiet", "--no-deps", "--generate-hashes", "--no-header"]
            uv.run([*arguments, "--python", str(place.interpreter), "-o", str(made), str(wanted)], work, happened)
            text = made.read_text("utf-8")
    lock = _python_lock(text, place.version, happened)
    locked = tuple(
        LockedPackage(one.name, one.version, one.hashes, one.url, licences.get(one.key, "")) for one in lock.packages
    )
    files = (LockFile(PYLOCK, text), LockFile(REQUIREMENTS, _requirements(locked, pins)))
    return PackageLock("python", place.version, locked, files, left_out)


def _empty_pylock(version: str) -> str:
    least = ".".join(version.split(".")[:2])
    requires = f'requires-python = ">={least}"\n' if least else ""
    return f'lock-version = "1.0"\ncreated-by = "fourpane"\n{requires}packages = []\n'


def _python_lock(text: str, version: str, happened: str) -> PackageLock:
    try:
        content = tomllib.loads(text)
        packages = tuple(_of_pylock(one) for one in content.get("packages", ()))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise PackageError(happened, f"It is not in the form of a {PYLOCK}: {error}.") from error
    return PackageLock("python", version, packages, (LockFile(PYLOCK, text),))


def _of_pylock(one: dict[str, Any]) -> LockedPackage:
    files = [
        *one.get("wheels", ()),
        *([one["sdist"]] if "sdist" in one else []),
        *([one["archive"]] if "archive" in one else []),
    ]
    hashes = (f"{kind}:{value}" for each in files for kind, value in each.get("hashes", {}).items())
    vcs = one.get("vcs", {})
    url = one.get("archive", {}).get("url") or (f"git+{vcs['url']}@{vcs['commit-id']}" if vcs else "")
    return LockedPackage(one["name"], one.get("version", ""), tuple(dict.fromkeys(hashes)), url)


def _requirements(packages: Sequence[LockedPackage], pins: Sequence[Pinned]) -> str:
    """The same as requirements: a line for each package, with the hashes that `pip install` then insists on."""
    lines = {package_key(one.name): one.line for one in pins}
    found = []
    for one in packages:
        hashes = "".join(f" \\\n    --hash={each}" for each in one.hashes)
        found.append(f"{lines.get(package_key(one.name), f'{one.name}=={one.version}')}{hashes}\n")
    return "".join(found)


# --- conda and R -----------------------------------------------------------------------------------------------------


def _lock_conda(place: Place) -> PackageLock:
    listed = conda.installed(place.prefix)
    lines = ["# A conda explicit list: `conda create --file` and `micromamba create --file` read it.", "@EXPLICIT"]
    lines += [one.url + (f"#sha256:{one.sha256}" if one.sha256 else f"#{one.md5}" if one.md5 else "") for one in listed]
    packages = tuple(LockedPackage(one.name, one.version, _conda_hashes(one), one.url, one.licence) for one in listed)
    pins = pinned_in(place.folders)
    by_conda = {package_key(one.name) for one in listed}
    left_out = tuple(
        LeftOut(one.name, "It was installed with pip, which a conda list cannot hold.")
        for one in pins
        if package_key(one.name) not in by_conda and one.installer != "conda"
    )
    return PackageLock("conda", place.version, packages, (LockFile(EXPLICIT, "\n".join(lines) + "\n"),), left_out)


def _conda_hashes(one: conda.CondaPackage) -> tuple[str, ...]:
    named = (("sha256", one.sha256), ("md5", one.md5))
    return tuple(f"{kind}:{value}" for kind, value in named if value)


def _lock_r(place: Place, packages: Sequence[Package]) -> PackageLock:
    """What renv writes, without renv: R itself, the repository, name and version of each package."""
    own = [one for one in packages if not one.is_fixed and not one.problem]
    # Where no package names its repository, renv takes the one that the session is set to.
    known = next((one.source for one in own if "://" in one.source), "")
    repositories = [{"Name": "CRAN", "URL": known}] if known else []
    content = {
        "R": {"Version": place.version, "Repositories": repositories},
        "Packages": {
            one.name: {
                "Package": one.name,
                "Version": one.version,
                "Source": "Repository",
                "Repository": "CRAN",
                "Requirements": sorted(re.split(r"[ (]", each)[0] for each in one.requirements),
            }
            for one in own
        },
    }
    locked = tuple(LockedPackage(one.name, one.version, licence=one.licence) for one in own)
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return PackageLock("r", place.version, locked, (LockFile(RENV, text),))


# --- reading and writing ---------------------------------------------------------------------------------------------


def write_lock(lock: PackageLock, folder: Path) -> tuple[Path, ...]:
    """Write the lock's files into a folder, each whole or not at all; returns them. Raises PackageError."""
    return write_files(lock.files, folder)


def write_files(files: Sequence[LockFile], folder: Path) -> tuple[Path, ...]:
    """The same for files that go with a lock."""
    try:
        for file in files:
            replace_file(folder / file.name, file.text.encode())
    except OSError as error:
        raise PackageError(
            f"{files[0].name} could not be written.",
            f"The system says: {error.strerror or error}.",
            f"Look at {folder}.",
        ) from error
    return tuple(folder / file.name for file in files)


def find_lock(folder: Path) -> Path | None:
    """The lock in a folder; None where there is none."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def find_lock_of(folder: Path, place: Place) -> Path | None:
    """The lock in a folder that is of such an environment as `place`; None where there is none."""
    names = [name for name in NAMES if (name == RENV) == (place.kind == R)]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def read_lock(path: Path) -> PackageLock:
    """Read a lock of any of the forms that are written here. Raises PackageError."""
    happened = f"{path.name} cannot be read."
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise PackageError(happened, str(error)) from error
    if path.name.startswith("pylock"):
        return _python_lock(text, "", happened)
    if path.suffix == ".lock" or text.lstrip().startswith("{"):
        return _read_renv(text, happened)
    if "@EXPLICIT" in text:
        packages = tuple(
            LockedPackage(one.name, one.version, _conda_hashes(one), one.url) for one in conda.explicit(text)
        )
        return PackageLock("conda", "", packages, (LockFile(path.name, text),))
    return _read_requirements(text, path.name)


def _read_renv(text: str, happened: str) -> PackageLock:
    try:
        content = json.loads(text)
        packages = tuple(
            LockedPackage(str(one["Package"]), str(one["Version"])) for one in content["Packages"].values()
        )
        return PackageLock("r", str(content["R"]["Version"]), packages, (LockFile(RENV, text),))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackageError(happened, f"It is not in the form of a {RENV}: {error}.") from error


def _read_requirements(text: str, name: str) -> PackageLock:
    """Lines `name==version`; others pin nothing, so they cannot be compared and are told as left out."""
    packages, left_out = [], []
    for line in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if not line:
            continue
        hashes = tuple(re.findall(r"--hash=(\S+)", line))
        if found := re.match(r"([\w.\-]+)(?:\[[^\]]*\])?\s*===?\s*([^\s;,]+)", line):
            packages.append(LockedPackage(found[1], found[2], hashes))
        elif not line.startswith("-"):
            left_out.append(LeftOut(re.split(r"[\s<>=!~@\[;]", line)[0], "The file does not name its version."))
    return PackageLock("python", "", tuple(packages), (LockFile(name, text),), tuple(left_out))
