"""Decoding: right pixels, right sizes, and nothing of a picture reaches outside."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures, Room, fitting_size
from ide.panes.plots.plot import SVG
from ide.panes.plots.svg_child import Refused
from ide.panes.plots.svg_process import SvgProcess
from tests.fakes.pictures import RED_SQUARE, USE_BOMB, png, png_claiming, svg

RED = QColor(255, 0, 0)


@pytest.fixture
def pictures(qapp: object) -> Iterator[Pictures]:
    made = Pictures()
    yield made
    made.close()


def size_of(drawn: Drawn) -> tuple[int, int]:
    return drawn.image.width(), drawn.image.height()


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_a_bitmap_keeps_its_pixels(pictures: Pictures) -> None:
    drawn = pictures.draw("image/png", png(7, 5, (1, 2, 3)))
    assert size_of(drawn) == (7, 5)
    assert colors(drawn.image) == {"#010203"}


@pytest.mark.parametrize(
    ("own", "ratio", "vector", "wanted"),
    [
        ((100, 100), 1.0, False, (100, 100)),
        ((100, 100), 2.0, False, (200, 200)),
        ((100, 100), 1.0, True, (300, 300)),
        ((1000, 500), 1.0, False, (400, 200)),
        ((1000, 500), 2.0, False, (400, 200)),
        ((20_000, 10), 1.0, False, (400, 1)),
    ],
)
def test_a_picture_is_fitted_into_its_room(
    own: tuple[int, int], ratio: float, vector: bool, wanted: tuple[int, int]
) -> None:
    room = Room(QSize(400, 300), ratio)
    assert fitting_size(QSize(*own), room, is_vector=vector) == QSize(*wanted)


def test_a_bitmap_is_read_at_the_size_that_it_is_shown_at(pictures: Pictures) -> None:
    drawn = pictures.draw("image/png", png(1000, 500), Room(QSize(400, 300)))
    assert size_of(drawn) == (400, 200)
    assert drawn.own_size == QSize(1000, 500)
    assert size_of(pictures.draw_at("image/png", png(1000, 500), QSize(333, 167))) == (333, 167)
    assert size_of(pictures.draw_at("image/png", png(100, 50), QSize(333, 167))) == (100, 50)


def test_a_bitmap_20000_pixels_wide_is_shown(pictures: Pictures) -> None:
    drawn = pictures.draw("image/png", png(20_000, 300), Room(QSize(500, 400)))
    assert size_of(drawn) == (500, 8)


def test_a_bitmap_past_all_bounds_is_refused_before_it_is_read(pictures: Pictures) -> None:
    with pytest.raises(BrokenPicture, match="100\u2009000 × 100\u2009000 pixels"):
        pictures.draw("image/png", png_claiming(100_000, 100_000) + png(1, 1)[33:])


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG not really", b"GIF89a", png(50, 50)[:40], png(200, 200)[:-60], b"\0" * 1000]
)
def test_a_damaged_bitmap_is_told(pictures: Pictures, data: bytes) -> None:
    with pytest.raises(BrokenPicture):
        pictures.draw("image/png", data)


def test_a_vector_is_drawn_at_the_size_asked_for(pictures: Pictures) -> None:
    data = svg(RED_SQUARE).encode()
    assert size_of(pictures.draw(SVG, data)) == (40, 30)
    fitted = pictures.draw(SVG, data, Room(QSize(400, 400), 2.0))
    assert (size_of(fitted), fitted.own_size) == ((400, 300), QSize(40, 30))
    assert colors(fitted.image) == {RED.name()}
    assert size_of(pictures.draw_at(SVG, data, QSize(123, 92))) == (123, 92)


def test_a_vector_is_bounded_however_large_it_is_asked_for(pictures: Pictures) -> None:
    width, height = size_of(pictures.draw_at(SVG, svg(RED_SQUARE).encode(), QSize(40_000, 30_000)))
    assert width * height <= 16_000_000
    huge = '<svg xmlns="http://www.w3.org/2000/svg" width="2000000000" height="2000000000"/>'
    width, height = size_of(pictures.draw(SVG, huge.encode()))
    assert width * height <= 16_000_000


@pytest.mark.parametrize(
    "text",
    ["", "<svg", "<svg/>", "no picture", svg("<g>") * 2, "<svg>" + " " * 6_000_000 + "</svg>", svg("<g>" * 3_000)],
    ids=["empty", "cut", "no size", "text", "two", "6 MB", "deep"],
)
def test_a_damaged_or_monstrous_vector_is_told(pictures: Pictures, text: str) -> None:
    with pytest.raises(BrokenPicture):
        pictures.draw(SVG, text.encode())


def test_an_animated_vector_is_drawn_still(pictures: Pictures) -> None:
    moving = '<rect width="40" height="30" fill="red"><animate attributeName="x" to="40" dur="1s"/></rect>'
    assert size_of(pictures.draw(SVG, svg(moving).encode())) == (40, 30)


def test_a_vector_reads_no_file(pictures: Pictures, tmp_path: Path) -> None:
    file = tmp_path / "blue.png"
    file.write_bytes(png(40, 30, (0, 0, 255)))
    style = tmp_path / "style.css"
    style.write_text("rect { fill: #0000ff }")
    for reference in (file.as_uri(), str(file), "blue.png", file.as_uri().replace("file", "FILE")):
        for attribute in ("href", "xlink:href", 'x="1" href'):
            hostile = svg(f'{RED_SQUARE}<image {attribute}="{reference}" width="40" height="30"/>')
            assert colors(pictures.draw(SVG, hostile.encode()).image) == {RED.name()}
    sheet = f'<?xml-stylesheet type="text/css" href="{style}"?>' + svg('<rect width="40" height="30"/>')
    assert "#0000ff" not in colors(pictures.draw(SVG, sheet.encode()).image)


def test_a_vector_asks_no_server(pictures: Pictures) -> None:
    with socket.create_server(("127.0.0.1", 0)) as beacon:
        beacon.settimeout(0.3)
        address = f"http://127.0.0.1:{beacon.getsockname()[1]}/seen"
        parts = (
            f'<image href="{address}" width="9" height="9"/><image xlink:href="{address}" width="9" height="9"/>',
            f'<style>@import url("{address}"); rect {{ fill: url({address}) }}</style>',
            f'<rect width="9" height="9" style="fill:url({address})" filter="url({address})"/>',
            f'<script href="{address}">fetch("{address}")</script><use href="{address}#a"/>',
            f'<foreignObject width="9" height="9"><iframe src="{address}"/></foreignObject>',
        )
        for part in parts:
            pictures.draw(SVG, (f'<?xml-stylesheet href="{address}"?>' + svg(RED_SQUARE + part)).encode())
        with pytest.raises(TimeoutError):
            beacon.accept()


def test_a_vector_that_takes_for_ever_is_given_up_and_the_next_one_is_drawn(qapp: object) -> None:
    process = SvgProcess(time_limit_s=3.0)
    with pytest.raises(Refused, match="took more than 3 seconds"):
        process.draw(svg(USE_BOMB).encode())
    assert process.draw(svg(RED_SQUARE).encode())[0] == (40, 30)
    process.close()
    with pytest.raises(Refused):
        process.draw(svg(RED_SQUARE).encode())


def test_a_drawing_process_that_ended_is_started_again(qapp: object) -> None:
    process = SvgProcess()
    process.draw(svg(RED_SQUARE).encode())
    first = process._process
    assert first is not None
    first.kill()
    first.wait()
    assert process.draw(svg(RED_SQUARE).encode())[0] == (40, 30)
    process.close()


def test_a_folder_with_a_module_of_our_name_is_not_imported(qapp: object, tmp_path: Path) -> None:
    """Drawing starts a Python in whatever folder the program was started from."""
    (tmp_path / "struct.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "ide").mkdir()
    (tmp_path / "ide" / "__init__.py").write_text("raise SystemExit('shadowed')")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ide.panes.plots.svg_process import SvgProcess\n"
        "process = SvgProcess(); print(process.draw(sys.argv[2].encode())[0]); process.close()"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(root), svg(RED_SQUARE)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.strip() == "(40, 30)", done.stderr
