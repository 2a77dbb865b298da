"""What only the system knows: memory of processes and of the machine. One function per question, a branch per system.

Reads counters of the system; owns nothing. Slow enough (a few ms) to belong in a pool thread.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def memory_of(pids: Iterable[int], *, system: str = sys.platform) -> int:
    """Bytes of memory that these processes (on Linux their descendants too) hold; those that are gone count nothing.

    `system` is as in `sys.platform`.
    """
    if system == "linux":
        return linux_memory_of(pids, Path("/proc"))
    if system == "win32":
        from ide.shell import platform_windows

        return sum(platform_windows.memory_of(pid) for pid in set(pids))
    from ide.shell import platform_macos

    return sum(platform_macos.memory_of(pid) for pid in set(pids))


def memory_total(*, system: str = sys.platform) -> int:
    """Bytes of memory that the machine (or the container that this runs in) has; 0 where nobody knows."""
    if system == "linux":
        return linux_memory_total(Path("/proc"), Path("/sys/fs/cgroup"))
    if system == "win32":
        from ide.shell import platform_windows

        return platform_windows.memory_total()
    from ide.shell import platform_macos

    return platform_macos.memory_total()


def linux_memory_of(pids: Iterable[int], proc: Path) -> int:
    """Memory of the processes and their descendants. Shared pages count in parts, where the kernel tells (PSS)."""
    return sum(_linux_process(proc / str(pid)) for pid in _with_descendants(set(pids), _parents(proc)))


def linux_memory_total(proc: Path, cgroup: Path) -> int:
    """The smaller of machine and control group."""
    machine = _field(_read(proc / "meminfo"), "MemTotal:") * 1024
    limits = [_read(cgroup / "memory.max").strip(), _read(cgroup / "memory" / "memory.limit_in_bytes").strip()]
    known = [int(limit) for limit in limits if limit.isdigit()]
    return min([machine, *known]) if machine else 0


def _linux_process(folder: Path) -> int:
    if text := _read(folder / "smaps_rollup"):
        return _field(text, "Pss:") * 1024
    fields = _read(folder / "statm").split()
    return int(fields[1]) * 4096 if len(fields) > 1 else 0


def _parents(proc: Path) -> dict[int, int]:
    """Process to parent. The name in `stat` may hold blanks and brackets, so fields are counted from its end."""
    found = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            fields = _read(folder / "stat").rpartition(")")[2].split()
            if len(fields) > 1:
                found[int(folder.name)] = int(fields[1])
    return found


def _with_descendants(pids: set[int], parents: Mapping[int, int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def _field(text: str, name: str) -> int:
    line = next((line for line in text.splitlines() if line.startswith(name)), "")
    fields = line.split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # gone meanwhile, or another user's
        return ""
