"""What the keeper decides about a kernel without having one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ide.kernels import kept, launches, platform, private
from ide.kernels.keeper import Keeper, note_crash
from ide.kernels.kept import KeptKernel
from ide.kernels.spool import DELIMITER


def record_of(**more: Any) -> dict[str, Any]:
    """A record as the keeper holds it."""
    environment = {"name": "Env", "kernelspec": "spec"}
    launch = {"environment": environment, "argv": ["true"], "working_folder": "/", "variables": {}, "unset": []}
    settings: dict[str, Any] = {}
    state = {"state": "running", "is_busy": False, "is_heard": True}
    return {"id": "0123abcd", "launch": launch, "settings": settings, **state, **more}


def kernel_in(folder: Path, **more: Any) -> KeptKernel:
    """A kernel whose changes nobody hears."""
    return KeptKernel(folder, record_of(owner=None, is_spare=False, generation=1, **more), lambda _kernel, _event: None)


def test_memory_is_blamed_only_where_the_count_of_kills_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = tmp_path / "memory.events"
    counter.write_text("oom_kill 4\n")
    monkeypatch.setattr(platform, "memory_counters", lambda _pid: (counter,))
    kernel = kernel_in(tmp_path, pid=7)
    assert not kernel._was_killed_for_memory()
    kernel._watch_memory_kills()
    assert not kernel._was_killed_for_memory()
    counter.write_text("oom_kill 5\n")
    assert kernel._was_killed_for_memory()
    kernel._watch_memory_kills()  # the process is still being torn down: the count before that is remembered
    assert kernel._was_killed_for_memory()


def test_full_disk_does_not_end_the_keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = kernel_in(tmp_path, pid=7)

    def full(_path: Path, _value: dict[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(private, "write_json", full)
        kernel.give_to(None, "New name")
    assert not (tmp_path / launches.RECORD).exists()
    assert kernel.wait_s() <= kept.WRITE_EVERY_S
    kernel._write_record()
    assert json.loads((tmp_path / launches.RECORD).read_text())["name"] == "New name"


def test_crash_of_the_keeper_is_left_for_the_window(tmp_path: Path) -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        note_crash(tmp_path)
    assert "ValueError: odd" in (tmp_path / launches.KEEPER_CRASH).read_text()


def status(state: str, username: str = "fourpane", request: str = "execute_request") -> list[bytes]:
    """A status message about a request."""
    parts: tuple[dict[str, str], ...] = (
        {"msg_type": "status", "msg_id": "m"},
        {"msg_type": request, "username": username},
        {},
        {"execution_state": state},
    )
    return [b"status", DELIMITER, b"", *(json.dumps(part).encode() for part in parts)]


def test_busy_is_what_the_user_runs(tmp_path: Path) -> None:
    kernel = kernel_in(tmp_path)
    for frames in (status("busy", "fourpane.agent"), status("busy", request="comm_msg"), [b"nonsense"], [DELIMITER]):
        kernel._look_at(frames)
        assert kernel.record["is_busy"] is False
    kernel._look_at(status("busy"))
    assert kernel.record["is_busy"] is True
    kernel._look_at(status("idle"))
    assert kernel.record["is_busy"] is False


def test_what_a_process_prints_is_collected_and_bounded(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    kernel = KeptKernel(
        tmp_path,
        record_of(settings={"printed_bytes": 10_000}, generation=1),
        lambda _kernel, event: events.append(event or {}),
    )
    kernel._look_at(status("busy"))
    with (tmp_path / "stdout.txt").open("ab", buffering=0) as printing:
        for number in range(30):
            printing.write(f"{number:03}".encode() + b"x" * 997)
            kernel._collect_printed()
        assert (tmp_path / "stdout.txt").stat().st_size <= 11_000
        printing.write(b"end")
        kernel._collect_printed()
    text = "".join(event["text"] for event in events if event.get("event") == "stdio")
    assert [text[place : place + 3] for place in range(0, 30_000, 1000)] == [f"{number:03}" for number in range(30)]
    assert text.endswith("end")
    with (tmp_path / "stderr.txt").open("ab", buffering=0) as printing:
        printing.write(b"z" * 50_000)
        kernel._collect_printed()
    assert events[-1]["text"].count("z") == 10_000
    assert "40,000 bytes" in events[-1]["text"]
    kernel.close()


def test_other_socket_names_are_linked(tmp_path: Path) -> None:
    for number in range(1, 6):
        (tmp_path / f"1:{number}").write_text("")
    KeptKernel._link_other_names({"ip": str(tmp_path / "1")})
    KeptKernel._link_other_names({"ip": str(tmp_path / "1")})
    assert all((tmp_path / f"1-{number}").is_symlink() for number in range(1, 6))


def test_connection_is_ipc_with_an_absolute_path_and_a_fresh_key(tmp_path: Path) -> None:
    kernel = kernel_in(tmp_path)
    first, second = kernel._write_connection(), kernel._write_connection()
    assert first["transport"] == "ipc"
    assert Path(first["ip"]).is_absolute()
    assert first["key"] != second["key"]
    assert kept.endpoint(first, "iopub") == f"ipc://{tmp_path}/1-2"
    assert kernel.connection_file.stat().st_mode & 0o777 == 0o600


def test_windows_connection_is_loopback_with_curve_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "is_windows", lambda: True)
    kernel = kernel_in(tmp_path)
    plain = kernel._write_connection()
    assert (plain["transport"], plain["ip"]) == ("tcp", "127.0.0.1")
    assert len({plain[channel] for channel in kept.CHANNELS}) == 5
    assert "curve_publickey" not in plain
    kernel.record["launch"]["encryption"] = "curve"
    encrypted = kernel._write_connection()
    assert len(encrypted["curve_publickey"]) == len(encrypted["curve_secretkey"]) == 40
    assert kept.endpoint(plain, "shell") == f"tcp://127.0.0.1:{plain['shell_port']}"


def test_kernel_without_unix_sockets_gets_loopback_ports(tmp_path: Path) -> None:
    kernel = kernel_in(tmp_path)
    kernel.record["launch"]["encryption"] = "none"
    connection = kernel._write_connection()
    assert (connection["transport"], connection["ip"]) == ("tcp", "127.0.0.1")
    assert connection["key"]


@pytest.mark.parametrize("kernel_id", ["", "short", "../../etc", "0123abc/", "0123abcd9"])
def test_keeper_refuses_ids_that_are_no_folder_names(tmp_path: Path, kernel_id: str) -> None:
    with pytest.raises(KeyError):
        Keeper(tmp_path).start({"id": kernel_id})
    assert list(tmp_path.iterdir()) == []


def test_keeper_answers_a_bad_request_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, answers = Keeper(tmp_path), []
    monkeypatch.setattr(keeper, "_reply", lambda _identity, number, answer: answers.append((number, answer)))
    requests: list[dict[str, Any]] = [{"method": "kill", "params": {"id": "0123abcd"}}, {"method": "odd"}, {}]
    for number, request in enumerate(requests, 1):
        keeper._answer(b"window", {"n": number, **request})
    assert [number for number, _ in answers] == [1, 2, 3]
    assert all("error" in answer for _, answer in answers)


def test_keeper_ignores_a_repeated_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, answers = Keeper(tmp_path), []
    monkeypatch.setattr(keeper, "_reply", lambda _identity, number, _answer: answers.append(number))
    pid, mark = platform.own_mark()
    hello = {"n": 5, "method": "hello", "params": {"pid": pid, "mark": mark}}
    for request in (hello, hello, {**hello, "n": 4}, {**hello, "n": 6}):
        keeper._answer(b"window", request)
    assert answers == [5, 6]


def test_orphan_ends_after_its_limit_and_a_spare_at_once(tmp_path: Path) -> None:
    stopped: list[str] = []

    class Orphan(KeptKernel):
        """Notes that it was stopped."""

        def stop(self, then: kept.Then, grace_s: float = 1.0) -> None:
            """Noted."""
            stopped.append(f"{self.record['id']} {then}")

    keeper = Keeper(tmp_path)
    gone = {"pid": 4_194_305, "mark": "gone"}
    cases = {
        "spare000": (True, 9e9, False),
        "limit000": (False, 0, True),
        "idle0000": (False, 60, False),
        "busy0000": (False, 60, True),
        "unused00": (False, 9e9, False),
    }
    for name, (is_spare, limit_s, is_busy) in cases.items():
        (tmp_path / name).mkdir()
        record = record_of(owner=gone, is_spare=is_spare, settings={"idle_limit_s": limit_s}, generation=1)
        kernel = Orphan(tmp_path / name, {**record, "id": name, "is_busy": is_busy}, lambda _kernel, _event: None)
        kernel._has_run_code = name != "unused00"
        keeper._look_at_orphan(kernel, 1e9)
        kernel.idle_since = 1e9 - 100
        keeper._look_at_orphan(kernel, 1e9)
    assert sorted(set(stopped)) == ["idle0000 forget", "limit000 forget", "spare000 forget", "unused00 forget"]
    assert launches.is_owned({"owner": gone}) is False
