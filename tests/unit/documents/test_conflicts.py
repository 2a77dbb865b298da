"""PROMISES A4: restored or dirty text never silently overwrites what is on disk; both versions stay within reach."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ide.core.errors import DocumentError
from ide.core.text import Edit
from ide.documents.document import Document
from ide.documents.errors import DiskChangedError
from ide.documents.reading import read_bytes
from ide.documents.recovery import Conflict
from ide.documents.signature import Signature
from ide.documents.watch import Watch, _Seen
from tests.unit.documents.desk import Window

MINE, OPENED, THEIRS = "typed\nx = 1\n", "x = 1\n", "y = 2\n"


def rewrite(path: Path, shift_s: float) -> None:
    """Another program writes, and the file's time is then later, earlier or the very same."""
    before = path.stat()
    path.write_text(THEIRS)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + int(shift_s * 1e9)))


def rewritten_in_place_of_itself(path: Path) -> None:
    """As many editors do: a new file with the old time."""
    before = path.stat()
    fresh = path.with_suffix(".tmp")
    fresh.write_text(THEIRS)
    os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
    fresh.replace(path)


def turned_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def turned_into_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGED: dict[str, Callable[[Path], object]] = {
    "newer": lambda path: rewrite(path, 10),
    "older": lambda path: rewrite(path, -10),
    "same time": lambda path: rewrite(path, 0),
    "replaced": rewritten_in_place_of_itself,
}
GONE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "renamed": lambda path: path.rename(path.with_name("other.py")),
    "other case": lambda path: path.rename(path.with_name("A.PY")),
}
BLOCKED: dict[str, Callable[[Path], object]] = {"folder": turned_into_folder, "pipe": turned_into_pipe}


def start(tmp_path: Path) -> tuple[Window, Document, Path]:
    path = tmp_path / "project" / "a.py"
    path.parent.mkdir()
    path.write_text(OPENED)
    window = Window(tmp_path / "journal")
    document = window.open(path)
    document.apply(Edit(0, 0, "typed\n"))
    return window, document, path


def start_again(
    tmp_path: Path, happens: Callable[[Path], object]
) -> tuple[Window, Document, Path, tuple[Conflict, ...]]:
    """The program is killed, the file changes, the program starts."""
    window, _, path = start(tmp_path)
    window.vanish()
    happens(path)
    window = Window(tmp_path / "journal")
    restored = window.restore()
    assert restored.problems == ()
    (document,) = restored.documents
    return window, document, path, tuple(conflict for _, conflict in restored.conflicts)


@pytest.mark.parametrize("happens", CHANGED)
def test_dirty_text_and_changed_file_are_both_kept(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    CHANGED[happens](path)
    check_nothing_is_overwritten(window, document, path)


@pytest.mark.parametrize("happens", CHANGED)
def test_restored_text_and_changed_file_are_both_kept(tmp_path: Path, happens: str) -> None:
    window, document, path, conflicts = start_again(tmp_path, CHANGED[happens])
    assert [(each.ours, each.theirs) for each in conflicts] == [(MINE, THEIRS)]
    assert "-y = 2\n+typed\n+x = 1\n" in conflicts[0].difference()
    assert document.disk_state == "newer"
    check_nothing_is_overwritten(window, document, path)


def check_nothing_is_overwritten(window: Window, document: Document, path: Path) -> None:
    with pytest.raises(DiskChangedError):
        window.save(document)
    assert path.read_text() == THEIRS
    assert (document.text, document.is_dirty) == (MINE, True)
    told: list[str] = []
    document.compare(lambda conflict, difference: told.append(difference), lambda error: told.append(str(error)))
    window.desk.run_until(lambda: told)
    assert told[0].startswith("--- a.py (on disk)\n+++ a.py (here)\n")
    window.save_as(document, path.with_name("mine.py"))
    assert (path.read_text(), path.with_name("mine.py").read_text()) == (THEIRS, MINE)
    window.close()


@pytest.mark.parametrize("happens", GONE)
def test_dirty_text_whose_file_is_gone_is_kept_and_can_be_saved(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    GONE[happens](path)
    check_gone(window, document, path)


@pytest.mark.parametrize("happens", GONE)
def test_restored_text_whose_file_is_gone_is_kept_and_can_be_saved(tmp_path: Path, happens: str) -> None:
    window, document, path, _ = start_again(tmp_path, GONE[happens])
    assert document.disk_state == "gone"
    check_gone(window, document, path)


def check_gone(window: Window, document: Document, path: Path) -> None:
    others = {other: other.read_text() for other in path.parent.iterdir()}
    assert (document.text, document.is_dirty) == (MINE, True)
    window.save(document)
    assert path.read_text() == MINE
    assert {other: other.read_text() for other in others} == others
    window.close()


@pytest.mark.parametrize("happens", BLOCKED)
def test_dirty_text_whose_file_became_something_else_is_kept(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    BLOCKED[happens](path)
    check_blocked(window, document, path)


@pytest.mark.parametrize("happens", BLOCKED)
def test_restored_text_whose_file_became_something_else_is_kept(tmp_path: Path, happens: str) -> None:
    window, document, path, _ = start_again(tmp_path, BLOCKED[happens])
    check_blocked(window, document, path)


def check_blocked(window: Window, document: Document, path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        window.save(document)
    assert caught.value.action == "document.save_as"
    assert not path.is_file()
    assert (document.text, document.is_dirty) == (MINE, True)
    window.save_as(document, path.with_name("mine.py"))
    assert path.with_name("mine.py").read_text() == MINE
    window.close()


def test_touched_file_is_not_a_conflict(tmp_path: Path) -> None:
    window, document, path, conflicts = start_again(tmp_path, lambda path: os.utime(path, (1, 1)))
    assert conflicts == ()
    window.save(document)
    assert path.read_text() == MINE
    window.close()


def test_file_that_holds_the_typed_text_is_no_conflict(tmp_path: Path) -> None:
    window, document, _, conflicts = start_again(tmp_path, lambda path: path.write_text(MINE))
    assert (conflicts, document.is_dirty, document.disk_state) == ((), False, "same")
    window.close()


def test_save_that_was_not_noted_any_more_is_no_conflict(tmp_path: Path) -> None:
    """Killed after the rename and before the journal heard of it, with more typed meanwhile."""
    window, document, path = start(tmp_path)
    ended: list[str] = []
    document.save(lambda: ended.append("saved"), lambda error: ended.append(str(error)))
    document.apply(Edit(0, 0, "more "))
    window.desk._calls.clear()
    while path.read_text() != MINE:
        pass
    window.vanish()
    window = Window(tmp_path / "journal")
    restored = window.restore()
    assert ended == []
    assert restored.conflicts == ()
    assert [(each.text, each.is_dirty) for each in restored.documents] == [("more " + MINE, True)]
    window.save(restored.documents[0])
    assert path.read_text() == "more " + MINE
    window.close()


# -- while the program runs: Watch ----------------------------------------------------------------------------------


@pytest.mark.parametrize("happens", CHANGED)
def test_watch_marks_dirty_text_and_leaves_it_alone(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.01)
    CHANGED[happens](path)
    window.desk.run_until(lambda: document.disk_state == "newer")
    assert (document.text, document.is_dirty) == (MINE, True)
    watch.close()
    window.close()


@pytest.mark.parametrize("happens", CHANGED)
def test_watch_lets_clean_text_follow_its_file(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    window.save(document)
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.01)
    CHANGED[happens](path)
    window.desk.run_until(lambda: document.text == THEIRS)
    assert (document.is_dirty, document.disk_state) == (False, "same")
    watch.close()
    window.close()


@pytest.mark.parametrize("happens", [*GONE, *BLOCKED])
def test_watch_keeps_the_only_copy_of_a_gone_file(tmp_path: Path, happens: str) -> None:
    window, document, path = start(tmp_path)
    window.save(document)
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.01)
    (GONE | BLOCKED)[happens](path)
    window.desk.run_until(lambda: document.disk_state == "gone")
    assert document.is_dirty
    watch.close()
    window.vanish()
    window = Window(tmp_path / "journal")
    assert [each.text for each in window.restore().documents] == [MINE]
    window.close()


def test_watch_sees_a_file_that_comes_back(tmp_path: Path) -> None:
    window, document, path = start(tmp_path)
    window.save(document)
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.01)
    path.rename(path.with_name("away.py"))
    window.desk.run_until(lambda: document.disk_state == "gone")
    path.with_name("away.py").rename(path)
    window.desk.run_until(lambda: document.disk_state == "same")
    assert not document.is_dirty
    watch.close()
    window.close()


def test_watch_reads_an_unchanged_or_a_known_newer_file_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, document, path = start(tmp_path)
    reads: list[Path] = []
    looks: list[object] = []

    def read(path: Path, *, allow_huge: bool) -> tuple[bytes, Signature]:
        reads.append(path)
        return read_bytes(path, allow_huge=allow_huge)

    monkeypatch.setattr("ide.documents.watch.read_bytes", read)
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.005)
    take = watch._on_seen

    def on_seen(seen: _Seen) -> None:
        looks.append(seen)
        take(seen)

    monkeypatch.setattr(watch, "_on_seen", on_seen)
    window.desk.run_until(lambda: len(looks) > 5)
    assert reads == []
    path.write_text(THEIRS)
    window.desk.run_until(lambda: document.disk_state == "newer")
    looks.clear()
    window.desk.run_until(lambda: len(looks) > 5)
    assert len(reads) == 1
    watch.close()
    window.close()


def test_watch_tells_folders_in_which_names_changed(tmp_path: Path) -> None:
    window, _, path = start(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    watch = Watch(window.documents, window.desk.after, window.desk.run_in_pool, interval_s=0.005)
    told: list[tuple[Path, ...]] = []
    watch.folders_changed.connect(told.append)
    watch.set_folders([path.parent, other])
    window.desk.run_until(lambda: told)
    assert told == [(path.parent, other)]  # whoever asked may have looked too early
    (path.parent / "new.py").write_text("")
    window.desk.run_until(lambda: len(told) == 2)
    assert told[1] == (path.parent,)
    other.rmdir()
    window.desk.run_until(lambda: len(told) == 3)
    assert told[2] == (other,)
    watch.close()
    window.close()
