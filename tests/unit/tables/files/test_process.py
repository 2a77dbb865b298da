"""The process that reads: started at need, ended when it hangs or dies, and what is open goes on. Files that change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ide.core.locks import held_lock
from ide.core.table import Filter, FilterGroup, SortKey, TableError, ViewSpec
from ide.tables.files.options import FileOptions, Limits
from ide.tables.files.process import FileProcess, remove_leftovers
from ide.tables.files.source import DataFiles, FileTableSource
from tests.fakes.ui_thread import FakeUiThread
from tests.unit.tables.files.kit import Desk, values

ROOT = Path(__file__).resolve().parents[4]


def write(path: Path, first: int = 0, count: int = 1_000) -> None:
    """A small table of numbers."""
    numbers = range(first, first + count)
    if path.suffix == ".csv":
        path.write_text("n,t\n" + "".join(f"{number},t{number}\n" for number in numbers))
    else:
        pq.write_table(pa.table({"n": numbers, "t": [f"t{number}" for number in numbers]}), path)


def numbers(desk: Desk, source: FileTableSource, view: int = 0, end: int = 5) -> list[object]:
    return values(desk.page(source, 0, end, [0], view).cells[0])


def test_nothing_runs_before_a_file_is_opened_nor_long_after(tmp_path: Path) -> None:
    ui = FakeUiThread()
    process = FileProcess(ui.post, ui.after, temp_folder=tmp_path / "reader", idle_end_s=0.2)
    assert process.run == 0
    files = DataFiles(ui.post, ui.after)
    files.process = process
    write(tmp_path / "t.csv")
    found: list[FileTableSource] = []
    errors: list[TableError] = []
    files.open_file(tmp_path / "t.csv", FileOptions(), found.append, errors.append)
    ui.pump_until(lambda: found)
    pid = process.pid
    found[0].close()
    ui.pump_until(lambda: not process.is_running, what="the end of an idle process")
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert list((tmp_path / "reader").iterdir()) == []
    files.close()


def test_what_killed_windows_left_behind_is_removed(tmp_path: Path) -> None:
    names = ("fourpane-files-left", "fourpane-files-used", "fourpane-files-young", "other")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "order-1").write_bytes(b"rows")
        if "young" not in name:
            os.utime(tmp_path / name, (0, 0))
    remove_leftovers(tmp_path / "none")
    with held_lock(tmp_path / names[1] / "lock", 0.0):
        os.utime(tmp_path / names[1], (0, 0))
        remove_leftovers(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_a_reader_in_use_is_no_leftover(tmp_path: Path, desk: Desk) -> None:
    write(tmp_path / "t.csv")
    source = desk.open(tmp_path / "t.csv")
    (folder,) = desk.temp_folder.iterdir()
    os.utime(folder, (0, 0))
    remove_leftovers(desk.temp_folder)
    assert numbers(desk, source) == [0, 1, 2, 3, 4]
    assert folder.exists()


def test_the_window_imports_no_data_library() -> None:
    heavy = ("pyarrow", "duckdb", "python_calamine", "pyreadstat", "xlsxwriter", "numpy", "pandas", "sqlite3")
    code = (
        "import sys; import ide.tables.files.source, ide.tables.export;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_an_open_table_goes_on_after_the_process_was_killed(own_desk: Desk, tmp_path: Path) -> None:
    """Its view too; the number of the run says that it was another process."""
    desk = own_desk
    write(tmp_path / "t.csv")
    write(tmp_path / "u.parquet", 50)
    source, other = desk.open(tmp_path / "t.csv"), desk.open(tmp_path / "u.parquet")
    desk.make_view(source, [SortKey(0, is_descending=True)], FilterGroup((Filter(0, "lt", ("500",)),)))
    assert numbers(desk, source, desk.view, 3) == [499, 498, 497]
    changes: list[str] = []
    source.changed.connect(changes.append)
    kill(desk)
    assert numbers(desk, source, desk.view, 3) == [499, 498, 497]
    assert numbers(desk, other, 0, 2) == [50, 51]
    assert desk.files.process.run == 2
    assert changes == ["data"]


def kill(desk: Desk) -> None:
    """End the reader from outside, and wait until the window has seen it."""
    process = desk.files.process
    assert process.pid is not None
    psutil.Process(process.pid).kill()
    desk.ui.pump_until(lambda: not process.is_running, what="word of the end of the reader")


def test_requests_under_way_are_asked_once_more_when_another_kills_the_reader(own_desk: Desk, tmp_path: Path) -> None:
    desk = own_desk
    write(tmp_path / "t.parquet", count=50_000)
    source = desk.open(tmp_path / "t.parquet")
    answers: list[object] = []
    for _ in range(2):
        source.profile(0, 0, answers.append, answers.append, is_exact=True)
    pid = desk.files.process.pid
    assert pid is not None
    psutil.Process(pid).suspend()  # it takes the requests and answers nothing
    psutil.Process(pid).kill()
    desk.ui.pump_until(lambda: len(answers) == 2)
    assert not any(isinstance(answer, TableError) for answer in answers), answers


def test_a_reader_that_hangs_is_ended_and_said(own_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = own_desk
    monkeypatch.setattr("ide.tables.files.process.START_LIMIT_S", 0.5)
    write(tmp_path / "t.csv")
    source = desk.open(tmp_path / "t.csv")
    process = desk.files.process
    assert process.pid is not None
    psutil.Process(process.pid).suspend()
    errors: list[TableError] = []
    process.ask("page", {}, lambda *_: None, errors.append, limit_s=0.5)
    desk.ui.pump_until(lambda: errors)
    assert errors[0].happened == "Reading the file took too long and was stopped."
    monkeypatch.undo()
    assert numbers(desk, source) == [0, 1, 2, 3, 4]
    assert process.run == 2


def test_too_much_memory_ends_the_reader_not_the_window(tmp_path: Path) -> None:
    """A column that takes more than the limit when it is sorted; what is open goes on afterwards."""
    (tmp_path / "reader").mkdir()
    desk = Desk(tmp_path / "reader", Limits(memory_bytes=150_000_000, values_bytes=1 << 40))
    try:
        count, filler = 300_000, "x" * 400
        table = pa.table({"n": pa.array(range(count)), "t": pa.array([f"{row}{filler}" for row in range(count)])})
        pq.write_table(table, tmp_path / "t.parquet", row_group_size=20_000)
        source = desk.open(tmp_path / "t.parquet")
        with pytest.raises(TableError, match="needs more memory than the file reader may take") as caught:
            desk.profile(source, 1, is_exact=True)
        assert "0.1 GB" in caught.value.happened or "0.2 GB" in caught.value.happened
        assert numbers(desk, source) == [0, 1, 2, 3, 4]
    finally:
        desk.close()


def test_closing_during_work_leaves_nothing(tmp_path: Path) -> None:
    """Threads, process and files: the test's own watch looks after it too."""
    (tmp_path / "reader").mkdir()
    write(tmp_path / "t.csv", count=300_000)
    desk = Desk(tmp_path / "reader")
    source = desk.open(tmp_path / "t.csv", is_whole=False)
    told: list[object] = []
    source.view(1, ViewSpec((SortKey(1),)), told.append, told.append)
    source.profile(0, 0, told.append, told.append, is_exact=True)
    pid = desk.files.process.pid
    desk.close()
    desk.ui.pump(0.05)
    assert told == []
    assert pid is not None
    assert not psutil.pid_exists(pid)
    source.close()


def test_opening_can_be_cancelled(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path / "t.csv", count=200_000)
    told: list[object] = []
    desk.files.open_file(tmp_path / "t.csv", FileOptions(), told.append, told.append)()
    write(tmp_path / "u.csv")
    assert desk.open(tmp_path / "u.csv").info.row_count == 1_000
    desk.close_sources()
    desk.ui.pump_until(lambda: not desk.temp_files())
    assert told == []


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_file_that_changes_is_read_again(desk: Desk, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(path)
    source = desk.open(path)
    changes: list[str] = []
    source.changed.connect(changes.append)
    desk.make_view(source, [SortKey(0, is_descending=True)])
    write(path, 5_000, 700)
    desk.ui.pump_until(lambda: "data" in changes, what="word of other data")
    desk.ui.pump_until(lambda: not source.is_growing)
    assert source.info.row_count == 700
    assert source.info.version == 1
    assert numbers(desk, source) == [5_000, 5_001, 5_002, 5_003, 5_004]
    assert numbers(desk, source, desk.view, 2) == [5_699, 5_698]
    assert "schema" not in changes

    path.write_text("a,b,c\n1,2,3\n") if name == "t.csv" else pq.write_table(pa.table({"a": [1]}), path)
    desk.ui.pump_until(lambda: "schema" in changes, what="word of other columns")
    assert desk.columns(source)[0].name == "a"


def test_a_file_that_goes_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path)
    source = desk.open(path)
    changes: list[str] = []
    source.changed.connect(changes.append)
    path.rename(tmp_path / "elsewhere")
    desk.ui.pump_until(lambda: "gone" in changes)
    was_gone = source.is_gone
    assert was_gone
    with pytest.raises(TableError, match="gone"):
        desk.page(source, 0, 5, [0])
    (tmp_path / "elsewhere").rename(path)
    desk.ui.pump_until(lambda: "data" in changes)
    assert not source.is_gone
    assert numbers(desk, source, 0, 2) == [0, 1]


def test_what_files_cannot_do_is_said(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path / "t.csv")
    source = desk.open(tmp_path / "t.csv")
    assert source.info.features == {"sort", "filter", "profile", "missing", "values", "find"}
    with pytest.raises(TableError, match="never changed"):
        desk.wait(lambda done, failed: source.edit(0, 0, 0, "1", done, failed))
    with pytest.raises(TableError, match="never changed"):
        desk.wait(lambda done, failed: source.undo("", done, failed))
    with pytest.raises(TableError, match="rows and columns"):
        desk.wait(lambda done, failed: source.slice(0, 1, (), done, failed))
    with pytest.raises(TableError, match="more than a page"):
        desk.page(source, 0, 2_001, [0])
