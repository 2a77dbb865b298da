"""Pictures of the data viewer: empty, filled, narrow, busy, gone, wrong filter, filter popup, columns, code, find."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from ide.core.table import CellDetail, Code, Filter, TableInfo
from ide.panes.tables.column_picker import ColumnPicker
from ide.panes.tables.export_dialog import ExportDialog
from ide.panes.tables.filter_popup import FilterPopup
from ide.panes.tables.inspector import Inspector
from ide.panes.tables.slice_bar import SliceBar
from ide.tables.selection import Area, Selection
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.fakes.tables_desk import TablesDesk
from tests.fakes.window_parts import Parts
from tests.pictures.harness import check

SPECIES = ["Adelie", "Chinstrap", "Gentoo"]
ROWS = 344


def penguins() -> dict[str, list[Any]]:
    """Like the ones that everybody knows, made up."""
    return {
        "species": [SPECIES[row * 3 // ROWS] for row in range(ROWS)],
        "island": [None if row % 41 == 5 else ["Torgersen", "Biscoe", "Dream"][row % 3] for row in range(ROWS)],
        "bill_length_mm": [None if row % 37 == 3 else 32 + (row * 7919 % 270) / 10 for row in range(ROWS)],
        "body_mass_g": [2700 + row * 7907 % 3600 for row in range(ROWS)],
        "sampled": [datetime.date(2007, 11, 11) + datetime.timedelta(days=row) for row in range(ROWS)],
        "is_adult": [row % 3 != 1 for row in range(ROWS)],
        "note": ["" if row % 4 else "seen twice, the second time in bad light" for row in range(ROWS)],
    }


@pytest.fixture
def desk(parts: Parts, tmp_path: Path) -> Iterator[TablesDesk]:
    """The viewer in one theme at one zoom."""
    px = parts.theme.px
    made = TablesDesk(parts, tmp_path, size=(px(760), px(480)))
    yield made
    made.close()
    made.tabs.stack.deleteLater()


def take(name: str, desk: TablesDesk, *, width: int = 760, height: int = 480) -> None:
    """A picture of the tabs' body; it stays, for the desk puts it away."""
    px = desk.parts.theme.px

    def sized(_parts: Parts) -> QWidget:
        desk.tabs.stack.resize(px(width), px(height))
        return desk.tabs.stack

    check(name, desk.parts, sized, destroys=False)


def take_popup(name: str, desk: TablesDesk, widget: QWidget) -> None:
    """A picture of a popup or dialog of its own."""
    widget.adjustSize()
    check(name, desk.parts, lambda _parts: widget)


def test_filled_sorted_and_filtered(desk: TablesDesk) -> None:
    page = desk.open(FakeTableSource(penguins()))
    page.model.set_filter(3, Filter(3, "ge", ("3000",)))
    page.model.set_filter(0, Filter(0, "in", ("Adelie", "Gentoo")))
    page.model.sort(3, True)
    page.model.sort(2, False, adds=True)
    page.grid.set_heat(2, "sequential")
    page.grid.set_selection(Selection((Area.between(1, 0, 3, 2),)))
    take("table-filled", desk)


def test_plain_narrow_and_empty(desk: TablesDesk) -> None:
    desk.open(FakeTableSource(penguins()))
    take("table-plain", desk)
    take("table-narrow", desk, width=320, height=400)
    desk.run("table.close")
    desk.open(FakeTableSource({"name": [], "age": []}))
    take("table-empty", desk)


def test_busy_and_gone(desk: TablesDesk) -> None:
    source = FakeTableSource(penguins())
    page = desk.open(source)
    source.set_busy(True)
    page.model.sort(3, True)
    take("table-busy", desk)
    source.lose()
    take("table-gone", desk)


def test_wrong_filter_and_find(desk: TablesDesk) -> None:
    page = desk.open(FakeTableSource(penguins()))
    page.model.set_filter(0, Filter(0, "regex", ("(",)))
    page.tell("Only the first 100 of 344 rows were copied.", "warning")
    desk.run("table.find")
    page.find_bar.box.setText("Dream")
    page.find_bar.asked.emit(page.find_bar.query)
    take("table-wrong-filter", desk)


def test_code_and_edit(desk: TablesDesk) -> None:
    data = [FakeColumn(name, values, options={"can_edit": True}) for name, values in penguins().items()]
    page = desk.open(FakeTableSource(data))
    page.grid.go_to(0, 3)
    desk.run("table.edit_cell", text="3333")
    code = 'df_view = (\n    df.loc[df["body_mass_g"] >= 3000]\n    .sort_values("body_mass_g", ascending=False)\n)\n'
    desk.code = lambda _model, _dialect: code
    desk.run("table.code")
    take("table-code", desk)


def test_summaries_and_missing_values(desk: TablesDesk) -> None:
    data = penguins()
    data["bill_depth_mm"] = [None if length is None or row % 50 == 7 else 17.0 + row % 5 for row, length in
                             enumerate(data["bill_length_mm"])]  # fmt: skip
    page = desk.open(FakeTableSource(data))
    page.grid.go_to(0, 2)
    desk.run("table.summaries")
    take("table-summaries", desk)
    page.grid.go_to(0, 0)
    take("table-summaries-text", desk)
    desk.run("table.missing")
    take("table-missing", desk)


def test_popups(desk: TablesDesk) -> None:
    page = desk.open(FakeTableSource(penguins()))
    take_popup("table-filter-text", desk, FilterPopup(page.model, page.model.columns[0], desk.parts.theme, page))
    number = FilterPopup(page.model, page.model.columns[3], desk.parts.theme, page)
    number.operator.setCurrentIndex(number.operator.findData("between"))
    number.low.setText("many")
    number.high.setText("4000")
    number.apply()
    take_popup("table-filter-problem", desk, number)
    page.grid.hide_columns([4])
    page.grid.pin_column(2)
    take_popup("table-columns", desk, ColumnPicker(page.model, page.grid, desk.parts.theme, page))


def test_dialogs(desk: TablesDesk) -> None:
    page = desk.open(FakeTableSource(penguins()))
    theme = desk.parts.theme
    dialog = ExportDialog("df", desk.parts.folder, ROWS, 6, 1, True, theme, page)
    take_popup("table-export", desk, dialog)
    inspector = Inspector("Row 3, note", page.model.columns[6], theme, page)
    inspector.show_detail(CellDetail("{…}", "dict", Code.OBJECT, '{"bird": {"ring": 12, "seen": ["May", "June"]}}'))
    check("table-inspector", desk.parts, lambda _parts: inspector)


def test_slices(desk: TablesDesk) -> None:
    bar = SliceBar(desk.parts.theme)
    info = TableInfo("a", 3, 4, dims=(12, 180, 360, 4), row_axis=1, column_axis=2, fixed=(0, 3))
    bar.show_info(info)
    bar.move(QPoint(0, 0))
    check("table-slices", desk.parts, lambda _parts: bar, (desk.parts.theme.px(700), desk.parts.theme.px(40)))
