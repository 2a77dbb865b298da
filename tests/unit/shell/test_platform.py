"""Memory of processes and machine: Linux from written files, Windows and macOS from libraries made for the test."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import pytest

from ide.shell import platform, platform_macos, platform_windows


def _process(proc: Path, pid: int, parent: int, *, pss_kb: int | None, name: str = "python") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0")
    (folder / "statm").write_text("1000 250 10 1 0 1 0")
    if pss_kb is not None:
        (folder / "smaps_rollup").write_text(f"00400000-7ff ---p 00 [rollup]\nRss: 9999 kB\nPss: {pss_kb} kB\n")


def test_linux_memory_counts_descendants_once_and_survives_odd_names(tmp_path: Path) -> None:
    _process(tmp_path, 10, 1, pss_kb=100)
    _process(tmp_path, 11, 10, pss_kb=20, name="a) S 1 (b")
    _process(tmp_path, 12, 11, pss_kb=3)
    _process(tmp_path, 99, 1, pss_kb=5000)
    assert platform.linux_memory_of([10, 11, 4711], tmp_path) == 123 * 1024


def test_linux_memory_without_rollup_takes_resident_pages(tmp_path: Path) -> None:
    _process(tmp_path, 10, 1, pss_kb=None)
    assert platform.linux_memory_of([10], tmp_path) == 250 * 4096


@pytest.mark.parametrize(
    ("limit", "expected"), [("max", 2**30), ("536870912", 2**29), ("99999999999999", 2**30), ("", 2**30)]
)
def test_linux_total_is_the_smaller_of_machine_and_container(tmp_path: Path, limit: str, expected: int) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:        1048576 kB\nMemFree: 1 kB\n")
    (tmp_path / "memory.max").write_text(limit + "\n")
    assert platform.linux_memory_total(tmp_path, tmp_path) == expected


def test_linux_total_without_proc_is_unknown(tmp_path: Path) -> None:
    assert platform.linux_memory_total(tmp_path, tmp_path) == 0


def test_memory_of_this_process_is_plausible() -> None:
    assert 10_000_000 < platform.memory_of([os.getpid()]) < 50_000_000_000
    assert platform.memory_total() > 100_000_000


class Kernel32:
    """Answers as Windows does, and notes that handles are closed."""

    def __init__(self) -> None:
        self.open: set[int] = set()

    def OpenProcess(self, _access: int, _inherit: bool, pid: int) -> int:
        if pid == 4711:
            return 0
        self.open.add(pid)
        return pid

    def K32GetProcessMemoryInfo(self, process: int, counters: Any, _size: int) -> int:
        counters._obj.PrivateUsage = process * 1000
        return 1

    def CloseHandle(self, process: int) -> int:
        self.open.discard(process)
        return 1

    def GlobalMemoryStatusEx(self, status: Any) -> int:
        assert status._obj.dwLength == ctypes.sizeof(platform_windows.MemoryStatus)
        status._obj.ullTotalPhys = 16 * 2**30
        return 1


def test_windows_memory_is_private_bytes_and_handles_are_closed() -> None:
    library = Kernel32()
    assert platform_windows.memory_of(7, library) == 7000
    assert platform_windows.memory_of(4711, library) == 0
    assert library.open == set()
    assert platform_windows.memory_total(library) == 16 * 2**30


class Libproc:
    def proc_pid_rusage(self, pid: int, _flavor: int, usage: Any) -> int:
        if pid == 4711:
            return -1
        usage._obj.ri_phys_footprint = pid * 10
        return 0


def test_macos_memory_is_the_footprint() -> None:
    assert platform_macos.memory_of(5, Libproc()) == 50
    assert platform_macos.memory_of(4711, Libproc()) == 0
