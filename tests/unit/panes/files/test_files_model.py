"""Names for files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.core.errors import CommandError
from ide.panes.files.model import check_name, free_name, is_shown


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\\b", "c:d", "what?", "end.", "NUL", "com1.txt", "a\nb"])
def test_a_name_that_some_system_refuses_is_explained(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        check_name(name, tmp_path)


def test_a_good_name_is_trimmed(tmp_path: Path) -> None:
    assert check_name("  notes.py ", tmp_path) == "notes.py"
    assert check_name("mañana 数据.csv", tmp_path) == "mañana 数据.csv"


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    with pytest.raises(CommandError, match="there already"):
        check_name("a.py", tmp_path)


def test_a_free_name_counts_up(tmp_path: Path) -> None:
    assert free_name(tmp_path, "untitled", ".py") == "untitled.py"
    (tmp_path / "untitled.py").touch()
    (tmp_path / "untitled 2.py").touch()
    assert free_name(tmp_path, "untitled", ".py") == "untitled 3.py"


def test_caches_are_not_listed_but_dot_files_are() -> None:
    assert not is_shown("__pycache__")
    assert is_shown(".Rprofile")
