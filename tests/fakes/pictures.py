"""Small pictures of known content, as kernels send them."""

from __future__ import annotations

import base64
import struct
import zlib

from ide.core.outputs import Display


def png(width: int, height: int, rgb: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + bytes(rgb) * width) * height
    return png_claiming(width, height) + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")


def png_claiming(width: int, height: int) -> bytes:
    """The start of a PNG of that size; what it promises never comes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_display(data: bytes, display_id: str = "", *, is_update: bool = False) -> Display:
    """A PNG as Jupyter sends it."""
    bundle = {"image/png": base64.b64encode(data).decode(), "text/plain": "<Figure>"}
    return Display(bundle, display_id=display_id, is_update=is_update)


def svg(content: str, width: int = 40, height: int = 30) -> str:
    """An SVG of that size in pixels."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{content}</svg>'
    )


def svg_display(text: str) -> Display:
    """An SVG as Jupyter sends it."""
    return Display({"image/svg+xml": text, "text/plain": "<Figure>"})


RED_SQUARE = '<rect width="40" height="30" fill="#ff0000"/>'
USE_BOMB = (
    '<defs><rect id="a0" width="1" height="1"/>'
    + "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 12))
    + '</defs><use href="#a11"/>'
)
"""A few hundred bytes that draw a square 1e11 times."""
