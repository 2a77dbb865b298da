"""Writes a plot to a file; the ending decides the format. In pool threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QImageWriter

from ide.core.errors import CommandError
from ide.panes.plots.model import SVG, Plot
from ide.panes.plots.picture import BrokenPicture, Pictures, on_paper

FILTERS: Final = {
    ".png": "PNG picture (*.png)",
    ".jpg": "JPEG picture (*.jpg *.jpeg)",
    ".svg": "SVG picture (*.svg)",
}
_JPEG: Final = (".jpg", ".jpeg")
JPEG_QUALITY: Final = 92
VECTOR_SCALE: Final = 3
"""A vector picture becomes a bitmap of three times its size: about 300 dots per inch."""


def filters_for(plot: Plot) -> str:
    """What a save dialog offers: the plot's own format first; SVG only where the plot is one."""
    suffixes = [plot.suffix, *(suffix for suffix in (".png", ".jpg") if suffix != plot.suffix)]
    return ";;".join(FILTERS[suffix] for suffix in suffixes)


def path_with_suffix(path: Path, chosen_filter: str, plot: Plot) -> Path:
    """The path with an ending: one that was typed, else that of the chosen filter, else the plot's own."""
    if path.suffix.lower() in (*FILTERS, ".jpeg"):
        return path
    suffix = next((suffix for suffix, text in FILTERS.items() if text == chosen_filter), plot.suffix)
    return path.with_name(path.name + suffix)


def write_plot(plot: Plot, path: Path, pictures: Pictures) -> Path:
    """Write a plot; what was there before stays whole until the new file is. Raises CommandError."""
    suffix = path.suffix.lower()
    if suffix == ".svg" and plot.mime != SVG:
        raise CommandError("This plot can't be saved as SVG.", "The kernel sent a bitmap.", "Save it as PNG.")
    if suffix not in (*FILTERS, ".jpeg"):
        raise CommandError(f"“{path.name}” was not written.", "Its ending names no format.", "End it in .png.")
    try:
        data = plot.data if _is_own_format(plot, suffix) else _converted(plot, suffix, pictures)
        _write(path, data)
    except BrokenPicture as error:
        raise CommandError(f"“{path.name}” was not written.", str(error), f"Save it as {plot.suffix}.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"“{path.name}” was not written.", f"{reason}.", "Choose another place.") from error
    return path


def _is_own_format(plot: Plot, suffix: str) -> bool:
    return suffix == plot.suffix or (plot.suffix in _JPEG and suffix in _JPEG)


def _converted(plot: Plot, suffix: str, pictures: Pictures) -> bytes:
    drawn = pictures.draw(plot.mime, plot.data)
    if plot.mime == SVG:
        own = drawn.own_size
        drawn = pictures.draw_at(plot.mime, plot.data, QSize(own.width() * VECTOR_SCALE, own.height() * VECTOR_SCALE))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"jpeg" if suffix in _JPEG else b"png")
    if suffix in _JPEG:
        writer.setQuality(JPEG_QUALITY)
    if not writer.write(on_paper(drawn.image) if suffix in _JPEG else drawn.image):
        raise BrokenPicture("It can't be turned into that format.")
    data = bytes(buffer.data().data())
    buffer.close()
    return data


def _write(path: Path, data: bytes) -> None:
    """Beside the target, then in its place: a full disk leaves the old file."""
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
