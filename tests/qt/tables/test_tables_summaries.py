"""Column summaries beside a table: which columns are asked about, cards, bars and values as filters, exact profiles."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.core.table import Filter
from ide.panes.tables.summary_panel import SummaryPanel
from tests.fakes.table_source import FakeTableSource
from tests.fakes.tables_desk import TablesDesk
from tests.qt.accessible import tab_round, unnamed

Show = Callable[..., FakeTableSource]
WIDE = {f"c{at:05d}": [at, at + 1] for at in range(20_000)}
LONG = {"n": range(110_000), "m": range(110_000)}


def panel(desk: TablesDesk) -> SummaryPanel:
    """The panel, shown where it is not."""
    if not isinstance(desk.page.side, SummaryPanel):
        desk.run("table.summaries")
    QApplication.processEvents()
    found = desk.page.side
    assert isinstance(found, SummaryPanel)
    return found


def open_card(desk: TablesDesk, column: int) -> SummaryPanel:
    """The panel with the card of a column open."""
    found = panel(desk)
    desk.page.grid.go_to_column(column)
    QApplication.processEvents()
    assert found.list.card.isVisible()
    return found


def profiled(source: FakeTableSource) -> list[int]:
    return [asked.arguments[1] for asked in source.asked if asked.method == "profile"]


# ---- opening and closing


def test_command_shows_and_hides_and_esc_gives_the_keyboard_back(desk: TablesDesk, show: Show) -> None:
    show()
    commands = desk.parts.commands
    assert panel(desk).list.hasFocus()
    assert commands.context.get("table.has_summaries")
    desk.run("table.summaries")
    assert desk.page.side is None
    one = panel(desk)
    one.box.setFocus()
    QTest.keyClick(one.box, Qt.Key.Key_Escape)
    assert desk.page.side is None
    assert desk.page.grid.hasFocus()
    assert not commands.context.get("table.has_summaries")
    panel(desk).head.cross.click()
    assert desk.page.side is None


def test_width_is_kept_from_panel_to_panel(desk: TablesDesk, show: Show) -> None:
    show()
    panel(desk)
    splitter = desk.page.splitter
    splitter.moveSplitter(splitter.width() - 260, 1)
    wide = panel(desk).width()
    desk.run("table.summaries")
    assert panel(desk).width() == wide


def test_every_control_has_a_name_and_tab_goes_down_the_card(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 0)
    assert unnamed(one) == []
    one.list.setFocus()
    chain = tab_round(one.list)
    controls = [control for control in one.list.card.controls if control.isVisible() and control.isEnabled()]
    assert chain[: len(controls)] == controls


# ---- what is asked


def test_only_columns_in_sight_are_asked_about(desk: TablesDesk, show: Show) -> None:
    source = show(WIDE)
    before = set(profiled(source))
    one = panel(desk)
    in_sight = set(one.list.in_sight)
    assert set(profiled(source)) == before | in_sight
    assert len(in_sight) < 12
    bar = one.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    assert set(profiled(source)) == before | in_sight | set(one.list.in_sight)
    assert 19_999 in one.list.in_sight
    assert len(profiled(source)) == len(set(profiled(source)))


def test_search_lists_columns_by_name_and_type(desk: TablesDesk, show: Show) -> None:
    show()
    one = panel(desk)

    def found(text: str) -> tuple[int, ...]:
        one.box.setText(text)
        one.search()
        return one.list.indexes

    assert found("HEI") == (2,)
    assert found("number") == (1, 2)
    assert found("nothing") == ()
    assert not one.list.card.isVisible()
    assert found("") == (0, 1, 2, 3)


def test_search_finds_a_column_far_away(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show(WIDE)
    one = panel(desk)
    QTest.keyClicks(one.box, "c19998")
    qtbot.waitUntil(lambda: one.list.indexes == (19_998,))


# ---- cards


def test_card_follows_the_grid_and_the_grid_follows_the_card(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 1)
    assert one.list.card.name.text() == "age"
    place = one.list.rect_of(3).center()
    QTest.mouseClick(one.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.page.column == 3
    assert one.list.card.name.text() == "member"
    QTest.keyClick(one.list, Qt.Key.Key_Up)
    assert desk.page.column == 2
    QTest.keyClick(one.list, Qt.Key.Key_Return)
    assert desk.page.grid.hasFocus()
    one.list.card.name.click()
    assert desk.page.grid.current == (0, 2)


def test_pressed_card_stays_where_it_was(desk: TablesDesk, show: Show) -> None:
    show({f"c{at}": [at, None] for at in range(40)})
    one = open_card(desk, 0)
    below = one.list.rect_of(3)
    QTest.mouseClick(one.list.viewport(), Qt.MouseButton.LeftButton, pos=below.center())
    assert desk.page.column == 3
    assert one.list.rect_of(3).top() <= below.top()
    assert one.list.rect_of(3).bottom() <= one.list.viewport().height()


def test_card_tells_figures_missing_values_and_how_many_rows(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 2)
    assert {"Mean", "1.675", "Minimum", "1.55", "Maximum", "1.81", "All 5 rows"} <= set(one.list.card.texts)
    assert one.list.card.missing is not None
    assert one.list.card.missing.text() == "1 missing (20\u2009%): None"
    open_card(desk, 1)
    assert "No missing values" in one.list.card.texts
    column = desk.page.model.pager.column(2)
    assert column is not None
    assert one.list.spoken(column).startswith("height, number, 1 missing (20\u2009%), Mean 1.675")


# ---- from the card to the rows


def test_bar_filters_to_its_rows_and_the_summary_follows(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 1)
    histogram = one.list.card.histogram
    assert histogram is not None
    QTest.mouseMove(histogram, histogram.bar_rect(0).center())
    histogram.setFocus()
    QTest.keyClick(histogram, Qt.Key.Key_Home)
    assert histogram.text_of(histogram.current).endswith("1 row (20\u2009%)")
    QTest.keyClick(histogram, Qt.Key.Key_Return)
    QApplication.processEvents()
    expected = Filter(1, "lt", ("20.65",))
    assert desk.page.model.pager.spec.filter.members == (expected,)
    assert desk.page.model.pager.row_count == 1
    assert "The only row" in one.list.card.texts
    focused = QApplication.focusWidget()
    assert focused is not None
    assert one.isAncestorOf(focused)


def test_last_bar_holds_the_largest_value(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 1)
    histogram = one.list.card.histogram
    assert histogram is not None
    QTest.mouseClick(histogram, Qt.MouseButton.LeftButton, pos=histogram.bar_rect(19).center())
    assert [view.chip.text for view in desk.page.chips.views] == ["age is at least 50.35"]
    assert desk.page.model.pager.row_count == 1


def test_value_filters_and_the_same_again_takes_it_away(desk: TablesDesk, show: Show) -> None:
    show()
    one = open_card(desk, 0)
    first = one.list.card.values[0]
    assert first.words == ("Ada", "2  50\u2009%")
    first.click()
    assert desk.page.model.filter_of(0) == Filter(0, "eq", ("Ada",))
    QApplication.processEvents()
    one.list.card.values[0].click()
    assert desk.page.model.pager.spec.is_plain
    QApplication.processEvents()
    assert one.list.card.missing is not None
    one.list.card.missing.click()
    assert desk.page.model.filter_of(0) == Filter(0, "is_missing")


# ---- sampled and exact


def test_sample_says_so_and_exact_looks_at_every_row(desk: TablesDesk, show: Show) -> None:
    source = show(LONG)
    one = open_card(desk, 0)
    sample = one.list.card.sample
    assert sample.label.text() == "From 55\u2009000 of 110\u2009000 rows"
    asked = source.count("profile")
    sample.button.click()
    assert source.count("profile") == asked + 1
    assert sample.label.text() == "All 110\u2009000 rows"
    assert sample.button.isHidden()
    open_card(desk, 1)
    assert not sample.button.isHidden()
    open_card(desk, 0)
    assert sample.button.isHidden()
    desk.page.model.set_filter(0, Filter(0, "lt", ("105000",)))
    QApplication.processEvents()
    assert sample.label.text() == "From 52\u2009500 of 105\u2009000 rows"


def test_exact_is_shown_under_way_and_can_be_cancelled(desk: TablesDesk, show: Show) -> None:
    source = show(LONG, reports_progress=True)
    one = open_card(desk, 0)
    sample = one.list.card.sample
    source.is_stepwise = True
    sample.button.click()
    assert (sample.label.text(), sample.button.text()) == ("Reading all rows", "Cancel")
    sample.button.click()
    assert sample.label.text().startswith("From 55")
    assert not [asked for _, asked, _ in source.waiting if asked.method == "profile"]
    sample.button.click()
    source.step_all()
    assert sample.label.text() == "All 110\u2009000 rows"


def test_closing_the_panel_gives_the_exact_profile_up(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    source = show(LONG)
    one = open_card(desk, 0)
    source.is_stepwise = True
    one.list.card.sample.button.click()
    assert source.waiting
    desk.run("table.summaries")
    qtbot.waitUntil(lambda: not source.waiting)


def test_busy_and_gone_are_said(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    source = show()
    one = panel(desk)
    source.set_busy(True)
    desk.page.model.set_filter(1, Filter(1, "gt", ("30",)))
    source.change_data({"name": ["x"], "age": [1], "height": [2.0], "member": [True]})
    QApplication.processEvents()
    assert one.list.card.sample.label.text() == "Waits until the session is free"
    source.set_busy(False)
    QApplication.processEvents()
    desk.page.model.clear_view()
    qtbot.waitUntil(lambda: one.list.card.sample.label.text() == "The only row")
    source.lose()
    QApplication.processEvents()
    assert one.list.card.sample.label.text() == "The only row"


def test_other_columns_are_listed_when_they_come(desk: TablesDesk, show: Show) -> None:
    source = show()
    one = panel(desk)
    source.change_schema({"only": ["a", "a", "b"]})
    QApplication.processEvents()
    assert one.list.indexes == (0,)
    assert one.list.card.name.text() == "only"
    assert [value.words[0] for value in one.list.card.values] == ["a", "b"]


def test_pointer_over_bars_tells_them_and_leaves(desk: TablesDesk, show: Show) -> None:
    show()
    histogram = open_card(desk, 2).list.card.histogram
    assert histogram is not None
    QTest.mouseMove(histogram, histogram.bar_rect(1).center())
    QApplication.processEvents()
    assert histogram.current == 1
    QTest.mouseMove(desk.page.grid.viewport(), QPoint(5, 5))
    QApplication.processEvents()
    assert histogram.current == -1


def test_open_card_is_brought_into_sight_when_the_panel_comes(desk: TablesDesk, show: Show) -> None:
    show({f"c{at}": [at, None] for at in range(40)})
    desk.page.grid.go_to_column(30)
    one = panel(desk)
    rect = one.list.rect_of(30)
    assert one.list.opened == 30
    assert rect.top() >= 0
    assert rect.bottom() <= one.list.viewport().height()
