"""Plots on disk: everything comes back, deletions can be undone, and nothing of another window is taken."""

from __future__ import annotations

import dataclasses
import queue
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ide.core.record import replace
from ide.core.runs import CodeSource
from ide.panes.plots.plot import SVG, DamagedFileError, Picture, Plot, read_body
from ide.panes.plots.store import SUFFIX, PlotStore


class Desk:
    """Stores over one folder; what they post is run when waited for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self.stores: list[PlotStore] = []
        self.errors: list[OSError] = []

    def open(self) -> PlotStore:
        store = PlotStore(self.folder, self.posted.put)
        store.failed.connect(self.errors.append)
        self.stores.append(store)
        return store

    def load(self, store: PlotStore, most: int = 100, most_bytes: int = 10**9) -> list[Plot]:
        found: list[Sequence[Plot]] = []
        store.load(most, most_bytes, found.append)
        while not found:
            self.posted.get(timeout=10)()
        return list(found[0])

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.suffix in (SUFFIX, ".deleted", ".part"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "cache" / "plots")
    yield made
    for store in made.stores:
        store.close()


def plot(id: int, data: bytes = b"\x89PNG", **more: object) -> Plot:
    plain = Plot(id, "image/png", Picture(data), "s1", f"r{id}", "plot()", None, 1000.0 + id)
    return replace(plain, **more)  # type: ignore[arg-type]  # fields of Plot


def again(desk: Desk, store: PlotStore, **bounds: int) -> list[Plot]:
    """Close the window and open another one."""
    store.close()
    return desk.load(desk.open(), **bounds)


def test_every_field_of_a_plot_comes_back(desk: Desk) -> None:
    store = desk.open()
    source = CodeSource("doc-1", Path("/tmp/analyse é.py"), 12, "analyse é.py")
    whole = Plot(
        7, SVG, Picture(b"<svg/>"), "s1", "r1", "plot('é')\n", source, 12.5, "d", 3, 4, "myenv", "python", "f1", 250,
        640, 480, 96.0, True, "problem", "note", True, True, "Two lines",
    )  # fmt: skip
    assert not [each.name for each in dataclasses.fields(whole) if getattr(whole, each.name) in ("", 0, False, None)]
    store.keep(whole)
    (found,) = again(desk, store)
    assert replace(found, picture=whole.picture) == whole
    assert (found.data, found.picture.is_in_memory, found.picture.size_bytes > 0) == (b"<svg/>", False, True)


def test_a_picture_leaves_the_memory_when_it_is_on_disk(desk: Desk) -> None:
    store = desk.open()
    first = plot(1, b"data")
    store.keep(first)
    assert desk.load(store) == []
    assert (first.picture.is_in_memory, first.data) == (False, b"data")


def test_text_is_compressed_and_files_are_for_the_user_alone(desk: Desk) -> None:
    store = desk.open()
    store.keep(plot(1, b"<svg>" + b" " * 100_000 + b"</svg>", mime=SVG))
    desk.load(store)
    (file,) = desk.folder.rglob(f"*{SUFFIX}")
    assert file.stat().st_size < 5_000
    assert not stat.S_IMODE(file.parent.stat().st_mode) & 0o077


def test_a_deletion_can_be_undone_until_the_window_closes(desk: Desk) -> None:
    store = desk.open()
    one, two, three = (plot(number, bytes([number])) for number in (1, 2, 3))
    for each in (one, two, three):
        store.keep(each)
        store.discard(each)
    desk.load(store)
    assert two.data == b"\x02"
    store.bring_back(two)
    store.forget((three,))
    desk.load(store)
    assert desk.files() == ["00000001.deleted", "00000002.plot"]
    assert [each.id for each in again(desk, store)] == [2]
    assert desk.files() == ["00000002.plot"]


def test_a_redraw_and_other_words_replace_the_file(desk: Desk) -> None:
    store = desk.open()
    first = plot(1, b"old")
    store.keep(first)
    store.keep(replace(first, picture=Picture(b"new"), version=1))
    store.keep(replace(first, alt="One line", version=1))
    (found,) = again(desk, store)
    assert (found.data, found.alt, found.version) == (b"new", "One line", 1)


def test_the_newest_within_the_bounds_and_all_pinned_ones_come_back(desk: Desk) -> None:
    store = desk.open()
    for number in range(1, 7):
        store.keep(plot(number, b"x" * 100, is_pinned=number == 1))
    assert [each.id for each in again(desk, store, most=3)] == [1, 4, 5, 6]
    assert len(desk.files()) == 4
    assert [each.id for each in again(desk, desk.stores[-1], most_bytes=250)] == [1, 5, 6]


def test_a_damaged_file_is_left_out_and_reading_one_is_told(desk: Desk) -> None:
    store = desk.open()
    for number in (1, 2, 3):
        store.keep(plot(number))
    desk.load(store)
    for name, content in (("00000001.plot", b""), ("00000002.plot", b"fourpane plot 1\n\xff\xff\xff\x7fxx")):
        (file,) = desk.folder.rglob(name)
        file.write_bytes(content)
        with pytest.raises(DamagedFileError):
            read_body(file)
    assert [each.id for each in again(desk, store)] == [3]
    assert desk.files() == ["00000003.plot"]


def test_plots_of_a_window_that_is_open_are_its_own(desk: Desk) -> None:
    one, other = desk.open(), desk.open()
    one.keep(plot(1, b"one"))
    desk.load(one)
    assert desk.load(other) == []
    other.keep(plot(1, b"two", at_s=5000.0))
    desk.load(other)
    one.close()
    other.close()
    found = desk.load(desk.open())
    assert [(each.id, each.data) for each in found] == [(1, b"one"), (2, b"two")]


def test_a_folder_that_cannot_be_written_is_told_once_and_plots_stay_in_memory(desk: Desk) -> None:
    desk.folder.parent.mkdir(parents=True)
    desk.folder.write_text("no folder")
    store = desk.open()
    first, second = plot(1, b"one"), plot(2, b"two")
    store.keep(first)
    store.keep(second)
    assert desk.load(store) == []
    while not desk.posted.empty():
        desk.posted.get()()
    assert len(desk.errors) == 1
    assert (first.data, second.data) == (b"one", b"two")


def test_a_window_without_plots_leaves_no_folder(desk: Desk) -> None:
    store = desk.open()
    desk.load(store)
    store.close()
    assert list(desk.folder.iterdir()) == []
