"""Bytes to text and back. What a file holds is never guessed in silence: either it fits, or the user is asked."""

from __future__ import annotations

import codecs
import re

from ide.core.errors import DocumentError
from ide.core.record import dataclass

# Longest mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BOM = {encoding: mark for mark, encoding in _MARKS}
_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
OFFERED = ("utf-8", "latin-1", "cp1252", "utf-16", "cp1251", "shift_jis", "gb18030", "euc-kr")


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is a Python codec name; `is_declared` tells that the text names it (`# -*- coding: latin-1 -*-`)."""

    name: str = "utf-8"
    has_bom: bool = False
    is_declared: bool = False


class WrongEncodingError(DocumentError):
    """The bytes are text, but not in this encoding."""


class BinaryFileError(DocumentError):
    """The bytes are not text."""


def decode(data: bytes, chosen: str = "", *, name: str = "The file") -> tuple[str, Encoding]:
    """The text of a file, raising where any byte of it would be lost.

    `chosen` is the user's own choice and beats everything but a byte order mark.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], Encoding(encoding, has_bom=True), name)
    if chosen:
        return _strictly(data, Encoding(normalised(chosen)), name)
    if declared := declared_encoding(data[:4096]):
        return _strictly(data, Encoding(declared, is_declared=True), name)
    if b"\0" in data:
        raise _not_text(data, name)
    return _strictly(data, Encoding(), name)


def encode(text: str, encoding: Encoding, *, name: str = "The file") -> bytes:
    """The bytes of a text, mark included. Raises WrongEncodingError for a character that the encoding lacks."""
    if encoding.is_declared and (declared := declared_encoding(text[:2048].encode("utf-8", "replace"))):
        encoding = Encoding(declared, is_declared=True)
    mark = _BOM.get(encoding.name, b"") if encoding.has_bom else b""
    try:
        return mark + text.encode(encoding.name)
    except (UnicodeError, LookupError) as error:
        what = repr(text[error.start]) if isinstance(error, UnicodeEncodeError) else "a character"
        raise WrongEncodingError(
            f"{name} cannot be saved as {encoding.name}: {what} does not exist there.",
            "Nothing was written; the text is kept in the window.",
            "Save it as UTF-8.",
            action="document.save_as_utf8",
            action_title="Save as UTF-8",
        ) from error


def declared_encoding(head: bytes) -> str:
    """The codec that the first two lines name, as PEP 263 says; empty where none or an unknown one is named."""
    for line in head.splitlines()[:2]:
        if match := _DECLARED.match(line):
            return normalised(match[1].decode("ascii"), unknown="")
        if not _BLANK.match(line):
            return ""
    return ""


def normalised(name: str, *, unknown: str | None = None) -> str:
    """Python's own name of a text codec; `unknown`, or the name as it is, where there is none."""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return name if unknown is None else unknown
    is_text = getattr(info, "_is_text_encoding", True)
    return {"utf-8-sig": "utf-8"}.get(info.name, info.name) if is_text else (name if unknown is None else unknown)


def _strictly(data: bytes, encoding: Encoding, name: str) -> tuple[str, Encoding]:
    """Decode so that encoding again gives the same bytes: otherwise a save would change lines that nobody touched."""
    try:
        text = data.decode(encoding.name)
        lossless = text.isascii() or text.encode(encoding.name) == data
    except (UnicodeError, LookupError) as error:
        raise _wrong(encoding, name) from error
    if not lossless:
        raise _wrong(encoding, name)
    return text, encoding


def _wrong(encoding: Encoding, name: str) -> WrongEncodingError:
    offered = "latin-1" if encoding.name != "iso8859-1" else "utf-8"
    return WrongEncodingError(
        f"{name} is not {encoding.name.upper()} text.",
        "Opened as that, some of its characters would be lost; so it was not opened.",
        f"Open it in another encoding: {offered} can show any file.",
        action="document.open_with_encoding",
        action_title=f"Open as {offered}",
        action_arguments={"encoding": offered, "offered": OFFERED},
    )


def _not_text(data: bytes, name: str) -> DocumentError:
    if len(data) >= 4 and len(data) % 2 == 0 and _looks_like_utf16(data[:512]):
        order = "utf-16-le" if data[1:512:2].count(0) > data[0:512:2].count(0) else "utf-16-be"
        return WrongEncodingError(
            f"{name} looks like UTF-16 text without a mark.",
            "It was not opened, because that is a guess.",
            "Open it as UTF-16.",
            action="document.open_with_encoding",
            action_title="Open as UTF-16",
            action_arguments={"encoding": order, "offered": OFFERED},
        )
    return BinaryFileError(
        f"{name} is not a text file.",
        "It holds bytes that no text has, so the editor would damage it.",
        "Open it with the program that made it.",
        action="file.reveal",
        action_title="Show in folder",
    )


def _looks_like_utf16(head: bytes) -> bool:
    half = len(head) // 2
    zeros = max(head[0::2].count(0), head[1::2].count(0))
    return zeros > half * 0.4 and min(head[0::2].count(0), head[1::2].count(0)) < half * 0.1
