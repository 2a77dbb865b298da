"""Both sides of what differs between systems, with the other systems' calls put in."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from ide.documents import platform


class Kernel32:
    """What Windows answers about one process."""

    def __init__(self, *, is_there: bool = True, code: int = 259, created: int = 132_000_000_000_000_000) -> None:
        self.is_there = is_there
        self.code = code
        self.created = created
        self.closed: list[int] = []

    def OpenProcess(self, rights: int, inherit: bool, pid: int) -> int:
        return 77 if self.is_there else 0

    def GetExitCodeProcess(self, handle: int, code: Any) -> int:
        code._obj.value = self.code
        return 1

    def GetProcessTimes(self, handle: int, created: Any, *others: Any) -> int:
        created._obj.value = self.created
        return 1

    def CloseHandle(self, handle: int) -> None:
        self.closed.append(handle)


def test_start_on_windows_is_the_time_of_creation() -> None:
    library = Kernel32()
    assert platform._start_on_windows(5, library) == "132000000000000000"
    assert library.closed == [77]


def test_process_that_ended_on_windows_has_no_start() -> None:
    assert platform._start_on_windows(5, Kernel32(is_there=False)) is None
    assert platform._start_on_windows(5, Kernel32(code=0)) is None


class LibProc:
    """What macOS answers about one process."""

    def __init__(self, size: int = 136) -> None:
        self.size = size

    def proc_pidinfo(self, pid: int, flavor: int, argument: object, buffer: Any, size: int) -> int:
        ctypes.memmove(buffer, bytes(120) + struct.pack("<QQ", 1_700_000_000, 42), 136)
        return self.size


def test_start_on_macos_is_seconds_and_microseconds() -> None:
    assert platform._start_on_macos(5, LibProc()) == "1700000000.000042"
    assert platform._start_on_macos(5, LibProc(0)) is None


@pytest.mark.parametrize(("state", "start"), [("S", "5005"), ("Z", None), ("X", None)])
def test_start_on_linux_survives_names_with_brackets(tmp_path: Path, state: str, start: str | None) -> None:
    (tmp_path / "5").mkdir()
    fields = " ".join(str(5000 + number) for number in range(-13, 20))
    (tmp_path / "5" / "stat").write_text(f"5 (a) b ( c) {state} " + " ".join(fields.split()))
    assert platform._start_on_linux(5, tmp_path) == start
    assert platform._start_on_linux(6, tmp_path) is None


def test_machine_on_linux_names_boot_and_container(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("abc\n")
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("boot\n")
    (tmp_path / "proc/self/ns").mkdir(parents=True)
    (tmp_path / "proc/self/ns/pid").write_text("")
    inode = (tmp_path / "proc/self/ns/pid").stat().st_ino
    assert platform._linux_machine("node", tmp_path) == ("node|abc", f"boot/{inode}")
    assert platform._linux_machine("node", tmp_path / "nothing") == ("node|", "/0")
    assert platform.machine_id("win32")[1] == ""


class Blocked:
    """A path whose rename fails a few times, as while a scanner reads the file."""

    def __init__(self, failures: int, winerror: int) -> None:
        self.failures = failures
        self.winerror = winerror
        self.calls = 0

    def replace(self, target: Path) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            error = PermissionError(errno.EACCES, "in use")
            error.winerror = self.winerror  # type: ignore[attr-defined]  # exists on Windows only
            raise error


def test_sharing_violation_on_windows_is_tried_again() -> None:
    waits: list[float] = []
    blocked = Blocked(3, 32)
    platform.replace(blocked, Path("x"), "win32", waits.append)  # type: ignore[arg-type]  # a stand-in for a Path
    assert (blocked.calls, waits) == (4, [0.01, 0.02, 0.04])


def test_sharing_violation_that_stays_is_told_within_two_seconds() -> None:
    waits: list[float] = []
    with pytest.raises(PermissionError):
        platform.replace(Blocked(999, 32), Path("x"), "win32", waits.append)  # type: ignore[arg-type]  # stand-in
    assert sum(waits) < 2


@pytest.mark.parametrize(("system", "winerror"), [("linux", 32), ("win32", 3)])
def test_other_refusals_are_told_at_once(system: str, winerror: int) -> None:
    blocked = Blocked(1, winerror)
    with pytest.raises(PermissionError):
        platform.replace(blocked, Path("x"), system, lambda _: None)  # type: ignore[arg-type]  # stand-in
    assert blocked.calls == 1


def test_windows_needs_no_sync_of_folders(tmp_path: Path) -> None:
    platform.sync_folder(tmp_path / "missing", "win32")
    with pytest.raises(FileNotFoundError):
        platform.sync_folder(tmp_path / "missing", "linux")


def test_attributes_on_windows_come_from_the_folder(tmp_path: Path) -> None:
    assert platform.copy_attributes(tmp_path, -1, tmp_path.stat(), "win32")


def test_attributes_on_macos_are_copied_by_fcopyfile(tmp_path: Path) -> None:
    calls: list[tuple[object, ...]] = []

    class Library:
        def fcopyfile(self, *arguments: object) -> int:
            calls.append(arguments[1:])
            return 0

    (tmp_path / "a").write_text("x")
    platform._copy_on_macos(str(tmp_path / "a"), 9, Library())
    assert calls == [(9, None, 5)]


def test_interrupted_call_is_repeated() -> None:
    answers = [InterruptedError(), InterruptedError(), None]

    def call() -> str:
        if (answer := answers.pop(0)) is not None:
            raise answer
        return "done"

    assert platform.again_when_interrupted(call) == "done"


def test_own_start_is_stable() -> None:
    assert platform.process_start(os.getpid()) == platform.process_start(os.getpid()) is not None
