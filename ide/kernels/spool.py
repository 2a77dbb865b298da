"""The spool: every message of a kernel's iopub, raw, in numbered append-only files. Standard library only.

The keeper writes, a window reads; both may be at it at the same time. The format is told in docs/reference/keeper.md.
Bounded: the oldest files go first, and a record says how much went.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ide.core.record import dataclass

MESSAGE, STDIO, EVENT = 1, 2, 3
MAGIC = b"FPSPOOL1"
_LEAST_READ_BYTES = 4096  # more than a head: a shorter piece would look like the torn end of a file
_HEAD = struct.Struct("<IBdH")  # bytes after the head, kind, time received, number of frames
_NAME = re.compile(r"spool-(\d{6,})\.bin")
_ID = re.compile(rb'"msg_id"\s*:\s*"([^"]{1,200})"')
_COMM = re.compile(rb'"msg_type"\s*:\s*"comm_')
_OUR_COMM = re.compile(rb'"comm_id"\s*:\s*"fourpane-[0-9a-f]+"')
DELIMITER = b"<IDS|MSG>"


@dataclass(frozen=True, slots=True)
class SpoolRecord:
    """One record. `frames`: of a MESSAGE the multipart message; of a STDIO number, name and text; of an EVENT JSON."""

    kind: int
    received_s: float
    frames: tuple[bytes, ...]

    def event(self) -> dict[str, Any]:
        """The JSON object of an EVENT; empty for another record, or one that cannot be read."""
        if self.kind != EVENT:
            return {}
        try:
            value = json.loads(self.frames[0])
        except (ValueError, IndexError):
            return {}
        return value if isinstance(value, dict) else {}


def message_id(frames: tuple[bytes, ...] | list[bytes]) -> bytes:
    """The msg_id in the header of a raw multipart message, or b"" for something else; reads no JSON."""
    for place, frame in enumerate(frames[:8]):
        if frame == DELIMITER:
            found = _ID.search(frames[place + 2]) if len(frames) > place + 2 else None
            return found.group(1) if found else b""
    return b""


def is_agents(frames: list[bytes] | tuple[bytes, ...]) -> bool:
    """Whether a raw message belongs to the talk with an agent; looks at no more than the beginning of its content."""
    place = frames.index(DELIMITER) if DELIMITER in frames[:8] else -1
    if place < 0 or len(frames) < place + 6 or not _COMM.search(frames[place + 2]):
        return False
    return bool(_OUR_COMM.search(frames[place + 5]))


def without_agent_data(frames: list[bytes]) -> list[bytes]:
    """The message as it is spooled: what an agent says holds values of the user's variables, and is kept nowhere."""
    if not is_agents(frames):
        return frames
    place = frames.index(DELIMITER)
    comm = _OUR_COMM.search(frames[place + 5])
    return [*frames[: place + 5], b"{" + (comm.group(0) if comm else b"") + b"}"]


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of the spool files, oldest first."""
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    found = [(int(match.group(1)), path) for path in paths if (match := _NAME.fullmatch(path.name))]
    return sorted(found)


class SpoolWriter:
    """Appends records; `flush` makes them visible to readers. One writer at a time, in the keeper's thread."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = max(limit_bytes, 64 * 1024)
        self._segment_bytes = max(self._limit_bytes // 8, 16 * 1024)
        self._kept = [(number, path.stat().st_size, 0) for number, path in segments(folder)]
        self._pending = bytearray()
        self._pending_messages = 0
        self._descriptor = -1
        self._number = 0
        self._size = 0
        self._messages = 0
        self._cut = {"bytes": 0, "messages": 0}
        self._lost = {"bytes": 0, "messages": 0}

    def add(self, kind: int, frames: list[bytes] | tuple[bytes, ...], at_s: float) -> None:
        """Take one record in; it is on disk after the next `flush`."""
        lengths = struct.pack(f"<{len(frames)}I", *map(len, frames))
        body = len(lengths) + sum(map(len, frames))
        self._pending += _HEAD.pack(body, kind, at_s, len(frames)) + lengths
        for frame in frames:
            self._pending += frame
        self._pending_messages += kind == MESSAGE

    def add_event(self, event: dict[str, Any], at_s: float) -> None:
        """Take in an event of the keeper's own."""
        self.add(EVENT, [json.dumps(event).encode()], at_s)

    def flush(self) -> dict[str, int] | None:
        """Write what was added. Returns what was cut since the beginning, when this call cut something."""
        if not self._pending:
            return None
        cut = None
        if self._descriptor < 0 or self._size >= self._segment_bytes:
            cut = self._next_segment()
        try:
            self._write(bytes(self._pending))
            self._messages += self._pending_messages
        except OSError:  # the disk is full: the record of the loss is written as soon as there is room
            self._lost["bytes"] += len(self._pending)
            self._lost["messages"] += self._pending_messages
        self._pending.clear()
        self._pending_messages = 0
        return cut

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, data: bytes) -> None:
        if self._descriptor < 0:
            raise OSError("no spool file")
        if self._lost["bytes"]:
            data = self._event_bytes({"event": "lost", **self._lost}) + data
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._lost = {"bytes": 0, "messages": 0}
        self._size += written

    def _next_segment(self) -> dict[str, int] | None:
        number = self._kept[-1][0] + 1 if self._kept else 1
        if self._descriptor >= 0:
            os.close(self._descriptor)
            number = self._number + 1
            self._kept.append((self._number, self._size, self._messages))
        cut = self._drop_oldest()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._number, self._size, self._messages = number, 0, 0
        try:
            self._descriptor = os.open(self._folder / f"spool-{number:06d}.bin", flags, 0o600)
            first = MAGIC + (self._event_bytes({"event": "cut", **self._cut}) if self._cut["bytes"] else b"")
            self._size = os.write(self._descriptor, first)
        except OSError:
            self._descriptor = -1
        return cut

    def _drop_oldest(self) -> dict[str, int] | None:
        room = self._limit_bytes - self._segment_bytes
        has_cut = False
        while self._kept and sum(size for _, size, _ in self._kept) > room:
            number, size, messages = self._kept.pop(0)
            (self._folder / f"spool-{number:06d}.bin").unlink(missing_ok=True)
            self._cut["bytes"] += size
            self._cut["messages"] += messages
            has_cut = True
        return dict(self._cut) if has_cut else None

    @staticmethod
    def _event_bytes(event: dict[str, Any]) -> bytes:
        body = json.dumps(event).encode()
        return _HEAD.pack(4 + len(body), EVENT, 0.0, 1) + struct.pack("<I", len(body)) + body


class SpoolReader:
    """Reads records in order, again and again as the spool grows. Any one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._offset = 0
        self.was_cut = False
        """Whether a file vanished before it was read: set by `read`, taken back by the caller."""

    def read(self, limit_bytes: int = 1 << 20) -> list[SpoolRecord]:
        """The next whole records, about `limit_bytes` of them (at least one); empty at the present end."""
        found: list[SpoolRecord] = []
        room = limit_bytes
        while room > 0:
            path = self._present_file()
            if path is None:
                break
            taken = self._read_file(path, room, found)
            if taken == 0:
                if not self._has_next():
                    break
                taken = self._read_file(path, room, found)  # once more: it may have grown before the next one was begun
            if taken == 0:
                # What is left of this one is a record that was never finished.
                self._number, self._offset = self._number + 1, len(MAGIC)
            room -= taken
        return found

    def rewind(self) -> None:
        """Begin again, at the oldest that is kept."""
        self._number = self._offset = 0

    def _present_file(self) -> Path | None:
        """The file to read in, stepping over those that the writer has dropped."""
        path = self._folder / f"spool-{self._number:06d}.bin"
        if self._number and path.exists():
            return path
        later = [(number, path) for number, path in segments(self._folder) if number > self._number]
        if not later:
            return None
        self.was_cut = self.was_cut or self._number > 0 or later[0][0] != 1
        self._number, self._offset = later[0][0], len(MAGIC)
        return later[0][1]

    def _has_next(self) -> bool:
        return (self._folder / f"spool-{self._number + 1:06d}.bin").exists()

    def _read_file(self, path: Path, room: int, found: list[SpoolRecord]) -> int:
        """Append the records read to `found`; returns how many bytes they had, 0 for none."""
        try:
            with path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(max(room, _LEAST_READ_BYTES))
                needed = _missing(data)
                if needed:  # one record larger than the room: read it whole
                    data += file.read(needed)
        except OSError:
            return 0
        taken = 0
        for record, size in _records(data):
            found.append(record)
            taken += size
        self._offset += taken
        return taken


def _missing(data: bytes) -> int:
    """How many bytes the first record of `data` still lacks."""
    if len(data) < _HEAD.size:
        return 0
    return max(_HEAD.size + int(_HEAD.unpack_from(data)[0]) - len(data), 0)


def _records(data: bytes) -> Iterator[tuple[SpoolRecord, int]]:
    place, view = 0, memoryview(data)
    while place + _HEAD.size <= len(data):
        body, kind, received_s, count = _HEAD.unpack_from(data, place)
        end = place + _HEAD.size + body
        if end > len(data) or body < 4 * count:
            return
        lengths = struct.unpack_from(f"<{count}I", data, place + _HEAD.size)
        first = place + _HEAD.size + 4 * count
        frames = []
        for length in lengths:
            frames.append(bytes(view[first : first + length]))
            first += length
        yield SpoolRecord(kind, received_s, tuple(frames)), end - place
        place = end
