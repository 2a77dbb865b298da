"""Delimited text: how it is written is guessed, its cells are exact, blocks fit together, types widen."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.core.table import Code, Filter, FilterGroup, SortKey, TableError
from ide.tables.files.delimited import DelimitedBlocks, last_record_end
from ide.tables.files.options import FileOptions, Limits
from ide.tables.files.table import Table
from tests.unit.tables.files.kit import Desk

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=12)


def opened(desk: Desk, path: Path, text: str | bytes, **options: Any) -> list[tuple[object, ...]]:
    """The rows of a file with that text."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    source = desk.open(path, **options)
    return desk.rows(source)


@pytest.mark.parametrize(
    ("text", "options", "header", "rows"),
    [
        ("a,b\n1,x\n2,y\n", (",", '"', "."), ["a", "b"], [(1, "x"), (2, "y")]),
        ("a;b\n1,5;x\n-2,25;y\n", (";", '"', ","), ["a", "b"], [(1.5, "x"), (-2.25, "y")]),
        ("a;b\n1.5;x\n", (";", '"', "."), ["a", "b"], [(1.5, "x")]),
        ("a\tb\n1\tx, y\n", ("\t", '"', "."), ["a", "b"], [(1, "x, y")]),
        ("a|b\r\n1|x\r\n", ("|", '"', "."), ["a", "b"], [(1, "x")]),
        ("a,b\n'1,5','x'\n'2','y'\n", (",", "'", "."), ["a", "b"], [("1,5", "x"), ("2", "y")]),
        ("1,x\n2,y\n", (",", '"', "."), ["column 1", "column 2"], [(1, "x"), (2, "y")]),
        ('"x","y"\n"1",5.5,"a"\n"2",4,"b"\n', (",", '"', "."), ["", "x", "y"], [(1, 5.5, "a"), (2, 4.0, "b")]),
        ("only\n1\n\n2\n", (",", '"', "."), ["only"], [(1,), (2,)]),
        ("country,2019,2020\nA,1,2\n", (",", '"', "."), ["country", "2019", "2020"], [("A", 1, 2)]),
        ("a,b", (",", '"', "."), ["a", "b"], []),
        ("a,a,\n1,2,3\n", (",", '"', "."), ["a", "a", ""], [(1, 2, 3)]),
        ("name\nanna\nbo\n", (",", '"', "."), ["name"], [("anna",), ("bo",)]),
    ],
)
def test_how_it_is_written_is_found_out(
    desk: Desk, tmp_path: Path, text: str, options: tuple[str, str, str], header: list[str], rows: list[object]
) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    source = desk.open(tmp_path / "t.csv")
    found = source.options
    assert (found.separator, found.quote, found.decimal) == options
    assert [column.name for column in desk.columns(source)] == header
    assert desk.rows(source) == rows


def test_what_is_given_counts_more_than_a_guess(desk: Desk, tmp_path: Path) -> None:
    text = "a;b\n1;2\n"
    assert opened(desk, tmp_path / "t.csv", text, separator=",") == [("1;2",)]
    assert opened(desk, tmp_path / "t.csv", text, has_header=False) == [("a", "b"), ("1", "2")]
    assert opened(desk, tmp_path / "t.csv", "a;b\n1,5;2\n", decimal=".") == [("1,5", 2)]
    assert opened(desk, tmp_path / "t.csv", 'a,b\n"x,1\n', quote="") == [('"x', 1)]
    assert opened(desk, tmp_path / "t.csv", "a\né\n".encode("cp850"), encoding="cp850") == [("é",)]
    with pytest.raises(TableError, match="no encoding called"):
        opened(desk, tmp_path / "t.csv", "a\n1\n", encoding="klingon")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_found_out(desk: Desk, tmp_path: Path, encoding: str) -> None:
    text = "näme,wért\n" + "".join(f"ä{number},é{number}\n" for number in range(50))
    rows = opened(desk, tmp_path / "t.csv", text.encode(encoding))
    assert rows == [(f"ä{number}", f"é{number}") for number in range(50)]


def test_compressed_text_is_read(desk: Desk, tmp_path: Path) -> None:
    data = b"a,b\n" + b"".join(b"%d,x%d\n" % (number, number) for number in range(5_000))
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": _zst,
    }
    for suffix, pack in packers.items():
        rows = opened(desk, tmp_path / f"t.csv.{suffix}", pack(data))
        assert rows[4_321] == (4_321, "x4321")
        assert len(rows) == 5_000


def _zst(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    assert packed
    return bytes(sink.getvalue())


def test_nothing_is_lost_by_guessing_types(desk: Desk, tmp_path: Path) -> None:
    text = (
        "zip,long,big,yes,when,stamp,nan,na,empty\n"
        "01234,12345678901234567890,9007199254740993,true,2024-01-31,2024-01-31 10:00:00,NaN,NA,\n"
        "99999,1,-1,FALSE,1999-12-31,1999-12-31T00:00:01,1.5,3,\n"
    )
    (tmp_path / "t.csv").write_text(text)
    source = desk.open(tmp_path / "t.csv")
    kinds = {column.name: column.kind for column in desk.columns(source)}
    assert kinds == {
        "zip": "text", "long": "text", "big": "number", "yes": "boolean", "when": "date", "stamp": "timestamp",
        "nan": "number", "na": "number", "empty": "text",
    }  # fmt: skip
    first, second = desk.rows(source)
    assert first == (
        "01234", "12345678901234567890", 2**53 + 1, True, 19_753, 1_706_695_200, Code.NAN, Code.NA, "",
    )  # fmt: skip
    assert second == ("99999", "1", -1, False, 10_956, 946_684_801 - 86_400, 1.5, 3, "")


def written_with_surprises(path: Path, count: int) -> None:
    """The first block is far from the last row, which does not fit what that one makes believe."""
    filler = "x" * 40
    lines = [f"{number},{number},2024-01-31,,{number},{filler}" for number in range(count)]
    lines[-1] = "0.5,abc,later,7,00017,y"
    path.write_bytes(bz2.compress(("a,b,c,d,e,f\n" + "\n".join(lines) + "\n").encode(), 1))


def test_types_widen_when_later_rows_ask_for_it(desk: Desk, tmp_path: Path) -> None:
    count = 100_000
    written_with_surprises(tmp_path / "t.csv.bz2", count)
    source = desk.open(tmp_path / "t.csv.bz2")
    assert [column.kind for column in desk.columns(source)] == ["number", "text", "text", "number", "number", "text"]
    assert source.info.row_count == count
    page = desk.page(source, count - 2, count, range(6))
    assert [cells.value(1) for cells in page.cells.values()] == [0.5, "abc", "later", 7, 17, "y"]
    assert [page.cells[column].value(0) for column in (0, 1, 2)] == [count - 2.0, str(count - 2), "2024-01-31"]
    assert page.cells[3].code(0) is Code.NA


def test_a_table_is_there_while_its_file_is_still_read_and_tells_other_types(tmp_path: Path) -> None:
    """Reading is held after the first block, so that it is seen in the middle on a machine of any speed."""
    count = 100_000
    written_with_surprises(tmp_path / "t.csv.bz2", count)
    folder = tmp_path / "temp"
    folder.mkdir()
    blocks = DelimitedBlocks(tmp_path / "t.csv.bz2", FileOptions(), ".bz2", folder)
    table = Table(blocks, tmp_path / "t.csv.bz2", folder, Limits())
    is_first, may_go_on, is_read = threading.Event(), threading.Event(), threading.Event()

    def told() -> None:
        is_first.set()
        assert may_go_on.wait(60)
        if blocks.is_whole:
            is_read.set()

    blocks.begin(told)
    assert is_first.wait(60)
    early, kinds = table.info(), [column["kind"] for column in table.columns(0, 6)]
    may_go_on.set()
    assert is_read.wait(60)
    assert not early["is_whole"]
    assert 0 < early["row_count"] < count
    assert 0 < early["share"] < 1
    assert kinds == ["number", "number", "date", "object", "number", "text"]
    late = table.info()
    assert late["is_whole"]
    assert late["row_count"] == count
    assert late["schema"] > early["schema"], "the window must ask for the columns again"
    assert [column["kind"] for column in table.columns(0, 6)] == ["number", "text", "text", "number", "number", "text"]


def test_quoted_line_ends_and_stray_quotes_do_not_shift_rows(desk: Desk, tmp_path: Path) -> None:
    """Blocks of a megabyte end within quoted fields here, and behind single quotation marks."""
    rows = [
        (number, f'line "{number}"\n' * (number % 60) if number % 2 else f'5" pipe {number}')
        for number in range(24_000)
    ]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(("n", "text"))
    lines = [sink.getvalue()]
    for number, text in rows:
        if number % 2:
            sink = io.StringIO()
            csv.writer(sink, lineterminator="\n").writerow((number, text))
            lines.append(sink.getvalue())
        else:
            lines.append(f"{number},{text}\n")  # a mark within a field, as programs write that do not quote
    data = "".join(lines)
    assert len(data) > 4_500_000
    found = opened(desk, tmp_path / "t.csv", data)
    assert len(found) == len(rows)
    assert found == [(number, text if len(text) <= 200 else (text[:200], Code.CUT)) for number, text in rows]


def test_records_with_more_or_fewer_fields_are_mended_and_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2\n3,y,z,w\n4,v\n")
    source = desk.open(tmp_path / "t.csv")
    assert desk.rows(source) == [(1, "x"), (2, ""), (3, "y,z,w"), (4, "v")]
    assert source.info.note.startswith("2 rows have more or fewer fields")


def test_bytes_that_are_no_utf_8_far_down_are_read_and_said(desk: Desk, tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,plain text that fills the block\n" * 60_000 + b"2,caf\xe9\n"
    (tmp_path / "t.csv").write_bytes(data)
    source = desk.open(tmp_path / "t.csv")
    assert desk.page(source, 60_000, 60_001, [1]).cells[1].value(0) == "café"
    assert "Windows-1252" in source.info.note


def test_single_rows_of_a_filtered_view_are_those_of_the_file(desk: Desk, tmp_path: Path) -> None:
    """A few lines of a block are parsed without the block: also where lines are empty or end in a carriage return."""
    lines = [f"{number},{number % 7},t{number}" for number in range(30_000)]
    for end, blank in (("\n", ""), ("\r\n", ""), ("\n", "\n")):
        text = f"a,b,c{end}" + "".join(
            line + end + (blank if place % 500 == 0 else "") for place, line in enumerate(lines)
        )
        (tmp_path / "t.csv").write_bytes(text.encode())
        source = desk.open(tmp_path / "t.csv")
        state = desk.make_view(source, group=FilterGroup((Filter(0, "in", ("3", "12345", "29999")),)))
        assert state.row_count == 3
        rows = desk.rows(source, desk.view, 3)
        assert rows == [(3, 3, "t3"), (12345, 12345 % 7, "t12345"), (29999, 29999 % 7, "t29999")]
        desk.make_view(source, [SortKey(0, is_descending=True)])
        assert desk.rows(source, desk.view, 2) == [(29999, 29999 % 7, "t29999"), (29998, 29998 % 7, "t29998")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(TEXTS, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), min_size=1, max_size=30
    ),
    separator=st.sampled_from(",;\t|"),
)
def test_what_csv_writes_is_read_back(
    desk: Desk, tmp_path: Path, rows: list[tuple[str, int, float]], separator: str
) -> None:
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(("text", "whole", "real"))
    writer.writerows(rows)
    options = {"separator": separator, "has_header": True, "quote": '"', "decimal": "."}
    found = opened(desk, tmp_path / "t.csv", sink.getvalue(), **options)
    kept = [column.kind for column in desk.columns(desk.sources[-1])]
    desk.close_sources()
    assert kept[2] == "number"
    for (text, whole, real), row in zip(rows, found, strict=True):
        assert row[1] == (whole if kept[1] == "number" else str(whole))
        assert row[2] == real
        if kept[0] == "text":
            assert row[0] == text


def record_ends(text: bytes) -> list[int]:
    """Where records end, found mark by mark."""
    ends, is_quoted, is_first, place = [0], False, True, 0
    while place < len(text):
        byte = text[place : place + 1]
        if is_quoted:
            if byte == b'"' and text[place + 1 : place + 2] == b'"':
                place += 1
            elif byte == b'"':
                is_quoted = False
        elif byte == b'"' and is_first:
            is_quoted, is_first = True, False
        else:
            is_first = byte in (b",", b"\n")
            if byte == b"\n":
                ends.append(place + 1)
        place += 1
    return ends


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(st.text('ab"\n,', max_size=4), min_size=1, max_size=3), min_size=1, max_size=5), st.data())
def test_ends_of_records_are_found_wherever_a_block_is_cut(rows: list[list[str]], data: st.DataObject) -> None:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    text = sink.getvalue().encode()
    ends = record_ends(text)
    cut = data.draw(st.integers(0, len(text)))
    found = last_record_end(text[:cut], b'"', b",")
    assert found in ends
    if text[cut - 1 : cut] != b'"':  # cut between two marks, a field may look closed that is not
        assert found == max(end for end in ends if end <= cut)
