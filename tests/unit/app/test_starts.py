"""When a start is careful."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.app.starts import Starts


def test_the_fourth_start_after_three_crashes_is_careful(tmp_path: Path) -> None:
    path = tmp_path / "starts.json"
    assert [Starts(path).begin() for _ in range(5)] == [False, False, False, True, False]


def test_a_start_that_lived_breaks_the_row(tmp_path: Path) -> None:
    path = tmp_path / "starts.json"
    Starts(path).begin()
    Starts(path).begin()
    third = Starts(path)
    third.begin()
    third.survived()
    assert not Starts(path).begin()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"crashes": "x", "at_s": 0}', '{"crashes": 99, "at_s": 0}', "\0" * 50]
)
def test_a_damaged_file_counts_as_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "starts.json"
    path.write_text(content)
    assert not Starts(path).begin()


def test_a_folder_in_its_place_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "starts.json").mkdir()
    assert not Starts(tmp_path / "starts.json").begin()
