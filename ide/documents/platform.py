"""What differs between Linux, macOS and Windows: processes and their start, files' attributes, replacing a file."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_SHARING_ERRORS = {5, 32, 33}  # Windows: access denied, sharing violation, lock violation
_SHARING_WAIT_S = 1.5
_EINTR_LIMIT = 1000


# -- processes ----------------------------------------------------------------------------------------------------


def process_start(pid: int, system: str = sys.platform) -> str | None:
    """When the process began, as the system tells it: with the pid it names a process for ever. None: there is none."""
    if pid <= 0:
        return None
    if system == "win32":
        return _start_on_windows(pid, _kernel32())
    if system == "darwin":
        import ctypes  # heavy, and not needed on Linux

        return _start_on_macos(pid, ctypes.CDLL("/usr/lib/libproc.dylib"))
    return _start_on_linux(pid, Path("/proc"))


def _start_on_linux(pid: int, proc: Path) -> str | None:
    """Field 22 of /proc/PID/stat, in ticks since the machine started; a zombie counts as ended (proc(5))."""
    try:
        fields = (proc / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


_PROC_PIDTBSDINFO = 3
_BSDINFO_BYTES = 136  # struct proc_bsdinfo of <sys/proc_info.h>; the last two fields are the start time


def _start_on_macos(pid: int, libproc: Any) -> str | None:
    import ctypes

    buffer = ctypes.create_string_buffer(_BSDINFO_BYTES)
    got = libproc.proc_pidinfo(pid, _PROC_PIDTBSDINFO, ctypes.c_uint64(0), buffer, _BSDINFO_BYTES)
    if got != _BSDINFO_BYTES:
        return None
    seconds, microseconds = struct.unpack_from("<QQ", buffer.raw, 120)
    return f"{seconds}.{microseconds:06}"


_PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
_STILL_ACTIVE = 259


def _start_on_windows(pid: int, kernel32: Any) -> str | None:
    import ctypes

    handle = kernel32.OpenProcess(_PROCESS_QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return None
    try:
        code = ctypes.c_ulong(0)
        times = [ctypes.c_ulonglong(0) for _ in range(4)]
        if not kernel32.GetExitCodeProcess(handle, ctypes.byref(code)) or code.value != _STILL_ACTIVE:
            return None
        if not kernel32.GetProcessTimes(handle, *(ctypes.byref(moment) for moment in times)):
            return None
        return str(times[0].value)
    finally:
        kernel32.CloseHandle(handle)


def _kernel32() -> Any:
    import ctypes

    library: Any = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009  (absent elsewhere)
    library.OpenProcess.restype = ctypes.c_void_p
    library.OpenProcess.argtypes = [ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
    pointer = ctypes.POINTER(ctypes.c_ulonglong)
    library.GetProcessTimes.argtypes = [ctypes.c_void_p, pointer, pointer, pointer, pointer]
    library.GetExitCodeProcess.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_ulong)]
    library.CloseHandle.argtypes = [ctypes.c_void_p]
    return library


def machine_id(system: str = sys.platform) -> tuple[str, str]:
    """The machine, and the space in which a pid means something there: its present start and the container in it.

    A machine that only changes its name or its network stays itself as far as the system gives it an identity.
    """
    import platform as names

    node = names.node() or "here"
    if system.startswith("linux"):
        return _linux_machine(node, Path("/"))
    return node, ""


def _linux_machine(node: str, root: Path) -> tuple[str, str]:
    """/etc/machine-id is shared by copies of an image, so the name goes with it; boot id and pid namespace: proc(5)."""
    machine, boot, space = "", "", 0
    with contextlib.suppress(OSError):
        machine = (root / "etc/machine-id").read_text("ascii", "replace").strip()
    with contextlib.suppress(OSError):
        boot = (root / "proc/sys/kernel/random/boot_id").read_text("ascii", "replace").strip()
        space = (root / "proc/self/ns/pid").stat().st_ino
    return f"{node}|{machine}", f"{boot}/{space}"


# -- files --------------------------------------------------------------------------------------------------------


def private_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, for this user alone, whatever the umask. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def again_when_interrupted(call: Callable[[], T]) -> T:
    """Python repeats most calls after EINTR by itself, but not `rename` and `replace`."""
    for _ in range(_EINTR_LIMIT):
        try:
            return call()
        except InterruptedError:
            continue
    return call()


def close_written(descriptor: int) -> None:
    """Close a file that was written. EINTR means closed (Linux), every other error that bytes may be lost."""
    try:
        os.close(descriptor)
    except InterruptedError:
        return


def replace(source: Path, target: Path, system: str = sys.platform, wait: Callable[[float], None] = time.sleep) -> None:
    """Put `source` in the place of `target` in one step. On Windows a scanner or a reader may hold it: try again."""
    waited_s, pause_s = 0.0, 0.01
    while True:
        try:
            again_when_interrupted(lambda: source.replace(target))
            return
        except PermissionError as error:
            if system != "win32" or getattr(error, "winerror", 0) not in _SHARING_ERRORS or waited_s > _SHARING_WAIT_S:
                raise
        wait(pause_s)
        waited_s += pause_s
        pause_s = min(pause_s * 2, 0.2)


def sync_folder(folder: Path, system: str = sys.platform) -> None:
    """Make a rename in `folder` durable. Windows needs it not; some network systems refuse, which is no loss."""
    if system == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EROFS):
            raise
    finally:
        close_written(descriptor)


def sync_file(descriptor: int, system: str = sys.platform) -> None:
    """Bring the bytes of a file to the medium; macOS needs F_FULLFSYNC for that (fsync(2) there says so)."""
    if system == "darwin" and sys.platform != "win32":
        import fcntl

        full_sync = getattr(fcntl, "F_FULLFSYNC", 51)
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, full_sync)
            return
    os.fsync(descriptor)


def copy_attributes(source: Path, descriptor: int, found: os.stat_result, system: str = sys.platform) -> bool:
    """Give the open new file the mode, owner, extended attributes and ACL of `source`.

    False tells that the owner or the group could not be kept: the caller then writes into the old file instead.
    """
    if system == "win32":
        return True  # a new file gets the folder's rights, as the old one did
    if system == "darwin":
        _copy_on_macos(str(source), descriptor)
    else:
        _copy_xattrs(source, descriptor)
    kept = _keep_owner(descriptor, found)
    if sys.platform != "win32":
        os.fchmod(descriptor, found.st_mode & 0o7777)
    return kept


def _keep_owner(descriptor: int, found: os.stat_result) -> bool:
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) == (found.st_uid, found.st_gid):
        return True
    if sys.platform != "win32":
        try:
            os.fchown(descriptor, found.st_uid, found.st_gid)
        except PermissionError:
            return False
    return True


def _copy_xattrs(source: Path, descriptor: int) -> None:
    """Linux keeps ACLs as the attribute system.posix_acl_access. Labels that only the system may set are its own."""
    if sys.platform == "linux":
        try:
            names = os.listxattr(source)
        except OSError:
            return  # the file system has none
        for name in names:
            try:
                os.setxattr(descriptor, name, os.getxattr(source, name))
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                    raise


_COPYFILE_ACL, _COPYFILE_XATTR = 1, 4


def _copy_on_macos(source: str, descriptor: int, library: Any = None) -> None:
    """fcopyfile(3) of the two things that `os` cannot do there."""
    import ctypes

    library = library or ctypes.CDLL(None)
    original = os.open(source, os.O_RDONLY)
    try:
        library.fcopyfile(original, descriptor, None, _COPYFILE_ACL | _COPYFILE_XATTR)
    finally:
        os.close(original)
