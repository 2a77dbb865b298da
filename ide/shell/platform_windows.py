"""Memory as Windows tells it. Imported there alone; typed and checked everywhere."""

from __future__ import annotations

import ctypes
from typing import Any

_QUERY_LIMITED_INFORMATION = 0x1000


class ProcessMemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS_EX of psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
        ("PrivateUsage", ctypes.c_size_t),
    )


class MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of sysinfoapi.h."""

    _fields_ = (
        ("dwLength", ctypes.c_uint32),
        ("dwMemoryLoad", ctypes.c_uint32),
        ("ullTotalPhys", ctypes.c_uint64),
        ("ullAvailPhys", ctypes.c_uint64),
        ("ullTotalPageFile", ctypes.c_uint64),
        ("ullAvailPageFile", ctypes.c_uint64),
        ("ullTotalVirtual", ctypes.c_uint64),
        ("ullAvailVirtual", ctypes.c_uint64),
        ("ullAvailExtendedVirtual", ctypes.c_uint64),
    )


def memory_of(pid: int, kernel32: Any = None) -> int:
    """Private bytes of one process; 0 where it is gone or another user's. `kernel32` is given by tests."""
    library = kernel32 or _kernel32()
    process = library.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
    if not process:
        return 0
    try:
        counters = ProcessMemoryCounters(cb=ctypes.sizeof(ProcessMemoryCounters))
        is_known = library.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
        return int(counters.PrivateUsage) if is_known else 0
    finally:
        library.CloseHandle(process)


def memory_total(kernel32: Any = None) -> int:
    """Bytes of the machine's memory."""
    library = kernel32 or _kernel32()
    status = MemoryStatus(dwLength=ctypes.sizeof(MemoryStatus))
    return int(status.ullTotalPhys) if library.GlobalMemoryStatusEx(ctypes.byref(status)) else 0


def _kernel32() -> Any:
    library = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 - the name exists on Windows alone
    library.OpenProcess.restype = ctypes.c_void_p
    library.OpenProcess.argtypes = (ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32)
    library.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    library.CloseHandle.argtypes = (ctypes.c_void_p,)
    return library
