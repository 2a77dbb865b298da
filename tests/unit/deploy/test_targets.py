"""Targets and wishes on disk: kept, found again, and no reason to stop where a file is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.app.workbench import run_at_once
from ide.core.deploy import Resources, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.targets import THIS_COMPUTER, TargetStore
from ide.deploy.wishes import Wish, WishBook

GATEWAY = TargetSpec("g", "Team cluster", "gateway", {"address": "https://gateway"}, ("password",), 0.5, "EUR")


def fail(error: Exception) -> None:
    raise error


def test_targets_are_there_again_and_this_computer_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "state" / "targets.json"
    store = TargetStore(file, ["local", "gateway"], run_at_once)
    store.put(GATEWAY, fail)
    again = TargetStore(file, ["local", "gateway"], run_at_once)
    assert again.specs == (THIS_COMPUTER, GATEWAY)
    assert THIS_COMPUTER.id not in file.read_text()
    assert again.named("team CLUSTER") == GATEWAY
    again.remove("g", fail)
    assert TargetStore(file, ["local"], run_at_once).specs == (THIS_COMPUTER,)


def test_this_computer_is_no_target_where_nothing_runs_jobs_on_it(tmp_path: Path) -> None:
    store = TargetStore(tmp_path / "targets.json", ["gateway"], run_at_once)
    assert store.specs == ()
    with pytest.raises(DeployError, match="There is no target “x”"):
        store.named("x")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"targets": [{"id": "a"}]}', b'{"targets": 5}'])
def test_a_damaged_list_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "targets.json"
    file.write_bytes(content)
    store = TargetStore(file, ["local"], run_at_once)
    assert store.specs == (THIS_COMPUTER,)
    assert "can't be read" in store.problem
    assert file.read_bytes() == content


def test_the_latest_wish_is_remembered(tmp_path: Path) -> None:
    book = WishBook(tmp_path / "wishes.json", run_at_once)
    first = Wish("/p", "a.py", "python", excluded=("data",), resources=Resources(workers=3, budget=2.0))
    book.keep(first)
    book.keep(Wish("/p", "b.R", "r"))
    book.keep(first)
    again = WishBook(tmp_path / "wishes.json", run_at_once)
    assert again.latest == first
    assert again.find("/p", "b.R") == Wish("/p", "b.R", "r")
    assert again.find("/p", "c.py") is None


def test_a_damaged_book_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "wishes.json"
    file.write_text('{"wishes": [{"folder": 1}]}')
    assert WishBook(file, run_at_once).latest is None
