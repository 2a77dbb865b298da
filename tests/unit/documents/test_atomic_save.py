"""What a save keeps of a file, and what it says when it cannot write. Failing calls: tests/faults."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ide.core.errors import DocumentError
from ide.core.text import Edit
from ide.documents import atomic_save, platform
from ide.documents.atomic_save import plan_save, save_bytes
from ide.documents.document import Document
from ide.documents.encoding import decode
from ide.documents.errors import DiskChangedError, SaveFailedError
from ide.documents.reading import read_bytes
from tests.unit.documents.desk import Window
from tests.unit.documents.test_text import SAMPLES

NOBODY = 65534


@pytest.fixture
def safety(tmp_path: Path) -> Path:
    folder = tmp_path / "safety"
    folder.mkdir()
    return folder


def save(path: Path, data: bytes, safety: Path) -> None:
    expected = read_bytes(path)[1] if path.exists() else None
    save_bytes(plan_save(path, safety), data, expected)


def as_nobody(work: Callable[[], object]) -> None:
    """Run `work` in a child without root's rights (root may write anywhere); as another user, just run it."""
    if os.getuid() != 0:
        work()
        return
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def own(folder: Path) -> None:
    """Give a folder and what is in it to the user of `as_nobody`."""
    if os.getuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        for parent in folder.parents:
            if parent != Path("/tmp") and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o011)


def test_mode_and_owner_are_kept(tmp_path: Path, safety: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o754)
    if os.getuid() == 0:
        os.chown(path, 1234, 4321)
    before = path.stat()
    save(path, b"new", safety)
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_new_file_gets_the_mode_of_the_umask(tmp_path: Path, safety: Path) -> None:
    before = os.umask(0o027)
    try:
        save(tmp_path / "new.py", b"x", safety)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.py").stat().st_mode) == 0o640


def acl_entry(tag: int, rights: int, who: int = 0xFFFFFFFF) -> bytes:
    """One entry of system.posix_acl_access (linux/posix_acl_xattr.h)."""
    return struct.pack("<HHI", tag, rights, who)


ACL = struct.pack("<I", 2) + b"".join(
    [acl_entry(1, 6), acl_entry(2, 4, 1234), acl_entry(4, 4), acl_entry(16, 4), acl_entry(32, 0)]
)


def test_extended_attributes_are_kept(tmp_path: Path, safety: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    wanted = {"user.note": b"mine", "system.posix_acl_access": ACL}
    kept = {name: value for name, value in wanted.items() if _set(path, name, value)}
    save(path, b"new", safety)
    assert {name: os.getxattr(path, name) for name in kept} == kept


def _set(path: Path, name: str, value: bytes) -> bool:
    try:
        os.setxattr(path, name, value)
    except OSError:
        return False  # this file system has no such attribute: nothing can be lost
    return True


def test_link_stays_a_link(tmp_path: Path, safety: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "a.py"
    real.write_bytes(b"old")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("real/a.py")
    save(tmp_path / "one.py", b"new", safety)
    assert real.read_bytes() == b"new"
    assert (tmp_path / "one.py").readlink() == Path("two.py")
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["a.py"]


def test_link_to_nothing_makes_the_file(tmp_path: Path, safety: Path) -> None:
    (tmp_path / "one.py").symlink_to("two.py")
    save(tmp_path / "one.py", b"new", safety)
    assert (tmp_path / "two.py").read_bytes() == b"new"
    assert (tmp_path / "one.py").is_symlink()


def test_link_in_a_ring_is_told(tmp_path: Path, safety: Path) -> None:
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    with pytest.raises(DocumentError):
        save_bytes(plan_save(tmp_path / "one.py", safety), b"new", None)
    assert (tmp_path / "one.py").is_symlink()


@pytest.mark.parametrize("data", [b"new", b"much longer than the old one " * 1000])
def test_hard_links_stay_together(tmp_path: Path, safety: Path, data: bytes) -> None:
    (tmp_path / "a.py").write_bytes(b"the old one")
    os.link(tmp_path / "a.py", tmp_path / "b.py")
    save(tmp_path / "a.py", data, safety)
    assert (tmp_path / "b.py").read_bytes() == data
    assert (tmp_path / "a.py").samefile(tmp_path / "b.py")
    assert list(safety.iterdir()) == []


def test_file_in_a_folder_that_may_not_be_written_to_is_saved(tmp_path: Path, safety: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"old")
    own(folder)
    own(safety)
    folder.chmod(0o555)
    as_nobody(lambda: save(folder / "a.py", b"new", safety))
    folder.chmod(0o755)
    assert (folder / "a.py").read_bytes() == b"new"
    assert [path.name for path in folder.iterdir()] == ["a.py"]


def test_file_whose_owner_cannot_be_kept_is_written_through(
    tmp_path: Path, safety: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shared folder a rename would make a colleague's file ours."""
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    before = path.stat()
    monkeypatch.setattr(platform, "_keep_owner", lambda descriptor, found: False)
    save(path, b"new", safety)
    assert (path.read_bytes(), path.stat().st_ino) == (b"new", before.st_ino)
    assert {each.name for each in tmp_path.iterdir()} == {"a.py", "safety"}


def test_read_only_file_is_told_and_left(tmp_path: Path, safety: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"old")
    own(folder)
    (folder / "a.py").chmod(0o444)

    def work() -> None:
        with pytest.raises(SaveFailedError, match="read-only") as caught:
            save(folder / "a.py", b"new", safety)
        assert caught.value.action == "document.save_as"

    as_nobody(work)
    assert (folder / "a.py").read_bytes() == b"old"


def test_folder_that_is_gone_is_told(tmp_path: Path, safety: Path) -> None:
    with pytest.raises(SaveFailedError, match="is gone") as caught:
        plan_save(tmp_path / "no" / "a.py", safety)
    assert caught.value.action == "document.save_as"


@pytest.mark.parametrize(("data", "_encoding"), SAMPLES)
@pytest.mark.parametrize("ending", [b"", b"\r\nlast", b"\n\n", b"\ra\nb\r\nc"])
def test_saved_file_differs_only_where_it_was_edited(
    tmp_path: Path, data: bytes, _encoding: object, ending: bytes
) -> None:
    _, encoding = decode(data)
    path = tmp_path / "a.py"
    path.write_bytes(data + ending.decode().encode(encoding.name))
    before = path.read_bytes()
    window = Window(tmp_path / "journal")
    document = window.open(path)
    document.apply(Edit(len(document), 0, "xyz"))
    window.save(document)
    assert path.read_bytes() == before + "xyz".encode(encoding.name)
    document.apply(Edit(len(document) - 3, 3, ""))
    window.save(document)
    assert path.read_bytes() == before
    window.close()


# -- full disk ------------------------------------------------------------------------------------------------------


@dataclass
class SmallDisk:
    """1 MB that can be filled and freed: a real one where the tests may mount, else calls that fail the same way."""

    folder: Path
    is_full: bool = False

    def fill(self) -> None:
        self.is_full = True
        with contextlib.suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as file:
            for _ in range(64):
                file.write(bytes(32 * 1024))

    def free(self) -> None:
        self.is_full = False
        (self.folder / "filler").unlink()


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    disk.folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk.folder)]
    is_mounted = os.getuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    if not is_mounted:
        real = atomic_save.write_all

        def write_all(descriptor: int, data: bytes) -> None:
            real(descriptor, data[: len(data) // 2] if disk.is_full else data)
            if disk.is_full:
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(atomic_save, "write_all", write_all)
    yield disk
    if is_mounted:
        subprocess.run(["umount", str(disk.folder)], check=True)


@pytest.mark.parametrize("is_linked", [False, True])
def test_full_disk_keeps_old_file_and_new_text_until_there_is_room(
    small_disk: SmallDisk, tmp_path: Path, is_linked: bool
) -> None:
    path = small_disk.folder / "a.py"
    path.write_bytes(b"x = 1\n" * 1000)
    if is_linked:
        os.link(path, small_disk.folder / "b.py")
    window = Window(tmp_path / "journal")
    document = window.open(path)
    document.apply(Edit(0, 0, "# more\n" * 20_000))
    small_disk.fill()
    for _ in range(3):
        with pytest.raises(SaveFailedError, match="the disk is full") as caught:
            window.save(document)
        assert caught.value.action == "document.save"
        assert (path.read_bytes(), document.is_dirty) == (b"x = 1\n" * 1000, True)
        assert {each.name for each in small_disk.folder.iterdir()} <= {"a.py", "b.py", "filler"}
    small_disk.free()
    window.save(document)
    assert path.read_bytes() == b"# more\n" * 20_000 + b"x = 1\n" * 1000
    assert not document.is_dirty
    window.close()


def test_folder_that_goes_away_while_dirty_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "project" / "a.py"
    path.parent.mkdir()
    path.write_bytes(b"x = 1\n")
    window = Window(tmp_path / "journal")
    document = window.open(path)
    document.apply(Edit(0, 0, "y\n"))
    path.parent.rename(tmp_path / "away")
    with pytest.raises(SaveFailedError, match="is gone"):
        window.save(document)
    assert (document.text, document.is_dirty) == ("y\nx = 1\n", True)
    (tmp_path / "away").rename(path.parent)
    window.save(document)
    assert path.read_bytes() == b"y\nx = 1\n"
    window.close()


def test_slow_drive_is_told_while_the_save_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ide.documents.saving.SLOW_S", 0.02)
    may_go_on = threading.Event()
    real = atomic_save.save_bytes

    def save_bytes(*arguments: Any, **options: Any) -> Any:
        assert may_go_on.wait(20)
        return real(*arguments, **options)

    monkeypatch.setattr(atomic_save, "save_bytes", save_bytes)
    path = tmp_path / "a.py"
    path.write_bytes(b"x")
    window = Window(tmp_path / "journal")
    document = window.open(path)
    document.apply(Edit(0, 0, "y"))
    ended: list[str] = []
    document.save(lambda: ended.append("done"), lambda error: ended.append(str(error)))
    window.desk.run_until(lambda: window.told)
    assert window.told[0].happened == "Saving a.py takes long."
    assert (ended, document.is_saving, document.is_dirty) == ([], True, True)
    document.apply(Edit(0, 0, "z"))
    may_go_on.set()
    window.desk.run_until(lambda: ended)
    assert (ended, path.read_bytes(), document.is_dirty) == (["done"], b"yx", True)
    window.save(document)
    assert (path.read_bytes(), document.is_dirty) == (b"zyx", False)
    window.close()


def test_two_saves_at_once_end_with_the_newest_text(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"")
    window = Window(tmp_path / "journal")
    document = window.open(path)
    ended: list[str] = []
    for number in range(5):
        document.apply(Edit(0, 0, str(number)))
        document.save(lambda: ended.append("done"), lambda error: ended.append(str(error)))
    window.desk.run_until(lambda: len(ended) == 5)
    assert (ended, path.read_bytes(), document.is_dirty) == (["done"] * 5, b"43210", False)
    window.close()


# -- somebody else at the same moment ---------------------------------------------------------------------------------


@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("is_new", [False, True])
def test_file_changed_while_ours_is_written_is_not_overwritten(
    tmp_path: Path, safety: Path, monkeypatch: pytest.MonkeyPatch, is_linked: bool, is_new: bool
) -> None:
    path = tmp_path / "a.py"
    if not is_new:
        path.write_bytes(b"old")
        if is_linked:
            os.link(path, tmp_path / "b.py")
    expected = None if is_new else read_bytes(path)[1]
    plan = plan_save(path, safety)
    real = atomic_save.write_all

    def write_all(descriptor: int, data: bytes) -> None:
        real(descriptor, data)
        path.write_bytes(b"theirs")

    monkeypatch.setattr(atomic_save, "write_all", write_all)
    with pytest.raises(DiskChangedError):
        save_bytes(plan, b"ours", expected)
    assert path.read_bytes() == b"theirs"
    assert {each.name for each in tmp_path.iterdir()} <= {"a.py", "b.py", "safety"}
    assert list(safety.iterdir()) == []


def test_file_changed_right_after_our_save_is_noticed_by_the_next(
    tmp_path: Path, safety: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    real = platform.replace

    def replace(source: Path, target: Path) -> None:
        real(source, target)
        target.write_bytes(b"late")  # as long as what was written before

    monkeypatch.setattr(platform, "replace", replace)
    signature = save_bytes(plan_save(path, safety), b"ours", read_bytes(path)[1])
    monkeypatch.undo()
    with pytest.raises(DiskChangedError):
        save_bytes(plan_save(path, safety), b"more", signature)
    assert path.read_bytes() == b"late"


def test_windows_that_save_at_once_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x\n")
    windows = [Window(tmp_path / "journal") for _ in range(4)]
    documents = [window.open(path) for window in windows]
    ended: list[tuple[int, DocumentError | None]] = []
    for number, document in enumerate(documents):
        document.apply(Edit(0, 0, f"{number} "))
        document.save(partial(ended.append, (number, None)), partial(_note_error, ended, number))
    for window, document in zip(windows, documents, strict=True):
        window.desk.run_until(partial(_is_idle, document))
    saved = [number for number, error in ended if error is None]
    assert len(saved) == 1
    assert path.read_text() == f"{saved[0]} x\n"
    assert [document.is_dirty for document in documents].count(True) == 3
    for window in windows:
        window.close()


def _note_error(ended: list[tuple[int, DocumentError | None]], number: int, error: DocumentError) -> None:
    ended.append((number, error))


def _is_idle(document: Document) -> bool:
    return not document.is_saving


# -- write-through that was cut short -------------------------------------------------------------------------------


def test_file_changed_after_a_save_that_was_cut_short_is_left_alone(tmp_path: Path, safety: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    plan = plan_save(path, safety)
    atomic_save._write_safety(plan, b"old", b"newer text")
    path.write_bytes(b"somebody else's")
    assert "a.py" in atomic_save.repair(plan.safety)
    assert path.read_bytes() == b"somebody else's"
    assert [each.suffix for each in safety.iterdir()] == [".bad"]


@pytest.mark.parametrize("length", range(11))
def test_half_written_file_is_made_whole(tmp_path: Path, safety: Path, length: int) -> None:
    path = tmp_path / "a.py"
    old, new = b"0123456", b"abcdefghij"
    for first, second in ((old, new), (new, old)):
        path.write_bytes(first)
        plan = plan_save(path, safety)
        atomic_save._write_safety(plan, first, second)
        path.write_bytes(second[:length] + first[min(length, len(second)) :])
        assert atomic_save.repair(plan.safety) == ""
        assert path.read_bytes() in (first, second)
        assert list(safety.iterdir()) == []


def test_only_our_own_temporary_files_are_removed(tmp_path: Path) -> None:
    for name in ("a.py", ".a.py", "a.fourpane-tmp", ".a.py.0.fourpane-tmp"):
        (tmp_path / name).write_text("x")
        atomic_save.remove_temporary(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.py", "a.fourpane-tmp", "a.py"]
