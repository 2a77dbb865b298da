from __future__ import annotations

from pathlib import Path

import pytest

from ide.shell.palette_match import alike, load_similar, ranked
from ide.shell.project_files import project_files

TITLES = ("Save", "Save as", "Save all", "Restart and run all", "Restart session", "Run file", "Reset layout", "Find")


def best(typed: str) -> list[str]:
    return [TITLES[index] for index in ranked(typed, TITLES)]


def similar(typed: str) -> list[str]:
    return [TITLES[index] for index in alike(typed, TITLES, load_similar())]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("save", "Save"), ("sa al", "Save all"), ("rara", "Restart and run all"), ("reses", "Restart session"),
        ("RUN", "Run file"), ("layout", "Reset layout"), ("run all", "Restart and run all"), ("  file ", "Run file"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first(typed: str, first: str) -> None:
    assert best(typed)[0] == first


def test_nothing_typed_lists_everything_in_order() -> None:
    assert best("  ") == list(TITLES)


@pytest.mark.parametrize(
    ("typed", "meant"), [("restrat", "Restart session"), ("layuot", "Reset layout"), ("saev", "Save")]
)
def test_typing_error_is_forgiven(typed: str, meant: str) -> None:
    assert meant not in best(typed)
    assert meant in similar(typed)
    assert alike(typed, TITLES, None) == []


@pytest.mark.parametrize("typed", ["zzzz", "qqqqqq", ":", "x" * 500, "💥"])
def test_nonsense_finds_nothing(typed: str) -> None:
    assert best(typed) == []
    assert similar(typed) == []


def test_files_are_listed_near_ones_first_without_what_nobody_opens(tmp_path: Path) -> None:
    for name in ("b.py", "A.py", "sub/c.R", "sub/deep/d.csv", ".git/config", "node_modules/x.js", "__pycache__/y.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "env/lib").mkdir(parents=True)
    (tmp_path / "env/pyvenv.cfg").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert project_files(tmp_path) == ("A.py", "b.py", "sub/c.R", "sub/deep/d.csv")


def test_listing_of_files_is_bounded_and_can_be_stopped(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text("")
    assert len(project_files(tmp_path, limit=10)) == 10
    assert project_files(tmp_path, lambda: True) == ()
    assert project_files(tmp_path / "gone") == ()
