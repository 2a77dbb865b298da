"""Large views of outputs: each form, what is damaged, absurd or hostile, and what is imported for it."""

from __future__ import annotations

import base64
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser
from pytestqt.qtbot import QtBot

from ide.widgets.rich import outside, sound
from ide.widgets.rich.json_tree import GROUP, OPEN_ROWS, JsonTree, path_text
from ide.widgets.rich.picture_view import PictureView
from ide.widgets.rich.pictures import PictureError, clean_svg, formula_image, raster_image, svg_image
from ide.widgets.rich.sound import SoundView
from ide.widgets.rich.table_view import TableView
from ide.widgets.rich.view import RichView
from tests.fakes.pictures import png, png_claiming
from tests.fakes.rich import MARKDOWN, PANDAS, R_FRAME, SVG, audio_html, bundles, gif, pdf
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def view(parts: Parts, qtbot: QtBot) -> Iterator[RichView]:
    made = RichView(parts.theme, parts.icons, parts.tasks.run)
    made.resize(500, 400)
    made.show()
    yield made
    made.close_view()
    made.close()
    made.deleteLater()


def show(view: RichView, qtbot: QtBot, bundle: dict[str, Any]) -> Any:
    """Show a bundle and wait until it is there."""
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show_bundle(bundle)
    return view.shown


@pytest.mark.parametrize("name", ["table", "markdown", "latex", "json", "svg", "png", "gif", "pdf", "sound"])
def test_every_form_is_shown_with_names_for_screen_readers(view: RichView, qtbot: QtBot, name: str) -> None:
    shown = show(view, qtbot, bundles()[name])
    assert shown is not None
    assert view.note == ""
    assert unnamed(view) == []
    assert not view.grab().isNull()


def test_table_shows_visible_cells_of_many_and_copies_them(view: RichView, qtbot: QtBot) -> None:
    rows = "".join(f"<tr><th>{n}</th><td>{n * 1.5}</td><td>text {n}</td></tr>" for n in range(30_000))
    head = "<thead><tr><th></th><th>a</th><th>b</th></tr></thead>"
    table = show(view, qtbot, {"text/html": f"<table>{head}<tbody>{rows}</tbody></table>"})
    assert isinstance(table, TableView)
    assert table.model().rowCount() == 30_000
    table.selectRow(2)
    table.copy()
    assert QGuiApplication.clipboard().text() == "2\t3.0\ttext 2"
    align = table.model().data(table.model().index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    assert align & Qt.AlignmentFlag.AlignRight


def test_head_of_r_has_names_and_types(view: RichView, qtbot: QtBot) -> None:
    table = show(view, qtbot, {"text/html": R_FRAME})
    assert table.model().headerData(1, Qt.Orientation.Horizontal) == "mass\n<dbl>"


def test_markdown_has_formulas_as_pictures_in_the_color_of_text(view: RichView, parts: Parts, qtbot: QtBot) -> None:
    page = show(view, qtbot, {"text/markdown": MARKDOWN})
    assert isinstance(page, QTextBrowser)
    assert "Body mass of 344 penguins" in page.toPlainText()
    assert page.toPlainText().count("\N{OBJECT REPLACEMENT CHARACTER}") == 2
    with qtbot.waitSignal(view.ready, timeout=20_000):
        parts.theme.set_choice("dark")
    assert view.shown is not page


def test_formula_is_drawn_in_one_color_at_device_pixels(parts: Parts) -> None:
    from ide.widgets.rich.formula import draw

    formula = draw("x", 20.0)
    image = formula_image(formula, parts.theme.color("accent"), 2.0, 2.0)
    assert image.devicePixelRatio() == 2.0
    assert image.width() == round(formula.width * 4)
    solid = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert solid == {parts.theme.color("accent").name()}


def test_broken_formula_shows_its_source_and_why(view: RichView, qtbot: QtBot) -> None:
    page = show(view, qtbot, {"text/latex": r"Let $\frac{a$ be, and $b$."})
    assert r"$\frac{a$" in page.toPlainText()
    assert "LaTeX that cannot be drawn" in view.note


def test_picture_zooms_at_the_pointer_and_fits(view: RichView, qtbot: QtBot) -> None:
    shown = show(view, qtbot, {"image/png": b64(png(1000, 800))})
    assert isinstance(shown, PictureView)
    qtbot.waitUntil(lambda: 0 < shown.picture.zoom < 0.5)
    shown.picture.zoom_to(2.0, QPointF(0, 0))
    assert shown.picture.zoom == 2.0
    assert shown.buttons.words == "1000 × 800 px · 200 %"
    QTest.keyClick(shown.picture, Qt.Key.Key_0)
    assert shown.picture.zoom < 0.5


def test_svg_is_drawn_anew_for_its_zoom(view: RichView, qtbot: QtBot) -> None:
    shown = show(view, qtbot, {"image/svg+xml": SVG})
    shown.picture.zoom_to(4.0)
    qtbot.waitUntil(lambda: shown.picture.image.width() == 880)


def test_gif_moves_until_it_is_stopped(view: RichView, parts: Parts, qtbot: QtBot) -> None:
    parts.theme.set_motion("full")
    shown = show(view, qtbot, {"image/gif": gif(3)})
    colors: set[str] = set()

    def has_moved() -> bool:
        colors.add(shown.picture.image.pixelColor(5, 5).name())
        return len(colors) > 1

    qtbot.waitUntil(has_moved)
    shown.toggle()
    assert not shown.is_moving


def test_pages_of_pdf(view: RichView, qtbot: QtBot) -> None:
    shown = show(view, qtbot, {"application/pdf": pdf(3)})
    assert shown.buttons.words == "Page 1 of 3"


def test_sound_without_a_device_says_what_to_do(view: RichView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)  # as where the module is missing
    shown = show(view, qtbot, {"text/html": audio_html()})
    assert isinstance(shown, SoundView)
    shown.toggle()
    qtbot.waitUntil(lambda: shown.about == sound.NO_MODULE)


def test_film_goes_outside(view: RichView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def note(path: Path) -> bool:
        opened.append(path)
        return True

    monkeypatch.setattr(outside, "open_file", note)
    html = f'<video controls><source src="data:video/mp4;base64,{b64(b"film")}" type="video/mp4"></video>'
    show(view, qtbot, {"text/html": html})
    assert "another program" in view.note
    view.open_outside()
    qtbot.waitUntil(lambda: bool(opened))
    assert opened[0].read_bytes() == b"film"
    assert opened[0].suffix == ".mp4"
    assert opened[0].parent.stat().st_mode & 0o077 == 0
    opened[0].unlink()
    opened[0].parent.rmdir()


def test_output_is_saved_as_a_file(view: RichView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, qtbot, {"application/pdf": pdf(1)})
    view.save_to(tmp_path / "a.pdf")
    qtbot.waitUntil(lambda: "Saved" in view.note)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/x-sh"])
def test_what_a_browser_would_run_is_never_opened_outside(mime: str) -> None:
    assert not outside.can_open(mime)


# --- what is damaged or absurd ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        ({"image/png": "!!!"}, "damaged"),
        ({"image/png": b64(b"no picture")}, "damaged"),
        ({"image/png": b64(png_claiming(50_000, 50_000) + png(1, 1)[33:])}, "50000 × 50000 pixels"),
        ({"image/svg+xml": "<svg"}, "damaged"),
        ({"image/svg+xml": '<!DOCTYPE s [<!ENTITY a "b">]><svg/>'}, "entities"),
        ({"image/svg+xml": "<svg>" + "<g>" * 5000}, "nested too deep"),
        ({"image/svg+xml": "<svg>" + " " * 6_000_000}, "6.0 MB"),
        ({"application/pdf": b64(b"%PDF-1.4 broken")}, "damaged"),
        ({"application/pdf": "a"}, "damaged"),
        ({"application/json": '{"a": '}, "no JSON"),
        ({"application/json": "[" * 100_000}, "nested too deep"),
        ({"text/html": "<p>" + "x" * 100_000_000}, "100.0 MB of HTML"),
        ({"text/html": "<p>" + "x" * 700 + ("<table>" + "<tr><td>1</td></tr>" * 300 + "</table>") * 2}, "600 cells"),
        ({"text/markdown": "x" * 300_000}, "300.0 kB of Markdown"),
    ],
)  # fmt: skip
def test_bad_data_are_told_and_the_plain_text_is_shown(
    view: RichView, qtbot: QtBot, bundle: dict[str, Any], why: str
) -> None:
    shown = show(view, qtbot, {**bundle, "text/plain": "what it was"})
    assert why in view.note
    assert isinstance(shown, QPlainTextEdit)
    assert shown.toPlainText() == "what it was"


def test_unknown_type_empty_output_and_scripts_are_told(view: RichView, qtbot: QtBot) -> None:
    assert show(view, qtbot, {"application/vnd.x+json": {}}) is None
    assert "application/vnd.x+json" in view.note
    show(view, qtbot, {})
    assert view.note == "This output is empty."
    shown = show(view, qtbot, {"text/html": "<script>x</script>", "text/plain": "\x1b[1mFigure\x1b[0m"})
    assert "Interactive HTML" in view.note
    assert shown.toPlainText() == "Figure"


def test_newer_output_wins_over_one_that_is_being_made_ready(view: RichView, qtbot: QtBot) -> None:
    view.show_bundle({"text/markdown": MARKDOWN})
    shown = show(view, qtbot, {"text/plain": "second"})
    assert not view.is_waiting
    assert view.shown is shown


# --- nothing is fetched ----------------------------------------------------------------------------------------------


class _Beacon(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - one list for the one server of a test

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def beacon() -> Iterator[str]:
    """Address of a server that nobody may ask."""
    _Beacon.asked = []
    server = http.server.HTTPServer(("127.0.0.1", 0), _Beacon)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_hostile_output_makes_no_request_and_reads_no_file(
    view: RichView, qtbot: QtBot, tmp_path: Path, beacon: str
) -> None:
    local = tmp_path / "local.png"
    local.write_bytes(png(50, 50, (0, 255, 0)))
    html = "x" * 500 + "".join(
        f'<img src="{where}"><p style="background-image:url({where})">x</p><link rel=stylesheet href="{where}">'
        for where in (f"{beacon}/a.png", local.as_uri(), str(local), f"{beacon.removeprefix('http:')}/b")
    )
    svg = SVG.replace(
        "</svg>",
        f'<script>fetch("{beacon}/s")</script><image href="{local.as_uri()}" width="40" height="20"/>'
        f'<image xlink:href="{beacon}/c.png" width="40" height="20"/></svg>',
    )
    markdown = (
        f"![a]({beacon}/m.png) ![b]({local.as_uri()}) <img src='{beacon}/n.png'>\n\n![c][r]\n\n[r]: {beacon}/o.png"
    )
    latex = rf"$\href{{{beacon}/h}}{{x}}$ $\includegraphics{{{beacon}/i.png}}$"
    bundles_shown: list[dict[str, Any]] = [
        {"text/html": html}, {"image/svg+xml": svg}, {"text/markdown": markdown}, {"text/latex": latex},
        {"text/html": PANDAS.replace("Adelie", f"<img src='{beacon}/t.png'>")},
    ]  # fmt: skip
    for bundle in bundles_shown:
        show(view, qtbot, bundle)
        image = view.grab().toImage()
        colors = {image.pixelColor(x, y).name() for x in range(0, 500, 4) for y in range(0, 400, 4)}
        assert "#00ff00" not in colors
    qtbot.wait(50)
    assert _Beacon.asked == []


def test_links_are_only_told(view: RichView, qtbot: QtBot) -> None:
    page = show(view, qtbot, {"text/markdown": "[your bank](https://evil.example/x)"})
    with qtbot.waitSignal(view.link_asked) as heard:
        page.anchorClicked.emit("https://evil.example/x")
    assert heard.args == ["https://evil.example/x"]


def test_pictures_of_any_thread_raise_one_error() -> None:
    with pytest.raises(PictureError, match="damaged"):
        raster_image(b"")
    with pytest.raises(PictureError, match="too many"):
        svg_image(clean_svg(SVG), 60_000)
    image = svg_image(clean_svg(SVG), 110, 2.0)
    assert (image.width(), image.height(), image.devicePixelRatio()) == (220, 60, 2.0)


# --- JSON ------------------------------------------------------------------------------------------------------------


def tree_of(view: RichView, qtbot: QtBot, value: Any) -> JsonTree:
    shown = show(view, qtbot, {"application/json": value})
    assert isinstance(shown, JsonTree)
    return shown


def test_million_entries_make_no_row_that_nobody_sees(view: RichView, qtbot: QtBot) -> None:
    tree = tree_of(view, qtbot, {"numbers": list(range(1_000_000)), "names": {f"n{i}": i for i in range(2_500)}})
    model = tree.model
    numbers = model.place_of(("numbers",))
    assert model.rowCount(numbers) == GROUP
    assert model.node_at(numbers).children is None
    names = model.place_of(("names",))
    assert [model.data(model.index(row, 0, names)) for row in range(3)] == ["0 … 999", "1000 … 1999", "2000 … 2499"]
    there = model.place_of(("numbers", 654_321))
    assert model.data(there.siblingAtColumn(1)) == "654321"
    assert model.node_at(there).path == ("numbers", 654_321)
    tree.tree.setExpanded(numbers, True)
    assert not view.grab().isNull()


def test_find_goes_from_match_to_match_and_counts(view: RichView, qtbot: QtBot) -> None:
    value = {"a": {"Needle": 1}, "b": [{"x": "a needle"}, {"x": "hay"}], "c": 5}
    tree = tree_of(view, qtbot, value)
    tree.box.setText("needle")
    qtbot.waitUntil(lambda: not tree.is_searching)
    assert tree.current_path == ("a", "Needle")
    assert tree.count_text == "1 of 2"
    tree.next()
    assert path_text(tree.current_path) == "$.b[0].x"
    tree.copy_path()
    assert QGuiApplication.clipboard().text() == "$.b[0].x"
    tree.copy_value()
    assert QGuiApplication.clipboard().text() == "a needle"
    tree.box.setText("nothing like it")
    qtbot.waitUntil(lambda: tree.count_text == "nothing found")


def test_open_all_stops_at_its_bound(view: RichView, qtbot: QtBot) -> None:
    tree = tree_of(view, qtbot, [[list(range(100)) for _ in range(50)] for _ in range(50)])
    tree.open_all()
    rows = 0
    place = tree.tree.indexBelow(tree.model.index(0, 0))
    while place.isValid():
        rows += 1
        place = tree.tree.indexBelow(place)
    assert 1_000 < rows <= OPEN_ROWS
    tree.close_all()
    assert not tree.tree.isExpanded(tree.model.place_of((0,)))


def test_value_is_copied_as_json(view: RichView, qtbot: QtBot) -> None:
    tree = tree_of(view, qtbot, {"a": [1, None]})
    tree.tree.setCurrentIndex(tree.model.place_of(("a",)))
    QGuiApplication.clipboard().clear()
    tree.copy_value()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "[\n  1,\n  null\n]")


def test_fifty_deep_can_be_opened_to_its_ground(view: RichView, qtbot: QtBot) -> None:
    value: Any = "ground"
    for _ in range(50):
        value = [value]
    tree = tree_of(view, qtbot, value)
    tree.open_all()
    assert tree.model.data(tree.model.place_of((0,) * 50).siblingAtColumn(1)) == '"ground"'


def test_keys_that_are_no_words_are_quoted_in_paths() -> None:
    assert path_text(("a b", 0, "c")) == '$["a b"][0].c'


# --- imports ---------------------------------------------------------------------------------------------------------

IMPORTS = """
import sys
import ide.widgets.rich.view, ide.panes.console.pictures, ide.panes.console.markdown_text, ide.panes.console.render
late = ("QtMultimedia", "QtPdf", "QtPdfWidgets", "QtWebEngineCore")
print([name for name in late if f"PySide6.{name}" in sys.modules], "ziamath" in sys.modules)
"""


def test_views_import_neither_addons_nor_the_formula_library_before_they_are_needed() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
