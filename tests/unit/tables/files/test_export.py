"""Exports: what is written is read back equal by the libraries themselves; formulas stay text; nothing half is left."""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
from pyarrow import csv as arrow_csv

from ide.core.ports import Cancel
from ide.core.table import Column, Filter, FilterGroup, Progress, SortKey, TableError, TableSource
from ide.tables.export import ExportFormat, ExportOptions, ExportResult, export
from tests.fakes.table_source import FakeColumn, FakeTableSource
from tests.unit.tables.files.kit import Desk
from tests.unit.tables.files.test_columnar import every_kind

FORMATS: tuple[ExportFormat, ...] = ("csv", "tsv", "parquet", "xlsx", "jsonl")


def columns_of(desk: Desk, source: TableSource) -> tuple[Column, ...]:
    return (*source.info.labels, *desk.columns(source))


def write(
    desk: Desk, source: TableSource, target: Path, form: ExportFormat, *, view: int = 0, rows: int = -1,
    columns: Sequence[Column] | None = None, told: list[Progress] | None = None, **how: Any,
) -> ExportResult:  # fmt: skip
    chosen = columns_of(desk, source) if columns is None else columns
    count = source.info.row_count if rows < 0 else rows
    options = ExportOptions(form, **how)
    result: ExportResult = desk.wait(
        lambda done, failed: export(
            source, view, count, chosen, target, options, desk.files.process, done, failed,
            told.append if told is not None else None,
        )
    )  # fmt: skip
    return result


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".part" in path.name)


def test_parquet_keeps_every_kind(desk: Desk, tmp_path: Path) -> None:
    table = every_kind()
    pq.write_table(table, tmp_path / "kinds.parquet", row_group_size=2)
    source = desk.open(tmp_path / "kinds.parquet")
    result = write(desk, source, tmp_path / "out.parquet", "parquet")
    assert result.row_count == 5
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.column_names == table.column_names
    for name in table.column_names:
        before, after = table.column(name), back.column(name)
        if name in ("list", "struct"):
            texts = [None if value is None else json.loads(value) for value in after.to_pylist()]
            assert texts == before.to_pylist(), name
        elif name == "binary":
            assert after.to_pylist() == [None if v is None else "0x" + v.hex() for v in before.to_pylist()]
        elif name == "null":
            assert after.null_count == 5
        elif pa.types.is_floating(before.type):
            assert list(map(str, after.to_pylist())) == list(map(str, before.cast(pa.float64()).to_pylist())), name
        elif pa.types.is_temporal(before.type) or pa.types.is_decimal(before.type):
            assert after.type == before.type or name in ("stamp s", "time32"), "Parquet itself has no seconds"
            assert after.cast(before.type).equals(before), name
        else:
            assert after.to_pylist() == before.to_pylist(), name
    assert pa.types.is_dictionary(back.column("").type)


def simple_columns() -> list[FakeColumn]:
    """Kinds that all formats can hold, from a source that is no file, with labels of rows."""
    hour = datetime.timedelta(hours=1)
    moment = datetime.datetime(2024, 1, 31, 10, 30, 5, 123_000)
    return [
        FakeColumn("whole", [1, None, -(2**53), 2**63 - 1]),
        FakeColumn("real", [0.1, math.nan, -2.5, 1e300]),
        FakeColumn("text", ["plain", "", None, 'quo"ted, é\nline']),
        FakeColumn("flag", [True, False, None, True]),
        FakeColumn("day", [datetime.date(2024, 1, 31), None, datetime.date(1999, 12, 31), datetime.date(1800, 1, 1)]),
        FakeColumn("stamp", [moment, None, datetime.datetime(1900, 3, 1), datetime.datetime(1, 1, 1)]),
        FakeColumn("clock", [datetime.time(10, 30), None, datetime.time(0), datetime.time(23, 59, 59)]),
        FakeColumn("span", [hour * 30, None, hour * 0, -hour / 7200]),
        FakeColumn("long", ["x" * 1_000, "y", "z" * 201, "w"]),
    ]  # fmt: skip


def fake() -> FakeTableSource:
    return FakeTableSource(simple_columns(), labels={"label": ["r1", "r2", "r3", "r4"]})


def test_csv_is_read_back_equal(desk: Desk, tmp_path: Path) -> None:
    write(desk, fake(), tmp_path / "out.csv", "csv")
    how = arrow_csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    back = arrow_csv.read_csv(
        tmp_path / "out.csv", convert_options=how, parse_options=arrow_csv.ParseOptions(newlines_in_values=True)
    ).to_pydict()
    columns = {one.name: list(one.values) for one in simple_columns()}
    assert back["label"] == ["r1", "r2", "r3", "r4"]
    for name in ("whole", "text", "flag", "day", "clock", "long"):
        assert back[name] == columns[name], name
    assert list(map(str, back["real"])) == list(map(str, columns["real"]))
    # Arrow reads what has a fraction as nanoseconds, which the year 1 does not fit: then it is text.
    assert [str(value).replace("T", " ")[:19] for value in back["stamp"]] == [
        "2024-01-31 10:30:05", "None", "1900-03-01 00:00:00", "0001-01-01 00:00:00",
    ]  # fmt: skip
    assert back["span"] == [108_000.0, None, 0.0, -0.5]


def test_what_is_exported_opens_here_again_as_it_was(desk: Desk, tmp_path: Path) -> None:
    source = fake()
    write(desk, source, tmp_path / "out.tsv", "tsv")
    opened = desk.open(tmp_path / "out.tsv")
    assert opened.options.separator == "\t"
    rows = desk.rows(opened)
    assert [row[1] for row in rows[::2]] == [1, -(2**53)]
    assert [row[3] for row in rows] == ["plain", "", "", 'quo"ted, é\nline']
    write(desk, source, tmp_path / "out.jsonl", "jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert records[0]["text"] == "plain"
    assert records[1] == {
        "label": "r2", "whole": None, "real": None, "text": "", "flag": False, "day": None, "stamp": None,
        "clock": None, "span": None, "long": "y",
    }  # fmt: skip
    assert [one["whole"] for one in records] == [1, None, -(2**53), 2**63 - 1]
    assert records[0]["long"] == "x" * 1_000
    assert records[3]["span"] == "-0.5"


def test_xlsx_holds_what_excel_can_and_says_the_rest(desk: Desk, tmp_path: Path) -> None:
    result = write(desk, fake(), tmp_path / "out.xlsx", "xlsx", sheet="A/B: what?")
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "out.xlsx")
    assert book.sheet_names == ["A B  what"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["label", *(one.name for one in simple_columns())]
    assert [row[1] for row in rows[1:]] == [1, "", -(2**53), str(2**63 - 1)]
    assert [row[2] for row in rows[1:]] == [0.1, "", -2.5, 1e300]
    assert [row[3] for row in rows[1:]] == ["plain", "", "", 'quo"ted, é\nline']
    assert [row[4] for row in rows[1:]] == [True, False, "", True]
    assert [row[5] for row in rows[1:]] == [datetime.date(2024, 1, 31), "", datetime.date(1999, 12, 31), "1800-01-01"]
    stamps = [row[6] for row in rows[1:]]
    assert stamps[0] == datetime.datetime(2024, 1, 31, 10, 30, 5, 123_000)
    assert str(stamps[3]).startswith("0001-01-01T00:00:00")
    assert rows[1][9] == "x" * 1_000
    assert any("whole numbers are written as text" in note for note in result.notes)
    assert any("dates before 1900" in note for note in result.notes)


FORMULAS = ["=1+1", "+1", "-1", "@cmd", "\tx", "\rx", "plain", "a=b", None, "http://example.invalid", "ftp://x"]


def test_what_looks_like_a_formula_stays_text(desk: Desk, tmp_path: Path) -> None:
    source = FakeTableSource({"=name": FORMULAS, "n": list(range(11))})
    result = write(desk, source, tmp_path / "out.xlsx", "xlsx")
    assert result.formula_count == 6
    assert not result.is_guarded
    rows = python_calamine.CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["=name", *(text if text is not None else "" for text in FORMULAS)]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert not [name for name in archive.namelist() if "_rels/sheet" in name], "no links"

    unguarded = write(desk, source, tmp_path / "plain.csv", "csv")
    assert (unguarded.formula_count, unguarded.is_guarded) == (7, False)
    guarded = write(desk, source, tmp_path / "guarded.csv", "csv", guards_formulas=True)
    assert (guarded.formula_count, guarded.is_guarded) == (7, True)
    for name, mark in (("plain.csv", ""), ("guarded.csv", "'")):
        with (tmp_path / name).open(newline="", encoding="utf-8") as file:
            texts = [row[0] for row in csv.reader(file)]
        expected = [mark + text if text and text[0] in "=+-@\t\r" else text or "" for text in ["=name", *FORMULAS]]
        assert texts == expected


@pytest.mark.parametrize("form", FORMATS)
def test_a_filtered_and_sorted_view_is_written_in_its_order(desk: Desk, tmp_path: Path, form: ExportFormat) -> None:
    """More rows than a page, from a file, with texts that pages cut."""
    count = 9_000
    table = pa.table({"n": range(count), "t": [f"{row} " + "x" * (row % 400) for row in range(count)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1_000)
    source = desk.open(tmp_path / "t.parquet")
    state = desk.make_view(source, [SortKey(0, is_descending=True)], FilterGroup((Filter(0, "lt", ("7000",)),)))
    told: list[Progress] = []
    result = write(
        desk, source, tmp_path / f"out.{form}", form, view=desk.view, rows=state.row_count, told=told,
        columns=desk.columns(source)[::-1],
    )  # fmt: skip
    assert result.row_count == 7_000
    assert result.size_bytes == (tmp_path / f"out.{form}").stat().st_size
    assert [progress.done for progress in told] == [0, 2_000, 4_000, 6_000, 7_000]
    back = desk.open(tmp_path / f"out.{form}")
    expected = [(f"{row} " + "x" * (row % 400), row) for row in range(6_999, -1, -1)]
    assert [column.name for column in desk.columns(back)] == ["t", "n"]
    numbers = [row[1] for row in desk.rows(back)]
    assert numbers == [row for _, row in expected]
    for place in (0, 3_001, 6_999):
        assert desk.cell(back, place, 0).text == expected[place][0]


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_without_rows_is_written_too(desk: Desk, tmp_path: Path, form: ExportFormat) -> None:
    source = FakeTableSource({"a": [], "b": []})
    assert write(desk, source, tmp_path / f"out.{form}", form).row_count == 0
    assert (tmp_path / f"out.{form}").exists()
    if form == "parquet":
        assert pq.read_table(tmp_path / "out.parquet").column_names == ["a", "b"]


def test_wide_tables_are_written_in_groups_of_columns(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({f"c{place}": [place, place + 1, place + 2] for place in range(3_000)})
    pq.write_table(table, tmp_path / "wide.parquet")
    source = desk.open(tmp_path / "wide.parquet")
    write(desk, source, tmp_path / "out.parquet", "parquet")
    assert pq.read_table(tmp_path / "out.parquet").equals(table)


def test_names_that_repeat_get_numbers_where_they_must(desk: Desk, tmp_path: Path) -> None:
    source = FakeTableSource([FakeColumn("a", [1]), FakeColumn("a", [2]), FakeColumn("a_2", [3])])
    result = write(desk, source, tmp_path / "out.jsonl", "jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {"a": 1, "a_2": 2, "a_2_2": 3}
    assert result.notes == ("2 columns got other names, as names repeat.",)
    write(desk, source, tmp_path / "out.csv", "csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "a,a,a_2"


def test_nothing_is_written_over_unless_told(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(TableError, match="is there already"):
        write(desk, fake(), target, "csv")
    assert target.read_text() == "mine"
    write(desk, fake(), target, "csv", replaces=True)
    assert target.read_text().startswith("label,whole,")
    assert leftovers(tmp_path) == []
    (tmp_path / "folder").mkdir()
    with pytest.raises(TableError, match="is a folder"):
        write(desk, fake(), tmp_path / "folder", "csv", replaces=True)
    with pytest.raises(TableError):
        write(desk, fake(), tmp_path / "nowhere" / "out.csv", "csv")
    with pytest.raises(TableError, match="1,048,576 rows"):
        write(desk, FakeTableSource({"a": range(2_000_000)}), tmp_path / "out.xlsx", "xlsx")
    assert leftovers(tmp_path) == []


def test_a_target_that_came_meanwhile_is_left(desk: Desk, tmp_path: Path) -> None:
    source = FakeTableSource({"a": range(5_000)}, is_stepwise=True)
    columns = (Column(0, "a", "number"),)
    answers: list[Any] = []
    target = tmp_path / "out.csv"
    options = ExportOptions("csv")
    export(source, 0, 5_000, columns, target, options, desk.files.process, answers.append, answers.append)
    desk.ui.pump_until(lambda: source.waiting)
    target.write_text("somebody else's")
    source.is_stepwise = False
    source.step_all()
    desk.ui.pump_until(lambda: answers)
    assert isinstance(answers[0], TableError)
    desk.ui.pump_until(lambda: not leftovers(tmp_path))
    assert target.read_text() == "somebody else's"


def stopped_midway(desk: Desk, folder: Path, form: ExportFormat) -> tuple[FakeTableSource, Cancel, list[Any]]:
    """An export that has written its first rows and waits for more."""
    answers: list[Any] = []
    source = FakeTableSource({"a": range(50_000)}, is_stepwise=True)
    columns = (Column(0, "a", "number"),)
    target, options = folder / f"out.{form}", ExportOptions(form)
    cancel = export(source, 0, 50_000, columns, target, options, desk.files.process, answers.append, answers.append)
    desk.ui.pump_until(lambda: source.waiting)
    source.step()
    desk.ui.pump_until(lambda: source.waiting)
    assert len(leftovers(folder)) == 1
    return source, cancel, answers


def assert_nothing_left(desk: Desk, folder: Path, form: ExportFormat) -> None:
    desk.ui.pump_until(lambda: not leftovers(folder))
    assert not (folder / f"out.{form}").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_cancelled_or_failed_exports_leave_nothing(desk: Desk, tmp_path: Path, form: ExportFormat) -> None:
    _, cancel, answers = stopped_midway(desk, tmp_path, form)
    cancel()
    assert_nothing_left(desk, tmp_path, form)
    assert answers == []
    source, _, answers = stopped_midway(desk, tmp_path, form)
    source.failures["page"] = [TableError("The kernel is gone.")]
    source.step()
    assert [error.happened for error in answers] == ["The kernel is gone."]
    assert_nothing_left(desk, tmp_path, form)


@pytest.mark.parametrize("is_started_anew", [False, True])
def test_the_end_of_the_writing_process_leaves_nothing(own_desk: Desk, tmp_path: Path, is_started_anew: bool) -> None:
    """Also where another process runs already when the next rows come."""
    source, _, answers = stopped_midway(own_desk, tmp_path, "parquet")
    process = own_desk.files.process
    assert process.pid is not None
    psutil.Process(process.pid).kill()
    own_desk.ui.pump_until(lambda: not process.is_running)
    if is_started_anew:
        (tmp_path / "other.csv").write_text("a\n1\n")
        own_desk.open(tmp_path / "other.csv")
    source.step()
    own_desk.ui.pump_until(lambda: answers)
    assert [error.happened for error in answers] == ["The program that writes the file ended."]
    assert_nothing_left(own_desk, tmp_path, "parquet")


def test_decimals_and_nested_values_of_any_source_are_exact(desk: Desk, tmp_path: Path) -> None:
    numbers = [decimal.Decimal("1.10"), decimal.Decimal("-" + "9" * 20 + ".01")]
    nested = [{"a": [1, 2]}, {"a": list(range(300))}]
    pq.write_table(pa.table({"d": pa.array(numbers, pa.decimal128(30, 2)), "s": nested}), tmp_path / "t.parquet")
    source = desk.open(tmp_path / "t.parquet")
    for form in ("csv", "jsonl", "parquet"):
        write(desk, source, tmp_path / f"out.{form}", form)
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [decimal.Decimal(row[0]) for row in rows] == numbers
    assert [json.loads(row[1]) for row in rows] == nested
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [record["s"] for record in records] == nested
    assert [decimal.Decimal(record["d"]) for record in records] == numbers
    assert pq.read_table(tmp_path / "out.parquet").column("d").to_pylist() == numbers
