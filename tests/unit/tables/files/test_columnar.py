"""Parquet and Arrow files against Arrow itself: every kind, every cell, row groups, slices, damaged names."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from ide.core.table import Code, SortKey
from tests.unit.tables.files.kit import Desk

EPOCH = datetime.datetime(1970, 1, 1)


def every_kind() -> pa.Table:
    """A column for each Arrow type that files hold, with the values that are easily spoilt."""
    seconds = pa.array([0, None, -1, 253402300799, -62135596800], pa.int64())
    return pa.table(
        {
            "int8": pa.array([1, None, -128, 127, 0], pa.int8()),
            "uint8": pa.array([1, None, 255, 0, 0], pa.uint8()),
            "int16": pa.array([1, None, -32768, 127, 0], pa.int16()),
            "uint32": pa.array([1, None, 2**32 - 1, 127, 0], pa.uint32()),
            "int64": pa.array([2**53 + 1, None, -(2**63), 2**63 - 1, 0], pa.int64()),
            "uint64": pa.array([2**64 - 1, None, 0, 1, 2**63], pa.uint64()),
            "float16": pa.array([1.5, None, math.nan, math.inf, -0.0], pa.float16()),
            "float32": pa.array([0.1, None, math.nan, -math.inf, 3.4e38], pa.float32()),
            "float64": pa.array([0.1 + 0.2, None, math.nan, 5e-324, 1.7976931348623157e308], pa.float64()),
            "bool": pa.array([True, None, False, True, False]),
            "text": pa.array(["", None, "שלום 🎈", "a\x00b", " NA "]),
            "large text": pa.array(["a", None, "", "d\n", "e"], pa.large_string()),
            "": pa.array(["x", None, "y", "x", "z"]).dictionary_encode(),
            "stamp s": seconds.cast(pa.timestamp("s")),
            "stamp ns": pa.array([1, None, 2**63 - 1, -(2**63) + 1, 5], pa.timestamp("ns")),
            "stamp zone": pa.array([1, None, 3, 4, 5], pa.timestamp("us", "Europe/Berlin")),
            "date32": pa.array([0, None, -719162, 2932896, 1], pa.int32()).cast(pa.date32()),
            "time32": pa.array([0, None, 86399, 1, 2], pa.time32("s")),
            "time64": pa.array([0, None, 86399999999, 1, 2], pa.time64("us")),
            "duration": pa.array([1, None, -5, 2**62, 0], pa.duration("us")),
            "decimal": pa.array(
                [decimal.Decimal("0.10"), None, decimal.Decimal("-" + "9" * 28 + ".99"), None, None],
                pa.decimal128(30, 2),
            ),
            "binary": pa.array([b"\x00\xff", None, b"", b"a", b"b"]),
            "list": pa.array([[1, None], None, [], [3], [4]], pa.list_(pa.int64())),
            "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": ""}, {"a": 2, "b": "y"}, {}]),
            "null": pa.nulls(5),
        }
    )


def expected(column: pa.ChunkedArray) -> list[Any]:
    """What the cells must be, from Arrow's own Python values."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time64(kind):
        values = column.cast(pa.int64()).to_pylist()
    elif pa.types.is_date(kind) or pa.types.is_time32(kind):
        values = column.cast(pa.int32()).to_pylist()
    else:
        values = column.to_pylist()
    return [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    if value is None:
        return Code.NULL
    if isinstance(value, float) and math.isnan(value):
        return Code.NAN
    if isinstance(value, list | dict):
        return (json.dumps(value, ensure_ascii=False), Code.OBJECT)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value) if isinstance(value, decimal.Decimal) else value


def write(table: pa.Table, path: Path) -> pa.Table:
    """Write it in the form that the name says; gives back what the form keeps of it."""
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=2)
        return pq.read_table(path)
    if path.suffix == ".arrows":
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
        return table
    table = table.drop_columns(["float16"])
    feather.write_feather(table, path, compression="zstd" if "zstd" in path.name else "uncompressed", chunksize=2)
    return table


@pytest.mark.parametrize("name", ["kinds.parquet", "kinds.feather", "kinds.zstd.arrow", "kinds.arrows"])
def test_every_kind_is_shown_as_arrow_has_it(desk: Desk, tmp_path: Path, name: str) -> None:
    table = write(every_kind(), tmp_path / name)
    source = desk.open(tmp_path / name)
    shown = desk.columns(source)
    assert [column.name for column in shown] == table.column_names
    assert [column.type_name for column in shown] == [str(kind) for kind in table.schema.types]
    rows = desk.rows(source)
    for place, column in enumerate(table.columns):
        assert [row[place] for row in rows] == expected(column), table.column_names[place]
    page = desk.page(source, 1, 4, [3, 0])
    assert (page.first, page.end, list(page.cells)) == (1, 4, [3, 0])


def test_kinds_units_and_zones_are_told(desk: Desk, tmp_path: Path) -> None:
    write(every_kind(), tmp_path / "kinds.parquet")
    found = {column.name: column for column in desk.columns(desk.open(tmp_path / "kinds.parquet"))}
    unusual = ("", "decimal", "list", "null", "binary")
    assert {name: found[name].kind for name in unusual} == {
        "": "category", "decimal": "number", "list": "nested", "null": "object", "binary": "binary",
    }  # fmt: skip
    assert (found["stamp zone"].unit, found["stamp zone"].zone) == ("us", "Europe/Berlin")
    assert found["duration"].unit == "us"
    assert not found["list"].can_sort
    assert found["int8"].can_sort


def test_long_texts_are_cut_on_a_page_and_whole_in_the_cell(desk: Desk, tmp_path: Path) -> None:
    text = "é" * 100 + "🎈" * 300
    pq.write_table(pa.table({"t": ["short", text], "l": [[1], list(range(500))]}), tmp_path / "long.parquet")
    source = desk.open(tmp_path / "long.parquet")
    assert desk.rows(source)[1][0] == (text[:200], Code.CUT)
    assert desk.cell(source, 1, 0).text == text
    nested = desk.cell(source, 1, 1)
    assert json.loads(nested.tree) == list(range(500))
    assert nested.code is Code.OBJECT
    assert desk.cell(source, 0, 0).text == "short"


def test_names_that_repeat_are_each_their_own_column(desk: Desk, tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1, 2]), pa.array(["a", "b"]), pa.array([0.5, 1.5])], ["a", "a", "a.b"])
    for name in ("twice.parquet", "twice.feather"):
        if name.endswith("parquet"):
            pq.write_table(table, tmp_path / name)
        else:
            feather.write_feather(table, tmp_path / name)
        source = desk.open(tmp_path / name)
        assert desk.rows(source) == [(1, "a", 0.5), (2, "b", 1.5)]


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (0, 0), (3, 1)])
def test_tables_without_rows_or_columns_open(desk: Desk, tmp_path: Path, rows: int, columns: int) -> None:
    table = pa.table({f"c{place}": pa.array(range(rows), pa.int64()) for place in range(columns)})
    for name in ("empty.parquet", "empty.arrow", "empty.arrows"):
        write_plain(table, tmp_path / name)
        source = desk.open(tmp_path / name)
        assert (source.info.row_count, source.info.column_count) == (rows, columns), name
        assert desk.page(source, 0, 100, range(columns)).end == rows
        assert desk.make_view(source, [SortKey(0)] if columns else []).row_count == rows


def write_plain(table: pa.Table, path: Path) -> None:
    """In the form that the name says."""
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    else:
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)


def test_twenty_thousand_columns_are_read_a_few_at_a_time(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({f"c{place}": pa.array([place, place + 1]) for place in range(20_000)})
    pq.write_table(table, tmp_path / "wide.parquet")
    source = desk.open(tmp_path / "wide.parquet")
    assert source.info.column_count == 20_000
    page = desk.page(source, 0, 2, [0, 19_999])
    assert [page.cells[19_999].value(row) for row in (0, 1)] == [19_999, 20_000]


def test_rows_far_down_in_a_large_row_group_are_the_right_ones(desk: Desk, tmp_path: Path) -> None:
    count = 300_000
    table = pa.table({"n": pa.array(range(count)), "t": pa.array([f"row {place}" for place in range(count)])})
    pq.write_table(table, tmp_path / "one-group.parquet", row_group_size=count)
    feather.write_feather(table, tmp_path / "one-batch.feather", chunksize=count)
    for name in ("one-group.parquet", "one-batch.feather"):
        source = desk.open(tmp_path / name)
        for first in (0, 65_530, 131_072, 299_995):
            rows = desk.page(source, first, first + 20, [1, 0])
            texts = [rows.cells[1].value(row) for row in range(rows.end - first)]
            assert texts == [f"row {place}" for place in range(first, min(first + 20, count))]


def test_labels_of_fields_are_shown(desk: Desk, tmp_path: Path) -> None:
    field = pa.field("a", pa.int64(), metadata={"label": "Age in years"})
    pq.write_table(pa.table([pa.array([1])], schema=pa.schema([field])), tmp_path / "label.parquet")
    assert desk.columns(desk.open(tmp_path / "label.parquet"))[0].label == "Age in years"
