"""Missing values beside a table: the map, orders, patterns, filters by a click, wide tables, exact and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.core.table import Filter, FilterGroup
from ide.panes.tables.missing_view import MissingView
from tests.fakes.table_source import FakeTableSource
from tests.fakes.tables_desk import TablesDesk
from tests.qt.accessible import unnamed

Show = Callable[..., FakeTableSource]
GAPS: dict[str, list[Any]] = {
    "whole": list(range(8)),
    "zeta": [None, 1, 2, 3, 4, 5, 6, 7],
    "alpha": [None, None, None, None, 4, 5, 6, 7],
}
WIDE: dict[str, list[Any]] = {f"c{at:04d}": [at, None if at % 3 == 0 else at] for at in range(3_000)}


def view(desk: TablesDesk) -> MissingView:
    """The panel, shown where it is not."""
    if not isinstance(desk.page.side, MissingView):
        desk.run("table.missing")
    QApplication.processEvents()
    found = desk.page.side
    assert isinstance(found, MissingView)
    return found


def listed(one: MissingView) -> list[str]:
    return [one.map.text_of(place) for place in range(len(one.map.lines))]


def press(one: MissingView, place: int) -> None:
    QTest.mouseClick(one.map.viewport(), Qt.MouseButton.LeftButton, pos=one.map.line_rect(place).center())
    QApplication.processEvents()


def test_map_lists_columns_with_gaps_in_the_order_that_is_chosen(desk: TablesDesk, show: Show) -> None:
    show(GAPS)
    one = view(desk)
    assert listed(one) == ["alpha: 4 missing, 50\u2009%", "zeta: 1 missing, 12\u2009%"]
    assert one.summary.text() == (
        "21\u2009% of the values are missing, in 2 of 3 columns. 4 rows (50\u2009%) have every value."
    )
    one.order.setCurrentIndex(1)
    one.order.activated.emit(1)
    assert [line.column for line in one.map.lines] == [1, 2]
    one.order.setCurrentIndex(2)
    one.order.activated.emit(2)
    assert [line.column for line in one.map.lines] == [2, 1]
    one.all.setChecked(True)
    assert listed(one)[-1] == "zeta: 1 missing, 12\u2009%"
    assert len(one.map.lines) == 3


def test_strips_show_where_the_gaps_are(desk: TablesDesk, show: Show) -> None:
    show(GAPS)
    one = view(desk)
    strip = one.map.strip_rect(one.map.line_rect(0))
    image = one.map.viewport().grab().toImage()
    ratio = image.devicePixelRatio()

    def color(share: float) -> QColor:
        x, y = strip.left() + strip.width() * share, strip.center().y()
        return QColor(image.pixelColor(round(x * ratio), round(y * ratio)))

    accent = desk.parts.theme.color("accent")
    assert [color(share) == accent for share in (0.1, 0.4, 0.6, 0.9)] == [True, True, False, False]
    assert "Rows 1 to 1: 100\u2009% missing" in one.map.tip_at(strip.topLeft())


def test_few_gaps_among_many_rows_are_seen(desk: TablesDesk, show: Show) -> None:
    values: list[int | None] = list(range(2_000))
    values[777] = None
    show({"x": values})
    one = view(desk)
    strip = one.map.strip_rect(one.map.line_rect(0))
    image = one.map.viewport().grab(strip).toImage()
    colors = [image.pixelColor(x, image.height() // 2).name() for x in range(image.width())]
    assert len(set(colors)) == 2
    assert strip.width() < 200


def test_pressed_line_filters_and_pressed_again_no_more(desk: TablesDesk, show: Show) -> None:
    show(GAPS)
    one = view(desk)
    press(one, 0)
    assert desk.page.model.filter_of(2) == Filter(2, "is_missing")
    assert desk.page.model.pager.row_count == 4
    assert listed(one) == ["alpha: 4 missing, 100\u2009%", "zeta: 1 missing, 25\u2009%"]
    press(one, 0)
    assert desk.page.model.pager.spec.is_plain
    one.map.setFocus()
    QTest.keyClick(one.map, Qt.Key.Key_Down)
    QTest.keyClick(one.map, Qt.Key.Key_Return)
    assert desk.page.model.filter_of(1) == Filter(1, "is_missing")


def test_pattern_filters_to_exactly_its_rows(desk: TablesDesk, show: Show) -> None:
    show(GAPS)
    one = view(desk)
    assert [pattern.words for pattern in one.patterns] == [
        ("alpha only", "3  38\u2009%"),
        ("zeta, alpha", "1  12\u2009%"),
    ]
    one.patterns[0].click()
    QApplication.processEvents()
    expected = FilterGroup((Filter(2, "is_missing"), Filter(1, "is_present")))
    assert desk.page.model.pager.spec.filter.members == (expected,)
    assert desk.page.model.pager.row_count == 3
    desk.page.model.clear_view()
    QApplication.processEvents()
    one.patterns[1].click()
    assert desk.page.model.pager.row_count == 1


def test_no_missing_values_are_said_so(desk: TablesDesk, show: Show) -> None:
    show({"a": [1, 2], "b": ["x", "y"]})
    one = view(desk)
    assert one.summary.text() == "No missing values in 2 rows and 2 columns"
    assert not one.map.isVisible()
    assert one.sample.label.text() == "All 2 rows"


def test_wide_table_comes_block_by_block_and_paints_what_is_in_sight(desk: TablesDesk, show: Show) -> None:
    source = show(WIDE)
    source.is_stepwise = True
    one = view(desk)
    assert one.sample.button.text() == "Cancel"
    source.step()
    assert one.sample.label.text() == "Reading: 200 of 3\u2009000 columns"
    one.sample.button.click()
    assert one.sample.label.text() == "Given up: 200 of 3\u2009000 columns were looked at"
    one.sample.button.click()
    source.step_all()
    assert len(one.map.lines) == 1_000
    assert len(one.map.places_in_sight) < 40
    assert [len(asked.arguments[1]) for asked in source.asked if asked.method == "missing"][-1] == 64


def test_every_control_has_a_name_and_esc_closes(desk: TablesDesk, show: Show) -> None:
    show(GAPS)
    one = view(desk)
    assert unnamed(one) == []
    one.patterns[0].setFocus()
    QTest.keyClick(one.patterns[0], Qt.Key.Key_Escape)
    assert desk.page.side is None
    assert desk.page.grid.hasFocus()


def test_one_panel_takes_the_place_of_the_other(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    source = show(GAPS)
    first = view(desk)
    gone: list[bool] = []
    first.destroyed.connect(lambda: gone.append(True))
    desk.run("table.summaries")
    qtbot.waitUntil(lambda: bool(gone))
    asked = source.count("missing")
    desk.page.model.set_filter(0, Filter(0, "gt", ("3",)))
    assert source.count("missing") == asked
    assert not desk.parts.commands.context.get("table.has_missing")


def test_panels_are_not_offered_where_the_source_has_none(desk: TablesDesk, show: Show) -> None:
    show(GAPS, features=frozenset({"sort", "filter"}))
    assert not desk.parts.commands.context.get("table.can_show_missing")
    assert not desk.parts.commands.context.get("table.can_summarise")
