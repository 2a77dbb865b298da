"""Several windows, living and dead: who may take over whose journals. PROMISES A5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ide.core.text import Edit
from ide.documents import platform
from ide.documents.errors import DiskChangedError
from ide.documents.owner import OWNER_FILE, Life, Owner, WindowFolder, read_owner
from tests.unit.documents.desk import Window

ME = Owner(100, "555", "node|machine", "boot/1")


@pytest.mark.parametrize(
    ("owner", "silent_s", "start", "expected"),
    [
        (ME, 0, "555", Life.ALIVE),
        (ME, 9999, "555", Life.ALIVE),
        (ME, 0, None, Life.DEAD),
        (ME, 0, "556", Life.DEAD),  # the pid was given to another process
        (replace(ME, boot="earlier/1"), 0, "555", Life.DEAD),  # the machine was started anew
        (replace(ME, boot="boot/2"), 0, None, Life.UNKNOWN),  # another container
        (replace(ME, host="other|machine"), 10, None, Life.UNKNOWN),
        (replace(ME, host="other|machine"), 1000, "555", Life.DEAD),
    ],
)
def test_owner_is_dead_only_when_that_is_certain(
    owner: Owner, silent_s: float, start: str | None, expected: Life
) -> None:
    assert owner.life(ME, silent_s, lambda pid: start) is expected


def test_living_window_is_left_alone(tmp_path: Path) -> None:
    living = Window(tmp_path, is_mortal=False)
    living.documents.new(text="mine")
    living.flush()
    other = Window(tmp_path, is_mortal=False)
    assert other.restore().documents == ()
    assert len(list(living.documents.journal.folder.glob("*.journal"))) == 1
    other.close()
    living.close()


def test_window_of_a_killed_process_is_adopted(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.unit.documents.desk import Window\n"
        "window = Window(Path(sys.argv[1]), is_mortal=False); window.documents.new(text='typed'); window.flush()\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        early = Window(tmp_path, is_mortal=False)
        assert early.restore().documents == ()
        child.kill()
        child.wait()
        assert [document.text for document in early.restore().documents] == ["typed"]
        early.close()


def folder_instead(record: Path) -> None:
    record.unlink()
    record.mkdir()


def pipe_instead(record: Path) -> None:
    record.unlink()
    os.mkfifo(record)


def on_a_silent_machine(record: Path) -> None:
    record.write_text(json.dumps(asdict(replace(Owner.me(), host="elsewhere", start="1"))))
    os.utime(record, (1, 1))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.write_bytes(b""),
        lambda record: record.write_bytes(b"\0" * 100),
        lambda record: record.write_bytes(b"x" * 100_000),
        lambda record: record.write_bytes(b'{"pid": "many"}'),
        Path.unlink,
        folder_instead,
        pipe_instead,
        on_a_silent_machine,
        lambda record: record.write_text(json.dumps(asdict(replace(Owner.me(), start="of another process")))),
        lambda record: record.write_text(json.dumps(asdict(replace(Owner.me(), pid=2**22 + 7)))),
    ],
)
def test_stale_owner_record_never_holds_up_a_start(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    first = Window(tmp_path)
    first.documents.new(text="typed")
    first.flush()
    spoil(first.documents.journal.folder / OWNER_FILE)
    first.vanish()
    second = Window(tmp_path)
    assert [document.text for document in second.restore().documents] == ["typed"]
    second.close()


def test_window_on_another_machine_is_left_alone_and_looked_at_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ide.documents.documents._LOOK_AGAIN_S", 0.05)
    first = Window(tmp_path)
    first.documents.new(text="typed")
    first.flush()
    record = first.documents.journal.folder / OWNER_FILE
    record.write_text(json.dumps(asdict(replace(Owner.me(), host="elsewhere"))))
    first.vanish()
    second = Window(tmp_path)
    began = time.monotonic()
    restored = [second.restore()]
    assert restored[0].documents == ()
    os.utime(record, (1, 1))
    second.desk.run_until(lambda: second.documents.all)
    assert [document.text for document in second.documents.all] == ["typed"]
    assert time.monotonic() - began < 20
    second.close()


def test_of_many_windows_that_start_together_one_takes_over(tmp_path: Path) -> None:
    dead = replace(Owner.me(), start="ended")
    for number in range(5):
        folder = WindowFolder(tmp_path, dead)
        (folder.path / f"k{number}.journal").write_bytes(b"x")
    windows = [WindowFolder(tmp_path) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        adopted = list(pool.map(WindowFolder.adopt, windows))
    taken = [path for each in adopted for path in each.folders]
    assert len(taken) == len({path.name for path in taken}) == 5
    assert all(path.is_dir() for path in taken)


def test_adopted_folders_never_nest(tmp_path: Path) -> None:
    dead = replace(Owner.me(), start="ended")
    (WindowFolder(tmp_path, dead).path / "k.journal").write_bytes(b"x")
    for _ in range(6):
        WindowFolder(tmp_path, dead).adopt()
    (found,) = tmp_path.rglob("k.journal")
    assert len(found.relative_to(tmp_path).parts) == 4


def test_nothing_is_left_of_windows_that_had_nothing(tmp_path: Path) -> None:
    for _ in range(4):
        window = Window(tmp_path)
        window.restore()
        window.desk.run_until(lambda: True)
        window.close()
    final = Window(tmp_path)
    final.restore()
    final.close()
    assert list(tmp_path.iterdir()) == []


def test_two_windows_edit_one_file_and_neither_text_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x\n")
    windows = [Window(tmp_path / "journal") for _ in range(2)]
    documents = [window.open(path) for window in windows]
    for number, document in enumerate(documents):
        document.apply(Edit(0, 0, f"{number} "))
    windows[0].save(documents[0])
    with pytest.raises(DiskChangedError):
        windows[1].save(documents[1])
    assert path.read_text() == "0 x\n"
    for window in windows:
        window.vanish()
    last = Window(tmp_path / "journal")
    restored = last.restore()
    assert [(each.text, each.disk_state) for each in restored.documents] == [("1 x\n", "newer")]
    assert [conflict.theirs for _, conflict in restored.conflicts] == ["0 x\n"]
    last.close()


def test_unsaved_texts_of_two_windows_both_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x\n")
    for number in range(2):
        window = Window(tmp_path / "journal", is_mortal=True)
        window.open(path).apply(Edit(0, 0, f"{number} "))
        window.vanish()
    last = Window(tmp_path / "journal")
    assert sorted(each.text for each in last.restore().documents) == ["0 x\n", "1 x\n"]
    last.close()


def test_this_process_is_alive_and_a_missing_one_is_not() -> None:
    assert Owner.me().life(Owner.me(), 0, platform.process_start) is Life.ALIVE
    assert platform.process_start(0) is None
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert platform.process_start(child.pid) is None


def test_record_that_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / OWNER_FILE)
    assert read_owner(tmp_path / OWNER_FILE) is None
