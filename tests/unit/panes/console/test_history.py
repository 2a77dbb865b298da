"""History is kept across starts, private, searchable, and survives damage."""

from __future__ import annotations

import json
import os
import random
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from ide.core.ports import Cancel
from ide.panes.console.history import ENTRY_LIMIT, Histories, History, read

T = TypeVar("T")


def at_once(work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
    """A pool that works in the caller's turn."""
    try:
        value = work()
    except OSError as error:
        failed(error)
    else:
        done(value)
    return lambda: None


def opened(file: Path, limit: int = 100) -> History:
    history = History(file, limit, at_once)
    history.load()
    return history


def test_entries_are_there_at_the_next_start(tmp_path: Path) -> None:
    first = Histories(tmp_path / "history", 100, at_once)
    first.of("python").add("x = 1\ny = 2")
    first.of("r").add("x <- 1")
    second = Histories(tmp_path / "history", 100, at_once)
    assert second.of("python").entries == ("x = 1\ny = 2",)
    assert second.of("r").entries == ("x <- 1",)


def test_file_is_for_the_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Histories(tmp_path / "history", 100, at_once).of("python").add("secret")
    finally:
        os.umask(before)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "history" / "python.jsonl").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o700


def test_repeats_in_a_row_are_kept_once(tmp_path: Path) -> None:
    history = opened(tmp_path / "h.jsonl")
    for code in ("a", "a", "b", "a", "  ", ""):
        history.add(code)
    assert history.entries == ("a", "b", "a")


def test_limit_holds_in_memory_and_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "h.jsonl"
    history = opened(file, 10)
    for number in range(200):
        history.add(f"{number} " + "x" * 300)
    assert len(history.entries) == 10
    assert len(read(file)[0]) <= 30
    assert opened(file, 10).entries[-1].startswith("199")
    assert opened(file, 0).entries == ()


def test_huge_entry_is_not_kept(tmp_path: Path) -> None:
    history = opened(tmp_path / "h.jsonl")
    history.add("x" * (ENTRY_LIMIT + 1))
    assert history.entries == ()


def test_search_finds_all_words_newest_first_each_once(tmp_path: Path) -> None:
    history = opened(tmp_path / "h.jsonl")
    for code in ("import pandas", "df.Plot()", "x = 1", "df.plot(kind='bar')", "df.Plot()"):
        history.add(code)
    assert history.search("df plot") == ("df.Plot()", "df.plot(kind='bar')")
    assert history.search("")[0] == "df.Plot()"


def test_two_windows_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "h.jsonl"
    one, two = opened(file), opened(file)
    for number in range(20):
        (one if number % 2 else two).add(f"entry {number}")
    assert set(opened(file).entries) == {f"entry {number}" for number in range(20)}


@pytest.mark.parametrize("seed", range(20))
def test_damaged_file_gives_what_can_be_read_and_is_kept_aside(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    file = tmp_path / "h.jsonl"
    data = bytearray("".join(json.dumps(f"entry {number}") + "\n" for number in range(30)).encode())
    for _ in range(3):
        data[chance.randrange(len(data))] = chance.choice((0, 255, 10, 34, 123))
    damage = chance.choice((bytes(data), bytes(data[: chance.randrange(len(data))]), b"\x00" * 500, b"[" * 5000))
    file.write_bytes(damage)
    history = opened(file)
    assert all(isinstance(entry, str) for entry in history.entries)
    history.add("new")
    assert opened(file).entries[-1] == "new"
    if history.problem:
        assert (tmp_path / "h.jsonl.bad").read_bytes() == damage
        assert opened(file).problem == ""


def test_folder_or_pipe_in_place_of_the_file_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "h.jsonl"
    file.mkdir()
    history = opened(file)
    assert history.entries == ()
    assert "h.jsonl.bad" in history.problem
    if sys.platform != "win32":
        pipe = tmp_path / "p.jsonl"
        os.mkfifo(pipe)
        assert opened(pipe).entries == ()


def test_unwritable_folder_is_said_once_and_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file where the folder should be")
    history = History(tmp_path / "history" / "h.jsonl", 10, at_once)
    history.load()
    history.add("x")
    history.add("y")
    assert history.entries == ("x", "y")
    assert "cannot be kept" in history.problem


def test_language_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    Histories(tmp_path / "history", 10, at_once).of("../../evil").add("x")
    assert {path.name for path in tmp_path.rglob("*")} == {"history", "______evil.jsonl"}
