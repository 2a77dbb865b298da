"""Whose journals are whose: one folder for each window, with a record of the process that owns it.

A living owner's folder is left alone. A dead one's is adopted by renaming it into the adopter's own folder: of two
windows that try, one wins. Nobody waits for anybody.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from ide.core.record import dataclass, replace
from ide.documents import platform

OWNER_FILE = "owner.json"
ADOPTED = "adopted"
HEARTBEAT_S = 30.0
_SILENT_AFTER_S = 3 * HEARTBEAT_S
_UNFINISHED_S = 3600.0
_PREFIX = "w-"
_RECORD_LIMIT_BYTES = 4096


class Life(Enum):
    """What is known about an owner. `UNKNOWN`: another machine, heard of lately."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that neither a reused pid nor another machine with the same home folder is mistaken for it.

    `host` is the machine, `boot` its present start and the container in it.
    """

    pid: int
    start: str
    host: str
    boot: str

    @classmethod
    def me(cls) -> Owner:
        """This process."""
        host, boot = platform.machine_id()
        return cls(os.getpid(), platform.process_start(os.getpid()) or "", host, boot)

    def life(self, me: Owner, silent_s: float, start_of: Callable[[int], str | None]) -> Life:
        """Whether the process lives, seen from `me`; `silent_s` is how long nothing was heard of it."""
        if (self.host, self.boot) == (me.host, me.boot):
            return Life.ALIVE if start_of(self.pid) == self.start else Life.DEAD
        if self.host == me.host and self.boot.split("/")[0] != me.boot.split("/")[0]:
            return Life.DEAD  # the machine was started anew since
        return Life.UNKNOWN if silent_s < _SILENT_AFTER_S else Life.DEAD


@dataclass(frozen=True, slots=True)
class Adopted:
    """Folders of dead owners, newest first, now inside our own; `is_undecided` asks to look again later."""

    folders: tuple[Path, ...]
    is_undecided: bool = False


class WindowFolder:
    """The folder of this window under the journal folder, 0700. Made at once; raises OSError where that fails."""

    def __init__(self, journals: Path, me: Owner | None = None) -> None:
        self._journals = journals
        self._me = me or Owner.me()
        platform.private_folder(journals)
        if os.name != "nt" and journals.stat().st_mode & 0o077:
            journals.chmod(0o700)
        self.path = self._make()

    def _make(self) -> Path:
        """Made under another name first, so that nobody sees it without its owner."""
        token = os.urandom(6).hex()
        fresh = self._journals / f".{token}"
        fresh.mkdir(mode=0o700)
        _write_record(fresh / OWNER_FILE, self._me)
        final = self._journals / f"{_PREFIX}{token}"
        platform.replace(fresh, final)
        return final

    def beat(self) -> None:
        """Say that this window lives, for those on other machines who cannot see its process."""
        with contextlib.suppress(OSError):
            os.utime(self.path / OWNER_FILE)

    def leave(self) -> None:
        """The window is closed, though its process may live on: the next one may take over."""
        fresh = self.path / f"{OWNER_FILE}.tmp"
        with contextlib.suppress(OSError):
            _write_record(fresh, replace(self._me, pid=0, start="left"))
            platform.replace(fresh, self.path / OWNER_FILE)

    def adopt(self, start_of: Callable[[int], str | None] = platform.process_start) -> Adopted:
        """Take over the folders of dead owners. For a pool thread; never waits for another process."""
        found = [(life, path) for path in self._others() if (life := self._life(path, start_of)) is not Life.ALIVE]
        self._sweep()
        mine = self.path / ADOPTED
        mine.mkdir(mode=0o700, exist_ok=True)
        for life, path in found:
            if life is Life.DEAD:
                with contextlib.suppress(OSError):  # another window was quicker
                    platform.replace(path, mine / path.name)
                    _bring_up(mine / path.name, mine)
        folders = tuple(sorted(_window_folders(mine), key=_last_change, reverse=True))
        return Adopted(folders, any(life is Life.UNKNOWN for life, _ in found))

    def remove(self) -> None:
        """Remove the folder if nothing is left in it that somebody typed."""
        for path in (self.path / ADOPTED, self.path / "closed"):
            with contextlib.suppress(OSError):
                path.rmdir()
        with contextlib.suppress(OSError):
            if [entry.name for entry in self.path.iterdir()] == [OWNER_FILE]:
                (self.path / OWNER_FILE).unlink()
                self.path.rmdir()

    def _sweep(self) -> None:
        """Folders whose making was cut short have an owner's record at most; after an hour nobody is making them."""
        with contextlib.suppress(OSError), os.scandir(self._journals) as entries:
            for entry in entries:
                is_old = time.time() - entry.stat(follow_symlinks=False).st_mtime > _UNFINISHED_S
                if entry.name.startswith(".") and is_old and entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        (Path(entry.path) / OWNER_FILE).unlink(missing_ok=True)
                        Path(entry.path).rmdir()

    def _others(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return [path for path in _window_folders(self._journals) if path != self.path]
        return []

    def _life(self, folder: Path, start_of: Callable[[int], str | None]) -> Life:
        record = folder / OWNER_FILE
        owner = read_owner(record)
        try:
            silent_s = time.time() - record.stat().st_mtime
        except OSError:
            return Life.DEAD
        if owner is None:
            return Life.DEAD  # the record is written before the folder has its name: this one was damaged
        return owner.life(self._me, silent_s, start_of)


def _write_record(path: Path, owner: Owner) -> None:
    from dataclasses import asdict

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(json.dumps(asdict(owner)).encode())


def read_owner(path: Path) -> Owner | None:
    """The record in `path`; None for anything that is not one."""
    try:
        if not path.is_file() or path.stat().st_size > _RECORD_LIMIT_BYTES:
            return None
        values = json.loads(path.read_bytes())
        return Owner(int(values["pid"]), str(values["start"]), str(values["host"]), str(values["boot"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _window_folders(parent: Path) -> list[Path]:
    """Folders of windows in `parent`, and those that they had adopted in turn, at any depth; links are not followed."""
    found = []
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                found.append(Path(entry.path))
    return found


def folders_within(folder: Path) -> list[Path]:
    """`folder` and what its owner had adopted and not finished, nearest first."""
    found = [folder]
    for inner in _window_folders(folder / ADOPTED):
        found += folders_within(inner)
    return found


def _bring_up(folder: Path, to: Path) -> None:
    """What the dead owner had itself adopted comes beside it: paths never grow."""
    for inner in folders_within(folder)[:0:-1]:
        with contextlib.suppress(OSError):
            platform.replace(inner, to / inner.name)


def _last_change(folder: Path) -> float:
    """When something was last written there."""
    newest = 0.0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            newest = max(newest, entry.stat(follow_symlinks=False).st_mtime)
    return newest
