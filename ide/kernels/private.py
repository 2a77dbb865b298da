"""Folders and files that nobody but their owner can read: where sockets, connection files and spools live.

Standard library only. Refuses a folder that somebody else could have prepared (PROMISES E1).
"""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from ide.core.errors import KernelError
from ide.kernels import platform

_LONGEST_SOCKET = "/12345678/999-5"  # kernel id, generation and channel, put after the runtime folder


def default_runtime_base() -> Path:
    """The folder above all runtime folders of this user: short, because a Unix socket's path must be."""
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    if session and Path(session).is_dir() and sys.platform != "win32":
        return Path(session) / "fp"
    import tempfile

    user = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"fp-{user}"


def prepare_runtime_folder(folder: Path) -> None:
    """Make `folder` (and its parent, if that is missing too) with mode 0700 and check both.

    Raises KernelError when the folder is a link, belongs to another user, cannot be made private, or is so long that
    no socket fits into it.
    """
    if not folder.is_absolute():
        raise KernelError(f"The folder for kernel connections is not an absolute path: {folder}")
    _check_length(folder)
    try:
        _make(folder.parent)
        _make(folder)
    except OSError as error:
        raise KernelError(
            f"The private folder for kernel connections could not be made: {folder}",
            f"No kernel can be started ({error.strerror or error}).",
            "Free the disk or set XDG_RUNTIME_DIR to a folder of yours, then start again.",
        ) from error
    check_private(folder)


def check_private(folder: Path) -> None:
    """Raise KernelError unless `folder` is a real folder of this user that nobody else can open."""
    if sys.platform == "win32":
        return  # the user's own folders are private by their access list; there is no mode to look at
    try:
        found = folder.lstat()
    except OSError as error:
        raise KernelError(f"The private folder for kernel connections is missing: {folder}") from error
    reason = ""
    if stat.S_ISLNK(found.st_mode) or not stat.S_ISDIR(found.st_mode):
        reason = "it is a link or a file"
    elif found.st_uid != os.getuid():
        reason = "it belongs to another user"
    elif found.st_mode & 0o077:
        reason = "other users can open it"
    if reason:
        raise KernelError(
            f"The folder for kernel connections cannot be trusted: {folder}",
            f"Somebody else may have prepared it: {reason}. No kernel is started there.",
            "Remove it or set XDG_RUNTIME_DIR to a private folder, then start again.",
        )


def write_private(path: Path, content: bytes) -> None:
    """Put `content` in place of the file at once and whole, mode 0600 whatever the umask is."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(beside, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: dict[str, Any]) -> None:
    """`write_private` of a JSON object."""
    write_private(path, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None when it is missing or holds something else."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours with the plain files and sockets in it; follows no link, leaves what it cannot remove."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                remove_tree(Path(entry.path))
            else:
                Path(entry.path).unlink(missing_ok=True)
        except OSError:
            continue
    try:
        folder.rmdir()
    except OSError:
        return


def _check_length(folder: Path) -> None:
    if platform.is_windows():
        return
    length, limit = len(os.fsencode(f"{folder}{_LONGEST_SOCKET}")), platform.socket_path_limit()
    if length > limit:
        raise KernelError(
            f"The path of the folder for kernel connections is too long: {folder}",
            f"A socket in it would have {length} bytes, this system allows {limit}. No kernel can be started.",
            "Set XDG_RUNTIME_DIR (or TMPDIR) to a shorter folder, then start again.",
        )


def _make(folder: Path) -> None:
    """Make one folder, 0700. One that is there must pass the check where it is ours by name (its parent need not)."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.name == "fp" or folder.name.startswith("fp-"):
            check_private(folder)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True)
