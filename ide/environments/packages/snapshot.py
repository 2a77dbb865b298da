"""The files of packages as they were before a change, and putting them back exactly: also after a crash, offline.

Before a change the files of every package that it touches are linked (where that is impossible: copied) into a folder
of ours, which costs no room: installers replace files and never write into them. Putting back takes away what the
change brought and links the old files in again. Blocks: for pool threads.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ide.core.packages import Package, Plan
from ide.core.record import dataclass, field, replace

_RECORD = "snapshot.json"
_FILES = "files"
_PYTHON_ENDINGS = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`folder` holds it. `title` says the change in words; `is_whole` that the change came to its end.

    `roots` are the packages' folders, with the names that were there before (`before`), `touched` the keys of the
    packages that the change names.
    """

    folder: Path
    title: str
    touched: tuple[str, ...]
    roots: tuple[Path, ...]
    before: tuple[tuple[str, ...], ...]
    files: tuple[tuple[str, str], ...] = field(default=())
    """(place in the environment, name in `folder/files`)."""
    is_whole: bool = False
    made: tuple[Path, ...] = ()
    """Roots that were not there before, with their folders that were not, the deepest first."""


def take(folder: Path, plan: Plan, title: str, packages: Iterable[Package], roots: tuple[Path, ...]) -> Snapshot:
    """Keep the files of the packages below `roots` that `plan` changes, in place of an older one. Raises OSError."""
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / _FILES).mkdir(mode=0o700, parents=True)
    touched = tuple(change.key for change in plan.changes)
    files: list[tuple[str, str]] = []
    for package in packages:
        if package.key in touched and _is_in(package, roots):
            for place in files_of(package):
                name = str(len(files))
                _keep(place, fresh / _FILES / name)
                files.append((str(place), name))
    made = tuple(each for root in roots for each in (root, *root.parents) if not each.exists())
    before = tuple(_names(root) for root in roots)
    snapshot = Snapshot(folder, title, touched, roots, before, tuple(files), made=made)
    _write(snapshot, fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return snapshot


def read(folder: Path) -> Snapshot | None:
    """The snapshot in a folder; None where there is none that can be read."""
    try:
        said = json.loads((folder / _RECORD).read_text("utf-8"))
        return Snapshot(
            folder,
            str(said["title"]),
            tuple(map(str, said["touched"])),
            tuple(Path(root) for root in said["roots"]),
            tuple(tuple(map(str, names)) for names in said["before"]),
            tuple((str(place), str(name)) for place, name in said["files"]),
            said["is_whole"] is True,
            tuple(Path(each) for each in said.get("made", ())),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def mark_whole(snapshot: Snapshot) -> None:
    """The change came to its end: from now on it can be undone, and is no longer something to repair."""
    _write(replace(snapshot, is_whole=True), snapshot.folder)


def forget(snapshot: Snapshot) -> None:
    """Nothing is to be put back any more."""
    shutil.rmtree(snapshot.folder, ignore_errors=True)


def restore(snapshot: Snapshot, now: Iterable[Package]) -> None:
    """Make the touched packages what they were; `now` are the packages that are there at present. Raises OSError.

    After a change that never ended, what lies in the folders and was not there before goes as well: an installer that
    was killed leaves files that belong to no package yet.
    """
    kept = {place for place, _ in snapshot.files}
    others = []
    for package in now:
        if package.key not in snapshot.touched or not _is_in(package, snapshot.roots):
            others.append(package)
            continue
        for place in files_of(package):
            if str(place) not in kept:
                _remove(place, snapshot.roots)
    if not snapshot.is_whole:
        # What somebody else has installed meanwhile stays.
        owned = {place for package in others for place in files_of(package)}
        for root, before in zip(snapshot.roots, snapshot.before, strict=True):
            tops = {root / place.relative_to(root).parts[0] for place in owned if place.is_relative_to(root)}
            for name in set(_names(root)) - set(before):
                if root / name not in tops:
                    _remove(root / name, snapshot.roots)
    for original, name in snapshot.files:
        _put_back(snapshot.folder / _FILES / name, Path(original))
    for each in snapshot.made:
        with suppress(OSError):  # somebody has put something there meanwhile, or it never came to be
            each.rmdir()
    forget(snapshot)


def files_of(package: Package) -> list[Path]:
    """Every file that belongs to a package: by its list of files, else (R) all below its folder."""
    folder = package.folder
    if folder is None:
        return []
    if folder.suffix == ".json":
        return _files_of_conda(folder)
    if folder.suffix not in _PYTHON_ENDINGS:
        return [Path(parent) / name for parent, _, names in os.walk(folder) for name in names]
    site = folder.parent
    found = {path for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else {folder}
    with suppress(OSError):
        for line in (folder / "RECORD").read_text("utf-8", "replace").splitlines():
            path = _recorded_path(line)
            place = Path(os.path.normpath(site / path)) if path else site
            if path and place.is_file() and _is_inside(place, site):
                found.add(place)
                found.update(_compiled(place))
    return sorted(found)


def _files_of_conda(record: Path) -> list[Path]:
    prefix = record.parent.parent
    try:
        files = json.loads(record.read_text("utf-8")).get("files", ())
    except (OSError, ValueError, AttributeError):
        files = ()
    places = (Path(os.path.normpath(prefix / str(file))) for file in files)
    return sorted({record, *(one for one in places if one.is_relative_to(prefix) and os.path.lexists(one))})


def _is_inside(place: Path, site: Path) -> bool:
    """In the environment, three folders up at most (`bin`, `share`): a list of files may name anything."""
    return any(place.is_relative_to(base) for base in (site, *site.parents[:3]) if len(base.parts) > 2)


def _recorded_path(line: str) -> str:
    path = line.rsplit(",", 2)[0].strip()
    return path[1:-1].replace('""', '"') if path.startswith('"') else path


def _compiled(place: Path) -> list[Path]:
    if place.suffix != ".py":
        return []
    with suppress(OSError):
        return list((place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"))
    return []


def _keep(place: Path, target: Path) -> None:
    try:
        os.link(place, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(place, target, follow_symlinks=False)


def _put_back(kept: Path, place: Path) -> None:
    with suppress(OSError):
        if place.samefile(kept):
            return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name[:80]}.fourpane")
    with suppress(FileNotFoundError):
        fresh.unlink()
    _keep(kept, fresh)
    fresh.replace(place)


def _remove(place: Path, roots: tuple[Path, ...]) -> None:
    """A file, link or folder, and the folders that are empty then, the roots themselves left alone."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
        return
    with suppress(FileNotFoundError):
        place.unlink()
    parent = place.parent
    with suppress(OSError):
        while any(parent.is_relative_to(root) for root in roots) and parent not in roots:
            parent.rmdir()
            parent = parent.parent


def _is_in(package: Package, roots: tuple[Path, ...]) -> bool:
    """Whether the change can touch it: one of the same name in another library stays as it is."""
    return package.folder is not None and any(package.folder.is_relative_to(root) for root in roots)


def _names(root: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(one.name for one in root.iterdir()))
    except OSError:
        return ()


def _write(snapshot: Snapshot, folder: Path) -> None:
    said = {
        "title": snapshot.title,
        "touched": snapshot.touched,
        "roots": [str(root) for root in snapshot.roots],
        "before": snapshot.before,
        "files": snapshot.files,
        "is_whole": snapshot.is_whole,
        "made": [str(each) for each in snapshot.made],
    }
    fresh = folder / f"{_RECORD}.new"
    fresh.write_text(json.dumps(said), "utf-8")
    fresh.replace(folder / _RECORD)
