"""Memory and taskbar as Windows has them. Imported there alone; typed and checked everywhere."""

from __future__ import annotations

import ctypes
import uuid
from typing import Any

_QUERY_LIMITED_INFORMATION = 0x1000
_INPROC_SERVER = 1
# From ShObjIdl_core.h: the object, the interface, and where in its table its functions stand.
_TASKBAR_LIST = "56FDF344-FD6D-11D0-958A-006097C9A090"
_ITASKBAR_LIST_3 = "EA1AFB91-9E28-4B86-90E9-9E9F8A5EEFAF"
_RELEASE, _INIT, _SET_VALUE, _SET_STATE = 2, 3, 9, 10
_NO_PROGRESS, _NORMAL = 0, 2


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


class TaskbarButton:
    """A window's button in the taskbar, by ITaskbarList3. UI thread, where Qt has set COM up. Raises OSError."""

    def __init__(self, window_id: int, ole32: Any = None) -> None:
        """`ole32` is given by tests."""
        library = ole32 or getattr(ctypes, "WinDLL")("ole32")  # noqa: B009 - the name exists on Windows alone
        self._window = ctypes.c_void_p(window_id)
        self._object = ctypes.c_void_p()
        wanted, interface = _guid(_TASKBAR_LIST), _guid(_ITASKBAR_LIST_3)
        found = library.CoCreateInstance(wanted, None, _INPROC_SERVER, interface, ctypes.byref(self._object))
        if found != 0 or self._object.value is None:
            raise OSError(f"no taskbar: {found:#x}")
        self._call(_INIT)

    def show(self, share: float | None) -> None:
        """From 0 to 1; None takes it away."""
        self._call(_SET_STATE, self._window, ctypes.c_int(_NO_PROGRESS if share is None else _NORMAL))
        if share is not None:
            self._call(_SET_VALUE, self._window, ctypes.c_ulonglong(round(1000 * share)), ctypes.c_ulonglong(1000))

    def close(self) -> None:
        """Let go of the object."""
        if self._object.value is not None:
            self._call(_RELEASE)
            self._object = ctypes.c_void_p()

    def _call(self, index: int, *arguments: Any) -> None:
        prototype = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)  # the latter where tests run elsewhere
        table = ctypes.cast(self._object, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
        kinds = [type(argument) for argument in arguments]
        prototype(ctypes.c_long, ctypes.c_void_p, *kinds)(table[index])(self._object, *arguments)


def _guid(text: str) -> Any:
    return (ctypes.c_char * 16).from_buffer_copy(uuid.UUID(text).bytes_le)
