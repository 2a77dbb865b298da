"""Rich output in the console: drawn, folded, copied, opened large, played, and what is broken or hostile."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QMenu

from ide.core.runs import RunStatus
from ide.panes.console import pictures
from tests.fakes.console import ConsoleRig
from tests.fakes.pictures import png, png_claiming
from tests.fakes.rich import JSON, LATEX, MARKDOWN, PANDAS, audio_html, pdf
from tests.fakes.session import FakeSession, message

PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"


def show(rig: ConsoleRig, session: FakeSession, *datas: Mapping[str, Any], kind: str = "display_data") -> str:
    """Play a run that shows these; returns what the console shows of it."""
    rig.type("x\n")
    session.execution_count += 1
    run = session.runs[-1]
    session.say(session.input_of(run))
    for data in datas:
        content = {"data": data, "metadata": {}, "execution_count": session.execution_count}
        session.say(message(kind, run.id, content))
    session.say(*session.end_of(run))
    session.set_run(run, RunStatus.OK)
    rig.settle()
    rig.wait(lambda: rig.view.has_prompt)
    return rig.text.rsplit("]: x\n", 1)[-1].rsplit("\nIn [", 1)[0]


def links(rig: ConsoleRig) -> dict[str, str]:
    """Words of links in the console and what they open, the newest of each."""
    found: dict[str, str] = {}
    block = rig.view.control.document().begin()
    while block.isValid():
        place = block.begin()
        while not place.atEnd():
            if place.fragment().charFormat().isAnchor():
                found[place.fragment().text()] = place.fragment().charFormat().anchorHref()
            place += 1
        block = block.next()
    return found


@pytest.fixture
def large(rig: ConsoleRig) -> list[tuple[Mapping[str, Any], str]]:
    """What was opened large."""
    found: list[tuple[Mapping[str, Any], str]] = []
    rig.pane.show_large = lambda bundle, title: found.append((bundle, title))
    return found


def test_frame_is_a_table_and_opens_large_from_the_menu(
    rig: ConsoleRig, session: FakeSession, large: list[tuple[Mapping[str, Any], str]]
) -> None:
    data = {"text/html": PANDAS, "text/plain": "   species\n0  Adelie"}
    shown = show(rig, session, data, kind="execute_result")
    assert shown.startswith("Out[1]: \n    species")
    cursor = rig.view.control.document().find("Gentoo")
    place = rig.view.control.cursorRect(cursor).center()
    menu = rig.view._context_menu_make(QPoint(place))
    next(action for action in menu.actions() if action.text() == "Open large").trigger()
    menu.close()
    assert large == [(data, "Out[1]")]


def test_menu_over_plain_output_has_nothing_to_open(rig: ConsoleRig, session: FakeSession) -> None:
    show(rig, session, {"text/plain": "42"})
    place = rig.view.control.cursorRect(rig.view.control.document().find("42")).center()
    menu: QMenu = rig.view._context_menu_make(QPoint(place))
    assert "Open large" not in [action.text() for action in menu.actions()]
    menu.close()
    menu.deleteLater()


def test_bands_of_a_table_follow_the_theme(rig: ConsoleRig, session: FakeSession) -> None:
    show(rig, session, {"text/html": PANDAS})
    rig.theme.set_choice("dark")
    cursor = rig.view.control.document().find("species")
    rig.wait(lambda: cursor.charFormat().background().color() == rig.theme.color("header"))
    place = rig.view.control.cursorRect(cursor).center()
    assert rig.view._writer.large_at(rig.view.control.cursorForPosition(place)) == 1


def test_formula_is_drawn_and_copied_as_its_source(rig: ConsoleRig, session: FakeSession) -> None:
    shown = show(rig, session, {"text/latex": f"Gauss: {LATEX}"}, {"text/markdown": MARKDOWN})
    assert shown.startswith(f"Gauss: \n{PLACE}\n")
    assert "with mass_g in grams: " + PLACE in shown
    rig.view.control.selectAll()
    cursor = rig.view.control.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    rig.view.control.setTextCursor(cursor)
    rig.view.copy_raw()
    copied = QGuiApplication.clipboard().text()
    assert LATEX in copied
    assert PLACE not in copied
    assert not rig.window.grab().isNull()


def test_formula_has_the_color_of_text_in_each_theme(rig: ConsoleRig, session: FakeSession) -> None:
    show(rig, session, {"text/latex": r"$\rule{60}{20}XXXX$"})
    held = next(iter(rig.view._writer._pictures._shown.values()))
    for theme in ("light", "dark"):
        rig.theme.set_choice(theme)
        rig.window.grab()
        assert held.image is not None
        colors = {
            held.image.pixelColor(x, y).name()
            for x in range(held.image.width())
            for y in range(held.image.height())
            if held.image.pixelColor(x, y).alpha() == 255
        }
        assert colors == {rig.theme.color("text").name()}


def test_broken_formula_shows_its_source_and_why(rig: ConsoleRig, session: FakeSession) -> None:
    shown = show(rig, session, {"text/latex": r"$\frac{a$"}, {"text/latex": r"$\left[ x$"})
    assert r"$\frac{a$ (not drawn: it is not LaTeX that can be drawn here)" in shown
    assert "(not drawn: a \\left has no \\right)" in shown
    assert PLACE not in shown


def test_json_unfolds_where_it_stands_and_folds_again(
    rig: ConsoleRig, session: FakeSession, large: list[tuple[Mapping[str, Any], str]]
) -> None:
    data = {"application/json": JSON, "text/plain": "<IPython.core.display.JSON object>"}
    first = show(rig, session, data, {"text/plain": "after"})
    assert '"doi": null' in first
    assert "}\n… 5 entries" not in first
    rig.view.open_anchor(links(rig)["Show more"])
    rig.settle()
    assert "  }\n}\n5 entries · Show less · Open as tree\nafter" in rig.text
    rig.view.open_anchor(links(rig)["Show less"])
    rig.settle()
    assert rig.text.rsplit("]: x\n", 1)[-1].startswith(first)
    rig.view.open_anchor(links(rig)["Open as tree"])
    assert large == [(data, "Output of In [1]")]


def test_page_of_pdf_is_drawn_with_its_link(
    rig: ConsoleRig, session: FakeSession, large: list[tuple[Mapping[str, Any], str]]
) -> None:
    shown = show(rig, session, {"application/pdf": pdf()})
    assert shown.startswith(f"{PLACE}\nPDF, about")
    held = next(iter(rig.view._writer._pictures._shown.values()))
    assert held.image is not None
    assert held.image.deviceIndependentSize().width() == pictures.PDF_WIDTH_PX
    rig.view.open_anchor(links(rig)["Open large"])
    assert len(large) == 1


def test_sound_plays_by_its_link_and_says_where_it_cannot(
    rig: ConsoleRig, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PySide6.QtMultimedia", None)
    show(rig, session, {"text/html": audio_html(), "text/plain": "<IPython.lib.display.Audio object>"})
    rig.view.open_anchor(links(rig)["Play"])
    rig.wait(lambda: bool(rig.pane.notices.bars))
    assert "Sound cannot be played here" in rig.pane.notices.bars[0].notice.text


def test_output_that_is_not_kept_any_more_says_so(rig: ConsoleRig, session: FakeSession) -> None:
    show(rig, session, {"application/json": JSON})
    rig.view._kept.clear()
    rig.view.open_anchor("large:1")
    rig.settle()
    assert "not kept any more" in rig.text


def test_damaged_and_absurd_output_is_told(rig: ConsoleRig, session: FakeSession) -> None:
    rig.view.shows_pictures = True
    absurd = base64.b64encode(png_claiming(50_000, 50_000) + png(1, 1)[33:]).decode()
    shown = show(
        rig,
        session,
        {"image/png": absurd},
        {"image/png": base64.b64encode(b"no").decode()},
        {"application/pdf": base64.b64encode(b"%PDF-1.4 broken").decode()},
        {"application/json": '{"a": '},
        {"text/html": "<p>" + "x" * 100_000_000},
        {"application/json": list(range(1_000_000))},
    )
    assert "50000 × 50000 pixels" in shown
    assert shown.count("A picture that cannot be shown: its data are damaged.") == 2
    assert "This is not JSON that can be read." in shown
    assert "the rest of this HTML is not shown here" in shown
    assert "1\u202f000\u202f000 entries" in shown
    assert len(shown) < 100_000


def test_nothing_is_fetched_for_markdown_svg_or_html(rig: ConsoleRig, session: FakeSession) -> None:
    asked: list[str] = []

    class Beacon(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Beacon)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host = f"http://127.0.0.1:{server.server_port}"
    rig.view.shows_pictures = True
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>fetch("/s")</script>'
        f'<image href="{host}/a.png" width="40" height="20"/></svg>'
    )
    try:
        shown = show(
            rig,
            session,
            {"text/markdown": f"![a cat]({host}/m.png) <img src='{host}/n.png'>"},
            {"image/svg+xml": svg},
            {"text/html": PANDAS.replace("Adelie", f"<img src='{host}/t.png'>")},
        )
        rig.window.grab()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "[picture: a cat]" in shown
    assert asked == []
