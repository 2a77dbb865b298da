"""MIME bundles."""

from __future__ import annotations

import base64
import http.server
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QUrl
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser
from pytestqt.qtbot import QtBot

from ide.widgets.rich_output import PictureError, RichOutput, as_text, choose, raster_image, svg_image
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#ff0000"/></svg>'
)


def png(width: int, height: int, color: str = "#00ff00") -> str:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(b"png")).write(image)
    return base64.b64encode(buffer.data().data()).decode()


@pytest.fixture
def output(parts: Parts, qtbot: QtBot) -> Iterator[RichOutput]:
    made = RichOutput(parts.theme)
    made.resize(400, 300)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        ({"text/plain": "a", "image/png": "b", "image/svg+xml": "c"}, ("svg", "image/svg+xml")),
        ({"text/plain": "a", "image/png": "b"}, ("raster", "image/png")),
        ({"text/plain": "a", "text/html": "<b>a</b>"}, ("html", "text/html")),
        ({"text/plain": "a", "text/html": "<script>1</script>"}, ("text", "text/plain")),
        ({"application/json": {"a": 1}}, ("text", "application/json")),
        ({"application/vnd.x+json": {}}, ("none", "application/vnd.x+json")),
        ({}, ("none", "")),
    ],
)
def test_choose_takes_the_type_that_says_most(bundle: dict[str, object], expected: tuple[str, str]) -> None:
    assert choose(bundle) == expected


def test_as_text_joins_lines_and_writes_json() -> None:
    assert as_text(["a\n", "b"]) == "a\nb"
    assert as_text({"ä": 1}) == '{\n  "ä": 1\n}'


def test_picture_is_shown_and_named(output: RichOutput) -> None:
    output.show_bundle({"image/png": png(30, 10), "text/plain": "<Figure size 640x480>"})
    assert output.shown is not None
    assert output.shown.accessibleName() == "Picture: <Figure size 640x480>"
    assert output.shown.grab().toImage().pixelColor(5, 5).name() == "#00ff00"


def test_svg_is_drawn_crisp_at_the_size_and_pixels_asked_for() -> None:
    image = svg_image(SVG, 80, 2.0)
    assert (image.width(), image.height(), image.devicePixelRatio()) == (160, 80, 2.0)
    assert image.pixelColor(100, 40).name() == "#ff0000"


@pytest.mark.parametrize("data", ["", "!!!", base64.b64encode(b"no picture").decode()])
def test_damaged_picture_is_told_and_its_text_is_shown(output: RichOutput, data: str) -> None:
    output.show_bundle({"image/png": data, "text/plain": "the text"})
    assert "not drawn" in output.note
    assert isinstance(output.shown, QPlainTextEdit)
    assert output.shown.toPlainText() == "the text"


def test_picture_of_absurd_size_is_refused_before_it_is_decoded() -> None:
    # A PNG that claims 60000 x 60000 pixels and holds none.
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunks = b"".join(
        (len(part) - 4).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big")
        for part in (header, b"IDAT" + zlib.compress(b"\0" * 64), b"IEND")
    )
    data = b"\x89PNG\r\n\x1a\n" + chunks
    with pytest.raises(PictureError, match="60000 × 60000"):
        raster_image(base64.b64encode(data).decode())


def test_unknown_type_says_what_it_is(output: RichOutput) -> None:
    output.show_bundle({"application/vnd.plotly.v1+json": {}})
    assert output.shown is None
    assert "application/vnd.plotly.v1+json" in output.note


def test_active_html_is_shown_as_text_and_says_so(output: RichOutput) -> None:
    output.show_bundle({"text/html": "<script>draw()</script>", "text/plain": "Chart()"})
    assert "Interactive HTML" in output.note
    assert isinstance(output.shown, QPlainTextEdit)


def test_text_loses_its_control_sequences(output: RichOutput) -> None:
    output.show_bundle({"text/plain": "\x1b[31mred\x1b[0m \x1b]52;c;AAAA\x07end"})
    assert isinstance(output.shown, QPlainTextEdit)
    assert output.shown.toPlainText() == "red end"


def test_html_table_is_shown_and_links_only_told(output: RichOutput, qtbot: QtBot) -> None:
    output.show_bundle({"text/html": '<table><tr><th>a</th></tr></table><a href="https://example.org/x">more</a>'})
    page = output.shown
    assert isinstance(page, QTextBrowser)
    assert "a" in page.toPlainText()
    with qtbot.waitSignal(output.link_asked) as heard:
        page.anchorClicked.emit(QUrl("https://example.org/x"))
    assert heard.args == ["https://example.org/x"]
    assert unnamed(output) == []


class _Beacon(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - one list for the one server of a test

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_hostile_output_makes_no_request_and_reads_no_file(output: RichOutput, qtbot: QtBot, tmp_path: Path) -> None:
    _Beacon.asked = []
    server = http.server.HTTPServer(("127.0.0.1", 0), _Beacon)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        host = f"http://127.0.0.1:{server.server_port}"
        local = tmp_path / "local.png"
        local.write_bytes(base64.b64decode(png(50, 50)))
        html = "".join(
            f'<img src="{where}"><p style="background-image:url({where})">x</p><link rel=stylesheet href="{where}">'
            for where in (f"{host}/a.png", local.as_uri(), str(local), f"//127.0.0.1:{server.server_port}/b")
        )
        output.show_bundle({"text/html": html})
        assert output.shown is not None
        shown = output.shown.grab().toImage()
        pictures = (
            f'<image href="{local.as_uri()}" width="40" height="20"/>'
            f'<image xlink:href="{host}/c.png" width="40" height="20"/></svg>'
        )
        svg = SVG.replace("</svg>", pictures)
        output.show_bundle({"image/svg+xml": svg})
        drawn = svg_image(svg, 40)
        qtbot.wait(50)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert _Beacon.asked == []
    for image in (shown, drawn):
        colors = {
            image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
        }
        assert "#00ff00" not in colors


def test_theme_change_shows_the_same_output_again(output: RichOutput, parts: Parts) -> None:
    output.show_bundle({"text/plain": "kept"})
    parts.theme.set_choice("dark")
    assert isinstance(output.shown, QPlainTextEdit)
    assert output.shown.toPlainText() == "kept"
