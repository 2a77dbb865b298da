"""The spool: what is written is read, in order, while both go on, and it stays bounded."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ide.kernels.full_text import write_full_output
from ide.kernels.spool import (
    DELIMITER,
    EVENT,
    MESSAGE,
    STDIO,
    SpoolReader,
    SpoolWriter,
    is_agents,
    message_id,
    segments,
    without_agent_data,
)


def raw(number: int, text: str = "", kind: str = "stream", parent: str = "run") -> list[bytes]:
    """A multipart message as a kernel sends it."""
    header = {"msg_id": f"m{number}", "msg_type": kind}
    parts: tuple[dict[str, str], ...] = (header, {"msg_id": parent}, {}, {"name": "stdout", "text": text})
    return [b"topic", DELIMITER, b"signature", *(json.dumps(part).encode() for part in parts)]


def ids(reader: SpoolReader) -> list[bytes]:
    """All message ids to the present end."""
    found: list[bytes] = []
    while records := reader.read(500):
        found += [message_id(record.frames) for record in records if record.kind == MESSAGE]
    return found


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    writer, reader = SpoolWriter(tmp_path, 1 << 20), SpoolReader(tmp_path)
    writer.add(MESSAGE, raw(1, "é\n"), 12.5)
    writer.add(STDIO, [b"1.1", b"stderr", b"\xff"], 13.0)
    writer.add_event({"event": "exited", "code": 3}, 14.0)
    assert reader.read() == []
    writer.flush()
    first, second, third = reader.read()
    assert (first.kind, first.received_s, list(first.frames)) == (MESSAGE, 12.5, raw(1, "é\n"))
    assert second.frames == (b"1.1", b"stderr", b"\xff")
    assert third.event() == {"event": "exited", "code": 3}
    assert first.event() == {}
    assert reader.read() == []
    writer.close()


def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        writer = SpoolWriter(tmp_path, 1 << 20)
        writer.add(MESSAGE, raw(1), 1.0)
        writer.close()
        path = write_full_output(tmp_path, "run")
    finally:
        os.umask(before)
    assert path is None
    assert [file.stat().st_mode & 0o777 for file in tmp_path.iterdir()] == [0o600]


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 3000), max_size=80),
    reads=st.lists(st.integers(1, 4000), min_size=1, max_size=20),
    data=st.data(),
)
def test_reader_beside_a_writer_sees_each_record_once(
    sizes: list[int], reads: list[int], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    writer, reader = SpoolWriter(folder, 64 << 20), SpoolReader(folder)
    writer._segment_bytes = 4000  # many files, none dropped
    seen: list[bytes] = []
    for number, size in enumerate(sizes):
        writer.add(MESSAGE, raw(number, "x" * size), 1.0)
        if data.draw(st.booleans()):
            writer.flush()
        if data.draw(st.booleans()):
            seen += [message_id(record.frames) for record in reader.read(reads[number % len(reads)])]
    writer.close()
    assert seen + ids(reader) == [f"m{number}".encode() for number in range(len(sizes))]
    assert not reader.was_cut


def test_full_spool_drops_the_oldest_and_says_how_much(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, 64 * 1024)
    cuts = []
    for number in range(400):
        writer.add(MESSAGE, raw(number, "x" * 1000), 1.0)
        cuts.append(writer.flush())
    writer.close()
    assert sum(path.stat().st_size for _, path in segments(tmp_path)) <= 64 * 1024 + 20_000
    last = [cut for cut in cuts if cut][-1]
    reader = SpoolReader(tmp_path)
    kept = ids(reader)
    assert reader.was_cut
    assert kept[-1] == b"m399"
    assert kept == [f"m{number}".encode() for number in range(400 - len(kept), 400)]
    assert last["messages"] == 400 - len(kept)
    events = [record.event() for record in SpoolReader(tmp_path).read(1 << 20) if record.kind == EVENT]
    assert events[-1]["event"] == "cut"


def test_reader_whose_file_was_dropped_goes_on_and_knows(tmp_path: Path) -> None:
    writer, reader = SpoolWriter(tmp_path, 64 * 1024), SpoolReader(tmp_path)
    writer.add(MESSAGE, raw(0), 1.0)
    writer.flush()
    assert (len(reader.read()), reader.was_cut) == (1, False)
    for number in range(1, 400):
        writer.add(MESSAGE, raw(number, "x" * 1000), 1.0)
        writer.flush()
    found = ids(reader)
    assert reader.was_cut
    assert found[-1] == b"m399"
    writer.close()


def test_torn_record_of_a_killed_writer_is_passed_over(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, 1 << 20)
    writer.add(MESSAGE, raw(1), 1.0)
    writer.close()
    ((_, path),) = segments(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[8:40])
    following = SpoolWriter(tmp_path, 1 << 20)
    following.add(MESSAGE, raw(2), 1.0)
    following.close()
    assert ids(SpoolReader(tmp_path)) == [b"m1", b"m2"]


def test_full_disk_loses_no_order_and_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = SpoolWriter(tmp_path, 1 << 20)
    writer.add(MESSAGE, raw(1), 1.0)
    writer.flush()
    real = os.write

    def fail_halfway(descriptor: int, data: bytes) -> int:
        real(descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail_halfway)
    writer.add(MESSAGE, raw(2), 1.0)
    writer.flush()
    monkeypatch.setattr(os, "write", real)
    writer.add(MESSAGE, raw(3), 1.0)
    writer.close()
    records = SpoolReader(tmp_path).read()
    assert [message_id(record.frames) for record in records if record.kind == MESSAGE] == [b"m1", b"m3"]
    lost = [record.event() for record in records if record.kind == EVENT]
    assert lost[0]["event"] == "lost"
    assert lost[0]["messages"] == 1


def test_what_agents_say_is_spooled_without_its_content() -> None:
    header = json.dumps({"msg_id": "a1", "msg_type": "comm_msg"}).encode()
    content = json.dumps({"comm_id": "fourpane-0123abcd", "data": {"secret": "hunter2"}}).encode()
    frames = [b"topic", DELIMITER, b"signature", header, b"{}", b"{}", content, b"buffer with hunter2"]
    spooled = without_agent_data(frames)
    assert b"hunter2" not in b"".join(spooled)
    assert message_id(spooled) == b"a1"
    assert is_agents(spooled)
    other = [*frames[:6], json.dumps({"comm_id": "widget", "data": {}}).encode()]
    assert without_agent_data(other) == other
    assert without_agent_data([b"nonsense"]) == [b"nonsense"]


def test_full_output_is_the_text_of_one_run(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, 1 << 20)
    for number in range(10):
        writer.add(MESSAGE, raw(number, f"{number}\r\n", parent=f"run{number % 2}"), 1.0)
    writer.add(MESSAGE, raw(11, "not a stream", kind="display_data", parent="run1"), 1.0)
    writer.add(MESSAGE, [b"nonsense"], 1.0)
    writer.close()
    path = write_full_output(tmp_path, "run1")
    assert path is not None
    assert path.read_bytes() == b"1\r\n3\r\n5\r\n7\r\n9\r\n"
    assert write_full_output(tmp_path, "another") is None


@given(st.binary(max_size=300))
def test_any_bytes_in_a_spool_file_are_survived(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("spool")
    (folder / "spool-000001.bin").write_bytes(b"FPSPOOL1" + data)
    reader = SpoolReader(folder)
    for _ in range(3):
        reader.read(100)
