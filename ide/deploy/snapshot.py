"""What of a project would be sent: its files with sizes, what stays here and why. Looked at, never run.

Runs in a pool thread. Reads names, sizes and `.gitignore` files; `inputs.py` and `secrets.py` look into the files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from ide.core.errors import DeployError
from ide.core.record import dataclass
from ide.deploy import ignored

ASK_ABOVE_BYTES: Final = 1_000_000_000
FILE_LIMIT: Final = 100_000
_GITIGNORE_LIMIT_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that would go. `path` is relative to the project with forward slashes, `modified_ns` as the system says.

    `is_link`: what it leads to goes in its place.
    """

    path: str
    size_bytes: int
    modified_ns: int
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or a whole folder (then `path` ends in "/") that stays here, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A project at one moment. `entry` is the script, relative to `folder`. `refused` are links that leave the project,
    and things that are no files."""

    folder: Path
    entry: str
    files: tuple[SourceFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Of all that would go."""
        return sum(one.size_bytes for one in self.files)

    @property
    def asks_for_its_size(self) -> bool:
        """Whether so much would go that the user is asked first."""
        return self.size_bytes > ASK_ABOVE_BYTES

    def paths(self) -> dict[str, Path]:
        """Path in the project to file here, as `write_bundle` takes it."""
        return {one.path: self.folder / one.path for one in self.files}


def take_snapshot(
    folder: Path,
    entry: str,
    *,
    home: Path,
    excluded: Collection[str] = (),
    included: Collection[str] = (),
    told: Callable[[int], None] = lambda count: None,
) -> Snapshot:
    """Look at a project. `excluded` are paths of files and folders ("data/" or "data") that the user left out,
    `included` those that go although `.gitignore` names them.

    `told` hears how many files were found and may raise to end it. Raises DeployError for a folder that is no project.
    """
    root = _checked(folder, home)
    walk = _Walk(root, frozenset(path.rstrip("/") for path in excluded), frozenset(included), told)
    walk.into("", ())
    by_path = sorted(walk.files, key=lambda one: one.path)
    return Snapshot(root, entry, tuple(by_path), tuple(walk.left_out), tuple(walk.refused))


def _checked(folder: Path, home: Path) -> Path:
    try:
        root, real_home = folder.resolve(strict=True), home.resolve()
    except OSError as error:
        raise DeployError(f"{folder} can't be read: {error.strerror or error}.") from error
    if not root.is_dir():
        raise DeployError(f"{folder} is no folder.")
    if root in (real_home, *real_home.parents):
        raise DeployError(
            f"{root} is not sent: it is your home folder or one above it.",
            "All your own files would leave this computer.",
            "Put the script into a folder of its own and deploy that.",
        )
    if root == Path(root.anchor) or root.parent == Path(root.anchor):
        raise DeployError(
            f"{root} is not sent: it belongs to the system.",
            advice="Put the script into a folder of its own and deploy that.",
        )
    return root


class _Walk:
    def __init__(
        self, root: Path, excluded: frozenset[str], included: frozenset[str], told: Callable[[int], None]
    ) -> None:
        self._root = root
        self._excluded = excluded
        self._included = included
        # Folders above what is included are entered, although `.gitignore` names them.
        self._ways = {parent.as_posix() for path in included for parent in Path(path).parents}
        self._told = told
        self.files: list[SourceFile] = []
        self.left_out: list[LeftOut] = []
        self.refused: list[LeftOut] = []

    def into(self, folder: str, rules: tuple[ignored.Pattern, ...], *, only_included: bool = False) -> None:
        """Look at a folder and all below it."""
        try:
            with os.scandir(self._root / folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.refused.append(LeftOut(f"{folder}/", f"can't be read: {error.strerror or error}"))
            return
        if folder and ignored.is_environment(frozenset(entry.name for entry in found)):
            self.left_out.append(LeftOut(f"{folder}/", "an environment"))
            return
        rules += self._rules_of(folder, found)
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            self._look_at(path, entry, rules, only_included=only_included)
        self._told(len(self.files))

    def _rules_of(self, folder: str, found: list[os.DirEntry[str]]) -> tuple[ignored.Pattern, ...]:
        for entry in found:
            if entry.name == ".gitignore" and entry.is_file(follow_symlinks=False):
                try:
                    with open(entry.path, encoding="utf-8", errors="replace") as stream:
                        return ignored.patterns(stream.read(_GITIGNORE_LIMIT_BYTES), folder)
                except OSError:
                    return ()
        return ()

    def _look_at(
        self, path: str, entry: os.DirEntry[str], rules: tuple[ignored.Pattern, ...], *, only_included: bool
    ) -> None:
        is_folder = entry.is_dir(follow_symlinks=False)
        shown = f"{path}/" if is_folder else path
        if path in self._excluded:
            self.left_out.append(LeftOut(shown, "left out by you"))
        elif why := ignored.reason(path, is_folder=is_folder) or _reason_of_link(path, entry):
            self.left_out.append(LeftOut(shown, why))
        elif path not in self._included and (only_included or ignored.is_ignored(path, rules, is_folder=is_folder)):
            if is_folder and path in self._ways:
                self.into(path, rules, only_included=True)
            else:
                self.left_out.append(LeftOut(shown, "named in .gitignore"))
        elif is_folder:
            self.into(path, rules)
        else:
            self._take(path, entry)

    def _take(self, path: str, entry: os.DirEntry[str]) -> None:
        if len(self.files) >= FILE_LIMIT:
            raise DeployError(
                f"The project has more than {FILE_LIMIT:,} files.",
                advice="Put what the script does not need into a folder that .gitignore names.",
            )
        try:
            is_link = entry.is_symlink()
            if is_link:
                target = Path(os.path.realpath(entry.path))
                if not target.is_relative_to(self._root):
                    self.refused.append(LeftOut(path, f"leads out of the project, to {target}"))
                    return
                if self._is_kept_back(target):
                    self.refused.append(LeftOut(path, f"leads to {target.relative_to(self._root)}, which is not sent"))
                    return
            found = Path(entry.path).stat()
        except OSError as error:
            self.refused.append(LeftOut(path, f"can't be read: {error.strerror or error}"))
            return
        if is_link and stat.S_ISDIR(found.st_mode):
            self.refused.append(LeftOut(path, "is a link to a folder"))
        elif not stat.S_ISREG(found.st_mode):
            self.refused.append(LeftOut(path, "is no file"))
        else:
            self.files.append(SourceFile(path, found.st_size, found.st_mtime_ns, is_link))

    def _is_kept_back(self, target: Path) -> bool:
        """Whether a link leads to what stays here by itself: a name must not bring out what another hides."""
        parts = target.relative_to(self._root).parts
        ways = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        folders = any(ignored.reason(way, is_folder=True) for way in ways[:-1])
        return folders or any(way in self._excluded for way in ways)


def _reason_of_link(path: str, entry: os.DirEntry[str]) -> str:
    """Why what a link leads to would stay here if it lay in its place; "" otherwise: an environment kept elsewhere."""
    try:
        if not entry.is_symlink() or not entry.is_dir():
            return ""
        if why := ignored.reason(path, is_folder=True):
            return why
        names = frozenset(one.name for one in Path(entry.path).iterdir())
        return "an environment" if ignored.is_environment(names) else ""
    except OSError:
        return ""
