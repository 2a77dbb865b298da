"""Where the systems differ: processes and their start times, groups, detached starts, interrupts, socket paths.

Standard library only: the keeper and `prestart` import it. Owns no policy; each function has a branch per system,
chosen by `sys.platform` at the call, so that tests can look at every branch.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any

PATH_LIMIT_LINUX = 107
PATH_LIMIT_MAC = 103
_SYNCHRONIZE_AND_QUERY = 0x00100000 | 0x1000
_DETACHED = (
    0x00000008 | 0x00000200 | 0x01000000
)  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP, CREATE_BREAKAWAY_FROM_JOB
_KERNEL_FLAGS = 0x00000200 | 0x08000000  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW


def is_windows() -> bool:
    """Whether this is Windows: no Unix sockets for zmq, no signals, no process groups."""
    return sys.platform == "win32"


def socket_path_limit() -> int:
    """How many bytes the path of a Unix socket may have, the closing zero not counted."""
    return PATH_LIMIT_MAC if sys.platform == "darwin" else PATH_LIMIT_LINUX


def start_mark(pid: int) -> str:
    """A word that together with `pid` names one process for good (start time and boot), or "" when it is gone.

    A process that has ended and was not yet waited for counts as gone.
    """
    if pid <= 0:
        return ""
    if sys.platform == "win32":
        return _mark_of_windows(pid)
    return _mark_of_mac(pid) if sys.platform == "darwin" else _mark_of_proc(pid)


def is_alive(pid: int, mark: str) -> bool:
    """Whether that very process runs. A process that took over a freed pid does not count."""
    return bool(mark) and start_mark(pid) == mark


def own_mark() -> tuple[int, str]:
    """Pid and start mark of this process."""
    return os.getpid(), start_mark(os.getpid())


def exit_watch(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends, where the system has one (Linux).

    The caller closes it.
    """
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        descriptor: int = opener(pid)
    except OSError:
        return None
    return descriptor


def spawn_detached(argv: list[str], environment: dict[str, str]) -> int:
    """Start a program that outlives this one, without terminal and standard streams. Returns its pid.

    On Unix the program itself calls `leave_session` first thing; so this takes about a millisecond.
    """
    if sys.platform == "win32":
        import subprocess

        nowhere = subprocess.DEVNULL
        return subprocess.Popen(
            argv,
            env=environment,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            creationflags=_DETACHED,
            close_fds=True,
        ).pid
    opened = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    return os.posix_spawn(argv[0], argv, environment, file_actions=opened)


def leave_session() -> None:
    """Make this process the leader of a session of its own: no terminal, no signal meant for the starter."""
    if sys.platform != "win32":
        try:
            os.setsid()
        except PermissionError:
            return  # it leads one already
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def reap(pid: int) -> None:
    """Take note of the end of a child of this process, if it is one and has ended; never waits."""
    if sys.platform != "win32":
        try:
            os.waitpid(pid, os.WNOHANG)
        except (ChildProcessError, OSError):
            return


def launch_options() -> dict[str, Any]:
    """Arguments of `subprocess.Popen` that make a kernel independent of its parent."""
    if sys.platform == "win32":
        return {"creationflags": _KERNEL_FLAGS}
    return {"start_new_session": True}


def end_group(pid: int, *, by_force: bool) -> None:
    """End a kernel and the processes that it started in its group. The caller has made sure whose pid it is."""
    if sys.platform == "win32":
        _terminate_windows(pid)
        return
    _signal_group(pid, signal.SIGKILL if by_force else signal.SIGTERM)


def interrupt_group(pid: int, event_handle: int = 0) -> bool:
    """Interrupt what a kernel computes. False where this system cannot (Windows without the kernel's event)."""
    if sys.platform == "win32":
        return event_handle != 0 and bool(_kernel32().SetEvent(event_handle))
    _signal_group(pid, signal.SIGINT)
    return True


def interrupt_event() -> int:
    """Windows: an event that a kernel inherits and waits for (JPY_INTERRUPT_EVENT). Elsewhere 0."""
    if sys.platform == "win32":
        import ctypes

        class Security(ctypes.Structure):
            """SECURITY_ATTRIBUTES of winbase.h."""

            _fields_ = (("length", ctypes.c_ulong), ("descriptor", ctypes.c_void_p), ("inherit", ctypes.c_int))

        security = Security(ctypes.sizeof(Security), None, 1)
        return int(_kernel32().CreateEventA(ctypes.byref(security), False, False, None) or 0)
    return 0


def signal_name(number: int) -> str:
    """The name of a signal ("SIGKILL" for 9); "signal 77" for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def lock_file(path: Path) -> int | None:
    """Take the lock of a file for as long as the returned descriptor is open; None when another process has it.

    The holder may remove the file before it closes the descriptor: a lock on a removed file does not count here.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_the_same = sys.platform == "win32" or os.fstat(descriptor).st_ino == path.stat().st_ino
    except OSError:
        is_the_same = False
    if not is_the_same:
        os.close(descriptor)
        return None
    return descriptor


def memory_kills(counters: tuple[Path, ...]) -> int:
    """How many processes the system has killed for want of memory, by these counters.

    Only a difference means something.
    """
    return sum(_number_after("oom_kill", path) or 0 for path in counters)


def memory_counters(pid: int) -> tuple[Path, ...]:
    """The files that count such kills where a process lives; empty when it is gone."""
    if not sys.platform.startswith("linux"):
        return ()
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return ()
    paths = []
    for line in lines:
        _, controllers, folder = line.split(":", 2)
        if controllers == "":
            paths.append(Path(f"/sys/fs/cgroup{folder}/memory.events"))
        elif "memory" in controllers.split(","):
            paths.append(Path(f"/sys/fs/cgroup/memory{folder}/memory.oom_control"))
    counted = tuple(path for path in paths if _number_after("oom_kill", path) is not None)
    return counted or (Path("/proc/vmstat"),)  # where groups count nothing, the machine as a whole does


def _number_after(word: str, path: Path) -> int | None:
    try:
        for line in path.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == word:
                return int(value)
    except (OSError, ValueError):
        return None
    return None


def _mark_of_proc(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{_boot()}-{fields[19]}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return "boot"


def _mark_of_mac(pid: int) -> str:
    """Seconds and microseconds of the start, from `proc_bsdinfo` of libproc (sys/proc_info.h)."""
    import ctypes

    buffer = ctypes.create_string_buffer(136)
    if ctypes.CDLL("/usr/lib/libproc.dylib").proc_pidinfo(pid, 3, ctypes.c_uint64(0), buffer, 136) < 136:
        return ""
    return _mark_of_bsdinfo(buffer.raw)


def _mark_of_bsdinfo(info: bytes) -> str:
    status = struct.unpack_from("<I", info, 4)[0]
    seconds, microseconds = struct.unpack_from("<QQ", info, 120)
    zombie = 5
    return "" if status == zombie else f"{seconds}.{microseconds:06d}"


def _mark_of_windows(pid: int) -> str:
    import ctypes

    kernel32 = _kernel32()
    handle = kernel32.OpenProcess(_SYNCHRONIZE_AND_QUERY, False, pid)
    if not handle:
        return ""
    times = [ctypes.c_uint64() for _ in range(4)]
    has_ended = kernel32.WaitForSingleObject(handle, 0) == 0
    is_known = kernel32.GetProcessTimes(handle, *(ctypes.byref(moment) for moment in times))
    kernel32.CloseHandle(handle)
    return str(times[0].value) if is_known and not has_ended else ""


def _terminate_windows(pid: int) -> None:
    kernel32 = _kernel32()
    handle = kernel32.OpenProcess(0x0001, False, pid)
    if handle:
        kernel32.TerminateProcess(handle, 1)
        kernel32.CloseHandle(handle)


def _kernel32() -> Any:
    import ctypes

    library = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]  # Windows only
    for name in ("OpenProcess", "CreateEventA"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def _signal_group(pid: int, number: int) -> None:
    killpg = getattr(os, "killpg", os.kill)
    try:
        killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it has ended meanwhile; that is what was wanted, or will be noticed
