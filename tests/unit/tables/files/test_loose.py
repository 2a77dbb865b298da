"""JSON, spreadsheets, databases and files of statistics programs: parts, types, labels, every cell."""

from __future__ import annotations

import datetime
import gzip
import json
import sqlite3
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pyreadstat
import pytest
import xlsxwriter

from ide.core.table import Code, TableError
from tests.kernel.kit import sample_python
from tests.unit.tables.files.binary_makers import Day, Variable, write_sas7bdat, write_xlsb
from tests.unit.tables.files.kit import Desk

NULL, NA = Code.NULL, Code.NA

# ---- JSON


def test_json_lines_grow_columns_and_types(desk: Desk, tmp_path: Path) -> None:
    records = [
        {"a": 1, "b": "x", "c": {"d": [1, 2]}},
        {"a": 2.5, "b": None},
        {"b": "", "e": True, "f": 10**30, "g": 1},
        {"a": -1, "g": "one", "c": "plain"},
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    source = desk.open(tmp_path / "t.jsonl")
    assert [(one.name, one.kind) for one in desk.columns(source)] == [
        ("a", "number"), ("b", "text"), ("c", "nested"), ("e", "boolean"), ("f", "text"), ("g", "text"),
    ]  # fmt: skip
    nested = Code.OBJECT
    assert desk.rows(source) == [
        (1.0, "x", ('{"d": [1, 2]}', nested), NULL, NULL, NULL),
        (2.5, NULL, NULL, NULL, NULL, NULL),
        (NULL, "", NULL, True, str(10**30), "1"),
        (-1.0, NULL, ("plain", nested), NULL, NULL, "one"),
    ]
    assert json.loads(desk.cell(source, 0, 2).tree) == {"d": [1, 2]}


def test_json_types_widen_between_blocks(desk: Desk, tmp_path: Path) -> None:
    """Blocks that were kept as whole numbers are floats, texts or nested values later."""
    # The first block has 500 records: whole numbers that no float can hold, then only floats.
    lines = [
        json.dumps({"a": number, "b": 2**60 + 1 if number < 500 else 0.5, "c": number, "d": True})
        for number in range(5_000)
    ]
    lines.append(json.dumps({"a": 0.5, "b": 0.5, "c": [1], "d": "x", "new": 7}))
    (tmp_path / "t.ndjson").write_text("\n".join(lines))
    source = desk.open(tmp_path / "t.ndjson")
    assert [one.kind for one in desk.columns(source)] == ["number", "text", "nested", "text", "number"]
    rows = desk.rows(source)
    assert rows[499][1] == str(2**60 + 1)
    assert rows[4_999] == (4_999.0, "0.5", ("4999", Code.OBJECT), "true", NULL)
    assert rows[5_000] == (0.5, "0.5", ("[1]", Code.OBJECT), "x", 7)


@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays_and_single_objects_open(desk: Desk, tmp_path: Path, indent: int | None) -> None:
    records = [{"n": number, "t": "é\u2028" + "x" * (number % 50)} for number in range(3_000)]
    path = tmp_path / "t.json"
    path.write_text(json.dumps(records, indent=indent))
    assert desk.rows(desk.open(path)) == [(one["n"], one["t"]) for one in records]
    path.write_text(json.dumps([[1, "a"], [2, "b"]], indent=indent))
    assert desk.rows(desk.open(path)) == [(1, "a"), (2, "b")]
    path.write_text(json.dumps({"a": 1}, indent=indent))
    assert desk.rows(desk.open(path)) == [(1,)]
    path.write_bytes(gzip.compress(json.dumps([1, 2, 3]).encode()))
    assert desk.rows(desk.open(path)) == [(1,), (2,), (3,)]


# ---- spreadsheets


def make_workbook(path: Path) -> None:
    """Two sheets with what cells can hold."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    sheet = book.add_worksheet("Data")
    looks = {
        datetime.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        datetime.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime.time: book.add_format({"num_format": "hh:mm:ss"}),
    }
    rows: list[list[Any]] = [
        ["name", "whole", "real", "day", "stamp", "ok", "mixed"],
        ["anna", 1, 0.1, datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 10, 30), True, 1],
        ["", 2**40, -2.5, None, datetime.datetime(1999, 12, 31), False, "z"],
        ["=1+1", None, 3, datetime.date(1950, 6, 1), None, None, 2.5],
    ]
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None and cell != "":
                sheet.write(row, column, cell, looks.get(type(cell)))
    second = book.add_worksheet("Füllung")
    second.write_row(0, 0, [1, 2])
    second.write_row(1, 0, [3, 4])
    book.add_worksheet("Empty")
    book.close()


def test_sheets_open_with_their_types(desk: Desk, tmp_path: Path) -> None:
    make_workbook(tmp_path / "t.xlsx")
    assert [part.name for part in desk.parts(tmp_path / "t.xlsx")] == ["Data", "Füllung", "Empty"]
    source = desk.open(tmp_path / "t.xlsx")
    assert [one.kind for one in desk.columns(source)] == [
        "text", "number", "number", "date", "timestamp", "boolean", "text",
    ]  # fmt: skip
    assert desk.columns(source)[6].type_name == "mixed: number, text"
    assert desk.rows(source) == [
        ("anna", 1, 0.1, 19_753, 1_706_697_000_000_000, True, "1"),
        (NULL, 2**40, -2.5, NULL, 946_598_400_000_000, False, "z"),
        ("=1+1", NULL, 3.0, -7_154, NULL, NULL, "2.5"),
    ]
    assert source.info.title == "t.xlsx · Data"


def test_another_sheet_can_be_chosen(desk: Desk, tmp_path: Path) -> None:
    make_workbook(tmp_path / "t.xlsx")
    source = desk.open(tmp_path / "t.xlsx", part="Füllung")
    assert [one.name for one in desk.columns(source)] == ["column 1", "column 2"]
    assert desk.rows(source) == [(1, 2), (3, 4)]
    assert desk.rows(desk.open(tmp_path / "t.xlsx", part="Füllung", has_header=True)) == [(3, 4)]
    assert desk.open(tmp_path / "t.xlsx", part="Empty").info.row_count == 0
    with pytest.raises(TableError, match="no sheet “Nothing”"):
        desk.open(tmp_path / "t.xlsx", part="Nothing")


def test_open_document_sheets_open(desk: Desk, tmp_path: Path) -> None:
    content = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="One">
<table:table-row><table:table-cell office:value-type="string"><text:p>n</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>t</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="1.5"><text:p>1.5</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>é</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content.replace(">\n<", "><"))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert desk.rows(desk.open(tmp_path / "t.ods")) == [(1.5, "é")]


def test_binary_workbooks_open(desk: Desk, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["name", "real", "day", "ok", "mixed"],
        ["anna", 1.5, Day(45_322), True, 1],
        ["é", None, None, False, "z"],
        [None, -2.0, Day(18_415), None, ZeroDivisionError()],
    ]
    write_xlsb(tmp_path / "t.xlsb", {"Data": rows, "Füllung": [[1, 2], [3, 4]], "Empty": []})
    assert [part.name for part in desk.parts(tmp_path / "t.xlsb")] == ["Data", "Füllung", "Empty"]
    source = desk.open(tmp_path / "t.xlsb")
    assert [one.kind for one in desk.columns(source)] == ["text", "number", "date", "boolean", "text"]
    assert desk.rows(source) == [
        ("anna", 1.5, 19_753, True, "1"), ("é", NULL, NULL, False, "z"), (NULL, -2.0, -7_154, NULL, NULL),
    ]  # fmt: skip
    assert desk.rows(desk.open(tmp_path / "t.xlsb", part="Füllung")) == [(1, 2), (3, 4)]


def test_workbooks_of_before_2007_open(desk: Desk) -> None:
    """`old_workbook.xls` was written by xlwt, with the values that are expected here."""
    path = Path(__file__).with_name("old_workbook.xls")
    assert [part.name for part in desk.parts(path)] == ["Data", "Füllung"]
    source = desk.open(path)
    assert [one.kind for one in desk.columns(source)] == [
        "text", "number", "number", "date", "timestamp", "boolean", "text",
    ]  # fmt: skip
    assert desk.rows(source) == [
        ("anna", 1, 0.1, 19_753, 1_706_697_000_000_000, True, "1"),
        ("é", 2**40, -2.5, NULL, 946_598_400_000_000, False, "z"),
        (NULL, NULL, 3.0, -7_154, NULL, NULL, "2.5"),
    ]
    assert desk.rows(desk.open(path, part="Füllung")) == [(1, 2), (3, 4)]


# ---- databases


def test_sqlite_tables_and_views_open(desk: Desk, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "t.db")
    connection.executescript(
        """CREATE TABLE "a ""b" (n INTEGER, t TEXT, x REAL, b BLOB, any);
        INSERT INTO "a ""b" VALUES (1, 'x', 0.1, x'00ff', 1), (NULL, '', NULL, NULL, 'two');
        INSERT INTO "a ""b" VALUES (9007199254740993, 'é', 2, x'', 0.5);
        CREATE VIEW v AS SELECT n + 1 AS m FROM "a ""b" WHERE n IS NOT NULL;
        CREATE TABLE empty (q);"""
    )
    connection.close()
    assert [part.name for part in desk.parts(tmp_path / "t.db")] == ['a "b', "empty", "v"]
    source = desk.open(tmp_path / "t.db")
    assert [one.kind for one in desk.columns(source)] == ["number", "text", "number", "binary", "text"]
    assert desk.rows(source) == [
        (1, "x", 0.1, "0x00ff", "1"), (NULL, "", NULL, NULL, "two"), (2**53 + 1, "é", 2.0, "0x", "0.5"),
    ]  # fmt: skip
    assert desk.rows(desk.open(tmp_path / "t.db", part="v")) == [(2,), (2**53 + 2,)]
    assert desk.open(tmp_path / "t.db", part="empty").info.row_count == 0


def test_duckdb_tables_open_read_only(desk: Desk, tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / "t.duckdb"))
    connection.execute("CREATE TABLE t AS SELECT range AS n, 'x' || range AS t, range::HUGEINT AS h FROM range(1)")
    connection.execute("INSERT INTO t SELECT range, NULL, NULL FROM range(1, 50000)")
    connection.execute("CREATE SCHEMA side; CREATE TABLE side.u (a DATE); INSERT INTO side.u VALUES ('2024-01-31')")
    connection.close()
    before = (tmp_path / "t.duckdb").read_bytes()
    assert {part.name for part in desk.parts(tmp_path / "t.duckdb")} == {"t", "side.u"}
    source = desk.open(tmp_path / "t.duckdb")
    rows = desk.rows(source)
    assert rows[0] == (0, "x0", "0")
    assert [row[0] for row in rows] == list(range(50_000))
    assert desk.rows(desk.open(tmp_path / "t.duckdb", part="side.u")) == [(19_753,)]
    assert (tmp_path / "t.duckdb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["t.duckdb"]


# ---- SAS, SPSS, Stata

_WRITE = """
import sys
sys.path.append(sys.argv[1])
import datetime, pandas, pyreadstat
frame = pandas.DataFrame({
    "age": [30.5, None, -1], "name": ["anna", "", "\\u00e9"],
    "day": [datetime.date(2024, 1, 31), None, datetime.date(1960, 2, 3)],
    "stamp": pandas.to_datetime(["2024-01-31 10:30:00", None, "1750-01-01 00:00:00"]), "sex": [1, 2, 1],
})
labels, words = {"age": "Age in years"}, {"sex": {1: "female", 2: "male"}}
pyreadstat.write_sav(frame, sys.argv[2] + "/t.sav", column_labels=labels, variable_value_labels=words)
pyreadstat.write_sav(frame, sys.argv[2] + "/t.zsav", column_labels=labels, variable_value_labels=words, compress=True)
pyreadstat.write_dta(frame, sys.argv[2] + "/t.dta", column_labels=labels, variable_value_labels=words)
pyreadstat.write_xport(frame, sys.argv[2] + "/t.xpt", column_labels=labels)
many = pandas.DataFrame({"n": range(3_000)})
pyreadstat.write_dta(many, sys.argv[2] + "/many.dta")
"""


def test_files_of_statistics_programs_open_with_labels(desk: Desk, tmp_path: Path) -> None:
    site = str(Path(pyreadstat.__file__).parents[1])
    subprocess.run([sample_python(), "-c", _WRITE, site, str(tmp_path)], check=True, timeout=100)
    for name in ("t.sav", "t.zsav", "t.dta", "t.xpt"):
        source = desk.open(tmp_path / name)
        assert [(one.name, one.kind) for one in desk.columns(source)] == [
            ("age", "number"), ("name", "text"), ("day", "date"), ("stamp", "timestamp"), ("sex", "number"),
        ], name  # fmt: skip
        assert desk.rows(source) == [
            (30.5, "anna", 19_753, 1_706_697_000_000_000, 1),
            (NA, "", NA, NA, 2),
            (-1.0, "é", -3_620, -6_942_499_200_000_000, 1),
        ], name  # fmt: skip
        labels = [one.label for one in desk.columns(source)]
        assert labels[0] == "Age in years"
        assert labels[4] == ("" if name == "t.xpt" else "(1 = female, 2 = male)")
    many = desk.open(tmp_path / "many.dta")
    page = desk.page(many, 2_990, 3_000, [0])
    assert [page.cells[0].value(row) for row in range(10)] == list(range(2_990, 3_000))


def test_sas_data_opens_with_labels_and_dates(desk: Desk, tmp_path: Path) -> None:
    variables = [
        Variable("age", label="Age in years"), Variable("name", 8), Variable("day", format="DATE"),
        Variable("stamp", format="DATETIME"), Variable("sex"),
    ]  # fmt: skip
    day, stamp = 19_753 + 3_653, 1_706_697_000 + 3_653 * 86_400  # SAS counts from 1960
    rows = [(30.5, "anna", day, stamp, 1), (None, "", None, None, 2), (-1, "é", 33, 0.5, 1)]
    write_sas7bdat(tmp_path / "t.sas7bdat", variables, rows)
    source = desk.open(tmp_path / "t.sas7bdat")
    assert [(one.name, one.kind, one.label) for one in desk.columns(source)] == [
        ("age", "number", "Age in years"), ("name", "text", ""), ("day", "date", ""), ("stamp", "timestamp", ""),
        ("sex", "number", ""),
    ]  # fmt: skip
    assert desk.rows(source) == [
        (30.5, "anna", 19_753, 1_706_697_000_000_000, 1),
        (NA, "", NA, NA, 2),
        (-1.0, "é", -3_620, -3_653 * 86_400_000_000 + 500_000, 1),
    ]
