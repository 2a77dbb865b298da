"""Listing folders: order, links, what is never opened, what is hidden, and following the disk."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from ide.core.ports import Cancel
from ide.panes.files.model import Entry, FilesModel, list_folder
from tests.fakes.folder_watch import FakeFolderWatch

T = TypeVar("T")


class Pool:
    """Does the work at once, or holds it until the test lets it go."""

    def __init__(self) -> None:
        self.held: list[Callable[[], None]] = []
        self.holds = False

    def __call__(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        answer = work()
        self.held.append(lambda: done(answer))
        if not self.holds:
            self.let_go()
        return lambda: None

    def let_go(self) -> None:
        """Hand over what is ready, the newest first: answers may come in any order."""
        while self.held:
            self.held.pop()()


def model_of(root: Path, pool: Pool | None = None) -> FilesModel:
    model = FilesModel(pool or Pool(), FakeFolderWatch())
    model.show(root)
    return model


def names(model: FilesModel, folder: Path) -> list[str]:
    entries = model.entries(folder)
    assert entries is not None
    return [entry.name for entry in entries]


def entry(folder: Path, name: str) -> Entry:
    return next(entry for entry in list_folder(folder).entries if entry.name == name)


def test_folders_come_first_and_numbers_count(tmp_path: Path) -> None:
    for name in ("b.py", "A.py", "x10.csv", "x9.csv"):
        (tmp_path / name).touch()
    (tmp_path / "zoo").mkdir()
    assert names(model_of(tmp_path), tmp_path) == ["zoo", "A.py", "b.py", "x9.csv", "x10.csv"]


def test_hidden_names_are_listed_on_demand(tmp_path: Path) -> None:
    for name in (".Rprofile", "Thumbs.db", "a.py"):
        (tmp_path / name).touch()
    (tmp_path / "__pycache__").mkdir()
    model = model_of(tmp_path)
    assert names(model, tmp_path) == ["a.py"]
    model.set_shows_hidden(True)
    assert names(model, tmp_path) == ["__pycache__", ".Rprofile", "a.py", "Thumbs.db"]


def test_a_filter_keeps_folders_and_fitting_files(tmp_path: Path) -> None:
    (tmp_path / "Data.csv").touch()
    (tmp_path / "a.py").touch()
    (tmp_path / "sub").mkdir()
    model = model_of(tmp_path)
    model.filter(" DATA ")
    assert names(model, tmp_path) == ["sub", "Data.csv"]
    model.filter("")
    assert names(model, tmp_path) == ["sub", "a.py", "Data.csv"]


def test_links_are_told_and_keep_their_kind(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f.txt").write_text("12345")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "f.txt")
    (root / "nowhere").symlink_to("gone.txt")
    assert (entry(root, "folder").is_link, entry(root, "folder").is_folder) == (True, True)
    assert (entry(root, "file").target, entry(root, "file").size_bytes) == (str(outside / "f.txt"), 5)
    assert (entry(root, "nowhere").is_broken, entry(root, "nowhere").target) == (True, "gone.txt")


def test_a_link_round_to_itself_is_no_endless_tree(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert entry(tmp_path, "self").is_folder
    assert entry(tmp_path, "loop").is_broken


if sys.platform != "win32":  # Windows has no pipes and devices in folders

    def test_pipes_and_sockets_are_marked_and_not_opened(tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "to_pipe").symlink_to("pipe")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "s"))
            assert entry(tmp_path, "s").is_special
        assert entry(tmp_path, "pipe").is_special
        assert entry(tmp_path, "to_pipe").is_special


@pytest.mark.parametrize("problem", ["missing", "file"])
def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path, problem: str) -> None:
    folder = tmp_path / "x"
    if problem == "file":
        folder.touch()
    model = model_of(folder)
    assert names(model, folder) == []
    assert model.remark(folder).startswith("Can't be read: ")


def test_remarks_say_why_nothing_is_listed(tmp_path: Path) -> None:
    pool = Pool()
    pool.holds = True
    model = model_of(tmp_path, pool)
    assert model.entries(tmp_path) is None
    assert model.remark(tmp_path) == "Reading..."
    pool.let_go()
    assert model.remark(tmp_path) == "Empty folder"
    (tmp_path / ".hidden").touch()
    pool.holds = False
    model.refresh()
    assert model.remark(tmp_path) == "Only hidden files"
    model.filter("x")
    assert model.remark(tmp_path) == "No name fits the filter"


def test_only_open_folders_are_followed(tmp_path: Path) -> None:
    sub = tmp_path / "sub"
    sub.mkdir()
    watch = FakeFolderWatch()
    model = FilesModel(Pool(), watch)
    model.show(tmp_path)
    model.open(sub)
    assert list(watch.folders) == [tmp_path, sub]
    (sub / "new.py").touch()
    watch.tell(sub)
    assert names(model, sub) == ["new.py"]
    model.shut(sub)
    assert list(watch.folders) == [tmp_path]
    (sub / "later.py").touch()
    watch.tell(sub)
    assert names(model, sub) == ["new.py"]
    model.close()
    assert len(watch.folders_changed) == 0


def test_nothing_is_told_where_nothing_changed(tmp_path: Path) -> None:
    model = model_of(tmp_path)
    told: list[object] = []
    model.listed.connect(told.append)
    model.refresh()
    assert told == []
    (tmp_path / "a").touch()
    model.refresh()
    assert told == [tmp_path]


def test_answers_that_are_out_of_date_are_dropped(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    pool = Pool()
    pool.holds = True
    model = model_of(first, pool)
    (first / "a").touch()
    model.refresh()
    pool.let_go()  # the older answer, without the file, comes last
    assert names(model, first) == ["a"]
    model.refresh()
    model.show(second)
    pool.let_go()
    assert model.entries(first) is None


def test_ten_thousand_names_are_listed(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"f{number}").touch()
    assert names(model_of(tmp_path), tmp_path)[-1] == "f9999"
