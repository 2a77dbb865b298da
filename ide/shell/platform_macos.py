"""Memory and dock as macOS has them. Imported there alone; typed and checked everywhere."""

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


class DockBadge:
    """The label on the program's icon in the dock: "42 %". UI thread. Raises OSError."""

    def __init__(self, library: Any = None) -> None:
        """`library` is given by tests. Qt has AppKit loaded already."""
        self._library = library or ctypes.CDLL("libobjc.dylib")
        for name in ("objc_getClass", "sel_registerName"):
            function = getattr(self._library, name)
            function.restype, function.argtypes = ctypes.c_void_p, [ctypes.c_char_p]

    def show(self, share: float | None) -> None:
        """From 0 to 1; None takes it away."""
        label = None
        if share is not None:
            text = ctypes.create_string_buffer(f"{round(100 * share)} %".encode())
            label = self._send(self._class(b"NSString"), b"stringWithUTF8String:", ctypes.addressof(text))
        application = self._send(self._class(b"NSApplication"), b"sharedApplication")
        self._send(self._send(application, b"dockTile"), b"setBadgeLabel:", label)

    def close(self) -> None:
        """The dock is the system's."""

    def _class(self, name: bytes) -> Any:
        return self._library.objc_getClass(name)

    def _send(self, target: Any, selector: bytes, *arguments: Any) -> Any:
        send = self._library.objc_msgSend
        send.restype, send.argtypes = ctypes.c_void_p, [ctypes.c_void_p] * (2 + len(arguments))
        return send(target, self._library.sel_registerName(selector), *arguments)
