"""Writes small files of two formats that no library at hand writes: binary workbooks (.xlsb) and SAS data (.sas7bdat).

Both follow the published descriptions: Microsoft's [MS-XLSB], and "SAS7BDAT Database Binary Format" by M. Shotwell.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# ---- .xlsb: a zip of parts, each a row of records with a number, a size and content

_ROW, _ERROR, _BOOL, _REAL, _SHARED = 0, 3, 4, 5, 7
_SST_ITEM, _FORMAT, _LOOK = 19, 44, 47
_BEGIN_BOOK, _END_BOOK, _BEGIN_SHEETS, _END_SHEETS, _SHEET = 131, 132, 143, 144, 156
_BEGIN_SHEET, _END_SHEET, _BEGIN_DATA, _END_DATA, _DIMENSION = 129, 130, 145, 146, 148
_BEGIN_SST, _END_SST = 159, 160
_BEGIN_STYLES, _END_STYLES, _BEGIN_FORMATS, _END_FORMATS, _BEGIN_LOOKS, _END_LOOKS = 278, 279, 615, 616, 617, 618
_DIVISION_BY_ZERO = 7
_PLAIN, _DAY = 0, 1  # looks of cells
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Day:
    """A number of days since 1899-12-30 that is shown as a date."""

    days: float


def write_xlsb(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> None:
    """Cells are str, float, bool, Day, None (nothing), or an exception (an error of the sheet)."""
    texts = {cell: None for rows in sheets.values() for row in rows for cell in row if isinstance(cell, str)}
    shared = {text: number for number, text in enumerate(texts)}
    relations = [("styles", "styles.bin"), ("sharedStrings", "sharedStrings.bin")]
    relations += [("worksheet", f"worksheets/sheet{number}.bin") for number in range(len(sheets))]
    told = [
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(relations)
    ]
    book = b"".join(
        _record(_SHEET, struct.pack("<II", 0, number + 1) + _wide(f"r{number + 2}") + _wide(name))
        for number, name in enumerate(sheets)
    )
    looks = b"".join(_record(_LOOK, struct.pack("<HHHHHBBHH", 0, look, 0, 0, 0, 0, 0, 0, 0)) for look in (0, 164))
    styles = (
        _within(_BEGIN_FORMATS, struct.pack("<I", 1), _record(_FORMAT, b"\xa4\x00" + _wide("yyyy-mm-dd")), _END_FORMATS)
        + _within(_BEGIN_LOOKS, struct.pack("<I", 2), looks, _END_LOOKS)
    )  # fmt: skip
    items = b"".join(_record(_SST_ITEM, b"\0" + _wide(text)) for text in shared)
    count = struct.pack("<II", len(shared), len(shared))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/_rels/workbook.bin.rels", f"<Relationships>{''.join(told)}</Relationships>")
        sheet_list = _within(_BEGIN_SHEETS, b"", book, _END_SHEETS)
        archive.writestr("xl/workbook.bin", _within(_BEGIN_BOOK, b"", sheet_list, _END_BOOK))
        archive.writestr("xl/styles.bin", _within(_BEGIN_STYLES, b"", styles, _END_STYLES))
        archive.writestr("xl/sharedStrings.bin", _within(_BEGIN_SST, count, items, _END_SST))
        for number, rows in enumerate(sheets.values()):
            archive.writestr(f"xl/worksheets/sheet{number}.bin", _sheet(rows, shared))


def _sheet(rows: Sequence[Sequence[object]], shared: dict[str, int]) -> bytes:
    width = max(map(len, rows), default=0)
    size = struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(0, width - 1))
    cells = b"".join(
        _record(_ROW, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        + b"".join(_cell(column, cell, shared) for column, cell in enumerate(row))
        for number, row in enumerate(rows)
    )
    content = _record(_DIMENSION, size) + _within(_BEGIN_DATA, b"", cells, _END_DATA)
    return _within(_BEGIN_SHEET, b"", content, _END_SHEET)


def _cell(column: int, cell: object, shared: dict[str, int]) -> bytes:
    place = struct.pack("<II", column, _DAY if isinstance(cell, Day) else _PLAIN)
    match cell:
        case None:
            return b""
        case bool():
            return _record(_BOOL, place + bytes([cell]))
        case str():
            return _record(_SHARED, place + struct.pack("<I", shared[cell]))
        case Day():
            return _record(_REAL, place + struct.pack("<d", cell.days))
        case int() | float():
            return _record(_REAL, place + struct.pack("<d", cell))
        case _:
            return _record(_ERROR, place + bytes([_DIVISION_BY_ZERO]))


def _record(number: int, content: bytes = b"") -> bytes:
    """A number of one or two bytes, a size of seven bits a byte, the content."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size, rest = b"", len(content)
    while rest > 0x7F:
        size, rest = size + bytes([rest & 0x7F | 0x80]), rest >> 7
    return head + size + bytes([rest]) + content


def _within(first: int, about: bytes, content: bytes, last: int) -> bytes:
    return _record(first, about) + content + _record(last)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


# ---- .sas7bdat: a header, and here one page, of 32 bits and little endian: subheaders at its end, rows at its begin

_MAGIC = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_HEADER_SIZE, _PAGE_SIZE, _PAGE_HEAD, _POINTER = 1024, 8192, 24, 12
_MIXED_PAGE = 512
_UTF8, _LITTLE_ENDIAN, _UNIX = 20, 1, ord("1")
_NUMBER, _TEXT = 1, 2
MISSING = b"\x00\x00\x00\x00\x00\xfe\xff\xff"
"""SAS's `.`, a special NaN."""


@dataclass(frozen=True)
class Variable:
    """`width` 0 for a number, else the bytes of a text."""

    name: str
    width: int = 0
    format: str = ""
    label: str = ""


def write_sas7bdat(path: Path, variables: Sequence[Variable], rows: Iterable[Sequence[float | str | None]]) -> None:
    """One page of rows. None is a missing number; texts are filled up with spaces."""
    packed = [b"".join(map(_value, variables, row)) for row in rows]
    subheaders = _subheaders(variables, len(packed[0]), len(packed))
    page = bytearray(_PAGE_SIZE)
    struct.pack_into("<HHH", page, 16, _MIXED_PAGE, len(packed) + len(subheaders), len(subheaders))
    end = _PAGE_SIZE
    for number, subheader in enumerate(subheaders):
        end -= len(subheader)
        page[end : end + len(subheader)] = subheader
        struct.pack_into("<IIBB", page, _PAGE_HEAD + number * _POINTER, end, len(subheader), 0, 0)
    first = -(-(_PAGE_HEAD + len(subheaders) * _POINTER) // 8) * 8
    data = b"".join(packed)
    assert first + len(data) <= end, "this writer has one page only"
    page[first : first + len(data)] = data
    path.write_bytes(_header() + page)


def _header() -> bytes:
    header = bytearray(_HEADER_SIZE)
    header[:32] = _MAGIC
    header[32], header[35], header[37], header[39], header[70] = 0x22, 0x22, _LITTLE_ENDIAN, _UNIX, _UTF8
    words = {84: "SAS FILE", 92: "TABLE".ljust(64), 156: "DATA    ", 216: "9.0401M1", 272: "Linux"}
    for place, text in words.items():
        header[place : place + len(text)] = text.encode()
    struct.pack_into("<III", header, 196, _HEADER_SIZE, _PAGE_SIZE, 1)
    return bytes(header)


def _subheaders(variables: Sequence[Variable], row_size: int, row_count: int) -> list[bytes]:
    text = bytearray(24)  # the size of what follows, and what tells of the program that wrote the file
    places: dict[str, tuple[int, int, int]] = {"": (0, 0, 0)}
    for word in (word for one in variables for word in (one.name, one.format, one.label)):
        if word not in places:
            places[word] = (0, len(text), len(word.encode()))
            text += word.encode().ljust(-(-len(word.encode()) // 4) * 4, b"\0")
    sizes = bytearray(480)
    struct.pack_into("<I", sizes, 0, 0xF7F7F7F7)
    struct.pack_into("<II", sizes, 20, row_size, row_count)
    struct.pack_into("<II", sizes, 36, len(variables), 0)
    struct.pack_into("<II", sizes, 52, _PAGE_SIZE, 0)
    struct.pack_into("<I", sizes, 60, row_count)
    names = b"".join(struct.pack("<HHHH", *places[one.name], 0) for one in variables)
    offset, attributes = 0, b""
    for one in variables:
        width = one.width or 8
        attributes += struct.pack("<IIHBB", offset, width, 4, _TEXT if one.width else _NUMBER, 0)
        offset += width
    formats = [
        struct.pack("<I30xHHHHHH6x", 0xFFFFFBFE, *places[one.format], *places[one.label]) for one in variables
    ]  # fmt: skip
    return [
        bytes(sizes), struct.pack("<III", 0xF6F6F6F6, len(variables), 0),
        _counted(0xFFFFFFFD, bytes(text[4:]) + bytes(8)), _counted(0xFFFFFFFF, names + bytes(8), 4),
        _counted(0xFFFFFFFC, attributes + bytes(8), 4), *formats,
    ]  # fmt: skip


def _counted(signature: int, content: bytes, gap: int = 0) -> bytes:
    """A subheader that tells the bytes in it, without the twelve around them."""
    size = 4 + 4 + gap + len(content)
    return struct.pack("<IHH", signature, size - 12, 0) + bytes(gap) + content


def _value(variable: Variable, value: float | str | None) -> bytes:
    if isinstance(value, str):
        return value.encode().ljust(variable.width)
    return MISSING if value is None else struct.pack("<d", value)
