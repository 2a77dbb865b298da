"""Bounds the memory of the process that reads files. Owns the differences between systems, no policy.

What a process really holds is watched (`held_bytes`); the system itself refuses what would be far too much at once.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

RETURNED_BYTES: Final = 512_000_000
"""Libraries (DuckDB's allocator) keep the addresses of memory that they gave back; Linux counts these all the same."""


def held_bytes() -> int:
    """Memory that this process alone holds; on macOS the most that it ever had, files included."""
    if sys.platform == "win32":
        return 0  # the job object counts
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/status", "rb") as file:
        for line in file:
            if line.startswith(b"RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def limit_memory(size_bytes: int) -> bool:
    """Have the system refuse what is far more than that, where it can. False where it cannot (macOS).

    On Linux it is the data segment that is bounded, not the address space: mapped files and the code of libraries
    can be given back by the system at any time, and reserved addresses cost nothing.
    """
    if sys.platform == "win32":
        return _limit_job(size_bytes)
    import resource

    try:
        most = size_bytes + RETURNED_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    except (OSError, ValueError):
        return False
    return sys.platform == "linux"


def _limit_job(size_bytes: int) -> bool:
    """A job object with a limit for each process. It lives as long as this process, which it holds."""
    kernel32: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]  # Windows
    kernel32.CreateJobObjectW.restype = ctypes.c_void_p
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel32.CreateJobObjectW(None, None))
    limits = _ExtendedLimits()
    limits.flags = 0x100 | 0x2000  # JOB_OBJECT_LIMIT_PROCESS_MEMORY, KILL_ON_JOB_CLOSE
    limits.process_memory = size_bytes
    is_set = kernel32.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
    return bool(is_set and kernel32.AssignProcessToJobObject(job, ctypes.c_void_p(kernel32.GetCurrentProcess())))


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
        ("input_output", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )
