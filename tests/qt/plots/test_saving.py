"""Files: the size, resolution and format that were asked for, read again by another program where there is one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage, QImageReader

from ide.core.errors import CommandError
from ide.panes.plots.picture import Pictures
from ide.panes.plots.plot import SVG, Picture, Plot
from ide.panes.plots.saving import Export, Format, described, format_of, path_with_suffix, pdf_of, write_plot
from tests.fakes.pictures import RED_SQUARE, png, svg


@pytest.fixture
def pictures(qapp: object) -> Iterator[Pictures]:
    made = Pictures()
    yield made
    made.close()


def plot(data: bytes, mime: str = "image/png", alt: str = "") -> Plot:
    return Plot(1, mime, Picture(data), "s1", "r1", "plot()", None, 1.0, alt=alt)


BITMAP = plot(png(40, 30, (7, 8, 9)), alt="Größe")
VECTOR = plot(svg(RED_SQUARE).encode(), SVG)


@pytest.mark.parametrize("what", [BITMAP, VECTOR], ids=["bitmap", "vector"])
@pytest.mark.parametrize("format", ["png", "tiff", "jpeg"])
def test_a_bitmap_file_has_the_size_and_resolution_asked_for(
    pictures: Pictures, tmp_path: Path, what: Plot, format: Format
) -> None:
    path = write_plot(what, tmp_path / f"a.{format}", pictures, Export(format, 200, 120, 254))
    image = QImage(str(path))
    assert bytes(QImageReader.imageFormat(str(path)).data()).decode() == format
    assert (image.size(), image.dotsPerMeterX()) == (QSize(200, 120), 10_000)
    assert image.hasAlphaChannel() is False


def test_a_transparent_file_keeps_what_is_transparent(pictures: Pictures, tmp_path: Path) -> None:
    clear = plot(svg('<rect width="4" height="3"/>').encode(), SVG)
    for is_transparent, alpha in ((True, 0), (False, 255)):
        path = write_plot(clear, tmp_path / "a.png", pictures, Export("png", 80, 60, 96, is_transparent))
        assert QImage(str(path)).pixelColor(70, 50).alpha() == alpha


def test_an_svg_becomes_a_pdf_of_paths_and_a_bitmap_one_with_its_pixels(pictures: Pictures, tmp_path: Path) -> None:
    vector = write_plot(VECTOR, tmp_path / "v.pdf", pictures, Export("pdf", 400, 300, 100)).read_bytes()
    bitmap = write_plot(BITMAP, tmp_path / "b.pdf", pictures, Export("pdf", 400, 300, 100)).read_bytes()
    for data in (vector, bitmap):
        box = re.search(rb"MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", data)
        assert box is not None
        assert [float(box[1]), float(box[2])] == pytest.approx([288, 216], abs=0.5)
    assert b"/Subtype/Image" not in vector.replace(b" ", b"")
    start = bitmap.index(b"stream\n", bitmap.index(b"/Subtype/Image")) + len(b"stream\n")
    assert zlib.decompress(bitmap[start : bitmap.rindex(b"\nendstream")]) == bytes((7, 8, 9)) * 400 * 300


def test_a_pdf_of_ours_has_its_parts_where_its_table_says(qapp: object) -> None:
    data = pdf_of(QImage.fromData(QByteArray(png(41, 30, (7, 8, 9)))), 72)
    start = int(data.split(b"startxref\n")[1].split()[0])
    assert data[start:].startswith(b"xref\n0 6\n0000000000 65535 f \n")
    places = [int(line.split()[0]) for line in data[start:].split(b"\n")[3:8]]
    assert [data[place : place + 7] for place in places] == [f"{number} 0 obj".encode() for number in range(1, 6)]
    for length, content in re.findall(rb"/Length (\d+)>>\nstream\n(.*?)\nendstream", data, re.DOTALL):
        assert len(content) == int(length)


def test_a_png_tells_its_description(pictures: Pictures, tmp_path: Path) -> None:
    path = write_plot(BITMAP, tmp_path / "a.png", pictures, Export("png", 40, 30))
    assert QImage(str(path)).text("Description") == "Größe"
    assert described(b"no png", "words") == b"no png"
    assert described(png(3, 3), "") == png(3, 3)


def test_a_bitmap_makes_no_svg(pictures: Pictures, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be saved as SVG"):
        write_plot(BITMAP, tmp_path / "a.svg", pictures, Export("svg", 40, 30))
    assert write_plot(VECTOR, tmp_path / "a.svg", pictures).read_bytes() == VECTOR.data


def test_endings_name_formats() -> None:
    assert [format_of(Path(name)) for name in ("a.PNG", "a.tif", "a.jpeg", "a.pdf", "a", "a.gif")] == [
        "png", "tiff", "jpeg", "pdf", None, None,
    ]  # fmt: skip
    assert path_with_suffix(Path("a.jpeg"), "jpeg") == Path("a.jpeg")
    assert path_with_suffix(Path("a.v2"), "jpeg") == Path("a.v2.jpg")
