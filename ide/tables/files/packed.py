"""Compressed files, and which format a file is. Part of the process that reads files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

import pyarrow as pa

from ide.tables.files.blocks import Job, Refused
from ide.tables.files.failures import DAMAGED
from ide.tables.files.options import CODE_SUFFIXES, PACKED_SUFFIXES, SUFFIXES, FileOptions, Format

_MAGIC: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"FEA1", "arrow"), (b"SQLite format 3\x00", "sqlite"),
    (b"$FL2", "spss"), (b"$FL3", "spss"), (b"<stata_dta>", "stata"), (b"HEADER RECORD*******", "xport"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheets"),
    (b"\x00" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11", "sas"),
)  # fmt: skip
_PACKED: Final = ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7zXZ\x00", ".xz"), (b"\x28\xb5\x2f\xfd", ".zst"))
_FREE_LEAST_BYTES: Final = 500_000_000
_ZIP_MOST_BYTES: Final = 1_500_000_000
_ZIP_RATIO_MOST: Final = 300
_ZIP_SMALL_BYTES: Final = 20_000_000
_CHUNK_BYTES: Final = 1 << 20


def looked_at(path: Path) -> None:
    """Refuse what is no file with data, and what could run code."""
    suffix = path.suffix.lower()
    if suffix in PACKED_SUFFIXES:
        suffix = path.with_suffix("").suffix.lower()
    if suffix in CODE_SUFFIXES:
        raise Refused(
            "Files of this kind can hold code that runs when they are read, so it is not opened here.",
            "They are written by pickle, NumPy or R's save.",
            "If you trust where it comes from, load it in a kernel.",
        )
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise Refused("This is a folder, not a file.", "", "Choose a file in it.")
    if not stat.S_ISREG(mode):
        raise Refused("This is not an ordinary file (it is a pipe or a device), so it cannot be read as a table.")
    if path.stat().st_size == 0:
        raise Refused("The file is empty.", "It has no bytes at all.")


def format_of(path: Path, options: FileOptions) -> tuple[Format, str]:
    """The format and the compression (a suffix, or empty)."""
    with path.open("rb") as file:
        head = file.read(512)
    packing = next((suffix for magic, suffix in _PACKED if head.startswith(magic)), "")
    if packing:
        with unpacked(path, packing) as stream:
            head = stream.read(512)
    if head[:2] in (b"\x80\x03", b"\x80\x04", b"\x80\x05") or head.startswith(
        (b"\x93NUMPY", b"RDX2", b"RDX3", b"RDA2")
    ):
        raise Refused(
            "This file holds Python or R objects, which can run code when they are read: it is not opened here.",
            "",
            "If you trust where it comes from, load it in a kernel.",
        )
    if options.format:
        return options.format, packing
    return _format(path.with_suffix("") if packing and path.suffix.lower() in PACKED_SUFFIXES else path, head), packing


def _format(path: Path, head: bytes) -> Format:
    """What the first bytes say, then what the name says."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"PK\x03\x04"):
        return "sheets"
    named = SUFFIXES.get(path.suffix.lower())
    if named == "sqlite":
        raise Refused("This is no SQLite database.", DAMAGED)
    if head.startswith(b"\xff\xff\xff\xff") and named in (None, "arrow"):
        return "arrow"  # the stream form begins with a continuation mark
    if named is None and head.lstrip()[:1] in (b"{", b"["):
        return "json"
    return named or "csv"


@contextmanager
def unpacked(path: Path, packing: str) -> Iterator[IO[bytes]]:
    """The bytes of a compressed file."""
    if packing == ".zst":
        with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, "zstd") as stream:
            yield cast("IO[bytes]", stream)
        return
    if packing == ".gz":
        with gzip.open(path) as unzipped:
            yield cast("IO[bytes]", unzipped)
    elif packing == ".bz2":
        with bz2.open(path) as unzipped:
            yield unzipped
    elif packing == ".xz":
        with lzma.open(path) as unzipped:
            yield unzipped
    else:
        with path.open("rb") as file:
            yield file


def unpack(path: Path, packing: str, folder: Path, job: Job) -> Path:
    """A compressed file written out into `folder`, for formats that cannot be read from a stream."""
    target = folder / "unpacked"
    with unpacked(path, packing) as stream, target.open("wb") as sink:
        while chunk := stream.read(_CHUNK_BYTES):
            sink.write(chunk)
            job.progress("Unpacking", sink.tell(), 0)
            keep_free(folder)
    return target


def keep_free(folder: Path) -> None:
    """Refuse to fill the disk."""
    if shutil.disk_usage(folder).free < _FREE_LEAST_BYTES:
        raise Refused(
            "The disk is nearly full, so the file is not unpacked further.", "", "Free some space and reopen."
        )


def check_zip(path: Path) -> None:
    """Refuse a zip file (what modern spreadsheets are) that unpacks to far more than it says or should."""
    if not zipfile.is_zipfile(path):
        raise Refused("This is no whole spreadsheet file.", DAMAGED)
    total = 0
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        if sum(entry.file_size for entry in archive.infolist()) > _ZIP_MOST_BYTES:
            raise _too_large()
        for entry in archive.infolist():
            for count in _inflated(file, entry):
                total += count
                if total > _ZIP_MOST_BYTES or (total > _ZIP_SMALL_BYTES and total > _ZIP_RATIO_MOST * size):
                    raise _too_large()


def _inflated(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[int]:
    """Sizes of the pieces that an entry really unpacks to, whatever it says of itself."""
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        yield entry.compress_size
        return
    file.seek(entry.header_offset + 26)
    lengths = file.read(4)
    file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    machine = zlib.decompressobj(-15)
    left = entry.compress_size
    while left > 0 and not machine.eof:
        data = file.read(min(left, 65_536))
        if not data:
            return
        left -= len(data)
        while data:
            yield len(machine.decompress(data, _CHUNK_BYTES))
            data = machine.unconsumed_tail


def _too_large() -> Refused:
    return Refused(
        "This file unpacks to far more than a spreadsheet should hold, so it is not opened.",
        "Such files can fill the memory of the computer.",
        "If it is a real table, save it as CSV or Parquet.",
    )
