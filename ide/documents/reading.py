"""Reads a file into a document's content, or says in clear words why not. Runs in a pool thread; keeps no state."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.record import dataclass, field
from ide.documents import encoding as encodings
from ide.documents import line_endings
from ide.documents.encoding import Encoding
from ide.documents.line_endings import LineEndings
from ide.documents.signature import Signature, signature_of

ASK_ABOVE_BYTES = 50 * 1024 * 1024
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file and how it lies on disk."""

    text: str
    encoding: Encoding = field(default_factory=Encoding)
    endings: LineEndings = field(default_factory=LineEndings)
    signature: Signature | None = None
    real_path: str = ""
    """The path with its links followed: two ways to one file have the same."""


def read_content(path: Path, *, encoding: str = "", allow_huge: bool = False) -> Content:
    """Read and decode `path`. Raises DocumentError with one action, whatever is wrong with the file."""
    data, signature = read_bytes(path, allow_huge=allow_huge)
    try:
        text, found = encodings.decode(data, encoding, name=path.name)
    except DocumentError as error:
        error.action_arguments.setdefault("path", str(path))
        raise
    plain, endings = line_endings.split(text)
    return Content(plain, found, endings, signature, os.path.realpath(path))


def read_bytes(path: Path, *, allow_huge: bool = False) -> tuple[bytes, Signature]:
    """The bytes of a regular file and its signature, of one and the same moment.

    Nothing but a regular file is ever opened: opening a pipe or a device can block or act.
    """
    try:
        found = path.stat()
        _refuse_special(path, found)
        if found.st_size > ASK_ABOVE_BYTES and not allow_huge:
            raise _huge(path, found.st_size)
        return _read_steady(path)
    except OSError as error:
        raise unreadable(path, error) from error


def _read_steady(path: Path, tries: int = 3) -> tuple[bytes, Signature]:
    """Read again where the file was written to meanwhile."""
    while True:
        tries -= 1
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            before = os.fstat(descriptor)
            _refuse_special(path, before)
            data = _read_all(descriptor)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        is_steady = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        if is_steady or tries <= 0:
            return data, signature_of(after, data)


def _read_all(descriptor: int) -> bytes:
    blocks = []
    while block := os.read(descriptor, _BLOCK_BYTES):
        blocks.append(block)
    return b"".join(blocks)


def _refuse_special(path: Path, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise DocumentError(
            f"{path.name} is a folder.",
            "The editor opens files.",
            "Open it as the project instead.",
            action="file.open_folder",
            action_title="Open folder",
            action_arguments={"path": str(path)},
        )
    raise DocumentError(
        f"{path.name} is a pipe, a socket or a device, not a file.",
        "Reading it could wait for ever or make a machine do something; so it was not opened.",
        "Open another file.",
        action="file.open",
        action_title="Open file",
    )


def _huge(path: Path, size_bytes: int) -> DocumentError:
    return DocumentError(
        f"{path.name} is {size_bytes / 1e6:,.0f} MB.",
        "As text it needs several times that in memory, and the editor may be slow.",
        "Open it all the same, or read it in the console.",
        action="document.open_anyway",
        action_title="Open anyway",
        action_arguments={"path": str(path)},
    )


def unreadable(path: Path, error: OSError) -> DocumentError:
    """Say why the system did not give us the file."""
    explain = _EXPLANATIONS.get(error.errno or 0, _other_reason)
    return explain(path, error)


def _missing(path: Path, error: OSError) -> DocumentError:
    folder_is_there = path.parent.is_dir()
    return DocumentError(
        f"{path.name} does not exist." if folder_is_there else f"The folder {path.parent} does not exist.",
        "It was moved, renamed or deleted, or the drive that holds it is not connected.",
        "Open it from its new place.",
        action="file.open",
        action_title="Open file",
    )


def _forbidden(path: Path, error: OSError) -> DocumentError:
    return DocumentError(
        f"{path.name} may not be read.",
        "Your account has no right to read this file.",
        "Ask its owner for access, or open another file.",
        action="file.reveal",
        action_title="Show in folder",
        action_arguments={"path": str(path)},
    )


def _other_reason(path: Path, error: OSError) -> DocumentError:
    return DocumentError(
        f"{path.name} could not be read.",
        f"The system says: {error.strerror or error}.",
        "Check the drive or the connection and try again.",
        action="document.open",
        action_title="Try again",
        action_arguments={"path": str(path)},
    )


_EXPLANATIONS: dict[int, Callable[[Path, OSError], DocumentError]] = {
    errno.ENOENT: _missing,
    errno.ENOTDIR: _missing,
    errno.EACCES: _forbidden,
    errno.EPERM: _forbidden,
}
