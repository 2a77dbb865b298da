"""Writes a file so that on disk is the old or the new version, whole, whenever the program or the machine stops.

The usual road: a new file in the same folder, brought to the medium, given the old one's mode, owner and attributes,
then renamed over it. Where a rename would break something (more than one hard link, a folder that may not be written
to, an owner that cannot be kept) the old file is written through, after a safety copy of both versions was brought to
the medium: `repair` finishes or undoes it at the next start. Runs in a pool thread; keeps no state.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.locks import held_lock
from ide.core.record import dataclass
from ide.documents import platform
from ide.documents.errors import DiskChangedError, SaveFailedError
from ide.documents.reading import read_bytes
from ide.documents.signature import Signature, digest_of, signature_of

TEMPORARY_SUFFIX = ".fourpane-tmp"
SAFETY_SUFFIX = ".safety"
_LOCKS = 64  # files that share one wait for each other, which does no harm
_LOCK_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file will be written. `temporary` is the new file beside it, `safety` the copy for writing through."""

    target: Path
    old: os.stat_result | None
    temporary: Path
    safety: Path
    is_written_through: bool


def plan_save(path: Path, safety_folder: Path) -> Plan:
    """Look at what stands at `path`; links are followed. Raises DocumentError where a save cannot work."""
    token = os.urandom(6).hex()
    try:
        target = Path(os.path.realpath(path, strict=False))
        _undo_earlier(target, safety_folder)
        old = _status(target)
        if old is not None:
            _check_writable(target, old)
        elif not target.parent.is_dir():
            raise _no_folder(target)
        temporary = target.parent / f".{target.name[:80]}.{token}{TEMPORARY_SUFFIX}"
        through = old is not None and (old.st_nlink > 1 or not os.access(target.parent, os.W_OK | os.X_OK))
        return Plan(target, old, temporary, safety_folder / f"{token}{SAFETY_SUFFIX}", through)
    except OSError as error:
        raise not_saved(path, error) from error


@contextlib.contextmanager
def only_saver(path: Path, lock_folder: Path) -> Iterator[None]:
    """Keep the other windows of this user from saving the same file meanwhile; waits 2 s for them at most."""
    name = int(digest_of(os.fsencode(os.path.realpath(path)))[:8], 16) % _LOCKS
    with contextlib.suppress(OSError):
        platform.private_folder(lock_folder)
    with held_lock(lock_folder / f"save{name:02}.lock", _LOCK_WAIT_S):
        yield


def _undo_earlier(target: Path, safety_folder: Path) -> None:
    """A save that was cut short and could not be undone then is undone now."""
    for safety in safety_folder.glob(f"*{SAFETY_SUFFIX}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if _read_safety(safety)[0] == target:
                repair(safety, finish=False)


def save_bytes(plan: Plan, data: bytes, expected: Signature | None, *, overwrite: bool = False) -> Signature:
    """Write `data` and return the signature of what is now on disk.

    `expected` is what the file was when it was read; None for a new file. With `overwrite` the disk's version is
    replaced whatever it is. Raises DiskChangedError, SaveFailedError; then the file on disk is what it was.
    """
    if not overwrite:
        check_unchanged(plan, expected)
    try:
        if plan.is_written_through:
            return _write_through(plan, data, overwrite=overwrite)
        return _write_beside(plan, data, overwrite=overwrite)
    except OSError as error:
        raise not_saved(plan.target, error) from error


def check_unchanged(plan: Plan, expected: Signature | None) -> None:
    """Raise DiskChangedError where the file is not what it was when it was read."""
    if plan.old is None or (expected is not None and expected.fits(plan.old)):
        return
    if expected is None:
        raise DiskChangedError(
            f"{plan.target.name} exists already.", "Nothing was written.", "Overwrite it, or choose another name."
        )
    if read_bytes(plan.target, allow_huge=True)[1].digest != expected.digest:
        raise _changed(plan)


def _check_at_last(plan: Plan) -> None:
    """Writing took its time: somebody else may have saved meanwhile. Right before the new version takes the place."""
    now = _status(plan.target)
    if (now is None) != (plan.old is None) or (now is not None and plan.old is not None and _differs(now, plan.old)):
        raise _changed(plan)


def _differs(now: os.stat_result, before: os.stat_result) -> bool:
    fields = ("st_mtime_ns", "st_size", "st_ino", "st_dev")
    return any(getattr(now, field) != getattr(before, field) for field in fields)


def _changed(plan: Plan) -> DiskChangedError:
    return DiskChangedError(
        f"{plan.target.name} was changed on disk after it was opened here.",
        "Saving would overwrite that change; nothing was written.",
        "Look at the difference, then overwrite, reload, or save under another name.",
    )


# -- a new file, renamed over the old one -------------------------------------------------------------------------


class _OwnerLostError(Exception):
    """The new file cannot be given the old one's owner."""


def _write_beside(plan: Plan, data: bytes, *, overwrite: bool) -> Signature:
    written: os.stat_result | None = None
    try:
        written = _write_temporary(plan, data)
        if not overwrite:
            _check_at_last(plan)
        platform.replace(plan.temporary, plan.target)
    except _OwnerLostError:
        _remove(plan.temporary)
        return _write_through(plan, data, overwrite=overwrite)
    except BaseException:
        if written is None or not _is_same_file(_status(plan.target), written):
            _remove(plan.temporary)
            raise
        # A rename that was told as failed has happened: a network drive lost the answer.
    signature = _signature_in_place(plan, written, data)
    try:
        platform.sync_folder(plan.target.parent)
    except OSError as error:
        failure = not_saved(plan.target, error, is_in_place=True)
        failure.signature = signature
        raise failure from error
    return signature


def _signature_in_place(plan: Plan, written: os.stat_result, data: bytes) -> Signature:
    """A rename gives a file a new change time. Where somebody was quicker, the old one says that it must be read."""
    now = _status(plan.target)
    is_ours = now is not None and _is_same_file(now, written) and not _differs(now, written)
    return signature_of(now if is_ours and now is not None else written, data)


def _is_same_file(found: os.stat_result | None, written: os.stat_result) -> bool:
    return found is not None and (found.st_ino, found.st_dev) == (written.st_ino, written.st_dev)


def _write_temporary(plan: Plan, data: bytes) -> os.stat_result:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(plan.temporary, flags, 0o600 if plan.old is not None else 0o666)
    try:
        write_all(descriptor, data)
        if plan.old is not None and not platform.copy_attributes(plan.target, descriptor, plan.old):
            raise _OwnerLostError
        platform.sync_file(descriptor)
        written = os.fstat(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    platform.close_written(descriptor)
    return written


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, however few each call takes; at best all by one call."""
    view = memoryview(data)
    while view:
        taken = os.write(descriptor, view)
        if taken <= 0:
            raise OSError(errno.EIO, "the system took no bytes")
        view = view[taken:]


# -- through the old file -----------------------------------------------------------------------------------------


class _UntouchedError(Exception):
    """Not one byte was changed. The cause is the OSError."""


class _NotDurableError(Exception):
    """Everything is written, but the system does not promise that it lasts. The cause is the OSError."""

    def __init__(self, written: os.stat_result) -> None:
        super().__init__("not durable")
        self.written = written


def _write_through(plan: Plan, data: bytes, *, overwrite: bool) -> Signature:
    old, _ = read_bytes(plan.target, allow_huge=True)
    _write_safety(plan, old, data)
    if not overwrite:
        try:
            _check_at_last(plan)
        except DiskChangedError:
            _remove(plan.safety)
            raise
    try:
        written = _overwrite(plan.target, data)
    except _UntouchedError as error:
        _remove(plan.safety)
        raise _cause(error) from error
    except _NotDurableError as error:
        _remove(plan.safety)
        failure = not_saved(plan.target, _cause(error), is_in_place=True)
        failure.signature = signature_of(error.written, data)
        raise failure from error
    except OSError as error:
        if _undo(plan, old):
            raise
        raise _half_written(plan, error) from error
    except BaseException:
        _undo(plan, old)
        raise
    _remove(plan.safety)
    return signature_of(written, data)


def _undo(plan: Plan, old: bytes) -> bool:
    """Put the old bytes back; where even that fails the safety copy stays, for the next save or start."""
    try:
        if plan.target.read_bytes() != old:
            _overwrite(plan.target, old)
    except (OSError, _UntouchedError):
        return False
    except _NotDurableError:
        return True
    _remove(plan.safety)
    return True


def _cause(error: _UntouchedError | _NotDurableError) -> OSError:
    return error.__cause__ if isinstance(error.__cause__, OSError) else OSError(errno.EIO, "not written")


def _overwrite(target: Path, data: bytes) -> os.stat_result:
    """One call writes everything if the system takes it so: then a failing one has changed nothing yet."""
    try:
        descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _UntouchedError from error
    try:
        size = os.fstat(descriptor).st_size
        _write_from_start(descriptor, data)
        if len(data) < size:
            platform.again_when_interrupted(lambda: os.ftruncate(descriptor, len(data)))
        written = os.fstat(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    try:
        try:
            platform.sync_file(descriptor)
        finally:
            platform.close_written(descriptor)
    except OSError as error:
        raise _NotDurableError(written) from error
    return written


def _write_from_start(descriptor: int, data: bytes) -> None:
    try:
        taken = os.write(descriptor, data)
    except OSError as error:
        raise _UntouchedError from error
    write_all(descriptor, data[taken:])


def _write_safety(plan: Plan, old: bytes, new: bytes) -> None:
    """Both versions in one file: a line of JSON, the old bytes, the new bytes."""
    head = {"target": str(plan.target), "old": len(old), "new": len(new), "digest": digest_of(old + new)}
    descriptor = os.open(plan.safety, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        write_all(descriptor, json.dumps(head).encode() + b"\n" + old + new)
        os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        _remove(plan.safety)
        raise
    platform.close_written(descriptor)


def repair(safety: Path, *, finish: bool = True) -> str:
    """Finish a write-through that was cut short, or undo it; the answer is a sentence for the user, or empty.

    A file that is neither version nor a mixture of them was changed by somebody else: it is left alone and the
    safety copy is kept as *.bad.
    """
    try:
        target, old, new = _read_safety(safety)
    except (OSError, ValueError, KeyError, TypeError):
        _remove(safety)  # it was cut short itself: then the file was not touched yet
        return ""
    try:
        found = target.read_bytes()
        if found not in (old, new):
            if not _is_mixture(found, old, new):
                safety.replace(safety.with_suffix(".bad"))
                return (
                    f"{target.name} was changed after a save that was cut short; both versions are in {safety.parent}."
                )
            _overwrite(target, new if finish else old)
    except (OSError, _UntouchedError, _NotDurableError):
        return f"A save of {target.name} was cut short; it is finished once the file can be written."
    _remove(safety)
    return ""


def _read_safety(safety: Path) -> tuple[Path, bytes, bytes]:
    line, _, body = safety.read_bytes().partition(b"\n")
    head = json.loads(line)
    old, new = body[: head["old"]], body[head["old"] :]
    if len(new) != head["new"] or digest_of(body) != head["digest"]:
        raise ValueError("cut short")
    return Path(head["target"]), old, new


def _is_mixture(found: bytes, old: bytes, new: bytes) -> bool:
    """The first n bytes are the new ones, the rest is the old file's."""
    same = _common_start(found, new)
    return found[same:] == old[same:]


def _common_start(left: bytes, right: bytes) -> int:
    limit = min(len(left), len(right))
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if left[:middle] == right[:middle] else (low, middle - 1)
    return low


# -- checks and messages ------------------------------------------------------------------------------------------


def remove_temporary(path: Path) -> None:
    """Remove a new file that a killed save left behind. Only a name that we give is ever touched."""
    if path.name.startswith(".") and path.name.endswith(TEMPORARY_SUFFIX):
        with contextlib.suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode):
                path.unlink()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _check_writable(target: Path, old: os.stat_result) -> None:
    if not stat.S_ISREG(old.st_mode):
        what = "a folder" if stat.S_ISDIR(old.st_mode) else "a pipe, a socket or a device"
        raise SaveFailedError(
            f"{target.name} is now {what}.",
            "Nothing was written; the text is kept in the window.",
            "Save it under another name.",
            action="document.save_as",
            action_title="Save as",
        )
    if not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "read-only file")


def _no_folder(target: Path) -> DocumentError:
    return SaveFailedError(
        f"The folder {target.parent} is gone.",
        "It was moved or deleted, or its drive is not connected. The text is kept in the window.",
        "Save it in another folder, or save again once the folder is back.",
        action="document.save_as",
        action_title="Save as",
    )


def not_saved(path: Path, error: OSError, *, is_in_place: bool = False) -> SaveFailedError:
    """What the system's refusal means for the user."""
    happened, advice = _reason(path.name, error)
    meaning = "On disk is the earlier version, whole; the text is kept in the window."
    if is_in_place:
        meaning = "The new text is in place, but the drive does not promise that it survives a power cut."
    is_tried_again = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO) or is_in_place
    action, title = ("document.save", "Save again") if is_tried_again else ("document.save_as", "Save as")
    return SaveFailedError(happened, meaning, advice, action=action, action_title=title)


def _half_written(plan: Plan, error: OSError) -> SaveFailedError:
    return SaveFailedError(
        f"{plan.target.name} could be written only in part: {error.strerror or error}.",
        "Both versions are kept safe; the file is made whole by the next save or start that succeeds.",
        "Check the drive and save again.",
        action="document.save",
        action_title="Save again",
    )


def _reason(name: str, error: OSError) -> tuple[str, str]:
    code = error.errno
    if code in (errno.ENOSPC, errno.EDQUOT):
        return f"{name} was not saved: the disk is full.", "Free some space and save again."
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{name} was not saved: it is read-only for you.", "Save it under another name or ask for the right."
    if code in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
        return f"{name} was not saved: its folder is gone.", "Save it in another folder."
    return f"{name} was not saved: {error.strerror or error}.", "Check the drive or the connection and save again."
