"""The page of a table: header, chips, grid, find, footer, filter popup, code, inspector, columns, edits, states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from ide.core.errors import CommandError
from ide.core.ports import Cancel
from ide.core.table import (
    CellDetail,
    Code,
    Done,
    Failed,
    Filter,
    FilterGroup,
    OnProgress,
    TableError,
    TableInfo,
    ViewSpec,
    ViewState,
)
from ide.panes.tables.column_picker import ColumnPicker
from ide.panes.tables.export_dialog import ExportDialog, ExportWish
from ide.panes.tables.filter_popup import FilterPopup
from ide.panes.tables.inspector import Inspector
from ide.panes.tables.slice_bar import PartBar, SliceBar
from ide.tables.files.source import OrderCost
from ide.tables.selection import Area, Selection
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.fakes.tables_desk import PEOPLE, TablesDesk
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed

Show = Callable[..., FakeTableSource]


def texts(desk: TablesDesk, column: int) -> list[str]:
    """A column as the grid writes it."""
    grid = desk.page.grid
    return [grid.cells.exact(row, column) or "" for row in range(desk.page.model.pager.row_count)]


def sort_of(desk: TablesDesk) -> list[tuple[int, bool]]:
    return [(key.column, key.is_descending) for key in desk.page.model.pager.spec.sort]


def parts_of(item: QTreeWidgetItem) -> list[tuple[str, str]]:
    """A tree as pairs, depth first."""
    found = []
    for row in range(item.childCount()):
        child = item.child(row)
        assert child is not None
        found += [(child.text(0), child.text(1)), *parts_of(child)]
    return found


def is_finding(desk: TablesDesk) -> bool:
    return desk.page.model.is_finding


def popup(desk: TablesDesk, kind: type[FilterPopup] | type[ColumnPicker] | type[Inspector]) -> object:
    return desk.page.findChildren(kind)[-1]


def filter_popup(desk: TablesDesk, column: int) -> FilterPopup:
    desk.run("table.filter", column=column)
    found = popup(desk, FilterPopup)
    assert isinstance(found, FilterPopup)
    return found


# ---- what is said


def test_header_footer_and_tab_say_what_is_shown(desk: TablesDesk, show: Show) -> None:
    show()
    page = desk.page
    assert page.model.title == "df  5 × 4"
    assert page.footer.text == "5 rows × 4 columns  ·  df in Python 3.13, as of In [7]"
    assert (page.tab.text, page.tab.badge, page.tab.is_running) == ("df  5 × 4", "Py", False)
    desk.run("table.sort_descending", column=1)
    assert "sorted by age (descending)" in page.footer.text
    page.model.set_filter(1, Filter(1, "gt", ("30",)))
    assert page.footer.text.startswith("3 of 5 rows × 4 columns  ·  1 filter")


def test_every_control_has_a_name(desk: TablesDesk, show: Show) -> None:
    show()
    desk.run("table.code")
    desk.run("table.find")
    assert unnamed(desk.page) == []


# ---- sorting


def test_head_arrow_turns_through_ascending_descending_and_none(desk: TablesDesk, show: Show) -> None:
    show()
    grid = desk.page.grid
    for expected in (["19", "23", "36", "41", "52"], ["52", "41", "36", "23", "19"], ["36", "52", "19", "41", "23"]):
        grid.sort_asked.emit(1, False)
        assert texts(desk, 1) == expected


def test_second_key_is_added_and_chips_edit_both(desk: TablesDesk, show: Show) -> None:
    show()
    page = desk.page
    page.grid.sort_asked.emit(0, False)
    page.grid.sort_asked.emit(1, True)
    assert [view.chip.text for view in page.chips.views] == ["1 ↑ name", "2 ↑ age"]
    page.chips.views[1].button.click()
    assert sort_of(desk) == [(0, False), (1, True)]
    assert texts(desk, 1)[:2] == ["36", "23"]
    page.chips.views[0].cross.click()
    assert sort_of(desk) == [(1, True)]
    page.chips.views[0].cross.click()
    assert page.chips.isHidden()


# ---- filters


def test_typed_filter_applies_and_a_bad_one_says_why(desk: TablesDesk, show: Show) -> None:
    show()
    box = filter_popup(desk, 1)
    box.low.setText("many")
    box.apply()
    assert "not a number" in box.problem.text()
    assert desk.page.model.pager.spec.is_plain
    box.low.setText("20..40")
    box.apply()
    assert texts(desk, 1) == ["36", "23"]
    again = filter_popup(desk, 1)
    assert again.operator.currentData() == "between"
    assert (again.low.text(), again.high.text()) == ("20", "40")
    again.remove_button.click()
    assert desk.page.model.pager.spec.is_plain


@pytest.mark.parametrize(
    ("column", "operator", "low", "rows"),
    [(1, "ge", "41", 2), (1, "ne", "36", 4), (1, "in", "36; 52", 2), (0, "contains", "d", 3), (0, "is_missing", "", 1),
     (3, "is_true", "", 2), (0, "eq", "Bo", 1), (2, "is_present", "", 4)],
)  # fmt: skip
def test_operators_with_values(desk: TablesDesk, show: Show, column: int, operator: str, low: str, rows: int) -> None:
    show()
    box = filter_popup(desk, column)
    box.operator.setCurrentIndex(box.operator.findData(operator))
    box.low.setText(low)
    box.apply()
    assert desk.page.model.pager.row_count == rows


def test_values_are_ticked_and_searched(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show()
    box = filter_popup(desk, 0)
    assert [box.items[0].text(0), box.items[0].text(1)] == ["Ada", "2"]
    box.search.setText("de")
    qtbot.waitUntil(lambda: len(box.items) == 1)
    box.items[0].setCheckState(0, Qt.CheckState.Checked)
    box.search.setText("")
    qtbot.waitUntil(lambda: len(box.items) > 1)
    assert sum(item.checkState(0) == Qt.CheckState.Checked for item in box.items) == 1
    box.apply()
    assert texts(desk, 0) == ["Dee"]


def test_all_and_any_of_the_filters(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show()
    page = desk.page
    page.model.set_filter(0, Filter(0, "eq", ("Ada",)))
    page.model.set_filter(1, Filter(1, "gt", ("50",)))
    assert page.model.pager.row_count == 0
    assert page.chips.group_button is not None
    assert page.chips.group_button.text() == "All of"
    page.chips.group_button.click()
    qtbot.waitUntil(lambda: page.model.pager.row_count == 3)
    page.model.set_filter(1, Filter(1, "gt", ("40",)))
    qtbot.waitUntil(lambda: page.model.pager.row_count == 4)  # the group stays one of any
    assert page.chips.clear_button is not None
    page.chips.clear_button.click()
    assert page.model.pager.spec.is_plain


def test_filter_that_cannot_be_applied_says_so_on_its_chip(desk: TablesDesk, show: Show) -> None:
    show()
    desk.page.model.set_filter(0, Filter(0, "regex", ("(",)))
    (view,) = desk.page.chips.views
    assert view.chip.problem
    assert view.chip.problem in view.button.toolTip()


def test_filter_to_the_value_of_a_cell(desk: TablesDesk, show: Show) -> None:
    show()
    for row, column, count in ((0, 0, 2), (2, 0, 1), (1, 1, 1), (0, 3, 2)):
        desk.page.grid.go_to(row, column)
        desk.run("table.filter_to_value")
        assert desk.page.model.pager.row_count == count, (row, column)
        desk.run("table.clear_view")


# ---- copying, finding, going


def test_copy_of_the_selection_with_and_without_headings(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show()
    desk.page.grid.set_selection(Selection((Area.between(0, 0, 1, 1),)))
    clipboard = QGuiApplication.clipboard()
    for command, text in (
        ("table.copy", "Ada\t36\nBo\t52"), ("table.copy_with_headings", "name\tage\nAda\t36\nBo\t52"),
    ):  # fmt: skip
        clipboard.setText("")
        desk.run(command)
        qtbot.waitUntil(lambda: bool(clipboard.text()))
        assert clipboard.text().rstrip("\n") == text
    for command in ("table.copy_as_csv", "table.copy_as_markdown", "table.copy_as_python", "table.copy_as_r"):
        clipboard.setText("")
        desk.run(command)
        qtbot.waitUntil(lambda: "Ada" in clipboard.text())
    assert desk.page.model.task_text == ""


def test_find_goes_from_match_to_match_and_around(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show()
    page = desk.page
    desk.run("table.find")
    page.find_bar.box.setText("Ada")
    qtbot.waitUntil(lambda: page.find_bar.count.text() == "Row 1")
    page.find_next()
    assert page.grid.current == (4, 0)
    page.find_next()
    assert page.grid.current == (0, 0)
    assert "from the top" in page.find_bar.count.text()
    page.find_bar.box.setText("zzz")
    qtbot.waitUntil(lambda: page.find_bar.count.text() == "No match")
    QTest.keyClick(page.find_bar.box, Qt.Key.Key_Escape)
    assert page.find_bar.isHidden()
    assert page.grid.hasFocus()


def test_search_that_takes_long_can_be_given_up(desk: TablesDesk, show: Show) -> None:
    source = show(is_stepwise=False)
    source.is_stepwise = True
    desk.run("table.find")
    desk.page.find_bar.box.setText("Ada")
    desk.page.find_bar.asked.emit(desk.page.find_bar.query)
    assert is_finding(desk)
    desk.page.find_bar.put_away()
    assert not is_finding(desk)
    assert source.waiting == []


def test_go_to_a_row(desk: TablesDesk, show: Show) -> None:
    show({"n": range(10**6)})
    desk.run("table.go_to", row=999_999)
    assert desk.page.grid.current == (999_999, 0)
    assert desk.page.grid.cells.exact(999_999, 0) == "999999"


# ---- columns


def test_hide_pin_and_show_columns(desk: TablesDesk, show: Show) -> None:
    show()
    grid = desk.page.grid
    desk.run("table.hide_column", column=1)
    assert grid.columns.shown == (0, 2, 3)
    assert desk.parts.commands.is_enabled("table.show_columns")
    desk.run("table.pin_column", column=3)
    assert grid.columns.shown == (3, 0, 2)
    desk.run("table.show_columns")
    assert grid.columns.hidden == frozenset()
    grid.select_all()
    with pytest.raises(CommandError):
        desk.run("table.hide_column")


def test_column_picker_searches_by_name_and_type_and_goes_there(desk: TablesDesk, show: Show) -> None:
    show({f"c{number}": [number, number] for number in range(600)})
    desk.run("table.columns")
    picker = popup(desk, ColumnPicker)
    assert isinstance(picker, ColumnPicker)
    picker.box.setText("c59")
    assert picker.rows.indexes == [59, *range(590, 600)]
    picker.only_button.click()
    assert desk.page.grid.columns.count == 11
    picker.all_button.click()
    assert desk.page.grid.columns.count == 600
    picker.box.setText("c599")
    QTest.keyClick(picker.box, Qt.Key.Key_Return)
    assert desk.page.grid.current is not None
    assert desk.page.grid.current[1] == 599


def test_heat_map_and_compact_rows_are_ticked_while_they_are_on(desk: TablesDesk, show: Show) -> None:
    show()
    desk.page.grid.go_to(0, 1)
    desk.run("table.heat_map")
    assert desk.parts.commands.is_checked("table.heat_map")
    assert desk.page.grid.heat_kind(1) == "sequential"
    desk.run("table.heat_map")
    assert not desk.parts.commands.is_checked("table.heat_map")
    before = desk.page.grid.frame.row_px
    desk.run("table.compact")
    assert desk.page.grid.frame.row_px < before


# ---- menus


def menu_titles(desk: TablesDesk, part: str, column: int) -> list[str]:
    desk.page.grid.menu_asked.emit(QPoint(5, 5), 0, column, part)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    found = [action.text() for action in menu.actions() if action.text()]
    menu.close()
    return found


def test_menus_of_heads_and_cells(desk: TablesDesk, show: Show) -> None:
    show()
    assert "Sort ascending" in menu_titles(desk, "column", 1)
    assert "Do not sort by this" not in menu_titles(desk, "column", 1)
    desk.run("table.sort_ascending", column=1)
    assert "Do not sort by this" in menu_titles(desk, "column", 1)
    assert "Then ascending" in menu_titles(desk, "column", 0)
    assert "Copy with headings" not in menu_titles(desk, "cell", 0)
    assert "Copy cells with headings" in menu_titles(desk, "cell", 0)


# ---- cells whole, edits


def test_inspector_shows_text_whole_and_trees(desk: TablesDesk, show: Show) -> None:
    show({"text": ["a" * 5000]})
    desk.run("table.inspect")
    inspector = popup(desk, Inspector)
    assert isinstance(inspector, Inspector)
    assert inspector.text.toPlainText() == "a" * 5000
    inspector.show_detail(CellDetail("{…}", "dict", Code.OBJECT, '{"a": [1, {"b": "c"}], "d": null}'))
    root = inspector.tree.invisibleRootItem()
    assert root is not None
    assert parts_of(root) == [("a", "2 parts"), ("[0]", "1"), ("[1]", "1 part"), ("b", "c"), ("d", "null")]
    inspector.show_error(TableError("It went away."))
    assert "went away" in inspector.text.toPlainText()
    inspector.close()


def test_edit_in_place_shows_its_code_and_is_undone(desk: TablesDesk, show: Show) -> None:
    people = [FakeColumn(name, values, options={"can_edit": True}) for name, values in PEOPLE.items()]
    show(people)
    page = desk.page
    page.grid.go_to(0, 1)
    desk.run("table.edit_cell", text="37")
    assert page.grid.cells.exact(0, 1) == "37"
    assert page.footer.code
    assert len(desk.edited) == 1
    page.footer.copy.click()
    assert QGuiApplication.clipboard().text() == page.footer.code
    page.footer.insert.click()
    assert desk.inserted == [page.footer.code]
    assert desk.parts.commands.is_enabled("table.undo")
    desk.run("table.undo")
    assert page.grid.cells.exact(0, 1) == "36"
    assert not desk.parts.commands.is_enabled("table.undo")
    desk.run("table.set_missing")
    assert page.grid.cells.code(0, 1) is not None
    assert page.grid.cells.code(0, 1) is not Code.VALUE
    desk.run("table.edit_cell", text="many")
    assert page.state.text


# ---- code and export


def test_code_sheet_follows_the_view(desk: TablesDesk, show: Show) -> None:
    show()
    desk.code = lambda model, dialect: f"{dialect}: {len(model.pager.shown_spec.sort)} keys"
    desk.run("table.code")
    sheet = desk.page.sheet
    assert sheet is not None
    assert sheet.code == "pandas: 0 keys"
    desk.run("table.sort_ascending", column=0)
    assert sheet.code == "pandas: 1 keys"
    sheet.copy_button.click()
    assert QGuiApplication.clipboard().text() == sheet.code
    sheet.insert_button.click()
    assert desk.inserted == ["pandas: 1 keys"]

    def refuse(*_what: object) -> str:
        raise CommandError("SQL cannot say it.")

    desk.code = refuse
    sheet.refresh()
    assert sheet.text.toPlainText() == "SQL cannot say it."
    assert not sheet.insert_button.isEnabled()
    desk.run("table.code")
    assert desk.page.sheet is None


def test_export_writes_what_is_shown(desk: TablesDesk, show: Show, qtbot: QtBot) -> None:
    show()
    folder = desk.parts.folder
    desk.run("table.sort_ascending", column=1)
    desk.run("table.hide_column", column=3)
    dialog = ExportDialog(
        "df", folder, 5, 3, 1, False, desk.parts.theme, desk.page, ask=lambda _parent, suggested, _title: suggested
    )
    dialog.export_button.click()
    assert dialog.wish == ExportWish(folder / "df.csv", "csv", False, False, False)
    dialog.deleteLater()
    desk.pane.export_as(desk.page, dialog.wish)
    assert "Writing df.csv" in desk.page.footer.progress
    qtbot.waitUntil(lambda: bool(desk.notices or desk.told), timeout=60_000)
    assert desk.told == []
    assert (folder / "df.csv").read_text("utf-8").splitlines()[:2] == ["name,age,height", ",19,1.55"]
    assert "5 rows were written" in desk.notices[0].text
    assert desk.page.footer.progress == ""


# ---- states


def test_busy_gone_and_changed_are_said(desk: TablesDesk, show: Show) -> None:
    source = show()
    page = desk.page
    source.set_busy(True)
    assert "Python 3.13 is busy" in page.state.text
    source.set_busy(False)
    assert page.state.isHidden()
    page.model.set_filter(3, Filter(3, "is_true"))
    source.change_schema({name: PEOPLE[name] for name in ("name", "age")})
    assert "member" in page.state.text
    assert page.model.title == "df  5 × 2"
    page.state.cross.click()
    assert page.state.isHidden()
    source.change_data({"name": ["Ada"], "age": [1]})
    assert page.model.title == "df  1 × 2"
    source.lose()
    assert "not there any more" in page.state.text
    assert page.grid.cells.exact(0, 0) == "Ada"
    assert not desk.parts.commands.is_enabled("table.sort_ascending")


def test_slow_sort_is_said_and_cancelled(desk: TablesDesk, show: Show) -> None:
    source = show()
    source.is_stepwise = True
    desk.run("table.sort_ascending", column=1)
    assert desk.page.footer.progress
    assert desk.page.tab.is_running
    desk.page.footer.cancel.click()
    assert desk.page.footer.progress == ""
    assert desk.page.model.pager.spec.is_plain


def test_slice_bar_asks_for_other_axes_and_places(parts: Parts, qtbot: QtBot) -> None:
    bar = SliceBar(parts.theme)
    qtbot.addWidget(bar)
    asked: list[tuple[int, int, object]] = []
    bar.asked.connect(lambda *what: asked.append(what))
    info = TableInfo("a", 3, 4, dims=(2, 3, 4), row_axis=1, column_axis=2, fixed=(0,))
    bar.show_info(info)
    assert len(bar.spins) == 1
    bar.spins[0].setValue(1)
    assert asked.pop() == (1, 2, [1])
    choose(bar.rows, 2)
    assert asked.pop() == (2, 1, [0])
    bar.show_info(TableInfo("a", 3, 4))
    assert bar.isHidden()


def choose(box: QComboBox, at: int) -> None:
    box.setCurrentIndex(at)
    box.activated.emit(at)


def test_sheets_of_a_file_are_offered(parts: Parts, qtbot: QtBot) -> None:
    bar = PartBar(parts.theme)
    qtbot.addWidget(bar)
    opened: list[str] = []
    bar.set_parts(["one", "two"], "one", opened.append)
    choose(bar.box, 1)
    assert opened == ["two"]
    assert bar.box.currentText() == "one", "that sheet has a page of its own"


def test_closing_ends_the_source_and_tells_the_commands(desk: TablesDesk, show: Show) -> None:
    source = show()
    assert desk.parts.commands.is_enabled("table.close")
    desk.run("table.close")
    assert source.is_closed
    assert desk.pane.pages == {}
    assert not desk.parts.commands.is_enabled("table.find")


def test_filter_of_several_columns_from_outside_joins_the_others(desk: TablesDesk, show: Show) -> None:
    show()
    model = desk.page.model
    model.set_filter(1, Filter(1, "gt", ("20",)))
    model.add_filter(FilterGroup((Filter(0, "is_missing"), Filter(2, "is_missing")), is_all=False))
    assert len(model.pager.spec.filter.members) == 2
    assert model.pager.row_count == 1
    model.add_filter(Filter(1, "gt", ("60",)))
    assert len(model.pager.spec.filter.members) == 2


class LargeFile(FakeTableSource):
    """Puts only the first rows of a sort in order, as data files do."""

    def view(
        self, view: int, spec: ViewSpec, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        def first_rows(state: ViewState) -> None:
            done(ViewState(state.view, state.row_count, 2) if spec.sort else state)

        return super().view(view, spec, first_rows, failed, progress)

    def order_cost(self, view: int, done: Done[OrderCost], failed: Failed) -> Cancel:
        done(OrderCost(12.0, 5_000_000, 10**9))
        return lambda: None

    def order_fully(
        self, view: int, done: Done[ViewState], failed: Failed, progress: OnProgress | None = None
    ) -> Cancel:
        done(ViewState(view, self.info.row_count))
        return lambda: None


def test_whole_order_of_a_large_file_is_offered_with_its_cost(desk: TablesDesk, qtbot: QtBot) -> None:
    desk.open(LargeFile(PEOPLE))
    page = desk.page
    desk.run("table.sort_ascending", column=1)
    assert page.state.text == "The first 2 rows are in order. All of them take about 12 s and 5 MB on disk."
    assert page.footer.progress == ""
    page.state.button.click()
    assert page.state.isHidden()
    qtbot.waitUntil(lambda: texts(desk, 1) == ["19", "23", "36", "41", "52"])
