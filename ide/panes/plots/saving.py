"""Writes a plot to a file: its own data, the picture at a size, or what its kernel has drawn anew. In pool threads."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QImage, QImageWriter

from ide.core.errors import CommandError
from ide.core.record import dataclass
from ide.panes.plots.picture import BrokenPicture, Pictures, bytes_of
from ide.panes.plots.plot import SVG, Plot
from ide.panes.plots.seeing import on_paper

Format = Literal["png", "svg", "pdf", "tiff", "jpeg"]
FORMATS: Final[dict[Format, tuple[str, tuple[str, ...]]]] = {
    "png": ("PNG", (".png",)),
    "svg": ("SVG", (".svg",)),
    "pdf": ("PDF", (".pdf",)),
    "tiff": ("TIFF", (".tiff", ".tif")),
    "jpeg": ("JPEG", (".jpg", ".jpeg")),
}
"""Title and endings; the first ending is the one proposed."""
VECTORS: Final = ("svg", "pdf")
JPEG_QUALITY: Final = 92
VECTOR_SCALE: Final = 3
"""A vector picture without a wished size becomes a bitmap of three times its own: about 300 dots per inch."""
POINTS_PER_INCH: Final = 72
PNG_START: Final = b"\x89PNG\r\n\x1a\n"
PNG_HEAD_BYTES: Final = 33
"""Signature and IHDR, after which other chunks may come."""
PLAIN_DPI: Final = 96.0
MM_PER_INCH: Final = 25.4


@dataclass(frozen=True, slots=True)
class Export:
    """How a plot is to be written. Pixels at `dpi` dots per inch are the size on paper, also of PDF and SVG."""

    format: Format
    width_px: int
    height_px: int
    dpi: float = PLAIN_DPI
    is_transparent: bool = False


def format_of(path: Path) -> Format | None:
    """The format that an ending names."""
    suffix = path.suffix.lower()
    return next((format for format, (_title, endings) in FORMATS.items() if suffix in endings), None)


def path_with_suffix(path: Path, format: Format) -> Path:
    """The path with an ending of that format: the one that was typed where it fits."""
    return path if format_of(path) == format else path.with_name(path.name + FORMATS[format][1][0])


def write_plot(plot: Plot, path: Path, pictures: Pictures, export: Export | None = None) -> Path:
    """Write the picture that there is; without `export` as it came, in the format of the ending. Raises CommandError.

    What was there before stays whole until the new file is.
    """
    format = export.format if export is not None else format_of(path)
    if format is None:
        raise CommandError(f"“{path.name}” was not written.", "Its ending names no format.", "End it in .png.")
    if format == "svg" and plot.mime != SVG:
        raise CommandError("This plot can't be saved as SVG.", "The kernel sent a bitmap.", "Save it as PNG.")
    try:
        data = bytes_of(plot) if _is_as_it_came(plot, format, export) else _made(plot, format, pictures, export)
    except BrokenPicture as error:
        raise CommandError(f"“{path.name}” was not written.", str(error), f"Save it as {plot.suffix}.") from error
    return write_bytes(path, data)


def write_bytes(path: Path, data: bytes) -> Path:
    """Beside the target, then in its place: a full disk leaves the old file. Raises CommandError."""
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(data)
            part.replace(target)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"“{path.name}” was not written.", f"{reason}.", "Choose another place.") from error
    return path


def _is_as_it_came(plot: Plot, format: Format, export: Export | None) -> bool:
    return format == "svg" or (export is None and plot.suffix in FORMATS[format][1])


def _made(plot: Plot, format: Format, pictures: Pictures, export: Export | None) -> bytes:
    if format == "pdf" and plot.mime == SVG:
        if export is None:
            own = pictures.draw(SVG, bytes_of(plot)).own_size
            export = Export("pdf", own.width(), own.height())
        return pictures.pdf(bytes_of(plot), *(side / export.dpi * POINTS_PER_INCH for side in _sides(export)))
    image = _image(plot, pictures, export)
    dpi = export.dpi if export is not None else PLAIN_DPI * (VECTOR_SCALE if plot.mime == SVG else 1)
    if format == "jpeg" or (export is not None and not export.is_transparent):
        image = on_paper(image)
    data = pdf_of(image, dpi) if format == "pdf" else _encoded(image, format, dpi)
    return described(data, plot.alt)


def _sides(export: Export) -> tuple[int, int]:
    return export.width_px, export.height_px


def _image(plot: Plot, pictures: Pictures, export: Export | None) -> QImage:
    data = bytes_of(plot)
    if export is not None:
        size = QSize(*_sides(export))
        drawn = pictures.draw_at(SVG, data, size) if plot.mime == SVG else pictures.enlarged(data, size)
        return drawn.image
    drawn = pictures.draw(plot.mime, data)
    if plot.mime == SVG:
        own = drawn.own_size
        drawn = pictures.draw_at(SVG, data, QSize(own.width() * VECTOR_SCALE, own.height() * VECTOR_SCALE))
    return drawn.image


def _encoded(image: QImage, format: Format, dpi: float) -> bytes:
    per_meter = round(dpi * 1000 / MM_PER_INCH)
    image.setDotsPerMeterX(per_meter)
    image.setDotsPerMeterY(per_meter)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, format.encode())
    if format == "jpeg":
        writer.setQuality(JPEG_QUALITY)
    if format == "tiff":
        writer.setCompression(1)  # LZW, without loss
    if not writer.write(image):
        raise BrokenPicture("It can't be turned into that format.")
    data = bytes(buffer.data().data())
    buffer.close()
    return data


def described(data: bytes, words: str) -> bytes:
    """A PNG with what is said of it, as its `Description`; anything else as it is."""
    if not words or not data.startswith(PNG_START):
        return data
    body = b"Description\0\0\0\0\0" + words.encode()
    chunk = len(body).to_bytes(4, "big") + b"iTXt" + body + zlib.crc32(b"iTXt" + body).to_bytes(4, "big")
    return data[:PNG_HEAD_BYTES] + chunk + data[PNG_HEAD_BYTES:]


def pdf_of(image: QImage, dpi: float) -> bytes:
    """A PDF of one page with the image on it, without loss. Written by hand: zlib lets other threads run meanwhile."""
    pixels = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height, line = pixels.width(), pixels.height(), pixels.bytesPerLine()
    bits = pixels.constBits()
    rows = b"".join(bytes(bits[top * line : top * line + width * 3]) for top in range(height))
    packed = zlib.compress(rows, 6)
    points = (width / dpi * POINTS_PER_INCH, height / dpi * POINTS_PER_INCH)
    drawing = f"{points[0]:.3f} 0 0 {points[1]:.3f} 0 0 cm /I Do".encode()
    picture = (
        f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8"
        f"/Filter/FlateDecode/Length {len(packed)}>>\nstream\n"
    ).encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {points[0]:.3f} {points[1]:.3f}]/Contents 4 0 R"
        "/Resources<</XObject<</I 5 0 R>>>>>>".encode(),
        f"<</Length {len(drawing)}>>\nstream\n".encode() + drawing + b"\nendstream",
        picture + packed + b"\nendstream",
    ]
    made = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(parts) + 1
    tail = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{len(made)}\n"
    )
    return made + tail.encode() + b"%%EOF\n"
