"""Private folders and files, sealed messages, records on disk, and the branches of each system."""

from __future__ import annotations

import os
import stat
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from ide.core.environment import Environment, LaunchSpec
from ide.core.errors import KernelError
from ide.kernels import launches, platform, private, sealed


def test_runtime_folder_is_made_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private.prepare_runtime_folder(tmp_path / "fp" / "0123abcd")
    finally:
        os.umask(before)
    for folder in (tmp_path / "fp", tmp_path / "fp" / "0123abcd"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    private.prepare_runtime_folder(tmp_path / "fp" / "0123abcd")


def test_planted_folders_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    link = tmp_path / "fp"
    link.symlink_to(target)
    opened = tmp_path / "opened"
    opened.mkdir()
    opened.chmod(0o711)
    for folder in (link / "0123abcd", link, opened):
        with pytest.raises(KernelError) as told:
            private.prepare_runtime_folder(folder)
        assert len(told.value.text.splitlines()) == 3


def test_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "0123abcd"
    folder.mkdir(mode=0o700)
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    with pytest.raises(KernelError, match="cannot be trusted"):
        private.check_private(folder)


@pytest.mark.parametrize(("system", "limit"), [("linux", 107), ("darwin", 103)])
def test_path_that_is_too_long_for_sockets_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, limit: int
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    longest = "/" + "x" * (limit - 1 - len("/12345678/999-5"))
    private._check_length(Path(longest))
    with pytest.raises(KernelError, match="too long"):
        private._check_length(Path(longest + "x"))
    with pytest.raises(KernelError, match="absolute"):
        private.prepare_runtime_folder(Path("relative"))


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KernelError, match="could not be made"):
        private.prepare_runtime_folder(tmp_path / "file" / "0123abcd")


def test_private_files_are_whole_and_0600(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private.write_json(tmp_path / "a.json", {"x": "é"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600
    assert private.read_json(tmp_path / "a.json") == {"x": "é"}
    for content in (b"", b"[1]", b"{", b"\xff"):
        (tmp_path / "b.json").write_bytes(content)
        assert private.read_json(tmp_path / "b.json") is None
    assert private.read_json(tmp_path / "missing") is None
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def test_removing_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    ours = tmp_path / "ours"
    (ours / "below").mkdir(parents=True)
    (ours / "link").symlink_to(outside)
    private.remove_tree(ours)
    assert not ours.exists()
    assert (outside / "kept").read_text() == "x"


def test_seal_holds_for_one_key_and_one_direction() -> None:
    frames = sealed.seal(b"key", sealed.TO_KEEPER, {"n": 1})
    assert sealed.unseal(b"key", sealed.TO_KEEPER, frames) == {"n": 1}
    assert sealed.unseal(b"other", sealed.TO_KEEPER, frames) is None
    assert sealed.unseal(b"key", sealed.TO_WINDOW, frames) is None
    assert sealed.unseal(b"key", sealed.TO_KEEPER, frames[:1]) is None
    assert sealed.unseal(b"key", sealed.TO_KEEPER, [frames[0], frames[1] + b" "]) is None


def test_launch_is_written_down_and_read_again() -> None:
    environment = Environment("id", "Name", "python", "venv", Path("/usr/bin/python3"), version="3.12")
    launch = LaunchSpec(
        environment, ("a", "{connection_file}"), Path("/w"), {"A": "1"}, ("B",), "message", "curve", True
    )
    assert launches.launch_from_json(launches.launch_to_json(launch)) == launch
    broken_ones: list[dict[str, Any]] = [
        {},
        {"environment": {}},
        {**launches.launch_to_json(launch), "variables": None},
    ]
    for broken in broken_ones:
        with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
            launches.launch_from_json(broken)


def test_environment_of_a_kernel_hides_the_parent() -> None:
    launch = {"unset": ["GONE"], "variables": {"NEW": "1", "PATH": "b"}}
    base = {"GONE": "x", "PATH": "a", "JPY_PARENT_PID": "7", "KEPT": "y"}
    assert launches.process_variables(base, launch) == {"PATH": "b", "KEPT": "y", "NEW": "1"}


def test_records_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    for name, content in (("0000000a", "{"), ("0000000b", '{"id": "0000000b"}'), ("long-name-here", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / launches.RECORD).write_text(content)
    assert launches.records(tmp_path) == []
    assert launches.records(tmp_path / "missing") == []
    assert launches.live_keeper(tmp_path) is None


def test_start_mark_names_one_process_for_good() -> None:
    pid, mark = platform.own_mark()
    assert platform.is_alive(pid, mark)
    assert not platform.is_alive(pid, f"{mark}0")
    assert not platform.is_alive(pid, "")
    assert platform.start_mark(0) == ""
    assert platform.start_mark(2**22 + 1) == ""


def test_child_that_ended_but_was_not_waited_for_is_gone() -> None:
    pid = os.posix_spawn("/bin/true", ["/bin/true"], {})
    while platform.start_mark(pid):
        pass
    platform.reap(pid)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    platform.reap(pid)


def test_mac_process_information_is_read() -> None:
    info = bytearray(136)
    struct.pack_into("<I", info, 4, 2)
    struct.pack_into("<QQ", info, 120, 1_700_000_000, 42)
    assert platform._mark_of_bsdinfo(bytes(info)) == "1700000000.000042"
    struct.pack_into("<I", info, 4, 5)
    assert platform._mark_of_bsdinfo(bytes(info)) == ""


class FakeKernel32:
    """Notes what was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> int:
            self.calls.append((name, arguments))
            return 0 if name == "WaitForSingleObject" else 7

        return call


def test_windows_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeKernel32()
    monkeypatch.setattr(platform, "_kernel32", lambda: fake)
    monkeypatch.setattr(sys, "platform", "win32")
    assert platform.is_windows()
    assert platform.interrupt_event() == 7
    assert platform.interrupt_group(5, 7)
    assert not platform.interrupt_group(5, 0)
    assert platform.start_mark(5) == ""
    platform.end_group(5, by_force=True)
    assert [name for name, _ in fake.calls] == [
        "CreateEventA", "SetEvent", "OpenProcess", "WaitForSingleObject", "GetProcessTimes", "CloseHandle",
        "OpenProcess", "TerminateProcess", "CloseHandle",
    ]  # fmt: skip
    assert platform.launch_options() == {"creationflags": 0x08000200}
    assert platform.memory_counters(5) == ()
    private.check_private(Path("/anything"))


def test_unix_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda pid, number: sent.append((pid, number)))
    assert platform.interrupt_group(5)
    platform.end_group(5, by_force=False)
    platform.end_group(5, by_force=True)
    assert sent == [(5, 2), (5, 15), (5, 9)]
    assert platform.interrupt_event() == 0
    assert platform.launch_options() == {"start_new_session": True}


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = platform.lock_file(path)
    assert first is not None
    assert platform.lock_file(path) is None
    path.unlink()
    second = platform.lock_file(path)
    assert second is not None
    os.close(first)
    os.close(second)


def test_counters_of_memory_kills_are_found() -> None:
    counters = platform.memory_counters(os.getpid())
    assert platform.memory_kills(counters) >= 0
    assert bool(counters) is sys.platform.startswith("linux")
    assert platform.memory_kills((Path("/missing"),)) == 0


def test_memory_kills_are_read_from_both_kinds_of_control_groups(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\nhigh 3\noom 1\noom_kill 2\noom_group_kill 0\n")
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert platform.memory_kills((tmp_path / "memory.events", tmp_path / "memory.oom_control")) == 7


def test_signals_have_names() -> None:
    assert platform.signal_name(9) == "SIGKILL"
    assert platform.signal_name(4242) == "signal 4242"
