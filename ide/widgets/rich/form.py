"""Which of a bundle's types says most, and in which form it is shown. Pure; any thread."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from ide.core.record import dataclass
from ide.widgets.safe_markup import is_active_html

Form = Literal["svg", "raster", "pdf", "sound", "video", "html", "markdown", "formula", "json", "text", "none"]

RASTER: Final = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
PDF: Final = "application/pdf"
SUFFIXES: Final = {
    "image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp",
    "image/webp": ".webp", PDF: ".pdf", "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/mp4": ".m4a", "video/mp4": ".mp4", "video/webm": ".webm",
    "video/ogg": ".ogv", "text/html": ".html", "text/markdown": ".md", "text/latex": ".tex",
    "application/json": ".json", "text/plain": ".txt",
}  # fmt: skip
"""Endings of files, by type. Nothing of another type is ever handed to a program outside."""
MEDIA_HEAD: Final = 4_000
"""Characters at the start of HTML in which a player of sound or film is looked for."""

_OBJECT = re.compile(r"<[\w.]+ object(?: at 0x[0-9a-f]+)?>\Z")
_MEDIA = re.compile(r"data:((?:audio|video)/[\w.+-]{1,40});base64,")


class DamagedData(ValueError):
    """What came cannot be read; the message says why, for the user."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How to show a bundle: its form, the type that it comes from, and where its data begin in the HTML, if there."""

    form: Form
    mime: str
    offset: int = 0


def choose(bundle: Mapping[str, Any]) -> Choice:
    """The form of a bundle: a page or a picture first, then what says most without scripts."""
    if PDF in bundle:
        return Choice("pdf", PDF)
    if "image/svg+xml" in bundle:
        return Choice("svg", "image/svg+xml")
    for mime in bundle:
        if mime in RASTER:
            return Choice("raster", mime)
        if mime.startswith("audio/"):
            return Choice("sound", mime)
        if mime.startswith("video/"):
            return Choice("video", mime)
    if "text/html" in bundle:
        html = as_text(bundle["text/html"])
        if media := _MEDIA.search(html, 0, MEDIA_HEAD):
            return Choice("sound" if media[1].startswith("audio/") else "video", media[1], media.end())
        if not is_active_html(html):
            return Choice("html", "text/html")
    if "text/markdown" in bundle:
        return Choice("markdown", "text/markdown")
    if "text/latex" in bundle:
        return Choice("formula", "text/latex")
    if tree := next((mime for mime in bundle if mime == "application/json" or mime.endswith("geo+json")), ""):
        return Choice("json", tree)
    return Choice("text", "text/plain") if "text/plain" in bundle else Choice("none", next(iter(bundle), ""))


def says_little(plain: str) -> bool:
    """Whether a plain text is only the name of an object, so that any other form says more."""
    return not plain.strip() or _OBJECT.match(plain.strip()) is not None


def as_text(value: object) -> str:
    """Jupyter writes text as one string or as a list of lines; JSON comes as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def as_bytes(bundle: Mapping[str, Any], choice: Choice) -> bytes:
    """The data of what was chosen. Raises DamagedData."""
    if choice.offset:
        html = as_text(bundle["text/html"])
        ends = [end for mark in "\"' >" if (end := html.find(mark, choice.offset)) >= 0]
        text = html[choice.offset : min(ends, default=len(html))]
    else:
        text = as_text(bundle[choice.mime])
    if choice.mime.startswith("text/") or choice.mime in ("image/svg+xml", "application/json"):
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise DamagedData("its data are damaged") from error


def size_words(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
