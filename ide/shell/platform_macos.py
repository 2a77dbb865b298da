"""Memory as macOS tells it. Imported there alone; typed and checked everywhere."""

from __future__ import annotations

import ctypes
import os
from typing import Any

_RUSAGE_INFO_V0 = 0


class ResourceUsage(ctypes.Structure):
    """rusage_info_v0 of sys/resource.h."""

    _fields_ = (
        ("ri_uuid", ctypes.c_uint8 * 16),
        ("ri_user_time", ctypes.c_uint64),
        ("ri_system_time", ctypes.c_uint64),
        ("ri_pkg_idle_wkups", ctypes.c_uint64),
        ("ri_interrupt_wkups", ctypes.c_uint64),
        ("ri_pageins", ctypes.c_uint64),
        ("ri_wired_size", ctypes.c_uint64),
        ("ri_resident_size", ctypes.c_uint64),
        ("ri_phys_footprint", ctypes.c_uint64),
        ("ri_proc_start_abstime", ctypes.c_uint64),
        ("ri_proc_exit_abstime", ctypes.c_uint64),
    )


def memory_of(pid: int, library: Any = None) -> int:
    """Physical footprint of one process; 0 where it is gone or another user's. `library` is given by tests."""
    usage = ResourceUsage()
    call = (library or ctypes.CDLL("libproc.dylib")).proc_pid_rusage
    return int(usage.ri_phys_footprint) if call(pid, _RUSAGE_INFO_V0, ctypes.byref(usage)) == 0 else 0


def memory_total() -> int:
    """Bytes of the machine's memory."""
    pages: int = getattr(os, "sysconf")("SC_PHYS_PAGES")  # noqa: B009 - Windows has no sysconf
    size_bytes: int = getattr(os, "sysconf")("SC_PAGE_SIZE")  # noqa: B009
    return pages * size_bytes
