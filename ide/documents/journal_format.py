"""The format of a journal: what was typed into one document, as checked records in one append-only file.

A record is a line `CHECKSUM SEQUENCE LENGTH KIND`, LENGTH bytes and a line break. The checksum (CRC-32 of sequence,
kind and bytes) begins with that of the record before, so that a record that is missing, doubled or damaged ends the
valid part. Kinds that a reader does not know are passed over: a newer program may add some.

    h  head: what the document is (JSON, see `Head`), always the first
    t  the whole text (UTF-8)                    g  every line's ending, where they are mixed
    e  an edit [start, removed_length, inserted]
    v  the view [caret, anchor, first_line]      m  changed fields of the head
    s  a save begins {"digest", "temporary"}     d  a save is done {"signature"}
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from ide.core.record import dataclass, field, replace
from ide.core.text import Edit
from ide.documents.line_endings import LineEndings
from ide.documents.signature import Signature, signature_from
from ide.documents.text_buffer import TextBuffer

FORMAT_VERSION = 1
HEAD, TEXT, ENDINGS, EDIT, VIEW, CHANGED, SAVING, SAVED = "h", "t", "g", "e", "v", "m", "s", "d"


@dataclass(frozen=True, slots=True)
class View:
    """Where the editor stood: offsets in code points, `first_line` the topmost line shown."""

    caret: int = 0
    anchor: int = 0
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """What a document is, but for its text. `order` is its place among the tabs."""

    key: str
    path: str = ""
    title: str = ""
    language: str = ""
    project: str = ""
    order: int = 0
    encoding: str = "utf-8"
    has_bom: bool = False
    is_declared: bool = False
    line_ending: str = "\n"
    signature: Signature | None = None
    is_active: bool = False

    def fields(self) -> dict[str, object]:
        """For a record of kind h or m."""
        values: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        values["signature"] = self.signature.as_list() if self.signature else None
        return values


@dataclass(slots=True)
class Replayed:
    """What a journal told. `text` is None where nothing was typed: then the file on disk is the text.

    `saves` are digests of versions that this program was about to write. `valid_bytes` is the length of the part that
    could be read; `is_damaged` tells that there was more. `is_newer` tells that a later version of the program made it.
    """

    head: Head
    text: str | None = None
    endings: bytes | None = None
    view: View | None = None
    saves: list[str] = field(default_factory=list)
    temporaries: list[str] = field(default_factory=list)
    sequence: int = 0
    checksum: int = 0
    valid_bytes: int = 0
    is_damaged: bool = False
    is_newer: bool = False


class Encoder:
    """Makes the records of one journal file, in order."""

    def __init__(self, sequence: int = 0, checksum: int = 0) -> None:
        self._sequence = sequence
        self._checksum = checksum

    def record(self, kind: str, payload: bytes) -> bytes:
        """The next record."""
        self._sequence += 1
        self._checksum = _checksum(self._checksum, self._sequence, kind, payload)
        return b"%08x %d %d %s\n%b\n" % (self._checksum, self._sequence, len(payload), kind.encode(), payload)


def edit_payload(edit: Edit) -> bytes:
    """The bytes of a record of kind e."""
    return json.dumps([edit.start, edit.removed_length, edit.inserted]).encode("ascii")


def text_payload(pieces: Iterable[str]) -> bytes:
    """The bytes of a record of kind t. Half characters (lone surrogates) are kept."""
    return "".join(pieces).encode("utf-8", "surrogatepass")


def json_payload(value: object) -> bytes:
    """The bytes of a record that holds JSON."""
    return json.dumps(value).encode("ascii")


def replay(data: bytes) -> Replayed | None:
    """Play back the valid part of a journal; None where not even the head can be read."""
    state: Replayed | None = None
    buffer: TextBuffer | None = None
    endings = LineEndings()
    for kind, payload, sequence, checksum, end in _records(data):
        try:
            if state is None:
                state = _begin(payload) if kind == HEAD else None
                if state is None:
                    return None
            elif kind == TEXT:
                buffer = TextBuffer(payload.decode("utf-8", "surrogatepass"))
                endings = LineEndings(state.head.line_ending)
            elif kind == ENDINGS:
                endings = LineEndings(state.head.line_ending, bytearray(payload))
            elif kind == EDIT and buffer is not None:
                _edit(buffer, endings, Edit(*json.loads(payload)))
            else:
                _note(state, kind, payload)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            break
        state.sequence, state.checksum, state.valid_bytes = sequence, checksum, end
    if state is None:
        return None
    state.text = buffer.text if buffer is not None else None
    state.endings = bytes(endings.each) if endings.each is not None else None
    state.is_damaged = state.valid_bytes < len(data)
    return state


def _edit(buffer: TextBuffer, endings: LineEndings, edit: Edit) -> None:
    line = buffer.line_at(edit.start) if endings.is_mixed else 0
    endings.follow(edit, buffer.apply(edit), line)


def _begin(payload: bytes) -> Replayed:
    values = json.loads(payload)
    head = _changed(Head(str(values["key"])), values)
    return Replayed(head, is_newer=int(values.get("version", FORMAT_VERSION)) > FORMAT_VERSION)


def _note(state: Replayed, kind: str, payload: bytes) -> None:
    if kind == VIEW:
        caret, anchor, first_line = json.loads(payload)
        state.view = View(int(caret), int(anchor), int(first_line))
    elif kind == CHANGED:
        state.head = _changed(state.head, json.loads(payload))
    elif kind == SAVING:
        values = json.loads(payload)
        state.saves.append(str(values["digest"]))
        state.temporaries.append(str(values["temporary"]))
    elif kind == SAVED:
        state.head = replace(state.head, signature=signature_from(json.loads(payload)["signature"]))


def _changed(head: Head, values: dict[str, Any]) -> Head:
    """Take over the fields that are there and of the right type."""
    known: dict[str, Any] = {}
    for name in Head.__slots__:
        if name == "signature" and name in values:
            known[name] = signature_from(values[name])
        elif name != "key" and name in values and type(values[name]) is type(getattr(head, name)):
            known[name] = values[name]
    return replace(head, **known)


def _records(data: bytes) -> Iterator[tuple[str, bytes, int, int, int]]:
    """Records whose checksum holds, up to the first that is damaged."""
    position, sequence, checksum = 0, None, 0
    while position < len(data):
        line_end = data.find(b"\n", position, position + 64)
        parts = data[position:line_end].split(b" ") if line_end > 0 else []
        try:
            told, number, length, kind = int(parts[0], 16), int(parts[1]), int(parts[2]), parts[3].decode("ascii")
        except (ValueError, IndexError):
            return
        start = line_end + 1
        payload = data[start : start + length]
        if length < 0 or data[start + length : start + length + 1] != b"\n" or number != (sequence or 0) + 1:
            return
        checksum = _checksum(checksum, number, kind, payload)
        if checksum != told:
            return
        sequence, position = number, start + length + 1
        yield kind, payload, number, checksum, position


def _checksum(before: int, sequence: int, kind: str, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(f"{sequence} {kind} ".encode(), before))
