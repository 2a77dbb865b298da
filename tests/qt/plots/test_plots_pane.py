"""The Plots pane with real widgets, real drawing and sessions that the test plays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QMenu
from pytestqt.qtbot import QtBot

from ide.core.outputs import Display
from ide.core.record import replace
from ide.core.runs import CodeSource, Run
from ide.kernels.kernels import Kernels
from ide.kernels.records import Answer
from ide.panes.plots.dialogs import CodeDialog, DescribeDialog, ExportDialog
from ide.panes.plots.pane import PlotServices, PlotsPane
from ide.panes.plots.picture import Pictures
from ide.panes.plots.picture_view import PictureView
from ide.panes.plots.plot import Picture, Plot
from ide.panes.plots.saving import Export
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import FakeKernels, PaneSession
from tests.fakes.pictures import RED_SQUARE, png, png_display, svg, svg_display


class Shown:
    """The pane, its one session, and what it asked for."""

    def __init__(self, desk: PaneDesk, qtbot: QtBot) -> None:
        self.desk = desk
        self.qtbot = qtbot
        self.kernels = FakeKernels()
        self.gone_to: list[Plot] = []
        self.run_again: list[Plot] = []
        self.inserted: list[str] = []
        self.has_script = True
        self.formats: tuple[str, ...] = ("png",)
        self.pane = PlotsPane(
            desk.commands,
            desk.actions,
            cast(Kernels, self.kernels),
            1000,
            desk.theme,
            desk.icons,
            desk.tasks.run,
            desk.ui.after,
            PlotServices(
                go_to=self.gone_to.append,
                run_again=self.run_again.append,
                save_code=lambda plot, file, _width, _height: f"save {file}" if plot.language else "",
                insert_code=self._insert,
                formats=lambda: self.formats,
            ),
        )
        desk.show(self.pane.widget)
        self.session = self.kernels.add(PaneSession())
        qtbot.waitUntil(lambda: bool(self.configured()))

    def _insert(self, code: str) -> bool:
        if self.has_script:
            self.inserted.append(code)
        return self.has_script

    def configured(self) -> list[dict[str, object]]:
        """Every `plots.configure` so far."""
        asked = [words for kind, words in self.session.asked if kind == "ask"]
        return [cast(dict[str, object], words[1]) for words in asked if words[0] == "plots.configure"]

    def put(self, *displays: Display, title: str = "analysis.py") -> None:
        """One run's pictures, and wait until the last is on the screen, or its notice."""
        before = self.pane.model.count
        self.session.put_out(*displays, run=Run("r1", self.session.id, "plot()", CodeSource(title=title)))
        assert self.pane.model.count == before + len(displays)
        self.wait_drawn()

    def wait_drawn(self) -> None:
        """Until the plot in view is shown or told to be broken, and sharp."""
        view = self.pane.view
        self.qtbot.waitUntil(lambda: not view.page._slow.isActive() and not self.desk.tasks.open, timeout=20_000)

    @property
    def image(self) -> QImage:
        """What is drawn in the large view."""
        image = self.pane.view.picture.image
        assert image is not None
        return image


@pytest.fixture
def shown(desk: PaneDesk, qtbot: QtBot) -> Iterator[Shown]:
    made = Shown(desk, qtbot)
    yield made
    made.pane.close()


def color(image: QImage) -> str:
    return image.pixelColor(image.width() // 2, image.height() // 2).name()


def test_a_new_plot_is_shown_at_once_over_its_thumbnail(shown: Shown) -> None:
    assert not shown.pane.view.picture.isVisible()
    shown.put(png_display(png(200, 100, (10, 20, 30))))
    assert shown.pane.view.picture.isVisible()
    assert color(shown.image) == "#0a141e"
    assert shown.pane.view.thumbnails.currentIndex().row() == 0
    shown.put(svg_display(svg(RED_SQUARE)))
    assert color(shown.image) == "#ff0000"
    assert shown.pane.view.thumbnails.currentIndex().row() == 1


def test_twenty_pictures_of_one_cell_are_twenty_thumbnails_in_order(shown: Shown) -> None:
    shown.put(*(png_display(png(60, 40, (number, 0, 0))) for number in range(20)))
    strip = shown.pane.view.thumbnails
    assert strip.rows.rowCount() == 20
    assert color(shown.image) == "#130000"
    for row in (0, 7, 19):
        shown.qtbot.waitUntil(lambda row=row: strip.rows.small(row) is not None)  # type: ignore[misc]  # bound in the loop
        small = strip.rows.small(row)
        assert not isinstance(small, str)
        assert small is not None
        assert color(small.toImage()) == f"#{row:02x}0000"


def test_a_plot_is_painted_pixel_by_pixel(shown: Shown) -> None:
    shown.put(png_display(png(301, 203)))
    view = shown.pane.view.picture
    assert shown.image.size() == QSize(301, 203)
    target = view.target()
    assert (target.width(), target.height()) == (301, 203)
    assert (target.x() % 1, target.y() % 1) == (0, 0)


@pytest.mark.parametrize(("width", "height"), [(1000, 700), (333, 1777)])
def test_a_large_plot_is_drawn_at_the_size_that_it_has(shown: Shown, width: int, height: int) -> None:
    shown.put(png_display(png(width, height)))
    assert shown.image.size() == shown.pane.view.picture.wanted_size()
    shown.pane.widget.resize(400, 300)
    shown.wait_drawn()
    assert shown.image.size() == shown.pane.view.picture.wanted_size()


def test_zooming_a_vector_draws_it_anew(shown: Shown) -> None:
    shown.put(svg_display(svg(RED_SQUARE)))
    before = shown.image.width()
    shown.desk.commands.run("plot.zoom_in")
    shown.wait_drawn()
    assert shown.image.width() == round(before * 1.25)
    shown.desk.commands.run("plot.zoom_fit")
    shown.wait_drawn()
    assert shown.image.width() == before


def test_the_wheel_zooms_around_the_pointer_and_dragging_moves(shown: Shown) -> None:
    shown.put(png_display(png(400, 300)))
    view = shown.pane.view.picture
    point = QPointF(view.width() / 4, view.height() / 4)
    before = view.target()
    inside = (point.x() - before.x()) / before.width()
    view.zoom_by(2.0, point)
    after = view.target()
    assert abs((point.x() - after.x()) / after.width() - inside) < 0.01
    middle = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPoint(20, 10))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(20, 10))
    assert view.target().topLeft() - after.topLeft() == QPointF(20, 10)
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.target().x() - after.x() == 52
    for _ in range(200):
        QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.target().intersects(view.rect().toRectF())
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=middle)
    assert view.is_fitted


@pytest.mark.parametrize(
    "display",
    [
        png_display(b""),
        png_display(b"\x89PNG not really"),
        png_display(png(300, 300)[:-100]),
        svg_display("<svg"),
        svg_display("<svg>" + " " * 6_000_000),
    ],
    ids=["nothing", "not a PNG", "cut", "bad SVG", "6 MB SVG"],
)
def test_a_broken_picture_says_so(shown: Shown, display: Display) -> None:
    shown.put(display)
    view = shown.pane.view
    assert view.page.broken.isVisible()
    assert view.page.broken.text.startswith("This plot can't be shown. It")
    assert [button.text() for button in view.page.broken.buttons] == ["Save its data..."]
    shown.qtbot.waitUntil(lambda: isinstance(view.thumbnails.rows.small(0), str))
    shown.put(png_display(png(10, 10)))
    assert view.picture.isVisible()


def test_nothing_is_drawn_on_the_thread_of_the_window(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    for name in ("draw", "draw_at"):
        inner = getattr(Pictures, name)

        def noted(*arguments: object, inner: Callable[..., object] = inner) -> object:
            threads.append(threading.current_thread())
            return inner(*arguments)

        monkeypatch.setattr(Pictures, name, noted)
    shown.put(png_display(png(900, 900)), svg_display(svg(RED_SQUARE)))
    shown.desk.commands.run("plot.zoom_in")
    shown.desk.commands.run("plot.copy")
    shown.wait_drawn()
    assert len(threads) >= 4
    assert threading.main_thread() not in threads


def test_a_slow_picture_says_that_it_is_being_drawn(shown: Shown) -> None:
    shown.put(png_display(png(10, 10)))
    view = shown.pane.view
    view.page._slow.start(0)
    shown.qtbot.waitUntil(view.page.waiting.isVisible)
    shown.put(png_display(png(10, 10)))
    assert view.picture.isVisible()


def test_deleting_is_undone(shown: Shown) -> None:
    shown.put(*(png_display(png(20, 20, (number, 0, 0))) for number in range(3)))
    run = shown.desk.commands.run
    run("plot.previous")
    run("plot.delete")
    assert [plot.id for plot in shown.pane.model.plots] == [1, 3]
    run("plot.restore")
    assert [plot.id for plot in shown.pane.model.plots] == [1, 2, 3]
    run("plot.delete_all")
    assert not shown.pane.view.picture.isVisible()
    assert not shown.desk.commands.is_enabled("plot.save")
    run("plot.restore")
    shown.wait_drawn()
    assert [plot.id for plot in shown.pane.model.plots] == [1, 2, 3]
    assert shown.desk.errors == []


def test_an_animation_replaces_its_picture_and_keeps_the_zoom(shown: Shown) -> None:
    shown.put(png_display(png(400, 300, (1, 0, 0)), "d"))
    view = shown.pane.view.picture
    view.zoom_by(2.0)
    zoom = view.zoom
    shown.session.put_out(png_display(png(400, 300, (9, 0, 0)), "d", is_update=True))
    shown.wait_drawn()
    assert (color(shown.image), view.zoom, shown.pane.model.count) == ("#090000", zoom, 1)


@pytest.mark.parametrize("size", [(800, 600), (200, 150), (500, 250)])
def test_a_drawing_of_another_size_goes_on_showing_the_same_part(shown: Shown, size: tuple[int, int]) -> None:
    shown.put(png_display(png(400, 300, (1, 0, 0)), "d"))
    view = shown.pane.view.picture
    view.zoom_by(4.0, QPointF(view.width() / 3, view.height() / 4))
    shown.wait_drawn()
    before = view.target()
    shown.pane.view.page._turn_to(shown.pane.view.page.waiting)  # drawing took a while
    shown.session.put_out(png_display(png(*size, (9, 0, 0)), "d", is_update=True))
    shown.wait_drawn()
    now = view.target()
    assert (color(shown.image), view.own_size.toTuple(), view.is_fitted) == ("#090000", size, False)
    assert abs(now.width() - before.width()) <= 1
    middle = QPointF(view.width() / 2, view.height() / 2)
    for target in (before, now):
        assert target.contains(middle)
    old, new = middle - before.topLeft(), middle - now.topLeft()
    assert abs(old.x() / before.width() - new.x() / now.width()) < 0.01
    assert abs(old.y() / before.height() - new.y() / now.height()) < 0.01


# --- what sessions are told


def test_a_session_is_told_the_room_once_for_each_size(shown: Shown, qtbot: QtBot) -> None:
    (params,) = shown.configured()
    room = shown.pane.view.room()
    assert params == {"width_px": room.width(), "height_px": room.height(), "dpi": 96, "formats": ["png"]}
    shown.session.set_state("busy")
    shown.session.set_state("idle")
    assert len(shown.configured()) == 1
    shown.pane.widget.resize(700, 600)
    qtbot.waitUntil(lambda: len(shown.configured()) == 2)
    assert shown.configured()[1]["width_px"] == 684


def test_a_busy_session_is_told_when_it_is_idle(shown: Shown, qtbot: QtBot) -> None:
    shown.session.set_state("busy")
    shown.pane.widget.resize(700, 600)
    qtbot.waitUntil(lambda: not shown.pane.view._pause.isActive() and shown.pane.view.room().width() == 684)
    shown.pane.tell_sessions()
    assert len(shown.configured()) == 1
    shown.session.set_state("idle")
    assert len(shown.configured()) == 2


def test_a_kernel_that_was_restarted_is_told_again(shown: Shown) -> None:
    shown.session.has_agent = False
    shown.session.set_state("restarting")
    shown.session.set_state("idle")
    assert len(shown.configured()) == 1
    shown.session.has_agent = True
    shown.session.state_changed.emit()
    assert len(shown.configured()) == 2


def test_another_format_is_told(shown: Shown) -> None:
    shown.formats = ("svg", "png")
    shown.pane.tell_sessions()
    assert shown.configured()[-1]["formats"] == ["svg", "png"]


def test_a_small_pane_asks_for_plots_with_room_for_their_margins(shown: Shown, qtbot: QtBot) -> None:
    shown.pane.widget.resize(180, 140)
    qtbot.waitUntil(lambda: len(shown.configured()) == 2)
    assert (shown.configured()[1]["width_px"], shown.configured()[1]["height_px"]) == (320, 240)


def test_a_session_that_is_gone_is_let_go(shown: Shown) -> None:
    shown.kernels.remove(shown.session)
    assert len(shown.session.output_arrived) == 0
    assert len(shown.session.state_changed) == 0


# --- saving, copying, code


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.PNG", b"\x89PNG"), ("a.jpg", b"\xff\xd8"), ("a.jpeg", b"\xff\xd8")]
)
def test_a_bitmap_is_saved_in_the_format_of_its_ending(shown: Shown, tmp_path: Path, name: str, start: bytes) -> None:
    data = png(40, 30, (7, 8, 9))
    shown.put(png_display(data))
    shown.desk.commands.run("plot.save", path=str(tmp_path / name))
    shown.wait_drawn()
    written = (tmp_path / name).read_bytes()
    assert written.startswith(start)
    assert (written == data) == name.lower().endswith(".png")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".toml"] == [name]


def test_a_vector_is_saved_as_it_came_or_as_a_large_bitmap(shown: Shown, tmp_path: Path) -> None:
    text = svg(RED_SQUARE)
    shown.put(svg_display(text))
    for name in ("a.svg", "a.png", "a.jpg"):
        shown.desk.commands.run("plot.save", path=str(tmp_path / name))
        shown.wait_drawn()
    assert (tmp_path / "a.svg").read_text() == text
    assert QImage(str(tmp_path / "a.png")).size() == QSize(120, 90)
    assert QImage(str(tmp_path / "a.jpg")).size() == QSize(120, 90)


def test_a_transparent_plot_becomes_a_jpeg_on_white(shown: Shown, tmp_path: Path) -> None:
    shown.put(svg_display(svg('<rect width="4" height="3"/>')))
    shown.desk.commands.run("plot.save", path=str(tmp_path / "a.jpg"))
    shown.wait_drawn()
    assert QImage(str(tmp_path / "a.jpg")).pixelColor(110, 80).lightness() > 250


@pytest.mark.parametrize("name", ["a.svg", "a.gif", "no/such/folder.png"])
def test_what_cannot_be_saved_is_told_and_leaves_nothing(shown: Shown, tmp_path: Path, name: str) -> None:
    shown.put(png_display(png(4, 4)))
    shown.desk.commands.run("plot.save", path=str(tmp_path / name))
    shown.wait_drawn()
    assert len(shown.desk.errors) == 1
    assert not (tmp_path / name).exists()


def test_a_file_that_cannot_be_replaced_stays_whole(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "a.png"
    old.write_bytes(b"old")

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    shown.put(png_display(png(4, 4)))
    monkeypatch.setattr(Path, "replace", refuse)
    shown.desk.commands.run("plot.save", path=str(old))
    shown.wait_drawn()
    assert old.read_bytes() == b"old"
    assert "No space left" in shown.desk.errors[0].text
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".toml"] == ["a.png"]


def test_the_export_dialog_writes_what_was_chosen(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def answer(_parent: object, proposal: str, filters: str) -> str:
        asked.append((proposal, filters))
        return str(tmp_path / "chart.v2")

    shown.put(png_display(png(40, 20)))
    shown.desk.commands.run("plot.save")
    shown.wait_drawn()
    (dialog,) = shown.pane.view.window().findChildren(ExportDialog)
    dialog._ask = answer
    assert dialog.note.text().startswith("It is made of the picture that is here, 40 × 20 pixels. Its kernel keeps no")
    assert [dialog.format.itemData(row) for row in range(dialog.format.count())] == ["png", "pdf", "tiff", "jpeg"]
    dialog.format.setCurrentIndex(2)
    dialog.width_box.setValue(120)
    assert dialog.height_box.value() == 60
    assert "enlarged, which makes it no sharper" in dialog.note.text()
    dialog.dpi.setValue(254)
    dialog.unit.setCurrentText("cm")
    assert dialog.width_box.value() == 1.2
    dialog.export_button.click()
    shown.wait_drawn()
    assert asked == [("plot-1.tiff", "TIFF (*.tiff *.tif)")]
    image = QImage(str(tmp_path / "chart.v2.tiff"))
    assert (image.size(), image.dotsPerMeterX()) == (QSize(120, 60), 10_000)
    assert shown.desk.errors == []


def test_a_plot_is_copied_as_picture_and_as_data(shown: Shown) -> None:
    data = png(12, 9, (1, 2, 3))
    shown.put(png_display(data))
    shown.desk.commands.run("plot.copy")
    shown.wait_drawn()
    mime = QGuiApplication.clipboard().mimeData()
    assert QGuiApplication.clipboard().image().size() == QSize(12, 9)
    assert bytes(mime.data("image/png").data()) == data


def test_the_code_of_a_plot_is_asked_for(shown: Shown) -> None:
    shown.put(png_display(png(4, 4)))
    shown.desk.commands.run("plot.go_to_code")
    assert shown.gone_to == [shown.pane.model.current]


# --- for those who do not see it


def test_plots_have_names_of_number_and_source(shown: Shown) -> None:
    shown.put(png_display(png(4, 4)), png_display(png(4, 4)))
    picture = QAccessible.queryAccessibleInterface(shown.pane.view.picture)
    assert picture.text(QAccessible.Text.Name) == "Plot 2, analysis.py"
    rows = shown.pane.view.thumbnails.rows
    assert rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Plot 1, analysis.py"
    assert shown.pane.view.thumbnails.accessibleName() == "Plots in order"


def test_a_source_that_looks_like_markup_is_shown_as_text(shown: Shown) -> None:
    shown.put(png_display(png(4, 4)), title="<b>a</b>")
    index = shown.pane.view.thumbnails.rows.index(0)
    assert "<" not in str(index.data(Qt.ItemDataRole.ToolTipRole))


def test_keys_and_clicks_choose_among_thumbnails(shown: Shown) -> None:
    shown.put(*(png_display(png(20, 20)) for _ in range(4)))
    strip = shown.pane.view.thumbnails
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert shown.pane.model.position == 2
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.visualRect(strip.rows.index(0)).center())
    assert shown.pane.model.position == 0
    shown.wait_drawn()


def test_the_menu_offers_what_can_be_done_with_a_plot(shown: Shown) -> None:
    shown.put(png_display(png(20, 20)))
    shown.desk.actions.follow()
    shown.pane.view.picture.customContextMenuRequested.emit(QPoint(5, 5))
    menu = shown.pane.view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    enabled = [action.objectName() for action in menu.actions() if action.isEnabled() and action.objectName()]
    assert enabled == [
        "plot.save",
        "plot.copy",
        "plot.insert_save_code",
        "plot.show_code",
        "plot.go_to_code",
        "plot.run_again",
        "plot.compare",
        "plot.open_window",
        "plot.full_screen",
        "plot.zoom_in",
        "plot.zoom_out",
        "plot.zoom_fit",
        "plot.pin",
        "plot.describe",
        "plot.show_dark",
        "plot.delete",
        "plot.delete_all",
    ]
    menu.close()


def test_a_low_pane_leaves_the_room_to_the_plot(shown: Shown) -> None:
    shown.put(png_display(png(200, 200)))
    assert shown.pane.view.thumbnails.isVisible()
    shown.pane.widget.resize(500, 180)
    shown.wait_drawn()
    assert not shown.pane.view.thumbnails.isVisible()


# --- filter, pin, compare, windows, looks


def three(shown: Shown) -> None:
    for number, title in enumerate(("a.py", "b.R", "c.py")):
        shown.put(png_display(png(60, 40, (number, 0, 0))), title=title)


def test_the_strip_lists_what_the_filter_lets_through(shown: Shown) -> None:
    three(shown)
    strip = shown.pane.view.thumbnails
    shown.desk.commands.run("plot.filter", text=".py")
    assert [strip.isRowHidden(row) for row in range(3)] == [False, True, False]
    assert shown.pane.view.line.text.startswith("3 of 3 (2 listed) · c.py")
    shown.put(png_display(png(60, 40)), title="d.R")
    assert strip.isRowHidden(3)
    shown.desk.commands.run("plot.previous")
    assert shown.pane.model.position == 2
    shown.desk.commands.run("plot.filter", text="")
    assert not any(strip.isRowHidden(row) for row in range(4))
    shown.desk.commands.run("plot.filter")
    assert shown.pane.widget.header.filter_box is shown.desk.widgets[0].focusWidget()
    shown.wait_drawn()


def test_a_pinned_plot_says_so_and_stays(shown: Shown) -> None:
    three(shown)
    run = shown.desk.commands.run
    run("plot.pin")
    assert shown.desk.commands.is_checked("plot.pin")
    strip = shown.pane.view.thumbnails
    assert strip.rows.index(2).data(Qt.ItemDataRole.AccessibleTextRole) == "Plot 3, c.py, pinned"
    assert shown.pane.view.line.accessibleName().endswith("pinned")
    run("plot.delete_all")
    assert [plot.id for plot in shown.pane.model.plots] == [3]
    run("plot.pin")
    assert not shown.desk.commands.is_checked("plot.pin")
    shown.wait_drawn()


def test_two_plots_stand_side_by_side_while_one_changes(shown: Shown) -> None:
    three(shown)
    run, view = shown.desk.commands.run, shown.pane.view
    run("plot.compare")
    shown.wait_drawn()
    left, right = view.other_page, view.page
    assert left.isVisible()
    assert left.mapTo(view, QPoint()).x() < right.mapTo(view, QPoint()).x()
    assert abs(left.width() - right.width()) <= 2
    assert [page.plot.id for page in (left, right) if page.plot is not None] == [3, 2]
    assert color(left.picture.image or QImage()) == "#020000"
    run("plot.previous")
    shown.wait_drawn()
    assert [page.plot.id for page in (left, right) if page.plot is not None] == [3, 1]
    assert view.other_line.text.startswith("Plot 3 · c.py")
    shown.pane.model.redrawn(3, "image/png", png(60, 40, (99, 0, 0)))
    shown.wait_drawn()
    assert color(left.picture.image or QImage()) == "#630000"
    assert shown.desk.commands.is_checked("plot.compare")
    run("plot.compare")
    assert not left.isVisible()
    run("plot.compare")
    run("plot.delete_all")
    assert not left.isVisible()
    assert not shown.desk.commands.is_checked("plot.compare")
    shown.wait_drawn()


def test_two_plots_side_by_side_are_zoomed_and_moved_as_one_until_untied(shown: Shown) -> None:
    shown.put(png_display(png(900, 600)), png_display(png(1500, 1000)))
    run, view = shown.desk.commands.run, shown.pane.view
    run("plot.compare")
    shown.wait_drawn()
    left, right = view.other_page.picture, view.picture
    assert (left.own_size.width(), right.own_size.width()) == (1500, 900)

    def part(picture: PictureView) -> tuple[float, ...]:
        """What of the picture is in the middle, and how much larger than fitted it is."""
        target = picture.target()
        middle = QPointF(picture.width() / 2, picture.height() / 2) - target.topLeft()
        grown = picture.wanted_size().width() / picture.fitted_size().width()
        return middle.x() / target.width(), middle.y() / target.height(), grown

    right.zoom_by(4.0, QPointF(60, 90))
    assert (left.is_fitted, right.is_fitted) == (False, False)
    assert part(left) == pytest.approx(part(right), abs=0.03)
    QTest.keyClick(left, Qt.Key.Key_Right)
    assert part(left) == pytest.approx(part(right), abs=0.03)
    assert part(left)[0] != pytest.approx(0.5, abs=0.03)
    run("plot.tie_zoom")
    assert not shown.desk.commands.is_checked("plot.tie_zoom")
    left.fit()
    assert (left.is_fitted, right.is_fitted) == (True, False)
    run("plot.tie_zoom")
    assert (left.is_fitted, right.is_fitted) == (False, False)
    right.fit()
    assert (left.is_fitted, right.is_fitted) == (True, True)
    shown.wait_drawn()


def test_a_slow_plot_offers_to_be_redrawn(shown: Shown, qtbot: QtBot) -> None:
    shown.session.answers["plots.render"] = Answer({"format": "png", "draw_ms": 4200}, (png(504, 300),))
    slow = {"image/png": {"fourpane": {"plot": "f8", "draw_ms": 4200}}}
    shown.put(Display(png_display(png(60, 40)).data, slow))
    line = shown.pane.view.line
    qtbot.waitUntil(line.offer.isVisible)
    assert line.offer.text() == "Redraw (about 4 s)"
    assert "Scaled" in line.text
    assert not asked_to_render(shown)
    line.offer.click()
    assert len(asked_to_render(shown)) == 1
    qtbot.waitUntil(lambda: not line.offer.isVisible())
    shown.wait_drawn()


def test_a_window_keeps_its_plot_and_goes_with_it(shown: Shown) -> None:
    three(shown)
    shown.desk.commands.run("plot.open_window")
    (window,) = shown.pane.windows
    shown.desk.commands.run("plot.previous")
    shown.wait_drawn()
    assert (window.windowTitle(), window.page.plot and window.page.plot.id) == ("Plot 3, c.py", 3)
    assert color(window.page.picture.image or QImage()) == "#020000"
    fitted = []
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_0):
        QTest.keyClick(window, key)
        fitted.append(window.page.picture.is_fitted)
    assert fitted == [False, True]
    shown.wait_drawn()
    shown.desk.commands.run("plot.next")
    shown.desk.commands.run("plot.delete")
    assert shown.pane.windows == []
    shown.wait_drawn()


def test_the_full_screen_goes_from_plot_to_plot(shown: Shown) -> None:
    three(shown)
    shown.desk.commands.run("plot.full_screen")
    (window,) = shown.pane.windows
    assert window.isFullScreen()
    QTest.keyClick(window, Qt.Key.Key_Left)
    shown.wait_drawn()
    assert shown.pane.model.position == 1
    assert color(window.page.picture.image or QImage()) == "#010000"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert shown.pane.windows == []


def test_looking_in_another_way_changes_no_plot(shown: Shown, tmp_path: Path) -> None:
    data = png(60, 40, (214, 39, 40))
    shown.put(png_display(data))
    run = shown.desk.commands.run
    run("plot.see_deuteranopia")
    shown.wait_drawn()
    assert color(shown.image) != "#d62728"
    assert shown.pane.view.line.text.endswith("Seen as with deuteranopia")
    assert [id for id in ("plot.see_all_colours", "plot.see_deuteranopia") if shown.desk.commands.is_checked(id)] == [
        "plot.see_deuteranopia"
    ]
    run("plot.show_dark")
    shown.wait_drawn()
    assert shown.pane.view.line.text.endswith("Seen as with deuteranopia on dark paper")
    run("plot.save", path=str(tmp_path / "a.png"))
    shown.wait_drawn()
    assert (tmp_path / "a.png").read_bytes() == data
    run("plot.see_all_colours")
    run("plot.show_dark")
    shown.wait_drawn()
    assert color(shown.image) == "#d62728"


def test_zoom_stays_while_the_look_changes(shown: Shown) -> None:
    shown.put(png_display(png(400, 300)))
    shown.pane.view.picture.zoom_by(2.0)
    shown.wait_drawn()
    zoom = shown.pane.view.picture.zoom
    shown.desk.commands.run("plot.show_dark")
    shown.wait_drawn()
    assert shown.pane.view.picture.zoom == zoom


# --- code and words


def test_a_description_is_said_and_kept(shown: Shown) -> None:
    shown.put(png_display(png(20, 20)))
    shown.desk.commands.run("plot.describe")
    (dialog,) = shown.pane.view.window().findChildren(DescribeDialog)
    dialog.text.setPlainText(" Ages of penguins, a histogram ")
    dialog.findChildren(QDialogButtonBox)[0].buttons()[0].click()
    picture = QAccessible.queryAccessibleInterface(shown.pane.view.picture)
    assert picture.text(QAccessible.Text.Description) == "Ages of penguins, a histogram"
    index = shown.pane.view.thumbnails.rows.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Ages of penguins, a histogram"


def test_what_the_agent_says_of_a_plot_describes_it(shown: Shown) -> None:
    said = {"image/png": {"fourpane": {"plot": "f7", "draw_ms": 12, "alt": "Line plot"}}}
    bundle = png_display(png(20, 20)).data
    shown.put(Display(bundle, said))
    plot = shown.pane.model.at(0)
    assert (plot.figure, plot.draw_ms, plot.alt) == ("f7", 12, "Line plot")
    assert shown.pane.view.picture.accessibleDescription() == "Line plot"


def test_the_code_of_a_plot_is_shown_and_leads_on(shown: Shown) -> None:
    shown.put(png_display(png(20, 20)))
    shown.desk.commands.run("plot.show_code")
    (dialog,) = shown.pane.view.window().findChildren(CodeDialog)
    assert dialog.text.toPlainText() == "plot()"
    buttons = {button.text(): button for button in dialog.findChildren(QDialogButtonBox)[0].buttons()}
    buttons["Copy"].click()
    assert QGuiApplication.clipboard().text() == "plot()"
    buttons["Run again"].click()
    assert shown.run_again == [shown.pane.model.current]


def test_code_that_saves_a_plot_goes_into_the_script(shown: Shown) -> None:
    shown.put(png_display(png(20, 20)))
    shown.desk.commands.run("plot.insert_save_code")
    assert shown.inserted == ["save plot-1.png"]
    shown.has_script = False
    shown.desk.commands.run("plot.insert_save_code")
    assert [error.happened for error in shown.desk.errors] == ["There is no script to put the code into."]


# --- what is bad


def test_a_crowded_svg_is_zoomed_as_a_bitmap_and_says_so(shown: Shown) -> None:
    crowded = svg(RED_SQUARE + '<path d="M0 0h1"/>' * 50_001)
    shown.put(svg_display(crowded))
    assert shown.pane.view.line.text.endswith("so it is zoomed as a bitmap.")
    assert color(shown.image) == "#ff0000"
    image = shown.image
    shown.desk.commands.run("plot.zoom_in")
    shown.wait_drawn()
    assert shown.image is image


def test_the_bitmap_beside_a_large_svg_is_shown_and_that_is_said(shown: Shown) -> None:
    data = {**png_display(png(30, 20, (1, 2, 3))).data, **svg_display(svg(" " * 5_100_000)).data}
    shown.put(Display(data))
    assert color(shown.image) == "#010203"
    assert "Its SVG has 5.1 MB, so the bitmap is shown." in shown.pane.view.line.text


def test_a_picture_whose_file_is_gone_is_told(shown: Shown, tmp_path: Path) -> None:
    shown.put(png_display(png(30, 20)))
    plot = replace(shown.pane.model.at(0), id=2, picture=Picture(None, 100, tmp_path / "gone.plot"))
    shown.pane.model.put_back([plot])
    shown.desk.commands.run("plot.previous")
    shown.wait_drawn()
    assert shown.pane.view.page.broken.isVisible()
    assert "is gone" in shown.pane.view.page.broken.text


# --- plots that their kernel draws anew

FIGURE = {"image/png": {"fourpane": {"plot": "f7", "draw_ms": 12, "width_px": 60, "height_px": 40, "dpi": 96}}}


def asked_to_render(shown: Shown) -> list[dict[str, object]]:
    asked = [words for kind, words in shown.session.asked if kind == "ask"]
    return [cast(dict[str, object], words[1]) for words in asked if words[0] == "plots.render"]


def test_a_plot_of_another_size_is_drawn_anew_for_the_pane(shown: Shown) -> None:
    answer = {"format": "png", "width_px": 504, "height_px": 300, "draw_ms": 5}
    shown.session.answers["plots.render"] = Answer(answer, (png(504, 300, (0, 200, 0)),))
    shown.put(Display(png_display(png(60, 40)).data, FIGURE))
    shown.qtbot.waitUntil(lambda: bool(asked_to_render(shown)))
    shown.wait_drawn()
    room = shown.pane.view.room()
    (asked,) = asked_to_render(shown)
    assert (asked["plot"], asked["width_px"], asked["height_px"]) == ("f7", room.width(), room.height())
    assert color(shown.image) == "#00c800"
    assert shown.desk.commands.is_enabled("plot.redraw")


def test_an_export_is_drawn_by_the_kernel_and_from_the_picture_where_that_fails(shown: Shown, tmp_path: Path) -> None:
    shown.session.answers["plots.render"] = Answer({"format": "svg"}, (b"<svg/>",))
    shown.put(Display(png_display(png(60, 40)).data, FIGURE))
    plot = shown.pane.model.at(0)
    shown.pane.export(plot, tmp_path / "a.svg", Export("svg", 600, 400, 300, True))
    shown.wait_drawn()
    assert (tmp_path / "a.svg").read_bytes() == b"<svg/>"
    assert asked_to_render(shown)[-1]["is_transparent"]
    shown.session.answers["plots.render"] = Answer(None, error="It raised ZeroDivisionError.", code="failed")
    shown.pane.export(plot, tmp_path / "a.png", Export("png", 120, 80))
    shown.wait_drawn()
    assert QImage(str(tmp_path / "a.png")).size() == QSize(120, 80)
    assert "ZeroDivisionError" in shown.desk.errors[-1].text


def test_many_plots_go_and_come_back_under_a_filter(shown: Shown) -> None:
    three(shown)
    strip, run = shown.pane.view.thumbnails, shown.desk.commands.run
    run("plot.filter", text=".py")
    run("plot.delete_all")
    assert strip.rows.rowCount() == 0
    run("plot.restore")
    assert [strip.isRowHidden(row) for row in range(3)] == [False, True, False]
    assert strip.currentIndex().row() == shown.pane.model.position
    shown.wait_drawn()
