"""Files that are not what they should be: a sentence within seconds, little memory, and the next file opens."""

from __future__ import annotations

import bz2
import gzip
import os
import random
import sqlite3
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from ide.core.table import TableError
from tests.unit.tables.files.kit import Desk
from tests.unit.tables.files.test_loose import make_workbook

LIMIT_S = 20.0
"""The promise is 5 s; a machine that is busy with other tests may take longer to start the reader anew."""
MEMORY_BYTES = 500_000_000


def complaint(desk: Desk, path: Path) -> TableError:
    """What is said of a file that cannot be opened, or not be read to its end."""
    started_s = time.monotonic()
    with pytest.raises(TableError) as caught:
        desk.open(path)
    assert time.monotonic() - started_s < LIMIT_S
    assert_words(caught.value)
    return caught.value


def assert_words(error: TableError) -> None:
    """Plain sentences, no class names and no paths of ours."""
    assert error.happened.endswith(".")
    assert not any(word in error.text for word in ("Error", "Exception", "Traceback", "arrow::", "/ide/"))


@pytest.mark.parametrize(
    "name",
    ["a.pkl", "a.pickle", "a.npy", "a.npz", "a.joblib", "a.rds", "a.RData", "a.spydata", "a.pkl.gz", "a.csv", "b.csv"],
)
def test_what_could_run_code_is_never_read(desk: Desk, tmp_path: Path, name: str) -> None:
    """Also under another name: the first bytes tell."""
    content = {"a.csv": b"\x80\x04\x95\x00", "b.csv": gzip.compress(b"RDX3\nX\n")}.get(name, b"anything")
    (tmp_path / name).write_bytes(content)
    assert "can" in complaint(desk, tmp_path / name).happened
    assert "kernel" in complaint(desk, tmp_path / name).advice


def test_what_is_no_file_is_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "blank.csv").write_text(" \n\n  \n")
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    assert complaint(desk, tmp_path / "empty.csv").happened == "The file is empty."
    assert complaint(desk, tmp_path / "blank.csv").happened == "The file is empty."
    assert "folder" in complaint(desk, tmp_path / "folder.parquet").happened
    assert complaint(desk, tmp_path / "not-there.parquet").happened == "The file is gone."
    assert complaint(desk, tmp_path / "gone.csv").happened == "The file is gone."
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        assert "pipe" in complaint(desk, tmp_path / "pipe.csv").happened
        assert "pipe or a device" in complaint(desk, Path("/dev/zero")).happened


MAKERS: dict[str, Callable[[Path], None]] = {
    "t.parquet": lambda path: pq.write_table(pa.table({"a": range(1000), "b": ["x"] * 1000}), path),
    "t.feather": lambda path: feather.write_feather(pa.table({"a": range(1000), "b": ["x"] * 1000}), path),
    "t.xlsx": make_workbook,
    "t.db": lambda path: sqlite3.connect(path).executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)").close(),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", list(MAKERS))
def test_half_of_a_file_is_refused(desk: Desk, tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / f"half-{name}").write_bytes(data[: len(data) // 2])
    complaint(desk, tmp_path / f"half-{name}")


@pytest.mark.parametrize(
    "suffix",
    [".parquet", ".feather", ".arrow", ".arrows", ".xlsx", ".xls", ".xlsb", ".ods", ".sas7bdat", ".xpt", ".sav",
     ".zsav", ".dta", ".sqlite", ".duckdb", ".json", ".jsonl"],
)  # fmt: skip
def test_another_kind_of_file_under_a_wrong_name_is_refused(desk: Desk, tmp_path: Path, suffix: str) -> None:
    pick = random.Random(7)
    for content in (b"this is no table, but some words\n" * 50, pick.randbytes(20_000)):
        path = tmp_path / f"wrong{suffix}"
        path.write_bytes(content)
        complaint(desk, path)


def test_the_first_bytes_count_more_than_the_name(desk: Desk, tmp_path: Path) -> None:
    MAKERS["t.parquet"](tmp_path / "named.csv")
    source = desk.open(tmp_path / "named.csv")
    assert (source.options.format, source.info.row_count) == ("parquet", 1000)
    make_workbook(tmp_path / "named.txt")
    assert desk.open(tmp_path / "named.txt").options.format == "sheets"
    (tmp_path / "named.csv").write_bytes(random.Random(1).randbytes(50_000))
    assert complaint(desk, tmp_path / "named.csv").happened == "This is no text."


def test_text_that_is_no_table_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "columns.csv").write_text(",".join(f"c{place}" for place in range(150_000)) + "\n1,2\n")
    assert "columns" in complaint(desk, tmp_path / "columns.csv").happened
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert "nested too deeply" in complaint(desk, tmp_path / "deep.json").happened
    (tmp_path / "deep.jsonl").write_text('{"a":' * 50_000 + "1" + "}" * 50_000)
    assert "nested too deeply" in complaint(desk, tmp_path / "deep.jsonl").happened
    (tmp_path / "cut.json").write_text('[{"a": 1}, {"a": ')
    assert "ends too early" in complaint(desk, tmp_path / "cut.json").happened


def test_the_rows_before_damage_are_shown(desk: Desk, tmp_path: Path) -> None:
    lines = '{"a": 1, "t": "some words that fill"}\n' * 10_000
    (tmp_path / "t.jsonl").write_text(lines + '{"a": }\n' + lines)
    source = desk.open(tmp_path / "t.jsonl")
    assert 0 < source.info.row_count <= 10_000
    assert source.info.note.startswith(f"Only the first {source.info.row_count:,} rows could be read.")
    packed = gzip.compress(("a,b\n" + "1,some words that fill\n" * 500_000).encode())
    (tmp_path / "t.csv.gz").write_bytes(packed[: len(packed) * 2 // 3])
    source = desk.open(tmp_path / "t.csv.gz")
    assert 100_000 < source.info.row_count < 500_000
    assert "ends too early" in source.info.note


def test_bombs_fill_neither_memory_nor_time(own_desk: Desk, tmp_path: Path) -> None:
    zeros = b"0" * 10_000_000
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        make_workbook(tmp_path / "inner.xlsx")
        for entry in zipfile.ZipFile(tmp_path / "inner.xlsx").infolist():
            archive.writestr(entry.filename, "x")
        with archive.open("xl/worksheets/sheet9.xml", "w") as sink:
            for _ in range(6):
                sink.write(zeros)
    assert "unpacks to far more" in complaint(own_desk, tmp_path / "bomb.xlsx").happened
    data = bytearray((tmp_path / "bomb.xlsx").read_bytes())
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.rfind(mark)
        data[start + place : start + place + 4] = (1000).to_bytes(4, "little")  # it says that it is small
    (tmp_path / "liar.xlsx").write_bytes(data)
    complaint(own_desk, tmp_path / "liar.xlsx")
    for packed, name in ((gzip.compress, "bomb.csv.gz"), (bz2.compress, "bomb.json.bz2")):
        (tmp_path / name).write_bytes(packed(zeros * 8))
        complaint(own_desk, tmp_path / name)
    assert peak_bytes(own_desk) < MEMORY_BYTES


def test_a_sheet_that_claims_all_cells_is_refused(own_desk: Desk, tmp_path: Path) -> None:
    """Two cells at opposite corners: whoever makes room for all between them needs half a terabyte."""
    make_workbook(tmp_path / "t.xlsx")
    sheet = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        "</sheetData></worksheet>"
    )
    with zipfile.ZipFile(tmp_path / "t.xlsx") as old, zipfile.ZipFile(tmp_path / "corners.xlsx", "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, sheet if entry.filename.endswith("sheet1.xml") else old.read(entry))
    complaint(own_desk, tmp_path / "corners.xlsx")
    assert own_desk.open(tmp_path / "t.xlsx").info.row_count == 3, "the next file opens"


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrows"])
def test_flipped_bits_never_bring_the_window_down(own_desk: Desk, tmp_path: Path, name: str) -> None:
    """Whatever a flipped bit does, there is an answer: rows or a sentence."""
    table = pa.table(
        {
            "n": pa.array([None if row % 7 == 0 else row for row in range(3_000)]),
            "t": pa.array([None if row % 5 == 0 else f"text {row}" for row in range(3_000)]),
            "c": pa.array(["a", "b", None] * 1_000).dictionary_encode(),
            "l": pa.array([[row] * (row % 3) for row in range(3_000)]),
        }
    )
    if name.endswith(".parquet"):
        pq.write_table(table, tmp_path / name, row_group_size=1_000)
    elif name.endswith(".feather"):
        feather.write_feather(table, tmp_path / name, compression="uncompressed", chunksize=1_000)
    else:
        with pa.ipc.new_stream(tmp_path / name, table.schema) as writer:
            writer.write_table(table, max_chunksize=1_000)
    data = (tmp_path / name).read_bytes()
    pick = random.Random(name)
    answered = 0
    for number in range(64):
        damaged = bytearray(data)
        # Half of the flips where the structure is: at the ends.
        place = (
            pick.randrange(len(data)) if number % 2 else pick.choice((pick.randrange(900), -1 - pick.randrange(900)))
        )
        damaged[place] ^= 1 << pick.randrange(8)
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(damaged)
        try:
            source = own_desk.open(path)
            own_desk.page(source, 0, min(2_000, source.info.row_count), range(source.info.column_count))
            own_desk.profile(source, 1, is_exact=True)
        except TableError as error:
            assert_words(error)
        answered += 1
        own_desk.close_sources()
    assert answered == 64
    MAKERS["t.parquet"](tmp_path / "sound.parquet")
    assert own_desk.open(tmp_path / "sound.parquet").info.row_count == 1_000
    assert peak_bytes(own_desk) < MEMORY_BYTES


def peak_bytes(desk: Desk) -> int:
    """The most memory that the running reader has had."""
    assert desk.files.process.pid is not None
    process = psutil.Process(desk.files.process.pid)
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return int(process.memory_info().rss)
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
