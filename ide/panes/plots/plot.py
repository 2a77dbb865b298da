"""What a plot is: a picture that knows where it comes from. Pure records; the bytes may lie on disk (`store.py`)."""

from __future__ import annotations

import base64
import binascii
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from time import localtime, strftime
from typing import Any, Final

from ide.core.outputs import Display
from ide.core.record import dataclass
from ide.core.runs import CodeSource

SVG: Final = "image/svg+xml"
PICTURE_TYPES: Final[tuple[str, ...]] = (SVG, "image/png", "image/jpeg")
"""MIME types that this pane shows, the preferred one first."""

MAX_SVG_BYTES: Final = 5_000_000
MAX_SVG_ELEMENTS: Final = 50_000
"""A larger SVG is passed over for the bitmap beside it; where there is none, one of too many bytes is not drawn
(`widgets/safe_markup.py`), and one of too many elements is drawn once and zoomed as a bitmap."""
MOST_PICTURE_BYTES: Final = 64_000_000
"""More is not decoded: it would hold up the window."""


class Picture:
    """The bytes of one picture: in memory until they are on disk, then read from there at each use. Any thread.

    What came as base64 is decoded by whoever reads it first: the thread of the store, or one that draws.
    """

    __slots__ = ("_data", "_file", "_lock", "size_bytes")

    def __init__(self, data: bytes | str | None, size_bytes: int = 0, file: Path | None = None) -> None:
        """`data` is the picture, or base64 of it in whole groups of four without line ends (`is_plain_base64`)."""
        self._lock = threading.Lock()
        self._data = data
        self._file = file
        if isinstance(data, str):
            size_bytes = len(data) // 4 * 3 - data[-2:].count("=")
        self.size_bytes = len(data) if isinstance(data, bytes) else size_bytes

    @property
    def is_in_memory(self) -> bool:
        """Whether it takes memory of the window."""
        return self._data is not None

    def read(self) -> bytes:
        """The picture as the kernel sent it. Reads the disk; raises OSError where the file is gone or damaged."""
        with self._lock:
            if isinstance(self._data, str):
                self._data = _decoded(self._data) or b""
            if self._data is not None:
                return self._data
            file = self._file
        assert file is not None
        for name in (file, file.with_suffix(DELETED_SUFFIX)):
            try:
                return read_body(name)
            except FileNotFoundError:
                continue
        raise FileNotFoundError(2, "The file with this picture is gone")

    def move_to(self, file: Path) -> None:
        """From now on it is read from `file`, which holds it."""
        with self._lock:
            self._file = file
            self._data = None


def is_plain_base64(text: str) -> bool:
    """Whether its size tells that of the picture. What is in it is not looked at."""
    return bool(text) and len(text) % 4 == 0 and text.isascii() and "\n" not in text


def _decoded(text: str) -> bytes | None:
    """None for what is damaged."""
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None


DELETED_SUFFIX: Final = ".deleted"
"""A plot that was taken away, until it is certain that it is not brought back."""
_MAGIC: Final = b"fourpane plot 1\n"
_LENGTH_BYTES: Final = 4


class DamagedFileError(OSError):
    """Not a file of ours, or only a part of one."""


def file_bytes(head: bytes, body: bytes, mime: str) -> bytes:
    """One plot as it lies on disk: what it is (JSON), then the picture; text is compressed, bitmaps already are."""
    packed = zlib.compress(head)
    return (
        _MAGIC
        + len(packed).to_bytes(_LENGTH_BYTES, "little")
        + packed
        + (b"z" + zlib.compress(body, 1) if mime == SVG else b"=" + body)
    )


def read_head(file: Path) -> tuple[bytes, int]:
    """What the plot in `file` is, and how many bytes its picture takes there. Raises OSError."""
    with file.open("rb") as stream:
        head = _head(stream.read)
        return head, file.stat().st_size - stream.tell() - 1


def read_body(file: Path) -> bytes:
    """The picture in `file`. Raises OSError."""
    with file.open("rb") as stream:
        _head(stream.read)
        body = stream.read()
    if body[:1] == b"=":
        return body[1:]
    try:
        return zlib.decompress(body[1:])
    except zlib.error as error:
        raise DamagedFileError(5, "The file with this picture is damaged") from error


def _head(read: Any) -> bytes:
    if read(len(_MAGIC)) == _MAGIC:
        packed = read(int.from_bytes(read(_LENGTH_BYTES), "little"))
        try:
            return zlib.decompress(packed)
        except zlib.error:
            pass
    raise DamagedFileError(5, "The file with this picture is damaged")


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture. `id` counts plots from 1 as they arrive, `version` its redraws.

    `order` counts the pictures of its run.

    `figure`, `draw_ms`, `width_px` to `dpi`, `is_sized` and `problem` are what the agent said of it (`ShownPlot` of the
    contract): under `figure` it can be drawn again while its kernel lives; empty where it can't. `note` tells what is
    shown in place of what came. `alt` describes it for those who do not see it.
    """

    id: int
    mime: str
    picture: Picture
    session: str
    run: str
    code: str
    source: CodeSource | None
    at_s: float
    display_id: str = ""
    version: int = 0
    order: int = 0
    session_name: str = ""
    language: str = ""
    figure: str = ""
    draw_ms: int = 0
    width_px: int = 0
    height_px: int = 0
    dpi: float = 0.0
    is_sized: bool = False
    problem: str = ""
    note: str = ""
    is_heavy: bool = False
    is_pinned: bool = False
    alt: str = ""

    @property
    def data(self) -> bytes:
        """The picture's own bytes; reads the disk. Raises OSError."""
        return self.picture.read()

    @property
    def is_vector(self) -> bool:
        """Whether it is drawn anew at each size."""
        return self.mime == SVG and not self.is_heavy

    @property
    def place(self) -> str:
        """The file and line (from 1) that drew it, or its cell's title; empty for what was typed."""
        source = self.source
        if source is None:
            return ""
        return f"{source.path.name}:{source.line + 1}" if source.path is not None else source.title

    @property
    def words(self) -> str:
        """What it is called where it cannot be seen: its number and where it comes from."""
        source = self.source
        place = "" if source is None else source.title or (source.path.name if source.path is not None else "")
        return f"Plot {self.id}, {place}" if place else f"Plot {self.id}"

    @property
    def at(self) -> str:
        """When it came, in local time; with the day unless that is today."""
        day = strftime("%Y-%m-%d", localtime(self.at_s))
        clock = strftime("%H:%M:%S", localtime(self.at_s))
        return clock if day == strftime("%Y-%m-%d") else f"{day} {clock}"

    @property
    def suffix(self) -> str:
        """Ending of a file with this picture."""
        return {SVG: ".svg", "image/png": ".png", "image/jpeg": ".jpg"}[self.mime]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A picture as it came: its type, its data, and what is to be said about the choice."""

    mime: str
    data: bytes | str
    """Base64 where that is still to be decoded (`Picture`)."""
    note: str = ""
    is_heavy: bool = False


def picture_of(display: Display) -> Arrived | None:
    """The best picture of a MIME bundle; None when it holds none or it is damaged."""
    note = ""
    is_heavy = False
    for mime in PICTURE_TYPES:
        value = display.data.get(mime)
        if value is None:
            continue
        text = "".join(value) if isinstance(value, list) else str(value)
        if mime == SVG:
            reason = too_much(text)
            has_bitmap = any(other in display.data for other in PICTURE_TYPES[1:])
            if reason and has_bitmap:
                note = f"Its SVG has {reason}, so the bitmap is shown."
                continue
            if reason and len(text) <= MAX_SVG_BYTES:
                note, is_heavy = f"Its SVG has {reason}, so it is zoomed as a bitmap.", True
        elif len(text) > MOST_PICTURE_BYTES * 4 // 3:
            return Arrived(mime, b"", f"It has {len(text) * 3 // 4 // 10**6} MB, too much to be shown.")
        if mime != SVG and is_plain_base64(text):
            return Arrived(mime, text, note, is_heavy)
        data = text.encode() if mime == SVG else _decoded(text)
        if data is not None:
            return Arrived(mime, data, note, is_heavy)
    return None


def too_much(svg: str) -> str:
    """What an SVG has too much of, in words; empty where it is drawn at every size."""
    if len(svg) > MAX_SVG_BYTES:
        return f"{len(svg) / 1e6:.1f} MB"
    elements = svg.count("<") - svg.count("</") - svg.count("<!")
    return f"{elements:,} elements".replace(",", "\u2009") if elements > MAX_SVG_ELEMENTS else ""


def said_by_agent(display: Display, mime: str) -> Mapping[str, Any]:
    """`ShownPlot` of the contract, as it came; empty where no agent said anything."""
    of_type = display.metadata.get(mime)
    said = of_type.get("fourpane") if isinstance(of_type, Mapping) else None
    return said if isinstance(said, Mapping) else {}
