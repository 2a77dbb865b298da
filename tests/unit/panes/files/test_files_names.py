"""Names for new and renamed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.core.errors import CommandError
from ide.panes.files.names import check_name, check_new_name, free_name


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".", "..", "a/b", "a\\b", "c:d", "what?", "end.", "NUL", "com1.txt", "a\nb", "a\u202eb", "x" * 256],
)
def test_a_name_that_some_system_refuses_is_explained(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        check_name(name, tmp_path)


def test_a_good_name_is_trimmed(tmp_path: Path) -> None:
    assert check_name("  notes.py ", tmp_path) == "notes.py"
    assert check_name("mañana 数据.csv", tmp_path) == "mañana 数据.csv"
    assert check_name("-rf", tmp_path) == "-rf"


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").symlink_to("nowhere")
    for name in ("a.py", "b.py"):
        with pytest.raises(CommandError, match="there already"):
            check_name(name, tmp_path)


def test_another_letter_case_is_another_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    assert check_new_name("A.py", tmp_path / "a.py") == "A.py"


def test_another_letter_case_that_is_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [tmp_path / "a.py", tmp_path / "A.py"]  # as a system lists them to which letter case counts
    monkeypatch.setattr(Path, "iterdir", lambda _folder: iter(both))
    with pytest.raises(CommandError, match="there already"):
        check_new_name("A.py", tmp_path / "a.py")


def test_a_new_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    with pytest.raises(CommandError, match="there already"):
        check_new_name("b.py", tmp_path / "a.py")


def test_a_free_name_counts_up(tmp_path: Path) -> None:
    assert free_name(tmp_path, "untitled", ".py") == "untitled.py"
    (tmp_path / "untitled.py").touch()
    (tmp_path / "untitled 2.py").symlink_to("nowhere")
    assert free_name(tmp_path, "untitled", ".py") == "untitled 3.py"
