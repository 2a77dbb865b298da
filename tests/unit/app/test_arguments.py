"""The command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.app.arguments import FileArgument, parse


def test_paths_are_relative_to_the_caller(tmp_path: Path) -> None:
    assert parse(["a.py", "b/c.R"], tmp_path).files == (
        FileArgument(tmp_path / "a.py"),
        FileArgument(tmp_path / "b/c.R"),
    )


def test_a_line_after_a_colon_counts_from_one(tmp_path: Path) -> None:
    assert parse(["a.py:42"], tmp_path).files == (FileArgument(tmp_path / "a.py", 41),)
    assert parse(["a.py:42:7"], tmp_path).files == (FileArgument(tmp_path / "a.py", 41, 6),)


def test_a_file_whose_name_ends_in_a_line_number_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "odd:7").write_text("")
    assert parse(["odd:7"], tmp_path).files == (FileArgument(tmp_path / "odd:7"),)


def test_a_folder_is_the_project(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    arguments = parse(["project", "a.py"], tmp_path)
    assert arguments.folder == tmp_path / "project"
    assert [file.path for file in arguments.files] == [tmp_path / "a.py"]


def test_an_environment_is_a_name_or_a_path(tmp_path: Path) -> None:
    assert parse(["--env", "ir"], tmp_path).environment == "ir"
    assert parse(["--env", "venv/bin/python"], tmp_path).environment == str(tmp_path / "venv/bin/python")


@pytest.mark.parametrize(("word", "says"), [("--version", "fourpane "), ("--help", "--safe-mode")])
def test_version_and_help_are_printed(word: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse([word], tmp_path)
    assert end.value.code == 0
    assert says in capsys.readouterr().out


def test_options_may_stand_between_paths(tmp_path: Path) -> None:
    found = parse(["a.py", "--env", "base", "b.py"], tmp_path)
    assert [argument.path.name for argument in found.files] == ["a.py", "b.py"]
    assert found.environment == "base"


def test_a_path_that_cannot_be_looked_at_is_a_file(tmp_path: Path) -> None:
    name = "x" * 300  # longer than any file system allows
    assert parse([f"{name}:3"], tmp_path).files == (FileArgument(tmp_path / name, 2),)
